"""Limits of sums over indices: a summand that is zero unless ``j <= k`` is summed for j up to k."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple

import sympy

from tracer.formulas.notations.affine import is_affine
from tracer.formulas.notations.element_products import choose_within
from tracer.terms.selections import is_ordered

Ends = tuple[sympy.Expr, sympy.Expr]
"""The first and the last value of an index."""

Ranges = Mapping[sympy.Symbol, Ends]
"""The ends of indices, which depend on sizes alone."""


class Bound(NamedTuple):
    """An end that an index is not above, if it is an upper one, or not below."""

    index: sympy.Symbol
    end: sympy.Expr
    upper: bool


class Limits:
    """The limits of the indices of a sum: of several upper ends the least counts, of several lower ones the greatest.

    Attributes
    ----------
    ends : dict
        The lower and the upper ends of each index.
    ranges : mapping
        The ends of the indices of the sum and of those around it, as they are before anything is bounded.
    """

    def __init__(self, limits: Mapping[sympy.Symbol, Sequence[sympy.Expr]], ranges: Ranges) -> None:
        self.ends = {k: ([low], [high]) for k, (low, high) in limits.items()}
        self.ranges = ranges

    def narrow(self, condition: sympy.Basic) -> bool:
        """Bound an index so that a condition holds, and say whether that was done."""
        found = sorted(_list_bounds(condition, self.ends.keys()), key=self._rank)
        return any(map(self._put, found))

    def _rank(self, bound: Bound) -> tuple[int, bool]:
        """The order in which bounds that say the same are tried: first those that replace an end, then upper ones."""
        return len(self._list_ends(bound)), not bound.upper

    def _list_ends(self, bound: Bound) -> list[sympy.Expr]:
        """A bound, with the ends at its side that it does not make needless."""
        own = self.ends[bound.index][bound.upper]
        sign = 1 if bound.upper else -1
        return [bound.end, *(e for e in own if not self._is_ordered(0, sign * (e - bound.end)))]

    def _put(self, bound: Bound) -> bool:
        """Bound an index, and say whether that was done.

        It is not done where the end depends on the index by way of others, nor where it may lie beyond the other end by
        more than one: sympy takes a sum for empty if its upper limit is one less than the lower one, and has another
        value if they are further apart.
        """
        if bound.index in self._list_dependencies(bound.end):
            return False
        others = self.ends[bound.index][not bound.upper]
        sign = 1 if bound.upper else -1
        if not all(self._is_ordered(-1, sign * (bound.end - e)) for e in others):
            return False
        self.ends[bound.index][bound.upper][:] = self._list_ends(bound)
        return True

    def _list_dependencies(self, end: sympy.Expr) -> set[sympy.Symbol]:
        """The indices of the sum that an end depends on, also by the ends of others."""
        found: set[sympy.Symbol] = set()
        todo = [end]
        while todo:
            new = (todo.pop().free_symbols & self.ends.keys()) - found
            found |= new
            todo += [e for k in new for side in self.ends[k] for e in side]
        return found

    def _is_ordered(self, a: sympy.Expr, b: sympy.Expr) -> bool:
        """Whether ``a <= b`` whatever the sizes are, wherever the indices are."""
        gap = sympy.expand(b - a)
        for k in gap.free_symbols & self.ranges.keys():
            step = gap.coeff(k)
            if not step.is_Integer:
                return False
            gap = sympy.expand(gap.subs(k, self.ranges[k][int(bool(step < 0))]))
        return is_ordered(0, gap)

    def list_limits(self) -> list[tuple[sympy.Symbol, sympy.Expr, sympy.Expr]]:
        """The indices with their ends, each before those that its ends depend on."""
        rows: list[tuple[sympy.Symbol, sympy.Expr, sympy.Expr]] = []
        left = dict(self.ends)
        while left:
            needed = {k: {s for side in left[k] for e in side for s in e.free_symbols & left.keys()} for k in left}
            k = next(k for k in left if not any(k in used for used in needed.values()))
            lows, highs = left.pop(k)
            rows.append((k, sympy.Max(*lows, evaluate=False), sympy.Min(*highs, evaluate=False)))
        return rows


def _list_bounds(condition: sympy.Basic, indices: Set[sympy.Symbol]) -> Iterator[Bound]:
    """The bounds of single indices that say the same as a condition between affine expressions."""
    if not isinstance(condition, (sympy.Le, sympy.Lt, sympy.Ge, sympy.Gt)):
        return
    gap = condition.gts - condition.lts
    if not is_affine(gap):
        return
    gap = sympy.expand(gap - int(isinstance(condition, (sympy.Lt, sympy.Gt))))
    for k in sorted(gap.free_symbols & indices, key=str):
        step = gap.coeff(k)
        if abs(step) == 1 and k not in (gap - step * k).free_symbols:
            yield Bound(k, sympy.expand(k - step * gap), step == -1)


def move_into_limits(factors: Sequence[sympy.Expr], limits: Limits) -> list[sympy.Expr]:
    """Factors without the conditions under which they are not zero, as far as limits of indices can say these.

    Examples
    --------
    >>> from tracer.formulas.matrix.bodies import piecewise
    >>> n = sympy.Symbol("n", integer=True, positive=True)
    >>> j, k = sympy.symbols("j k", integer=True)
    >>> ranges = {s: (sympy.S.Zero, n - 1) for s in (j, k)}
    >>> limits = Limits({j: ranges[j]}, ranges)
    >>> x = sympy.IndexedBase("x")
    >>> move_into_limits([piecewise([(x[j], j < k), (sympy.S.Zero, sympy.true)])], limits), limits.list_limits()
    ([x[j]], [(j, 0, k - 1)])
    """
    found = []
    for f in factors:
        if not isinstance(f, sympy.Piecewise) or len(f.args) != 2 or f.args[1].expr != 0:
            found.append(f)
            continue
        value, condition = f.args[0].args
        parts = condition.args if isinstance(condition, sympy.And) else [condition]
        left = [c for c in sorted(parts, key=str) if not limits.narrow(c)]
        found.append(choose_within(value, left))
    return found
