"""Values in many digits: those that floats round away, at symbolic sizes too, and what has none."""

import numpy as np
import pytest

import tracer
from tracer.explanations.digit_values import WORK, DigitValues, is_rounding, values_with_digits, values_without_rounding
from tracer.explanations.node_values import NodeValues
from tracer.ops.decompositions import full_vectors

x = tracer.symbols("x")
v = tracer.placeholder("v", ("n",))
A = tracer.placeholder("A", ("n", "n"))
log = tracer.math.log

PROGRAMS = [
    tracer.reduce_sum(v * log(v)),
    tracer.gradients(tracer.reduce_max(v) * v[0], [v])[0],
    tracer.nn.softmax(v),
    tracer.gradients(tracer.reduce_logsumexp(tracer.concat([v, 2 * v], 0)), [v])[0],
    tracer.gradients(tracer.cumsum(v) * v, [v])[0],
    tracer.stack([v, v]) + tracer.zeros_like(v),
]


@pytest.mark.parametrize("tensor", PROGRAMS, ids=lambda t: t.op)
@pytest.mark.parametrize("size", [1, 3])
def test_values_are_those_of_floats(tensor, size):
    feed = {v: np.linspace(0.5, 2.0, size)}
    exact = DigitValues([tensor])
    [found] = exact.evaluate(feed)
    assert not exact.rounded
    np.testing.assert_allclose(np.asarray(found, float), tensor.eval(feed), rtol=1e-12)


ROUNDING = [
    (log(1.0 - tracer.sigmoid(x)), 40.0, True),
    (log(1.0 - tracer.sigmoid(x)), 900.0, True),
    (log(1.0 - tracer.tanh(x) ** 2), 30.0, True),
    (tracer.exp(x), 1e3, True),
    (1.0 / (tracer.exp(x) - 1.0), 1e-20, True),
    (log(x), 0.0, False),
    (log(1.0 - x), 1.0, False),
    (tracer.gradients(tracer.sqrt(x), [x])[0], 0.0, False),
    (tracer.math.lgamma(x), -1.0, False),
]


@pytest.mark.parametrize(("tensor", "at", "rounds"), ROUNDING, ids=lambda t: getattr(t, "name", None))
def test_rounding_is_told_from_domains(tensor, at, rounds):
    values = NodeValues(tensor, {x: at})
    assert is_rounding(values, values.first_not_finite()) is rounds
    assert ("rounding" in str(tracer.diagnose(tensor, {x: at})) or tensor.op == "exp") is rounds


def test_what_floats_have_computed_is_no_value_in_digits():
    tensor = tracer.reduce_sum(full_vectors(A)[0])
    exact = DigitValues([tensor])
    feed = {A: np.diag([1.0, 2.0])}
    exact.evaluate(feed)
    assert exact.rounded
    assert values_with_digits(NodeValues(tensor, feed), tensor) is None


def test_large_programs_are_left_to_floats():
    n = int(WORK ** (1 / 3)) + 2
    assert DigitValues([A @ A]).evaluate({A: np.ones((n, n))}) is None


@pytest.mark.parametrize(("function", "value"), [(tracer.tanh, -99.30685), (tracer.math.erf, -2504.48459)])
def test_what_is_left_beside_one_is_known(function, value):
    """Far from zero these are nearer to 1 than fifty digits tell."""
    x = tracer.symbols("x")
    [found] = DigitValues([tracer.math.log(1.0 - function(x))]).evaluate({x: np.array(50.0)})
    assert abs(float(found) - value) < 1e-4


@pytest.mark.parametrize("at", [1.7, -0.3, 2.9])
def test_what_only_digits_leave_is_zero_and_what_floats_take_for_zero_is_not(at):
    third = tracer.reduce_mean(v)
    for tensor in (third - v[0], tracer.sqrt(tracer.reduce_mean(v * v) - third**2)):
        assert not np.any(values_without_rounding(NodeValues(tensor, {v: np.full(3, at)}), tensor))
    far = 1 - tracer.tanh(x)
    assert 0 < float(values_without_rounding(NodeValues(far, {x: 100.0}), far)) < 1e-80
