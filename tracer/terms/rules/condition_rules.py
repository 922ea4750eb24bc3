"""Rules of conditions: what is known to hold, one of two contrary relations, one order of the sides."""

from __future__ import annotations

import sympy

from tracer.terms.choices import MIRRORED, NEGATED, decide
from tracer.terms.decomposition import split_scale, summands_of
from tracer.terms.facts import is_nonnegative, is_positive
from tracer.terms.fractions import Base, read_powers
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import ONE
from tracer.terms.patterns import Constant, Name, variables
from tracer.terms.record import Call, Term, add, call, constant_value, is_zero, number
from tracer.terms.rule import Procedure, Rule

(c,) = variables("c")

WHERE, NOT, NE = map(Name, (sympy.Piecewise, sympy.Not, sympy.Ne))


def _compare_known(n: Normaliser, t: Call) -> Term | None:
    """``x > x -> false``, ``x >= x -> true``, ``p > 0 -> true`` for positive p."""
    left, right = t.args
    if left is right:
        return number(t.head in (sympy.Eq, sympy.Ge, sympy.Le), t.shape)
    if t.head in (sympy.Eq, sympy.Ne):
        return None
    if t.head in (sympy.Lt, sympy.Le):
        left, right = right, left
    strict = t.head in (sympy.Gt, sympy.Lt)
    if _is_above(left, right, strict):
        return number(sympy.true, t.shape)
    return number(sympy.false, t.shape) if _is_above(right, left, not strict) else None


def _is_above(above: Term, below: Term, strict: bool) -> bool:
    """Whether signs alone say that one term is greater than another, or at least as great."""
    scale, core = split_scale(below)
    least = is_zero(below) or (scale.is_negative and is_nonnegative(core))
    if not strict:
        return bool(least and is_nonnegative(above))
    less = scale.is_negative and is_positive(core)
    return bool((least and is_positive(above)) or (less and is_nonnegative(above)))


def _orient_relation(n: Normaliser, t: Call) -> Term | None:
    """``y < x -> x > y``, ``0 < x -> x > 0``: a number stands on the right, and else the larger side on the left."""
    left, right = t.args
    if constant_value(right) is not None:
        return None
    if t.head in MIRRORED:
        turned = constant_value(left) is not None or t.head in (sympy.Lt, sympy.Le)
    else:
        turned = left.order > right.order or constant_value(left) is not None
    return call(MIRRORED.get(t.head, t.head), [right, left]) if turned else None


def _negate_relation(n: Normaliser, t: Call) -> Term | None:
    """``not(x > y) -> x <= y``."""
    (inner,) = t.args
    return call(NEGATED[inner.head], inner.args) if isinstance(inner, Call) and inner.head in NEGATED else None


def _combine_known(n: Normaliser, t: Call) -> Term | None:
    """``and(true, c) -> c``, ``and(false, c) -> false``."""
    values = [constant_value(a) for a in t.args]
    if all(v is None for v in values):
        return None
    known = t.head(*(v for v in values if v is not None))
    if None not in values or known != t.head():
        return number(known, t.shape)
    unknown = [a for a, v in zip(t.args, values) if v is None]
    return call(t.head, unknown) if len(unknown) > 1 else unknown[0]


def _combine_implied(n: Normaliser, t: Call) -> Term | None:
    """``x > 1 and x > 0 -> x > 1``, ``x > 1 or x > 0 -> x > 0``, and what always holds, or never."""
    both = t.head is sympy.And
    for place, first in enumerate(t.args):
        for other, second in enumerate(t.args):
            known = decide(first, both, second) if place != other else None
            if known is None:
                continue
            if known != both:
                return number(sympy.false if both else sympy.true, t.shape)
            rest = [a for k, a in enumerate(t.args) if k != other]
            return call(t.head, rest) if len(rest) > 1 else rest[0]
    return None


def _divide_relation(n: Normaliser, t: Call) -> Term | None:
    """``2*x + 3 > 7 -> x > 2``: what is compared with a number has none of its own; signs are those of differences."""
    left, right = t.args
    value = constant_value(right)
    if value is None or not value.is_finite or constant_value(left) is not None:
        return None
    scale, core = split_scale(left)
    if value == 0:
        return call(t.head, [core, right]) if scale != 1 and scale.is_positive else None
    constants = [c for c, u in summands_of(core) if constant_value(u) == 1]
    if scale == 1 and not constants:
        return None
    if not (scale.is_positive or scale.is_negative):
        return None
    rest = [(c, u) for c, u in summands_of(core) if constant_value(u) != 1]
    head = MIRRORED.get(t.head, t.head) if scale.is_negative else t.head
    return call(head, [add(rest), number(value / scale - sum(constants), t.shape)])


def _subtract_relation(n: Normaliser, t: Call) -> Term | None:
    """``x + y > y -> x > 0``: what stands on both sides, where their difference is shorter."""
    left, right = t.args
    if constant_value(right) is not None or _list_bases(left).isdisjoint(_list_bases(right)):
        return None
    difference = n.add([(ONE, left), (-ONE, right)])
    shorter = difference.weight < max(left.weight, right.weight)
    return call(t.head, [difference, number(0, t.shape)]) if shorter else None


def _list_bases(t: Term) -> set[Term | Base]:
    """The summands of a term, and the factors of their elements."""
    rows = [u for _, u in summands_of(t)]
    return {*rows, *(base for u in rows for base in read_powers(u))}


CONDITIONS: tuple[Rewrite, ...] = (
    Procedure((sympy.Not,), "not(x > y) -> x <= y", "a relation says it itself", _negate_relation),
    Rule(NOT(NOT(c)), c, "one undoes the other"),
    Rule(NE(WHERE(Constant(1), c, Constant(0)), Constant(0)), c, "a condition is its own truth value"),
    Procedure(tuple(NEGATED), "x > x -> false", "known by structure, or by signs", _compare_known),
    Procedure(tuple(NEGATED), "y < x -> x > y", "one order of the sides", _orient_relation),
    Procedure((sympy.And, sympy.Or, sympy.Not), "and(true, c) -> c", "what always holds says nothing", _combine_known),
    Procedure((sympy.And, sympy.Or), "x > 1 and x > 0 -> x > 1", "one follows from the other", _combine_implied),
    Procedure(tuple(NEGATED), "2*x + 3 > 7 -> x > 2", "the numbers are on one side", _divide_relation),
    Procedure(tuple(NEGATED), "x + y > y -> x > 0", "what both sides share says nothing", _subtract_relation),
)
