"""Derivatives by differences, in many digits and in floats."""

import numpy as np
import pytest

import tracer as tf
from tracer.precise.arithmetic import box_numbers, fill_array
from tracer.precise.digits import Digits
from tracer.testing.differences import FIRST_DIGITS, STEPS, Differences, Known, Missing, find_constants

x = tf.placeholder("x", ())
ONE = [np.asarray(1.0)]


def slope(y, at, step=STEPS[1]):
    """The derivative of a number along its source."""
    found = Differences([y], [x], find_constants([y])).around([np.asarray(at)]).along(ONE, step)
    return found if isinstance(found, Missing) else found.values[0][()]


@pytest.mark.parametrize("at", [2.0, -3.0, 1e-200, 1e200])
def test_slopes_have_many_digits_at_any_size(at):
    assert abs(slope(x * x, at) / 2 - at) < 1e-15 * abs(at)


def test_what_oscillates_needs_a_finer_step():
    assert abs(slope(tf.sin(1e30 * x), 0.0, STEPS[-1]) - 10**30) < 1


def test_the_step_that_confirms_is_as_fine_as_the_smallest_and_the_largest_element_ask_for():
    near = [Differences([x * x], [x], []).around([np.asarray(at)]) for at in (0.0, 3.0, 1e300, 1e-3, 1e-300)]
    assert [n.finest - STEPS[-1] for n in near] == [40, 40, 340, 43, 340]


def test_what_is_stopped_does_not_move():
    assert abs(slope(x * tf.stop_gradient(x), 3.0) - 3) < 1e-30
    assert abs(slope(x * tf.floor(x), 3.5) - 3) < 1e-30


@pytest.mark.parametrize(
    ("y", "at", "why"),
    [(tf.abs(x), 0.0, Missing.BENT), (tf.floor(x), 2.0, Missing.BENT), (tf.sqrt(x), 0.0, Missing.INFINITE)],
)
def test_at_kinks_jumps_and_edges_there_is_no_slope(y, at, why):
    assert slope(y, at, STEPS[0]) is slope(y, at) is why


def test_directions_have_an_array_for_each_source():
    a, b = tf.placeholder("a", (2,)), tf.placeholder("b", (2,))
    point = [np.array([1.0, 2.0]), np.array([3.0, 4.0])]
    directions = [[np.array([1.0, 0.0]), np.zeros(2)], [np.zeros(2), np.array([0.0, 2.0])]]
    near = Differences([a * b], [a, b], []).around(point)
    found = [near.along(d, STEPS[0]).values[0].astype(float) for d in directions]
    np.testing.assert_allclose(found, [[3, 0], [0, 4]], rtol=1e-12)


def test_slopes_in_floats_are_given_where_two_steps_agree():
    smooth, kinked, held = (
        Differences([y], [x], find_constants([y])).along_in_floats([np.asarray(0.5)], ONE)
        for y in (tf.exp(x), tf.abs(x - 0.5 - 5e-4), x * tf.stop_gradient(x))
    )
    assert abs(float(smooth.values[0]) - np.exp(0.5)) < 1e-9
    assert kinked is held is Missing.ERRATIC


@pytest.mark.parametrize(
    ("tensor", "constant"), [(x, False), (tf.sin(x), False), (tf.stop_gradient(x), True), (x > 0, False)]
)
def test_what_counts_as_constant(tensor, constant):
    assert find_constants([2 * tf.cast(tensor, "float64")]) == ([tensor] if constant else [])


def test_values_that_are_known_are_not_computed_again(monkeypatch):
    evaluate, point, asked = Differences.evaluate, [np.asarray(0.75)], []
    monkeypatch.setattr(Differences, "evaluate", lambda *args: asked.append(1) or evaluate(*args))
    for digits, count in ((FIRST_DIGITS, 2), (FIRST_DIGITS + 1, 3)):
        differences, a = Differences([tf.sin(x)], [x], []), Digits(digits)
        boxed = [box_numbers(v, a) for v in point]
        known = Known(a, boxed, [fill_array((), [a.context.sin(boxed[0].item())])])
        asked.clear()
        slopes = differences.around(point, known).along(ONE, STEPS[0])
        assert len(asked) == count
        assert abs(slopes.values[0].item() - a.context.cos(0.75)) < 1e-25


def test_slopes_at_the_last_point_are_not_computed_again(monkeypatch):
    evaluate, asked = Differences.evaluate, []
    monkeypatch.setattr(Differences, "evaluate", lambda *args: asked.append(1) or evaluate(*args))
    differences, point = Differences([tf.sin(x)], [x], []), np.asarray(0.75)
    counts = []
    for _ in range(2):
        differences.around([point]).along(ONE, STEPS[0])
        counts.append(len(asked))
    point += 0.5  # The array is the same, the point is not.
    slopes = differences.around([point]).along(ONE, STEPS[0])
    assert (counts[0], *counts) == (3, 3, 3)
    assert len(asked) == 6
    assert abs(float(slopes.values[0]) - np.cos(1.25)) < 1e-15
