"""Factorisations: Cholesky factors, eigenvalues and eigenvectors, singular values and vectors.

Those of symmetric matrices are functions of the symmetric part ``(A + A^T)/2`` of their argument, so that gradients are
symmetric and hold for any perturbation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, overload

import sympy
from sympy.logic.boolalg import Boolean

from tracer import shapes
from tracer.ops.contraction import diag, diag_part, expand_dims, matmul, matrix_transpose
from tracer.ops.diagonal import band_part
from tracer.ops.matrix_domains import (
    has_distinct_eigenvalues,
    has_distinct_nonzero_singular_values,
    has_distinct_singular_values,
    has_full_rank,
    is_positive_definite,
)
from tracer.ops.matrix_rows import each, matrices, row, square
from tracer.ops.systems import solve
from tracer.rules import TABLE, Domain
from tracer.shapes import Dim
from tracer.tensor import Tensor, TensorLike, apply, record_tensor


def symmetric_part(x: Tensor) -> Tensor:
    """``(A + A^T)/2``."""
    return (x + matrix_transpose(x)) / 2


# Cholesky.


def lower_half(x: Tensor) -> Tensor:
    """The lower triangle with half the diagonal: the Phi of the literature."""
    return band_part(x, -1, 0) - diag(diag_part(x)) / 2


def _cholesky_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    middle = lower_half(matmul(node, cotangent, transpose_a=True))
    left = solve(node, middle, adjoint=True)
    return solve(node, matrix_transpose(left), adjoint=True)


def _cholesky_of(m: sympy.Matrix) -> sympy.Matrix:
    factor = sympy.zeros(m.rows, m.rows)
    for i in range(m.rows):
        for j in range(i + 1):
            rest = m[i, j] - sum(factor[i, k] * factor[j, k] for k in range(j))
            factor[i, j] = sympy.sqrt(rest) if i == j else rest / factor[j, j]
    return factor


CHOLESKY = row(
    "cholesky",
    _cholesky_pullback,
    numpy=lambda e, node, x: e.refusing(e.np.linalg.cholesky)(x),
    components=each(_cholesky_of),
    components_cost=lambda node: shapes.size(node.shape[:-2]) * 4 ** node.shape[-1],
    latex="chol",
    domain=Domain(is_positive_definite),
)


def cholesky(input: TensorLike, name: str | None = None) -> Tensor:
    """The lower triangular factor L with ``L L^T = A`` of positive definite matrices.

    Of a matrix that is not symmetric, the symmetric part counts. With ``P = L^-T Phi(L^T G) L^-1``, where Phi takes the
    lower triangle and half the diagonal, the gradient is ``(P + P^T)/2``.

    Parameters
    ----------
    input : tensor or array
        Of shape ``(..., n, n)``.

    Returns
    -------
    Tensor
        Of the same shape.

    References
    ----------
    Murray, Differentiation of the Cholesky decomposition, 2016, eq. 8 and 9; Giles, Collected matrix derivative
    results for forward and reverse mode, 2008.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.cholesky([[4.0, 2.0], [2.0, 5.0]]).numpy()
    array([[2., 0.],
           [1., 2.]])
    """
    x = symmetric_part(square("cholesky", input))
    return record_tensor(CHOLESKY, (x,), None, x.shape, x.dtype)


# Eigenvalues and eigenvectors of symmetric matrices.


def scaled_columns(x: Tensor, scales: Tensor) -> Tensor:
    """``X diag(s)``."""
    return x * expand_dims(scales, -2)


def inverse_gaps(values: Tensor) -> Tensor:
    """The matrix of ``1/(w_j - w_i)``, zero where they are equal: the F of the literature."""
    return apply(TABLE["divide_no_nan"], (1.0, expand_dims(values, -2) - expand_dims(values, -1)))


def _eigvalsh_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    v = _eigenvectors(node.args[0])
    return matmul(scaled_columns(v, cotangent), v, transpose_b=True)


def _eigenvectors_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    gaps = inverse_gaps(_eigenvalues(node.args[0]))
    inner = gaps * matmul(node, cotangent, transpose_a=True)
    return matmul(matmul(node, inner), node, transpose_b=True)


def _refuse(what: str) -> ValueError:
    return ValueError(f'{what} have no closed form by their elements; the forms "matrix" and "steps" are available')


def _eigenvalues_of(m: sympy.Matrix) -> sympy.Matrix:
    if m.rows > 2:
        raise _refuse(f"the eigenvalues of matrices of shape {m.shape}")
    if m.rows < 2:
        return sympy.Matrix(m.rows, 1, list(m))
    (a, b), (_, d) = m.tolist()
    middle, root = (a + d) / 2, sympy.sqrt(((a - d) / 2) ** 2 + b**2)
    return sympy.Matrix([middle - root, middle + root])


def _eigenvectors_of(m: sympy.Matrix) -> sympy.Matrix:
    if m.rows > 1:
        raise _refuse("eigenvectors, which are determined up to their sign,")
    return sympy.ones(m.rows, m.rows)


EIGENVALUES = row(
    "eigvalsh",
    _eigvalsh_pullback,
    numpy=lambda e, node, x: e.np.linalg.eigvalsh(x),
    components=each(_eigenvalues_of),
    domain=Domain(kinks=has_distinct_eigenvalues),
)
EIGENVECTORS = row(
    "eigenvectors",
    _eigenvectors_pullback,
    numpy=lambda e, node, x: e.np.linalg.eigh(x)[1],
    components=each(_eigenvectors_of),
    domain=Domain(kinks=has_distinct_eigenvalues),
)


def _eigenvalues(x: Tensor) -> Tensor:
    return record_tensor(EIGENVALUES, (x,), None, x.shape[:-1], x.dtype)


def _eigenvectors(x: Tensor) -> Tensor:
    return record_tensor(EIGENVECTORS, (x,), None, x.shape, x.dtype)


def eigvalsh(tensor: TensorLike, name: str | None = None) -> Tensor:
    """The eigenvalues of symmetric matrices, in ascending order.

    Of a matrix that is not symmetric, the symmetric part counts. With eigenvectors V the gradient is ``V diag(g) V^T``.
    It holds where the eigenvalues are distinct, and where equal ones have equal ``g``, as in a sum over all of them.

    Parameters
    ----------
    tensor : tensor or array
        Of shape ``(..., n, n)``.

    Returns
    -------
    Tensor
        Of shape ``(..., n)``.

    References
    ----------
    Petersen and Pedersen, The Matrix Cookbook, 2012, eq. 67; Giles, Collected matrix derivative results for forward
    and reverse mode, 2008, section 3.1.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.eigvalsh([[0.0, 2.0], [2.0, 0.0]]).numpy()
    array([-2.,  2.])
    """
    return _eigenvalues(symmetric_part(square("eigvalsh", tensor)))


class Eigen(NamedTuple):
    """Eigenvalues, and eigenvectors as columns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


def eigh(tensor: TensorLike, name: str | None = None) -> Eigen:
    """The eigenvalues of symmetric matrices in ascending order, and their eigenvectors as columns.

    Products as ``V diag(f(w)) V^T``, however they are spelled, are functions of the matrix. Their gradients hold at
    equal eigenvalues too: ``V (K o (V^T G V)) V^T`` with ``K[i, j] = (f(w[i]) - f(w[j]))/(w[i] - w[j])``, which is
    ``f'(w[i])`` where these are equal. Those of some vectors alone, as a projector, ask that their eigenvalues differ
    from the others.

    What else is computed from eigenvectors has the gradient ``V (F o (V^T G)) V^T`` with ``F[i, j] = 1/(w[j] - w[i])``
    and a diagonal of zeros, made symmetric. Where two eigenvalues are equal there is no derivative by their
    eigenvectors; ``F[i, j]`` is 0 there by convention, and ``conditions`` has it as a kink.

    Parameters
    ----------
    tensor : tensor or array
        Of shape ``(..., n, n)``; of a matrix that is not symmetric, the symmetric part counts.

    Returns
    -------
    eigenvalues, eigenvectors : Tensor
        Of shapes ``(..., n)`` and ``(..., n, n)``.

    References
    ----------
    Giles, Collected matrix derivative results for forward and reverse mode, 2008, section 3.1; Higham, Functions of
    Matrices, 2008, theorem 3.11.

    Examples
    --------
    >>> import tracer
    >>> w, v = tracer.linalg.eigh([[2.0, 1.0], [1.0, 2.0]])
    >>> (v @ tracer.linalg.diag(w) @ v.T).numpy().round(6)
    array([[2., 1.],
           [1., 2.]])
    """
    x = symmetric_part(square("eigh", tensor))
    return Eigen(_eigenvalues(x), _eigenvectors(x))


# Singular values and vectors.


def _singular_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    x = node.args[0]
    return matmul(scaled_columns(_left(x), cotangent), _right(x), transpose_b=True)


def _vectors_pullback(vectors: Tensor, cotangent: Tensor, values: Tensor) -> Tensor:
    """The part of the gradient that is the same for left and right vectors, by the other side's vectors."""
    inner = matmul(vectors, cotangent, transpose_a=True)
    within = matmul(vectors, inverse_gaps(values * values) * (inner - matrix_transpose(inner)))
    if _is_square(vectors):
        return scaled_columns(within, values)
    outside = cotangent - matmul(vectors, inner)
    return scaled_columns(within, values) + scaled_columns(outside, 1 / values)


def _is_square(vectors: Tensor) -> bool:
    """Whether there are as many vectors as directions, so that none moves out of what they span."""
    rows, columns = vectors.shape[-2:]
    return bool(rows == columns)


def _spans_or_has_full_rank(node: Tensor) -> Sequence[Boolean]:
    """That the operand has full rank, if there are directions beside the vectors."""
    return [] if _is_square(node) else has_full_rank(node)


def _left_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    x = node.args[0]
    return matmul(_vectors_pullback(node, cotangent, _singular(x)), _right(x), transpose_b=True)


def _right_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    x = node.args[0]
    return matmul(_left(x), _vectors_pullback(node, cotangent, _singular(x)), transpose_b=True)


def _singular_of(m: sympy.Matrix) -> sympy.Matrix:
    gram = m * m.T if m.rows < m.cols else m.T * m
    if gram.rows > 2:
        raise _refuse(f"the singular values of matrices of shape {m.shape}")
    return _eigenvalues_of(gram).applyfunc(sympy.sqrt)[::-1, :]


SINGULAR = row(
    "svd",
    _singular_pullback,
    numpy=lambda e, node, x: e.np.linalg.svd(x, compute_uv=False),
    components=each(_singular_of),
    domain=Domain(kinks=has_distinct_nonzero_singular_values),
)
LEFT = row(
    "svd_left",
    _left_pullback,
    numpy=lambda e, node, x: e.np.linalg.svd(x, full_matrices=False)[0],
    domain=Domain(derivative=_spans_or_has_full_rank, kinks=has_distinct_singular_values),
)
RIGHT = row(
    "svd_right",
    _right_pullback,
    numpy=lambda e, node, x: e.np.swapaxes(e.np.linalg.svd(x, full_matrices=False)[2], -1, -2),
    domain=Domain(derivative=_spans_or_has_full_rank, kinks=has_distinct_singular_values),
)


def _count(x: Tensor) -> Dim:
    m, n = x.shape[-2:]
    return min(m, n) if isinstance(m, int) and isinstance(n, int) else sympy.Min(m, n)


def _singular(x: Tensor) -> Tensor:
    return record_tensor(SINGULAR, (x,), None, (*x.shape[:-2], _count(x)), x.dtype)


def _left(x: Tensor) -> Tensor:
    return record_tensor(LEFT, (x,), None, (*x.shape[:-1], _count(x)), x.dtype)


def _right(x: Tensor) -> Tensor:
    return record_tensor(RIGHT, (x,), None, (*x.shape[:-2], x.shape[-1], _count(x)), x.dtype)


class Singular(NamedTuple):
    """Singular values, left and right singular vectors as columns."""

    s: Tensor
    u: Tensor
    v: Tensor


@overload
def svd(
    tensor: TensorLike, full_matrices: bool = False, compute_uv: Literal[True] = True, name: str | None = None
) -> Singular: ...
@overload
def svd(
    tensor: TensorLike, full_matrices: bool = False, *, compute_uv: Literal[False], name: str | None = None
) -> Tensor: ...
def svd(
    tensor: TensorLike, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None
) -> Singular | Tensor:
    """The singular value decomposition ``A = U diag(s) V^T``.

    The gradient by the singular values is ``U diag(g) V^T``. That of a product as ``U diag(f(s)) V^T``, however it is
    spelled, holds at equal singular values too. Other gradients hold where the singular values are distinct and
    positive; vectors of equal ones turn by 0 into one another, by convention.

    Parameters
    ----------
    tensor : tensor or array
        Of shape ``(..., m, n)``.
    full_matrices : bool, optional
        Only False: the vectors that singular values do not have are not determined.
    compute_uv : bool, optional
        Whether to answer the vectors too.

    Returns
    -------
    Tensor or (s, u, v)
        Singular values in descending order; left and right vectors as columns.

    Raises
    ------
    ValueError
        If all vectors are asked for of matrices that are not square.

    References
    ----------
    Townsend, Differentiating the singular value decomposition, 2016; Giles, Collected matrix derivative results for
    forward and reverse mode, 2008, section 3.2.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.svd([[3.0, 0.0], [0.0, -4.0]], compute_uv=False).numpy()
    array([4., 3.])
    """
    x = matrices("svd", tensor)
    if not compute_uv:
        return _singular(x)
    if full_matrices and x.shape[-1] != x.shape[-2]:
        raise ValueError("svd: the vectors of full_matrices=True have no gradient; write full_matrices=False")
    return Singular(_singular(x), _left(x), _right(x))


LINALG: dict[str, Callable[..., object]] = {"cholesky": cholesky, "eigvalsh": eigvalsh, "eigh": eigh, "svd": svd}
