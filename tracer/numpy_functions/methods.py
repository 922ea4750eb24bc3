"""The methods and properties of NumPy's arrays that tensors have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tracer import shapes
from tracer.dtypes import DTypeLike, as_dtype
from tracer.numpy_functions import (
    axis_reductions,  # noqa: F401
    calculus,  # noqa: F401
    choosing,  # noqa: F401
    filling,  # noqa: F401
    joining,  # noqa: F401
    linear_algebra,  # noqa: F401
    products,  # noqa: F401
    shaping,
    sorting,
    special_functions,  # noqa: F401
    statistics,  # noqa: F401
)
from tracer.numpy_functions.signatures import FUNCTIONS, numpy_function
from tracer.numpy_functions.ufuncs import cast
from tracer.operations import OPERATIONS as _T
from tracer.shapes import Axes
from tracer.tensor import Tensor
from tracer.variable import Buffer

METHODS: dict[str, Callable[..., Any]] = {
    name: FUNCTIONS[name]
    for name in (
        "sum", "mean", "prod", "max", "min", "all", "any", "std", "var", "argmax", "argmin", "argsort", "cumsum",
        "cumprod", "clip", "squeeze", "swapaxes", "trace", "diagonal", "dot", "ravel", "flatten", "repeat", "take",
        "round", "copy", "searchsorted", "choose",
    )
}  # fmt: skip
"""By NumPy's name; the first argument is the tensor."""


def _method(name: str, refused: str = "") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return numpy_function(name, refused=refused, table=METHODS)


@_method("reshape")
def reshape(a: Any, *shape: Any, order: str = "C", copy: Any = None) -> Any:
    """In another shape, given as one tuple or as several arguments."""
    return shaping.reshape_in_order(a, shape[0] if len(shape) == 1 else shape, order)


@_method("transpose")
def transpose(a: Any, *axes: Any) -> Any:
    """With permuted axes, given as one tuple or as several arguments."""
    return _T["transpose"](a, axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None)


@_method("astype", refused="order casting subok copy")
def astype(
    a: Any, dtype: DTypeLike, order: str = "K", casting: str = "unsafe", subok: bool = True, copy: bool = True
) -> Any:
    """In another dtype."""
    return cast(a, dtype)


@_method("compress", refused="out")
def compress(a: Any, condition: Any, axis: Axes = None, out: None = None) -> Any:
    """The slices where a condition is true."""
    return sorting.compress(condition, a, axis)


@_method("conj")
def conj(a: Any) -> Any:
    """The tensor itself: its elements are real."""
    return _T["identity"](a)


METHODS["conjugate"] = METHODS["conj"]


@_method("tolist")
def tolist(a: Any) -> Any:
    """The value as nested lists of Python's numbers."""
    return _value(a, "tolist").tolist()


def _value(a: Tensor, what: str) -> Any:
    from tracer.tensor import guard

    guard(a, what)
    return a.numpy()


def _refuse(name: str, instead: str) -> Callable[..., Any]:
    def refuse(a: Any, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(f"{name} of a tensor is not served; write {instead}")

    return refuse


@_method("sort")
def sort(a: Any, axis: int = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> None:
    """Sort in place, which a buffer can."""
    if not isinstance(a, Buffer):
        raise TypeError("sort would change the tensor in place; write numpy.sort(tensor)")
    a.current = sorting.sort(a.current, axis, kind, order)


@_method("fill")
def fill(a: Any, value: Any) -> None:
    """Assign one value to all elements, which a buffer can."""
    if not isinstance(a, Buffer):
        raise TypeError("fill would change the tensor in place; write numpy.full_like(tensor, value)")
    a.current = cast(_T["broadcast_to"](value, a.shape), a.dtype)


INSTEAD = {
    "nonzero": "where(condition, x, 0), which keeps the shape", "partition": "numpy.sort(tensor)",
    "argpartition": "numpy.argsort(tensor)", "resize": "numpy.resize(tensor, shape)",
    "put": "an assignment into numpy.copy(tensor)", "tobytes": "tensor.numpy().tobytes()",
    "dump": "tensor.numpy().dump(file)", "dumps": "tensor.numpy().dumps()",
    "tofile": "tensor.numpy().tofile(file)", "view": "tensor.astype(dtype)",
    "byteswap": "tensor.numpy().byteswap()",
}  # fmt: skip
"""What to write for the methods that tensors refuse."""
METHODS.update({name: _refuse(name, instead) for name, instead in INSTEAD.items()})


def _itemsize(tensor: Tensor) -> int:
    kind = as_dtype(tensor.dtype)
    assert kind is not None
    return kind.itemsize


PROPERTIES: dict[str, Callable[[Tensor], Any]] = {
    "size": lambda tensor: shapes.size(tensor.shape),
    "mT": shaping.matrix_transpose,
    "real": lambda tensor: _T["identity"](tensor),
    "imag": lambda tensor: _T["zeros_like"](tensor),
    "itemsize": lambda tensor: _itemsize(tensor),
    "nbytes": lambda tensor: shapes.size(tensor.shape) * _itemsize(tensor),
    "device": lambda tensor: "cpu",
}
"""By NumPy's name."""
