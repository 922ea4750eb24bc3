"""Sums divide sums that are products of them, also where a function has another name at the opposite place."""

import pytest

import tracer as tf

x, y, z = (tf.placeholder(name, ("n",)) for name in "xyz")
A = tf.placeholder("A", ("n", "n"))
p, q, s, t = tf.sigmoid(x - y), tf.sigmoid(z), tf.tanh(x), tf.tanh(y - z)


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        ((x**2 - y**2) / (x - y), "x + y"),
        ((x**2 - y**2) / (x - y) ** 2, "(x**2 - y**2)/(x - y)**2"),
        ((x**2 + y**2) / (x - y), "(y**2 + x**2)/(x - y)"),
        ((p * (1 - p) - q * (1 - q)) / (p - q), "1 - sigmoid(x - y) - sigmoid(z)"),
        ((p * (1 - p) - q * (1 - q)) / (p + q - 1) * z, "z o (sigmoid(z) - sigmoid(x - y))"),
        ((s**2 - t**2) / (s - t), "tanh(y - z) + tanh(x)"),
        ((s**2 - t**2) / (s + t), "tanh(z - y) + tanh(x)"),
        ((A @ (x**2 - y**2)) / (x - y), "(A*(y**2 - x**2))/(y - x)"),
    ],
)
def test_a_quotient_of_sums_is_a_sum_where_it_is_a_polynomial(tensor, text):
    assert str(tensor.formula()) == text
