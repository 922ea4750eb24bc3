"""Values are checked when it is asked for, and the noting of lines can be switched off."""

import contextvars
import re

import numpy as np
import pytest

import tracer
from tracer import debugging


def apart(function):
    """Run a function in a context of its own, so that what it switches does not outlive it."""
    return contextvars.copy_context().run(function)


def test_finite_values_pass_and_others_say_why():
    x = tracer.Variable(-1.0, name="x")
    root = tracer.sqrt(x)
    assert debugging.check_numerics(x, "x") is x.read()
    message = f"loss: root ({root.name}) is NaN at x = -1.0."
    for check in (debugging.check_numerics, debugging.assert_all_finite):
        with pytest.raises(ValueError, match=re.escape(message)) as caught:
            check(root, "loss")
        assert "It needs x >= 0." in str(caught.value)


def test_a_singular_matrix_is_not_finite():
    with pytest.raises(ValueError, match="The first value that is not finite is inv"):
        debugging.check_numerics(tracer.linalg.inv(tracer.Variable(np.ones((2, 2)), name="a")), "inverse")


def test_what_has_no_value_passes():
    x = tracer.symbols("x")
    y = tracer.math.log(x)
    assert debugging.check_numerics(y, "y") is y


def test_integers_are_refused():
    with pytest.raises(TypeError, match=r"check_numerics takes floats, got .* of dtype int64"):
        debugging.check_numerics(tracer.constant(1), "count")


def test_all_values_are_checked_while_that_is_enabled():
    x = tracer.symbols("x")
    y = tracer.math.log(x)

    def run():
        debugging.enable_check_numerics()
        assert y.eval({x: 1.0}) == 0.0
        with pytest.raises(ValueError, match="It needs x > 0"):
            y.eval({x: -1.0})
        with pytest.raises(ValueError, match=r"It needs .* != 0"):
            (1.0 / tracer.Variable(0.0, name="w")).numpy()
        assert tracer.diagnose(x * y, {x: 0.0}).fix == "math.xlogy(x, x)"
        debugging.disable_check_numerics()
        assert np.isnan(y.eval({x: -1.0}))

    apart(run)
    assert np.isnan(y.eval({x: -1.0}))


def test_lines_are_noted_unless_that_is_switched_off():
    x = tracer.symbols("x")

    def run():
        debugging.disable_source_lines()
        y = tracer.math.log(x)
        diagnosis = tracer.diagnose(2.0 * y, {x: -1.0})
        assert y.place is None
        assert diagnosis.node == y.node
        assert diagnosis.line is None
        assert "test_numerics.py" not in str(diagnosis)
        root = tracer.gradients(tracer.sqrt(x), [x])[0]
        assert tracer.diagnose(root, {x: 0.0}).fix is not None
        debugging.enable_source_lines()
        assert tracer.diagnose(tracer.math.log(x), {x: -1.0}).line[0] == __file__
        debugging.enable_source_lines()

    apart(run)
    assert tracer.diagnose(tracer.math.log(x), {x: -1.0}).line[0] == __file__
