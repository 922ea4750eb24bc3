"""Rules of whole numbers: what they are rounded to, compared with, and counted by."""

from __future__ import annotations

import sympy

from tracer.scalar import rint
from tracer.terms.choices import NEGATED
from tracer.terms.decomposition import split_scale, spread_summands
from tracer.terms.facts import is_integer
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import MINUS, ONE
from tracer.terms.patterns import Constant, Name, variables
from tracer.terms.record import (
    Call,
    Term,
    call,
    constant_value,
    number,
    scaled,
    times,
)
from tracer.terms.rule import Procedure, Rule

(k,) = variables("k", is_integer)
POW = Name(sympy.Pow)


def _compare_whole(n: Normaliser, t: Call) -> Term | None:
    """``k >= 1 -> k > 0``, ``k < 5/2 -> k <= 2``: of two numbers that say the same the one nearer to zero."""
    left, right = t.args
    value = constant_value(right)
    if value is None or not value.is_Rational or not is_integer(left):
        return None
    if t.head in (sympy.Eq, sympy.Ne):
        return None if value.is_integer else number(t.head is sympy.Ne, t.shape)
    above = t.head in (sympy.Gt, sympy.Ge)
    closed = t.head in (sympy.Ge, sympy.Le)
    greatest = sympy.ceiling(value) - 1 if closed == above else sympy.floor(value)  # that is not above the boundary
    heads, bound = ((sympy.Gt, sympy.Le), greatest) if greatest >= 0 else ((sympy.Ge, sympy.Lt), greatest + 1)
    made = call(heads[0 if above else 1], [left, number(bound, t.shape)])
    return None if made is t else made


def _take_sign_out_of_power(n: Normaliser, t: Call) -> Term | None:
    """``(-x)**(2*k) -> x**(2*k)``, ``(-x)**(2*k + 1) -> -x**(2*k + 1)``, ``1**y -> 1``."""
    base, exponent = t.args
    if constant_value(base) == 1:
        return base
    scale, core = split_scale(base)
    parity = _find_parity(exponent) if scale.is_negative else None
    if parity is None:
        return None
    return scaled(MINUS if parity else ONE, call(t.head, [scaled(-scale, core), exponent]))


def _find_parity(term: Term) -> int | None:
    """Whether a whole number is even or odd, 0 or 1, where that is known."""
    odd = 0
    for c, u in spread_summands(term):
        if constant_value(u) == 1 and c.is_Integer:
            odd += int(c)
        elif c % 2 or not is_integer(u):
            return None
    return odd % 2


def _take_half_turns_out(n: Normaliser, t: Call) -> Term | None:
    """``cos(x + pi*k) -> (-1)**k*cos(x)``, ``sin(x + 2*pi*k) -> sin(x)``, ``tan(x + pi*k) -> tan(x)``.

    Half a turn changes the signs of sine and cosine, an even number of them nothing; so multiples of k count by their
    parity.
    """
    (angle,) = t.args
    rest: list[tuple[sympy.Expr, Term]] = []
    odd: list[tuple[sympy.Expr, Term]] = []
    sign = ONE
    for c, u in spread_summands(angle):
        count = c / sympy.pi
        if not count.is_integer or not is_integer(u):
            rest.append((c, u))
        elif constant_value(u) == 1:
            sign *= MINUS**count
        elif not count.is_even:
            odd.append((ONE, u))
    if len(rest) == len(spread_summands(angle)):
        return None
    kept = n.add(rest) if rest else number(0, t.shape)
    turned = n.call(t.head, [kept])
    if t.head is sympy.tan:
        return turned
    if not odd:
        return scaled(sign, turned)
    return scaled(sign, times(call(sympy.Pow, [number(MINUS, t.shape), n.add(odd)]), turned))


INTEGERS: tuple[Rewrite, ...] = (
    *(Rule(Name(f)(k), k, "known by structure or declaration") for f in (sympy.floor, sympy.ceiling, rint)),
    Procedure(tuple(NEGATED), "k >= 1 -> k > 0", "there is no whole number between", _compare_whole),
    Procedure((sympy.Pow,), "(-x)**(2*k) -> x**(2*k)", "the parity is known", _take_sign_out_of_power),
    Procedure(
        (sympy.sin, sympy.cos, sympy.tan),
        "cos(x + pi*k) -> (-1)**k*cos(x)",
        "half a turn changes the sign",
        _take_half_turns_out,
    ),
    Rule(POW(Constant(-1), k) ** 2, Constant(1), "the parity is known"),
)
