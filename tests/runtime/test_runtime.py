"""What generated code may call beside NumPy: functions of floats, of segments, and of diagonals."""

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


def test_a_value_on_a_diagonal():
    v = np.array([1.0, 2.0])
    np.testing.assert_array_equal(runtime.embed(v, (0, 0), (2, 2)), np.diag(v))
    m = np.arange(6).reshape(2, 3)
    found = runtime.embed(m, (1, 0, 1), (3, 2, 3))
    assert found.dtype == m.dtype
    assert found.sum() == m.sum()
    assert all(found[j, i, j] == m[i, j] for i in range(2) for j in range(3))


def test_a_name_that_it_has_not_is_refused():
    with pytest.raises(AttributeError, match=r"module 'tracer\.runtime' has no attribute 'erfcx'"):
        runtime.erfcx  # noqa: B018
