"""Functions of neural networks: softmax is an operation of its own, the rest are compositions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import sympy

from tracer import shapes
from tracer.nest import shown
from tracer.ops.casting import cast
from tracer.ops.contraction import expand_dims, matmul, reduce_mean, reduce_sum
from tracer.ops.gathering import gather
from tracer.ops.matrix_rows import floats, row
from tracer.ops.norms import l2_normalize
from tracer.ops.reduction import reduce_logsumexp, reduce_variance
from tracer.rules import TABLE, Facts
from tracer.shapes import Axes, Indices, ShapeLike
from tracer.tensor import Tensor, TensorLike, apply, as_tensor, record_tensor


def elementwise(name: str, *operands: TensorLike) -> Tensor:
    """An elementwise operation by its name."""
    return apply(TABLE[name], operands)


def softplus(x: Tensor) -> Tensor:
    """``log(1 + exp(x))``."""
    return elementwise("softplus", x)


# Softmax.


def _softmax_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    return node * (cotangent - reduce_sum(cotangent * node, node.params, keepdims=True))


def _softmax_components(node: Tensor, flat: Sequence[sympy.Expr]) -> list[sympy.Expr]:
    axis = node.params % node.ndim
    ranges = [range(d) for d in node.shape]
    places = list(itertools.product(*ranges))
    value = {place: sympy.exp(x) for place, x in zip(places, flat)}
    return [value[p] / sum(value[(*p[:axis], k, *p[axis + 1 :])] for k in ranges[axis]) for p in places]


SOFTMAX = row(
    "softmax",
    _softmax_pullback,
    numpy=lambda e, node, x: e.softmax(x, node.params),
    components=_softmax_components,
    components_cost=lambda node: shapes.size(node.shape) * node.shape[node.params],
    facts=Facts(finite=True, bounded=True, positive=True),
)


def softmax(logits: TensorLike, axis: int = -1, name: str | None = None) -> Tensor:
    """``exp(z) / sum(exp(z))`` along an axis, evaluated without overflow.

    Its gradient is ``p*(g - sum(g*p))``.

    Parameters
    ----------
    logits : tensor or array
        Of rank 1 or more.
    axis : int, optional
        The axis along which the result sums to one.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        If the logits are a scalar.

    Examples
    --------
    >>> import tracer
    >>> z = tracer.placeholder("z", shape=("n",))
    >>> tracer.nn.softmax(z).formula()
    softmax(z)
    """
    z = floats(logits)
    if not z.ndim:
        raise ValueError(f"softmax takes a tensor of rank 1 or more, {z.name} is a scalar")
    where = shapes.normalize_axis(-1 if axis is None else axis, z.ndim)
    return record_tensor(SOFTMAX, (z,), where - z.ndim, z.shape, z.dtype)


def log_softmax(logits: TensorLike, axis: int = -1, name: str | None = None) -> Tensor:
    """The logarithm of :func:`softmax`, ``z - logsumexp(z)``, which does not overflow.

    Parameters
    ----------
    logits, axis
        As for :func:`softmax`.

    Returns
    -------
    Tensor
        Of the same shape.

    References
    ----------
    Blanchard, Higham and Higham, Accurately computing the log-sum-exp and softmax functions, 2021.

    Examples
    --------
    >>> import tracer
    >>> tracer.nn.log_softmax([1000.0, 0.0]).numpy()
    array([    0., -1000.])
    """
    z = floats(logits)
    return z - reduce_logsumexp(z, -1 if axis is None else axis, keepdims=True)


# Normalisation.


def moments(
    x: TensorLike, axes: Axes, shift: object = None, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """Mean and variance over axes.

    Parameters
    ----------
    x : tensor or array
    axes : int, sequence of int or None
        None means all.
    shift : optional
        Accepted for TensorFlow's sake.
    keepdims : bool, optional
        Whether the axes stay, with size 1.

    Returns
    -------
    mean, variance : Tensor

    Examples
    --------
    >>> import tracer
    >>> mean, variance = tracer.nn.moments([1.0, 3.0], [0])
    >>> float(mean), float(variance)
    (2.0, 1.0)
    """
    tensor = floats(x)
    return reduce_mean(tensor, axes, keepdims), reduce_variance(tensor, axes, keepdims)


def batch_normalization(
    x: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    offset: TensorLike | None,
    scale: TensorLike | None,
    variance_epsilon: TensorLike,
    name: str | None = None,
) -> Tensor:
    """``scale*(x - mean)/sqrt(variance + variance_epsilon) + offset``; offset and scale may be None.

    Parameters
    ----------
    x : tensor or array
    mean, variance : tensor or array
        Of shapes that broadcast to that of x, as the next two.
    offset, scale : tensor, array or None
    variance_epsilon : number
        Added to the variance.

    Returns
    -------
    Tensor
        Of the shape of x.

    References
    ----------
    Ioffe and Szegedy, Batch normalization, 2015, algorithm 1.

    Examples
    --------
    >>> import tracer
    >>> tracer.nn.batch_normalization([1.0, 3.0], 2.0, 1.0, 10.0, None, 0.0).numpy()
    array([ 9., 11.])
    """
    factor = elementwise("rsqrt", floats(variance) + variance_epsilon)
    if scale is not None:
        factor = factor * scale
    result = (floats(x) - mean) * factor
    return result if offset is None else result + offset


def layer_normalization(
    x: TensorLike,
    offset: TensorLike | None = None,
    scale: TensorLike | None = None,
    axis: Indices = -1,
    variance_epsilon: TensorLike = 1e-3,
    name: str | None = None,
) -> Tensor:
    """``scale*(x - mean)/sqrt(variance + variance_epsilon) + offset``, with mean and variance of x along an axis.

    Parameters
    ----------
    x : tensor or array
    offset, scale : tensor, array or None, optional
        Of shapes that broadcast to that of x.
    axis : int or sequence of int, optional
    variance_epsilon : number, optional
        Added to the variance.

    Returns
    -------
    Tensor
        Of the same shape.

    References
    ----------
    Ba, Kiros and Hinton, Layer normalization, 2016, eq. 4.

    Examples
    --------
    >>> import tracer
    >>> tracer.nn.layer_normalization([[1.0, 3.0]], variance_epsilon=0.0).numpy()
    array([[-1.,  1.]])
    """
    mean, variance = moments(x, axis, keepdims=True)
    return batch_normalization(x, mean, variance, offset, scale, variance_epsilon)


def dropout(
    x: TensorLike,
    rate: float | Tensor,
    noise_shape: ShapeLike = None,
    seed: int | None = None,
    name: str | None = None,
    *,
    mask: TensorLike | None = None,
) -> Tensor:
    """``x*mask/(1 - rate)``, the mask saying which elements are kept.

    Parameters
    ----------
    x : tensor or array
    rate : number or scalar tensor
        The share of elements that are dropped, less than 1.
    noise_shape, seed : optional
        Accepted for TensorFlow's sake.
    mask : tensor or array, optional
        Ones (or True) for what is kept, broadcast to the shape of x. It may be left out where the rate is 0 only: a
        formula has no random numbers in it.

    Returns
    -------
    Tensor
        Of the shape of x.

    Raises
    ------
    ValueError
        If a mask is needed, or the rate is not in [0, 1).

    References
    ----------
    Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, 2014.

    Examples
    --------
    >>> import tracer
    >>> tracer.nn.dropout([1.0, 2.0], 0.5, mask=[1.0, 0.0]).numpy()
    array([2., 0.])
    """
    tensor = floats(x)
    if mask is None:
        if isinstance(rate, Tensor) or rate != 0:
            raise ValueError(
                f"dropout at the rate {shown(rate)} needs a mask of what is kept; write dropout(x, rate, mask=mask)"
            )
        return tensor
    if not isinstance(rate, Tensor) and not 0 <= rate < 1:
        raise ValueError(f"dropout: the rate must lie in [0, 1), got {rate}")
    return tensor * floats(mask) / (1 - rate)


def bias_add(value: TensorLike, bias: TensorLike, data_format: str | None = None, name: str | None = None) -> Tensor:
    """Add a vector along the axis of channels.

    Parameters
    ----------
    value : tensor or array
        Of rank 2 or more.
    bias : tensor or array
        A vector with an element for each channel.
    data_format : str, optional
        Where it starts with ``"NC"``, channels are the second axis; otherwise the last.

    Returns
    -------
    Tensor
        Of the shape of value.

    Raises
    ------
    TypeError
        If the format is no string.
    ValueError
        If the ranks are others.

    Examples
    --------
    >>> import tracer
    >>> tracer.nn.bias_add([[1.0, 2.0]], [10.0, 20.0]).numpy()
    array([[11., 22.]])
    """
    x, b = as_tensor(value), as_tensor(bias)
    if b.ndim != 1 or x.ndim < 2:
        raise ValueError(
            f"bias_add adds a vector to a tensor of rank 2 or more, "
            f"got the shapes {shapes.show(b.shape)} and {shapes.show(x.shape)}"
        )
    if not (data_format is None or isinstance(data_format, str)):
        raise TypeError(f"the data_format is a string such as 'NHWC' or 'NC...', got {shown(data_format)}")
    second = data_format is not None and data_format.startswith("NC")
    return x + (expand_dims(b, tuple(range(1, x.ndim - 1))) if second and x.ndim > 2 else b)


# Lookup and attention.


def embedding_lookup(params: TensorLike, ids: TensorLike, max_norm: None = None, name: str | None = None) -> Tensor:
    """The rows of a table at integer ids.

    Parameters
    ----------
    params : tensor or array
        The table; rows are along the first axis.
    ids : integer tensor or array
    max_norm : None
        Rows are not clipped.

    Returns
    -------
    Tensor
        Of shape ``ids.shape + params.shape[1:]``.

    Raises
    ------
    ValueError
        If max_norm is not None.

    Examples
    --------
    >>> import tracer
    >>> tracer.nn.embedding_lookup([[1.0, 2.0], [3.0, 4.0]], [1, 1]).numpy()
    array([[3., 4.],
           [3., 4.]])
    """
    if max_norm is not None:
        raise ValueError("embedding_lookup does not clip rows; apply clip_by_norm to the result")
    return gather(params, ids)


def attention(
    query: TensorLike,
    key: TensorLike,
    value: TensorLike,
    mask: TensorLike | None = None,
    scale: TensorLike | None = None,
    name: str | None = None,
) -> Tensor:
    """Scaled dot-product attention, ``softmax(Q K^T/sqrt(d)) V``.

    Parameters
    ----------
    query, key, value : tensor or array
        Of shapes ``(..., n, d)``, ``(..., m, d)`` and ``(..., m, e)``.
    mask : tensor or array, optional
        Whether a query sees a key, broadcast to ``(..., n, m)``.
    scale : number or scalar tensor, optional
        Instead of ``1/sqrt(d)``.

    Returns
    -------
    Tensor
        Of shape ``(..., n, e)``.

    References
    ----------
    Vaswani et al., Attention is all you need, 2017, eq. 1.

    Examples
    --------
    >>> import tracer
    >>> tracer.nn.attention([[1.0]], [[2.0], [2.0]], [[1.0], [3.0]]).numpy()
    array([[2.]])
    """
    q, k, v = floats(query), floats(key), floats(value)
    scores = matmul(q, k, transpose_b=True)
    scores = scores * (sympy.S.One / sympy.sqrt(q.shape[-1]) if scale is None else scale)
    if mask is not None:
        seen = cast(mask, "bool")
        scores = elementwise("where", seen, scores, -math.inf)
    return matmul(softmax(scores), v)


NN: dict[str, Callable[..., object]] = {
    f.__name__: f
    for f in (
        softmax, log_softmax, moments, batch_normalization, layer_normalization, dropout, bias_add, embedding_lookup,
        attention, l2_normalize,
    )
}  # fmt: skip
