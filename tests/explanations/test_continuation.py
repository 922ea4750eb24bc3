"""Values where a program as it is written is not finite: of the closed form, limits, and none where there is none."""

import math
import time

import numpy as np
import pytest

import tracer as tf
from tracer import math as tm

REMOVABLE = {
    "sinc": (lambda x: tf.sin(x) / x, 0.0, [1, 0, -1 / 3, 0, 1 / 5]),
    "one less the cosine": (lambda x: (1 - tf.cos(x)) / x**2, 0.0, [1 / 2, 0, -1 / 12]),
    "Bernoulli's": (lambda x: x / tm.expm1(x), 0.0, [1, -1 / 2, 1 / 6]),
    "a logarithm": (lambda x: tm.log1p(x) / x, 0.0, [1, -1 / 2, 2 / 3]),
    "a logarithm at one": (lambda x: tm.log(x) / (x - 1), 1.0, [1, -1 / 2, 2 / 3]),
    "the hyperbolic tangent": (lambda x: x / tf.tanh(x), 0.0, [1, 0, 2 / 3]),
    "the arc cosine": (lambda x: tf.acos(x) / tf.sqrt(1 - x**2), 1.0, [1, -1 / 3]),
    "entropy": (lambda x: x * tm.log(x), 0.0, [0]),
    "a root": (lambda x: tf.sqrt(x) * tm.log(x), 0.0, [0]),
    "polynomials": (lambda x: (1 - x**5) / (1 - x), 1.0, [5, 10, 20]),
    "a divided difference": (lambda x: (tf.exp(x) - math.e) / (x - 1), 1.0, [math.e, math.e / 2]),
}


@pytest.mark.parametrize("name", REMOVABLE)
def test_a_removable_point_has_its_value_at_each_order(name):
    program, at, values = REMOVABLE[name]
    x = tf.placeholder("x")
    y = program(x)
    for value in values:
        np.testing.assert_allclose(y.eval({x: at}), value, rtol=1e-15)
        y = tf.gradients(y, x)[0]


def test_several_such_points_in_one_expression():
    x = tf.placeholder("x", (3,))
    y = tf.sin(x) / x + (1 - tf.cos(x - 1)) / (x - 1) ** 2
    wanted = [2 - math.cos(1), math.sin(1) + 0.5, math.sin(2) / 2 + 1 - math.cos(1)]
    np.testing.assert_allclose(y.eval({x: [0.0, 1.0, 2.0]}), wanted, rtol=1e-15)


FORMS = {
    "a square of a norm": (lambda x: tf.norm(x) ** 2, lambda x: 2 * x),
    "a density of a norm": (lambda x: tf.exp(-(tf.norm(x) ** 2)), lambda x: -2 * x * np.exp(-x @ x)),
    "a root that is squared": (lambda x: tf.sqrt(tf.reduce_sum(x**2)) ** 2 / 2, lambda x: x),
    "a power": (lambda x: tf.reduce_sum(x ** np.array([1.0, 0.0, 2.0])), lambda x: [1, 0, 2 * x[2]]),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_value_is_that_of_the_closed_form(name):
    program, wanted = FORMS[name]
    x = tf.placeholder("x", (3,))
    gradient = tf.gradients(program(x), x)[0]
    for at in (np.zeros(3), np.array([0.0, 0.5, -1.0])):
        if np.isfinite(program(x).eval({x: at})).all():
            np.testing.assert_allclose(gradient.eval({x: at}), wanted(at), rtol=1e-14)


def test_a_form_has_values_of_any_number():
    x = tf.placeholder("x", ("n",))
    gradient = tf.gradients(tf.norm(x) ** 2, x)[0]
    np.testing.assert_array_equal(gradient.eval({x: np.zeros(100_000)}), 0.0)


def test_the_gradient_of_a_constant_that_is_watched():
    assert tf.grad(lambda x: tf.sin(x) / x)(0.0).numpy() == 0.0
    assert tf.grad(lambda x, k: x**k)(0.0, 0.0).numpy() == 0.0


JUMPS = {
    "a sign": (lambda x: x / tf.sqrt(x**2), 0.0),
    "a pole": (lambda x: (x - 1) / (x - 1) ** 2, 1.0),
    "beside the domain": (lambda x: tf.sqrt(x) ** 2, -1.0),
    "a logarithm": (lambda x: tm.log(x), -1.0),
    "a mask": (lambda x: tf.cast(x > 0, "float64") / tf.sqrt(x) + 1 - tf.cast(x > 0, "float64"), 0.0),
    "an oscillation": (lambda x: tf.sin(1 / x), 0.0),
}


@pytest.mark.parametrize("name", JUMPS)
def test_where_there_is_no_limit_there_is_no_value(name):
    program, at = JUMPS[name]
    x = tf.placeholder("x")
    assert not np.isfinite(program(x).eval({x: at}))


def test_a_limit_has_to_be_that_of_all_sides():
    x, y = tf.symbols("x y")
    assert np.isnan((x * y / (x**2 + y**2)).eval({x: 0.0, y: 0.0}))
    slope = tf.gradients(tf.sqrt(tf.minimum(x, y)), x)[0]
    assert not np.isfinite(slope.eval({x: 0.0, y: 0.0}))
    assert (x**2 * y / (x**2 + y**2)).eval({x: 0.0, y: 0.0}) == 0.0


def test_constants_compute_as_numpy_does():
    zero = tf.constant(0.0)
    assert np.isnan((zero / zero).numpy())
    x = tf.placeholder("x")
    assert np.isnan((tf.sin(x) / x).eval({x: np.nan}))


def test_what_is_too_much_work_is_left_at_once():
    x = tf.placeholder("x", ("n",))
    begin = time.perf_counter()
    assert np.isnan((tf.exp(-1 / tf.abs(x)) / x).eval({x: np.zeros(1000)})).all()
    assert np.isnan((tm.zeta(x, 1.0) * (x - 1)).eval({x: [1.0]})).all()
    assert time.perf_counter() - begin < 2


def _at(program, shape, **values):
    """The value of a program of one source at a point."""
    x = tf.placeholder("x", shape)
    return program(x).eval({x: values["x"]})


def test_points_beside_others_that_have_values_and_large_ones_are_continued():
    """Each element is judged by itself, at a distance that is relative to the size of the point."""
    values = _at(lambda x: (x - 1e6) / (x - 1e6) + tm.log(x) * 0 + x, (4,), x=[1e6, 2.0, -1.0, 0.5])
    np.testing.assert_allclose(values[[0, 1, 3]], [1e6 + 1, 3.0, 1.5])
    assert np.isnan(values[2])
    ratio = lambda x: tf.sin(x - 1e6) / (x - 1e6)  # noqa: E731
    assert _at(ratio, (), x=1e6) == 1.0
    assert _at(lambda x: x * tm.log(tf.abs(x)), (3,), x=[0.0, -1.0, np.e]).tolist() == [0.0, 0.0, np.e]
    assert np.isnan(_at(lambda x: tf.exp(-1 / tf.abs(x)) / x + tf.reverse(x, [0]) * 0, (2,), x=[0.0, np.inf])[0])


def test_a_jump_is_one_in_any_direction_and_of_one_element_alone():
    step = lambda x: tf.reduce_sum(x / tf.sqrt(x**2))  # noqa: E731
    assert np.isnan(_at(step, (2,), x=[0.0, 0.0]))
    assert np.isnan(_at(step, (2,), x=[0.0, 1.0]))
    values = _at(lambda x: tf.sqrt(x**2) ** 2 / x + x / tf.sqrt(x**2) * tf.cast(x > -1, "float64"), (2,), x=[0.0, 3.0])
    assert np.isnan(values[0])
    assert values[1] == 4.0


@pytest.mark.parametrize(
    ("program", "limit"),
    [
        (lambda x: tf.sqrt(x) * tm.log(x), 0.0),
        (lambda x: x**0.1 * tm.log(x), math.nan),
        (lambda x: 1e-12 * tf.sin(x) / x, 1e-12),
        (lambda x: 1e12 * (1 - tf.cos(x)) / x**2, 5e11),
        (lambda x: tf.sin(x) / x + 1e-9 * x / tf.sqrt(x**2), math.nan),
        (lambda x: 1e-9 * x / tf.sqrt(x**2), math.nan),
        (lambda x: 1 / tm.log(tf.abs(x)), 0.0),
        (lambda x: tm.erf(x) / x, 2 / math.sqrt(math.pi)),
        (lambda x: tf.sqrt(x**3) / x, 0.0),
    ],
)
def test_a_limit_is_told_from_a_small_jump_and_slow_growth(program, limit):
    found = _at(program, (), x=0.0)
    np.testing.assert_allclose(found, limit, rtol=1e-13)


def test_limits_of_programs_that_move_and_add():
    x = tf.placeholder("x", (3,))
    moved = tf.reduce_sum(tf.reverse(x * tm.log(x), [0])[1:]) + tf.transpose(tf.reshape(x, (3, 1)))[0, 0]
    np.testing.assert_allclose(moved.eval({x: [0.0, 1.0, 2.0]}), 0.0, atol=1e-15)


ZEROS = np.zeros(2)
DERIVATIVES = {
    "gradient": (lambda: tf.grad(lambda x: tf.norm(x) ** 2)(ZEROS), [0, 0]),
    "Jacobian": (lambda: tf.jacobian(lambda x: x * tf.norm(x) ** 2 / tf.norm(x))(ZEROS), np.zeros((2, 2))),
    "Hessian": (lambda: tf.hessian(lambda x: tf.norm(x) ** 2)(ZEROS), 2 * np.eye(2)),
    "of each member": (
        lambda: tf.vmap(tf.hessian(lambda x: tf.norm(x) ** 2))(ZEROS[None]),
        [2 * np.eye(2)],
    ),
    "by convention": (lambda: tf.vmap(tf.grad(tf.norm))(np.diag([0.0, 2.0])), [[0, 0], [0, 1]]),
    "along a direction": (lambda: tf.jvp(tf.norm, [ZEROS], [np.ones(2)])[1], 0),
}


@pytest.mark.parametrize(("build", "expected"), DERIVATIVES.values(), ids=DERIVATIVES)
def test_derivatives_at_numbers_are_continued(build, expected):
    np.testing.assert_allclose(build().numpy(), expected, atol=1e-12)


def test_a_jacobian_on_a_tape_is_continued():
    x = tf.constant([0.0, 0.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.norm(x) ** 2 * tf.ones(2)
    np.testing.assert_array_equal(tape.jacobian(y, x).numpy(), np.zeros((2, 2)))
