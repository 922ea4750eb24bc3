"""What generated code may call beside NumPy: functions of floats, of segments, and series of mpmath's numbers."""

import math

import mpmath
import numpy as np
import pytest

from tracer import runtime

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("x", [-1e4, -750.0, -30.0, 0.0, 0.5, 30.0, 1e4])
def test_functions_of_floats_do_not_overflow(x):
    with mpmath.workdps(30):
        e = mpmath.exp(mpmath.mpf(x))
        assert runtime.sigmoid(x) == pytest.approx(float(e / (1 + e)), rel=1e-15, abs=5e-324)
        assert runtime.softplus(x) == pytest.approx(float(mpmath.log1p(e)), rel=1e-15, abs=5e-324)
        for y in (x, 0.25, -800.0):
            expected = mpmath.log(e + mpmath.exp(mpmath.mpf(y)))
            assert runtime.logaddexp(x, y) == pytest.approx(float(expected), rel=1e-15)
    assert runtime.logaddexp(-math.inf, -math.inf) == -math.inf


def test_softmax_of_rows_and_of_none():
    x = np.array([[1000.0, 1001.0], [-1e4, -1e4]])
    np.testing.assert_allclose(runtime.softmax(x, 1), [[1 / (1 + math.e), math.e / (1 + math.e)], [0.5, 0.5]])
    assert runtime.softmax(x[:0], 0).shape == (0, 2)


def test_the_greatest_on_each_place_and_by_segment():
    places, values = np.array([2, 0, 2]), np.array([1.0, -5.0, 3.0])
    np.testing.assert_array_equal(runtime.greatest_at(4, (places, values), (0, -7.0)), [-5.0, 0.0, 3.0, 0.0])
    rows = np.array([[1, 7], [4, -2], [3, 9]])
    np.testing.assert_array_equal(runtime.segment_max(rows, [1, 1, 3], 4, -1), [[-1, -1], [4, 7], [-1, -1], [3, 9]])
    np.testing.assert_array_equal(runtime.segment_max(np.array([-3.0]), [0], 2, 0.5), [-3.0, 0.5])


@pytest.mark.parametrize("axis", [0, 1])
def test_recurrence(axis):
    a, b = RNG.normal(size=(2, 5)), RNG.normal(size=(2, 5))
    expected = np.zeros((2, 5))
    for k in range(5):
        expected[:, k] = b[:, k] + (a[:, k] * expected[:, k - 1] if k else 0)
    given = (a, b) if axis else (a.T, b.T)
    np.testing.assert_allclose(runtime.recurrence(*given, axis), expected if axis else expected.T)


def test_matrices_that_a_function_refuses_are_nan_and_others_are_not():
    regular, singular = np.array([[2.0, 1.0], [0.0, 1.0]]), np.ones((2, 2))
    np.testing.assert_allclose(runtime.defined(np.linalg.inv, regular), np.linalg.inv(regular))
    assert np.isnan(runtime.defined(np.linalg.inv, singular)).all()
    found = runtime.defined(np.linalg.solve, np.stack([regular, singular]), np.eye(2))
    np.testing.assert_allclose(found[0], np.linalg.inv(regular))
    assert np.isnan(found[1]).all()


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


def test_a_value_on_a_diagonal():
    v = np.array([1.0, 2.0])
    np.testing.assert_array_equal(runtime.embed(v, (0, 0), (2, 2)), np.diag(v))
    m = np.arange(6).reshape(2, 3)
    found = runtime.embed(m, (1, 0, 1), (3, 2, 3))
    assert found.dtype == m.dtype
    assert found.sum() == m.sum()
    assert all(found[j, i, j] == m[i, j] for i in range(2) for j in range(3))
