"""Linear systems, and least squares."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import sympy

from tracer import shapes
from tracer.dtypes import FLOATS, promote
from tracer.ops.casting import cast
from tracer.ops.contraction import Contraction, expand_dims, matmul, matrix_transpose, unbroadcast
from tracer.ops.creation import eye
from tracer.ops.diagonal import band_part
from tracer.ops.matrix_domains import is_invertible
from tracer.ops.matrix_rows import (
    blocks,
    inverse,
    inverse_cost,
    matrices,
    minors_cost,
    row,
    square,
)  # fmt: skip
from tracer.ops.powers import MACHINE, pinv
from tracer.python_code import Code
from tracer.python_scope import Operation, Scope
from tracer.rules import Domain, Facts
from tracer.shapes import Shape
from tracer.tensor import Operand, Tensor, TensorLike, as_tensor, record_tensor


class System(NamedTuple):
    """Whether the matrices of a system are transposed, and whether the right-hand sides are vectors."""

    adjoint: bool
    vector: bool


def _solve_shape(a: Tensor, b: Tensor, vector: bool) -> Shape:
    tail = 1 if vector else 2
    if a.shape[-1] != b.shape[-tail]:
        raise ValueError(
            f"solve: {a.name} of shape {shapes.show(a.shape)} and a right-hand side of shape {shapes.show(b.shape)} "
            f"differ in the dimension of the equations, {a.shape[-1]} and {b.shape[-tail]}"
        )
    names = [f"the batch of {t.name}" for t in (a, b)]
    return (*shapes.broadcast(a.shape[:-2], b.shape[:-tail], names=names), *b.shape[-tail:])


def record_solve(a: Tensor, b: Tensor, system: System) -> Tensor:
    """The solution of linear systems."""
    return record_tensor(SOLVE, (a, b), system, _solve_shape(a, b, system.vector), promote(a.dtype, b.dtype))


def _solve_pullback(node: Tensor, cotangent: Tensor, position: int) -> Operand:
    a, b = node.args
    adjoint, vector = node.params
    back = record_solve(a, cotangent, System(not adjoint, vector))
    if position == 1:
        return unbroadcast(back, node.shape, b.shape)
    left, right = (node, back) if adjoint else (back, node)
    if vector:
        left, right = expand_dims(left, -1), expand_dims(right, -2)
    product = matmul(left, right, transpose_b=not vector)
    return unbroadcast(-product, product.shape, a.shape)


def _solve_source(e: Scope, node: Operation, a: Code, b: Code) -> Code:
    adjoint, vector = node.params
    solve, (left, right) = e.refusing(e.np.linalg.solve), node.operands
    if adjoint:
        a = e.np.swapaxes(a, -1, -2) if len(left.shape) > 2 else e.np.transpose(a)
    if vector and (len(left.shape) > 2 or len(right.shape) > 1):
        return solve(a, e.np.expand_dims(b, -1))[..., 0]
    return solve(a, b)


def _solve_components(node: Tensor, a: Sequence[sympy.Expr], b: Sequence[sympy.Expr]) -> list[sympy.Expr]:
    adjoint, vector = node.params
    tail = 1 if vector else 2
    batch = node.shape[: node.ndim - tail]
    right = (*node.args[1].shape, 1) if vector else node.args[1].shape
    found: list[sympy.Expr] = []
    for m, r in zip(blocks(a, node.args[0].shape, batch), blocks(b, right, batch)):
        found += inverse(m.T if adjoint else m) * r
    return found


def _solve_cost(node: Tensor) -> int:
    shape: tuple[int, ...] = node.shape
    return inverse_cost(node) + math.prod(shape) * minors_cost(node.args[0].shape[-1])


def _solve_batch(node: Tensor, axes: int, a: Tensor, b: Tensor) -> Tensor:
    """Where one matrix serves all right-hand sides, they are the columns of one system: it is factorised once."""
    shared = _unrepeated(a, axes)
    adjoint, vector = node.params
    if vector and shared.ndim == b.ndim == 2:
        return matrix_transpose(record_solve(shared, matrix_transpose(b), System(adjoint, False)))
    return record_solve(shared, b, node.params)


def _unrepeated(tensor: Tensor, axes: int) -> Tensor:
    """The tensor without leading axes along which it is only repeated, where that can be seen."""
    if type(tensor.rule) is Contraction and len(tensor.args) == 1:
        (labels,), output, scale = tensor.params
        if labels == output[axes:] and scale == 1:
            shared: Tensor = tensor.args[0]
            return shared
    return tensor


SOLVE = row(
    "solve",
    _solve_pullback,
    numpy=_solve_source,
    components=_solve_components,
    components_cost=_solve_cost,
    batch=_solve_batch,
    facts=Facts(linear=True),
    domain=Domain(is_invertible),
)


def solve(matrix: TensorLike, rhs: TensorLike, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The solution X of linear systems ``A X = B``.

    With ``P = A^-T`` the gradients are ``P G`` by B and ``-P G X^T`` by A.

    Parameters
    ----------
    matrix : tensor or array
        A, of shape ``(..., n, n)``.
    rhs : tensor or array
        B, of shape ``(..., n, m)``, or of shape ``(n,)``; batches broadcast.
    adjoint : bool, optional
        Whether to solve with the transpose of A.

    Returns
    -------
    Tensor
        Of the shape of B, broadcast to the batch of A.

    Raises
    ------
    ValueError
        If A is not square, or the numbers of equations differ.

    References
    ----------
    Giles, Collected matrix derivative results for forward and reverse mode, 2008, section 2.3.1.

    Examples
    --------
    >>> import tracer
    >>> A, b = tracer.placeholder("A", shape=("n", "n")), tracer.placeholder("b", shape=("n",))
    >>> tracer.linalg.solve(A, b).formula()
    A**(-1)*b
    """
    a, b = square("solve", matrix), as_tensor(rhs)
    if b.ndim == 0:
        raise ValueError(f"solve takes a vector or matrix on the right, {b.name} is a scalar")
    if b.dtype not in FLOATS:
        b = cast(b, "float64")
    return record_solve(a, b, System(bool(adjoint), b.ndim == 1))


def triangular_solve(
    matrix: TensorLike, rhs: TensorLike, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Tensor:
    """The solution of linear systems with triangular matrices; the other triangle is not looked at.

    Parameters
    ----------
    matrix, rhs, adjoint
        As for :func:`solve`.
    lower : bool, optional
        Whether the matrices are lower triangular.

    Returns
    -------
    Tensor
        As of :func:`solve`.

    References
    ----------
    Golub and Van Loan, Matrix Computations, section 3.1.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.triangular_solve([[2.0, 9.0], [1.0, 4.0]], [[2.0], [9.0]]).numpy()
    array([[1.],
           [2.]])
    """
    a = square("triangular_solve", matrix)
    return solve(band_part(a, -1, 0) if lower else band_part(a, 0, -1), rhs, adjoint)


def cholesky_solve(chol: TensorLike, rhs: TensorLike, name: str | None = None) -> Tensor:
    """The solution of ``L L^T X = B``, given the factor L: two triangular systems.

    Parameters
    ----------
    chol : tensor or array
        L, of shape ``(..., n, n)``; what is above its diagonal is not looked at.
    rhs : tensor or array
        B, of shape ``(..., n, m)`` or ``(n,)``.

    Returns
    -------
    Tensor
        Of the shape of B, broadcast to the batch of L.

    References
    ----------
    Golub and Van Loan, Matrix Computations, section 4.2.

    Examples
    --------
    >>> import tracer
    >>> L = tracer.linalg.cholesky([[4.0, 2.0], [2.0, 5.0]])
    >>> tracer.linalg.cholesky_solve(L, [[4.0], [2.0]]).numpy()
    array([[1.],
           [0.]])
    """
    factor = square("cholesky_solve", chol)
    return triangular_solve(factor, triangular_solve(factor, rhs), adjoint=True)


def lstsq(
    matrix: TensorLike, rhs: TensorLike, l2_regularizer: float = 0.0, fast: bool = True, name: str | None = None
) -> Tensor:
    """The least-squares solution of ``A X = B`` of least norm; with a regulariser, that of the normal equations.

    Parameters
    ----------
    matrix : tensor or array
        A, of shape ``(..., m, n)``; the gradient by it holds where the rank is the smaller of m and n.
    rhs : tensor or array
        B, of shape ``(..., m, k)``.
    l2_regularizer : number or scalar tensor, optional
        The weight of the squares of X.
    fast : bool, optional
        Accepted for TensorFlow's sake.

    Returns
    -------
    Tensor
        X, of shape ``(..., n, k)``.

    References
    ----------
    Golub and Van Loan, Matrix Computations, section 5.5.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.lstsq([[1.0], [1.0]], [[1.0], [3.0]]).numpy()
    array([[2.]])
    """
    a, b = matrices("lstsq", matrix), matrices("lstsq", rhs)
    if not isinstance(l2_regularizer, Tensor) and not l2_regularizer:
        return matmul(pinv(a, MACHINE), b)
    m, n = a.shape[-2:]
    wide = isinstance(m, int) and isinstance(n, int) and m < n
    gram = matmul(a, a, transpose_a=not wide, transpose_b=wide)
    gram = gram + l2_regularizer * eye(gram.shape[-1], dtype=gram.dtype)
    if wide:
        return matmul(a, solve(gram, b), transpose_a=True)
    return solve(gram, matmul(a, b, transpose_a=True))


LINALG: dict[str, Callable[..., object]] = {
    "solve": solve,
    "triangular_solve": triangular_solve,
    "cholesky_solve": cholesky_solve,
    "lstsq": lstsq,
}
