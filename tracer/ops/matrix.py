"""Matrix functions of the last two axes, batched over the others, with gradients for general arguments.

A row is a function that is not a contraction; everything that can be written by rows and contractions is.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import sympy

from tracer import shapes
from tracer.ops.contraction import Contraction, expand_dims, matmul, matrix_transpose, reduce_sum, unbroadcast
from tracer.rules import FLOATS, TABLE, Op, register
from tracer.shapes import Shape
from tracer.tensor import Operand, Tensor, apply, as_tensor, hooks, promote

GILES = "Giles, Collected matrix derivative results, 2008"


def matrices(name: str, value: Operand) -> Tensor:
    """The value as a tensor of matrices, of a floating dtype."""
    tensor = as_tensor(value)
    if tensor.ndim < 2:
        raise ValueError(
            f"{name} takes a matrix or a batch of matrices, {tensor.name} has shape {shapes.show(tensor.shape)}; "
            "add axes with expand_dims"
        )
    return tensor if tensor.dtype in FLOATS else hooks["cast"](tensor, "float64")  # type: ignore[no-any-return]


def square(name: str, value: Operand) -> Tensor:
    """The value as a tensor of square matrices, of a floating dtype."""
    tensor = matrices(name, value)
    if tensor.shape[-1] != tensor.shape[-2]:
        raise ValueError(
            f"{name} takes square matrices, {tensor.name} has shape {shapes.show(tensor.shape)}; "
            "give its last two dimensions the same name or size"
        )
    return tensor


def again(node: Tensor, axes: int, *operands: Tensor) -> Tensor:
    """The operation with leading batch axes, which it has anyway."""
    dims = operands[0].shape[:axes]
    return Tensor(node.rule, operands, node.params, (*dims, *node.shape), node.dtype)


def row(name: str, pullback: Callable[..., Any], implicit: bool = False, **forms: Any) -> Op:
    """Add the row of a function of matrices, which is batched as it stands."""
    return register(Op(name, pullback, implicit=implicit, **{"batch": again, **forms}))


def blocks(flat: Sequence[Any], shape: Shape, batch: Shape = ()) -> Iterator[sympy.Matrix]:
    """The matrices of a flat list, those of smaller batches repeated to ``batch``."""
    *head, rows, columns = shape
    size = rows * columns
    for place in itertools.product(*map(range, batch or head)):
        start = 0
        for k, d in zip(place[len(place) - len(head) :], head):
            start = start * d + (k if d != 1 else 0)
        yield sympy.Matrix(rows, columns, flat[start * size : (start + 1) * size])


def each(function: Callable[[sympy.Matrix], Any]) -> Callable[..., list[Any]]:
    """Components of a function of one matrix, from its answer for each."""

    def components(node: Tensor, flat: Sequence[Any]) -> list[Any]:
        found: list[Any] = []
        for m in blocks(flat, node.args[0].shape):
            answer = function(m)
            found += answer if isinstance(answer, sympy.MatrixBase) else [answer]
        return found

    return components


def determinant(m: sympy.Matrix) -> sympy.Expr:
    """The determinant, without divisions."""
    return m.det(method="berkowitz")


def inverse(m: sympy.Matrix) -> sympy.Matrix:
    """The inverse, as the adjugate divided by the determinant."""
    return m.adjugate(method="berkowitz") / determinant(m) if m.rows else m


def per_matrix(cotangent: Any) -> Any:
    """A cotangent of scalars as a factor of matrices."""
    return expand_dims(cotangent, (-2, -1)) if type(cotangent) is Tensor and cotangent.ndim else cotangent


def times(x: Any, y: Any) -> Any:
    """The elementwise product, a factor of one left out."""
    return y if type(x) is not Tensor and x == 1 else apply(TABLE["multiply"], (x, y))


# The inverse and determinants.


def _inv_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    return -matmul(matmul(node, cotangent, transpose_a=True), node, transpose_b=True)


INV = row(
    "inv",
    _inv_pullback,
    numpy=lambda e, node, x: f"np.linalg.inv({x})",
    components=each(inverse),
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
    numpy=lambda e, node, x: f"np.linalg.det({x})",
    components=each(determinant),
)
LOGDET = row(
    "logdet",
    _logdet_pullback,
    implicit=True,
    numpy=lambda e, node, x: f"(lambda sign, logabsdet: np.log(sign) + logabsdet)(*np.linalg.slogdet({x}))",
    components=each(lambda m: sympy.log(determinant(m))),
)
SIGN = row(
    "slogdet_sign",
    lambda node, cotangent, position: 0,
    implicit=True,
    numpy=lambda e, node, x: f"np.linalg.slogdet({x})[0]",
    components=each(lambda m: sympy.sign(determinant(m))),
)
LOGABSDET = row(
    "slogdet_log",
    _logdet_pullback,
    implicit=True,
    numpy=lambda e, node, x: f"np.linalg.slogdet({x})[1]",
    components=each(lambda m: sympy.log(sympy.Abs(determinant(m)))),
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


def _solve_source(e: Any, node: Tensor, a: str, b: str) -> str:
    adjoint, vector = node.params
    if adjoint:
        a = f"np.swapaxes({a}, -1, -2)" if node.args[0].ndim > 2 else f"np.transpose({a})"
    if vector and (node.args[0].ndim > 2 or node.args[1].ndim > 1):
        return f"np.linalg.solve({a}, np.expand_dims({b}, -1))[..., 0]"
    return f"np.linalg.solve({a}, {b})"


def _solve_components(node: Tensor, a: Sequence[Any], b: Sequence[Any]) -> list[Any]:
    adjoint, vector = node.params
    tail = 1 if vector else 2
    batch = node.shape[: node.ndim - tail]
    right = (*node.args[1].shape, 1) if vector else node.args[1].shape
    found: list[Any] = []
    for m, r in zip(blocks(a, node.args[0].shape, batch), blocks(b, right, batch)):
        found += inverse(m.T if adjoint else m) * r
    return found


def _solve_batch(node: Tensor, axes: int, a: Tensor, b: Tensor) -> Tensor:
    """One factorisation serves all right-hand sides where the matrices are the same along the new axes."""
    return _record_solve(_unrepeated(a, axes), b, node.params)


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
    batch=_solve_batch,
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
        b = hooks["cast"](b, "float64")
    return _record_solve(a, b, System(bool(adjoint), b.ndim == 1))


# Norms.


def norm(
    tensor: Operand, ord: Any = "euclidean", axis: Any = None, keepdims: bool | None = None, name: str | None = None
) -> Tensor:
    """Norms of vectors and matrices.

    Parameters
    ----------
    tensor : tensor or array
    ord : str or number, optional
        ``"euclidean"`` and ``"fro"`` (the square root of the sum of squares); for vectors any positive number and
        infinity; for matrices 1, 2 and infinity.
    axis : int, pair of int or None
        The axis of vectors, or the two axes of matrices; None takes all elements as one vector.
    keepdims : bool, optional
        Whether the axes stay, with size 1.

    Returns
    -------
    Tensor

    Raises
    ------
    ValueError
        If there is no such norm, or the axes are more than two.

    Examples
    --------
    >>> import tracer
    >>> float(tracer.norm([3.0, 4.0])), float(tracer.norm([3.0, -4.0], ord=1))
    (5.0, 7.0)
    """
    x = as_tensor(tensor)
    if x.dtype not in FLOATS:
        x = hooks["cast"](x, "float64")
    pair = isinstance(axis, (list, tuple)) and len(axis) == 2
    if isinstance(axis, (list, tuple)) and len(axis) not in (1, 2):
        raise ValueError(f"norm: axis is an int, a pair of ints for matrices, or None, got {axis!r}")
    keep = bool(keepdims)
    if ord in ("euclidean", "fro") or ord == 2 and not pair:
        if ord == "fro" and not pair and axis is not None:
            raise ValueError(f"norm: the Frobenius norm is of matrices, give two axes or None, got axis={axis!r}")
        return apply(TABLE["sqrt"], (reduce_sum(apply(TABLE["square"], (x,)), axis, keep),))
    size = abs(x)
    if ord == float("inf"):
        return _maximum(reduce_sum(size, axis[1], True), axis, keep) if pair else _maximum(size, axis, keep)
    if pair and ord == 1:
        return _maximum(reduce_sum(size, axis[0], True), axis, keep)
    if ord == 1:
        return reduce_sum(size, axis, keep)
    if pair or isinstance(ord, str) or not ord > 0:
        raise ValueError(
            f"norm: there is no norm {ord!r} of {'matrices' if pair else 'vectors'} here; write 'euclidean', 1, 2 or "
            "infinity" + ("" if pair else ", or another positive number")
        )
    return reduce_sum(size**ord, axis, keep) ** (1 / ord)


def _maximum(x: Tensor, axis: Any, keepdims: bool) -> Tensor:
    from tracer.ops.reduction import reduce_max

    return reduce_max(x, axis, keepdims)


LINALG: dict[str, Any] = {
    "inv": inv, "det": det, "logdet": logdet, "slogdet": slogdet, "solve": solve, "norm": norm,
}
FUNCTIONS: dict[str, Any] = {"norm": norm}
