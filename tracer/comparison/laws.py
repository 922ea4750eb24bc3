"""Functions of numbers modulo primes, with their laws, and random values for those that have none.

A rational function that is zero at random points modulo a large prime is zero, but for a probability of at most its
degree over the prime (Schwartz, "Fast probabilistic algorithms for verification of polynomial identities", J. ACM 27,
1980; Zippel, "Probabilistic algorithms for sparse polynomials", EUROSAM 1979). Gonnet ("Determining equivalence of
expressions in random polynomial time", STOC 1984) extends this to exponentials, which are powers of an element of order
Q modulo P. Here every number is computed modulo the three primes of a :class:`~tracer.comparison.fields.Field`:

- ``exp(t)`` modulo P is a power with the exponent t modulo Q, so that ``exp(a + b) = exp(a)*exp(b)``.
- ``log(t)`` modulo Q is the discrete logarithm of t modulo P, so that ``log(a*b) = log(a) + log(b)``.
- ``cos(t)`` and ``sin(t)`` modulo P are the parts of a power of an element of norm 1, with t modulo R, so that the sums
  of angles and ``sin**2 + cos**2 = 1`` hold.
- Squares modulo P stand for positive numbers: -1 is none, products of them are, and their group has the odd order Q, so
  that each has one power for each fraction that is a square itself: ``sqrt(a*b) = sqrt(a)*sqrt(b)``, and
  ``sqrt(x**2)`` is the absolute value. As the sign of a sum is not that of its terms, all patterns of signs occur.

What holds modulo one of the primes at random points is thus an identity that follows from these laws alone.
"""

from __future__ import annotations

import hashlib
import itertools
import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import sympy

from tracer.comparison.fields import SQUARES, Field
from tracer.comparison.residues import HIGHEST, Residue, Triple, rational
from tracer.comparison.same_operations import describe_operation
from tracer.precise.arithmetic import Arithmetic, Number, UnsupportedError
from tracer.precise.interpreting import interpret
from tracer.rules import facts_of
from tracer.shapes import Literal
from tracer.tensor import Tensor
from tracer.terms import record as T

NOT_FORCED: Mapping[int, int] = MappingProxyType({})

LARGEST = 4096
"""The largest exponent of a power that is multiplied out."""

LONG, SMALL = 15, 64
"""How many digits a float has that was rounded, and how large the numbers in the constant are that it may have been."""

FACTORS = 10_000
"""Up to which prime the factors of constants are looked for."""


class Question(NamedTuple):
    """What was asked for its sign, the answer, and whether it is a choice or has to be positive."""

    value: Residue
    sign: int | None
    choice: bool


class Radicand(NamedTuple):
    """What an even root is taken of: its values modulo P and Q, and whether they are squares; None where undefined."""

    values: tuple[int | None, int | None]
    squares: tuple[bool | None, bool | None]


class Residues(Arithmetic):
    """The arithmetic of residues at one point, with random values for unknowns.

    Parameters
    ----------
    seed : int
    field : Field
    logarithms : bool
        Whether discrete logarithms are found; else logarithms have no law.
    forced : mapping of int to int
        Signs by the position of the question, whatever the value is.

    Attributes
    ----------
    asked : list of Question
        In order; what is asked and in which order does not depend on the point.
    jumps : list of int
        The positions of the questions where the value may jump.
    assumed : dict of int to frozenset of int
        Which signs are assumed, by the positions of the questions that ask for them.
    radicands : list of Radicand
        What even roots were taken of, in order.
    roots : dict
        The orders of the roots that were taken.
    constants : set of int
        The primes that the constants met are products of.

    Examples
    --------
    >>> from tracer.comparison.fields import choose_field
    >>> a = Residues(0, choose_field(0))
    >>> x = a.unknown()
    >>> e = a.call(sympy.exp, [x + x])
    >>> e.values[0] == a.power(a.call(sympy.exp, [x]), a.number(2)).values[0]
    True
    """

    def __init__(
        self, seed: int, field: Field, logarithms: bool = False, forced: Mapping[int, int] = NOT_FORCED
    ) -> None:
        self.seed, self.field, self.logarithms, self.forced = seed, field, logarithms, forced
        self.met_logarithm = self.met_angle = self.met_root = False
        self.random = random.Random(seed)
        self.asked: list[Question] = []
        self.jumps: list[int] = []
        self.assumed: dict[int, frozenset[int]] = {}
        self.radicands: list[Radicand] = []
        self.roots: dict[tuple[int | None, int], int] = {}
        self.constants: set[int] = set()
        self._constants: dict[sympy.Basic, Residue] = {}
        self._numbers: dict[object, Number] = {}
        self._nothing = Residue(field, (None, None, None))

    @property
    def undefined(self) -> Residue:
        """No number, whatever the prime."""
        return self._nothing

    def unknown(self) -> Residue:
        """A random number."""
        p, q, r = self.field.moduli
        draw = self.random.randrange
        return Residue(self.field, (draw(1, p), draw(1, q), draw(1, r)), (1, 0))

    def number(self, value: Literal) -> Number:
        """A number that is known, exactly as it is spelled."""
        key = type(value), value
        if key not in self._numbers:
            exact = T.exact(value)
            if isinstance(exact, sympy.Rational):
                top, bottom = int(exact.p), int(exact.q)
                self.constants |= _prime_factors(top) | _prime_factors(bottom)
                self._numbers[key] = rational(Fraction(top, bottom), self.field)
            elif exact.is_finite is False or exact is sympy.nan:
                raise UnsupportedError(f"{value} is no residue")
            else:
                self._numbers[key] = interpret(exact, {}, self)
        return self._numbers[key]

    def constant(self, value: sympy.Expr) -> Residue:
        """A number such as pi, or a dimension: an unknown."""
        if value is sympy.E:
            return self.call(sympy.exp, [rational(Fraction(1), self.field)])
        if value not in self._constants:
            values = [self._hash("constant", str(value), k) for k in range(3)]
            if value.is_positive and value.is_number:
                values = [v * v % m for v, m in zip(values, self.field.moduli)]
            self._constants[value] = Residue(self.field, _triple(values), (1, 0))
        return self._constants[value]

    def is_zero(self, value: Residue) -> bool:
        """Whether it is zero modulo P."""
        return value.values[0] == 0

    def size(self, value: Residue) -> float:
        """Whether it may be a pivot."""
        return float(bool(value.values[0]))

    def sign(self, value: Residue) -> int | None:
        """The sign, noted as a choice."""
        if self.jumping:
            self.jumps.append(len(self.asked))
        forced = self.forced.get(len(self.asked)) if value.exact is None else None
        sign = self._sign(value) if forced is None else forced
        self.asked.append(Question(value, sign, True))
        return sign

    def assume(self, value: Residue, signs: frozenset[int]) -> None:
        """Note that a number has one of some signs, where there is something to compare."""
        self.assumed[len(self.asked)] = signs
        self.asked.append(Question(value, self._sign(value), False))

    @property
    def allowed(self) -> bool:
        """Whether what is assumed holds."""
        return all(self.asked[k].sign in signs for k, signs in self.assumed.items())

    def _is_positive(self, value: Residue) -> bool:
        """Whether a function is defined there, which is no choice: elsewhere there is nothing to compare."""
        sign = self._sign(value)
        self.asked.append(Question(value, sign, False))
        return sign == 1

    def _sign(self, value: Residue) -> int | None:
        if value.exact is not None:
            return int(value.exact > 0) - int(value.exact < 0)
        t = value.values[0]
        return None if t is None else 0 if not t else 1 if self.field.is_square(t) else -1

    def power(self, base: Residue, exponent: Residue) -> Residue:
        """A power; of a positive number, where the exponent is not whole."""
        e = exponent.exact
        if e is None:
            return self._general_power(base, exponent)
        if e.denominator > 1:
            return self._fractional_power(base, e)
        if abs(e) > LARGEST:
            raise UnsupportedError(f"a power of {e} is not multiplied out")
        return base.raised(int(e)) if e >= 0 else base.inverted().raised(-int(e))

    def _fractional_power(self, base: Residue, e: Fraction) -> Residue:
        a, b = e.numerator, e.denominator
        self.met_root = True
        positive = self._is_positive(base)
        second_root = self._root_of_second(base) if b == 2 else None
        if b % 2 == 0:
            x, y, _ = base.values
            squares = None if x is None else self.field.is_square(x), None if y is None else second_root is not None
            self.radicands.append(Radicand((x, y), squares))
        if base.exact is not None and base.exact > 0:
            known = sympy.Rational(base.exact.numerator, base.exact.denominator) ** sympy.Rational(a, b)
            if known.is_Rational:
                return rational(Fraction(int(known.p), int(known.q)), self.field)
        if base.values[0] == 0 and e > 0:
            return rational(Fraction(0), self.field)
        if not positive:
            return self._nothing
        (p, q, _), (x, y, z) = self.field.moduli, base.values
        first = None
        # A constant is positive even if it is no square.
        if x is not None and (base.exact is None or self.field.is_square(x)):
            first = pow(x, a * pow(b, -1, q) % q, p)
        second = self._random_value("power", (e, y), 1)
        if b == 2:
            second = None if second_root is None else pow(second_root, a, q)
        self.roots[x, b] = b
        degree = abs(a) * sum(base.degrees)
        total = sum(base.heights)
        height = HIGHEST if total.bit_length() * abs(a) > 200 else total ** abs(a)
        values = first, second, self._random_value("power", (e, z), 2)
        return Residue(self.field, values, (degree, degree), (height, height))

    def _root_of_second(self, base: Residue) -> int | None:
        """The square root modulo Q that is a square itself; Q is 3 modulo 4."""
        q, y = self.field.moduli[1], base.values[1]
        return pow(y, (q + 1) // 4, q) if y and pow(y, (q - 1) // 2, q) == 1 else None

    def _general_power(self, base: Residue, exponent: Residue) -> Residue:
        if not self._is_positive(base):
            return self._nothing
        (x, y, z), (_, f, g) = base.values, exponent.values
        values = (
            pow(x, f, self.field.moduli[0]) if x is not None and f is not None and self.field.is_square(x) else None,
            self._random_value("power", (y, f), 1),
            self._random_value("power", (z, g), 2),
        )
        degree = sum(base.degrees) * _exponential_degree(exponent)
        return Residue(self.field, values, (degree, degree))

    def call(self, head: type[sympy.Basic], values: Sequence[Residue]) -> Residue:
        """A function by its laws, else a random value for each value of its arguments."""
        name = head.__name__
        x = values[0]
        if name == "exp":
            return self._exponential(x)
        if name == "log":
            return self._logarithm(x)
        if name in ("sin", "cos"):
            return self._circular(name, x)
        if name in DEFINITIONS:
            defined: Residue = interpret(DEFINITIONS[name](SLOT), {SLOT: x}, self)
            return defined
        if any(v.is_nowhere() for v in values):
            return self._nothing
        if name in INVERSE_CIRCULAR and x.exact in (-1, 0, 1):
            angle: Residue = interpret(head(int(x.exact)), {}, self)
            return angle
        facts = facts_of(head)
        found: list[int | None] = []
        for k, m in enumerate(self.field.moduli):
            arguments = [v.values[k] for v in values]
            if facts.odd and arguments[0] == 0:
                found.append(0)
                continue
            flip = (facts.odd or facts.even) and arguments[0] is not None and 2 * arguments[0] > m
            if flip:
                arguments[0] = m - (arguments[0] or 0)
            value = self._random_value(name, tuple(arguments), k)
            found.append(m - value if flip and facts.odd and value else value)
        return Residue(self.field, _triple(found))

    def call_row(self, tensor: Tensor, parts: Sequence[np.ndarray], count: int) -> list[Number]:
        """Random numbers, the same for equal operands."""
        operands = [[v.values if isinstance(v, Residue) else v for v in p.ravel()] for p in parts]
        keys = [tuple(v[k] if isinstance(v, tuple) else bool(v) for v in itertools.chain(*operands)) for k in range(3)]
        name = f"{describe_operation(tensor)}|{[p.shape for p in parts]}"
        return [
            Residue(self.field, _triple([self._random_value(f"{name}|{i}", key, k) for k, key in enumerate(keys)]))
            for i in range(count)
        ]

    def _exponential(self, x: Residue) -> Residue:
        if x.exact == 0:
            return rational(Fraction(1), self.field)
        p, f = self.field.moduli[0], x.values[1]
        found: list[int | None] = [None if f is None else pow(self.field.base, f, p)]
        for k in (1, 2):
            m, v = self.field.moduli[k], x.values[k]
            if not v:
                found.append(None if v is None else 1)
                continue
            value = self._random_value("exp", (min(v, m - v),), k)
            found.append(value if 2 * v < m or not value else pow(value, -1, m))
        degree = _exponential_degree(x)
        return Residue(self.field, _triple(found), (degree, degree))

    def _logarithm(self, x: Residue) -> Residue:
        positive = self._is_positive(x)
        if x.exact == 1:
            return rational(Fraction(0), self.field)
        self.met_logarithm = True
        if not positive:
            return self._nothing
        p, _, r = x.values
        second = self._random_value("log", (p,), 1)
        if self.logarithms:
            second = self.field.logarithm(p) if p is not None and self.field.is_square(p) else None
        return Residue(self.field, (self._random_value("log", (p,), 0), second, self._random_value("log", (r,), 2)))

    def _circular(self, name: str, x: Residue) -> Residue:
        if x.exact == 0:
            return rational(Fraction(int(name == "cos")), self.field)
        self.met_angle = True
        angle = x.values[2]
        cosine, sine = (None, None) if angle is None else self.field.rotate(angle)
        found: list[int | None] = [cosine if name == "cos" else sine]
        for k in (1, 2):
            m, v = self.field.moduli[k], x.values[k]
            if not v:
                found.append(None if v is None else int(name == "cos"))
                continue
            value = self._random_value(name, (min(v, m - v),), k)
            found.append(-value % m if value and name == "sin" and 2 * v > m else value)
        degree = _exponential_degree(x)
        return Residue(self.field, _triple(found), (2 * degree, degree))

    def _random_value(self, name: str, key: tuple[object, ...], k: int) -> int | None:
        """A random number for a function and its arguments, always the same; None where they are undefined."""
        return None if None in key else self._hash(name, repr(key), k)

    def _hash(self, name: str, key: str, k: int) -> int:
        digest = hashlib.blake2b(f"{self.seed}|{k}|{name}|{key}".encode(), digest_size=16).digest()
        return int.from_bytes(digest, "big") % (self.field.moduli[k] - 1) + 1


def _triple(values: Sequence[int | None]) -> Triple:
    first, second, third = values
    return first, second, third


@lru_cache(maxsize=4096)
def _prime_factors(value: int) -> frozenset[int]:
    """The prime factors of a constant that are not squares in any case and not large."""
    if abs(value) <= SQUARES[-1]:
        return frozenset()
    return frozenset(s for s in sympy.factorint(abs(value), limit=FACTORS) if SQUARES[-1] < s < FACTORS)


def _exponential_degree(exponent: Residue) -> int:
    """The degree of an exponential in those of the unknowns divided by a common denominator."""
    return max(1, *exponent.degrees) * sum(exponent.heights)


INVERSE_CIRCULAR = "asin", "atan"
"""Functions that are parts of pi at whole numbers."""

SLOT = sympy.Symbol("_0", real=True)

DEFINITIONS = {
    "tan": lambda x: sympy.sin(x) / sympy.cos(x),
    "cot": lambda x: sympy.cos(x) / sympy.sin(x),
    "sec": lambda x: 1 / sympy.cos(x),
    "csc": lambda x: 1 / sympy.sin(x),
    "sinh": lambda x: (sympy.exp(x) - 1 / sympy.exp(x)) / 2,
    "cosh": lambda x: (sympy.exp(x) + 1 / sympy.exp(x)) / 2,
    "tanh": lambda x: 1 - 2 / (sympy.exp(x) ** 2 + 1),
    "coth": lambda x: 1 + 2 / (sympy.exp(x) ** 2 - 1),
    "sech": lambda x: 2 * sympy.exp(x) / (sympy.exp(x) ** 2 + 1),
    "asinh": lambda x: sympy.log(x + sympy.sqrt(x**2 + 1)),
    "acosh": lambda x: sympy.log(x + sympy.sqrt(x - 1) * sympy.sqrt(x + 1)),
    "atanh": lambda x: (sympy.log(1 + x) - sympy.log(1 - x)) / 2,
    "acos": lambda x: sympy.pi / 2 - sympy.asin(x),
    "erfc": lambda x: 1 - sympy.erf(x),
}
"""Functions that are written in others."""
