"""Rules of quotients of sums that are polynomials, as they are with ``1 - sigmoid(x)`` for ``sigmoid(-x)``."""

from __future__ import annotations

from typing import NamedTuple

import sympy

from tracer.terms.decomposition import factors_of
from tracer.terms.facts import facts_of
from tracer.terms.fractions import Base, is_product_of_elements, read_powers
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import ONE
from tracer.terms.record import Call, Factor, Product, Sum, Term, axes_of, is_call, number, product, scaled
from tracer.terms.rule import Procedure

SUMMANDS, DEGREE = 4, 4
"""How many summands each sum has at the most, and what powers of its factors."""


class Symbols(NamedTuple):
    """The factors that polynomials are of, each with the value of its function at the opposite place."""

    names: dict[Base, sympy.Expr]
    bases: dict[sympy.Expr, Base]

    def read(self, n: Normaliser, base: Base) -> sympy.Expr:
        """A factor as a symbol, or as one minus that of another, or the negative of that."""
        if base in self.names:
            return self.names[base]
        name = self.names[base] = sympy.Dummy()
        self.bases[name] = base
        u, labels = base
        facts = facts_of(u.head) if isinstance(u, Call) else None
        if isinstance(u, Call) and facts is not None and (facts.complement or facts.odd):
            opposite = n.call(u.head, [scaled(-1, u.args[0])])
            if is_call(opposite, u.head):
                self.names[opposite, labels] = 1 - name if facts.complement else -name
        return name


def _divide_sums(n: Normaliser, t: Product) -> Term | None:
    """``(x**2 - y**2)/(x - y) -> x + y``, and ``1 - x - y`` for ``(x*(1 - x) - y*(1 - y))/(x - y)``."""
    above = [f for f in t.factors if isinstance(f[0], Sum) and f[2] is ONE]
    below = [f for f in t.factors if isinstance(f[0], Sum) and f[2] == -1]
    for over, under in ((f, g) for f in above for g in below if f[1] == g[1]):
        symbols = Symbols({}, {})
        divisor, divided = (_read_polynomial(n, f[0], symbols) for f in (under, over))
        if divisor is None or divided is None:
            continue
        n.spend(10)
        quotient, rest = sympy.div(sympy.Poly(divided, *symbols.bases), sympy.Poly(divisor, *symbols.bases))
        if not rest.is_zero:
            continue
        made = _write_polynomial(n, quotient, symbols, over[0])
        if made.weight < over[0].weight + under[0].weight:
            factors = [f for f in t.factors if f not in (over, under)]
            return product(t.scale, [*factors, (made, over[1], ONE)], t.out, dict(enumerate(t.sizes)))
    return None


def _read_polynomial(n: Normaliser, t: Term, symbols: Symbols) -> sympy.Expr | None:
    """A sum as a polynomial in the factors of its summands; None where it is none, or a long one."""
    if not isinstance(t, Sum) or len(t.terms) > SUMMANDS:
        return None
    total = sympy.S.Zero
    for c, u in t.terms:
        powers = read_powers(u)
        scale = factors_of(u)[0] * c
        if not is_product_of_elements(u) or not scale.is_Rational:
            return None
        if not all(e.is_Integer and 0 < e <= DEGREE for e in powers.values()):
            return None
        total += scale * sympy.Mul(*(symbols.read(n, base) ** e for base, e in powers.items()))
    return total


def _write_polynomial(n: Normaliser, polynomial: sympy.Poly, symbols: Symbols, like: Term) -> Term:
    """A polynomial as a sum with the axes of a term."""
    sizes = dict(enumerate(like.shape))
    rows = []
    for powers, c in polynomial.terms():
        factors: list[Factor] = [(*symbols.bases[s], sympy.Integer(k)) for s, k in zip(polynomial.gens, powers) if k]
        one = number(1, like.shape)
        rows.append((c, n.product(ONE, factors, axes_of(like), sizes) if factors else one))
    return n.add(rows)


QUOTIENTS: tuple[Rewrite, ...] = (
    Procedure(
        (Product,),
        "(x**2 - y**2)/(x - y) -> x + y",
        "what a sum is divided by is a factor of it",
        _divide_sums,
        frozenset([Sum]),
    ),
)
