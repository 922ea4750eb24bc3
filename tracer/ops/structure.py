"""Rearranging elements: reshape, concat, stack, pad, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import sympy

from tracer import shapes
from tracer.dtypes import promote
from tracer.nest import list_items, shown
from tracer.ops.casting import cast
from tracer.ops.contraction import broadcast_to, expand_dims, transpose
from tracer.ops.gathering import gather
from tracer.ops.indexing import along, getitem
from tracer.ops.reshaping import reshape
from tracer.python_code import Code
from tracer.python_scope import Operation, Scope
from tracer.rules import MOVES, Op, register
from tracer.shapes import Dim, DimLike, Indices, Literal, ShapeLike
from tracer.tensor import Operand, Tensor, TensorLike, as_operand, as_tensor, record_tensor


def _joined(name: str, values: Iterable[TensorLike]) -> list[Tensor]:
    """Operands of one dtype."""
    if isinstance(values, Tensor):
        values = [values] if name == "concat" else list(values)
    tensors = [as_tensor(v) for v in list_items(values, f"{name} takes a list of tensors")]
    if not tensors:
        raise ValueError(f"{name} takes one tensor at least, got none")
    dtype = promote(*(t.dtype for t in tensors))
    return [cast(t, dtype) for t in tensors]


def _blocks(sizes: Sequence[int], *operands: Sequence[sympy.Expr]) -> list[sympy.Expr]:
    """Row-major elements of operands joined along an axis, given how many each has from that axis on."""
    rounds = (
        len(operands[0]) // sizes[0]
        if sizes[0]
        else max((len(x) // n for x, n in zip(operands, sizes) if n), default=0)
    )
    return [v for r in range(rounds) for x, n in zip(operands, sizes) for v in x[r * n : (r + 1) * n]]


def _concat_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    axis = node.params
    start = sum(t.shape[axis] for t in node.args[:position])
    return getitem(cotangent, along(axis, slice(start, start + node.args[position].shape[axis])))


def _concat_source(e: Scope, node: Operation, *operands: Code) -> Code:
    return e.np.concatenate(list(operands), **({"axis": node.params} if node.params else {}))


CONCAT = register(
    Op(
        "concat",
        _concat_pullback,
        numpy=_concat_source,
        components=lambda node, *xs: _blocks([shapes.size(t.shape[node.params :]) for t in node.args], *xs),
        batch=lambda node, axes, *xs: concat(xs, node.params + axes),
        facts=MOVES,
    )
)


def concat(values: Iterable[TensorLike], axis: int, name: str = "concat") -> Tensor:
    """Join tensors along an axis.

    Parameters
    ----------
    values : sequence of tensors or arrays
        Of one rank; all other dimensions equal.
    axis : int

    Returns
    -------
    Tensor
        Of their shape, with the sum of the sizes along the axis.

    Raises
    ------
    ValueError
        If another dimension differs; the message names both.

    Examples
    --------
    >>> import tracer
    >>> x, y = tracer.placeholder("x", shape=("n",)), tracer.placeholder("y", shape=("m",))
    >>> tracer.concat([x, y], 0).shape
    (m + n,)
    """
    tensors = _joined("concat", values)
    first = tensors[0]
    if not first.ndim:
        raise ValueError(f"concat joins tensors of rank 1 or more, {first.name} is a scalar; write stack")
    where = shapes.normalize_axis(axis, first.ndim)
    for t in tensors:
        _check_equal("concat", first, t, where)
    size = sum(t.shape[where] for t in tensors)
    shape = (*first.shape[:where], size, *first.shape[where + 1 :])
    return record_tensor(CONCAT, tuple(tensors), where, shape, first.dtype)


def _check_equal(name: str, first: Tensor, other: Tensor, axis: int | None) -> None:
    fits = first.ndim == other.ndim and all(
        a == b or k == axis for k, (a, b) in enumerate(zip(first.shape, other.shape))
    )
    if not fits:
        besides = "" if axis is None else f" but for axis {axis}"
        raise ValueError(
            f"{name}: {first.name} of shape {shapes.show(first.shape)} and {other.name} of shape "
            f"{shapes.show(other.shape)} must have equal shapes{besides}"
        )


def _stack_source(e: Scope, node: Operation, *operands: Code) -> Code:
    if node.ndim == 1:
        return e.np.array(list(operands))
    return e.np.stack(list(operands), **({"axis": node.params} if node.params else {}))


STACK = register(
    Op(
        "stack",
        lambda node, cotangent, position: getitem(cotangent, along(node.params, position)),
        numpy=_stack_source,
        components=lambda node, *xs: _blocks([shapes.size(t.shape[node.params :]) for t in node.args], *xs),
        batch=lambda node, axes, *xs: stack(xs, node.params + axes),
        facts=MOVES,
    )
)


def stack(values: Iterable[TensorLike], axis: int = 0, name: str = "stack") -> Tensor:
    """Join tensors of one shape along a new axis.

    Parameters
    ----------
    values : sequence of tensors or arrays
        Of one shape.
    axis : int, optional
        Where the new axis goes.

    Returns
    -------
    Tensor
        Of their shape, with the number of tensors along the new axis.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> import tracer
    >>> x, y = tracer.symbols("x y")
    >>> tracer.stack([x, y, x * y]).shape
    (3,)
    """
    tensors = _joined("stack", values)
    first = tensors[0]
    for t in tensors:
        _check_equal("stack", first, t, None)
    where = shapes.normalize_axis(axis, first.ndim + 1)
    shape = (*first.shape[:where], len(tensors), *first.shape[where:])
    return record_tensor(STACK, tuple(tensors), where, shape, first.dtype)


def _pad_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor | None:
    if position:
        return None
    key = tuple(slice(before, before + d) for (before, _), d in zip(node.params, node.args[0].shape))
    return getitem(cotangent, key)


def _pad_source(e: Scope, node: Operation, x: Code, value: Code) -> Code:
    zero = type(node.operands[1]) in (int, float, bool) and node.operands[1] == 0
    return e.np.pad(x, tuple(node.params), **({} if zero else {"constant_values": value}))


def _pad_components(node: Tensor, x: Sequence[sympy.Expr], value: Sequence[sympy.Expr] | Literal) -> list[sympy.Expr]:
    fill = value[0] if isinstance(value, (list, tuple)) else value
    found = list(x)
    inner = 1
    for (before, after), d in zip(reversed(node.params), reversed(node.args[0].shape)):
        rows = [found[k : k + inner * d] for k in range(0, len(found), inner * d)] if inner * d else []
        found = [v for row in rows for v in (*[fill] * (before * inner), *row, *[fill] * (after * inner))]
        inner *= before + d + after
    return found if found else [fill] * shapes.size(node.shape)


def _pad_batch(node: Tensor, axes: int, x: Tensor, value: Operand) -> Tensor:
    # A value that is a tensor is batched too, which does not matter: nothing flows through it.
    value = node.args[1]
    shape = (*x.shape[:axes], *node.shape)
    return record_tensor(PAD, (x, value), (*[(0, 0)] * axes, *node.params), shape, x.dtype)


PAD = register(Op("pad", _pad_pullback, numpy=_pad_source, components=_pad_components, batch=_pad_batch, facts=MOVES))


def pad(
    tensor: TensorLike,
    paddings: Iterable[Iterable[DimLike]],
    mode: str = "CONSTANT",
    constant_values: TensorLike = 0,
    name: str | None = None,
) -> Tensor:
    """Elements before and after, along each axis.

    Parameters
    ----------
    tensor : tensor or array
    paddings : sequence of (before, after)
        One pair an axis.
    mode : str
        ``"CONSTANT"``, ``"REFLECT"`` (without the edge) or ``"SYMMETRIC"`` (with it).
    constant_values : number or scalar tensor
        What to pad with; no gradient flows to it.

    Returns
    -------
    Tensor
        Of shape ``(before + size + after)`` along each axis.

    Raises
    ------
    ValueError
        If the paddings are not a pair an axis, or reflect more than there is.

    Examples
    --------
    >>> import tracer
    >>> tracer.pad([1.0, 2.0, 3.0], [[2, 1]], mode="REFLECT").numpy()
    array([3., 2., 1., 2., 3., 2.])
    """
    x = as_tensor(tensor)
    if isinstance(paddings, Tensor):
        paddings = paddings.numpy()
    what = "pad takes a pair (before, after) an axis"
    given = [list_items(pair, what) for pair in list_items(paddings, what)]
    if any(len(pair) != 2 for pair in given):
        raise ValueError(f"{what}, got {shown(paddings)}")
    pairs = tuple((shapes.dimension(a), shapes.dimension(b)) for a, b in given)
    if len(pairs) != x.ndim:
        raise ValueError(f"{what}, {x.name} has {x.ndim} axes, got {len(pairs)} pairs")
    kind = mode.upper()
    if kind in _MIRRORS:
        for axis, pair in enumerate(pairs):
            if pair != (0, 0):
                x = _mirrored(x, axis, *pair, _MIRRORS[kind])
        return reshape(x, x.shape)
    if kind != "CONSTANT":
        raise ValueError(f"the mode of pad must be CONSTANT, REFLECT or SYMMETRIC, got {shown(mode)}")
    value = as_operand(constant_values)
    if type(value) is Tensor and value.ndim:
        raise ValueError(f"pad takes a scalar to pad with, {value.name} has shape {shapes.show(value.shape)}")
    shape = tuple(a + d + b for (a, b), d in zip(pairs, x.shape))
    return record_tensor(PAD, (x, value), pairs, shape, x.dtype)


_MIRRORS = {"REFLECT": 1, "SYMMETRIC": 0}
"""How many elements at the edge the mirror image leaves out."""


def _mirrored(x: Tensor, axis: int, before: Dim, after: Dim, skip: int) -> Tensor:
    size = x.shape[axis]
    for count in (before, after):
        if isinstance(size, int) and isinstance(count, int) and count > size - skip:
            raise ValueError(f"pad can't mirror {count} elements of axis {axis} of size {size}; at most {size - skip}")
    ends = [slice(skip, skip + before), slice(size - skip - after, size - skip)]
    left, right = (
        getitem(getitem(x, along(axis, end)), along(axis, slice(None, None, -1))) if count != 0 else None
        for end, count in zip(ends, (before, after))
    )
    return concat([part for part in (left, x, right) if part is not None], axis)


def tile(input: TensorLike, multiples: ShapeLike, name: str | None = None) -> Tensor:
    """The tensor repeated as a whole along each axis.

    Parameters
    ----------
    input : tensor or array
    multiples : sequence of dimension
        One for each axis.

    Returns
    -------
    Tensor
        Of shape ``(multiple * size)`` along each axis.

    Raises
    ------
    ValueError
        If there is not one for each axis.

    Examples
    --------
    >>> import tracer
    >>> tracer.tile([1.0, 2.0], [2]).numpy()
    array([1., 2., 1., 2.])
    >>> tracer.tile(tracer.placeholder("x", shape=("n",)), ["k"]).shape
    (k*n,)
    """
    x = as_tensor(input)
    counts = shapes.as_shape(multiples)
    if len(counts) != x.ndim:
        raise ValueError(f"tile takes a multiple an axis, {x.name} has {x.ndim} axes, got {len(counts)} multiples")
    spread = broadcast_to(
        expand_dims(x, tuple(range(0, 2 * x.ndim, 2))), tuple(d for pair in zip(counts, x.shape) for d in pair)
    )
    return reshape(spread, tuple(c * d for c, d in zip(counts, x.shape)))


def repeat(input: TensorLike, repeats: ShapeLike, axis: int | None = None, name: str | None = None) -> Tensor:
    """Each element repeated along an axis; without an axis, the elements of the flattened tensor.

    Parameters
    ----------
    input : tensor or array
    repeats : dimension, or sequence of int
        How many times each; a sequence has one number for each element of the axis.
    axis : int, optional

    Returns
    -------
    Tensor
        Of the same shape, with the sum of the repeats along the axis.

    Raises
    ------
    ValueError
        If a sequence is not as long as the axis.

    Examples
    --------
    >>> import tracer
    >>> tracer.repeat([1.0, 2.0], 2).numpy()
    array([1., 1., 2., 2.])
    """
    x = as_tensor(input)
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    where = shapes.normalize_axis(axis, x.ndim)
    if isinstance(repeats, Tensor) and repeats.ndim:
        repeats = repeats.numpy().tolist()
    if isinstance(repeats, Iterable) and not isinstance(repeats, (str, Tensor)):
        counts = [shapes.integer(r, "a number of repeats") for r in repeats]
        if len(counts) == 1:
            return repeat(x, counts[0], where)
        if len(counts) != x.shape[where]:
            raise ValueError(f"repeat: {len(counts)} repeats for axis {where} of {x.name} of size {x.shape[where]}")
        return gather(x, [k for k, count in enumerate(counts) for _ in range(count)], axis=where)
    count = shapes.dimension(repeats)
    head, size, tail = x.shape[:where], x.shape[where], x.shape[where + 1 :]
    spread = broadcast_to(expand_dims(x, where + 1), (*head, size, count, *tail))
    return reshape(spread, (*head, size * count, *tail))


def roll(input: TensorLike, shift: Indices, axis: Indices, name: str | None = None) -> Tensor:
    """The elements shifted along axes, those that fall off the end coming in at the start.

    Parameters
    ----------
    input : tensor or array
    shift, axis : int or sequence of int
        By how many places to shift, towards the end where positive, and along which axis.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        If there are not as many shifts as axes.

    Examples
    --------
    >>> import tracer
    >>> tracer.roll([1.0, 2.0, 3.0], 1, axis=0).numpy()
    array([3., 1., 2.])
    """
    x = as_tensor(input)
    shifts, axes = shapes.as_list(shift), shapes.as_list(axis)
    if len(shifts) != len(axes):
        raise ValueError(f"roll: {len(shifts)} shifts for {len(axes)} axes")
    for step, where in zip(shifts, axes):
        k = shapes.normalize_axis(where, x.ndim)
        size, step = x.shape[k], shapes.integer(step, "a shift of roll")
        if isinstance(size, int):
            step = step % size if size else 0
        elif abs(step) > 1:
            # A single step is less than any size.
            step = sympy.Mod(step, size)
        if step != 0:
            start = -step if isinstance(step, int) else size - step
            x = concat([getitem(x, along(k, slice(start, None))), getitem(x, along(k, slice(None, start)))], k)
    return reshape(x, x.shape)


def swapaxes(x: TensorLike, axis1: int, axis2: int) -> Tensor:
    """Exchange two axes.

    Parameters
    ----------
    x : tensor or array
    axis1, axis2 : int

    Returns
    -------
    Tensor
        Of the shape with the two sizes exchanged.

    Examples
    --------
    >>> import tracer
    >>> tracer.swapaxes(tracer.ones([2, 3, 4]), 0, 2).shape
    (4, 3, 2)
    """
    tensor = as_tensor(x)
    order = list(range(tensor.ndim))
    first, second = (shapes.normalize_axis(k, tensor.ndim) for k in (axis1, axis2))
    order[first], order[second] = second, first
    return transpose(tensor, order)


def moveaxis(x: TensorLike, source: Indices, destination: Indices) -> Tensor:
    """Move axes to other positions, the rest staying in order.

    Parameters
    ----------
    x : tensor or array
    source, destination : int or sequence of int
        Which axes, and where each of them goes.

    Returns
    -------
    Tensor
        Of the shape with the sizes moved along.

    Raises
    ------
    ValueError
        If there are not as many of both.

    Examples
    --------
    >>> import tracer
    >>> tracer.moveaxis(tracer.ones([2, 3, 4]), 0, -1).shape
    (3, 4, 2)
    """
    tensor = as_tensor(x)
    old, new = ([shapes.normalize_axis(k, tensor.ndim) for k in shapes.as_list(v)] for v in (source, destination))
    if len(old) != len(new):
        raise ValueError(f"moveaxis: {len(old)} axes in source, {len(new)} in destination")
    order = [k for k in range(tensor.ndim) if k not in old]
    for position, axis in sorted(zip(new, old)):
        order.insert(position, axis)
    return transpose(tensor, order)


FUNCTIONS: dict[str, Callable[..., object]] = {
    "concat": concat,
    "moveaxis": moveaxis,
    "pad": pad,
    "repeat": repeat,
    "roll": roll,
    "stack": stack,
    "swapaxes": swapaxes,
    "tile": tile,
}
