"""Elementwise templates as terms: whatever the template, the term has its value."""

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.formulas.lowering.template_terms import indicate_condition, lower_condition, lower_template, spread_term
from tracer.formulas.matrix.writer import matrix
from tracer.rules import argument
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.standard import STANDARD
from tracer.testing.interpreter import evaluate

n, d = sympy.symbols("n d", integer=True, positive=True)
a, b = argument(0), argument(1)
ENV = {a: T.source("x", (n,)), b: T.source("y", (n,))}
VALUES = {"x": np.array([0.5, -1.25, 2.0]), "y": np.array([1.5, 0.25, -0.75])}

templates = st.recursive(
    st.sampled_from([a, b, sympy.Integer(2), sympy.Rational(1, 3)]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: p[0] + p[1]),
        st.tuples(inner, inner).map(lambda p: p[0] * p[1]),
        inner.map(lambda e: e**2),
        inner.map(sympy.tanh),
        inner.map(sympy.Abs),
        st.tuples(inner, inner).map(lambda p: sympy.Piecewise((p[0], a > b), (p[1], True))),
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=150)
@given(templates)
def test_a_term_has_the_value_of_its_template(template):
    term = lower_template(sympy.sympify(template), ENV, (n,))
    got = np.ravel(np.asarray(evaluate(matrix(term), {"n": 3}, VALUES)))
    function = sympy.lambdify([a, b], template, "numpy")
    want = np.broadcast_to(function(VALUES["x"], VALUES["y"]), (3,))
    np.testing.assert_allclose(got, want, atol=1e-9)


def test_a_condition_counts_as_one_or_zero():
    holds = lower_condition(sympy.Gt(a, b), ENV, (n,))
    term = indicate_condition(holds)
    np.testing.assert_array_equal(np.ravel(evaluate(matrix(term), {"n": 3}, VALUES)), [0, 0, 1])
    assert indicate_condition(ENV[a]) is ENV[a]
    assert lower_template(sympy.Gt(a, b), ENV, (n,)) == term


@pytest.mark.parametrize(
    ("condition", "known"),
    [
        (sympy.Eq(a, a, evaluate=False), sympy.true),
        (sympy.And(a > b, sympy.false), sympy.false),
        (sympy.true, sympy.true),
    ],
)
def test_what_always_or_never_holds_is_known(condition, known):
    term = Normaliser(STANDARD).normal(lower_condition(condition, ENV, (n,)))
    assert T.constant_value(term) == known


BROADCASTS = [((), (3, 2)), ((1,), (3, 2)), ((1, 1), (3, 2)), ((2,), (3, 2)), ((3, 1), (3, 2)), ((1, 2), (3, 2))]
BROADCASTS += [((3,), (3, 3)), ((3, 1), (3, 3)), ((1, 3), (3, 3)), ((3,), (3,)), ((2, 1), (3, 2, 2)), ((1,), (1, 1))]


@pytest.mark.parametrize(("have", "shape"), BROADCASTS)
def test_terms_are_broadcast_as_numpy_does(have, shape):
    values = np.arange(1.0, 1 + np.prod(have, dtype=int)).reshape(have)
    made = spread_term(T.source("s", tuple(map(sympy.Integer, have))), have, shape)
    assert made.shape == shape
    got = np.asarray(evaluate(matrix(made), {}, {"s": values}), dtype=float)
    np.testing.assert_array_equal(got.reshape(shape), np.broadcast_to(values, shape))


def test_what_has_the_shape_and_a_number_are_not_broadcast():
    row = T.source("r", (d,))
    assert spread_term(row, (d,), (d,)) is row
    assert T.constant_value(spread_term(T.number(3), (), (n, d))) == 3
    # One that was written for all elements is of fewer axes than the operand it stands for.
    assert spread_term(T.source("s", ()), (1,), (n, d)) == spread_term(T.source("s", ()), (), (n, d))


LOGIC = {
    "and": (sympy.And(a > 0, b > 0), (VALUES["x"] > 0) & (VALUES["y"] > 0)),
    "or": (sympy.Or(a > 1, b > 0), (VALUES["x"] > 1) | (VALUES["y"] > 0)),
    "not": (sympy.Not(sympy.And(a > 0, b > 0)), ~((VALUES["x"] > 0) & (VALUES["y"] > 0))),
    "equal": (sympy.Eq(a, 2), VALUES["x"] == 2),
}


@pytest.mark.parametrize("name", LOGIC)
def test_a_condition_of_conditions_is_one_or_zero(name):
    template, want = LOGIC[name]
    got = evaluate(matrix(lower_template(template, ENV, (n,))), {"n": 3}, VALUES)
    np.testing.assert_array_equal(np.ravel(got), want)


def test_a_number_is_true_where_it_is_not_zero():
    for condition in (lower_condition(a, ENV, (n,)), lower_condition(a * b, ENV, (n,))):
        assert condition.head is sympy.Ne
        assert T.constant_value(condition.args[1]) == 0


@pytest.mark.parametrize(
    ("template", "want"),
    [
        (2**a, 2 ** VALUES["x"]),
        (sympy.exp(a) ** b, np.exp(VALUES["x"]) ** VALUES["y"]),
        (a**-2, VALUES["x"] ** -2.0),
        (sympy.pi * a + sympy.E, np.pi * VALUES["x"] + np.e),
        (a + 2 * n, VALUES["x"] + 6),
        (sympy.Abs(a) ** b, np.abs(VALUES["x"]) ** VALUES["y"]),
        (sympy.Integer(-2) ** sympy.floor(a), np.array([1, 0.25, 4])),
    ],
)
def test_powers_and_constants(template, want):
    got = np.ravel(evaluate(matrix(lower_template(template, ENV, (n,))), {"n": 3}, VALUES))
    np.testing.assert_allclose(got, want)


def test_a_power_with_a_number_is_a_power_and_no_function():
    assert lower_template(a**3, ENV, (n,)) == T.power(ENV[a], 3)
    assert lower_template(a**b, ENV, (n,)) == T.call(sympy.Pow, [ENV[a], ENV[b]])


def test_a_choice_has_its_values_and_conditions_in_turn():
    term = lower_template(sympy.Piecewise((b, a > b), (a, True)), ENV, (n,))
    assert term == T.call(sympy.Piecewise, [ENV[b], T.call(sympy.Gt, [ENV[a], ENV[b]]), ENV[a], T.number(True, (n,))])


CONDITION = T.call(sympy.Gt, [ENV[a], ENV[b]])


@pytest.mark.parametrize("known", [sympy.true, sympy.false])
def test_a_known_condition_is_the_number_one_or_zero(known):
    assert indicate_condition(T.number(known, (n,))) == T.number(1 if known else 0, (n,))
    assert lower_template(a, {a: T.number(known)}, ()) == T.number(1 if known else 0)


def test_an_argument_that_is_a_condition_is_asked_as_it_is_and_counts_as_a_number():
    env = {a: CONDITION, b: T.number(sympy.true, (n,))}
    for symbol, condition in env.items():
        assert lower_condition(symbol, env, (n,)) is condition
    assert lower_template(a, env, (n,)) == indicate_condition(CONDITION)


def test_a_sum_over_an_index_is_a_function_of_its_free_symbols():
    k = sympy.Symbol("k")
    term = lower_template(sympy.Sum(a**k * b, (k, 0, 3)), ENV, (n,))
    assert isinstance(term, T.Call)
    assert term.args == (ENV[a], ENV[b])
    assert lower_template(sympy.Sum(a**k, (k, 0, 3)), ENV, (n,)).args == (ENV[a],)
