"""Programs that are drawn."""

import pytest

import tracer as tf


@pytest.fixture
def regression():
    X, w, y = tf.placeholder("X", ("n", "m")), tf.placeholder("w", ("m",)), tf.placeholder("y", ("n",))
    loss = tf.reduce_sum((X @ w - y) ** 2)
    return loss, w, tf.gradients(loss, w)[0]


@pytest.fixture
def scoped():
    X, W, b = tf.placeholder("X", ("n", "m")), tf.placeholder("W", ("m", "k")), tf.placeholder("b", ("k",))
    with tf.name_scope("layer"):
        with tf.name_scope("<dense>"):
            affine = X @ W + b
        return tf.tanh(affine)
