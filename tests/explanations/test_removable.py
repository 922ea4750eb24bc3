"""Quotients that are 0/0: cancelled, or continued by their series; poles are not."""

import ast

import numpy as np
import pytest
import sympy

import tracer
from tracer.explanations.removable import Quotient, cancel_factor, find_point, shared_parts, write_limit

x, y = tracer.symbols("x y")
v = tracer.placeholder("v", ("n",))
log = tracer.math.log
NAMES = {**{n: getattr(tracer, n) for n in dir(tracer)}, "x": x, "y": y, "v": v}


def quotient(top, bottom, at, which=0):
    parts = [ast.parse(t, mode="eval").body for t in (top, bottom)]
    return Quotient(*parts, shared_parts(*parts)[which], sympy.sympify(at))


CANCELLED = [
    ("1 - r**5", "1 - r", 1, "r ** 4 + r ** 3 + r ** 2 + r + 1.0"),
    ("x**2 - 3*x + 2", "x**2 - 1", 1, "(x - 2.0) / (x + 1.0)"),
    ("exp(2*x) - 1", "exp(x) - 1", 0, "exp(x) + 1.0"),
    ("sin(x)", "x", 0, None),
    ("x", "x**2", 0, None),
]


@pytest.mark.parametrize(("top", "bottom", "at", "text"), CANCELLED)
def test_common_factors_are_cancelled(top, bottom, at, text):
    made = cancel_factor(quotient(top, bottom, at, which=-1))
    assert made is text is None or ast.unparse(made) == text


LIMITS = [
    ("sin(x)", "x", 0, "1.0", "1"),
    ("log(x)", "x - 1", 1, "1.0 - (x - 1.0) / 2.0", "1"),
    ("y*(exp(x*t) - 1)", "x*t", 0, "y + x * t * y / 2.0", "y"),
    ("sqrt(x)", "x", 0, None, None),
    ("x", "x**3", 0, None, None),
    ("x*log(x)", "x", 0, None, None),
    ("1.0 - cos(x)", "x - 1", 1, None, None),
]


@pytest.mark.parametrize(("top", "bottom", "at", "text", "limit"), LIMITS)
def test_limits_are_written_with_their_slope(top, bottom, at, text, limit):
    made = write_limit(quotient(top, bottom, at), 1)
    if text is None:
        assert made is None
    else:
        assert (ast.unparse(made[0].args[2]), made[1]) == (text, limit)


def test_the_point_is_one_number():
    zero = np.array([True, False, True])
    assert find_point(np.array([0.5, 3.0, 0.5]), zero) == sympy.Rational(1, 2)
    assert find_point(np.array([0.5, 3.0, 1.0]), zero) is None


FIXED = [
    ((1 - x**5) / (1 - x), {x: 1.0}, 5.0),
    (tracer.gradients((1 - x**5) / (1 - x), [x])[0], {x: 1.0}, 10.0),
    (log(x) / (x - 1.0), {x: 1.0}, 1.0),
    (tracer.gradients(log(x) / (x - 1.0), [x])[0], {x: 1.0}, -0.5),
    (tracer.sin(x) ** 2 / x**2, {x: 0.0}, 1.0),
    (y * tracer.sin(x) / x, {x: 0.0, y: 2.0}, 2.0),
    (tracer.reduce_sum((v**2 - 4.0) / (v - 2.0)), {v: [2.0, 3.0]}, 9.0),
    (tracer.tan(x * y) / tracer.sin(2.0 * (x * y)), {x: 0.0, y: 0.0}, 0.5),
]


@pytest.mark.parametrize(("tensor", "feed", "value"), FIXED, ids=lambda t: getattr(t, "name", None))
def test_a_removable_singularity_has_its_limit(tensor, feed, value):
    fix = tracer.diagnose(tensor, feed).fix
    made = eval(fix, NAMES)
    if tensor.derived is not None:
        made = tracer.gradients(made, [x])[0]
    assert float(made.eval(feed)) == pytest.approx(value)


SERIES = [
    (tracer.sin(x) / x, 0, [1, 0, "-1/3"]),
    (tracer.expm1(x) / x, 0, [1, "1/2", "1/3"]),
    ((1.0 - tracer.cos(x)) / x**2, 0, ["1/2", 0]),
    (tracer.log1p(x) / x, 0, [1, "-1/2", "2/3"]),
    (x / tracer.tanh(x), 0, [1, 0]),
    (x / (1.0 - tracer.exp(-x)), 0, [1, "1/2"]),
    (tracer.math.erf(x) / x, 0, ["2/sqrt(pi)", 0]),
    (log(x) / (x - 1.0), 1, [1, "-1/2", "2/3"]),
]


@pytest.mark.parametrize(("tensor", "at", "expected"), SERIES, ids=lambda t: getattr(t, "name", None))
def test_each_derivative_has_its_limit_where_a_quotient_has_none(tensor, at, expected):
    """The expected ones are derivatives of the series, worked out by hand; a fix respells what was differentiated."""
    for order, value in enumerate(expected):
        made = eval(tracer.diagnose(tensor, {x: at}).fix, NAMES)
        result = made if order == 0 else tracer.gradients(made, [x])[0]
        assert result.eval({x: at}) == pytest.approx(float(sympy.sympify(value))), order
        tensor = tracer.gradients(tensor, [x])[0]


def test_a_hessian_has_its_limit():
    vector = tracer.placeholder("v", (2,))
    hessian = tracer.hessians(tracer.reduce_sum(tracer.sin(vector) / vector), [vector])[0]
    fix = tracer.diagnose(hessian, {vector: [0.0, 0.0]}).fix
    made = tracer.hessians(eval(fix, NAMES | {"v": vector}), [vector])[0]
    np.testing.assert_allclose(made.eval({vector: [0.0, 0.0]}), np.eye(2) / -3)


POLES = [
    (1 / x, 0.0),
    (log(x), 0.0),
    (tracer.math.lgamma(x), 0.0),
    (tracer.sqrt(x) / x, 0.0),
    (tracer.sin(x) / x**2, 0.0),
    (x / (1.0 - tracer.cos(x)), 0.0),
]


@pytest.mark.parametrize(("tensor", "at"), POLES, ids=lambda t: getattr(t, "name", None))
def test_no_value_is_invented_at_a_pole(tensor, at):
    assert tracer.diagnose(tensor, {x: at}).fix is None
    assert tracer.diagnose(tracer.gradients(tensor, [x])[0], {x: at}).fix is None


def test_a_value_that_floats_alone_have_is_kept():
    flat = tracer.exp(-1.0 / x**2)
    fix = tracer.diagnose(tracer.gradients(flat, [x])[0], {x: 0.0}).fix
    made = None if fix is None else eval(fix, NAMES)
    assert made is None or float(made.eval({x: 0.0})) == 0.0


@pytest.mark.parametrize("flat", [tracer.exp(-1.0 / x**2), x * tracer.exp(-1.0 / x)], ids=lambda t: t.name)
def test_what_a_second_derivative_is_taken_of_keeps_its_limit_too(flat):
    """All derivatives of these tend to 0 from the right, as mpmath's differences say."""
    slope = tracer.gradients(flat, [x])[0]
    fix = tracer.diagnose(tracer.gradients(slope, [x])[0], {x: 0.0}).fix
    made = eval(fix, NAMES)
    inner = eval(fix.removeprefix("gradients(").removesuffix(", [x])[0]"), NAMES)
    assert [float(t.eval({x: 0.0})) for t in (inner, made, tracer.gradients(made, [x])[0])] == [0.0, 0.0, 0.0]


def test_the_limit_of_a_quotient_comes_before_a_convention():
    t = tracer.sqrt(tracer.reduce_sum(v * v))
    assert tracer.diagnose(tracer.sin(t) / t * v, {v: [0.0, 0.0]}).fix.endswith(", 1.0) * v")


def test_an_infinite_derivative_is_told():
    for function in (tracer.asin(x), tracer.acos(x), tracer.acosh(x), tracer.sqrt(1.0 - x)):
        diagnosis = tracer.diagnose(tracer.gradients(function, [x])[0], {x: 1.0})
        assert diagnosis.fix is None or "the derivative is infinite there" in str(diagnosis)
