"""Reductions of the slices that bear the same segment id."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy

from tracer import shapes
from tracer.dtypes import FLOATS
from tracer.ops import creation
from tracer.ops.casting import cast
from tracer.ops.contraction import broadcast_to, expand_dims
from tracer.ops.gathering import gather
from tracer.ops.indexing import check_range, index_tensor, numbers, place
from tracer.ops.matrix_domains import has_one_maximum_each
from tracer.ops.reduction import reduce_prod
from tracer.ops.reshaping import reshape
from tracer.ops.selection import Array
from tracer.ops.structure import stack
from tracer.python_code import Code
from tracer.python_scope import Operation, Scope
from tracer.rules import TABLE, Domain, Op, register, selection
from tracer.shapes import Dim, DimLike
from tracer.tensor import Tensor, TensorLike, apply, as_tensor, record_tensor

LOWEST: dict[str, float] = {
    "float64": -1.7976931348623157e308, "float32": -3.4028234663852886e38, "int64": -(2**63), "int32": -(2**31),
}  # fmt: skip
"""What the greatest of no elements is."""


def _arguments(name: str, data: TensorLike, segment_ids: TensorLike) -> tuple[Tensor, Tensor]:
    x, ids = as_tensor(data), index_tensor(segment_ids)
    if x.shape[: ids.ndim] != ids.shape:
        raise ValueError(
            f"{name}: the segment ids {ids.name} of shape {shapes.show(ids.shape)} must have the first dimensions of "
            f"{x.name} of shape {shapes.show(x.shape)}"
        )
    return x, ids


def _sorted_segments(name: str, data: TensorLike, segment_ids: TensorLike) -> tuple[Tensor, Tensor, int]:
    """The arguments and the number of segments, which values of the ids say."""
    x, ids = _arguments(name, data, segment_ids)
    if ids.ndim != 1:
        raise ValueError(f"{name} takes a vector of segment ids, {ids.name} has shape {shapes.show(ids.shape)}")
    values = ids.numpy().tolist()
    if values != sorted(values) or (values and values[0] < 0):
        raise ValueError(
            f"{name} takes segment ids that are natural numbers in ascending order, got {values}; "
            f"write unsorted_{name}(data, segment_ids, num_segments)"
        )
    return x, as_tensor(ids.numpy()), 1 + max(values, default=-1)


def _unsorted_segments(
    name: str, data: TensorLike, segment_ids: TensorLike, num_segments: DimLike
) -> tuple[Tensor, Tensor, Dim]:
    """The arguments without the slices whose id is negative, and the number of segments."""
    x, ids = _arguments(name, data, segment_ids)
    count = shapes.dimension(num_segments)
    check_range(ids, count, 0)
    values = ids.value
    if values is not None and ids.ndim and (values < 0).any():
        kept = values >= 0
        return x[kept], as_tensor(values[kept]), count
    return x, ids, count


def _sum(x: Tensor, ids: Tensor, count: Dim) -> Tensor:
    return place([(x, (Array(1),), [ids])], (count, *x.shape[ids.ndim :]))


def _counts(x: Tensor, ids: Tensor, count: Dim, dtype: str) -> Tensor:
    """How many slices each segment has, at least one, as a factor of the segments."""
    sizes = _sum(creation.ones(ids.shape, dtype), ids, count)
    axes = tuple(range(1, x.ndim - ids.ndim + 1))
    sizes = apply(TABLE["maximum"], (sizes, 1))
    return expand_dims(sizes, axes) if axes else sizes


# The greatest of a segment.


def _max_source(e: Scope, node: Operation, x: Code, ids: Code) -> Code:
    count, empty = node.params
    return e.segment_max(x, ids, count, empty)


def _max_components(node: Tensor, x: Sequence[sympy.Expr], ids: Sequence[sympy.Expr]) -> list[sympy.Expr]:
    count, empty = node.params
    places = numbers(node.args[1], ids)
    width = shapes.size(node.shape[1:])
    found: list[sympy.Expr] = []
    for segment in range(count):
        for k in range(width):
            parts = [(x[j * width + k], sympy.Eq(i, segment)) for j, i in enumerate(places)]
            inside = [v for v, hit in parts if hit == True]  # noqa: E712
            if any(hit not in (True, False) for _, hit in parts):
                raise ValueError(
                    "the greatest element of segments whose ids have no value has no closed form by its elements; "
                    'the forms "matrix" and "steps" are available'
                )
            found.append(sympy.Max(*inside) if inside else sympy.sympify(empty))
    return found


def _max_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor | None:
    """Shared evenly by the greatest ones."""
    x, ids = node.args
    if position == 1:
        return None
    chosen = apply(TABLE["equal"], (x, gather(node, ids)))
    shares = _sum(cast(chosen, node.dtype), ids, node.params[0])
    share = gather(apply(TABLE["divide_no_nan"], (cotangent, shares)), ids)
    return apply(selection(), (share, chosen))


def _max_batch(node: Tensor, axes: int, x: Tensor, ids: Tensor) -> Tensor:
    """The ids of each member of the batch count on from those of the last."""
    count, empty = node.params
    batch = x.shape[:axes] if x.ndim - axes == node.args[0].ndim else ids.shape[:axes]
    rank = node.args[1].ndim
    wide_ids = broadcast_to(ids, (*batch, *node.args[1].shape))
    wide = broadcast_to(x, (*batch, *node.args[0].shape))
    size = shapes.size(batch)
    start = reshape(creation.range(size) * count, (*batch, *[1] * rank))
    flat = _greatest(wide, wide_ids + start, size * count, empty)
    return reshape(flat, (*batch, *node.shape))


SEGMENT_MAX = register(
    Op(
        "segment_max",
        _max_pullback,
        numpy=_max_source,
        components=_max_components,
        batch=_max_batch,
        domain=Domain(kinks=has_one_maximum_each),
    )
)


def _greatest(x: Tensor, ids: Tensor, count: Dim, empty: float) -> Tensor:
    return record_tensor(SEGMENT_MAX, (x, ids), (count, empty), (count, *x.shape[ids.ndim :]), x.dtype)


def unsorted_segment_max(
    data: TensorLike, segment_ids: TensorLike, num_segments: DimLike, name: str | None = None
) -> Tensor:
    """The greatest of the slices of ``data`` that bear the same segment id, element by element.

    At a tie the gradient is shared evenly. A segment without slices is the lowest number of the dtype.

    Parameters
    ----------
    data : tensor or array
    segment_ids : integer tensor or array
        Of the first dimensions of ``data``; slices with a negative id count nowhere.
    num_segments : dimension

    Returns
    -------
    Tensor
        Of shape ``(num_segments, *data.shape[segment_ids.ndim:])``.

    Raises
    ------
    ValueError
        If the ids do not have the first dimensions of ``data``.
    IndexError
        If one is too great.

    Examples
    --------
    >>> import tracer
    >>> tracer.math.unsorted_segment_max([1.0, 2.0, 3.0], [0, 1, 0], 2).numpy()
    array([3., 2.])
    """
    x, ids, count = _unsorted_segments("unsorted_segment_max", data, segment_ids, num_segments)
    return _greatest(x, ids, count, LOWEST[x.dtype])


def unsorted_segment_min(
    data: TensorLike, segment_ids: TensorLike, num_segments: DimLike, name: str | None = None
) -> Tensor:
    """The smallest of the slices of ``data`` that bear the same segment id, element by element.

    At a tie the gradient is shared evenly. A segment without slices is the greatest number of the dtype.

    Parameters
    ----------
    data, segment_ids, num_segments
        As for :func:`unsorted_segment_max`.

    Returns
    -------
    Tensor
        Of shape ``(num_segments, *data.shape[segment_ids.ndim:])``.

    Examples
    --------
    >>> import tracer
    >>> tracer.math.unsorted_segment_min([1.0, 2.0, 3.0], [0, 1, 0], 2).numpy()
    array([1., 2.])
    """
    x, ids, count = _unsorted_segments("unsorted_segment_min", data, segment_ids, num_segments)
    lowest = LOWEST[x.dtype]
    found = -_greatest(-x, ids, count, lowest)
    return found if x.dtype in FLOATS else found - cast(found == lowest, x.dtype)


def unsorted_segment_sum(
    data: TensorLike, segment_ids: TensorLike, num_segments: DimLike, name: str | None = None
) -> Tensor:
    """Sums of the slices of ``data`` that bear the same segment id; zero for none.

    Parameters
    ----------
    data, segment_ids, num_segments
        As for :func:`unsorted_segment_max`.

    Returns
    -------
    Tensor
        Of shape ``(num_segments, *data.shape[segment_ids.ndim:])``.

    Examples
    --------
    >>> import tracer
    >>> tracer.unsorted_segment_sum([1.0, 2.0, 3.0], [0, 1, 0], 2).numpy()
    array([4., 2.])
    """
    return _sum(*_unsorted_segments("unsorted_segment_sum", data, segment_ids, num_segments))


def unsorted_segment_mean(
    data: TensorLike, segment_ids: TensorLike, num_segments: DimLike, name: str | None = None
) -> Tensor:
    """Means of the slices of ``data`` that bear the same segment id; zero for none.

    Parameters
    ----------
    data, segment_ids, num_segments
        As for :func:`unsorted_segment_max`.

    Returns
    -------
    Tensor
        Of shape ``(num_segments, *data.shape[segment_ids.ndim:])``.

    Examples
    --------
    >>> import tracer
    >>> tracer.math.unsorted_segment_mean([1.0, 2.0, 3.0], [0, 1, 0], 2).numpy()
    array([2., 2.])
    """
    x, ids, count = _unsorted_segments("unsorted_segment_mean", data, segment_ids, num_segments)
    return _sum(x, ids, count) / _counts(x, ids, count, x.dtype)


def unsorted_segment_sqrt_n(
    data: TensorLike, segment_ids: TensorLike, num_segments: DimLike, name: str | None = None
) -> Tensor:
    """Sums of the slices of ``data`` that bear the same segment id, divided by the root of their number; zero for none.

    Parameters
    ----------
    data, segment_ids, num_segments
        As for :func:`unsorted_segment_max`.

    Returns
    -------
    Tensor
        Of shape ``(num_segments, *data.shape[segment_ids.ndim:])``.

    Examples
    --------
    >>> import tracer
    >>> tracer.math.unsorted_segment_sqrt_n([1.0, 2.0, 3.0, 4.0], [0, 0, 0, 0], 1).numpy()
    array([5.])
    """
    x, ids, count = _unsorted_segments("unsorted_segment_sqrt_n", data, segment_ids, num_segments)
    return _sum(x, ids, count) / apply(TABLE["sqrt"], (_counts(x, ids, count, x.dtype),))


def _products(name: str, x: Tensor, ids: Tensor, count: Dim) -> Tensor:
    members = ids.numpy()
    if not isinstance(count, int):
        raise ValueError(f"{name} takes a number of segments, got {count}")
    if not count:
        return creation.zeros((0, *x.shape[ids.ndim :]), x.dtype)
    return stack([reduce_prod(x[members == k], 0) for k in range(count)])


def unsorted_segment_prod(
    data: TensorLike, segment_ids: TensorLike, num_segments: DimLike, name: str | None = None
) -> Tensor:
    """Products of the slices of ``data`` that bear the same segment id; one for none.

    The ids have values.

    Parameters
    ----------
    data, segment_ids, num_segments
        As for :func:`unsorted_segment_max`.

    Returns
    -------
    Tensor
        Of shape ``(num_segments, *data.shape[segment_ids.ndim:])``.

    Examples
    --------
    >>> import tracer
    >>> tracer.math.unsorted_segment_prod([1.0, 2.0, 3.0], [0, 1, 0], 2).numpy()
    array([3., 2.])
    """
    caller = "unsorted_segment_prod"
    return _products(caller, *_unsorted_segments(caller, data, segment_ids, num_segments))


def segment_sum(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """Sums of the slices of ``data`` by ascending segment ids; zero for none.

    Parameters
    ----------
    data : tensor or array
    segment_ids : integer tensor or array
        A vector with values that ascend from 0 or more, one for each slice of ``data``.

    Returns
    -------
    Tensor
        Of shape ``(max(segment_ids) + 1, *data.shape[1:])``.

    Raises
    ------
    ValueError
        If the ids are no such vector.

    Examples
    --------
    >>> import tracer
    >>> tracer.math.segment_sum([1.0, 2.0, 3.0], [0, 0, 1]).numpy()
    array([3., 3.])
    """
    return _sum(*_sorted_segments("segment_sum", data, segment_ids))


def segment_mean(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """Means of the slices of ``data`` by ascending segment ids; zero for none.

    Parameters
    ----------
    data, segment_ids
        As for :func:`segment_sum`.

    Returns
    -------
    Tensor
        As of :func:`segment_sum`.

    Examples
    --------
    >>> import tracer
    >>> tracer.math.segment_mean([1.0, 2.0, 3.0], [0, 0, 1]).numpy()
    array([1.5, 3. ])
    """
    x, ids, count = _sorted_segments("segment_mean", data, segment_ids)
    mean = _sum(x, ids, count) / _counts(x, ids, count, x.dtype)
    return cast(mean, x.dtype)


def segment_max(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The greatest of the slices of ``data`` by ascending segment ids, element by element; zero for none.

    At a tie the gradient is shared evenly.

    Parameters
    ----------
    data, segment_ids
        As for :func:`segment_sum`.

    Returns
    -------
    Tensor
        As of :func:`segment_sum`.

    Examples
    --------
    >>> import tracer
    >>> tracer.math.segment_max([1.0, 2.0, 3.0], [0, 0, 1]).numpy()
    array([2., 3.])
    """
    return _greatest(*_sorted_segments("segment_max", data, segment_ids), 0)


def segment_min(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The smallest of the slices of ``data`` by ascending segment ids, element by element; zero for none.

    At a tie the gradient is shared evenly.

    Parameters
    ----------
    data, segment_ids
        As for :func:`segment_sum`.

    Returns
    -------
    Tensor
        As of :func:`segment_sum`.

    Examples
    --------
    >>> import tracer
    >>> tracer.math.segment_min([1.0, 2.0, 3.0], [0, 0, 1]).numpy()
    array([1., 3.])
    """
    x, ids, count = _sorted_segments("segment_min", data, segment_ids)
    return 0 - _greatest(-x, ids, count, 0)  # Negated, the zero of no slices would be -0.0.


def segment_prod(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """Products of the slices of ``data`` by ascending segment ids; one for none.

    Parameters
    ----------
    data, segment_ids
        As for :func:`segment_sum`.

    Returns
    -------
    Tensor
        As of :func:`segment_sum`.

    Examples
    --------
    >>> import tracer
    >>> tracer.math.segment_prod([1.0, 2.0, 3.0], [0, 0, 1]).numpy()
    array([2., 3.])
    """
    return _products("segment_prod", *_sorted_segments("segment_prod", data, segment_ids))


FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    f.__name__: f
    for f in (
        segment_max, segment_mean, segment_min, segment_prod, segment_sum, unsorted_segment_max, unsorted_segment_mean,
        unsorted_segment_min, unsorted_segment_prod, unsorted_segment_sqrt_n, unsorted_segment_sum,
    )
}  # fmt: skip
