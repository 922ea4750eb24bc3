"""Fractions in sums: which powers summands have of what they share.

``1/(1 + x) - x/(1 + x)**2`` is ``1/(1 + x)**2``: with the lowest power of ``1 + x`` in front, the summands are
``1 + x`` and ``-x``, of which a part cancels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import sympy

from tracer.terms.decomposition import factors_of
from tracer.terms.numbers import ONE, ZERO
from tracer.terms.record import Labels, Term, constant_value

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser

Base = tuple[Term, Labels]
"""A factor of elements, and the axes of the result that it has."""

Powers = dict[Base, sympy.Expr]

BASES = 3
"""How many denominators are tried."""


def read_powers(t: Term) -> Powers:
    """The powers of the factors of elements in a product: ``x/y**2 -> {x: 1, y: -2}``."""
    _, factors, out, _ = factors_of(t)
    if len(set(out)) < len(out):
        return {}
    found: Powers = {}
    for u, labels, e in factors:
        if set(labels) <= set(out) and constant_value(u) is None:
            found[u, tuple(map(out.index, labels))] = e
    return found


def is_product_of_elements(t: Term) -> bool:
    """Whether all factors of a term are factors of elements."""
    return len(read_powers(t)) == len(factors_of(t)[1])


def has_fraction(t: Term) -> bool:
    """Whether a product has a factor of a negative power."""
    return any(is_below(e) for _, _, e in factors_of(t)[1])


def is_below(e: sympy.Expr) -> bool:
    """Whether a power is negative."""
    return bool(e.is_Rational and e.p < 0)


def list_denominators(rows: Mapping[Term, sympy.Expr]) -> list[tuple[Base, sympy.Expr]]:
    """The factors that summands have in different powers, one of them below, each with its lowest power."""
    if not any(map(has_fraction, rows)):
        return []
    powers = [read_powers(t) for t in rows]
    found = []
    for base in dict.fromkeys(base for row in powers for base, e in row.items() if is_below(e)):
        own = [row.get(base, ZERO) for row in powers]
        lowest = min(own)
        if any(e != lowest for e in own) and all((e - lowest).is_integer for e in own):
            found.append((base, lowest))
    return found[:BASES]


def multiply_by_power(n: Normaliser, t: Term, base: Base, power: sympy.Expr) -> Term:
    """A term times a power of a factor of elements."""
    axes = tuple(range(len(t.shape)))
    u, labels = base
    return n.product(ONE, [(t, axes, ONE), (u, labels, power)], axes, dict(enumerate(t.shape)))
