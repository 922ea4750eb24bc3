"""Elements one place earlier or later."""

import numpy as np
import pytest

from tests.terms.programs import X, arrays, times, u, v
from tests.terms.values import value
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.standard import STANDARD
from tracer.terms.shifts import divide_neighbours, is_running_beside, shift, unshift


@pytest.mark.parametrize("later", [True, False])
@pytest.mark.parametrize("x", [u, X, times(u, v)], ids=repr)
def test_what_is_shifted_is_read_again(x, later):
    n = Normaliser(STANDARD)
    shifted = n.normal(shift(x, later))
    assert unshift(n, shifted, later) is n.normal(x)
    assert unshift(n, shifted, not later) is None
    whole = value(x, arrays(0))
    ends = np.zeros_like(whole[..., :1])
    expected = [whole[..., 1:], ends] if later else [ends, whole[..., :-1]]
    np.testing.assert_allclose(value(shifted, arrays(0)), np.concatenate(expected, -1))


@pytest.mark.parametrize("backwards", [True, False])
@pytest.mark.parametrize("e", [T.ONE, T.MINUS])
@pytest.mark.parametrize("x", [u, X], ids=repr)
def test_neighbours_are_divided(x, e, backwards):
    whole = value(x, arrays(0)) ** int(e)
    ends = np.zeros_like(whole[..., :1])
    quotients = whole[..., :-1] / whole[..., 1:]
    expected = [quotients, ends] if backwards else [ends, 1 / quotients]
    got = value(divide_neighbours(x, e, backwards), arrays(0))
    np.testing.assert_allclose(got, np.concatenate(expected, -1))


def test_a_shifted_identity_is_one_again():
    n = Normaliser(STANDARD)
    one = T.identity(u.shape[0])
    assert unshift(n, n.normal(shift(one, True)), True) is one


def test_coefficients_may_be_repeated():
    n = Normaliser(STANDARD)
    coefficients = n.normal(T.broadcast(shift(u, True), [1], X.shape))
    assert is_running_beside(n, u, (5,), (4, 5), coefficients, True)
    assert not is_running_beside(n, u, (5,), (4, 5), coefficients, False)
    assert not is_running_beside(n, v, (5,), (4, 5), coefficients, True)
    assert not is_running_beside(n, u, (4,), (4, 5), coefficients, True)
