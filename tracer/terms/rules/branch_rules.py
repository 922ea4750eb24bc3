"""Rules of what is known in a branch of a choice: its condition holds there, or does not."""

from __future__ import annotations

import sympy

from tracer.terms.choices import as_choice, as_greater, as_mask, decide, join_terms
from tracer.terms.facts import is_nonnegative, is_total_power
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.record import (
    Call,
    Product,
    Sum,
    Term,
    call,
    is_call,
    is_zero,
    number,
    operands,
    product,
    product_record,
    scaled,
    sum_record,
)
from tracer.terms.rule import Procedure

NESTED = 6
"""So deep in a branch the choices by its own condition are looked for."""

Known = list[tuple[Term, int]]
"""Conditions, with 0 for those that hold and 1 for those that do not."""


def _settle_branches(n: Normaliser, t: Call) -> Term | None:
    """``where(c, f(where(c, x, y)), z) -> where(c, f(x), z)``, and the same in the branch where c does not hold."""
    choice = as_choice(t)
    if choice is None:
        return None
    condition = n.normal(choice[0])
    above, below = (_settle(n, v, _list_known(n, condition, side), NESTED) for side, v in enumerate(choice[1]))
    return None if (above, below) == choice[1] else call(sympy.Piecewise, [above, condition, below])


def _keep_branch(n: Normaliser, t: Call) -> Term | None:
    """``where(x > y, max(x, y), y) -> max(x, y)``: one branch is what the other one is where it is taken.

    ``step(x)/x`` is not finite where x is zero, so that ``where(x != 0, step(x)/x, 0)`` stays.
    """
    choice = as_choice(t)
    if choice is None:
        return None
    condition, values = choice
    for side, (branch, other) in enumerate((values, values[::-1])):
        settled = _settle(n, branch, _list_known(n, condition, 1 - side), NESTED, finite=True)
        if settled is not branch and n.normal(settled) is other:
            return branch
    return None


def _list_known(n: Normaliser, condition: Term, side: int) -> Known:
    """What is known where a condition holds or does not: all of the conditions that it joins, or of what it denies."""
    if is_call(condition, (sympy.And, sympy.Or)[side]):
        return [known for c in operands(condition) for known in _list_known(n, c, side)]
    greater, holds = as_greater(condition, True)
    side = side if holds else 1 - side
    if not is_call(greater, sympy.Gt):
        return [(greater, side)]
    size, bound = operands(greater)
    if side == 1 and is_call(size, sympy.Abs):
        (x,) = operands(size)
        return [(greater, 1), (call(sympy.Gt, [x, bound]), 1), (call(sympy.Gt, [n.scaled(-1, bound), x]), 1)]
    # What is above the greatest of several is above each, and so is what is not below it.
    heads = (sympy.Min, sympy.Max)[:: 1 if side == 0 else -1]
    above, below = ([u, *(operands(u) if is_call(u, head) else ())] for u, head in zip((size, bound), heads))
    return [(call(sympy.Gt, [a, b]), side) for a in above for b in below if a is not b]


def _settle(n: Normaliser, t: Term, known: Known, deep: int, finite: bool = False) -> Term:
    """A term where conditions are known: choices by them among its elements are made.

    With ``finite``, a factor becomes zero only beside factors that are finite everywhere.
    """
    choice = as_choice(t)
    if choice is not None:
        asked = n.normal(choice[0])
        for condition, side in known:
            holds = decide(condition, side == 0, asked)
            if holds is not None:
                return choice[1][0 if holds else 1]
    if any(_is_known_zero(t, condition, side) for condition, side in known):
        return number(0, t.shape)
    if deep == 0:
        return t

    def settle(u: Term) -> Term:
        return _settle(n, u, known, deep - 1, finite)

    if isinstance(t, Sum):
        return sum_record((c, settle(u)) for c, u in t.terms)
    if isinstance(t, Product):
        factors = tuple((settle(u) if labels == t.out else u, labels, e) for u, labels, e in t.factors)
        if finite and factors != t.factors:
            values = [n.normal(u) for u, _, _ in factors]
            others = [f for f, u in zip(factors, values) if not is_zero(u)]
            if len(others) < len(factors) and not all(is_total_power(u, e) for u, _, e in others):
                return t
        return product_record(t.scale, factors, t.out, t.sizes)
    if isinstance(t, Call) and t.elementwise:
        made = call(t.head, [settle(u) for u in t.args])
        return next((value for row in known if (value := _find_value(*row, made))), made)
    return t


def _is_known_zero(t: Term, condition: Term, side: int) -> bool:
    """Whether a term that is never below zero is known not to be above it."""
    if side == 0 or not is_call(condition, sympy.Gt):
        return False
    left, right = operands(condition)
    return left is t and is_zero(right) and is_nonnegative(t)


def _settle_masks(n: Normaliser, t: Product) -> Term | None:
    """``where(x > y, 1, 0)*where(max(x, y) > z, 1, 0)``, where ``max(x, y)`` is x."""
    masks = [(place, f, mask) for place, f in enumerate(t.factors) if (mask := as_mask(f[0])) is not None]
    for place, (_, labels, _), (condition, holds) in masks:
        known = _list_known(n, n.normal(condition), 0 if holds else 1)
        for other, (u, i, e), _ in masks:
            if other == place or i != labels or not e.is_positive:
                continue
            settled = n.normal(_settle(n, u, known, NESTED))
            if settled is not u and settled.weight <= u.weight:
                factors = [(settled if k == other else v, j, f) for k, (v, j, f) in enumerate(t.factors)]
                return product(t.scale, factors, t.out, dict(enumerate(t.sizes)))
    return None


def _find_value(condition: Term, side: int, t: Call) -> Term | None:
    """The greater or the lesser side of an inequality, or the size of what is compared with zero, where it is known."""
    if not is_call(condition, sympy.Gt):
        return None
    left, right = operands(condition)
    if t.head is sympy.Abs and any(map(is_zero, (left, right))) and t.args[0] in (left, right):
        return scaled(1 if (t.args[0] is left) == (side == 0) else -1, t.args[0])
    if t.head not in (sympy.Max, sympy.Min) or not {left, right} <= {*t.args}:
        return None
    gone = (right, left) if t.head is sympy.Max else (left, right)
    return join_terms(t.head, [a for a in t.args if a is not gone[side]])


BRANCHES: tuple[Rewrite, ...] = (
    Procedure(
        (sympy.Piecewise,),
        "where(c, f(where(c, x, y)), z) -> where(c, f(x), z)",
        "in a branch its condition is known",
        _settle_branches,
    ),
    Procedure(
        (sympy.Piecewise,), "where(x > y, max(x, y), y) -> max(x, y)", "one branch says what both say", _keep_branch
    ),
    Procedure(
        (Product,),
        "where(x > y, 1, 0)*where(max(x, y) > z, 1, 0) -> where(x > y, 1, 0)*where(x > z, 1, 0)",
        "beside a mask its condition is known",
        _settle_masks,
        frozenset([sympy.Piecewise]),
    ),
)
