"""Quotients with a limit: by their series they keep their digits, at every point and order, in every backend."""

import math
from functools import cache

import mpmath
import numpy as np
import pytest
import sympy

import tracer as tf
from tracer import math as tm
from tracer.program.building import VAIN, Lines
from tracer.program.lines import OVER, Kind, Line
from tracer.program.power_series import CIRCLES
from tracer.program.program import Program
from tracer.program.quotients import DEPTH, NODES, _find_roots, continue_quotient, divides
from tracer.rules import argument

QUOTIENTS = {
    "sinc": (lambda x: tf.sin(x) / x, lambda x: mpmath.sin(x) / x, 0, 2),
    "one less the cosine": (lambda x: (1 - tf.cos(x)) / x**2, lambda x: (1 - mpmath.cos(x)) / x**2, 0, 2),
    "Bernoulli's": (lambda x: x / tm.expm1(x), lambda x: x / mpmath.expm1(x), 0, 1),
    "Bernoulli's, by a difference": (lambda x: x / (tf.exp(x) - 1), lambda x: x / mpmath.expm1(x), 0, 1),
    "a logistic difference": (
        lambda x: (1 / (1 + tf.exp(-x)) - 0.5) / x,
        lambda x: (1 / (1 + mpmath.exp(-x)) - 0.5) / x,
        0,
        1,
    ),
    "a logarithm": (lambda x: tm.log1p(x) / x, lambda x: mpmath.log1p(x) / x, 0, 1),
    "a logarithm at one": (lambda x: tm.log(x) / (x - 1), lambda x: mpmath.log(x) / (x - 1), 1, 1),
    "a hyperbolic tangent": (lambda x: x / tf.tanh(x), lambda x: x / mpmath.tanh(x), 0, 2),
    "an arc tangent": (lambda x: tf.atan(x) / x, lambda x: mpmath.atan(x) / x, 0, 1),
    "a root": (lambda x: (tf.sqrt(1 + x) - 1) / x, lambda x: (mpmath.sqrt(1 + x) - 1) / x, 0, 2),
    "a function of a root": (
        lambda x: tf.sin(tf.sqrt(x)) / tf.sqrt(x),
        lambda x: mpmath.sin(mpmath.sqrt(x)) / mpmath.sqrt(x),
        0,
        2,
    ),
    "an error function": (lambda x: tf.math.erf(x) / x, lambda x: mpmath.erf(x) / x, 0, 2),
    "an angle at its end": (
        lambda x: tf.acos(x) / tf.sqrt(1 - x**2),
        lambda x: mpmath.acos(x) / mpmath.sqrt(1 - x**2),
        1,
        2,
    ),
    "poles that cancel": (lambda x: 1 / tm.expm1(x) - 1 / x, lambda x: 1 / mpmath.expm1(x) - 1 / x, 0, 2),
    "Langevin's": (lambda x: 1 / tf.tanh(x) - 1 / x, lambda x: mpmath.coth(x) - 1 / x, 0, 2),
    "a difference": (lambda x: x - tf.sin(x), lambda x: x - mpmath.sin(x), 0, 2),
    "a polynomial": (lambda x: (1 - x**5) / (1 - x), lambda x: 1 + x + x**2 + x**3 + x**4, 1, 2),
}
SIDES = {"a function of a root": (1,), "an angle at its end": (-1,)}
"""On which side of the point a function is real, if it is not on both."""
DISTANCES = [1e-300, 1e-160, 1e-40, 1e-12, 1e-8, 1e-5, 1e-3, 0.03, 0.3, 0.7, 0.99]


@cache
def _truth(function, center, distance, order):
    """A derivative in as many digits as cancel; the point itself is gone around."""
    at = float(center + distance)
    with mpmath.workdps(60 - int(4.3 * math.log10(abs(at - center) or 1e-300))):
        at = mpmath.mpf(at) + mpmath.mpf(10) ** -400
        return mpmath.re(mpmath.taylor(function, at, order)[order] * mpmath.factorial(order))


@pytest.mark.parametrize("name", QUOTIENTS)
def test_a_quotient_keeps_its_digits_at_each_distance(name):
    program, function, center, orders = QUOTIENTS[name]
    x = tf.placeholder("x")
    value = program(x)
    for order in range(orders + 1):
        compiled = [tf.compile(value, [x], backend=backend) for backend in ("numpy", "math")]
        for distance in (0, *(s * d for d in DISTANCES for s in SIDES.get(name, (1, -1)))):
            wanted = _truth(function, center, distance, order)
            for f in compiled:
                found = f(float(center + distance))
                assert abs(found - wanted) <= 2e-14 * abs(wanted) + 1e-300, (order, distance)
        value = tf.gradients(value, x)[0]


@pytest.mark.parametrize("name", SIDES)
def test_a_function_that_is_not_real_has_no_value(name):
    program, _, center, _ = QUOTIENTS[name]
    x = tf.placeholder("x", ("n",))
    assert np.isnan(tf.compile(program(x), [x])(center - SIDES[name][0] * np.array([1e-9, 0.1, 0.6]))).all()


def test_a_quotient_of_several_sources_is_one_of_what_it_divides_by():
    a, b = tf.placeholder("a", ("n",)), tf.placeholder("b", ("n",))
    y = tf.sin(a * b) / (a * b)
    value, *slopes = tf.compile([y, *tf.gradients(tf.reduce_sum(y), [a, b])], [a, b])([0.0, 1e-9, 2.0], [3.0, 0.0, 1.0])
    np.testing.assert_allclose(value, [1, 1, math.sin(2) / 2], rtol=1e-15)
    slope = (2 * math.cos(2) - math.sin(2)) / 4
    np.testing.assert_allclose(slopes, [[0, 0, slope], [0, 0, 2 * slope]], rtol=1e-14, atol=1e-300)


@pytest.mark.parametrize(
    ("shape", "build"),
    [
        (("n",), lambda x: tf.norm(x) ** 4),
        ((), lambda x: tf.abs(x) * tf.sqrt(x**2 + 1) ** 4),
        (("n",), lambda x: tf.norm(x) ** 6),
    ],
)
def test_a_quotient_that_cancels_to_a_polynomial_has_no_series(shape, build):
    x = tf.placeholder("x", shape)
    program = Program(tf.gradients(build(x), [x]), [x])
    assert not any(line.op is Kind.ELEMENTWISE and line.params.has(sympy.Piecewise) for line in program.lines)


def test_several_points_and_a_cotangent():
    x, g = tf.placeholder("x", ("n",)), tf.placeholder("g", ("n",))
    y = tf.sin(x) / x + (1 - tf.cos(x - 1)) / (x - 1) ** 2
    at = np.array([0.0, 1.0, 1e-9, 1 + 1e-9, 0.5])
    compiled = tf.compile([y, *tf.gradients(tf.reduce_sum(g * y), x)], [x, g])
    value, slope = compiled(at, np.arange(5.0))
    wanted = [2 - math.cos(1), math.sin(1) + 0.5]
    np.testing.assert_allclose(value[:2], wanted, rtol=1e-15)
    np.testing.assert_allclose(value[2:4], wanted, rtol=1e-8)
    np.testing.assert_allclose(slope[1], math.cos(1) - math.sin(1), rtol=1e-14)
    np.testing.assert_allclose(slope[3] / 3, slope[1], rtol=1e-8)


@pytest.mark.parametrize(
    "build", [lambda x: 1 / x, lambda x: tf.exp(x) / x, lambda x: tm.log(x) / x, lambda x: tf.abs(x) / x,
              lambda x: tf.sqrt(x) / x, lambda x: x / tf.sqrt(x**2), lambda x: tf.sin(1 / x)]
)  # fmt: skip
def test_what_has_no_limit_is_as_it_is_written(build):
    x = tf.placeholder("x")
    assert not any(line.params.has(sympy.Piecewise) for line in Program([build(x)], [x]).lines if line.params)


def test_a_program_as_it_is_written_has_none():
    x = tf.placeholder("x")
    assert all(line.params != sympy.Piecewise for line in Program([tf.sin(x) / x], [x], stable=False).lines)
    assert len(Program([tf.sin(x) / x], [x], stable=False).lines) == 2


def test_three_leaves_at_the_most():
    x, y, z, w = (Line(Kind.ARGUMENT, (), None, (), "float64", k) for k in range(4))
    lines = Lines()
    sine = lines.elementwise(sympy.sin(argument(0)), [x], "float64")
    assert continue_quotient(OVER, [sine, x], {}) is not None
    times = lines.elementwise(argument(0) * argument(1), [sine, y], "float64")
    template, leaves = continue_quotient(OVER, [times, x], {})
    assert leaves == [x, y]
    assert template.subs({argument(0): 0, argument(1): 3.0}) == 3.0
    assert abs(template.subs({argument(0): 5.0, argument(1): 3.0}) - 3 * math.sin(5) / 5) < 1e-15
    more = lines.elementwise(argument(0) * argument(1), [times, z], "float64")
    template, leaves = continue_quotient(OVER, [more, x], {})
    assert template.subs({argument(0): 0, argument(1): 3.0, argument(2): 5.0}) == 15.0
    most = lines.elementwise(argument(0) * argument(1), [more, w], "float64")
    assert continue_quotient(OVER, [most, x], {}) is None
    assert continue_quotient(OVER, [lines.elementwise(argument(0) + argument(1), [sine, y], "float64"), x], {}) is None


def test_what_is_zero_is_zero_at_the_point():
    x = tf.placeholder("x")
    y = (tf.sin(x) + tf.sin(-x)) / x
    assert tf.compile(y, [x])(0.0) == 0.0


def test_numbers_that_are_none_have_no_series():
    x = tf.placeholder("x")
    y = tf.where(x > 0, tf.exp(x) / x + tf.math.log(tf.constant(-1.0)) * 0.0, 1.0)
    assert tf.compile(y, [x])(0.0) == 1.0


def test_divisors_are_found_in_templates():
    assert divides(argument(0) / argument(1))
    assert divides(sympy.sin(1 / argument(0)))
    assert not divides(argument(0) * sympy.exp(-argument(1)) / 2)
    assert not divides(argument(0) ** 2 / sympy.pi)


def test_how_deep_and_how_long_a_quotient_may_be():
    """Beyond these bounds an operand is a leaf of its own, and what has two leaves below has no series."""
    lines = Lines()
    x = Line(Kind.ARGUMENT, (), None, (), "float64")
    halves = [x, lines.elementwise(sympy.sin(argument(0)), [x], "float64")]
    for _ in range(DEPTH):
        halves.append(lines.add(Kind.ELEMENTWISE, [halves[-1]], argument(0) / 2, (), "float64"))
    assert continue_quotient(OVER, [halves[DEPTH], x], {}) is not None
    assert continue_quotient(OVER, [halves[DEPTH + 1], x], {}) is None
    for count, is_short in ((NODES - 3, True), (NODES + 1, False)):
        total = lines.add(Kind.ADD, [halves[1], *[x] * (count - 1)], None, (), "float64")
        assert (continue_quotient(OVER, [total, x], {}) is not None) is is_short


def test_whole_numbers_and_functions_that_are_not_analytic_are_leaves():
    lines = Lines()
    x = Line(Kind.ARGUMENT, (), None, (), "float64")
    sine = lines.elementwise(sympy.sin(argument(0)), [x], "float64")
    assert continue_quotient(sympy.Abs(argument(0)) / argument(1), [sine, x], {}) is None
    size = lines.elementwise(sympy.Max(argument(0), 0), [x], "float64")
    _, [leaf] = continue_quotient(sympy.sin(argument(0)) / argument(1), [size, size], {})
    assert leaf is size
    whole = lines.add(Kind.ELEMENTWISE, [x], sympy.sin(argument(0)), (), "int64")
    assert continue_quotient(OVER, [whole, x], {}) is None
    plain = {size: (sympy.sin(argument(0)), [x])}
    _, [leaf] = continue_quotient(OVER, [size, x], plain)
    assert leaf is x


@pytest.mark.parametrize(
    ("numerator", "divisor", "points"),
    [
        (sympy.log(argument(0) + sympy.S.Half), 2 * argument(0) - 1, [sympy.S.Half]),
        (sympy.sin(argument(0)) * sympy.log(argument(0)), argument(0) * (argument(0) - 1), [1]),
        (argument(0) ** 2 - 2, argument(0) ** 2 - 2, []),
        (sympy.sin(3 * argument(0) - 2), 3 * argument(0) - 2, [sympy.Rational(2, 3)]),
        (sympy.exp(argument(0)) - 1, sympy.exp(argument(0)) + argument(0) ** 2 - 1, [0]),
    ],
)
def test_points_are_rational_roots_of_divisors_and_zero(numerator, divisor, points):
    x = Line(Kind.ARGUMENT, (), None, (), "float64")
    found = continue_quotient(numerator / divisor, [x], {})
    if not points:
        assert found is None
        return
    template, leaves = found
    assert leaves == [x]
    u = argument(0)
    for point in points:
        near = sympy.Rational(point) + sympy.Rational(1, 10**9)
        wanted = (numerator / divisor).subs(u, near).evalf(30)
        assert abs(template.subs(u, float(point)) - wanted) < 1e-8
        edges = [c.args[0] for _, c in template.args if c != True]  # noqa: E712
        assert sympy.Abs(u - point) in edges
        assert all(c.args[1] in [within for within, _ in CIRCLES] for _, c in template.args if c != True)  # noqa: E712


def test_a_long_program_is_not_looked_at_for_ever():
    x = tf.placeholder("x", (VAIN + 10,))
    y = sum(tf.exp(x[k]) / (x[k] - k / 7) for k in range(VAIN + 5)) + tf.sin(x[0]) / x[0]
    assert not np.isfinite(tf.compile(y, [x])(np.zeros(VAIN + 10)))


def test_a_quotient_of_whole_numbers_is_a_float():
    count = Line(Kind.ARGUMENT, (), None, (), "int64")
    assert continue_quotient(OVER, [count, 1], {}) is None
    assert continue_quotient(OVER, [count, count], {}) is None
    assert tf.compile(tf.linspace(0.0, 1.0, 2), [])().dtype == "float64"


def test_roots_of_divisors_are_rational():
    u = sympy.Symbol("u", real=True)
    assert [*_find_roots(u - sympy.sqrt(2), u)] == []
    assert {*_find_roots((u - sympy.Rational(1, 3)) * u, u)} == {0, sympy.Rational(1, 3)}
