"""Parts and blocks as NumPy text: what the text says is the value, and vectors have one axis."""

import numpy as np
import pytest

import tracer as tf

x, y, c = tf.placeholder("x", ("n",)), tf.placeholder("y", ("n",)), tf.placeholder("c", ())
X = tf.placeholder("X", ("n", "m"))
VALUES = {"x": np.arange(1.0, 5.0), "y": np.arange(4.0) ** 2, "c": 0.5, "X": np.arange(12.0).reshape(4, 3)}

TEXTS = {
    "x[1:]": lambda: x[1:],
    "x[::-1]": lambda: x[::-1],
    "X[1]": lambda: X[1],
    "X[:-1, 2]": lambda: X[:-1, 2],
    "X[:, ::-1]": lambda: X[:, ::-1],
    "np.concatenate([x, [c]])": lambda: tf.concat([x, tf.reshape(c, (1,))], 0),
    "np.concatenate([[0], x, np.zeros(2)])": lambda: tf.pad(x, [[1, 2]]),
    "np.block([[X, x[:, None]]])": lambda: tf.concat([X, x[:, None]], 1),
    "np.stack([x, y])": lambda: tf.stack([x, y]),
    "np.array([c, c**2])": lambda: tf.stack([c, c**2]),
    "np.array([[c, 0], [0, c]])": lambda: tf.stack([tf.stack([c, 0.0]), tf.stack([0.0, c])]),
    "2*np.kron(x[::2], [1.0, 0.0])[:x.shape[0]]": lambda: tf.gradients(tf.reduce_sum(x[::2] ** 2), x)[0],
    "np.eye(x.shape[0])[::-1]": lambda: tf.jacobian(lambda x: x[::-1])(x),
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_part_is_numpy_text(text):
    tensor = TEXTS[text]()
    assert tf.formula(tensor, form="python") == text
    used = {t: VALUES[t.name] for t in (x, y, c, X) if t.name in text}
    np.testing.assert_allclose(eval(text, {"np": np, **VALUES}), tensor.eval(used))
