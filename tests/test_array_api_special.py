"""Special functions by the array API's functions: a few ulp from mpmath's values."""

import math

import mpmath
import numpy as np
import pytest
from scipy import linalg

from tracer import array_api_runtime, array_api_special

POINTS = [
    -30.25, -5.5, -3.2, -1.5, -0.9, -0.7, -0.51, -0.3, -1e-5, 1e-300, 1e-10, 0.1, 0.49, 0.51, 0.74, 0.76, 0.99, 1.0,
    1.0001, 1.2, 1.49, 1.51, 1.99, 2.0, 2.001, 2.4, 2.6, 4.5, 7.9, 8.1, 12, 26, 27, 170,
]  # fmt: skip

EXACT = {
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "erfcx": lambda x: mpmath.exp(x * x) * mpmath.erfc(x),
    "ndtr": lambda x: mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "lgamma": lambda x: mpmath.log(abs(mpmath.gamma(x))),
    "digamma": mpmath.digamma,
    "trigamma": lambda x: mpmath.psi(1, x),
}


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_values(name, dtype):
    points = np.array(POINTS, dtype)
    points = points[points != 0]
    with mpmath.workdps(40), np.errstate(all="ignore"):
        found = getattr(array_api_special, name)(points)
        wanted = [EXACT[name](mpmath.mpf(float(p))) for p in points]
    assert found.dtype == dtype
    limit = (64 if name == "lgamma" else 16) * np.finfo(dtype).eps
    for point, got, want in zip(points, found, wanted):
        if abs(want) < np.finfo(dtype).max:
            # Gamma functions of negative numbers are near zeros and poles.
            near = 1 + abs(float(point)) * (point < 0) * (name in ("lgamma", "digamma", "trigamma"))
            small = 0.0 if abs(want) > np.finfo(dtype).tiny else float(np.finfo(dtype).tiny)
            assert abs(float(got) - want) <= limit * near * max(abs(want), 0.25 * (name == "digamma")) + small, point
        else:
            assert math.isinf(got)


def test_values_at_the_ends():
    with np.errstate(all="ignore"):
        ends = np.array([0.0, np.inf, -np.inf, np.nan])
        np.testing.assert_equal(array_api_special.erf(ends), [0, 1, -1, np.nan])
        np.testing.assert_equal(array_api_special.erfc(ends), [1, 0, 2, np.nan])
        np.testing.assert_equal(array_api_special.lgamma(np.array([0.0, -1.0, np.inf])), [np.inf] * 3)
        np.testing.assert_equal(array_api_special.digamma(np.array([0.0, -1.0, np.inf])), [-np.inf, np.nan, np.inf])
        np.testing.assert_equal(array_api_special.heaviside(np.array([-1.0, 0, 2, np.nan]), 0.5), [0, 0.5, 1, np.nan])


@pytest.mark.parametrize("size", [1e-3, 1.0, 30.0])
def test_an_exponential_of_matrices(size):
    x = np.random.default_rng(0).normal(size=(3, 4, 4)) * size
    np.testing.assert_allclose(
        array_api_runtime.expm(x), linalg.expm(x), rtol=1e-9, atol=1e-12 * np.abs(linalg.expm(x)).max()
    )


@pytest.mark.parametrize("text", ["ij,jk->ik", "abb->ba", "ab,ab->b", "bij,jk,bkl->bl", "a,b->ab", "ii,i->", "ij->ji"])
def test_sums_of_products(text):
    rng = np.random.default_rng(0)
    sizes = dict(zip("abijkl", (2, 3, 3, 4, 2, 5)))
    sizes = sizes | {"j": 3} if "ij" not in text or "bij" in text else sizes
    operands = [rng.normal(size=[sizes[c] for c in labels]) for labels in text.split("->")[0].split(",")]
    np.testing.assert_allclose(array_api_runtime.einsum(text, *operands), np.einsum(text, *operands), rtol=1e-12)
