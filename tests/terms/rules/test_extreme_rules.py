"""Choices are written as the greater, the lesser, the absolute value, or what is limited to an interval."""

import pytest

import tracer as tf

where = tf.where
x, y = (tf.placeholder(name, ("n",)) for name in "xy")
a, r = tf.placeholder("a"), tf.placeholder("r", (), positive=True)


def slope(loss):
    return tf.gradients(tf.reduce_sum(loss), x)[0]


def huber(z, d):
    return where(abs(z) <= d, z**2 / 2, d * abs(z) - d**2 / 2)


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (where(x >= y, x, y), "max(x, y)"),
        (where(x < y, x, y), "min(x, y)"),
        (where(x - y > 0, x, y), "max(x, y)"),
        (where(x > 1, 2 * x - 1, x), "max(x, 2*x - 1)"),
        (where(x > y, x - y, 0.0), "relu(x - y)"),
        (tf.maximum(tf.exp(y), -r), "exp(y)"),
        (where(x > 0, x, -x), "abs(x)"),
        (where(x < y, 2 * y - 2 * x, 2 * x - 2 * y), "2*abs(x - y)"),
        (slope(huber(x, 1.0)), "clip(x, -1, 1)"),
        (slope(huber(x - y, r)), "clip(x - y, -r, r)"),
        (slope(huber(x, a)), "sign(x) o min(a, abs(x))"),
        (slope((lambda q: q**2 / 2 + r * (abs(x) - q))(tf.minimum(abs(x), r))), "clip(x, -r, r)"),
        (tf.maximum(tf.minimum(x, 1.0), -1.0), "clip(x, -1, 1)"),
        (tf.maximum(tf.minimum(x, 1.0), a), "max(a, min(1, x))"),
        (tf.clip_by_value(-x, -r, r), "-clip(x, -r, r)"),
        (tf.clip_by_value(-x, -a, a), "clip(-x, -a, a)"),
        (tf.clip_by_value(-x, -1.0, 2.0), "clip(-x, -1, 2)"),
        (where(x > 1, 1.0, where(x < 0, 0.0, x)), "clip(x, 0, 1)"),
        (where(x > 1, 1.0, where(x < -a, -a, x)), "where(x > 1, 1, max(x, -a))"),
        (slope(tf.clip_by_value(x, -r, r)), "[abs(x) <= r]"),
        (where((x > 2) | (x < -2), y, x), "where(abs(x) > 2, y, x)"),
        (where((x > 2) | (x < -1), y, x), "where((x > 2) | (x < -1), y, x)"),
    ],
)
def test_a_choice_is_written_by_its_name(tensor, text):
    assert str(tensor.formula()) == text
