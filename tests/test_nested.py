"""Derivatives within derivatives: no confusion of perturbations, in every combination, up to order five."""

import itertools
import math

import pytest

import tracer as tf


def by_grad(f):
    return tf.grad(f)


def by_tape(f):
    def derivative(x):
        x = tf.identity(tf.convert_to_tensor(x))
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        return tape.gradient(y, x, unconnected_gradients="zero")

    return derivative


def by_jvp(f):
    return lambda x: tf.jvp(f, (x,), (1.0,))[1]


def by_jacobian(f):
    return tf.jacobian(f)


WAYS = {"grad": by_grad, "tape": by_tape, "jvp": by_jvp, "jacobian": by_jacobian}


def function(x):
    return x**6 + tf.sin(x)


@pytest.mark.parametrize("ways", list(itertools.product(WAYS, repeat=2)), ids="-".join)
def test_second_order_in_every_combination(ways):
    outer, inner = (WAYS[w] for w in ways)

    assert float(outer(inner(function))(1.5)) == pytest.approx(30 * 1.5**4 - math.sin(1.5))


@pytest.mark.parametrize("way", WAYS)
def test_fifth_order(way):

    f = function
    for _ in range(5):
        f = WAYS[way](f)
    assert float(f(1.5)) == pytest.approx(720 * 1.5 + math.cos(1.5))


def test_fifth_order_mixed():

    f = by_jvp(by_tape(by_grad(by_jacobian(by_jvp(function)))))
    assert float(f(1.5)) == pytest.approx(720 * 1.5 + math.cos(1.5))


@pytest.mark.parametrize("ways", list(itertools.product(WAYS, repeat=2)), ids="-".join)
def test_an_inner_derivative_does_not_see_the_outer_perturbation(ways):
    outer, inner = (WAYS[w] for w in ways)
    # d/dx (x * d/dy (x) ) is 0, and d/dx (x * d/dy (x + y)) is 1, at whatever point.
    assert float(outer(lambda x: x * inner(lambda y: x * 1.0)(x))(2.0)) == 0.0
    assert float(outer(lambda x: x * inner(lambda y: x + y)(x))(2.0)) == 1.0


def test_hessian_of_a_function_with_an_inner_gradient():
    f = lambda x: x * tf.grad(lambda y: x * y**2)(x)  # noqa: E731
    assert float(tf.hessian(f)(2.0)) == 24.0
    assert str(tf.hessian(f)(tf.symbols("x")).formula()) == "12*x"
