"""Connected or not: None, zeros, and what blocks a path."""

import numpy as np


def unused_variable_is_none(tf):
    x, y = tf.Variable(2.0), tf.Variable(3.0)
    with tf.GradientTape() as tape:
        z = x * x
    return tape.gradient(z, y)


def unused_variable_is_zero_on_request(tf):
    x, y = tf.Variable(2.0), tf.Variable([3.0, 4.0])
    with tf.GradientTape() as tape:
        z = x * x
    return tape.gradient(z, y, unconnected_gradients=tf.UnconnectedGradients.ZERO)


def unconnected_mode_by_string_zero(tf):
    x, y = tf.Variable(2.0), tf.Variable([3.0, 4.0])
    with tf.GradientTape() as tape:
        z = x * x
    return tape.gradient(z, [x, y], unconnected_gradients="zero")


def unconnected_mode_by_string_none(tf):
    x, y = tf.Variable(2.0), tf.Variable([3.0, 4.0])
    with tf.GradientTape() as tape:
        z = x * x
    return tape.gradient(z, [x, y], unconnected_gradients="none")


def unconnected_mode_unknown(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        z = x * x
    return tape.gradient(z, x, unconnected_gradients="nonsense")


def unconnected_mode_unknown_in_gradients(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        z = x * x
    return tape.gradient(z, x, unconnected_gradients="ZERO")


def unconnected_members_have_values(tf):
    return [tf.UnconnectedGradients.NONE.value, tf.UnconnectedGradients.ZERO.value]


def unconnected_integer_source_gets_integer_zeros(tf):
    n = tf.Variable([1, 2])
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        z = x * x
    return tape.gradient(z, n, unconnected_gradients="zero")


def connected_integer_source_is_none(tf):
    n = tf.Variable(3)
    with tf.GradientTape() as tape:
        z = tf.cast(n, tf.float32) * 2.0
    return tape.gradient(z, n)


def boolean_source_is_none(tf):
    b = tf.constant(True)
    with tf.GradientTape() as tape:
        tape.watch(b)
        z = tf.where(b, 1.0, 2.0)
    return tape.gradient(z, b)


def boolean_source_is_false_on_request(tf):
    b = tf.constant([True, False])
    x = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        z = tf.reduce_sum(tf.where(b, x, 2.0))
    return tape.gradient(z, b, unconnected_gradients="zero")


def integer_target_is_none(tf):
    x = tf.Variable(2.5)
    with tf.GradientTape() as tape:
        z = tf.cast(x * 2.0, tf.int32)
    return tape.gradient(z, x)


def integer_target_is_zero_on_request(tf):
    x = tf.Variable(2.5)
    with tf.GradientTape() as tape:
        z = tf.cast(x * 2.0, tf.int32)
    return tape.gradient(z, x, unconnected_gradients="zero")


def integer_target_by_integer_source(tf):
    n = tf.Variable(3)
    with tf.GradientTape() as tape:
        m = n * n
    return tape.gradient(m, n)


def integer_target_beside_a_float_one(tf):
    x = tf.Variable(2.5)
    with tf.GradientTape() as tape:
        n, y = tf.cast(x, tf.int32), x * x
    return tape.gradient([n, y], x)


def stop_gradient_stops_first_order(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        z = tf.stop_gradient(x) * x * x
    return tape.gradient(z, x)


def stop_gradient_stops_second_order(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            z = tf.stop_gradient(x) * x * x
        g = inner.gradient(z, x)
    return [g, outer.gradient(g, x)]


def stop_gradient_alone_is_none(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        z = tf.stop_gradient(x * x)
    return tape.gradient(z, x)


def stop_gradient_alone_is_zero_on_request(tf):
    x = tf.Variable([3.0, 1.0])
    with tf.GradientTape() as tape:
        z = tf.stop_gradient(x * x)
    return tape.gradient(z, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)


def by_the_output_of_stop_gradient(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        s = tf.stop_gradient(x)
        z = s * x
    return tape.gradient(z, s)


def by_the_watched_output_of_stop_gradient(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        s = tf.stop_gradient(x)
        tape.watch(s)
        z = s * x * s
    return tape.gradient(z, [s, x])


def stop_gradient_of_a_gradient(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = x**3
        g = tf.stop_gradient(inner.gradient(y, x))
        z = g * x
    return outer.gradient(z, x)


def value_computed_before_the_tape(tf):
    x = tf.Variable(3.0)
    y = x * x
    with tf.GradientTape() as tape:
        z = y * 2.0
    return tape.gradient(z, x)


def value_computed_before_the_tape_and_stopped(tf):
    x = tf.Variable([1.0, 2.0])
    y = tf.stop_gradient(tf.reduce_sum(x))
    with tf.GradientTape() as tape:
        z = tf.add(y, 1.0)
    return [tape.gradient(z, x)]


def value_computed_before_and_again_within(tf):
    x = tf.Variable(3.0)
    y = x * x
    with tf.GradientTape() as tape:
        z = y * x
    return tape.gradient(z, x)


def value_computed_after_the_tape(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    z = y * 2.0
    return tape.gradient(z, x)


def branch_not_taken_is_not_connected(tf):
    x, y = tf.Variable(1.0), tf.Variable(2.0)
    with tf.GradientTape() as tape:
        z = x * 3.0 if x > 0 else y * 5.0
    return tape.gradient(z, [x, y])


def second_derivative_of_linear_is_none(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = 5.0 * x
        g = inner.gradient(y, x)
    return [g, outer.gradient(g, x)]


def second_derivative_of_linear_is_zero_on_request(tf):
    x = tf.Variable([3.0, 4.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.reduce_sum(5.0 * x)
        g = inner.gradient(y, x)
    return outer.gradient(g, x, unconnected_gradients="zero")


def second_derivative_of_relu_is_zero(tf):
    x = tf.Variable([3.0, -4.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.nn.relu(x)
        g = inner.gradient(y, x)
    return outer.gradient(g, x)


def second_derivative_of_abs_is_zero(tf):
    x = tf.Variable([3.0, -4.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.abs(x)
        g = inner.gradient(y, x)
    return outer.gradient(g, x)


def second_derivative_of_a_mixed_product(tf):
    x, y = tf.Variable(3.0), tf.Variable(4.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            z = x * y
        g = inner.gradient(z, x)
    return outer.gradient(g, [x, y])


def third_derivative(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape() as t3, tf.GradientTape() as t2, tf.GradientTape() as t1:
        y = x**4
        g1 = t1.gradient(y, x)
        g2 = t2.gradient(g1, x)
        g3 = t3.gradient(g2, x)
    return [g1, g2, g3]


def gradient_of_a_constant_target(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        z = tf.constant(5.0)
    return tape.gradient(z, x)


def cast_to_integer_and_back(tf):
    x = tf.Variable([1.5, 2.5])
    with tf.GradientTape() as tape:
        z = tf.cast(tf.cast(x, tf.int32), tf.float32) * 2.0
    return tape.gradient(z, x)


def cast_between_floats_is_connected(tf):
    x = tf.Variable([1.5, 2.5], dtype=tf.float64)
    with tf.GradientTape() as tape:
        z = tf.cast(x, tf.float32) ** 2
    g = tape.gradient(z, x)
    return [g, g.dtype == tf.float64]


def by_the_output_of_a_cast_from_integer(tf):
    n = tf.constant(3)
    with tf.GradientTape() as tape:
        x = tf.cast(n, tf.float32)
        z = x * x
    return tape.gradient(z, x)


def by_the_watched_output_of_a_cast_from_integer(tf):
    n = tf.constant(3)
    with tf.GradientTape() as tape:
        x = tf.cast(n, tf.float32)
        tape.watch(x)
        z = x * x
    return tape.gradient(z, x)


def by_the_output_of_a_comparison_cast_to_float(tf):
    x = tf.Variable([1.0, -1.0])
    with tf.GradientTape() as tape:
        mask = tf.cast(x > 0, tf.float32)
        z = mask * x
    return tape.gradient(z, [mask, x])


def mask_from_a_comparison_is_constant(tf):
    x = tf.Variable([1.0, -2.0])
    with tf.GradientTape() as tape:
        z = tf.cast(x > 0, tf.float32)
    return tape.gradient(z, x)


def argmax_and_one_hot(tf):
    x = tf.Variable([[1.0, 3.0, 2.0]])
    with tf.GradientTape() as tape:
        z = tf.one_hot(tf.argmax(x, axis=1), 3)
    return tape.gradient(z, x)


def one_hot_selects(tf):
    x = tf.Variable([1.0, 3.0, 2.0])
    with tf.GradientTape() as tape:
        z = tf.reduce_sum(x * tf.one_hot(tf.argmax(x), 3))
    return tape.gradient(z, x)


def size_times_source(tf):
    x = tf.Variable([1.0, 3.0, 2.0])
    with tf.GradientTape() as tape:
        z = tf.reduce_sum(x) / tf.cast(tf.size(x), tf.float32)
    return tape.gradient(z, x)


def shape_is_not_connected(tf):
    x = tf.Variable([1.0, 3.0, 2.0])
    with tf.GradientTape() as tape:
        z = tf.cast(tf.shape(x), tf.float32)
    return tape.gradient(z, x)


def python_value_is_a_constant(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        z = float(x) * x
    return tape.gradient(z, x)


def numpy_value_is_a_constant(tf):
    x = tf.Variable([3.0, 2.0])
    with tf.GradientTape() as tape:
        z = x.numpy() * x
    return tape.gradient(z, x)


def assigning_a_value_to_a_new_variable_cuts(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = tf.Variable(x * 2.0)
        z = y * y
    return tape.gradient(z, [x, y])


def constant_of_a_computed_value_is_refused_or_cut(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = tf.constant((x * 2.0).numpy())
        z = y * y
    return tape.gradient(z, x)


def where_by_condition_is_connected_to_both(tf):
    x, y = tf.Variable([1.0, 2.0]), tf.Variable([3.0, 4.0])
    with tf.GradientTape() as tape:
        z = tf.where([True, True], x, y)
    return tape.gradient(z, [x, y])


def zero_seed_keeps_connection(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        z = x * x
    return tape.gradient(z, x, output_gradients=tf.constant([0.0, 0.0]))


def a_list_with_some_unconnected(tf):
    w, b, unused = tf.Variable([[1.0], [2.0]]), tf.Variable([0.5]), tf.Variable(7.0)
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b))
    return tape.gradient(loss, [w, b, unused])


def gather_unused_rows_are_zero(tf):
    table = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with tf.GradientTape() as tape:
        z = tf.reduce_sum(tf.gather(table, [0, 2, 0]))
    return tape.gradient(z, table)


def _connected(call, value=(1.5, -0.5)):
    """Gradient, then with zeros for unconnected, of a call that may or may not be a path."""

    def behaviour(tf):
        x = tf.Variable(list(value), dtype=tf.float64)
        with tf.GradientTape(persistent=True) as tape:
            z = call(tf, x)
        return [tape.gradient(z, x), tape.gradient(z, x, unconnected_gradients="zero")]

    return behaviour


def _by_output(call):
    """Gradient by the output of a call, used afterwards."""

    def behaviour(tf):
        x = tf.Variable([1.5, -0.5], dtype=tf.float64)
        with tf.GradientTape() as tape:
            y = call(tf, x)
            z = y * y * 3.0
        return tape.gradient(z, [y, x])

    return behaviour


_FLAT = {
    "zeros_like": lambda tf, x: tf.zeros_like(x),
    "ones_like": lambda tf, x: tf.ones_like(x),
    "round": lambda tf, x: tf.round(x),
    "floor": lambda tf, x: tf.floor(x),
    "ceil": lambda tf, x: tf.math.ceil(x),
    "floordiv": lambda tf, x: x // 0.4,
    "math_floordiv": lambda tf, x: tf.math.floordiv(x, tf.constant(0.4, tf.float64)),
    "greater": lambda tf, x: tf.cast(x > 0.1, tf.float64),
    "equal": lambda tf, x: tf.cast(tf.equal(x, 1.5), tf.float64),
    "cast_int": lambda tf, x: tf.cast(tf.cast(x, tf.int32), tf.float64),
    "cast_bool": lambda tf, x: tf.cast(tf.cast(x, tf.bool), tf.float64),
    "argmax": lambda tf, x: tf.cast(tf.argmax(x), tf.float64),
    "argmin": lambda tf, x: tf.cast(tf.argmin(x), tf.float64),
    "one_hot": lambda tf, x: tf.one_hot(tf.cast(x, tf.int32), 3, dtype=tf.float64),
    "size": lambda tf, x: tf.cast(tf.size(x), tf.float64),
    "shape": lambda tf, x: tf.cast(tf.shape(x), tf.float64),
    "rank": lambda tf, x: tf.cast(tf.rank(x), tf.float64),
    "eye": lambda tf, x: tf.eye(2, dtype=tf.float64),
    "stop_gradient": lambda tf, x: tf.stop_gradient(x),
    "logical": lambda tf, x: tf.cast(tf.logical_and(x > 0, x < 2), tf.float64),
    "python_shape": lambda tf, x: tf.constant(float(x.shape[0]), tf.float64),
}
_ZERO = {
    "times_zero": lambda tf, x: x * 0,
    "times_zero_float": lambda tf, x: 0.0 * x,
    "minus_itself": lambda tf, x: x - x,
    "sign": lambda tf, x: tf.sign(x),
    "inactive_relu": lambda tf, x: tf.nn.relu(x - 10.0),
    "mod_by_itself": lambda tf, x: tf.math.floormod(tf.constant(7.0, tf.float64), x),
    "mod": lambda tf, x: x % 0.4,
    "clipped": lambda tf, x: tf.clip_by_value(x, 5.0, 6.0),
    "power_zero": lambda tf, x: x**0,
    "divided_by_itself": lambda tf, x: x / x,
    "inactive_maximum": lambda tf, x: tf.maximum(x, 10.0),
    "inactive_where": lambda tf, x: tf.where(x > 10.0, x, tf.zeros_like(x)),
    "empty_slice": lambda tf, x: tf.reduce_sum(x[2:]),
    "multiplied_by_zeros_like": lambda tf, x: x * tf.zeros_like(x),
    "matmul_by_zeros": lambda tf, x: tf.linalg.matvec(tf.zeros([2, 2], tf.float64), x),
    "identity": lambda tf, x: tf.identity(x),
    "same_cast": lambda tf, x: tf.cast(x, tf.float64),
    "round_times_itself": lambda tf, x: tf.round(x) * x,
    "floor_plus_itself": lambda tf, x: tf.floor(x) + x,
}
FAMILIES = {f"flat_{name}": _connected(call) for name, call in _FLAT.items()}
FAMILIES |= {f"by_output_{name}": _by_output(call) for name, call in _FLAT.items()}
FAMILIES |= {f"connected_{name}": _connected(call) for name, call in _ZERO.items()}


def numpy_array_on_the_left(tf):
    x = tf.Variable([3.0, 1.0], dtype=tf.float64)
    with tf.GradientTape() as tape:
        z = np.array([2.0, 5.0]) * x
    return tape.gradient(z, x)
