"""Differences and integrals, interpolation, phases: functions of samples along an axis, and of slices."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tracer import shapes
from tracer.dtypes import FLOATS
from tracer.numpy_functions.signatures import given, numpy_function
from tracer.numpy_functions.sorting import counted_below
from tracer.numpy_functions.ufuncs import floats, where
from tracer.ops import contraction, creation, gathering, indexing, ordering, reshaping, scan, structure
from tracer.ops.casting import cast
from tracer.ops.elementwise import FUNCTIONS as _T
from tracer.ops.indexing import along as key_along
from tracer.shapes import Axes, Dim, Indices, Shape, ShapeLike
from tracer.tensor import Operand, Tensor, TensorLike, as_operand, as_tensor


def slice_along(tensor: Tensor, axis: int, start: Dim | None, stop: Dim | None, step: int | None = None) -> Tensor:
    """A slice along one axis."""
    return tensor[key_along(axis, slice(start, stop, step))]


@numpy_function()
def diff(
    a: TensorLike, n: int = 1, axis: int = -1, prepend: TensorLike | None = None, append: TensorLike | None = None
) -> Tensor:
    """Differences of neighbours along an axis, n times."""
    tensor = as_tensor(a)
    if n < 0:
        raise ValueError(f"diff takes differences n >= 0 times, got n={n}")
    if not tensor.ndim:
        raise ValueError("diff takes an array with an axis at least, got a scalar")
    if n == 0:
        return tensor
    position = shapes.normalize_axis(axis, tensor.ndim)
    parts = []
    for part in (prepend, tensor, append):
        if given(part):
            piece = as_tensor(part)
            if not piece.ndim:
                piece = contraction.broadcast_to(piece, (*tensor.shape[:position], 1, *tensor.shape[position + 1 :]))
            parts.append(piece)
    joined: Tensor = parts[0] if len(parts) == 1 else structure.concat(parts, position)
    for _ in range(n):
        later, earlier = slice_along(joined, position, 1, None), slice_along(joined, position, None, -1)
        joined = _T["logical_xor"](later, earlier) if joined.dtype == "bool" else later - earlier
    return joined


@numpy_function()
def ediff1d(ary: TensorLike, to_end: TensorLike | None = None, to_begin: TensorLike | None = None) -> Tensor:
    """Differences of neighbours among all elements, with others before and after."""
    steps = diff(reshaping.reshape(as_tensor(ary), (-1,)))
    parts = [p for p in (to_begin, steps, to_end) if p is not None]
    return steps if len(parts) == 1 else structure.concat([reshaping.reshape(p, (-1,)) for p in parts], 0)


def _along_axis(vector: Tensor, rank: int, axis: int) -> Tensor:
    """A vector as a tensor of a rank that runs along one axis."""
    after = rank - 1 - axis
    return contraction.expand_dims(vector, tuple(range(1, 1 + after))) if after else vector


@numpy_function()
def trapezoid(y: TensorLike, x: TensorLike | None = None, dx: TensorLike = 1.0, axis: int = -1) -> Tensor:
    """The integral along an axis by the trapezoidal rule."""
    tensor = as_tensor(y)
    position = shapes.normalize_axis(axis, tensor.ndim)
    width = as_operand(dx)
    if given(x):
        points = as_tensor(x)
        width = (
            _along_axis(diff(points), tensor.ndim, position)
            if points.ndim == 1
            else diff(points, axis=shapes.normalize_axis(axis, points.ndim))
        )
    middle = (slice_along(tensor, position, 1, None) + slice_along(tensor, position, None, -1)) / 2.0
    return contraction.reduce_sum(middle * width, position)


@numpy_function()
def gradient(
    f: TensorLike, *varargs: TensorLike, axis: Axes = None, edge_order: int = 1
) -> Tensor | tuple[Tensor, ...]:
    """Derivatives of samples along axes: central differences, one-sided at the ends.

    References
    ----------
    Quarteroni, Sacco and Saleri, Numerical Mathematics, 2007, section 10.10.
    """
    tensor = floats(f)
    axes = (
        list(range(tensor.ndim))
        if axis is None
        else [shapes.normalize_axis(k, tensor.ndim) for k in shapes.as_list(axis)]
    )
    if len({*axes}) < len(axes):
        raise ValueError(f"gradient: an axis is given twice in {axis!r}")
    if as_tensor(f).dtype == "bool":
        raise TypeError("gradient of booleans is not defined; cast them to numbers")
    if edge_order not in (1, 2):
        raise ValueError(f"the edge_order of gradient is 1 or 2, got {edge_order!r}")
    spacings = list(varargs) * len(axes) if len(varargs) == 1 else list(varargs) or [1.0] * len(axes)
    if len(spacings) != len(axes):
        raise TypeError(f"gradient takes one spacing, or one for each axis, got {len(varargs)} for {len(axes)} axes")
    found = [_derivative(tensor, k, spacing, edge_order) for k, spacing in zip(axes, spacings)]
    return found[0] if len(axes) == 1 else tuple(found)


def _derivative(f: Tensor, axis: int, spacing: TensorLike, edge_order: int) -> Tensor:
    size = f.shape[axis]
    if isinstance(size, int) and size < edge_order + 1:
        raise ValueError(f"gradient takes {edge_order + 1} samples at least along axis {axis}, got {size}")
    points = as_tensor(spacing)
    if points.ndim > 1 or (points.ndim and points.shape[0] != size and isinstance(points.shape[0], int)):
        raise ValueError(
            f"gradient: the coordinates of axis {axis} of size {size} have the shape {shapes.show(points.shape)}"
        )
    steps = (
        contraction.broadcast_to(_along_axis(diff(points), f.ndim, axis), _step_shape(f, axis)) if points.ndim else None
    )

    def at(start: int | None, stop: int | None) -> Tensor:
        return slice_along(f, axis, start, stop)

    def step(start: int | None, stop: int | None) -> Operand:
        return as_operand(spacing) if steps is None else slice_along(steps, axis, start, stop)

    left, right = step(None, -1), step(1, None)
    if steps is None:
        middle = (at(2, None) - at(None, -2)) / (2 * left)
    else:
        middle = (
            -right / (left * (left + right)) * at(None, -2)
            + (right - left) / (left * right) * at(1, -1)
            + left / (right * (left + right)) * at(2, None)
        )
    if edge_order == 1:
        first = (at(1, 2) - at(0, 1)) / step(0, 1)
        last = (at(-1, None) - at(-2, -1)) / step(-1, None)
    else:
        h, k = step(0, 1), step(1, 2)
        first = -(2 * h + k) / (h * (h + k)) * at(0, 1) + (h + k) / (h * k) * at(1, 2) - h / (k * (h + k)) * at(2, 3)
        h, k = step(-2, -1), step(-1, None)
        last = (
            k / (h * (h + k)) * at(-3, -2) - (k + h) / (h * k) * at(-2, -1) + (2 * k + h) / (k * (h + k)) * at(-1, None)
        )
    return structure.concat([first, middle, last], axis)


def _step_shape(f: Tensor, axis: int) -> Shape:
    return (*f.shape[:axis], f.shape[axis] - 1, *f.shape[axis + 1 :])


@numpy_function()
def interp(
    x: TensorLike,
    xp: TensorLike,
    fp: TensorLike,
    left: TensorLike | None = None,
    right: TensorLike | None = None,
    period: float | None = None,
) -> Tensor:
    """Piecewise linear interpolation between points of increasing abscissas."""
    at, points, values = (cast(a, "float64") for a in (x, xp, fp))
    if points.ndim != 1 or points.shape != values.shape:
        raise ValueError(
            f"interp takes vectors xp and fp of one size, got the shapes {shapes.show(points.shape)} and "
            f"{shapes.show(values.shape)}"
        )
    if points.shape[0] == 0:
        raise ValueError("interp takes one point at least, xp is empty")
    if period is not None:
        if period == 0:
            raise ValueError("the period of interp must not be 0")
        period, left, right = abs(period), None, None
        at, points = _T["mod"](at, period), _T["mod"](points, period)
        order = ordering.argsort(points)
        points, values = (gathering.gather(t, order) for t in (points, values))
        points = structure.concat([points[-1:] - period, points, points[:1] + period], 0)
        values = structure.concat([values[-1:], values, values[:1]], 0)
    size = points.shape[0]
    inner = values[0]
    if size != 1:
        before = _T["clip_by_value"](counted_below(points, at, True) - 1, 0, size - 2)
        x0, x1, f0, f1 = (gathering.gather(t, k) for t in (points, values) for k in (before, before + 1))
        inner = f0 + (at - x0) * ((f1 - f0) / (x1 - x0))
    below, above = (end if given(v) is False else as_operand(v) for v, end in ((left, values[0]), (right, values[-1])))
    return where(
        at < points[0], below, where(at > points[-1], above, where(_T["equal"](at, points[-1]), values[-1], inner))
    )


# Phases.


@numpy_function()
def unwrap(p: TensorLike, discont: float | None = None, axis: int = -1, *, period: float = 2 * math.pi) -> Tensor:
    """Phases without the jumps of whole periods; a gradient passes as through the phases."""
    tensor = floats(p)
    position = shapes.normalize_axis(axis, tensor.ndim)
    steps = _T["stop_gradient"](diff(tensor, axis=position))
    half = period / 2
    turned = _T["mod"](steps + half, period) - half
    turned = where(_T["logical_and"](_T["equal"](turned, -half), steps > 0), half, turned)
    jump = where(abs(steps) < (half if discont is None else discont), 0.0, turned - steps)
    whole = scan.cumsum(jump, position)
    found = structure.concat(
        [slice_along(tensor, position, None, 1), slice_along(tensor, position, 1, None) + whole], position
    )
    integers = as_tensor(p).dtype not in FLOATS and isinstance(period, int)
    return cast(found, "int64") if integers else found


@numpy_function()
def sinc(x: TensorLike) -> Tensor:
    """``sin(pi*x)/(pi*x)``, one at zero."""
    angle = floats(x) * math.pi
    return _T["where"](_T["not_equal"](angle, 0), _T["sin"](angle) / angle, 1.0)


# Functions of slices.


@numpy_function("lib.stride_tricks.sliding_window_view", refused="subok writeable")
def sliding_window_view(
    x: TensorLike, window_shape: ShapeLike, axis: Axes = None, *, subok: bool = False, writeable: bool = False
) -> Tensor:
    """All windows of a size along axes, each on new last axes."""
    tensor = as_tensor(x)
    sizes = shapes.as_shape(window_shape)
    axes = range(tensor.ndim) if axis is None else shapes.as_list(axis)
    if len(sizes) != len(axes):
        raise ValueError(f"sliding_window_view: {len(sizes)} sizes in window_shape for {len(axes)} axes")
    for size, position in zip(sizes, [shapes.normalize_axis(k, tensor.ndim) for k in axes]):
        count = tensor.shape[position] - size + 1
        if isinstance(count, int) and count < 1:
            raise ValueError(f"the window_shape {window_shape!r} is larger than axis {position}")
        places = contraction.expand_dims(creation.range(count), 1) + creation.range(size)
        tensor = structure.moveaxis(gathering.gather(tensor, places, axis=position), position + 1, -1)
    return tensor


@numpy_function("apply_along_axis")
def apply_along_axis(
    func1d: Callable[..., TensorLike], axis: int, arr: TensorLike, *args: Any, **kwargs: Any
) -> Tensor:
    """A function of vectors, applied to each along an axis; the other axes must have known sizes."""
    tensor = as_tensor(arr)
    position = shapes.normalize_axis(axis, tensor.ndim)
    dims = (*tensor.shape[:position], *tensor.shape[position + 1 :])
    if not shapes.is_concrete(dims):
        raise ValueError(f"apply_along_axis takes other axes of known size, got the shape {shapes.show(tensor.shape)}")
    if 0 in dims:
        raise ValueError(f"apply_along_axis takes arrays with elements, got the shape {shapes.show(tensor.shape)}")
    lines = reshaping.reshape(structure.moveaxis(tensor, position, -1), (shapes.size(dims), tensor.shape[position]))
    rows = [as_tensor(func1d(line, *args, **kwargs)) for line in indexing.unstack(lines)]
    inner = rows[0].shape
    stacked = reshaping.reshape(structure.stack(rows), (*dims, *inner))
    count, rank = len(inner), len(dims)
    order = [*range(position), *range(rank, rank + count), *range(position, rank)]
    return contraction.transpose(stacked, order)


@numpy_function()
def apply_over_axes(func: Callable[[Tensor, int], TensorLike], a: TensorLike, axes: Indices) -> Tensor:
    """A function of a tensor and an axis, applied for one axis after the other, each staying."""
    tensor = as_tensor(a)
    rank = tensor.ndim
    for axis in shapes.as_list(axes):
        position = shapes.normalize_axis(axis, rank)
        found = as_tensor(func(tensor, position))
        tensor = found if found.ndim == rank else contraction.expand_dims(found, position)
    return tensor
