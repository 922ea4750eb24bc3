"""Inverses and determinants, with gradients for general arguments.

A row is what is neither a contraction nor a composition of others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import sympy

from tracer.ops.cofactors import record_cofactors
from tracer.ops.contraction import matmul, matrix_transpose
from tracer.ops.matrix_domains import has_positive_determinant, is_invertible
from tracer.ops.matrix_rows import (
    determinant,
    determinant_cost,
    each,
    inverse,
    inverse_cost,
    per_matrix,
    row,
    square,
    times,
)  # fmt: skip
from tracer.rules import Domain, Op
from tracer.tensor import Operand, Tensor, TensorLike, record_tensor


def _inv_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    return -matmul(matmul(node, cotangent, transpose_a=True), node, transpose_b=True)


INV = row(
    "inv",
    _inv_pullback,
    numpy=lambda e, node, x: e.refusing(e.np.linalg.inv)(x),
    components=each(inverse),
    components_cost=inverse_cost,
    domain=Domain(is_invertible),
)


def inv(input: TensorLike, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The inverse of square matrices.

    Its gradient is ``-X^-T G X^-T``.

    Parameters
    ----------
    input : tensor or array
        Of shape ``(..., n, n)``.
    adjoint : bool, optional
        Whether to invert the transposes.

    Returns
    -------
    Tensor
        Of the same shape.

    References
    ----------
    Giles, Collected matrix derivative results for forward and reverse mode, 2008, section 2.2.3.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.inv(tracer.placeholder("X", shape=("n", "n"))).formula()
    X**(-1)
    """
    x = square("inv", input)
    return record_tensor(INV, (matrix_transpose(x) if adjoint else x,), None, x.shape, x.dtype)


def _det_pullback(node: Tensor, cotangent: Operand, position: int) -> Tensor:
    return times(per_matrix(cotangent), record_cofactors(node.args[0]))


def _logdet_pullback(node: Tensor, cotangent: Operand, position: int) -> Tensor:
    return times(per_matrix(cotangent), matrix_transpose(inv(node.args[0])))


DET = row(
    "det",
    _det_pullback,
    implicit=True,
    numpy=lambda e, node, x: e.np.linalg.det(x),
    components=each(determinant),
    components_cost=determinant_cost,
)
LOGDET = row(
    "logdet",
    _logdet_pullback,
    implicit=True,
    numpy=lambda e, node, x: e.logdet(x),
    components=each(lambda m: sympy.log(determinant(m))),
    components_cost=determinant_cost,
    domain=Domain(has_positive_determinant),
)
SIGN = row(
    "slogdet_sign",
    lambda node, cotangent, position: 0,
    implicit=True,
    numpy=lambda e, node, x: e.np.linalg.slogdet(x)[0],
    components=each(lambda m: sympy.sign(determinant(m))),
    components_cost=determinant_cost,
    domain=Domain(kinks=is_invertible),
)
LOGABSDET = row(
    "slogdet_log",
    _logdet_pullback,
    implicit=True,
    numpy=lambda e, node, x: e.np.linalg.slogdet(x)[1],
    components=each(lambda m: sympy.log(sympy.Abs(determinant(m)))),
    components_cost=determinant_cost,
    domain=Domain(is_invertible),
)


def _per_matrix(op: Op, x: Tensor) -> Tensor:
    return record_tensor(op, (x,), None, x.shape[:-2], x.dtype)


def det(input: TensorLike, name: str | None = None) -> Tensor:
    """The determinant of square matrices.

    Its gradient is ``g*det(X)*X^-T``; where X has no inverse its value is that of the cofactors, which are polynomials.

    Parameters
    ----------
    input : tensor or array
        Of shape ``(..., n, n)``.

    Returns
    -------
    Tensor
        Of the shape of the batch.

    References
    ----------
    Giles, Collected matrix derivative results for forward and reverse mode, 2008, section 2.2.4.

    Examples
    --------
    >>> import tracer
    >>> X = tracer.placeholder("X", shape=("n", "n"))
    >>> tracer.gradients(tracer.linalg.det(X), X)[0].formula()
    Determinant(X)*(X**(-1)).T
    """
    return _per_matrix(DET, square("det", input))


def logdet(matrix: TensorLike, name: str | None = None) -> Tensor:
    """The logarithm of the determinant of square matrices, NaN where the determinant is negative.

    Unlike ``log(det(X))`` it neither overflows nor underflows. Its gradient is ``g*X^-T``.

    Parameters
    ----------
    matrix : tensor or array
        Of shape ``(..., n, n)``.

    Returns
    -------
    Tensor
        Of the shape of the batch.

    References
    ----------
    Petersen and Pedersen, The Matrix Cookbook, 2012, eq. 57.

    Examples
    --------
    >>> import tracer
    >>> X = tracer.placeholder("X", shape=("n", "n"))
    >>> tracer.gradients(tracer.linalg.logdet(X), X)[0].formula()
    (X**(-1)).T
    """
    return _per_matrix(LOGDET, square("logdet", matrix))


class Slogdet(NamedTuple):
    """The sign of a determinant and the logarithm of its absolute value."""

    sign: Tensor
    log_abs_determinant: Tensor


def slogdet(input: TensorLike, name: str | None = None) -> Slogdet:
    """The sign of the determinant of square matrices and the logarithm of its absolute value.

    The gradient by the logarithm is ``g*X^-T``; none flows through the sign.

    Parameters
    ----------
    input : tensor or array
        Of shape ``(..., n, n)``.

    Returns
    -------
    sign, log_abs_determinant : Tensor
        Of the shape of the batch.

    Examples
    --------
    >>> import tracer
    >>> sign, log = tracer.linalg.slogdet([[0.0, 2.0], [3.0, 0.0]])
    >>> float(sign), round(float(log), 6)
    (-1.0, 1.791759)
    """
    x = square("slogdet", input)
    return Slogdet(_per_matrix(SIGN, x), _per_matrix(LOGABSDET, x))


LINALG: dict[str, Callable[..., object]] = {"inv": inv, "det": det, "logdet": logdet, "slogdet": slogdet}
