"""The functions of the Python array API standard, by its names, over traced tensors.

``x.__array_namespace__()`` answers this module, so that code written against the standard can be traced.
"""

from __future__ import annotations

import builtins
import math as _math
from collections.abc import Callable, Sequence
from typing import Any

from tracer import linalg as linalg
from tracer import shapes
from tracer.operations import OPERATIONS as _T
from tracer.rules import FLOATS
from tracer.shapes import Dim
from tracer.tensor import Tensor, as_dtype, as_operand, as_tensor, constant, promote
from tracer.variable import Buffer

__array_api_version__ = "2024.12"

e, pi, inf, nan, newaxis = _math.e, _math.pi, _math.inf, _math.nan, None
float32, float64, int32, int64 = "float32", "float64", "int32", "int64"
bool = "bool"

_SAME = (
    "abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "cos", "cosh", "divide", "equal",
    "exp", "expm1", "floor", "greater", "greater_equal", "less", "less_equal", "log", "log1p", "logical_and",
    "logical_not", "logical_or", "logical_xor", "maximum", "minimum", "multiply", "negative", "not_equal", "pow",
    "reciprocal", "round", "sign", "sin", "sinh", "sqrt", "square", "subtract", "add", "tan", "tanh", "where",
    "squeeze", "stack", "tile", "broadcast_to", "matmul",
)  # fmt: skip
_RENAMED = {
    "floor_divide": "floordiv", "remainder": "mod", "repeat": "repeat",
}  # fmt: skip
_REDUCTIONS = {
    "sum": "reduce_sum", "prod": "reduce_prod", "mean": "reduce_mean", "max": "reduce_max", "min": "reduce_min",
    "all": "reduce_all", "any": "reduce_any",
}  # fmt: skip


def _reduction(name: str) -> Callable[..., Tensor]:
    operation = _T[name]

    def reduce(x: Any, /, *, axis: Any = None, keepdims: builtins.bool = False, dtype: Any = None) -> Tensor:
        tensor = as_tensor(x) if dtype is None else astype(x, dtype)
        made: Tensor = operation(tensor, axis, keepdims)
        return made

    reduce.__doc__ = f"The standard's reduction; see :func:`tracer.{name}`."
    return reduce


globals().update({name: _T[name] for name in _SAME})
globals().update({name: _T[other] for name, other in _RENAMED.items()})
globals().update({name: _reduction(other) for name, other in _REDUCTIONS.items()})


def asarray(obj: Any, /, *, dtype: Any = None, device: Any = None, copy: Any = None) -> Tensor:
    """The object as a tensor; a copy takes assignments to its elements."""
    tensor = constant(obj, dtype)
    return Buffer(tensor) if copy else tensor


def astype(x: Any, dtype: Any, /, *, copy: Any = True, device: Any = None) -> Tensor:
    """Convert to a dtype."""
    made: Tensor = _T["cast"](x, dtype)
    return made


def _made(shape: Any, value: Any, dtype: Any) -> Tensor:
    filled: Tensor = _T["fill"](shapes.as_shape(shape), value)
    return Buffer(filled if dtype is None or filled.dtype == as_dtype(dtype) else astype(filled, dtype))


def zeros(shape: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """Zeros of a shape."""
    return _made(shape, 0.0, dtype)


def ones(shape: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """Ones of a shape."""
    return _made(shape, 1.0, dtype)


def full(shape: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """One value in a shape."""
    return _made(shape, fill_value, dtype)


def empty(shape: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """Zeros of a shape: nothing is ever uninitialised."""
    return zeros(shape, dtype=dtype)


def full_like(x: Any, /, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """One value in the shape of a tensor."""
    tensor = as_tensor(x)
    return _made(tensor.shape, fill_value, dtype or tensor.dtype)


def zeros_like(x: Any, /, *, dtype: Any = None, device: Any = None) -> Tensor:
    """Zeros in the shape of a tensor."""
    return full_like(x, 0, dtype=dtype)


def ones_like(x: Any, /, *, dtype: Any = None, device: Any = None) -> Tensor:
    """Ones in the shape of a tensor."""
    return full_like(x, 1, dtype=dtype)


def empty_like(x: Any, /, *, dtype: Any = None, device: Any = None) -> Tensor:
    """Zeros in the shape of a tensor."""
    return full_like(x, 0, dtype=dtype)


def eye(n_rows: Dim, n_cols: Dim | None = None, /, *, k: int = 0, dtype: Any = None, device: Any = None) -> Tensor:
    """Ones on the main diagonal."""
    if k:
        raise ValueError(f"eye has the main diagonal alone, got k={k}; write pad or roll around eye(n)")
    made: Tensor = _T["eye"](n_rows, n_cols)
    return made if dtype is None else astype(made, dtype)


def arange(start: Any, /, stop: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None) -> Tensor:
    """Evenly spaced numbers of an interval."""
    made: Tensor = (
        _T["range"](start)
        if stop is None and step == 1
        else _T["range"](0 if stop is None else start, start if stop is None else stop, step)
    )
    return made if dtype is None else astype(made, dtype)


def meshgrid(*arrays: Any, indexing: str = "xy") -> list[Tensor]:
    """Coordinate matrices from coordinate vectors."""
    return list(_T["meshgrid"](*arrays, indexing=indexing))


def result_type(*arrays_and_dtypes: Any) -> str:
    """The dtype of a result of all of them."""
    strong = [a.dtype if isinstance(a, Tensor) else a for a in arrays_and_dtypes if isinstance(a, (Tensor, str))]
    weak = [a for a in arrays_and_dtypes if not isinstance(a, (Tensor, str))]
    kind = promote(*strong) if strong else "bool"
    return "float64" if kind not in FLOATS and builtins.any(isinstance(a, float) for a in weak) else kind


def isdtype(dtype: Any, kind: Any) -> builtins.bool:
    """Whether a dtype is of a kind."""
    if isinstance(kind, tuple):
        return builtins.any(isdtype(dtype, k) for k in kind)
    kinds = {
        "bool": ("bool",), "signed integer": ("int32", "int64"), "unsigned integer": (), "integral": ("int32", "int64"),
        "real floating": FLOATS, "complex floating": (), "numeric": ("int32", "int64", *FLOATS),
    }  # fmt: skip
    return builtins.bool(dtype in kinds.get(kind, (kind,)))


def can_cast(from_: Any, to: Any, /) -> builtins.bool:
    """Whether a dtype converts to another without loss of kind."""
    return builtins.bool(promote(from_.dtype if isinstance(from_, Tensor) else from_, to) == to)


def finfo(type: Any, /) -> Any:
    """The machine limits of a floating dtype."""
    import numpy

    return numpy.finfo(type.dtype if isinstance(type, Tensor) else type)


def iinfo(type: Any, /) -> Any:
    """The machine limits of an integer dtype."""
    import numpy

    return numpy.iinfo(type.dtype if isinstance(type, Tensor) else type)


def positive(x: Any, /) -> Tensor:
    """The tensor itself."""
    return as_tensor(x)


def log2(x: Any, /) -> Tensor:
    """Logarithm to base 2."""
    made: Tensor = _T["log"](x) / _math.log(2.0)
    return made


def log10(x: Any, /) -> Tensor:
    """Logarithm to base 10."""
    made: Tensor = _T["log"](x) / _math.log(10.0)
    return made


def logaddexp(x1: Any, x2: Any, /) -> Tensor:
    """``log(exp(x1) + exp(x2))``, which is evaluated without overflow."""
    made: Tensor = _T["log"](_T["add"](_T["exp"](x1), _T["exp"](x2)))
    return made


def hypot(x1: Any, x2: Any, /) -> Tensor:
    """Length of the hypotenuse."""
    made: Tensor = _T["sqrt"](_T["square"](x1) + _T["square"](x2))
    return made


def trunc(x: Any, /) -> Tensor:
    """Nearest integer towards zero; no gradient flows."""
    made: Tensor = _T["sign"](_T["stop_gradient"](x)) * _T["floor"](_T["abs"](x))
    return made


def isnan(x: Any, /) -> Tensor:
    """Whether an element is not a number."""
    made: Tensor = _T["is_nan"](x)
    return made


def isinf(x: Any, /) -> Tensor:
    """Whether an element is infinite."""
    made: Tensor = _T["equal"](_T["abs"](x), inf)
    return made


def isfinite(x: Any, /) -> Tensor:
    """Whether an element is finite."""
    made: Tensor = _T["less"](_T["abs"](x), inf)
    return made


def clip(x: Any, /, min: Any = None, max: Any = None) -> Tensor:
    """Limit values to an interval, either side of which may be open."""
    if min is not None and max is not None:
        both: Tensor = _T["clip_by_value"](x, min, max)
        return both
    tensor = as_tensor(x)
    if min is not None:
        tensor = _T["maximum"](tensor, min)
    return tensor if max is None else _T["minimum"](tensor, max)


def concat(arrays: Sequence[Any], /, *, axis: int | None = 0) -> Tensor:
    """Join along an axis, or all elements where it is None."""
    parts = [_T["reshape"](a, (-1,)) for a in arrays] if axis is None else list(arrays)
    made: Tensor = _T["concat"](parts, axis or 0)
    return made


def expand_dims(x: Any, /, *, axis: Any = 0) -> Tensor:
    """Insert axes of size 1."""
    made: Tensor = _T["expand_dims"](x, axis)
    return made


def reshape(x: Any, /, shape: Any, *, copy: builtins.bool | None = None) -> Tensor:
    """The elements in row-major order in another shape."""
    made: Tensor = _T["reshape"](x, shape)
    return made


def roll(x: Any, /, shift: Any, *, axis: Any = None) -> Tensor:
    """Shift along axes, or through all elements, what falls off coming in at the other end."""
    tensor = as_tensor(x)
    made: Tensor = (
        _T["roll"](tensor, shift, axis)
        if axis is not None
        else _T["reshape"](_T["roll"](_T["reshape"](tensor, (-1,)), shift, 0), tensor.shape)
    )
    return made


def tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Tensor:
    """Sums of products along pairs of axes."""
    made: Tensor = _T["tensordot"](x1, x2, axes)
    return made


def linspace(
    start: Any, stop: Any, /, num: int, *, dtype: Any = None, device: Any = None, endpoint: builtins.bool = True
) -> Tensor:
    """Evenly spaced numbers of an interval, with its end or without."""
    made: Tensor = _T["linspace"](start, stop, num) if endpoint else _T["linspace"](start, stop, num + 1)[:-1]
    return made if dtype is None else astype(made, dtype)


def permute_dims(x: Any, /, axes: Sequence[int]) -> Tensor:
    """Permute the axes."""
    made: Tensor = _T["transpose"](x, axes)
    return made


def matrix_transpose(x: Any, /) -> Tensor:
    """Exchange the last two axes."""
    made: Tensor = linalg.matrix_transpose(x)  # type: ignore[attr-defined]
    return made


def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Tensor:
    """Sum of products along an axis."""
    made: Tensor = _T["reduce_sum"](_T["multiply"](x1, x2), axis)
    return made


def flip(x: Any, /, *, axis: Any = None) -> Tensor:
    """Reverse along axes."""
    tensor = as_tensor(x)
    made: Tensor = _T["reverse"](tensor, shapes.normalize_axes(axis, tensor.ndim))
    return made


def moveaxis(x: Any, source: Any, destination: Any, /) -> Tensor:
    """Move axes to other places."""
    made: Tensor = _T["moveaxis"](x, source, destination)
    return made


def unstack(x: Any, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    """The slices along an axis."""
    return tuple(_T["unstack"](x, axis=axis))


def broadcast_arrays(*arrays: Any) -> list[Tensor]:
    """All in their common shape."""
    tensors = [as_tensor(a) for a in arrays]
    shape = shapes.broadcast(*(t.shape for t in tensors))
    return [_T["broadcast_to"](t, shape) for t in tensors]


def take(x: Any, indices: Any, /, *, axis: int | None = None) -> Tensor:
    """Elements along an axis, by their indices."""
    made: Tensor = _T["gather"](x, indices, axis=0 if axis is None else axis)
    return made


def argmax(x: Any, /, *, axis: int | None = None, keepdims: builtins.bool = False) -> Tensor:
    """The index of the largest element."""
    return _arg("argmax", x, axis, keepdims)


def argmin(x: Any, /, *, axis: int | None = None, keepdims: builtins.bool = False) -> Tensor:
    """The index of the smallest element."""
    return _arg("argmin", x, axis, keepdims)


def _arg(name: str, x: Any, axis: int | None, keepdims: builtins.bool) -> Tensor:
    tensor = as_tensor(x)
    flat = _T["reshape"](tensor, (-1,)) if axis is None else tensor
    found: Tensor = _T[name](flat, axis or 0)
    if not keepdims:
        return found
    made: Tensor = _T["reshape"](found, (1,) * tensor.ndim) if axis is None else _T["expand_dims"](found, axis)
    return made


def count_nonzero(x: Any, /, *, axis: Any = None, keepdims: builtins.bool = False) -> Tensor:
    """How many elements are not zero."""
    made: Tensor = _T["reduce_sum"](astype(_T["not_equal"](x, 0), "int64"), axis, keepdims)
    return made


def sort(x: Any, /, *, axis: int = -1, descending: builtins.bool = False, stable: builtins.bool = True) -> Tensor:
    """Sorted along an axis."""
    made: Tensor = _T["sort"](x, axis, "DESCENDING" if descending else "ASCENDING")
    return made


def argsort(x: Any, /, *, axis: int = -1, descending: builtins.bool = False, stable: builtins.bool = True) -> Tensor:
    """The indices that sort along an axis."""
    made: Tensor = _T["argsort"](x, axis, "DESCENDING" if descending else "ASCENDING")
    return made


def cumulative_sum(
    x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: builtins.bool = False
) -> Tensor:
    """Partial sums along an axis."""
    return _cumulative("cumsum", 0.0, x, axis, dtype, include_initial)


def cumulative_prod(
    x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: builtins.bool = False
) -> Tensor:
    """Partial products along an axis."""
    return _cumulative("cumprod", 1.0, x, axis, dtype, include_initial)


def _cumulative(name: str, start: float, x: Any, axis: int | None, dtype: Any, initial: builtins.bool) -> Tensor:
    tensor = as_tensor(x) if dtype is None else astype(x, dtype)
    if axis is None and tensor.ndim > 1:
        raise ValueError(f"a cumulative function of a tensor of rank {tensor.ndim} needs an axis")
    position = shapes.normalize_axis(axis or 0, tensor.ndim)
    made: Tensor = _T[name](tensor, position)
    if not initial:
        return made
    first = _made((*tensor.shape[:position], 1, *tensor.shape[position + 1 :]), start, made.dtype)
    joined: Tensor = _T["concat"]([first, made], position)
    return joined


def var(x: Any, /, *, axis: Any = None, correction: float = 0.0, keepdims: builtins.bool = False) -> Tensor:
    """Mean squared deviation along axes, divided by the count less a correction."""
    tensor = as_tensor(x)
    deviation = _T["square"](tensor - _T["reduce_mean"](tensor, axis, True))
    if not correction:
        plain: Tensor = _T["reduce_mean"](deviation, axis, keepdims)
        return plain
    count = shapes.size(tuple(tensor.shape[k] for k in shapes.normalize_axes(axis, tensor.ndim)))
    made: Tensor = _T["reduce_sum"](deviation, axis, keepdims) / as_operand(count - correction)
    return made


def std(x: Any, /, *, axis: Any = None, correction: float = 0.0, keepdims: builtins.bool = False) -> Tensor:
    """Square root of :func:`var`."""
    made: Tensor = _T["sqrt"](var(x, axis=axis, correction=correction, keepdims=keepdims))
    return made


def diff(x: Any, /, *, axis: int = -1, n: int = 1, prepend: Any = None, append: Any = None) -> Tensor:
    """Differences of neighbours along an axis, ``n`` times."""
    tensor = as_tensor(x)
    position = shapes.normalize_axis(axis, tensor.ndim)
    parts = [as_tensor(p) for p in (prepend, tensor, append) if p is not None]
    joined: Tensor = tensor if len(parts) == 1 else _T["concat"](parts, position)
    head = (slice(None),) * position
    for _ in builtins.range(n):
        joined = joined[(*head, slice(1, None))] - joined[(*head, slice(None, -1))]
    return joined


def _triangle(x: Any, k: int, lower: builtins.bool) -> Tensor:
    tensor = as_tensor(x)
    if k:
        raise ValueError(f"tril and triu take the main diagonal alone, got k={k}; use linalg.band_part")
    made: Tensor = linalg.band_part(tensor, -1, 0) if lower else linalg.band_part(tensor, 0, -1)  # type: ignore[attr-defined]
    return made


def tril(x: Any, /, *, k: int = 0) -> Tensor:
    """The lower triangle."""
    return _triangle(x, k, lower=True)


def triu(x: Any, /, *, k: int = 0) -> Tensor:
    """The upper triangle."""
    return _triangle(x, k, lower=False)


class __array_namespace_info__:
    """What the namespace offers: one device, and the dtypes of tensors."""

    def capabilities(self) -> dict[str, Any]:
        """Shapes may depend on no data."""
        return {"boolean indexing": True, "data-dependent shapes": False, "max dimensions": None}

    def default_device(self) -> str:
        """The one device."""
        return "cpu"

    def devices(self) -> list[str]:
        """The one device."""
        return ["cpu"]

    def default_dtypes(self, *, device: Any = None) -> dict[str, str]:
        """The dtypes of Python numbers."""
        return {"real floating": "float64", "integral": "int64", "indexing": "int64"}

    def dtypes(self, *, device: Any = None, kind: Any = None) -> dict[str, str]:
        """The dtypes of a kind."""
        return {d: d for d in ("bool", "int32", "int64", *FLOATS) if kind is None or isdtype(d, kind)}


IMPORTED = ("as_dtype", "as_operand", "as_tensor", "constant", "promote")
"""Names in this module that are not the standard's."""
