"""Losses, as compositions of operations: one for every element or row, of which reduce_mean makes one."""

from __future__ import annotations

from collections.abc import Callable

import sympy

from tracer import shapes
from tracer.ops.contraction import reduce_sum
from tracer.ops.gathering import gather
from tracer.ops.layers import elementwise, log_softmax, softplus
from tracer.ops.matrix_rows import floats
from tracer.ops.norms import norm
from tracer.ops.reduction import reduce_logsumexp
from tracer.tensor import Tensor, TensorLike, as_operand, as_tensor


def softmax_cross_entropy_with_logits(
    labels: TensorLike, logits: TensorLike, axis: int = -1, name: str | None = None
) -> Tensor:
    """``-sum(labels*log_softmax(logits))`` along an axis.

    Parameters
    ----------
    labels : tensor or array
        Probabilities of the classes; where they do not sum to one, value and gradient are still those of the sum above.
    logits : tensor or array
        Of the same shape.
    axis : int, optional
        The axis of the classes.

    Returns
    -------
    Tensor
        Of the shape without that axis.

    Examples
    --------
    >>> import tracer
    >>> round(float(tracer.nn.softmax_cross_entropy_with_logits([0.0, 1.0], [1000.0, 0.0])), 6)
    1000.0
    """
    y, z = same_shape("softmax_cross_entropy_with_logits", labels, logits)
    return -reduce_sum(y * log_softmax(z, axis), -1 if axis is None else axis)


def sparse_softmax_cross_entropy_with_logits(labels: TensorLike, logits: TensorLike, name: str | None = None) -> Tensor:
    """``-log_softmax(logits)`` at the class that each label numbers.

    Parameters
    ----------
    labels : integer tensor or array
        Of shape ``(...)``.
    logits : tensor or array
        Of shape ``(..., classes)``.

    Returns
    -------
    Tensor
        Of the shape of the labels.

    Raises
    ------
    ValueError
        If the labels do not have the shape of the logits without the last axis.

    Examples
    --------
    >>> import tracer
    >>> tracer.nn.sparse_softmax_cross_entropy_with_logits([1], [[1000.0, 0.0]]).numpy()
    array([1000.])
    """
    y, z = as_tensor(labels), floats(logits)
    if y.shape != z.shape[:-1] or not z.ndim:
        raise ValueError(
            f"sparse_softmax_cross_entropy_with_logits: labels of shape {shapes.show(y.shape)} do not number the "
            f"classes of logits of shape {shapes.show(z.shape)}; they have that shape without the last axis"
        )
    return reduce_logsumexp(z, -1) - gather(z, y, batch_dims=y.ndim)


def sigmoid_cross_entropy_with_logits(labels: TensorLike, logits: TensorLike, name: str | None = None) -> Tensor:
    """``-y*log(sigmoid(z)) - (1 - y)*log(1 - sigmoid(z))``, element by element, which is ``softplus(z) - y*z``.

    Parameters
    ----------
    labels : tensor or array
        The probabilities y.
    logits : tensor or array
        Of the same shape: z.

    Returns
    -------
    Tensor
        Of that shape.

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning, 2006, eq. 4.90 for the sum, 4.91 for its gradient.

    Examples
    --------
    >>> import tracer
    >>> z, y = tracer.placeholder("z", shape=("n",)), tracer.placeholder("y", shape=("n",))
    >>> loss = tracer.reduce_sum(tracer.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=z))
    >>> tracer.gradients(loss, z)[0].formula()
    sigmoid(z) - y
    """
    y, z = same_shape("sigmoid_cross_entropy_with_logits", labels, logits)
    return softplus(z) - y * z


def weighted_cross_entropy_with_logits(
    labels: TensorLike, logits: TensorLike, pos_weight: TensorLike, name: str | None = None
) -> Tensor:
    """Sigmoid cross-entropy in which positive labels count more.

    ``-w*y*log(sigmoid(z)) - (1 - y)*log(1 - sigmoid(z))``, element by element.

    Parameters
    ----------
    labels, logits
        As for :func:`sigmoid_cross_entropy_with_logits`.
    pos_weight : number, tensor or array
        The weight w.

    Returns
    -------
    Tensor
        Of the shape of the labels.

    Raises
    ------
    ValueError
        If the shapes of labels and logits differ.

    Examples
    --------
    >>> import tracer
    >>> round(float(tracer.nn.weighted_cross_entropy_with_logits(1.0, 0.0, 2.0)), 6)
    1.386294
    """
    y, z = same_shape("weighted_cross_entropy_with_logits", labels, logits)
    return (1 - y) * z + (1 + (as_tensor(pos_weight) - 1) * y) * softplus(-z)


def log_poisson_loss(
    targets: TensorLike, log_input: TensorLike, compute_full_loss: bool = False, name: str | None = None
) -> Tensor:
    """Minus the log-likelihood of counts under Poisson distributions, up to a constant.

    ``exp(z) - z*y``, element by element.

    Parameters
    ----------
    targets : tensor or array
        The counts y.
    log_input : tensor or array
        Of the same shape: z, the logarithms of the rates.
    compute_full_loss : bool, optional
        The constant can't be had.

    Returns
    -------
    Tensor
        Of that shape.

    Raises
    ------
    ValueError
        If the shapes differ, or the constant is asked for.

    Examples
    --------
    >>> import tracer
    >>> tracer.nn.log_poisson_loss([2.0, 1.0], [0.0, 0.0]).numpy()
    array([1., 1.])
    """
    y, z = same_shape("log_poisson_loss", targets, log_input)
    if compute_full_loss:
        raise ValueError("log_poisson_loss answers the loss up to a constant; write compute_full_loss=False")
    return elementwise("exp", z) - z * y


def l2_loss(t: TensorLike, name: str | None = None) -> Tensor:
    """Half the sum of squares.

    Parameters
    ----------
    t : tensor or array

    Returns
    -------
    Tensor
        A scalar.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.placeholder("x", shape=("n",))
    >>> tracer.gradients(tracer.nn.l2_loss(x), x)[0].formula()
    x
    """
    return reduce_sum(elementwise("square", floats(t))) / 2


def huber(labels: TensorLike, predictions: TensorLike, delta: TensorLike = 1.0, name: str | None = None) -> Tensor:
    """``e**2/2`` for errors ``|e| <= delta``, ``delta*(|e| - delta/2)`` beyond, element by element.

    Parameters
    ----------
    labels, predictions : tensor or array
        Of shapes that broadcast.
    delta : number, tensor or array, optional
        Where it becomes linear.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    References
    ----------
    Huber, Robust estimation of a location parameter, 1964.

    Examples
    --------
    >>> import tracer
    >>> tracer.nn.huber([0.0, 0.0], [0.5, 3.0]).numpy()
    array([0.125, 2.5  ])
    """
    error, delta = floats(predictions) - floats(labels), as_operand(delta)
    size = abs(error)
    return elementwise("where", size <= delta, elementwise("square", error) / 2, delta * (size - delta / 2))


def hinge(labels: TensorLike, predictions: TensorLike, name: str | None = None) -> Tensor:
    """``max(1 - y*p, 0)`` for labels of -1 and 1, element by element.

    Parameters
    ----------
    labels, predictions : tensor or array
        y and p, of shapes that broadcast.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    References
    ----------
    Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2009, eq. 12.25.

    Examples
    --------
    >>> import tracer
    >>> tracer.nn.hinge([1.0, -1.0], [0.5, 0.5]).numpy()
    array([0.5, 1.5])
    """
    return elementwise("maximum", 1 - floats(labels) * floats(predictions), 0)


def squared_hinge(labels: TensorLike, predictions: TensorLike, name: str | None = None) -> Tensor:
    """``max(1 - y*p, 0)**2`` for labels of -1 and 1, element by element.

    Parameters
    ----------
    labels, predictions
        As for :func:`hinge`.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import tracer
    >>> tracer.nn.squared_hinge([1.0, -1.0], [0.5, 0.5]).numpy()
    array([0.25, 2.25])
    """
    return elementwise("square", hinge(labels, predictions))


def log_cosh(labels: TensorLike, predictions: TensorLike, name: str | None = None) -> Tensor:
    """``log(cosh(p - y))``, element by element, evaluated without overflow.

    Parameters
    ----------
    labels, predictions : tensor or array
        y and p, of shapes that broadcast.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import tracer
    >>> round(float(tracer.nn.log_cosh(0.0, 1000.0)), 3)
    999.307
    """
    error = floats(predictions) - floats(labels)
    loss: Tensor = error + softplus(-2 * error) - sympy.log(2)
    return loss


def cosine_similarity(x: TensorLike, y: TensorLike, axis: int = -1, name: str | None = None) -> Tensor:
    """The cosine of the angle between vectors along an axis.

    Parameters
    ----------
    x, y : tensor or array
        Of shapes that broadcast.
    axis : int, optional

    Returns
    -------
    Tensor
        Without that axis; NaN where a vector is zero.

    Examples
    --------
    >>> import tracer
    >>> round(float(tracer.nn.cosine_similarity([1.0, 0.0], [1.0, 1.0])), 6)
    0.707107
    """
    a, b = floats(x), floats(y)
    return reduce_sum(a * b, axis) / (norm(a, axis=axis) * norm(b, axis=axis))


def same_shape(name: str, labels: TensorLike, logits: TensorLike) -> tuple[Tensor, Tensor]:
    """Labels and logits as tensors of one shape."""
    y, z = floats(labels), floats(logits)
    if y.shape != z.shape:
        raise ValueError(f"{name}: labels have the shape {shapes.show(y.shape)}, logits {shapes.show(z.shape)}")
    return y, z


NN: dict[str, Callable[..., object]] = {
    f.__name__: f
    for f in (
        softmax_cross_entropy_with_logits, sparse_softmax_cross_entropy_with_logits, sigmoid_cross_entropy_with_logits,
        weighted_cross_entropy_with_logits, log_poisson_loss, l2_loss, huber, hinge, squared_hinge, log_cosh,
        cosine_similarity,
    )
}  # fmt: skip
