"""Products are taken apart into factors, and equal ones are powers."""

import numpy as np
import pytest
import sympy

from tests.terms.programs import F, X, u, v
from tests.terms.values import value
from tracer.scalar import relu
from tracer.terms import record as T
from tracer.terms.factors import Factors, connected_blocks, merge_powers
from tracer.terms.failures import FormulaError
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.standard import STANDARD


def taken_apart(term):
    return Factors(Normaliser(()), term)


def test_products_inside_of_products_are_spliced_with_labels_of_their_own():
    inner = T.product(2, [(F, (0, 1), T.ONE), (u, (1,), T.ONE)], (0,))
    found = taken_apart(T.product(3, [(inner, (0,), T.ONE), (inner, (0,), T.ONE)], ()))
    assert found.scale == 12
    assert len(found.factors) == 4
    assert len({k for _, i, _ in found.factors for k in i}) == 3


def test_a_diagonal_makes_two_labels_one():
    found = taken_apart(T.product(1, [(T.identity(3), (0, 1), T.ONE), (X, (2, 1), T.ONE)], (2, 0)))
    assert found.factors == [(X, (0, 1), T.ONE)]
    assert found.out == (0, 1)


def test_a_root_is_drawn_where_signs_are_known():
    n = Normaliser(())
    square = T.times(T.power(u, 2), T.scaled(4, T.power(v, 4)))
    bars = [T.call(sympy.Abs, [u]), T.power(T.call(sympy.Abs, [v]), 2)]
    assert n.normal(T.power(square, sympy.S.Half)) is n.normal(T.scaled(2, T.times(*bars)))
    positive = T.call(sympy.exp, [u])
    assert n.normal(T.power(T.times(positive, v), sympy.S.Half)) is n.normal(
        T.times(T.power(positive, sympy.S.Half), T.power(v, sympy.S.Half))
    )


@pytest.mark.parametrize("factor", [T.power(u, 2), T.call(relu, [u]), T.call(sympy.Abs, [u])])
@pytest.mark.parametrize("power", [sympy.Rational(1, 2), sympy.Rational(3, 2), sympy.Rational(5, 4)])
def test_a_root_is_zero_where_one_factor_is_and_another_is_negative(factor, power):
    normal = Normaliser(STANDARD).normal(T.power(T.times(factor, v), power))
    at = {"u": np.array([0.0, 0, 1]), "v": np.array([-1.0, -4, 16])}
    assert value(normal, at).tolist() == [0, 0, 16.0**power]
    assert Normaliser(STANDARD).normal(normal) is normal


def test_a_minus_sign_stays_below_a_root():
    root = T.power(T.scaled(-4, v), sympy.S.Half)
    normal = Normaliser(()).normal(root)
    assert normal is Normaliser(()).normal(T.scaled(2, T.power(T.scaled(-1, v), sympy.S.Half)))
    assert value(normal, {"v": np.array([-9.0, -1, -0.25])}).tolist() == [6, 2, 1]


def test_equal_factors_are_powers_and_powers_of_zero_are_gone():
    rows = [(u, (0,), T.ONE), (v, (0,), T.ONE), (u, (0,), sympy.Integer(2)), (v, (0,), T.MINUS)]
    assert merge_powers(rows) == [(u, (0,), 3)]


def test_factors_hang_together_by_labels():
    rows = [(F, (0, 1), T.ONE), (u, (2,), T.ONE), (F, (1, 3), T.ONE)]
    assert [len(b) for b in connected_blocks(rows, {1})] == [1, 2]
    assert [len(b) for b in connected_blocks(rows, set())] == [1, 1, 1]


def test_exponentials_are_one_and_bars_fall_off_squares():
    n = Normaliser(())
    e = T.call(sympy.exp, [u])
    assert n.normal(T.times(e, T.call(sympy.exp, [v]))) is n.call(sympy.exp, [T.add([(1, u), (1, v)])])
    assert n.normal(T.power(T.call(sympy.Abs, [u]), 2)) is n.power(u, 2)


@pytest.mark.parametrize("power", [-1, sympy.Rational(1, 2)])
def test_a_power_that_is_infinite_or_not_known_off_a_diagonal_is_refused(power):
    diagonal = T.product(1, [(u, (0,), T.ONE)], (0, 0))
    with pytest.raises(FormulaError, match=rf'^the power {power} of a diagonal matrix.*form="steps"\)$'):
        Normaliser(()).normal(T.power(diagonal, power))
    assert Normaliser(()).normal(T.power(diagonal, 2)).out == (0, 0)
