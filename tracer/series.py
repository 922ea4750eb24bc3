"""Sums, products and integrals over an index of their own, as functions of what stands in them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import lru_cache

import sympy
from sympy.concrete.expr_with_limits import ExprWithLimits as ExprWithLimits


@lru_cache(maxsize=256)
def head(expr: sympy.Expr, arguments: tuple[sympy.Symbol, ...]) -> type[sympy.Function]:
    """The expression as a function of symbols in it, in the shape of a sympy class: called by its values."""

    def new(cls: type[sympy.Function], *values: sympy.Expr, evaluate: bool = True) -> sympy.Expr:
        return substitute(expr, dict(zip(arguments, values)))

    return type(str(expr), (), {"__new__": new, "__module__": type(expr).__module__})


def substitute(expr: sympy.Basic, values: Mapping[sympy.Basic, sympy.Basic]) -> sympy.Basic:
    """An expression with values for symbols; an index that is called as one of them gets another letter.

    Examples
    --------
    >>> i, x = sympy.symbols("i x")
    >>> substitute(sympy.Sum(x**i, (i, 0, 4)), {x: i})
    Sum(i**k, (k, 0, 4))
    """
    if not expr.has(ExprWithLimits):
        return expr.xreplace(values)
    taken = {s.name for v in values.values() for s in sympy.sympify(v).free_symbols}
    taken |= {s.name for s in (*expr.free_symbols, *values)}
    letters = itertools.chain("kjlpq", (f"k{n}" for n in itertools.count(1)))
    fresh = (n for n in letters if n not in taken)

    def renamed(e: sympy.Basic) -> sympy.Basic:
        indices = [limit[0] for limit in e.limits if limit[0].name in taken]
        return e.xreplace({i: sympy.Symbol(next(fresh), **i.assumptions0) for i in indices})

    return expr.replace(lambda e: isinstance(e, ExprWithLimits), renamed).xreplace(values)


def tidy(expr: sympy.Expr) -> sympy.Expr:
    """A derivative of sums and products, with ``k*x**(k - 1)`` for ``k*x**k/x`` and letters for indices."""
    dummies = sorted(expr.atoms(sympy.Dummy) - expr.free_symbols, key=lambda s: s.dummy_index)
    taken = {s.name for s in expr.atoms(sympy.Symbol)}
    letters = (n for n in itertools.chain("jkl", (f"j{n}" for n in itertools.count(1))) if n not in taken)
    expr = expr.xreplace({s: sympy.Symbol(n, integer=True) for s, n in zip(dummies, letters)})
    return expr.replace(
        lambda e: isinstance(e, sympy.Sum), lambda e: e.func(sympy.powsimp(sympy.factor_terms(e.function)), *e.limits)
    )


def derivative(expr: sympy.Expr, symbol: sympy.Symbol) -> sympy.Expr:
    """The derivative of an expression by a symbol.

    An infinite product is the exponential of a sum: without one factor there are infinitely many products.
    """
    by_sum = {
        sympy.exp(sympy.Sum(sympy.log(p.function), *p.limits)): p
        for p in expr.atoms(sympy.Product)
        if p.has(sympy.oo, -sympy.oo)
    }
    found = sympy.diff(expr.xreplace({p: e for e, p in by_sum.items()}), symbol).xreplace(by_sum)
    return tidy(found) if found.has(sympy.Sum, sympy.Product) else found
