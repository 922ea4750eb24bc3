"""Reductions: sums, products, extremes, means and deviations, with masks and first values; places; running totals."""

from __future__ import annotations

import math
from collections.abc import Callable

from tracer import shapes
from tracer.dtypes import FLOATS, DTypeLike, as_dtype
from tracer.numpy_functions.signatures import given, numpy_function
from tracer.numpy_functions.ufuncs import floats, where
from tracer.ops import contraction, creation, ordering, reduction, reshaping, scan, structure
from tracer.ops.casting import cast
from tracer.ops.elementwise import FUNCTIONS as _T
from tracer.ops.elementwise import NORM_ROOT
from tracer.shapes import Axes, Dim
from tracer.tensor import Operand, Tensor, TensorLike, apply, as_operand, as_tensor


def selected(a: TensorLike, mask: TensorLike, neutral: TensorLike) -> Tensor:
    """The elements where the mask is true, and what does not count elsewhere."""
    tensor = as_tensor(a)
    return tensor if mask is True else where(as_mask(mask, tensor), tensor, neutral)


def as_mask(mask: TensorLike, a: Tensor) -> Tensor:
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


def count(a: Tensor, axis: Axes, mask: TensorLike, keepdims: bool = False) -> Dim | Tensor:
    """How many elements a reduction goes over: a number or dimension, or a tensor where a mask chooses."""
    if mask is True:
        return shapes.size(tuple(a.shape[k] for k in shapes.normalize_axes(axis, a.ndim)))
    chosen = contraction.broadcast_to(as_mask(mask, a), a.shape)
    return contraction.reduce_sum(cast(chosen, a.dtype if a.dtype in FLOATS else "float64"), axis, keepdims)


def typed(a: TensorLike, dtype: DTypeLike) -> Tensor:
    """The operand in the dtype that the result is to have."""
    return cast(a, dtype) if given(dtype) else as_tensor(a)


def summands(a: TensorLike, dtype: DTypeLike) -> Tensor:
    """What a sum or product goes over: small integers count in int64 where no dtype is named."""
    tensor = typed(a, dtype)
    return cast(tensor, "int64") if tensor.dtype == "int32" and not given(dtype) else tensor


def _result(a: Tensor, dtype: DTypeLike) -> Tensor:
    """A result in the dtype that is named: a sum of booleans counts otherwise."""
    return a if not given(dtype) or a.dtype == as_dtype(dtype) else cast(a, dtype)


def _first_value(initial: TensorLike, dtype: str) -> Operand:
    """The value that a reduction begins with, in the dtype of the elements."""
    if isinstance(initial, (int, float)) and not isinstance(initial, bool) and dtype in FLOATS:
        return initial
    return cast(initial, dtype)


@numpy_function("sum", refused="out", tuples="axis")
def sum_along(
    a: TensorLike,
    axis: Axes = None,
    dtype: DTypeLike = None,
    out: None = None,
    keepdims: bool = False,
    initial: TensorLike = 0,
    where: TensorLike = True,
) -> Tensor:
    """The sum along axes."""
    total = contraction.reduce_sum(selected(summands(a, dtype), where, 0), axis, bool(keepdims))
    return _result(total if _is(initial, 0) else total + _first_value(initial, total.dtype), dtype)


@numpy_function("prod", refused="out", tuples="axis")
def product_along(
    a: TensorLike,
    axis: Axes = None,
    dtype: DTypeLike = None,
    out: None = None,
    keepdims: bool = False,
    initial: TensorLike = 1,
    where: TensorLike = True,
) -> Tensor:
    """The product along axes."""
    total = reduction.reduce_prod(selected(summands(a, dtype), where, 1), axis, bool(keepdims))
    return _result(total if _is(initial, 1) else total * _first_value(initial, total.dtype), dtype)


def _is(value: object, number: int) -> bool:
    return type(value) in (int, float) and value == number


def _extreme_function(reduce: Callable[..., Tensor], pair: str) -> Callable[..., Tensor]:
    def extreme_along(
        a: TensorLike,
        axis: Axes = None,
        out: None = None,
        keepdims: bool = False,
        initial: TensorLike | None = None,
        where: TensorLike = True,
    ) -> Tensor:
        tensor = as_tensor(a)
        if not given(initial):
            if where is not True:
                raise ValueError(f"{pair} with where needs initial, the value where the mask chooses nothing")
            return reduce(tensor, axis, bool(keepdims))
        axes = shapes.normalize_axes(axis, tensor.ndim)
        if any(tensor.shape[k] == 0 for k in axes):
            kept = contraction.reduce_sum(tensor, axis, bool(keepdims))
            return cast(creation.fill(kept.shape, initial), tensor.dtype)
        start = _first_value(initial, tensor.dtype)
        return _T[pair](reduce(selected(tensor, where, start), axis, bool(keepdims)), start)

    extreme_along.__doc__ = f"The {pair} along axes."
    return extreme_along


largest_along = numpy_function("max", "amax", refused="out", tuples="axis")(
    _extreme_function(reduction.reduce_max, "maximum")
)
smallest_along = numpy_function("min", "amin", refused="out", tuples="axis")(
    _extreme_function(reduction.reduce_min, "minimum")
)


def _truth_function(reduce: Callable[..., Tensor], neutral: bool) -> Callable[..., Tensor]:
    def truth_along(
        a: TensorLike, axis: Axes = None, out: None = None, keepdims: bool = False, *, where: TensorLike = True
    ) -> Tensor:
        tensor = as_tensor(a)
        truths = tensor if tensor.dtype == "bool" else _T["not_equal"](tensor, 0)
        return reduce(selected(truths, where, neutral), axis, bool(keepdims))

    truth_along.__doc__ = "Whether all, or any, elements along axes are true."
    return truth_along


all_along = numpy_function("all", refused="out", tuples="axis")(_truth_function(reduction.reduce_all, True))
any_along = numpy_function("any", refused="out", tuples="axis")(_truth_function(reduction.reduce_any, False))


@numpy_function("mean", refused="out", tuples="axis")
def mean_along(
    a: TensorLike,
    axis: Axes = None,
    dtype: DTypeLike = None,
    out: None = None,
    keepdims: bool = False,
    *,
    where: TensorLike = True,
) -> Tensor:
    """The mean along axes."""
    # Numbers that are cast to integers or booleans are divided as floats, and the mean is cast again.
    tensor = floats(typed(a, dtype))
    if where is not True:
        total = contraction.reduce_sum(selected(tensor, where, 0), axis, bool(keepdims))
        return _result(total / count(tensor, axis, where, bool(keepdims)), dtype)
    if count(tensor, axis, True) == 0:
        return _result(contraction.reduce_sum(tensor, axis, bool(keepdims)) * math.nan, dtype)
    return _result(contraction.reduce_mean(tensor, axis, bool(keepdims)), dtype)


@numpy_function(refused="out", tuples="axis")
def var(
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
    """The variance along axes: squared deviations, divided by their number less ``ddof``."""
    tensor = _deviating(a, dtype)
    ddof = correction_of(ddof, correction)
    centre = as_tensor(mean) if given(mean) else mean_along(tensor, axis, keepdims=True, where=where)
    squares = _T["square"](tensor - centre)
    if where is True and _is(ddof, 0) and count(tensor, axis, True) != 0:
        return contraction.reduce_mean(squares, axis, bool(keepdims))
    number: Operand = count(tensor, axis, where, bool(keepdims)) - ddof
    if isinstance(number, Tensor):
        number = _T["maximum"](number, 0)
    elif isinstance(number, (int, float)):
        number = max(number, 0)
    return _T["divide"](contraction.reduce_sum(selected(squares, where, 0), axis, bool(keepdims)), as_operand(number))


def _deviating(a: TensorLike, dtype: DTypeLike) -> Tensor:
    if given(dtype) and as_dtype(dtype) not in FLOATS:
        raise TypeError(f"the dtype of a variance or deviation is a float, got {dtype!r}; cast the result")
    return floats(typed(a, dtype))


def correction_of(ddof: float, correction: float | None) -> float:
    """What a variance divides by less, which has two names."""
    if not given(correction):
        return ddof
    if not _is(ddof, 0):
        raise ValueError("ddof and correction of a variance are one thing; give one of them")
    return correction


@numpy_function(refused="out", tuples="axis")
def std(
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
    """The standard deviation along axes: the square root of the variance."""
    tensor = _deviating(a, dtype)
    spread = var(tensor, axis, None, None, ddof, keepdims, where=where, mean=mean, correction=correction)
    if where is True and count(tensor, axis, True) == 1 and not given(mean) and not given(correction) and _is(ddof, 0):
        return length(tensor - mean_along(tensor, axis, keepdims=True), axis, bool(keepdims))
    return apply(NORM_ROOT, (spread,))


def length(x: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    """The square root of the sum of squares; of one element its size, whose gradient at 0 is 0."""
    if count(x, axis, True) == 1:
        return contraction.reduce_sum(abs(x), axis, keepdims)
    return apply(NORM_ROOT, (contraction.reduce_sum(_T["square"](x), axis, keepdims),))


@numpy_function(refused="out", tuples="axis")
def ptp(a: TensorLike, axis: Axes = None, out: None = None, keepdims: bool = False) -> Tensor:
    """The largest less the smallest element along axes."""
    tensor = as_tensor(a)
    if tensor.dtype == "bool":
        raise TypeError("ptp of booleans is not defined, as they have no difference; cast them to numbers")
    return largest_along(tensor, axis, None, keepdims) - smallest_along(tensor, axis, None, keepdims)


@numpy_function(tuples="axis")
def count_nonzero(a: TensorLike, axis: Axes = None, *, keepdims: bool = False) -> Tensor:
    """How many elements along axes are not zero."""
    return reduction.count_nonzero(a, axis, bool(keepdims))


# Along one axis.


def along(tensor: Tensor, axis: int | None) -> tuple[Tensor, int]:
    """A tensor and the axis to run along: of the flattened tensor where none is named."""
    if axis is None:
        return reshaping.reshape(tensor, (-1,)) if tensor.ndim != 1 else tensor, 0
    return tensor, shapes.normalize_axis(axis, tensor.ndim)


def _cumulative(operation: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def cumulate(a: TensorLike, axis: int | None = None, dtype: DTypeLike = None, out: None = None) -> Tensor:
        return _result(operation(*along(summands(a, dtype), axis)), dtype)

    cumulate.__doc__ = "Running sums, or products, along an axis, or of the flattened tensor."
    return cumulate


cumsum = numpy_function("cumsum", refused="out")(_cumulative(scan.cumsum))
cumprod = numpy_function("cumprod", refused="out")(_cumulative(scan.cumprod))


def _cumulative_from_start(operation: Callable[..., Tensor], start: int) -> Callable[..., Tensor]:
    def cumulate(
        x: TensorLike,
        /,
        *,
        axis: int | None = None,
        dtype: DTypeLike = None,
        out: None = None,
        include_initial: bool = False,
    ) -> Tensor:
        tensor = summands(x, dtype)
        if axis is None and tensor.ndim != 1:
            raise ValueError(f"axis must be given for a cumulative function of a tensor of rank {tensor.ndim}")
        tensor, position = along(tensor, axis)
        made = _result(operation(tensor, position), dtype)
        if not include_initial:
            return made
        shape = (*tensor.shape[:position], 1, *tensor.shape[position + 1 :])
        return structure.concat([cast(creation.fill(shape, start), made.dtype), made], position)

    cumulate.__doc__ = "Running sums, or products, along an axis, with the empty one in front where it is asked for."
    return cumulate


cumulative_sum = numpy_function("cumulative_sum", refused="out")(_cumulative_from_start(scan.cumsum, 0))
cumulative_prod = numpy_function("cumulative_prod", refused="out")(_cumulative_from_start(scan.cumprod, 1))


def _place_function(operation: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def place(a: TensorLike, axis: int | None = None, out: None = None, *, keepdims: bool = False) -> Tensor:
        tensor = as_tensor(a)
        if not tensor.ndim:
            shapes.normalize_axis(axis or 0, 1)
            return creation.fill((), 0)
        flat, position = along(tensor, axis)
        found = operation(flat, position)
        if not keepdims:
            return found
        return (
            reshaping.reshape(found, (1,) * tensor.ndim) if axis is None else contraction.expand_dims(found, position)
        )

    place.__doc__ = "The place of the first largest, or smallest, element along an axis, or of the flattened tensor."
    return place


argmax = numpy_function("argmax", refused="out")(_place_function(ordering.argmax))
argmin = numpy_function("argmin", refused="out")(_place_function(ordering.argmin))
