"""What generated code for Numba may call: functions of numbers, and matrices by plain loops.

It is read as text, and run where Numba is installed.
"""

from __future__ import annotations

import math

import numba
import numpy as np


@numba.njit(error_model="numpy")
def maximum(x: float, y: float) -> float:
    """The larger of two numbers; NaN if one is."""
    return x if x != x or x > y else y


@numba.njit(error_model="numpy")
def minimum(x: float, y: float) -> float:
    """The smaller of two numbers; NaN if one is."""
    return x if x != x or x < y else y


@numba.njit(error_model="numpy")
def sign(x: float) -> float:
    """The sign of a number, NaN of NaN."""
    return x if x != x else float((x > 0) - (x < 0))


@numba.njit(error_model="numpy")
def heaviside(x: float, at_zero: float) -> float:
    """The step from 0 to 1, NaN of NaN."""
    return x if x != x else at_zero if x == 0 else 1.0 if x > 0 else 0.0


@numba.njit(error_model="numpy")
def remainder_of(x: float, y: float) -> float:
    """The remainder with the sign of the divisor."""
    r = np.fmod(x, y)
    if r == 0:
        return np.copysign(0.0, y)
    return r + y if (r < 0) != (y < 0) else r


@numba.njit(error_model="numpy")
def floor_divide(x: float, y: float) -> float:
    """The quotient rounded down, from what the remainder leaves."""
    if y == 0:
        return x / y
    r = np.fmod(x, y)
    q = (x - r) / y - (1.0 if r != 0 and (r < 0) != (y < 0) else 0.0)
    if q == 0:
        return np.copysign(0.0, x / y)
    return np.floor(q) + (1.0 if q - np.floor(q) > 0.5 else 0.0)


@numba.njit(error_model="numpy")
def logaddexp(x: float, y: float) -> float:
    """The logarithm of the sum of two exponentials."""
    if x == y:
        return x + math.log(2.0)
    return x + math.log1p(math.exp(y - x)) if x > y else y + math.log1p(math.exp(x - y)) if y > x else x - y


@numba.njit(error_model="numpy")
def scaled_erfc(x: float) -> float:
    """The complementary error function times ``exp(x**2)``."""
    if x > 25:
        return 0.5641895835477563 / (x + 0.5 / (x + 1 / (x + 1.5 / (x + 2 / (x + 2.5 / x)))))
    if x < -27:
        return math.inf
    # The square is exact as a sum of two numbers.
    high = x * 134217729.0 - (x * 134217729.0 - x)
    square, low = x * x, x - high
    return math.exp(square) * (1 + (high * high - square + 2 * high * low + low * low)) * math.erfc(x)


@numba.njit(error_model="numpy")
def logarithm_of_gamma(x: float) -> float:
    """The logarithm of the size of the gamma function."""
    return math.inf if x == -math.inf else math.lgamma(x)


@numba.njit(error_model="numpy")
def gamma_of(x: float) -> float:
    """The gamma function."""
    return math.nan if x == -math.inf else math.gamma(x)


@numba.njit(error_model="numpy")
def scale_of(x: float) -> float:
    """What squares are divided by so that none overflows."""
    return x if 0 < x < math.inf else 1.0


@numba.njit(error_model="numpy")
def finite_of(x: float) -> float:
    """A number, or zero for what is none."""
    return x if x - x == 0 else 0.0


@numba.njit(error_model="numpy")
def square_of(x: float) -> float:
    """The square."""
    return x * x


@numba.njit(error_model="numpy")
def is_greater(x: float, y: float) -> bool:
    """Whether a number is larger than another, or the first NaN."""
    return x > y or (x != x and y == y)


@numba.njit(error_model="numpy")
def is_less(x: float, y: float) -> bool:
    """Whether a number is smaller than another, or the first NaN."""
    return x < y or (x != x and y == y)


@numba.njit(error_model="numpy")
def comes_before(x: float, y: float, earlier: bool) -> bool:
    """Whether an element comes before another in order; NaN is last, and equal ones stay in order."""
    return x < y or ((x == y or (x != x and y != y)) and earlier) or (y != y and x == x)


@numba.njit(error_model="numpy")
def wrap(at: int, size: int) -> int:
    """A place that may count from the end; -1 for one that is none."""
    return -1 if at < -size or at >= size else at + size if at < 0 else at


@numba.njit(error_model="numpy")
def eliminate(a: np.ndarray, rows: np.ndarray, n: int) -> float:
    """Write a matrix as triangular factors with its rows in another order; the sign of that order."""
    sign_of_order = 1.0
    for i in range(n):
        rows[i] = i
    for k in range(n):
        best = k
        for i in range(k + 1, n):
            if abs(a[i, k]) > abs(a[best, k]):
                best = i
        if best != k:
            row = rows[k]
            rows[k] = rows[best]
            rows[best] = row
            sign_of_order = -sign_of_order
            for j in range(n):
                other = a[k, j]
                a[k, j] = a[best, j]
                a[best, j] = other
        if a[k, k] != 0:
            for i in range(k + 1, n):
                a[i, k] /= a[k, k]
                for j in range(k + 1, n):
                    a[i, j] -= a[i, k] * a[k, j]
    return sign_of_order


@numba.njit(error_model="numpy")
def substitute(a: np.ndarray, rows: np.ndarray, b: np.ndarray, x: np.ndarray, n: int) -> None:
    """Solve for one right side by triangular factors; NaN where there is no solution."""
    for i in range(n):
        x[i] = b[rows[i]]
        for j in range(i):
            x[i] -= a[i, j] * x[j]
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, n):
            x[i] -= a[i, j] * x[j]
        x[i] = math.nan if a[i, i] == 0 else x[i] / a[i, i]


@numba.njit(error_model="numpy")
def determinant(a: np.ndarray, sign_of_order: float, n: int) -> float:
    """The determinant by triangular factors."""
    for i in range(n):
        sign_of_order *= a[i, i]
    return sign_of_order


@numba.njit(error_model="numpy")
def sign_of_determinant(a: np.ndarray, sign_of_order: float, n: int) -> float:
    """The sign of the determinant by triangular factors."""
    for i in range(n):
        sign_of_order *= sign(a[i, i])
    return sign_of_order


@numba.njit(error_model="numpy")
def log_of_determinant(a: np.ndarray, sign_of_order: float, n: int) -> float:
    """The logarithm of the size of the determinant by triangular factors."""
    total = 0 * sign_of_order
    for i in range(n):
        total += math.log(abs(a[i, i]))
    return total


@numba.njit(error_model="numpy")
def log_determinant(a: np.ndarray, sign_of_order: float, n: int) -> float:
    """The logarithm of the determinant by triangular factors; NaN where that is negative."""
    negative = sign_of_determinant(a, sign_of_order, n) < 0
    return math.nan if negative else log_of_determinant(a, sign_of_order, n)


@numba.njit(error_model="numpy")
def factor_cholesky(a: np.ndarray, n: int) -> None:
    """Write the lower triangular factor of a matrix in its place; NaN where there is none."""
    for j in range(n):
        for i in range(j):
            a[i, j] = 0
        for k in range(j):
            a[j, j] -= a[j, k] * a[j, k]
        a[j, j] = math.sqrt(a[j, j]) if a[j, j] > 0 else math.nan
        for i in range(j + 1, n):
            for k in range(j):
                a[i, j] -= a[i, k] * a[j, k]
            a[i, j] /= a[j, j]


@numba.njit(error_model="numpy")
def cofactor(a: np.ndarray, minor: np.ndarray, rows: np.ndarray, row: int, column: int, n: int) -> float:
    """The determinant of a matrix without a row and a column, with its sign."""
    for i in range(n - 1):
        for j in range(n - 1):
            minor[i, j] = a[i + (i >= row), j + (j >= column)]
    value = determinant(minor, eliminate(minor, rows, n - 1), n - 1)
    return -value if (row + column) % 2 else value
