"""Conditions are written with the numbers on one side, and none that follows from another."""

import pytest

import tracer as tf

where = tf.where
x, y, z = (tf.placeholder(name, ("n",)) for name in "xyz")


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ((x > 1) & (x > 0), "where(x > 1, y, z)"),
        ((x > 1) | (x > 0), "where(x > 0, y, z)"),
        ((x > 1) & (x < 0), "z"),
        ((x < 1) | (x >= 0), "y"),
        ((x > 1) & (y > 0), "where((y > 0) & (x > 1), y, z)"),
        (2 * x + 3 > 7, "where(x > 2, y, z)"),
        (1 - x <= 3, "where(x < -2, z, y)"),
        (x / 3 - y / 3 > 0, "where(x > y, y, z)"),
        (x + 3 >= 0, "where(x < -3, z, y)"),
        (2 * x > 2 * y, "where(x > y, y, z)"),
        (tf.exp(z) * x > tf.exp(z) * y, "where(x > y, y, z)"),
        (-x < 0, "where(x > 0, y, z)"),
        (x**2 > 0, "where(x == 0, z, y)"),
        (x**3 * tf.exp(y) > 0, "where(x > 0, y, z)"),
        (abs(x) <= 0, "where(x == 0, y, z)"),
        (tf.tanh(x) >= 0, "where(x < 0, z, y)"),
        (tf.nn.relu(x) > 0, "where(x > 0, y, z)"),
        ((x >= y) & (x != y), "where(x > y, y, z)"),
        ((x > 0) & (x != 0), "where(x > 0, y, z)"),
        ((x > y) | (x < y), "where(x == y, z, y)"),
        ((x > 1) & (x == 0), "z"),
        ((x > y) & (y >= x), "z"),
    ],
)
def test_how_a_condition_is_written(condition, text):
    assert str(where(condition, y, z).formula()) == text
