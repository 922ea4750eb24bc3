"""How universal functions are called: with a dtype, and by their methods ``reduce``, ``accumulate`` and ``outer``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from tracer import shapes
from tracer.dtypes import as_dtype, promote
from tracer.numpy_functions.signatures import FUNCTIONS, given
from tracer.numpy_functions.ufuncs import UFUNCS, kind_of
from tracer.ops import contraction, indexing, reduction, reshaping, scan, structure
from tracer.ops.casting import cast
from tracer.tensor import Tensor, TensorLike, as_tensor

REDUCTIONS = {
    "add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min", "logical_and": "all", "logical_or": "any",
}  # fmt: skip
"""What the ``reduce`` of a universal function is."""
ACCUMULATIONS = {"add": "cumsum", "multiply": "cumprod"}
"""What its ``accumulate`` is."""
BINARY = (
    "add", "multiply", "subtract", "divide", "maximum", "minimum", "fmax", "fmin", "logaddexp", "logaddexp2", "hypot",
    "logical_and", "logical_or", "logical_xor", "power", "floor_divide", "remainder", "bitwise_and", "bitwise_or",
    "bitwise_xor", "fmod", "arctan2", "copysign",
)  # fmt: skip
"""Those of two operands and one result."""


def call_ufunc(name: str, inputs: Sequence[TensorLike], options: Mapping[str, Any]) -> object:
    """A universal function of tensors."""
    options = {k: v for k, v in options.items() if given(v) and not (k == "casting" and v == "same_kind")}
    dtype = options.pop("dtype", None) if name not in _BOOLEAN else None
    refuse(name, options)
    if dtype is None:
        return UFUNCS[name](*inputs)
    kind = as_dtype(dtype)
    return UFUNCS[name](*(cast(value, promote(kind, kind_of(value))) for value in inputs)).astype(kind)


_BOOLEAN = frozenset(
    ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "isnan", "isinf", "isfinite", "signbit")
)


def refuse(name: str, options: Mapping[str, object]) -> None:
    """Raise for arguments that tensors do not take."""
    if options:
        raise TypeError(f"{name} of a tensor does not take {', '.join(sorted(options))}; leave it out")


def reduce_ufunc(name: str, array: TensorLike, axis: int = 0, keepdims: bool = False, **options: object) -> object:
    """``ufunc.reduce``: for other functions than sums and their kind along one axis of known size."""
    if name in REDUCTIONS:
        return FUNCTIONS[REDUCTIONS[name]](array, axis=axis, keepdims=keepdims, **options)
    refuse(f"{name}.reduce", {k: v for k, v in options.items() if given(v)})
    tensor = as_tensor(array)
    if name == "logaddexp":
        return reduction.reduce_logsumexp(tensor, axis, keepdims)
    position, parts = _parts(f"{name}.reduce", tensor, axis)
    total = reduce(UFUNCS[name], parts)
    return contraction.expand_dims(total, position) if keepdims else total


def accumulate_ufunc(name: str, array: TensorLike, axis: int = 0, **options: object) -> object:
    """``ufunc.accumulate``: for other functions than sums and products along an axis of known size."""
    if name in ACCUMULATIONS:
        return FUNCTIONS[ACCUMULATIONS[name]](array, axis=axis, **options)
    refuse(f"{name}.accumulate", {k: v for k, v in options.items() if given(v)})
    tensor = as_tensor(array)
    if name == "logaddexp":
        return scan.cumulative_logsumexp(tensor, axis)
    position, parts = _parts(f"{name}.accumulate", tensor, axis)
    found = parts[:1]
    for part in parts[1:]:
        found.append(UFUNCS[name](found[-1], part))
    return structure.stack(found, position)


def _parts(name: str, tensor: Tensor, axis: int | None) -> tuple[int, list[Tensor]]:
    if axis is None and tensor.ndim > 1:
        raise TypeError(f"{name} of a tensor runs along one axis, got axis=None; reshape it to a vector")
    position = shapes.normalize_axis(axis or 0, tensor.ndim)
    if not isinstance(tensor.shape[position], int) or not tensor.shape[position]:
        raise ValueError(
            f"{name} of a tensor takes an axis of known size, {tensor.shape[position]} is the size of axis {position}"
        )
    return position, indexing.unstack(tensor, axis=position)


def outer_ufunc(name: str, first: TensorLike, second: TensorLike) -> object:
    """``ufunc.outer``: the function of all pairs of elements."""
    x, y = as_tensor(first), as_tensor(second)
    return UFUNCS[name](reshaping.reshape(x, (*x.shape, *(1,) * y.ndim)), y)
