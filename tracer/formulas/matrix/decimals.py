"""Numbers as decimals where a fraction would be long: 0.044715, not 8943/200000."""

from __future__ import annotations

import sympy

from tracer.formulas.matrix.number_texts import EXACT, UNREADABLE, find_decimal, is_long
from tracer.formulas.matrix.unevaluated import from_parts, list_parts

HUNDRED = 100
"""A fraction of no more parts is read as it is."""


def write_decimals(e: sympy.Basic) -> sympy.Basic:
    """An expression with decimals in place of long fractions, and of those that take more characters.

    A fraction that is no decimal of as many digits as floats have is the nearest float, if nobody could read it.

    Examples
    --------
    >>> x = sympy.Symbol("x")
    >>> write_decimals(x * sympy.Rational("0.044715")), write_decimals(x / 3), write_decimals(x / 1000)
    (0.044715*x, x/3, x/1000)
    >>> write_decimals(x + sympy.Rational(1, 1000))
    x + 0.001
    >>> write_decimals(x * sympy.Rational(10000, 2023)), write_decimals(x * sympy.Rational(1048576, 9765621))
    (x/0.2023, 0.10737422638048312*x)
    """
    made: dict[sympy.Basic, sympy.Basic] = {}
    parts = list_parts(e)
    for q in parts:
        decimal = _write_decimal(q) if isinstance(q, sympy.Rational) else None
        if decimal is not None:
            made[q] = decimal
    if not made and not any(_is_small_summand(q) for q in parts):
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
            if part.is_Add or isinstance(part, sympy.MatAdd):
                args = list(map(_write_small_summand, args))
            made[part] = part if args == list(part.args) else from_parts(part.func, args)
    return made[e]


def _is_small_summand(q: sympy.Basic) -> bool:
    """Whether a number is one over many, as which nobody writes what is added to keep a divisor from zero."""
    return isinstance(q, sympy.Rational) and abs(q.p) == 1 and q.q > HUNDRED and find_decimal(q) is not None


def _write_small_summand(e: sympy.Basic) -> sympy.Basic:
    """Such a number, or ones times it, as a decimal; any other summand as it is."""
    if _is_small_summand(e):
        return _write_float(str(find_decimal(e)))
    if isinstance(e, sympy.MatMul) and len(e.args) == 2 and isinstance(e.args[1], sympy.OneMatrix):
        return from_parts(type(e), [_write_small_summand(e.args[0]), e.args[1]])
    return e


def _write_decimal(q: sympy.Rational) -> sympy.Expr | None:
    """A long fraction as a decimal, or as one over a decimal; None where it is short, and no decimal is shorter."""
    if q.q == 1 or abs(q) in (0, sympy.oo):
        return None
    decimal = find_decimal(q)
    if not is_long(q):
        small = q.q <= HUNDRED or abs(q.p) == 1
        shorter = not small and decimal is not None and len(str(abs(decimal))) < len(f"{abs(q.p)}/{q.q}")
        return _write_float(str(decimal)) if shorter else None
    inverse = find_decimal(1 / q)
    if decimal is not None:
        return _write_float(str(decimal))
    if inverse is not None and abs(q.p) != 1:
        return from_parts(sympy.Pow, [_write_float(str(inverse)), sympy.S.NegativeOne])
    parts = [len(str(abs(part))) for part in (q.p, q.q)]
    if min(parts) >= UNREADABLE // 2 and sum(parts) >= UNREADABLE:
        return _write_float(repr(float(q)))
    return None


def _write_float(text: str) -> sympy.Float:
    """A decimal as a number of sympy's, which is rounded to the float that the decimal is rounded to."""
    made = sympy.Float(text, EXACT.prec)
    return made if float(made) == float(text) else sympy.Float(float(text), EXACT.prec)
