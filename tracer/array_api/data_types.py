"""The data type functions of the array API standard."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from tracer.dtypes import FLOATS, DTypeLike, as_dtype, boolean, float64, promote
from tracer.tensor import Tensor

if TYPE_CHECKING:
    import numpy as np


def result_type(*arrays_and_dtypes: object) -> str:
    """The dtype of a result of all of them."""
    strong = [a.dtype if isinstance(a, Tensor) else a for a in arrays_and_dtypes if isinstance(a, (Tensor, str))]
    weak = [a for a in arrays_and_dtypes if not isinstance(a, (Tensor, str))]
    kind = promote(*strong) if strong else boolean
    return float64 if kind not in FLOATS and builtins.any(isinstance(a, float) for a in weak) else kind


def isdtype(dtype: DTypeLike, kind: DTypeLike | tuple[DTypeLike, ...]) -> builtins.bool:
    """Whether a dtype is of a kind."""
    if isinstance(kind, tuple):
        return builtins.any(isdtype(dtype, k) for k in kind)
    kinds: dict[DTypeLike, tuple[str, ...]] = {
        "bool": ("bool",), "signed integer": ("int32", "int64"), "unsigned integer": (), "integral": ("int32", "int64"),
        "real floating": FLOATS, "complex floating": (), "numeric": ("int32", "int64", *FLOATS),
    }  # fmt: skip
    return builtins.bool(dtype in kinds[kind] if kind in kinds else dtype == kind)


def can_cast(from_: Tensor | str, to: str, /) -> builtins.bool:
    """Whether a dtype converts to another without loss of kind."""
    return builtins.bool(promote(from_.dtype if isinstance(from_, Tensor) else from_, to) == to)


def finfo(type: Tensor | str | builtins.type, /) -> np.finfo:
    """The machine limits of a floating dtype."""
    import numpy

    return numpy.finfo(type.dtype if isinstance(type, Tensor) else as_dtype(type))


def iinfo(type: Tensor | str | builtins.type, /) -> np.iinfo:
    """The machine limits of an integer dtype."""
    import numpy

    return numpy.iinfo(type.dtype if isinstance(type, Tensor) else as_dtype(type))
