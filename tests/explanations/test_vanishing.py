"""Why a gradient that is there is zero: what is said of programs whose gradients are zero, and of others nothing."""

import pytest

import tracer as tf
from tracer.explanations.vanishing import MOST, Cotangents, is_zero, tell_zero


def told(build):
    x, y = tf.placeholder("x", ("n",)), tf.placeholder("y", ("n",))
    connection = tf.explain(build(x, y), x)
    cotangents = Cotangents(connection.trace, connection.leads)
    return tell_zero(cotangents, [x], {t.node: t.label or "" for t in connection.trace.order})


@tf.custom_gradient
def flat(x):
    return tf.exp(x), lambda cotangent: 0.0 * cotangent


ZERO = {
    "cancels": (lambda x, y: tf.sin(x) * y - y * tf.sin(x), "cancel"),
    "cancels in sums": (lambda x, y: tf.reduce_sum(x - tf.reduce_mean(x)), "cancel"),
    "times zero": (lambda x, y: tf.exp(x) * 0.0, "multiplies"),
    "times what is zero": (lambda x, y: tf.exp(x) * (y - y), "multiplies"),
    "never active": (lambda x, y: tf.nn.relu(-tf.exp(x)), "is never active"),
    "adds up": (lambda x, y: tf.reduce_sum(tf.nn.softmax(x)), "adds up to zero"),
    "own rule": (lambda x, y: flat(x), "has a gradient rule of its own (flat), which answers zero for x"),
    "to the power zero": (lambda x, y: tf.pow(x, 0.0), "the derivative of"),
}


@pytest.mark.parametrize("name", ZERO)
def test_what_makes_a_gradient_zero_is_said(name):
    build, words = ZERO[name]
    assert words in told(build)


FLOWS = {
    "function": lambda x, y: tf.sin(x),
    "product": lambda x, y: x * y,
    "relu": lambda x, y: tf.nn.relu(x),
    "zero at a point only": lambda x, y: x * x,
}


@pytest.mark.parametrize("name", FLOWS)
def test_nothing_is_said_of_gradients_that_are_not_zero(name):
    assert told(FLOWS[name]) == ""


@pytest.mark.parametrize(("more", "asked"), [(-2, True), (1, False)])
def test_long_ways_are_not_read(more, asked):
    def build(x, y):
        for _ in range(MOST + more):
            x = tf.sin(x)
        return 0.0 * x

    assert bool(told(build)) is asked


x = tf.placeholder("x", ("n",))
ZEROS = [None, 0, 0.0, tf.constant(0.0), x - x, tf.zeros_like(x), tf.zeros((2, 3)), x[:, None] * tf.zeros((1, 2))]
OTHERS = [1, 2.5, tf.constant(1.0), x, x * x, tf.ones((2, 2))]


@pytest.mark.parametrize("value", ZEROS, ids=str)
def test_a_zero_is_seen(value):
    assert is_zero(value)


@pytest.mark.parametrize("value", OTHERS, ids=str)
def test_what_is_not_zero_or_not_known_is_none(value):
    assert not is_zero(value)
