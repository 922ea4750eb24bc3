"""Tensors that are made: of a shape, of an interval, of other tensors' shapes."""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import index
from typing import TYPE_CHECKING, Any

from tracer import shapes
from tracer.dtypes import DTypeLike, as_dtype
from tracer.numpy_functions.signatures import given, numpy_function
from tracer.numpy_functions.ufuncs import alike, floats
from tracer.ops import contraction, creation, reshaping, structure
from tracer.ops.casting import cast
from tracer.ops.elementwise import FUNCTIONS as _T
from tracer.shapes import Dim, DimLike, ShapeLike
from tracer.tensor import Tensor, TensorLike, as_tensor
from tracer.variable import Buffer

if TYPE_CHECKING:
    import numpy as np


def fill_shape(shape: ShapeLike, value: TensorLike, dtype: DTypeLike) -> Buffer:
    """One value in a shape, whose elements may be assigned."""
    made = as_tensor(value)
    made = made if dtype is None or made.dtype == as_dtype(dtype) else cast(made, dtype)
    return Buffer(contraction.broadcast_to(made, shapes.as_shape(shape)))


def _filled_like(a: TensorLike, value: TensorLike, dtype: DTypeLike, shape: ShapeLike) -> Buffer:
    tensor = as_tensor(a)
    return fill_shape(shape if given(shape) else tensor.shape, value, dtype if given(dtype) else tensor.dtype)


def _fill_like(a: TensorLike, fill: Callable[..., Tensor], value: int, dtype: DTypeLike, shape: ShapeLike) -> Buffer:
    if given(shape):
        return _filled_like(a, value, dtype, shape)
    return Buffer(fill(a, dtype))


@numpy_function(refused="order subok device")
def zeros_like(
    a: TensorLike,
    dtype: DTypeLike = None,
    order: str = "K",
    subok: bool = True,
    shape: ShapeLike = None,
    *,
    device: str | None = None,
) -> Tensor:
    """Zeros of the same shape, or of another."""
    return _fill_like(a, creation.zeros_like, 0, dtype, shape)


@numpy_function(refused="order subok device")
def ones_like(
    a: TensorLike,
    dtype: DTypeLike = None,
    order: str = "K",
    subok: bool = True,
    shape: ShapeLike = None,
    *,
    device: str | None = None,
) -> Tensor:
    """Ones of the same shape, or of another."""
    return _fill_like(a, creation.ones_like, 1, dtype, shape)


@numpy_function(refused="order subok device")
def empty_like(
    prototype: TensorLike,
    /,
    dtype: DTypeLike = None,
    order: str = "K",
    subok: bool = True,
    shape: ShapeLike = None,
    *,
    device: str | None = None,
) -> Tensor:
    """Zeros of the same shape, or of another: nothing is ever uninitialised."""
    return _fill_like(prototype, creation.zeros_like, 0, dtype, shape)


@numpy_function(refused="order subok device")
def full_like(
    a: TensorLike,
    fill_value: TensorLike,
    dtype: DTypeLike = None,
    order: str = "K",
    subok: bool = True,
    shape: ShapeLike = None,
    *,
    device: str | None = None,
) -> Tensor:
    """One value in the same shape, or in another."""
    return _filled_like(a, fill_value, dtype, shape)


@numpy_function()
def result_type(*arrays_and_dtypes: Any) -> np.dtype[np.generic]:
    """NumPy's dtype of a result of all of them."""
    import numpy

    return numpy.result_type(*(numpy.dtype(a.dtype) if isinstance(a, Tensor) else a for a in arrays_and_dtypes))


@numpy_function(refused="copy device")
def astype(x: TensorLike, dtype: DTypeLike, /, *, copy: bool = True, device: str | None = None) -> Tensor:
    """Convert to a dtype."""
    return cast(x, dtype)


def identity_matrix(rows: DimLike, columns: DimLike, k: int, dtype: DTypeLike) -> Tensor:
    """Ones on a diagonal."""
    kind = as_dtype(dtype) or "float64"
    n = shapes.dimension(rows)
    m = n if columns is None else shapes.dimension(columns)
    if not k:
        return creation.eye(n, m, dtype=kind)
    steps = creation.range(m) - contraction.expand_dims(creation.range(n), 1)
    return cast(_T["equal"](steps, k), kind)


@numpy_function(refused="device")
def linspace(
    start: TensorLike,
    stop: TensorLike,
    num: DimLike = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: DTypeLike = None,
    axis: int = 0,
    *,
    device: str | None = None,
) -> Tensor | tuple[Tensor, Tensor]:
    """Evenly spaced numbers of an interval, with its end or without, and their distance where it is asked for."""
    made, width = evenly_spaced(start, stop, num, endpoint, dtype, axis)
    return (made, width) if retstep else made


def evenly_spaced(
    start: TensorLike, stop: TensorLike, num: DimLike, endpoint: bool, dtype: DTypeLike = None, axis: int = 0
) -> tuple[Tensor, Tensor]:
    """Evenly spaced numbers of an interval, with its end or without, and their distance."""
    first, last = alike(start, stop)
    count = shapes.dimension(num)
    parts: Dim = count - 1 if endpoint else count
    width = (last - first) / parts if parts != 0 else (last - first) * math.nan
    rank = max(first.ndim, last.ndim)
    where = shapes.normalize_axis(axis, rank + 1)
    kind = "float32" if first.dtype == last.dtype == "float32" else "float64"
    steps = cast(creation.range(count), kind) / (parts if parts != 0 else 1)
    after = rank - where
    fraction = contraction.expand_dims(steps, tuple(range(1, 1 + after))) if after else steps
    low, high = (_end(t, rank, where) for t in (first, last))
    made = low * (1.0 - fraction) + high * fraction
    if given(dtype):
        made = cast(_T["floor"](made) if as_dtype(dtype) in ("int64", "int32") else made, dtype)
    return made, width


def _end(end: Tensor, rank: int, axis: int) -> Tensor:
    wide = reshaping.reshape(end, (1,) * (rank - end.ndim) + end.shape) if end.ndim < rank else end
    return contraction.expand_dims(wide, axis) if rank else wide


@numpy_function()
def logspace(
    start: TensorLike,
    stop: TensorLike,
    num: DimLike = 50,
    endpoint: bool = True,
    base: TensorLike = 10.0,
    dtype: DTypeLike = None,
    axis: int = 0,
) -> Tensor:
    """Powers of a base with evenly spaced exponents."""
    made = _T["pow"](base, evenly_spaced(start, stop, num, endpoint, axis=axis)[0])
    return cast(made, dtype) if given(dtype) else made


@numpy_function()
def geomspace(
    start: TensorLike,
    stop: TensorLike,
    num: DimLike = 50,
    endpoint: bool = True,
    dtype: DTypeLike = None,
    axis: int = 0,
) -> Tensor:
    """Numbers of an interval of which each is the same multiple of the one before."""
    first, last = (cast(floats(end), "float64") for end in (start, stop))
    sign = _T["sign"](first)
    # Between ends of different signs there is no such number: the logarithm is NaN.
    made = sign * _T["exp"](evenly_spaced(_T["log"](abs(first)), _T["log"](last * sign), num, endpoint, axis=axis)[0])
    return cast(made, dtype) if given(dtype) else made


@numpy_function()
def vander(x: TensorLike, N: Dim | None = None, increasing: bool = False) -> Tensor:
    """The powers of a vector's elements in columns, the highest first."""
    tensor = as_tensor(x)
    if tensor.ndim != 1:
        raise ValueError(f"vander takes a vector, got the shape {shapes.show(tensor.shape)}")
    columns_asked = tensor.shape[0] if N is None else N
    try:
        count = index(columns_asked)
    except TypeError:
        raise ValueError(f"vander takes a known number of columns N, got {columns_asked}") from None
    if count == 0:
        return cast(creation.zeros((*tensor.shape, 0)), tensor.dtype)
    columns = [creation.ones_like(tensor)]
    for _ in range(count - 1):
        columns.append(columns[-1] * tensor)
    return structure.stack(columns if increasing else columns[::-1], 1)
