"""Products, powers and sums of elements, left as they are."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from tracer.formulas.matrix import bodies
from tracer.formulas.matrix.bodies import piecewise
from tracer.formulas.matrix.constructors import join_roots
from tracer.formulas.matrix.unevaluated import copier

SMALL = 64
"""How many places an index has whose digits are looked for."""


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
    """A sum, not evaluated: sympy's constructor would take branches out of inner sums, away from their indices.

    Quotients of indices that are zero are left out in the places of elements: ``floor(k/2)`` of a k below two.
    """
    small = [row for row in limits if row[1] == 0 and sympy.sympify(row[2]).is_Integer and row[2] < SMALL]
    if small and (digits := _find_digits(body, small)):
        places = {x: x.func(x.base, *(k.xreplace(digits) for k in x.indices)) for x in body.atoms(sympy.Indexed)}
        body = copier(body, {x: at for at, x in enumerate(places)})([*places.values()])
    return sympy.Expr.__new__(bodies.Sum, body, *(sympy.Tuple(*row) for row in limits))


def _find_digits(body: sympy.Expr, limits: Sequence[tuple[sympy.Expr, ...]]) -> dict[sympy.Basic, sympy.Expr]:
    """What quotients and rests of indices are that are below what they are divided by."""
    last = {row[0]: row[2] for row in limits}
    found: dict[sympy.Basic, sympy.Expr] = {}
    for e in body.atoms(sympy.floor, sympy.Mod):
        k, size = e.args if isinstance(e, sympy.Mod) else _split_quotient(e.args[0])
        if k in last and size.is_Integer and last[k] < size:
            found[e] = k if isinstance(e, sympy.Mod) else sympy.S.Zero
    return found


def _split_quotient(e: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """What is divided by a number, and the number."""
    number, rest = e.as_coeff_Mul()
    return rest, 1 / number


def sum_apart(
    factors: Sequence[sympy.Expr], limits: Sequence[tuple[sympy.Expr, ...]], within: Sequence[sympy.Basic] = ()
) -> list[sympy.Expr]:
    """The factors of a sum of a product: those without an index of it, and a sum over all indices that hang together.

    Where conditions hold within the sum, all indices hang together.

    Examples
    --------
    >>> x, y = sympy.IndexedBase("x"), sympy.IndexedBase("y")
    >>> i, j, k = sympy.symbols("i j k", integer=True)
    >>> sum_apart([x[i], x[j], y[k]], [(j, 0, i), (k, 0, 3)])
    [x[i], Sum(x[j], (j, 0, i)), Sum(y[k], (k, 0, 3))]
    """
    indices = {row[0] for row in limits}
    front = [f for f in factors if indices.isdisjoint(f.free_symbols)]
    rest = [f for f in factors if f not in front]
    if not rest:
        return [sum_over(choose_within(multiply(*factors), within), limits)]
    blocks: list[set[sympy.Basic]] = []
    linked = [{k, *sympy.sympify(end).free_symbols} for k, *ends in limits for end in ends]
    linked += [set(f.free_symbols) for f in rest] + ([indices] if within else [])
    for symbols in linked:
        met = [b for b in blocks if not b.isdisjoint(symbols)]
        blocks = [b for b in blocks if b not in met] + [symbols.intersection(indices).union(*met)]
    for block in sorted(filter(None, blocks), key=lambda b: min(n for n, row in enumerate(limits) if row[0] in b)):
        body = multiply(*(f for f in rest if not block.isdisjoint(f.free_symbols)))
        front.append(sum_over(choose_within(body, within), [row for row in limits if row[0] in block]))
    return front
