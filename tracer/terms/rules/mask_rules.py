"""Rules of masks beside what is zero where they are."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import NamedTuple

import sympy

from tracer.scalar import relu, step
from tracer.terms.choices import as_choice, as_greater, compare_with_zero, decide
from tracer.terms.decomposition import factors_of, split_scale
from tracer.terms.facts import is_nonnegative, is_total, is_total_power
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import MINUS, ONE
from tracer.terms.product_terms import divide_by_term
from tracer.terms.record import (
    Factor,
    Labels,
    Product,
    Source,
    Sum,
    Term,
    add,
    axes_of,
    call,
    is_call,
    is_zero,
    number,
    operands,
    product,
    subterms,
)
from tracer.terms.rule import Procedure
from tracer.terms.zeros import Zeros


class Mask(NamedTuple):
    """A choice at labels that is zero unless its condition holds (or does not hold)."""

    condition: Term
    holds: bool
    value: Term
    labels: Labels


def _drop_mask_beside_relu(n: Normaliser, t: Product) -> Term | None:
    """``relu(x)*where(x > 0, y, 0) -> relu(x)*y``."""
    return _drop_mask(n, t, _is_relu_elsewhere)


def _drop_mask_beside_zero(n: Normaliser, t: Product) -> Term | None:
    """``x*where(x != 0, 1, 0) -> x``."""
    return _drop_mask(n, t, _is_zero_elsewhere)


def _drop_mask(
    n: Normaliser, t: Product, vanish: Callable[[Normaliser, Mask, Sequence[Factor], Labels], bool]
) -> Term | None:
    """A product without a mask beside factors that are zero where the mask is."""
    for place, (u, labels, e) in enumerate(t.factors):
        choice = as_choice(u) if e is ONE else None
        if choice is None:
            continue
        condition, values = choice
        kept = values[0] if is_zero(values[1]) else values[1] if is_zero(values[0]) else None
        rest = t.factors[:place] + t.factors[place + 1 :]
        if kept is not None and vanish(n, Mask(condition, kept is values[0], kept, labels), rest, t.out):
            return product(t.scale, [*rest, (kept, labels, ONE)], t.out, dict(enumerate(t.sizes)))
    return None


def _drop_mask_beside_log(n: Normaliser, t: Sum) -> Term | None:
    """``where(x > 0, y, 0) + log(x) -> y + log(x)``: neither is finite where x is not positive; in totals, too."""
    positive = {
        operands(u)[0]
        for _, v in t.terms
        for u, labels, e in factors_of(v)[1]
        if is_call(u, sympy.log) and e.is_positive and _is_of_all(v, labels)
    }
    for place, (c, v) in enumerate(t.terms):
        scale, factors, out, _ = factors_of(v)
        for at, (u, labels, e) in enumerate(factors):
            choice = as_choice(u) if e is ONE and _is_of_all(v, labels) else None
            if choice is None or not is_call(choice[0], sympy.Gt):
                continue
            (above, below), (x, bound) = choice[1], operands(choice[0])
            if is_zero(below) and is_zero(bound) and x in positive:
                rest = [*factors[:at], (above, labels, ONE), *factors[at + 1 :]]
                return add([*t.terms[:place], (c, n.product(scale, rest, out)), *t.terms[place + 1 :]])
    return None


def _is_of_all(t: Term, labels: Labels) -> bool:
    """Whether a factor at labels says of each element what it is made of: element by element, or in a total."""
    return not t.shape or labels == factors_of(t)[2]


def _is_relu_elsewhere(n: Normaliser, mask: Mask, factors: Sequence[Factor], out: Labels) -> bool:
    """Whether one of the factors is ``relu(x)`` where the mask asks for ``x > 0``.

    The value of the mask has to be finite elsewhere too, or not to be so for reasons that x has no part in.
    """
    condition = n.normal(mask.condition)
    for u, labels, e in factors:
        if is_call(u, relu) and labels == mask.labels and e.is_positive:
            (x,) = operands(u)
            below = n.call(sympy.Le, [x, number(0, x.shape)])
            if decide(condition, not mask.holds, below) and (is_total(mask.value) or _is_apart(x, mask.value)):
                return True
    return False


class Masked(NamedTuple):
    """A summand that is zero unless a condition holds (or does not), with all its labels at the factor that says so.

    Attributes
    ----------
    summand : Term
    condition, holds : Term, bool
    places : tuple
        The axis of the result that each axis of the condition is; None for one that is summed over.
    value : Term
        What it is where the condition holds, before it is added up.
    inner : Term
        The factor of that which is computed under the condition alone; of ``relu(x)``, x.
    rest : tuple of factors
        The others.
    """

    summand: Term
    condition: Term
    holds: bool
    places: tuple[int | None, ...]
    value: Term
    inner: Term
    rest: tuple[Factor, ...]


def _join_relu(n: Normaliser, t: Sum) -> Term | None:
    """``relu(x - y)/y + where(x > y, 1, 0) -> where(x > y, 1, 0)*x/y``: where the sum is no longer than a summand."""
    found: dict[Hashable, list[Masked]] = {}
    for _, u in t.terms:
        for masked in _list_masked(n, u):
            key = compare_with_zero(n, masked.condition), masked.holds, masked.places
            found.setdefault(key, []).append(masked)
    coefficients = {u: c for c, u in t.terms}
    for members in found.values():
        _, condition, holds, places, *_ = members[0]
        gone = {m.summand for m in members}
        if len(gone) < 2 or len(gone) < len(members) or not _is_finite_alike(members):
            continue
        value = n.add([(coefficients[m.summand], m.value) for m in members])
        if value.weight > max(n.normal(m.value).weight for m in members):
            continue
        one, zero = number(1, condition.shape), number(0, condition.shape)
        mask = call(sympy.Piecewise, [one, condition, zero] if holds else [zero, condition, one])
        labels = tuple(len(t.shape) + k if p is None else p for k, p in enumerate(places))
        joined = product(ONE, [(mask, labels, ONE), (value, labels, ONE)], axes_of(t), dict(enumerate(t.shape)))
        answer = n.add([*((c, u) for c, u in t.terms if u not in gone), (ONE, joined)])
        if answer.weight < t.weight:
            return answer
    return None


def _list_masked(n: Normaliser, term: Term) -> Iterator[Masked]:
    """The factors of a product that are zero unless a condition of all its labels holds."""
    _, factors, out, _ = factors_of(term)
    whole = {k for _, labels, _ in factors for k in labels}
    if len(set(out)) < len(out):
        return
    for place, (u, labels, e) in enumerate(factors):
        if e is not ONE or len(set(labels)) < len(labels) or not whole.issubset(labels):
            continue
        read = _read_masked(n, u)
        if read is not None:
            condition, holds, inner = read
            rest = factors[:place] + factors[place + 1 :]
            places = tuple(k if k in out else None for k in labels)
            value = product(ONE, [*rest, (inner, labels, ONE)], labels)
            yield Masked(term, condition, holds, places, value, inner, rest)


def _read_masked(n: Normaliser, u: Term) -> tuple[Term, bool, Term] | None:
    """A condition, whether it has to hold for a term to be other than zero, and what the term is then."""
    if is_call(u, relu):
        (x,) = operands(u)
        return *as_greater(n.call(sympy.Gt, [x, number(0, x.shape)]), True), x
    choice = as_choice(u)
    if choice is None or not any(map(is_zero, choice[1])):
        return None
    side = 0 if is_zero(choice[1][1]) else 1
    return *as_greater(n.normal(choice[0]), side == 0), choice[1][side]


def _is_finite_alike(members: Sequence[Masked]) -> bool:
    """Whether what is computed under a condition is finite wherever all the rest is, so that a mask may be a factor."""
    poles = {pole for m in members for u, _, e in m.rest for pole in _list_poles(u, e)}
    return all(pole in poles for m in members for pole in _list_poles(m.inner))


def _list_poles(t: Term, exponent: sympy.Expr = ONE) -> Iterator[tuple[Term, bool, bool]]:
    """What keeps a term from being finite wherever its sources are: bases, and whether of roots, and of quotients."""
    if is_total_power(t, exponent):
        return
    if exponent is ONE and isinstance(t, Sum):
        for _, u in t.terms:
            yield from _list_poles(u)
    elif exponent is ONE and isinstance(t, Product):
        for u, _, e in t.factors:
            yield from _list_poles(u, e)
    else:
        yield t, not (exponent.is_integer or is_nonnegative(t)), not exponent.is_positive


def _is_apart(positive: Term, value: Term) -> bool:
    """Whether a value has poles alone, of which the sign of another term says nothing: ``1/norm(x)``, ``c - norm(x)``.

    That is taken for granted where the other has a source that the value has not, and no factor of it stands in the
    value.
    """
    parts = {*subterms(value)}
    free = {u for u in subterms(positive) if isinstance(u, Source)} - parts
    return bool(free) and parts.isdisjoint(u for u, _, _ in factors_of(positive)[1]) and _has_poles_alone(value)


def _has_poles_alone(t: Term) -> bool:
    """Whether a term is finite but where a divisor is zero."""
    if isinstance(t, Sum):
        return all(_has_poles_alone(u) for _, u in t.terms)
    return all(is_total_power(u, abs(e)) for u, _, e in factors_of(t)[1])


def _is_zero_elsewhere(n: Normaliser, mask: Mask, factors: Sequence[Factor], out: Labels) -> bool:
    """Whether factors are zero where the mask is, by what its condition says is zero; the mask is finite elsewhere."""
    if not is_call(mask.condition, sympy.Eq, sympy.Ne, sympy.And, sympy.Or):
        return False
    if not is_total(mask.value) and not _is_guard(mask):
        return False
    return Zeros(n, mask.condition, not mask.holds, mask.labels).cancel(factors, out)


def _is_guard(mask: Mask) -> bool:
    """Whether a mask is one that a gradient has before the slope of what all elements share.

    Of ``sum(where(y > 0, log(p), 0))`` it is ``where(sum(step(y)) != 0, 1/p, 0)``: the slope has other sources than the
    total, so that where it is infinite does not depend on where the total is zero.
    """
    if not all(map(_compares_total, _list_compared(mask.condition))):
        return False
    known, made = ({u for u in subterms(t) if isinstance(u, Source)} for t in (mask.condition, mask.value))
    return known.isdisjoint(made)


def _list_compared(condition: Term) -> Sequence[Term]:
    return operands(condition) if is_call(condition, sympy.And, sympy.Or) else [condition]


def _compares_total(condition: Term) -> bool:
    """Whether a condition is that a total over elements is zero, or is not."""
    if not is_call(condition, sympy.Eq, sympy.Ne):
        return False
    total, other = operands(condition)
    return (
        is_zero(other)
        and isinstance(total, Product)
        and not {k for _, i, _ in total.factors for k in i} <= {*total.out}
    )


def _name_relu_of_masked(n: Normaliser, t: Product) -> Term | None:
    """``x*step(x) -> relu(x)``."""
    for place, (u, labels, e) in enumerate(t.factors):
        if e is not ONE or not is_call(u, step):
            continue
        scale, x = split_scale(operands(u)[0])
        rest = divide_by_term(n, t.factors[:place] + t.factors[place + 1 :], x, labels, t.out)
        if rest is not None:
            return product(
                t.scale / scale, [*rest, (call(relu, operands(u)), labels, ONE)], t.out, dict(enumerate(t.sizes))
            )
    return None


def _take_in_sign(n: Normaliser, t: Product) -> Term | None:
    """``x*sign(x) -> Abs(x)``, ``Abs(x)*sign(x) -> x``, ``sign(x)/Abs(x) -> 1/x``."""
    for place, (u, labels, e) in enumerate(t.factors):
        if e is not ONE or not is_call(u, sympy.sign):
            continue
        scale, x = split_scale(operands(u)[0])
        others = t.factors[:place] + t.factors[place + 1 :]
        size = n.call(sympy.Abs, [x])
        for bare, made in ((x, size), (size, x)):
            rest = divide_by_term(n, others, bare, labels, t.out)
            if rest is not None:
                return product(
                    t.scale * sympy.sign(scale), [*rest, (made, labels, ONE)], t.out, dict(enumerate(t.sizes))
                )
        if any(v is size and i == labels and (f + 1).is_nonpositive for v, i, f in others):
            below = [*others, (size, labels, ONE), (x, labels, MINUS)]
            return product(t.scale * sympy.sign(scale), below, t.out, dict(enumerate(t.sizes)))
    return None


MASKS: tuple[Rewrite, ...] = (
    Procedure(
        (Sum,),
        "relu(x - y)/y + where(x > y, 1, 0) -> where(x > y, 1, 0)*x/y",
        "both are zero under one condition",
        _join_relu,
        frozenset([relu]),
    ),
    Procedure(
        (Sum,),
        "where(x > 0, y, 0) + log(x) -> y + log(x)",
        "neither is finite where x is not positive",
        _drop_mask_beside_log,
        frozenset([sympy.log]),
    ),
    Procedure(
        (Product,),
        "relu(x)*where(x > 0, y, 0) -> relu(x)*y",
        "one is zero where the other is",
        _drop_mask_beside_relu,
        frozenset([relu]),
    ),
    Procedure(
        (Product,),
        "x*where(x != 0, 1, 0) -> x",
        "one is zero where the other is",
        _drop_mask_beside_zero,
        frozenset([sympy.Piecewise]),
    ),
    Procedure((Product,), "x*sign(x) -> Abs(x)", "the size of a number", _take_in_sign, frozenset([sympy.sign])),
    Procedure((Product,), "x*step(x) -> relu(x)", "the textbook's name", _name_relu_of_masked, frozenset([step])),
)
