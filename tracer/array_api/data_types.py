"""The data type functions of the array API standard."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from tracer.dtypes import FLOATS, DTypeLike, as_dtype, boolean, float64, int64, promote
from tracer.tensor import Tensor

if TYPE_CHECKING:
    import numpy as np


def result_type(*arrays_and_dtypes: object) -> str:
    """The dtype of a result of all of them."""
    weak = {type(a) for a in arrays_and_dtypes} & {bool, int, float}
    strong = [_dtype_of(a) for a in arrays_and_dtypes if type(a) not in weak]
    kind = promote(*strong) if strong else boolean
    if float in weak and kind not in FLOATS:
        return float64
    return int64 if int in weak and kind == boolean else kind


def _dtype_of(value: Any) -> str:
    """The dtype of a tensor or an array, or what is one itself."""
    return as_dtype(value if isinstance(value, (str, type)) else getattr(value, "dtype", value))


def isdtype(dtype: DTypeLike, kind: DTypeLike | tuple[DTypeLike, ...]) -> bool:
    """Whether a dtype is of a kind."""
    if isinstance(kind, tuple):
        return any(isdtype(dtype, k) for k in kind)
    kinds: dict[DTypeLike, tuple[str, ...]] = {
        "bool": ("bool",), "signed integer": ("int32", "int64"), "unsigned integer": (), "integral": ("int32", "int64"),
        "real floating": FLOATS, "complex floating": (), "numeric": ("int32", "int64", *FLOATS),
    }  # fmt: skip
    return bool(dtype in kinds[kind] if kind in kinds else dtype == kind)


def can_cast(from_: Tensor | DTypeLike, to: DTypeLike, /) -> bool:
    """Whether a dtype converts to another without loss of kind."""
    kind = _dtype_of(to)
    return bool(promote(_dtype_of(from_), kind) == kind)


def finfo(type: Tensor | str | builtins.type, /) -> np.finfo:
    """The machine limits of a floating dtype."""
    import numpy

    return numpy.finfo(_dtype_of(type))


def iinfo(type: Tensor | str | builtins.type, /) -> np.iinfo:
    """The machine limits of an integer dtype."""
    import numpy

    return numpy.iinfo(_dtype_of(type))
