"""Softmax and the logarithm of a sum of exponentials over any axes have NumPy's values."""

import numpy as np
import pytest

from tests.terms.programs import X, arrays
from tests.terms.values import value
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.standard import STANDARD
from tracer.terms.softmax import logsumexp, softmax


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
