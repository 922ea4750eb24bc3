"""A sum of squares is written by its norm where the formula names that."""

import pytest
import sympy

import tracer as tf
from tracer.formulas.matrix.scalars import norm
from tracer.formulas.matrix.squared_norms import name_squared_norms

x, y = (tf.placeholder(name, ("n",)) for name in "xy")
A, X = tf.placeholder("A", ("m", "n")), tf.placeholder("X", ("m", "n"))


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (tf.norm(x) + 1 / tf.reduce_sum(x * x), "norm(x) + 1/norm(x)**2"),
        (tf.norm(x) + tf.math.log(1 + tf.reduce_sum(x * x)), "log(norm(x)**2 + 1) + norm(x)"),
        (tf.norm(x) * y + x / tf.reduce_sum(x * x), "norm(x)*y + x/norm(x)**2"),
        (tf.norm(x - y) + tf.reduce_sum((y - x) ** 2) ** 3, "norm(x - y)**6 + norm(x - y)"),
        (tf.norm(A @ x) + tf.reduce_sum((A @ x) ** 2), "norm(A*x)**2 + norm(A*x)"),
        (tf.norm(X) + 3 / tf.reduce_sum(X * X), "norm(X) + 3/norm(X)**2"),
        (tf.norm(y) + 1 / tf.reduce_sum(x * x), "norm(y) + 1/(x.T*x)"),
        (tf.reduce_sum(x * x) + x[0], "x[0] + x.T*x"),
    ],
)
def test_a_square_is_one_of_a_norm_that_is_named(tensor, text):
    assert str(tensor.formula()) == text


def test_norms_within_norms_are_named_too():
    v = sympy.MatrixSymbol("v", 3, 1)
    assert name_squared_norms(norm(v)) == norm(v)
    inner = tf.norm(y) * x / tf.reduce_sum(y * y)
    assert str((tf.norm(inner + x) + 1 / tf.reduce_sum((inner + x) ** 2)).formula()).count("y.T*y") == 0
