"""Checks from end to end: at which sizes, by what proofs, and what an error shows."""

import itertools

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import tracer as tf
from tracer.comparison.instances import Outcome
from tracer.comparison.search import Found
from tracer.testing import GradientMismatch, checker
from tracer.testing.checker import check, find_worst
from tracer.testing.subjects import Subject


def seen_by(rule, *inputs):
    """The arrays that a rule of numbers sees."""
    seen = []

    def vjp(g, x):
        seen.append(np.array(x))
        return rule(g, x)

    check(Subject(lambda x: x * x, 1, vjp=vjp), inputs, 3)
    return seen


def test_a_symbolic_dimension_has_many_sizes_and_none():
    assert {0, 1, 2} < {v.shape[0] for v in seen_by(lambda g, x: 2 * g * x, ("n",))}


def test_a_given_array_is_a_point():
    given = np.array([7.125, -1e-9])
    assert any((v == given).all() for v in seen_by(lambda g, x: 2 * g * x, given))


def test_strategies_say_all_points():
    strategy = arrays("float64", st.sampled_from([(1,), (2, 2)]), elements=st.sampled_from([1.0, 3.0]))
    seen = seen_by(lambda g, x: 2 * g * x, strategy)
    assert all(np.isin(v, [1.0, 3.0]).all() and v.shape in [(1,), (2, 2)] for v in seen)


def find_error(vjp, *inputs, f=lambda x: x * x):
    with pytest.raises(GradientMismatch) as caught:
        check(Subject(f, len(inputs), vjp=vjp), inputs, 10)
    return caught.value


def test_an_error_at_one_size_is_found():
    error = find_error(lambda g, x: (2 if len(x) != 3 else 3) * g * x, ("n",))
    assert error.inputs[0].shape == (3,)


def test_an_error_at_the_edge_of_a_domain_is_found_that_holds_neither_zeros_nor_ones():
    error = find_error(lambda g, x: g / np.sqrt(np.maximum(x * x - 1, 1e-3)), (3,), f=tf.acosh)
    assert 1 < error.inputs[0][error.index] < 1.0005


def test_an_error_beyond_a_size_that_stands_in_the_code_is_found():
    error = find_error(lambda g, x: (2 if len(x) <= 5 else 3) * g * x, ("n",))
    assert error.inputs[0].shape == (6,)


def test_an_error_between_equal_bounds_is_found():
    """The bounds have to move together, whatever each of them answers."""
    rule = lambda g, x, a, b: (g * ((x > a) & (x < b)), g * ((x < a) & (a < b)), g * ((x > b) & (a < b)))  # noqa: E731
    find_error(rule, (), (), (), f=lambda x, a, b: tf.minimum(tf.maximum(x, a), b))


def test_a_number_next_to_an_edge_is_shown_in_few_digits():
    error = find_error(lambda g, x: g / (1 + np.maximum(x, -0.999)), (3,), f=tf.math.log1p)
    assert -0.999 > error.inputs[0][error.index] >= -0.9999


def test_an_answer_that_is_not_real_is_wrong():
    error = find_error(lambda g, x: g * np.cos(x) * (1 + 1j), (2,), f=tf.sin)
    assert np.isnan(error.actual)
    check(Subject(tf.sin, 1, vjp=lambda g, x: g * np.cos(x) + 0j), [(2,)], 3)


@pytest.mark.parametrize("period", [2, 5])
def test_a_rule_that_answers_otherwise_when_it_is_asked_again_is_wrong(period):
    calls = itertools.count()
    error = find_error(lambda g, x: g * np.cos(x) * (1.01 if next(calls) % period == 1 else 1), (3,), f=tf.sin)
    assert abs(error.actual / error.expected - 1.01) < 1e-12


def test_an_error_near_a_given_array_is_found():
    error = find_error(lambda g, x: 2 * g * x * (1 + (abs(x - 7.125) < 1e-6)), np.array([1.0, 7.125]))
    assert error.inputs[0][1] == 7.125
    assert error.index == (1,)


def test_the_formula_is_that_of_the_wrong_argument():
    error = find_error(lambda g, x, y: (g * y, 0 * x), (), (), f=lambda x, y: x * y)
    assert error.argument == 1
    assert str(error.formula) == "cotangent*x"


def test_second_order_has_cotangents_of_the_gradient():
    wrong = tf.custom_gradient(lambda x: (x * x, lambda g: 2 * g * tf.stop_gradient(x)))
    with pytest.raises(GradientMismatch) as caught:
        check(Subject(wrong, 1, order=2), [(2,)], 3)
    assert len(caught.value.cotangents) == 2
    assert "cotangent_x" in str(caught.value)


@pytest.mark.parametrize(("order", "points"), [(1, 30), (2, 30)])
def test_a_right_rule_is_proved_and_counted(order, points):
    right = tf.custom_gradient(lambda x: (x * x, lambda g: 2 * g * x))
    report = check(Subject(right, 1, order), [(2,)], 3)
    assert report.proved
    assert report.points > points
    assert report.digits > 30


def test_a_plain_error_is_shown_rather_than_a_slight_one():
    error = find_error(lambda g, x: g * (np.sin(x + 1e-4) - np.sin(x)) / 1e-4, (2,), f=tf.sin)
    assert abs(error.actual / error.expected - 1) > 1e-5


def test_a_slight_error_is_shown_where_there_is_no_plain_one():
    error = find_error(lambda g, x: (1 + 3e-9) * g * np.cos(x), (), f=tf.sin)
    assert abs(error.actual / error.expected - 1 - 3e-9) < 1e-14


@pytest.mark.parametrize(("low", "high"), [(2.0, 3.0), (13.1, 13.2), (1e8, np.inf)])
def test_a_counterexample_has_few_digits(low, high):
    error = find_error(lambda g, x: g * np.where((x > low) & (x < high), 3, 2) * x, (3,))
    shown = error.inputs[0][error.index]
    assert low < shown < high
    assert float(f"{shown:.4g}") == shown


def test_elements_are_shown_where_a_gradient_has_no_closed_form():
    error = find_error(lambda g, x: np.array([g[0], 0, g[2]]), (3,), f=lambda x: tf.gather(x, [0, 0, 2]))
    assert str(error.formula) == "[cotangent[0] + cotangent[1], 0, cotangent[2]]"


def test_infinities_that_are_right_are_no_evidence():
    error = find_error(lambda g, x, y: [g * np.log(y), g * (x / y)], (), (), f=tf.math.xlogy)
    assert (error.argument, error.expected) == (1, 0.0)
    assert np.isnan(error.actual)


def test_the_element_shown_is_no_rounding():
    """What is nearly zero beside other elements has few digits, and says little."""
    expected, actual = np.array([1e-30, 4.0, 2.0]), np.array([0.0, 4.001, 2.0])
    assert find_worst(Found(None, [], Outcome(True, True, 0.0, [expected], [actual]))) == (0, (1,))


def test_the_element_shown_is_none_where_both_are_infinite():
    expected, actual = np.array([np.inf, 2.0, 2.0]), np.array([np.inf, 3.0, 5.0])
    assert find_worst(Found(None, [], Outcome(True, True, 0.0, [expected], [actual]))) == (0, (2,))


def test_a_wrong_element_that_is_nearly_zero_is_shown_where_no_other_is_wrong():
    expected = np.array([1e-40, 1.0, 2.0], object)
    for actual, worst in (([2e-40, 1 + 1e-15, 2.0], 0), ([2e-40, 1.0 + 1e-6, 2.0], 1)):
        outcome = Outcome(True, True, 0.0, [expected], [np.array(actual, object)])
        assert find_worst(Found(None, [], outcome)) == (0, (worst,))


@pytest.mark.parametrize("vjp", [None, lambda g, x: g * np.cos(x)])
def test_a_rule_of_numbers_is_searched_before_a_proof_is_tried(vjp, monkeypatch):
    """A proof says nothing of its numbers, and may take long; one of a traced rule makes the search needless."""
    done = []
    monkeypatch.setattr(checker, "search_shapes", lambda *_: done.append("search"))
    monkeypatch.setattr(checker.Checker, "_prove", lambda *_: done.append("proof") or "in words")
    check(Subject(tf.sin, 1, vjp=vjp), [()], None)
    assert done == (["proof"] if vjp is None else ["search", "proof"])
