"""A few programs over symbolic shapes, and arrays for their sources."""

import numpy as np

import tracer as tf
from tracer.walk import ancestors

X = tf.placeholder("X", ("n", "d"))
w = tf.placeholder("w", ("d",))
y = tf.placeholder("y", ("n",))
PROGRAMS = [
    lambda: tf.gradients(tf.reduce_sum((X @ w - y) ** 2), w)[0],
    lambda: tf.hessian(lambda w: tf.reduce_mean(tf.nn.softplus(X @ w)))(w),
    lambda: tf.reduce_sum(tf.abs(X @ w - y)) / tf.sqrt(tf.reduce_sum(w * w)),
    lambda: tf.nn.softmax(X @ w) * tf.where(y > 0, y, 2.0),
    lambda: tf.einsum("ij,ik->ijk", X, X * w),
    lambda: X + w - tf.reduce_mean(X, axis=0),
]
rng = np.random.default_rng(3)
ARRAYS = {"X": rng.normal(size=(4, 3)), "w": rng.normal(size=3), "y": rng.normal(size=4)}


def feed(tensor: tf.Tensor) -> dict[str, np.ndarray]:
    return {t.name: ARRAYS[t.name] for t in ancestors([tensor]) if t.op == "placeholder"}
