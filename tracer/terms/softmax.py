"""Softmax and the logarithm of a sum of exponentials, over any axes of a term.

Both are functions of the last axes; other axes are moved there and back.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from tracer.terms.numbers import MINUS, ONE
from tracer.terms.record import Term, add, broadcast, call, permuted


def softmax(z: Term, axes: Sequence[int]) -> Term:
    """Softmax over axes: over several, the exponential of what the logarithm of the sum is taken from."""
    rank = len(z.shape)
    if len(axes) != 1:
        rest = [p for p in range(rank) if p not in axes]
        return call(sympy.exp, [add([(ONE, z), (MINUS, broadcast(logsumexp(z, axes), rest, z.shape))])])
    order = [p for p in range(rank) if p not in axes] + list(axes)
    return permuted(call("softmax", [permuted(z, order)]), [order.index(p) for p in range(rank)])


def logsumexp(z: Term, axes: Sequence[int]) -> Term:
    """The logarithm of the sum of exponentials over axes."""
    rest = [p for p in range(len(z.shape)) if p not in axes]
    return call("logsumexp", [permuted(z, rest + list(axes))], len(axes), tuple(z.shape[p] for p in rest))
