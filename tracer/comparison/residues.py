"""Exact arithmetic modulo primes, in which exponentials, logarithms, roots and signs keep their laws.

A rational function that is zero at random points modulo a large prime is zero, but for a small probability (Schwartz
1980, Zippel 1979). Gonnet (Determining equivalence of expressions in random polynomial time, STOC 1984) extends this to
exponentials: they are powers of an element of order q modulo a prime p with q | p - 1, and their exponents are computed
modulo q. Here every number is computed modulo three primes at once, P = 2Q + 1, Q and R with R | P + 1:

- ``exp(t)`` modulo P is ``G**t`` with t modulo Q, so that ``exp(a + b) = exp(a)*exp(b)``.
- ``log(t)`` modulo Q is the discrete logarithm of t modulo P, so that ``log(a*b) = log(a) + log(b)``.
- ``cos(t)`` and ``sin(t)`` modulo P are the parts of a power of an element of norm 1 and order R in the field of P**2
  elements, with t modulo R, so that the sums of angles and ``sin**2 + cos**2 = 1`` hold.
- The squares modulo P stand for the positive numbers: -1 is none, products of them are, and their group has the odd
  order Q, so that each has one power for each fraction that is a square itself: ``sqrt(a*b) = sqrt(a)*sqrt(b)``, and
  ``sqrt(x**2)`` is the absolute value. As the sign of a sum is not that of its terms, all patterns of signs occur.

Any other function has a random value for each value of its argument. Whatever holds modulo one of the primes at random
points is thus an identity that follows from these laws alone.
"""

from __future__ import annotations

import hashlib
import itertools
import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from math import isqrt
from types import MappingProxyType

import numpy as np
import sympy

from tracer.comparison.numeric import Arithmetic, Number, UnsupportedError, interpret
from tracer.comparison.regions import reconstruct
from tracer.rules import facts_of
from tracer.shapes import Literal
from tracer.tensor import Tensor
from tracer.terms import record as T

P, Q, R = 34360125719, 17180062859, 286334381
"""Primes with P = 2Q + 1, R a divisor of P + 1, and 2, 3, 5, 7, 11 and 13 squares modulo P."""

MODULI = (P, Q, R)
G = 4
"""Of order Q modulo P."""

NOT_FORCED: Mapping[int, int] = MappingProxyType({})

LARGEST = 4096
"""The largest exponent of a power that is multiplied out."""

Triple = tuple[int | None, int | None, int | None]


class Residue:
    """A number modulo each of the primes; None where it is undefined there.

    Attributes
    ----------
    values : tuple
    degrees : tuple of int
        Bounds of the degrees of the numerator and the denominator, as a rational function of the unknowns.
    heights : tuple of int
        Bounds of the sums of the coefficients of both, as whole numbers.
    exact : Fraction or None
        The number itself, where it is a known one.
    """

    __slots__ = ("degrees", "exact", "heights", "values")

    def __init__(
        self,
        values: Triple,
        degrees: tuple[int, int] = (1, 1),
        heights: tuple[int, int] = (1, 1),
        exact: Fraction | None = None,
    ) -> None:
        self.values, self.degrees, self.heights, self.exact = values, degrees, heights, exact

    def _sum(self, other: Residue, sign: int) -> Residue:
        if self.exact is not None and other.exact is not None:
            return rational(self.exact + sign * other.exact)
        values = [
            None if a is None or b is None else (a + sign * b) % m for a, b, m in zip(self.values, other.values, MODULI)
        ]
        (n, d), (k, e) = self.degrees, other.degrees
        (h, i), (j, c) = self.heights, other.heights
        # Whole coefficients, or those over the same number, stay so.
        heights = (h + j, i) if i == c else (h * c + i * j, i * c)
        return Residue(_triple(values), (max(n + e, d + k), d + e), heights)

    def __add__(self, other: Residue) -> Residue:
        return self._sum(other, 1)

    def __sub__(self, other: Residue) -> Residue:
        return self._sum(other, -1)

    def __neg__(self) -> Residue:
        values = [None if a is None else -a % m for a, m in zip(self.values, MODULI)]
        return Residue(_triple(values), self.degrees, self.heights, None if self.exact is None else -self.exact)

    def __mul__(self, other: Residue) -> Residue:
        if self.exact is not None and other.exact is not None:
            return rational(self.exact * other.exact)
        values = [None if a is None or b is None else a * b % m for a, b, m in zip(self.values, other.values, MODULI)]
        degrees = self.degrees[0] + other.degrees[0], self.degrees[1] + other.degrees[1]
        heights = self.heights[0] * other.heights[0], self.heights[1] * other.heights[1]
        return Residue(_triple(values), degrees, heights)

    def inverted(self) -> Residue:
        """One divided by it."""
        values = [None if not a else pow(a, -1, m) for a, m in zip(self.values, MODULI)]
        exact = 1 / self.exact if self.exact else None
        return Residue(_triple(values), self.degrees[::-1], self.heights[::-1], exact)

    def fraction(self) -> Fraction | None:
        """The number itself, if it is a fraction of numbers that are not large; None else."""
        p, q, r = self.values
        if self.exact is not None or p is None or q is None or r is None:
            return self.exact
        both = p + P * ((q - p) * pow(P, -1, Q) % Q)
        found = reconstruct(both, P * Q)
        if found is None or found.denominator % R == 0:
            return None
        return found if (found.numerator - r * found.denominator) % R == 0 else None

    def __truediv__(self, other: Residue) -> Residue:
        return self * other.inverted()


def _triple(values: Sequence[int | None]) -> Triple:
    first, second, third = values
    return first, second, third


NOTHING = Residue((None, None, None))


def rational(value: Fraction) -> Residue:
    """A known number."""
    values = [value.numerator * pow(value.denominator, -1, m) % m if value.denominator % m else None for m in MODULI]
    return Residue(_triple(values), (0, 0), (abs(value.numerator) or 1, value.denominator), value)


def is_square(value: int) -> bool:
    """Whether a number is a square modulo P, which stands for a positive one."""
    return pow(value, Q, P) == 1


class Residues(Arithmetic):
    """The arithmetic of residues, with random values for unknowns and for what functions have no law.

    Parameters
    ----------
    seed : int
    logarithms : bool
        Whether discrete logarithms are found; else logarithms have no law.
    forced : mapping of int to int
        Signs by the position of the question, whatever the value is.

    Attributes
    ----------
    asked : list of tuple
        What was asked for its sign, and the answer, in order; what has to be positive too.
    choices : set of int
        What values were chosen by, modulo P and up to a sign.
    jumps : list of int
        The positions of the questions where the value may jump.
    roots : dict
        The orders of the roots that were taken.

    Examples
    --------
    >>> a = Residues(0)
    >>> x = a.unknown()
    >>> e = a.call(sympy.exp, [x + x])
    >>> e.values[0] == a.power(a.call(sympy.exp, [x]), a.number(2)).values[0]
    True
    """

    def __init__(self, seed: int, logarithms: bool = False, forced: Mapping[int, int] = NOT_FORCED) -> None:
        self.seed = seed
        self.logarithms = logarithms
        self.forced = forced
        self.met_logarithm = False
        self.random = random.Random(seed)
        self.asked: list[tuple[Residue, int]] = []
        self.choices: set[int] = set()
        self.jumps: list[int] = []
        self.roots: dict[tuple[int | None, int], int] = {}
        self._constants: dict[sympy.Basic, Residue] = {}
        self._numbers: dict[object, Number] = {}

    @property
    def undefined(self) -> Residue:
        """No number, whatever the prime."""
        return NOTHING

    def unknown(self) -> Residue:
        """A random number."""
        return Residue(_triple([self.random.randrange(1, m) for m in MODULI]), (1, 0))

    def number(self, value: Literal) -> Number:
        """A number that is known, exactly as it is spelled."""
        key = type(value), value
        if key not in self._numbers:
            exact = T.exact(value)
            if isinstance(exact, sympy.Rational):
                self._numbers[key] = rational(Fraction(int(exact.p), int(exact.q)))
            elif exact.is_finite is False or exact is sympy.nan:
                raise UnsupportedError(f"{value} is no residue")
            else:
                self._numbers[key] = interpret(exact, {}, self)
        return self._numbers[key]

    def constant(self, value: sympy.Expr) -> Residue:
        """A number such as pi, or a dimension: an unknown."""
        if value is sympy.E:
            return self.call(sympy.exp, [rational(Fraction(1))])
        if value not in self._constants:
            values = [self._hash("constant", str(value), k) for k in range(3)]
            self._constants[value] = Residue(_triple(values), (1, 0))
        return self._constants[value]

    def is_zero(self, value: Residue) -> bool:  # type: ignore[override]
        """Whether it is zero modulo P."""
        return value.values[0] == 0

    def size(self, value: Residue) -> float:  # type: ignore[override]
        """Whether it may be a pivot."""
        return float(bool(value.values[0]))

    def sign(self, value: Residue) -> int | None:  # type: ignore[override]
        """The sign, noted as a choice unless the number is known."""
        if value.exact is not None:
            return int(value.exact > 0) - int(value.exact < 0)
        t = value.values[0]
        if t is None:
            return None
        if self.jumping:
            self.jumps.append(len(self.asked))
        sign = self.forced.get(len(self.asked), 0 if t == 0 else 1 if is_square(t) else -1)
        self.asked.append((value, sign))
        if t:
            self.choices.add(min(t, P - t))
        return sign

    def _is_positive(self, value: Residue) -> bool:
        """Whether a function is defined there, which is no choice: elsewhere there is nothing to compare."""
        if value.exact is not None:
            return value.exact > 0
        t = value.values[0]
        sign = 0 if not t else 1 if is_square(t) else -1
        self.asked.append((value, sign))
        return sign > 0

    def power(self, base: Residue, exponent: Residue) -> Residue:  # type: ignore[override]
        """A power; of a positive number, where the exponent is not whole."""
        e = exponent.exact
        if e is None:
            return self._general_power(base, exponent)
        if e.denominator > 1:
            return self._fractional_power(base, e)
        k = int(e)
        if abs(k) > LARGEST:
            raise UnsupportedError(f"a power of {k} is not multiplied out")
        if k < 0:
            base, k = base.inverted(), -k
        values = [None if v is None else pow(v, k, m) for v, m in zip(base.values, MODULI)]
        return Residue(
            _triple(values),
            (base.degrees[0] * k, base.degrees[1] * k),
            (base.heights[0] ** k, base.heights[1] ** k),
            None if base.exact is None else base.exact**k,
        )

    def _fractional_power(self, base: Residue, e: Fraction) -> Residue:
        if base.exact is not None and base.exact > 0:
            known = sympy.Rational(base.exact.numerator, base.exact.denominator) ** sympy.Rational(
                e.numerator, e.denominator
            )
            if known.is_Rational:
                return rational(Fraction(int(known.p), int(known.q)))
        if base.values[0] == 0 and e > 0:
            return rational(Fraction(0))
        if not self._is_positive(base):
            return NOTHING
        p, q, r = base.values
        assert p is not None
        a, b = e.numerator, e.denominator
        second: int | None = self._random_value("power", (e, q), 1)
        if b == 2:
            second = None
            if q and pow(q, (Q - 1) // 2, Q) == 1:
                second = pow(pow(q, (Q + 1) // 4, Q), a, Q)
        values = pow(p, a * pow(b, -1, Q) % Q, P), second, self._random_value("power", (e, r), 2)
        self.roots[p, b] = b
        degree = abs(a) * (base.degrees[0] + base.degrees[1])
        height = (base.heights[0] + base.heights[1]) ** min(abs(a), LARGEST)
        return Residue(values, (degree, degree), (height, height))

    def _general_power(self, base: Residue, exponent: Residue) -> Residue:
        if not self._is_positive(base):
            return NOTHING
        p, q, r = base.values
        assert p is not None
        first = None if exponent.values[1] is None else pow(p, exponent.values[1], P)
        values = (
            first,
            self._random_value("power", (q, exponent.values[1]), 1),
            self._random_value("power", (r, exponent.values[2]), 2),
        )
        degree = (base.degrees[0] + base.degrees[1]) * _exponential_degree(exponent)
        return Residue(values, (degree, degree))

    def call(self, head: type[sympy.Basic], values: Sequence[Residue]) -> Residue:  # type: ignore[override]
        """A function by its laws, else a random value for each value of its arguments."""
        name = head.__name__
        x = values[0]
        if name == "exp":
            return self._exponential(x)
        if name == "log":
            return self._logarithm(x)
        if name in ("sin", "cos"):
            return self._circular(name, x)
        slots = sympy.symbols("_0", real=True)
        if name in DEFINITIONS:
            return interpret(DEFINITIONS[name](slots), {slots: x}, self)  # type: ignore[return-value]
        if any(v.values == NOTHING.values for v in values):
            return NOTHING
        facts = facts_of(head)
        found: list[int | None] = []
        for k, m in enumerate(MODULI):
            arguments = [v.values[k] for v in values]
            flip = (facts.odd or facts.even) and arguments[0] is not None and 2 * arguments[0] > m
            if facts.odd and arguments[0] == 0:
                found.append(0)
                continue
            if flip:
                arguments[0] = m - (arguments[0] or 0)
            value = self._random_value(name, tuple(arguments), k)
            found.append(m - value if flip and facts.odd and value else value)
        return Residue(_triple(found))

    def call_row(self, tensor: Tensor, parts: Sequence[np.ndarray], count: int) -> list[Number]:
        """Random numbers, the same for equal operands."""
        operands = [[v.values if isinstance(v, Residue) else v for v in p.ravel()] for p in parts]
        found: list[Number] = []
        for i in range(count):
            name = f"{tensor.op}|{tensor.params!r}|{[p.shape for p in parts]}|{i}"
            keys = [
                tuple(v[k] if isinstance(v, tuple) else bool(v) for v in itertools.chain(*operands)) for k in range(3)
            ]
            found.append(Residue(_triple([self._random_value(name, key, k) for k, key in enumerate(keys)])))
        return found

    def _exponential(self, x: Residue) -> Residue:
        if x.exact == 0:
            return rational(Fraction(1))
        found: list[int | None] = [None if x.values[1] is None else pow(G, x.values[1], P)]
        for k in (1, 2):
            m, v = MODULI[k], x.values[k]
            if not v:
                found.append(None if v is None else 1)
                continue
            value = self._random_value("exp", (min(v, m - v),), k)
            found.append(value if 2 * v < m or not value else pow(value, -1, m))
        degree = _exponential_degree(x)
        return Residue(_triple(found), (degree, degree))

    def _logarithm(self, x: Residue) -> Residue:
        if x.exact == 1:
            return rational(Fraction(0))
        if not self._is_positive(x):
            return NOTHING
        self.met_logarithm = True
        p, _, r = x.values
        assert p is not None
        second = discrete_logarithm(p) if self.logarithms else self._random_value("log", (p,), 1)
        values = self._random_value("log", (p,), 0), second, self._random_value("log", (r,), 2)
        return Residue(values)

    def _circular(self, name: str, x: Residue) -> Residue:
        if x.exact == 0:
            return rational(Fraction(int(name == "cos")))
        found: list[int | None] = []
        third = x.values[2]
        cosine, sine = (None, None) if third is None else _rotate(third)
        found.append(cosine if name == "cos" else sine)
        for k in (1, 2):
            m, v = MODULI[k], x.values[k]
            if not v:
                found.append(None if v is None else int(name == "cos"))
                continue
            value = self._random_value(name, (min(v, m - v),), k)
            found.append(-value % m if value and name == "sin" and 2 * v > m else value)
        degree = _exponential_degree(x)
        return Residue(_triple(found), (2 * degree, degree))

    def _random_value(self, name: str, key: tuple[object, ...], k: int) -> int | None:
        """A random number for a function and its arguments, always the same; None where they are undefined."""
        return None if None in key else self._hash(name, repr(key), k)

    def _hash(self, name: str, key: str, k: int) -> int:
        digest = hashlib.blake2b(f"{self.seed}|{k}|{name}|{key}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") % (MODULI[k] - 1) + 1


def _exponential_degree(exponent: Residue) -> int:
    """The degree of an exponential in those of the unknowns divided by a common denominator."""
    return max(1, *exponent.degrees) * (exponent.heights[0] + exponent.heights[1])


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


@cache
def _rotation() -> tuple[int, int]:
    """An element of norm 1 and order R in the field of P**2 elements, as a real and an imaginary part."""
    t = 2
    while True:
        # (1 + t*i)/(1 - t*i) has norm 1.
        scale = pow(1 + t * t, -1, P)
        made = _to_power(((1 - t * t) * scale % P, 2 * t * scale % P), (P + 1) // R)
        if made != (1, 0):
            return made
        t += 1


def _to_power(x: tuple[int, int], k: int) -> tuple[int, int]:
    """A power in the field of P**2 elements."""
    result = (1, 0)
    while k:
        if k & 1:
            result = _times(result, x)
        x = _times(x, x)
        k >>= 1
    return result


def _times(x: tuple[int, int], y: tuple[int, int]) -> tuple[int, int]:
    return (x[0] * y[0] - x[1] * y[1]) % P, (x[0] * y[1] + x[1] * y[0]) % P


def _rotate(t: int) -> tuple[int, int]:
    """The cosine and the sine of an angle modulo R."""
    return _to_power(_rotation(), t)


STEP = isqrt(Q) * 3
"""How many powers the table of discrete logarithms holds."""


@cache
def _small_powers() -> dict[int, int]:
    powers, value = {}, 1
    for k in range(STEP):
        powers[value] = k
        value = value * G % P
    return powers


@cache
def _giant() -> int:
    return pow(G, -STEP, P)


def discrete_logarithm(value: int) -> int:
    """The exponent of ``G`` for a square modulo P, by small and giant steps (Shanks 1971).

    Examples
    --------
    >>> discrete_logarithm(pow(G, 123456789, P))
    123456789
    """
    powers, giant = _small_powers(), _giant()
    for k in range(Q // STEP + 2):
        if value in powers:
            return (k * STEP + powers[value]) % Q
        value = value * giant % P
    raise ValueError("the number is no square modulo P")
