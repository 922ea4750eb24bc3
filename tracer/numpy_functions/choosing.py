"""Choosing: by conditions and by integers; limits, rounding, tests of elements, and assignment to them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from tracer import shapes
from tracer.dtypes import FLOATS, DTypeLike
from tracer.numpy_functions.signatures import given, numpy_function
from tracer.numpy_functions.sorting import within
from tracer.numpy_functions.ufuncs import constant_like, floats, isfinite, signbit, trunc
from tracer.numpy_functions.ufuncs import where as choose_by
from tracer.ops import contraction, creation, indexing, reduction, reshaping
from tracer.ops.casting import cast
from tracer.ops.elementwise import FUNCTIONS as _T
from tracer.tensor import Tensor, TensorLike, as_operand, as_tensor
from tracer.variable import Buffer

# Elements by conditions.


@numpy_function("where")
def where(condition: TensorLike, x: TensorLike | None = None, y: TensorLike | None = None, /) -> Tensor:
    """One of two values by a condition."""
    if x is None or y is None:
        raise TypeError("where of a tensor takes a condition and two values; the places of what is true have no shape")
    return choose_by(condition, x, y)


@numpy_function()
def select(condlist: Iterable[TensorLike], choicelist: Iterable[TensorLike], default: TensorLike = 0) -> Tensor:
    """The value of the first condition that is true."""
    conditions, choices = list(condlist), list(choicelist)
    if len(conditions) != len(choices) or not conditions:
        raise ValueError(f"select takes as many conditions as choices, got {len(conditions)} and {len(choices)}")
    if any(as_tensor(c).dtype != "bool" for c in conditions):
        raise TypeError("the conditions of select must be booleans; write x != 0")
    result = choose_by(conditions[-1], choices[-1], as_operand(default))
    for condition, choice in zip(conditions[-2::-1], choices[-2::-1]):
        result = choose_by(condition, choice, result)
    return result


@numpy_function(refused="out")
def choose(a: TensorLike, choices: TensorLike, out: None = None, mode: str = "raise") -> Tensor:
    """For each element the choice that its integer names."""
    options = list(choices) if isinstance(choices, (list, tuple)) else indexing.unstack(choices)
    at = as_tensor(within(a, len(options), mode, "choose"))
    if mode == "raise" and at.value is not None:
        known = at.numpy()
        if known.size and not 0 <= known.min() <= known.max() < len(options):
            raise ValueError(f"choose: an index is out of range for {len(options)} choices")
    result = as_tensor(options[-1])
    for k, option in reversed(list(enumerate(options[:-1]))):
        result = choose_by(_T["equal"](at, k), option, result)
    return contraction.broadcast_to(result, shapes.broadcast(result.shape, at.shape))


@numpy_function()
def piecewise(
    x: TensorLike,
    condlist: TensorLike,
    funclist: Sequence[Callable[..., TensorLike] | TensorLike],
    *args: object,
    **kw: object,
) -> Tensor:
    """Functions of the elements, each where its condition is true; one more than the conditions is for the rest."""
    tensor = as_tensor(x)
    conditions = list(condlist) if isinstance(condlist, (list, tuple)) else [condlist]
    if conditions and isinstance(conditions[0], bool):
        conditions = [conditions]
    if len(funclist) not in (len(conditions), len(conditions) + 1):
        raise ValueError(f"piecewise takes {len(conditions)} or {len(conditions) + 1} functions, got {len(funclist)}")
    values = [f(tensor, *args, **kw) if callable(f) else f for f in funclist]
    result = values[-1] if len(values) > len(conditions) else constant_like(tensor, 0)
    for condition, value in zip(conditions, values):
        result = choose_by(condition, value, result)
    return cast(result, tensor.dtype)


@numpy_function()
def argwhere(a: TensorLike) -> Tensor:
    """The places of what is not zero."""
    raise TypeError("argwhere of a tensor is not served: its shape depends on the values; write where(condition, x, 0)")


# Limits and rounding.


@numpy_function(refused="out dtype")
def clip(
    a: TensorLike,
    a_min: TensorLike | None = None,
    a_max: TensorLike | None = None,
    out: None = None,
    *,
    min: TensorLike | None = None,
    max: TensorLike | None = None,
    dtype: DTypeLike = None,
) -> Tensor:
    """Limit values to an interval, either side of which may be open."""
    low, high = (first if given(first) else second for first, second in ((a_min, min), (a_max, max)))
    tensor = as_tensor(a)
    if given(low) and given(high):
        return _T["clip_by_value"](tensor, low, high)
    if given(low):
        return _T["maximum"](tensor, low)
    return _T["minimum"](tensor, high) if given(high) else tensor


@numpy_function("round", "around", refused="out")
def round_to(a: TensorLike, decimals: int = 0, out: None = None) -> Tensor:
    """The nearest number with so many decimals, halves to even."""
    tensor = as_tensor(a)
    if not hasattr(decimals, "__index__"):
        raise TypeError(f"the decimals of round are an int, got {decimals!r}")
    if tensor.dtype == "bool":
        tensor = floats(tensor)
    if tensor.dtype not in FLOATS:
        if decimals >= 0:
            return tensor
        return cast(_T["round"](tensor / 10**-decimals) * 10**-decimals, tensor.dtype)
    if not decimals:
        return _T["round"](tensor)
    scale = 10.0 ** abs(decimals)
    return _T["round"](tensor * scale) / scale if decimals > 0 else _T["round"](tensor / scale) * scale


@numpy_function(refused="out")
def fix(x: TensorLike, out: None = None) -> Tensor:
    """The nearest integer towards zero."""
    return trunc(x)


@numpy_function(refused="copy")
def nan_to_num(
    x: TensorLike,
    copy: bool = True,
    nan: TensorLike = 0.0,
    posinf: TensorLike | None = None,
    neginf: TensorLike | None = None,
) -> Tensor:
    """Numbers in place of NaN and of infinities; by default zero and the largest floats."""
    tensor = as_tensor(x)
    if tensor.dtype not in FLOATS:
        return tensor
    largest = 3.4028234663852886e38 if tensor.dtype == "float32" else 1.7976931348623157e308
    high, low = (value if given(value) else limit for value, limit in ((posinf, largest), (neginf, -largest)))
    finite = choose_by(_T["equal"](tensor, math.inf), high, choose_by(_T["equal"](tensor, -math.inf), low, tensor))
    return choose_by(_T["is_nan"](tensor), nan, finite)


# Tests of elements.


@numpy_function(refused="out")
def isposinf(x: TensorLike, out: None = None) -> Tensor:
    """Whether an element is positive infinity."""
    return _T["equal"](x, math.inf)


@numpy_function(refused="out")
def isneginf(x: TensorLike, out: None = None) -> Tensor:
    """Whether an element is negative infinity."""
    return _T["equal"](x, -math.inf)


@numpy_function()
def isclose(
    a: TensorLike, b: TensorLike, rtol: TensorLike = 1e-5, atol: TensorLike = 1e-8, equal_nan: bool = False
) -> Tensor:
    """Whether elements differ by ``atol + rtol*abs(b)`` at most."""
    x, y = floats(a), floats(b)
    finite = _T["logical_and"](isfinite(x), isfinite(y))
    near = _T["less_equal"](abs(x - y), atol + rtol * abs(y))
    close = _T["logical_or"](_T["equal"](x, y), _T["logical_and"](finite, near))
    return _T["logical_or"](close, _T["logical_and"](_T["is_nan"](x), _T["is_nan"](y))) if equal_nan else close


@numpy_function()
def allclose(
    a: TensorLike, b: TensorLike, rtol: TensorLike = 1e-5, atol: TensorLike = 1e-8, equal_nan: bool = False
) -> Tensor:
    """Whether all elements are close."""
    return reduction.reduce_all(isclose(a, b, rtol, atol, equal_nan))


@numpy_function()
def array_equal(a1: TensorLike, a2: TensorLike, equal_nan: bool = False) -> Tensor | bool:
    """Whether two tensors have one shape and equal elements."""
    x, y = as_tensor(a1), as_tensor(a2)
    if x.shape != y.shape:
        return False
    same = _T["equal"](x, y)
    if equal_nan:
        same = _T["logical_or"](same, _T["logical_and"](_T["is_nan"](x), _T["is_nan"](y)))
    return reduction.reduce_all(same)


@numpy_function()
def array_equiv(a1: TensorLike, a2: TensorLike) -> Tensor | bool:
    """Whether two tensors broadcast to equal elements."""
    try:
        return reduction.reduce_all(_T["equal"](a1, a2))
    except ValueError:
        return False


def _of_real_numbers(value: bool) -> Callable[[TensorLike], Tensor]:
    def test(x: TensorLike) -> Tensor:
        return cast(constant_like(as_tensor(x), value), "bool")

    test.__doc__ = "Whether an element is real, or complex: tensors hold real numbers."
    return test


numpy_function("isreal")(_of_real_numbers(True))
numpy_function("iscomplex")(_of_real_numbers(False))


@numpy_function("real_if_close")
def real_if_close(a: TensorLike, tol: TensorLike = 100) -> Tensor:
    """The tensor, which is real."""
    return as_tensor(a)


@numpy_function("real")
def real(val: TensorLike) -> Tensor:
    """The tensor, which is real."""
    return as_tensor(val)


@numpy_function("imag")
def imag(val: TensorLike) -> Tensor:
    """Zeros: tensors hold real numbers."""
    return creation.zeros_like(val)


@numpy_function()
def angle(z: TensorLike, deg: bool = False) -> Tensor:
    """The angle of real numbers: zero, or half a turn for negative ones."""
    tensor = floats(z)
    half = cast(180.0 if deg else math.pi, tensor.dtype)
    return choose_by(_T["is_nan"](tensor), math.nan, choose_by(signbit(tensor), half, 0.0))


@numpy_function()
def isrealobj(x: TensorLike) -> bool:
    """True: tensors hold real numbers."""
    return True


@numpy_function()
def iscomplexobj(x: TensorLike) -> bool:
    """False: tensors hold real numbers."""
    return False


# Assignment to the elements of a buffer.


def _buffer(name: str, array: TensorLike) -> Buffer:
    if not isinstance(array, Buffer):
        raise TypeError(f"{name} assigns to elements, which a tensor does not take; write it for numpy.copy(tensor)")
    return array


@numpy_function(refused="casting")
def copyto(dst: TensorLike, src: TensorLike, casting: str = "same_kind", where: TensorLike = True) -> None:
    """Assign to all elements, or where a mask is true."""
    target = _buffer("copyto", dst)
    value = contraction.broadcast_to(src, target.shape)
    chosen = value if where is True else choose_by(where, value, target.current)
    target.current = cast(contraction.broadcast_to(chosen, target.shape), target.dtype)


@numpy_function()
def fill_diagonal(a: TensorLike, val: TensorLike, wrap: bool = False) -> None:
    """Assign to the main diagonal of a matrix."""
    target = _buffer("fill_diagonal", a)
    if target.ndim != 2 or wrap:
        raise ValueError(
            f"fill_diagonal of a tensor takes a matrix and no wrap, got the shape {shapes.show(target.shape)} and "
            f"wrap={wrap}; assign with an index, array[index] = values"
        )
    rows, columns = target.shape
    equal = cast(creation.eye(rows, columns), "bool")
    value = as_tensor(val)
    if value.ndim:
        value = reshaping.reshape(value, (-1, 1))
    target.current = cast(choose_by(equal, value, target.current), target.dtype)


@numpy_function()
def putmask(a: TensorLike, mask: TensorLike, values: TensorLike) -> None:
    """Assign where a mask is true."""
    target = _buffer("putmask", a)
    target.current = cast(choose_by(mask, values, target.current), target.dtype)


@numpy_function()
def put_along_axis(arr: TensorLike, indices: TensorLike, values: TensorLike, axis: int = -1) -> None:
    """Refused: assign with an index instead."""
    raise TypeError("put_along_axis of a tensor is not served; assign with an index, array[index] = values")
