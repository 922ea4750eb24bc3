"""A tape's life: persistence, entering, stopping, resetting, nesting, assignment, independence."""

import threading

from . import differs


def second_gradient_needs_persistence(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    tape.gradient(y, x)
    tape.gradient(y, x)


def gradient_then_jacobian_needs_persistence(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    tape.gradient(y, x)
    tape.jacobian(y, x)


def persistent_gradients(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        y = x * x
        z = y * y
    return [tape.gradient(z, x), tape.gradient(y, x), tape.gradient(z, y), tape.gradient(z, x)]


def persistent_tape_deleted(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        y = x * x
    g = tape.gradient(y, x)
    del tape
    return g


def gradient_of_a_tape_never_entered(tf):
    x = tf.Variable(3.0)
    tape = tf.GradientTape()
    y = x * x
    tape.gradient(y, x)


def gradient_of_a_persistent_tape_never_entered(tf):
    x = tf.Variable(3.0)
    tape = tf.GradientTape(persistent=True)
    y = x * x
    return tape.gradient(y, x)


def gradient_inside_consumes(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        g = tape.gradient(y, x)
    return [g]


def gradient_inside_then_outside(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        tape.gradient(y, x)
    tape.gradient(y, x)


def gradient_inside_twice(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        tape.gradient(y, x)
        tape.gradient(y, x)


def persistent_gradient_inside_is_recorded(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        y = x**3
        g = tape.gradient(y, x)
    return tape.gradient(g, x)


def persistent_gradient_outside_is_not_recorded(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        y = x**3
    g = tape.gradient(y, x)
    return tape.gradient(g, x)


def persistent_gradient_inside_of_three_orders(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape(persistent=True) as tape:
        y = x**4
        g = tape.gradient(y, x)
        h = tape.gradient(g, x)
    return [g, h, tape.gradient(h, x)]


def persistent_gradient_used_inside(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        y = x**2
        z = tape.gradient(y, x) * x
    return tape.gradient(z, x)


def entering_twice_at_once(tf):
    with tf.GradientTape() as tape, tape:
        pass


def entering_again_continues(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    with tape:
        z = y * x
    return tape.gradient(z, x)


def entering_again_keeps_the_gap_out(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    y = y * 5.0
    with tape:
        z = y * x
    return tape.gradient(z, x)


def entering_after_a_gradient(tf):
    x = tf.Variable(3.0)
    tape = tf.GradientTape()
    with tape:
        y = x * x
    first = tape.gradient(y, x)
    with tape:
        z = x * x * x
    return [first, tape.gradient(z, x)]


def persistent_entered_again(tf):
    x = tf.Variable(3.0)
    tape = tf.GradientTape(persistent=True)
    with tape:
        y = x * x
    first = tape.gradient(y, x)
    with tape:
        z = y * x
    return [first, tape.gradient(z, x)]


def enter_returns_the_tape(tf):
    tape = tf.GradientTape()
    with tape as entered:
        pass
    return entered is tape


def exception_leaves_nothing_active(tf):
    x = tf.Variable(3.0)
    try:
        with tf.GradientTape() as tape:
            y = x * x
            raise KeyError
    except KeyError:
        pass
    z = y * x
    return tape.gradient(z, x)


def exception_keeps_what_was_recorded(tf):
    x = tf.Variable(3.0)
    try:
        with tf.GradientTape() as tape:
            y = x * x
            raise KeyError
    except KeyError:
        pass
    return tape.gradient(y, x)


def stop_recording_makes_constants(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        with tape.stop_recording():
            y = x * x
        z = y * x
    return tape.gradient(z, x)


def stop_recording_alone(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape, tape.stop_recording():
        y = x * x
    return tape.gradient(y, x)


def stop_recording_and_then_more(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        with tape.stop_recording():
            z = y * 2.0
        r = y * z
    return tape.gradient(r, x)


def variables_read_only_under_stop_recording(tf):
    x, y = tf.Variable(3.0), tf.Variable(4.0)
    with tf.GradientTape() as tape:
        with tape.stop_recording():
            _ = x * 2.0
        _ = y * 2.0
    return [float(v) for v in tape.watched_variables()]


def gradient_inside_stop_recording(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        y = x**3
        with tape.stop_recording():
            g = tape.gradient(y, x)
        z = g * x
    return [g, tape.gradient(z, x)]


def gradient_inside_stop_recording_not_persistent(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x**3
        with tape.stop_recording():
            g = tape.gradient(y, x)
    return g


@differs(ValueError, "as for a finished tape; TensorFlow has a RuntimeError here")
def stop_recording_on_an_idle_tape(tf):
    tape = tf.GradientTape()
    with tape.stop_recording():
        pass


def stop_recording_on_a_finished_tape(tf):
    with tf.GradientTape() as tape:
        pass
    with tape.stop_recording():
        pass


def stop_recording_twice(tf):
    with tf.GradientTape() as tape, tape.stop_recording(), tape.stop_recording():
        pass


def stop_recording_survives_an_exception(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        try:
            with tape.stop_recording():
                raise KeyError
        except KeyError:
            pass
        y = x * x
    return tape.gradient(y, x)


def stop_recording_on_one_of_two(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as outer, tf.GradientTape() as inner:
        with inner.stop_recording():
            y = x * x
        z = y * x
    return [outer.gradient(z, x), inner.gradient(z, x)]


def stop_recording_on_the_outer(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as outer, tf.GradientTape() as inner:
        with outer.stop_recording():
            y = x * x
        z = y * x
    return [outer.gradient(z, x), inner.gradient(z, x)]


def watch_under_stop_recording(tf):
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        with tape.stop_recording():
            tape.watch(x)
        y = x * x
    return tape.gradient(y, x)


def reset_drops_history(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        tape.reset()
        z = y * x
    return tape.gradient(z, x)


def reset_drops_everything_before(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        tape.reset()
    return tape.gradient(y, x)


def reset_drops_watches(tf):
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        tape.reset()
        y = x * x
    return tape.gradient(y, x)


def reset_then_watch(tf):
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        tape.reset()
        tape.watch(x)
        y += x * x
    return tape.gradient(y, x)


def reset_drops_watched_variables(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        _ = x * x
        tape.reset()
    return len(tape.watched_variables())


def reset_on_an_idle_tape(tf):
    tape = tf.GradientTape()
    tape.reset()


def reset_on_a_finished_tape(tf):
    with tf.GradientTape() as tape:
        pass
    tape.reset()


def reset_after_a_gradient_inside(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        y = x * x
        first = tape.gradient(y, x)
        tape.reset()
        z = x * 5.0
    return [first, tape.gradient(z, x)]


def nested_tapes_give_second_order(tf):
    x = tf.Variable(1.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = x * x * x
        dy = inner.gradient(y, x)
    return [dy, outer.gradient(dy, x)]


def nested_tapes_with_a_constant_watched_by_both(tf):
    x = tf.constant(3.0)
    with tf.GradientTape() as g:
        g.watch(x)
        with tf.GradientTape() as gg:
            gg.watch(x)
            y = x * x
        dy = gg.gradient(y, x)
    return [dy, g.gradient(dy, x)]


def outer_tape_that_does_not_watch(tf):
    x = tf.constant(3.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = x**3
        g = inner.gradient(y, x)
    return [g, outer.gradient(g, x)]


def inner_tape_that_does_not_watch(tf):
    x = tf.constant(3.0)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            y = x**3
        g = inner.gradient(y, x)
    return [g, outer.gradient(y, x)]


def inner_gradient_taken_after_the_outer_ended(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as outer, tf.GradientTape() as inner:
        y = x**3
    g = inner.gradient(y, x)
    return [g, outer.gradient(g, x)]


def hessian_vector_product(tf):
    x, v = tf.Variable([1.0, 2.0]), tf.constant([0.5, -1.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.reduce_sum(x**3) * x[0]
        g = inner.gradient(y, x)
        p = tf.reduce_sum(g * v)
    return outer.gradient(p, x)


def gradient_penalty(tf):
    w, x = tf.Variable([1.0, -2.0]), tf.constant([0.5, 0.25])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.tanh(tf.reduce_sum(w * x))
        g = inner.gradient(y, x)
        penalty = tf.reduce_sum(g**2)
    return outer.gradient(penalty, w)


def tapes_side_by_side(tf):
    x, y = tf.Variable(3.0), tf.Variable(4.0)
    with tf.GradientTape() as one, tf.GradientTape() as two:
        z = x * y
    return [one.gradient(z, x), two.gradient(z, y)]


def tapes_that_overlap(tf):
    x = tf.Variable(3.0)
    one, two = tf.GradientTape(), tf.GradientTape()
    one.__enter__()
    y = x * x
    two.__enter__()
    z = y * x
    one.__exit__(None, None, None)
    r = z * x
    two.__exit__(None, None, None)
    return [one.gradient(z, x), two.gradient(r, x)]


def tapes_one_after_the_other(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as one:
        y = x * x
    with tf.GradientTape() as two:
        z = y * x
    return [one.gradient(y, x), two.gradient(z, x)]


def tapes_in_threads(tf):
    answers = [None] * 4

    def work(k):
        x = tf.Variable(float(k))
        with tf.GradientTape() as tape:
            y = x**3
        answers[k] = tape.gradient(y, x)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def thread_does_not_see_the_tape_of_another(tf):
    x, made = tf.Variable(3.0), []
    with tf.GradientTape() as tape:
        thread = threading.Thread(target=lambda: made.append(x * x))
        thread.start()
        thread.join()
        y = x * 2.0
    return tape.gradient([made[0], y], x)


def assign_is_not_a_path(tf):
    x, y = tf.Variable(3.0), tf.Variable(1.0)
    with tf.GradientTape() as tape:
        y.assign(x * 2.0)
        z = y * y
    return tape.gradient(z, [x, y])


def assign_between_reads(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        x.assign(10.0)
        z = x * x
    return [y, z, tape.gradient([y, z], x)]


def assign_after_the_tape_keeps_old_values(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    x.assign(10.0)
    return [y, tape.gradient(y, x), x]


def assign_before_the_tape(tf):
    x = tf.Variable(3.0)
    x.assign(10.0)
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, x)


def assign_add_and_sub(tf):
    x = tf.Variable([1.0, 2.0])
    x.assign_add([10.0, 10.0])
    x.assign_sub([1.0, 2.0])
    return x


def assign_add_returns_the_variable(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x.assign_add(1.0)
        z = y * y
    return [z, tape.gradient(z, x)]


def assign_keeps_shape(tf):
    x = tf.Variable([1.0, 2.0])
    x.assign([1.0, 2.0, 3.0])


def assign_add_keeps_identity_of_source(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * 1.0
        x.assign_add(1.0)
        z = y * x
    return [z, tape.gradient(z, x)]


def rebinding_makes_a_tensor(tf):
    x = tf.Variable(3.0)
    y = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        z = x * y
    g = tape.gradient(z, x)
    x = x - g
    with tf.GradientTape() as tape:
        z = x * y
    return tape.gradient(z, [x, y])


def rebinding_inside_the_tape(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        x = x + 1.0
        y = x * x
    return tape.gradient(y, x)


def augmented_assignment_inside_the_tape(tf):
    x = tf.Variable(3.0)
    first = x
    with tf.GradientTape() as tape:
        x += 1.0
        y = x * x
    return tape.gradient(y, [x, first])


def variable_of_a_variable_is_a_copy(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = tf.Variable(x)
        z = y * x
    return tape.gradient(z, [x, y])


def initial_value_of_a_callable(tf):
    x = tf.Variable(lambda: tf.constant([1.0, 2.0]))
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, x)


def read_value_is_connected(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x.read_value() * x.value()
    return tape.gradient(y, x)


def variable_made_in_the_tape(tf):
    with tf.GradientTape() as tape:
        x = tf.Variable(3.0)
        y = x * x
    return tape.gradient(y, x)


def long_chain(tf):
    x = tf.Variable(1.0, dtype=tf.float64)
    with tf.GradientTape() as tape:
        y = x
        for _ in range(3000):
            y = y * 1.001
    return tape.gradient(y, x)


def doubled_diamond(tf):
    x = tf.Variable(1.0, dtype=tf.float64)
    with tf.GradientTape() as tape:
        y = x
        for _ in range(50):
            y = y + y
    return tape.gradient(y, x)


def loop_over_a_tensor(tf):
    x = tf.Variable([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        total = 0.0
        for k in range(3):
            total += x[k] * float(k + 1)
    return tape.gradient(total, x)


def tape_as_an_argument(tf):
    def f(tape, x):
        tape.watch(x)
        return x * x

    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        y = f(tape, x)
    return tape.gradient(y, x)


def two_targets_from_one_persistent_tape(tf):
    x = tf.constant([1.0, 3.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        z = tf.reduce_sum(y * y)
    return [tape.gradient(z, x), tape.gradient(y, x)]


def targets_made_by_different_tapes(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape() as one:
        y = x * x
    with tf.GradientTape() as two:
        z = x * 5.0
    return [one.gradient([y, z], x), two.gradient([y, z], x)]
