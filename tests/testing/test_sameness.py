"""``assert_same`` in tests."""

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import tracer as tf
from tracer.testing import assert_same


def test_what_differs_fails_with_the_counterexample():
    with pytest.raises(AssertionError, match=r"Refuted: at x = -1 the first is 1, the second -1\."):
        assert_same(tf.abs, "x", ())


def test_what_is_the_same_passes_with_what_is_known():
    assert str(assert_same(tf.grad(lambda x: x**3), "3*x**2", ())).startswith("Proved")


def test_without_a_point_nothing_is_said_to_be_the_same():
    with pytest.raises(AssertionError, match="no point was found at which both are finite"):
        assert_same("log(x)", "log(-x)", ())


def test_points_are_drawn_from_strategies_and_shrunk():
    positive = arrays("float64", (3,), elements=st.floats(0.25, 8.0))
    assert assert_same(lambda x: tf.sqrt(x * x), "x", positive).points >= 20
    with pytest.raises(AssertionError, match="Refuted: at x = "):
        assert_same(lambda x: tf.sqrt(x * x), "1.01*x", positive)
    answer = tf.compare(lambda x: x, lambda x: tf.where(x > 2.0, 2.0, x), positive)
    assert np.all(answer.counterexample["x"] >= 0.25)
    assert answer.counterexample["x"].max() <= 3
