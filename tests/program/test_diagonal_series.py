"""Quotients of two variables where these are equal: parted by addition theorems, with the values that they have."""

import pytest
import sympy
from sympy import cos, erf, exp, log, sin, sinh, sqrt, tan, tanh

from tracer.program.diagonal_series import LONGEST, expand_on_diagonal

a, b = sympy.symbols("a b", real=True)
FUNCTIONS = [
    exp, sin, cos, tan, tanh, sinh, log, sqrt, lambda x: 1 / (1 + exp(-x)), lambda x: x**sympy.Rational(3, 10),
    lambda x: x * log(x), lambda x: log(1 + x), lambda x: sqrt(1 - x), lambda x: x**2 * exp(-x / 2), lambda x: x**3,
    lambda x: sin(x) ** 2, lambda x: 1 / sqrt(x),
]  # fmt: skip


@pytest.mark.parametrize("order", range(3))
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: str(f(a)))
def test_a_divided_difference_has_its_values(function, order):
    quotient = sympy.diff((function(a) - function(b)) / (a - b), a, order)
    near, series = expand_on_diagonal(quotient, a, b)
    for at, step in ((0.375, 0.0), (0.375, 2.0**-20), (0.75, -(2.0**-4))):
        point = {a: sympy.Rational(at + step), b: sympy.Rational(at)}
        assert near.subs(point) == sympy.true
        truth = quotient.subs(point) if step else sympy.diff(function(a), a, order + 1).subs(a, point[b]) / (order + 1)
        found = series.xreplace({s: sympy.Float(float(v)) for s, v in point.items()}).doit()
        assert float(found) == pytest.approx(float(truth.evalf(40)), rel=2e-14)


def test_a_quotient_of_differences():
    near, series = expand_on_diagonal((a - b) / (log(a) - log(b)), a, b)
    assert near == (sympy.Abs((a - b) / b) < sympy.S.Half)
    assert float(series.subs({a: 3.0, b: 3.0})) == pytest.approx(3.0, rel=1e-15)


def test_tails_do_not_overflow():
    """Logistic functions stand in the place of exponentials, and lose no digits where they are small."""
    _, series = expand_on_diagonal((tanh(a) - tanh(b)) / (a - b), a, b)
    for at in (-300.0, -20.0, 20.0, 300.0):
        found = float(series.xreplace({a: sympy.Float(at), b: sympy.Float(at)}).doit())
        assert found == pytest.approx(float((1 / sympy.cosh(sympy.Rational(at)) ** 2).evalf(30)), rel=1e-13)


@pytest.mark.parametrize(
    "quotient",
    [
        (erf(a) - erf(b)) / (a - b),  # no addition theorem
        (exp(a) + exp(b)) / (a - b),  # a pole
        (exp(a) - exp(b)) / (a - b) ** 2,
        (exp(a * b) - exp(b**2)) / (a - b),
        (exp(a) - exp(sqrt(2) * b)) / (a - b),
    ],
    ids=str,
)
def test_what_is_not_parted_or_has_no_limit(quotient):
    assert expand_on_diagonal(quotient, a, b) is None


def test_a_long_expression_is_left():
    long = sum(sin(k * a) - sin(k * b) for k in range(1, LONGEST)) / (a - b)
    assert expand_on_diagonal(long, a, b) is None
