"""Rules of running products: those before and after an element."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import sympy

from tracer.terms.decomposition import factors_of
from tracer.terms.facts import is_nonzero
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import MINUS, ONE
from tracer.terms.record import (
    Call,
    Factor,
    Labels,
    Product,
    Sum,
    Term,
    add,
    axes_of,
    broadcast,
    call,
    is_call,
    is_one,
    number,
    operands,
    product,
    triangle,
)
from tracer.terms.rule import Procedure
from tracer.terms.shifts import divide_neighbours, is_running_beside, unshift

BEFORE, AFTER = (1, 0), (1, 1)
"""The parameters of a running product without the element itself, from the first on and from the last."""


def _divide_product(n: Normaliser, t: Product) -> Term | None:
    """``prod_before(x)*prod_after(x)/prod(x) -> 1/x``: neither side is finite where an element is zero."""
    for whole, batch, power in t.factors:
        if not is_call(whole, "reduce_prod") or not _is_negative(power):
            continue
        (x,) = operands(whole)
        before, after = (call("cumprod", [x], side) for side in (BEFORE, AFTER))
        for u, labels, e in t.factors:
            other = after, labels, ONE
            if u is not before or e is not ONE or labels[:-1] != batch or other not in t.factors:
                continue
            rest = [f for f in t.factors if f not in ((u, labels, e), other, (whole, batch, power))]
            made = [*rest, (whole, batch, power + 1), (x, labels, MINUS)]
            return product(t.scale, made, t.out, dict(enumerate(t.sizes)))
    return None


def _divide_all(n: Normaliser, t: Product) -> Term | None:
    """``prod_before(p)*prod_after(p) -> prod(p)/p`` where no element of p is zero."""
    for u, labels, e in t.factors:
        if not isinstance(u, Call) or u.head != "cumprod" or u.params != BEFORE or e is not ONE:
            continue
        (p,) = u.args
        other = call("cumprod", [p], AFTER), labels, ONE
        if other not in t.factors or not is_nonzero(p):
            continue
        rest = [f for f in t.factors if f not in ((u, labels, e), other)]
        whole = call("reduce_prod", [p], 1, p.shape[:-1])
        return product(t.scale, [*rest, (whole, labels[:-1], ONE), (p, labels, MINUS)], t.out, dict(enumerate(t.sizes)))
    return None


def _join_sides(n: Normaliser, t: Sum) -> Term | None:
    """The derivative of ``w.T @ (prod_before(x)*prod_after(x))``: ``prod(x)*(w.T @ (1/x) - w/x)/x``.

    By the rules for running products it is the sum of two recurrences, over the elements after each one and over those
    before; the one over those after, times the product of the elements before, is the sum of ``prod(x)*w[i]/(x[i]*x)``.
    """
    found: dict[tuple[sympy.Expr, Side], dict[bool, Term]] = {}
    for c, u in t.terms:
        for later, side in _read_sides(n, u):
            found.setdefault((c, side), {})[later] = u
    for (c, side), pair in found.items():
        if len(pair) == 2:
            rest = [(d, u) for d, u in t.terms if u not in pair.values()]
            return add([*rest, (c, side.everywhere), (-c, side.itself)])
    return None


class Side(NamedTuple):
    """What a sum over the elements before or after each one is, taken over all elements, and for the element itself."""

    everywhere: Term
    itself: Term


def _read_sides(n: Normaliser, t: Term) -> Iterator[tuple[bool, Side]]:
    """Recurrences beside running products, and whether they are those over the elements after each one."""
    scale, factors, out, sizes = factors_of(t)
    fresh = len(sizes)
    for place, (u, own, e) in enumerate(factors):
        if not isinstance(u, Call) or u.head != "recurrence" or e is not ONE:
            continue
        (a, b), later = u.args, bool(u.params)
        for other, (v, labels, power) in enumerate(factors):
            if not isinstance(v, Call) or v.head != "cumprod" or v.params != (1, int(not later)) or power is not ONE:
                continue
            (x,) = v.args
            if not is_running_beside(n, x, labels, own, a, later):
                continue
            axes = tuple(map(own.index, labels))
            weights = _read_weights(n, b, call("cumprod", [x], (1, int(later))), axes, later)
            if weights is None:
                continue
            beside = [f for k, f in enumerate(factors) if k not in (place, other)]
            beside += [(call("reduce_prod", [x], 1, x.shape[:-1]), labels[:-1], ONE), (x, labels, MINUS)]
            sums = []
            for end in (fresh, own[-1]):
                along = [(weights, (*own[:-1], end), ONE), (x, (*labels[:-1], end), MINUS)]
                sums.append(n.product(scale, [*beside, *along], out, dict(enumerate(sizes))))
            yield later, Side(*sums)


def _read_weights(n: Normaliser, b: Term, running: Term, axes: Labels, later: bool) -> Term | None:
    """What a running product is multiplied by in a term whose elements are one place away; None where it is not."""
    whole = unshift(n, b, later)
    if whole is None:
        return None
    scale, factors, out, sizes = factors_of(whole)
    rest = [f for f in factors if f != (running, tuple(out[k] for k in axes), ONE)]
    return None if len(rest) == len(factors) else n.product(scale, rest, out, dict(enumerate(sizes)))


def _sum_beside(n: Normaliser, t: Call) -> Term | None:
    """``y[i] = y[i+1]*p[i]/p[i+1] + b[i]``, p running sums or their reciprocals, as p times running sums of b/p."""
    a, b = t.args
    own, fresh, backwards = axes_of(t), len(t.shape), bool(t.params)
    *batch, last = own
    for s, axes in _read_sums(n, a):
        for e in (ONE, MINUS):
            if n.normal(broadcast(divide_neighbours(s, e, backwards), axes, t.shape)) is not a:
                continue
            sides = (fresh, last) if backwards else (last, fresh)
            beside: list[Factor] = [(triangle(t.shape[-1]), sides, ONE), (b, (*batch, fresh), ONE)]
            return product(ONE, [*beside, (s, axes, e), (s, (*axes[:-1], fresh), -e)], own)
    return None


def _read_sums(n: Normaliser, a: Term) -> Iterator[tuple[Term, Labels]]:
    """Running sums that divide coefficients one place away, and which axes of the coefficients are theirs."""
    _, factors, out, _ = factors_of(a)
    for u, labels, e in factors:
        if e is not MINUS or not isinstance(u, Product) or not {*labels[:-1]} <= {*out}:
            continue
        for place, (v, ends, power) in enumerate(u.factors):
            if is_call(v, "part") and operands(v)[0] is triangle(a.shape[-1]) and u.out[-1] in ends:
                whole: Factor = (operands(v)[0], ends, power)
                made = n.product(u.scale, [*u.factors[:place], whole, *u.factors[place + 1 :]], u.out)
                yield made, (*map(out.index, labels[:-1]), len(out) - 1)


def _take_only(n: Normaliser, t: Call) -> Term | None:
    """The product, the greatest or the least of one element is that; before it there is none, whose product is one."""
    (x,) = t.args
    if t.head == "cumprod":
        return (number(1, t.shape) if t.params[0] else x) if is_one(x.shape[-1]) else None
    if not all(map(is_one, x.shape[len(t.shape) :])):
        return None
    axes = axes_of(x)
    return product(ONE, [(x, axes, ONE)], axes[: len(t.shape)], dict(enumerate(x.shape)))


def _is_negative(e: sympy.Expr) -> bool:
    """Whether a power is negative, where an axis has more than one element if it depends on the size: ``1/n - 1``."""
    return bool(e.xreplace({size: size + 1 for size in e.free_symbols}).is_negative)


SCANS: tuple[Rewrite, ...] = (
    Procedure(
        ("cumprod", "reduce_max", "reduce_min", "reduce_prod"),
        "prod_rows(x) -> x",
        "of a row of one element it is that",
        _take_only,
    ),
    Procedure(
        (Product,),
        "prod_before(x)*prod_after(x)/prod(x) -> 1/x",
        "all other factors, divided by all",
        _divide_product,
        frozenset(["cumprod", "reduce_prod"]),
    ),
    Procedure(
        (Product,),
        "prod_before(p)*prod_after(p) -> prod(p)/p",
        "all factors, divided by one that is not zero",
        _divide_all,
        frozenset(["cumprod"]),
    ),
    Procedure(
        (Sum,),
        "d(prod_before(x)*prod_after(x)) -> prod(x)*(1/x @ (1/x).T - diag(1/x**2))",
        "the product rule, over all other factors",
        _join_sides,
        frozenset(["cumprod", "recurrence"]),
    ),
    Procedure(
        ("recurrence",),
        "y[i] = y[i+1]*p[i]/p[i+1] + b[i] -> p*revcumsum(b/p)",
        "y/p is a running sum, for running sums p and for their reciprocals",
        _sum_beside,
    ),
)
