"""Tensors with elements or slices replaced or combined at coordinates."""

from __future__ import annotations

from collections.abc import Callable

from tracer import shapes
from tracer.ops import creation
from tracer.ops.casting import cast
from tracer.ops.gathering import coordinates, scatter_nd
from tracer.ops.indexing import check_range, getitem, index_tensor
from tracer.ops.reshaping import reshape
from tracer.ops.segments import unsorted_segment_max
from tracer.ops.structure import concat
from tracer.rules import TABLE
from tracer.tensor import Operand, Tensor, TensorLike, apply, as_tensor, constant


def _arguments(
    name: str, tensor: TensorLike, indices: TensorLike, updates: TensorLike
) -> tuple[Tensor, Tensor, Tensor]:
    x, at, value = as_tensor(tensor), index_tensor(indices), as_tensor(updates)
    if not x.ndim:
        raise ValueError(f"{name} takes a tensor of rank 1 or more, {x.name} is a scalar")
    if value.dtype != x.dtype:
        value = cast(value, x.dtype)
    columns = coordinates(at, x.shape)
    for axis, column in enumerate(columns):
        check_range(column, x.shape[axis], axis)
    wanted = (*at.shape[:-1], *x.shape[len(columns) :])
    if value.shape != wanted:
        raise ValueError(
            f"{name}: the updates {value.name} have shape {shapes.show(value.shape)}, the indices "
            f"{at.name} need {shapes.show(wanted)}"
        )
    return x, at, value


def _flat_places(x: Tensor, at: Tensor) -> Tensor:
    """The places of coordinates as numbers that count along the axes they index."""
    total: Operand = 0
    for axis, column in enumerate(coordinates(at, x.shape)):
        total = total * x.shape[axis] + column % x.shape[axis]
    return as_tensor(total)


def _as_constant(integers: Tensor) -> Tensor:
    """The tensor as a constant where it has a value, so that closed forms know which elements are meant."""
    try:
        return constant(integers.numpy(), _bind=False)
    except ValueError:
        return integers


def tensor_scatter_nd_update(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, name: str | None = None
) -> Tensor:
    """A tensor with elements or slices replaced at coordinates.

    Of updates that fall on one place the last one counts, and the gradient is its alone.

    Parameters
    ----------
    tensor : tensor or array
    indices : integer tensor or array
        With values; the last axis holds the first coordinates of each element or slice.
    updates : tensor or array
        Of shape ``indices.shape[:-1] + tensor.shape[indices.shape[-1]:]``.

    Returns
    -------
    Tensor
        Of the tensor's shape.

    Raises
    ------
    ValueError
        If the shapes do not fit, or the indices have no values.
    IndexError
        If an index is out of range.

    Examples
    --------
    >>> import tracer
    >>> tracer.tensor_scatter_nd_update([1.0, 2.0, 3.0], [[0], [2]], [9.0, 8.0]).numpy()
    array([9., 2., 8.])
    """
    x, at, value = _arguments("tensor_scatter_nd_update", tensor, indices, updates)
    places = _flat_places(x, at).numpy().ravel().tolist()
    last = {place: k for k, place in enumerate(places)}
    if len(last) < len(places):
        depth = at.shape[-1]
        rows = sorted(last.values())
        at = as_tensor(at.numpy().reshape(len(places), depth)[rows])
        value = getitem(reshape(value, (len(places), *x.shape[depth:])), rows)
    replaced = scatter_nd(at, creation.ones(value.shape[: at.ndim - 1]), x.shape[: at.shape[-1]]) > 0
    mask = reshape(replaced, (*replaced.shape, *[1] * (x.ndim - replaced.ndim)))
    return apply(TABLE["where"], (mask, scatter_nd(at, value, x.shape), x))


def tensor_scatter_nd_add(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """A tensor with updates added at coordinates; those that fall on one place are summed.

    Parameters
    ----------
    tensor : tensor or array
    indices : integer tensor or array
        The last axis holds the first coordinates of each element or slice.
    updates : tensor or array
        Of shape ``indices.shape[:-1] + tensor.shape[indices.shape[-1]:]``.
    bad_indices_policy : str, optional
        Accepted for TensorFlow's sake.

    Returns
    -------
    Tensor
        Of the tensor's shape.

    Examples
    --------
    >>> import tracer
    >>> tracer.tensor_scatter_nd_add([1.0, 2.0], [[0], [0]], [3.0, 4.0]).numpy()
    array([8., 2.])
    """
    x = as_tensor(tensor)
    return x + scatter_nd(indices, updates, x.shape)


def tensor_scatter_nd_sub(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """A tensor with updates subtracted at coordinates; those that fall on one place are summed.

    Parameters
    ----------
    tensor, indices, updates, bad_indices_policy
        As for :func:`tensor_scatter_nd_add`.

    Returns
    -------
    Tensor
        Of the tensor's shape.

    Examples
    --------
    >>> import tracer
    >>> tracer.tensor_scatter_nd_sub([9.0, 2.0], [[0], [0]], [3.0, 4.0]).numpy()
    array([2., 2.])
    """
    x = as_tensor(tensor)
    return x - scatter_nd(indices, updates, x.shape)


def tensor_scatter_nd_max(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """The greater of elements and the updates at their coordinates; at a tie the gradient is shared evenly.

    Parameters
    ----------
    tensor, indices, updates, bad_indices_policy
        As for :func:`tensor_scatter_nd_add`.

    Returns
    -------
    Tensor
        Of the tensor's shape.

    Examples
    --------
    >>> import tracer
    >>> tracer.tensor_scatter_nd_max([1.0, 2.0], [[0], [1]], [3.0, 1.0]).numpy()
    array([3., 2.])
    """
    x, at, value = _arguments("tensor_scatter_nd_max", tensor, indices, updates)
    depth = at.shape[-1]
    size, count, rest = shapes.size(x.shape[:depth]), shapes.size(at.shape[:-1]), x.shape[depth:]
    slices = concat([reshape(x, (size, *rest)), reshape(value, (count, *rest))], 0)
    ids = concat([creation.range(size), reshape(_flat_places(x, at), (count,))], 0)
    return reshape(unsorted_segment_max(slices, _as_constant(ids), size), x.shape)


def tensor_scatter_nd_min(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """The smaller of elements and the updates at their coordinates; at a tie the gradient is shared evenly.

    Parameters
    ----------
    tensor, indices, updates, bad_indices_policy
        As for :func:`tensor_scatter_nd_add`.

    Returns
    -------
    Tensor
        Of the tensor's shape.

    Examples
    --------
    >>> import tracer
    >>> tracer.tensor_scatter_nd_min([1.0, 2.0], [[0], [1]], [3.0, 1.0]).numpy()
    array([1., 1.])
    """
    return -tensor_scatter_nd_max(-as_tensor(tensor), indices, -as_tensor(updates))


FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    f.__name__: f
    for f in (
        tensor_scatter_nd_add, tensor_scatter_nd_max, tensor_scatter_nd_min, tensor_scatter_nd_sub,
        tensor_scatter_nd_update,
    )
}  # fmt: skip
