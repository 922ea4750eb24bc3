"""Closed forms are compiled where they take less work, and have each value that the program has."""

import numpy as np
import pytest

import tracer as tf
from tracer.backends import program_choice
from tracer.backends.program_choice import GAIN, choose_program
from tracer.program.effort import measure_effort
from tracer.program.program import Program

x, v, w = tf.placeholder("x"), tf.placeholder("v", ("n",)), tf.placeholder("w", ("m",))
X = tf.placeholder("X", ("n", "m"))


def slope(y, source):
    return tf.gradients(y, source)[0]


def body(outputs, inputs):
    return tf.compile(outputs, inputs).source.rsplit('"""', 1)[1].strip()


@pytest.mark.parametrize(
    ("output", "inputs", "source"),
    [
        (slope(tf.math.log(tf.sigmoid(x)), x), [x], "return 1 / (1 + np.exp(x))"),
        (slope((x**2 + 1) ** 1.5, x), [x], "return 3 * x * np.hypot(x, 1)"),
    ],
)
def test_a_form_that_takes_less_is_what_is_computed(output, inputs, source):
    assert body(output, inputs) == source
    assert measure_effort(choose_program([output], inputs)) <= GAIN * measure_effort(Program([output], inputs))


def test_a_remainder_is_that_of_the_library():
    u = tf.placeholder("u")
    divisor = np.array([np.inf, -np.inf, 3.0, -3.0])
    remainder = np.remainder(np.array([-1.0, 5.0, -5.0, 0.0]) + 0 * u, divisor)
    assert np.array_equal(tf.compile(remainder, [u])(1.0), [np.inf, -np.inf, 1.0, 0.0])


def test_nan_is_asked_for():
    asked = tf.compile(np.isnan(2 * v), [v])
    assert asked([1.0, np.nan, np.inf]).tolist() == [False, True, False]
    assert tf.compile(np.isnan(-v), [v])([1.0, np.nan]).tolist() == [False, True]


def test_a_program_in_which_norms_cancel_takes_no_form():
    assert body(slope(tf.norm(v) ** 2, v), [v]) == "return 2 * v"


def test_a_program_that_takes_no_more_is_compiled_as_the_user_wrote_it():
    residual = X @ w - v
    assert body(slope(tf.reduce_sum(residual**2), w), [X, w, v]) == "return X.T @ (2 * (X @ w - v))"


def test_what_the_user_named_keeps_its_name():
    centred = v - tf.reduce_mean(v)
    y = tf.sqrt(tf.reduce_sum(centred**2)) * 3.0
    assert "centred = v - " in body(slope(y, v), [v])


@pytest.mark.parametrize("y", [tf.square(tf.sqrt(v)), tf.exp(tf.math.log(v)), tf.sqrt(v) / tf.sqrt(v) * v])
def test_a_form_that_has_values_in_a_region_where_there_are_none_is_not_taken(y):
    assert np.isnan(tf.compile(slope(tf.reduce_sum(y), v), [v])([-1.0])).all()


def test_differences_are_not_multiplied_out():
    Y = tf.placeholder("Y", ("k", "m"))
    distances = tf.reduce_sum((X[:, None, :] - Y[None, :, :]) ** 2, axis=-1)
    given = np.array([[1e8, 1.0]]), np.array([[1e8, 1.0 + 1e-6]])
    assert tf.compile(distances, [X, Y])(*given) == pytest.approx(1e-12, rel=1e-6)


def test_a_cast_rounds():
    y = tf.cast(tf.cast(v, "float32"), "float64") * 1.0
    assert tf.compile(y, [v])([0.1])[0] == np.float32(0.1)
    assert tf.compile(np.logaddexp(v, 1.5), [v])([1.5])[0] == pytest.approx(1.5 + np.log(2))


def test_limits_are_kept():
    y = tf.reduce_sum(tf.sin(v) / v)
    value, gradient = tf.compile([y, slope(y, v)], [v])([0.0, 1.0])
    np.testing.assert_allclose(value, 1 + np.sin(1), rtol=1e-15)
    np.testing.assert_allclose(gradient, [0, np.cos(1) - np.sin(1)], rtol=1e-14)


def test_long_programs_are_compiled_as_they_are(monkeypatch):
    gradient = slope(tf.math.log(tf.sigmoid(x)), x)
    monkeypatch.setattr(program_choice, "BRIEF", 2)
    assert body(gradient, [x]) != "return 1 / (1 + np.exp(x))"


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("far", [1, -1], ids=["large", "small"])
def test_a_form_that_overflows_on_the_way_is_not_taken(dtype, far):
    size = (1e110 if dtype == "float64" else 1e14) ** far
    a, b = (tf.placeholder(name, ("n",), dtype=dtype) for name in "ab")
    scores = (a - tf.reduce_mean(a)) / tf.reduce_std(a)
    given = (np.array([1, 2, 4]) * size).astype(dtype), (np.array([3, 1, 0.5]) * size).astype(dtype)
    z = tf.compile(slope(tf.reduce_sum(b * scores), a), [a, b])(*given)
    exact = tf.compile(slope(tf.reduce_sum(b * scores), a), [a, b])([1.0, 2.0, 4.0], [3.0, 1.0, 0.5])
    np.testing.assert_allclose(z, exact, rtol=1e-4)


def test_a_form_that_loses_digits_where_the_program_keeps_them_is_not_taken():
    y = tf.squared_difference(tf.expm1(x), tf.abs(x))
    value, _ = tf.compile([y, slope(tf.norm(v) ** 4, v)], [x, v])(1e-9, [1.0, 2.0])
    assert value == pytest.approx(2.5e-37, rel=1e-6)
