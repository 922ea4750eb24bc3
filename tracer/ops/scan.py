"""Running sums and products along an axis, and the linear recurrence that their derivatives need."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import NamedTuple, TypeVar

import sympy

from tracer import shapes
from tracer.dtypes import FLOATS
from tracer.ops.casting import cast
from tracer.ops.indexing import along, getitem, reverse
from tracer.ops.matrix_domains import has_no_zeros
from tracer.ops.structure import pad
from tracer.python_code import Code
from tracer.python_scope import Operation, Scope
from tracer.rules import TABLE, Domain, Facts, Op, register
from tracer.shapes import Shape
from tracer.tensor import Tensor, TensorLike, apply, as_tensor, record_tensor

T = TypeVar("T")


class Scan(NamedTuple):
    """Along which axis, whether an element is without itself, and whether the scan runs from the end."""

    axis: int
    exclusive: bool = False
    reverse: bool = False


def lines(
    values: Sequence[T], shape: Shape, axis: int, along_line: Callable[[list[T]], list[sympy.Expr]]
) -> list[sympy.Expr]:
    """A function of lists applied along one axis of row-major elements, whose size it keeps."""
    inner, count = shapes.size(shape[axis + 1 :]), shape[axis]
    assert isinstance(inner, int)
    found = list(values)
    for start in range(0, len(found), max(inner * count, 1)):
        for k in range(inner):
            at = slice(start + k, start + inner * count, inner)
            found[at] = along_line(found[at])
    return found


def shifted(x: Tensor, axis: int, later: bool, value: TensorLike = 0) -> Tensor:
    """The elements one place later, or else earlier, what comes in being ``value``."""
    pairs = [(0, 0)] * x.ndim
    pairs[axis] = (1, 0) if later else (0, 1)
    kept = slice(None, -1) if later else slice(1, None)
    return getitem(pad(x, pairs, constant_values=value), along(axis, kept))


def _multiply(x: TensorLike, y: TensorLike) -> Tensor:
    return apply(TABLE["multiply"], (x, y))


def _flipped(e: Scope, x: Code, node: Operation) -> Code:
    return e.np.flip(x, node.params.axis) if node.params.reverse else x


def _source(function: str, start: int) -> Callable[..., Code]:
    def source(e: Scope, node: Operation, x: Code) -> Code:
        axis, exclusive, _ = node.params
        x = _flipped(e, x, node)
        if exclusive:
            pairs = tuple((int(k == axis), 0) for k in range(node.ndim))
            kept = (*[slice(None)] * axis, slice(None, -1))
            x = e.take(e.np.pad(x, pairs, **({"constant_values": start} if start else {})), kept, node.ndim)
        dtype = {"dtype": node.dtype} if node.dtype not in FLOATS else {}
        return _flipped(e, e.np.named(function)(x, axis=axis, **dtype), node)

    return source


def _components(join: Callable[[sympy.Expr, sympy.Expr], sympy.Expr], start: int) -> Callable[..., list[sympy.Expr]]:
    def components(node: Tensor, x: Sequence[sympy.Expr]) -> list[sympy.Expr]:
        def line(values: list[sympy.Expr]) -> list[sympy.Expr]:
            values = values[::-1] if node.params.reverse else values
            if node.params.exclusive:
                values = [sympy.Integer(start), *values[:-1]] if values else []
            found = list(accumulate(values, join))
            return found[::-1] if node.params.reverse else found

        return lines(x, node.shape, node.params.axis, line)

    return components


def _batch(node: Tensor, axes: int, *args: Tensor) -> Tensor:
    params = node.params._replace(axis=node.params.axis + axes)
    return record_tensor(node.rule, args, params, args[0].shape, node.dtype)


def _cumsum_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    axis, exclusive, backwards = node.params
    return record_tensor(CUMSUM, (cotangent,), Scan(axis, exclusive, not backwards), node.shape, node.dtype)


def _cumprod_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    """Without a division, so that zeros among the factors are no exception."""
    axis, exclusive, backwards = node.params
    x = node.args[0]
    before = record_tensor(CUMPROD, (x,), Scan(axis, True, backwards), node.shape, node.dtype)
    if exclusive:
        cotangent = shifted(cotangent, axis, backwards)
    return _multiply(recurrence(shifted(x, axis, backwards), cotangent, axis, not backwards), before)


def _recurrence_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    axis, _, backwards = node.params
    adjoint = recurrence(shifted(node.args[0], axis, backwards), cotangent, axis, not backwards)
    return adjoint if position else _multiply(adjoint, shifted(node, axis, not backwards))


def _recurrence_source(e: Scope, node: Operation, a: Code, b: Code) -> Code:
    return _flipped(e, e.recurrence(_flipped(e, a, node), _flipped(e, b, node), node.params.axis), node)


def _recurrence_components(node: Tensor, a: Sequence[sympy.Expr], b: Sequence[sympy.Expr]) -> list[sympy.Expr]:
    def line(pairs: list[tuple[sympy.Expr, sympy.Expr]]) -> list[sympy.Expr]:
        total = sympy.S.Zero
        found = []
        for u, v in pairs[::-1] if node.params.reverse else pairs:
            total = v + u * total
            found.append(total)
        return found[::-1] if node.params.reverse else found

    return lines(list(zip(a, b)), node.shape, node.params.axis, line)


def _cumulative_logsumexp_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    """The weight of x[j] in out[k] is exp(x[j] - out[j]) * exp(out[j] - out[k]), of which no factor overflows."""
    axis = node.params.axis
    later = getitem(node, along(axis, slice(1, None)))
    ratio = pad(
        exp(getitem(node, along(axis, slice(None, -1))) - later), [(0, int(k == axis)) for k in range(node.ndim)]
    )
    return _multiply(recurrence(ratio, cotangent, axis, True), exp(node.args[0] - node))


def exp(x: Tensor) -> Tensor:
    """The exponential."""
    return apply(TABLE["exp"], (x,))


def _cumulative_logsumexp_components(node: Tensor, x: Sequence[sympy.Expr]) -> list[sympy.Expr]:
    def line(values: list[sympy.Expr]) -> list[sympy.Expr]:
        return [sympy.log(total) for total in accumulate(map(sympy.exp, values))]

    return lines(x, node.shape, node.params.axis, line)


def _cost(node: Tensor) -> int:
    """Each element is made of those before it."""
    shape: tuple[int, ...] = node.shape
    axis: int = node.params.axis
    return math.prod(shape) * (shape[axis] + 1) // 2


CUMSUM = register(
    Op(
        "cumsum",
        _cumsum_pullback,
        numpy=_source("cumsum", 0),
        components=_components(lambda s, v: s + v, 0),
        components_cost=_cost,
        batch=_batch,
        facts=Facts(finite=True, bounded=True, linear=True),
    )
)
CUMPROD = register(
    Op(
        "cumprod",
        _cumprod_pullback,
        numpy=_source("cumprod", 1),
        components=_components(lambda s, v: s * v, 1),
        components_cost=_cost,
        batch=_batch,
        domain=Domain(derivative=has_no_zeros),
    )
)
CUMULATIVE_LOGSUMEXP = register(
    Op(
        "cumulative_logsumexp",
        _cumulative_logsumexp_pullback,
        numpy=lambda e, node, x: e.np.logaddexp.accumulate(x, axis=node.params.axis),
        components=_cumulative_logsumexp_components,
        components_cost=_cost,
        batch=_batch,
    )
)
RECURRENCE = register(
    Op(
        "recurrence",
        _recurrence_pullback,
        numpy=_recurrence_source,
        components=_recurrence_components,
        components_cost=_cost,
        batch=_batch,
        facts=Facts(linear=True),
    )
)


def recurrence(a: Tensor, b: Tensor, axis: int, reverse: bool = False) -> Tensor:
    """The linear recurrence ``s[k] = b[k] + a[k]*s[k - 1]`` from zero along an axis, or from its end."""
    return record_tensor(RECURRENCE, (a, b), Scan(axis, False, reverse), b.shape, b.dtype)


def _scan(rule: Op, x: TensorLike, axis: int, exclusive: bool, reverse: bool) -> Tensor:
    tensor = as_tensor(x)
    if not tensor.ndim:
        raise ValueError(f"{rule.name} runs along an axis, {tensor.name} is a scalar")
    if tensor.dtype == "bool":
        tensor = cast(tensor, "int64")
    params = Scan(shapes.normalize_axis(axis, tensor.ndim), bool(exclusive), bool(reverse))
    return record_tensor(rule, (tensor,), params, tensor.shape, tensor.dtype)


def cumsum(
    x: TensorLike, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """Running sums along an axis.

    Parameters
    ----------
    x : tensor or array
    axis : int
    exclusive : bool
        Whether an element's sum is without the element.
    reverse : bool
        Whether to run from the end.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import tracer
    >>> tracer.cumsum([1.0, 2.0, 3.0], exclusive=True).numpy()
    array([0., 1., 3.])
    """
    return _scan(CUMSUM, x, axis, exclusive, reverse)


def cumprod(
    x: TensorLike, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """Running products along an axis; the gradient holds where factors are zero.

    Parameters
    ----------
    x, axis, exclusive, reverse
        As for :func:`cumsum`.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import tracer
    >>> tracer.cumprod([1.0, 2.0, 3.0], reverse=True).numpy()
    array([6., 6., 3.])
    """
    return _scan(CUMPROD, x, axis, exclusive, reverse)


def cumulative_logsumexp(
    x: TensorLike, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """Running ``log(sum(exp(x)))`` along an axis, without overflow.

    Parameters
    ----------
    x, axis, exclusive, reverse
        As for :func:`cumsum`.

    Returns
    -------
    Tensor
        Of the same shape; with ``exclusive`` it starts with minus infinity.

    Examples
    --------
    >>> import tracer
    >>> tracer.cumulative_logsumexp([1000.0, 1000.0]).numpy().round(3)
    array([1000.   , 1000.693])
    """
    tensor = as_tensor(x)
    if tensor.dtype not in FLOATS:
        tensor = cast(tensor, "float64")
    backwards = reverse
    if backwards:
        tensor = _reversed(tensor, axis)
    found = _scan(CUMULATIVE_LOGSUMEXP, tensor, axis, False, False)
    if exclusive:
        found = shifted(found, found.params.axis, True, float("-inf"))
    return _reversed(found, axis) if backwards else found


def _reversed(tensor: Tensor, axis: int) -> Tensor:
    return reverse(tensor, [axis])


FUNCTIONS: dict[str, Callable[..., object]] = {
    "cumprod": cumprod, "cumsum": cumsum, "cumulative_logsumexp": cumulative_logsumexp,
}  # fmt: skip
