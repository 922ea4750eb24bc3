"""Arrays with leading axes: a formula of one member where all that has the axis has it in front, and none elsewhere."""

import numpy as np
import pytest

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.matrix.array_classes import ForEach, SumOverBatch
from tracer.testing.interpreter import evaluate
from tracer.walk import ancestors

Q, K, V = (tf.placeholder(name, ("b", "h", size, "d")) for name, size in zip("QKV", "nmm"))
X, A, W, mask = (
    tf.placeholder(name, shape)
    for name, shape in {"X": ("b", "n", "d"), "A": ("b", "n", "n"), "W": ("d", "k"), "M": ("h", "n", "m")}.items()
)
transposed = tf.linalg.matrix_transpose

BATCHES = {
    "attention": (lambda: tf.nn.softmax(Q @ transposed(K)) @ V, "softmax(Q*K.T)*V for each b, h"),
    "a mask of some axes": (lambda: tf.nn.softmax(Q @ transposed(K) + mask) @ V, "softmax(Q*K.T + M)*V for each b, h"),
    "a weight of all members": (lambda: tf.tanh(X @ W), "tanh(X*W) for each b"),
    "inverses": (lambda: tf.linalg.inv(A) @ X, "A**(-1)*X for each b"),
    "turned inside": (
        lambda: tf.einsum("bij,nb->bin", tf.tanh(A), tf.reduce_sum(tf.transpose(X, (1, 0, 2)), 2)),
        "tanh(A)*ones(n, d)*X.T for each b",
    ),
    "layer norm": (
        lambda: (X - tf.reduce_mean(X, 2, keepdims=True)) * (1 + tf.math.reduce_variance(X, 2, keepdims=True)) ** -0.5,
        "diag(1/sqrt((X - X*ones(d, d)/d)^o2*ones(d, 1)/d + 1))*(X - X*ones(d, d)/d) for each b",
    ),
    "determinants": (lambda: tf.linalg.det(A)[:, None, None] * A, "Determinant(A)*A for each b"),
    "rows": (lambda: X / tf.reduce_max(X, -1, keepdims=True), "diag(1/max_rows(X))*X for each b"),
}
SIZES = {"b": 2, "h": 3, "n": 2, "m": 3, "d": 2, "k": 4}


@pytest.mark.parametrize("name", BATCHES)
def test_the_formula_of_a_member(name):
    program, text = BATCHES[name]
    tensor = program()
    formula = tensor.formula()
    assert isinstance(formula, ForEach)
    assert str(formula) == text
    rng = np.random.default_rng(5)
    values = {t: rng.normal(size=[SIZES[str(d)] for d in t.shape]) for t in (Q, K, V, X, A, W, mask)}
    used = {t.node for t in ancestors([tensor])}
    want = tensor.eval({t: v for t, v in values.items() if t.node in used})
    arrays = {t.name: v for t, v in values.items()}
    np.testing.assert_allclose(evaluate(formula, SIZES, arrays), want)
    if name == "a weight of all members":
        np.testing.assert_allclose(float(evaluate(formula._entry(1, 0, 2), SIZES, arrays)), want[1, 0, 2])


@pytest.mark.parametrize(
    "program",
    [
        lambda: tf.transpose(X, (1, 0, 2)),
        lambda: tf.einsum("bij,cij->bci", X, X),
        lambda: tf.concat([X, X], 0),
        lambda: tf.linalg.pinv(tf.placeholder("Y", ("n", "b")))[:, :, None] * X,
        lambda: tf.nn.softmax(tf.placeholder("Y", ("b", "n")), 0)[:, :, None] * X,
        lambda: tf.einsum("bn,nd->bnd", tf.placeholder("Y", ("n", "n")), tf.placeholder("Z", ("n", "d"))),
        lambda: tf.ones((3, 2, 2)),
        lambda: X + tf.placeholder("B", ("b", "n"))[:, :, None] * tf.placeholder("C", ("b", "b"))[0, 0],
    ],
)
def test_what_is_no_batch(program):
    assert not isinstance(program().formula(), ForEach)


def slope(program, source):
    return tf.gradients(program(), source)[0]


Y, c, ids = tf.placeholder("Y", ("b", "n", "k")), tf.placeholder("c", ("k",)), tf.placeholder("i", ("b", "n"), "int64")
E = tf.placeholder("E", ("v", "d"))
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
    "rows of a table": (
        lambda: slope(lambda: tf.reduce_sum((tf.gather(E, ids) - X) ** 2) / 2, E),
        "onehot(i, v).T*(onehot(i, v)*E - X) summed over b",
    ),
}


@pytest.mark.parametrize("name", SUMMED)
def test_the_sum_over_a_batch(name):
    program, text = SUMMED[name]
    tensor = program()
    made = tf.formula(tensor, form="where")
    assert str(made) == text
    formula = tensor.formula()
    assert isinstance(formula, SumOverBatch)
    rng = np.random.default_rng(5)
    sizes = {**SIZES, "v": 4}
    sources = (Q, K, V, X, A, W, mask, Y, c, E)
    values = {t: rng.normal(size=[sizes[str(d)] for d in t.shape]) for t in sources}
    values[ids] = rng.integers(4, size=(2, 2))
    used = {t.node for t in ancestors([tensor])}
    want = np.asarray(tensor.eval({t: v for t, v in values.items() if t.node in used}))
    arrays = {t.name: np.asarray(v) for t, v in values.items()}
    np.testing.assert_allclose(np.reshape(evaluate(formula, sizes, arrays), want.shape), want)
    at = (1, 0)
    np.testing.assert_allclose(float(evaluate(formula._entry(*at), sizes, arrays)), want[at[: want.ndim]])
    assert not faults(tensor, sizes, arrays, want, {"python"} if name == "rows of a table" else frozenset())


def test_what_is_not_summed_over_a_batch():
    for tensor in (tf.einsum("bij,cij->bc", X, X), tf.einsum("bni,ibn->n", X, tf.placeholder("Z", ("d", "b", "n")))):
        assert not isinstance(tensor.formula(), SumOverBatch)
