"""Expressions that differ by places alone, as one expression in an index: ``x[i], x[i + 1], x[i + 2] -> x[i + m]``."""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy.matrices.expressions.matexpr import MatrixExpr

from tracer.formulas.matrix.unevaluated import ARRAYS, from_parts
from tracer.series import ExprWithLimits

FEW, MANY = 3, 16
"""How many expressions are written as one."""


def interpolate(values: Sequence[sympy.Expr], at: sympy.Expr) -> sympy.Expr | None:
    """The expression that is the k-th of several where an index is k, numbers in it being linear in k; None for others.

    Examples
    --------
    >>> x, i, m = sympy.IndexedBase("x"), *sympy.symbols("i m", integer=True)
    >>> interpolate([x[i], x[i + 1], x[i + 2]], m)
    x[i + m]
    """
    first = values[0]
    if all(v == first for v in values):
        return first
    if all(not v.args or v.is_Add or v.is_Mul for v in values) and all(is_affine(v) for v in values):
        step = sympy.expand(values[1] - first)
        linear = step.is_Integer and all(sympy.expand(v - first) == k * step for k, v in enumerate(values))
        return first + step * at if linear else None
    if len({(type(v), len(v.args)) for v in values}) > 1 or isinstance(first, (MatrixExpr, *ARRAYS)):
        return None
    parts = []
    for group in zip(*map(_list_parts, values)):
        part = interpolate(group, at)
        if part is None:
            return None
        parts.append(part)
    return from_parts(type(first), parts) if parts else None


def _list_parts(e: sympy.Expr) -> list[sympy.Basic]:
    """The parts of an expression; factors in an order that does not depend on places."""
    return sorted(e.args, key=_list_sources) if e.is_Mul else list(e.args)


def _list_sources(e: sympy.Basic) -> tuple[str, list[str]]:
    """The kind of an expression, and the sources in it."""
    return type(e).__name__, sorted(map(str, e.atoms(sympy.IndexedBase)))


def is_affine(e: sympy.Expr) -> bool:
    """Whether an expression is made of integers and indices."""
    return all(
        x.is_Integer or (isinstance(x, sympy.Symbol) and x.is_integer)
        for x in sympy.preorder_traversal(e)
        if not x.args
    )


def join_steps(summands: Sequence[sympy.Expr], at: sympy.Symbol) -> sympy.Expr | None:
    """The summand in an index of a sum of which all summands differ by places alone; None of others."""
    if not FEW <= len(summands) <= MANY:
        return None
    bound = [limit[0] for limit in getattr(summands[0], "limits", ())]
    alike = [_rename(s, bound) for s in summands]
    return interpolate(sorted(alike, key=_list_places), at)


def _rename(e: sympy.Expr, names: Sequence[sympy.Symbol]) -> sympy.Expr:
    """A sum over indices with other names for them."""
    if not isinstance(e, ExprWithLimits) or len(e.limits) != len(names):
        return e
    return e.xreplace({limit[0]: name for limit, name in zip(e.limits, names)})


def _list_places(e: sympy.Expr) -> list[int]:
    """The numbers in the indices of the elements in an expression."""
    found = [x for x in sympy.preorder_traversal(e) if isinstance(x, sympy.Indexed)]
    return [int(c) for x in found for k in x.indices for c in [k.as_coeff_Add()[0]] if c.is_Integer]


def join_remainder(place: sympy.Expr) -> sympy.Expr:
    """A place that is told by the row where it stands and how far in it, as one number.

    Examples
    --------
    >>> i, j, n = sympy.symbols("i j n", integer=True)
    >>> join_remainder(n * sympy.floor(i / n) + sympy.Mod(i, n)), join_remainder(2 * sympy.floor(i / 2) + j)
    (i, j + 2*floor(i/2))
    """
    terms = place.as_coefficients_dict() if place.is_Add else {}
    for term, c in terms.items():
        if isinstance(term, sympy.Mod):
            whole, size = term.args
            row = c * size * sympy.floor(whole / size)
            if sympy.Add(*(d * u for u, d in terms.items() if u.has(sympy.floor))) == row:
                return place - row + c * (whole - term)
    return place
