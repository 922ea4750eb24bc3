"""What a rule is asked for beside gradients."""

import itertools

import numpy as np
import pytest

import tracer as tf
from tracer.testing import GradientMismatch, check_rule, consistency
from tracer.testing.consistency import Consistency
from tracer.testing.judging import RuleInstance
from tracer.testing.subjects import Subject

POINTS = [[np.array([1.0, 2.0]), np.array([3.0, -1.0])], [np.array([0.5, -2.0]), np.array([1.0, 1.0])]]
square = tf.custom_gradient(lambda x: (x * x, lambda g: 2 * g * x))


def find_fault(f):
    instance = RuleInstance(Subject(f, 1), ["x", "g"], [(2,), (2,)], ["float64"] * 2, {})
    return Consistency(instance).find_fault(POINTS)


def test_a_right_rule_has_no_fault():
    assert find_fault(square) is None
    assert find_fault(tf.nn.softmax) is None


@pytest.mark.parametrize(
    ("name", "plant", "what"),
    [
        ("pushforward", lambda *given: 2 * tf.ones((2,)), "the derivative along tangents"),
        ("batch", lambda answer, *given: [2 * t for t in BATCH(answer, *given)], "the gradient of a batch"),
    ],
)
def test_a_transform_that_answers_otherwise_is_found(monkeypatch, name, plant, what):
    monkeypatch.setattr(consistency, name, plant)
    fault = find_fault(square)
    assert fault.what.startswith(what)
    assert fault.expected != fault.actual


BATCH = consistency.batch


def test_a_value_that_is_another_under_a_tape_is_found():
    calls = itertools.count(1)
    with pytest.raises(GradientMismatch, match="the value is another where a gradient is asked for") as caught:
        check_rule(lambda x: x * float(next(calls)), (2,), max_examples=2)
    assert caught.value.expected != caught.value.actual
