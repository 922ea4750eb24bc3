"""What is known of derivatives at a point: one, subgradients, or none; differences have the last word."""

import numpy as np
import pytest

import tracer as tf
from tracer.precise.arithmetic import box_numbers
from tracer.precise.digits import Digits
from tracer.testing.judging import RuleInstance
from tracer.testing.subjects import Subject


def find_truth(f, at, scale_of=lambda digits: 1, kink=False):
    """The truth at a number, for a library whose gradients are wrong by a factor in so many digits."""
    instance = RuleInstance(Subject(f, 1), ["x", "g"], [(), ()], ["float64"] * 2, {})
    a, point = Digits(40), [np.asarray(at), np.asarray(2.0)]

    def evaluate(boxed, a):
        values = instance.evaluate_all(boxed, a)
        wrong = [np.asarray(scale_of(a.digits) * v) for v in values.exact]
        return values._replace(exact=wrong, answers=[a.digits])

    instance.truths.evaluate = evaluate
    boxed = [box_numbers(v, a) for v in point]
    return instance.truths.at(point, boxed, evaluate(boxed, a), a, 2.0**-60, kink)


@pytest.mark.parametrize(("f", "at", "expected"), [(tf.square, 3.0, 12.0), (tf.exp, 0.0, 2.0), (tf.abs, -1.0, -2.0)])
def test_a_smooth_function_has_one_derivative(f, at, expected):
    truth = find_truth(f, at)
    assert not truth.by_differences
    assert truth.low[0] == truth.high[0] == truth.expected[0] == expected


@pytest.mark.parametrize("scale", [-1, 1 + 1e-9])
def test_differences_have_the_last_word(scale):
    truth = find_truth(tf.square, 3.0, lambda digits: scale)
    assert truth.by_differences
    assert abs(truth.expected[0][()] - 12) < 1e-30


def test_derivatives_that_lack_digits_are_computed_with_more():
    truth = find_truth(tf.square, 3.0, lambda digits: 1 + 1e-9 * (digits < 100))
    assert not truth.by_differences
    assert truth.low[0] == truth.high[0] == truth.expected[0] == 12
    assert truth.answers > [100]
    assert find_truth(tf.square, 3.0).answers is None


def test_derivatives_of_both_sides_bound_a_subgradient():
    truth = find_truth(tf.abs, 0.0, kink=True)
    assert (truth.low[0][()], truth.high[0][()]) == (-2, 2)


def test_there_is_no_derivative_at_a_jump():
    assert find_truth(tf.floor, 2.0, kink=True) is None


def test_the_nearest_subgradient_is_what_an_answer_is_held_against():
    truth = find_truth(tf.abs, 0.0, kink=True)
    for answer, nearest in [(-3.0, -2.0), (0.5, 0.5), (7.0, 2.0), (np.nan, 0.0)]:
        assert truth.find_nearest([np.asarray(answer, object)])[0][()] == nearest


@pytest.mark.parametrize(("at", "scale"), [(20.0, 1), (16.0, 1 + 1e-6)])
def test_small_slopes_beside_large_values_are_seen(at, scale):
    truth = find_truth(tf.math.erf, at, lambda digits: scale)
    assert truth.by_differences == (scale != 1)
    assert truth.low[0] == truth.high[0]
