"""``pad`` in all of NumPy's modes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

from tracer import shapes
from tracer.dtypes import FLOATS
from tracer.numpy_functions.axis_reductions import largest_along, mean_along, smallest_along
from tracer.numpy_functions.joining import moved
from tracer.numpy_functions.shaping import flip
from tracer.numpy_functions.signatures import numpy_function
from tracer.numpy_functions.statistics import median
from tracer.numpy_functions.ufuncs import floats
from tracer.ops import contraction, creation, reshaping, structure
from tracer.ops.casting import cast
from tracer.ops.elementwise import FUNCTIONS as _T
from tracer.ops.indexing import along as key_along
from tracer.shapes import Dim, Shape
from tracer.tensor import Tensor, TensorLike, as_tensor

Mirror: TypeAlias = Literal["reflect", "symmetric", "wrap"]
"""The modes that repeat the elements."""


@numpy_function()
def pad(array: TensorLike, pad_width: object, mode: str = "constant", **kwargs: object) -> Tensor:
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


def _widths(pad_width: object, rank: int) -> list[tuple[Dim, Dim]]:
    if isinstance(pad_width, dict):
        widths = [(0, 0)] * rank
        for axis, width in pad_width.items():
            widths[shapes.normalize_axis(axis, rank)] = _pairs(width, 1)[0]
    else:
        widths = _pairs(pad_width, rank)
    for pair in widths:
        for width in pair:
            _check_count("pad_width", width)
    return [(shapes.dimension(a), shapes.dimension(b)) for a, b in widths]


def _check_count(name: str, value: TensorLike) -> None:
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


def _size(tensor: Tensor, axis: int, size: Dim) -> Shape:
    return (*tensor.shape[:axis], size, *tensor.shape[axis + 1 :])


def _join(parts: Sequence[Tensor], axis: int) -> Tensor:
    return structure.concat(list(parts), axis)


def _constant(tensor: Tensor, axis: int, before: Dim, after: Dim, constant_values: Sequence[TensorLike]) -> Tensor:
    if all(not isinstance(v, Tensor) and v == constant_values[0] for v in constant_values):
        widths = [(before, after) if k == axis else (0, 0) for k in range(tensor.ndim)]
        return structure.pad(tensor, widths, constant_values=cast(constant_values[0], tensor.dtype).numpy().item())
    parts = [
        contraction.broadcast_to(cast(value, tensor.dtype), _size(tensor, axis, width))
        for value, width in zip(constant_values, (before, after))
    ]
    return _join([parts[0], tensor, parts[1]], axis)


def _edge(tensor: Tensor, axis: int, before: Dim, after: Dim) -> Tensor:
    first, last = (tensor[key_along(axis, s)] for s in (slice(None, 1), slice(-1, None)))
    left, right = (
        contraction.broadcast_to(v, _size(tensor, axis, width)) for v, width in ((first, before), (last, after))
    )
    return _join([left, tensor, right], axis)


def _linear_ramp(tensor: Tensor, axis: int, before: Dim, after: Dim, end_values: Sequence[TensorLike]) -> Tensor:
    first, last = (tensor[key_along(axis, s)] for s in (slice(None, 1), slice(-1, None)))
    parts = []
    for value, edge, width in ((end_values[0], first, before), (end_values[1], last, after)):
        steps = cast(creation.range(width), "float64")
        share = reshaping.reshape(steps / width if width != 0 else steps, (width, *(1,) * (tensor.ndim - 1 - axis)))
        ramp = floats(value) * (1.0 - share) + edge * share
        ramp = ramp if tensor.dtype in (*FLOATS, "bool") else _T["floor"](ramp)
        parts.append(contraction.broadcast_to(ramp, _size(tensor, axis, width)))
    left = parts[0]
    right = flip(parts[1], axis)
    return cast(_join([left, tensor, right], axis), tensor.dtype)


def _statistic(statistic: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def pads(tensor: Tensor, axis: int, before: Dim, after: Dim, stat_length: tuple[int | None, int | None]) -> Tensor:
        parts = []
        for length, width, left in ((stat_length[0], before, True), (stat_length[1], after, False)):
            size = tensor.shape[axis]
            count = size if length is None or (isinstance(size, int) and length > size) else length
            chosen = tensor[key_along(axis, slice(None, count) if left else slice(size - count, None))]
            value = statistic(chosen, axis=axis, keepdims=True)
            if tensor.dtype != value.dtype:
                value = cast(_T["round"](value), tensor.dtype)
            parts.append(contraction.broadcast_to(value, _size(tensor, axis, width)))
        return _join([parts[0], tensor, parts[1]], axis)

    return pads


def _mirror(mode: Mirror) -> Callable[..., Tensor]:
    def pads(tensor: Tensor, axis: int, before: Dim, after: Dim, reflect_type: Sequence[str] = ("even",)) -> Tensor:
        import numpy

        size = tensor.shape[axis]
        kind = reflect_type[0]
        if kind not in ("even", "odd"):
            raise ValueError(f"the reflect_type of pad is 'even' or 'odd', got {kind!r}")
        if isinstance(size, int) and isinstance(before, int) and isinstance(after, int):
            if kind == "even":
                return moved(tensor, axis, numpy.pad(numpy.arange(size), (before, after), mode))
            # Odd reflection is linear: it is the matrix that it makes of the identity.
            matrix = numpy.pad(numpy.eye(size), ((before, after), (0, 0)), mode, reflect_type="odd")
            extended = contraction.tensordot(matrix, tensor, ([1], [axis]))
            made = structure.moveaxis(extended, 0, axis)
            return made if tensor.dtype == made.dtype else cast(made, tensor.dtype)
        if mode == "wrap" and kind == "even":
            left, right = (tensor[key_along(axis, s)] for s in (slice(size - before, None), slice(None, after)))
            return _join([left, tensor, right], axis)
        if kind == "odd":
            raise ValueError(f"pad with reflect_type='odd' takes axes of known size, axis {axis} has the size {size}")
        return structure.pad(
            tensor, [(before, after) if k == axis else (0, 0) for k in range(tensor.ndim)], mode.upper()
        )

    return pads


_STAT: dict[str, object] = {"stat_length": None}
_MODES: dict[str, tuple[Callable[..., Tensor], dict[str, object]]] = {
    "constant": (_constant, {"constant_values": 0}),
    "edge": (_edge, {}),
    "linear_ramp": (_linear_ramp, {"end_values": 0}),
    "maximum": (_statistic(largest_along), _STAT),
    "mean": (_statistic(mean_along), _STAT),
    "median": (_statistic(median), _STAT),
    "minimum": (_statistic(smallest_along), _STAT),
    "reflect": (_mirror("reflect"), {"reflect_type": "even"}),
    "symmetric": (_mirror("symmetric"), {"reflect_type": "even"}),
    "wrap": (_mirror("wrap"), {}),
    "empty": (lambda tensor, axis, before, after: _constant(tensor, axis, before, after, (0, 0)), {}),
}
