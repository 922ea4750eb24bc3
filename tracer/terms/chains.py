"""Products of square matrices in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tracer.terms.decomposition import is_summed
from tracer.terms.numbers import ONE
from tracer.terms.record import Labels, Product, Term, product


class Link(NamedTuple):
    """A factor of a product of square matrices, and whether it is transposed in it."""

    term: Term
    turned: bool


def read_chain(term: Term) -> list[Link] | None:
    """The square factors of a matrix product in order."""
    if not isinstance(term, Product) or term.scale is not ONE or len(term.factors) < 2 or len(term.out) != 2:
        return None
    if any(u.shape != 2 * u.shape[:1] or e is not ONE for u, _, e in term.factors):
        return None
    rest = list(term.factors)
    chain: list[Link] = []
    here, last = term.out
    while rest:
        touching = [f for f in rest if here in f[1]]
        if len(touching) != 1:
            return None
        t, i, _ = touching[0]
        rest.remove(touching[0])
        chain.append(Link(t, i[0] != here))
        here = i[1] if i[0] == here else i[0]
    return chain if here == last else None


def multiply_chain(chain: Sequence[Link]) -> Term:
    """The product of square matrices in order."""
    factors = [(link.term, (k + 1, k) if link.turned else (k, k + 1), ONE) for k, link in enumerate(chain)]
    return product(ONE, factors, (0, len(chain)))


def joins(t: Product, k: int, labels: Labels) -> bool:
    """Whether a label joins a factor with labels and one other factor, and nothing else."""
    return k in labels and is_summed(t, k, 2)
