"""Indexing and joining as terms: products with selections have NumPy's values."""

import numpy as np
import pytest
import sympy

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.errors import FormulaError
from tracer.formulas.lowering.lower import lower
from tracer.formulas.lowering.positions import selection, stack_terms
from tracer.formulas.matrix.writer import matrix
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.standard import STANDARD
from tracer.testing.interpreter import evaluate
from tracer.walk import ancestors

n, d = sympy.symbols("n d", integer=True, positive=True)
SIZES = {"n": 4, "d": 3}
VALUES = {"X": np.arange(12.0).reshape(4, 3), "v": np.arange(4.0) - 1.5}
X, v = tf.placeholder("X", ("n", "d")), tf.placeholder("v", ("n",))


def value(tensor):
    (term,) = lower([tensor])
    return np.squeeze(np.asarray(evaluate(matrix(term), SIZES, VALUES)))


@pytest.mark.parametrize(
    "index",
    [
        0,
        1,
        -1,
        (0, 1),
        (slice(1, None), 0),
        slice(1, 3),
        slice(None, None, 2),
        (slice(None), slice(0, 2)),
        (None, 1),
        slice(None, None, -1),
        slice(2, None, -2),
        (-2, -1),
        (slice(-3, -1), 2),
    ],
    ids=str,
)
def test_an_index_has_numpys_values(index):
    np.testing.assert_array_equal(value(X[index]), np.squeeze(VALUES["X"][index]))


def test_joining_has_numpys_values():
    np.testing.assert_array_equal(value(tf.concat([v, 2 * v], 0)), np.concatenate([VALUES["v"], 2 * VALUES["v"]]))
    np.testing.assert_array_equal(value(tf.stack([v, -v], 1)), np.stack([VALUES["v"], -VALUES["v"]], 1))


def test_a_part_of_what_was_joined_is_what_was_put_there():
    assert lower([tf.concat([v, X[:, 0]], 0)[: v.shape[0]]])[0] is T.source("v", (n,))


def test_all_positions_are_the_identity():
    assert selection(0, n, 1, n) is T.product(1, [], (0, 0), {0: n})
    assert selection(2, 1, -1, n) is selection(2, 1, 1, n)


def test_terms_are_stacked_along_any_axis():
    a, b = T.source("a", (n,)), T.source("b", (n,))
    terms = Normaliser(STANDARD)
    rows = terms.normal(stack_terms([a, b], 0, (2, n)))
    assert rows is terms.transposed(terms.normal(stack_terms([a, b], 1, (n, 2))))


def test_positions_that_are_tensors_are_rows_of_an_identity():
    k = tf.placeholder("k", ("d",), dtype="int64")
    taken = tf.gather(v, k)
    assert str(taken.formula()) == "v[k]"
    assert str(tf.formula(taken, form="index")) == "v[k[i]]"
    (gradient,) = tf.gradients(tf.reduce_sum(taken**2), v)
    assert str(gradient.formula()) == "2*onehot(k, n).T*v[k]"
    again = tf.placeholder("m", ("e",), dtype="int64")
    for first, second, text in ((k, again, "v[k[m[i]]]"), (again, k, "v[m[k[i]]]")):
        assert str(tf.formula(tf.gather(tf.gather(v, first), second), form="index")) == text
    whole = tf.gather(v, tf.placeholder("K", ("d", "e"), dtype="int64"))
    assert str(whole.formula()) == "v[K] for each d"
    assert str(tf.transpose(whole).formula()) == "v[K] for each e, d"
    with pytest.raises(FormulaError, match="one_hot of rank 3 has no closed form in matrix notation"):
        tf.reduce_sum(tf.sin(whole)).formula()


def test_a_position_that_is_a_tensor_is_a_column_of_an_identity():
    k = tf.placeholder("k", (), dtype="int64")
    taken = X[k]
    assert str(taken.formula()) == "X[k]"
    assert str(tf.formula(taken, form="index")) == "X[k, i]"
    (gradient,) = tf.gradients(tf.reduce_sum(taken**2), X)
    assert str(gradient.formula()) == "2*onehot(k, n)*X[k].T"
    arrays = {**VALUES, "k": np.array(2)}
    want = np.zeros((4, 3))
    want[2] = 2 * VALUES["X"][2]
    np.testing.assert_array_equal(evaluate(gradient.formula(), SIZES, arrays), want)
    np.testing.assert_array_equal(eval(tf.formula(gradient, form="python"), {"np": np, **arrays}), want)
    chosen = tf.linalg.matvec(tf.transpose(X), tf.one_hot(k, "n", dtype="float64"))
    assert str(chosen.formula()) == "X.T*onehot(k, n)"
    assert tf.compare(chosen, taken.formula(), ("n", "d"), ()).counterexample["k"] == -1
    assert tf.compare(taken, taken.formula(), ("n", "d"), ()).verdict is tf.Verdict.PROVED
    assert taken.formula().subs({n: 2, d: 1}).as_explicit().shape == (1, 1)


@pytest.mark.parametrize("index", [1, -1, slice(1, 3), (slice(None), 0), (slice(None, None, 2), slice(1, 3))], ids=str)
def test_what_is_scattered_stands_where_it_was_taken(index):
    (gradient,) = tf.gradients(tf.reduce_sum(X[index] ** 2), X)
    want = np.zeros((4, 3))
    want[index] = 2 * VALUES["X"][index]
    np.testing.assert_array_equal(value(gradient), want)


def test_several_are_joined_along_any_axis():
    x = VALUES["X"]
    for axis in (0, 1, -1):
        np.testing.assert_array_equal(value(tf.concat([X, 2 * X, -X], axis)), np.concatenate([x, 2 * x, -x], axis))
    for axis in (0, -1):
        y = VALUES["v"]
        np.testing.assert_array_equal(value(tf.stack([v, 3 * v, -v], axis)), np.stack([y, 3 * y, -y], axis))


@pytest.mark.parametrize(
    ("program", "text"),
    [
        (lambda rows, W, L: rows @ W, "Sum(KroneckerDelta(l, k[i])*W[l, j], (l, 0, 2))"),
        (lambda rows, W, L: rows[0] * L[0], "KroneckerDelta(i, k[0])*L[0, i]"),
        (
            lambda rows, W, L: tf.gradients(-tf.reduce_sum(rows * tf.nn.log_softmax(L)), L)[0],
            "softmax(L)[i, j]*Sum(KroneckerDelta(l, k[i]), (l, 0, 2)) - KroneckerDelta(j, k[i])",
        ),
    ],
)
def test_integers_that_may_be_no_places_have_rows_of_zeros(program, text):
    k, W, L = (
        tf.placeholder("k", ("n",), dtype="int64"),
        tf.placeholder("W", (3, "d")),
        tf.placeholder("L", ("n", 3)),
    )
    arrays = {"k": np.array([-1, 0, 5, 2]), "W": np.arange(6.0).reshape(3, 2), "L": np.arange(12.0).reshape(4, 3) / 7}
    tensor = program(tf.one_hot(k, 3), W, L)
    assert str(tf.formula(tensor, form="index")) == text
    used = {s.name: arrays[s.name] for s in ancestors([tensor]) if s.name in arrays}
    assert not faults(tensor, {"n": 4, "d": 2}, used, tensor.eval(used))
