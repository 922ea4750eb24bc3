"""Products, powers and sums of elements, left as they are."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from tracer.formulas.matrix import bodies
from tracer.formulas.matrix.bodies import piecewise
from tracer.formulas.matrix.constructors import join_roots


def choose_within(value: sympy.Expr, bounds: Sequence[sympy.Basic]) -> sympy.Expr:
    """A value where all conditions hold, zero elsewhere."""
    if not bounds:
        return value
    within = sympy.And(*bounds, evaluate=False) if len(bounds) > 1 else bounds[0]
    return piecewise([(value, within), (sympy.S.Zero, sympy.true)])


def multiply(*factors: sympy.Expr) -> sympy.Expr:
    """A product, not evaluated, without factors that are one; zero if a factor is."""
    rest = [g for f in factors if f != 1 for g in (join_roots(f) if f.is_number and f.is_Mul else [f])]
    if any(f == 0 for f in rest):
        return sympy.S.Zero
    return sympy.Mul(*rest, evaluate=False) if len(rest) > 1 else rest[0] if rest else sympy.S.One


def raise_element(value: sympy.Expr, e: sympy.Expr) -> sympy.Expr:
    """A power, not evaluated."""
    return value if e == 1 else sympy.Pow(value, e, evaluate=False)


def sum_over(body: sympy.Expr, limits: Sequence[tuple[sympy.Expr, ...]]) -> sympy.Expr:
    """A sum, not evaluated: sympy's constructor would take branches out of inner sums, away from their indices."""
    return sympy.Expr.__new__(bodies.Sum, body, *(sympy.Tuple(*row) for row in limits))
