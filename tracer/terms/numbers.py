"""The numbers in terms: exact, of a length that can be read, and what several of them share."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import sympy

from tracer.terms.constants import recognise
from tracer.terms.failures import TooLong

ONE, ZERO, MINUS = sympy.S.One, sympy.S.Zero, sympy.S.NegativeOne

BITS, PARTS = 2048, 200
"""How long the numerator and the denominator of a number may be, and how many parts an expression in dimensions has."""

DIGITS = 14
"""How long the text of a float is, at the most, that a person wrote."""

LARGEST = sympy.Float("1e330")


def exact(value: Any) -> sympy.Expr:
    """A number as it is spelled: the float 0.1 is one tenth, and that nearest to a third is a third."""
    if isinstance(value, sympy.Rational):
        return value
    if type(value) is int:
        return sympy.Integer(value)
    if isinstance(value, float):
        if value != value or value in (math.inf, -math.inf):
            return sympy.sympify(value)
        return _spell_out(value) if abs(value) < 1e300 else sympy.Float(value)
    value = sympy.sympify(value)
    floats = value.atoms(sympy.Float) if not value.is_Integer else ()
    return value.xreplace({f: sympy.Rational(str(f)) for f in floats}) if floats else value


@lru_cache(maxsize=128)
def _spell_out(value: float) -> sympy.Expr:
    """What a float was computed from, or the decimal number that it is written as."""
    found = recognise(value) if len(repr(value)) > DIGITS else None
    return sympy.Rational(repr(value)) if found is None else found


def text_of(value: Any) -> str:
    """The text of a dimension or number.

    Raises
    ------
    TooLong
        If it is too long to read, or beyond floats.
    """
    if value is ONE:
        return "1"
    if isinstance(value, sympy.Symbol):
        return str(value.name)
    if not isinstance(value, sympy.Rational):
        return _print(value)
    if max(value.p.bit_length(), value.q.bit_length()) > BITS:
        raise _unwritable(f"a number of more than {BITS} bits")
    return str(value.p) if value.q == 1 else f"{value.p}/{value.q}"


@lru_cache(maxsize=128)
def _print(value: Any) -> str:
    """sympy's printer is slow, so that it is asked once."""
    if isinstance(value, sympy.Basic):
        if sum(1 for _, _ in zip(sympy.preorder_traversal(value), range(PARTS))) == PARTS:
            raise _unwritable(f"a coefficient of more than {PARTS} parts")
        if value.is_number and _is_beyond_floats(value):
            raise _unwritable("a number that is beyond floats")
    return str(value)


def _unwritable(what: str) -> TooLong:
    return TooLong(f'the closed form holds {what}; the form "steps" has no limit: tracer.formula(tensor, form="steps")')


def _is_beyond_floats(value: Any) -> bool:
    """Whether a number is finite and larger than floats are: towers of exponentials can't even be compared."""
    approximate = value.evalf(5)
    return bool(approximate.is_Float and approximate.is_finite and abs(approximate) > LARGEST)


def raise_number(base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
    """A power of a number.

    Raises
    ------
    TooLong
        If it is too long to be written.
    """
    if isinstance(base, sympy.Rational) and abs(base) != 1 and exponent.is_Rational:
        bits = max(base.p.bit_length(), base.q.bit_length()) * abs(exponent)
        if bits > 2 * BITS:
            raise _unwritable(f"a number of more than {BITS} bits")
    return base**exponent


def is_negative(c: sympy.Expr) -> bool:
    """Whether a number is written with a minus sign in front."""
    return bool(c.could_extract_minus_sign())


def common_content(coefficients: Sequence[sympy.Expr]) -> sympy.Expr:
    """What all coefficients are integer multiples of: ``[4*n, 6*n] -> 2*n``, ``[1, 1/100] -> 1/100``."""
    return _common_factor(coefficients, math.lcm)


def shared_factor(coefficients: Sequence[sympy.Expr]) -> sympy.Expr:
    """The factors and divisors that each coefficient has: ``[4/3, 2/3] -> 2/3``, ``[1, 1/100] -> 1``."""
    return _common_factor(coefficients, math.gcd)


def _common_factor(coefficients: Sequence[sympy.Expr], divisor: Callable[..., int]) -> sympy.Expr:
    numbers, roots, sizes = zip(*map(split_coefficient, coefficients))
    content = sympy.Rational(math.gcd(*(n.p for n in numbers)), divisor(*(n.q for n in numbers)))
    if all(r == roots[0] for r in roots):
        content *= roots[0]
    return content * _shared_sizes(sizes)


def _shared_sizes(sizes: Sequence[sympy.Expr]) -> sympy.Expr:
    """The powers of dimensions that all of several products have: ``[n**2*m, n*k] -> n``, ``[1/n, 1/n**2] -> 1/n``.

    So is the root where all powers are the same root up to whole powers: ``[1/sqrt(n), sqrt(n)] -> 1/sqrt(n)``.
    """
    if all(s == sizes[0] for s in sizes):
        return sizes[0]
    powers = [s.as_powers_dict() for s in sizes]
    shared = ONE
    for base in powers[0]:
        own = [row.get(base, ZERO) for row in powers]
        if not all(e.is_Rational for e in own):
            continue
        if all(e * own[0] > 0 for e in own) or all(not e.is_Integer and (e - own[0]).is_Integer for e in own):
            shared *= base ** min(own, key=lambda e: (abs(e), e))
    return shared


def split_coefficient(c: sympy.Expr) -> tuple[sympy.Rational, sympy.Expr, sympy.Expr]:
    """The rational number, the rest of the number, and the dimensions: ``3*sqrt(2)*n -> (3, sqrt(2), n)``."""
    return (c, ONE, ONE) if c.is_Rational else _split_product(c)


@lru_cache(maxsize=128)
def _split_product(c: sympy.Expr) -> tuple[sympy.Rational, sympy.Expr, sympy.Expr]:
    number, rest = c.as_coeff_Mul()
    if not number.is_Rational:
        number, rest = ONE, c
    root, sizes = rest.as_independent(*rest.free_symbols, as_Add=False) if rest.free_symbols else (rest, ONE)
    return number, root, sizes
