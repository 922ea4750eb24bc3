"""Tensors that are made: of a shape, of an interval, of other tensors' shapes."""

from __future__ import annotations

import math
from typing import Any

from tracer import shapes
from tracer.dtypes import DTypeLike, as_dtype
from tracer.numpy_functions.signatures import given, numpy_function
from tracer.numpy_functions.ufuncs import alike, cast, floats
from tracer.operations import OPERATIONS as _T
from tracer.shapes import Dim
from tracer.tensor import Tensor, as_tensor
from tracer.variable import Buffer


def fill_shape(shape: Any, value: Any, dtype: DTypeLike) -> Buffer:
    """One value in a shape, whose elements may be assigned."""
    made = as_tensor(value)
    made = made if dtype is None or made.dtype == as_dtype(dtype) else cast(made, dtype)
    return Buffer(_T["broadcast_to"](made, shapes.as_shape(shape)))


def _filled_like(a: Any, value: Any, dtype: DTypeLike, shape: Any) -> Buffer:
    tensor = as_tensor(a)
    return fill_shape(shape if given(shape) else tensor.shape, value, dtype if given(dtype) else tensor.dtype)


def _fill_like(a: Any, name: str, value: int, dtype: DTypeLike, shape: Any) -> Buffer:
    if given(shape):
        return _filled_like(a, value, dtype, shape)
    return Buffer(_T[name](a, dtype))


@numpy_function(refused="order subok device")
def zeros_like(
    a: Any, dtype: DTypeLike = None, order: str = "K", subok: bool = True, shape: Any = None, *, device: Any = None
) -> Any:
    """Zeros of the same shape, or of another."""
    return _fill_like(a, "zeros_like", 0, dtype, shape)


@numpy_function(refused="order subok device")
def ones_like(
    a: Any, dtype: DTypeLike = None, order: str = "K", subok: bool = True, shape: Any = None, *, device: Any = None
) -> Any:
    """Ones of the same shape, or of another."""
    return _fill_like(a, "ones_like", 1, dtype, shape)


@numpy_function(refused="order subok device")
def empty_like(
    prototype: Any, /, dtype: DTypeLike = None, order: str = "K", subok: bool = True, shape: Any = None, *,
    device: Any = None
) -> Any:
    """Zeros of the same shape, or of another: nothing is ever uninitialised."""
    return _fill_like(prototype, "zeros_like", 0, dtype, shape)


@numpy_function(refused="order subok device")
def full_like(
    a: Any,
    fill_value: Any,
    dtype: DTypeLike = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> Any:
    """One value in the same shape, or in another."""
    return _filled_like(a, fill_value, dtype, shape)


@numpy_function()
def result_type(*arrays_and_dtypes: Any) -> Any:
    """NumPy's dtype of a result of all of them."""
    import numpy

    return numpy.result_type(*(numpy.dtype(a.dtype) if isinstance(a, Tensor) else a for a in arrays_and_dtypes))


@numpy_function(refused="copy device")
def astype(x: Any, dtype: DTypeLike, /, *, copy: bool = True, device: Any = None) -> Any:
    """Convert to a dtype."""
    return cast(x, dtype)


def identity_matrix(rows: Any, columns: Any, k: int, dtype: DTypeLike) -> Tensor:
    """Ones on a diagonal."""
    kind = as_dtype(dtype) or "float64"
    n = shapes.dimension(rows)
    m = n if columns is None else shapes.dimension(columns)
    if not k:
        made: Tensor = _T["eye"](n, m, dtype=kind)
        return made
    steps = _T["range"](m) - _T["expand_dims"](_T["range"](n), 1)
    return cast(_T["equal"](steps, k), kind)


@numpy_function(refused="device")
def linspace(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: DTypeLike = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    """Evenly spaced numbers of an interval, with its end or without, and their distance where it is asked for."""
    first, last = alike(start, stop)
    count = shapes.dimension(num)
    parts: Dim = count - 1 if endpoint else count
    width = (last - first) / parts if parts != 0 else (last - first) * math.nan
    rank = max(first.ndim, last.ndim)
    where = shapes.normalize_axis(axis, rank + 1)
    kind = "float32" if first.dtype == last.dtype == "float32" else "float64"
    steps = cast(_T["range"](count), kind) / (parts if parts != 0 else 1)
    after = rank - where
    fraction = _T["expand_dims"](steps, tuple(range(1, 1 + after))) if after else steps
    low, high = (_end(t, rank, where) for t in (first, last))
    made = low * (1.0 - fraction) + high * fraction
    if given(dtype):
        made = cast(_T["floor"](made) if as_dtype(dtype) in ("int64", "int32") else made, dtype)
    return (made, width) if retstep else made


def _end(end: Tensor, rank: int, axis: int) -> Any:
    wide = _T["reshape"](end, (1,) * (rank - end.ndim) + end.shape) if end.ndim < rank else end
    return _T["expand_dims"](wide, axis) if rank else wide


@numpy_function()
def logspace(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0, dtype: DTypeLike = None,
    axis: int = 0
) -> Any:
    """Powers of a base with evenly spaced exponents."""
    made = _T["pow"](base, linspace(start, stop, num, endpoint, axis=axis))
    return cast(made, dtype) if given(dtype) else made


@numpy_function()
def geomspace(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: DTypeLike = None, axis: int = 0
) -> Any:
    """Numbers of an interval of which each is the same multiple of the one before."""
    first, last = (cast(floats(end), "float64") for end in (start, stop))
    sign = _T["sign"](first)
    # Between ends of different signs there is no such number: the logarithm is NaN.
    made = sign * _T["exp"](linspace(_T["log"](abs(first)), _T["log"](last * sign), num, endpoint, axis=axis))
    return cast(made, dtype) if given(dtype) else made


@numpy_function()
def vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    """The powers of a vector's elements in columns, the highest first."""
    tensor = as_tensor(x)
    if tensor.ndim != 1:
        raise ValueError(f"vander takes a vector, got the shape {shapes.show(tensor.shape)}")
    count = tensor.shape[0] if N is None else N
    if not isinstance(count, int):
        raise ValueError(f"vander takes a known number of columns N, got {count}")
    if count == 0:
        return cast(_T["zeros"]((*tensor.shape, 0)), tensor.dtype)
    columns = [_T["ones_like"](tensor)]
    for _ in range(count - 1):
        columns.append(columns[-1] * tensor)
    return _T["stack"](columns if increasing else columns[::-1], 1)
