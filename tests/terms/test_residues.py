"""Numbers modulo a chain of primes: exponentials, logarithms and roots are those of real numbers."""

from __future__ import annotations

import pytest
import sympy

from tests.terms import residues
from tests.terms.residues import COFACTORS, LEVELS, ORDERS, PRIMES, Number, exp, log, power, rational

x, y = rational(3, 7), rational(-5, 11)
NUMBERS = {
    "rational": rational(22, 9),
    "exponential": exp(x),
    "sum": exp(x) + rational(2),
    "unknown": residues.unknown("t", residues.REAL.pi()),
}


def test_the_primes_are_a_chain():
    for k in LEVELS:
        assert sympy.isprime(PRIMES[k])
        assert PRIMES[k] % 8 == 5
        assert COFACTORS[k] * ORDERS[k] == PRIMES[k] - 1
        assert ORDERS[k] == 1 or COFACTORS[k] % ORDERS[k]
        assert pow(residues.IMAGINARY[k], 2, PRIMES[k]) == PRIMES[k] - 1


def test_exponentials_of_sums_are_products():
    assert exp(x + y).equals(exp(x) * exp(y))
    assert exp(-x).equals(rational(1) / exp(x))
    assert not exp(x + y).equals(exp(x) + exp(y))


def test_an_angle_of_too_many_turns_has_no_exponential():
    assert exp(residues.I * rational(10**12)).is_defined()
    assert not exp(residues.I * rational(10**20)).is_defined()


@pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS)
def test_a_logarithm_is_undone(number):
    there = exp(log(number))
    assert there.equals(number)
    assert there.bits_shared(number) >= 14
    assert log(number * exp(x)).equals(log(number) + x)
    assert exp(rational(3) * log(number)).equals(number * number * number)
    assert not exp(rational(2) * log(number)).equals(number)


def test_a_number_without_residues_has_no_known_root():
    two, four = (Number(residues.REAL.mpf(k), (None,) * len(PRIMES)) for k in (2, 4))
    assert power(four, sympy.S.Half, {four.at: rational(3)}).equals(two)


@pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS)
def test_roots_are_roots(number):
    root = power(number, sympy.S.Half)
    assert (root * root).equals(number)
    assert exp(rational(1, 2) * log(number)).equals(root)
    assert power(number, sympy.Rational(-3, 2)).equals(rational(1) / (root * number))


def test_what_is_undefined_says_so():
    zero = x - x
    assert not (x / zero).is_defined()
    assert not log(-x).is_defined()
    assert not power(-x, sympy.S.Half).is_defined()
    assert not power(zero, sympy.Integer(-1)).is_defined()


def test_numbers_that_differ_in_a_residue_or_in_value_are_different():
    near = residues.Number(x.real, (x.at[0] + 1, *x.at[1:]))
    assert not x.equals(near)
    assert not x.equals(residues.Number(x.real + 1, x.at))
