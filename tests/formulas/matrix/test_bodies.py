"""Bound variables, elements and choices: nothing evaluates, and the value stays."""

import itertools

import numpy as np
import pytest
import sympy
from sympy.matrices.expressions.matexpr import MatrixElement

from tracer.formulas.matrix.bodies import (
    VARIABLE,
    Sum,
    either,
    element,
    is_even,
    piecewise,
    put_values,
    variable,
)
from tracer.formulas.matrix.classes import ElementwiseApplyFunction
from tracer.formulas.matrix.slices import take_part
from tracer.testing.interpreter import evaluate

n = sympy.Symbol("n", integer=True, positive=True)
A, v = sympy.MatrixSymbol("A", n, n), sympy.MatrixSymbol("v", n, 1)
a, b, c = sympy.symbols("a b c", real=True)
VALUES = {"A": np.arange(16.0).reshape(4, 4), "v": np.arange(4.0)}


def test_bound_variables_are_different_and_always_the_same():
    made = [variable(k) for k in range(12)]
    assert len(set(made)) == 12
    assert made == [variable(k) for k in range(12)]
    assert made[0] is VARIABLE
    assert all(x.is_real for x in made)
    assert [x.name for x in made[:3]] == ["x", "y", "z"]


@pytest.mark.parametrize(("start", "step"), [(0, 1), (1, 1), (0, 2), (1, 2)])
def test_an_element_of_a_slice_is_one_of_the_whole(start, step):
    places = sympy.Tuple(start, 2, step)
    part = take_part(A, places, places)
    made = element(part, 1, 0)
    assert made.parent == A
    assert evaluate(made, {"n": 4}, VALUES) == VALUES["A"][start::step, start::step][1, 0]


def test_an_element_is_left_as_it_is():
    made = element(A + A.T, 0, 1)
    assert isinstance(made, MatrixElement)
    assert made.parent == A + A.T


TESTS = [a > 0, b > a, sympy.true, sympy.false]
POINTS = [dict(zip((a, b, c), at)) for at in itertools.product((-1.0, 0.5), (-2.0, 1.0), (3.0,))]


@pytest.mark.parametrize("tests", list(itertools.product(TESTS, TESTS)), ids=str)
def test_a_choice_has_the_value_of_its_first_true_branch(tests):
    values = [a + 1, b * 2, c]
    made = piecewise(zip(values, [*tests, sympy.true]))
    for point in POINTS:
        want = next(v for v, t in zip(values, [*tests, True]) if t is True or bool(t.subs(point)))
        assert made.subs(point) == want.subs(point)


@pytest.mark.parametrize("tests", list(itertools.product(TESTS[:2], TESTS)), ids=str)
def test_a_choice_of_conditions_is_a_condition(tests):
    values = [c > a, sympy.true, b > c]
    made = piecewise(zip(values, [*tests, sympy.true]))
    assert not made.has(sympy.Piecewise)
    for point in POINTS:
        want = next(v for v, t in zip(values, [*tests, True]) if t is True or bool(t.subs(point)))
        assert bool(made.subs(point)) == bool(want.subs(point))


def test_a_branch_is_not_taken_out_of_a_condition():
    inner = piecewise([(a, a > 0), (b, True)])
    outer = piecewise([(c, inner > 1), (a, True)])
    assert outer.args[0].args[1].lhs == inner


@pytest.mark.parametrize("at", list(itertools.product([True, False], repeat=3)), ids=str)
def test_either_condition(at):
    p, q, r = sympy.symbols("p q r")
    point = dict(zip((p, q, r), map(sympy.sympify, at)))
    made = either(p, q, r)
    assert not made.has(sympy.ITE)
    assert bool(made.subs(point)) == (at[1] if at[0] else at[2])
    assert bool(either(p, sympy.true, r).subs(point)) == (at[0] or at[2])


def test_renaming_leaves_no_ite():
    p, q, r, s = sympy.symbols("p q r s")
    made = put_values(sympy.ITE(p, q, r), {r: s})
    assert not made.has(sympy.ITE)
    assert made.free_symbols == {p, q, s}
    assert put_values(a + b, {a: c}) == c + b


def test_values_are_put_into_relations_that_stay_as_they_are():
    """sympy would say ``b - 1 == c - 2``, which is not true of the same floats."""
    choice = piecewise([(a, sympy.Eq(a + 1, b, evaluate=False)), (sympy.S.Zero, sympy.true)])
    made = put_values(choice, {a: c - 2, b: b - 1})
    assert made.args[0].args[1].args == (c - 1, b - 1)
    assert put_values(choice, {a: sympy.Integer(1), b: sympy.Integer(2)}) == 1


def test_values_are_not_put_into_what_binds_its_variables():
    inner = sympy.Lambda(a, a + b)
    assert put_values(sympy.Tuple(a, inner), {a: c}) == sympy.Tuple(c, inner)


def test_the_symbols_of_a_sum_are_those_of_summand_and_limits():
    i, j = sympy.symbols("i j", integer=True)
    assert Sum(i * a + j, (i, 0, n - 1), (j, 0, 3)).free_symbols == {a, n}
    assert Sum(i * a, (i, 0, n - 1)).free_symbols == {a, n}
    assert Sum(a, (i, b, c)).free_symbols == {a, b, c}


@pytest.mark.parametrize(
    ("body", "even"),
    [(1 / (1 + b**2), True), (abs(b) - c, True), (b**2 + b, False), (c, True), (sympy.cos(b) ** a, True)],
)
def test_the_sign_of_a_variable_changes_nothing_in_an_even_function(body, even):
    assert is_even(sympy.Lambda((b, c), body), b) == even


def test_a_function_of_functions_is_not_known_to_be_even():
    inner = ElementwiseApplyFunction(sympy.Lambda(b, b**2), v)
    assert not is_even(sympy.Lambda(b, element(inner, 0, 0)), b)
