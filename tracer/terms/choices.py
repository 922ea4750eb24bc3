"""Choices as they are read: a condition, and the values where it holds and where it does not."""

from __future__ import annotations

from typing import NamedTuple

import sympy

from tracer.scalar import step
from tracer.terms.decomposition import split_scale
from tracer.terms.record import Call, Term, call, constant_value, is_call, number, operands

NEGATED = {
    sympy.Gt: sympy.Le,
    sympy.Ge: sympy.Lt,
    sympy.Lt: sympy.Ge,
    sympy.Le: sympy.Gt,
    sympy.Eq: sympy.Ne,
    sympy.Ne: sympy.Eq,
}
"""The condition that holds where another does not."""

MIRRORED = {sympy.Gt: sympy.Lt, sympy.Lt: sympy.Gt, sympy.Ge: sympy.Le, sympy.Le: sympy.Ge}
"""The relation of the sides in the other order."""


class Bound(NamedTuple):
    """That a term is above a number, or below it; it may be equal to it unless the bound is strict."""

    term: Term
    above: bool
    number: sympy.Expr
    strict: bool

    def implies(self, other: Bound) -> bool:
        """Whether one bound follows from another: ``x > 1`` says that ``x > 0``."""
        if self.term is not other.term or self.above != other.above:
            return False
        gap = self.number - other.number if self.above else other.number - self.number
        return bool(gap.is_positive or (gap.is_zero and (self.strict or not other.strict)))

    def negated(self) -> Bound:
        """The bound that holds where this one does not."""
        return Bound(self.term, not self.above, self.number, not self.strict)


def read_bound(condition: Term) -> Bound | None:
    """A comparison of a term with a number as a bound of the term: ``-2*x >= 4`` is ``x <= -2``."""
    greater, holds = as_greater(condition, True)
    if not is_call(greater, sympy.Gt):
        return None
    left, right = operands(greater)
    value, above = constant_value(right), holds
    if value is None:
        left, value, above = right, constant_value(left), not holds
    scale, term = split_scale(left)
    if value is None or constant_value(left) is not None or not (scale.is_Rational and value.is_real):
        return None
    return Bound(term, above == (scale > 0), value / scale, holds)


def decide(known: Term, holds: bool, condition: Term) -> bool | None:
    """Whether a condition holds where another one does, or does not; None where that is not known."""
    first, second = as_greater(known, holds), as_greater(condition, True)
    if first[0] is second[0]:
        return first[1] == second[1]
    given, asked = read_bound(known), read_bound(condition)
    if given is None or asked is None:
        return None
    given = given if holds else given.negated()
    return True if given.implies(asked) else False if given.implies(asked.negated()) else None


def as_mask(term: Term) -> tuple[Term, bool] | None:
    """The condition of a mask, and whether the mask is one where it holds: ``where(c, 0, 1) -> (c, False)``."""
    if not isinstance(term, Call):
        return None
    if term.head is step:
        return call(sympy.Gt, [term.args[0], number(0, term.shape)]), True
    if term.head is sympy.Piecewise and len(term.args) == 3:
        values = constant_value(term.args[0]), constant_value(term.args[2])
        if values in ((1, 0), (0, 1)):
            return as_greater(term.args[1], values == (1, 0))
    return None


def as_greater(condition: Term, holds: bool) -> tuple[Term, bool]:
    """A condition or its negation, of the two always the same one: ``a <= b -> (a > b, False)``."""
    if is_call(condition, sympy.Not):
        return as_greater(operands(condition)[0], not holds)
    if is_call(condition, sympy.Ne):
        return call(sympy.Eq, operands(condition)), not holds
    if not isinstance(condition, Call) or condition.head not in (sympy.Ge, sympy.Le, sympy.Lt):
        return condition, holds
    a, b = condition.args
    if condition.head in (sympy.Lt, sympy.Ge):
        a, b = b, a
    return call(sympy.Gt, [a, b]), holds if condition.head is sympy.Lt else not holds


def as_choice(term: Term) -> tuple[Term, tuple[Term, Term]] | None:
    """The condition of a choice of two, and both values: ``where(a <= b, x, y) -> (a > b, (y, x))``."""
    if is_call(term, step):
        zero, one = number(0, term.shape), number(1, term.shape)
        return call(sympy.Gt, [*operands(term), zero]), (one, zero)
    if not is_call(term, sympy.Piecewise) or len(operands(term)) != 3:
        return None
    above, condition, below = operands(term)
    greater, holds = as_greater(condition, True)
    return greater, (above, below) if holds else (below, above)
