"""Axes and shapes: reshaping, permuting, repeating, mirroring, shifting, diagonals and triangles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import SupportsIndex

from tracer import shapes
from tracer.dtypes import DTypeLike
from tracer.numpy_functions.axis_reductions import along
from tracer.numpy_functions.signatures import given, numpy_function
from tracer.ops import contraction, creation, indexing, reshaping, structure
from tracer.ops.casting import cast
from tracer.ops.diagonal import band_part
from tracer.ops.elementwise import FUNCTIONS as _T
from tracer.ops.indexing import along as key_along
from tracer.shapes import Axes, Dim, Indices, Shape, ShapeLike
from tracer.tensor import Tensor, TensorLike, as_tensor
from tracer.variable import Buffer


@numpy_function("reshape")
def reshape_in_order(
    a: TensorLike, /, shape: ShapeLike = None, order: str = "C", *, copy: bool | None = None
) -> Tensor:
    """The elements in another shape, in row-major order or, with order "F", in column-major order."""
    tensor = as_tensor(a)
    if order in ("C", "A", "K"):
        return reshaping.reshape(tensor, shape)
    if order != "F":
        raise ValueError(f"the order of reshape is 'C', 'F' or 'A', got {order!r}")
    wanted = shape if isinstance(shape, (list, tuple)) else (shape,)
    return contraction.transpose(reshaping.reshape(contraction.transpose(tensor), tuple(wanted)[::-1]))


@numpy_function("ravel", "flatten")
def ravel(a: TensorLike, order: str = "C") -> Tensor:
    """The elements in row-major, or column-major, order as a vector."""
    tensor = as_tensor(a)
    return tensor if tensor.ndim == 1 else reshape_in_order(tensor, (-1,), order)


@numpy_function("transpose", "permute_dims")
def transpose(a: TensorLike, axes: Sequence[SupportsIndex] | None = None) -> Tensor:
    """Permute the axes; by default reverse them."""
    return contraction.transpose(a, axes)


@numpy_function("matrix_transpose", "linalg.matrix_transpose")
def matrix_transpose(x: TensorLike, /) -> Tensor:
    """Exchange the last two axes."""
    return contraction.matrix_transpose(x)


@numpy_function()
def swapaxes(a: TensorLike, axis1: int, axis2: int) -> Tensor:
    """Exchange two axes."""
    return structure.swapaxes(a, axis1, axis2)


@numpy_function()
def moveaxis(a: TensorLike, source: Indices, destination: Indices) -> Tensor:
    """Move axes to other places."""
    return structure.moveaxis(a, source, destination)


@numpy_function()
def rollaxis(a: TensorLike, axis: int, start: int = 0) -> Tensor:
    """Move an axis to before another."""
    tensor = as_tensor(a)
    rank = tensor.ndim
    position, before = (
        shapes.normalize_axis(axis, rank),
        shapes.normalize_axis(start, rank + 1) if start >= 0 else start + rank,
    )
    return structure.moveaxis(tensor, position, before - 1 if position < before else before)


@numpy_function()
def squeeze(a: TensorLike, axis: Axes = None) -> Tensor:
    """Drop axes of size 1."""
    return contraction.squeeze(a, axis)


@numpy_function()
def expand_dims(a: TensorLike, axis: Axes) -> Tensor:
    """Insert axes of size 1."""
    return contraction.expand_dims(a, axis)


def _atleast(rank: int) -> Callable[..., Tensor | tuple[Tensor, ...]]:
    """``atleast_1d`` and its kind."""

    def at_least(*arys: TensorLike) -> Tensor | tuple[Tensor, ...]:
        found = [widen(as_tensor(a), rank) for a in arys]
        return found[0] if len(found) == 1 else tuple(found)

    at_least.__doc__ = f"Tensors with {rank} axes at least, new ones having the size 1."
    return at_least


def widen(tensor: Tensor, rank: int) -> Tensor:
    """A tensor with so many axes at least, new ones having the size 1."""
    if rank == 3 and tensor.ndim:
        shape = {1: (1, *tensor.shape, 1), 2: (*tensor.shape, 1)}.get(tensor.ndim)
    else:
        shape = (1,) * (rank - tensor.ndim) + tensor.shape if tensor.ndim < rank else None
    return tensor if shape is None else reshaping.reshape(tensor, shape)


for _rank in (1, 2, 3):
    numpy_function(f"atleast_{_rank}d")(_atleast(_rank))


@numpy_function(refused="subok")
def broadcast_to(array: TensorLike, shape: ShapeLike, subok: bool = False) -> Tensor:
    """Broadcast to a shape."""
    return contraction.broadcast_to(array, shape)


@numpy_function(refused="subok")
def broadcast_arrays(*args: TensorLike, subok: bool = False) -> tuple[Tensor, ...]:
    """All in their common shape."""
    tensors = [as_tensor(a) for a in args]
    shape = shapes.broadcast(*(t.shape for t in tensors)) if tensors else ()
    return tuple(contraction.broadcast_to(t, shape) for t in tensors)


@numpy_function(refused="copy")
def meshgrid(*xi: TensorLike, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> tuple[Tensor, ...]:
    """Coordinate matrices from coordinate vectors; sparse ones have the size 1 along the axes of the others."""
    if not sparse:
        return tuple(creation.meshgrid(*xi, indexing=indexing))
    if indexing not in ("xy", "ij"):
        raise ValueError(f"the indexing of meshgrid is 'xy' or 'ij', got {indexing!r}")
    axes = list(range(len(xi)))
    if indexing == "xy" and len(axes) > 1:
        axes[:2] = [1, 0]
    return tuple(
        reshaping.reshape(x, tuple(-1 if k == axis else 1 for k in range(len(xi)))) for x, axis in zip(xi, axes)
    )


@numpy_function()
def tile(A: TensorLike, reps: ShapeLike) -> Tensor:
    """Repeat the whole."""
    tensor = as_tensor(A)
    counts = shapes.as_shape(reps)
    rank = max(tensor.ndim, len(counts))
    return structure.tile(_widened_left(tensor, rank), (1,) * (rank - len(counts)) + counts)


def _widened_left(tensor: Tensor, rank: int) -> Tensor:
    return tensor if tensor.ndim >= rank else reshaping.reshape(tensor, (1,) * (rank - tensor.ndim) + tensor.shape)


@numpy_function()
def repeat(a: TensorLike, repeats: ShapeLike, axis: int | None = None) -> Tensor:
    """Repeat each element."""
    import numpy

    tensor, position = along(as_tensor(a), axis)
    return structure.repeat(tensor, repeats.tolist() if isinstance(repeats, numpy.ndarray) else repeats, position)


@numpy_function()
def flip(m: TensorLike, axis: Axes = None) -> Tensor:
    """Reverse along axes."""
    tensor = as_tensor(m)
    return indexing.reverse(tensor, list(shapes.normalize_axes(axis, tensor.ndim)))


@numpy_function()
def flipud(m: TensorLike) -> Tensor:
    """Reverse along the first axis."""
    return flip(m, 0)


@numpy_function()
def fliplr(m: TensorLike) -> Tensor:
    """Reverse along the second axis."""
    return flip(m, 1)


@numpy_function()
def rot90(m: TensorLike, k: int = 1, axes: Sequence[SupportsIndex] = (0, 1)) -> Tensor:
    """Rotate by quarters of a turn, from the first of two axes towards the second."""
    tensor = as_tensor(m)
    first, second = (shapes.normalize_axis(axis, tensor.ndim) for axis in axes)
    if first == second:
        raise ValueError(f"rot90 takes two different axes, got {axes!r}")
    turns = k % 4
    if turns == 0:
        return tensor
    if turns == 2:
        return flip(tensor, (first, second))
    if turns == 1:
        return swapaxes(flip(tensor, second), first, second)
    return flip(swapaxes(tensor, first, second), second)


@numpy_function()
def roll(a: TensorLike, shift: Indices, axis: Axes = None) -> Tensor:
    """Shift along axes, or through all elements, what falls off coming in at the other end."""
    tensor = as_tensor(a)
    steps = shapes.as_list(shift)
    if any(isinstance(step, float) for step in steps):
        raise TypeError(f"the shift of roll is an int or a tuple of ints, got {shift!r}")
    if axis is None:
        total = sum(shapes.integer(step, "a shift of roll") for step in steps)
        return reshaping.reshape(structure.roll(reshaping.reshape(tensor, (-1,)), total, 0), tensor.shape)
    axes = shapes.as_list(axis)
    width = max(len(steps), len(axes))
    return structure.roll(tensor, steps * width if len(steps) == 1 else steps, axes * width if len(axes) == 1 else axes)


# Diagonals and triangles.


def off_diagonal(tensor: Tensor, offset: int) -> Tensor:
    """The matrices of the last two axes from the row or column on where an offset diagonal begins."""
    if offset == 0:
        return tensor
    side = tensor.ndim - 1 if offset > 0 else tensor.ndim - 2
    other = 2 * tensor.ndim - 3 - side
    size = tensor.shape[side]
    if isinstance(size, int):
        made: Tensor = tensor[key_along(side, slice(min(abs(offset), size), None))]
    else:
        # Square, it loses as much at the end of its other axis.
        made = tensor[key_along(side, slice(abs(offset), None))]
        if tensor.shape[other] == size:
            made = made[key_along(other, slice(None, -abs(offset)))]
    return made


@numpy_function()
def diagonal(a: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """A diagonal, along the last axis."""
    tensor = as_tensor(a)
    if tensor.ndim < 2:
        raise ValueError(f"diagonal takes an array with 2 axes at least, got the shape {shapes.show(tensor.shape)}")
    return contraction.diag_part(off_diagonal(moveaxis(tensor, (axis1, axis2), (-2, -1)), offset))


@numpy_function("linalg.diagonal")
def matrix_diagonal(x: TensorLike, /, *, offset: int = 0) -> Tensor:
    """A diagonal of the matrices of the last two axes."""
    return diagonal(x, offset, -2, -1)


@numpy_function()
def diag(v: TensorLike, k: int = 0) -> Tensor:
    """A diagonal of a matrix, or the matrix of a diagonal."""
    tensor = as_tensor(v)
    if tensor.ndim == 2:
        return diagonal(tensor, k)
    if tensor.ndim != 1:
        raise ValueError(f"diag takes a vector or a matrix, got the shape {shapes.show(tensor.shape)}")
    made = contraction.diag(tensor)
    return made if not k else structure.pad(made, ((max(-k, 0), max(k, 0)), (max(k, 0), max(-k, 0))))


@numpy_function()
def diagflat(v: TensorLike, k: int = 0) -> Tensor:
    """The matrix with all elements on a diagonal."""
    return diag(ravel(v), k)


@numpy_function(refused="out")
def trace(
    a: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: DTypeLike = None, out: None = None
) -> Tensor:
    """The sum of a diagonal."""
    tensor = as_tensor(a)
    if tensor.ndim < 2:
        raise ValueError(f"trace takes an array with 2 axes at least, got the shape {shapes.show(tensor.shape)}")
    kind = dtype if given(dtype) else "int64" if tensor.dtype in ("bool", "int32") else None
    matrices = moveaxis(tensor if kind is None else cast(tensor, kind), (axis1, axis2), (-2, -1))
    return contraction.trace(off_diagonal(matrices, offset))


@numpy_function("linalg.trace")
def matrix_trace(x: TensorLike, /, *, offset: int = 0, dtype: DTypeLike = None) -> Tensor:
    """The sum of a diagonal of the matrices of the last two axes."""
    return trace(x, offset, -2, -1, dtype)


def _triangle(m: TensorLike, k: int, lower: bool) -> Tensor:
    tensor = as_tensor(m)
    if not tensor.ndim:
        raise ValueError("tril and triu take an array with an axis at least, got a scalar")
    if tensor.ndim == 1:
        tensor = contraction.broadcast_to(tensor, (tensor.shape[0], tensor.shape[0]))
    if k == 0:
        return band_part(tensor, -1, 0) if lower else band_part(tensor, 0, -1)
    if lower and k > 0:
        return band_part(tensor, -1, k)
    if not lower and k < 0:
        return band_part(tensor, -k, -1)
    rows, columns = (creation.range(tensor.shape[axis]) for axis in (-2, -1))
    steps = columns - contraction.expand_dims(rows, 1)
    return _T["where"](_T["less_equal"](steps, k) if lower else _T["greater_equal"](steps, k), tensor, 0)


@numpy_function()
def tril(m: TensorLike, k: int = 0) -> Tensor:
    """The lower triangle, up to a diagonal."""
    return _triangle(m, k, lower=True)


@numpy_function()
def triu(m: TensorLike, k: int = 0) -> Tensor:
    """The upper triangle, from a diagonal on."""
    return _triangle(m, k, lower=False)


# What is known of a tensor without its elements.


@numpy_function()
def shape(a: TensorLike) -> Shape:
    """The dimensions."""
    return as_tensor(a).shape


@numpy_function()
def ndim(a: TensorLike) -> int:
    """The rank."""
    return as_tensor(a).ndim


@numpy_function()
def size(a: TensorLike, axis: Axes = None) -> Dim:
    """The number of elements, in all or along axes."""
    tensor = as_tensor(a)
    return shapes.size(tuple(tensor.shape[k] for k in shapes.normalize_axes(axis, tensor.ndim)))


@numpy_function(refused="subok")
def copy(a: TensorLike, order: str = "K", subok: bool = False) -> Tensor:
    """The tensor, whose elements may be assigned."""
    return Buffer(as_tensor(a))
