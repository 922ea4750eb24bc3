"""Rules of choices by conditions: ``where(c, x, y)`` is a Piecewise of x, c and y."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import sympy

from tracer.scalar import relu, step
from tracer.terms.choices import NEGATED, as_choice, as_mask, compare_with_zero
from tracer.terms.decomposition import factors_of, split_scale, spread_summands
from tracer.terms.facts import is_total, is_total_power
from tracer.terms.fractions import Powers, read_powers
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import MINUS, ONE, ZERO, common_content, is_negative, shared_factor
from tracer.terms.patterns import Constant, Name, variables
from tracer.terms.record import (
    Call,
    Factor,
    Labels,
    Product,
    Sum,
    Term,
    add,
    axes_of,
    call,
    constant_value,
    is_call,
    is_zero,
    number,
    operands,
    product,
    sum_record,
    times,
)
from tracer.terms.rule import Procedure, Rule

x, y, c = variables("x y c")

WHERE, GT, NOT, NE = map(Name, (sympy.Piecewise, sympy.Gt, sympy.Not, sympy.Ne))
STEP, RELU = Name(step), Name(relu)


def _drop_branches(n: Normaliser, t: Call) -> Term | None:
    """A branch whose condition never holds is no branch, and none is reached after one that always does."""
    kept: list[Term] = []
    for value, condition in zip(t.args[::2], [*t.args[1::2], number(sympy.true)]):
        holds = constant_value(condition)
        if holds == sympy.false:
            continue
        kept.append(value)
        if holds == sympy.true:
            break
        kept.append(condition)
    if len(kept) == len(t.args):
        return None
    return kept[0] if len(kept) == 1 else call(t.head, kept)


def _agree(n: Normaliser, t: Call) -> Term | None:
    """``where(c, x, x) -> x``."""
    values = t.args[::2]
    return values[0] if all(v is values[0] for v in values) else None


def _take_out_shared(n: Normaliser, t: Call) -> Term | None:
    """``where(c, x*y, x*z) -> x*where(c, y, z)``, and ``where(c, x, 0) -> x*where(c, 1, 0)`` where x is finite."""
    values = [v for v in t.args[::2] if not is_zero(v)]
    masked = len(values) < len(t.args[::2])
    shared = _list_shared(values, masked)
    if shared is None:
        return None
    scale, powers = shared
    axes = tuple(range(len(t.shape)))
    is_mask = constant_value(values[0]) == 1
    whole = values[0] if len(values) == 1 and is_total(values[0]) and not is_mask else None
    if whole is not None:
        front: list[Factor] = [(whole, axes, ONE)]
    else:
        front = [(u, labels, e) for (u, labels), e in powers.items()]
    if not front and scale is ONE:
        return None
    below = [(u, labels, -e) for u, labels, e in front]

    def divide(v: Term) -> Term:
        if is_zero(v):
            return v
        return number(1, t.shape) if v is whole else product(1 / scale, [(v, axes, ONE), *below], axes)

    args = [n.normal(divide(v)) if k % 2 == 0 else v for k, v in enumerate(t.args)]
    answer = product(ONE if whole else scale, [*front, (call(t.head, args), axes, ONE)], axes)
    negative = all(is_negative(split_scale(v)[0]) for v in values)
    only_numbers = len(values) > 1 and all(constant_value(v) is not None for v in args[::2])
    return answer if masked or negative or only_numbers or answer.weight < t.weight else None


def _list_shared(values: Sequence[Term], masked: bool) -> tuple[sympy.Expr, Powers] | None:
    """The number and the factors that branches share; beside a branch of zeros only those that are always finite.

    Where numbers are left they stay as they are, but for a minus sign of all: ``where(c, 1, 1/5)``.
    """
    scales = [_take_finite(split_scale(v)[0]) for v in values]
    if not values or not all(c.is_finite for c in scales):
        return None
    scale = sympy.sign(scales[0]) * common_content(scales)
    first, *others = map(read_powers, values)
    powers: Powers = {}
    for base, e in first.items():
        own = [e, *(row.get(base, ZERO) for row in others)]
        lowest = min(own, key=abs)
        if all(d.is_integer and d * e > 0 for d in own) and not (masked and not is_total_power(base[0], lowest)):
            powers[base] = lowest
    if not masked and all(read_powers(v) == powers for v in values):
        scale = MINUS if all(is_negative(c) for c in scales) else ONE
    return scale, powers


def _take_finite(number: sympy.Expr) -> sympy.Expr:
    """The factors of a number that are finite whatever the sizes are: ``1/n`` of ``1/(n*(n - 1))``."""
    return (
        number if number.is_finite is not None else sympy.Mul(*(f for f in sympy.Mul.make_args(number) if f.is_finite))
    )


def _multiply_choices(n: Normaliser, t: Product) -> Term | None:
    """``where(c, x, w)*where(c, y, z) -> where(c, x*y, w*z)``, ``where(c, 1, 0)**2 -> where(c, 1, 0)``."""
    found: dict[tuple[Term, Labels], tuple[int, tuple[Term, Term]]] = {}
    for place, (u, labels, e) in enumerate(t.factors):
        choice = as_choice(u) if e.is_integer and e.is_positive else None
        if choice is None:
            continue
        condition, values = n.normal(choice[0]), choice[1]
        rest = [f for k, f in enumerate(t.factors) if k != place]
        if e is not ONE and as_mask(u) is not None:
            return product(t.scale, [*rest, (u, labels, ONE)], t.out, dict(enumerate(t.sizes)))
        if e is not ONE:
            continue
        other, before = found.setdefault((condition, labels), (place, values))
        if other != place:
            one = call(sympy.Piecewise, [times(before[0], values[0]), condition, times(before[1], values[1])])
            rest = [f for k, f in enumerate(t.factors) if k not in (place, other)]
            joined = product(t.scale, [*rest, (one, labels, ONE)], t.out, dict(enumerate(t.sizes)))
            if any(is_zero(v) for v in (*values, *before)) or joined.weight < t.weight:
                return joined
    return None


def _join_masks(n: Normaliser, t: Product) -> Term | None:
    """``where(c, 1, 0)*where(d, 1, 0) -> where(c & d, 1, 0)``, both being one relation, or relations of one term."""
    masks = [(place, f, mask) for place, f in enumerate(t.factors) if f[2] == 1 and (mask := as_mask(f[0])) is not None]
    for (place, (u, labels, _), first), (other, (_, others, _), second) in combinations(masks, 2):
        if labels != others:
            continue
        parts = [c if holds else call(sympy.Not, [c]) for c, holds in (first, second)]
        one, zero = number(1, u.shape), number(0, u.shape)
        joined = n.call(sympy.Piecewise, [one, call(sympy.And, parts), zero])
        bounded = not _list_sides(first[0]).isdisjoint(_list_sides(second[0]))
        if bounded or not any(is_call(c, sympy.And) for c in joined.children):
            rest = [f for k, f in enumerate(t.factors) if k not in (place, other)]
            return product(t.scale, [*rest, (joined, labels, ONE)], t.out, dict(enumerate(t.sizes)))
    return None


def _list_sides(condition: Term) -> set[Term]:
    """What a relation, or each of several that hold together, compares with something; numbers are no such."""
    if is_call(condition, sympy.And, sympy.Or):
        return set().union(*map(_list_sides, operands(condition)))
    return {u for u in condition.children if constant_value(u) is None} if is_call(condition, *NEGATED) else set()


def _orient_choice(n: Normaliser, t: Call) -> Term | None:
    """``where(c, 0, x) -> where(not c, x, 0)``, and else ``where(a <= b, x, y) -> where(a > b, y, x)``."""
    if len(t.args) != 3:
        return None
    above, condition, below = t.args
    if not isinstance(condition, Call) or is_zero(below):
        return None
    if condition.head in NEGATED:
        turned = is_zero(above) or condition.head in (sympy.Ge, sympy.Le, sympy.Ne)
        return call(t.head, [below, call(NEGATED[condition.head], condition.args), above]) if turned else None
    if condition.head not in (sympy.And, sympy.Or):
        return None
    excess = sum(1 if is_call(c, sympy.Ge, sympy.Le, sympy.Ne, sympy.Not) else -1 for c in condition.args)
    if is_zero(above) or excess > 0 or (excess == 0 and condition.head is sympy.Or):
        other = sympy.Or if condition.head is sympy.And else sympy.And
        return call(t.head, [below, call(other, [call(sympy.Not, [c]) for c in condition.args]), above])
    return None


Places = tuple[int | None, ...]
"""The axis of the result that each axis of a choice is; None for one that is summed over."""


class Choice(NamedTuple):
    """A summand that is a choice times something, or the total of that along axes."""

    summand: Term
    condition: Term
    places: Places
    branches: tuple[Term, Term]
    is_mask: bool


def _join_choices(n: Normaliser, t: Sum) -> Term | None:
    """``where(c, x, y) + where(c, z, 0) -> where(c, x + z, y)``; masks of one side alone are a common factor."""
    choices = [choice for _, u in t.terms for choice in _list_choices(n, u)]
    if len(choices) < 2:
        return None
    found: dict[tuple[Hashable, Places], list[Choice]] = {}
    for choice in sorted(choices, key=lambda choice: (choice.condition.order, str(choice.places))):
        found.setdefault((compare_with_zero(n, choice.condition), choice.places), []).append(choice)
    coefficients = {u: c for c, u in t.terms}
    for (_, places), members in found.items():
        condition = members[0].condition
        sides = {is_zero(choice.branches[0]) for choice in members}
        if len(members) < 2 or (len(sides) == 1 and all(choice.is_mask for choice in members)):
            continue
        gone = {choice.summand for choice in members}
        content = shared_factor([coefficients[u] for u in gone])
        zero = (ONE, number(0, condition.shape))
        above, below = (
            add([zero, *((coefficients[m.summand] / content, m.branches[side]) for m in members)]) for side in (0, 1)
        )
        joined = call(sympy.Piecewise, [above, condition, below])
        labels = tuple(len(t.shape) + k if p is None else p for k, p in enumerate(places))
        total = product(ONE, [(joined, labels, ONE)], axes_of(t), dict(enumerate(t.shape)))
        return sum_record([*((c, u) for c, u in t.terms if u not in gone), (content, total)])
    return None


def _list_choices(n: Normaliser, term: Term) -> Iterator[Choice]:
    """The choices among the factors of a product of elements, one by each condition, with the rest in its branches."""
    _, factors, out, _ = factors_of(term)
    if len(set(out)) < len(out):
        return
    listed: set[tuple[Term, Places]] = set()
    for place, (u, i, e) in enumerate(factors):
        choice = as_choice(u) if e is ONE else None
        if choice is None:
            continue
        whole = {k for _, i, _ in factors for k in i}
        if not whole.issubset(i) or len(set(i)) < len(i):
            continue
        condition = n.normal(choice[0])
        places = tuple(k if k in out else None for k in i)
        if (condition, places) in listed:
            continue
        listed.add((condition, places))
        rest = factors[:place] + factors[place + 1 :]
        above, below = (v if is_zero(v) else product(ONE, [*rest, (v, i, ONE)], i) for v in choice[1])
        yield Choice(term, condition, places, (above, below), as_mask(u) is not None)


MASKED = 2
"""How many operations a mask is shorter than it weighs: ``[c]`` is written for ``where(c, 1, 0)``."""


def _take_out_summands(n: Normaliser, t: Call) -> Term | None:
    """``where(c, x + z, y + z) -> z + where(c, x, y)`` where that is shorter."""
    if len(t.args) != 3:
        return None
    rows = [{n.normal(u): c for c, u in spread_summands(v)} for v in (t.args[0], t.args[2])]
    shared = [(c, u) for u, c in rows[0].items() if rows[1].get(u) == c]
    if not shared:
        return None
    zero = (ONE, number(0, t.shape))
    above, below = (n.add([zero, *((c, u) for u, c in row.items() if (c, u) not in shared)]) for row in rows)
    rest = n.call(sympy.Piecewise, [above, t.args[1], below])
    answer = add([*shared, (ONE, rest)])
    is_mask = as_mask(split_scale(rest)[1]) is not None
    return answer if answer.weight < t.weight + MASKED * is_mask else None


def _merge_branches(n: Normaliser, t: Call) -> Term | None:
    """``where(c, x, where(d, x, y)) -> where(c | d, x, y)``, ``where(c, where(d, x, y), y) -> where(c & d, x, y)``."""
    if len(t.args) != 3:
        return None
    above, condition, below = t.args
    for inner, outer, holds in ((below, above, False), (above, below, True)):
        if not is_call(inner, sympy.Piecewise) or len(operands(inner)) != 3:
            continue
        first, other, second = operands(inner)
        for same, value, truth in ((first, second, True), (second, first, False)):
            if same is not outer:
                continue
            if holds:
                both = call(sympy.And, [condition, call(sympy.Not, [other]) if truth else other])
                return call(sympy.Piecewise, [value, both, outer])
            either = call(sympy.Or, [condition, other if truth else call(sympy.Not, [other])])
            return call(sympy.Piecewise, [outer, either, value])
    return None


def _add_to_branches(n: Normaliser, t: Sum) -> Term | None:
    """``where(c, x - y, 0) + y -> where(c, x, y)``: what is added to a choice is added to its branches."""
    if len(t.terms) > 3:
        return None
    for c, u in t.terms:
        for choice in _list_choices(n, u):
            if choice.places != tuple(range(len(t.shape))) or not any(map(is_zero, choice.branches)):
                continue
            rest = [row for row in t.terms if row[1] is not u]
            above = is_zero(choice.branches[1])
            value = choice.branches[0 if above else 1]
            total = n.add([(c, value), *rest])
            if total.weight < value.weight:
                values = [total, n.add(rest)] if above else [n.add(rest), total]
                return call(sympy.Piecewise, [values[0], choice.condition, values[1]])
    return None


BRANCHES = Procedure(
    (sympy.Piecewise,), "where(false, x, y) -> y", "no branch is kept that is never taken", _drop_branches
)

CHOICES: tuple[Rewrite, ...] = (
    BRANCHES,
    Procedure((sympy.Piecewise,), "where(c, x, x) -> x", "all branches agree", _agree),
    Procedure(
        (sympy.Piecewise,), "where(c, 0, x) -> where(not c, x, 0)", "one of two contrary conditions", _orient_choice
    ),
    Procedure(
        (sympy.Piecewise,), "where(c, x*y, x*z) -> x*where(c, y, z)", "what all branches share", _take_out_shared
    ),
    Rule(WHERE(Constant(1), GT(x, Constant(0)), Constant(0)), STEP(x), "a name for the indicator"),
    Procedure(
        (Product,),
        "where(c, x, w)*where(c, y, z) -> where(c, x*y, w*z)",
        "one choice, written once",
        _multiply_choices,
    ),
    Procedure(
        (Product,),
        "where(c, 1, 0)*where(d, 1, 0) -> where(c & d, 1, 0)",
        "both conditions hold",
        _join_masks,
    ),
    Procedure(
        (sympy.Piecewise,),
        "where(c, x, where(d, x, y)) -> where(c | d, x, y)",
        "one choice, written once",
        _merge_branches,
    ),
    Procedure(
        (sympy.Piecewise,),
        "where(c, x + z, y + z) -> z + where(c, x, y)",
        "what all branches share",
        _take_out_summands,
    ),
    Procedure((Sum,), "where(c, x - y, 0) + y -> where(c, x, y)", "one choice, written once", _add_to_branches),
    Procedure(
        (Sum,), "where(c, x, y) + where(c, z, 0) -> where(c, x + z, y)", "one choice, written once", _join_choices
    ),
)
