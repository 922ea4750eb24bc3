"""Inverses, determinants, linear systems and functions of matrices, with gradients for general arguments.

A row is what is neither a contraction nor a composition of others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import index as as_int
from typing import Any, NamedTuple

import sympy

from tracer import shapes
from tracer.dtypes import FLOATS, promote
from tracer.nest import shown
from tracer.ops.casting import cast
from tracer.ops.contraction import Contraction, broadcast_to, expand_dims, matmul, matrix_transpose, unbroadcast
from tracer.ops.creation import eye, zeros
from tracer.ops.diagonal import band_part
from tracer.ops.matrix_rows import (
    blocks,
    determinant,
    determinant_cost,
    each,
    inverse,
    inverse_cost,
    matrices,
    minors_cost,
    per_matrix,
    row,
    square,
    times,
)  # fmt: skip
from tracer.ops.structure import concat
from tracer.python_code import Code, Operation, Scope
from tracer.rules import Facts, Op
from tracer.shapes import Shape
from tracer.tensor import Operand, Tensor, as_operand, as_tensor
from tracer.values import as_literal

# The inverse and determinants.


def _inv_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    return -matmul(matmul(node, cotangent, transpose_a=True), node, transpose_b=True)


INV = row(
    "inv",
    _inv_pullback,
    numpy=lambda e, node, x: e.refusing(e.np.linalg.inv)(x),
    components=each(inverse),
    components_cost=inverse_cost,
)


def inv(input: Operand, adjoint: bool = False, name: str | None = None) -> Tensor:
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
    return Tensor(INV, (matrix_transpose(x) if adjoint else x,), None, x.shape, x.dtype)


def _det_pullback(node: Tensor, cotangent: Any, position: int) -> Any:
    return times(per_matrix(times(cotangent, node)), matrix_transpose(inv(node.args[0])))


def _logdet_pullback(node: Tensor, cotangent: Any, position: int) -> Any:
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
    numpy=lambda e, node, x: e.unpack(
        ("sign", "logabsdet"), e.np.linalg.slogdet(x), lambda sign, logabsdet: e.np.log(sign) + logabsdet
    ),
    components=each(lambda m: sympy.log(determinant(m))),
    components_cost=determinant_cost,
)
SIGN = row(
    "slogdet_sign",
    lambda node, cotangent, position: 0,
    implicit=True,
    numpy=lambda e, node, x: e.np.linalg.slogdet(x)[0],
    components=each(lambda m: sympy.sign(determinant(m))),
    components_cost=determinant_cost,
)
LOGABSDET = row(
    "slogdet_log",
    _logdet_pullback,
    implicit=True,
    numpy=lambda e, node, x: e.np.linalg.slogdet(x)[1],
    components=each(lambda m: sympy.log(sympy.Abs(determinant(m)))),
    components_cost=determinant_cost,
)


def _per_matrix(op: Op, x: Tensor) -> Tensor:
    return Tensor(op, (x,), None, x.shape[:-2], x.dtype)


def det(input: Operand, name: str | None = None) -> Tensor:
    """The determinant of square matrices.

    Its gradient is ``g*det(X)*X^-T``.

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


def logdet(matrix: Operand, name: str | None = None) -> Tensor:
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


def slogdet(input: Operand, name: str | None = None) -> Slogdet:
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


# Linear systems.


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


def _record_solve(a: Tensor, b: Tensor, system: System) -> Tensor:
    return Tensor(SOLVE, (a, b), system, _solve_shape(a, b, system.vector), promote(a.dtype, b.dtype))


def _solve_pullback(node: Tensor, cotangent: Tensor, position: int) -> Any:
    a, b = node.args
    adjoint, vector = node.params
    back = _record_solve(a, cotangent, System(not adjoint, vector))
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


def _solve_components(node: Tensor, a: Sequence[Any], b: Sequence[Any]) -> list[Any]:
    adjoint, vector = node.params
    tail = 1 if vector else 2
    batch = node.shape[: node.ndim - tail]
    right = (*node.args[1].shape, 1) if vector else node.args[1].shape
    found: list[Any] = []
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
        return matrix_transpose(_record_solve(shared, matrix_transpose(b), System(adjoint, False)))
    return _record_solve(shared, b, node.params)


def _unrepeated(tensor: Tensor, axes: int) -> Tensor:
    """The tensor without leading axes along which it is only repeated, where that can be seen."""
    if type(tensor.rule) is Contraction and len(tensor.args) == 1:
        (labels,), output, scale = tensor.params
        if labels == output[axes:] and scale == 1:
            return tensor.args[0]  # type: ignore[no-any-return]
    return tensor


SOLVE = row(
    "solve",
    _solve_pullback,
    numpy=_solve_source,
    components=_solve_components,
    components_cost=_solve_cost,
    batch=_solve_batch,
    facts=Facts(linear=True),
)


def solve(matrix: Operand, rhs: Operand, adjoint: bool = False, name: str | None = None) -> Tensor:
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
    return _record_solve(a, b, System(bool(adjoint), b.ndim == 1))


def triangular_solve(
    matrix: Operand, rhs: Operand, lower: bool = True, adjoint: bool = False, name: str | None = None
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


def cholesky_solve(chol: Operand, rhs: Operand, name: str | None = None) -> Tensor:
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
    matrix: Operand, rhs: Operand, l2_regularizer: Any = 0.0, fast: bool = True, name: str | None = None
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


# Functions of a matrix.


def matrix_power(input: Operand, n: Any, name: str | None = None) -> Tensor:
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
        return Tensor(POWER, (x,), as_operand(n), x.shape, x.dtype)
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
)
MACHINE = -1.0
"""Stands for the rounding of the larger dimension, NumPy's ``rtol=None``."""


def pinv(a: Operand, rcond: Any = None, validate_args: bool = False, name: str | None = None) -> Tensor:
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
    share = None if rcond is None else as_literal(rcond)
    if rcond is not None and not isinstance(share, (int, float)):
        raise TypeError(f"the rcond of pinv must be a number, got {shown(rcond)}")
    return Tensor(PINV, (x,), share, (*x.shape[:-2], x.shape[-1], x.shape[-2]), x.dtype)


# Functions with a Frechet derivative: a block of the function of a block-triangular matrix.


def _along(function: str, params: Any, x: Tensor, direction: Tensor) -> Tensor:
    """The derivative of a function at a matrix in a direction."""
    return Tensor(FRECHET[function], (x, direction), params, x.shape, promote(x.dtype, direction.dtype))


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


def _expm_frechet_components(node: Tensor, x: Sequence[Any], direction: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    t = sympy.Dummy("t")
    for a, b in zip(blocks(x, node.shape), blocks(direction, node.shape)):
        found += _expm_of(a + t * b).diff(t).subs(t, 0) if a.rows else []
    return found


EXPM = row(
    "expm",
    function_pullback,
    numpy=lambda e, node, x: e.expm(x),
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


def expm(input: Operand, name: str | None = None) -> Tensor:
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
    return Tensor(EXPM, (x,), None, x.shape, x.dtype)


LINALG: dict[str, Any] = {
    "inv": inv, "det": det, "logdet": logdet, "slogdet": slogdet, "solve": solve, "triangular_solve": triangular_solve,
    "cholesky_solve": cholesky_solve, "lstsq": lstsq, "matrix_power": matrix_power, "pinv": pinv, "expm": expm,
}  # fmt: skip
