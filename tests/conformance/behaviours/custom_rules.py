"""`custom_gradient` and `grad_pass_through`."""

from . import differs


def rule_replaces_the_gradient(tf):
    @tf.custom_gradient
    def f(x):
        def grad(upstream):
            return upstream * 100.0

        return x * x, grad

    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = f(x)
    return [y, tape.gradient(y, x)]


def log1pexp(tf):
    @tf.custom_gradient
    def log1pexp(x):
        e = tf.exp(x)

        def grad(upstream):
            return upstream * (1 - 1 / (1 + e))

        return tf.math.log(1 + e), grad

    x = tf.constant(100.0, dtype=tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = log1pexp(x)
    return [y, tape.gradient(y, x)]


def clip_the_gradient(tf):
    @tf.custom_gradient
    def clip(y):
        def backward(dy):
            return tf.clip_by_value(dy, -0.5, 0.5)

        return y, backward

    v = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        output = clip(v * v)
    return tape.gradient(output, v)


def reverse_the_gradient(tf):
    @tf.custom_gradient
    def flip(x):
        return tf.identity(x), lambda dy: -dy

    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = flip(x) * x
    return tape.gradient(y, x)


def rule_gets_the_upstream_gradient(tf):
    seen = []

    @tf.custom_gradient
    def f(x):
        def grad(upstream):
            seen.append(upstream)
            return upstream

        return x * 1.0, grad

    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = f(x) * tf.constant([3.0, 5.0])
    return [tape.gradient(y, x), *seen]


def several_inputs(tf):
    @tf.custom_gradient
    def f(x, y):
        def grad(upstream):
            return upstream * 10.0, upstream * 20.0

        return x * y, grad

    x, y = tf.Variable(3.0), tf.Variable(4.0)
    with tf.GradientTape() as tape:
        z = f(x, y)
    return tape.gradient(z, [x, y])


def several_outputs(tf):
    @tf.custom_gradient
    def f(x):
        def grad(du, dv):
            return du * 10.0 + dv * 100.0

        return (x * x, x + 1.0), grad

    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        u, v = f(x)
        z = 2.0 * u + 3.0 * v
    return [u, v, tape.gradient(z, x)]


def several_outputs_as_a_list(tf):
    @tf.custom_gradient
    def f(x):
        def grad(du, dv):
            return du * 10.0 + dv * 100.0

        return [x * x, x + 1.0], grad

    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        u, v = f(x)
        z = u * v
    return tape.gradient(z, x)


def one_of_several_outputs_unused(tf):
    @tf.custom_gradient
    def f(x):
        def grad(du, dv):
            return du * 10.0 + dv * 100.0

        return (x * x, x + 1.0), grad

    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        u, _ = f(x)
        z = u * 2.0
    return tape.gradient(z, x)


def several_inputs_and_outputs(tf):
    @tf.custom_gradient
    def f(x, y):
        def grad(du, dv):
            return du * y + dv, du * x - dv

        return (x * y, x - y), grad

    x, y = tf.Variable([3.0, 1.0]), tf.Variable([4.0, 2.0])
    with tf.GradientTape() as tape:
        u, v = f(x, y)
        z = tf.reduce_sum(u * v)
    return tape.gradient(z, [x, y])


def none_makes_an_input_unconnected(tf):
    @tf.custom_gradient
    def f(x, y):
        def grad(upstream):
            return upstream * y, None

        return x * y, grad

    x, y = tf.Variable(3.0), tf.Variable(4.0)
    with tf.GradientTape() as tape:
        z = f(x, y)
    return tape.gradient(z, [x, y])


def none_is_zero_on_request(tf):
    @tf.custom_gradient
    def f(x, y):
        def grad(upstream):
            return upstream * y, None

        return x * y, grad

    x, y = tf.Variable([3.0, 2.0]), tf.Variable([4.0, 1.0])
    with tf.GradientTape() as tape:
        z = f(x, y)
    return tape.gradient(z, [x, y], unconnected_gradients="zero")


def none_for_one_path_only(tf):
    @tf.custom_gradient
    def f(x):
        def grad(upstream):
            return None

        return x * x, grad

    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        z = f(x) + 5.0 * x
    return tape.gradient(z, x)


def none_for_the_only_input(tf):
    @tf.custom_gradient
    def f(x):
        return x * x, lambda upstream: None

    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        z = f(x)
    return tape.gradient(z, x)


def too_few_gradients(tf):
    @tf.custom_gradient
    def f(x, y):
        return x * y, lambda upstream: upstream

    x, y = tf.Variable(3.0), tf.Variable(4.0)
    with tf.GradientTape() as tape:
        z = f(x, y)
    return tape.gradient(z, [x, y])


def too_many_gradients(tf):
    @tf.custom_gradient
    def f(x):
        return x * x, lambda upstream: (upstream, upstream)

    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        z = f(x)
    return tape.gradient(z, x)


@differs(ValueError, "TensorFlow accepts a gradient of any shape")
def wrong_shape(tf):
    @tf.custom_gradient
    def f(x):
        return x * x, lambda upstream: tf.constant([1.0, 2.0, 3.0])

    x = tf.Variable([3.0, 4.0])
    with tf.GradientTape() as tape:
        z = f(x)
    return tape.gradient(z, x)


@differs([300.0], "TensorFlow ignores the rule in a keyword call")
def keyword_call_uses_the_rule(tf):
    @tf.custom_gradient
    def f(x):
        return x * x, lambda upstream: upstream * 300.0

    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        z = f(x=x)
    return [float(tape.gradient(z, x))]


@differs([6.0, 3.0], "a tensor that is closed over keeps its own path")
def closed_over_tensor_keeps_its_path(tf):
    x, w = tf.Variable(3.0), tf.Variable(2.0)
    with tf.GradientTape() as tape:
        c = w * 1.0

        @tf.custom_gradient
        def f(x):
            return x * c, lambda upstream: upstream * 6.0

        z = f(x)
    return [float(g) for g in tape.gradient(z, [x, w])]


def default_argument_that_is_not_a_tensor(tf):
    @tf.custom_gradient
    def f(x, scale=2.0):
        return x * scale, lambda upstream: upstream * scale * 10.0

    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        z = f(x)
    return [z, tape.gradient(z, x)]


def second_order_through_the_rule(tf):
    @tf.custom_gradient
    def f(x):
        def grad(upstream):
            return upstream * 7.0 * x * x

        return x * x * x, grad

    x = tf.Variable(3.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = f(x)
        g = inner.gradient(y, x)
    return [g, outer.gradient(g, x)]


def constant_rule_has_no_second_derivative(tf):
    @tf.custom_gradient
    def f(x):
        return x * x * x, lambda upstream: upstream * 7.0

    x = tf.Variable(3.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = f(x)
        g = inner.gradient(y, x)
    return [g, outer.gradient(g, x)]


def rule_of_a_rule(tf):
    @tf.custom_gradient
    def f(x):
        @tf.custom_gradient
        def first(upstream, x):
            return upstream * 2.0 * x, lambda again: (again * 2.0 * x, again * 50.0)

        return x * x, lambda upstream: first(upstream, x)

    x = tf.Variable(3.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = f(x)
        g = inner.gradient(y, x)
    return [g, outer.gradient(g, x)]


def variables_in_the_function(tf):
    w = tf.Variable(5.0)

    @tf.custom_gradient
    def f(x):
        def grad(upstream, variables=None):
            return upstream * w * 10.0, [upstream * x * 100.0]

        return x * w, grad

    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        z = f(x)
    return [z, tape.gradient(z, [x, w])]


def variables_need_the_keyword(tf):
    w = tf.Variable(5.0)

    @tf.custom_gradient
    def f(x):
        return x * w, lambda upstream: upstream * w

    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        z = f(x)
    return tape.gradient(z, x)


def variables_are_handed_over(tf):
    w, seen = tf.Variable(5.0), []

    @tf.custom_gradient
    def f(x):
        def grad(upstream, variables=None):
            seen.append(len(variables))
            return upstream * w, [upstream * x for _ in variables]

        return x * w, grad

    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        z = f(x)
    return [tape.gradient(z, [x, w]), seen]


def called_on_a_number(tf):
    @tf.custom_gradient
    def f(x):
        return x * x, lambda upstream: upstream * 10.0

    return f(3.0)


def called_on_an_unwatched_constant(tf):
    @tf.custom_gradient
    def f(x):
        return x * x, lambda upstream: upstream * 10.0

    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        y = f(x)
    return [y, tape.gradient(y, x)]


def used_twice(tf):
    @tf.custom_gradient
    def f(x):
        return x * x, lambda upstream: upstream * 10.0

    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = f(f(x)) + f(x)
    return tape.gradient(y, x)


def used_under_stop_gradient(tf):
    @tf.custom_gradient
    def f(x):
        return x * x, lambda upstream: upstream * 10.0

    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = tf.stop_gradient(f(x)) * x
    return tape.gradient(y, x)


def keeps_its_name(tf):
    @tf.custom_gradient
    def cube(x):
        """The third power."""
        return x**3, lambda upstream: upstream

    return [cube.__name__, cube.__doc__]


def straight_through(tf):
    @tf.custom_gradient
    def straight(x):
        return tf.round(x), lambda upstream: upstream

    x = tf.Variable([0.4, 1.7])
    with tf.GradientTape() as tape:
        y = straight(x) * x
    return [y, tape.gradient(y, x)]


def pass_through(tf):
    f = tf.grad_pass_through(tf.round)
    x = tf.Variable([0.4, 1.7])
    with tf.GradientTape() as tape:
        y = f(x) * 3.0
    return [y, tape.gradient(y, x)]


def pass_through_of_a_square(tf):
    x = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        y = tf.grad_pass_through(lambda z: z**3)(x)
        z = y * 2.0
    return [z, tape.gradient(z, x)]


def pass_through_after_other_operations(tf):
    x, z = tf.Variable(1.0), tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = tf.grad_pass_through(x.assign)(z**2)
    return tape.gradient(y, z)


def pass_through_assign(tf):
    x = tf.Variable(2.0)
    tf.grad_pass_through(tf.floor)(x)
    return tf.grad_pass_through(tf.floor)(x + 0.5)


def jacobian_of_a_rule(tf):
    @tf.custom_gradient
    def f(x):
        return x * x, lambda upstream: upstream * 10.0

    x = tf.Variable([3.0, 4.0])
    with tf.GradientTape() as tape:
        y = f(x)
    return tape.jacobian(y, x)


def broadcasting_inside_a_rule(tf):
    @tf.custom_gradient
    def f(x, b):
        def grad(upstream):
            return upstream, tf.reduce_sum(upstream, axis=0)

        return x + b, grad

    x, b = tf.Variable([[1.0, 2.0], [3.0, 4.0]]), tf.Variable([0.5, 0.25])
    with tf.GradientTape() as tape:
        z = f(x, b) ** 2
    return tape.gradient(z, [x, b])


def integer_input(tf):
    @tf.custom_gradient
    def f(x, n):
        return x * tf.cast(n, x.dtype), lambda upstream: (upstream * 10.0, None)

    x, n = tf.Variable(3.0), tf.constant(2)
    with tf.GradientTape() as tape:
        z = f(x, n)
    return [z, tape.gradient(z, [x, n])]
