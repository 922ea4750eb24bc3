"""Rules of conditions, and of choices by them: ``where(c, x, y)`` is a Piecewise of x, c and y."""

from __future__ import annotations

import sympy

from tracer.scalar import relu, step
from tracer.terms.decomposition import factors_of
from tracer.terms.facts import is_positive, is_total
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import ONE
from tracer.terms.patterns import Constant, Name, variables
from tracer.terms.record import (
    Call,
    Product,
    Sum,
    Term,
    add,
    call,
    constant_value,
    is_call,
    is_zero,
    number,
    product,
    sum_record,
    times,
)
from tracer.terms.rule import Procedure, Rule

x, y, c = variables("x y c")
(p,) = variables("p", is_positive)

WHERE, GT, GE, LT, NOT, NE = map(Name, (sympy.Piecewise, sympy.Gt, sympy.Ge, sympy.Lt, sympy.Not, sympy.Ne))
STEP, RELU = Name(step), Name(relu)

NEGATED = {
    sympy.Gt: sympy.Le,
    sympy.Ge: sympy.Lt,
    sympy.Lt: sympy.Ge,
    sympy.Le: sympy.Gt,
    sympy.Eq: sympy.Ne,
    sympy.Ne: sympy.Eq,
}


def _compare_equal(n: Normaliser, t: Call) -> Term | None:
    """``x > x -> false``, ``x >= x -> true``."""
    left, right = t.args
    return number(sympy.sympify(t.head in (sympy.Eq, sympy.Ge, sympy.Le)), t.shape) if left is right else None


def _combine_known(n: Normaliser, t: Call) -> Term | None:
    """``and(true, c) -> c``, ``and(false, c) -> false``."""
    values = [constant_value(a) for a in t.args]
    if all(v is None for v in values):
        return None
    known = t.head(*(v for v in values if v is not None))
    if None not in values or (t.head is not sympy.Not and known != t.head()):
        return number(known, t.shape)
    unknown = [a for a, v in zip(t.args, values) if v is None]
    return call(t.head, unknown) if len(unknown) > 1 else unknown[0]


def _drop_branches(n: Normaliser, t: Call) -> Term | None:
    """A branch whose condition never holds is no branch, and none is reached after one that always does."""
    kept: list[Term] = []
    for value, condition in zip(t.args[::2], [*t.args[1::2], None]):
        holds = sympy.true if condition is None else constant_value(condition)
        if holds == sympy.false:
            continue
        kept.append(value)
        if condition is None or holds == sympy.true:
            break
        kept.append(condition)
    if len(kept) == len(t.args):
        return None
    return kept[0] if len(kept) == 1 else call(t.head, kept)


def _agree(n: Normaliser, t: Call) -> Term | None:
    """``where(c, x, x) -> x``."""
    values = t.args[::2]
    return values[0] if all(v is values[0] for v in values) else None


def _separate_mask(n: Normaliser, t: Call) -> Term | None:
    """``where(c, x, 0) -> where(c, 1, 0)*x`` for x that is always finite."""
    if len(t.args) != 3:
        return None
    value, condition, other = t.args
    one, zero = number(1, t.shape), number(0, t.shape)
    if is_zero(other) and value is not one and is_total(value):
        return times(call(t.head, [one, condition, zero]), value)
    if is_zero(value) and other is not one and is_total(other):
        return times(call(t.head, [zero, condition, one]), other)
    return None


def _drop_mask_of_relu(n: Normaliser, t: Call) -> Term | None:
    """``where(x > 0, c*relu(x), 0) -> c*relu(x)``."""
    if len(t.args) != 3 or not is_zero(t.args[2]) or not is_call(t.args[1], *NEGATED):
        return None
    _, factors, out, _ = factors_of(t.args[0])
    subject = _positive_part(*as_greater(t.args[1], True))
    here = [u for u, i, e in factors if e.is_positive and i == out and isinstance(u, Call) and u.head is relu]
    return t.args[0] if any(u.args[0] is subject for u in here) else None


def _positive_part(condition: Term, holds: bool) -> Term | None:
    """The x of a condition ``x > 0``."""
    if not isinstance(condition, Call) or condition.head is not sympy.Gt:
        return None
    a, b = condition.args
    return a if holds and is_zero(b) else b if not holds and is_zero(a) else None


def _drop_mask_beside_relu(n: Normaliser, t: Product) -> Term | None:
    """``relu(x)*where(x > 0, 1, 0) -> relu(x)``."""
    for u, labels, e in t.factors:
        if not isinstance(u, Call) or u.head is not relu or not e.is_positive:
            continue
        for place, (v, other, _) in enumerate(t.factors):
            mask = as_mask(v) if labels == other and v is not u else None
            if mask is not None and _positive_part(*mask) is u.args[0]:
                rest = t.factors[:place] + t.factors[place + 1 :]
                return product(t.scale, rest, t.out, dict(enumerate(t.sizes)))
    return None


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


def _join_masks(n: Normaliser, t: Sum) -> Term | None:
    """``where(c, 1, 0)*x + where(c, 0, 1)*y -> where(c, x, y)``."""
    masked: dict[Term, list[tuple[Term, bool, Term]]] = {}
    for _, u in t.terms:
        split = _split_mask(u)
        if split is not None:
            condition, holds, rest = split
            masked.setdefault(condition, []).append((u, holds, rest))
    coefficients = {u: c for c, u in t.terms}
    for condition, members in masked.items():
        if {holds for _, holds, _ in members} == {True, False}:
            branches = [
                add(
                    [(ONE, number(0, t.shape))]
                    + [(coefficients[u], rest) for u, holds, rest in members if holds is side]
                )
                for side in (True, False)
            ]
            gone = {u for u, _, _ in members}
            choice = call(sympy.Piecewise, [branches[0], condition, branches[1]])
            return sum_record([*((c, u) for c, u in t.terms if u not in gone), (ONE, choice)])
    return None


def _split_mask(term: Term) -> tuple[Term, bool, Term] | None:
    """Condition, whether the mask is one where it holds, and the rest of a product of elements with a mask."""
    _, factors, out, sizes = factors_of(term)
    if len(set(out)) < len(out) or {k for _, i, _ in factors for k in i} - set(out):
        return None
    for place, (u, i, e) in enumerate(factors):
        mask = as_mask(u) if e == 1 and i == out else None
        if mask is not None:
            rest = product(ONE, factors[:place] + factors[place + 1 :], out, dict(enumerate(sizes)))
            return *mask, rest
    return None


BRANCHES = Procedure(
    (sympy.Piecewise,), "where(false, x, y) -> y", "no branch is kept that is never taken", _drop_branches
)

CONDITIONS: tuple[Rewrite, ...] = (
    *(Rule(NOT(Name(f)(x, y)), Name(g)(x, y), "a relation says it itself") for f, g in NEGATED.items()),
    Rule(NOT(NOT(c)), c, "one undoes the other"),
    Rule(NE(WHERE(Constant(1), c, Constant(0)), Constant(0)), c, "a condition is its own truth value"),
    Procedure(tuple(NEGATED), "x > x -> false", "equal numbers are compared at once", _compare_equal),
    Procedure((sympy.And, sympy.Or, sympy.Not), "and(true, c) -> c", "what always holds says nothing", _combine_known),
)

CHOICES: tuple[Rewrite, ...] = (
    *CONDITIONS,
    BRANCHES,
    Procedure((sympy.Piecewise,), "where(c, x, x) -> x", "all branches agree", _agree),
    *(
        Rule(WHERE(x, condition, Constant(0)), RELU(x), "the textbook's name")
        for condition in (GT(x, Constant(0)), LT(Constant(0), x))
    ),
    Procedure(
        (sympy.Piecewise,), "where(c, x, 0) -> where(c, 1, 0)*x", "a mask of what is finite is a factor", _separate_mask
    ),
    Procedure(
        (sympy.Piecewise,), "where(x > 0, c*relu(x), 0) -> c*relu(x)", "relu is zero elsewhere", _drop_mask_of_relu
    ),
    *(Rule(WHERE(x, compare(p, Constant(0)), y), x, "known by structure or declaration") for compare in (GT, GE)),
    *(
        Rule(WHERE(Constant(1), condition, Constant(0)), STEP(x), "a name for the indicator")
        for condition in (GT(x, Constant(0)), LT(Constant(0), x))
    ),
    Procedure(
        (Product,),
        "relu(x)*where(x > 0, 1, 0) -> relu(x)",
        "one is zero where the other is",
        _drop_mask_beside_relu,
        frozenset([relu]),
    ),
    Procedure((Sum,), "where(c, 1, 0)*x + where(c, 0, 1)*y -> where(c, x, y)", "one choice, written once", _join_masks),
)
