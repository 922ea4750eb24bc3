"""The linear algebra extension of the array API standard: its names, arguments and order of results."""

from __future__ import annotations

import builtins
from typing import Any

from tracer.dtypes import DTypeLike
from tracer.numpy_functions import FUNCTIONS as _NP
from tracer.shapes import Axes


def cholesky(x: Any, /, *, upper: builtins.bool = False) -> Any:
    """The triangular factor of positive definite matrices, lower or upper."""
    return _NP["linalg.cholesky"](x, upper=upper)


def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """The cross product of vectors of three elements."""
    return _NP["linalg.cross"](x1, x2, axis=axis)


def det(x: Any, /) -> Any:
    """The determinant."""
    return _NP["linalg.det"](x)


def diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """A diagonal of the matrices of the last two axes."""
    return _NP["linalg.diagonal"](x, offset=offset)


def eigh(x: Any, /) -> Any:
    """The eigenvalues and eigenvectors of symmetric matrices."""
    return _NP["linalg.eigh"](x)


def eigvalsh(x: Any, /) -> Any:
    """The eigenvalues of symmetric matrices."""
    return _NP["linalg.eigvalsh"](x)


def inv(x: Any, /) -> Any:
    """The inverse."""
    return _NP["linalg.inv"](x)


def matmul(x1: Any, x2: Any, /) -> Any:
    """The matrix product."""
    return _NP["linalg.matmul"](x1, x2)


def matrix_norm(x: Any, /, *, keepdims: builtins.bool = False, ord: Any = "fro") -> Any:
    """Norms of the matrices of the last two axes."""
    return _NP["linalg.matrix_norm"](x, keepdims=keepdims, ord=ord)


def matrix_power(x: Any, n: int, /) -> Any:
    """An integer power of square matrices."""
    return _NP["linalg.matrix_power"](x, n)


def matrix_rank(x: Any, /, *, rtol: Any = None) -> Any:
    """The number of singular values above a share of the largest."""
    return _NP["linalg.matrix_rank"](x, rtol=rtol)


def matrix_transpose(x: Any, /) -> Any:
    """Exchange the last two axes."""
    return _NP["matrix_transpose"](x)


def outer(x1: Any, x2: Any, /) -> Any:
    """The products of all pairs of elements of two vectors."""
    return _NP["linalg.outer"](x1, x2)


def pinv(x: Any, /, *, rtol: Any = None) -> Any:
    """The Moore-Penrose inverse."""
    return _NP["linalg.pinv"](x, rtol=rtol)


def qr(x: Any, /, *, mode: str = "reduced") -> Any:
    """The QR decomposition."""
    return _NP["linalg.qr"](x, mode)


def slogdet(x: Any, /) -> Any:
    """The sign of the determinant and the logarithm of its size."""
    return _NP["linalg.slogdet"](x)


def solve(x1: Any, x2: Any, /) -> Any:
    """The solution of a linear system; a right-hand side of rank 1 is one vector."""
    return _NP["linalg.solve"](x1, x2)


def svd(x: Any, /, *, full_matrices: builtins.bool = True) -> Any:
    """Left singular vectors as columns, singular values, right ones as rows."""
    return _NP["linalg.svd"](x, full_matrices)


def svdvals(x: Any, /) -> Any:
    """The singular values, in descending order."""
    return _NP["linalg.svdvals"](x)


def tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    """Sums of products along pairs of axes."""
    return _NP["tensordot"](x1, x2, axes)


def trace(x: Any, /, *, offset: int = 0, dtype: DTypeLike = None) -> Any:
    """The sum of a diagonal of the matrices of the last two axes."""
    return _NP["linalg.trace"](x, offset=offset, dtype=dtype)


def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """Sums of products along an axis."""
    return _NP["linalg.vecdot"](x1, x2, axis=axis)


def vector_norm(x: Any, /, *, axis: Axes = None, keepdims: builtins.bool = False, ord: Any = 2) -> Any:
    """Norms of vectors along any axes."""
    return _NP["linalg.vector_norm"](x, axis=axis, keepdims=keepdims, ord=ord)
