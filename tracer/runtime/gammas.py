"""Special functions of arrays that NumPy lacks: the gamma family and the error functions.

They keep full relative precision near their zeros for positive arguments. What one would look up in tables (values of
zeta, Bernoulli numbers, Taylor coefficients at the zero of digamma) is computed once by mpmath.

References
----------
NIST Digital Library of Mathematical Functions, 5.5 (recurrence, reflection), 5.7 (series), 5.11 and 5.15 (asymptotics).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import mpmath
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_FAR = 14.0
"""Beyond this the asymptotic series hold to double precision."""


@np.errstate(all="ignore")
def erf(x: ArrayLike) -> np.ndarray:
    """The error function."""
    return _mapped(math.erf, x)


@np.errstate(all="ignore")
def erfc(x: ArrayLike) -> np.ndarray:
    """The complementary error function."""
    return _mapped(math.erfc, x)


@np.errstate(all="ignore")
def erfinv(x: ArrayLike) -> np.ndarray:
    """The inverse of the error function; infinite at the ends of (-1, 1), NaN beyond."""
    return _mapped(lambda y: -_erfcinv(1 + y) if y < -0.5 else _erfcinv(1 - y) if y > 0.5 else _erfinv(y), x)


@np.errstate(all="ignore")
def erfcinv(x: ArrayLike) -> np.ndarray:
    """The inverse of the complementary error function; infinite at the ends of (0, 2), NaN beyond."""
    return _mapped(lambda y: -_erfcinv(2 - y) if y > 1.5 else _erfcinv(y) if y < 0.5 else _erfinv(1 - y), x)


@np.errstate(all="ignore")
def ndtri(x: ArrayLike) -> np.ndarray:
    """The quantile of the standard normal distribution; infinite at 0 and 1, NaN beyond."""
    x, kind = _floats(x)
    near = np.where((x > 0.25) & (x < 0.75), x, 0.5)
    return _as(math.sqrt(2) * np.where(near == x, erfinv(2 * near - 1), -erfcinv(2 * x)), kind)


@np.errstate(all="ignore")
def gamma(x: ArrayLike) -> np.ndarray:
    """The gamma function; infinite at 0 and where it overflows, NaN at negative integers."""
    return _mapped(_gamma, x)


@np.errstate(all="ignore")
def lgamma(x: ArrayLike) -> np.ndarray:
    """The logarithm of the absolute value of gamma."""
    x, kind = _floats(x)
    left = x < 0.5
    y = np.where(left, np.where(x < 0, 1 - x, 1 + x), x)
    steps = np.clip(np.rint(y) - 2, 0, _FAR)
    product = np.ones_like(y)
    for k in range(1, int(_FAR) + 1):
        product = np.where(k <= steps, product * (y - k), product)
    near_one = y < 1.5
    z = np.where(near_one, y - 1, y - 2 - steps)
    near = _polynomial(_lgamma_series(), z) * z + np.where(near_one, -np.log1p(z), np.log(product))
    far = (y - 0.5) * np.log(y) - y + 0.5 * math.log(2 * math.pi) + _polynomial(_stirling(), 1 / y**2) / y
    out = np.where(y < _FAR, near, far)
    sine = np.abs(np.sin(np.pi * (x - np.rint(x))))
    out = np.where(x < 0, math.log(math.pi) - np.log(sine) - out, np.where(left, out - np.log(np.abs(x)), out))
    return _as(np.where(np.isinf(x), np.inf, out), kind)


@np.errstate(all="ignore")
def digamma(x: ArrayLike) -> np.ndarray:
    """The derivative of lgamma; NaN at negative integers."""
    x, kind = _floats(x)
    y = np.where(x < 0, 1 - x, x)
    shifted, total = y, np.zeros_like(y)
    for _ in range(int(_FAR)):
        below = shifted < _FAR
        total = np.where(below, total - 1 / shifted, total)
        shifted = np.where(below, shifted + 1, shifted)
    square = 1 / shifted**2
    out = total + np.log(shifted) - 0.5 / shifted - _polynomial(_digamma_tail(), square) * square
    high, low, taylor = _digamma_zero()
    offset = (y - high) - low
    out = np.where(np.abs(offset) < 0.2, _polynomial(taylor, np.clip(offset, -0.2, 0.2)) * offset, out)
    turn = np.pi * (x - np.rint(x))
    out = np.where(x < 0, out - np.pi / np.tan(turn), out)
    return _as(np.where((x < 0) & (turn == 0), np.nan, np.where(x == np.inf, np.inf, out)), kind)


@np.errstate(all="ignore")
def polygamma(order: float | np.ndarray, x: ArrayLike) -> np.ndarray:
    """The derivative of digamma of an order; NaN at negative integers, and where it is not real."""
    if np.ndim(order) == 0 and _is_natural(order):
        return _polygamma(int(order), x)
    orders, x = np.broadcast_arrays(order, x)
    out = np.empty(x.shape, _floats(x)[1])
    for n in np.unique(orders):
        chosen = (orders == n) | (np.isnan(orders) & np.isnan(n))
        out[chosen] = _polygamma(int(n), x[chosen]) if _is_natural(n) else np.frompyfunc(_any_order, 2, 1)(n, x[chosen])
    return out[()]


def _is_natural(order: float | np.ndarray) -> bool:
    return bool(0 <= order < math.inf and order == int(order))


def _any_order(order: float, x: float) -> float:
    """The derivative of an order that is no natural number (Espinosa and Moll), as sympy has it."""
    import sympy

    return _real(lambda: sympy.polygamma(sympy.Float(order, 32), sympy.Float(x, 32)).evalf(32))


def _real(function: Callable[[], mpmath.mpf]) -> float:
    """A number of sympy's or mpmath's in floating point; NaN where it is not real."""
    try:
        value = complex(function())
    except (ArithmeticError, ValueError, TypeError, mpmath.libmp.NoConvergence):
        return math.nan
    return value.real if value.imag == 0 else math.nan


@np.errstate(all="ignore")
def zeta(x: ArrayLike, q: ArrayLike) -> np.ndarray:
    """Hurwitz's zeta function, the sum of ``(q + k)**-x``; infinite at x = 1, and at q = 0, -1, ... for x above 1."""
    kind = np.result_type(*(_floats(v)[1] for v in (x, q)))
    return _as(np.frompyfunc(_zeta, 2, 1)(*(np.asarray(v, float) for v in (x, q))), kind)


@np.errstate(all="ignore")
def _polygamma(n: int, x: ArrayLike) -> np.ndarray:
    if n == 0:
        return digamma(x)
    x, kind = _floats(x)
    y = np.where(x < 0, 1 - x, x)
    far = _FAR + n
    shifted, total = y, np.zeros_like(y)
    for _ in range(int(far)):
        below = shifted < far
        total = np.where(below, total + shifted ** -(n + 1.0), total)
        shifted = np.where(below, shifted + 1, shifted)
    tail = 1 / n + 0.5 / shifted + _polynomial(_hurwitz_tail(n), 1 / shifted**2) / shifted**2
    sign = -1.0 if n % 2 == 0 else 1.0
    out = sign * math.factorial(n) * (total + shifted ** -float(n) * tail)
    turn = np.pi * (x - np.rint(x))
    reflected = -sign * out - np.pi * _polynomial(_cotangent(n), 1 / np.tan(turn))
    return _as(np.where(x < 0, np.where(turn == 0, np.nan, reflected), np.where(x == np.inf, 0.0, out)), kind)


def _gamma(x: float) -> float:
    try:
        return math.gamma(x)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.copysign(math.inf, x) if x == 0 else math.nan


def _erfinv(y: float) -> float:
    """By Halley's steps from an approximation, for ``|y| <= 1/2``."""
    x = y * math.sqrt(math.pi) / 2
    for _ in range(4):
        step = (math.erf(x) - y) * math.exp(x * x) * math.sqrt(math.pi) / 2
        x -= step / (1 + x * step)
    return x


def _erfcinv(y: float) -> float:
    """By Halley's steps on the logarithm's scale, for ``y <= 1/2``."""
    if not y > 0:
        return math.inf if y == 0 else math.nan
    far = math.sqrt(-math.log(y))
    # The steps are relative to y, so that they hold where y is smaller than any power of x.
    x = far if y > 1e-3 else math.sqrt(far * far - math.log(far * math.sqrt(math.pi)))
    for _ in range(6):
        step = (y - math.erfc(x)) * math.exp(x * x) * math.sqrt(math.pi) / 2
        x -= step / (1 + x * step)
    return x


def _continued_zeta(x: float, q: float) -> float:
    """Hurwitz's zeta function where its sum diverges."""
    with mpmath.workdps(32):
        return _real(lambda: mpmath.zeta(mpmath.mpf(x), mpmath.mpf(q)))


def _zeta(x: float, q: float) -> float:
    """By Euler and Maclaurin (DLMF 25.11.28 with 2.10.1)."""
    if x <= 1 or math.isnan(x + q):
        return math.inf if x == 1 else _continued_zeta(x, q)
    if q <= 0 and q == math.floor(q):
        return math.inf
    if q < 0 and x != math.floor(x):
        return math.nan
    if q == math.inf:
        return 0.0
    if x == math.inf:
        return math.inf if q < 1 else 1.0 if q == 1 else 0.0
    terms: list[float] = []
    while q < _FAR + x:
        try:
            terms.append(q**-x)
        except OverflowError:
            return math.inf
        if x > 2 and 0 < terms[-1] < 1e-20 * abs(terms[0]):
            return math.fsum(terms)
        q += 1.0
    terms += [q ** (1 - x) / (x - 1), 0.5 * q**-x]
    factor = x * q ** (-x - 1)
    for k, c in enumerate(_maclaurin()):
        terms.append(c * factor)
        factor *= (x + 2 * k + 1) * (x + 2 * k + 2) / (q * q)
    return math.fsum(terms)


def _mapped(function: Callable[[float], float], x: ArrayLike) -> np.ndarray:
    """A function of numbers element by element, NaN where it has no value."""

    def valued(number: float) -> float:
        try:
            return function(number)
        except (ArithmeticError, ValueError):
            return math.nan

    x, kind = _floats(x)
    return _as(np.frompyfunc(valued, 1, 1)(x), kind)


def _floats(x: ArrayLike) -> tuple[np.ndarray, np.dtype]:
    """The argument in float64, and the dtype of the result."""
    array = np.asarray(x)
    return array.astype(float), array.dtype if array.dtype.kind == "f" else np.dtype(float)


def _as(value: ArrayLike, kind: np.dtype) -> np.ndarray:
    return np.asarray(value, float).astype(kind)[()]


def _polynomial(coefficients: tuple[float, ...], x: np.ndarray) -> np.ndarray:
    """Horner's rule, the constant coefficient first."""
    out = np.zeros_like(x)
    for c in reversed(coefficients):
        out = out * x + c
    return out


@cache
def _lgamma_series() -> tuple[float, ...]:
    """``lgamma(2 + z)/z`` for ``|z| <= 1/2`` (DLMF 5.7.3)."""
    return (float(1 - mpmath.euler), *(float((-1) ** k * (mpmath.zeta(k) - 1) / k) for k in range(2, 32)))


@cache
def _stirling() -> tuple[float, ...]:
    """``lgamma`` beyond its leading terms (DLMF 5.11.1), times x, in powers of ``1/x**2``."""
    return tuple(float(mpmath.bernoulli(2 * k) / (2 * k * (2 * k - 1))) for k in range(1, 11))


@cache
def _digamma_tail() -> tuple[float, ...]:
    """``digamma`` beyond its leading terms (DLMF 5.11.2), in powers of ``1/x**2``."""
    return tuple(float(mpmath.bernoulli(2 * k) / (2 * k)) for k in range(1, 11))


@cache
def _digamma_zero() -> tuple[float, float, tuple[float, ...]]:
    """The zero of digamma in two parts, and ``digamma(zero + z)/z`` for small z."""
    with mpmath.workdps(40):
        zero = mpmath.findroot(mpmath.digamma, 1.4616)
        high = float(zero)
        taylor = tuple(float(mpmath.psi(k, zero) / mpmath.factorial(k)) for k in range(1, 22))
        return high, float(zero - high), taylor


@cache
def _hurwitz_tail(n: int) -> tuple[float, ...]:
    """The Euler-Maclaurin terms of ``zeta(n + 1, x)``, times ``x**(n + 2)``, in powers of ``1/x**2``."""
    return tuple(
        float(mpmath.bernoulli(2 * k) * mpmath.rf(n + 1, 2 * k - 1) / mpmath.factorial(2 * k)) for k in range(1, 13)
    )


@cache
def _maclaurin() -> tuple[float, ...]:
    """The coefficients of the correction terms of Euler and Maclaurin."""
    return tuple(float(mpmath.bernoulli(2 * k) / mpmath.factorial(2 * k)) for k in range(1, 13))


@cache
def _cotangent(n: int) -> tuple[float, ...]:
    """The n-th derivative of ``cot(pi*x)`` as a polynomial in the cotangent."""
    poly = [0, 1]
    for _ in range(n):
        slope = [k * c for k, c in enumerate(poly)][1:]
        poly = [-(a + b) for a, b in zip([*slope, 0, 0], [0, 0, *slope])]
    return tuple(float(c * mpmath.pi**n) for c in poly)
