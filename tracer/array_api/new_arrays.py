"""The creation functions of the array API standard."""

from __future__ import annotations

from tracer.dtypes import DTypeLike
from tracer.numpy_functions import shaping
from tracer.numpy_functions.filling import evenly_spaced, fill_shape, identity_matrix
from tracer.ops import creation
from tracer.ops.casting import cast
from tracer.shapes import Dim, ShapeLike
from tracer.tensor import Tensor, TensorLike, as_tensor, constant
from tracer.variable import Buffer


def _on_cpu(device: str | None) -> None:
    if device not in (None, "cpu"):
        raise ValueError(f"the one device of tensors is 'cpu', got device={device!r}")


def asarray(
    obj: TensorLike, /, *, dtype: DTypeLike = None, device: str | None = None, copy: bool | None = None
) -> Tensor:
    """The object as a tensor; a copy takes assignments to its elements."""
    _on_cpu(device)
    tensor = constant(obj, dtype)
    return Buffer(tensor) if copy else tensor


def astype(x: TensorLike, dtype: DTypeLike, /, *, copy: bool = True, device: str | None = None) -> Tensor:
    """Convert to a dtype."""
    _on_cpu(device)
    return cast(x, dtype)


def zeros(shape: ShapeLike, *, dtype: DTypeLike = None, device: str | None = None) -> Tensor:
    """Zeros of a shape."""
    _on_cpu(device)
    return fill_shape(shape, 0.0, dtype)


def ones(shape: ShapeLike, *, dtype: DTypeLike = None, device: str | None = None) -> Tensor:
    """Ones of a shape."""
    _on_cpu(device)
    return fill_shape(shape, 1.0, dtype)


def full(shape: ShapeLike, fill_value: TensorLike, *, dtype: DTypeLike = None, device: str | None = None) -> Tensor:
    """One value in a shape."""
    _on_cpu(device)
    return fill_shape(shape, fill_value, dtype)


def empty(shape: ShapeLike, *, dtype: DTypeLike = None, device: str | None = None) -> Tensor:
    """Zeros of a shape: nothing is ever uninitialised."""
    return zeros(shape, dtype=dtype, device=device)


def full_like(
    x: TensorLike, /, fill_value: TensorLike, *, dtype: DTypeLike = None, device: str | None = None
) -> Tensor:
    """One value in the shape of a tensor."""
    _on_cpu(device)
    tensor = as_tensor(x)
    return fill_shape(tensor.shape, fill_value, dtype or tensor.dtype)


def zeros_like(x: TensorLike, /, *, dtype: DTypeLike = None, device: str | None = None) -> Tensor:
    """Zeros in the shape of a tensor."""
    return full_like(x, 0, dtype=dtype, device=device)


def ones_like(x: TensorLike, /, *, dtype: DTypeLike = None, device: str | None = None) -> Tensor:
    """Ones in the shape of a tensor."""
    return full_like(x, 1, dtype=dtype, device=device)


def empty_like(x: TensorLike, /, *, dtype: DTypeLike = None, device: str | None = None) -> Tensor:
    """Zeros in the shape of a tensor."""
    return full_like(x, 0, dtype=dtype, device=device)


def eye(
    n_rows: Dim, n_cols: Dim | None = None, /, *, k: int = 0, dtype: DTypeLike = None, device: str | None = None
) -> Tensor:
    """Ones on a diagonal."""
    _on_cpu(device)
    return identity_matrix(n_rows, n_cols, k, dtype)


def arange(
    start: TensorLike,
    /,
    stop: TensorLike | None = None,
    step: TensorLike = 1,
    *,
    dtype: DTypeLike = None,
    device: str | None = None,
) -> Tensor:
    """Evenly spaced numbers of an interval."""
    _on_cpu(device)
    first, last = (0, start) if stop is None else (start, stop)
    made = creation.range(first, last, step)
    return made if dtype is None else astype(made, dtype)


def linspace(
    start: TensorLike,
    stop: TensorLike,
    /,
    num: int,
    *,
    dtype: DTypeLike = None,
    device: str | None = None,
    endpoint: bool = True,
) -> Tensor:
    """Evenly spaced numbers of an interval, with its end or without."""
    _on_cpu(device)
    return evenly_spaced(start, stop, num, endpoint, dtype)[0]


def meshgrid(*arrays: TensorLike, indexing: str = "xy") -> list[Tensor]:
    """Coordinate matrices from coordinate vectors."""
    return list(shaping.meshgrid(*arrays, indexing=indexing))


def tril(x: TensorLike, /, *, k: int = 0) -> Tensor:
    """The lower triangle, up to a diagonal."""
    return shaping.tril(x, k)


def triu(x: TensorLike, /, *, k: int = 0) -> Tensor:
    """The upper triangle, from a diagonal on."""
    return shaping.triu(x, k)
