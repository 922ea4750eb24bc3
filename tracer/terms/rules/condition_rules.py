"""Rules of conditions: what is known to hold, one of two contrary relations, one order of the sides."""

from __future__ import annotations

from itertools import combinations

import sympy

from tracer.scalar import relu
from tracer.shapes import Dim
from tracer.terms.choices import (
    EVERY_SIGN,
    MIRRORED,
    NEGATED,
    SIGNS,
    as_greater,
    decide,
    join_terms,
    read_comparison,
    turn_signs,
)
from tracer.terms.decomposition import split_scale, summands_of
from tracer.terms.facts import facts_of, is_above, is_nonnegative, is_nonzero, is_positive
from tracer.terms.fractions import Base, read_powers
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import ONE, is_negative, shared_factor
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
    scaled,
)
from tracer.terms.rule import Procedure, Rule

(c,) = variables("c")

WHERE, NOT, NE = map(Name, (sympy.Piecewise, sympy.Not, sympy.Ne))

DUAL = {sympy.And: sympy.Or, sympy.Or: sympy.And}
"""What joins the negations of conditions where the negation of all that another joins is meant."""


def _compare_known(n: Normaliser, t: Call) -> Term | None:
    """``x > x -> false``, ``x >= x -> true``, ``p > 0 -> true`` for positive p, ``p != 0 -> true``."""
    left, right = t.args
    if left is right:
        return number(t.head in (sympy.Eq, sympy.Ge, sympy.Le), t.shape)
    if t.head in (sympy.Eq, sympy.Ne):
        apart = is_above(left, right, strict=True) or is_above(right, left, strict=True)
        apart = apart or (is_zero(right) and is_nonzero(left))
        return number(t.head is sympy.Ne, t.shape) if apart else None
    if t.head in (sympy.Lt, sympy.Le):
        left, right = right, left
    strict = t.head in (sympy.Gt, sympy.Lt)
    if is_above(left, right, strict):
        return number(sympy.true, t.shape)
    return number(sympy.false, t.shape) if is_above(right, left, not strict) else None


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


def _negate(n: Normaliser, t: Call) -> Term | None:
    """``not(x > y) -> x <= y``, ``not(and(a, b)) -> or(not(a), not(b))``."""
    (inner,) = t.args
    if not isinstance(inner, Call):
        return None
    if inner.head in NEGATED:
        return call(NEGATED[inner.head], inner.args)
    if inner.head in DUAL:
        return n.call(DUAL[inner.head], [n.call(sympy.Not, [c]) for c in operands(inner)])
    return None


def _combine_known(n: Normaliser, t: Call) -> Term | None:
    """``and(true, c) -> c``, ``and(false, c) -> false``, ``and(and(a, b), a) -> and(a, b)``."""
    values = [constant_value(a) for a in t.args]
    if all(v is None for v in values):
        return _join_once(t)
    known = t.head(*(v for v in values if v is not None))
    if None not in values or known != t.head():
        return number(known, t.shape)
    unknown = [a for a, v in zip(t.args, values) if v is None]
    return join_terms(t.head, unknown)


def _join_once(t: Call) -> Term | None:
    """``and(and(a, b), a) -> and(a, b)``."""
    if t.head is sympy.Not:
        return None
    args = list(dict.fromkeys(b for a in t.args for b in _list_parts(a, t.head)))
    return None if len(args) == len(t.args) else join_terms(t.head, args)


def _list_parts(condition: Term, head: object) -> tuple[Term, ...]:
    """What a condition joins by a head; itself if that is another one."""
    return operands(condition) if is_call(condition, head) else (condition,)


def _combine_implied(n: Normaliser, t: Call) -> Term | None:
    """``x > 1 and x > 0 -> x > 1``, ``a or (not(a) and b) -> or(a, b)``, and what always holds, or never."""
    both = t.head is sympy.And
    for place, first in enumerate(t.args):
        for other, second in enumerate(t.args):
            left = _ask_where(first, both, second) if place != other else second
            if left is second:
                continue
            if isinstance(left, Term):
                return call(t.head, [left if k == other else a for k, a in enumerate(t.args)])
            if left != both:
                return number(sympy.false if both else sympy.true, t.shape)
            return join_terms(t.head, [a for k, a in enumerate(t.args) if k != other])
    return None


def _ask_where(known: Term, holds: bool, condition: Term) -> Term | bool:
    """What is left to ask where another condition holds or does not, or the answer: of ``and(a, b)`` ``b`` for a."""
    answer = decide(known, holds, condition)
    if answer is not None:
        return answer
    if not isinstance(condition, Call) or condition.head not in DUAL:
        return condition
    settling = condition.head is sympy.Or
    parts = operands(condition)
    answers = [decide(known, holds, c) for c in parts]
    if settling in answers:
        return settling
    left = [c for c, a in zip(parts, answers) if a is None]
    return join_terms(condition.head, left) if left else not settling


def _join_contrary(n: Normaliser, t: Call) -> Term | None:
    """``or(and(a, b), and(a, not(b))) -> a``: what holds with a condition and without it."""
    listed = [dict.fromkeys(_list_parts(a, DUAL[t.head])) for a in t.args]
    for (place, first), (other, second) in combinations(enumerate(listed), 2):
        apart = first.keys() ^ second.keys()
        if len(apart) != 2 or not _are_contrary(*apart):
            continue
        shared = [c for c in first if c in second]
        joined = join_terms(DUAL[t.head], shared) if shared else number(t.head is sympy.Or, t.shape)
        return join_terms(t.head, [joined, *(a for k, a in enumerate(t.args) if k not in (place, other))])
    return None


def _are_contrary(first: Term, second: Term) -> bool:
    (one, holds), (other, fails) = as_greater(first, True), as_greater(second, True)
    return one is other and holds != fails


def _merge_relations(n: Normaliser, t: Call) -> Term | None:
    """``x >= y and x != y -> x > y``, ``x > y or x < y -> x != y``: relations of the same sides are one."""
    found = [(place, read) for place, a in enumerate(t.args) if (read := read_comparison(a)) is not None]
    for (place, first), (other, second) in combinations(found, 2):
        if first.number != second.number or {*first.subject} != {*second.subject}:
            continue
        signs = second.signs if first.subject == second.subject else turn_signs(second.signs)
        signs = first.signs & signs if t.head is sympy.And else first.signs | signs
        if not signs or signs == EVERY_SIGN:
            return number(t.head is sympy.Or, t.shape)
        head = next(head for head, of in SIGNS.items() if of == signs)
        sides = first.subject if len(first.subject) == 2 else (*first.subject, number(first.number, t.shape))
        rest = [a for k, a in enumerate(t.args) if k not in (place, other)]
        return join_terms(t.head, [*rest, call(head, sides)])
    return None


def _compare_factors(n: Normaliser, t: Call) -> Term | None:
    """``p*x**3 > 0 -> x > 0``, ``x**2 > 0 -> x != 0``: of factors only the signs count that are not known."""
    left, right = t.args
    scale, factors, out, sizes = _list_factors(left)
    if not is_zero(right) or not (scale.is_positive or scale.is_negative):
        return None
    if len(set(out)) < len(out):
        return None
    sign, head = 1 if scale.is_positive else -1, t.head
    summed = any(not set(i) <= set(out) for _, i, _ in factors)
    powers: list[Factor] = []
    for u, labels, e in factors:
        if is_positive(u) and set(labels) <= set(out):
            continue
        if summed:  # The sign of what is added is none of one of its factors.
            powers.append((u, labels, e))
            continue
        if e.is_integer and is_positive(u, -1):
            sign = sign if e.is_even else -sign
            continue
        if e.is_integer and e.is_positive:
            while isinstance(u, Call) and facts_of(u.head).keeps_sign:
                (u,) = u.args
            if is_call(u, sympy.Abs):
                (u,), e = operands(u), 2 * e
            e = sympy.Integer(2) if e.is_even and head in MIRRORED else ONE
        powers.append((u, labels, e))
    if not summed and all(e == 2 for _, _, e in powers):
        holds = SIGNS[head] & {0, sign}
        if not powers or len(holds) != 1:
            return None
        bases = product(ONE, [(u, i, ONE) for u, i, _ in powers], out, dict(enumerate(sizes)))
        return call(sympy.Eq if 0 in holds else sympy.Ne, [bases, right])
    if head not in MIRRORED:
        sign = 1
    elif sign < 0 and not (len(powers) == 1 and isinstance(powers[0][0], Sum) and powers[0][2] == 1):
        # The sign of a difference is written in it.
        sign, head = 1, MIRRORED[head]
    if tuple(powers) == factors and sign == scale:
        return None
    return call(head, [product(sign, powers, out, dict(enumerate(sizes))), right])


def _compare_relu(n: Normaliser, t: Call) -> Term | None:
    """``relu(x) > 0 -> x > 0``, ``relu(x) == 0 -> x <= 0``, ``relu(x) > 1 -> x > 1``."""
    left, right = t.args
    if not is_call(left, relu):
        return None
    if is_positive(right):
        return call(t.head, [*operands(left), right])
    holds = SIGNS[t.head] & {0, 1}
    if not is_zero(right) or len(holds) != 1:
        return None
    return call(sympy.Gt if 1 in holds else sympy.Le, [*operands(left), right])


def _list_factors(t: Term) -> tuple[sympy.Expr, tuple[Factor, ...], Labels, tuple[Dim, ...]]:
    """The number, the factors, the labels and the sizes of a product; any other term is its one factor."""
    if isinstance(t, Product):
        return t.scale, t.factors, t.out, t.sizes
    return ONE, ((t, axes_of(t), ONE),), axes_of(t), t.shape


def _divide_relation(n: Normaliser, t: Call) -> Term | None:
    """``2*x + 3 > 7 -> x > 2``: what is compared with a number has none of its own; signs are those of differences."""
    left, right = t.args
    value = constant_value(right)
    if value is None or not value.is_finite or constant_value(left) is not None:
        return None
    scale, core = split_scale(left)
    if value == 0:
        return None
    constants = [c for c, u in summands_of(core) if constant_value(u) == 1]
    if scale is ONE and not constants:
        return None
    if not (scale.is_positive or scale.is_negative):
        return None
    rest = [(c, u) for c, u in summands_of(core) if constant_value(u) != 1]
    head = MIRRORED.get(t.head, t.head) if scale.is_negative else t.head
    return call(head, [add(rest), number(value / scale - sum(constants), t.shape)])


def _subtract_relation(n: Normaliser, t: Call) -> Term | None:
    """``x + y > y -> x > 0``, ``6*x > 4*y -> 3*x > 2*y``: what stands on both sides, where it is not longer without."""
    left, right = t.args
    if constant_value(right) is not None:
        return None
    content = shared_factor([c for side in (left, right) for c, _ in summands_of(side)])
    if content is ONE and _list_bases(left).isdisjoint(_list_bases(right)):
        return None
    zero = number(0, t.shape)
    sign = n.call(t.head, [n.add([(ONE, left), (-ONE, right)]), zero])
    forms = [sign]
    if isinstance(sign, Call) and sign.head in NEGATED and sign.args[1] is zero:
        rows = summands_of(sign.args[0])
        if len(rows) == 2:
            (c, first), (d, second) = sorted(rows, key=lambda row: is_negative(row[0]))
            forms.append(call(sign.head, [scaled(c, first), scaled(-d, second)]))
    answer = min(forms, key=_weigh_sides)
    if _weigh_sides(answer) < _weigh_sides(t):
        return answer
    return None if content is ONE else call(t.head, [scaled(1 / content, left), scaled(1 / content, right)])


def _weigh_sides(t: Term) -> int:
    """How many operations the sides of a relation have; numbers have none."""
    return sum(a.weight for a in t.children if constant_value(a) is None)


def _clear_quotient(n: Normaliser, t: Call) -> Term | None:
    """``1 - x/norm(y) > 0 -> norm(y) - x > 0``, ``x/norm(y) < 2 -> x < 2*norm(y)``.

    Where the norm is zero, and nothing is equal, both sides say the sign of x; so one summand alone may be a quotient.
    """
    left, right = t.args
    value = constant_value(right)
    if value is None or not value.is_finite:
        return None
    axes = axes_of(t)
    strict = t.head in (sympy.Gt, sympy.Lt)
    quotients = [below for _, u in summands_of(left) if (below := _list_divisors(u, strict))]
    if len(quotients) != 1:
        return None
    (below,) = quotients
    cleared = call(
        t.head, [n.product(ONE, [(side, axes, ONE), *((u, i, -e) for u, i, e in below)], axes) for side in t.args]
    )
    return cleared if not is_zero(right) or _weigh_sides(cleared) < _weigh_sides(t) else None


def _list_divisors(t: Term, strict: bool) -> list[Factor]:
    """What elements are divided by that is never below zero, or positive where equal sides matter; by axes."""
    _, factors, out, _ = _list_factors(t)
    if len(set(out)) < len(out) or any(not set(i) <= set(out) for _, i, _ in factors):
        return []
    known = is_nonnegative if strict else is_positive
    return [(u, tuple(map(out.index, i)), e) for u, i, e in factors if e.is_negative and known(u)]


def _list_bases(t: Term) -> set[Term | Base]:
    """The summands of a term, and the factors of their elements."""
    rows = [u for _, u in summands_of(t)]
    return {*rows, *(base for u in rows for base in read_powers(u))}


CONDITIONS: tuple[Rewrite, ...] = (
    Procedure((sympy.Not,), "not(x > y) -> x <= y", "a relation says it itself", _negate),
    Rule(NOT(NOT(c)), c, "one undoes the other"),
    Rule(NE(WHERE(Constant(1), c, Constant(0)), Constant(0)), c, "a condition is its own truth value"),
    Procedure(tuple(NEGATED), "x > x -> false", "known by structure, or by signs", _compare_known),
    Procedure(tuple(NEGATED), "y < x -> x > y", "one order of the sides", _orient_relation),
    Procedure((sympy.And, sympy.Or, sympy.Not), "and(true, c) -> c", "what always holds says nothing", _combine_known),
    Procedure((sympy.And, sympy.Or), "x > 1 and x > 0 -> x > 1", "one follows from the other", _combine_implied),
    Procedure(
        (sympy.And, sympy.Or), "or(and(a, b), and(a, not(b))) -> a", "the other one does not matter", _join_contrary
    ),
    Procedure((sympy.And, sympy.Or), "x >= y and x != y -> x > y", "one relation of the same sides", _merge_relations),
    Procedure(tuple(NEGATED), "p*x**3 > 0 -> x > 0", "a known sign says nothing", _compare_factors),
    Procedure(tuple(NEGATED), "relu(x) > 0 -> x > 0", "relu is above zero where its argument is", _compare_relu),
    Procedure(tuple(NEGATED), "2*x + 3 > 7 -> x > 2", "the numbers are on one side", _divide_relation),
    Procedure(tuple(NEGATED), "x/norm(y) > 2 -> x > 2*norm(y)", "a known sign is no quotient", _clear_quotient),
    Procedure(tuple(NEGATED), "x + y > y -> x > 0", "what both sides share says nothing", _subtract_relation),
)
