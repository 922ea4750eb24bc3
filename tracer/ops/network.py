"""Functions of neural networks: softmax is an operation of its own, the rest are compositions."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import sympy

from tracer import shapes
from tracer.ops.contraction import reduce_sum
from tracer.ops.matrices import floats, row
from tracer.tensor import Operand, Tensor


def _softmax_pullback(node: Tensor, cotangent: Tensor, position: int) -> Tensor:
    return node * (cotangent - reduce_sum(cotangent * node, node.params, keepdims=True))


def _softmax_components(node: Tensor, flat: Sequence[Any]) -> list[Any]:
    axis = node.params % node.ndim
    ranges = [range(d) for d in node.shape]  # type: ignore[arg-type]
    places = list(itertools.product(*ranges))
    value = {place: sympy.exp(x) for place, x in zip(places, flat)}
    return [value[p] / sum(value[(*p[:axis], k, *p[axis + 1 :])] for k in ranges[axis]) for p in places]


SOFTMAX = row(
    "softmax",
    _softmax_pullback,
    numpy=lambda e, node, x: f"softmax({x}, {node.params})",
    components=_softmax_components,
)


def softmax(logits: Operand, axis: int = -1, name: str | None = None) -> Tensor:
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
    return Tensor(SOFTMAX, (z,), where - z.ndim, z.shape, z.dtype)


NN: dict[str, Any] = {"softmax": softmax}
