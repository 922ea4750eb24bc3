"""Which axes of a term may be exchanged: those of a symmetric matrix, and of differences between rows of one matrix.

Exchanged, ``X[i, k] - X[j, k]`` changes its sign, and its square stays.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from tracer.terms.decomposition import split_scale
from tracer.terms.record import MINUS, Labels, Product, Term, axes_of

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser


class Exchanges(NamedTuple):
    """Which axes of a factor may be exchanged, and what that multiplies it by.

    Attributes
    ----------
    firsts : tuple of int
        For each axis the first one that it may be exchanged with: ``(0, 0, 2)``.
    sign : int
        Minus one where an exchange changes the sign.
    """

    firsts: Labels
    sign: int = 1

    def sort(self, labels: Labels) -> tuple[Labels, int]:
        """Labels in order among axes that may be exchanged, and what the factor is multiplied by for that."""
        firsts = self.firsts
        if len(set(firsts)) == len(firsts):
            return labels, 1
        pairs = combinations(zip(firsts, labels), 2)
        swaps = sum(p == q and a > b for (p, a), (q, b) in pairs)
        ordered = {p: iter(sorted(k for k, first in zip(labels, firsts) if first == p)) for p in firsts}
        return tuple(next(ordered[p]) for p in firsts), self.sign**swaps


SINGLE = Exchanges(()), Exchanges((0,))
"""Those of a scalar and of a vector."""


def find_exchanges(n: Normaliser, term: Term, even: bool, odd: bool) -> Exchanges:
    """Which axes of a power of a term in normal form may be exchanged, the power being even, odd, or another one."""
    axes = axes_of(term)
    places = [_list_places(term, p) if len(axes) > 2 else () for p in axes]
    pairs = [(p, q) for p, q in combinations(axes, 2) if term.shape[p] == term.shape[q] and places[p] == places[q]]
    signs = {pair: _find_sign(n, term, *pair) ** (2 if even else 1) for pair in pairs}
    for sign in (1, -1) if odd else (1,):
        firsts = tuple(next((p for p in range(q) if signs.get((p, q)) == sign), q) for q in axes)
        if firsts != axes:
            return Exchanges(firsts, sign)
    return Exchanges(axes)


def _find_sign(n: Normaliser, term: Term, p: int, q: int) -> int:
    """The number in front of a term when two of its axes are exchanged; zero where it is another term then."""
    other = n.permuted(term, tuple(q if k == p else p if k == q else k for k in axes_of(term)))
    return 1 if other is term else -1 if split_scale(other) == (MINUS, term) else 0


def _list_places(term: Term, axis: int) -> tuple[Any, ...]:
    """Where an axis stands in the summands of a term: axes that may be exchanged stand in the same places."""
    if isinstance(term, Product):
        label = term.out[axis]
        return tuple(sorted((u.order, i.index(label)) for u, i, _ in term.factors if label in i))
    return tuple(sorted(_list_places(u, axis) for u in term.children if isinstance(u, Product)))
