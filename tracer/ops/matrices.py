"""What rows over matrices share: checks of operands, batching, and components by sympy's matrices."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sympy

from tracer import shapes
from tracer.dtypes import FLOATS
from tracer.ops.contraction import expand_dims
from tracer.rules import TABLE, Op, register
from tracer.shapes import Shape
from tracer.tensor import Operand, Tensor, apply, as_tensor, hooks


def floats(value: Operand) -> Tensor:
    """The value as a tensor of a floating dtype."""
    tensor = as_tensor(value)
    return tensor if tensor.dtype in FLOATS else hooks["cast"](tensor, "float64")


def matrices(name: str, value: Operand) -> Tensor:
    """The value as a tensor of matrices, of a floating dtype."""
    tensor = floats(value)
    if tensor.ndim < 2:
        raise ValueError(
            f"{name} takes a matrix or a batch of matrices, {tensor.name} has shape {shapes.show(tensor.shape)}; "
            "add axes with expand_dims"
        )
    return tensor


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


def row(name: str, pullback: Callable[..., Any] | None, implicit: bool = False, **forms: Any) -> Op:
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
