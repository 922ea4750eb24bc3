"""Conventions at kinks and edges, and inactive branches."""

import itertools
import math

import numpy as np

from . import differs


def _kink(call, *points):
    """First and second derivative at each point."""

    def behaviour(tf):
        x = tf.Variable(list(points), dtype=tf.float64)
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                y = call(tf, x)
            g = inner.gradient(y, x)
        return [y, g, outer.gradient(g, x)]

    return behaviour


def _first(call, *points):
    def behaviour(tf):
        x = tf.Variable(list(points), dtype=tf.float64)
        with tf.GradientTape() as tape:
            y = call(tf, x)
        return [y, tape.gradient(y, x)]

    return behaviour


def _tie(call):
    """Gradients by both arguments at a tie, and beside it."""

    def behaviour(tf):
        x, y = (tf.Variable(values, dtype=tf.float64) for values in ([1.0, 0.0, 2.0], [1.0, 0.0, 1.0]))
        with tf.GradientTape() as tape:
            z = call(tf, x, y)
        return tape.gradient(z, [x, y])

    return behaviour


def _grid(call, arity, *values):
    """Gradients by each argument wherever the arguments are of these values, ties and edges among them."""

    def behaviour(tf):
        columns = zip(*itertools.product(values, repeat=arity))
        xs = [tf.Variable(list(column), dtype=tf.float64) for column in columns]
        with tf.GradientTape() as tape:
            z = call(tf, *xs)
        return tape.gradient(z, xs)

    return behaviour


FAMILIES = {
    "abs_at_zero": _kink(lambda tf, x: tf.abs(x), -1.0, 0.0, 1.0),
    "abs_operator_at_zero": _kink(lambda tf, x: abs(x), -1.0, 0.0, 1.0),
    "sign_at_zero": _kink(lambda tf, x: tf.sign(x), -1.0, 0.0, 1.0),
    "relu_at_zero": _kink(lambda tf, x: tf.nn.relu(x), -1.0, 0.0, 1.0),
    "relu6_at_its_kinks": _kink(lambda tf, x: tf.nn.relu6(x), -1.0, 0.0, 3.0, 6.0, 7.0),
    "leaky_relu_at_zero": _kink(lambda tf, x: tf.nn.leaky_relu(x), -1.0, 0.0, 1.0),
    "leaky_relu_alpha_at_zero": _kink(lambda tf, x: tf.nn.leaky_relu(x, alpha=0.1), -1.0, 0.0, 1.0),
    "elu_at_zero": _first(lambda tf, x: tf.nn.elu(x), -1.0, 0.0, 1.0),
    "selu_at_zero": _first(lambda tf, x: tf.nn.selu(x), -1.0, 0.0, 1.0),
    "maximum_number_right": _kink(lambda tf, x: tf.maximum(x, 0.0), -1.0, 0.0, 1.0),
    "maximum_number_left": _kink(lambda tf, x: tf.maximum(0.0, x), -1.0, 0.0, 1.0),
    "minimum_number_right": _kink(lambda tf, x: tf.minimum(x, 0.0), -1.0, 0.0, 1.0),
    "minimum_number_left": _kink(lambda tf, x: tf.minimum(0.0, x), -1.0, 0.0, 1.0),
    "clip_at_its_bounds": _kink(lambda tf, x: tf.clip_by_value(x, -1.0, 1.0), -2.0, -1.0, 0.0, 1.0, 2.0),
    "where_at_its_condition": _kink(lambda tf, x: tf.where(x > 0, x * x, -x), -1.0, 0.0, 1.0),
    "square_root_at_zero": _first(lambda tf, x: tf.sqrt(x), 0.0, 4.0),
    "log_at_zero": _first(lambda tf, x: tf.math.log(x), 0.0, 4.0),
    "reciprocal_at_zero": _first(lambda tf, x: 1.0 / x, 0.0, 4.0),
    "log1p_at_minus_one": _first(lambda tf, x: tf.math.log1p(x), -1.0, 1.0),
    "rsqrt_at_zero": _first(lambda tf, x: tf.math.rsqrt(x), 4.0, 1.0),
    "power_two_at_zero": _kink(lambda tf, x: x**2, 0.0, 2.0, -2.0),
    "power_one_at_zero": _first(lambda tf, x: x**1, 0.0, 2.0, -2.0),
    "power_three_of_negatives": _kink(lambda tf, x: x**3, 0.5, 2.0, -2.0),
    "power_half": _first(lambda tf, x: x**0.5, 0.25, 4.0),
    "power_zero": _first(lambda tf, x: x**0, 0.5, 2.0, -2.0),
    "square_at_zero": _kink(lambda tf, x: tf.square(x), 0.0, 2.0),
    "floor_mod": _first(lambda tf, x: tf.math.mod(x, 2.0), -3.5, 0.5, 3.5),
    "remainder_operator": _first(lambda tf, x: x % 2.0, -3.5, 0.5, 3.5),
    "round_half_to_even": lambda tf: tf.round(tf.constant([-1.5, -0.5, 0.5, 1.5, 2.5])),
    "floordiv_of_negatives": lambda tf: tf.constant([-7.0, 7.0]) // 2.0,
    "cast_truncates": lambda tf: tf.cast(tf.constant([-1.7, 1.7]), tf.int32),
    "integer_mod_of_negatives": lambda tf: tf.constant([-7, 7]) % 3,
    "integer_floordiv_of_negatives": lambda tf: tf.constant([-7, 7]) // 3,
    "softplus_far_out": _first(lambda tf, x: tf.math.softplus(x), -800.0, 0.0, 800.0),
    "sigmoid_far_out": _first(lambda tf, x: tf.sigmoid(x), -800.0, 0.0, 800.0),
    "tanh_far_out": _first(lambda tf, x: tf.tanh(x), -800.0, 0.0, 800.0),
    "logsumexp_far_out": _first(lambda tf, x: tf.reduce_logsumexp(x), -800.0, 0.0, 800.0),
    "relu_keeps_large": _first(lambda tf, x: tf.nn.relu(x), -1e10, 1e10),
    "maximum_tie": _tie(lambda tf, x, y: tf.maximum(x, y)),
    "minimum_tie": _tie(lambda tf, x, y: tf.minimum(x, y)),
    "maximum_tie_reversed": _tie(lambda tf, x, y: tf.maximum(y, x)),
    "where_tie": _tie(lambda tf, x, y: tf.where(x >= y, x, y)),
    "squared_difference_tie": _tie(lambda tf, x, y: tf.math.squared_difference(x, y)),
    "reduce_max_tie": _kink(lambda tf, x: tf.reduce_max(x), 3.0, 1.0, 3.0),
    "reduce_min_tie": _kink(lambda tf, x: tf.reduce_min(x), 1.0, 1.0, 3.0, 1.0),
    "reduce_max_no_tie": _kink(lambda tf, x: tf.reduce_max(x) ** 2, 3.0, 1.0, 2.0),
    "reduce_prod_with_a_zero": _first(lambda tf, x: tf.reduce_prod(x), 3.0, 0.0, 2.0),
    "reduce_prod_with_two_zeros": _first(lambda tf, x: tf.reduce_prod(x), 0.0, 5.0, 0.0),
    "divide_no_nan": _first(lambda tf, x: tf.math.divide_no_nan(x, tf.constant([0.0, 2.0], tf.float64)), 1.0, 3.0),
    "divide_no_nan_by_the_divisor": _first(lambda tf, x: tf.math.divide_no_nan(1.0, x), 0.0, 2.0),
    "sinc_like_by_where": _first(lambda tf, x: tf.where(x > 1.0, tf.sin(x) / x, 1.0), 0.5, 2.0),
    "clip_by_value_on_a_grid": _grid(lambda tf, x, low, d: tf.clip_by_value(x, low, low + d), 3, 0.0, 1.0, 2.0),
    "divide_no_nan_on_a_grid": _grid(lambda tf, x, y: tf.math.divide_no_nan(x, y), 2, -1.0, 0.0, 1.0),
    "multiply_no_nan_on_a_grid": _grid(lambda tf, x, y: tf.math.multiply_no_nan(x, y), 2, -1.0, 0.0, 1.0),
    "reciprocal_no_nan_on_a_grid": _grid(lambda tf, x: tf.math.reciprocal_no_nan(x), 1, -1.0, 0.0, 1.0),
    "xdivy_on_a_grid": _grid(lambda tf, x, y: tf.math.xdivy(x, y), 2, -1.0, 0.0, 1.0),
    "xlogy_on_a_grid": _grid(lambda tf, x, y: tf.math.xlogy(x, y), 2, 0.0, 1.0, 3.0),
    "xlog1py_on_a_grid": _grid(lambda tf, x, y: tf.math.xlog1py(x, y), 2, -1.0, 0.0, 3.0),
    "pow_on_a_grid": differs(
        [
            np.array([0.0, 1.0, 0.0, 0.0, 1.0, 2.0, 0.0, 1.0, 4.0]),
            np.array([0.0] * 6 + [math.log(2) * 2**k for k in range(3)]),
        ],
        "a power with exponent 0 is 1, whatever its base; TensorFlow gives NaN at 0",
    )(_grid(lambda tf, x, y: tf.pow(x, y), 2, 0.0, 1.0, 2.0)),
    "hinge": _first(lambda tf, x: tf.reduce_mean(tf.maximum(0.0, 1.0 - x)), 0.0, 1.0, 2.0),
    "huber": _first(lambda tf, x: tf.where(tf.abs(x) <= 1.0, 0.5 * x**2, tf.abs(x) - 0.5), -2.0, -1.0, 0.5, 1.0, 3.0),
}


def pow_by_the_exponent(tf):
    x = tf.constant([2.0, 0.0, 3.0], dtype=tf.float64)
    y = tf.Variable([3.0, 2.0, 0.5], dtype=tf.float64)
    with tf.GradientTape() as tape:
        z = x**y
    return [z, tape.gradient(z, y)]


def pow_by_the_exponent_of_a_negative_base(tf):
    y = tf.Variable([3.0, 2.0], dtype=tf.float64)
    with tf.GradientTape() as tape:
        z = tf.pow(tf.constant([-2.0, -1.0], dtype=tf.float64), y)
    return [z, tape.gradient(z, y)]


def pow_by_both(tf):
    x, y = tf.Variable([2.0, 0.5], dtype=tf.float64), tf.Variable([3.0, -1.0], dtype=tf.float64)
    with tf.GradientTape() as tape:
        z = x**y
    return tape.gradient(z, [x, y])


def number_to_the_power(tf):
    y = tf.Variable([3.0, -1.0], dtype=tf.float64)
    with tf.GradientTape() as tape:
        z = 2.0**y
    return tape.gradient(z, y)


def divide_no_nan_of_zero_by_zero(tf):
    x, y = tf.Variable(0.0), tf.Variable(0.0)
    with tf.GradientTape() as tape:
        z = tf.math.divide_no_nan(x, y)
    return [z, tape.gradient(z, [x, y])]


def reduce_max_tie_by_rows(tf):
    x = tf.Variable([[1.0, 1.0], [2.0, 0.0]])
    with tf.GradientTape() as tape:
        y = tf.reduce_max(x, axis=1)
    return tape.gradient(y, x)


def reduce_max_of_a_maximum(tf):
    x = tf.Variable([1.0, 2.0, 2.0])
    with tf.GradientTape() as tape:
        y = tf.reduce_max(tf.maximum(x, 2.0))
    return tape.gradient(y, x)


def atan2_in_all_quadrants(tf):
    y, x = tf.Variable([1.0, 1.0, -1.0, -1.0]), tf.Variable([2.0, -2.0, 2.0, -2.0])
    with tf.GradientTape() as tape:
        z = tf.atan2(y, x)
    return [z, tape.gradient(z, [y, x])]


def norm_by_hand_away_from_zero(tf):
    x = tf.Variable([3.0, 4.0])
    with tf.GradientTape() as tape:
        y = tf.sqrt(tf.reduce_sum(x * x))
    return tape.gradient(y, x)


def _inactive(call, expected):
    def behaviour(tf):
        x = tf.Variable([-1.0, 0.0, 4.0], dtype=tf.float64)
        with tf.GradientTape() as tape:
            y = call(tf, x)
        return [float(value) for value in tape.gradient(y, x).numpy()]

    return differs(expected, "an inactive branch contributes exactly zero, never NaN")(behaviour)


FAMILIES |= {
    "inactive_sqrt": _inactive(lambda tf, x: tf.where(x > 0, tf.sqrt(x), 0.0), [0.0, 0.0, 0.25]),
    "inactive_log": _inactive(lambda tf, x: tf.where(x > 0, tf.math.log(x), 0.0), [0.0, 0.0, 0.25]),
    "inactive_reciprocal": _inactive(lambda tf, x: tf.where(x > 0, 1.0 / x, 0.0), [0.0, 0.0, -0.0625]),
    "inactive_power": _inactive(lambda tf, x: tf.where(x > 0, x**0.5, 0.0), [0.0, 0.0, 0.25]),
    "inactive_sqrt_on_the_right": _inactive(lambda tf, x: tf.where(x <= 0, 0.0, tf.sqrt(x)), [0.0, 0.0, 0.25]),
    "inactive_chain": _inactive(lambda tf, x: tf.where(x > 0, tf.sqrt(x) * tf.math.log(x / 4.0), 0.0), [0.0, 0.0, 0.5]),
}


def _stable(call, expected):
    def behaviour(tf):
        x = tf.Variable([-1000.0, 1000.0], dtype=tf.float64)
        with tf.GradientTape() as tape:
            y = call(tf, x)
        return [float(value) for value in tape.gradient(y, x).numpy()]

    return differs(expected, "evaluated in its stable form; TensorFlow gives NaN here")(behaviour)


def _second(call, expected, *points):
    def behaviour(tf):
        return [float(value) for value in _kink(call, *points)(tf)[2].numpy()]

    return differs(expected, "TensorFlow's second derivative of a product drops the terms of a zero factor")(behaviour)


FAMILIES |= {
    "reduce_prod_with_a_zero_second": _second(lambda tf, x: tf.reduce_prod(x), [2.0, 5.0, 3.0], 3.0, 0.0, 2.0),
    "reduce_prod_with_two_zeros_second": _second(lambda tf, x: tf.reduce_prod(x), [5.0, 0.0, 5.0], 0.0, 5.0, 0.0),
}
FAMILIES |= {
    "stable_softplus_by_hand": _stable(lambda tf, x: tf.math.log(1.0 + tf.exp(x)), [0.0, 1.0]),
    "stable_sigmoid_by_hand": _stable(lambda tf, x: 1.0 / (1.0 + tf.exp(-x)), [0.0, 0.0]),
}
