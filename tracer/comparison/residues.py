"""Numbers modulo the three primes of a field, with bounds of their degrees as rational functions of unknowns."""

from __future__ import annotations

from fractions import Fraction

from tracer.comparison.fields import Field
from tracer.comparison.regions import reconstruct

Triple = tuple[int | None, int | None, int | None]
Bounds = tuple[int, int]
"""A bound for the numerator and one for the denominator."""

HIGHEST = 1 << 200
"""No bound is above it: there is no proof for such numbers anyway."""


class Residue:
    """A number modulo each of the primes of a field; None where it is undefined there.

    Attributes
    ----------
    field : Field
    values : tuple
    degrees : tuple of int
        Bounds of the degrees of the numerator and the denominator, as a rational function of the unknowns.
    heights : tuple of int
        Bounds of the sums of the coefficients of both, as whole numbers.
    exact : Fraction or None
        The number itself, where it is a known one.
    """

    __slots__ = ("degrees", "exact", "field", "heights", "values")

    def __init__(
        self,
        field: Field,
        values: Triple,
        degrees: Bounds = (1, 1),
        heights: Bounds = (1, 1),
        exact: Fraction | None = None,
    ) -> None:
        self.field, self.values, self.degrees, self.heights, self.exact = field, values, degrees, heights, exact

    def _sum(self, other: Residue, sign: int) -> Residue:
        if self.exact is not None and other.exact is not None:
            return rational(self.exact + sign * other.exact, self.field)
        (x, y, z), (u, v, w), (p, q, r) = self.values, other.values, self.field.moduli
        values = (
            None if x is None or u is None else (x + sign * u) % p,
            None if y is None or v is None else (y + sign * v) % q,
            None if z is None or w is None else (z + sign * w) % r,
        )
        (n, d), (k, e) = self.degrees, other.degrees
        (h, i), (j, c) = self.heights, other.heights
        # Whole coefficients, or those over the same number, stay so.
        heights = (h + j, i) if i == c else (h * c + i * j, i * c)
        return Residue(self.field, values, (max(n + e, d + k), d + e), _cap_heights(heights))

    def __add__(self, other: Residue) -> Residue:
        return self._sum(other, 1)

    def __sub__(self, other: Residue) -> Residue:
        return self._sum(other, -1)

    def __neg__(self) -> Residue:
        (x, y, z), (p, q, r) = self.values, self.field.moduli
        values = None if x is None else -x % p, None if y is None else -y % q, None if z is None else -z % r
        return Residue(self.field, values, self.degrees, self.heights, None if self.exact is None else -self.exact)

    def __mul__(self, other: Residue) -> Residue:
        if self.exact is not None and other.exact is not None:
            return rational(self.exact * other.exact, self.field)
        (x, y, z), (u, v, w), (p, q, r) = self.values, other.values, self.field.moduli
        values = (
            None if x is None or u is None else x * u % p,
            None if y is None or v is None else y * v % q,
            None if z is None or w is None else z * w % r,
        )
        degrees = self.degrees[0] + other.degrees[0], self.degrees[1] + other.degrees[1]
        heights = self.heights[0] * other.heights[0], self.heights[1] * other.heights[1]
        return Residue(self.field, values, degrees, _cap_heights(heights))

    def __truediv__(self, other: Residue) -> Residue:
        return self * other.inverted()

    def inverted(self) -> Residue:
        """One divided by it."""
        (x, y, z), (p, q, r) = self.values, self.field.moduli
        values = pow(x, -1, p) if x else None, pow(y, -1, q) if y else None, pow(z, -1, r) if z else None
        exact = 1 / self.exact if self.exact else None
        return Residue(self.field, values, self.degrees[::-1], self.heights[::-1], exact)

    def raised(self, k: int) -> Residue:
        """A power whose exponent is a whole number and not below zero."""
        (x, y, z), (p, q, r) = self.values, self.field.moduli
        values = (
            None if x is None else pow(x, k, p),
            None if y is None else pow(y, k, q),
            None if z is None else pow(z, k, r),
        )
        degrees = self.degrees[0] * k, self.degrees[1] * k
        heights = tuple(HIGHEST if h.bit_length() * k > 200 else h**k for h in self.heights)
        exact = None if self.exact is None else self.exact**k
        return Residue(self.field, values, degrees, (heights[0], heights[1]), exact)

    def is_nowhere(self) -> bool:
        """Whether it is undefined modulo each of the primes."""
        return self.values == (None, None, None)

    def is_zero_everywhere(self) -> bool:
        """Whether it is zero modulo each of the primes."""
        return self.values == (0, 0, 0)

    def fraction(self) -> Fraction | None:
        """The number itself, if it is a fraction of numbers that are not large; None else.

        Examples
        --------
        >>> from tracer.comparison.fields import choose_field
        >>> x = rational(Fraction(3, 7), choose_field(0))
        >>> Residue(x.field, x.values).fraction()
        Fraction(3, 7)
        """
        (x, y, z), (p, q, r) = self.values, self.field.moduli
        if self.exact is not None or x is None or y is None or z is None:
            return self.exact
        found = reconstruct(x + p * ((y - x) * pow(p, -1, q) % q), p * q)
        if found is None or found.denominator % r == 0:
            return None
        return found if (found.numerator - z * found.denominator) % r == 0 else None


def _cap_heights(heights: Bounds) -> Bounds:
    return heights if max(heights) <= HIGHEST else (HIGHEST, HIGHEST)


def rational(value: Fraction, field: Field) -> Residue:
    """A known number."""
    (p, q, r), n, d = field.moduli, value.numerator, value.denominator
    if d == 1:
        values: Triple = n % p, n % q, n % r
    else:
        values = (
            n * pow(d, -1, p) % p if d % p else None,
            n * pow(d, -1, q) % q if d % q else None,
            n * pow(d, -1, r) % r if d % r else None,
        )
    return Residue(field, values, (0, 0), _cap_heights((abs(n) or 1, d)), value)
