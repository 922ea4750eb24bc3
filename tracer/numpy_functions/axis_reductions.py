"""Reductions: sums, products, extremes, means and deviations, with masks and first values, and those that skip NaN."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tracer import shapes
from tracer.dtypes import FLOATS, DTypeLike, as_dtype
from tracer.numpy_functions.signatures import FUNCTIONS, given, numpy_function, with_signature_of
from tracer.numpy_functions.ufuncs import cast, constant_like, floats, where
from tracer.operations import OPERATIONS as _T
from tracer.shapes import Axes
from tracer.tensor import Tensor, as_operand, as_tensor


def selected(a: Any, mask: Any, neutral: Any) -> Tensor:
    """The elements where the mask is true, and what does not count elsewhere."""
    tensor = as_tensor(a)
    return tensor if mask is True else where(_as_mask(mask, tensor), tensor, neutral)


def _as_mask(mask: Any, a: Tensor) -> Tensor:
    """The mask of a reduction as booleans that broadcast to the elements."""
    chosen = as_tensor(mask)
    if chosen.dtype != "bool":
        raise TypeError(
            f"where of a reduction takes booleans, got {chosen.dtype}; write a comparison such as mask != 0"
        )
    if chosen.ndim > a.ndim or shapes.broadcast(chosen.shape, a.shape) != a.shape:
        raise ValueError(
            f"where of a reduction must broadcast to the elements, of shape {shapes.show(a.shape)}; it has the shape "
            f"{shapes.show(chosen.shape)}"
        )
    return chosen


def count(a: Tensor, axis: Axes, mask: Any, keepdims: bool = False) -> Any:
    """How many elements a reduction goes over: a number or dimension, or a tensor where a mask chooses."""
    if mask is True:
        return shapes.size(tuple(a.shape[k] for k in shapes.normalize_axes(axis, a.ndim)))
    chosen = _T["broadcast_to"](_as_mask(mask, a), a.shape)
    return _T["reduce_sum"](cast(chosen, a.dtype if a.dtype in FLOATS else "float64"), axis, keepdims)


def typed(a: Any, dtype: DTypeLike) -> Tensor:
    """The operand in the dtype that the result is to have."""
    return cast(a, dtype) if given(dtype) else as_tensor(a)


def summands(a: Any, dtype: DTypeLike) -> Tensor:
    """What a sum or product goes over: small integers count in int64 where no dtype is named."""
    tensor = typed(a, dtype)
    return cast(tensor, "int64") if tensor.dtype == "int32" and not given(dtype) else tensor


def _result(a: Tensor, dtype: DTypeLike) -> Tensor:
    """A result in the dtype that is named: a sum of booleans counts otherwise."""
    return a if not given(dtype) or a.dtype == as_dtype(dtype) else cast(a, dtype)


def _first_value(initial: Any, dtype: str) -> Any:
    """The value that a reduction begins with, in the dtype of the elements."""
    if isinstance(initial, (int, float)) and not isinstance(initial, bool) and dtype in FLOATS:
        return initial
    return cast(initial, dtype)


@numpy_function("sum", refused="out", tuples="axis")
def sum_along(
    a: Any,
    axis: Axes = None,
    dtype: DTypeLike = None,
    out: None = None,
    keepdims: Any = False,
    initial: Any = 0,
    where: Any = True,
) -> Any:
    """The sum along axes."""
    total = _T["reduce_sum"](selected(summands(a, dtype), where, 0), axis, bool(keepdims))
    return _result(total if _is(initial, 0) else total + _first_value(initial, total.dtype), dtype)


@numpy_function("prod", refused="out", tuples="axis")
def product_along(
    a: Any,
    axis: Axes = None,
    dtype: DTypeLike = None,
    out: None = None,
    keepdims: Any = False,
    initial: Any = 1,
    where: Any = True,
) -> Any:
    """The product along axes."""
    total = _T["reduce_prod"](selected(summands(a, dtype), where, 1), axis, bool(keepdims))
    return _result(total if _is(initial, 1) else total * _first_value(initial, total.dtype), dtype)


def _is(value: Any, number: int) -> bool:
    return type(value) in (int, float) and value == number


def _extreme_function(reduction: str, pair: str) -> Callable[..., Any]:
    def extreme_along(
        a: Any, axis: Axes = None, out: None = None, keepdims: Any = False, initial: Any = None, where: Any = True
    ) -> Any:
        tensor = as_tensor(a)
        if not given(initial):
            if where is not True:
                raise ValueError(f"{pair} with where needs initial, the value where the mask chooses nothing")
            return _T[reduction](tensor, axis, bool(keepdims))
        axes = shapes.normalize_axes(axis, tensor.ndim)
        if any(tensor.shape[k] == 0 for k in axes):
            kept = _T["reduce_sum"](tensor, axis, bool(keepdims))
            return cast(_T["fill"](kept.shape, initial), tensor.dtype)
        start = _first_value(initial, tensor.dtype)
        return _T[pair](_T[reduction](selected(tensor, where, start), axis, bool(keepdims)), start)

    extreme_along.__doc__ = f"The {pair} along axes."
    return extreme_along


numpy_function("max", "amax", refused="out", tuples="axis")(_extreme_function("reduce_max", "maximum"))
numpy_function("min", "amin", refused="out", tuples="axis")(_extreme_function("reduce_min", "minimum"))


def _truth_function(reduction: str, neutral: bool) -> Callable[..., Any]:
    def truth_along(a: Any, axis: Axes = None, out: None = None, keepdims: Any = False, *, where: Any = True) -> Any:
        tensor = as_tensor(a)
        truths = tensor if tensor.dtype == "bool" else _T["not_equal"](tensor, 0)
        return _T[reduction](selected(truths, where, neutral), axis, bool(keepdims))

    truth_along.__doc__ = "Whether all, or any, elements along axes are true."
    return truth_along


numpy_function("all", refused="out", tuples="axis")(_truth_function("reduce_all", True))
numpy_function("any", refused="out", tuples="axis")(_truth_function("reduce_any", False))


@numpy_function(refused="out", tuples="axis")
def mean(
    a: Any, axis: Axes = None, dtype: DTypeLike = None, out: None = None, keepdims: Any = False, *, where: Any = True
) -> Any:
    """The mean along axes."""
    # Numbers that are cast to integers or booleans are divided as floats, and the mean is cast again.
    tensor = floats(typed(a, dtype))
    if where is not True:
        total = _T["reduce_sum"](selected(tensor, where, 0), axis, bool(keepdims))
        return _result(total / count(tensor, axis, where, bool(keepdims)), dtype)
    if count(tensor, axis, True) == 0:
        return _result(_T["reduce_sum"](tensor, axis, bool(keepdims)) * math.nan, dtype)
    return _result(_T["reduce_mean"](tensor, axis, bool(keepdims)), dtype)


@numpy_function(refused="out", tuples="axis")
def var(
    a: Any,
    axis: Axes = None,
    dtype: DTypeLike = None,
    out: None = None,
    ddof: Any = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: Any = None,
) -> Any:
    """The variance along axes: squared deviations, divided by their number less ``ddof``."""
    tensor = _deviating(a, dtype)
    ddof = _correction(ddof, correction)
    centre = as_tensor(mean) if given(mean) else FUNCTIONS["mean"](tensor, axis, keepdims=True, where=where)
    squares = _T["square"](tensor - centre)
    if where is True and _is(ddof, 0) and count(tensor, axis, True) != 0:
        return _T["reduce_mean"](squares, axis, bool(keepdims))
    number = count(tensor, axis, where, bool(keepdims)) - ddof
    number = (
        _T["maximum"](number, 0) if isinstance(number, Tensor) else max(number, 0) if _is_number(number) else number
    )
    return _T["divide"](_T["reduce_sum"](selected(squares, where, 0), axis, bool(keepdims)), as_operand(number))


def _deviating(a: Any, dtype: DTypeLike) -> Tensor:
    if given(dtype) and as_dtype(dtype) not in FLOATS:
        raise TypeError(f"the dtype of a variance or deviation is a float, got {dtype!r}; cast the result")
    return floats(typed(a, dtype))


def _correction(ddof: Any, correction: Any) -> Any:
    """What a variance divides by less, which has two names."""
    if not given(correction):
        return ddof
    if not _is(ddof, 0):
        raise ValueError("ddof and correction of a variance are one thing; give one of them")
    return correction


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))


@numpy_function(refused="out", tuples="axis")
def std(
    a: Any,
    axis: Axes = None,
    dtype: DTypeLike = None,
    out: None = None,
    ddof: Any = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: Any = None,
) -> Any:
    """The standard deviation along axes: the square root of the variance."""
    tensor = _deviating(a, dtype)
    spread = var(tensor, axis, None, None, ddof, keepdims, where=where, mean=mean, correction=correction)
    if where is not True:
        return masked_root(spread)
    if count(tensor, axis, True) == 1 and not given(mean) and not given(correction) and _is(ddof, 0):
        return length(tensor - FUNCTIONS["mean"](tensor, axis, keepdims=True), axis, bool(keepdims))
    return _T["sqrt"](spread)


def length(x: Tensor, axis: Axes, keepdims: bool) -> Any:
    """The square root of the sum of squares; of one element its size, whose gradient at 0 is 0."""
    if count(x, axis, True) == 1:
        return _T["reduce_sum"](abs(x), axis, keepdims)
    return _T["sqrt"](_T["reduce_sum"](_T["square"](x), axis, keepdims))


def masked_root(squares: Tensor) -> Any:
    """The square root of a sum that may be of one element or none; its gradient at 0 is 0, by convention."""
    positive = squares > 0
    return _T["where"](positive, _T["sqrt"](_T["where"](positive, squares, 1.0)), squares)


@numpy_function(refused="out", tuples="axis")
def ptp(a: Any, axis: Axes = None, out: None = None, keepdims: Any = False) -> Any:
    """The largest less the smallest element along axes."""
    tensor = as_tensor(a)
    if tensor.dtype == "bool":
        raise TypeError("ptp of booleans is not defined, as they have no difference; cast them to numbers")
    return FUNCTIONS["max"](tensor, axis, None, keepdims) - FUNCTIONS["min"](tensor, axis, None, keepdims)


@numpy_function(tuples="axis")
def count_nonzero(a: Any, axis: Axes = None, *, keepdims: Any = False) -> Any:
    """How many elements along axes are not zero."""
    return _T["count_nonzero"](a, axis, bool(keepdims))


# Along one axis.


def along(tensor: Tensor, axis: int | None) -> tuple[Tensor, int]:
    """A tensor and the axis to run along: of the flattened tensor where none is named."""
    if axis is None:
        return _T["reshape"](tensor, (-1,)) if tensor.ndim != 1 else tensor, 0
    return tensor, shapes.normalize_axis(axis, tensor.ndim)


def _cumulative(operation: str) -> Callable[..., Any]:
    def cumulate(a: Any, axis: int | None = None, dtype: DTypeLike = None, out: None = None) -> Any:
        return _result(_T[operation](*along(summands(a, dtype), axis)), dtype)

    cumulate.__doc__ = "Running sums, or products, along an axis, or of the flattened tensor."
    return cumulate


numpy_function("cumsum", refused="out")(_cumulative("cumsum"))
numpy_function("cumprod", refused="out")(_cumulative("cumprod"))


def _cumulative_from_start(operation: str, start: int) -> Callable[..., Any]:
    def cumulate(
        x: Any, /, *, axis: int | None = None, dtype: DTypeLike = None, out: None = None, include_initial: bool = False
    ) -> Any:
        tensor = summands(x, dtype)
        if axis is None and tensor.ndim != 1:
            raise ValueError(f"axis must be given for a cumulative function of a tensor of rank {tensor.ndim}")
        tensor, position = along(tensor, axis)
        made = _result(_T[operation](tensor, position), dtype)
        if not include_initial:
            return made
        shape = (*tensor.shape[:position], 1, *tensor.shape[position + 1 :])
        return _T["concat"]([cast(_T["fill"](shape, start), made.dtype), made], position)

    cumulate.__doc__ = "Running sums, or products, along an axis, with the empty one in front where it is asked for."
    return cumulate


numpy_function("cumulative_sum", refused="out")(_cumulative_from_start("cumsum", 0))
numpy_function("cumulative_prod", refused="out")(_cumulative_from_start("cumprod", 1))


def _place_function(operation: str) -> Callable[..., Any]:
    def place(a: Any, axis: int | None = None, out: None = None, *, keepdims: Any = False) -> Any:
        tensor = as_tensor(a)
        if not tensor.ndim:
            shapes.normalize_axis(axis or 0, 1)
            return _T["fill"]((), 0)
        flat, position = along(tensor, axis)
        found = _T[operation](flat, position)
        if not keepdims:
            return found
        return _T["reshape"](found, (1,) * tensor.ndim) if axis is None else _T["expand_dims"](found, position)

    place.__doc__ = "The place of the first largest, or smallest, element along an axis, or of the flattened tensor."
    return place


numpy_function("argmax", refused="out")(_place_function("argmax"))
numpy_function("argmin", refused="out")(_place_function("argmin"))


# Reductions that leave NaN out.


def without_nan(a: Any, instead: Any) -> Tensor:
    """The elements, and what does not count in place of NaN."""
    tensor = as_tensor(a)
    return where(_T["is_nan"](tensor), instead, tensor) if tensor.dtype in FLOATS else tensor


def present(a: Any, mask: Any = True) -> Any:
    """Where a tensor is a number and the mask is true."""
    tensor = as_tensor(a)
    numbers = (
        _T["logical_not"](_T["is_nan"](tensor)) if tensor.dtype in FLOATS else cast(constant_like(tensor, 1), "bool")
    )
    return numbers if mask is True else _T["logical_and"](numbers, _as_mask(mask, tensor))


def _counting_nan_as(instead: float, name: str, tuples: str = "") -> None:
    """Enter the function of NumPy that counts NaN as a number: ``cumsum`` -> ``nancumsum``."""
    function = FUNCTIONS[name]

    @with_signature_of(function)
    def call(a: Any, *args: Any, **kwargs: Any) -> Any:
        return function(without_nan(a, instead), *args, **kwargs)

    call.__doc__ = f"As :func:`{name}`, with {instead:g} in place of NaN."
    numpy_function(f"nan{name}", refused="out", tuples=tuples)(call)


_counting_nan_as(0.0, "sum", tuples="axis")
_counting_nan_as(1.0, "prod", tuples="axis")
_counting_nan_as(0.0, "cumsum")
_counting_nan_as(1.0, "cumprod")
_counting_nan_as(-math.inf, "argmax")
_counting_nan_as(math.inf, "argmin")


@numpy_function(refused="out", tuples="axis")
def nanmean(
    a: Any, axis: Axes = None, dtype: DTypeLike = None, out: None = None, keepdims: Any = False, *, where: Any = True
) -> Any:
    """The mean along axes of what is not NaN."""
    return mean(without_nan(a, 0.0), axis, dtype, None, keepdims, where=present(a, where))


@numpy_function(refused="out", tuples="axis")
def nanvar(
    a: Any,
    axis: Axes = None,
    dtype: DTypeLike = None,
    out: None = None,
    ddof: Any = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: Any = None,
) -> Any:
    """The variance along axes of what is not NaN; NaN where nothing is left to divide by."""
    numbers = without_nan(a, 0.0)
    chosen = present(a, where)
    ddof = _correction(ddof, correction)
    spread = var(numbers, axis, dtype, None, ddof, keepdims, where=chosen, mean=mean)
    left = count(numbers, axis, chosen, bool(keepdims)) - ddof
    return _T["where"](_T["greater"](left, 0), spread, math.nan)


@numpy_function(refused="out", tuples="axis")
@with_signature_of(nanvar)
def nanstd(a: Any, *args: Any, **kwargs: Any) -> Any:
    """The standard deviation along axes of what is not NaN."""
    return masked_root(nanvar(a, *args, **kwargs))


def _nan_extreme(name: str, least: float) -> Callable[..., Any]:
    def extreme_along(
        a: Any, axis: Axes = None, out: None = None, keepdims: Any = False, initial: Any = None, where: Any = True
    ) -> Any:
        tensor = as_tensor(a)
        if tensor.dtype not in FLOATS:
            return FUNCTIONS[name](tensor, axis, None, keepdims, initial, where)
        found = FUNCTIONS[name](without_nan(tensor, least), axis, None, keepdims, initial, where)
        some = _T["reduce_any"](present(tensor), axis, bool(keepdims))
        return found if given(initial) else _T["where"](some, found, math.nan)

    extreme_along.__doc__ = f"The {name} along axes of what is not NaN."
    return extreme_along


numpy_function("nanmax", refused="out", tuples="axis")(_nan_extreme("max", -math.inf))
numpy_function("nanmin", refused="out", tuples="axis")(_nan_extreme("min", math.inf))
