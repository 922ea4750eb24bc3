"""Special functions against mpmath over the whole range of floats: SciPy's, and those that take its place."""

import math
from types import SimpleNamespace

import mpmath
import numpy as np
import pytest
import sympy

from tracer.backends.to_numpy import NUMPY
from tracer.rules import argument

a, b = argument(0), argument(1)
TEMPLATES = {
    "erf": sympy.erf(a), "erfc": sympy.erfc(a), "gamma": sympy.gamma(a), "lgamma": sympy.loggamma(a),
    "digamma": sympy.polygamma(0, a), "polygamma": sympy.polygamma(a, b), "zeta": sympy.zeta(a, b),
    "erfinv": sympy.erfinv(a), "erfcinv": sympy.erfinv(1 - a), "ndtri": sympy.sqrt(2) * sympy.erfinv(2 * a - 1),
}  # fmt: skip
values = SimpleNamespace(**{n: NUMPY.function(NUMPY.templates.write(t))[0] for n, t in TEMPLATES.items()})
"""What an evaluation calls for each of them."""

RNG = np.random.default_rng(5)
POSITIVE = np.concatenate(
    [
        RNG.uniform(0, 3, 60), RNG.uniform(3, 40, 60), 10.0 ** RNG.uniform(-300, 300, 60),
        1 + 10.0 ** -np.arange(1, 15), 2 - 10.0 ** -np.arange(1, 15), [0.5, 1.5, 2.5, 13.5, 14.0, 14.5],
    ]
)  # fmt: skip
NEGATIVE = -RNG.uniform(0, 30, 100)


def _check(function, reference, points, rtol):
    got = function(points)
    with mpmath.workdps(40):
        expected = [mpmath.mpf(reference(mpmath.mpf(float(p))).real) for p in points]
        for p, g, e in zip(points, got, expected):
            if abs(e) < mpmath.mpf("1e308"):
                assert abs(mpmath.mpf(float(g)) - e) <= rtol * abs(e) + mpmath.mpf("1e-320"), (p, g, e)
            else:
                assert math.isinf(g)


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("erf", mpmath.erf), ("erfc", mpmath.erfc), ("gamma", mpmath.gamma), ("lgamma", mpmath.loggamma),
        ("digamma", mpmath.digamma),
    ],
)  # fmt: skip
def test_positive_arguments(name, reference):
    points = POSITIVE[POSITIVE < 26] if name == "erfc" else POSITIVE
    _check(getattr(values, name), reference, points, 5e-15)


@pytest.mark.parametrize("order", [1, 2, 3, 6])
def test_polygamma(order):
    points = POSITIVE[(POSITIVE > 1e-30) & (POSITIVE < 1e30)]
    _check(lambda x: values.polygamma(order, x), lambda x: mpmath.psi(order, x), points, 2e-15)
    _check(lambda x: values.polygamma(order, x), lambda x: mpmath.psi(order, x), NEGATIVE, 1e-12)


def _erfcinv(q):
    if q > 0.1:
        return mpmath.erfinv(1 - q)
    return mpmath.findroot(lambda x: mpmath.log(mpmath.erfc(x)) - mpmath.log(q), mpmath.sqrt(-mpmath.log(q)))


def test_inverses_of_the_error_functions():
    tiny = 10.0 ** RNG.uniform(-300, -1, 40)
    near_one = 1 - 10.0 ** -np.arange(1, 16.0)
    _check(values.erfinv, mpmath.erfinv, np.concatenate([RNG.uniform(-1, 1, 60), tiny, near_one, -near_one]), 5e-16)
    points = np.concatenate([RNG.uniform(0.01, 1.99, 60), tiny])
    _check(values.erfcinv, _erfcinv, points, 5e-16)
    _check(values.ndtri, lambda q: -mpmath.sqrt(2) * _erfcinv(2 * q), points[points < 0.99], 1e-15)


@pytest.mark.parametrize("order", [1.0001, 1.5, 2.0, 3.7, 10.0])
def test_zeta(order):
    points = np.concatenate([RNG.uniform(0.01, 30, 30), 10.0 ** RNG.uniform(-5, 2, 20)])
    _check(lambda q: values.zeta(order, q), lambda q: mpmath.zeta(mpmath.mpf(order), q), points, 1e-15)


def test_zeta_of_negative_arguments():
    _check(lambda q: values.zeta(3.0, q), lambda q: mpmath.zeta(3, q), np.array([-0.5, -3.3, -10.2]), 1e-15)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("erfinv", ([1.0, -1.0, 2.0, 0.0, np.nan],), [np.inf, -np.inf, np.nan, 0, np.nan]),
        ("erfcinv", ([0.0, 2.0, -1.0, 1.0, 3.0],), [np.inf, -np.inf, np.nan, 0, np.nan]),
        ("ndtri", ([0.0, 1.0, 0.5, 2.0, -1.0],), [-np.inf, np.inf, 0, np.nan, np.nan]),
        ("polygamma", ([0.5, np.nan, np.inf, 1.0], [-0.5, 2.0, 2.0, -1.0]), [np.nan] * 4),
        (
            "zeta", ([1.0, 2.0, 2.0, 2.5, np.inf], [2.0, -1.0, np.inf, -0.5, 1.0]),
            [np.inf, np.inf, 0, np.nan, 1],
        ),
    ],
)  # fmt: skip
def test_ends_are_tensorflows(name, arguments, expected):
    np.testing.assert_array_equal(getattr(values, name)(*map(np.array, arguments)), expected)


def test_negative_arguments():
    _check(values.erf, mpmath.erf, NEGATIVE, 1e-15)
    _check(values.digamma, mpmath.digamma, NEGATIVE, 1e-13)
    _check(values.lgamma, lambda x: mpmath.log(abs(mpmath.gamma(x))), NEGATIVE, 1e-13)


def test_near_the_zero_of_digamma():
    zero = 1.4616321449683623
    _check(
        values.digamma, mpmath.digamma, zero + np.array([0.0, 1e-15, 1e-9, -1e-6, 1e-3, 0.1, -0.15, 0.19, 0.21]), 5e-15
    )


def test_edges_give_no_warning():
    edges = np.array([0.0, -1.0, -2.0, np.inf, np.nan])
    np.testing.assert_array_equal(values.lgamma(edges), [np.inf, np.inf, np.inf, np.inf, np.nan])
    np.testing.assert_array_equal(values.digamma(edges), [-np.inf, np.nan, np.nan, np.inf, np.nan])
    np.testing.assert_array_equal(values.polygamma(1, edges), [np.inf, np.nan, np.nan, 0.0, np.nan])
    np.testing.assert_array_equal(values.gamma(edges), [np.inf, np.nan, np.nan, np.inf, np.nan])


def test_single_precision_stays_single():
    assert values.erf(np.float32(0.5)).dtype == np.float32
    assert values.digamma(np.ones(3, np.float32)).dtype == np.float32
    assert isinstance(values.lgamma(3.5), float)


def test_what_scipy_has_no_value_for_has_its_own():
    with mpmath.workdps(30):
        expected = [float(mpmath.zeta(s, 2.5)) for s in (-1.5, 0.5, 2)]
    np.testing.assert_allclose(values.zeta([-1.5, 0.5, 2.0], 2.5), expected)
    expected = [float(sympy.polygamma(n, 2.0).evalf()) for n in (0.5, 1, -1)]
    np.testing.assert_allclose(values.polygamma([0.5, 1.0, -1.0], 2.0), expected)
