"""Cofactors and their derivatives as slopes of determinants."""

import numpy as np
import pytest

from tracer import runtime

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("rank", [1, 3, 4])
def test_cofactors_and_their_derivatives_are_slopes(rank):
    x = RNG.normal(size=(4, rank)) @ RNG.normal(size=(rank, 4))
    first, second, last = RNG.normal(size=(3, 4, 4))
    h = 1e-5
    for along in ((), (first,), (first, second)):
        if along:
            *less, e = along
            slope = (runtime.cofactors(x + h * e, *less) - runtime.cofactors(x - h * e, *less)) / (2 * h)
            np.testing.assert_allclose(runtime.cofactors(x, *along), slope, rtol=1e-6, atol=1e-8)
        else:
            slope = (np.linalg.det(x + h * last) - np.linalg.det(x - h * last)) / (2 * h)
            assert np.sum(runtime.cofactors(x) * last) == pytest.approx(slope, rel=1e-6, abs=1e-8)


def test_products_of_singular_values_overflow_no_sooner_than_cofactors():
    found = runtime.cofactors(np.diag([1e200, 1e200, 1e-200, 1e-200]))
    np.testing.assert_allclose(np.diag(found), [1e-200, 1e-200, 1e200, 1e200], rtol=1e-12)


def test_the_logarithm_of_a_determinant_is_none_where_that_is_negative():
    found = runtime.logdet(np.array([np.eye(2) * 1e200, np.diag([2.0, -1.0]), np.zeros((2, 2))]))
    np.testing.assert_array_equal(found, [2 * np.log(1e200), np.nan, -np.inf])
