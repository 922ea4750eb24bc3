"""Order among elements: argmax and argmin, sorting, the largest k."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import sympy
from sympy.logic.boolalg import Boolean

from tracer import shapes
from tracer.dtypes import DTypeLike, as_dtype
from tracer.nest import shown
from tracer.ops.gathering import take_along_axis
from tracer.ops.indexing import along, getitem
from tracer.ops.matrix_domains import HAS_ONE_MAXIMUM_PLACE, HAS_ONE_MINIMUM_PLACE, has_no_ties
from tracer.ops.scan import lines
from tracer.python_code import Code
from tracer.python_scope import Operation, Scope
from tracer.rules import TABLE, Domain, Op, register
from tracer.tensor import Tensor, TensorLike, apply, as_tensor, record_tensor


def _first(values: Sequence[sympy.Expr], better: Callable[[sympy.Expr, sympy.Expr], Boolean]) -> sympy.Piecewise:
    """The place of the first element that no other is better than, as a Piecewise."""
    pieces = []
    for k, v in enumerate(values):
        beats = [sympy.Not(better(w, v)) if j > k else better(v, w) for j, w in enumerate(values) if j != k]
        pieces.append((sympy.Integer(k), sympy.And(*beats)))
    return sympy.Piecewise(*pieces[:-1], (pieces[-1][0], True))


def _arg_components(better: Callable[[sympy.Expr, sympy.Expr], Boolean]) -> Callable[..., list[sympy.Expr]]:
    def components(node: Tensor, x: Sequence[sympy.Expr]) -> list[sympy.Expr]:
        shape, axis = node.args[0].shape, node.params
        inner, count = shapes.size(shape[axis + 1 :]), shape[axis]
        starts = [s + k for s in range(0, len(x), max(inner * count, 1)) for k in range(inner)]
        return [_first([x[s + j * inner] for j in range(count)], better) for s in starts]

    return components


def _arg_cost(node: Tensor) -> int:
    """For each element a comparison with every other."""
    shape: tuple[int, ...] = node.args[0].shape
    axis: int = node.params
    return 12 * math.prod(shape) * shape[axis]


def _arg_source(function: str) -> Callable[..., Code]:
    def spell(e: Scope, node: Operation, x: Code) -> Code:
        found = e.np.named(function)(x, axis=node.params)
        return found if node.dtype == "int64" else e.astype(found, node.dtype)

    return spell


def _arg_batch(node: Tensor, axes: int, x: Tensor) -> Tensor:
    return record_tensor(node.rule, (x,), node.params + axes, (*x.shape[:axes], *node.shape), node.dtype)


ARGMAX = register(
    Op(
        "argmax",
        differentiable=False,
        numpy=_arg_source("argmax"),
        components=_arg_components(sympy.Gt),
        components_cost=_arg_cost,
        batch=_arg_batch,
        domain=Domain(kinks=HAS_ONE_MAXIMUM_PLACE),
    )
)
ARGMIN = register(
    Op(
        "argmin",
        differentiable=False,
        numpy=_arg_source("argmin"),
        components=_arg_components(sympy.Lt),
        components_cost=_arg_cost,
        batch=_arg_batch,
        domain=Domain(kinks=HAS_ONE_MINIMUM_PLACE),
    )
)


def _argsort_components(node: Tensor, x: Sequence[sympy.Expr]) -> list[sympy.Expr]:
    """Element j comes at the place that is the number of elements before it."""

    def line(values: list[sympy.Expr]) -> list[sympy.Expr]:
        count = range(len(values))

        def before(i: int, j: int) -> Boolean:
            return sympy.Le(values[i], values[j]) if i < j else sympy.Lt(values[i], values[j])

        def stands(j: int, k: int) -> Boolean:
            """Whether k others come before element j."""
            others = [i for i in count if i != j]
            ways = [
                [before(i, j) if i in chosen else before(j, i) for i in others]
                for chosen in itertools.combinations(others, k)
            ]
            return sympy.Or(*(sympy.And(*way) for way in ways))

        return [sympy.Piecewise(*((sympy.Integer(j), stands(j, k)) for j in count)) for k in count]

    return lines(x, node.shape, node.params, line)


def _argsort_cost(node: Tensor) -> int:
    """For each element and place, all the ways in which others come before, and a comparison with every other."""
    shape: tuple[int, ...] = node.shape
    axis: int = node.params
    count = shape[axis]
    return math.prod(shape) * count << count


ARGSORT = register(
    Op(
        "argsort",
        differentiable=False,
        numpy=lambda e, node, x: e.np.argsort(x, axis=node.params, kind="stable"),
        components=_argsort_components,
        components_cost=_argsort_cost,
        batch=_arg_batch,
        domain=Domain(kinks=has_no_ties),
    )
)


def _arg(op: Op, value: TensorLike, axis: int | None, dtype: DTypeLike) -> Tensor:
    x = as_tensor(value)
    if not x.ndim:
        raise ValueError(f"{op.name} takes a tensor of rank 1 or more, {x.name} is a scalar")
    where = shapes.normalize_axis(0 if axis is None else axis, x.ndim)
    if x.shape[where] == 0:
        raise ValueError(f"{op.name}: {x.name} of shape {shapes.show(x.shape)} has no elements along axis {where}")
    return record_tensor(op, (x,), where, (*x.shape[:where], *x.shape[where + 1 :]), as_dtype(dtype) or "int64")


def argmax(
    input: TensorLike, axis: int | None = None, output_type: DTypeLike = "int64", name: str | None = None
) -> Tensor:
    """The place of the first largest element along an axis; no gradient flows through it.

    Parameters
    ----------
    input : tensor or array
        Of rank 1 or more.
    axis : int, optional
        By default 0.
    output_type : str, optional
        The dtype of the result.

    Returns
    -------
    Tensor
        Of the shape without the axis.

    Raises
    ------
    ValueError
        If the tensor is a scalar, or has no elements along the axis.

    Examples
    --------
    >>> import tracer
    >>> tracer.argmax([[1.0, 5.0], [4.0, 3.0]], axis=1).numpy()
    array([1, 0])
    """
    return _arg(ARGMAX, input, axis, output_type)


def argmin(
    input: TensorLike, axis: int | None = None, output_type: DTypeLike = "int64", name: str | None = None
) -> Tensor:
    """The place of the first smallest element along an axis; no gradient flows through it.

    Parameters
    ----------
    input, axis, output_type
        As for :func:`argmax`.

    Returns
    -------
    Tensor
        Of the shape without the axis.

    Raises
    ------
    ValueError
        If the tensor is a scalar, or has no elements along the axis.

    Examples
    --------
    >>> import tracer
    >>> int(tracer.argmin([3.0, 1.0, 2.0]))
    1
    """
    return _arg(ARGMIN, input, axis, output_type)


def argsort(
    values: TensorLike, axis: int = -1, direction: str = "ASCENDING", stable: bool = True, name: str | None = None
) -> Tensor:
    """The places of the elements in their order along an axis; no gradient flows through it.

    Parameters
    ----------
    values : tensor or array
        Of rank 1 or more.
    axis : int, optional
    direction : str, optional
        ``"ASCENDING"`` or ``"DESCENDING"``.
    stable : bool, optional
        Equal elements stay in order in either case.

    Returns
    -------
    Tensor
        Integers, of the same shape.

    Raises
    ------
    ValueError
        If the tensor is a scalar, or the direction is another.

    Examples
    --------
    >>> import tracer
    >>> tracer.argsort([3.0, 1.0, 2.0]).numpy(), tracer.argsort([3.0, 1.0, 3.0], direction="DESCENDING").numpy()
    (array([1, 2, 0]), array([0, 2, 1]))
    """
    x = as_tensor(values)
    if not x.ndim:
        raise ValueError(f"argsort takes a tensor of rank 1 or more, {x.name} is a scalar")
    where = shapes.normalize_axis(axis, x.ndim)
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(f"the direction must be 'ASCENDING' or 'DESCENDING', got {shown(direction)}")
    key = x if direction == "ASCENDING" else apply(TABLE["negative"], (x,))
    return record_tensor(ARGSORT, (key,), where, x.shape, "int64")


def sort(values: TensorLike, axis: int = -1, direction: str = "ASCENDING", name: str | None = None) -> Tensor:
    """The elements in their order along an axis; the gradient goes back to where each came from.

    Parameters
    ----------
    values, axis, direction
        As for :func:`argsort`.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        If the tensor is a scalar, or the direction is another.

    Examples
    --------
    >>> import tracer
    >>> tracer.sort([3.0, 1.0, 2.0]).numpy()
    array([1., 2., 3.])
    """
    x = as_tensor(values)
    return take_along_axis(x, argsort(x, axis, direction), axis)


class TopK(NamedTuple):
    """The largest elements, and where they stood."""

    values: Tensor
    indices: Tensor


def top_k(input: TensorLike, k: int = 1, sorted: bool = True, name: str | None = None) -> TopK:
    """The largest elements along the last axis, in descending order, and their places.

    Parameters
    ----------
    input : tensor or array
        Of rank 1 or more.
    k : int, optional
        How many.
    sorted : bool, optional
        They are in order in either case.

    Returns
    -------
    values, indices : Tensor
        Of shape ``(..., k)``; gradients flow to the values.

    Raises
    ------
    ValueError
        If there are fewer than k elements.

    Examples
    --------
    >>> import tracer
    >>> values, indices = tracer.top_k([3.0, 1.0, 2.0], k=2)
    >>> values.numpy(), indices.numpy()
    (array([3., 2.]), array([0, 2]))
    """
    x = as_tensor(input)
    order = argsort(x, -1, "DESCENDING")
    size = x.shape[-1]
    k = shapes.integer(k, "the k of top_k")
    if k < 0 or (isinstance(size, int) and k > size):
        raise ValueError(f"top_k takes at most the {size} elements of the last axis of {x.name}, got k={k}")
    indices = getitem(order, along(x.ndim - 1, slice(None, k)))
    return TopK(take_along_axis(x, indices, -1), indices)


FUNCTIONS: dict[str, Callable[..., object]] = {
    "argmax": argmax,
    "argmin": argmin,
    "argsort": argsort,
    "sort": sort,
    "top_k": top_k,
}
