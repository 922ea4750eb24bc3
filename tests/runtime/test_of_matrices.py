"""Functions of matrices against SciPy's, and triangular factors."""

import numpy as np
import pytest
import scipy.linalg

from tracer import runtime

RNG = np.random.default_rng(5)


def test_functions_take_batches_and_keep_the_dtype():
    x = RNG.normal(size=(2, 3, 4, 4)) + 8 * np.eye(4)
    for function, reference in (
        (runtime.sqrtm, scipy.linalg.sqrtm),
        (runtime.logm, scipy.linalg.logm),
    ):
        found = function(x)
        np.testing.assert_allclose(found[1, 2], reference(x[1, 2]), rtol=1e-9)
        assert found.shape == x.shape
        assert function(x[0, 0].astype("float32")).dtype == np.float32
        assert function(x[:0]).shape == (0, 3, 4, 4)


@pytest.mark.parametrize(
    ("function", "frechet", "further"),
    [
        (scipy.linalg.expm, runtime.expm_frechet, ()),
        (runtime.sqrtm, runtime.sqrtm_frechet, ()),
        (runtime.logm, runtime.logm_frechet, ()),
        (np.linalg.matrix_power, runtime.matrix_power_frechet, (3,)),
        (np.linalg.matrix_power, runtime.matrix_power_frechet, (-2,)),
    ],
)
def test_a_derivative_in_a_direction_is_the_slope(function, frechet, further):
    x, direction, h = RNG.normal(size=(3, 3)) + 4 * np.eye(3), RNG.normal(size=(3, 3)), 1e-5
    slope = (function(x + h * direction, *further) - function(x - h * direction, *further)) / (2 * h)
    assert np.abs(slope).max() > 1e-3
    np.testing.assert_allclose(frechet(x, direction, *further), slope, rtol=1e-6, atol=1e-8)
    both = frechet(x, np.stack([direction, -direction]), *further)
    np.testing.assert_allclose(both[1], -both[0])


@pytest.mark.parametrize("size", [1, 2, 5, 12])
def test_roots_and_logarithms(size):
    a = RNG.normal(size=(size, size)) + size * np.eye(size)
    for m in (a, a @ a.T):
        root = runtime.sqrtm(m)
        np.testing.assert_allclose(root @ root, m, rtol=1e-11, atol=1e-11)
        np.testing.assert_allclose(scipy.linalg.expm(runtime.logm(m)), m, rtol=1e-10, atol=1e-9)


@pytest.mark.parametrize(
    "matrix",
    [
        [[-1.0, 0.0], [0.0, 1.0]],
        [[0.0, 1.0], [0.0, 0.0]],
        [[np.nan, 1.0], [2.0, 1.0]],
        [[np.inf, 1.0], [2.0, 1.0]],
        [[-1.0, 2.0], [0.0, 1.0]],
    ],
)
def test_what_has_no_real_root_or_logarithm_is_nan(matrix):
    assert np.isnan(runtime.sqrtm(np.array(matrix))).all()
    assert np.isnan(runtime.logm(np.array(matrix))).all()


def test_an_eigenvalue_that_rounding_made_of_zero_is_zero():
    np.testing.assert_allclose(runtime.sqrtm(np.ones((2, 2))), np.full((2, 2), 0.5**0.5))
    assert np.isnan(runtime.logm(np.ones((2, 2)))).all()


def test_matrices_that_are_hard_to_compute_with_give_no_warning():
    jordan = np.eye(3) * 1e-8 + np.eye(3, k=1)
    assert np.isfinite(runtime.logm(jordan)).all()
    assert np.isfinite(runtime.sqrtm(jordan)).all()


@pytest.mark.parametrize("size", [1, 2, 5])
def test_triangular_factors(size):
    a = RNG.normal(size=(3, size, size))
    factors, order = runtime.lu(a)
    lower = np.tril(factors, -1) + np.eye(size)
    np.testing.assert_allclose(lower @ np.triu(factors), np.take_along_axis(a, order[..., None], -2), atol=1e-13)
    assert (np.abs(np.tril(factors, -1)) <= 1).all()
    np.testing.assert_allclose(factors[0], scipy.linalg.lu_factor(a[0])[0], rtol=1e-11, atol=1e-13)


def test_singular_matrices_have_no_factors():
    with pytest.raises(np.linalg.LinAlgError, match="Singular matrix"):
        runtime.lu(np.array([[1.0, 2.0], [2.0, 4.0]]))
