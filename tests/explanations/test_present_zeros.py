"""Why a gradient is zero at the present values: what is said where it is, and nothing where it is not."""

import numpy as np
import pytest

import tracer as tf
from tracer.explanations import present_zeros


def told(build, *values):
    sources = [tf.Variable(v, name=name) for v, name in zip(values, "xyz")]
    target = build(*sources)
    return str(tf.explain(target, sources[0]))


@tf.custom_gradient
def gate(x):
    return tf.exp(x), lambda cotangent: cotangent * tf.cast(x > 0.0, "float64")


ZERO = {
    "a relu of what is negative": (
        lambda x, y: tf.nn.relu(x * y),
        ([1.0, 2.0], [-1.0, -1.0]),
        "every entry of multiply_",
        "is negative, where the derivative of relu is 0.",
    ),
    "a scalar": (lambda x: tf.nn.relu(x), (-1.0,), "x is negative,", "of relu is 0."),
    "a relu at its kink": (lambda x: tf.nn.relu(x), ([0.0, -1.0],), "x is zero or negative,", ""),
    "a mask": (lambda x, y: x * y, ([1.0, 2.0], [0.0, 0.0]), "every entry of y is zero", "multiplies x by it."),
    "weights of zero": (lambda x, y: x @ y, ([1.0, 2.0], [0.0, 0.0]), "entry of y is zero", "multiplies x by it."),
    "a numerator": (lambda x, y: y / x, (2.0, 0.0), "y is zero, and ", "divides it by x."),
    "a fit without error": (
        lambda x, y: tf.reduce_mean((x - y) ** 2),
        ([1.0, 2.0], [1.0, 2.0]),
        "every entry of subtract_",
        "is zero, where the derivative of pow is 0.",
    ),
    "above a bound": (lambda x: tf.nn.relu6(x), ([8.0, 9.0],), "every entry of x is above 6,", ""),
    "below a bound": (lambda x: tf.clip_by_value(x, -1.0, 1.0), ([-8.0, -2.0],), "x is below -1,", ""),
    "the lesser of two": (lambda x, y: tf.maximum(x, y), ([1.0], [2.0]), "x is less than that of y,", "maximum is 0."),
    "a branch": (lambda x, y: tf.where(y > 0.0, x, y), ([1.0], [-2.0]), "where_", "takes x in no place that counts."),
    "what is picked": (
        lambda x: tf.nn.relu(x)[0],
        ([-8.0, 9.0],),
        "every entry of x that a gradient arrives at is negative",
        "",
    ),
    "both sides of an interval": (lambda x: tf.nn.relu6(x), ([-8.0, 9.0],), "the derivative of target", "by x is 0."),
    "underflow": (lambda x: tf.sigmoid(x), (800.0,), "the derivative of target (sigmoid_", "by x rounds to 0."),
    "two ways": (
        lambda x, y: tf.nn.relu(x) + tf.minimum(x, y),
        ([-1.0], [-2.0]),
        "is greater than that of y, where the derivative of minimum is 0; every entry of x is negative",
        "",
    ),
    "terms that cancel": (lambda x, y: x * y - x, ([3.0], [1.0]), "the terms that flow back through ", "cancel."),
    "a saturated softmax": (lambda x: tf.nn.softmax(x)[0], ([-400.0, 400.0],), "softmax", "adds up to zero."),
    "a rule of its own": (gate, (-1.0,), "a gradient rule of its own (gate), which answers zero for x there", ""),
    "many ways": (lambda x: sum(tf.nn.relu(x - k) for k in range(5)), (-1.0,), "; and so on, by 3 more", "."),
}


@pytest.mark.parametrize("name", ZERO)
def test_what_makes_a_gradient_zero_at_the_values_is_said(name):
    build, values, *words = ZERO[name]
    said = told(build, *values)
    assert ", and it is zero at these values: " in said
    assert all(word in said for word in words), said


def test_the_line_of_what_is_zero_is_named():
    x = tf.Variable([1.0, 2.0], name="x")
    h = x * -3.0
    y = tf.nn.relu(h)
    assert f"every entry of h ({h.name}) at test_present_zeros.py:" in str(tf.explain(y, x))


OTHERS = {
    "one entry is positive": (lambda x: tf.nn.relu(x), ([-1.0, 2.0],)),
    "not finite": (lambda x: tf.math.log(x), (0.0,)),
    "no entries": (lambda x: tf.nn.relu(x), (np.zeros(0),)),
    "identically zero": (lambda x: x * 0.0, (1.0,)),
    "a matrix without an inverse": (lambda x: tf.linalg.inv(x), (np.zeros((2, 2)),)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_nothing_is_said_of_values_elsewhere(name):
    build, values = OTHERS[name]
    assert "at these values" not in told(build, *values)


def test_nothing_is_evaluated_where_a_source_has_no_value(monkeypatch):
    monkeypatch.setattr(present_zeros, "_evaluate", None)
    x, y = tf.Variable(-1.0, name="x"), tf.placeholder("y", ())
    assert "zero" not in str(tf.explain(tf.nn.relu(x) * y, x))


def test_long_ways_are_not_evaluated(monkeypatch):
    monkeypatch.setattr(present_zeros, "MOST", 3)
    assert "zero" not in told(lambda x: tf.sin(tf.nn.relu(x)) * 2.0 + 1.0, -1.0)
