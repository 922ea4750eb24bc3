"""The functions of the Python array API standard, by its names, over traced tensors.

``x.__array_namespace__()`` answers this module, so that code written against the standard can be traced. Its functions
are NumPy's, with the standard's signatures.
"""

from __future__ import annotations

import builtins
import math as _math
from collections.abc import Callable, Iterable, Sequence

from tracer.array_api import linalg as linalg
from tracer.array_api import special as special
from tracer.array_api.data_types import can_cast as can_cast
from tracer.array_api.data_types import finfo as finfo
from tracer.array_api.data_types import iinfo as iinfo
from tracer.array_api.data_types import isdtype as isdtype
from tracer.array_api.data_types import result_type as result_type
from tracer.array_api.new_arrays import arange as arange
from tracer.array_api.new_arrays import asarray as asarray
from tracer.array_api.new_arrays import astype as astype
from tracer.array_api.new_arrays import empty as empty
from tracer.array_api.new_arrays import empty_like as empty_like
from tracer.array_api.new_arrays import eye as eye
from tracer.array_api.new_arrays import full as full
from tracer.array_api.new_arrays import full_like as full_like
from tracer.array_api.new_arrays import linspace as linspace
from tracer.array_api.new_arrays import meshgrid as meshgrid
from tracer.array_api.new_arrays import ones as ones
from tracer.array_api.new_arrays import ones_like as ones_like
from tracer.array_api.new_arrays import tril as tril
from tracer.array_api.new_arrays import triu as triu
from tracer.array_api.new_arrays import zeros as zeros
from tracer.array_api.new_arrays import zeros_like as zeros_like
from tracer.dtypes import DTypeLike, float32, float64, int32, int64
from tracer.dtypes import boolean as bool
from tracer.numpy_functions import FUNCTIONS as _NP
from tracer.numpy_functions import UFUNCS as _UFUNCS
from tracer.numpy_functions import axis_reductions as _axis_reductions
from tracer.numpy_functions import calculus as _calculus
from tracer.numpy_functions import choosing as _choosing
from tracer.numpy_functions import joining as _joining
from tracer.numpy_functions import shaping as _shaping
from tracer.numpy_functions import sorting as _sorting
from tracer.ops import contraction as _contraction
from tracer.ops import gathering as _gathering
from tracer.ops import indexing as _indexing
from tracer.ops import ordering as _ordering
from tracer.ops import reshaping as _reshaping
from tracer.shapes import Axes, Indices, ShapeLike
from tracer.tensor import Tensor, TensorLike, as_tensor

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
    function: Callable[..., Tensor] = _UFUNCS[ufunc]
    if binary:

        def of_two(x1: TensorLike, x2: TensorLike, /) -> Tensor:
            return function(x1, x2)

        call: Callable[..., Tensor] = of_two
    else:

        def of_one(x: TensorLike, /) -> Tensor:
            return function(x)

        call = of_one
    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"The standard's ``{name}``, element by element."
    return call


for _k, _entry in enumerate(_ELEMENTWISE):
    _name, _, _ufunc = _entry.partition("=")
    _two = _k < _BINARY or _name in ("matmul", "bitwise_and", "bitwise_or", "bitwise_xor")
    globals()[_name] = _elementwise(_name, _ufunc or _name, _two)


def _reduction(name: str) -> Callable[..., Tensor]:
    function: Callable[..., Tensor] = _NP[name]

    def reduce(
        x: TensorLike, /, *, axis: Axes = None, keepdims: builtins.bool = False, dtype: DTypeLike = None
    ) -> Tensor:
        return function(x, axis=axis, dtype=dtype, keepdims=keepdims)

    reduce.__name__ = reduce.__qualname__ = name
    reduce.__doc__ = f"The standard's ``{name}`` along axes."
    return reduce


def _plain_reduction(name: str) -> Callable[..., Tensor]:
    function: Callable[..., Tensor] = _NP[name]

    def reduce(x: TensorLike, /, *, axis: Axes = None, keepdims: builtins.bool = False) -> Tensor:
        return function(x, axis=axis, keepdims=keepdims)

    reduce.__name__ = reduce.__qualname__ = name
    reduce.__doc__ = f"The standard's ``{name}`` along axes."
    return reduce


globals().update({name: _reduction(name) for name in ("sum", "prod")})
globals().update(
    {name: _plain_reduction(name) for name in ("mean", "max", "min", "all", "any", "argmax", "argmin", "count_nonzero")}
)


def var(x: TensorLike, /, *, axis: Axes = None, correction: float = 0.0, keepdims: builtins.bool = False) -> Tensor:
    """Mean squared deviation along axes, divided by the count less a correction."""
    return _axis_reductions.var(x, axis=axis, ddof=correction, keepdims=keepdims)


def std(x: TensorLike, /, *, axis: Axes = None, correction: float = 0.0, keepdims: builtins.bool = False) -> Tensor:
    """Square root of :func:`var`."""
    return _axis_reductions.std(x, axis=axis, ddof=correction, keepdims=keepdims)


def cumulative_sum(
    x: TensorLike, /, *, axis: int | None = None, dtype: DTypeLike = None, include_initial: builtins.bool = False
) -> Tensor:
    """Partial sums along an axis."""
    return _axis_reductions.cumulative_sum(x, axis=axis, dtype=dtype, include_initial=include_initial)


def cumulative_prod(
    x: TensorLike, /, *, axis: int | None = None, dtype: DTypeLike = None, include_initial: builtins.bool = False
) -> Tensor:
    """Partial products along an axis."""
    return _axis_reductions.cumulative_prod(x, axis=axis, dtype=dtype, include_initial=include_initial)


# Elements.


def round(x: TensorLike, /) -> Tensor:
    """The nearest integer, halves to even."""
    return _choosing.round_to(x)


def real(x: TensorLike, /) -> Tensor:
    """The tensor, which is real."""
    return _choosing.real(x)


def imag(x: TensorLike, /) -> Tensor:
    """Zeros: tensors hold real numbers."""
    return _choosing.imag(x)


def clip(x: TensorLike, /, min: TensorLike | None = None, max: TensorLike | None = None) -> Tensor:
    """Limit values to an interval, either side of which may be open."""
    return _choosing.clip(x, min, max)


def where(condition: TensorLike, x1: TensorLike, x2: TensorLike, /) -> Tensor:
    """One of two values by a condition."""
    return _choosing.where(condition, x1, x2)


# Shapes.


def broadcast_arrays(*arrays: TensorLike) -> list[Tensor]:
    """All in their common shape."""
    return list(_shaping.broadcast_arrays(*arrays))


def broadcast_to(x: TensorLike, /, shape: ShapeLike) -> Tensor:
    """Broadcast to a shape."""
    return _contraction.broadcast_to(x, shape)


def concat(arrays: Iterable[TensorLike], /, *, axis: int | None = 0) -> Tensor:
    """Join along an axis, or all elements where it is None."""
    return _joining.concatenate(arrays, axis)


def expand_dims(x: TensorLike, /, *, axis: int = 0) -> Tensor:
    """Insert axes of size 1."""
    return _contraction.expand_dims(x, axis)


def flip(x: TensorLike, /, *, axis: Axes = None) -> Tensor:
    """Reverse along axes."""
    return _shaping.flip(x, axis)


def matrix_transpose(x: TensorLike, /) -> Tensor:
    """Exchange the last two axes."""
    return _shaping.matrix_transpose(x)


def moveaxis(x: TensorLike, source: Indices, destination: Indices, /) -> Tensor:
    """Move axes to other places."""
    return _shaping.moveaxis(x, source, destination)


def permute_dims(x: TensorLike, /, axes: Sequence[int]) -> Tensor:
    """Permute the axes."""
    return _contraction.transpose(x, axes)


def repeat(x: TensorLike, repeats: ShapeLike, /, *, axis: int | None = None) -> Tensor:
    """Repeat each element."""
    return _shaping.repeat(x, repeats, axis)


def reshape(x: TensorLike, /, shape: ShapeLike, *, copy: builtins.bool | None = None) -> Tensor:
    """The elements in row-major order in another shape."""
    return _reshaping.reshape(x, shape)


def roll(x: TensorLike, /, shift: Indices, *, axis: Axes = None) -> Tensor:
    """Shift along axes, or through all elements, what falls off coming in at the other end."""
    return _shaping.roll(x, shift, axis)


def squeeze(x: TensorLike, /, axis: Axes) -> Tensor:
    """Drop axes of size 1."""
    return _contraction.squeeze(x, axis)


def stack(arrays: Iterable[TensorLike], /, *, axis: int = 0) -> Tensor:
    """Join along a new axis."""
    return _joining.stack(arrays, axis)


def tile(x: TensorLike, repetitions: ShapeLike, /) -> Tensor:
    """Repeat the whole."""
    return _shaping.tile(x, repetitions)


def unstack(x: TensorLike, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    """The slices along an axis."""
    return tuple(_indexing.unstack(x, axis=axis))


# Order, indices, differences.


def take(x: TensorLike, indices: TensorLike, /, *, axis: int | None = None) -> Tensor:
    """Elements along an axis, by their indices."""
    tensor = as_tensor(x)
    if axis is None and tensor.ndim != 1:
        raise ValueError(f"take from a tensor of rank {tensor.ndim} needs an axis")
    return _gathering.gather(tensor, indices, axis=0 if axis is None else axis)


def take_along_axis(x: TensorLike, indices: TensorLike, /, *, axis: int = -1) -> Tensor:
    """Elements at indices of the same rank, along one axis."""
    return _sorting.take_along_axis(x, indices, axis)


def searchsorted(x1: TensorLike, x2: TensorLike, /, *, side: str = "left", sorter: TensorLike | None = None) -> Tensor:
    """Where values belong in a sorted vector."""
    return _sorting.searchsorted(x1, x2, side, sorter)


def sort(
    x: TensorLike, /, *, axis: int = -1, descending: builtins.bool = False, stable: builtins.bool = True
) -> Tensor:
    """Sorted along an axis."""
    return _ordering.sort(x, axis, "DESCENDING" if descending else "ASCENDING")


def argsort(
    x: TensorLike, /, *, axis: int = -1, descending: builtins.bool = False, stable: builtins.bool = True
) -> Tensor:
    """The indices that sort along an axis."""
    return _ordering.argsort(x, axis, "DESCENDING" if descending else "ASCENDING")


def diff(
    x: TensorLike, /, *, axis: int = -1, n: int = 1, prepend: TensorLike | None = None, append: TensorLike | None = None
) -> Tensor:
    """Differences of neighbours along an axis, ``n`` times."""
    return _calculus.diff(x, n, axis, prepend, append)


# Products.


def tensordot(x1: TensorLike, x2: TensorLike, /, *, axes: int | Sequence[Indices] = 2) -> Tensor:
    """Sums of products along pairs of axes."""
    return _contraction.tensordot(x1, x2, axes)


def vecdot(x1: TensorLike, x2: TensorLike, /, *, axis: int = -1) -> Tensor:
    """Sums of products along an axis."""
    return linalg.vecdot(x1, x2, axis=axis)


class __array_namespace_info__:
    """What the namespace offers: one device, and the dtypes of tensors."""

    def capabilities(self) -> dict[str, builtins.bool | None]:
        """Shapes may depend on no data."""
        return {"boolean indexing": True, "data-dependent shapes": False, "max dimensions": None}

    def default_device(self) -> str:
        """The one device."""
        return "cpu"

    def devices(self) -> list[str]:
        """The one device."""
        return ["cpu"]

    def default_dtypes(self, *, device: str | None = None) -> dict[str, str]:
        """The dtypes of Python numbers."""
        return {"real floating": float64, "integral": int64, "indexing": int64}

    def dtypes(self, *, device: str | None = None, kind: str | tuple[str, ...] | None = None) -> dict[str, str]:
        """The dtypes of a kind."""
        return {d: d for d in (bool, int32, int64, float32, float64) if kind is None or isdtype(d, kind)}


def __dir__() -> list[str]:
    """The standard's names."""
    return [name for name in globals() if not name.startswith("_") and name not in IMPORTED]


IMPORTED = frozenset(
    (
        "Axes", "Callable", "DTypeLike", "IMPORTED", "Indices", "Iterable", "Sequence", "ShapeLike", "Tensor",
        "TensorLike", "annotations", "as_tensor", "builtins", "data_types", "new_arrays",
    )
)  # fmt: skip
"""Names in this module that are not the standard's."""

__all__ = sorted(__dir__())
