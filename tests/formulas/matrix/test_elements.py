"""Functions of elements: the body in bound variables, and the matrices that these stand for."""

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import tracer as tf
from tracer.formulas.matrix import scalars
from tracer.formulas.matrix.bodies import VARIABLE
from tracer.formulas.matrix.classes import ElementwiseApplyFunction, ElementwiseMap
from tracer.formulas.matrix.elements import matrix_shape, raise_scalar, write_body, write_condition, write_function
from tracer.formulas.matrix.writer import Writer
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.standard import STANDARD
from tracer.testing.interpreter import evaluate

n = sympy.Symbol("n", integer=True, positive=True)
x, y = (T.source(name, (n,)) for name in "xy")
c = T.source("c", ())
VALUES = {"x": np.array([0.5, -1.25, 2.0]), "y": np.array([1.5, 0.25, -0.75]), "c": np.array(-0.5)}


def write(term):
    return WRITER(term)


WRITER = Writer(Normaliser(STANDARD))
write.terms = WRITER.terms
write.signs = WRITER.signs
WRITER.write(T.add([(1, x), (1, y)]))


def value(e):
    return np.ravel(evaluate(e, {"n": 3}, VALUES))


LEAVES = {x: VALUES["x"], y: VALUES["y"], T.number(2, (n,)): np.full(3, 2.0)}
pairs = st.recursive(
    st.sampled_from(list(LEAVES.items())),
    lambda inner: st.one_of(
        inner.map(lambda p: (T.call(sympy.tanh, [p[0]]), np.tanh(p[1]))),
        inner.map(lambda p: (T.scaled(3, p[0]), 3 * p[1])),
        st.tuples(inner, inner).map(lambda p: (T.times(p[0][0], p[1][0]), p[0][1] * p[1][1])),
        st.tuples(inner, inner).map(lambda p: (T.add([(1, p[0][0]), (-2, p[1][0])]), p[0][1] - 2 * p[1][1])),
        st.tuples(inner, inner).map(
            lambda p: (
                T.call(sympy.Piecewise, [p[0][0], T.call(sympy.Gt, [p[0][0], p[1][0]]), p[1][0]]),
                np.maximum(p[0][1], p[1][1]),
            )
        ),
    ),
    max_leaves=5,
)
NORMALISER = Normaliser(STANDARD)


@settings(max_examples=80)
@given(pairs, st.booleans())
def test_a_body_has_the_value_of_its_term(pair, deep):
    term, want = pair
    term = NORMALISER.normal(term)
    leaves = {}
    body = write_body(write, term, leaves, deep)
    assert len(set(leaves.values())) == len(leaves)
    if leaves:
        got = value(ElementwiseMap(sympy.Lambda(tuple(leaves.values()), body), *map(write, leaves)))
    else:
        got = value(body)
    np.testing.assert_allclose(np.broadcast_to(got, (3,)), want, atol=1e-9)


def test_deep_bodies_stop_at_sources_alone():
    term = T.add([(1, x), (1, T.times(x, x))])
    shallow, deep = {}, {}
    assert write_body(write, term, shallow) == VARIABLE
    write_body(write, term, deep, deep=True)
    assert list(shallow) == [term]
    assert list(deep) == [x]


def greater(a, b):
    return T.call(sympy.Gt, [a, b])


@pytest.mark.parametrize(
    ("term", "kind", "want"),
    [
        (T.call(sympy.tanh, [x]), ElementwiseApplyFunction, np.tanh(VALUES["x"])),
        (
            T.call(sympy.Piecewise, [x, greater(x, T.number(0, (n,))), T.number(0, (n,))]),
            ElementwiseApplyFunction,
            np.maximum(VALUES["x"], 0),
        ),
        (T.call(sympy.atan2, [x, y]), ElementwiseMap, np.arctan2(VALUES["x"], VALUES["y"])),
        (greater(x, y), ElementwiseMap, VALUES["x"] > VALUES["y"]),
        (T.call(sympy.Not, [greater(x, y)]), ElementwiseMap, VALUES["x"] <= VALUES["y"]),
    ],
    ids=["one", "one-often", "two", "comparison", "of-a-condition"],
)
def test_a_function_is_one_of_the_matrices_that_it_needs(term, kind, want):
    made = write_function(write, term)
    assert type(made) is kind
    np.testing.assert_allclose(value(made), want)


def test_what_is_compared_with_its_greatest_is_written_as_it_is_there():
    """Two sums in another order are not equal to the last bit."""
    z, y = (tf.placeholder(name, ("k",)) for name in "zy")
    mask = tf.formula(tf.cast(z + 1 - y == tf.reduce_max(z + 1 - y), "float64"))
    function, elements = mask.args
    (greatest,) = function.expr.atoms(scalars.greatest)
    assert greatest.args == (elements,)
    assert str(mask) == f"[{elements} == max({elements})]"


def test_a_function_of_numbers_is_a_number():
    assert write_function(write, T.call(sympy.cos, [c])) == sympy.cos(sympy.Symbol("c", real=True))


def test_a_condition_is_repeated_along_axes():
    repeated = T.product(1, [(greater(x, y), (0,), sympy.S.One)], (0, 1), {0: n, 1: n})
    got = evaluate(write_condition(write, repeated), {"n": 3}, VALUES)
    want = np.broadcast_to((VALUES["x"] > VALUES["y"])[:, None], (3, 3))
    np.testing.assert_array_equal(got, want)


def test_a_condition_on_numbers_alone_is_one_of_every_element():
    number = T.call(sympy.Gt, [c, T.number(0)])
    repeated = T.product(1, [(number, (), sympy.S.One)], (0,), {0: n})
    np.testing.assert_array_equal(value(write_condition(write, repeated)), [0, 0, 0])


@pytest.mark.parametrize(("shape", "rows", "columns"), [((n,), n, 1), ((n, 2), n, 2), ((1, n), 1, n)])
def test_a_vector_is_a_column(shape, rows, columns):
    assert matrix_shape(shape) == (rows, columns)


@pytest.mark.parametrize(("power", "text"), [(1, "c"), (2, "c**2"), (-1, "1/c")])
def test_a_power_of_a_number_is_left_as_it_is(power, text):
    assert str(raise_scalar(sympy.Symbol("c"), sympy.Integer(power))) == text


def test_a_power_does_not_evaluate():
    assert raise_scalar(sympy.Integer(2), sympy.Integer(3)) != 8


@pytest.mark.parametrize("number", [1, 2, VALUES["c"]])
def test_a_multiple_of_the_identity_is_no_constant(number):
    A, factors = T.source("A", (n, n)), [(c, (), T.ONE)] if number is VALUES["c"] else []
    diagonal = T.product(1 if factors else number, factors, (0, 0), {0: n})
    a = np.full((3, 3), -1.5)
    made = write(NORMALISER.normal(T.call(sympy.Max, [diagonal, A])))
    np.testing.assert_allclose(evaluate(made, {"n": 3}, VALUES | {"A": a}), np.maximum(number * np.eye(3), a))


@pytest.mark.parametrize(
    ("exponent", "text"),
    [(lambda p: p - 1, "x**(p - 1)"), (lambda p: 1 - 1 / p, "x**(1 - 1/p)"), (lambda p: -p, "x**(-p)")],
)
def test_a_number_is_written_as_an_exponent_as_it_is_by_itself(exponent, text):
    x, p = tf.placeholder("x", ("k",)), tf.symbols("p")
    assert str(tf.formula(x ** exponent(p))) == text


def test_a_difference_under_an_even_power_in_a_function_has_the_sign_that_it_has_elsewhere():
    X, w, y, a = (tf.placeholder(name, shape) for name, shape in zip("Xwya", [("m", "k"), "k", "m", ()]))
    r = X @ w - y
    assert str(tf.formula(X.T @ (r * (r**2 / a + 1) ** a))) == "X.T*((X*w - y) o ((X*w - y)**2/a + 1)**a)"


def test_a_number_that_is_repeated_in_a_condition_is_compared_itself():
    x, y, X = (tf.placeholder(name, shape) for name, shape in zip("xyX", ["n", "n", ("n", "m")]))
    number = tf.tensordot(x, y, 1)
    assert str(tf.formula(tf.where(number * tf.ones_like(X) > 0, X, tf.exp(X)))) == "where(x.T*y > 0, X, exp(X))"
    assert str(tf.formula(tf.where(number > X, X, tf.exp(X)))) == "where(x.T*y > X, X, exp(X))"
