"""Functions and series of mpmath's numbers."""

import math

import mpmath
import numpy as np
import pytest

from tracer import runtime


def test_functions_of_mpmath_are_real_or_nan():
    x = np.array([4.0, -1.0, 0.0])
    np.testing.assert_array_equal(runtime.elementwise(mpmath.sqrt, x), [2.0, math.nan, 0.0])
    np.testing.assert_array_equal(runtime.elementwise(lambda a: 1 / a, x), [0.25, -1.0, math.nan])
    assert runtime.elementwise(lambda a, b: (a + b) - a, 1.0, 1e-17) == pytest.approx(1e-17, rel=1e-12)
    with np.errstate(over="ignore"):
        assert runtime.elementwise(mpmath.exp, 1e4) == math.inf


@pytest.mark.parametrize(
    ("first", "last", "value"), [(1, 4, 10), (3, 3, 3), (3, 2, 0), (5, 1, -9), (-2, 2, 0), (2.0, 3.0, 5)]
)
def test_sums_with_ends_in_any_order(first, last, value):
    assert runtime.total(lambda k: k, first, last) == value


@pytest.mark.parametrize(("first", "last", "value"), [(1, 4, 24), (3, 2, 1), (5, 1, mpmath.mpf(1) / 24), (-1, 1, 0)])
def test_products_with_ends_in_any_order(first, last, value):
    assert runtime.product(lambda k: k, first, last) == value


def test_infinite_sums_and_products_have_their_limit_or_none():
    two, inf = mpmath.mpf(2), math.inf
    assert runtime.total(lambda k: two**-k, 0, inf) == pytest.approx(2, rel=1e-14)
    assert runtime.total(lambda k: two**k, -inf, 0) == pytest.approx(2, rel=1e-14)
    assert runtime.total(lambda k: two ** -abs(k), -inf, inf) == pytest.approx(3, rel=1e-14)
    assert runtime.total(lambda k: 1 / k**2, 1, inf) == pytest.approx(math.pi**2 / 6, rel=1e-14)
    assert mpmath.isnan(runtime.total(lambda k: 1 / k, 1, inf))
    assert runtime.product(lambda k: 1 - 1 / k**2, 2, inf) == pytest.approx(0.5, rel=1e-13)
    assert runtime.product(lambda k: k, 0, inf) == 0


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        (0.5, 3, r"the ends of a sum are integers, got \(0.5, 3\)"),
        (math.inf, 3, "a sum from inf to 3"),
        (0, math.nan, "a sum from 0 to nan"),
    ],
)
@pytest.mark.parametrize("series", [runtime.total, runtime.product])
def test_ends_that_are_none_are_refused(series, first, last, message):
    with pytest.raises(ValueError, match=message):
        series(lambda k: k, first, last)
