"""Which powers summands have of what they share, and what of it cancels."""

import sympy

from tests.terms.programs import F, X, ones_times, product, u, v, w
from tracer.terms import record as T
from tracer.terms.fractions import (
    BASES,
    has_fraction,
    is_below,
    list_denominators,
    multiply_by_power,
    read_powers,
)  # fmt: skip
from tracer.terms.normalise import Normaliser

ONE = sympy.S.One


def quotient(above, below, e=1):
    return Normaliser(()).normal(T.times(above, T.power(below, -e)))


def test_only_negative_numbers_stand_below():
    assert is_below(sympy.Integer(-1))
    assert is_below(sympy.Rational(-1, 2))
    assert not is_below(sympy.Integer(2))
    assert not is_below(-sympy.Symbol("n", positive=True))


def test_powers_are_read_by_factor_and_axes_of_the_result():
    assert read_powers(quotient(u, v, 2)) == {(u, (0,)): 1, (v, (0,)): -2}
    assert read_powers(Normaliser(()).normal(T.times(X, ones_times(u)))) == {(X, (0, 1)): 1, (u, (1,)): 1}
    assert read_powers(product(ONE, [(F, (0, 1), ONE), (u, (1,), ONE)], (0,))) == {}
    assert read_powers(product(ONE, [(u, (0,), ONE)], (0, 0))) == {}
    assert read_powers(T.number(3, u.shape)) == {}


def test_a_fraction_has_a_factor_below():
    assert has_fraction(quotient(u, v))
    assert not has_fraction(T.times(u, v))


def test_denominators_are_what_summands_have_in_different_powers():
    once, twice = quotient(u, v), quotient(u, v, 2)
    assert list_denominators({once: ONE, twice: ONE}) == [((v, (0,)), -2)]
    assert list_denominators({once: ONE, quotient(w, v): ONE}) == []
    assert list_denominators({once: ONE, quotient(u, v, sympy.S.Half): ONE}) == []
    sources = [T.source(f"s{k}", u.shape) for k in range(BASES + 2)]
    many = {quotient(u, s): ONE for s in sources}
    assert [base for base, _ in list_denominators(many)] == [(s, (0,)) for s in sources[:BASES]]


def test_a_term_times_a_power_of_a_factor():
    n = Normaliser(())
    assert multiply_by_power(n, quotient(u, v, 2), (v, (0,)), sympy.Integer(2)) is u
    assert multiply_by_power(n, X, (u, (1,)), ONE) is n.normal(T.times(X, ones_times(u)))
