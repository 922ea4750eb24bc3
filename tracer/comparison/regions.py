"""Which signs linear quantities can have together.

Residues have signs, but no order: x may be negative and x - 1 positive. Of quantities that are linear in the unknowns,
elimination (Fourier 1826, Motzkin 1936) says over the rational numbers which patterns of signs there are.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from math import isqrt
from typing import NamedTuple

MOST = 200
"""How many inequalities elimination may make."""


class Linear(NamedTuple):
    """A linear form: the factors of unknowns and a number."""

    factors: Mapping[Hashable, Fraction]
    number: Fraction

    def plus(self, other: Linear, factor: Fraction) -> Linear:
        """It and a multiple of another."""
        factors = dict(self.factors)
        for place, f in other.factors.items():
            factors[place] = factors.get(place, Fraction(0)) + factor * f
        return Linear({p: f for p, f in factors.items() if f}, self.number + factor * other.number)


def is_possible(signs: Sequence[tuple[Linear, int]]) -> bool:
    """Whether linear forms have the signs -1, 0 and 1 at some point; True where that is not found out.

    Examples
    --------
    >>> x = Linear({"x": Fraction(1)}, Fraction(0))
    >>> y = Linear({"x": Fraction(1)}, Fraction(-1))
    >>> is_possible([(x, 1), (y, -1)]), is_possible([(x, -1), (y, 1)]), is_possible([(x, 0), (y, 0)])
    (True, False, False)
    """
    equal = [form for form, sign in signs if not sign]
    positive = [
        form if sign > 0 else Linear({p: -f for p, f in form.factors.items()}, -form.number)
        for form, sign in signs
        if sign
    ]
    while equal:
        form = equal.pop()
        if not form.factors:
            if form.number:
                return False
            continue
        place, factor = next(iter(form.factors.items()))
        equal = [f.plus(form, -f.factors.get(place, Fraction(0)) / factor) for f in equal]
        positive = [f.plus(form, -f.factors.get(place, Fraction(0)) / factor) for f in positive]
    while positive:
        if any(not f.factors and f.number <= 0 for f in positive):
            return False
        positive = [f for f in positive if f.factors]
        if not positive or len(positive) > MOST:
            return True
        place = next(iter(positive[0].factors))
        up = [f for f in positive if f.factors.get(place, 0) > 0]
        down = [f for f in positive if f.factors.get(place, 0) < 0]
        rest = [f for f in positive if place not in f.factors]
        positive = rest + [u.plus(d, -u.factors[place] / d.factors[place]) for u in up for d in down]
    return True


def reconstruct(value: int, modulus: int) -> Fraction | None:
    """The fraction of small numbers that is a number modulo another (Wang 1981); None where there is none.

    Examples
    --------
    >>> reconstruct(3 * pow(7, -1, 10007) % 10007, 10007)
    Fraction(3, 7)
    """
    bound = isqrt(modulus // 2)
    r, s = (modulus, value % modulus), (0, 1)
    while r[1] > bound:
        q = r[0] // r[1]
        r, s = (r[1], r[0] - q * r[1]), (s[1], s[0] - q * s[1])
    if not s[1] or abs(s[1]) > bound:
        return None
    return Fraction(r[1], s[1])
