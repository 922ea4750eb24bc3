"""Numbers modulo primes on which exponentials and logarithms are exact, so that identities of formulas are proved.

An identity of rational functions that holds at random points modulo a large prime holds, but for a probability of at
most its degree over the prime (Schwartz, "Fast probabilistic algorithms for verification of polynomial identities",
J. ACM 27, 1980; Zippel, 1979). Exponents are counted modulo the order of the base, so that with primes
``p[k + 1] | p[k] - 1`` and ``g`` of the order ``p[k + 1]`` modulo ``p[k]``

    exp(x) mod p[k]  =  g**(x mod p[k + 1])

is a homomorphism from sums to products, and the discrete logarithm leads back (Gonnet, "Determining equivalence of
expressions in random polynomial time", STOC 1984). Most numbers are no powers of g, but such a power times a number of
the cofactor's group; a logarithm keeps that as its twist, so that ``exp(log(x))`` is x.

A number here has a residue for some of the primes, and its real value beside: that decides which of two numbers is
larger, and which root is positive. What has no residue for any prime is known in its real value alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from math import gcd
from typing import Any

import mpmath
import sympy

PRIMES = (2305843199915289901, 888310613, 4532197, 16421)
"""Each is one more than a multiple of the next, and 5 modulo 8."""

LEVELS = range(len(PRIMES))
ORDERS = (*PRIMES[1:], 1)
"""The order of the group that exponentials are in, for each prime."""

COFACTORS = tuple((p - 1) // q for p, q in zip(PRIMES, ORDERS))
GENERATORS = tuple(pow(2, c, p) for p, c in zip(PRIMES, COFACTORS))
IMAGINARY = tuple(pow(2, (p - 1) // 4, p) for p in PRIMES)
"""A square root of -1; 2 is no square modulo a prime that is 5 modulo 8."""

DIGITS = 40
TINY = mpmath.mpf(10) ** (-DIGITS // 2)
REAL = mpmath.MPContext()
REAL.dps = DIGITS

Residues = tuple[int | None, ...]


class Number:
    """A real number and its residues.

    Attributes
    ----------
    real : mpf or mpc
        To 40 digits; complex on the way from one real number to another only.
    at : tuple of int or None
        For each prime.
    twist : tuple of int or None
        For each prime, what the exponential modulo the prime before is multiplied by.
    """

    __slots__ = ("at", "real", "twist")

    def __init__(self, real: Any, at: Residues, twist: Residues | None = None) -> None:
        self.real, self.at, self.twist = real, at, twist

    def __add__(self, other: Number) -> Number:
        if not isinstance(other, Number):
            return NotImplemented  # An array's own operator goes through its elements.
        pairs = zip(self.at, other.at, PRIMES)  # Proofs spend their time here, so that no function is called.
        at = tuple([None if a is None or b is None else (a + b) % p for a, b, p in pairs])
        return Number(self.real + other.real, at, _multiply_twists(self.twist, other.twist))

    def __sub__(self, other: Number) -> Number:
        return self + -other if isinstance(other, Number) else NotImplemented

    def __mul__(self, other: Number) -> Number:
        if not isinstance(other, Number):
            return NotImplemented
        pairs = zip(self.at, other.at, PRIMES)
        at = tuple([None if a is None or b is None else a * b % p for a, b, p in pairs])
        twist = _raise_twist(self.twist, other.fraction()) if self.twist else None
        if other.twist:
            twist = _raise_twist(other.twist, self.fraction()) if self.twist is None else UNKNOWN
        return Number(self.real * other.real, at, twist)

    def __truediv__(self, other: Number) -> Number:
        if not isinstance(other, Number):
            return NotImplemented
        if other.is_zero():
            return UNDEFINED
        at = tuple(pow(b, -1, PRIMES[k]) if b else None for k, b in enumerate(other.at))
        return self * Number(1 / other.real, at, UNKNOWN if other.twist else None)

    def fraction(self) -> tuple[int, int] | None:
        """The number as a fraction, if it is one of few parts."""
        for below in (1, 2, 3, 4):
            above = REAL.re(self.real) * below
            if not REAL.isint(above):
                continue
            if all(a is None or (a * below - int(above)) % p == 0 for a, p in zip(self.at, PRIMES)):
                return int(above), below
        return None

    def __neg__(self) -> Number:
        at = tuple(None if a is None else -a % PRIMES[k] for k, a in enumerate(self.at))
        return Number(-self.real, at, _raise_twist(self.twist, (-1, 1)) if self.twist else None)

    def __repr__(self) -> str:
        return f"{REAL.nstr(self.real, 8)} {self.at}"

    def is_defined(self) -> bool:
        return bool(REAL.isfinite(self.real))

    def is_zero(self) -> bool:
        """Whether it is zero: its real value is, but for rounding, and so are its residues."""
        return bool(abs(self.real) < TINY) and not any(self.at)

    def is_positive(self) -> bool:
        return not self.is_zero() and bool(REAL.re(self.real) > 0)

    def is_exact(self) -> bool:
        """Whether it has a residue."""
        return any(a is not None for a in self.at)

    def equals(self, other: Number) -> bool:
        """Whether all residues that both have are the same, and the real values but for rounding."""
        pairs = [(a, b) for a, b in zip(self.at, other.at) if a is not None and b is not None]
        near = abs(self.real - other.real) <= TINY * (1 + abs(other.real))
        return bool(near) and all(a == b for a, b in pairs)

    def bits_shared(self, other: Number) -> int:
        """How many bits the residues have that both numbers have."""
        return sum(p.bit_length() - 1 for p, a, b in zip(PRIMES, self.at, other.at) if a is not None and b is not None)


def _each(f: Callable[[int, int, int], int | None], x: Residues, y: Residues) -> Residues:
    return tuple(None if a is None or b is None else f(k, a, b) for k, a, b in zip(LEVELS, x, y))


def _multiply_twists(x: Residues | None, y: Residues | None) -> Residues | None:
    if x is None or y is None:
        return y if x is None else x
    return _each(lambda k, a, b: a * b % PRIMES[k - 1], x, y)


def _raise_twist(x: Residues, exponent: tuple[int, int] | None) -> Residues:
    """The twist of a multiple of a number."""
    if exponent is None:
        return UNKNOWN
    return tuple(None if a is None else _raise_cofactor(k - 1, a, *exponent) for k, a in enumerate(x))


def rational(above: int, below: int = 1) -> Number:
    """A rational number."""
    at = tuple(above * pow(below, -1, p) % p if below % p else None for p in PRIMES)
    return Number(REAL.mpf(above) / below, at)


ZERO, ONE, TWO = rational(0), rational(1), rational(2)
UNKNOWN: Residues = (None,) * len(PRIMES)
UNDEFINED = Number(REAL.nan, (None,) * len(PRIMES))
I = Number(REAL.mpc(0, 1), IMAGINARY)  # noqa: E741


def unknown(name: str, real: Any) -> Number:
    """A number of which only its name is known: its residues are drawn by it."""
    return Number(real, tuple(draw(name, k) for k in LEVELS))


def draw(text: str, level: int) -> int:
    """A random residue that a text decides."""
    return int.from_bytes(blake2b(f"{level} {text}".encode(), digest_size=16).digest(), "big") % PRIMES[level]


def exp(x: Number) -> Number:
    """The exponential; it has no residue for the last prime. An angle so large that its turns hide it has none."""
    if abs(REAL.im(x.real)) > 1 / TINY**0.75:
        return UNDEFINED
    at: list[int | None] = []
    for k, a in enumerate(x.at[1:]):
        twist = x.twist[k + 1] if x.twist else 1
        at.append(None if a is None or twist is None else pow(GENERATORS[k], a, PRIMES[k]) * twist % PRIMES[k])
    return Number(REAL.exp(x.real), (*at, None))


def log(x: Number) -> Number:
    """The logarithm; it has no residue for the first prime."""
    if x.is_zero() or (not isinstance(x.real, REAL.mpc) and not x.real > 0):
        return UNDEFINED
    at: list[int | None] = [None]
    twist: list[int | None] = [None]
    for k, a in enumerate(x.at[:-1]):
        group, rest = _part(k, a) if a else (None, None)
        at.append(None if group is None else _discrete_log(k, group))
        twist.append(rest)
    is_power = all(rest in (1, None) for rest in twist)  # of the generator, wherever there is a residue
    return Number(REAL.log(x.real), tuple(at), None if is_power else tuple(twist))


def _part(level: int, a: int) -> tuple[int, int]:
    """A number as a power of the generator times one of the cofactor's group."""
    p, q, c = PRIMES[level], ORDERS[level], COFACTORS[level]
    group = pow(a, c * pow(c, -1, q), p) if q > 1 else 1
    return group, a * pow(group, -1, p) % p


def _raise_cofactor(level: int, a: int, above: int, below: int) -> int | None:
    """A rational power of a number of the cofactor's group."""
    p, c = PRIMES[level], COFACTORS[level]
    while below % 2 == 0:
        root = _square_root(a, p)
        if root is None:
            return None
        a, below = root, below // 2
    return pow(a, above * pow(below, -1, c) % c, p) if gcd(below, c) == 1 else None


def _square_root(a: int, p: int) -> int | None:
    """The lesser square root modulo a prime that is 5 modulo 8, if there is one (Atkin)."""
    b = pow(2 * a, (p - 5) // 8, p)
    root = a * b * (2 * a * b * b - 1) % p
    return min(root, p - root) if root * root % p == a else None


@cache
def _discrete_log(level: int, a: int) -> int:
    """The exponent of a power of the generator (Shanks)."""
    p, q = PRIMES[level], ORDERS[level]
    steps, table, giant = _baby_steps(level)
    here = a
    for k in range(q // steps + 1):
        if here in table:
            return (table[here] + k * steps) % q
        here = here * giant % p
    raise AssertionError("the number is no power of the generator")


@cache
def _baby_steps(level: int) -> tuple[int, dict[int, int], int]:
    p, q, g = PRIMES[level], ORDERS[level], GENERATORS[level]
    steps = min(q, 1 << 18)
    table, here = {}, 1
    for k in range(steps):
        table[here] = k
        here = here * g % p
    return steps, table, pow(g, -steps % q, p)


def power(x: Number, exponent: sympy.Rational, roots: dict[Residues, Number] | None = None) -> Number:
    """A rational power; ``roots`` are square roots that are known to be positive."""
    above, below = int(exponent.p), int(exponent.q)
    if below != 1 and x.is_zero():
        return ZERO if above > 0 else UNDEFINED
    if below != 1 and not REAL.re(x.real) > 0:
        return UNDEFINED
    if below == 2 and roots and x.is_exact() and x.at in roots:
        return power(roots[x.at], sympy.Integer(above))
    if above < 0 and x.is_zero():
        return UNDEFINED
    real = x.real**above if below == 1 else x.real ** (REAL.mpf(above) / below)
    return Number(real, tuple(None if a is None else _power(k, a, above, below) for k, a in enumerate(x.at)))


def _power(level: int, a: int, above: int, below: int) -> int | None:
    p, q = PRIMES[level], ORDERS[level]
    if not a:
        return None if above < 0 else a**above
    if below == 1:
        return pow(a, above, p)
    group, rest = _part(level, a)
    root = _raise_cofactor(level, rest, above, below)
    if root is None or (q == 1 and below != 1):
        return root
    return pow(group, above * pow(below, -1, q) % q, p) * root % p
