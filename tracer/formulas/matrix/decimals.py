"""Numbers as decimals where a fraction would be long: 0.044715, not 8943/200000."""

from __future__ import annotations

from decimal import Context, Decimal

import sympy

from tracer.formulas.matrix.unevaluated import from_parts

LONG, EXACT = 6, Context(prec=17)
"""How many digits make a fraction long, and how many a float has."""


def write_decimals(e: sympy.Basic) -> sympy.Basic:
    """An expression with decimals in place of long fractions that are decimals of as many digits as floats have.

    Examples
    --------
    >>> x = sympy.Symbol("x")
    >>> write_decimals(x * sympy.Rational("0.044715")), write_decimals(x / 3), write_decimals(x / 1000)
    (0.044715*x, x/3, x/1000)
    """
    made: dict[sympy.Basic, sympy.Basic] = {}
    for q in e.atoms(sympy.Rational):
        decimal = _write_decimal(q)
        if decimal is not None:
            made[q] = decimal
    if not made:
        return e
    todo = [e]
    while todo:
        part = todo[-1]
        missing = [a for a in part.args if a not in made] if part not in made else []
        if missing:
            todo += missing
            continue
        todo.pop()
        if part not in made:
            args = [made[a] for a in part.args]
            made[part] = part if args == list(part.args) else from_parts(part.func, args)
    return made[e]


def _write_decimal(q: sympy.Rational) -> sympy.Float | None:
    """A long fraction as a decimal; None where it is short or has more digits than a float."""
    if q.q == 1 or len(f"{abs(q.p)}{q.q}") < LONG or abs(q) in (0, sympy.oo):
        return None
    decimal = EXACT.divide(Decimal(q.p), Decimal(q.q))
    return sympy.Float(str(decimal), EXACT.prec) if sympy.Rational(str(decimal)) == q else None
