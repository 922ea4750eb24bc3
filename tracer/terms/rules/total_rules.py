"""Rules of sums over labels."""

from __future__ import annotations

from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import ONE
from tracer.terms.record import Product, Sum, Term, product
from tracer.terms.rule import Procedure


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
        total = n.add([(c, n.product(ONE, [(v, i, ONE)], kept)) for c, v in u.terms])
        if total.weight < u.weight:
            rest = t.factors[:place] + t.factors[place + 1 :]
            return product(t.scale, [*rest, (total, kept, ONE)], t.out, dict(enumerate(t.sizes)))
    return None


TOTALS: tuple[Rewrite, ...] = (
    Procedure((Product,), "1.T @ (x - mean(x)) -> 0", "a total is taken term by term", _add_term_by_term),
)
