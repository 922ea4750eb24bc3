"""Sums of few summands written out, and expressions without sums evaluated."""

from __future__ import annotations

import itertools

import sympy
from sympy import Basic, Expr, KroneckerDelta

from tracer.series import ExprWithLimits

SHORT = 12
"""Sums of so many summands are written out."""


def evaluate(expr: Basic) -> Basic:
    """An expression evaluated by sympy, unless it has sums, or their kind, or choices in it.

    Examples
    --------
    >>> x = sympy.Symbol("x")
    >>> evaluate(sympy.Add(x, x, evaluate=False))
    2*x
    """
    if expr.has(ExprWithLimits, sympy.Piecewise):
        return expr
    return expr.replace(lambda e: isinstance(e, (sympy.Add, sympy.Mul, sympy.Pow)), lambda e: e.func(*e.args))


def write_out(expr: Basic) -> Basic:
    """An expression with its short sums written out.

    Examples
    --------
    >>> i = sympy.Symbol("i", integer=True)
    >>> x = sympy.IndexedBase("x")
    >>> write_out(sympy.log(sympy.Sum(x[i], (i, 0, 1))))
    log(x[0] + x[1])
    """
    if not expr.has(sympy.Sum):
        return expr
    return expr.replace(lambda e: isinstance(e, sympy.Sum), _write_out_sum)


def _write_out_sum(total: sympy.Sum) -> Expr:
    if len(total.limits) == 1:
        letter = total.limits[0][0]
        chosen = [d for d in sympy.Mul.make_args(total.function) if isinstance(d, KroneckerDelta) and letter in d.args]
        if chosen:
            (other,) = {*chosen[0].args} - {letter}
            return sympy.Mul(*(f for f in total.function.args if f is not chosen[0])).xreplace({letter: other})
    ranges = []
    for letter, low, high in total.limits:
        if not low.is_Integer or not high.is_Integer:
            return total
        ranges.append([(letter, sympy.Integer(k)) for k in range(int(low), int(high) + 1)])
    if sympy.prod(map(len, ranges)) > SHORT:
        return total
    return sympy.Add(*(total.function.xreplace(dict(place)) for place in itertools.product(*ranges)))
