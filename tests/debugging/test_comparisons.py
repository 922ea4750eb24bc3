"""Comparisons hold or say where they do not, as TensorFlow's do."""

import inspect

import pytest

import tracer
from tracer import debugging as d

NAN = float("nan")

HOLD = [
    (d.assert_equal, ([1, 2], [1, 2])),
    (d.assert_equal, ([], [])),
    (d.assert_equal, ([1, 1], 1)),
    (d.assert_none_equal, ([1, 2], [2, 1])),
    (d.assert_less, ([1.0, 2.0], 3.0)),
    (d.assert_less_equal, ([1.0, 3.0], 3.0)),
    (d.assert_greater, (2, [1, 0])),
    (d.assert_greater_equal, (1, [1, 0])),
    (d.assert_near, (0.3, 0.1 + 0.2)),
    (d.assert_near, ([1.0], [1.1], 0.2)),
    (d.assert_near, (tracer.constant(1.0, "float32"), tracer.constant(1.0000001, "float32"))),
    (d.assert_positive, ([],)),
    (d.assert_positive, ([1, 2],)),
    (d.assert_negative, ([-1.0],)),
    (d.assert_non_negative, ([0, 1],)),
    (d.assert_non_positive, ([0, -1],)),
    (d.Assert, (True, [])),
    (d.Assert, ([True, True], [])),
]
FAIL = [
    (d.assert_equal, ([1, 2], [1, 3]), r"x == y does not hold at \[1\]: x = 2, y = 3"),
    (d.assert_equal, ([[1, 2], [3, 4]], 1), r"does not hold at \[0, 1\]: x = 2, y = 1, and at 2 more"),
    (d.assert_none_equal, ([1, 2], [2, 2]), r"x != y does not hold at \[1\]"),
    (d.assert_less, ([1, 2], [2, 2]), r"x < y does not hold at \[1\]"),
    (d.assert_less, (1.0, NAN), "x < y does not hold: x = 1.0, y = nan. .* is not finite itself"),
    (d.assert_less_equal, (2, 1), "x <= y does not hold: x = 2, y = 1"),
    (d.assert_greater, (1, 1), "x > y does not hold"),
    (d.assert_greater_equal, (1, 2), "x >= y does not hold"),
    (d.assert_near, ([1.0], [1.1]), r"abs\(x - y\) <= .* does not hold at \[0\]"),
    (d.assert_near, (tracer.constant(1.0), 1.0000001), "does not hold: x = 1.0, y = 1.0000001"),
    (d.assert_positive, ([0],), r"x > 0 does not hold at \[0\]: x = 0"),
    (d.assert_negative, (0,), "x < 0 does not hold"),
    (d.assert_non_negative, (-1,), "x >= 0 does not hold"),
    (d.assert_non_positive, (1,), "x <= 0 does not hold"),
    (d.Assert, (False, ["a", 1, 2, 3]), "is false: 'a', 1, 2$"),
    (d.Assert, (False, [tracer.constant(3.0, name="c")]), "is false: c = 3.0"),
    (d.assert_equal, ([1, 2], [1, 2, 3]), "give shapes that broadcast"),
]


@pytest.mark.parametrize(("check", "arguments"), HOLD, ids=lambda t: getattr(t, "__name__", None))
def test_what_holds_passes(check, arguments):
    assert check(*arguments) is None


@pytest.mark.parametrize(("check", "arguments", "message"), FAIL, ids=lambda t: getattr(t, "__name__", None))
def test_what_does_not_hold_is_told(check, arguments, message):
    with pytest.raises(ValueError, match=message):
        check(*arguments)


def test_messages_stand_first_and_a_value_that_is_not_finite_is_explained():
    x = tracer.Variable(0.0, name="x")
    with pytest.raises(ValueError, match=r"^rate: x < 0 does not hold: x = inf\. .* needs x != 0"):
        d.assert_negative(1 / x, message="rate")


def test_what_has_no_value_is_not_compared():
    x = tracer.symbols("x")
    assert d.assert_less(x, 0.0) is None
    assert d.assert_positive(x) is None
    assert d.Assert(x > 0, []) is None


SIGNATURES = {
    "assert_equal": "(x, y, message, summarize, name)",
    "assert_none_equal": "(x, y, summarize, message, name)",
    "assert_near": "(x, y, rtol, atol, message, summarize, name)",
    "assert_positive": "(x, message, summarize, name)",
    "assert_rank": "(x, rank, message, name)",
    "assert_shapes": "(shapes, data, summarize, message, name)",
    "assert_type": "(tensor, tf_type, message, name)",
    "check_numerics": "(tensor, message, name)",
    "enable_check_numerics": "(stack_height_limit, path_length_limit)",
    "Assert": "(condition, data, summarize, name)",
}
"""The parameters of TensorFlow 2.21."""


@pytest.mark.parametrize("name", SIGNATURES)
def test_parameters_are_tensorflows(name):
    assert f"({', '.join(inspect.signature(getattr(d, name)).parameters)})" == SIGNATURES[name]


def test_what_has_no_value_yet_passes_and_its_value_is_checked():
    x = tracer.placeholder("x")
    tracer.debugging.assert_positive(-tracer.exp(x))
    tracer.debugging.Assert(x > 1.0, ["too small"])
    with pytest.raises(ValueError, match="x > 0 does not hold"):
        tracer.debugging.assert_positive((-tracer.exp(x)).eval({x: 0.0}))
    with pytest.raises(ValueError, match="is false: 'too small'"):
        tracer.debugging.Assert((x > 1.0).eval({x: 0.0}), ["too small"])
