"""Proofs that gradients are sympy's derivatives of the elements."""

import pytest

import tracer as tf
from tracer.testing.differences import find_constants
from tracer.testing.proving import prove_by_elements

a, x, g = tf.placeholder("a", (2, 2)), tf.placeholder("x", (2,)), tf.placeholder("g", (2,))


@pytest.mark.parametrize(
    ("value", "gradient"),
    [
        (tf.sin(x), g * tf.cos(x)),
        (tf.reverse(x * x, [0]), 2 * x * tf.reverse(g, [0])),
        (x * tf.stop_gradient(tf.exp(x)), g * tf.exp(x)),
        (tf.nn.relu(x), tf.where(x > 0, g, tf.zeros_like(g))),
        (tf.cumsum(x), tf.cumsum(g, reverse=True)),
        (tf.minimum(x, 1.0), tf.where(x < 1, g, tf.zeros_like(g))),
    ],
)
def test_derivatives_are_proved_and_others_are_not(value, gradient):
    constants = find_constants([value])
    assert "sympy's derivatives of the elements" in prove_by_elements([gradient], [value], [x, g], constants)
    assert prove_by_elements([gradient * tf.constant([1.0, 1.001])], [value], [x, g], constants) is None


def test_matrices_are_proved_by_elements():
    exact = [g[:, None] * x[None, :], tf.linalg.matrix_transpose(a) @ g]
    assert prove_by_elements(exact, [a @ x], [a, x, g])
    assert prove_by_elements([exact[0], a @ g], [a @ x], [a, x, g]) is None


def test_what_takes_too_much_work_is_not_proved():
    big, cotangent = tf.placeholder("b", (40, 40)), tf.placeholder("c", (40, 40))
    assert prove_by_elements([cotangent], [tf.exp(big @ big)], [big, cotangent]) is None


@pytest.mark.parametrize("extreme", [tf.maximum, tf.minimum])
def test_the_first_of_equal_elements_is_the_largest(extreme):
    *sources, cotangent = (tf.placeholder(name, ()) for name in "uvwc")
    value = extreme(extreme(*sources[:2]), sources[2])
    exact = [t for t in tf.gradients(value, sources, cotangent) if t is not None]
    assert prove_by_elements(exact, [value], [*sources, cotangent])
