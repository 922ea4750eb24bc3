"""Scalar expressions as they are written: quotients with a sign in front, clips, truth values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

import sympy
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.printer import Printer

from tracer.scalar import relu


class Quotient(NamedTuple):
    """The factors of a product above and below the line, and whether a minus stands in front of them.

    Examples
    --------
    >>> x, y = sympy.symbols("x y")
    >>> split_quotient([sympy.Rational(-2, 3), x, 1 / sympy.sqrt(y)])
    Quotient(negative=True, over=[2, x], under=[3, sqrt(y)])
    """

    negative: bool
    over: list[sympy.Expr]
    under: list[sympy.Expr]


def split_quotient(factors: Iterable[sympy.Expr]) -> Quotient:
    """The factors of a product, products among them taken apart and reciprocals below the line."""
    negative = False
    over: list[sympy.Expr] = []
    under: list[sympy.Expr] = []
    todo = [(f, False) for f in reversed([*factors])]
    while todo:
        f, below = todo.pop()
        one, other = (under, over) if below else (over, under)
        if f.is_Mul:
            todo += [(g, below) for g in reversed(f.args)]
        elif f.is_Float and f.is_negative:
            negative ^= True
            one.append(-f)
        elif f.is_Rational:
            negative ^= bool(f < 0)
            one += [sympy.Integer(abs(f.p))] if abs(f.p) != 1 else []
            other += [sympy.Integer(f.q)] if f.q != 1 else []
        elif divides(f):
            todo.append((f.base if f.exp == -1 else sympy.Pow(f.base, -f.exp, evaluate=False), not below))
        else:
            one.append(f)
    return Quotient(negative, over, under)


def divides(f: sympy.Expr) -> bool:
    """Whether a factor is written below the line."""
    return bool(f.is_Pow and f.exp.is_Rational and f.exp.is_negative)


def has_any(e: sympy.Basic, symbols: Collection[sympy.Basic]) -> bool:
    """Whether one of some symbols stands in an expression."""
    return any(s in symbols for s in e.free_symbols)


def split_clip(e: sympy.Min, is_array: Callable[[sympy.Expr], bool]) -> tuple[sympy.Expr, ...] | None:
    """What a minimum clips, with the bounds: x, a and b of ``min(b, max(a, x))``, where x alone is an array."""
    inner = [a for a in e.args if isinstance(a, (sympy.Max, relu))]
    if len(e.args) != 2 or len(inner) != 1 or len(inner[0].args) > 2:
        return None
    (high,) = (a for a in e.args if a is not inner[0])
    low, x = sorted([*inner[0].args, sympy.S.Zero][:2], key=is_array)
    return (x, low, high) if is_array(x) and not is_array(low) and not is_array(high) else None


def is_truth_value(e: sympy.Basic) -> bool:
    """Whether a choice is of one and zero."""
    return bool(e.is_Piecewise) and [value for value, _ in e.args] == [1, 0]


def write_beside(printer: Printer, numbers: Quotient, text: str) -> str:
    """A text with a sign and numbers in front of it, and divided by others."""
    above = "*".join([*(printer.parenthesize(f, PRECEDENCE["Mul"]) for f in numbers.over), text])
    below = [printer.parenthesize(f, PRECEDENCE["Pow"], strict=True) for f in numbers.under]
    divisor = f"({'*'.join(below)})" if len(below) > 1 else "".join(below)
    return ("-" if numbers.negative else "") + above + (f"/{divisor}" if divisor else "")
