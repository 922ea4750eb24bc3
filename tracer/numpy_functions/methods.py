"""The methods and properties of NumPy's arrays that tensors have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from tracer import shapes
from tracer.dtypes import DTypeLike, as_dtype
from tracer.numpy_functions import (
    axis_reductions,  # noqa: F401
    calculus,  # noqa: F401
    choosing,  # noqa: F401
    filling,  # noqa: F401
    joining,  # noqa: F401
    linear_algebra,  # noqa: F401
    nan_reductions,  # noqa: F401
    padding,  # noqa: F401
    polynomial_functions,  # noqa: F401
    products,  # noqa: F401
    shaping,
    sorting,
    special_functions,  # noqa: F401
    statistics,  # noqa: F401
)
from tracer.numpy_functions.signatures import FUNCTIONS, P, R, numpy_function
from tracer.ops import contraction, creation
from tracer.ops.casting import cast
from tracer.ops.elementwise import FUNCTIONS as _T
from tracer.shapes import ShapeLike
from tracer.tensor import Tensor, TensorLike
from tracer.variable import Buffer

METHODS: dict[str, Callable[..., object]] = {
    name: FUNCTIONS[name]
    for name in (
        "sum", "mean", "prod", "max", "min", "all", "any", "std", "var", "argmax", "argmin", "argsort", "cumsum",
        "cumprod", "clip", "squeeze", "swapaxes", "trace", "diagonal", "dot", "ravel", "flatten", "repeat", "take",
        "round", "copy", "searchsorted", "choose",
    )
}  # fmt: skip
"""By NumPy's name; the first argument is the tensor."""


def _method(name: str, refused: str = "") -> Callable[[Callable[P, R]], Callable[P, R]]:
    return numpy_function(name, refused=refused, table=METHODS)


@_method("reshape")
def reshape(a: TensorLike, *shape: ShapeLike, order: str = "C", copy: bool | None = None) -> Tensor:
    """In another shape, given as one tuple or as several arguments."""
    return shaping.reshape_in_order(a, shape[0] if len(shape) == 1 else shape, order)


@_method("transpose")
def transpose(a: TensorLike, *axes: Any) -> Tensor:
    """With permuted axes, given as one tuple or as several arguments."""
    return contraction.transpose(a, axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None)


@_method("astype", refused="order casting subok copy")
def astype(
    a: TensorLike, dtype: DTypeLike, order: str = "K", casting: str = "unsafe", subok: bool = True, copy: bool = True
) -> Tensor:
    """In another dtype."""
    return cast(a, dtype)


@_method("compress", refused="out")
def compress(a: TensorLike, condition: TensorLike, axis: int | None = None, out: None = None) -> Tensor:
    """The slices where a condition is true."""
    return sorting.compress(condition, a, axis)


@_method("conj")
def conj(a: TensorLike) -> Tensor:
    """The tensor itself: its elements are real."""
    return _T["identity"](a)


METHODS["conjugate"] = METHODS["conj"]


@_method("tolist")
def tolist(a: Tensor) -> Any:
    """The value as nested lists of Python's numbers."""
    return _value(a, "tolist").tolist()


def _value(a: Tensor, what: str) -> Any:
    from tracer.tensor import guard

    guard(a, what)
    return a.numpy()


def _refuse(name: str, instead: str) -> Callable[..., NoReturn]:
    def refuse(a: Tensor, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError(f"{name} of a tensor is not served; write {instead}")

    return refuse


@_method("sort")
def sort(
    a: TensorLike, axis: int = -1, kind: str | None = None, order: str | None = None, *, stable: bool | None = None
) -> None:
    """Sort in place, which a buffer can."""
    if not isinstance(a, Buffer):
        raise TypeError("sort would change the tensor in place; write numpy.sort(tensor)")
    a.current = sorting.sort(a.current, axis, kind, order)


@_method("fill")
def fill(a: TensorLike, value: TensorLike) -> None:
    """Assign one value to all elements, which a buffer can."""
    if not isinstance(a, Buffer):
        raise TypeError("fill would change the tensor in place; write numpy.full_like(tensor, value)")
    a.current = cast(contraction.broadcast_to(value, a.shape), a.dtype)


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
    return as_dtype(tensor.dtype).itemsize


PROPERTIES: dict[str, Callable[[Tensor], object]] = {
    "size": lambda tensor: shapes.size(tensor.shape),
    "mT": shaping.matrix_transpose,
    "real": lambda tensor: _T["identity"](tensor),
    "imag": lambda tensor: creation.zeros_like(tensor),
    "itemsize": lambda tensor: _itemsize(tensor),
    "nbytes": lambda tensor: shapes.size(tensor.shape) * _itemsize(tensor),
    "device": lambda tensor: "cpu",
}
"""By NumPy's name."""
