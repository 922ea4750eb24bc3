"""The linear algebra extension of the array API standard: its names, arguments and order of results."""

from __future__ import annotations

import builtins
from collections.abc import Sequence

from tracer.dtypes import DTypeLike
from tracer.numpy_functions import linear_algebra as _linear_algebra
from tracer.numpy_functions import products as _products
from tracer.numpy_functions import shaping as _shaping
from tracer.shapes import Axes, Indices
from tracer.tensor import Tensor, TensorLike


def cholesky(x: TensorLike, /, *, upper: builtins.bool = False) -> Tensor:
    """The triangular factor of positive definite matrices, lower or upper."""
    return _linear_algebra.cholesky(x, upper=upper)


def cross(x1: TensorLike, x2: TensorLike, /, *, axis: int = -1) -> Tensor:
    """The cross product of vectors of three elements."""
    return _products.cross_along(x1, x2, axis=axis)


def det(x: TensorLike, /) -> Tensor:
    """The determinant."""
    return _linear_algebra.det(x)


def diagonal(x: TensorLike, /, *, offset: int = 0) -> Tensor:
    """A diagonal of the matrices of the last two axes."""
    return _shaping.matrix_diagonal(x, offset=offset)


def eigh(x: TensorLike, /) -> _linear_algebra.EighResult:
    """The eigenvalues and eigenvectors of symmetric matrices."""
    return _linear_algebra.eigh(x)


def eigvalsh(x: TensorLike, /) -> Tensor:
    """The eigenvalues of symmetric matrices."""
    return _linear_algebra.eigvalsh(x)


def inv(x: TensorLike, /) -> Tensor:
    """The inverse."""
    return _linear_algebra.inv(x)


def matmul(x1: TensorLike, x2: TensorLike, /) -> Tensor:
    """The matrix product."""
    return _products.matmul(x1, x2)


def matrix_norm(x: TensorLike, /, *, keepdims: builtins.bool = False, ord: float | str = "fro") -> Tensor:
    """Norms of the matrices of the last two axes."""
    return _linear_algebra.matrix_norm(x, keepdims=keepdims, ord=ord)


def matrix_power(x: TensorLike, n: int, /) -> Tensor:
    """An integer power of square matrices."""
    return _linear_algebra.matrix_power(x, n)


def matrix_rank(x: TensorLike, /, *, rtol: TensorLike | None = None) -> Tensor:
    """The number of singular values above a share of the largest."""
    return _linear_algebra.matrix_rank(x, rtol=rtol)


def matrix_transpose(x: TensorLike, /) -> Tensor:
    """Exchange the last two axes."""
    return _shaping.matrix_transpose(x)


def outer(x1: TensorLike, x2: TensorLike, /) -> Tensor:
    """The products of all pairs of elements of two vectors."""
    return _products.outer_of_vectors(x1, x2)


def pinv(x: TensorLike, /, *, rtol: TensorLike | None = None) -> Tensor:
    """The Moore-Penrose inverse."""
    return _linear_algebra.pinv(x, rtol=rtol)


def qr(x: TensorLike, /, *, mode: str = "reduced") -> _linear_algebra.QRResult | Tensor:
    """The QR decomposition."""
    return _linear_algebra.qr(x, mode)


def slogdet(x: TensorLike, /) -> _linear_algebra.SlogdetResult:
    """The sign of the determinant and the logarithm of its size."""
    return _linear_algebra.slogdet(x)


def solve(x1: TensorLike, x2: TensorLike, /) -> Tensor:
    """The solution of a linear system; a right-hand side of rank 1 is one vector."""
    return _linear_algebra.solve(x1, x2)


def svd(x: TensorLike, /, *, full_matrices: builtins.bool = True) -> _linear_algebra.SVDResult | Tensor:
    """Left singular vectors as columns, singular values, right ones as rows."""
    return _linear_algebra.svd(x, full_matrices)


def svdvals(x: TensorLike, /) -> Tensor:
    """The singular values, in descending order."""
    return _linear_algebra.svdvals(x)


def tensordot(x1: TensorLike, x2: TensorLike, /, *, axes: int | Sequence[Indices] = 2) -> Tensor:
    """Sums of products along pairs of axes."""
    return _products.tensordot(x1, x2, axes)


def trace(x: TensorLike, /, *, offset: int = 0, dtype: DTypeLike = None) -> Tensor:
    """The sum of a diagonal of the matrices of the last two axes."""
    return _shaping.matrix_trace(x, offset=offset, dtype=dtype)


def vecdot(x1: TensorLike, x2: TensorLike, /, *, axis: int = -1) -> Tensor:
    """Sums of products along an axis."""
    return _products.vecdot(x1, x2, axis=axis)


def vector_norm(
    x: TensorLike, /, *, axis: Axes = None, keepdims: builtins.bool = False, ord: float | str = 2
) -> Tensor:
    """Norms of vectors along any axes."""
    return _linear_algebra.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord)
