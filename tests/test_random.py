"""Seeded constants."""

import numpy as np
import pytest

import tracer as tf


@pytest.mark.parametrize("make", [tf.random.normal, tf.random.uniform, tf.random.truncated_normal])
def test_the_same_seed_gives_the_same_constant(make):
    first, again, other = (make([3, 4], seed=s).numpy() for s in (7, 7, 8))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    tf.random.set_seed(3)
    one, two = make([5]).numpy(), make([5]).numpy()
    tf.random.set_seed(3)
    np.testing.assert_array_equal(make([5]).numpy(), one)
    assert (one != two).any()


def test_distributions():
    values = tf.random.normal([20_000], mean=2.0, stddev=3.0, seed=1).numpy()
    assert abs(values.mean() - 2.0) < 0.1
    assert abs(values.std() - 3.0) < 0.1
    assert abs(tf.random.truncated_normal([20_000], seed=1).numpy()).max() <= 2.0
    whole = tf.random.uniform([1000], 2, 5, dtype="int64", seed=1)
    assert whole.dtype == "int64"
    assert set(whole.numpy().tolist()) == {2, 3, 4}


DRAWS = [tf.random.normal, tf.random.shuffle, tf.random.truncated_normal, tf.random.uniform]


@pytest.mark.parametrize("function", DRAWS)
def test_every_result_takes_a_name(function):
    assert function([2], name="draw").name == "draw"


def test_gradients_flow_through_a_shuffle():
    x = tf.Variable([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.random.shuffle(x, seed=2) * x)
    order = tf.random.shuffle(tf.constant([0.0, 1.0, 2.0]), seed=2).numpy().astype(int)
    expected = x.numpy()[order] + x.numpy()[np.argsort(order)]
    np.testing.assert_array_equal(tape.gradient(y, x).numpy(), expected)


def test_errors():
    with pytest.raises(ValueError, match="maxval"):
        tf.random.uniform([2], dtype="int64")
    with pytest.raises(ValueError, match="numbers"):
        tf.random.normal(["n"])
    with pytest.raises(TypeError, match="no dtype int64"):
        tf.random.normal([2], dtype="int64")
