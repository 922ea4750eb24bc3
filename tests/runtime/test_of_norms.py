"""The norm of generated code: NumPy's where squares are numbers, and right where they are not."""

import numpy as np
import pytest

from tracer.runtime import of_norms


def norm(*args):
    """As generated code calls it, which ignores what overflows."""
    with np.errstate(all="ignore"):
        return of_norms.norm(*args)


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1), -1])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("scale", [1.0, 1e200, 1e-200, 1e-310])
def test_norms_are_those_of_scaled_numbers(axis, keepdims, scale):
    x = np.random.default_rng(0).normal(size=(4, 3))
    wanted = np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims)) * scale
    found = norm(x * scale, axis, keepdims)
    assert np.shape(found) == np.shape(wanted)
    np.testing.assert_allclose(found, wanted, rtol=1e-14 if scale > 1e-300 else 1e-11)


def test_each_row_has_its_own_scale():
    x = np.array([[3.0, 4.0], [3e200, 4e200], [3e-200, 4e-200], [0.0, 0.0], [np.inf, 1.0], [np.nan, 1.0]])
    np.testing.assert_allclose(norm(x, 1), [5.0, 5e200, 5e-200, 0.0, np.inf, np.nan])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_dtype_stays(dtype):
    large, small = np.sqrt(np.finfo(dtype).max) * 2, np.sqrt(np.finfo(dtype).tiny) / 2
    for scale in (large, small, 1):
        found = norm(np.array([3, 4], dtype) * np.asarray(scale, dtype))
        assert found.dtype == dtype
        np.testing.assert_allclose(found, 5 * scale, rtol=1e-6)


@pytest.mark.parametrize(("shape", "axis", "wanted"), [((0,), None, 0.0), ((0, 3), 0, [0.0] * 3), ((3, 0), 0, [])])
def test_no_elements(shape, axis, wanted):
    np.testing.assert_array_equal(norm(np.zeros(shape), axis), wanted)
