"""Rules of what is declared of vectors: probabilities sum to one, and a unit vector has the norm one."""

from __future__ import annotations

from tracer.declarations import is_declared
from tracer.terms.decomposition import is_summed
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import ONE
from tracer.terms.record import Product, Source, Term, number, product
from tracer.terms.rule import Procedure


def _add_probabilities(n: Normaliser, t: Product) -> Term | None:
    """``P @ 1 -> 1`` where each row of P is declared to be probabilities."""
    return _sum_declared(t, "stochastic", 1)


def _square_unit(n: Normaliser, t: Product) -> Term | None:
    """``u.T @ u -> 1`` where u is declared to have the norm one."""
    return _sum_declared(t, "unit", 2)


def _sum_declared(t: Product, fact: str, exponent: int) -> Term | None:
    """A product without a power of a source that sums to one along its last axis, as a fact declared of it says."""
    for place, (u, labels, e) in enumerate(t.factors):
        if e == exponent and isinstance(u, Source) and is_declared(fact, u.assumptions) and is_summed(t, labels[-1], 1):
            rest = [*t.factors[:place], *t.factors[place + 1 :]]
            # Over the labels that no factor has it is summed as before.
            ones = number(1, u.shape[:-1])
            return product(t.scale, [*rest, (ones, labels[:-1], ONE)], t.out, dict(enumerate(t.sizes)))
    return None


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
