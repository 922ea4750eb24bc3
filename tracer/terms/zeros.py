"""What is zero where a condition is known to hold, or to fail.

Gradients are masked where an infinite slope may meet what is zero: ``x*where(any(x != 0), 1, 0)``. A formula needs no
mask beside factors that are zero without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import sympy

from tracer.scalar import relu
from tracer.terms.choices import as_choice, as_greater, as_mask
from tracer.terms.decomposition import factors_of, split_scale
from tracer.terms.facts import is_nonnegative
from tracer.terms.product_terms import divide_by_term
from tracer.terms.record import Factor, Labels, Product, Sum, Term, call, is_call, is_zero, number, operands

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser

ALL = -1
"""The label of an axis along which all elements are meant."""

LEVELS = 4
"""How deep it is searched for zeros."""


class Zeros:
    """What is zero where a condition at some labels is true, or false.

    Attributes
    ----------
    terms : list of (term, labels)
        What is known to be zero.
    conditions : list of (term, labels, bool)
        What is known to be true or false.
    """

    def __init__(self, n: Normaliser, condition: Term, holds: bool, labels: Labels) -> None:
        self.n = n
        self.terms: list[tuple[Term, Labels]] = []
        self.conditions: list[tuple[Term, Labels, bool]] = []
        self._assume(condition, holds, labels)

    def _assume(self, condition: Term, holds: bool, labels: Labels) -> None:
        """What follows from a condition: where ``a | (b != 0)`` fails, a is false and b is zero."""
        todo = [(condition, holds, labels)]
        while todo:
            whole, truth, places = todo.pop()
            _, factors, out, _ = factors_of(whole)
            if len(factors) != 1 or len(set(out)) < len(out):
                continue
            ((c, inner, _),) = factors
            places = _rename(inner, out, places)
            if is_call(c, sympy.Not):
                todo.append((operands(c)[0], not truth, places))
            elif is_call(c, sympy.And if truth else sympy.Or):
                todo += [(part, truth, places) for part in operands(c)]
            elif is_call(c, sympy.Eq if truth else sympy.Ne) and is_zero(operands(c)[1]):
                self._add(operands(c)[0], places)
            else:
                greater, above = as_greater(c, truth)
                self.conditions.append((self.n.normal(greater), places, above))

    def _add(self, term: Term, labels: Labels) -> None:
        """What follows from a term that is zero: a total of what is not negative is zero where all of that is."""
        todo = [(term, labels)]
        while todo:
            t, places = todo.pop()
            self.terms.append((t, places))
            mask = as_mask(t)
            if mask is not None:
                self._assume(mask[0], not mask[1], places)
            _, factors, out, _ = factors_of(t)
            if len(factors) != 1 or factors[0][0] is t or len(set(out)) < len(out):
                continue
            ((u, inner, e),) = factors
            if e.is_positive and (set(inner) <= set(out) or e.is_even or is_nonnegative(u)):
                todo.append((u, _rename(inner, out, places)))

    def cancel(self, factors: Sequence[Factor], out: Labels, levels: int = LEVELS) -> bool:
        """Whether a product of factors at labels is zero, summed over those that are not in ``out``."""
        above = [f for f in factors if f[2].is_positive]
        return any(self.include(u, labels, levels) for u, labels, _ in above) or any(
            divide_by_term(self.n, above, split_scale(t)[1], places, out) is not None for t, places in self.terms
        )

    def include(self, term: Term, labels: Labels, levels: int) -> bool:
        """Whether a term at labels is zero."""
        if any(t is term and _covers(places, labels) for t, places in self.terms):
            return True
        if not levels:
            return False
        self.n.spend(1)
        if isinstance(term, Sum):
            return all(self.include(u, labels, levels - 1) for _, u in term.terms)
        if isinstance(term, Product):
            names = dict(zip(term.out, labels))
            rows = [(u, tuple(names.get(k, -2 - k) for k in i), e) for u, i, e in term.factors]
            return self.cancel(rows, labels, levels - 1)
        return all(is_zero(v) or self.include(v, labels, levels - 1) for v in self._branches(term, labels))

    def _branches(self, term: Term, labels: Labels) -> Iterator[Term]:
        """The values that a choice may have; any other term has its own."""
        choice = as_choice(term)
        if is_call(term, relu):
            (x,), zero = operands(term), number(0, term.shape)
            choice = call(sympy.Gt, [x, zero]), (x, zero)
        if choice is None:
            yield term
            return
        condition, values = self.n.normal(choice[0]), choice[1]
        known = {truth for c, places, truth in self.conditions if c is condition and _covers(places, labels)}
        for value, truth in zip(values, (True, False)):
            if truth in known or not known:
                yield value


def _rename(inner: Labels, out: Labels, labels: Labels) -> Labels:
    """The labels of a factor where those of the product are given: all elements along what is summed over."""
    names = dict(zip(out, labels))
    return tuple(names.get(k, ALL) for k in inner)


def _covers(places: Labels, labels: Labels) -> bool:
    """Whether what is known at places is known at labels."""
    return all(p in (ALL, k) for p, k in zip(places, labels))
