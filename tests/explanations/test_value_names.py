"""Names of values: a textbook's letters, capitals for matrices, and never the name of a source or dimension."""

import pytest

import tracer as tf
from tracer.explanations.value_names import is_square, name_gradients, name_values
from tracer.walk import ancestors

P = tf.placeholder
X, w, v, c = P("X", ("n", "d")), P("w", ("d",)), P("v", ("d",)), tf.symbols("c")


def named(target, taken=("X", "w", "v", "c", "n", "d")):
    values = [t for t in ancestors([target]) if t.args]
    return list(name_values(values, [target], taken).values())


@pytest.mark.parametrize(
    ("target", "names"),
    [
        (tf.reduce_sum(tf.nn.softmax(X)), ["P", "L"]),
        (tf.reduce_sum(tf.tanh(X @ w)), ["z", "h", "L"]),
        (tf.reduce_sum(tf.exp(tf.exp(X))), ["Z1", "Z2", "L"]),
        (tf.reduce_sum((w - v) ** 2), ["r", "z", "L"]),
        (tf.reduce_sum(tf.square(X - 1.0)), ["R", "Z", "L"]),
        (tf.reduce_sum(w - v), ["z", "L"]),
        (tf.reduce_sum(tf.exp(w - tf.reduce_mean(w))), ["mu", "c1", "z", "L"]),
        (tf.reduce_mean(w * w), ["z", "L"]),
        (tf.sqrt(tf.reduce_mean(w * w)) + c, ["z", "v1", "s", "L"]),
        (tf.tanh(w), ["h"]),
        (tf.exp(tf.reduce_mean(X, axis=1, keepdims=True)), ["mu", "z"]),
        (tf.gradients(tf.sin(c), c)[0], ["g"]),
    ],
    ids=lambda p: p.op if isinstance(p, tf.Tensor) else "",
)
def test_letters_are_those_of_the_operations(target, names):
    assert named(target) == names


def test_names_that_a_program_gives_are_kept_and_others_step_aside():
    z = tf.exp(c, name="L")
    assert named(z * tf.sin(z, name="z")) == ["L", "z", "L1"]
    assert named(tf.tanh(tf.tanh(X)), ["X", "H1"]) == ["H2", "H3"]


@pytest.mark.parametrize(
    ("tensor", "square"),
    [(c * c, True), (c**2, True), (tf.square(c), True), (c**3, False), (c**c, False), (c * v, False), (2.0, False)],
)
def test_squares_are_known(tensor, square):
    assert is_square(tensor) is square


def test_a_gradient_has_no_name_that_is_taken():
    assert name_gradients(["x", "dx", "z"], {"x", "dx", "z", "ddx"}) == {"x": "dx_", "dx": "ddx_", "z": "dz"}
