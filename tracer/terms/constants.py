"""The numbers that floats are computed from: small fractions, and these times pi, e, roots and logarithms."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import cache, lru_cache

import sympy

LARGEST_DENOMINATOR, LARGEST_NUMERATOR = 1000, 10_000
"""How large the fraction may be that a float is written as."""

LARGEST_FACTOR = 360
"""How large the numerator and the denominator may be of what stands beside pi, a root or a logarithm."""


@lru_cache(maxsize=128)
def recognise(value: float) -> sympy.Expr | None:
    """What a float is nearest to, up to the last bit; None if it is nothing that is short.

    Of a float that is written with fewer digits nothing is looked for: it is the decimal number that it is written as.

    Examples
    --------
    >>> import math
    >>> recognise(1 / 3), recognise(2 * math.pi), recognise(1 / math.sqrt(2 * math.pi)), recognise(math.log(10) / 2)
    (1/3, 2*pi, sqrt(2)/(2*sqrt(pi)), log(10)/2)
    >>> recognise(0.1 + 0.2), recognise(1.4142135)
    (None, None)
    """
    size = abs(value)
    if not 1e-6 < size < 1e6:
        return None
    fraction = _approach(size, LARGEST_DENOMINATOR)
    if fraction is not None and float(fraction) == size and fraction.numerator <= LARGEST_NUMERATOR:
        return _signed(sympy.Rational(fraction.numerator, fraction.denominator), value)
    found = [*_find_multiples(size), *_find_roots(size)]
    return _signed(min(found, key=lambda made: made[0])[1], value) if found else None


def _find_multiples(size: float) -> Iterator[tuple[int, sympy.Expr]]:
    """A float as a fraction times a constant, with the size of the fraction."""
    for constant, rounded, digits in _list_constants():
        factor = _approach(size / rounded, LARGEST_FACTOR)
        if factor is not None and 0 < factor.numerator <= LARGEST_FACTOR and _is_near(factor * digits, size):
            whole = sympy.Rational(factor.numerator, factor.denominator) * constant
            yield factor.numerator + factor.denominator, whole


def _find_roots(size: float) -> Iterator[tuple[int, sympy.Expr]]:
    """A float as the root of a fraction times a power of pi, with the size of the fraction."""
    for k in (0, 1, -1, 2, -2, 4, -4):
        square = _approach(size * size / math.pi**k, LARGEST_DENOMINATOR)
        if square is None or not 0 < square.numerator <= LARGEST_NUMERATOR:
            continue
        root = sympy.sqrt(sympy.Rational(square.numerator, square.denominator)) * sympy.sqrt(sympy.pi) ** k
        if not root.is_Rational and _is_near(Fraction(str(root.evalf(50))), size):
            yield square.numerator + square.denominator, root


def _is_near(exact: Fraction, size: float) -> bool:
    """Whether a float is a number up to its last bit, after a rounding or two."""
    return abs(exact - Fraction(size)) <= 2 * Fraction(math.ulp(size))


def _approach(x: float, largest: int) -> Fraction | None:
    """The fraction of a denominator that is not too large which a positive float is, up to a few last bits.

    By its continued fraction (Hardy and Wright, An Introduction to the Theory of Numbers, 2008, section 10.2), which a
    float has but for rounding.
    """
    (p, q), (before, below) = (1, 0), (0, 1)
    rest = x
    while True:
        whole = math.floor(rest)
        p, q, before, below = whole * p + before, whole * q + below, p, q
        if q > largest:
            return None
        if abs(x * q - p) <= 1e-15 * p:
            return Fraction(p, q)
        rest = 1 / (rest - whole)


def _signed(size: sympy.Expr, value: float) -> sympy.Expr:
    return -size if value < 0 else size


@cache
def _list_constants() -> list[tuple[sympy.Expr, float, Fraction]]:
    """What numbers are made of beside fractions, the most usual first, with their values as floats and in 50 digits."""
    log = sympy.log
    square_free = [k for k in range(2, 31) if all(k % (d * d) for d in range(2, 6))]
    known = [sympy.pi, 1 / sympy.pi, sympy.E, 1 / sympy.E, *map(log, square_free), *(1 / log(k) for k in (2, 3, 5, 10))]
    known += [log(sympy.pi), log(2 * sympy.pi), sympy.E**2, 1 / sympy.E**2, sympy.sqrt(sympy.E), sympy.EulerGamma]
    return [(constant, float(constant), Fraction(str(constant.evalf(50)))) for constant in known]
