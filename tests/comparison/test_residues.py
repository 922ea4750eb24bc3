"""Numbers modulo three primes."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tracer.comparison.fields import choose_field
from tracer.comparison.residues import HIGHEST, Residue, rational

FIELD = choose_field(0)
NUMBERS = st.fractions(-50, 50, max_denominator=30)


def hidden(value):
    """A number of which it is not known that it is one."""
    return Residue(FIELD, rational(value, FIELD).values)


@given(NUMBERS, NUMBERS)
def test_arithmetic_is_that_of_fractions(x, y):
    for make in (hidden, lambda v: rational(v, FIELD)):
        u, v = make(x), make(y)
        assert (u + v).fraction() == x + y
        assert (u - v).fraction() == x - y
        assert (u * v).fraction() == x * y
        assert (-u).fraction() == -x
        assert u.raised(3).fraction() == x**3
        assert (u / v).fraction() == (x / y if y else None)


def test_what_is_no_small_fraction_is_none():
    x = Residue(FIELD, (12345678901234567, 98765432109876, 3333333333))
    assert x.fraction() is None
    assert (rational(Fraction(1), FIELD) / rational(Fraction(0), FIELD)).is_nowhere()
    assert rational(Fraction(0), FIELD).is_zero_everywhere()


def test_bounds_are_those_of_rational_functions():
    u, v = (Residue(FIELD, (k, k, k), (1, 0)) for k in (11, 23))
    assert (u * v + u).degrees == (2, 0)
    assert (u / v + v / u).degrees == (2, 2)
    assert (u + v).raised(3).degrees == (3, 0)
    assert (u + u + v).heights == (3, 1)
    assert u.raised(5).heights == (1, 1)
    assert (u + v).raised(4000).heights == (HIGHEST, HIGHEST)
