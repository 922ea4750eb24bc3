"""Choices as they are read: a condition, and the values where it holds and where it does not."""

from __future__ import annotations

import sympy

from tracer.scalar import step
from tracer.terms.record import Call, Term, call, constant_value, is_call, number, operands


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
    """An inequality as ``a > b`` or its negation, so that complements are seen: ``a <= b -> (a > b, False)``."""
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
