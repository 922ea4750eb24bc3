"""Whole numbers: by their dtype, or by declaration."""

import pytest

import tracer as tf

i = tf.placeholder("i", ("n",), dtype="int64")
j = tf.placeholder("j", dtype="int32")
k = tf.cast(i, "float64")
w = tf.placeholder("w", ("n",), integer=True)
x = tf.placeholder("x", ("n",))


def mask(condition):
    return tf.cast(condition, "float64")


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (tf.floor(k) + tf.math.ceil(w), "i + w"),
        (tf.cast(k, "int64"), "i"),
        (mask(i >= 1), "step(i)"),
        (mask(i > -1), "[i >= 0]"),
        (mask(j < 3) - mask(j <= 2), "0"),
        (mask(2 * i > 3), "[i > 1]"),
        (mask(tf.equal(2 * i, 5)), "0"),
        (mask(w < 0.5), "[w <= 0]"),
        (mask(x >= 1), "[x >= 1]"),
        (tf.reduce_sum(mask(i > 0)) - tf.reduce_sum(mask(i >= 1)), "0"),
        ((-1.0) ** (2 * k), "ones(n, 1)"),
        ((-x) ** (2 * k + 1), "-x**(2*i + 1)"),
        ((-x) ** k, "(-x)**i"),
        (((-1.0) ** k) ** 2, "ones(n, 1)"),
        ((-x) ** (2 * tf.floor(x) + w), "(-x)**(2*floor(x) + w)"),
    ],
)
def test_what_is_known_of_whole_numbers(tensor, text):
    assert str(tensor.formula()) == text


def test_an_integer_has_no_gradient_and_a_declared_one_has():
    assert tf.gradients((-1.0) ** k, i) == [None]
    assert str(tf.gradients(tf.floor(w) * w + w**2, w)[0].formula()) == "3*w"
