"""Choices as they are read: a condition, and the values where it holds and where it does not."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import sympy

from tracer.scalar import step
from tracer.terms.decomposition import split_scale
from tracer.terms.numbers import MINUS, ONE, ZERO
from tracer.terms.record import Call, Term, call, constant_value, is_call, number, operands

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser

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


SIGNS = {
    sympy.Gt: frozenset([1]),
    sympy.Ge: frozenset([0, 1]),
    sympy.Eq: frozenset([0]),
    sympy.Ne: frozenset([-1, 1]),
    sympy.Lt: frozenset([-1]),
    sympy.Le: frozenset([-1, 0]),
}
"""The signs that the difference of both sides has where a relation holds."""

EVERY_SIGN = frozenset([-1, 0, 1])


class Comparison(NamedTuple):
    """The signs that a term less a number, or less another term, has where a condition holds.

    Attributes
    ----------
    subject : tuple of Term
        A term, or two of which the difference is meant.
    number : sympy.Expr
        What the term is compared with; zero for two.
    signs : frozenset of int
        Of -1, 0 and 1.
    """

    subject: tuple[Term, ...]
    number: sympy.Expr
    signs: frozenset[int]

    def signs_of(self, other: Comparison) -> frozenset[int] | None:
        """The signs that another difference has where this comparison holds; None where nothing is known of it."""
        if self.subject != other.subject:
            return turn_signs(self.signs) if self.subject == other.subject[::-1] else None
        gap = self.number - other.number
        if gap.is_zero:
            return self.signs
        if not (gap.is_positive or gap.is_negative):
            return None
        beyond = 1 if gap.is_positive else -1
        return frozenset([beyond]) if -beyond not in self.signs else EVERY_SIGN


def join_terms(head: object, terms: Sequence[Term]) -> Term:
    """Terms joined by a head; of one term, that itself."""
    return call(head, terms) if len(terms) > 1 else terms[0]


def turn_signs(signs: frozenset[int]) -> frozenset[int]:
    """The signs of what is subtracted from zero."""
    return frozenset(-k for k in signs)


def read_comparison(condition: Term, holds: bool = True) -> Comparison | None:
    """A relation, or its negation, as signs of a difference: ``-2*x >= 4`` says that ``x - -2`` is not positive."""
    if not is_call(condition, *SIGNS):
        return None
    assert isinstance(condition, Call)
    left, right = condition.args
    signs = SIGNS[condition.head] if holds else EVERY_SIGN - SIGNS[condition.head]
    if constant_value(left) is not None:
        left, right, signs = right, left, turn_signs(signs)
    value = constant_value(right)
    if value is None:
        return Comparison((left, right), ZERO, signs)
    scale, term = split_scale(left)
    if constant_value(left) is not None or not (scale.is_Rational and value.is_real):
        return None
    return Comparison((term,), value / scale, signs if scale > 0 else turn_signs(signs))


def decide(known: Term, holds: bool, condition: Term) -> bool | None:
    """Whether a condition holds where another one does, or does not; None where that is not known."""
    given, asked = read_comparison(known, holds), read_comparison(condition)
    if given is None or asked is None:
        first, second = as_greater(known, holds), as_greater(condition, True)
        return first[1] == second[1] if first[0] is second[0] else None
    possible = given.signs_of(asked)
    return None if possible is None else True if possible <= asked.signs else None if possible & asked.signs else False


def compare_with_zero(n: Normaliser, condition: Term) -> Hashable:
    """What tells conditions apart: ``x > y``, ``y < x`` and ``y - x < 0`` say that ``x - y`` is above zero."""
    if not is_call(condition, sympy.Gt, sympy.Lt):
        return condition
    above, below = operands(condition)[:: 1 if is_call(condition, sympy.Gt) else -1]
    scale, core = split_scale(n.add([(ONE, above), (MINUS, below)]))
    return core, sympy.sign(scale)


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
    if not isinstance(term, Call):
        return None
    if term.head is step:
        zero, one = number(0, term.shape), number(1, term.shape)
        return call(sympy.Gt, [*term.args, zero]), (one, zero)
    if term.head is not sympy.Piecewise or len(term.args) != 3:
        return None
    above, condition, below = term.args
    greater, holds = as_greater(condition, True)
    return greater, (above, below) if holds else (below, above)
