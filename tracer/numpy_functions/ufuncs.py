"""NumPy's universal functions over tensors."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

from tracer import shapes
from tracer.dtypes import FLOATS
from tracer.ops import accurate, contraction, creation
from tracer.ops.casting import cast
from tracer.ops.elementwise import FUNCTIONS as _T
from tracer.rules import Elementwise
from tracer.tensor import Tensor, TensorLike, apply, as_operand, as_tensor
from tracer.values import literal_dtype

F = TypeVar("F", bound=Callable[..., object])

UFUNCS: dict[str, Callable[..., Any]] = {}
"""By NumPy's name."""


def ufunc(*names: str) -> Callable[[F], F]:
    """Enter a function of operands into the table."""

    def enter(f: F) -> F:
        UFUNCS.update(dict.fromkeys(names or (f.__name__,), f))
        return f

    return enter


def floats(value: TensorLike) -> Tensor:
    """The value as a tensor of a floating dtype."""
    tensor = as_tensor(value)
    return tensor if tensor.dtype in FLOATS else cast(tensor, "float64")


def alike(*values: TensorLike) -> list[Tensor]:
    """The values as tensors of floating dtypes; a Python number takes that of the others, as in NumPy."""
    tensors = [floats(v) if isinstance(v, Tensor) else cast(v, _float_dtype(v)) for v in values]
    weak = [type(value) in (int, float, bool) for value in values]
    if {t.dtype for t, number in zip(tensors, weak) if not number} != {"float32"}:
        return tensors
    return [cast(t, "float32") if number else t for t, number in zip(tensors, weak)]


def _float_dtype(value: TensorLike) -> str:
    """What NumPy's float32 is as a float, its scalars among them; float64 of anything else."""
    return "float32" if getattr(value, "dtype", None) == "float32" else "float64"


def where(condition: TensorLike, x: TensorLike, y: TensorLike) -> Tensor:
    """One of two values by a condition, which NumPy takes for true where it is not zero."""
    chosen = as_tensor(condition)
    return _T["where"](chosen if chosen.dtype == "bool" else _T["not_equal"](chosen, 0), x, y)


def constant_like(x: Tensor, value: TensorLike) -> Tensor:
    """A value in the shape of a tensor; no gradient flows."""
    return creation.fill(x.shape, value)


_SAME = (
    "add", "multiply", "divide", "square", "sqrt", "exp", "expm1", "log", "log1p", "sin", "cos", "tan", "sinh", "cosh",
    "tanh", "maximum", "minimum", "equal", "not_equal", "less", "less_equal", "greater", "greater_equal",
)  # fmt: skip
_RENAMED = {
    "absolute": "abs", "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh", "arctan": "atan",
    "arctan2": "atan2", "arctanh": "atanh", "isnan": "is_nan",
}  # fmt: skip
UFUNCS["matmul"] = contraction.matmul
UFUNCS.update({name: _T[name] for name in _SAME})
UFUNCS.update({name: _T[other] for name, other in _RENAMED.items()})


def _row(op: Elementwise) -> Callable[..., Tensor]:
    return lambda *operands: apply(op, operands)


UFUNCS.update(
    {op.name: _row(op) for op in (accurate.LOG2, accurate.LOG10, accurate.EXP2, accurate.CBRT, accurate.HYPOT)}
)


def _refusing_booleans(name: str) -> Callable[..., Tensor]:
    """NumPy has no arithmetic loop of these for booleans alone."""
    instead = {"subtract": "logical_xor", "negative": "logical_not"}.get(name, "cast to integers")

    def call(*operands: TensorLike) -> Tensor:
        if all(kind == "bool" for kind in map(kind_of, operands)):
            raise TypeError(f"{name} of booleans is not defined; write {instead}")
        return _T["identity" if name == "positive" else name](*operands)

    return call


def _counting_booleans(name: str, other: str) -> Callable[..., Tensor]:
    """Booleans count as the integers 0 and 1."""

    def call(*operands: TensorLike) -> Tensor:
        if all(kind == "bool" for kind in map(kind_of, operands)):
            operands = tuple(cast(operand, "int64") for operand in operands)
        return _T[other](*operands)

    return call


def kind_of(operand: TensorLike) -> str:
    """The dtype of an operand."""
    value = as_operand(operand)
    return value.dtype if type(value) is Tensor else literal_dtype(value)


UFUNCS.update({name: _refusing_booleans(name) for name in ("subtract", "negative", "sign", "positive")})
UFUNCS.update(
    {
        name: _counting_booleans(name, other)
        for name, other in {
            "floor_divide": "floordiv",
            "remainder": "mod",
            "square": "square",
            "conjugate": "identity",
        }.items()
    }
)


def _logical(name: str) -> Callable[..., Tensor]:
    def call(*operands: TensorLike) -> Tensor:
        truths = [t if t.dtype == "bool" else _T["not_equal"](t, 0) for t in map(as_tensor, operands)]
        return _T[name](*truths)

    return call


UFUNCS.update({name: _logical(name) for name in ("logical_and", "logical_or", "logical_xor", "logical_not")})


def _bitwise(name: str, logical: str) -> Callable[..., Tensor]:
    def call(*operands: TensorLike) -> Tensor:
        if any(kind != "bool" for kind in map(kind_of, operands)):
            raise TypeError(f"{name} of a tensor is of booleans; {name} of integers is not served")
        return _T[logical](*operands)

    return call


UFUNCS.update(
    {
        name: _bitwise(name, logical)
        for name, logical in {
            "bitwise_and": "logical_and", "bitwise_or": "logical_or", "bitwise_xor": "logical_xor",
            "invert": "logical_not",
        }.items()
    }
)  # fmt: skip


def _round_function(name: str, other: str) -> Callable[[TensorLike], Tensor]:
    """Integers are whole already."""

    def call(x: TensorLike) -> Tensor:
        tensor = as_tensor(x)
        return _T[other](tensor) if tensor.dtype in FLOATS else tensor

    return call


UFUNCS.update({name: _round_function(name, name) for name in ("floor", "ceil")})


@ufunc()
def rint(x: TensorLike) -> Tensor:
    """The nearest integer as a float."""
    return _T["rint"](floats(x))


@ufunc("trunc", "fix")
def trunc(x: TensorLike) -> Tensor:
    """The nearest integer towards zero; no gradient flows."""
    tensor = as_tensor(x)
    if tensor.dtype not in FLOATS:
        return tensor
    return where(tensor < 0, _T["ceil"](tensor), _T["floor"](tensor))


@ufunc()
def fabs(x: TensorLike) -> Tensor:
    """The absolute value as a float."""
    return abs(floats(x))


@ufunc()
def reciprocal(x: TensorLike) -> Tensor:
    """One divided by the value; of integers in whole numbers."""
    tensor = as_tensor(x)
    if tensor.dtype in FLOATS:
        return _T["reciprocal"](tensor)
    whole = cast(tensor, "int64") if tensor.dtype == "bool" else tensor
    return where(_T["equal"](abs(whole), 1), whole, 0)


@ufunc()
def power(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The first operand to the power of the second."""
    base, exponent = as_operand(x1), as_operand(x2)
    kinds = [kind_of(base), kind_of(exponent)]
    if kinds == ["bool", "bool"]:
        base, kinds = cast(base, "int64"), ["int64", "bool"]
    if not {*kinds} & {*FLOATS} and type(exponent) is int and exponent < 0:
        raise ValueError(f"integers to the negative power {exponent} are no integers; write power(x, {exponent}.0)")
    if "bool" in kinds and {*kinds} & {*FLOATS}:
        base, exponent = (cast(v, "float64") if kind_of(v) == "bool" else v for v in (base, exponent))
    elif "bool" in kinds:
        base, exponent = (cast(v, "int64") if kind_of(v) == "bool" else v for v in (base, exponent))
    return _T["pow"](base, exponent)


@ufunc()
def float_power(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The power of floats."""
    return _T["pow"](
        *(cast(v, "float64") if isinstance(v, Tensor) or not isinstance(v, (int, float)) else v for v in (x1, x2))
    )


@ufunc()
def fmax(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The larger of two values, of which NaN is never one unless both are."""
    return _without_nan("greater_equal", "maximum", x1, x2)


@ufunc()
def fmin(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The smaller of two values, of which NaN is never one unless both are."""
    return _without_nan("less_equal", "minimum", x1, x2)


def _without_nan(comparison: str, extreme: str, x1: TensorLike, x2: TensorLike) -> Tensor:
    if not {kind_of(x1), kind_of(x2)} & {*FLOATS}:
        return _T[extreme](x1, x2)
    x, y = alike(x1, x2)
    return where(_T["logical_or"](_T[comparison](x, y), _T["is_nan"](y)), x, y)


@ufunc()
def fmod(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The remainder of a division that rounds towards zero; it has the sign of the dividend."""
    x, y = as_tensor(x1), as_tensor(x2)
    if {x.dtype, y.dtype} & {*FLOATS}:
        x, y = alike(x1, x2)
    elif {x.dtype, y.dtype} == {"bool"}:
        x = cast(x, "int64")
    size = abs(y)
    return where(x < 0, -_T["mod"](-x, size) if x.dtype != "bool" else x, _T["mod"](x, size))


@ufunc("divmod")
def divide_with_remainder(x1: TensorLike, x2: TensorLike) -> tuple[Tensor, Tensor]:
    """The floor of the quotient, and the remainder."""
    return UFUNCS["floor_divide"](x1, x2), UFUNCS["remainder"](x1, x2)


@ufunc()
def modf(x: TensorLike) -> tuple[Tensor, Tensor]:
    """The fractional and the integral part, both with the sign of the value."""
    tensor = floats(x)
    whole = trunc(tensor)
    return where(isinf(tensor), 0.0, tensor - whole), whole


@ufunc()
def logaddexp(x1: TensorLike, x2: TensorLike) -> Tensor:
    """``log(exp(x1) + exp(x2))``, which is evaluated without overflow."""
    x, y = alike(x1, x2)
    return _T["log"](_T["add"](_T["exp"](x), _T["exp"](y)))


@ufunc()
def logaddexp2(x1: TensorLike, x2: TensorLike) -> Tensor:
    """``log2(2**x1 + 2**x2)``, which is evaluated without overflow."""
    scale = math.log(2.0)
    x, y = alike(x1, x2)
    return logaddexp(x * scale, y * scale) / scale


@ufunc()
def signbit(x: TensorLike) -> Tensor:
    """Whether the sign is minus, which zero may have too."""
    tensor = as_tensor(x)
    if tensor.dtype not in FLOATS:
        return _T["less"](tensor, 0)
    return _T["less"](where(_T["equal"](tensor, 0), 1.0 / tensor, tensor), 0)


@ufunc()
def copysign(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The size of the first operand with the sign of the second."""
    size = abs(floats(x1))
    return where(signbit(x2), -size, size)


@ufunc()
def isinf(x: TensorLike) -> Tensor:
    """Whether an element is infinite."""
    return _T["equal"](_T["abs"](x), math.inf)


@ufunc()
def isfinite(x: TensorLike) -> Tensor:
    """Whether an element is finite."""
    return _T["less"](_T["abs"](x), math.inf)


@ufunc("deg2rad", "radians")
def radians(x: TensorLike) -> Tensor:
    """Degrees as radians."""
    return floats(x) * (math.pi / 180)


@ufunc("rad2deg", "degrees")
def degrees(x: TensorLike) -> Tensor:
    """Radians as degrees."""
    return floats(x) * (180 / math.pi)


@ufunc()
def heaviside(x1: TensorLike, x2: TensorLike) -> Tensor:
    """0 below zero, 1 above, the second operand at zero."""
    x, edge = alike(x1, x2)
    x = _T["stop_gradient"](x)
    step = cast(_T["greater"](x, 0), x.dtype)
    return where(_T["is_nan"](x), math.nan, where(_T["equal"](x, 0), edge, step))


@ufunc()
def ldexp(x1: TensorLike, x2: TensorLike) -> Tensor:
    """``x1 * 2**x2``."""
    if kind_of(x2) in FLOATS:
        raise TypeError("ldexp takes integers as its second operand; write x1 * 2.0**x2")
    x = floats(x1)
    return x * cast(apply(accurate.EXP2, (floats(x2),)), x.dtype)


@ufunc()
def vecdot(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Sums of products along the last axis."""
    x, y = as_tensor(x1), as_tensor(x2)
    _same_size("vecdot", x, -1, y, -1)
    total = contraction.reduce_sum(x * y, -1)
    return cast(total, "bool") if {x.dtype, y.dtype} == {"bool"} else total


@ufunc()
def matvec(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Matrices times vectors."""
    x, y = as_tensor(x1), as_tensor(x2)
    _same_size("matvec", x, -1, y, -1)
    return contraction.squeeze(x @ contraction.expand_dims(y, -1), -1)


@ufunc()
def vecmat(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Vectors times matrices."""
    x, y = as_tensor(x1), as_tensor(x2)
    _same_size("vecmat", x, -1, y, -2)
    return contraction.squeeze(contraction.expand_dims(x, -2) @ y, -2)


def _same_size(name: str, x: Tensor, first: int, y: Tensor, second: int) -> None:
    if x.ndim < -first or y.ndim < -second or x.shape[first] != y.shape[second]:
        raise ValueError(
            f"{name}: the sizes of axis {first} of shape {shapes.show(x.shape)} and of axis {second} of shape "
            f"{shapes.show(y.shape)} differ"
        )
