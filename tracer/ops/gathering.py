"""Elements by integer tensors: gather and scatter, masks, one-hot vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import SupportsIndex

import sympy

from tracer import shapes
from tracer.dtypes import DTypeLike, as_dtype, promote
from tracer.ops import creation, selection
from tracer.ops.contraction import expand_dims, transpose
from tracer.ops.indexing import check_range, getitem, index_tensor, numbers, place, take
from tracer.ops.selection import Array
from tracer.python_code import Code
from tracer.python_scope import Operation, Scope
from tracer.rules import Op, register
from tracer.shapes import DimLike, Literal, Shape, ShapeLike
from tracer.tensor import CONSTANT, Tensor, TensorLike, as_operand, as_tensor, constant, record_tensor
from tracer.values import literal_dtype


def gather(
    params: TensorLike,
    indices: TensorLike,
    validate_indices: bool | None = None,
    axis: SupportsIndex | None = None,
    batch_dims: SupportsIndex = 0,
    name: str | None = None,
) -> Tensor:
    """Slices along an axis, at integer indices of any rank.

    Parameters
    ----------
    params : tensor or array
    indices : integer tensor or array
    validate_indices : optional
        Accepted for TensorFlow's sake.
    axis : int, optional
        The axis to index, by default the first after the batch.
    batch_dims : int
        How many leading axes ``params`` and ``indices`` share.

    Returns
    -------
    Tensor
        Of shape ``params.shape[:axis] + indices.shape[batch_dims:] + params.shape[axis + 1:]``.

    Raises
    ------
    ValueError
        If ``params`` is a scalar, or the axis is one of the batch axes.

    Examples
    --------
    >>> import tracer
    >>> tracer.gather([1.0, 2.0, 3.0], [2, 0, 0]).numpy()
    array([3., 1., 1.])
    """
    x, at = as_tensor(params), index_tensor(indices)
    batch = shapes.normalize_axis(batch_dims, at.ndim + 1)
    if not x.ndim:
        raise ValueError(f"gather takes slices of a tensor of rank 1 or more, {x.name} is a scalar")
    where = batch if axis is None else shapes.normalize_axis(axis, x.ndim)
    if where < batch:
        raise ValueError(f"gather: axis {axis} lies within the {batch} batch axes; give a later one")
    check_range(at, x.shape[where], where)
    if not batch:
        return take(x, (*map(selection.full, x.shape[:where]), Array(1)), (at,))
    grid = batch_grid(x.shape[:batch], at.ndim - batch)
    # With slices between them NumPy would put the index arrays first.
    order = [*range(batch), where, *(k for k in range(batch, x.ndim) if k != where)]
    found = take(transpose(x, order), tuple(Array(k + 1) for k in range(batch + 1)), (*grid, at))
    middle = list(range(at.ndim, at.ndim + where - batch))
    return transpose(found, [*range(batch), *middle, *range(batch, at.ndim), *range(at.ndim + len(middle), found.ndim)])


def batch_grid(dims: Shape, rank: int) -> list[Tensor]:
    """Index arrays that walk leading axes of the given sizes, before ``rank`` further axes."""
    grid = []
    for k, d in enumerate(dims):
        after = len(dims) - k - 1 + rank
        steps = creation.range(d)
        grid.append(expand_dims(steps, tuple(range(1, 1 + after))) if after else steps)
    return grid


def gather_nd(
    params: TensorLike, indices: TensorLike, batch_dims: int = 0, name: str | None = None, bad_indices_policy: str = ""
) -> Tensor:
    """Elements or slices at coordinates.

    Parameters
    ----------
    params : tensor or array
    indices : integer tensor or array
        Of shape ``(..., k)``: each row holds the first k coordinates after the batch.
    batch_dims : int, optional
        How many leading axes ``params`` and ``indices`` share.
    bad_indices_policy : str, optional
        Accepted for TensorFlow's sake.

    Returns
    -------
    Tensor
        Of shape ``indices.shape[:-1] + params.shape[batch_dims + k:]``.

    Examples
    --------
    >>> import tracer
    >>> tracer.gather_nd([[1.0, 2.0], [3.0, 4.0]], [[0, 1], [1, 0]]).numpy()
    array([2., 3.])
    """
    x, at = as_tensor(params), index_tensor(indices)
    grid = batch_grid(x.shape[:batch_dims], at.ndim - 1 - batch_dims)
    columns = coordinates(at, x.shape[batch_dims:])
    return take(x, tuple(Array(k + 1) for k in range(len(grid) + len(columns))), (*grid, *columns))


def coordinates(indices: Tensor, shape: Shape) -> list[Tensor]:
    """The index arrays in the last axis of a tensor of coordinates."""
    count = indices.shape[-1] if indices.ndim else None
    if not isinstance(count, int) or not 0 < count <= len(shape):
        raise ValueError(
            f"the last axis of the indices {indices.name} of shape {shapes.show(indices.shape)} must hold coordinates, "
            f"from 1 to {len(shape)} of them"
        )
    if indices.rule is CONSTANT:
        return [constant(indices.value[..., k], _bind=False) for k in range(count)]
    return [getitem(indices, (..., k)) for k in range(count)]


def scatter_nd(indices: TensorLike, updates: TensorLike, shape: ShapeLike, name: str | None = None) -> Tensor:
    """Zeros of a shape with updates added at coordinates; those that fall on one place are summed.

    Parameters
    ----------
    indices : integer tensor or array
        Of shape ``(..., k)``: each row holds the first k coordinates.
    updates : tensor or array
        Of shape ``indices.shape[:-1] + shape[k:]``; gradients flow to it.
    shape : sequence of dimension

    Returns
    -------
    Tensor
        Of that shape.

    Raises
    ------
    ValueError
        If the updates have another shape.

    Examples
    --------
    >>> import tracer
    >>> tracer.scatter_nd([[1], [1], [3]], [1.0, 2.0, 3.0], [4]).numpy()
    array([0., 3., 0., 3.])
    """
    at, value, wanted = index_tensor(indices), as_tensor(updates), shapes.as_shape(shape)
    columns = coordinates(at, wanted)
    for axis, column in enumerate(columns):
        check_range(column, wanted[axis], axis)
    index = tuple(Array(k + 1) for k in range(len(columns)))
    taken = selection.layout(index, wanted, [c.shape for c in columns]).shape
    if taken != value.shape:
        raise ValueError(
            f"scatter_nd: the updates {value.name} have shape {shapes.show(value.shape)}, "
            f"the indices need {shapes.show(taken)}"
        )
    return place([(value, index, columns)], wanted)


def boolean_mask(tensor: TensorLike, mask: TensorLike, axis: int | None = None, name: str | None = None) -> Tensor:
    """The slices where a mask is true.

    Parameters
    ----------
    tensor : tensor or array
    mask : boolean tensor or array
        It has a value, and the shape of one or several neighbouring axes of the tensor.
    axis : int, optional
        The first of them, by default 0.

    Returns
    -------
    Tensor
        With one axis in place of those of the mask.

    Raises
    ------
    TypeError
        If the mask is not boolean.
    ValueError
        If its shape does not fit.

    Examples
    --------
    >>> import tracer
    >>> tracer.boolean_mask([1.0, 2.0, 3.0], [True, False, True]).numpy()
    array([1., 3.])
    """
    x, flags = as_tensor(tensor), as_tensor(mask)
    first = 0 if axis is None else shapes.normalize_axis(axis, x.ndim)
    if flags.dtype != "bool":
        raise TypeError(f"a mask must be boolean, {flags.name} has dtype {flags.dtype}")
    if x.shape[first : first + flags.ndim] != flags.shape:
        raise ValueError(
            f"the mask {flags.name} of shape {shapes.show(flags.shape)} does not fit {x.name} of shape "
            f"{shapes.show(x.shape)} from axis {first}"
        )
    return getitem(x, (*[slice(None)] * first, flags))


def take_along_axis(x: TensorLike, indices: TensorLike, axis: int) -> Tensor:
    """The elements at indices of the same rank, along one axis, as NumPy's."""
    tensor, at = as_tensor(x), index_tensor(indices)
    where = shapes.normalize_axis(axis, tensor.ndim)
    grid = batch_grid(tensor.shape, 0)
    arrays = [at if k == where else grid[k] for k in range(tensor.ndim)]
    return take(tensor, tuple(Array(k + 1) for k in range(tensor.ndim)), arrays)


def _one_hot_source(e: Scope, node: Operation, indices: Code, on: Code, off: Code) -> Code:
    steps = e.np.arange(node.shape[node.params])
    after = node.ndim - 1 - node.params
    if after:
        steps = e.reshape(steps, (-1,) + (1,) * after)
    hit = e.np.expand_dims(indices, node.params).equals(steps)
    if node.operands[1:] == (1, 0):
        return e.astype(hit, node.dtype)
    return e.astype(e.np.where(hit, on, off), node.dtype)


def _one_hot_components(
    node: Tensor, indices: Sequence[sympy.Expr], *values: Sequence[sympy.Expr] | Literal
) -> list[sympy.Expr]:
    on, off = (sympy.sympify(v[0] if isinstance(v, (list, tuple)) else v) for v in values)
    indices = numbers(node.args[0], indices)
    after = shapes.size(node.shape[node.params + 1 :])
    depth = node.shape[node.params]
    return [
        on if hit == True else off if hit == False else sympy.Piecewise((on, hit), (off, True))  # noqa: E712
        for k in range(0, len(indices), after or 1)
        for d in range(depth)
        for index in indices[k : k + after]
        for hit in [sympy.Eq(index, d)]
    ]


ONE_HOT = register(Op("one_hot", differentiable=False, numpy=_one_hot_source, components=_one_hot_components))


def one_hot(
    indices: TensorLike,
    depth: DimLike,
    on_value: TensorLike = None,
    off_value: TensorLike = None,
    axis: int | None = None,
    dtype: DTypeLike = None,
    name: str | None = None,
) -> Tensor:
    """Ones where a new axis has the index, zeros elsewhere; no gradient flows through it.

    Parameters
    ----------
    indices : integer tensor or array
        One out of range gives zeros.
    depth : dimension
        The size of the new axis.
    on_value, off_value : number or scalar tensor
        Instead of one and zero.
    axis : int
        Where the new axis goes, by default last.
    dtype : str, optional
        By default that of the two values, or ``"float64"``.

    Returns
    -------
    Tensor
        Of the shape of the indices, with ``depth`` along the new axis.

    Examples
    --------
    >>> import tracer
    >>> tracer.one_hot([0, 2], 3).numpy()
    array([[1., 0., 0.],
           [0., 0., 1.]])
    """
    at = index_tensor(indices if isinstance(indices, (list, tuple)) else as_tensor(indices))
    size = shapes.dimension(depth)
    where = shapes.normalize_axis(-1 if axis is None else axis, at.ndim + 1)
    on, off = (as_operand(default if v is None else v) for v, default in ((on_value, 1), (off_value, 0)))
    kinds = [v.dtype if type(v) is Tensor else literal_dtype(v) for v in (on, off)]
    on, off = (v if type(v) is Tensor else creation.plain(v) for v in (on, off))
    kind = as_dtype(dtype) or ("float64" if on_value is None and off_value is None else promote(*kinds))
    return record_tensor(ONE_HOT, (at, on, off), where, (*at.shape[:where], size, *at.shape[where:]), kind)


FUNCTIONS: dict[str, Callable[..., object]] = {
    "boolean_mask": boolean_mask,
    "gather": gather,
    "gather_nd": gather_nd,
    "one_hot": one_hot,
    "scatter_nd": scatter_nd,
}
