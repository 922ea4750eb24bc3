"""What is known of parameters by placeholders, arrays and symbols."""

import numpy as np
import pytest

import tracer as tf
from tracer import Verdict
from tracer.comparison.parameters import describe_input


def test_a_placeholder_stands_for_its_shape_and_assumptions():
    p, s = tf.placeholder("p", ("n",), positive=True), tf.placeholder("S", ("n", "n"), symmetric=True)
    assert tf.compare("sqrt(p**2)", "p", p).verdict is Verdict.PROVED
    assert tf.compare("sqrt(p**2)", "p", ("n",)).verdict is Verdict.REFUTED
    assert tf.compare(lambda S: tf.transpose(S), "S", s).verdict is Verdict.PROVED
    answer = tf.compare("S", "S + where(S[0, 1] > 2, 1.0, 0.0)", s)
    assert answer.verdict is Verdict.REFUTED
    np.testing.assert_array_equal(answer.counterexample["S"], answer.counterexample["S"].T)
    assert tf.compare(tf.sqrt(p * p), "p").verdict is Verdict.PROVED


def test_an_input_with_a_value_is_an_array():
    answer = tf.compare("x", "where(x == 17.5, 0, x)", tf.Variable(17.5))
    assert answer.counterexample["x"] == 17.5


def test_what_is_no_input_is_refused():
    with pytest.raises(TypeError, match="an input is a shape, an array, a placeholder or a hypothesis strategy"):
        describe_input({"x": 1})
