"""Joining, splitting and padding: concatenation and its kind, blocks, insertion and deletion, ``pad`` in all modes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from operator import index as as_int
from typing import Any

from tracer import nest, shapes
from tracer.dtypes import FLOATS, DTypeLike, as_dtype, promote
from tracer.numpy_functions.axis_reductions import along
from tracer.numpy_functions.shaping import atleast
from tracer.numpy_functions.signatures import FUNCTIONS, given, numpy_function
from tracer.numpy_functions.ufuncs import cast, floats
from tracer.operations import OPERATIONS as _T
from tracer.ops.indexing import along as key_along
from tracer.shapes import Axes
from tracer.tensor import Tensor, as_tensor


def _in_one_dtype(name: str, arrays: Any, dtype: DTypeLike) -> list[Tensor]:
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
    arrays: Any, /, axis: int = 0, out: None = None, *, dtype: DTypeLike = None, casting: str = "same_kind"
) -> Any:
    """Join along an axis, or all elements where it is None."""
    parts = _in_one_dtype("concatenate", arrays, dtype)
    return _T["concat"]([_T["reshape"](a, (-1,)) for a in parts], 0) if axis is None else _T["concat"](parts, axis)


@numpy_function(refused="out casting")
def stack(arrays: Any, axis: int = 0, out: None = None, *, dtype: DTypeLike = None, casting: str = "same_kind") -> Any:
    """Join along a new axis."""
    return _T["stack"](_in_one_dtype("stack", arrays, dtype), axis)


@numpy_function("vstack", "row_stack", refused="casting")
def vstack(tup: Any, *, dtype: DTypeLike = None, casting: str = "same_kind") -> Any:
    """Stack rows."""
    return _T["concat"]([atleast(2)(a) for a in _in_one_dtype("vstack", tup, dtype)], 0)


@numpy_function(refused="casting")
def hstack(tup: Any, *, dtype: DTypeLike = None, casting: str = "same_kind") -> Any:
    """Join columns, or vectors end to end."""
    arrays = [atleast(1)(a) for a in _in_one_dtype("hstack", tup, dtype)]
    return _T["concat"](arrays, 0 if arrays and arrays[0].ndim == 1 else 1)


@numpy_function(refused="casting")
def dstack(tup: Any, *, dtype: DTypeLike = None, casting: str = "same_kind") -> Any:
    """Join along the third axis."""
    return _T["concat"]([atleast(3)(a) for a in _in_one_dtype("dstack", tup, dtype)], 2)


@numpy_function()
def column_stack(tup: Any) -> Any:
    """Join vectors and matrices as columns."""
    arrays = [as_tensor(a) for a in tup]
    return _T["concat"]([a if a.ndim > 1 else _T["reshape"](a, (-1, 1)) for a in arrays], 1)


@numpy_function()
def append(arr: Any, values: Any, axis: Axes = None) -> Any:
    """Join at the end, or all elements where there is no axis."""
    return concatenate((arr, values), axis)


@numpy_function()
def block(arrays: Any) -> Any:
    """A tensor of nested lists of blocks, the innermost lists joined along the last axis."""
    depth, inner = 0, arrays
    while isinstance(inner, list):
        depth, inner = depth + 1, inner[0] if inner else None
    rank: int = max([depth, *(as_tensor(leaf).ndim for leaf in nest.flatten(arrays))])

    def joined(part: Any, level: int) -> Tensor:
        if level == 0:
            tensor = as_tensor(part)
            made: Tensor = _T["reshape"](tensor, (1,) * (rank - tensor.ndim) + tensor.shape)
            return made
        if not isinstance(part, list):
            raise ValueError("the lists of block must be nested to one depth")
        whole: Tensor = _T["concat"]([joined(p, level - 1) for p in part], rank - level)
        return whole

    return joined(arrays, depth)


# Splitting.


def _cut(tensor: Tensor, places: Sequence[Any], axis: int) -> list[Tensor]:
    """The pieces between places along an axis, each place counting as in a slice."""
    size = tensor.shape[axis]
    if isinstance(size, int):
        bounds = [0, *(slice(as_int(p), None).indices(size)[0] for p in places), size]
        return [tensor[key_along(axis, slice(a, max(a, b)))] for a, b in itertools.pairwise(bounds)]
    ends = [0, *map(as_int, places), None]
    return [tensor[key_along(axis, slice(a, b))] for a, b in itertools.pairwise(ends)]


@numpy_function("split")
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """Cut along an axis: into equal parts, or at the given places."""
    tensor = as_tensor(ary)
    position = shapes.normalize_axis(axis, tensor.ndim)
    if hasattr(indices_or_sections, "__len__"):
        return _cut(tensor, indices_or_sections, position)
    return _T["split"](tensor, as_int(indices_or_sections), position)


@numpy_function()
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """Cut along an axis, into nearly equal parts, the larger ones first, or at the given places."""
    tensor = as_tensor(ary)
    position = shapes.normalize_axis(axis, tensor.ndim)
    if hasattr(indices_or_sections, "__len__"):
        return _cut(tensor, indices_or_sections, position)
    sections, size = as_int(indices_or_sections), tensor.shape[position]
    if sections < 1:
        raise ValueError(f"array_split takes one section at least, got {sections}")
    if not isinstance(size, int):
        return _T["split"](tensor, sections, position)
    small, extra = divmod(size, sections)
    sizes = [small + 1] * extra + [small] * (sections - extra)
    return _cut(tensor, [*itertools.accumulate(sizes)][:-1], position)


def _split_function(name: str, axis: int) -> Callable[..., Any]:
    def split_along(ary: Any, indices_or_sections: Any) -> Any:
        tensor = as_tensor(ary)
        if tensor.ndim < {"hsplit": 1, "vsplit": 2, "dsplit": 3}[name]:
            raise ValueError(f"{name} takes an array with more axes, got the shape {shapes.show(tensor.shape)}")
        return split(tensor, indices_or_sections, min(axis, tensor.ndim - 1))

    split_along.__doc__ = f"Cut along axis {axis}."
    return split_along


for _name, _axis in {"vsplit": 0, "hsplit": 1, "dsplit": 2}.items():
    numpy_function(_name)(_split_function(_name, _axis))


@numpy_function()
def unstack(x: Any, /, *, axis: int = 0) -> Any:
    """The slices along an axis."""
    return tuple(_T["unstack"](x, axis=axis))


# What moves elements by places that are known.


def moved(tensor: Tensor, axis: int, places: Any) -> Any:
    """The elements along an axis at places that are known."""
    return _T["gather"](tensor, places, axis=axis)


def known_size(name: str, tensor: Tensor, axis: int) -> int:
    """The size of an axis, which must be a number."""
    size = tensor.shape[axis]
    if not isinstance(size, int):
        raise ValueError(f"{name} of a tensor takes an axis of known size, axis {axis} has the size {size}")
    return size


@numpy_function()
def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """The elements without some of them."""
    import numpy

    tensor, position = along(as_tensor(arr), axis)
    return moved(tensor, position, numpy.delete(numpy.arange(known_size("delete", tensor, position)), obj))


@numpy_function()
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """The elements with others before the given places."""
    import numpy

    tensor, position = along(as_tensor(arr), axis)
    size = known_size("insert", tensor, position)
    new = as_tensor(values)
    if numpy.ndim(obj) == 0 and not isinstance(obj, slice):
        # At one place the values are a block, whose axes are those of the tensor without the axis.
        new = _T["reshape"](new, (1,) * (tensor.ndim - new.ndim) + new.shape) if new.ndim < tensor.ndim else new
        new = _T["moveaxis"](new, 0, position)
    else:
        new = _T["reshape"](new, (1,) * (tensor.ndim - new.ndim) + new.shape)
    chosen = numpy.arange(size)[obj] if isinstance(obj, slice) else numpy.atleast_1d(numpy.asarray(obj))
    number = len(chosen.nonzero()[0]) if chosen.dtype == bool else chosen.size
    if number == 1 and isinstance(new.shape[position], int):
        number = new.shape[position]
    new = _T["broadcast_to"](new, (*tensor.shape[:position], number, *tensor.shape[position + 1 :]))
    places = numpy.insert(numpy.arange(size), obj, numpy.arange(size, size + number))
    kind = tensor.dtype
    return moved(_T["concat"]([tensor, new if new.dtype == kind else cast(new, kind)], position), position, places)


@numpy_function()
def resize(a: Any, new_shape: Any) -> Any:
    """The elements in another shape, again from the first on where they do not suffice."""
    import numpy

    flat, _ = along(as_tensor(a), None)
    shape = shapes.as_shape(new_shape)
    places = numpy.resize(numpy.arange(known_size("resize", flat, 0)), shapes.size(shape))
    return _T["reshape"](moved(flat, 0, places), shape)


# Padding.


@numpy_function()
def pad(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    """Elements before and after along each axis, in all of NumPy's modes, axis by axis.

    Raises
    ------
    ValueError
        If the mode is unknown, or takes no such argument.
    """
    tensor = as_tensor(array)
    if callable(mode):
        raise TypeError("the mode of pad is a name for tensors, got a function; join parts with np.concatenate")
    if mode not in _MODES:
        raise ValueError(f"the mode of pad is one of {', '.join(map(repr, _MODES))}, got {mode!r}")
    pads, options = _MODES[mode]
    unknown = sorted({*kwargs} - {*options})
    if unknown:
        raise ValueError(f"pad in mode {mode!r} does not take {', '.join(unknown)}")
    widths = _widths(pad_width, tensor.ndim)
    settings = {k: _pairs(kwargs.get(k, default), tensor.ndim) for k, default in options.items()}
    for length in (length for pair in settings.get("stat_length", ()) for length in pair if length is not None):
        _check_count("stat_length", length)
    for axis, (before, after) in enumerate(widths):
        if (before, after) != (0, 0):
            if tensor.shape[axis] == 0 and mode not in ("constant", "empty"):
                raise ValueError(f"pad can't extend the empty axis {axis} in mode {mode!r}; write mode='constant'")
            tensor = pads(tensor, axis, before, after, **{k: pairs[axis] for k, pairs in settings.items()})
    return tensor


def _widths(pad_width: Any, rank: int) -> list[tuple[Any, Any]]:
    if isinstance(pad_width, dict):
        widths: list[Any] = [(0, 0)] * rank
        for axis, width in pad_width.items():
            widths[shapes.normalize_axis(axis, rank)] = _pairs(width, 1)[0]
    else:
        widths = _pairs(pad_width, rank)
    for pair in widths:
        for width in pair:
            _check_count("pad_width", width)
    return [(shapes.dimension(a), shapes.dimension(b)) for a, b in widths]


def _check_count(name: str, value: Any) -> None:
    if isinstance(value, float):
        raise TypeError(f"{name} of pad takes integers, got {value!r}")
    if isinstance(value, int) and value < 0:
        raise ValueError(f"{name} of pad takes no negative numbers, got {value}; a slice makes an array shorter")


def _pairs(value: Any, rank: int) -> list[tuple[Any, Any]]:
    """One pair an axis from a number, a pair, or pairs."""
    if value is None or isinstance(value, (str, Tensor)) or not hasattr(value, "__len__"):
        return [(value, value)] * rank
    if len(value) <= 2 and not any(hasattr(v, "__len__") and not isinstance(v, (str, Tensor)) for v in value):
        return [(value[0], value[-1])] * rank
    rows = [tuple(v) if hasattr(v, "__len__") and not isinstance(v, (str, Tensor)) else (v,) for v in value]
    rows = [(row[0], row[-1]) for row in rows]
    if len(rows) == 1:
        rows *= rank
    if len(rows) != rank:
        raise ValueError(f"pad takes a number, a pair, or a pair for each of the {rank} axes, got {value!r}")
    return rows


def _size(tensor: Tensor, axis: int, size: Any) -> tuple[Any, ...]:
    return (*tensor.shape[:axis], size, *tensor.shape[axis + 1 :])


def _join(parts: Sequence[Any], axis: int) -> Any:
    return _T["concat"](list(parts), axis)


def _constant(tensor: Tensor, axis: int, before: Any, after: Any, constant_values: Any) -> Any:
    if all(not isinstance(v, Tensor) and v == constant_values[0] for v in constant_values):
        widths = [(before, after) if k == axis else (0, 0) for k in range(tensor.ndim)]
        return _T["pad"](tensor, widths, constant_values=cast(constant_values[0], tensor.dtype).numpy().item())
    parts = [
        _T["broadcast_to"](cast(value, tensor.dtype), _size(tensor, axis, width))
        for value, width in zip(constant_values, (before, after))
    ]
    return _join([parts[0], tensor, parts[1]], axis)


def _edge(tensor: Tensor, axis: int, before: Any, after: Any) -> Any:
    first, last = (tensor[key_along(axis, s)] for s in (slice(None, 1), slice(-1, None)))
    left, right = (_T["broadcast_to"](v, _size(tensor, axis, width)) for v, width in ((first, before), (last, after)))
    return _join([left, tensor, right], axis)


def _linear_ramp(tensor: Tensor, axis: int, before: Any, after: Any, end_values: Any) -> Any:
    first, last = (tensor[key_along(axis, s)] for s in (slice(None, 1), slice(-1, None)))
    parts = []
    for value, edge, width in ((end_values[0], first, before), (end_values[1], last, after)):
        steps = cast(_T["range"](width), "float64")
        share = _T["reshape"](steps / width if width != 0 else steps, (width, *(1,) * (tensor.ndim - 1 - axis)))
        ramp = floats(value) * (1.0 - share) + edge * share
        ramp = ramp if tensor.dtype in (*FLOATS, "bool") else _T["floor"](ramp)
        parts.append(_T["broadcast_to"](ramp, _size(tensor, axis, width)))
    left = parts[0]
    right = FUNCTIONS["flip"](parts[1], axis)
    return cast(_join([left, tensor, right], axis), tensor.dtype)


def _statistic(name: str) -> Callable[..., Any]:
    def pads(tensor: Tensor, axis: int, before: Any, after: Any, stat_length: Any) -> Any:
        parts = []
        for length, width, left in ((stat_length[0], before, True), (stat_length[1], after, False)):
            size = tensor.shape[axis]
            count = size if length is None or (isinstance(size, int) and length > size) else length
            chosen = tensor[key_along(axis, slice(None, count) if left else slice(size - count, None))]
            value = FUNCTIONS[name](chosen, axis=axis, keepdims=True)
            if tensor.dtype != value.dtype:
                value = cast(_T["round"](value), tensor.dtype)
            parts.append(_T["broadcast_to"](value, _size(tensor, axis, width)))
        return _join([parts[0], tensor, parts[1]], axis)

    return pads


def _mirror(mode: str) -> Callable[..., Any]:
    def pads(tensor: Tensor, axis: int, before: Any, after: Any, **reflect_type: Any) -> Any:
        import numpy

        size = tensor.shape[axis]
        kind = reflect_type.get("reflect_type", ("even", "even"))[0]
        if kind not in ("even", "odd"):
            raise ValueError(f"the reflect_type of pad is 'even' or 'odd', got {kind!r}")
        if isinstance(size, int) and isinstance(before, int) and isinstance(after, int):
            if kind == "even":
                return moved(tensor, axis, numpy.pad(numpy.arange(size), (before, after), mode))  # type: ignore[call-overload]
            # Odd reflection is linear: it is the matrix that it makes of the identity.
            matrix = numpy.pad(numpy.eye(size), ((before, after), (0, 0)), mode, reflect_type="odd")  # type: ignore[call-overload]
            extended = _T["tensordot"](matrix, tensor, ([1], [axis]))
            made = _T["moveaxis"](extended, 0, axis)
            return made if tensor.dtype == made.dtype else cast(made, tensor.dtype)
        if mode == "wrap" and kind == "even":
            left, right = (tensor[key_along(axis, s)] for s in (slice(size - before, None), slice(None, after)))
            return _join([left, tensor, right], axis)
        if kind == "odd":
            raise ValueError(f"pad with reflect_type='odd' takes axes of known size, axis {axis} has the size {size}")
        return _T["pad"](tensor, [(before, after) if k == axis else (0, 0) for k in range(tensor.ndim)], mode.upper())

    return pads


_STAT: dict[str, Any] = {"stat_length": None}
_MODES: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "constant": (_constant, {"constant_values": 0}),
    "edge": (_edge, {}),
    "linear_ramp": (_linear_ramp, {"end_values": 0}),
    "maximum": (_statistic("max"), _STAT),
    "mean": (_statistic("mean"), _STAT),
    "median": (_statistic("median"), _STAT),
    "minimum": (_statistic("min"), _STAT),
    "reflect": (_mirror("reflect"), {"reflect_type": "even"}),
    "symmetric": (_mirror("symmetric"), {"reflect_type": "even"}),
    "wrap": (_mirror("wrap"), {}),
    "empty": (lambda tensor, axis, before, after: _constant(tensor, axis, before, after, (0, 0)), {}),
}
