"""Connections case by case: the reason, the cuts, the way, and what is said."""

import threading
import weakref

import pytest

import tracer as tf
from tests.helpers import free_own_garbage
from tracer import Reason
from tracer.explanations import vanishing
from tracer.formulas.errors import TooLong


def stopped(x):
    return tf.stop_gradient(tf.sin(x))


CUTS = {
    "stop_gradient": (stopped, Reason.STOP_GRADIENT, "counts as a constant. Take the stop_gradient away"),
    "floor": (tf.floor, Reason.NOT_DIFFERENTIABLE, "is a step function, whose derivative is zero. For the"),
    "floordiv": (lambda x: x // 2.0, Reason.NOT_DIFFERENTIABLE, "write grad_pass_through(tracer.floor)(x / y)"),
    "round": (tf.round, Reason.NOT_DIFFERENTIABLE, "write grad_pass_through(tracer.round)(x)"),
    "comparison": (lambda x: x > 1.0, Reason.NOT_DIFFERENTIABLE, "no derivative. A where(condition, a, b) passes"),
    "cast": (lambda x: tf.cast(x, "int64"), Reason.NOT_DIFFERENTIABLE, "turns floats into int64, which has no"),
    "argmax": (lambda x: tf.argmax(x * tf.ones((2,))), Reason.NOT_DIFFERENTIABLE, "answers positions, and a position"),
    "argmin": (lambda x: tf.argmin(x * tf.ones((2,))), Reason.NOT_DIFFERENTIABLE, "Use reduce_min(x) for the least"),
    "argsort": (lambda x: tf.argsort(x * tf.ones((2,))), Reason.NOT_DIFFERENTIABLE, "Use sort(x), or gather(x, pos"),
    "lu_permutation": (lambda x: tf.linalg.lu(x * tf.eye(2))[1], Reason.NOT_DIFFERENTIABLE, "the triangular factors"),
    "zeros_like": (tf.zeros_like, Reason.NOT_DIFFERENTIABLE, "uses the shape of its operand alone. Compute"),
}


@pytest.mark.parametrize(("cut", "reason", "said"), CUTS.values(), ids=CUTS)
def test_what_an_operation_does_to_a_gradient(cut, reason, said):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        made = cut(x)
        y = tf.reduce_sum(tf.cast(made, "float64")) * 2.0
    connection = tape.explain(y, x)
    assert (connection.connected, connection.reason, connection.path) == (False, reason, ())
    assert connection.cuts == ((made.node, reason),)
    assert said in str(connection)
    assert f"made ({made.name}) at test_connections.py:" in str(connection)
    assert tape.gradient(y, x) is None


def test_when_a_tape_did_not_record():
    x = tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        lost = x * x
        tape.reset()
        with tape.stop_recording():
            paused = tf.sin(x)
        again = lost + 1.0
        y = lost + paused
    after = x * 2.0
    assert "computed before the tape was reset. Compute it again" in str(tape.explain(again, x))
    assert {c.node for c in tape.explain(y, x).cuts} == {lost.node, paused.node}
    assert "was computed under stop_recording. Move it out" in str(tape.explain(y, x))
    assert "was computed after the `with` block of the tape" in str(tape.explain(after, x))


def test_when_a_tape_was_away():
    x = tf.Variable(3.0)
    made = []
    tape = tf.GradientTape(persistent=True)
    with tape:
        y = x * x
    between = y * 1.0
    with tape:
        thread = threading.Thread(target=lambda: made.append(tf.sin(x)))
        thread.start()
        thread.join()
        with tape.stop_recording():
            paused = tf.cos(x)
        z = between + made[0] + paused
    cuts = {between.node, made[0].node, paused.node}
    assert tape.explain(z, x).cuts == tuple((key, Reason.NOT_RECORDED) for key in sorted(cuts))
    said = str(tape.explain(between, x))
    assert "was computed after the `with` block of the tape. Move it inside" in said
    assert "as in another thread. Compute it in the thread of the tape" in str(tape.explain(made[0], x))
    assert "was computed under stop_recording. Move it out" in str(tape.explain(paused, x))


def test_no_gradient_counts_as_a_constant():
    x = tf.Variable(3.0)
    with tf.no_gradient():
        c = x * x
    connection = tf.explain(c * 2.0, x)
    assert connection.cuts == ((c.node, Reason.STOP_GRADIENT),)
    assert "under no_gradient" in str(connection)


def test_what_a_tape_does_not_watch():
    frozen, plain, late = tf.Variable(3.0, trainable=False), tf.Variable(3.0), tf.constant(2.0)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        y = frozen * plain * late
        tape.watch(late)
    said = [str(c) for c in tape.explain(y, [frozen, plain])]
    assert "is not trainable, and the tape does not watch it. Call tape.watch(frozen)" in said[0]
    assert "is not watched by the tape. Call tape.watch(plain)" in said[1]
    connection = tape.explain(y, late)
    assert connection.cuts == ((late.node, Reason.NOT_WATCHED),)
    assert "was used before it was watched. Call tape.watch before the first operation" in str(connection)


def test_an_assignment_takes_the_value_alone():
    w, v = tf.Variable(2.0), tf.Variable(1.0)
    with tf.GradientTape(persistent=True) as tape:
        m = w * 2.0
        v.assign(m)
        first = v * v
        v[()].assign(m)
        second = v * v
    for y in (first, second):
        connection = tape.explain(y, w)
        assert (connection.reason, len(connection.cuts)) == (Reason.NOT_RECORDED, 1)
        assert "Compute with the tensor that was assigned, in place of the variable" in str(connection)
    assert tape.explain(second, m).reason is Reason.NOT_RECORDED
    assert tape.explain(second, v).connected


def test_assignments_keep_nothing_alive():
    v, w = tf.Variable(1.0), tf.Variable(2.0)
    counts = set()
    for _ in range(50):
        v.assign(v * w)
        counts.add(len(v.params.computed_from))
    assert max(counts) <= 5
    first = weakref.ref(v.current)
    v.assign(v * w)
    v.assign(v * w)
    free_own_garbage()
    assert first() is None
    assert tf.explain(v * 1.0, w).reason is Reason.NOT_RECORDED


def test_rules_that_answer_none_and_absent_rules():
    @tf.custom_gradient
    def f(p, q):
        return p * q, lambda g: (g, None)

    x, y = tf.Variable(3.0), tf.Variable(3.0)
    made = f(x, y)
    assert tf.explain(made, x).connected
    connection = tf.explain(made, y)
    assert connection.cuts == ((made.node, Reason.NOT_DIFFERENTIABLE),)
    assert "has a gradient rule of its own (f), which answers None. Return a gradient from it." in str(connection)


def test_no_way_at_all():
    x, y = tf.Variable(3.0), tf.Variable(3.0)
    z = y * 2.0
    connection = tf.explain(z, x)
    assert (connection.reason, connection.cuts, connection.blocked) == (Reason.NO_PATH, (), ())
    assert "no operation leads from x to z. z depends on y: compute it from x" in str(connection)
    assert str(tf.explain([], x)).startswith("The gradient of an empty sum by x is None")


def test_integer_sources_whatever_follows():
    i = tf.Variable(3, dtype="int64")
    assert tf.explain(tf.floor(tf.cast(i, "float64")), i).cuts == ((i.node, Reason.INTEGER_DTYPE),)
    assert "is of dtype int64, and only floats have gradients. Give it a float dtype" in str(tf.explain(i * i, i))
    assert tf.explain(i, i).connected == (tf.gradients(i, i)[0] is not None)


def test_long_lists_of_cuts_are_cut_short():
    x = tf.Variable(3.0)
    y = tf.add_n([tf.stop_gradient(x) for _ in range(50)])
    said = str(tf.explain(y, x))
    assert "and 48 more counts as a constant" in said
    assert len(said) < 400


def test_names_of_nests_and_of_many_targets():
    x, y = tf.Variable(3.0), tf.Variable(3.0)
    a, b, c, d = x * 1.0, x * 2.0, x * 3.0, x * 4.0
    answers = tf.explain([a, b, c, d], {"x": x, "rest": (y,)})
    assert answers["x"].connected
    assert " + ... by y is None" in str(answers["rest"][0])
    assert repr(answers["x"]) == "<Connection x connected>"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: tf.explain(x, x, tape=3), TypeError, "tape must be a GradientTape, got 3; leave it out"),
        (lambda x: tf.explain(x, None), TypeError, "a source is None"),
        (lambda x: tf.explain(3.0, x), TypeError, "the target must be a tensor, got 3.0"),
        (lambda x: tf.explain(x, x, tf.GradientTape()), RuntimeError, "explain of a tape that was never entered"),
    ],
)
def test_wrong_calls(call, error, message):
    with pytest.raises(error, match=message):
        call(tf.Variable(3.0))


def test_the_operation_that_made_a_truth_or_a_count_of_floats_is_the_cut():
    x, w = tf.Variable([1.0, 5.0, 2.0]), tf.Variable([1.0, 2.0, 3.0])
    low, high = x > 0.0, x < 3.0
    most = tf.argmax(x)
    whole = tf.cast(x, "int64")
    cases = {
        tf.where(tf.logical_and(low, tf.logical_not(high)), w, 2.0 * w): {low, high},
        tf.gather(w, tf.minimum(most + 1, 2)): {most},
        tf.one_hot(most, 3) * w: {most},
        tf.cast(2 * whole + 1, "float64") * w: {whole},
        tf.cast(tf.zeros_like(whole), "float64") * w: {whole},
    }
    for y, cuts in cases.items():
        assert set(tf.explain(y, x).cuts) == {(t.node, Reason.NOT_DIFFERENTIABLE) for t in cuts}


def test_an_operation_without_a_gradient_that_a_tape_did_not_record_blocks_for_two_reasons():
    x = tf.Variable(3.0)
    early = tf.floor(x)
    with tf.GradientTape() as tape:
        y = early * 2.0
    with tf.no_gradient():
        paused = tf.floor(x)
    both = {Reason.NOT_DIFFERENTIABLE, Reason.NOT_RECORDED}
    assert set(tape.explain(y, x).cuts) == {(early.node, reason) for reason in both}
    both = {Reason.NOT_DIFFERENTIABLE, Reason.STOP_GRADIENT}
    assert set(tf.explain(paused * 2.0, x).cuts) == {(paused.node, reason) for reason in both}


def test_a_zero_gradient_is_told_of_open_ways_alone():
    x = tf.symbols("x")
    said = str(tf.explain(0 * x + tf.stop_gradient(x), x))
    assert "multiplies x by zero" in said
    assert "cancel" not in said
    assert "multiplies x by zero" in str(tf.explain(tf.zeros_like(x) * x, x))
    x = tf.symbols("x")
    assert str(tf.explain(x * ((0 * x) / (0 * x) > 0), x))  # sympy compares no NaN.
    v = tf.Variable(2.0)
    v.assign(v * 1.0)
    assert "and it is zero: the derivative of" in str(tf.explain(tf.sign(v), v))


def test_the_value_of_a_variable_that_is_assigned_stays_the_same_on_the_way():
    v, w = tf.Variable(2.0), tf.Variable(3.0)
    v.assign(w)
    y = v * 1.0
    w.assign(tf.sin(y))
    assert tf.explain(y, y).connected
    assert tf.explain(v * 1.0, y).reason is Reason.NO_PATH


def test_the_elements_that_are_not_assigned_keep_their_way():
    v, w = tf.Variable([2.0, 1.0]), tf.Variable([3.0, 4.0])
    v.assign(w * 2.0)
    v[0].assign(0.0)
    assert tf.explain(v * 1.0, w).cuts == ((v.node, Reason.NOT_RECORDED),)


def test_a_zero_whose_cause_takes_long_to_find_is_told_without_one(monkeypatch):
    x = tf.symbols("x")
    y = tf.sin(x) * 1.0 - tf.sin(x)
    assert "the terms that flow back through" in str(tf.explain(y, x))
    answers = iter([True])

    def read(value, budget):
        for answer in answers:
            return answer
        raise TooLong("too long")

    monkeypatch.setattr(vanishing, "reads_zero", read)
    assert "and it is zero: its closed form is 0." in str(tf.explain(y, x))
