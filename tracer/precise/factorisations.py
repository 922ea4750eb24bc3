"""Factorisations and functions of matrices in many digits, which no elimination gives.

Eigenvectors, singular vectors and orthonormal columns have a sign that nothing determines: that of the values in floats
is taken, which changes as seldom as theirs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tracer.precise.arithmetic import Number, difference_sign, fill_array
from tracer.precise.elimination import Row, eliminate, identity, of_each

if TYPE_CHECKING:
    from tracer.precise.digits import Digits

LARGEST = 1 << 12
"""The exponential of a larger matrix has elements too large for any arithmetic here."""

SMALL = 10
"""The series of an exponential is taken where elements are below two to minus this."""

MULTIPLE = 1e-3
"""By what part of it a multiple eigenvalue may be off in floats, which need not be real then."""

ITERATIONS = 100
"""After so many there is no root."""

FAILURES = ArithmeticError, RuntimeError, ValueError, np.linalg.LinAlgError
"""What is raised where an iteration does not converge, or a matrix has elements that are too large for floats."""


class _UndefinedError(ArithmeticError):
    """A matrix has no such function."""


def _row(function: Callable[..., np.ndarray]) -> Row:
    """A row of batches from a function of one matrix each, whose values are undefined where it fails."""

    def of_batch(a: Any, tensor: Any, *parts: np.ndarray) -> np.ndarray:
        count = int(np.prod(tensor.shape)) // max(1, int(np.prod(parts[0].shape[:-2])))

        def of_one(a: Any, *matrices: np.ndarray) -> Sequence[Number]:
            if not all(m.size for m in matrices):
                return [a.number(0)] * count
            if not all(a.is_finite(x) for m in matrices for x in m.flat):
                return [a.undefined] * count
            try:
                return function(a, *matrices).ravel().tolist()
            except FAILURES:
                return [a.undefined] * count

        return of_each(of_one)(a, tensor, *parts)

    return of_batch


def _array(matrix: Any) -> np.ndarray:
    """A matrix of mpmath's as an array."""
    return fill_array((matrix.rows, matrix.cols), list(matrix))


def _with_signs(columns: np.ndarray, floats: np.ndarray) -> np.ndarray:
    """Columns with the signs of those in floats."""
    signs = [-1 if np.dot(x.astype(float), y) < 0 else 1 for x, y in zip(columns.T, floats.T)]
    return np.asarray(columns * np.array(signs, object))


def _eigenvalues(a: Digits, m: np.ndarray) -> np.ndarray:
    return _array(a.factorise("eigsy", m)[0])


def _eigenvectors(a: Digits, m: np.ndarray) -> np.ndarray:
    _, vectors = a.factorise("eigsy", m)
    return _with_signs(_array(vectors), np.linalg.eigh(m.astype(float))[1])


def _singular_values(a: Digits, m: np.ndarray) -> np.ndarray:
    return _array(a.factorise("svd_r", m)[1])


def _left_vectors(a: Digits, m: np.ndarray) -> np.ndarray:
    vectors, _, _ = a.factorise("svd_r", m)
    return _with_signs(_array(vectors), np.linalg.svd(m.astype(float), full_matrices=False)[0])


def _right_vectors(a: Digits, m: np.ndarray) -> np.ndarray:
    _, _, vectors = a.factorise("svd_r", m)
    return _with_signs(_array(vectors).T, np.linalg.svd(m.astype(float), full_matrices=False)[2].T)


def _orthonormal_columns(a: Digits, m: np.ndarray) -> np.ndarray:
    columns, _ = a.context.qr(a.context.matrix(m.tolist()), mode="skinny")
    return _with_signs(_array(columns), np.linalg.qr(m.astype(float))[0])


class _Moved:
    """A matrix A that moves in a direction E: functions of it are those of ``[[A, E], [0, A]]``, by blocks."""

    def __init__(self, matrix: np.ndarray, along: np.ndarray) -> None:
        self.matrix, self.along = matrix, along

    def __add__(self, other: _Moved) -> _Moved:
        return _Moved(self.matrix + other.matrix, self.along + other.along)

    def __sub__(self, other: _Moved) -> _Moved:
        return _Moved(self.matrix - other.matrix, self.along - other.along)

    def __rmul__(self, factor: Any) -> _Moved:
        return _Moved(factor * self.matrix, factor * self.along)

    def __truediv__(self, divisor: Any) -> _Moved:
        return _Moved(self.matrix / divisor, self.along / divisor)


def _zeros(a: Digits, n: int) -> np.ndarray:
    return fill_array((n, n), [a.number(0)] * n * n)


def _identity(a: Digits, like: Any) -> Any:
    """The identity of the size of a matrix."""
    if isinstance(like, _Moved):
        return _Moved(_identity(a, like.matrix), _zeros(a, len(like.matrix)))
    return identity(a, len(like))


def _largest(m: Any) -> Any:
    """The magnitude of the largest element."""
    if isinstance(m, _Moved):
        return max(_largest(m.matrix), _largest(m.along))
    return max(map(abs, m.flat), default=0)


def _exponent(m: Any) -> int:
    """The binary exponent of the largest element, which takes less time than its magnitude."""
    blocks = (m.matrix, m.along) if isinstance(m, _Moved) else (m,)
    return max((x._mpf_[2] + x._mpf_[3] for v in blocks for x in v.flat if x), default=-sys.maxsize)


def _multiply(a: Digits, x: Any, y: Any) -> Any:
    if not isinstance(x, _Moved):
        return a.multiply(x, y)
    # Both terms of the product rule in one product.
    along = a.multiply(np.hstack([x.matrix, x.along]), np.vstack([y.along, y.matrix]))
    return _Moved(a.multiply(x.matrix, y.matrix), along)


def _inverse(a: Digits, m: Any) -> Any:
    if isinstance(m, _Moved):
        inverse = _inverse(a, m.matrix)
        return _Moved(inverse, -a.multiply(a.multiply(inverse, m.along), inverse))
    found = eliminate(a, m, _identity(a, m))[1]
    if found is None:
        raise _UndefinedError
    return found


def _triangular_factors(a: Digits, m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both factors in one matrix, and the order of the rows, which jumps where two pivots are as large."""
    rows, n = m.tolist(), len(m)
    order = list(range(n))
    for k in range(n):
        pivot = k
        for i in range(k + 1, n):
            if difference_sign(abs(rows[i][k]), abs(rows[pivot][k]), a) == 1:
                pivot = i
        for own in (rows, order):
            own[k], own[pivot] = own[pivot], own[k]
        for i in range(k + 1, n):
            rows[i][k] /= rows[k][k]
            rows[i][k + 1 :] = [x - rows[i][k] * y for x, y in zip(rows[i][k + 1 :], rows[k][k + 1 :])]
    return fill_array((n, n), [x for r in rows for x in r]), fill_array((n,), [a.number(i) for i in order])


def _exponential(a: Digits, m: Any) -> Any:
    """``exp(A/2**k)**(2**k)``, by the series at a matrix of small elements."""
    size = _largest(m)
    if size > LARGEST:
        a.overflowed = True
        raise _UndefinedError
    halvings = max(0, int(a.context.mag(size)) + SMALL) if size else 0
    small = m / a.context.mpf(2) ** halvings
    result = term = _identity(a, m)
    k = 0
    while _exponent(term) > -a.context.prec:
        k += 1
        term = _multiply(a, term, small) / k
        result = result + term
    for _ in range(halvings):
        result = _multiply(a, result, result)
    return result


def _root(a: Digits, m: Any) -> Any:
    """The principal square root by the product form of Denman and Beavers' iteration (Higham, Functions of Matrices,
    2008, equation 6.29).
    """
    one = _identity(a, m)
    root, rest = m, m
    for _ in range(ITERATIONS):
        inverse = _inverse(a, rest)
        root = _multiply(a, root, one + inverse) / 2
        if _exponent(rest - one) <= 2 - a.context.prec // 2:  # The error is the square of that now.
            return root
        rest = (one + (rest + inverse) / 2) / 2
    raise _UndefinedError


def _logarithm(a: Digits, m: Any) -> Any:
    """``2**k log(A**(1/2**k))``, of a root near the identity, by the series of ``2 artanh((A - I)/(A + I))``.

    Of ``A`` a power of two is taken out whose determinant is about its own: fewer roots are near the identity then.
    """
    one, factor = _identity(a, m), a.context.mpf(2)
    matrix = m.matrix if isinstance(m, _Moved) else m
    determinant: Any = eliminate(a, matrix, matrix[:, :0])[0]
    if not determinant or not a.is_finite(determinant):
        raise _UndefinedError
    power = int(a.context.mag(determinant)) // len(matrix)
    root = m / a.context.mpf(2) ** power
    while _exponent(root - one) > -2:
        root, factor = _root(a, root), 2 * factor
    term = _multiply(a, root - one, _inverse(a, root + one))
    total, square, k = term, _multiply(a, term, term), 1
    while _exponent(term) > -a.context.prec:
        term, k = _multiply(a, term, square), k + 2
        total = total + term / k
    return factor * total + (power * a.context.ln2) * one


def _principal(function: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """A function that has no real value where a matrix has an eigenvalue that is not positive."""

    def value(a: Digits, m: np.ndarray, *direction: np.ndarray) -> np.ndarray:
        values = np.linalg.eigvals(m.astype(float))
        if np.any((values.real <= 0) & (abs(values.imag) <= MULTIPLE * abs(values))):
            raise _UndefinedError
        return function(a, m, *direction)

    return value


def _along(function: Callable[[Digits, Any], Any]) -> Callable[[Digits, np.ndarray, np.ndarray], np.ndarray]:
    """The derivative of a function in a direction E: the upper right block of ``f([[A, E], [0, A]])`` (Mathias, A chain
    rule for matrix functions and applications, 1996).
    """

    def derivative(a: Digits, m: np.ndarray, direction: np.ndarray) -> np.ndarray:
        size = _largest(direction)
        if not size:
            return direction
        return np.asarray(size * function(a, _Moved(m, direction / size)).along)

    return derivative


ROWS: dict[str, Row] = {
    "eigvalsh": _row(_eigenvalues),
    "eigenvectors": _row(_eigenvectors),
    "svd": _row(_singular_values),
    "svd_left": _row(_left_vectors),
    "svd_right": _row(_right_vectors),
    "lu": _row(lambda a, m: _triangular_factors(a, m)[0]),
    "lu_permutation": _row(lambda a, m: _triangular_factors(a, m)[1]),
    "qr_q": _row(_orthonormal_columns),
    "expm": _row(_exponential),
    "expm_frechet": _row(_along(_exponential)),
    "sqrtm": _row(_principal(_root)),
    "sqrtm_frechet": _row(_principal(_along(_root))),
    "logm": _row(_principal(_logarithm)),
    "logm_frechet": _row(_principal(_along(_logarithm))),
}
"""Rows by their names."""
