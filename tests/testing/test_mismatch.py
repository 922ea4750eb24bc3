"""The error that shows a wrong gradient."""

import numpy as np
import sympy

from tracer.testing.mismatch import GradientMismatch, show_array


def test_the_message_shows_the_point_the_region_and_the_formula():
    x, g = np.array([0.1, -2.0]), np.array([1.0, 3.0])
    error = GradientMismatch(
        "it is wrong", ["x", "g"], [x], [g], 0, (1,), 0.5, 0.25, sympy.Symbol("f"), "wrong for x[1] < 0"
    )
    assert str(error).splitlines() == [
        "it is wrong",
        "  at x = [0.1, -2], g = [1, 3]",
        "  wrong for x[1] < 0",
        "  the exact gradient by x: f",
    ]
    assert (error.argument, error.index, error.expected, error.actual) == (0, (1,), 0.5, 0.25)
    assert error.cotangent is g
    assert isinstance(error, AssertionError)


def test_what_is_not_known_is_not_shown():
    error = GradientMismatch("wrong", ["x", "g"], [np.asarray(1.0)], [np.asarray(2.0)])
    assert str(error) == "wrong\n  at x = 1, g = 2"


def test_arrays_are_shown_as_nests_of_short_numbers():
    assert show_array(np.array([[1.0, 1e-30], [1 / 3, -0.5]])) == "[[1, 1e-30], [0.333333333333, -0.5]]"
    assert show_array(np.asarray(np.nan)) == "nan"
