"""What is limited to an interval around zero: an odd function of what is limited."""

from __future__ import annotations

from typing import NamedTuple

import sympy

from tracer.terms.decomposition import split_scale
from tracer.terms.facts import is_nonnegative
from tracer.terms.record import Term, call, constant_value, is_call, operands, scaled


class Clip(NamedTuple):
    """A term between the negative of a limit, which is not negative, and the limit."""

    term: Term
    limit: Term

    def turn(self) -> Term:
        """The clip of the negative term, which is the negative of this one."""
        low = call(sympy.Max, [scaled(-1, self.term), scaled(-1, self.limit)])
        return call(sympy.Min, [self.limit, low])


def read_clip(t: Term) -> Clip | None:
    """The parts of ``min(d, max(x, -d))``.

    Examples
    --------
    >>> from tracer.terms.record import number, source
    >>> x, one, below = source("x", ()), number(1), number(-1)
    >>> read_clip(call(sympy.Min, [one, call(sympy.Max, [below, x])]))
    Clip(term=<Source x>, limit=<Product 1 -> []>)
    """
    if not is_call(t, sympy.Min) or len(operands(t)) != 2:
        return None
    for limit, inner in (operands(t), operands(t)[::-1]):
        if not is_call(inner, sympy.Max) or len(operands(inner)) != 2 or not is_limit(limit):
            continue
        for low, term in (operands(inner), operands(inner)[::-1]):
            if _is_negative_of(low, limit):
                return Clip(term, limit)
    return None


def is_limit(term: Term) -> bool:
    """Whether a term is known not to be negative, so that its negative is no greater."""
    value = constant_value(term)
    return is_nonnegative(term) if value is None else bool(value.is_nonnegative)


def _is_negative_of(low: Term, limit: Term) -> bool:
    (first, one), (second, other) = split_scale(low), split_scale(limit)
    return one is other and first == -second
