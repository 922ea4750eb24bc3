"""tracer.print: values where there are any, formulas elsewhere, and no effect on gradients."""

import sys

import numpy as np
import pytest

import tracer as tf


def printed(capsys, *inputs, **options):
    assert tf.print(*inputs, output_stream=sys.stdout, **options) is None
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (tf.constant([1.0, 2.5]), "[1 2.5]"), (tf.constant(True), "1"), (tf.range(100), "[0 1 2 ... 97 98 99]"),
        (tf.constant([[1.0, -2.0], [3.0, 4.0]]), "[[1 -2]\n [3 4]]"), ([tf.constant(1.0), 3], "[1, 3]"),
        ({"k": tf.constant([1, 2])}, "{'k': [1 2]}"), (None, "None"), ("a", "a"), (1.5, "1.5"),
        (tf.constant([1e-9, np.inf, np.nan]), "[1e-09 inf nan]"),
        (tf.placeholder("x", ("n",)) * 2, "2*x"),
    ],
)  # fmt: skip
def test_what_is_printed(capsys, value, text):
    assert printed(capsys, value) == text + "\n"


def test_options(capsys):
    assert printed(capsys, "a", 1, sep="|", end="!") == "a|1!"
    assert printed(capsys, tf.range(9), summarize=1) == "[0 ... 8]\n"
    assert printed(capsys, tf.range(9), summarize=-1) == "[0 1 2 3 4 5 6 7 8]\n"


def test_the_stream_is_standard_error_and_gradients_go_on(capsys):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        tf.print(y)
        z = y * x
    assert float(tape.gradient(z, x)) == 27
    assert capsys.readouterr() == ("", "9\n")


def test_errors():
    with pytest.raises(ValueError, match="summarize must be a number of elements, or -1 for all, got 'all'"):
        tf.print(1, summarize="all")
    with pytest.raises(ValueError, match=r"output_stream must be a file such as sys.stdout, got 'file://log'"):
        tf.print(1, output_stream="file://log")
