"""Powers and the exponential of matrices, with their Frechet derivatives as gradients, and pseudo-inverses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import index as as_int
from typing import SupportsIndex

import sympy

from tracer.nest import shown
from tracer.ops.contraction import broadcast_to, matmul, matrix_transpose
from tracer.ops.creation import eye, zeros
from tracer.ops.inverses import inv
from tracer.ops.matrix_domains import has_full_rank
from tracer.ops.matrix_rows import (
    blocks,
    determinant,
    each,
    inverse,
    inverse_cost,
    matrices,
    row,
    square,
)  # fmt: skip
from tracer.ops.structure import concat
from tracer.python_code import Code
from tracer.python_scope import Operation, Scope
from tracer.rules import Domain, Facts
from tracer.tensor import Tensor, TensorLike, as_operand, record_tensor
from tracer.values import as_literal


def _along(function: str, params: object, x: Tensor, direction: Tensor) -> Tensor:
    """The derivative of a function at a matrix in a direction."""
    return record_tensor(FRECHET[function], (x, direction), params, x.shape, x.dtype)


def function_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    return _along(node.op, node.params, matrix_transpose(node.args[0]), cotangent)


def _pair(x: Tensor, corner: Tensor) -> Tensor:
    """``[[X, C], [0, X]]``."""
    upper = concat([x, corner], -1)
    return concat([upper, concat([zeros(x.shape, x.dtype), x], -1)], -2)


def along_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    """Linear in the direction; by the matrix, the derivative of a block of a function is one of a larger matrix."""
    x, direction = node.args
    function = node.op.removesuffix("_frechet")
    if position == 1:
        return _along(function, node.params, matrix_transpose(x), cotangent)
    n = x.shape[-1]
    corner = _pair(zeros(x.shape, x.dtype), cotangent)
    whole = _along(function, node.params, matrix_transpose(_pair(x, direction)), corner)
    return whole[..., :n, :n] + whole[..., n:, n:]


def _expm_of(m: sympy.Matrix) -> sympy.Matrix:
    if m.rows < 2:
        return m.applyfunc(sympy.exp)
    if m.rows > 2:
        raise ValueError(
            f"the exponential of a matrix of shape ({m.rows}, {m.rows}) has no closed form by its elements; "
            'the forms "matrix" and "steps" are available'
        )
    half = m.trace() / 2
    rest = m - half * sympy.eye(2)
    root = sympy.sqrt(-determinant(rest))
    return sympy.exp(half) * (sympy.cosh(root) * sympy.eye(2) + sympy.sinh(root) / root * rest)


def _expm_frechet_components(
    node: Tensor, x: Sequence[sympy.Expr], direction: Sequence[sympy.Expr]
) -> list[sympy.Expr]:
    found: list[sympy.Expr] = []
    t = sympy.Dummy("t")
    for a, b in zip(blocks(x, node.shape), blocks(direction, node.shape)):
        found += _expm_of(a + t * b).diff(t).subs(t, 0) if a.rows else []
    return found


EXPM = row(
    "expm",
    function_pullback,
    numpy=lambda e, node, x: e.linalg.expm(x),
    components=each(_expm_of),
    facts=Facts(transposes=True),
)


POWER = row(
    "matrix_power",
    function_pullback,
    numpy=lambda e, node, x: e.np.linalg.matrix_power(x, node.params),
)


FRECHET = {
    "expm": row(
        "expm_frechet",
        along_pullback,
        numpy=lambda e, node, x, direction: e.expm_frechet(x, direction),
        components=_expm_frechet_components,
        facts=Facts(linear=True),
    ),
    "matrix_power": row(
        "matrix_power_frechet",
        along_pullback,
        numpy=lambda e, node, x, direction: e.matrix_power_frechet(x, direction, node.params),
        facts=Facts(linear=True),
    ),
}


def matrix_power(input: TensorLike, n: SupportsIndex | sympy.Expr, name: str | None = None) -> Tensor:
    """Integer powers of square matrices, by repeated squaring; negative ones are powers of the inverse.

    Parameters
    ----------
    input : tensor or array
        Of shape ``(..., m, m)``.
    n : int or sympy expression in dimensions
        The exponent.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    TypeError
        If the exponent is not an integer.

    Examples
    --------
    >>> import tracer
    >>> X = tracer.placeholder("X", shape=("n", "n"))
    >>> tracer.linalg.matrix_power(X, 3).formula()
    X**3
    """
    x = square("matrix_power", input)
    if isinstance(n, sympy.Expr) and n.free_symbols and n.is_integer:
        return record_tensor(POWER, (x,), as_operand(n), x.shape, x.dtype)
    try:
        exponent = as_int(n)
    except TypeError:
        raise TypeError(
            f"matrix_power takes an integer exponent, got {shown(n)}; expm and eigh make other powers"
        ) from None
    if exponent < 0:
        x, exponent = inv(x), -exponent
    if exponent == 0:
        return broadcast_to(eye(x.shape[-1], dtype=x.dtype), x.shape)
    result: Tensor | None = None
    while True:
        if exponent % 2:
            result = x if result is None else matmul(result, x)
        exponent //= 2
        if not exponent:
            assert result is not None
            return result
        x = matmul(x, x)


def expm(input: TensorLike, name: str | None = None) -> Tensor:
    """The exponential of square matrices.

    Its gradient is the Frechet derivative ``L(X^T, G)``, the upper right block of the exponential of
    ``[[X^T, G], [0, X^T]]``.

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
    Higham, Functions of Matrices, 2008, section 10.3 for the value, eq. 3.16 for the derivative.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.expm([[0.0, 1.0], [0.0, 0.0]]).numpy()
    array([[1., 1.],
           [0., 1.]])
    """
    x = square("expm", input)
    return record_tensor(EXPM, (x,), None, x.shape, x.dtype)


def _pinv_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    x = node.args[0]
    m, n = x.shape[-2:]
    smaller = None if isinstance(m, sympy.Expr) or isinstance(n, sympy.Expr) else (m > n) - (m < n)
    back = matrix_transpose(cotangent)
    total = -matmul(matmul(node, cotangent, transpose_a=True), node, transpose_b=True)
    if m != n and smaller != -1:
        residual = back - matmul(x, matmul(node, back))
        total = total + matmul(residual, matmul(node, node, transpose_b=True))
    if m != n and smaller != 1:
        residual = back - matmul(matmul(back, node), x)
        total = total + matmul(matmul(node, node, transpose_a=True), residual)
    return total


def _pinv_of(m: sympy.Matrix) -> sympy.Matrix:
    if m.rows >= m.cols:
        return inverse(m.T * m) * m.T
    return m.T * inverse(m * m.T)


def _pinv_source(e: Scope, node: Operation, x: Code) -> Code:
    if node.params is None:
        return e.np.linalg.pinv(x)
    return e.np.linalg.pinv(x, rtol=None if node.params < 0 else node.params)


PINV = row(
    "pinv",
    _pinv_pullback,
    numpy=_pinv_source,
    components=each(_pinv_of),
    components_cost=lambda node: inverse_cost(node) * max(node.args[0].shape[-2:]),
    facts=Facts(transposes=True),
    domain=Domain(derivative=has_full_rank),
)


MACHINE = -1.0
"""Stands for the rounding of the larger dimension, NumPy's ``rtol=None``."""


def pinv(
    a: TensorLike, rcond: TensorLike | None = None, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """The Moore-Penrose inverse of matrices.

    Parameters
    ----------
    a : tensor or array
        Of shape ``(..., m, n)``; the gradient holds where the rank is the smaller of m and n.
    rcond : number, optional
        Singular values up to this share of the largest count as zero, by default 1e-15.
    validate_args : bool, optional
        Accepted for TensorFlow's sake.

    Returns
    -------
    Tensor
        Of shape ``(..., n, m)``.

    Raises
    ------
    TypeError
        If ``rcond`` is no number.

    References
    ----------
    Golub and Pereyra, The differentiation of pseudo-inverses and nonlinear least squares problems whose variables
    separate, 1973, eq. 4.12.

    Examples
    --------
    >>> import tracer
    >>> tracer.linalg.pinv([[1.0], [1.0]]).numpy()
    array([[0.5, 0.5]])
    """
    x = matrices("pinv", a)
    share = as_literal(rcond)
    if rcond is not None and not isinstance(share, (int, float)):
        raise TypeError(f"the rcond of pinv must be a number, got {shown(rcond)}")
    return record_tensor(PINV, (x,), share, (*x.shape[:-2], x.shape[-1], x.shape[-2]), x.dtype)


LINALG: dict[str, Callable[..., object]] = {
    "matrix_power": matrix_power,
    "pinv": pinv,
    "expm": expm,
}
