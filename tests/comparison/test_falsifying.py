"""Points from strategies: the smallest at which programs differ, and what may stand beside a strategy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import tracer as tf
from tracer.comparison.falsifying import is_strategy

SMALL = arrays("float64", (2,), elements=st.integers(-3, 3).map(float))


@pytest.mark.parametrize("other", [(2,), np.array([1.0, 2.0]), 2.0, SMALL], ids=lambda v: type(v).__name__)
def test_programs_are_told_apart_at_a_point_of_a_strategy(other):
    def square(x, y):
        return x * x * y

    def bent(x, y):
        return tf.where(x > 1.0, x * x * y + 1.0, x * x * y)

    answer = tf.compare(square, bent, SMALL, other)
    assert answer.verdict is tf.Verdict.REFUTED
    assert answer.counterexample["x"].max() > 1
    assert np.all(np.abs(answer.counterexample["x"]) <= 3)


def test_symbolic_sizes_beside_a_strategy_are_refused():
    with pytest.raises(ValueError, match=r"an input is a strategy, an array or a shape of numbers, got \('n',\); draw"):
        tf.compare(lambda x, y: x + y, lambda x, y: y - x, SMALL, ("n",))


@pytest.mark.parametrize(("value", "known"), [(SMALL, True), (st.integers(), True), ((2,), False), (st, False)])
def test_strategies_are_known_without_hypothesis(value, known):
    assert is_strategy(value) is known


@given(st.just("exp(where(0 > y + 1, 0, y*2 + 2)/4)"))
@settings(max_examples=1, database=None)
def test_within_a_test_of_hypothesis_no_other_search_is_begun(text):
    assert tf.compare(text, text.replace("0 > y + 1", "1e-6 > y + 1"), ()).verdict is tf.Verdict.UNDECIDED
