"""Arrays with leading axes: a formula of one member where all that has the axis has it in front, and none elsewhere."""

import numpy as np
import pytest

import tracer as tf
from tracer.formulas.matrix.batch_classes import ForEach
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
        "diag(1/sqrt(mean_rows((X - X*ones(d, d)/d)^o2) + 1))*(X - X*ones(d, d)/d) for each b",
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
