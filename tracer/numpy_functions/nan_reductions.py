"""Reductions that leave NaN out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tracer.dtypes import FLOATS, DTypeLike
from tracer.numpy_functions.axis_reductions import (
    argmax,
    argmin,
    as_mask,
    correction_of,
    count,
    cumprod,
    cumsum,
    largest_along,
    mean_along,
    product_along,
    smallest_along,
    sum_along,
    var,
)
from tracer.numpy_functions.signatures import given, numpy_function, with_signature_of
from tracer.numpy_functions.ufuncs import constant_like, where
from tracer.ops import reduction
from tracer.ops.casting import cast
from tracer.ops.elementwise import FUNCTIONS as _T
from tracer.ops.elementwise import NORM_ROOT
from tracer.shapes import Axes
from tracer.tensor import Tensor, TensorLike, apply, as_tensor


def without_nan(a: TensorLike, instead: TensorLike) -> Tensor:
    """The elements, and what does not count in place of NaN."""
    tensor = as_tensor(a)
    return where(_T["is_nan"](tensor), instead, tensor) if tensor.dtype in FLOATS else tensor


def present(a: TensorLike, mask: TensorLike = True) -> Tensor:
    """Where a tensor is a number and the mask is true."""
    tensor = as_tensor(a)
    numbers = (
        _T["logical_not"](_T["is_nan"](tensor)) if tensor.dtype in FLOATS else cast(constant_like(tensor, 1), "bool")
    )
    return numbers if mask is True else _T["logical_and"](numbers, as_mask(mask, tensor))


def _counting_nan_as(instead: float, function: Callable[..., Tensor], tuples: str = "") -> None:
    """Enter the function of NumPy that counts NaN as a number: ``cumsum`` -> ``nancumsum``."""
    name = function.__name__

    @with_signature_of(function)
    def call(a: TensorLike, *args: Any, **kwargs: Any) -> Tensor:
        return function(without_nan(a, instead), *args, **kwargs)

    call.__doc__ = f"As :func:`{name}`, with {instead:g} in place of NaN."
    numpy_function(f"nan{name}", refused="out", tuples=tuples)(call)


_counting_nan_as(0.0, sum_along, tuples="axis")
_counting_nan_as(1.0, product_along, tuples="axis")
_counting_nan_as(0.0, cumsum)
_counting_nan_as(1.0, cumprod)
_counting_nan_as(-math.inf, argmax)
_counting_nan_as(math.inf, argmin)


@numpy_function(refused="out", tuples="axis")
def nanmean(
    a: TensorLike,
    axis: Axes = None,
    dtype: DTypeLike = None,
    out: None = None,
    keepdims: bool = False,
    *,
    where: TensorLike = True,
) -> Tensor:
    """The mean along axes of what is not NaN."""
    return mean_along(without_nan(a, 0.0), axis, dtype, None, keepdims, where=present(a, where))


@numpy_function(refused="out", tuples="axis")
def nanvar(
    a: TensorLike,
    axis: Axes = None,
    dtype: DTypeLike = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: TensorLike = True,
    mean: TensorLike | None = None,
    correction: float | None = None,
) -> Tensor:
    """The variance along axes of what is not NaN; NaN where nothing is left to divide by."""
    numbers = without_nan(a, 0.0)
    chosen = present(a, where)
    ddof = correction_of(ddof, correction)
    spread = var(numbers, axis, dtype, None, ddof, keepdims, where=chosen, mean=mean)
    left = count(numbers, axis, chosen, bool(keepdims)) - ddof
    return _T["where"](_T["greater"](left, 0), spread, math.nan)


@numpy_function(refused="out", tuples="axis")
@with_signature_of(nanvar)
def nanstd(a: TensorLike, *args: Any, **kwargs: Any) -> Tensor:
    """The standard deviation along axes of what is not NaN."""
    return apply(NORM_ROOT, (nanvar(a, *args, **kwargs),))


def _nan_extreme(function: Callable[..., Tensor], least: float) -> Callable[..., Tensor]:
    def extreme_along(
        a: TensorLike,
        axis: Axes = None,
        out: None = None,
        keepdims: bool = False,
        initial: TensorLike | None = None,
        where: TensorLike = True,
    ) -> Tensor:
        tensor = as_tensor(a)
        if tensor.dtype not in FLOATS:
            return function(tensor, axis, None, keepdims, initial, where)
        found = function(without_nan(tensor, least), axis, None, keepdims, initial, where)
        some = reduction.reduce_any(present(tensor), axis, bool(keepdims))
        return found if given(initial) else _T["where"](some, found, math.nan)

    extreme_along.__doc__ = f"The {function.__name__} along axes of what is not NaN."
    return extreme_along


numpy_function("nanmax", refused="out", tuples="axis")(_nan_extreme(largest_along, -math.inf))
numpy_function("nanmin", refused="out", tuples="axis")(_nan_extreme(smallest_along, math.inf))
