"""Forward accumulation, alone and nested with tapes."""

import numpy as np
import pytest

import tracer as tf

Accumulator = tf.autodiff.ForwardAccumulator


def test_derivative_along_a_tangent():
    x = tf.constant([2.0, 3.0])
    with Accumulator(x, tf.constant([1.0, 10.0])) as accumulator:
        y = x * x
        z = tf.stop_gradient(x)
    np.testing.assert_array_equal(accumulator.jvp(y).numpy(), [4.0, 60.0])
    assert accumulator.jvp(z) is None
    np.testing.assert_array_equal(accumulator.jvp(z, "zero").numpy(), [0.0, 0.0])


def test_several_primals_and_variables():
    v, c = tf.Variable(3.0), tf.constant(5.0)
    with Accumulator([v, c], [tf.constant(1.0), tf.constant(2.0)]) as accumulator:
        y = v * c
    assert float(accumulator.jvp(y)) == 11.0


def test_forward_over_reverse_is_a_hessian_vector_product():
    x = tf.Variable([1.0, 2.0])
    with Accumulator(x, tf.constant([1.0, 0.0])) as accumulator:
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(x**3)
        slope = tape.gradient(y, x)
    np.testing.assert_array_equal(accumulator.jvp(slope).numpy(), [6.0, 0.0])


def test_reverse_over_forward():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape, Accumulator(x, tf.constant(1.0)) as accumulator:
        y = x**3
    assert float(tape.gradient(accumulator.jvp(y), x)) == 12.0


def test_forward_over_forward():
    x = tf.Variable(2.0)
    with Accumulator(x, tf.constant(1.0)) as outer:
        with Accumulator(x, tf.constant(1.0)) as inner:
            y = x**3
        first = inner.jvp(y)
    assert float(outer.jvp(first)) == 12.0


def test_what_ran_outside_has_no_derivative():
    x = tf.Variable(2.0)
    y = x * x
    with Accumulator(x, tf.constant(1.0)) as accumulator:
        z = y * 1.0
    assert accumulator.jvp(z) is None


def test_errors():
    x = tf.constant([1.0, 2.0])
    with pytest.raises(ValueError, match="tangent for"):
        Accumulator(x, tf.constant(1.0))
    with pytest.raises(ValueError, match="2 primals and 1 tangents"):
        Accumulator([x, x], [x])
    with Accumulator(x, x) as accumulator, pytest.raises(ValueError, match="already"):
        accumulator.__enter__()
