"""`ForwardAccumulator`: forward mode, alone and nested with tapes."""


def scalar(tf):
    x = tf.constant(3.0)
    with tf.autodiff.ForwardAccumulator(primals=x, tangents=tf.constant(2.0)) as acc:
        y = x * x
    return acc.jvp(y)


def vector(tf):
    x = tf.constant([1.0, 2.0])
    with tf.autodiff.ForwardAccumulator(x, tf.constant([1.0, 0.0])) as acc:
        y = tf.reduce_sum(x**3)
    return acc.jvp(y)


def variable(tf):
    v = tf.Variable([1.0, 2.0])
    with tf.autodiff.ForwardAccumulator(v, tf.constant([0.5, 1.0])) as acc:
        y = tf.sin(v)
    return acc.jvp(y)


def several_primals(tf):
    x, y = tf.constant(3.0), tf.constant(4.0)
    with tf.autodiff.ForwardAccumulator([x, y], [tf.constant(1.0), tf.constant(10.0)]) as acc:
        z = x * y
    return acc.jvp(z)


def several_targets(tf):
    x = tf.constant(3.0)
    with tf.autodiff.ForwardAccumulator(x, tf.constant(1.0)) as acc:
        y, z = x * x, 5.0 * x
    return acc.jvp([y, z])


def dict_of_targets(tf):
    x = tf.constant(3.0)
    with tf.autodiff.ForwardAccumulator(x, tf.constant(1.0)) as acc:
        y, z = x * x, 5.0 * x
    return acc.jvp({"y": y, "z": z})


def unconnected_is_none(tf):
    x = tf.constant(3.0)
    with tf.autodiff.ForwardAccumulator(x, tf.constant(1.0)) as acc:
        y = tf.constant(2.0) * 5.0
    return acc.jvp(y)


def unconnected_is_zero_on_request(tf):
    x = tf.constant(3.0)
    with tf.autodiff.ForwardAccumulator(x, tf.constant(1.0)) as acc:
        y = tf.constant([2.0, 1.0]) * 5.0
    return acc.jvp(y, unconnected_gradients=tf.UnconnectedGradients.ZERO)


def of_the_primal_itself(tf):
    x = tf.constant(3.0)
    with tf.autodiff.ForwardAccumulator(x, tf.constant(2.5)) as acc:
        pass
    return acc.jvp(x)


def inside_the_block(tf):
    x = tf.constant(3.0)
    with tf.autodiff.ForwardAccumulator(x, tf.constant(1.0)) as acc:
        y = x * x
        return acc.jvp(y)


def through_stop_gradient(tf):
    x = tf.constant(3.0)
    with tf.autodiff.ForwardAccumulator(x, tf.constant(1.0)) as acc:
        y = tf.stop_gradient(x) * x
    return acc.jvp(y)


def what_ran_before_is_constant(tf):
    x = tf.constant(3.0)
    y = x * x
    with tf.autodiff.ForwardAccumulator(x, tf.constant(1.0)) as acc:
        z = y * x
    return acc.jvp(z)


def wrong_shape_of_a_tangent(tf):
    x = tf.constant([1.0, 2.0])
    with tf.autodiff.ForwardAccumulator(x, tf.constant([1.0, 2.0, 3.0])) as acc:
        y = x * x
    return acc.jvp(y)


def entered_twice(tf):
    x = tf.constant(1.0)
    with tf.autodiff.ForwardAccumulator(x, tf.constant(1.0)) as acc, acc:
        pass


def forward_over_forward(tf):
    x = tf.constant(1.1)
    with tf.autodiff.ForwardAccumulator(x, tf.constant(1.0)) as outer:
        with tf.autodiff.ForwardAccumulator(x, tf.constant(1.0)) as inner:
            y = x**4
        g = inner.jvp(y)
    return [g, outer.jvp(g), outer.jvp(y)]


def forward_over_reverse(tf):
    v = tf.Variable([1.0, 2.0])
    with tf.autodiff.ForwardAccumulator(v, tf.constant([1.0, 0.0])) as acc:
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(v**3) * v[1]
        g = tape.gradient(y, v)
    return [g, acc.jvp(g)]


def reverse_over_forward(tf):
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        with tf.autodiff.ForwardAccumulator(v, tf.constant([1.0, 0.5])) as acc:
            y = tf.reduce_sum(v**3) * v[1]
        g = acc.jvp(y)
    return [g, tape.gradient(g, v)]


def of_a_matmul(tf):
    w, x = tf.constant([[1.0, 2.0], [3.0, 4.0]]), tf.constant([[0.5], [1.5]])
    with tf.autodiff.ForwardAccumulator(w, tf.ones([2, 2])) as acc:
        y = tf.tanh(tf.matmul(w, x))
    return acc.jvp(y)


def linear_regression(tf):
    x, y = tf.constant([[2.0, 3.0], [1.0, 4.0]]), tf.constant([1.0, -1.0])
    w = tf.Variable([0.5, 0.25])
    with tf.autodiff.ForwardAccumulator(w, tf.constant([1.0, 0.0])) as acc:
        loss = tf.reduce_sum((tf.linalg.matvec(x, w) - y) ** 2)
    return acc.jvp(loss)


def integer_target(tf):
    x = tf.constant(3.0)
    with tf.autodiff.ForwardAccumulator(x, tf.constant(1.0)) as acc:
        y = tf.cast(x, tf.int32)
    return acc.jvp(y)


def of_relu_at_zero(tf):
    x = tf.constant([-1.0, 0.0, 1.0])
    with tf.autodiff.ForwardAccumulator(x, tf.ones([3])) as acc:
        y = tf.nn.relu(x)
    return acc.jvp(y)


def of_a_maximum_at_a_tie(tf):
    x = tf.constant([1.0, 1.0])
    with tf.autodiff.ForwardAccumulator(x, tf.constant([1.0, 2.0])) as acc:
        y = tf.reduce_max(x)
    return acc.jvp(y)
