"""Signs of the values of a choice: ``-where(c, -1, 9)`` is ``where(c, 1, -9)``."""

from __future__ import annotations

from collections.abc import Callable

import sympy

from tracer.terms import record as T
from tracer.terms.decomposition import split_scale
from tracer.terms.numbers import MINUS
from tracer.terms.record import Call, Sum, Term, constant_value, is_call, is_zero, operands


def list_values(t: Term) -> list[Term]:
    """The values that a choice is between; none for another term."""
    return [*operands(t)[::2]] if is_call(t, sympy.Piecewise) else []


def turn_choice(t: Call, turn: Callable[[Call], Term | None]) -> Term:
    """The negative of a choice: one between the negatives of its values, of which some functions have their own."""
    return T.call(t.head, [_turn(a, turn) if k % 2 == 0 else a for k, a in enumerate(t.args)])


def _turn(t: Term, turn: Callable[[Call], Term | None]) -> Term:
    """The negative of a term, the sign being that of each summand, and of each value of a choice."""
    if isinstance(t, Sum):
        return T.add((MINUS * c, u) for c, u in t.terms)
    if isinstance(t, Call):
        turned = turn_choice(t, turn) if list_values(t) else turn(t)
        if turned is not None:
            return turned
    value = constant_value(t)
    if value is not None:
        return T.number(-value, t.shape)
    scale, core = split_scale(t)
    return T.scaled(MINUS * scale, core)


def is_shorter_turned(t: Term, is_free: Callable[[Term], bool]) -> bool:
    """Whether a choice with a minus sign in front has fewer signs when that goes into it; some values have either sign.

    Examples
    --------
    >>> from tracer.terms.record import call, number, source
    >>> choice = call(sympy.Piecewise, [number(-1), source("c", (), ["bool"]), number(9)])
    >>> is_shorter_turned(choice, lambda u: False)
    True
    """
    values = [u for u in list_all_values(t) if not is_zero(u) and not is_free(u)]
    minuses = sum(map(_has_minus, values))
    return bool(list_values(t)) and len(values) - minuses <= minuses


def list_all_values(t: Term) -> list[Term]:
    """The values of a choice, and those of choices among them."""
    return [v for u in list_values(t) for v in list_all_values(u) or [u]]


def _has_minus(t: Term) -> bool:
    """Whether a value begins with a minus sign, or would be written as well with one."""
    value = constant_value(t)
    if value is not None:
        return bool(value.could_extract_minus_sign())
    if isinstance(t, Sum):
        return sum(bool(c.could_extract_minus_sign()) for c, _ in t.terms) * 2 > len(t.terms)
    return bool(split_scale(t)[0].could_extract_minus_sign())
