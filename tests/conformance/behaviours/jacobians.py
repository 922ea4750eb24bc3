"""`jacobian` and `batch_jacobian`: shapes, unconnected sources, refusals."""

from . import differs


def of_a_vector_by_a_vector(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = tf.stack([x[0] * x[1], x[0] ** 2, tf.sin(x[1])])
    return tape.jacobian(y, x)


def of_a_scalar_is_the_gradient(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(x * x)
    return tape.jacobian(y, x)


def of_a_vector_by_a_scalar(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = tf.stack([x, x * x, 1.0 / x])
    return tape.jacobian(y, x)


def of_an_elementwise_function_is_diagonal(tf):
    x = tf.Variable([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        y = tf.sigmoid(x)
    return tape.jacobian(y, x)


def of_a_matrix_by_a_vector(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = tf.tensordot(x, x, axes=0)
    return tape.jacobian(y, x)


def of_a_matrix_by_a_matrix(tf):
    x = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        y = tf.matmul(x, x)
    return tape.jacobian(y, x)


def by_a_list(tf):
    w, b = tf.Variable([[1.0, 2.0], [3.0, 4.0]]), tf.Variable([0.5, -0.5])
    x = tf.constant([1.0, -1.0])
    with tf.GradientTape() as tape:
        y = tf.tanh(tf.linalg.matvec(w, x) + b)
    return tape.jacobian(y, [w, b])


def by_a_dict(tf):
    x, y = tf.Variable([1.0, 2.0]), tf.Variable(3.0)
    with tf.GradientTape() as tape:
        z = x * y
    return tape.jacobian(z, {"x": x, "y": y})


def unconnected_is_none(tf):
    x, y = tf.Variable([1.0, 2.0]), tf.Variable([3.0])
    with tf.GradientTape() as tape:
        z = x * x
    return tape.jacobian(z, [x, y])


def unconnected_is_zero_on_request(tf):
    x, y = tf.Variable([1.0, 2.0]), tf.Variable([[3.0, 1.0, 2.0]])
    with tf.GradientTape() as tape:
        z = x * x
    return tape.jacobian(z, [x, y], unconnected_gradients=tf.UnconnectedGradients.ZERO)


def unconnected_alone_is_zero_on_request(tf):
    x, y = tf.Variable([1.0, 2.0]), tf.Variable([[3.0, 1.0, 2.0]])
    with tf.GradientTape() as tape:
        z = x * x
    return tape.jacobian(z, y, unconnected_gradients="zero")


def by_the_target_itself(tf):
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
    return tape.jacobian(x, x)


def by_an_intermediate(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = x * x
        z = y * tf.reduce_sum(y)
    return tape.jacobian(z, y)


def needs_persistence_twice(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = x * x
    tape.jacobian(y, x)
    tape.jacobian(y, x)


def persistent_twice(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        y = x * x
        z = y * x
    return [tape.jacobian(y, x), tape.jacobian(z, x)]


def hessian_by_nested_tapes(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = x[0] ** 2 * x[1] ** 3
        g = inner.gradient(y, x)
    return outer.jacobian(g, x)


def hessian_of_a_linear_function_is_none(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.reduce_sum(3.0 * x)
        g = inner.gradient(y, x)
    return outer.jacobian(g, x)


def gradient_of_a_jacobian(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = x**3
        j = inner.jacobian(y, x)
    return outer.gradient(j, x)


def without_pfor(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        y = x**3
    return tape.jacobian(y, x, experimental_use_pfor=False)


def through_stop_gradient(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = tf.stop_gradient(x) * x
    return tape.jacobian(y, x)


def of_a_sum_over_rows(tf):
    x = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(x * x, axis=1)
    return tape.jacobian(y, x)


def of_a_gather(tf):
    x = tf.Variable([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        y = tf.gather(x, [2, 0, 2]) * 2.0
    return tape.jacobian(y, x)


def of_a_softmax(tf):
    x = tf.Variable([0.1, 0.2, 0.7])
    with tf.GradientTape() as tape:
        y = tf.exp(x) / tf.reduce_sum(tf.exp(x))
    return tape.jacobian(y, x)


def batch(tf):
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return tape.batch_jacobian(y, x)


def batch_of_a_wider_target(tf):
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    w = tf.constant([[1.0, 0.5, -1.0], [2.0, 1.0, 0.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.tanh(tf.matmul(x, w))
    return tape.batch_jacobian(y, x)


def batch_of_higher_rank(tf):
    x = tf.constant([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(x * x, axis=2)
    return tape.batch_jacobian(y, x)


@differs([[2.0, 4.0], [6.0, 8.0]], "TensorFlow wants a target of rank 2 or more")
def batch_of_a_vector_target(tf):
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(x * x, axis=1)
    return tape.batch_jacobian(y, x).numpy().tolist()


def batch_unconnected(tf):
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    y = tf.constant([[5.0], [6.0]])
    with tf.GradientTape() as tape:
        tape.watch([x, y])
        z = x * x
    return tape.batch_jacobian(z, y)


def batch_unconnected_zero(tf):
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    y = tf.constant([[5.0], [6.0]])
    with tf.GradientTape() as tape:
        tape.watch([x, y])
        z = x * x
    return tape.batch_jacobian(z, y, unconnected_gradients=tf.UnconnectedGradients.ZERO)


def batch_of_unequal_sizes(tf):
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.concat([x, x], axis=0)
    return tape.batch_jacobian(y, x)


@differs(ValueError, "TensorFlow's error is an IndexError from its inside")
def batch_needs_a_batch(tf):
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return tape.batch_jacobian(y, x)


def batch_consumes_the_tape(tf):
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    tape.batch_jacobian(y, x)
    tape.gradient(y, x)


def batch_persistent(tf):
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
    return [tape.batch_jacobian(y, x), tape.gradient(y, x), tape.jacobian(y, x)]
