"""Sources, targets and seeds: what may be asked for, and the structure of the answer."""

from . import differs


def trainable_variable_is_watched(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, x)


def untrainable_variable_is_not_watched(tf):
    x = tf.Variable(3.0, trainable=False)
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, x)


def untrainable_variable_watched_by_hand(tf):
    x = tf.Variable(3.0, trainable=False)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return tape.gradient(y, x)


def constant_is_not_watched(tf):
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, x)


def constant_watched(tf):
    x = tf.constant([3.0, 4.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return tape.gradient(y, x)


def watch_a_list(tf):
    x, y = tf.constant(3.0), tf.constant(4.0)
    with tf.GradientTape() as tape:
        tape.watch([x, y])
        z = x * y
    return tape.gradient(z, [x, y])


def watch_a_dict(tf):
    at = {"x": tf.constant(3.0), "y": tf.constant(4.0)}
    with tf.GradientTape() as tape:
        tape.watch(at)
        z = at["x"] * at["y"]
    return tape.gradient(z, at)


def watch_a_number(tf):
    with tf.GradientTape() as tape:
        tape.watch(3.0)


def watch_a_string(tf):
    with tf.GradientTape() as tape:
        tape.watch("x")


def watch_none(tf):
    with tf.GradientTape() as tape:
        tape.watch(None)


def watch_an_integer_tensor(tf):
    n = tf.constant([1, 2])
    with tf.GradientTape() as tape:
        tape.watch(n)
        y = tf.cast(n, tf.float32) * 2.0
    return tape.gradient(y, n)


def watch_before_entering(tf):
    x = tf.constant(3.0)
    tape = tf.GradientTape()
    try:
        tape.watch(x)
    except (AttributeError, RuntimeError, ValueError):
        return "refused"
    with tape:
        y = x * x
    return tape.gradient(y, x)


def accessed_variables_not_watched(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        y = x * x
    return tape.gradient(y, x)


def accessed_variables_not_watched_but_one(tf):
    x, y = tf.Variable(3.0), tf.Variable(4.0)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        z = x * y
    return tape.gradient(z, [x, y])


def watched_variables_in_creation_order(tf):
    x, y, z = tf.Variable(1.0), tf.Variable(2.0), tf.Variable(3.0)
    with tf.GradientTape() as tape:
        _ = z * x
        _ = y + x
    return [float(v) for v in tape.watched_variables()]


def watched_variables_without_untrainable(tf):
    x, y = tf.Variable(1.0), tf.Variable(2.0, trainable=False)
    with tf.GradientTape() as tape:
        _ = x * y
    return [float(v) for v in tape.watched_variables()]


def watched_variables_without_tensors(tf):
    x, c = tf.Variable(1.0), tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(c)
        _ = x * c
    return len(tape.watched_variables())


def watched_variables_are_the_variables(tf):
    x = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        _ = x * 2.0
    watched = tape.watched_variables()
    return [isinstance(watched, tuple), watched[0] is x]


def watched_variables_by_watch(tf):
    x = tf.Variable(1.0, trainable=False)
    with tf.GradientTape() as tape:
        tape.watch(x)
    return [float(v) for v in tape.watched_variables()]


def watched_variables_unread(tf):
    x = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        _ = tf.constant(1.0) * 2.0
    return [len(tape.watched_variables()), tape.gradient(tf.constant(1.0), x)]


def variable_is_trainable(tf):
    return [tf.Variable(1.0).trainable, tf.Variable(1.0, trainable=False).trainable]


def watch_after_an_operation_does_not_reach_back(tf):
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        tape.watch(x)
        z = x * 2.0
    return tape.gradient([y, z], x)


def watch_after_an_operation_only(tf):
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        tape.watch(x)
    return tape.gradient(y, x)


def watch_an_intermediate_does_not_cut(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        tape.watch(y)
        z = x * y
    return tape.gradient(z, [x, y])


def intermediate_as_source(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        z = y * y
    return tape.gradient(z, [y, x])


def intermediate_of_unwatched_is_none(tf):
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        z = y * y
    return tape.gradient(z, y)


def intermediate_watched_of_unwatched(tf):
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        tape.watch(y)
        z = y * y
    return tape.gradient(z, [y, x])


def intermediate_of_the_other_side_is_none(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        z = x * 2.0
    return tape.gradient(z, y)


def partial_by_stop_gradients(tf):
    def f():
        x = tf.constant(3.0)
        y = x * x
        z = x * y
        return tf.gradients(z, [x, y], stop_gradients=[x, y])

    return list(_graph(tf, f))


def total_without_stop_gradients(tf):
    def f():
        x = tf.constant(3.0)
        y = x * x
        z = x * y
        return tf.gradients(z, [x, y])

    return list(_graph(tf, f))


def stop_gradients_as_one_tensor(tf):
    def f():
        x = tf.constant(3.0)
        y = x * x
        return tf.gradients(x * y, [x], stop_gradients=y)

    return list(_graph(tf, f))


def gradients_returns_a_list(tf):
    def f():
        x = tf.constant(3.0)
        g = tf.gradients(x * x, x)
        assert isinstance(g, list)
        return g

    return list(_graph(tf, f))


def gradients_sums_targets(tf):
    def f():
        x = tf.constant([3.0, 4.0])
        return tf.gradients([x * x, 2.0 * x], x)

    return list(_graph(tf, f))


def gradients_with_seeds(tf):
    def f():
        x = tf.constant([3.0, 4.0])
        return tf.gradients(x * x, x, grad_ys=tf.constant([1.0, 10.0]))

    return list(_graph(tf, f))


def gradients_with_none_among_the_seeds(tf):
    def f():
        x = tf.constant([3.0, 4.0])
        return tf.gradients([x * x, x * 5.0], [x], grad_ys=[None, tf.constant([2.0, 3.0])])

    return list(_graph(tf, f))


def gradients_unconnected(tf):
    def f():
        x, y = tf.constant([3.0, 4.0]), tf.constant([1.0])
        g = tf.gradients(x * x, [x, y])
        assert g[1] is None
        return tf.gradients(x * x, [x, y], unconnected_gradients=tf.UnconnectedGradients.ZERO)

    return list(_graph(tf, f))


def gradients_by_the_output_of_stop_gradient(tf):
    def f():
        x = tf.constant(3.0)
        s = tf.stop_gradient(x)
        return tf.gradients(s * x, [s, x])

    return list(_graph(tf, f))


def gradients_of_gradients(tf):
    def f():
        x = tf.constant(3.0)
        (g,) = tf.gradients(x**3, x)
        return tf.gradients(g, x)

    return list(_graph(tf, f))


def gradients_ignores_trainability(tf):
    v = tf.Variable(3.0, trainable=False)

    def f():
        return tf.gradients(v * v, [v])

    return list(_graph(tf, f))


def gradients_none_for_an_unconnected(tf):
    def f():
        x, y = tf.constant(3.0), tf.constant(1.0)
        return [tf.constant(float(tf.gradients(x * x, [y])[0] is None))]

    return list(_graph(tf, f))


def _graph(tf, f):
    """TensorFlow has `gradients` inside a function alone; here it needs none."""
    return tf.function(f)() if hasattr(tf, "autograph") else f()


def one_source(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, x)


def list_of_one_source(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, [x])


def tuple_of_sources(tf):
    x, y = tf.Variable(1.0), tf.Variable(2.0)
    with tf.GradientTape() as tape:
        z = x * y
    return tape.gradient(z, (x, y))


def dict_of_sources(tf):
    x, y = tf.Variable(1.0), tf.Variable(2.0)
    with tf.GradientTape() as tape:
        z = x * y
    return tape.gradient(z, {"weight": x, "bias": y})


def dict_keeps_its_order(tf):
    x, y = tf.Variable(1.0), tf.Variable(2.0)
    with tf.GradientTape() as tape:
        z = x * y
    g = tape.gradient(z, {"z": x, "a": y})
    return [list(g), g["z"], g["a"]]


def nest_of_sources(tf):
    x, y, z = tf.Variable(1.0), tf.Variable(2.0), tf.Variable(3.0)
    with tf.GradientTape() as tape:
        r = x * y * z
    return tape.gradient(r, [{"a": x, "b": (y, [z])}, (x,)])


def repeated_sources(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, [x, x, x])


def no_sources(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, [])


def empty_nests_of_sources(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, [[], x, {}])


def none_among_sources(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, [x, None])


def source_none(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, None)


@differs(TypeError, "TensorFlow's error is an AttributeError from its inside")
def number_among_sources(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, [x, 3.0])


@differs(TypeError, "TensorFlow's error is an AttributeError from its inside")
def string_as_source(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, "x")


def target_not_a_scalar_is_summed(tf):
    x = tf.Variable([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        y = x**3
    return tape.gradient(y, x)


def list_of_targets_is_summed(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y, z = x * x, 5.0 * x
    return tape.gradient([y, z], x)


def dict_of_targets_is_summed(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y, z = x * x, 5.0 * x
    return tape.gradient({"a": y, "b": z}, x)


def tuple_of_targets_is_summed(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y, z = x * x, 5.0 * x
    return tape.gradient((y, z), x)


def targets_of_unlike_shapes(tf):
    x = tf.Variable([3.0, 1.0])
    with tf.GradientTape() as tape:
        y, z = x * x, tf.reduce_sum(x)
    return tape.gradient([y, z], x)


def repeated_targets_count_each_time(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient([y, y], x)


def unconnected_targets_are_ignored(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y, z = x * x, tf.constant(4.0)
    return tape.gradient([y, z], x)


def no_targets(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        _ = x * x
    return tape.gradient([], x)


def no_targets_zero(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        _ = x * x
    return tape.gradient([], x, unconnected_gradients="zero")


def target_none(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        _ = x * x
    return tape.gradient(None, x)


def target_none_in_a_list(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient([y, None], x)


def target_is_the_source(tf):
    x = tf.constant([3.0, 4.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
    return tape.gradient(x, x)


def target_is_the_unwatched_source(tf):
    x = tf.constant([3.0, 4.0])
    with tf.GradientTape() as tape:
        pass
    return tape.gradient(x, x)


def target_is_the_variable(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        _ = x * 1.0
    return tape.gradient(x, x)


def target_is_an_intermediate_and_the_source(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * 2.0
    return tape.gradient(y, [y, x])


def target_and_its_part_as_targets(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * 2.0
        z = y * y
    return tape.gradient([y, z], [y, x])


def output_gradients_scale(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, x, output_gradients=tf.constant([10.0, 100.0]))


def output_gradients_as_a_list_for_one(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, x, output_gradients=[tf.constant([10.0, 100.0])])


@differs(ValueError, "TensorFlow takes the first of the two numbers for the one target")
def output_gradients_of_python_numbers(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient([y], x, output_gradients=[[10.0, 100.0]])


def output_gradients_for_a_list(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y, z = x * x, 5.0 * x
    return tape.gradient([y, z], x, output_gradients=[tf.constant(2.0), tf.constant(7.0)])


def output_gradients_for_a_dict(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y, z = x * x, 5.0 * x
    return tape.gradient({"a": y, "b": z}, x, output_gradients={"a": tf.constant(2.0), "b": tf.constant(7.0)})


def output_gradients_are_differentiable(tf):
    x, s = tf.Variable(3.0), tf.Variable(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = x * x
        g = inner.gradient(y, x, output_gradients=s * 1.0)
    return outer.gradient(g, [x, s])


def output_gradients_by_position(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, x, tf.constant([10.0, 100.0]))


def unconnected_gradients_by_position(tf):
    x, y = tf.Variable([1.0, 2.0]), tf.Variable(1.0)
    with tf.GradientTape() as tape:
        z = x * x
    return tape.gradient(z, y, None, tf.UnconnectedGradients.ZERO)


def gradient_by_keywords(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape(persistent=False, watch_accessed_variables=True) as tape:
        y = x * x
    return tape.gradient(target=y, sources=x, output_gradients=None, unconnected_gradients=tf.UnconnectedGradients.NONE)


@differs(ValueError, "a short list of seeds is a mistake, TensorFlow pads it with ones")
def output_gradients_too_few(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y, z = x * x, 5.0 * x
    return tape.gradient([y, z], x, output_gradients=[tf.constant(2.0)])


@differs(ValueError, "a seed's shape is its target's")
def output_gradients_of_a_wrong_shape(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, x, output_gradients=tf.constant([1.0, 2.0, 3.0]))


def gradient_has_the_shape_of_its_source(tf):
    x = tf.Variable([[1.0], [2.0]])
    with tf.GradientTape() as tape:
        y = tf.constant([1.0, 2.0, 3.0]) * x
    return tape.gradient(y, x)


def gradient_of_a_broadcast_scalar(tf):
    b = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        y = tf.constant([[1.0, 2.0], [3.0, 4.0]]) * b
    return tape.gradient(y, b)


def gradient_of_a_broadcast_row(tf):
    b = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = tf.constant([[1.0, 2.0], [3.0, 4.0]]) + b
    return tape.gradient(y, b)


def gradient_has_the_dtype_of_its_source(tf):
    x, y = tf.Variable(1.0, dtype=tf.float64), tf.Variable(2.0, dtype=tf.float32)
    with tf.GradientTape() as tape:
        z = tf.cast(x, tf.float32) * y
    a, b = tape.gradient(z, [x, y])
    return [a.dtype == tf.float64, b.dtype == tf.float32]


def unconnected_zeros_have_the_dtype_of_their_source(tf):
    x, y = tf.Variable(1.0, dtype=tf.float64), tf.Variable([2.0, 1.0], dtype=tf.float32)
    with tf.GradientTape() as tape:
        z = x * x
    g = tape.gradient(z, y, unconnected_gradients="zero")
    return [g, g.dtype == tf.float32]


def sources_as_a_generator_like_tuple(tf):
    variables = [tf.Variable(float(k)) for k in range(3)]
    with tf.GradientTape() as tape:
        y = tf.add_n([v * v for v in variables])
    return tape.gradient(y, tuple(variables))


def empty_tensors(tf):
    x = tf.Variable(tf.zeros([0, 3]))
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(x * x)
    return [y, tape.gradient(y, x)]


def scalar_source_used_many_times(tf):
    x = tf.Variable(1.5)
    with tf.GradientTape() as tape:
        y = x
        for _ in range(10):
            y = y * x
    return tape.gradient(y, x)


def gradient_descent(tf):
    w = tf.Variable([0.0, 0.0])
    x, y = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]), tf.constant([1.0, 2.0, 3.0])
    losses = []
    for _ in range(5):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(tf.linalg.matvec(x, w) - y))
        w.assign_sub(0.01 * tape.gradient(loss, w))
        losses.append(loss)
    return [w, losses]


def logistic_regression(tf):
    w, b = tf.Variable([[0.1], [-0.2]]), tf.Variable([0.3])
    x, y = tf.constant([[1.0, 2.0], [3.0, -1.0]]), tf.constant([[1.0], [0.0]])
    with tf.GradientTape() as tape:
        z = tf.matmul(x, w) + b
        loss = tf.reduce_mean(tf.math.softplus(z) - y * z) + 0.1 * tf.reduce_sum(w**2)
    return tape.gradient(loss, {"w": w, "b": b})
