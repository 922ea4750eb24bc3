"""Rules of products with sums among their factors."""

from __future__ import annotations

import itertools

import sympy

from tracer.terms.fractions import is_below, read_powers
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import ONE
from tracer.terms.record import Labels, Product, Sum, Term, add, product
from tracer.terms.rule import Procedure
from tracer.terms.sum_terms import add_multiplied_out, collect_like

SUMS = 6
"""How many sums a product may have where pairs of them are multiplied out."""


def _add_term_by_term(n: Normaliser, t: Product) -> Term | None:
    """``1.T @ (x - mean(x)) -> 0``: a sum that no other factor hinders, where it is shorter by that."""
    labels = [k for _, i, _ in t.factors for k in i]
    for place, (u, i, e) in enumerate(t.factors):
        if e != 1 or not isinstance(u, Sum) or len(u.terms) > 4 or len(set(i)) < len(i):
            continue
        alone = [k for k in i if k not in t.out and labels.count(k) == 1]
        if not alone:
            continue
        kept = tuple(k for k in i if k not in alone)
        total = add_multiplied_out(n, [(c, n.product(ONE, [(v, i, ONE)], kept)) for c, v in u.terms])
        if total.weight < u.weight:
            rest = t.factors[:place] + t.factors[place + 1 :]
            return product(t.scale, [*rest, (total, kept, ONE)], t.out, dict(enumerate(t.sizes)))
    return None


def _multiply_out_scalar(n: Normaliser, t: Product) -> Term | None:
    """``x.T @ (y + z) -> x.T @ y + x.T @ z`` where these are like terms: ``x.T @ (c*y + d*x)`` with ``d = x.T @ y``."""
    sums = [place for place, (u, _, _) in enumerate(t.factors) if isinstance(u, Sum)]
    if t.out or len(sums) != 1:
        return None
    u, i, e = t.factors[sums[0]]
    if e != 1 or not i or not isinstance(u, Sum) or len(u.terms) > 4:
        return None
    rest = [f for place, f in enumerate(t.factors) if place != sums[0]]
    rows = [(c * t.scale, n.product(ONE, [*rest, (v, i, ONE)], ())) for c, v in u.terms]
    return add(rows) if len(collect_like(n, rows)) < len(rows) else None


def _clear_fractions(n: Normaliser, t: Product) -> Term | None:
    """``y*(x/y + z) -> x + y*z`` and ``1/(x/y + z) -> y/(x + y*z)``."""
    for place, (u, labels, e) in enumerate(t.factors):
        if not isinstance(u, Sum) or not e.is_Rational or len(set(labels)) < len(labels):
            continue
        above = {(v, i) for v, i, d in t.factors if d.is_positive}
        lowest: dict[tuple[Term, Labels], sympy.Expr] = {}
        for _, summand in u.terms:
            for (v, axes), d in read_powers(summand).items():
                base = v, tuple(labels[p] for p in axes)
                if is_below(d) and (is_below(e) or base in above):
                    lowest[base] = min(d, lowest.get(base, d))
        if not lowest:
            continue
        below = [(v, i, -d) for (v, i), d in lowest.items()]
        total = n.add([(c, n.product(ONE, [(v, labels, ONE), *below], labels)) for c, v in u.terms])
        rest = [f for k, f in enumerate(t.factors) if k != place]
        front = [(v, i, d * e) for (v, i), d in lowest.items()]
        return product(t.scale, [*rest, *front, (total, labels, e)], t.out, dict(enumerate(t.sizes)))
    return None


def _multiply_out_sums(n: Normaliser, t: Product) -> Term | None:
    """``(x + y)*(x - y) -> x**2 - y**2`` where summands cancel and that is no longer."""
    sums = [(u, i) for u, i, e in t.factors if isinstance(u, Sum) and e == 1 and len(u.terms) <= 4]
    for (u, i), (v, j) in itertools.combinations(sums, 2) if len(sums) <= SUMS else ():
        if i != j or len(set(i)) < len(i) or len({a for _, a in u.terms} & {b for _, b in v.terms}) < 2:
            continue
        rows = [(c * d, n.product(ONE, [(a, i, ONE), (b, i, ONE)], i)) for c, a in u.terms for d, b in v.terms]
        total = add_multiplied_out(n, rows) if len(collect_like(n, rows)) < len(rows) else None
        if total is not None and total.weight <= u.weight + v.weight + 1:
            rest = [f for f in t.factors if f[:2] not in ((u, i), (v, j))]
            return product(t.scale, [*rest, (total, i, ONE)], t.out, dict(enumerate(t.sizes)))
    return None


NEEDS: frozenset[type[Term]] = frozenset([Sum])

TOTALS: tuple[Rewrite, ...] = tuple(
    Procedure((Product,), name, why, rewrite, NEEDS)
    for name, why, rewrite in (
        ("1.T @ (x - mean(x)) -> 0", "a total is taken term by term", _add_term_by_term),
        ("x.T @ (y + z) -> x.T @ y + x.T @ z", "like terms are added up", _multiply_out_scalar),
        ("(x + y)*(x - y) -> x**2 - y**2", "summands cancel", _multiply_out_sums),
        ("y*(x/y + z) -> x + y*z", "no fraction stands in a fraction", _clear_fractions),
    )
)
