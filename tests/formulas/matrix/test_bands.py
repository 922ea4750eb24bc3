"""Hessians of what neighbours have to do with one another: diagonals beside the main one, in each form."""

import numpy as np
import pytest
import sympy

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.matrix.strides import Band
from tracer.testing.interpreter import evaluate
from tracer.testing.verification import Points

total, square, sin, exp = tf.reduce_sum, tf.square, tf.sin, tf.exp
x, u, v = (tf.placeholder(name, size) for name, size in (("x", ("n",)), ("u", (4,)), ("v", (3,))))
A = tf.placeholder("A", (3, 3))
n = sympy.Symbol("n", integer=True, positive=True)


def rosenbrock(x):
    return total(100 * square(x[1:] - x[:-1] ** 2) + square(1 - x[:-1]))


def blocks(inner):
    """A matrix of blocks, of which the inner ones are diagonal."""
    return tf.concat([tf.concat([A, inner], 1), tf.concat([inner, A], 1)], 0)


PROGRAMS = {
    "Rosenbrock": (
        lambda: tf.hessian(rosenbrock)(x),
        "2*(diag(concat(600*x[:-1]**2 + 1 - 200*x[1:], 0) + 100*concat(0, ones(n - 1, 1))) "
        "- 200*(diag(x[:-1], 1) + diag(x[:-1], -1)))",
    ),
    "squared differences": (
        lambda: tf.hessian(lambda x: total(square(x[1:] - x[:-1])))(x),
        "2*(diag(concat(0, ones(n - 1, 1)) + concat(ones(n - 1, 1), 0)) - diag(ones(n - 1, 1), 1) "
        "- diag(ones(n - 1, 1), -1))",
    ),
    "neighbours": (
        lambda: tf.hessian(lambda x: total(x[1:] * x[:-1]))(x),
        "diag(ones(n - 1, 1), 1) + diag(ones(n - 1, 1), -1)",
    ),
    "two apart": (
        lambda: tf.hessian(lambda x: total(x[2:] * exp(x[:-2])))(x),
        "diag(concat(x[2:] o exp(x[:-2]), zeros(2, 1))) + diag(exp(x[:-2]), 2) + diag(exp(x[:-2]), -2)",
    ),
    "one side": (
        lambda: tf.jacobian(lambda x: tf.concat([x[1:] * x[:-1], x[:1]], 0))(x),
        "diag(concat(x[1:], 0)) + diag(x[:-1], 1) "
        "+ block([[zeros(n - 1, 1), zeros(n - 1, n - 1)], [1, zeros(1, n - 1)]])",
    ),
    "a part that is no diagonal": (
        lambda: tf.hessian(lambda x: total(square(x[1:] * x[:-1])) + total(x) ** 3)(x),
        None,
    ),
    "given sizes": (lambda: tf.hessian(rosenbrock)(u), None),
    "two elements": (lambda: tf.hessian(rosenbrock)(tf.placeholder("p", (2,))), None),
    "blocks apart stay blocks": (lambda: blocks(tf.linalg.diag(v)), "block([[A, diag(v)], [diag(v), A]])"),
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_diagonals_are_written_by_their_vectors(program):
    make, want = PROGRAMS[program]
    tensor = make()
    text = str(tf.formula(tensor))
    assert text == (want or text)
    assert want or "block" not in text
    points = Points([tensor], {}, {}, 3)
    sizes, feed, (value,) = next(iter(points.draw(0)))
    arrays = {"x": np.zeros(sizes.get("n", 1))}
    arrays |= {label: np.asarray(feed[source], float) for source, label in points.names.items()}
    assert not faults(tensor, sizes, arrays, value)


@pytest.mark.parametrize("number", [-2, -1, 1, 3])
def test_a_band_is_numpys_diag(number):
    made = Band(sympy.MatrixSymbol("x", n, 1), sympy.Integer(number))
    values = np.array([3.0, 5.0, 7.0])
    assert str(made) == f"diag(x, {number})"
    assert made.shape == (n + abs(number), n + abs(number))
    np.testing.assert_array_equal(evaluate(made, {"n": 3}, {"x": values[:, None]}), np.diag(values, number))


def test_the_gradient_of_a_linear_function_of_parts_is_of_ones():
    [slope] = tf.gradients(total(x[1:] - x[:-1]), [x])
    assert str(tf.formula(slope)) == "concat(0, ones(n - 1, 1)) - concat(ones(n - 1, 1), 0)"
