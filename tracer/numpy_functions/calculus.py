"""Differences and integrals, interpolation, convolution, polynomials, phases: functions of samples along an axis."""

from __future__ import annotations

import math
from typing import Any

import sympy

from tracer import linalg, shapes
from tracer.dtypes import FLOATS
from tracer.numpy_functions.joining import known_size
from tracer.numpy_functions.signatures import given, numpy_function
from tracer.numpy_functions.sorting import counted_below
from tracer.numpy_functions.ufuncs import cast, floats, where
from tracer.operations import OPERATIONS as _T
from tracer.ops.indexing import along as key_along
from tracer.shapes import Axes
from tracer.tensor import Tensor, as_operand, as_tensor


def _slice(tensor: Tensor, axis: int, start: Any, stop: Any, step: Any = None) -> Tensor:
    made: Tensor = tensor[key_along(axis, slice(start, stop, step))]
    return made


@numpy_function()
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
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
                piece = _T["broadcast_to"](piece, (*tensor.shape[:position], 1, *tensor.shape[position + 1 :]))
            parts.append(piece)
    joined: Tensor = parts[0] if len(parts) == 1 else _T["concat"](parts, position)
    for _ in range(n):
        later, earlier = _slice(joined, position, 1, None), _slice(joined, position, None, -1)
        joined = _T["logical_xor"](later, earlier) if joined.dtype == "bool" else later - earlier
    return joined


@numpy_function()
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """Differences of neighbours among all elements, with others before and after."""
    steps = diff(_T["reshape"](as_tensor(ary), (-1,)))
    parts = [p for p in (to_begin, steps, to_end) if p is not None]
    return steps if len(parts) == 1 else _T["concat"]([_T["reshape"](p, (-1,)) for p in parts], 0)


def _along_axis(vector: Tensor, rank: int, axis: int) -> Tensor:
    """A vector as a tensor of a rank that runs along one axis."""
    after = rank - 1 - axis
    made: Tensor = _T["expand_dims"](vector, tuple(range(1, 1 + after))) if after else vector
    return made


@numpy_function()
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
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
    middle = (_slice(tensor, position, 1, None) + _slice(tensor, position, None, -1)) / 2.0
    return _T["reduce_sum"](middle * width, position)


@numpy_function()
def gradient(f: Any, *varargs: Any, axis: Axes = None, edge_order: int = 1) -> Any:
    """Derivatives of samples along axes: central differences, one-sided at the ends.

    References
    ----------
    Quarteroni, Sacco and Saleri, Numerical Mathematics, 2007, section 10.10.
    """
    tensor = floats(f)
    axes = (
        list(range(tensor.ndim))
        if axis is None
        else [shapes.normalize_axis(k, tensor.ndim) for k in (axis if isinstance(axis, (list, tuple)) else (axis,))]
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


def _derivative(f: Tensor, axis: int, spacing: Any, edge_order: int) -> Any:
    size = f.shape[axis]
    if isinstance(size, int) and size < edge_order + 1:
        raise ValueError(f"gradient takes {edge_order + 1} samples at least along axis {axis}, got {size}")
    points = as_tensor(spacing)
    if points.ndim > 1 or (points.ndim and points.shape[0] != size and isinstance(points.shape[0], int)):
        raise ValueError(
            f"gradient: the coordinates of axis {axis} of size {size} have the shape {shapes.show(points.shape)}"
        )
    steps = _T["broadcast_to"](_along_axis(diff(points), f.ndim, axis), _step_shape(f, axis)) if points.ndim else None

    def at(start: Any, stop: Any) -> Tensor:
        return _slice(f, axis, start, stop)

    def step(start: Any, stop: Any) -> Any:
        return as_operand(spacing) if steps is None else _slice(steps, axis, start, stop)

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
    return _T["concat"]([first, middle, last], axis)


def _step_shape(f: Tensor, axis: int) -> Any:
    return (*f.shape[:axis], f.shape[axis] - 1, *f.shape[axis + 1 :])


@numpy_function()
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
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
        order = _T["argsort"](points)
        points, values = (_T["gather"](t, order) for t in (points, values))
        points = _T["concat"]([points[-1:] - period, points, points[:1] + period], 0)
        values = _T["concat"]([values[-1:], values, values[:1]], 0)
    size = points.shape[0]
    inner: Any = values[0]
    if size != 1:
        before = _T["clip_by_value"](counted_below(points, at, True) - 1, 0, size - 2)
        x0, x1, f0, f1 = (_T["gather"](t, k) for t in (points, values) for k in (before, before + 1))
        inner = f0 + (at - x0) * ((f1 - f0) / (x1 - x0))
    below, above = (end if given(v) is False else as_operand(v) for v, end in ((left, values[0]), (right, values[-1])))
    return where(
        at < points[0], below, where(at > points[-1], above, where(_T["equal"](at, points[-1]), values[-1], inner))
    )


# Convolution.


@numpy_function()
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """The convolution of two vectors."""
    x, y = _signals("convolve", a, v, mode)
    if _longer(y, x):
        x, y = y, x
    return _windows(x, _slice(y, 0, None, None, -1), mode)


@numpy_function()
def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """The cross-correlation of two vectors."""
    x, y = _signals("correlate", a, v, mode)
    if _longer(y, x):
        return _slice(_windows(y, x, mode), 0, None, None, -1)
    return _windows(x, y, mode)


def _signals(name: str, a: Any, v: Any, mode: str) -> tuple[Tensor, Tensor]:
    x, y = as_tensor(a), as_tensor(v)
    if name == "convolve":
        x, y = (_T["reshape"](t, (1,)) if not t.ndim else t for t in (x, y))
    if x.ndim != 1 or y.ndim != 1:
        raise ValueError(f"{name} takes vectors, got the shapes {shapes.show(x.shape)} and {shapes.show(y.shape)}")
    if 0 in (x.shape[0], y.shape[0]):
        raise ValueError(f"{name} takes vectors with elements, one is empty")
    if mode not in ("full", "same", "valid"):
        raise ValueError(f"the mode of {name} is 'full', 'same' or 'valid', got {mode!r}")
    return x, y


def _longer(x: Tensor, y: Tensor) -> bool:
    """Whether the first vector is the longer one; a symbolic size is taken to be larger than a number."""
    first, second = x.shape[0], y.shape[0]
    return isinstance(second, int) and (not isinstance(first, int) or first > second)


def _windows(x: Tensor, kernel: Tensor, mode: str) -> Any:
    """Products of a kernel with each window of its size; the modes differ in how many zeros stand around."""
    width, size = kernel.shape[0], x.shape[0]
    before, after = {
        "full": (width - 1, width - 1), "same": (width // 2, width - 1 - width // 2), "valid": (0, 0),
    }[mode]  # fmt: skip
    count = size + before + after - (width - 1)
    padded = x if mode == "valid" else _T["pad"](x, [(before, after)])
    rows, columns = _T["range"](count), _T["range"](width)
    if mode != "full" and not (isinstance(size, int) and isinstance(width, int)):
        # In two parts, of which the first has a negative size where the kernel is the longer.
        rest = size - width
        rows = _T["concat"]([_T["range"](rest), rest + _T["range"](sympy.expand(count - rest))], 0)
    return _T["gather"](padded, _T["expand_dims"](rows, 1) + columns) @ kernel


# Phases, polynomials.


@numpy_function()
def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * math.pi) -> Any:
    """Phases without the jumps of whole periods; a gradient passes as through the phases."""
    tensor = floats(p)
    position = shapes.normalize_axis(axis, tensor.ndim)
    steps = _T["stop_gradient"](diff(tensor, axis=position))
    half = period / 2
    turned = _T["mod"](steps + half, period) - half
    turned = where(_T["logical_and"](_T["equal"](turned, -half), steps > 0), half, turned)
    jump = where(abs(steps) < (half if discont is None else discont), 0.0, turned - steps)
    whole = _T["cumsum"](jump, position)
    found = _T["concat"]([_slice(tensor, position, None, 1), _slice(tensor, position, 1, None) + whole], position)
    integers = as_tensor(p).dtype not in FLOATS and isinstance(period, int)
    return cast(found, "int64") if integers else found


@numpy_function()
def sinc(x: Any) -> Any:
    """``sin(pi*x)/(pi*x)``, one at zero."""
    angle = floats(x) * math.pi
    return _T["where"](_T["not_equal"](angle, 0), _T["sin"](angle) / angle, 1.0)


@numpy_function()
def polyval(p: Any, x: Any) -> Any:
    """A polynomial by Horner's rule, the coefficient of the highest power first."""
    coefficients = as_tensor(p)
    at = as_tensor(x)
    if coefficients.ndim != 1:
        raise ValueError(f"polyval takes a vector of coefficients, got the shape {shapes.show(coefficients.shape)}")
    known_size("polyval", coefficients, 0)
    value: Any = _T["zeros_like"](at)
    for k, c in enumerate(_T["unstack"](coefficients)):
        value = value * 0 + c if k == 0 else value * at + c
    return value


@numpy_function()
def polyadd(a1: Any, a2: Any) -> Any:
    """The coefficients of a sum of polynomials."""
    first, second = (_T["reshape"](as_tensor(a), (-1,)) for a in (a1, a2))
    width = max(known_size("polyadd", t, 0) for t in (first, second))
    return _T["add"](*(_T["pad"](t, [(width - t.shape[0], 0)]) for t in (first, second)))


@numpy_function()
def polymul(a1: Any, a2: Any) -> Any:
    """The coefficients of a product of polynomials."""
    return convolve(*(_T["reshape"](as_tensor(a), (-1,)) for a in (a1, a2)))


@numpy_function()
def polyder(p: Any, m: int = 1) -> Any:
    """The coefficients of a derivative of a polynomial."""
    found = _T["reshape"](as_tensor(p), (-1,))
    for _ in range(m):
        found = found[:-1] * _T["range"](found.shape[0] - 1, 0, -1)
    return found


@numpy_function()
def polysub(a1: Any, a2: Any) -> Any:
    """The coefficients of a difference of polynomials."""
    return polyadd(a1, -as_tensor(a2))


@numpy_function(refused="k")
def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """The coefficients of an integral of a polynomial, the constants of integration being zero."""
    found = _T["reshape"](as_tensor(p), (-1,))
    for _ in range(m):
        found = _T["pad"](found / _T["range"](known_size("polyint", found, 0), 0, -1), [(0, 1)])
    return found


@numpy_function(refused="rcond full cov")
def polyfit(x: Any, y: Any, deg: Any, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False) -> Any:
    """The coefficients of the polynomial of a degree that fits points best, the highest power first."""
    points, values = floats(x), floats(y)
    if points.ndim != 1 or values.ndim not in (1, 2):
        raise TypeError(
            f"polyfit takes a vector x and a vector or matrix y, got the shapes {shapes.show(points.shape)} and "
            f"{shapes.show(values.shape)}"
        )
    powers = _T["stack"]([points**k if k else _T["ones_like"](points) for k in range(deg, -1, -1)], 1)
    if w is not None:
        weights = floats(w)
        powers = powers * _T["expand_dims"](weights, 1)
        values = values * (weights if values.ndim == 1 else _T["expand_dims"](weights, 1))
    size = _T["sqrt"](_T["reduce_sum"](_T["square"](powers), 0))
    columns = values if values.ndim == 2 else _T["expand_dims"](values, 1)
    found = linalg.lstsq(powers / size, columns) / _T["expand_dims"](size, 1)  # type: ignore[attr-defined]
    return found if values.ndim == 2 else _T["squeeze"](found, 1)


# Functions of slices.


@numpy_function("lib.stride_tricks.sliding_window_view", refused="subok writeable")
def sliding_window_view(
    x: Any, window_shape: Any, axis: Axes = None, *, subok: bool = False, writeable: bool = False
) -> Any:
    """All windows of a size along axes, each on new last axes."""
    tensor = as_tensor(x)
    sizes = window_shape if isinstance(window_shape, (list, tuple)) else (window_shape,)
    axes = range(tensor.ndim) if axis is None else axis if isinstance(axis, (list, tuple)) else (axis,)
    if len(sizes) != len(axes):
        raise ValueError(f"sliding_window_view: {len(sizes)} sizes in window_shape for {len(axes)} axes")
    for size, position in zip(sizes, [shapes.normalize_axis(k, tensor.ndim) for k in axes]):
        count = tensor.shape[position] - size + 1
        if isinstance(count, int) and count < 1:
            raise ValueError(f"the window_shape {window_shape!r} is larger than axis {position}")
        places = _T["expand_dims"](_T["range"](count), 1) + _T["range"](size)
        tensor = _T["moveaxis"](_T["gather"](tensor, places, axis=position), position + 1, -1)
    return tensor


@numpy_function("apply_along_axis")
def apply_along_axis(func1d: Any, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """A function of vectors, applied to each along an axis; the other axes must have known sizes."""
    tensor = as_tensor(arr)
    position = shapes.normalize_axis(axis, tensor.ndim)
    dims = (*tensor.shape[:position], *tensor.shape[position + 1 :])
    if not shapes.is_concrete(dims):
        raise ValueError(f"apply_along_axis takes other axes of known size, got the shape {shapes.show(tensor.shape)}")
    if 0 in dims:
        raise ValueError(f"apply_along_axis takes arrays with elements, got the shape {shapes.show(tensor.shape)}")
    lines = _T["reshape"](_T["moveaxis"](tensor, position, -1), (shapes.size(dims), tensor.shape[position]))
    rows = [as_tensor(func1d(line, *args, **kwargs)) for line in _T["unstack"](lines)]
    inner = rows[0].shape
    stacked = _T["reshape"](_T["stack"](rows), (*dims, *inner))
    count, rank = len(inner), len(dims)
    order = [*range(position), *range(rank, rank + count), *range(position, rank)]
    return _T["transpose"](stacked, order)


@numpy_function()
def apply_over_axes(func: Any, a: Any, axes: Any) -> Any:
    """A function of a tensor and an axis, applied for one axis after the other, each staying."""
    tensor = as_tensor(a)
    rank = tensor.ndim
    for axis in axes if isinstance(axes, (list, tuple)) else (axes,):
        position = shapes.normalize_axis(axis, rank)
        found = as_tensor(func(tensor, position))
        tensor = found if found.ndim == rank else _T["expand_dims"](found, position)
    return tensor
