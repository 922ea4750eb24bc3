"""Power series around points where a function is 0/0: the true coefficients, and none where there is none."""

import mpmath
import pytest
import sympy
from sympy import acos, asin, cos, erf, exp, log, pi, sin, sqrt, tan, tanh

from tracer.program.power_series import (
    cancels_at_zero,
    depends_on,
    economise,
    expand_quotient,
    tends_to_zero,
    write_polynomial,
)

u, g = sympy.symbols("u g", real=True)
ANALYTIC = [
    (sin(u) / u, 0), ((1 - cos(u)) / u**2, 0), (log(u) / (u - 1), 1), ((sqrt(1 + u) - 1) / u, 0), (asin(u) / u, 0),
    ((tan(u) - u) / u**3, 0), (u / tanh(u), 0), (erf(u) / u, 0), (sin(pi * u) / (1 - u), 1), ((u**3 - 8) / (u - 2), 2),
    (((1 + u) ** sympy.Rational(1, 3) - 1) / u, 0), (u - sin(u), 0),
]  # fmt: skip


@pytest.mark.parametrize(("function", "point"), ANALYTIC, ids=str)
def test_a_series_has_the_values_of_the_function(function, point):
    near, series = expand_quotient(function, u, sympy.Integer(point))
    radius = near.rhs
    assert near == (sympy.Abs(u - point) < radius)
    for part in (-0.9, -0.4, -1e-3, 1e-9, 0.2, 0.95):
        at = point + sympy.Float(part, 60) * radius
        wanted = function.evalf(60, subs={u: at})
        assert abs(series.subs(u, float(at)) - wanted) <= 1e-14 * abs(wanted) + 1e-30
    wanted = sympy.limit(function, u, point)
    assert series.subs(u, point) == pytest.approx(float(wanted), rel=1e-15, abs=1e-30)


@pytest.mark.parametrize(
    ("function", "point", "side"),
    [
        (sin(sqrt(u)) / sqrt(u), 0, u >= 0),
        (acos(u) / sqrt(1 - u**2), 1, u - 1 <= 0),
        (log(1 + sqrt(u)) / sqrt(u), 0, None),
    ],
    ids=str,
)  # fmt: skip
def test_a_function_that_is_real_on_one_side(function, point, side):
    found = expand_quotient(function, u, sympy.Integer(point))
    assert (found is None) if side is None else side in found[0].args


@pytest.mark.parametrize(
    "function",
    [1 / u, exp(u) / u, cos(u) / u**2, sqrt(u), sqrt(u**2 + u**3) / u, log(u), sin(1 / u), exp(-1 / u**2), u - u],
    ids=str,
)
def test_what_is_not_analytic_has_none(function):
    assert expand_quotient(function, u, sympy.S.Zero) is None


def test_a_sum_that_cancels():
    assert all(map(cancels_at_zero, (u - sin(u), exp(u) - 1 - u, cos(u) - 1), [u] * 3))
    assert not any(map(cancels_at_zero, (u + sin(u), 1 + exp(u), u**2 - u**3, sin(u), log(u) - u), [u] * 5))


def test_a_shift_of_exponents_is_idle():
    assert not depends_on(exp(u - g) * exp(g) + u, g, u)
    assert depends_on(exp(u - g) * exp(g) + g / 10**9, g, u)


def test_digits_of_the_caller_stay():
    with mpmath.workdps(17):
        expand_quotient(sin(u) / u, u, sympy.S.Zero)
        assert mpmath.mp.dps == 17


@pytest.mark.parametrize(
    ("coefficients", "kept", "powers"),
    [
        ([1.0, 0.0, 0.5, 0.0, 0.25], [0, 2, 4], {2}),
        ([0.0, 2.0, 0.0, 1.0], [1, 3], {2}),
        ([1.0, 2.0, 3.0], [0, 1, 2], set()),
        ([1.0, 1e-30, 0.5], [0, 2], {2}),
        ([1e-25, 0.0, 1.0, 4.0], [2, 3], {2}),
        ([1e-3, 0.0, 1e-16, 0.0, 1e-30], [0, 2], {2}),
        ([1e6, 1.0, 1e-30], [0, 1], set()),
    ],
)
def test_a_polynomial_is_one_in_the_square_without_small_coefficients(coefficients, kept, powers):
    v = u
    made = write_polynomial(coefficients, v, sympy.S.One)
    found = sympy.Poly(made, v).all_coeffs()[::-1]
    assert {k: float(c) for k, c in enumerate(found) if float(c)} == {k: coefficients[k] for k in kept}
    assert {int(p.exp) for p in made.atoms(sympy.Pow)} == powers


def test_what_is_small_is_small_within_the_radius():
    made = write_polynomial([1.0, 1e-12, 1e-24], u, sympy.Integer(1000))
    assert sympy.degree(made, u) == 1
    assert sympy.degree(write_polynomial([1.0, 1e12], u, sympy.Rational(1, 10**40)), u) == 0


def test_a_polynomial_of_lower_degree_has_the_same_values():
    """For a function with a pole at distance one, half as many terms serve within a half."""
    terms = [mpmath.mpf(-1) ** k / (k + 1) for k in range(64)]
    found = economise(terms, 0.5)
    assert len(found) < 36
    for at in (-0.5, -0.3, 0.0, 1e-9, 0.4, 0.5):
        one, other = (mpmath.polyval([*map(mpmath.mpf, p)][::-1], at) for p in (terms, found))
        assert abs(one - other) < 4e-18
    assert economise([mpmath.mpf(1), mpmath.mpf(0), mpmath.mpf("1e-40")], 1.0) == [1]


@pytest.mark.parametrize(("e", "point", "vanishes"), [
    (u * log(u), 0, True), (u**2 * log(u) ** 3, 0, True), (sqrt(u) * log(u), 0, True), (log(u), 0, False),
    ((u - 1) * log(1 - u), 1, True), (u * log(u + 1), 0, True), (exp(u) * log(u), 0, False),
])  # fmt: skip
def test_what_vanishes_times_a_logarithm(e, point, vanishes):
    assert tends_to_zero(e, u, sympy.Integer(point)) is vanishes
