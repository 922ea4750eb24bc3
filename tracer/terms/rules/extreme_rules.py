"""Rules of the greater and the lesser of two, of absolute values, and of what is limited to an interval."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import sympy

from tracer.scalar import relu
from tracer.terms.choices import as_choice, as_greater, join_terms
from tracer.terms.clips import is_limit, read_clip
from tracer.terms.decomposition import split_scale
from tracer.terms.facts import is_above
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.record import (
    ONE,
    Call,
    Product,
    Sum,
    Term,
    call,
    constant_value,
    is_call,
    number,
    operands,
    product,
    scaled,
    times,
)
from tracer.terms.rule import Procedure


def _drop_lesser(n: Normaliser, t: Call) -> Term | None:
    """``max(p, -1) -> p`` for positive p: signs say which is the greater, or the lesser."""
    for place, a in enumerate(t.args):
        for other, b in enumerate(t.args):
            if place != other and (is_above(a, b) if t.head is sympy.Max else is_above(b, a)):
                rest = [u for k, u in enumerate(t.args) if k != other]
                return join_terms(t.head, rest)
    return None


def _open_extreme(n: Normaliser, t: Call) -> Term | None:
    """``max(x, max(y, z)) -> max(x, y, z)``."""
    args = list(dict.fromkeys(b for a in t.args for b in (operands(a) if is_call(a, t.head) else (a,))))
    return None if args == [*t.args] else join_terms(t.head, args)


def _add_extremes(n: Normaliser, t: Sum) -> Term | None:
    """``max(x, y) + min(x, y) -> x + y``, ``relu(x) - relu(-x) -> x``, ``max(x, y) - min(x, y) -> Abs(x - y)``."""
    known = [(u, *read) for c, u in t.terms if (read := _read_greater(n, c, u)) is not None]
    for (u, sign, (a, b)), (v, other, pair) in itertools.combinations(known, 2):
        if {n.scaled(-1, a), n.scaled(-1, b)} != {*pair}:
            continue
        rest = [(c, w) for c, w in t.terms if w is not u and w is not v]
        if sign == -other:
            return n.add([*rest, (sign, a), (sign, b)])
        return n.add([*rest, (sign, n.call(sympy.Abs, [n.add([(1, a), (-1, b)])]))])
    return None


def _read_greater(n: Normaliser, c: sympy.Expr, term: Term) -> tuple[int, list[Term]] | None:
    """A multiple of the greater of two, or of the lesser, as the greater of others, or its opposite.

    So ``-2*min(x, y)`` is 1 and ``[-2*x, -2*y]``, and ``2*min(x, y)`` is -1 and these.
    """
    if not is_call(term, sympy.Max, sympy.Min, relu) or not (c.is_positive or c.is_negative):
        return None
    pair = (*operands(term), number(0, term.shape)) if is_call(term, relu) else operands(term)
    turn = -1 if is_call(term, sympy.Min) else 1
    size = abs(c) * turn
    return (int(sympy.sign(c)) * turn, [n.scaled(size, a) for a in pair]) if len(pair) == 2 else None


def _limit_from_below_first(n: Normaliser, t: Call) -> Term | None:
    """``max(l, min(u, x)) -> min(u, max(l, x))`` for l below u."""
    if len(t.args) != 2:
        return None
    for low, inner in (t.args, t.args[::-1]):
        if is_call(inner, sympy.Min) and len(operands(inner)) == 2:
            for high, rest in (operands(inner), operands(inner)[::-1]):
                if is_above(high, low):
                    return call(sympy.Min, [high, call(sympy.Max, [low, rest])])
    return None


def _name_abs(n: Normaliser, t: Call) -> Term | None:
    """``where(x > y, x - y, y - x) -> Abs(x - y)``, and ``where(x > 0, x, -x) -> Abs(x)``."""
    found = _read_inequality(t)
    if found is None:
        return None
    left, right, above, below = found
    difference = n.add([(1, left), (-1, right)])
    (scale, core), (first, one), (second, other) = map(split_scale, (difference, above, below))
    if one is not core or other is not core or first != -second or not scale.is_nonzero:
        return None
    return scaled(first / scale, call(sympy.Abs, [difference]))


def _name_extreme(n: Normaliser, t: Call) -> Term | None:
    """``where(x > y, x, y) -> max(x, y)``, ``where(x > y, y, x) -> min(x, y)``.

    The sides may be any whose difference is that of the branches, but for a number: ``where(x - y > 0, 2*x, 2*y)``.
    """
    found = _read_inequality(t)
    if found is None:
        return None
    left, right, above, below = found
    if constant_value(above) is not None and constant_value(below) is not None:
        return None
    (scale, core), (factor, other) = (
        split_scale(n.add([(1, first), (-1, second)])) for first, second in ((left, right), (above, below))
    )
    ratio = factor / scale
    if core is not other or not (ratio.is_positive or ratio.is_negative):
        return None
    return call(sympy.Max if ratio.is_positive else sympy.Min, [above, below])


def _read_inequality(t: Call) -> tuple[Term, Term, Term, Term] | None:
    """The sides of ``left > right``, and the values where that holds and where it does not."""
    choice = as_choice(t)
    if choice is None or not is_call(choice[0], sympy.Gt):
        return None
    left, right = operands(choice[0])
    above, below = choice[1]
    return left, right, above, below


def _limit_on_both_sides(n: Normaliser, t: Call) -> Term | None:
    """``where(|x| > d, d*sign(x), x) -> sign(x)*min(|x|, d)``, whatever the sign of d."""
    found = _read_inequality(t)
    if found is None:
        return None
    left, limit, above, below = found
    factor, size = split_scale(left)
    if not is_call(size, sympy.Abs) or not factor.is_positive:
        return None
    (inner,) = operands(size)
    scale, core = split_scale(below)
    if core is not inner:
        return None
    sign = n.call(sympy.sign, [inner])
    if n.scaled(scale / factor, times(limit, sign)) is not above:
        return None
    return scaled(scale / factor, times(sign, call(sympy.Min, [left, limit])))


def _name_clip(n: Normaliser, t: Product) -> Term | None:
    """``sign(x)*min(|x|, d) -> min(max(x, -d), d)`` for d that is not negative."""
    for place, (u, labels, e) in enumerate(t.factors):
        if e is not ONE or not is_call(u, sympy.sign):
            continue
        (inner,) = operands(u)
        for other, (v, i, f) in enumerate(t.factors):
            if f is not ONE or i != labels or not is_call(v, sympy.Min) or len(operands(v)) != 2:
                continue
            for size, limit in (operands(v), operands(v)[::-1]):
                factor, core = split_scale(size)
                if is_call(core, sympy.Abs) and operands(core)[0] is inner and factor.is_positive and is_limit(limit):
                    low = call(sympy.Max, [scaled(factor, inner), scaled(-1, limit)])
                    rest = [x for k, x in enumerate(t.factors) if k not in (place, other)]
                    clipped = call(sympy.Min, [low, limit])
                    return product(t.scale, [*rest, (clipped, labels, ONE)], t.out, dict(enumerate(t.sizes)))
    return None


def _take_sign_out_of_clip(n: Normaliser, t: Call) -> Term | None:
    """``min(d, max(-x, -d)) -> -min(d, max(x, -d))`` for d that is not negative."""
    clip = read_clip(t)
    return scaled(-1, clip.turn()) if clip is not None and split_scale(clip.term)[0].is_negative else None


def _limit_what_is_limited(n: Normaliser, t: Call) -> Term | None:
    """``where(x > u, u, max(l, x)) -> min(u, max(l, x))`` for l below u."""
    found = _read_inequality(t)
    if found is None:
        return None
    left, right, above, below = found
    for limit, inner, at_limit, inside in ((right, left, above, below), (left, right, below, above)):
        if at_limit is limit and _is_limited(inside, sympy.Max, inner, limit):
            return call(sympy.Min, [limit, inside])
    for limit, inner, at_limit, inside in ((left, right, above, below), (right, left, below, above)):
        if at_limit is limit and _is_limited(inside, sympy.Min, inner, limit):
            return call(sympy.Max, [limit, inside])
    return None


def _is_limited(term: Term, head: Any, argument: Term, limit: Term) -> bool:
    """Whether a term is the greater of an argument and what is below a limit, or the lesser of it and what is above."""
    if not is_call(term, head, *([relu] if head is sympy.Max else [])):
        return False
    args = (*operands(term), number(0, term.shape)) if is_call(term, relu) else operands(term)
    if argument not in args:
        return False
    others = [a for a in args if a is not argument]
    return all(is_above(limit, a) if head is sympy.Max else is_above(a, limit) for a in others)


class Ordered(NamedTuple):
    """That one term is less than another, or equal if it is not strict."""

    low: Term
    high: Term
    strict: bool


def _read_order(condition: Term) -> Ordered | None:
    greater, holds = as_greater(condition, True)
    if not is_call(greater, sympy.Gt):
        return None
    a, b = operands(greater)
    return Ordered(b, a, True) if holds else Ordered(a, b, False)


def _compare_size(n: Normaliser, t: Call) -> Term | None:
    """``x >= -d and x <= d -> |x| <= d``, and ``x > d or x < -d -> |x| > d``."""
    orders = [(a, order) for a in t.args if (order := _read_order(a)) is not None]
    for (a, first), (b, second) in itertools.permutations(orders, 2):
        if first.high is not second.low or first.strict != second.strict:
            continue
        if n.scaled(-1, first.low) is not second.high:
            continue
        size = call(sympy.Abs, [first.high])
        if t.head is sympy.And:
            one = call(sympy.Lt if first.strict else sympy.Le, [size, second.high])
        else:
            one = call(sympy.Gt if first.strict else sympy.Ge, [size, first.low])
        rest = [c for c in t.args if c is not a and c is not b]
        return join_terms(t.head, [*rest, one])
    return None


def _compare_extreme(n: Normaliser, t: Call) -> Term | None:
    """``x > y and x > z -> x > max(y, z)``, ``x > y or x > z -> x > min(y, z)``, where none of them is a number."""
    inequalities = [a for a in t.args if is_call(a, sympy.Gt, sympy.Ge)]
    for first, second in itertools.combinations(inequalities, 2):
        sides = [*zip(operands(first), operands(second))]
        if not isinstance(first, Call) or not is_call(second, first.head):
            continue
        for place, (a, b) in enumerate(sides):
            c, d = sides[1 - place]
            if a is not b or any(constant_value(u) is not None for u in (a, c, d)):
                continue
            head = sympy.Max if (place == 0) == (t.head is sympy.And) else sympy.Min
            extreme = n.call(head, [c, d])
            joined = call(first.head, [a, extreme] if place == 0 else [extreme, a])
            return join_terms(t.head, [*(u for u in t.args if u is not first and u is not second), joined])
    return None


EXTREMES: tuple[Rewrite, ...] = (
    Procedure((sympy.Piecewise,), "where(x > y, x - y, y - x) -> Abs(x - y)", "the distance", _name_abs),
    Procedure((sympy.Piecewise,), "where(x > y, x, y) -> max(x, y)", "the greater one, or the lesser", _name_extreme),
    Procedure(
        (sympy.Piecewise,),
        "where(Abs(x) > d, d*sign(x), x) -> sign(x)*min(Abs(x), d)",
        "the sign comes out of both branches",
        _limit_on_both_sides,
    ),
    Procedure(
        (Product,),
        "sign(x)*min(Abs(x), d) -> min(max(x, -d), d)",
        "what is limited on both sides",
        _name_clip,
        frozenset([sympy.sign, sympy.Min]),
    ),
    Procedure(
        (sympy.Min,),
        "min(d, max(-x, -d)) -> -min(d, max(x, -d))",
        "signs come out of odd functions",
        _take_sign_out_of_clip,
    ),
    Procedure((sympy.Max, sympy.Min), "max(x, max(y, z)) -> max(x, y, z)", "the greatest of all", _open_extreme),
    Procedure((sympy.Max, sympy.Min), "max(p, -1) -> p", "known by structure or declaration", _drop_lesser),
    *(
        Procedure((Sum,), name, "one is the greater of two, and one the lesser", _add_extremes, frozenset(needs))
        for name, needs in (
            ("max(x, y) + min(x, y) -> x + y", (sympy.Max, sympy.Min)),
            ("relu(x) - relu(-x) -> x", (relu,)),
        )
    ),
    Procedure(
        (sympy.Max,), "max(l, min(u, x)) -> min(u, max(l, x))", "one order of the limits", _limit_from_below_first
    ),
    Procedure(
        (sympy.Piecewise,),
        "where(x > u, u, max(l, x)) -> min(u, max(l, x))",
        "what is limited on both sides",
        _limit_what_is_limited,
    ),
    Procedure((sympy.And, sympy.Or), "x >= -d and x <= d -> Abs(x) <= d", "one comparison of the size", _compare_size),
    Procedure((sympy.And, sympy.Or), "x > y and x > z -> x > max(y, z)", "one comparison", _compare_extreme),
)
