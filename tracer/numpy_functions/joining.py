"""Joining, splitting and padding: concatenation and its kind, blocks, insertion and deletion."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from operator import index as as_int
from typing import TYPE_CHECKING, SupportsIndex, TypeAlias, TypeGuard

from tracer import nest, shapes
from tracer.dtypes import DTypeLike, as_dtype, promote
from tracer.numpy_functions.axis_reductions import along
from tracer.numpy_functions.shaping import widen
from tracer.numpy_functions.signatures import given, numpy_function
from tracer.ops import contraction, gathering, indexing, reshaping, structure
from tracer.ops.casting import cast
from tracer.ops.indexing import along as key_along
from tracer.shapes import ShapeLike
from tracer.tensor import Tensor, TensorLike, as_tensor

if TYPE_CHECKING:
    import numpy as np


def _in_one_dtype(name: str, arrays: Iterable[TensorLike], dtype: DTypeLike) -> list[Tensor]:
    """The operands of a join in the dtype that is asked for, which may not hold less than theirs."""
    tensors = [as_tensor(a) for a in arrays]
    kind = as_dtype(dtype) if given(dtype) else None
    if kind is None:
        return tensors
    if any(promote(t.dtype, kind) != kind for t in tensors):
        raise TypeError(
            f"{name} of tensors does not narrow to dtype {kind}; write x.astype({kind!r}) where it is meant"
        )
    return [cast(t, kind) for t in tensors]


@numpy_function("concatenate", "concat", refused="out casting")
def concatenate(
    arrays: Iterable[TensorLike],
    /,
    axis: int | None = 0,
    out: None = None,
    *,
    dtype: DTypeLike = None,
    casting: str = "same_kind",
) -> Tensor:
    """Join along an axis, or all elements where it is None."""
    parts = _in_one_dtype("concatenate", arrays, dtype)
    return (
        structure.concat([reshaping.reshape(a, (-1,)) for a in parts], 0)
        if axis is None
        else structure.concat(parts, axis)
    )


@numpy_function(refused="out casting")
def stack(
    arrays: Iterable[TensorLike],
    axis: int = 0,
    out: None = None,
    *,
    dtype: DTypeLike = None,
    casting: str = "same_kind",
) -> Tensor:
    """Join along a new axis."""
    return structure.stack(_in_one_dtype("stack", arrays, dtype), axis)


@numpy_function("vstack", "row_stack", refused="casting")
def vstack(tup: Iterable[TensorLike], *, dtype: DTypeLike = None, casting: str = "same_kind") -> Tensor:
    """Stack rows."""
    return structure.concat([widen(a, 2) for a in _in_one_dtype("vstack", tup, dtype)], 0)


@numpy_function(refused="casting")
def hstack(tup: Iterable[TensorLike], *, dtype: DTypeLike = None, casting: str = "same_kind") -> Tensor:
    """Join columns, or vectors end to end."""
    arrays = [widen(a, 1) for a in _in_one_dtype("hstack", tup, dtype)]
    return structure.concat(arrays, 0 if arrays and arrays[0].ndim == 1 else 1)


@numpy_function(refused="casting")
def dstack(tup: Iterable[TensorLike], *, dtype: DTypeLike = None, casting: str = "same_kind") -> Tensor:
    """Join along the third axis."""
    return structure.concat([widen(a, 3) for a in _in_one_dtype("dstack", tup, dtype)], 2)


@numpy_function()
def column_stack(tup: Iterable[TensorLike]) -> Tensor:
    """Join vectors and matrices as columns."""
    arrays = [as_tensor(a) for a in tup]
    return structure.concat([a if a.ndim > 1 else reshaping.reshape(a, (-1, 1)) for a in arrays], 1)


@numpy_function()
def append(arr: TensorLike, values: TensorLike, axis: int | None = None) -> Tensor:
    """Join at the end, or all elements where there is no axis."""
    return concatenate((arr, values), axis)


@numpy_function()
def block(arrays: TensorLike) -> Tensor:
    """A tensor of nested lists of blocks, the innermost lists joined along the last axis."""
    depth, inner = 0, arrays
    while isinstance(inner, list):
        depth, inner = depth + 1, inner[0] if inner else None
    rank: int = max([depth, *(as_tensor(leaf).ndim for leaf in nest.flatten(arrays))])

    def joined(part: TensorLike, level: int) -> Tensor:
        if level == 0:
            tensor = as_tensor(part)
            return reshaping.reshape(tensor, (1,) * (rank - tensor.ndim) + tensor.shape)
        if not isinstance(part, list):
            raise ValueError("the lists of block must be nested to one depth")
        return structure.concat([joined(p, level - 1) for p in part], rank - level)

    return joined(arrays, depth)


# Splitting.


def _cut(tensor: Tensor, places: Iterable[SupportsIndex], axis: int) -> list[Tensor]:
    """The pieces between places along an axis, each place counting as in a slice."""
    size = tensor.shape[axis]
    if isinstance(size, int):
        bounds = [0, *(slice(as_int(p), None).indices(size)[0] for p in places), size]
        return [tensor[key_along(axis, slice(a, max(a, b)))] for a, b in itertools.pairwise(bounds)]
    ends = [0, *map(as_int, places), None]
    return [tensor[key_along(axis, slice(a, b))] for a, b in itertools.pairwise(ends)]


def _are_places(value: SupportsIndex | Iterable[SupportsIndex]) -> TypeGuard[Iterable[SupportsIndex]]:
    """Whether places are given to cut at, rather than a number of parts, which may be an array or a tensor too."""
    return isinstance(value, Iterable) and getattr(value, "shape", None) != ()


@numpy_function("split")
def split(ary: TensorLike, indices_or_sections: SupportsIndex | Iterable[SupportsIndex], axis: int = 0) -> list[Tensor]:
    """Cut along an axis: into equal parts, or at the given places."""
    tensor = as_tensor(ary)
    position = shapes.normalize_axis(axis, tensor.ndim)
    if _are_places(indices_or_sections):
        return _cut(tensor, indices_or_sections, position)
    return indexing.split(tensor, shapes.integer(indices_or_sections, "the number of parts"), position)


@numpy_function()
def array_split(
    ary: TensorLike, indices_or_sections: SupportsIndex | Iterable[SupportsIndex], axis: int = 0
) -> list[Tensor]:
    """Cut along an axis, into nearly equal parts, the larger ones first, or at the given places."""
    tensor = as_tensor(ary)
    position = shapes.normalize_axis(axis, tensor.ndim)
    if _are_places(indices_or_sections):
        return _cut(tensor, indices_or_sections, position)
    sections, size = shapes.integer(indices_or_sections, "the number of parts"), tensor.shape[position]
    if sections < 1:
        raise ValueError(f"array_split takes one section at least, got {sections}")
    if not isinstance(size, int):
        return indexing.split(tensor, sections, position)
    small, extra = divmod(size, sections)
    sizes = [small + 1] * extra + [small] * (sections - extra)
    return _cut(tensor, [*itertools.accumulate(sizes)][:-1], position)


def _split_function(name: str, axis: int) -> Callable[..., list[Tensor]]:
    def split_along(ary: TensorLike, indices_or_sections: SupportsIndex | Iterable[SupportsIndex]) -> list[Tensor]:
        tensor = as_tensor(ary)
        if tensor.ndim < {"hsplit": 1, "vsplit": 2, "dsplit": 3}[name]:
            raise ValueError(f"{name} takes an array with more axes, got the shape {shapes.show(tensor.shape)}")
        return split(tensor, indices_or_sections, min(axis, tensor.ndim - 1))

    split_along.__doc__ = f"Cut along axis {axis}."
    return split_along


for _name, _axis in {"vsplit": 0, "hsplit": 1, "dsplit": 2}.items():
    numpy_function(_name)(_split_function(_name, _axis))


@numpy_function()
def unstack(x: TensorLike, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    """The slices along an axis."""
    return tuple(indexing.unstack(x, axis=axis))


# What moves elements by places that are known.


def moved(tensor: Tensor, axis: int, places: np.ndarray) -> Tensor:
    """The elements along an axis at places that are known."""
    return gathering.gather(tensor, places, axis=axis)


def known_size(name: str, tensor: Tensor, axis: int) -> int:
    """The size of an axis, which must be a number."""
    size = tensor.shape[axis]
    if not isinstance(size, int):
        raise ValueError(f"{name} of a tensor takes an axis of known size, axis {axis} has the size {size}")
    return size


Places: TypeAlias = "int | slice | Sequence[int] | np.ndarray"
"""Where elements are deleted or inserted."""


@numpy_function()
def delete(arr: TensorLike, obj: Places, axis: int | None = None) -> Tensor:
    """The elements without some of them."""
    import numpy

    tensor, position = along(as_tensor(arr), axis)
    return moved(tensor, position, numpy.delete(numpy.arange(known_size("delete", tensor, position)), obj))


@numpy_function()
def insert(arr: TensorLike, obj: Places, values: TensorLike, axis: int | None = None) -> Tensor:
    """The elements with others before the given places."""
    import numpy

    tensor, position = along(as_tensor(arr), axis)
    size = known_size("insert", tensor, position)
    new = as_tensor(values)
    if not isinstance(obj, slice) and numpy.ndim(obj) == 0:
        # At one place the values are a block, whose axes are those of the tensor without the axis.
        new = reshaping.reshape(new, (1,) * (tensor.ndim - new.ndim) + new.shape) if new.ndim < tensor.ndim else new
        new = structure.moveaxis(new, 0, position)
    else:
        new = reshaping.reshape(new, (1,) * (tensor.ndim - new.ndim) + new.shape)
    chosen = numpy.arange(size)[obj] if isinstance(obj, slice) else numpy.atleast_1d(numpy.asarray(obj))
    number = len(chosen.nonzero()[0]) if chosen.dtype == bool else chosen.size
    if number == 1 and isinstance(new.shape[position], int):
        number = new.shape[position]
    new = contraction.broadcast_to(new, (*tensor.shape[:position], number, *tensor.shape[position + 1 :]))
    places = numpy.insert(numpy.arange(size), obj, numpy.arange(size, size + number))
    kind = tensor.dtype
    return moved(structure.concat([tensor, new if new.dtype == kind else cast(new, kind)], position), position, places)


@numpy_function()
def resize(a: TensorLike, new_shape: ShapeLike) -> Tensor:
    """The elements in another shape, again from the first on where they do not suffice."""
    import numpy

    flat, _ = along(as_tensor(a), None)
    shape = shapes.as_shape(new_shape)
    places = numpy.resize(numpy.arange(known_size("resize", flat, 0)), shapes.size(shape))
    return reshaping.reshape(moved(flat, 0, places), shape)
