"""Rules of what is declared of vectors: probabilities sum to one, and a unit vector has the norm one."""

from __future__ import annotations

from tracer.declarations import is_declared
from tracer.terms.decomposition import is_summed
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import ONE
from tracer.terms.record import Product, Source, Term, product
from tracer.terms.rule import Procedure


def _add_probabilities(n: Normaliser, t: Product) -> Term | None:
    """``P @ 1 -> 1`` where each row of P is declared to be probabilities."""
    for place, (u, labels, e) in enumerate(t.factors):
        if e is ONE and _has_declared(u, "stochastic") and is_summed(t, labels[-1], 1):
            return _without(t, {place})
    return None


def _square_unit(n: Normaliser, t: Product) -> Term | None:
    """``u.T @ u -> 1`` where u is declared to have the norm one."""
    seen: dict[object, int] = {}
    for place, (u, labels, e) in enumerate(t.factors):
        if not _has_declared(u, "unit"):
            continue
        if e == 2 and is_summed(t, labels[-1], 1):
            return _without(t, {place})
        other = seen.setdefault((u, labels), place)
        if other != place and e is ONE and t.factors[other][2] is ONE and is_summed(t, labels[-1], 2):
            return _without(t, {place, other})
    return None


def _has_declared(u: Term, fact: str) -> bool:
    return isinstance(u, Source) and is_declared(fact, u.assumptions)


def _without(t: Product, places: set[int]) -> Term:
    """A product without some factors, their last label gone: over the others it is summed as before."""
    gone = {t.factors[place][1][-1] for place in places}
    rest = [f for place, f in enumerate(t.factors) if place not in places]
    left = {k for place in places for k in t.factors[place][1]} - gone - {k for _, i, _ in rest for k in i} - {*t.out}
    scale = t.scale
    for k in sorted(left):
        scale *= t.sizes[k]
    return product(scale, rest, t.out, dict(enumerate(t.sizes)))


DECLARED: tuple[Rewrite, ...] = (
    Procedure(
        (Product,),
        "P @ 1 -> 1",
        "declared to be probabilities",
        _add_probabilities,
        frozenset(["stochastic"]),
    ),
    Procedure((Product,), "u.T @ u -> 1", "declared to be a unit vector", _square_unit, frozenset(["unit"])),
)
