"""Numbers in terms are exact, and refused where nobody could read them."""

import itertools

import pytest
import sympy

from tracer.terms.failures import TooLong
from tracer.terms.numbers import (
    common_content,
    exact,
    is_negative,
    raise_number,
    shared_factor,
    split_coefficient,
    text_of,
)

n = sympy.Symbol("n", integer=True, positive=True)


def test_floats_are_what_they_are_spelled():
    assert exact(0.1) == sympy.Rational(1, 10)
    assert exact(0.5 * n) == n / 2
    assert exact(float("inf")) == sympy.oo


@pytest.mark.parametrize("fraction", ["1/3", "-2/3", "5/7", "100/3", "999/1000", "1/997"])
def test_floats_are_the_fractions_that_they_are_nearest_to(fraction):
    assert exact(float(sympy.Rational(fraction))) == sympy.Rational(fraction)


@pytest.mark.parametrize("text", ["0.1234567890123456", "0.30000000000000004", "0.333333333333", "123.45678901234567"])
def test_other_floats_are_decimal_numbers(text):
    assert exact(float(text)) == sympy.Rational(text)


def test_what_coefficients_share_is_taken_out():
    assert common_content([4 * n, 6 * n]) == 2 * n
    assert common_content([sympy.sqrt(2), 3 * sympy.sqrt(2)]) == sympy.sqrt(2)
    assert common_content([sympy.Rational(1, 2), sympy.Rational(1, 3)]) == sympy.Rational(1, 6)
    assert common_content([sympy.sqrt(n), 1 / sympy.sqrt(n)]) == 1 / sympy.sqrt(n)
    assert common_content([n ** sympy.Rational(3, 2), n ** sympy.Rational(-1, 2)]) == 1 / sympy.sqrt(n)
    assert common_content([n, 1 / n]) == common_content([n, sympy.sqrt(n)]) / sympy.sqrt(n) == 1
    assert shared_factor([sympy.Rational(4, 3), sympy.Rational(2, 3)]) == sympy.Rational(2, 3)
    assert shared_factor([sympy.S.One, sympy.Rational(1, 100)]) == 1
    assert split_coefficient(3 * sympy.sqrt(2) * n) == (3, sympy.sqrt(2), n)


def test_a_sign_is_seen():
    assert [is_negative(c) for c in (-n, n, sympy.Integer(-2))] == [True, False, True]


@pytest.mark.parametrize(
    ("value", "what"),
    [(sympy.Integer(3) ** 3000, "2048 bits"), (sympy.exp(sympy.exp(9)), "beyond floats")],
)
def test_a_number_that_nobody_reads_is_refused(value, what):
    with pytest.raises(TooLong, match=f'{what}.*"steps"'):
        text_of(value)


def test_a_power_is_refused_before_it_is_computed():
    with pytest.raises(TooLong, match="bits"):
        raise_number(sympy.Rational(3, 2), sympy.Integer(10) ** 9)
    assert raise_number(sympy.Integer(2), sympy.Integer(10)) == 1024


EXPONENTS = [sympy.Rational(p, q) for p, q in [(-2, 1), (-1, 1), (-2, 3), (-1, 2), (1, 3), (1, 2), (3, 2), (2, 1)]]


@pytest.mark.parametrize("count", [2, 3])
def test_dimensions_and_roots_that_coefficients_share_are_taken_out(count):
    """The least power where all signs are one, or the roots are the same up to whole powers, which may be below."""
    m, k = sympy.symbols("m k", integer=True, positive=True)
    for row in itertools.product([*EXPONENTS, sympy.S.Zero], repeat=count):
        signs = {sympy.sign(e) for e in row}
        same_root = all((e - row[0]).is_Integer for e in row) and not row[0].is_Integer
        least = min(row, key=lambda e: (abs(e), e))
        wanted = n**least if len(signs) == 1 or same_root else sympy.S.One
        found = common_content([n**e * (m if j else m**2) for j, e in enumerate(row)])
        assert found == wanted * m, row
    assert common_content([n**k, n**2]) == common_content([n**2, n**k]) == 1
