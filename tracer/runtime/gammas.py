"""Special functions of arrays where SciPy's are less exact than a float, or end sooner than the functions do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from tracer.runtime.of_mpmath import elementwise, evalf

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def _float_of(x: ArrayLike) -> np.dtype:
    """The dtype of the floats that functions of an array are; values are not asked for."""
    return np.result_type(getattr(x, "dtype", np.float64), np.float32)


def _as_floats(x: ArrayLike) -> np.ndarray:
    """An array of floats, of the library that it is of."""
    given = x if hasattr(x, "astype") else np.asarray(x)
    floats: np.ndarray = given.astype(_float_of(given))
    return floats


def erfc(x: ArrayLike) -> np.ndarray:
    """The complementary error function, which SciPy's loses digits of from 5 on."""
    found = np.frompyfunc(math.erfc, 1, 1)(x)
    dtype = _float_of(x)
    floats: np.ndarray = found.astype(dtype) if hasattr(found, "astype") else dtype.type(found)
    return floats


@np.errstate(all="ignore")
def lgamma(x: ArrayLike) -> np.ndarray:
    """The logarithm of the absolute value of gamma, near its zeros 1 and 2 by its series there.

    References
    ----------
    NIST Digital Library of Mathematical Functions, 5.7.3.
    """
    x = _as_floats(x)
    below = x < 1.5
    z = np.where(below, x - 1, x - 2)
    near = np.abs(z) < 0.25
    z = np.where(near, z, 0)
    k = np.arange(2, 30)
    series = np.polynomial.polynomial.polyval(z, [0, 1 - np.euler_gamma, *((-1.0) ** k * special.zetac(k) / k)])
    found: np.ndarray = np.where(near, series - np.where(below, np.log1p(z), 0), special.gammaln(x))
    return found.astype(x.dtype)[()]


@np.errstate(all="ignore")
def polygamma(order: ArrayLike, x: ArrayLike) -> np.ndarray:
    """The derivative of digamma of an order; NaN at negative integers, and where it is not real."""
    found = special.polygamma(order, x)
    other = np.less(order, 0) | np.not_equal(order, np.floor(order))
    if np.any(other):  # sympy has these orders too, by Espinosa and Moll
        import sympy

        found = np.where(other, elementwise(lambda n, y: evalf(sympy.polygamma, n, y), order, x), found)
    pole = np.less(x, 0) & np.equal(x, np.floor(x))
    return np.where(pole, np.nan, found).astype(_float_of(x))[()]


@np.errstate(all="ignore")
def zeta(x: ArrayLike, q: ArrayLike) -> np.ndarray:
    """Hurwitz's zeta function, the sum of ``(q + k)**-x``, continued to x below 1."""
    found: np.ndarray = special.zeta(x, q)
    below = np.less(x, 1)
    if np.any(below):
        import mpmath

        found = np.where(below, elementwise(mpmath.zeta, np.where(below, x, 2.0), q), found).astype(found.dtype)[()]
    return found
