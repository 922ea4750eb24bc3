"""Softmax and the logarithm of a sum of exponentials, over any axes of a term.

Both are functions of the last axes; other axes are moved there and back.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from tracer.terms.numbers import MINUS, ONE
from tracer.terms.record import Call, Term, add, broadcast, call, permuted


def softmax(z: Term, axes: Sequence[int]) -> Term:
    """Softmax over axes."""
    rank = len(z.shape)
    order = [p for p in range(rank) if p not in axes] + list(axes)
    made = call("softmax", [permuted(z, order)], len(axes) if len(axes) > 1 else None)
    return permuted(made, [order.index(p) for p in range(rank)])


def count_axes(t: Call) -> int:
    """The number of last axes that a softmax is taken over."""
    return int(t.params or 1)


def spell_softmax(t: Call) -> Term:
    """``softmax(z) -> exp(z - logsumexp(z))``."""
    (z,) = t.args
    rest = range(len(z.shape) - count_axes(t))
    total = logsumexp(z, range(len(rest), len(z.shape)))
    return call(sympy.exp, [add([(ONE, z), (MINUS, broadcast(total, rest, z.shape))])])


def logsumexp(z: Term, axes: Sequence[int]) -> Term:
    """The logarithm of the sum of exponentials over axes."""
    rest = [p for p in range(len(z.shape)) if p not in axes]
    return call("logsumexp", [permuted(z, rest + list(axes))], len(axes), tuple(z.shape[p] for p in rest))
