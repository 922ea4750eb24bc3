"""The rows of factorisations and functions of matrices in many digits, which no elimination gives.

Eigenvectors, singular vectors and orthonormal columns have a sign that nothing determines: that of the values in floats
is taken, which changes as seldom as theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tracer.precise import iterations
from tracer.precise.arithmetic import Number, difference_sign, fill_array
from tracer.precise.elimination import Row, of_each
from tracer.precise.refinement import refine_eigenvectors, refine_singular_vectors

if TYPE_CHECKING:
    from tracer.precise.digits import Digits

FAILURES = ArithmeticError, RuntimeError, ValueError, np.linalg.LinAlgError
"""What is raised where an iteration does not converge, or a matrix has elements that are too large for floats."""


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


def _factorise(refine: Callable[..., Sequence[np.ndarray] | None], method: str) -> Callable[..., Sequence[np.ndarray]]:
    """A factorisation that is refined from floats, or found by a method of mpmath's where it can't be."""

    def factorise(a: Digits, m: np.ndarray) -> Sequence[np.ndarray]:
        found = refine(a, m)
        return list(map(_array, getattr(a.context, method)(a.context.matrix(m.tolist())))) if found is None else found

    return factorise


_eigen = _factorise(refine_eigenvectors, "eigsy")
_singular = _factorise(refine_singular_vectors, "svd_r")


def _eigenvalues(a: Digits, m: np.ndarray) -> np.ndarray:
    return a.find_of_matrices(_eigen, m)[0]


def _eigenvectors(a: Digits, m: np.ndarray) -> np.ndarray:
    _, vectors = a.find_of_matrices(_eigen, m)
    return _with_signs(vectors, np.linalg.eigh(m.astype(float))[1])


def _singular_values(a: Digits, m: np.ndarray) -> np.ndarray:
    return a.find_of_matrices(_singular, m)[1]


def _left_vectors(a: Digits, m: np.ndarray) -> np.ndarray:
    vectors, _, _ = a.find_of_matrices(_singular, m)
    return _with_signs(vectors, np.linalg.svd(m.astype(float), full_matrices=False)[0])


def _right_vectors(a: Digits, m: np.ndarray) -> np.ndarray:
    _, _, vectors = a.find_of_matrices(_singular, m)
    return _with_signs(vectors.T, np.linalg.svd(m.astype(float), full_matrices=False)[2].T)


def _orthonormal_columns(a: Digits, m: np.ndarray) -> np.ndarray:
    columns, _ = a.context.qr(a.context.matrix(m.tolist()), mode="skinny")
    return _with_signs(_array(columns), np.linalg.qr(m.astype(float))[0])


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


def _kept(function: Callable[..., np.ndarray]) -> Row:
    """The row of a function whose values are kept."""

    def find(a: Digits, *matrices: np.ndarray) -> list[np.ndarray]:
        return [function(a, *matrices)]

    return _row(lambda a, *matrices: a.find_of_matrices(find, *matrices)[0])


ROWS: dict[str, Row] = {
    "eigvalsh": _row(_eigenvalues),
    "eigenvectors": _row(_eigenvectors),
    "svd": _row(_singular_values),
    "svd_left": _row(_left_vectors),
    "svd_right": _row(_right_vectors),
    "lu": _row(lambda a, m: _triangular_factors(a, m)[0]),
    "lu_permutation": _row(lambda a, m: _triangular_factors(a, m)[1]),
    "qr_q": _row(_orthonormal_columns),
    "expm": _kept(iterations.expm),
    "expm_frechet": _kept(iterations.expm_frechet),
    "sqrtm": _kept(iterations.sqrtm),
    "sqrtm_frechet": _kept(iterations.sqrtm_frechet),
    "logm": _kept(iterations.logm),
    "logm_frechet": _kept(iterations.logm_frechet),
}
"""Rows by their names."""
