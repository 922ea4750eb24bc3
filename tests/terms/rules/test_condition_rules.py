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
    ],
)
def test_how_a_condition_is_written(condition, text):
    assert str(where(condition, y, z).formula()) == text
