"""Axes and shapes: reshaping, permuting, repeating, mirroring, shifting, diagonals and triangles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tracer import linalg, shapes
from tracer.dtypes import DTypeLike
from tracer.numpy_functions.axis_reductions import along
from tracer.numpy_functions.signatures import given, numpy_function
from tracer.operations import OPERATIONS as _T
from tracer.ops.indexing import along as key_along
from tracer.shapes import Axes
from tracer.tensor import Tensor, as_tensor
from tracer.variable import Buffer


@numpy_function("reshape")
def reshape_in_order(a: Any, /, shape: Any = None, order: str = "C", *, copy: Any = None) -> Any:
    """The elements in another shape, in row-major order or, with order "F", in column-major order."""
    tensor = as_tensor(a)
    if order in ("C", "A", "K"):
        return _T["reshape"](tensor, shape)
    if order != "F":
        raise ValueError(f"the order of reshape is 'C', 'F' or 'A', got {order!r}")
    wanted = shape if isinstance(shape, (list, tuple)) else (shape,)
    return _T["transpose"](_T["reshape"](_T["transpose"](tensor), tuple(wanted)[::-1]))


@numpy_function("ravel", "flatten")
def ravel(a: Any, order: str = "C") -> Any:
    """The elements in row-major, or column-major, order as a vector."""
    tensor = as_tensor(a)
    return tensor if tensor.ndim == 1 else reshape_in_order(tensor, (-1,), order)


@numpy_function("transpose", "permute_dims")
def transpose(a: Any, axes: Any = None) -> Any:
    """Permute the axes; by default reverse them."""
    return _T["transpose"](a, axes)


@numpy_function("matrix_transpose", "linalg.matrix_transpose")
def matrix_transpose(x: Any, /) -> Any:
    """Exchange the last two axes."""
    return linalg.matrix_transpose(x)  # type: ignore[attr-defined]


@numpy_function()
def swapaxes(a: Any, axis1: Any, axis2: Any) -> Any:
    """Exchange two axes."""
    return _T["swapaxes"](a, axis1, axis2)


@numpy_function()
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """Move axes to other places."""
    return _T["moveaxis"](a, source, destination)


@numpy_function()
def rollaxis(a: Any, axis: int, start: Any = 0) -> Any:
    """Move an axis to before another."""
    tensor = as_tensor(a)
    rank = tensor.ndim
    position, before = (
        shapes.normalize_axis(axis, rank),
        shapes.normalize_axis(start, rank + 1) if start >= 0 else start + rank,
    )
    return _T["moveaxis"](tensor, position, before - 1 if position < before else before)


@numpy_function()
def squeeze(a: Any, axis: Axes = None) -> Any:
    """Drop axes of size 1."""
    return _T["squeeze"](a, axis)


@numpy_function()
def expand_dims(a: Any, axis: Axes) -> Any:
    """Insert axes of size 1."""
    return _T["expand_dims"](a, axis)


def atleast(rank: int) -> Callable[..., Any]:
    """``atleast_1d`` and its kind."""

    def widen(*arys: Any) -> Any:
        found = [_widen(as_tensor(a), rank) for a in arys]
        return found[0] if len(found) == 1 else tuple(found)

    widen.__doc__ = f"Tensors with {rank} axes at least, new ones having the size 1."
    return widen


def _widen(tensor: Tensor, rank: int) -> Tensor:
    if rank == 3 and tensor.ndim:
        shape = {1: (1, *tensor.shape, 1), 2: (*tensor.shape, 1)}.get(tensor.ndim)
    else:
        shape = (1,) * (rank - tensor.ndim) + tensor.shape if tensor.ndim < rank else None
    made: Tensor = tensor if shape is None else _T["reshape"](tensor, shape)
    return made


for _rank in (1, 2, 3):
    numpy_function(f"atleast_{_rank}d")(atleast(_rank))


@numpy_function(refused="subok")
def broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    """Broadcast to a shape."""
    return _T["broadcast_to"](array, shape)


@numpy_function(refused="subok")
def broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    """All in their common shape."""
    tensors = [as_tensor(a) for a in args]
    shape = shapes.broadcast(*(t.shape for t in tensors)) if tensors else ()
    return tuple(_T["broadcast_to"](t, shape) for t in tensors)


@numpy_function(refused="copy")
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    """Coordinate matrices from coordinate vectors; sparse ones have the size 1 along the axes of the others."""
    if not sparse:
        return tuple(_T["meshgrid"](*xi, indexing=indexing))
    if indexing not in ("xy", "ij"):
        raise ValueError(f"the indexing of meshgrid is 'xy' or 'ij', got {indexing!r}")
    axes = list(range(len(xi)))
    if indexing == "xy" and len(axes) > 1:
        axes[:2] = [1, 0]
    return tuple(_T["reshape"](x, tuple(-1 if k == axis else 1 for k in range(len(xi)))) for x, axis in zip(xi, axes))


@numpy_function()
def tile(A: Any, reps: Any) -> Any:
    """Repeat the whole."""
    tensor = as_tensor(A)
    counts = tuple(reps) if isinstance(reps, (list, tuple)) or hasattr(reps, "__iter__") else (reps,)
    rank = max(tensor.ndim, len(counts))
    return _T["tile"](_widened_left(tensor, rank), (1,) * (rank - len(counts)) + counts)


def _widened_left(tensor: Tensor, rank: int) -> Tensor:
    made: Tensor = tensor if tensor.ndim >= rank else _T["reshape"](tensor, (1,) * (rank - tensor.ndim) + tensor.shape)
    return made


@numpy_function()
def repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    """Repeat each element."""
    return _T["repeat"](*_repeat_arguments(a, repeats, axis))


def _repeat_arguments(a: Any, repeats: Any, axis: int | None) -> tuple[Any, Any, int]:
    tensor, position = along(as_tensor(a), axis)
    return (
        tensor,
        repeats.tolist() if hasattr(repeats, "tolist") and not isinstance(repeats, Tensor) else repeats,
        position,
    )


@numpy_function()
def flip(m: Any, axis: Axes = None) -> Any:
    """Reverse along axes."""
    tensor = as_tensor(m)
    return _T["reverse"](tensor, list(shapes.normalize_axes(axis, tensor.ndim)))


@numpy_function()
def flipud(m: Any) -> Any:
    """Reverse along the first axis."""
    return flip(m, 0)


@numpy_function()
def fliplr(m: Any) -> Any:
    """Reverse along the second axis."""
    return flip(m, 1)


@numpy_function()
def rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
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
def roll(a: Any, shift: Any, axis: Axes = None) -> Any:
    """Shift along axes, or through all elements, what falls off coming in at the other end."""
    tensor = as_tensor(a)
    if any(isinstance(step, float) for step in (shift if isinstance(shift, (list, tuple)) else [shift])):
        raise TypeError(f"the shift of roll is an int or a tuple of ints, got {shift!r}")
    if axis is None:
        if isinstance(shift, (list, tuple)):
            shift = sum(shift)
        return _T["reshape"](_T["roll"](_T["reshape"](tensor, (-1,)), shift, 0), tensor.shape)
    shifts, axes = ([*v] if isinstance(v, (list, tuple)) else [v] for v in (shift, axis))
    width = max(len(shifts), len(axes))
    shifts, axes = (v * width if len(v) == 1 else v for v in (shifts, axes))
    return _T["roll"](tensor, shifts, axes)


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
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """A diagonal, along the last axis."""
    tensor = as_tensor(a)
    if tensor.ndim < 2:
        raise ValueError(f"diagonal takes an array with 2 axes at least, got the shape {shapes.show(tensor.shape)}")
    return linalg.diag_part(off_diagonal(moveaxis(tensor, (axis1, axis2), (-2, -1)), offset))  # type: ignore[attr-defined]


@numpy_function("linalg.diagonal")
def matrix_diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """A diagonal of the matrices of the last two axes."""
    return diagonal(x, offset, -2, -1)


@numpy_function()
def diag(v: Any, k: int = 0) -> Any:
    """A diagonal of a matrix, or the matrix of a diagonal."""
    tensor = as_tensor(v)
    if tensor.ndim == 2:
        return diagonal(tensor, k)
    if tensor.ndim != 1:
        raise ValueError(f"diag takes a vector or a matrix, got the shape {shapes.show(tensor.shape)}")
    made = linalg.diag(tensor)  # type: ignore[attr-defined]
    return made if not k else _T["pad"](made, ((max(-k, 0), max(k, 0)), (max(k, 0), max(-k, 0))))


@numpy_function()
def diagflat(v: Any, k: int = 0) -> Any:
    """The matrix with all elements on a diagonal."""
    return diag(ravel(v), k)


@numpy_function(refused="out")
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: DTypeLike = None, out: None = None) -> Any:
    """The sum of a diagonal."""
    tensor = as_tensor(a)
    if tensor.ndim < 2:
        raise ValueError(f"trace takes an array with 2 axes at least, got the shape {shapes.show(tensor.shape)}")
    kind = dtype if given(dtype) else "int64" if tensor.dtype in ("bool", "int32") else None
    matrices = moveaxis(tensor if kind is None else _T["cast"](tensor, kind), (axis1, axis2), (-2, -1))
    return linalg.trace(off_diagonal(matrices, offset))  # type: ignore[attr-defined]


@numpy_function("linalg.trace")
def matrix_trace(x: Any, /, *, offset: int = 0, dtype: DTypeLike = None) -> Any:
    """The sum of a diagonal of the matrices of the last two axes."""
    return trace(x, offset, -2, -1, dtype)


def _triangle(m: Any, k: int, lower: bool) -> Any:
    tensor = as_tensor(m)
    if not tensor.ndim:
        raise ValueError("tril and triu take an array with an axis at least, got a scalar")
    if tensor.ndim == 1:
        tensor = _T["broadcast_to"](tensor, (tensor.shape[0], tensor.shape[0]))
    if k == 0:
        return linalg.band_part(tensor, -1, 0) if lower else linalg.band_part(tensor, 0, -1)  # type: ignore[attr-defined]
    if lower and k > 0:
        return linalg.band_part(tensor, -1, k)  # type: ignore[attr-defined]
    if not lower and k < 0:
        return linalg.band_part(tensor, -k, -1)  # type: ignore[attr-defined]
    rows, columns = (_T["range"](tensor.shape[axis]) for axis in (-2, -1))
    steps = columns - _T["expand_dims"](rows, 1)
    return _T["where"](_T["less_equal"](steps, k) if lower else _T["greater_equal"](steps, k), tensor, 0)


@numpy_function()
def tril(m: Any, k: int = 0) -> Any:
    """The lower triangle, up to a diagonal."""
    return _triangle(m, k, lower=True)


@numpy_function()
def triu(m: Any, k: int = 0) -> Any:
    """The upper triangle, from a diagonal on."""
    return _triangle(m, k, lower=False)


# What is known of a tensor without its elements.


@numpy_function()
def shape(a: Any) -> Any:
    """The dimensions."""
    return as_tensor(a).shape


@numpy_function()
def ndim(a: Any) -> int:
    """The rank."""
    return as_tensor(a).ndim


@numpy_function()
def size(a: Any, axis: Axes = None) -> Any:
    """The number of elements, in all or along axes."""
    tensor = as_tensor(a)
    return shapes.size(tuple(tensor.shape[k] for k in shapes.normalize_axes(axis, tensor.ndim)))


@numpy_function(refused="subok")
def copy(a: Any, order: str = "K", subok: bool = False) -> Any:
    """The tensor, whose elements may be assigned."""
    return Buffer(as_tensor(a))
