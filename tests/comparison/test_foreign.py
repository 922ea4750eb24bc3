"""Functions that close over placeholders."""

import re

import pytest

import tracer as tf


def closing_over():
    X, y = tf.placeholder("X", ("n", "d")), tf.placeholder("y", ("n",))
    return lambda w: X @ w - y


@pytest.mark.parametrize("shape", [("d",), (2,)], ids=str)
@pytest.mark.parametrize(
    "wrap", [lambda f: f, lambda f: tf.grad(lambda w: tf.reduce_sum(f(w) ** 2))], ids=["f", "gradient"]
)
def test_a_function_that_closes_over_placeholders_is_told_so(shape, wrap):
    with pytest.raises(
        ValueError, match=re.escape("depends on X and y, which are no parameters of it; write lambda w, X,")
    ):
        tf.compare(wrap(closing_over()), "w", shape)


def test_one_placeholder_is_named_alone():
    c = tf.symbols("c")
    with pytest.raises(
        ValueError, match=r"depends on c, which is no parameter of it; write lambda x, c: \.\.\. and give a"
    ):
        tf.compare(lambda x: c * x, "x", ())
