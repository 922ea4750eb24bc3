"""Python control flow on values, and the functions that stand for it."""


def if_takes_the_branch(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x if x > 2.0 else -x
    return tape.gradient(y, x)


def while_on_a_value(tf):
    x = tf.Variable(1.5)
    with tf.GradientTape() as tape:
        y = x
        while y < 10.0:
            y = y * x
    return [y, tape.gradient(y, x)]


def for_over_rows(tf):
    x = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        total = tf.constant(0.0)
        for row in tf.identity(x):
            total += tf.reduce_sum(row) ** 2
    return tape.gradient(total, x)


def unpacking(tf):
    x = tf.Variable([3.0, 4.0])
    with tf.GradientTape() as tape:
        a, b = tf.identity(x)
        y = a * b
    return tape.gradient(y, x)


def iterating_over_a_scalar(tf):
    for _ in tf.constant(3.0):
        pass


def length(tf):
    return len(tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))


def length_of_a_scalar(tf):
    return len(tf.constant(3.0))


def float_of_a_scalar(tf):
    return float(tf.constant(2.5))


def float_of_a_variable(tf):
    return float(tf.Variable(2.5))


def float_of_a_vector(tf):
    return float(tf.constant([2.5, 1.0]))


def int_of_a_scalar(tf):
    return int(tf.constant(2.7))


def bool_of_a_scalar(tf):
    return [bool(tf.constant(True)), bool(tf.constant(0.0)), bool(tf.constant(2))]


def bool_of_a_vector(tf):
    return bool(tf.constant([True, False]))


def index_of_an_integer(tf):
    return ["a", "b", "c"][tf.constant(1)]


def format_of_a_scalar(tf):
    return f"{tf.constant(2.5):.2f}"


def membership_of_a_python_list(tf):
    x = tf.constant(2.0)
    return any(x is y for y in [tf.constant(1.0), x])


def sum_of_a_list_of_tensors(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = sum([x * k for k in (1.0, 2.0, 3.0)])
    return tape.gradient(y, x)


def sum_of_a_tensor(tf):
    x = tf.Variable([3.0, 4.0])
    with tf.GradientTape() as tape:
        y = sum(tf.identity(x))
    return tape.gradient(y, x)


def cond_true(tf):
    x, y = tf.Variable(3.0), tf.Variable(4.0)
    with tf.GradientTape() as tape:
        z = tf.cond(x < y, lambda: x * x, lambda: y * y)
    return tape.gradient(z, [x, y])


def cond_false(tf):
    x, y = tf.Variable(5.0), tf.Variable(4.0)
    with tf.GradientTape() as tape:
        z = tf.cond(x < y, lambda: x * x, lambda: y * y)
    return tape.gradient(z, [x, y])


def cond_by_keywords(tf):
    x = tf.Variable(5.0)
    with tf.GradientTape() as tape:
        z = tf.cond(pred=x > 0, true_fn=lambda: x * x, false_fn=lambda: x)
    return tape.gradient(z, x)


def cond_of_pairs(tf):
    x = tf.Variable(5.0)
    with tf.GradientTape() as tape:
        a, b = tf.cond(x > 0, lambda: (x * x, x), lambda: (x, x * x))
        z = a * b
    return tape.gradient(z, x)


def cond_on_a_python_bool(tf):
    x = tf.Variable(5.0)
    with tf.GradientTape() as tape:
        z = tf.cond(tf.constant(True), lambda: x * x, lambda: x)
    return tape.gradient(z, x)


def while_loop(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        _, y = tf.while_loop(lambda i, y: i < 3, lambda i, y: [i + 1, y * x], [tf.constant(0), tf.constant(1.0)])
    return [y, tape.gradient(y, x)]


def while_loop_with_a_maximum(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        _, y = tf.while_loop(
            lambda i, y: i < 10, lambda i, y: [i + 1, y * x], [tf.constant(0), tf.constant(1.0)], maximum_iterations=2
        )
    return [y, tape.gradient(y, x)]


def while_loop_of_no_turns(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        _, y = tf.while_loop(lambda i, y: i < 0, lambda i, y: [i + 1, y * x], [tf.constant(0), tf.constant(1.0)])
    return [y, tape.gradient(y, x)]


def switch_case(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = tf.switch_case(tf.constant(1), branch_fns={0: lambda: x, 1: lambda: x**3})
    return tape.gradient(y, x)


def switch_case_of_a_list(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = tf.switch_case(tf.constant(0), [lambda: x * 5.0, lambda: x**3])
    return tape.gradient(y, x)


def switch_case_default(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = tf.switch_case(tf.constant(7), [lambda: x * 5.0, lambda: x**3], default=lambda: x**2)
    return tape.gradient(y, x)


def switch_case_out_of_range_takes_the_last(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = tf.switch_case(tf.constant(7), [lambda: x * 5.0, lambda: x**3])
    return tape.gradient(y, x)


def scan(tf):
    x = tf.Variable([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        y = tf.scan(lambda a, e: a * e, x)
    return [y, tape.gradient(y, x)]


def scan_with_an_initializer(tf):
    x, s = tf.Variable([1.0, 2.0, 3.0]), tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = tf.scan(lambda a, e: a * e + 1.0, x, initializer=s * 1.0)
    return [y, tape.gradient(y, [x, s])]


def scan_in_reverse(tf):
    x = tf.Variable([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        y = tf.scan(lambda a, e: a * e, x, reverse=True)
    return [y, tape.gradient(y, x)]


def vectorized_map(tf):
    x = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        y = tf.vectorized_map(lambda row: tf.reduce_sum(row**2) * row, tf.identity(x))
    return [y, tape.gradient(y, x)]


def vectorized_map_of_a_matmul(tf):
    x, w = tf.Variable([[1.0, 2.0], [3.0, 4.0]]), tf.Variable([[1.0, 0.5], [0.25, 2.0]])
    with tf.GradientTape() as tape:
        y = tf.vectorized_map(lambda row: tf.linalg.matvec(w, row), tf.identity(x))
    return [y, tape.gradient(y, [x, w])]


def map_fn(tf):
    x = tf.Variable([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        y = tf.map_fn(lambda e: e**2, tf.identity(x))
    return [y, tape.gradient(y, x)]


def function_keeps_gradients(tf):
    @tf.function
    def f(x):
        return x * x

    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = f(x)
    return [y, tape.gradient(y, x)]


def function_keeps_its_name(tf):
    @tf.function
    def cube(x):
        return x**3

    return cube.__name__


def function_with_a_tape_inside(tf):
    x = tf.Variable(3.0)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            y = x**3
        return tape.gradient(y, x)

    return step()


def name_scope(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape, tf.name_scope("layer1"):
        y = x * x
    return tape.gradient(y, x)


def name_scope_nested(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape, tf.name_scope("outer"), tf.name_scope("inner"):
        y = x * x
    return tape.gradient(y, x)


def early_return(tf):
    def f(x):
        if x < 0:
            return tf.constant(0.0)
        return x * x

    x, y = tf.Variable(3.0), tf.Variable(-3.0)
    with tf.GradientTape() as tape:
        z = f(x) + f(y)
    return tape.gradient(z, [x, y])


def newton_iteration(tf):
    a = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        r = tf.constant(1.0)
        for _ in range(5):
            r = 0.5 * (r + a / r)
    return [r, tape.gradient(r, a)]
