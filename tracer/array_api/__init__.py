"""The functions of the Python array API standard, by its names, over traced tensors.

``x.__array_namespace__()`` answers this module, so that code written against the standard can be traced. Its functions
are NumPy's, with the standard's signatures.
"""

from __future__ import annotations

import builtins
import math as _math
from collections.abc import Callable, Sequence
from typing import Any

from tracer.array_api import linalg as linalg
from tracer.array_api import special as special
from tracer.array_api.data_types import can_cast as can_cast
from tracer.array_api.data_types import finfo as finfo
from tracer.array_api.data_types import iinfo as iinfo
from tracer.array_api.data_types import isdtype as isdtype
from tracer.array_api.data_types import result_type as result_type
from tracer.dtypes import DTypeLike, float32, float64, int32, int64
from tracer.dtypes import boolean as bool
from tracer.numpy_functions import FUNCTIONS as _NP
from tracer.numpy_functions import UFUNCS as _UFUNCS
from tracer.numpy_functions.filling import fill_shape, identity_matrix
from tracer.operations import OPERATIONS as _T
from tracer.shapes import Axes, Dim
from tracer.tensor import Tensor, as_tensor, constant
from tracer.variable import Buffer

__array_api_version__ = "2024.12"

e, pi, inf, nan, newaxis = _math.e, _math.pi, _math.inf, _math.nan, None

_ELEMENTWISE = (
    "add", "atan2=arctan2", "copysign", "divide", "equal", "floor_divide", "greater", "greater_equal", "hypot", "less",
    "less_equal", "logaddexp", "logical_and", "logical_or", "logical_xor", "maximum", "minimum", "multiply",
    "not_equal", "pow=power", "remainder", "subtract", "abs=absolute", "acos=arccos", "acosh=arccosh", "asin=arcsin",
    "asinh=arcsinh", "atan=arctan", "atanh=arctanh", "ceil", "conj=conjugate", "cos", "cosh", "exp", "expm1", "floor",
    "isfinite", "isinf", "isnan", "log", "log1p", "log2", "log10", "logical_not", "negative", "positive", "reciprocal",
    "sign", "signbit", "sin", "sinh", "square", "sqrt", "tan", "tanh", "trunc", "matmul", "bitwise_and", "bitwise_or",
    "bitwise_xor", "bitwise_invert=invert",
)  # fmt: skip
_BINARY = _ELEMENTWISE.index("abs=absolute")


def _elementwise(name: str, ufunc: str, binary: builtins.bool) -> Callable[..., Tensor]:
    function = _UFUNCS[ufunc]
    if binary:

        def of_two(x1: Any, x2: Any, /) -> Tensor:
            made: Tensor = function(x1, x2)
            return made

        call: Callable[..., Tensor] = of_two
    else:

        def of_one(x: Any, /) -> Tensor:
            made: Tensor = function(x)
            return made

        call = of_one
    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"The standard's ``{name}``, element by element."
    return call


for _k, _entry in enumerate(_ELEMENTWISE):
    _name, _, _ufunc = _entry.partition("=")
    _two = _k < _BINARY or _name in ("matmul", "bitwise_and", "bitwise_or", "bitwise_xor")
    globals()[_name] = _elementwise(_name, _ufunc or _name, _two)


def _reduction(name: str) -> Callable[..., Tensor]:
    def reduce(x: Any, /, *, axis: Axes = None, keepdims: builtins.bool = False, dtype: DTypeLike = None) -> Tensor:
        made: Tensor = _NP[name](x, axis=axis, dtype=dtype, keepdims=keepdims)
        return made

    reduce.__name__ = reduce.__qualname__ = name
    reduce.__doc__ = f"The standard's ``{name}`` along axes."
    return reduce


def _plain_reduction(name: str) -> Callable[..., Tensor]:
    def reduce(x: Any, /, *, axis: Axes = None, keepdims: builtins.bool = False) -> Tensor:
        made: Tensor = _NP[name](x, axis=axis, keepdims=keepdims)
        return made

    reduce.__name__ = reduce.__qualname__ = name
    reduce.__doc__ = f"The standard's ``{name}`` along axes."
    return reduce


globals().update({name: _reduction(name) for name in ("sum", "prod")})
globals().update(
    {name: _plain_reduction(name) for name in ("mean", "max", "min", "all", "any", "argmax", "argmin", "count_nonzero")}
)


def var(x: Any, /, *, axis: Axes = None, correction: float = 0.0, keepdims: builtins.bool = False) -> Any:
    """Mean squared deviation along axes, divided by the count less a correction."""
    return _NP["var"](x, axis=axis, ddof=correction, keepdims=keepdims)


def std(x: Any, /, *, axis: Axes = None, correction: float = 0.0, keepdims: builtins.bool = False) -> Any:
    """Square root of :func:`var`."""
    return _NP["std"](x, axis=axis, ddof=correction, keepdims=keepdims)


def cumulative_sum(
    x: Any, /, *, axis: int | None = None, dtype: DTypeLike = None, include_initial: builtins.bool = False
) -> Any:
    """Partial sums along an axis."""
    return _NP["cumulative_sum"](x, axis=axis, dtype=dtype, include_initial=include_initial)


def cumulative_prod(
    x: Any, /, *, axis: int | None = None, dtype: DTypeLike = None, include_initial: builtins.bool = False
) -> Any:
    """Partial products along an axis."""
    return _NP["cumulative_prod"](x, axis=axis, dtype=dtype, include_initial=include_initial)


# Creation.


def _on_cpu(device: Any) -> None:
    if device not in (None, "cpu"):
        raise ValueError(f"the one device of tensors is 'cpu', got device={device!r}")


def asarray(obj: Any, /, *, dtype: DTypeLike = None, device: Any = None, copy: Any = None) -> Tensor:
    """The object as a tensor; a copy takes assignments to its elements."""
    _on_cpu(device)
    tensor = constant(obj, dtype)
    return Buffer(tensor) if copy else tensor


def astype(x: Any, dtype: DTypeLike, /, *, copy: Any = True, device: Any = None) -> Tensor:
    """Convert to a dtype."""
    _on_cpu(device)
    made: Tensor = _T["cast"](x, dtype)
    return made


def zeros(shape: Any, *, dtype: DTypeLike = None, device: Any = None) -> Tensor:
    """Zeros of a shape."""
    _on_cpu(device)
    return fill_shape(shape, 0.0, dtype)


def ones(shape: Any, *, dtype: DTypeLike = None, device: Any = None) -> Tensor:
    """Ones of a shape."""
    _on_cpu(device)
    return fill_shape(shape, 1.0, dtype)


def full(shape: Any, fill_value: Any, *, dtype: DTypeLike = None, device: Any = None) -> Tensor:
    """One value in a shape."""
    _on_cpu(device)
    return fill_shape(shape, fill_value, dtype)


def empty(shape: Any, *, dtype: DTypeLike = None, device: Any = None) -> Tensor:
    """Zeros of a shape: nothing is ever uninitialised."""
    return zeros(shape, dtype=dtype, device=device)


def full_like(x: Any, /, fill_value: Any, *, dtype: DTypeLike = None, device: Any = None) -> Tensor:
    """One value in the shape of a tensor."""
    _on_cpu(device)
    tensor = as_tensor(x)
    return fill_shape(tensor.shape, fill_value, dtype or tensor.dtype)


def zeros_like(x: Any, /, *, dtype: DTypeLike = None, device: Any = None) -> Tensor:
    """Zeros in the shape of a tensor."""
    return full_like(x, 0, dtype=dtype, device=device)


def ones_like(x: Any, /, *, dtype: DTypeLike = None, device: Any = None) -> Tensor:
    """Ones in the shape of a tensor."""
    return full_like(x, 1, dtype=dtype, device=device)


def empty_like(x: Any, /, *, dtype: DTypeLike = None, device: Any = None) -> Tensor:
    """Zeros in the shape of a tensor."""
    return full_like(x, 0, dtype=dtype, device=device)


def eye(
    n_rows: Dim, n_cols: Dim | None = None, /, *, k: int = 0, dtype: DTypeLike = None, device: Any = None
) -> Tensor:
    """Ones on a diagonal."""
    _on_cpu(device)
    return identity_matrix(n_rows, n_cols, k, dtype)


def arange(start: Any, /, stop: Any = None, step: Any = 1, *, dtype: DTypeLike = None, device: Any = None) -> Tensor:
    """Evenly spaced numbers of an interval."""
    _on_cpu(device)
    first, last = (0, start) if stop is None else (start, stop)
    made: Tensor = _T["range"](first, last, step)
    return made if dtype is None else astype(made, dtype)


def linspace(
    start: Any, stop: Any, /, num: int, *, dtype: DTypeLike = None, device: Any = None, endpoint: builtins.bool = True
) -> Any:
    """Evenly spaced numbers of an interval, with its end or without."""
    _on_cpu(device)
    return _NP["linspace"](start, stop, num, endpoint, dtype=dtype)


def meshgrid(*arrays: Any, indexing: str = "xy") -> list[Tensor]:
    """Coordinate matrices from coordinate vectors."""
    return list(_NP["meshgrid"](*arrays, indexing=indexing))


def tril(x: Any, /, *, k: int = 0) -> Any:
    """The lower triangle, up to a diagonal."""
    return _NP["tril"](x, k)


def triu(x: Any, /, *, k: int = 0) -> Any:
    """The upper triangle, from a diagonal on."""
    return _NP["triu"](x, k)


# Elements.


def round(x: Any, /) -> Any:
    """The nearest integer, halves to even."""
    return _NP["round"](x)


def real(x: Any, /) -> Any:
    """The tensor, which is real."""
    return _NP["real"](x)


def imag(x: Any, /) -> Any:
    """Zeros: tensors hold real numbers."""
    return _NP["imag"](x)


def clip(x: Any, /, min: Any = None, max: Any = None) -> Any:
    """Limit values to an interval, either side of which may be open."""
    return _NP["clip"](x, min, max)


def where(condition: Any, x1: Any, x2: Any, /) -> Any:
    """One of two values by a condition."""
    return _NP["where"](condition, x1, x2)


# Shapes.


def broadcast_arrays(*arrays: Any) -> list[Tensor]:
    """All in their common shape."""
    return list(_NP["broadcast_arrays"](*arrays))


def broadcast_to(x: Any, /, shape: Any) -> Any:
    """Broadcast to a shape."""
    return _T["broadcast_to"](x, shape)


def concat(arrays: Sequence[Any], /, *, axis: int | None = 0) -> Any:
    """Join along an axis, or all elements where it is None."""
    return _NP["concat"](arrays, axis)


def expand_dims(x: Any, /, *, axis: int = 0) -> Any:
    """Insert axes of size 1."""
    return _T["expand_dims"](x, axis)


def flip(x: Any, /, *, axis: Axes = None) -> Any:
    """Reverse along axes."""
    return _NP["flip"](x, axis)


def matrix_transpose(x: Any, /) -> Any:
    """Exchange the last two axes."""
    return _NP["matrix_transpose"](x)


def moveaxis(x: Any, source: Any, destination: Any, /) -> Any:
    """Move axes to other places."""
    return _NP["moveaxis"](x, source, destination)


def permute_dims(x: Any, /, axes: Sequence[int]) -> Any:
    """Permute the axes."""
    return _T["transpose"](x, axes)


def repeat(x: Any, repeats: Any, /, *, axis: int | None = None) -> Any:
    """Repeat each element."""
    return _NP["repeat"](x, repeats, axis)


def reshape(x: Any, /, shape: Any, *, copy: builtins.bool | None = None) -> Any:
    """The elements in row-major order in another shape."""
    return _T["reshape"](x, shape)


def roll(x: Any, /, shift: Any, *, axis: Axes = None) -> Any:
    """Shift along axes, or through all elements, what falls off coming in at the other end."""
    return _NP["roll"](x, shift, axis)


def squeeze(x: Any, /, axis: Axes) -> Any:
    """Drop axes of size 1."""
    return _T["squeeze"](x, axis)


def stack(arrays: Sequence[Any], /, *, axis: int = 0) -> Any:
    """Join along a new axis."""
    return _NP["stack"](arrays, axis)


def tile(x: Any, repetitions: Any, /) -> Any:
    """Repeat the whole."""
    return _NP["tile"](x, repetitions)


def unstack(x: Any, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    """The slices along an axis."""
    return tuple(_T["unstack"](x, axis=axis))


# Order, indices, differences.


def take(x: Any, indices: Any, /, *, axis: int | None = None) -> Any:
    """Elements along an axis, by their indices."""
    tensor = as_tensor(x)
    if axis is None and tensor.ndim != 1:
        raise ValueError(f"take from a tensor of rank {tensor.ndim} needs an axis")
    return _T["gather"](tensor, indices, axis=0 if axis is None else axis)


def take_along_axis(x: Any, indices: Any, /, *, axis: int = -1) -> Any:
    """Elements at indices of the same rank, along one axis."""
    return _NP["take_along_axis"](x, indices, axis)


def searchsorted(x1: Any, x2: Any, /, *, side: str = "left", sorter: Any = None) -> Any:
    """Where values belong in a sorted vector."""
    return _NP["searchsorted"](x1, x2, side, sorter)


def sort(x: Any, /, *, axis: int = -1, descending: builtins.bool = False, stable: builtins.bool = True) -> Any:
    """Sorted along an axis."""
    return _T["sort"](x, axis, "DESCENDING" if descending else "ASCENDING")


def argsort(x: Any, /, *, axis: int = -1, descending: builtins.bool = False, stable: builtins.bool = True) -> Any:
    """The indices that sort along an axis."""
    return _T["argsort"](x, axis, "DESCENDING" if descending else "ASCENDING")


def diff(x: Any, /, *, axis: int = -1, n: int = 1, prepend: Any = None, append: Any = None) -> Any:
    """Differences of neighbours along an axis, ``n`` times."""
    return _NP["diff"](x, n, axis, prepend, append)


# Products.


def tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    """Sums of products along pairs of axes."""
    return _T["tensordot"](x1, x2, axes)


def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """Sums of products along an axis."""
    return linalg.vecdot(x1, x2, axis=axis)


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
        return {"real floating": float64, "integral": int64, "indexing": int64}

    def dtypes(self, *, device: Any = None, kind: Any = None) -> dict[str, str]:
        """The dtypes of a kind."""
        return {d: d for d in (bool, int32, int64, float32, float64) if kind is None or isdtype(d, kind)}


def __dir__() -> list[str]:
    """The standard's names."""
    own = {"annotations", "builtins", "Any", "Callable", "Sequence", *IMPORTED}
    return [name for name in globals() if not name.startswith("_") and name not in own]


IMPORTED = (
    "Buffer", "Dim", "IMPORTED", "Tensor", "as_tensor", "constant", "dtypes", "fill_shape", "identity_matrix",
)  # fmt: skip
"""Names in this module that are not the standard's."""

__all__ = sorted(__dir__())
