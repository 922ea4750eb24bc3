"""NumPy's functions and array methods over tensors, with NumPy's names and signatures.

NumPy is never imported here. Arguments that only say where a result is put (``out=``) are refused.
"""

from __future__ import annotations

import builtins
import itertools
from collections.abc import Callable, Sequence
from typing import Any

from tracer import array_api as xp
from tracer import linalg, shapes
from tracer.operations import OPERATIONS as _T
from tracer.tensor import Tensor, as_tensor
from tracer.variable import Buffer

FUNCTIONS: dict[str, Callable[..., Any]] = {}
"""By NumPy's name, ``"sum"`` or ``"linalg.inv"``."""


def _numpy(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function into the table, under its own name or the given ones."""

    def enter(f: Callable[..., Any]) -> Callable[..., Any]:
        FUNCTIONS.update(dict.fromkeys(names or (f.__name__,), f))
        return f

    return enter


def given(value: Any) -> bool:
    """Whether an optional argument was given: NumPy marks a missing one with None or an object of its own."""
    return value is not None and type(value).__name__ != "_NoValueType"


def refuse(name: str, **options: Any) -> None:
    """Raise for arguments that tensors do not take."""
    named = [k for k, v in options.items() if given(v)]
    if named:
        raise TypeError(f"{name} of a tensor does not take {', '.join(named)}; leave it out")


def _reduction(name: str, operation: str) -> Callable[..., Any]:
    def reduce(
        a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: Any = False, **rest: Any
    ) -> Any:
        refuse(name, out=out, **rest)
        result = _T[operation](a, axis, given(keepdims) and builtins.bool(keepdims))
        return xp.astype(result, dtype) if given(dtype) else result

    return reduce


for _name, _operation in {
    "sum": "reduce_sum", "mean": "reduce_mean", "prod": "reduce_prod",
}.items():  # fmt: skip
    FUNCTIONS[_name] = _reduction(_name, _operation)


def _extreme(name: str, operation: str) -> Callable[..., Any]:
    def reduce(a: Any, axis: Any = None, out: None = None, keepdims: Any = False, **rest: Any) -> Any:
        refuse(name, out=out, **rest)
        return _T[operation](a, axis, given(keepdims) and builtins.bool(keepdims))

    return reduce


for _name, _operation in {
    "max": "reduce_max", "amax": "reduce_max", "min": "reduce_min", "amin": "reduce_min",
    "all": "reduce_all", "any": "reduce_any",
}.items():  # fmt: skip
    FUNCTIONS[_name] = _extreme(_name, _operation)


def _along(operation: Callable[..., Any], name: str) -> Callable[..., Any]:
    """A function along an axis, which takes the flattened tensor without one."""

    def call(a: Any, axis: Any = None, dtype: Any = None, out: None = None, **rest: Any) -> Any:
        refuse(name, dtype=dtype, out=out, **rest)
        tensor = as_tensor(a)
        return operation(ravel(tensor), axis=0) if axis is None else operation(tensor, axis=axis)

    return call


FUNCTIONS["argmax"] = _along(xp.argmax, "argmax")
FUNCTIONS["argmin"] = _along(xp.argmin, "argmin")
FUNCTIONS["cumsum"] = _along(xp.cumulative_sum, "cumsum")
FUNCTIONS["cumprod"] = _along(xp.cumulative_prod, "cumprod")


@_numpy()
def var(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: float = 0, keepdims: Any = False, **rest: Any
) -> Tensor:
    """Variance along axes."""
    refuse("var", dtype=dtype, out=out, **rest)
    return xp.var(a, axis=axis, correction=ddof, keepdims=given(keepdims) and builtins.bool(keepdims))


@_numpy()
def std(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: float = 0, keepdims: Any = False, **rest: Any
) -> Tensor:
    """Standard deviation along axes."""
    return xp.sqrt(var(a, axis, dtype, out, ddof, keepdims, **rest))  # type: ignore[attr-defined, no-any-return]


@_numpy()
def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False) -> Any:
    """Mean, weighted where weights are given."""
    refuse("average", returned=returned or None)
    if weights is None:
        return FUNCTIONS["mean"](a, axis, keepdims=keepdims)
    total, weight = (FUNCTIONS["sum"](t, axis, keepdims=keepdims) for t in (_T["multiply"](a, weights), weights))
    return total / weight


@_numpy()
def ptp(a: Any, axis: Any = None, out: None = None, keepdims: Any = False) -> Any:
    """Largest less smallest element along axes."""
    return FUNCTIONS["max"](a, axis, out, keepdims) - FUNCTIONS["min"](a, axis, out, keepdims)


@_numpy()
def dot(a: Any, b: Any, out: None = None) -> Tensor:
    """Product of scalars, vectors, matrices, as NumPy's ``dot``."""
    refuse("dot", out=out)
    x, y = as_tensor(a), as_tensor(b)
    if 0 in (x.ndim, y.ndim):
        return x * y
    if y.ndim > 2 or (y.ndim == 2 and x.ndim > 2):
        made: Tensor = _T["tensordot"](x, y, ([-1], [-2]))
        return made
    return x @ y


@_numpy()
def vdot(a: Any, b: Any) -> Any:
    """Sum of the products of all elements."""
    return _T["reduce_sum"](ravel(a) * ravel(b))


@_numpy()
def inner(a: Any, b: Any) -> Any:
    """Sums of products along the last axes."""
    x, y = as_tensor(a), as_tensor(b)
    return x * y if 0 in (x.ndim, y.ndim) else _T["tensordot"](x, y, ([-1], [-1]))


@_numpy()
def outer(a: Any, b: Any, out: None = None) -> Any:
    """Products of all pairs of elements."""
    refuse("outer", out=out)
    return _T["outer"](a, b)


@_numpy()
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Sums of products along pairs of axes."""
    return _T["tensordot"](a, b, axes)


@_numpy()
def einsum(*operands: Any, out: None = None, optimize: Any = None, **rest: Any) -> Any:
    """Einstein summation, with its equation as text."""
    refuse("einsum", out=out, **rest)
    if not isinstance(operands[0], str):
        raise TypeError("einsum of tensors takes its equation as text, as in np.einsum('ij,jk->ik', A, B)")
    return _T["einsum"](*operands)


def _main_diagonal(name: str, offset: int) -> None:
    if offset:
        raise TypeError(f"{name} of a tensor is of the main diagonal, got the offset {offset}; slice the tensor first")


@_numpy()
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: None = None) -> Any:
    """Sum of a diagonal."""
    refuse("trace", dtype=dtype, out=out)
    _main_diagonal("trace", offset)
    return linalg.trace(moveaxis(a, (axis1, axis2), (-2, -1)))  # type: ignore[attr-defined]


@_numpy()
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The main diagonal."""
    _main_diagonal("diagonal", offset)
    return linalg.diag_part(moveaxis(a, (axis1, axis2), (-2, -1)))  # type: ignore[attr-defined]


@_numpy()
def diag(v: Any, k: int = 0) -> Any:
    """The diagonal of a matrix, or the matrix of a diagonal."""
    _main_diagonal("diag", k)
    tensor = as_tensor(v)
    return linalg.diag_part(tensor) if tensor.ndim == 2 else linalg.diag(tensor)  # type: ignore[attr-defined]


@_numpy()
def transpose(a: Any, axes: Any = None) -> Any:
    """Permute the axes; by default reverse them."""
    return _T["transpose"](a, axes)


@_numpy()
def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """Exchange two axes."""
    return _T["swapaxes"](a, axis1, axis2)


@_numpy()
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """Move axes to other places."""
    return _T["moveaxis"](a, source, destination)


@_numpy()
def reshape(a: Any, shape: Any = None, order: str = "C", *, newshape: Any = None, copy: Any = None) -> Any:
    """The elements in row-major order in another shape."""
    if order != "C":
        raise TypeError(f"reshape of a tensor is in row-major order, got order={order!r}; transpose first")
    return _T["reshape"](a, newshape if shape is None else shape)


@_numpy("ravel", "flatten")
def ravel(a: Any, order: str = "C") -> Any:
    """The elements in row-major order as a vector."""
    tensor = as_tensor(a)
    return tensor if tensor.ndim == 1 else reshape(tensor, (-1,), order)


@_numpy()
def squeeze(a: Any, axis: Any = None) -> Any:
    """Drop axes of size 1."""
    return _T["squeeze"](a, axis)


@_numpy()
def expand_dims(a: Any, axis: Any) -> Any:
    """Insert axes of size 1."""
    return _T["expand_dims"](a, axis)


def _atleast(rank: int) -> Callable[..., Any]:
    def atleast(*arrays: Any) -> Any:
        made = []
        for a in arrays:
            tensor = as_tensor(a)
            missing = rank - tensor.ndim
            made.append(tensor if missing <= 0 else _T["expand_dims"](tensor, tuple(range(missing))))
        return made[0] if len(made) == 1 else tuple(made)

    return atleast


FUNCTIONS.update({"atleast_1d": _atleast(1), "atleast_2d": _atleast(2)})


@_numpy("concatenate", "concat")
def concatenate(arrays: Sequence[Any], axis: Any = 0, out: None = None, **rest: Any) -> Any:
    """Join along an axis."""
    refuse("concatenate", out=out, **rest)
    return _T["concat"]([ravel(a) for a in arrays], 0) if axis is None else _T["concat"](list(arrays), axis)


@_numpy()
def stack(arrays: Sequence[Any], axis: int = 0, out: None = None, **rest: Any) -> Any:
    """Join along a new axis."""
    refuse("stack", out=out, **rest)
    return _T["stack"](list(arrays), axis)


@_numpy()
def vstack(tup: Sequence[Any], **rest: Any) -> Any:
    """Stack rows."""
    return _T["concat"]([_atleast(2)(a) for a in tup], 0)


@_numpy()
def hstack(tup: Sequence[Any], **rest: Any) -> Any:
    """Join columns, or vectors end to end."""
    arrays = [_atleast(1)(a) for a in tup]
    return _T["concat"](arrays, 0 if arrays[0].ndim == 1 else 1)


@_numpy()
def column_stack(tup: Sequence[Any]) -> Any:
    """Join vectors and matrices as columns."""
    return _T["concat"]([t if t.ndim > 1 else _T["expand_dims"](t, 1) for t in map(as_tensor, tup)], 1)


@_numpy()
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """Cut along an axis: into equal parts, or at the given places."""
    if isinstance(indices_or_sections, int):
        return _T["split"](ary, indices_or_sections, axis)
    tensor = as_tensor(ary)
    cuts = [0, *indices_or_sections, tensor.shape[axis]]
    return _T["split"](tensor, [b - a for a, b in itertools.pairwise(cuts)], axis)


@_numpy()
def broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    """Broadcast to a shape."""
    return _T["broadcast_to"](array, shape)


@_numpy()
def broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    """All in their common shape."""
    return tuple(xp.broadcast_arrays(*args))


@_numpy()
def clip(
    a: Any, a_min: Any = None, a_max: Any = None, out: None = None, *, min: Any = None, max: Any = None, **rest: Any
) -> Any:
    """Limit values to an interval, either side of which may be open."""
    refuse("clip", out=out, **rest)
    low, high = (first if given(first) else second for first, second in ((a_min, min), (a_max, max)))
    return xp.clip(a, low if given(low) else None, high if given(high) else None)


@_numpy()
def where(condition: Any, *branches: Any) -> Any:
    """One of two values by a condition."""
    if len(branches) != 2:
        raise TypeError("where of a tensor takes a condition and two values; the places of what is true have no shape")
    return _T["where"](condition, *branches)


@_numpy()
def tile(A: Any, reps: Any) -> Any:
    """Repeat the whole."""
    tensor = as_tensor(A)
    counts = tuple(reps) if isinstance(reps, (list, tuple)) else (reps,)
    rank = builtins.max(tensor.ndim, len(counts))
    return _T["tile"](_atleast(rank)(tensor), (1,) * (rank - len(counts)) + counts)


@_numpy()
def repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    """Repeat each element."""
    return _T["repeat"](ravel(a), repeats, 0) if axis is None else _T["repeat"](a, repeats, axis)


@_numpy()
def zeros_like(a: Any, dtype: Any = None, **rest: Any) -> Any:
    """Zeros of the same shape."""
    return Buffer(_T["zeros_like"](a, dtype))


@_numpy()
def ones_like(a: Any, dtype: Any = None, **rest: Any) -> Any:
    """Ones of the same shape."""
    return Buffer(_T["ones_like"](a, dtype))


@_numpy()
def full_like(a: Any, fill_value: Any, dtype: Any = None, **rest: Any) -> Any:
    """One value in the same shape."""
    return xp.full_like(a, fill_value, dtype=dtype)


@_numpy("empty_like")
def empty_like(prototype: Any, dtype: Any = None, **rest: Any) -> Any:
    """Zeros of the same shape: nothing is ever uninitialised."""
    return Buffer(_T["zeros_like"](prototype, dtype))


@_numpy("round", "around")
def round(a: Any, decimals: int = 0, out: None = None) -> Any:
    """Nearest integer, halves to even."""
    refuse("round", out=out)
    if decimals:
        raise TypeError(f"round of a tensor is to integers, got decimals={decimals}; scale it before and after")
    return _T["round"](a)


@_numpy()
def flip(m: Any, axis: Any = None) -> Any:
    """Reverse along axes."""
    return xp.flip(m, axis=axis)


@_numpy()
def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """Shift along axes, what falls off coming in at the other end."""
    return xp.roll(a, shift, axis=axis)


@_numpy()
def take(a: Any, indices: Any, axis: Any = None, out: None = None, mode: str = "raise") -> Any:
    """Elements by their indices."""
    refuse("take", out=out)
    return _T["gather"](ravel(a) if axis is None else a, indices, axis=axis or 0)


@_numpy()
def sort(a: Any, axis: Any = -1, **rest: Any) -> Any:
    """Sorted along an axis."""
    refuse("sort", **rest)
    return _T["sort"](ravel(a), 0) if axis is None else _T["sort"](a, axis)


@_numpy()
def argsort(a: Any, axis: Any = -1, **rest: Any) -> Any:
    """The indices that sort along an axis."""
    refuse("argsort", **rest)
    return _T["argsort"](ravel(a), 0) if axis is None else _T["argsort"](a, axis)


@_numpy()
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """Differences of neighbours along an axis."""
    before, after = (v if given(v) else None for v in (prepend, append))
    return xp.diff(a, axis=axis, n=n, prepend=before, append=after)


@_numpy()
def tril(m: Any, k: int = 0) -> Any:
    """The lower triangle."""
    return xp.tril(m, k=k)


@_numpy()
def triu(m: Any, k: int = 0) -> Any:
    """The upper triangle."""
    return xp.triu(m, k=k)


@_numpy()
def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    """Integral by the trapezoidal rule."""
    tensor = as_tensor(y)
    position = shapes.normalize_axis(axis, tensor.ndim)
    head = (slice(None),) * position
    middle = (tensor[(*head, slice(1, None))] + tensor[(*head, slice(None, -1))]) / 2.0
    width = (
        dx if x is None else xp.diff(x, axis=-1 if as_tensor(x).ndim == 1 and position == tensor.ndim - 1 else position)
    )
    return _T["reduce_sum"](middle * width, position)


FUNCTIONS.update(
    {
        "kron": lambda a, b: linalg.kron(a, b),  # type: ignore[attr-defined]
        "cross": lambda a, b, axis=-1: linalg.cross(a, b),  # type: ignore[attr-defined]
        "count_nonzero": lambda a, axis=None, *, keepdims=False: xp.count_nonzero(a, axis=axis, keepdims=keepdims),
        "shape": lambda a: a.shape,
        "ndim": lambda a: a.ndim,
        "size": lambda a, axis=None: shapes.size(a.shape) if axis is None else a.shape[axis],
        "copy": lambda a, order="K", subok=False: Buffer(as_tensor(a)),
        "linalg.norm": lambda x, ord=None, axis=None, keepdims=False: _T["norm"](
            x, *(() if ord is None else (ord,)), axis=axis, keepdims=keepdims
        ),
        "linalg.solve": lambda a, b: _solve(a, b),
        "linalg.slogdet": lambda a: linalg.slogdet(a),  # type: ignore[attr-defined]
        "linalg.matrix_power": lambda a, n: linalg.matrix_power(a, n),  # type: ignore[attr-defined]
        "linalg.multi_dot": lambda arrays, *, out=None: _product(arrays),
        **{
            f"linalg.{name}": getattr(linalg, name)
            for name in ("inv", "det", "cholesky", "eigvalsh", "eigh", "pinv")
            if hasattr(linalg, name)
        },
    }
)


def _solve(a: Any, b: Any) -> Tensor:
    right = as_tensor(b)
    if right.ndim != 1:
        made: Tensor = linalg.solve(a, right)  # type: ignore[attr-defined]
        return made
    solved: Tensor = _T["squeeze"](linalg.solve(a, _T["expand_dims"](right, -1)), -1)  # type: ignore[attr-defined]
    return solved


def _product(arrays: Sequence[Any]) -> Any:
    result, *rest = map(as_tensor, arrays)
    for factor in rest:
        result = result @ factor
    return result


def _shape_arguments(name: str) -> Callable[..., Any]:
    """A method that takes its shape, or its axes, as one tuple or as several arguments."""

    def call(tensor: Tensor, *args: Any, **kwargs: Any) -> Any:
        if len(args) > 1 or (args and args[0] is not None and not isinstance(args[0], (tuple, list))):
            args = (args,)
        return FUNCTIONS[name](tensor, *args, **kwargs)

    return call


METHODS: dict[str, Callable[..., Any]] = {
    **{
        name: FUNCTIONS[name]
        for name in (
            "sum", "mean", "prod", "max", "min", "all", "any", "std", "var", "argmax", "argmin", "argsort", "cumsum",
            "cumprod", "clip", "squeeze", "swapaxes", "trace", "diagonal", "dot", "ravel", "flatten", "repeat", "take",
            "round", "copy",
        )
    },
    "reshape": _shape_arguments("reshape"),
    "transpose": _shape_arguments("transpose"),
    "astype": lambda tensor, dtype, **rest: xp.astype(tensor, dtype),
    "tolist": lambda tensor: tensor.numpy().tolist(),
}  # fmt: skip
"""The methods of NumPy's arrays that tensors have, too."""
PROPERTIES: dict[str, Callable[[Tensor], Any]] = {
    "size": lambda tensor: shapes.size(tensor.shape),
    "mT": xp.matrix_transpose,
    "device": lambda tensor: "cpu",
}
