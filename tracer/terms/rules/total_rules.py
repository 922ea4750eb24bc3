"""Rules of products with sums among their factors."""

from __future__ import annotations

import itertools
from typing import Any

import sympy

from tracer.terms.decomposition import factors_of, split_scale
from tracer.terms.expansion import collect_like, expand_sum
from tracer.terms.facts import is_positive
from tracer.terms.fractions import Base, is_below, is_product_of_elements, read_powers
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import ONE, ZERO
from tracer.terms.polynomials import is_geometric
from tracer.terms.product_terms import close_parts
from tracer.terms.record import Labels, Product, Sum, Term, add, is_call, operands, product
from tracer.terms.rule import Procedure
from tracer.terms.sum_terms import add_multiplied_out

SUMS = 6
"""How many sums a product may have where pairs of them are multiplied out."""


def _add_term_by_term(n: Normaliser, t: Product) -> Term | None:
    """``1.T @ (x - mean(x)) -> 0``: a sum that no other factor hinders, where it is shorter by that."""
    labels = [k for _, i, _ in t.factors for k in i]
    for place, (u, i, e) in enumerate(t.factors):
        if e is not ONE or not isinstance(u, Sum) or len(u.terms) > 4:
            continue
        alone = {k for k in i if k not in t.out and labels.count(k) == i.count(k)}
        if not alone:
            continue
        kept = tuple(k for k in i if k not in alone)
        rows = [(c, n.product(ONE, [(v, i, ONE)], kept)) for c, v in u.terms]
        total = add_multiplied_out(n, rows)
        if total.weight < u.weight or any(_is_contraction(v, w) for (_, v), (_, w) in zip(u.terms, rows)):
            rest = t.factors[:place] + t.factors[place + 1 :]
            return product(t.scale, [*rest, (total, kept, ONE)], t.out, dict(enumerate(t.sizes)))
    return None


def _is_contraction(elements: Term, total: Term) -> bool:
    """Whether the total of a product of elements is one of vectors or matrices: ``1.T @ (x*y)`` is ``x.T @ y``."""
    _, factors, out, _ = factors_of(total)
    count = sum(max(int(e), 1) if e.is_Integer else 1 for _, i, e in factors if set(i) - set(out))
    return count > 1 and is_product_of_elements(elements)


def _multiply_out_scalar(n: Normaliser, t: Product) -> Term | None:
    """``x.T @ (y + z) -> x.T @ y + x.T @ z`` where these are like terms: ``x.T @ (c*y + d*x)`` with ``d = x.T @ y``."""
    sums = [place for place, (u, _, _) in enumerate(t.factors) if isinstance(u, Sum)]
    if t.out or len(sums) != 1:
        return None
    u, i, e = t.factors[sums[0]]
    assert isinstance(u, Sum)
    if e is not ONE or not i or len(u.terms) > 4:
        return None
    rest = [f for place, f in enumerate(t.factors) if place != sums[0]]
    rows = [(c * t.scale, n.product(ONE, [*rest, (v, i, ONE)], ())) for c, v in u.terms]
    return add(rows) if len(collect_like(n, rows)) < len(rows) else None


def _clear_fractions(n: Normaliser, t: Product) -> Term | None:
    """``y*(x/y + z) -> x + y*z`` and ``1/(x/y + z) -> y/(x + y*z)``; under a root only for positive y."""
    if not any(isinstance(u, Sum) and _list_fractions(u, i) for u, i, _ in t.factors):
        return None
    t = close_parts(n, t)
    above = {(v, i) for v, i, d in t.factors if d.is_positive}
    for place, (u, labels, e) in enumerate(t.factors):
        if not isinstance(u, Sum) or not e.is_Rational or len(set(labels)) < len(labels):
            continue
        lowest = {
            base: d
            for base, d in _list_fractions(u, labels).items()
            if (is_below(e) or base in above) and (e.is_integer or is_positive(base[0]))
        }
        if not lowest:
            continue
        below = [(v, i, -d) for (v, i), d in lowest.items()]
        total = n.add([(c, n.product(ONE, [(v, labels, ONE), *below], labels)) for c, v in u.terms])
        rest = [f for k, f in enumerate(t.factors) if k != place]
        front = [(v, i, d * e) for (v, i), d in lowest.items()]
        return product(t.scale, [*rest, *front, (total, labels, e)], t.out, dict(enumerate(t.sizes)))
    return None


def _divide_summands(n: Normaliser, t: Product) -> Term | None:
    """``(x*y + z)/y -> x + z/y`` where that is no longer."""
    if not any(is_below(e) for _, _, e in t.factors):
        return None
    t = close_parts(n, t)
    below = [(v, i, e) for v, i, e in t.factors if is_below(e)]
    for place, (u, labels, e) in enumerate(t.factors):
        if not isinstance(u, Sum) or e is not ONE or len(u.terms) > 4 or len(set(labels)) < len(labels):
            continue
        for v, i, d in below:
            base = v, tuple(labels.index(k) for k in i if k in labels)
            if not any(read_powers(s).get(base, ZERO).is_positive for _, s in u.terms):
                continue
            rows = [(c, n.product(ONE, [(s, labels, ONE), (v, i, d)], labels)) for c, s in u.terms]
            total = add_multiplied_out(n, rows)
            rest = [f for k, f in enumerate(t.factors) if k != place and f[:2] != (v, i)]
            whole = product(t.scale, [*rest, (total, labels, ONE)], t.out, dict(enumerate(t.sizes)))
            if whole.weight <= t.weight:
                return whole
    return None


def _cancel_exponentials(n: Normaliser, t: Product) -> Term | None:
    """``exp(x)*(y*exp(-x) + z) -> y + z*exp(x)`` where that is shorter."""
    above = {core: (u, i) for u, i, _ in t.factors if (core := _read_exponent(u)) is not None}
    for place, (u, labels, e) in enumerate(t.factors):
        if e is not ONE or not isinstance(u, Sum) or len(u.terms) > 4:
            continue
        inside = {_read_exponent(v) for _, s in u.terms for v, _, _ in factors_of(s)[1]}
        for power in [power for core, power in above.items() if core in inside and power[1] == labels]:
            rows = [(c, n.product(ONE, [(s, labels, ONE), (*power, ONE)], labels)) for c, s in u.terms]
            rest = [f for k, f in enumerate(t.factors) if k != place and f[:2] != power]
            factors = [*rest, (add_multiplied_out(n, rows), labels, ONE)]
            whole = product(t.scale, factors, t.out, dict(enumerate(t.sizes)))
            if whole.weight < t.weight:
                return whole
    return None


def _read_exponent(t: Term) -> Term | None:
    """What an exponential is taken of, without the number in front; None for another term."""
    return split_scale(operands(t)[0])[1] if is_call(t, sympy.exp) else None


def _divide_sums(n: Normaliser, t: Product) -> Term | None:
    """``(x/y + 1)/(x + y) -> 1/y``: a sum is what another one is without its fraction."""
    sums = [(u, i, e) for u, i, e in t.factors if isinstance(u, Sum) and e.is_integer]
    for (u, labels, e), (w, i, d) in itertools.permutations(sums, 2):
        if labels != i or d != -e or len(u.terms) != len(w.terms):
            continue
        for (v, axes), f in _list_fractions(u, labels).items():
            ratios = set()
            for c, s in u.terms:
                scale, core = split_scale(n.product(c, [(s, labels, ONE), (v, axes, -f)], labels))
                ratios |= {scale / k for k, summand in w.terms if summand is core} or {ZERO}
            if len(ratios) == 1 and ZERO not in ratios:
                rest = [g for g in t.factors if g[:2] not in ((u, labels), (w, labels))]
                return product(t.scale * ratios.pop() ** e, [*rest, (v, axes, f * e)], t.out, dict(enumerate(t.sizes)))
    return None


def _list_fractions(u: Sum, labels: Labels) -> dict[Base, sympy.Expr]:
    """The factors that stand below summands, at the labels of the sum, with their lowest powers."""
    lowest: dict[Base, sympy.Expr] = {}
    for _, summand in u.terms:
        for (v, axes), d in read_powers(summand).items():
            if is_below(d):
                base = v, tuple(labels[p] for p in axes)
                lowest[base] = min(d, lowest.get(base, d))
    return lowest


def _multiply_out_sums(n: Normaliser, t: Product) -> Term | None:
    """``(x + y)*(x - y) -> x**2 - y**2`` where summands cancel and that is no longer, or is the sum of powers."""
    sums = [(u, i) for u, i, e in t.factors if isinstance(u, Sum) and e is ONE and len(u.terms) <= 4]
    for (u, i), (v, j) in itertools.combinations(sums, 2) if len(sums) <= SUMS else ():
        if i != j:
            continue
        first, second = (expand_sum(n, w) for w in (u, v))
        shared = first.keys() & second.keys()
        if not shared:
            continue
        rows = [
            (c * d, n.product(ONE, [(a, i, ONE), (b, i, ONE)], i)) for a, c in first.items() for b, d in second.items()
        ]
        like = collect_like(n, rows)
        total = None
        if is_geometric(like):
            total = n.add(rows)
        elif len(shared) > 1:
            total = add_multiplied_out(n, rows)
            total = total if total.weight <= u.weight + v.weight + 1 else None
        # The sum may be known to be this product.
        if total is not None and not {u, v} <= {w for w, _, _ in factors_of(total)[1]}:
            rest = [f for f in t.factors if f[:2] not in ((u, i), (v, j))]
            return product(t.scale, [*rest, (total, i, ONE)], t.out, dict(enumerate(t.sizes)))
    return None


NEEDS: frozenset[Any] = frozenset([Sum])

TOTALS: tuple[Rewrite, ...] = tuple(
    Procedure((Product,), name, why, rewrite, NEEDS.union(needs))
    for name, why, rewrite, *needs in (
        ("1.T @ (x - mean(x)) -> 0", "a total is taken term by term", _add_term_by_term),
        ("x.T @ (y + z) -> x.T @ y + x.T @ z", "like terms are added up", _multiply_out_scalar),
        ("(x + y)*(x - y) -> x**2 - y**2", "summands cancel", _multiply_out_sums),
        ("y*(x/y + z) -> x + y*z", "no fraction stands in a fraction", _clear_fractions),
        ("(x*y + z)/y -> x + z/y", "a fraction is cancelled", _divide_summands),
        ("exp(x)*(y*exp(-x) + z) -> y + z*exp(x)", "an exponential is cancelled", _cancel_exponentials, sympy.exp),
        ("(x/y + 1)/(x + y) -> 1/y", "a fraction is cancelled", _divide_sums),
    )
)
