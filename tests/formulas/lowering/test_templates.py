"""Elementwise templates as terms: whatever the template, the term has its value."""

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.formulas.lowering.templates import indicate_condition, lower_condition, lower_template, spread_term
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


def test_terms_are_broadcast_as_numpy_does():
    row, column = T.source("r", (d,)), T.source("c", (n, 1))
    for term, have in ((row, (d,)), (column, (n, 1))):
        assert spread_term(term, have, (n, d)).shape == (n, d)
    assert spread_term(row, (d,), (d,)) is row
