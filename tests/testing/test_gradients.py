"""Checks of gradient rules: planted errors are found, hard right rules pass, and errors are told."""

import numpy as np
import pytest
from hypothesis import strategies as st

import tracer as tf
from tracer.rules import TABLE
from tracer.testing import GradientMismatch, check_gradients, check_rule, check_vjp

from .planted_rules import RIGHT, WRONG, WRONG_AT_SECOND_ORDER, below

pytestmark = pytest.mark.unchecked

TRACED_WRONG = [name for name, rule in WRONG.items() if rule.traced is not None]
TRACED_RIGHT = [name for name, rule in RIGHT.items() if rule.traced is not None]


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rule_of_numbers_is_found(name):
    rule = WRONG[name]
    with pytest.raises(GradientMismatch) as caught:
        check_vjp(rule.forward, rule.numeric, *rule.inputs)
    error = caught.value
    assert np.shape(error.inputs[error.argument]) == () or error.index != ()
    assert all(np.isfinite(v).all() for v in error.inputs)


@pytest.mark.parametrize("name", TRACED_WRONG)
def test_a_wrong_rule_that_is_traced_is_found(name):
    rule = WRONG[name]
    with pytest.raises(GradientMismatch):
        check_rule(rule.custom(), *rule.inputs)


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_rule_of_numbers_passes(name):
    rule = RIGHT[name]
    assert check_vjp(rule.forward, rule.numeric, *rule.inputs, max_examples=8).points >= 5


@pytest.mark.parametrize("name", TRACED_RIGHT)
def test_a_right_rule_that_is_traced_passes(name):
    rule = RIGHT[name]
    assert check_rule(rule.custom(), *rule.inputs, max_examples=8).points > 5


@pytest.mark.parametrize("rule", WRONG_AT_SECOND_ORDER.values(), ids=list(WRONG_AT_SECOND_ORDER))
def test_a_rule_that_is_wrong_at_second_order_is_found(rule):
    f = tf.custom_gradient(lambda x, y: (x * y, lambda g: rule(g, x, y)))
    with pytest.raises(GradientMismatch):
        check_rule(f, (2,), (2,), order=2)


def test_a_rule_of_the_library_that_stops_its_cotangent_is_found_at_second_order(monkeypatch):
    pullback = TABLE["inv"].pullback
    monkeypatch.setattr(
        TABLE["inv"], "pullback", lambda node, g, position: pullback(node, tf.stop_gradient(g), position)
    )
    with pytest.raises(GradientMismatch):
        check_gradients(tf.linalg.inv, (2, 2), order=2)


def test_the_second_order_of_a_right_rule_passes():
    sine = tf.custom_gradient(lambda x: (tf.sin(x), lambda g: g * tf.cos(x)))
    assert check_rule(sine, (2,), order=2).proved


def test_a_wrong_rule_inside_of_a_program_is_found():
    wrong = tf.custom_gradient(lambda x: (tf.exp(x), lambda g: 1.0005 * g * tf.exp(x)))
    with pytest.raises(GradientMismatch):
        check_gradients(lambda x: tf.math.log1p(wrong(x)), (2,))


def test_the_error_shows_a_small_counterexample():
    rule = WRONG["one side of a kink"]
    with pytest.raises(GradientMismatch) as caught:
        check_rule(rule.custom(), (2,))
    error = caught.value
    assert (error.argument, error.expected, error.actual) == (0, 0.01, 0.1)
    assert error.inputs[0][error.index] == -1.0
    assert error.region == f"wrong for x1[{error.index[0]}] < 0"
    assert "is 0.1 at element" in str(error)
    assert "the derivative is 0.01" in str(error)
    assert error.formula is not None


def test_the_element_that_is_most_wrong_is_shown():
    def overflows(g, x):
        return g * np.exp(x - np.log(np.sum(np.exp(x))))

    with pytest.raises(GradientMismatch) as caught:
        check_vjp(tf.reduce_logsumexp, overflows, (2,))
    error = caught.value
    assert error.inputs[0][error.index] == 1000.0
    assert (error.expected, error.actual) == (1.0, 0.0)


def test_an_element_that_is_nan_is_shown():
    def overflows(g, x):
        return g * np.exp(x) / (1 + np.exp(x))

    with pytest.raises(GradientMismatch) as caught:
        check_vjp(tf.nn.softplus, overflows, (3,))
    error = caught.value
    assert error.inputs[0][error.index] > 709
    assert np.isnan(error.actual)


def test_a_slight_error_is_told():
    with pytest.raises(GradientMismatch, match="a relative error of 1e-06"):
        check_vjp(tf.sin, lambda g, x: (1 + 1e-6) * g * np.cos(x), ())


def test_a_plain_error_is_shown_in_place_of_a_slight_one():
    with pytest.raises(GradientMismatch) as caught:
        check_vjp(tf.sin, lambda g, x: g * np.cos(x) * np.where(abs(x) > 50, 2.0, 1 + 1e-8), ())
    assert caught.value.actual == pytest.approx(2 * caught.value.expected)


def test_digits_are_those_that_rounding_leaves():
    def stable(g, x):
        weights = np.exp(x - x.max())
        return g * weights / weights.sum()

    report = check_vjp(tf.reduce_logsumexp, stable, (2,), max_examples=5)
    assert report.digits > 9


@pytest.mark.parametrize("name", ["log", "sqrt", "atanh"])
def test_most_points_are_within_the_domain(name):
    report = check_rule(name, (3,), max_examples=20)
    assert report.points >= 20


def test_a_rule_that_passes_on_a_tie_as_often_as_it_occurs_is_found():
    with pytest.raises(GradientMismatch, match=r"wrong for input_tensor\[\d\] = 1"):
        check_vjp(tf.reduce_max, lambda g, x: g * (x == x.max()), (2,))
    check_vjp(tf.reduce_max, lambda g, x: g * (x == x.max()) / np.sum(x == x.max()), (2,), max_examples=10)
    with pytest.raises(GradientMismatch, match=r"is 1\.0, the derivative is"):
        check_vjp(tf.maximum, lambda g, x, y: (g * (x >= y), g * (y >= x)), (), ())


def test_a_rule_that_takes_tiny_numbers_for_zero_passes():
    assert check_vjp(lambda x: 1 / x, lambda g, x: -g / x**2, (3,), max_examples=50).points > 50


def test_a_gradient_of_a_wrong_shape_is_shown():
    with pytest.raises(GradientMismatch, match=r"has the shape \(3,\), it must be \(\)") as caught:
        check_vjp(lambda s, x: s * x, lambda g, s, x: (g * x, g * s), (), (3,))
    assert caught.value.actual.shape == (3,)
    squeezed = tf.custom_gradient(lambda x: (2 * x, lambda g: tf.reduce_sum(2 * g, 0)))
    with pytest.raises(GradientMismatch, match=r"has the shape \(3,\), it must be \(2, 3\)"):
        check_rule(squeezed, (2, 3))


def test_a_rule_that_raises_is_wrong():
    def rule(g, a):
        return g @ a if a.shape == (2, 2) else g @ np.ones((7, 7))

    with pytest.raises(GradientMismatch, match="the rule of the function raises ValueError: matmul") as caught:
        check_vjp(lambda a: tf.reduce_sum(a), rule, ("n", "m"))
    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize(
    ("f", "inputs"),
    [
        (tf.tanh, ((3,),)),
        (lambda a, x: tf.tanh(a @ x), ((2, 3), (3,))),
        (tf.nn.softmax, ((3,),)),
        (lambda a: tf.linalg.inv(a), ((2, 2),)),
        (lambda x: x * tf.stop_gradient(tf.exp(x)), ((2,),)),
    ],
)
def test_gradients_are_proved_against_derivatives_of_the_elements(f, inputs):
    report = check_gradients(f, *inputs)
    assert report.proved
    assert report.digits > 30
    assert str(report).startswith("proved: sympy's derivatives of the elements")


@pytest.mark.parametrize("x", [[-2000.0, 2250.0], [2250.0, -2000.0]])
@pytest.mark.parametrize("f", [tf.reduce_logsumexp, tf.cumulative_logsumexp])
def test_numbers_beyond_the_range_of_the_arithmetic_are_no_mistake(f, x):
    check_gradients(f, np.array(x), max_examples=1)


def test_a_program_with_numbers_is_checked_where_there_are_no_elements():
    check_gradients(lambda x: x**-1.5, ("n",), max_examples=1)


def test_a_rule_is_proved_for_all_sizes():
    squares = tf.custom_gradient(lambda x: (tf.reduce_sum(x * x), lambda g: 2 * g * x))
    assert str(check_rule(squares, ("n",))).startswith("proved: their difference has the normal form zero; right at ")


def test_what_is_not_proved_is_right_at_points():
    report = check_gradients(lambda x: tf.sort(x)[0], (2,), max_examples=2)
    assert not report.proved or report.points
    assert "right at" in str(report)


@pytest.mark.parametrize("name", ["tanh", "softplus", "inv"])
def test_operations_are_checked_by_name(name):
    assert check_rule(name, (2, 2), max_examples=2).points


def test_the_same_is_answered_again():
    rule = WRONG["a millionth"]
    found = []
    for _ in range(2):
        with pytest.raises(GradientMismatch) as caught:
            check_vjp(rule.forward, rule.numeric, *rule.inputs)
        found.append(str(caught.value))
    assert found[0] == found[1]


def test_a_check_runs_within_a_test_of_hypothesis():
    from hypothesis import given, settings

    @settings(max_examples=2, database=None)
    @given(st.floats(1.0, 2.0))
    def test(scale):
        check_vjp(lambda x: scale * x, lambda g, x: scale * g, (2,), max_examples=3)

    test()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: check_gradients(3, (2,)), TypeError, "what is checked is a function, got 3"),
        (lambda: check_gradients(tf.sin), ValueError, "no inputs are given; give a shape"),
        (lambda: check_gradients(tf.sin, (2,), order=3), ValueError, "is 1 or 2, got 3"),
        (lambda: check_rule("sinus", (2,)), LookupError, "no operation is called 'sinus'"),
        (lambda: check_gradients(lambda x: (x, x), (2,)), TypeError, "answers one tensor, got"),
        (lambda: check_vjp(tf.sin, lambda g, x: (g, g), (2,)), ValueError, "vjp answers 2 gradients for 1 inputs"),
        (lambda: check_gradients(tf.sin, object()), TypeError, "an input is a shape"),
        (lambda: check_gradients(lambda x, y: x, st.floats(), ("n",)), ValueError, "draw its sizes too"),
    ],
)
def test_what_can_not_be_checked_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_traced_rule_is_wrong_below_three_hundred_digits():
    with pytest.raises(GradientMismatch) as error:
        check_rule(below(1e-300).custom(), (3,))
    assert 0 < max(error.value.inputs[0]) < 1e-300
