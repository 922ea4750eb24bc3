"""Limits, poles, and what is neither, of functions of which each is known."""

import numpy as np
import pytest

import tracer
from tracer.explanations.limits import Tendency, find_limits

x, y = tracer.symbols("x y")
v = tracer.placeholder("v", ("n",))
log, sqrt = tracer.math.log, tracer.sqrt
LIMIT, POLE, NEITHER = Tendency.LIMIT, Tendency.POLE, Tendency.NEITHER

SCALARS = [
    ((1 - x**5) / (1 - x), 1.0, LIMIT, 5.0),
    ((x - tracer.sin(x)) / x**3, 0.0, LIMIT, 1 / 6),
    (x * log(x), 0.0, LIMIT, 0.0),
    (x * sqrt(x) / x, 0.0, LIMIT, 0.0),
    ((tracer.exp(x) - tracer.exp(7.0)) / (x - 7.0), 7.0, LIMIT, np.exp(7.0)),
    (1 / x, 0.0, POLE, np.nan),
    (log(x), 0.0, POLE, np.nan),
    (sqrt(x) / x, 0.0, POLE, np.nan),
    (tracer.math.lgamma(x), 0.0, POLE, np.nan),
    (tracer.gradients(tracer.acosh(x), [x])[0], 1.0, POLE, np.nan),
    (x / tracer.abs(x), 0.0, NEITHER, np.nan),
    (log(x), -1.0, NEITHER, np.nan),
    (tracer.sin(1.0 / x), 0.0, NEITHER, np.nan),
]


@pytest.mark.parametrize(("tensor", "at", "tendency", "limit"), SCALARS, ids=lambda t: getattr(t, "name", None))
def test_limits_of_one_variable(tensor, at, tendency, limit):
    found = find_limits(tensor, {x: np.array(at)})
    assert found.tendencies.item() is tendency
    np.testing.assert_allclose(found.values, limit, atol=1e-4, rtol=1e-4)


def test_a_limit_is_one_along_all_directions():
    origin = {x: np.array(0.0), y: np.array(0.0)}
    assert find_limits(x * y / (x * x + y * y), origin).tendencies.item() is NEITHER
    assert find_limits(x * x * y / (x * x + y * y), origin).tendencies.item() is LIMIT


def test_elements_have_their_own():
    found = find_limits(tracer.sin(v) / v + 1.0 / (v - 1.0), {v: np.array([0.0, 1.0, 2.0])})
    assert list(found.tendencies) == [LIMIT, POLE, LIMIT]
