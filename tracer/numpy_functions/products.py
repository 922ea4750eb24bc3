"""Products of vectors, matrices and tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tracer import linalg, shapes
from tracer.dtypes import FLOATS, DTypeLike
from tracer.numpy_functions.signatures import given, numpy_function
from tracer.numpy_functions.ufuncs import UFUNCS, cast
from tracer.operations import OPERATIONS as _T
from tracer.shapes import Axes, letters
from tracer.tensor import Tensor, as_tensor


@numpy_function(refused="out")
def dot(a: Any, b: Any, out: None = None) -> Any:
    """The product of scalars, vectors, matrices, with NumPy's meaning of ``dot``."""
    x, y = as_tensor(a), as_tensor(b)
    if 0 in (x.ndim, y.ndim):
        return x * y
    if y.ndim > 2 or (y.ndim == 2 and x.ndim > 2):
        return _T["tensordot"](x, y, ([-1], [-2]))
    return x @ y


@numpy_function()
def vdot(a: Any, b: Any, /) -> Any:
    """The sum of the products of all elements."""
    x, y = (_T["reshape"](as_tensor(v), (-1,)) for v in (a, b))
    if x.shape != y.shape:
        raise ValueError(f"vdot takes as many elements on both sides, got {x.shape[0]} and {y.shape[0]}")
    return _T["tensordot"](x, y, 1)


@numpy_function()
def inner(a: Any, b: Any, /) -> Any:
    """Sums of products along the last axes."""
    x, y = as_tensor(a), as_tensor(b)
    return x * y if 0 in (x.ndim, y.ndim) else _T["tensordot"](x, y, ([-1], [-1]))


@numpy_function(refused="out")
def outer(a: Any, b: Any, out: None = None) -> Any:
    """The products of all pairs of elements."""
    return _T["outer"](a, b)


@numpy_function("linalg.outer")
def outer_of_vectors(x1: Any, x2: Any, /) -> Any:
    """The products of all pairs of elements of two vectors."""
    x, y = as_tensor(x1), as_tensor(x2)
    if x.ndim != 1 or y.ndim != 1:
        raise ValueError(
            f"linalg.outer takes vectors, got the shapes {shapes.show(x.shape)} and {shapes.show(y.shape)}; "
            "numpy.outer flattens other arrays"
        )
    return _T["outer"](x, y)


@numpy_function()
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Sums of products along pairs of axes."""
    return _T["tensordot"](a, b, axes)


@numpy_function("linalg.tensordot")
def tensordot_of_axes(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    """Sums of products along pairs of axes."""
    return _T["tensordot"](x1, x2, axes)


@numpy_function("linalg.matmul")
def matmul(x1: Any, x2: Any, /) -> Any:
    """The matrix product."""
    return _T["matmul"](x1, x2)


@numpy_function("linalg.vecdot")
def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """Sums of products along an axis."""
    x, y = (_T["moveaxis"](as_tensor(v), axis, -1) if axis != -1 else as_tensor(v) for v in (x1, x2))
    return UFUNCS["vecdot"](x, y)


@numpy_function("einsum", refused="out order casting")
def einsum(
    *operands: Any,
    out: None = None,
    dtype: DTypeLike = None,
    order: str = "K",
    casting: str = "safe",
    optimize: Any = False,
) -> Any:
    """Einstein summation: by an equation, or by operands each followed by the list of its indices."""
    equation, arrays = _equation(operands)
    tensors = [cast(a, dtype) if given(dtype) else as_tensor(a) for a in arrays]
    booleans = all(t.dtype == "bool" for t in tensors)
    found = _T["einsum"](equation, *(cast(t, "int64") for t in tensors) if booleans else tensors)
    return cast(found, "bool") if booleans else found


def _equation(operands: Sequence[Any]) -> tuple[str, Sequence[Any]]:
    if isinstance(operands[0], str):
        return operands[0], operands[1:]
    output = operands[-1] if len(operands) % 2 else None
    arrays, lists = operands[: len(operands) - len(operands) % 2 : 2], operands[1::2]

    def text(indices: Any) -> str:
        return "".join("..." if k is Ellipsis else letters([int(k)]) for k in indices)

    equation = ",".join(map(text, lists))
    return equation if output is None else f"{equation}->{text(output)}", arrays


@numpy_function()
def kron(a: Any, b: Any) -> Any:
    """The Kronecker product, of any ranks."""
    x, y = as_tensor(a), as_tensor(b)
    rank = max(x.ndim, y.ndim)
    x, y = (_T["reshape"](t, (1,) * (rank - t.ndim) + t.shape) if t.ndim < rank else t for t in (x, y))
    if rank == 2:
        return _T_kron(x, y)
    if not rank:
        return x * y
    wide = _T["expand_dims"](x, tuple(range(1, 2 * rank, 2))) * _T["expand_dims"](y, tuple(range(0, 2 * rank, 2)))
    return _T["reshape"](wide, tuple(m * n for m, n in zip(x.shape, y.shape)))


def _T_kron(x: Tensor, y: Tensor) -> Any:
    kind = x.dtype if x.dtype not in FLOATS and y.dtype not in FLOATS else None
    made = linalg.kron(x, y)  # type: ignore[attr-defined]
    return made if kind is None else cast(made, kind)


@numpy_function()
def cross(a: Any, b: Any, axisa: Any = -1, axisb: Any = -1, axisc: Any = -1, axis: Axes = None) -> Any:
    """The cross product of vectors of three elements, or of two, whose third is zero."""
    if axis is not None:
        axisa = axisb = axisc = axis
    x, y = as_tensor(a), as_tensor(b)
    if not x.ndim or not y.ndim:
        raise ValueError("cross takes vectors, got a scalar")
    x, y = _T["moveaxis"](x, axisa, -1), _T["moveaxis"](y, axisb, -1)
    sizes = x.shape[-1], y.shape[-1]
    if not {*sizes} <= {2, 3}:
        raise ValueError(f"cross takes vectors of the dimension 3 or 2, got {sizes[0]} and {sizes[1]}")
    head = shapes.broadcast(x.shape[:-1], y.shape[:-1])
    if sizes == (2, 2):
        return x[..., 0] * y[..., 1] - x[..., 1] * y[..., 0]
    x, y = (
        _T["broadcast_to"](t if t.shape[-1] == 3 else _T["pad"](t, [(0, 0)] * (t.ndim - 1) + [(0, 1)]), (*head, 3))
        for t in (x, y)
    )
    return _T["moveaxis"](linalg.cross(x, y), -1, axisc)  # type: ignore[attr-defined]


@numpy_function("linalg.cross")
def cross_along(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """The cross product of vectors of three elements."""
    for t in (as_tensor(x1), as_tensor(x2)):
        if not t.ndim or t.shape[shapes.normalize_axis(axis, t.ndim)] != 3:
            raise ValueError(
                f"cross takes vectors of the dimension 3 along axis {axis}, got the shape {shapes.show(t.shape)}"
            )
    return cross(x1, x2, axis=axis)
