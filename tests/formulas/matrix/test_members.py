"""Formulas of programs: in their order, and as sums over the members of a batch."""

import numpy as np
import pytest

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.lowering.lower import lower_program
from tracer.formulas.matrix import members
from tracer.formulas.matrix.batch_classes import BatchAsMatrix, SumOverBatch
from tracer.formulas.matrix.members import matrices
from tracer.formulas.matrix.writer import matrix
from tracer.testing.interpreter import evaluate
from tracer.walk import ancestors

Q, X = tf.placeholder("Q", ("b", "h", "n", "d")), tf.placeholder("X", ("b", "n", "d"))
W = tf.placeholder("W", ("d", "k"))
SIZES = {"b": 2, "h": 3, "n": 2, "d": 2, "k": 4, "v": 4}


def test_the_forms_of_a_program_are_in_its_order():
    x, y = tf.placeholder("x", ("n",)), tf.placeholder("y", ("n",))
    assert list(map(str, matrices(lower_program([x + y, 2 * x, y])))) == ["x + y", "2*x", "y"]


def slope(program, source):
    return tf.gradients(program(), source)[0]


Y, c, ids = tf.placeholder("Y", ("b", "n", "k")), tf.placeholder("c", ("k",)), tf.placeholder("i", ("b", "n"), "int64")
E = tf.placeholder("E", ("v", "d"))
V, D, M = tf.placeholder("V", ("d", "k")), tf.placeholder("D", ("n", "d")), tf.placeholder("M", ("b", "d", "d"))


def attend():
    """Attention of several heads with one set of rows."""
    heads = tf.nn.softmax(tf.einsum("nd,bde,me->bnm", D, M, D))
    return tf.reduce_sum(tf.square(tf.einsum("bnm,md->bnd", heads, D)))


SUMMED = {
    "a layer's weights": (
        lambda: slope(lambda: tf.reduce_sum((X @ W - Y) ** 2) / 2, W),
        "X.T*(X*W - Y) summed over b",
    ),
    "its bias": (
        lambda: slope(lambda: tf.reduce_sum(Y * tf.tanh(X @ W + c)), c),
        "(Y o (1 - tanh(X*W + ones(n, 1)*c.T)^o2)).T*ones(n, 1) summed over b",
    ),
    "two axes": (
        lambda: slope(lambda: tf.reduce_sum(tf.tanh(Q @ W)), W),
        "Q.T*(1 - tanh(Q*W)^o2) summed over b, h",
    ),
    "a sum of sums": (
        lambda: (
            slope(lambda: tf.reduce_sum(tf.matmul(tf.matmul(X, W), tf.matmul(X, V), transpose_b=True) ** 2), W)
            + slope(lambda: tf.reduce_sum(tf.tanh(X @ W)), W)
        ),
        None,
    ),
    "heads of an attention": (lambda: slope(attend, D), None),
    "rows of a table": (
        lambda: slope(lambda: tf.reduce_sum((tf.gather(E, ids) - X) ** 2) / 2, E),
        "onehot(i, v).T*(E[i] - X) summed over b",
    ),
}


@pytest.mark.parametrize("name", SUMMED)
def test_the_sum_over_a_batch(name):
    program, text = SUMMED[name]
    tensor = program()
    made = tf.formula(tensor, form="where")
    assert text is None or str(made) == text
    formula = tensor.formula()
    assert isinstance(formula, SumOverBatch)
    rng = np.random.default_rng(5)
    values = {t: rng.normal(size=[SIZES[str(d)] for d in t.shape]) for t in (Q, X, W, Y, c, E, V, D, M)}
    values[ids] = rng.integers(4, size=(2, 2))
    used = {t.node for t in ancestors([tensor])}
    want = np.asarray(tensor.eval({t: v for t, v in values.items() if t.node in used}))
    arrays = {t.name: np.asarray(v) for t, v in values.items()}
    np.testing.assert_allclose(np.reshape(evaluate(formula, SIZES, arrays), want.shape), want)
    at = (1, 0)
    np.testing.assert_allclose(float(evaluate(formula._entry(*at), SIZES, arrays)), want[at[: want.ndim]])
    assert not faults(tensor, SIZES, arrays, want, {"python"} if name == "rows of a table" else frozenset())


U = [tf.placeholder(name, (5, size)) for name, size in zip("uvw", (2, 3, 4))]


def test_what_is_not_summed_over_a_batch():
    for tensor in (tf.einsum("bnij,cnij->bc", Q, Q), tf.einsum("hi,hj,hk->ij", *U)):
        assert not isinstance(tensor.formula(), SumOverBatch)


@pytest.mark.parametrize("name", SUMMED)
def test_the_sum_over_a_batch_is_written_without_the_array(name, monkeypatch):
    program, _ = SUMMED[name]
    lowered, written = lower_program([program()]), []
    monkeypatch.setattr(members, "matrix", lambda t, *rest: written.append(t) or matrix(t, *rest))
    assert isinstance(matrices(lowered)[0], SumOverBatch)
    assert all(len(t.shape) <= 2 and lowered.terms[0] is not t for t in written)


EACH = {
    "forms": (lambda: tf.einsum("bi,bij,bj->b", y, tf.linalg.inv(S), y), "y.T*S**(-1)*y for each b"),
    "solutions": (lambda: tf.linalg.solve(S, y[:, :, None])[:, :, 0], "S**(-1)*y for each b"),
    "determinants": (lambda: tf.linalg.det(S), "Determinant(S) for each b"),
    "the greatest of each row": (lambda: tf.reduce_max(X, 2), "max_rows(X) for each b"),
    "weighed rows": (lambda: tf.einsum("bn,bnd->bd", tf.nn.softmax(y), tf.tanh(X)), "tanh(X).T*softmax(y) for each b"),
    "numbers of two axes": (lambda: tf.einsum("bn,vnd,bd->bv", y, Z, z), "y.T*Z*z for each b, v"),
}
y, z, S = tf.placeholder("y", ("b", "n")), tf.placeholder("z", ("b", "d")), tf.placeholder("S", ("b", "n", "n"))
Z = tf.placeholder("Z", ("v", "n", "d"))


@pytest.mark.parametrize("name", EACH)
def test_a_vector_or_a_matrix_by_what_there_is_for_each_member(name):
    program, text = EACH[name]
    tensor = program()
    formula = tensor.formula()
    assert isinstance(formula, BatchAsMatrix)
    assert str(formula) == text
    rng = np.random.default_rng(6)
    values = {t: rng.normal(size=[SIZES[str(d)] for d in t.shape]) for t in (X, y, z, S, Z)}
    used = {t.node for t in ancestors([tensor])}
    want = np.asarray(tensor.eval({t: v for t, v in values.items() if t.node in used}))
    arrays = {t.name: v for t, v in values.items()}
    np.testing.assert_allclose(np.reshape(evaluate(formula, SIZES, arrays), want.shape), want)
    np.testing.assert_allclose(float(evaluate(formula._entry(1, 0), SIZES, arrays)), want[(1, 0)[: want.ndim]])
    assert not faults(tensor, SIZES, arrays, want)
