"""The signs of polynomials, and of quotients of them, as bounds of their variable: ``x/(x - 1) < 0`` is 0 < x < 1."""

from __future__ import annotations

import itertools

import sympy
from sympy import And, Expr, Ne, Or
from sympy.logic.boolalg import Boolean
from sympy.polys.polyerrors import PolynomialError

HIGHEST = 8
"""Up to this degree roots are looked for."""

MANY = 3
"""So many roots are stated at the most."""


def open_polynomial(expr: Expr, op: str) -> Boolean | None:
    """The relation of a polynomial, or a quotient of polynomials, of one variable with zero.

    Parameters
    ----------
    expr : Expr
    op : str
        One of ``>``, ``>=``, ``<``, ``<=`` and ``!=``.

    Returns
    -------
    Boolean or None
        Given that no divisor is zero. None where few rational roots do not tell it.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> open_polynomial(x**2 - 2 * x + 2, ">"), open_polynomial(x**2 - 3 * x + 2, "<=")
    (True, (x >= 1) & (x <= 2))
    >>> open_polynomial(x / (x - 1), "<"), open_polynomial(x**2 - 2 * x + 1, ">")
    ((x > 0) & (x < 1), Ne(x, 1))
    """
    if expr.is_Atom or not expr.has(sympy.Pow):
        return None
    roots: dict[Expr, int] = {}
    poles = set()
    sign = 1
    variable = None
    for part, times in zip(expr.as_numer_denom(), (1, -1), strict=True):
        if not part.free_symbols:
            sign *= -1 if part.is_negative else 1
            continue
        try:
            polynomial = sympy.Poly(part)
        except PolynomialError:
            return None
        if len(polynomial.gens) != 1 or variable not in (None, polynomial.gen) or polynomial.degree() > HIGHEST:
            return None
        variable = polynomial.gen
        if not variable.is_real or not (polynomial.get_domain().is_QQ or polynomial.get_domain().is_ZZ):
            return None
        scale, factors = polynomial.factor_list()
        sign *= -1 if scale < 0 else 1
        for factor, power in factors:
            if factor.degree() > 1:
                if factor.count_roots():
                    return None
                sign *= -1 if factor.LC() < 0 and power % 2 else 1
                continue
            slope, shift = factor.all_coeffs()
            sign *= -1 if slope < 0 and power % 2 else 1
            roots[-shift / slope] = roots.get(-shift / slope, 0) + power
            poles |= {-shift / slope} if times < 0 else set()
    if variable is None or len(roots) > MANY:
        return None
    return _state_sign(variable, roots, poles, sign, op)


def _state_sign(x: Expr, roots: dict[Expr, int], poles: set[Expr], sign: int, op: str) -> Boolean:
    """The relation with zero of a function that is ``sign`` beyond its roots, which have multiplicities."""
    zeros = sorted(r for r in roots if r not in poles)
    if op == "!=":
        return And(*(Ne(x, r) for r in zeros))
    edges = sorted(r for r, times in roots.items() if times % 2)
    wanted = 1 if op[0] == ">" else -1
    found = []
    for k, (low, high) in enumerate(itertools.pairwise([None, *edges, None])):
        if sign * (-1) ** (len(edges) - k) != wanted:
            continue
        parts = [] if low is None else [x > low]
        found.append(And(*parts, *([] if high is None else [x < high])))
    touched = [r for r in zeros if r not in edges]
    if op in (">", "<"):
        return And(Or(*found), *(Ne(x, r) for r in touched))
    closed = {x > r: x >= r for r in zeros} | {x < r: x <= r for r in zeros}
    return Or(*(part.xreplace(closed) for part in found), *(sympy.Eq(x, r) for r in touched))
