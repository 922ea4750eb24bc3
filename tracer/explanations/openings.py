"""Relations of a function of something with a number, as relations of that something: ``exp(x) > 1`` is ``x > 0``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy
from sympy import Abs, And, Expr, Max, Min, Ne, Or
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from tracer.explanations.domains import bound
from tracer.scalar import relu

INVERSES: Mapping[type, Callable[[Expr], Expr]] = {
    sympy.exp: sympy.log,
    sympy.log: sympy.exp,
    sympy.sinh: sympy.asinh,
    sympy.asinh: sympy.sinh,
    sympy.atan: sympy.tan,
    sympy.tanh: sympy.atanh,
}
"""Functions that grow, and what undoes them."""

RANGES: Mapping[type, tuple[Expr, Expr]] = {
    sympy.exp: (sympy.S.Zero, sympy.oo),
    sympy.atan: (-sympy.pi / 2, sympy.pi / 2),
    sympy.tanh: (sympy.S.NegativeOne, sympy.S.One),
    sympy.erf: (sympy.S.NegativeOne, sympy.S.One),
}
"""Between which numbers the values of functions lie, which they do not attain."""

SATURATING = (sympy.tanh, sympy.erf)
"""Functions that attain the ends of their range by rounding, so that a diagnosis has a condition to name."""

WAVES = (sympy.sin, sympy.cos)
"""Functions whose values are from -1 to 1."""

OPERATORS: Mapping[str, type[Relational]] = {">": sympy.Gt, ">=": sympy.Ge, "<": sympy.Lt, "<=": sympy.Le, "!=": Ne}


def open_function(relation: Relational) -> Boolean | None:
    """A relation of a function's value with a number, as one of its argument; None where it is none.

    Examples
    --------
    >>> x, y = sympy.symbols("x y", real=True)
    >>> open_function(abs(x) > 2), open_function(Ne(sympy.log(x), 0)), open_function(sympy.sin(x) <= 1)
    ((x > 2) | (x < -2), Ne(x, 1), True)
    >>> open_function(sympy.Min(x, y) >= 0)
    (x >= 0) & (y >= 0)
    """
    limit = bound(relation)
    if limit is None or limit.op not in OPERATORS:
        return None
    value, op, number = limit
    compare = OPERATORS[op]
    if isinstance(value, (Max, Min)) and op != "!=":
        one_suffices = isinstance(value, Max) == (op[0] == ">")
        return (Or if one_suffices else And)(*(compare(a, number) for a in value.args))
    if isinstance(value, Abs):
        return _open_absolute(value.args[0], op, number)
    if isinstance(value, relu) and number.is_nonnegative:
        if op in (">", "<=") or (op == "!=" and number.is_zero):
            return (sympy.Le if op == "<=" else sympy.Gt)(value.args[0], number)
        return sympy.true if op == ">=" and number.is_zero else None
    if value.is_Pow and value.exp == sympy.S.Half and number.is_positive:
        return compare(value.base, number**2)
    if isinstance(value, WAVES):
        return _open_wave(value, op, number)
    return _open_monotone(value, op, number)


def _open_absolute(x: Expr, op: str, number: Expr) -> Boolean:
    if number.is_negative:
        return sympy.true if op in (">", ">=", "!=") else sympy.false
    if number.is_zero:
        return {"<=": sympy.Eq(x, 0), "<": sympy.false, ">=": sympy.true}.get(op, Ne(x, 0))
    compare = OPERATORS[op]
    if op == "!=":
        return And(Ne(x, number), Ne(x, -number))
    other = {">": sympy.Lt, ">=": sympy.Le, "<": sympy.Gt, "<=": sympy.Ge}[op]
    return (Or if op[0] == ">" else And)(compare(x, number), other(x, -number))


def _open_wave(wave: Expr, op: str, number: Expr) -> Boolean | None:
    if (number > 1) == True or (number < -1) == True:  # noqa: E712
        return sympy.true if op == "!=" or (op[0] == "<") is bool(number > 1) else sympy.false
    if (number, op) in ((1, "<="), (-1, ">=")):
        return sympy.true
    return Ne(wave, number) if (number, op) in ((1, "<"), (-1, ">")) else None


def _open_monotone(value: Expr, op: str, number: Expr) -> Boolean | None:
    low, high = RANGES.get(value.func, (-sympy.oo, sympy.oo))
    if isinstance(value, SATURATING) and number in (low, high) and op not in ("<=", ">="):
        return None
    if (number <= low) == True:  # noqa: E712
        return sympy.true if op in (">", ">=", "!=") else sympy.false
    if (number >= high) == True:  # noqa: E712
        return sympy.true if op in ("<", "<=", "!=") else sympy.false
    undo = INVERSES.get(value.func)
    return None if undo is None else OPERATORS[op](value.args[0], undo(number))
