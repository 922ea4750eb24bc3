"""Norms of vectors and matrices, and division by them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import SupportsIndex

from tracer import nest, shapes
from tracer.nest import Nest
from tracer.ops.contraction import expand_dims, reduce_sum, transpose
from tracer.ops.elementwise import NORM_POWER, NORM_ROOT
from tracer.ops.matrix_rows import floats
from tracer.ops.reduction import reduce_max
from tracer.ops.spectral import svd
from tracer.rules import TABLE
from tracer.shapes import Axes
from tracer.tensor import Operand, Tensor, TensorLike, apply


def norm(
    tensor: TensorLike,
    ord: str | float = "euclidean",
    axis: Axes = None,
    keepdims: bool | None = None,
    name: str | None = None,
) -> Tensor:
    """Norms of vectors and matrices.

    Parameters
    ----------
    tensor : tensor or array
    ord : str or number, optional
        ``"euclidean"`` and ``"fro"`` (the square root of the sum of squares); for vectors any positive number and
        infinity; for matrices 1, 2 and infinity.
    axis : int, pair of int or None
        The axis of vectors, or the two axes of matrices; None takes all elements as one vector.
    keepdims : bool, optional
        Whether the axes stay, with size 1.

    Returns
    -------
    Tensor
        Of the shape without the axes.

    Raises
    ------
    TypeError
        If ``ord`` is neither a string nor a number.
    ValueError
        If there is no such norm, or the axes are more than two.

    Examples
    --------
    >>> import tracer
    >>> float(tracer.norm([3.0, 4.0])), float(tracer.norm([3.0, -4.0], ord=1))
    (5.0, 7.0)
    """
    x = floats(tensor)
    if not issubclass(type(ord), (str, Real)):
        raise TypeError(f"norm: ord is a string or a number, got {nest.shown(ord)}")
    pair = tuple(axis) if isinstance(axis, (list, tuple)) and len(axis) == 2 else ()
    if isinstance(axis, (list, tuple)) and len(axis) not in (1, 2):
        raise ValueError(f"norm: axis is an int, a pair of ints for matrices, or None, got {axis!r}")
    keep = bool(keepdims)
    if ord in ("euclidean", "fro") or (ord == 2 and not pair):
        if ord == "fro" and not pair and axis is not None:
            raise ValueError(f"norm: the Frobenius norm is of matrices, give two axes or None, got axis={axis!r}")
        return apply(NORM_ROOT, (reduce_sum(apply(TABLE["square"], (x,)), axis, keep),))
    size = abs(x)
    if ord == float("inf"):
        return reduce_max(reduce_sum(size, pair[1], True), axis, keep) if pair else reduce_max(size, axis, keep)
    if ord == 2:
        return _spectral(x, pair, keep)
    if pair and ord == 1:
        return reduce_max(reduce_sum(size, pair[0], True), axis, keep)
    if ord == 1:
        return reduce_sum(size, axis, keep)
    if pair or isinstance(ord, str) or not ord > 0:
        raise ValueError(
            f"norm: there is no norm {ord!r} of {'matrices' if pair else 'vectors'} here; write 'euclidean', 1, 2 or "
            "infinity" + ("" if pair else ", or another positive number")
        )
    return apply(NORM_POWER, (reduce_sum(size**ord, axis, keep), 1 / ord))


def _spectral(x: Tensor, axis: Sequence[SupportsIndex], keepdims: bool) -> Tensor:
    """The largest singular value."""
    pair = [shapes.normalize_axis(k, x.ndim) for k in axis]
    rest = [k for k in range(x.ndim) if k not in pair]
    largest = reduce_max(svd(transpose(x, [*rest, *pair]), compute_uv=False), -1)
    return expand_dims(largest, pair) if keepdims else largest


def normalize(
    tensor: TensorLike, ord: str | float = "euclidean", axis: Axes = None, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The tensor divided by its norm, and the norm.

    Parameters
    ----------
    tensor, ord, axis
        As for :func:`norm`.

    Returns
    -------
    normalized, norm : Tensor
        The norm keeps its axes, with size 1.

    Examples
    --------
    >>> import tracer
    >>> unit, size = tracer.linalg.normalize([3.0, 4.0])
    >>> unit.numpy(), size.numpy()
    (array([0.6, 0.8]), array([5.]))
    """
    x = floats(tensor)
    size = norm(x, ord, axis, keepdims=True)
    return x / size, size


def l2_normalize(x: TensorLike, axis: Axes = None, epsilon: TensorLike = 1e-12, name: str | None = None) -> Tensor:
    """``x/sqrt(max(sum(x**2), epsilon))``, with the sum over axes.

    Parameters
    ----------
    x : tensor or array
    axis : int, sequence of int or None
        None means all.
    epsilon : number, optional

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import tracer
    >>> tracer.nn.l2_normalize([3.0, 4.0]).numpy()
    array([0.6, 0.8])
    """
    tensor = floats(x)
    total = reduce_sum(apply(TABLE["square"], (tensor,)), axis, keepdims=True)
    return tensor * apply(TABLE["rsqrt"], (apply(TABLE["maximum"], (total, epsilon)),))


def global_norm(t_list: Nest[TensorLike | None], name: str | None = None) -> Tensor:
    """The Euclidean norm of all elements of several tensors.

    Parameters
    ----------
    t_list : nest of tensors, arrays and None
        What is None is left out.

    Returns
    -------
    Tensor
        A scalar.

    Raises
    ------
    ValueError
        If there is no tensor.

    Examples
    --------
    >>> import tracer
    >>> float(tracer.linalg.global_norm([[3.0], None, 4.0]))
    5.0
    """
    parts = [floats(t) for t in nest.flatten(t_list) if t is not None]
    if not parts:
        raise ValueError(f"global_norm takes at least one tensor, got {t_list!r}")
    total: Operand = 0
    for part in parts:
        total = total + reduce_sum(apply(TABLE["square"], (part,)))
    return apply(NORM_ROOT, (total,))


def clip_by_norm(t: TensorLike, clip_norm: TensorLike, axes: Axes = None, name: str | None = None) -> Tensor:
    """The tensor scaled down along axes to a bounded Euclidean norm; zeros stay.

    Parameters
    ----------
    t : tensor or array
    clip_norm : number or scalar tensor
        What the norm is at the most.
    axes : int, sequence of int or None
        None means all.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import tracer
    >>> tracer.clip_by_norm([3.0, 4.0], 2.5).numpy()
    array([1.5, 2. ])
    """
    tensor = floats(t)
    total = reduce_sum(apply(TABLE["square"], (tensor,)), axes, keepdims=True)
    length = apply(NORM_ROOT, (total,))
    clipped: Tensor = tensor * clip_norm / apply(TABLE["maximum"], (length, clip_norm))
    return clipped


def clip_by_global_norm(
    t_list: Sequence[TensorLike | None],
    clip_norm: TensorLike,
    use_norm: TensorLike | None = None,
    name: str | None = None,
) -> tuple[list[Tensor | None], Tensor]:
    """Tensors scaled down together, by one factor, to a bounded Euclidean norm.

    Parameters
    ----------
    t_list : sequence of tensor, array or None
        What is None stays.
    clip_norm : number or scalar tensor
        What the norm of all is at the most.
    use_norm : scalar tensor, optional
        What to take for the norm of all, instead of :func:`global_norm`.

    Returns
    -------
    clipped : list of Tensor or None
    norm : Tensor
        That of all before.

    Raises
    ------
    TypeError
        If the tensors are in no list or tuple.

    References
    ----------
    Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, 2013, algorithm 1.

    Examples
    --------
    >>> import tracer
    >>> clipped, length = tracer.clip_by_global_norm([[3.0], None, 4.0], 2.5)
    >>> float(length), float(clipped[2])
    (5.0, 2.0)
    """
    if not isinstance(t_list, (list, tuple)):
        raise TypeError(f"clip_by_global_norm takes a list of tensors, got {type(t_list).__name__}")
    length = global_norm(t_list) if use_norm is None else floats(use_norm)
    smaller = apply(TABLE["minimum"], (1.0 / length, apply(TABLE["divide"], (1.0, clip_norm))))
    scale = smaller * clip_norm
    return [None if t is None else floats(t) * scale for t in t_list], length


LINALG: dict[str, Callable[..., object]] = {
    "norm": norm, "normalize": normalize, "l2_normalize": l2_normalize, "global_norm": global_norm,
}  # fmt: skip
FUNCTIONS: dict[str, Callable[..., object]] = {
    "norm": norm, "clip_by_norm": clip_by_norm, "clip_by_global_norm": clip_by_global_norm,
}  # fmt: skip
