"""Products of vectors, matrices and tensors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tracer import shapes
from tracer.dtypes import FLOATS, DTypeLike
from tracer.numpy_functions import ufuncs
from tracer.numpy_functions.signatures import given, numpy_function
from tracer.ops import contraction, diagonal, reshaping, structure
from tracer.ops.casting import cast
from tracer.shapes import Indices, letters
from tracer.tensor import Tensor, TensorLike, as_tensor


@numpy_function(refused="out")
def dot(a: TensorLike, b: TensorLike, out: None = None) -> Tensor:
    """The product of scalars, vectors, matrices, with NumPy's meaning of ``dot``."""
    x, y = as_tensor(a), as_tensor(b)
    if 0 in (x.ndim, y.ndim):
        return x * y
    if y.ndim > 2 or (y.ndim == 2 and x.ndim > 2):
        return contraction.tensordot(x, y, ([-1], [-2]))
    return x @ y


@numpy_function()
def vdot(a: TensorLike, b: TensorLike, /) -> Tensor:
    """The sum of the products of all elements."""
    x, y = (reshaping.reshape(as_tensor(v), (-1,)) for v in (a, b))
    if x.shape != y.shape:
        raise ValueError(f"vdot takes as many elements on both sides, got {x.shape[0]} and {y.shape[0]}")
    return contraction.tensordot(x, y, 1)


@numpy_function()
def inner(a: TensorLike, b: TensorLike, /) -> Tensor:
    """Sums of products along the last axes."""
    x, y = as_tensor(a), as_tensor(b)
    return x * y if 0 in (x.ndim, y.ndim) else contraction.tensordot(x, y, ([-1], [-1]))


@numpy_function(refused="out")
def outer(a: TensorLike, b: TensorLike, out: None = None) -> Tensor:
    """The products of all pairs of elements."""
    return contraction.outer(a, b)


@numpy_function("linalg.outer")
def outer_of_vectors(x1: TensorLike, x2: TensorLike, /) -> Tensor:
    """The products of all pairs of elements of two vectors."""
    x, y = as_tensor(x1), as_tensor(x2)
    if x.ndim != 1 or y.ndim != 1:
        raise ValueError(
            f"linalg.outer takes vectors, got the shapes {shapes.show(x.shape)} and {shapes.show(y.shape)}; "
            "numpy.outer flattens other arrays"
        )
    return contraction.outer(x, y)


@numpy_function()
def tensordot(a: TensorLike, b: TensorLike, axes: int | Sequence[Indices] = 2) -> Tensor:
    """Sums of products along pairs of axes."""
    return contraction.tensordot(a, b, axes)


@numpy_function("linalg.tensordot")
def tensordot_of_axes(x1: TensorLike, x2: TensorLike, /, *, axes: int | Sequence[Indices] = 2) -> Tensor:
    """Sums of products along pairs of axes."""
    return contraction.tensordot(x1, x2, axes)


@numpy_function("linalg.matmul")
def matmul(x1: TensorLike, x2: TensorLike, /) -> Tensor:
    """The matrix product."""
    return contraction.matmul(x1, x2)


@numpy_function("linalg.vecdot")
def vecdot(x1: TensorLike, x2: TensorLike, /, *, axis: int = -1) -> Tensor:
    """Sums of products along an axis."""
    x, y = (structure.moveaxis(as_tensor(v), axis, -1) if axis != -1 else as_tensor(v) for v in (x1, x2))
    return ufuncs.vecdot(x, y)


@numpy_function("einsum", refused="out order casting")
def einsum(
    *operands: Any,
    out: None = None,
    dtype: DTypeLike = None,
    order: str = "K",
    casting: str = "safe",
    optimize: object = False,
) -> Tensor:
    """Einstein summation: by an equation, or by operands each followed by the list of its indices."""
    equation, arrays = _equation(operands)
    tensors = [cast(a, dtype) if given(dtype) else as_tensor(a) for a in arrays]
    booleans = all(t.dtype == "bool" for t in tensors)
    found = contraction.einsum(equation, *(cast(t, "int64") for t in tensors) if booleans else tensors)
    return cast(found, "bool") if booleans else found


def _equation(operands: Sequence[Any]) -> tuple[str, Sequence[Any]]:
    if isinstance(operands[0], str):
        return operands[0], operands[1:]
    output = operands[-1] if len(operands) % 2 else None
    arrays, lists = operands[: len(operands) - len(operands) % 2 : 2], operands[1::2]

    def text(indices: Iterable[Any]) -> str:
        return "".join("..." if k is Ellipsis else letters([int(k)]) for k in indices)

    equation = ",".join(map(text, lists))
    return equation if output is None else f"{equation}->{text(output)}", arrays


@numpy_function()
def kron(a: TensorLike, b: TensorLike) -> Tensor:
    """The Kronecker product, of any ranks."""
    x, y = as_tensor(a), as_tensor(b)
    rank = max(x.ndim, y.ndim)
    x, y = (reshaping.reshape(t, (1,) * (rank - t.ndim) + t.shape) if t.ndim < rank else t for t in (x, y))
    if rank == 2:
        return _kron_of_matrices(x, y)
    if not rank:
        return x * y
    wide = contraction.expand_dims(x, tuple(range(1, 2 * rank, 2))) * contraction.expand_dims(
        y, tuple(range(0, 2 * rank, 2))
    )
    return reshaping.reshape(wide, tuple(m * n for m, n in zip(x.shape, y.shape)))


def _kron_of_matrices(x: Tensor, y: Tensor) -> Tensor:
    kind = x.dtype if x.dtype not in FLOATS and y.dtype not in FLOATS else None
    made = diagonal.kron(x, y)
    return made if kind is None else cast(made, kind)


@numpy_function()
def cross(
    a: TensorLike, b: TensorLike, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Tensor:
    """The cross product of vectors of three elements, or of two, whose third is zero."""
    if axis is not None:
        axisa = axisb = axisc = axis
    x, y = as_tensor(a), as_tensor(b)
    if not x.ndim or not y.ndim:
        raise ValueError("cross takes vectors, got a scalar")
    x, y = structure.moveaxis(x, axisa, -1), structure.moveaxis(y, axisb, -1)
    sizes = x.shape[-1], y.shape[-1]
    if not {*sizes} <= {2, 3}:
        raise ValueError(f"cross takes vectors of the dimension 3 or 2, got {sizes[0]} and {sizes[1]}")
    head = shapes.broadcast(x.shape[:-1], y.shape[:-1])
    if sizes == (2, 2):
        return x[..., 0] * y[..., 1] - x[..., 1] * y[..., 0]
    x, y = (
        contraction.broadcast_to(
            t if t.shape[-1] == 3 else structure.pad(t, [(0, 0)] * (t.ndim - 1) + [(0, 1)]), (*head, 3)
        )
        for t in (x, y)
    )
    return structure.moveaxis(diagonal.cross(x, y), -1, axisc)


@numpy_function("linalg.cross")
def cross_along(x1: TensorLike, x2: TensorLike, /, *, axis: int = -1) -> Tensor:
    """The cross product of vectors of three elements."""
    for t in (as_tensor(x1), as_tensor(x2)):
        if not t.ndim or t.shape[shapes.normalize_axis(axis, t.ndim)] != 3:
            raise ValueError(
                f"cross takes vectors of the dimension 3 along axis {axis}, got the shape {shapes.show(t.shape)}"
            )
    return cross(x1, x2, axis=axis)
