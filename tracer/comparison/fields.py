"""Prime fields in which exponentials, logarithms, roots, angles and the signs of constants keep their laws.

A :class:`Field` is three primes: P = 2Q + 1, Q, and R, which divides P + 1. Exponents are counted modulo Q, the order
of the squares modulo P, and angles modulo R, the order of a group of elements of norm 1 over P. Squares stand for
positive numbers, so the constants of a program have to be squares. By the law of quadratic reciprocity a prime s is a
square modulo P if P + 1 is a multiple of 4s, and 2 is one if P + 1 is a multiple of 8.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from functools import cache, lru_cache
from math import prod
from typing import NamedTuple

import sympy

SQUARES = (3, 5, 7)
"""Primes that are squares beside 2, whatever the constants are."""

BITS, LOGARITHM_BITS = 60, 26
"""How long P is at least; and where discrete logarithms are taken, which need short primes."""

FIELDS, LOGARITHM_FIELDS = 32, 4
"""How many fields points are spread over: a constant that is not told in advance is a square in some of them."""

ROOM = 34
"""How many bits of P + 1 constants may take."""

STEPS = 1 << 15
"""How many powers a table of discrete logarithms holds."""


class Field(NamedTuple):
    """Three primes, and what generates their groups.

    Attributes
    ----------
    moduli : tuple of int
        P, Q and R.
    base : int
        A number of order Q modulo P, which stands for Euler's number.
    rotation : tuple of int
        The real and the imaginary part of a number of norm 1 and order R over P.
    """

    moduli: tuple[int, int, int]
    base: int
    rotation: tuple[int, int]

    def is_square(self, value: int) -> bool:
        """Whether a number is a square modulo P and not zero, which stands for a positive one."""
        return _is_square(value, self.moduli[0])

    def rotate(self, angle: int) -> tuple[int, int]:
        """The cosine and the sine of an angle."""
        return _to_power(self.rotation, angle, self.moduli[0])

    def logarithm(self, value: int) -> int:
        """The exponent of ``base`` for a square modulo P, by small and giant steps (Shanks 1971).

        Examples
        --------
        >>> field = choose_field(0, logarithms=True)
        >>> field.logarithm(pow(field.base, 123456, field.moduli[0]))
        123456
        """
        p, q, _ = self.moduli
        powers, giant = _small_powers(self.base, p, q)
        for k in range(q // len(powers) + 1):
            if value in powers:
                return (k * len(powers) + powers[value]) % q
            value = value * giant % p
        raise ValueError(f"{value} is no square modulo {p}")


def choose_field(seed: int, constants: Iterable[int] = (), logarithms: bool = False) -> Field:
    """A field in which some constants are squares; each seed gives another.

    Parameters
    ----------
    seed : int
    constants : iterable of int
        Primes that have to be squares, of which as many are as there is room for.
    logarithms : bool
        Whether discrete logarithms are taken.

    Examples
    --------
    >>> field = choose_field(1, [17])
    >>> field.is_square(17)
    True
    """
    squares, room = list(SQUARES), ROOM if not logarithms else LOGARITHM_BITS // 2
    for s in sorted(set(constants) - {2, *SQUARES}):
        if (prod(squares) * s).bit_length() <= room:
            squares.append(s)
    return _field(seed % (LOGARITHM_FIELDS if logarithms else FIELDS), tuple(squares), logarithms)


@lru_cache(maxsize=1024)
def _field(index: int, squares: tuple[int, ...], logarithms: bool) -> Field:
    rng = random.Random(f"{index} {squares} {logarithms}")
    step = 8 * prod(squares)
    bits = max((LOGARITHM_BITS if logarithms else BITS) - step.bit_length(), LOGARITHM_BITS // 2)
    while True:
        r = int(sympy.nextprime(rng.getrandbits(bits) | 1 << (bits - 1)))
        for k in range(1, 200):
            p = step * r * k - 1
            if sympy.isprime(p // 2) and sympy.isprime(p):
                base = pow(rng.randrange(2, p - 1), 2, p)
                return Field((p, p // 2, r), base, _rotation(p, r, rng))


def _rotation(p: int, r: int, rng: random.Random) -> tuple[int, int]:
    while True:
        # (1 + t*i)/(1 - t*i) has norm 1; -1 is no square modulo P, so i is not among the numbers modulo P.
        t = rng.randrange(2, p)
        scale = pow(1 + t * t, -1, p)
        made = _to_power(((1 - t * t) * scale % p, 2 * t * scale % p), (p + 1) // r, p)
        if made != (1, 0):
            return made


@lru_cache(maxsize=1 << 14)
def _is_square(value: int, p: int) -> bool:
    """Whether a number is a square modulo a prime, by Euler's criterion. Points share signs: most are asked again."""
    return pow(value, p // 2, p) == 1


def _to_power(x: tuple[int, int], k: int, p: int) -> tuple[int, int]:
    """A power in the field of P**2 elements."""
    result = (1, 0)
    while k:
        if k & 1:
            result = _times(result, x, p)
        x = _times(x, x, p)
        k >>= 1
    return result


def _times(x: tuple[int, int], y: tuple[int, int], p: int) -> tuple[int, int]:
    return (x[0] * y[0] - x[1] * y[1]) % p, (x[0] * y[1] + x[1] * y[0]) % p


@cache
def _small_powers(base: int, p: int, q: int) -> tuple[dict[int, int], int]:
    """The table of small steps, and the factor of a giant one."""
    powers, value = {}, 1
    for k in range(min(STEPS, q)):
        powers[value] = k
        value = value * base % p
    return powers, pow(base, -len(powers), p)
