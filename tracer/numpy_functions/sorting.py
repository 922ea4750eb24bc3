"""Order and indices: sorting, searching, and taking elements by where they stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tracer import shapes
from tracer.numpy_functions.axis_reductions import along
from tracer.numpy_functions.signatures import FUNCTIONS, given, numpy_function
from tracer.ops import contraction, gathering, indexing, ordering, reshaping
from tracer.ops.casting import cast
from tracer.ops.elementwise import FUNCTIONS as _T
from tracer.ops.gathering import take_along_axis as take_along
from tracer.ops.indexing import index_tensor
from tracer.shapes import Dim, ShapeLike
from tracer.tensor import Tensor, TensorLike, as_tensor

if TYPE_CHECKING:
    import numpy as np

# Order.


def _check_kind(name: str, kind: str | None) -> None:
    """All kinds of sorting give the same order here; the name of one is checked all the same."""
    if kind not in (None, "quicksort", "heapsort", "mergesort", "stable", "quick", "heap", "merge"):
        raise ValueError(f"the kind of {name} is 'quicksort', 'mergesort', 'heapsort' or 'stable', got {kind!r}")


@numpy_function(refused="order")
def sort(
    a: TensorLike,
    axis: int | None = -1,
    kind: str | None = None,
    order: str | None = None,
    *,
    stable: bool | None = None,
) -> Tensor:
    """Sorted along an axis, or all elements where it is None."""
    _check_kind("sort", kind)
    tensor, position = along(as_tensor(a), axis)
    return ordering.sort(tensor, position)


@numpy_function(refused="order")
def argsort(
    a: TensorLike,
    axis: int | None = -1,
    kind: str | None = None,
    order: str | None = None,
    *,
    stable: bool | None = None,
) -> Tensor:
    """The indices that sort along an axis; equal elements stay in order."""
    _check_kind("argsort", kind)
    tensor, position = along(as_tensor(a), axis)
    return ordering.argsort(tensor, position)


@numpy_function()
def lexsort(keys: TensorLike, axis: int = -1) -> Tensor:
    """The indices that sort by several keys, the last one first."""
    rows = list(keys) if isinstance(keys, (list, tuple)) else indexing.unstack(keys)
    if not rows:
        raise TypeError("lexsort takes one key at least, got none; give a sequence of keys, the last one first")
    order = argsort(rows[0], axis)
    for row in rows[1:]:
        again = argsort(take_along(as_tensor(row), order, axis), axis)
        order = take_along(order, again, axis)
    return order


def counted_below(sorted_values: Tensor, values: Tensor, inclusive: bool) -> Tensor:
    """How many of some values are below each of others: where these would be inserted."""
    rows = contraction.expand_dims(values, -1)
    below = _T["less_equal" if inclusive else "less"](sorted_values, rows)
    return contraction.reduce_sum(cast(below, "int64"), -1)


@numpy_function()
def searchsorted(a: TensorLike, v: TensorLike, side: str = "left", sorter: TensorLike | None = None) -> Tensor:
    """Where values belong in a sorted vector: before, or after, those that are equal."""
    if side not in ("left", "right"):
        raise ValueError(f"the side of searchsorted is 'left' or 'right', got {side!r}")
    line = as_tensor(a)
    if line.ndim != 1:
        raise ValueError(f"searchsorted takes a vector first, got the shape {shapes.show(line.shape)}")
    if given(sorter):
        line = gathering.gather(line, sorter)
    return counted_below(line, as_tensor(v), side == "right")


@numpy_function()
def digitize(x: TensorLike, bins: TensorLike, right: bool = False) -> Tensor:
    """In which of the bins between sorted edges each value lies; the edges must have values."""
    edges = as_tensor(bins)
    values = edges.numpy()
    if (values[1:] >= values[:-1]).all():
        return searchsorted(edges, x, "left" if right else "right")
    if not (values[1:] <= values[:-1]).all():
        raise ValueError("the bins of digitize must increase or decrease")
    backwards = searchsorted(FUNCTIONS["flip"](edges), x, "right" if right else "left")
    return len(values) - backwards


# Elements by their indices.


@numpy_function(refused="out")
def take(a: TensorLike, indices: TensorLike, axis: int | None = None, out: None = None, mode: str = "raise") -> Tensor:
    """Elements by their indices; out of range they are refused, wrapped or clipped."""
    tensor, position = along(as_tensor(a), axis)
    size = tensor.shape[position] if tensor.ndim else 0
    return gathering.gather(tensor, within(indices, size, mode, "take"), axis=position)


def within(indices: TensorLike, size: Dim, mode: str, name: str) -> TensorLike:
    """Indices brought into the range of an axis."""
    if mode not in ("raise", "wrap", "clip"):
        raise ValueError(f"the mode of {name} is 'raise', 'wrap' or 'clip', got {mode!r}")
    at = index_tensor(indices)
    if at.dtype == "bool":
        at = cast(at, "int64")
    if mode == "raise":
        return at
    if at.value is not None and isinstance(size, int):
        import numpy

        known = numpy.asarray(at.numpy())
        return known % size if mode == "wrap" else numpy.clip(known, 0, size - 1)
    return _T["mod"](at, size) if mode == "wrap" else _T["clip_by_value"](at, 0, size - 1)


@numpy_function()
def take_along_axis(arr: TensorLike, indices: TensorLike, axis: int | None = -1) -> Tensor:
    """The elements at indices of the same rank, along one axis."""
    tensor, position = along(as_tensor(arr), axis)
    at = index_tensor(indices)
    if axis is None:
        at = reshaping.reshape(at, (-1,))
    if at.ndim != tensor.ndim:
        raise ValueError(
            f"take_along_axis: the indices of shape {shapes.show(at.shape)} must have the rank {tensor.ndim} of the "
            "array"
        )
    batch = shapes.broadcast(
        *((*t.shape[:position], 1, *t.shape[position + 1 :]) for t in (tensor, at)), names=["the array", "the indices"]
    )
    wide = contraction.broadcast_to(tensor, (*batch[:position], tensor.shape[position], *batch[position + 1 :]))
    return take_along(wide, at, position)


@numpy_function(refused="out")
def compress(condition: TensorLike, a: TensorLike, axis: int | None = None, out: None = None) -> Tensor:
    """The slices where a condition that has a value is true."""
    import numpy

    mask = condition.numpy() if isinstance(condition, Tensor) else numpy.asarray(condition)
    if mask.ndim != 1:
        raise ValueError(f"the condition of compress is a vector, got the shape {mask.shape}")
    tensor, position = along(as_tensor(a), axis)
    return gathering.gather(tensor, numpy.flatnonzero(mask), axis=position)


@numpy_function()
def extract(condition: TensorLike, arr: TensorLike) -> Tensor:
    """The elements where a condition that has a value is true."""
    return compress(reshaping.reshape(as_tensor(condition), (-1,)), arr)


@numpy_function()
def unravel_index(indices: TensorLike, shape: ShapeLike, order: str = "C") -> tuple[Tensor, ...]:
    """The coordinates of flat indices."""
    if order not in ("C", "F"):
        raise ValueError(f"the order of unravel_index is 'C' or 'F', got {order!r}")
    dims = shapes.as_shape(shape)
    rest = index_tensor(indices)
    found = []
    for d in dims[::-1] if order == "C" else dims:
        found.append(_T["mod"](rest, d))
        rest = _T["floordiv"](rest, d)
    return tuple(found[::-1] if order == "C" else found)


@numpy_function()
def ravel_multi_index(multi_index: TensorLike, dims: ShapeLike, mode: str = "raise", order: str = "C") -> Tensor:
    """The flat indices of coordinates."""
    if order not in ("C", "F"):
        raise ValueError(f"the order of ravel_multi_index is 'C' or 'F', got {order!r}")
    sizes = shapes.as_shape(dims)
    coordinates = list(multi_index) if isinstance(multi_index, (list, tuple)) else indexing.unstack(multi_index)
    if len(coordinates) != len(sizes):
        raise ValueError(
            f"ravel_multi_index: {len(coordinates)} coordinates for {len(sizes)} dimensions; give one for each"
        )
    inside = [as_tensor(within(c, d, mode, "ravel_multi_index")) for c, d in zip(coordinates, sizes)]
    for c, d in zip(inside, sizes):
        if mode == "raise" and c.value is not None and ((c.numpy() < 0) | (c.numpy() >= d)).any():
            raise ValueError(f"ravel_multi_index: a coordinate is out of range for a dimension of {d}")
    pairs = list(zip(inside, sizes)) if order == "C" else list(zip(inside, sizes))[::-1]
    flat = pairs[0][0]
    for c, d in pairs[1:]:
        flat = flat * d + c
    return flat


def _places_of_triangle(name: str) -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    def places(arr: TensorLike, k: int = 0) -> tuple[np.ndarray, np.ndarray]:
        import numpy

        function = numpy.tril_indices if name == "tril_indices" else numpy.triu_indices
        rows, columns = _known_matrix(f"{name}_from", arr)
        return function(rows, k, columns)

    places.__doc__ = "The places of a triangle of a matrix of known size."
    return places


def _known_matrix(name: str, arr: TensorLike) -> tuple[int, int]:
    shape = as_tensor(arr).shape
    if len(shape) != 2 or not shapes.is_concrete(shape):
        raise ValueError(f"{name} takes a matrix of known size, got the shape {shapes.show(shape)}")
    return shape[0], shape[1]


numpy_function("tril_indices_from")(_places_of_triangle("tril_indices"))
numpy_function("triu_indices_from")(_places_of_triangle("triu_indices"))
