"""Rules of masks beside what is zero where they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import sympy

from tracer.scalar import relu, step
from tracer.terms.choices import as_choice
from tracer.terms.decomposition import factors_of, split_scale
from tracer.terms.facts import is_total, is_total_power
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
    call,
    is_call,
    is_zero,
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
    if not is_call(mask.condition, sympy.Gt):
        return False
    a, b = operands(mask.condition) if mask.holds else operands(mask.condition)[::-1]
    if not is_zero(b) or not (is_total(mask.value) or _is_apart(a, mask.value)):
        return False
    return any(is_call(u, relu) and operands(u)[0] is a and i == mask.labels and e.is_positive for u, i, e in factors)


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
