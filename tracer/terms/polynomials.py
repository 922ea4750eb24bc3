"""Sums as polynomials in their factors of elements: ``x**2 + 3*x*y + 2*y**2`` is ``(x + y)*(x + 2*y)``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import sympy

from tracer.shapes import Shape
from tracer.terms.decomposition import factors_of
from tracer.terms.facts import facts_of
from tracer.terms.fractions import Base, read_powers
from tracer.terms.numbers import ONE, ZERO
from tracer.terms.record import Call, Factor, Term, constant_value, product

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser

SUMMANDS, BASES, DEGREE = 8, 4, 4
"""How many summands, factors, and what powers of them a polynomial may have, to be written as a product."""


def is_geometric(rows: Mapping[Term, sympy.Expr]) -> bool:
    """Whether a sum is that of the powers of one factor, from none on, all times one number or its negative.

    Such a sum stays as it is, as a series is written: ``1 + x + x**2 + x**3``, and not ``(1 + x)*(1 + x**2)``.
    """
    if len(rows) < 3 or len({abs(factors_of(t)[0] * c) for t, c in rows.items()}) > 1:
        return False
    found: set[sympy.Expr] = set()
    bases: set[Base] = set()
    for t in rows:
        powers = read_powers(t)
        if len(powers) > 1 or len(powers) < len(factors_of(t)[1]):
            return False
        bases |= powers.keys()
        found |= set(powers.values()) or {ZERO}
    if any(isinstance(u, Call) and facts_of(u.head).complement for u, _ in bases):
        return False  # What a probability leaves of one has a name: ``p - p**2`` is ``p*q``.
    return len(bases) == 1 and found == set(range(len(rows)))


def factor_polynomial(
    n: Normaliser,
    rows: Mapping[Term, sympy.Expr],
    shape: Shape,
    total: Callable[[Iterable[tuple[Any, Term]]], Term],
) -> Term | None:
    """A sum as a product of sums, or as a power of one; None where it is neither."""
    found = _read_polynomial(rows)
    if found is None:
        return None
    symbols, polynomial = found
    n.spend(10 * len(rows))
    content, parts = polynomial.factor_list()
    if sum(len(p.terms()) > 1 for p, _ in parts) < 2 and all(k == 1 for _, k in parts):
        return None
    axes = tuple(range(len(shape)))
    sizes = dict(enumerate(shape))

    def multiply(powers: Iterable[int]) -> Term:
        factors: list[Factor] = [(u, i, sympy.Integer(k)) for (u, i), k in zip(symbols, powers)]
        return n.product(ONE, factors, axes, sizes)

    sums = [(total([(c, multiply(powers)) for powers, c in p.terms()]), axes, sympy.Integer(k)) for p, k in parts]
    return product(content, sums, axes, sizes)  # A form that is tried: its normal form may need that of the sum.


def _read_polynomial(rows: Mapping[Term, sympy.Expr]) -> tuple[list[Base], sympy.Poly] | None:
    """The factors of a sum as the symbols of a polynomial, if there is a higher power, and three summands at least."""
    if not 3 <= len(rows) <= SUMMANDS:
        return None
    powers = {t: read_powers(t) for t in rows}
    order: dict[Base, None] = {}
    for t, row in powers.items():
        scale, factors, _, _ = factors_of(t)
        bare = constant_value(t) is not None
        if not bare and (len(row) < len(factors) or not row):
            return None
        if not (scale * rows[t]).is_Rational or not all(e.is_Integer and 0 < e <= DEGREE for e in row.values()):
            return None
        order |= dict.fromkeys(row)
    symbols = sorted(order, key=lambda base: (base[0].order, base[1]))
    if len(symbols) > BASES or all(e is ONE for row in powers.values() for e in row.values()):
        return None
    terms = {tuple(int(row.get(base, 0)) for base in symbols): factors_of(t)[0] * rows[t] for t, row in powers.items()}
    names = sympy.symbols(f"t:{len(symbols)}")
    return symbols, sympy.Poly(terms, *names, domain="QQ")
