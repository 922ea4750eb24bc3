"""Softmax and the logarithm of a sum of exponentials over any axes have NumPy's values."""

import itertools

import numpy as np
import pytest
import sympy

from tests.terms.programs import X, arrays
from tests.terms.values import value
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.standard import STANDARD
from tracer.terms.selections import count_member_axes
from tracer.terms.softmax import count_axes, logsumexp, softmax, spell_softmax


@pytest.mark.parametrize("axes", [(0,), (1,), (0, 1), (1, 0)])
def test_over_any_axes(axes):
    x = arrays(0)["X"]
    e = np.exp(x)
    n = Normaliser(STANDARD)
    for made in (softmax(X, axes), n.normal(softmax(X, axes))):
        np.testing.assert_allclose(value(made, arrays(0)), e / e.sum(tuple(axes), keepdims=True))
    for made in (logsumexp(X, axes), n.normal(logsumexp(X, axes))):
        np.testing.assert_allclose(value(made, arrays(0)), np.log(e.sum(tuple(axes))))


@pytest.mark.parametrize("axes", [(0,), (1,), (2,), (0, 2)])
def test_over_any_axes_of_three(axes):
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    e = np.exp(x)
    term = softmax(T.source("x", x.shape), axes)
    np.testing.assert_allclose(value(term, {"x": x}), e / e.sum(axes, keepdims=True))


SHAPES = [(2, 3, 4), (2, 1, 3), (1, 3, 2), (3, 1, 1), (1, 1, 2), (1, 1, 1)]


@pytest.mark.parametrize("shape", SHAPES)
def test_each_form_of_a_softmax_has_its_value(shape):
    x = np.random.default_rng(0).normal(size=shape)
    term, n = T.source("x", shape), Normaliser(STANDARD)
    for count, axes in ((c, a) for c in (1, 2, 3) for a in itertools.combinations(range(3), c)):
        wanted = np.exp(x) / np.exp(x).sum(axes, keepdims=True)
        made = n.normal(softmax(term, axes))
        np.testing.assert_allclose(value(made, {"x": x}), wanted, rtol=1e-14)
        calls = [t for t in T.subterms(made) if isinstance(t, T.Call) and t.head == "softmax"]
        assert all(1 not in t.shape[-count_axes(t) :] for t in calls)
        assert len(calls) == (any(shape[k] > 1 for k in axes))
        rest = [k for k in range(3) if k not in axes]
        shifted = T.add([(1, term), (-1, T.broadcast(logsumexp(term, axes), rest, shape))])
        if 1 not in shape:
            assert n.normal(T.call(sympy.exp, [shifted])) is made
        assert n.normal(softmax(T.number(2, shape), axes)) is n.normal(
            T.number(sympy.Rational(1, int(np.prod([shape[k] for k in axes]))), shape)
        )
        last = T.call("softmax", [term], count)
        np.testing.assert_allclose(
            value(spell_softmax(last), {"x": x}), np.exp(x) / np.exp(x).sum((0, 1, 2)[-count:], keepdims=True)
        )
        assert count_member_axes(last) == 3 - count
