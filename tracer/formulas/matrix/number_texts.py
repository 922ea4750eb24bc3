"""How a number is written in the fewest characters: as a fraction, as a decimal, or as one over a decimal."""

from __future__ import annotations

from decimal import Context, Decimal
from functools import lru_cache

import sympy

LONG, UNREADABLE = 6, 8
"""How many digits make a fraction long, and how many nobody reads."""

EXACT = Context(prec=17)
"""Floats have so many digits."""


@lru_cache(maxsize=128)
def find_decimal(q: sympy.Rational) -> Decimal | None:
    """The decimal number, of as many digits as floats have, that a fraction is; None if it is none.

    Examples
    --------
    >>> find_decimal(sympy.Rational(8943, 200000)), find_decimal(sympy.Rational(1, 3))
    (Decimal('0.044715'), None)
    """
    decimal = EXACT.divide(Decimal(q.p), Decimal(q.q))
    return decimal if sympy.Rational(str(decimal)) == q else None


@lru_cache(maxsize=128)
def count_characters(q: sympy.Rational) -> int:
    """In how many characters a number is written; that it is one, or negative, takes none."""
    if abs(q) == 1:
        return 0
    texts = [str(abs(q))]
    for r, sign in ((q, ""), (1 / q, "/")) if q else ():
        decimal = find_decimal(abs(r))
        texts += [] if decimal is None else [sign + str(decimal)]
    return min(map(len, texts))


def is_long(q: sympy.Rational) -> bool:
    """Whether a fraction, or an integer, has many digits."""
    return len(f"{abs(q.p)}{q.q}") - int(q.q == 1) >= LONG
