"""Triangular factors with row exchanges, and what is solved with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tracer import shapes
from tracer.dtypes import DTypeLike, as_dtype
from tracer.ops.casting import cast
from tracer.ops.contraction import matmul, matrix_transpose
from tracer.ops.creation import eye
from tracer.ops.diagonal import band_part
from tracer.ops.gathering import gather
from tracer.ops.indexing import index_tensor
from tracer.ops.matrix_domains import is_invertible
from tracer.ops.matrix_rows import floats, row, square
from tracer.ops.ordering import argsort
from tracer.ops.systems import triangular_solve
from tracer.rules import Domain
from tracer.tensor import Tensor, TensorLike, record_tensor


class Lu(NamedTuple):
    """Both triangular factors in one matrix, and the order of the rows."""

    lu: Tensor
    p: Tensor


def _lower(factors: Tensor) -> Tensor:
    """The lower factor, with ones on its diagonal."""
    return band_part(factors, -1, 0) - band_part(factors, 0, 0) + eye(factors.shape[-1], dtype=factors.dtype)


def _rows(x: Tensor, order: Tensor) -> Tensor:
    """The rows of matrices in an order, for each member of the batch its own."""
    return gather(x, order, batch_dims=x.ndim - 2)


def _lu_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    """With ``P A = L U``: ``P^T L^-T (tril(L^T G_L, -1) + triu(G_U U^T)) U^-T``.

    Of the cotangent ``G_U`` adds nothing below the diagonal of ``L^T G``, and ``G_L`` nothing above it in ``G U^T``.
    """
    lower, upper = _lower(node), band_part(node, 0, -1)
    left = matmul(lower, cotangent, transpose_a=True)
    right = matmul(cotangent, upper, transpose_b=True)
    middle = left - band_part(left, 0, -1) + band_part(right, 0, -1)
    half = triangular_solve(lower, middle, adjoint=True)
    whole = matrix_transpose(triangular_solve(upper, matrix_transpose(half), lower=False))
    return _rows(whole, argsort(_permutation(node.args[0], "int64")))


FACTORS = row("lu", _lu_pullback, numpy=lambda e, node, x: e.lu(x)[0], domain=Domain(is_invertible))
PERMUTATION = row(
    "lu_permutation",
    None,
    differentiable=False,
    numpy=lambda e, node, x: e.astype(e.lu(x)[1], node.dtype),
    domain=Domain(is_invertible),
)


def _permutation(x: Tensor, dtype: str) -> Tensor:
    return record_tensor(PERMUTATION, (x,), None, x.shape[:-1], dtype)


def lu(input: TensorLike, output_idx_type: DTypeLike = "int32", name: str | None = None) -> Lu:
    """The decomposition ``P A = L U`` of square matrices, with partial pivoting.

    With the cotangents of the factors the gradient is
    ``P^T L^-T (tril(L^T G_L, -1) + triu(G_U U^T)) U^-T``; TensorFlow has none.

    Parameters
    ----------
    input : tensor or array
        Of shape ``(..., n, n)``.
    output_idx_type : str, optional
        The dtype of the order.

    Returns
    -------
    (lu, p)
        U with L below its diagonal, the ones on the diagonal of L left out; and the order of the rows,
        ``gather(A, p) = L U``.

    Raises
    ------
    TypeError
        If the order is asked for in another dtype than int32 and int64.
    ValueError
        If a matrix is singular.

    References
    ----------
    Seeger et al., Auto-differentiating linear algebra, 2017, section 3; Golub and Van Loan, Matrix Computations,
    algorithm 3.4.1.

    Examples
    --------
    >>> import tracer
    >>> factors, order = tracer.linalg.lu([[1.0, 2.0], [2.0, 6.0]])
    >>> factors.numpy(), order.numpy()
    (array([[ 2. ,  6. ],
           [ 0.5, -1. ]]), array([1, 0], dtype=int32))
    """
    x = square("lu", input)
    kind = as_dtype(output_idx_type)
    if kind not in ("int32", "int64"):
        raise TypeError(f"lu: output_idx_type is 'int32' or 'int64', got {output_idx_type!r}")
    return Lu(record_tensor(FACTORS, (x,), None, x.shape, x.dtype), _permutation(x, kind))


def _check_decomposition(name: str, lower_upper: TensorLike, perm: TensorLike) -> tuple[Tensor, Tensor]:
    factors, order = square(name, lower_upper), index_tensor(perm)
    if order.shape != factors.shape[:-1]:
        raise ValueError(
            f"{name}: the order {order.name} of shape {shapes.show(order.shape)} does not belong to the factors "
            f"{factors.name} of shape {shapes.show(factors.shape)}; give both answers of linalg.lu"
        )
    return factors, cast(order, "int64")


def lu_reconstruct(
    lower_upper: TensorLike, perm: TensorLike, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """The matrices whose decomposition is given; see :func:`lu`.

    Parameters
    ----------
    lower_upper, perm : tensor or array
        The answers of :func:`lu`.
    validate_args : bool, optional
        Accepted for TensorFlow's sake.

    Returns
    -------
    Tensor
        Of shape ``(..., n, n)``.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.lu_reconstruct(*tracer.linalg.lu([[1.0, 2.0], [2.0, 6.0]])).numpy()
    array([[1., 2.],
           [2., 6.]])
    """
    factors, order = _check_decomposition("lu_reconstruct", lower_upper, perm)
    return _rows(matmul(_lower(factors), band_part(factors, 0, -1)), argsort(order, -1))


def lu_solve(
    lower_upper: TensorLike, perm: TensorLike, rhs: TensorLike, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """The solution X of ``A X = B``, with the decomposition of A; see :func:`lu`.

    Parameters
    ----------
    lower_upper, perm, validate_args
        As for :func:`lu_reconstruct`.
    rhs : tensor or array
        B, of shape ``(..., n, m)``.

    Returns
    -------
    Tensor
        Of the shape of ``rhs``.

    Raises
    ------
    ValueError
        If B is no matrix or batch of matrices of as many rows.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.lu_solve(*tracer.linalg.lu([[1.0, 2.0], [2.0, 6.0]]), [[5.0], [14.0]]).numpy()
    array([[1.],
           [2.]])
    """
    factors, order = _check_decomposition("lu_solve", lower_upper, perm)
    b = floats(rhs)
    if b.ndim != factors.ndim or b.shape[:-1] != factors.shape[:-1]:
        raise ValueError(
            f"lu_solve: the right-hand side {b.name} of shape {shapes.show(b.shape)} must have the shape "
            f"{shapes.show((*factors.shape[:-1], 'm'))}; make a vector a column with expand_dims"
        )
    half = triangular_solve(_lower(factors), _rows(b, order))
    return triangular_solve(factors, half, lower=False)


def lu_matrix_inverse(
    lower_upper: TensorLike, perm: TensorLike, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """The inverses of the matrices whose decomposition is given; see :func:`lu`.

    Parameters
    ----------
    lower_upper, perm, validate_args
        As for :func:`lu_reconstruct`.

    Returns
    -------
    Tensor
        Of shape ``(..., n, n)``.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.lu_matrix_inverse(*tracer.linalg.lu([[1.0, 2.0], [2.0, 6.0]])).numpy()
    array([[ 3. , -1. ],
           [-1. ,  0.5]])
    """
    factors, order = _check_decomposition("lu_matrix_inverse", lower_upper, perm)
    *batch, n, _ = factors.shape
    return lu_solve(factors, order, eye(n, batch_shape=batch, dtype=factors.dtype))


LINALG: dict[str, Callable[..., object]] = {
    "lu": lu, "lu_matrix_inverse": lu_matrix_inverse, "lu_reconstruct": lu_reconstruct, "lu_solve": lu_solve,
}  # fmt: skip
