"""Gradients without their cuts, against the gradients of the programs written without them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tracer as tf
from tests.explanations.reference import Program
from tests.helpers import free_own_garbage
from tracer import Reason

LIFTABLE = {Reason.STOP_GRADIENT, Reason.NOT_RECORDED, Reason.NOT_WATCHED}
UNARY = (tf.sin, tf.tanh, tf.square, lambda t: 0.5 * t)
STEPS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=9)


def build(steps, x, y, stop):
    """A program of steps; ``stop(k, tensor)`` is what stands for a cut."""
    values = [x, y]
    for k, (kind, first, second) in enumerate(steps):
        a, b = values[first % len(values)], values[second % len(values)]
        if kind < len(UNARY):
            values.append(UNARY[kind](a))
        else:
            values.append(a * b if kind == 4 else stop(k, a) + b)
    return values[-1] * x


@given(STEPS)
@settings(max_examples=60, deadline=None)
def test_lifted_cuts_are_cuts_that_were_never_written(steps):
    x, y = tf.Variable(0.7), tf.Variable(-0.4)
    made = {}

    def stop(k, tensor):
        made[k] = tf.stop_gradient(tensor)
        return made[k]

    connection = tf.explain(build(steps, x, y, stop), x)
    blocked = {cut.node for cut in connection.blocked}
    lifted = {k for k, t in made.items() if t.node in blocked}
    if not lifted:
        return
    free = build(steps, x, y, lambda k, t: t if k in lifted else tf.stop_gradient(t))
    answer = connection.counterfactual()
    (expected,) = tf.gradients(free, x)
    np.testing.assert_allclose(answer.gradient.numpy(), expected.numpy(), rtol=1e-12)
    np.testing.assert_allclose(answer.difference.numpy(), expected.numpy() - answer.actual.numpy(), atol=1e-12)
    if answer.redundant is False:
        assert abs(float(answer.difference.eval(answer.witness))) > 1e-9
    if answer.redundant:
        assert abs(float(answer.difference.numpy())) < 1e-12


def test_a_cut_that_changes_nothing_is_proved():
    z, v = tf.placeholder("z", ("n",)), tf.placeholder("v", ("n",))
    shifted = tf.exp(z - tf.stop_gradient(tf.reduce_max(z)))
    answer = tf.explain(tf.reduce_sum(v * shifted / tf.reduce_sum(shifted)), z).counterfactual()
    assert answer.redundant is not False
    x = tf.symbols("x")
    answer = tf.explain(x * tf.stop_gradient(x - x) + tf.sin(x), x).counterfactual()
    assert (answer.redundant, answer.witness) == (True, None)
    assert "changes nothing: the difference is proved to be zero" in str(answer)


def test_a_tape_that_did_not_record_or_watch():
    x, c = tf.Variable(3.0), tf.constant(2.0)
    early = x * x
    with tf.GradientTape(persistent=True) as tape:
        y = 2.0 * early
        z = c**3
    answer = tape.explain(y, x).counterfactual()
    assert answer.actual is None
    assert str(answer.gradient.formula()) == "4*x"
    said = str(answer)
    assert said.startswith(f"The gradient by x is None. If early ({early.name}) at test_counterfactual.py:")
    assert " let it pass, it would be 4*x. This matters: the difference is not zero at x = " in said
    assert str(tape.explain(z, c).counterfactual().gradient.formula()) == "3*c**2"


def test_a_difference_is_told_between_two_gradients():
    x = tf.symbols("x")
    first, second = tf.stop_gradient(x), tf.stop_gradient(x * x)
    said = str(tf.explain(x * first * second, x).counterfactual())
    assert "The gradient by x is x**3. If first (" in said
    assert ") at test_counterfactual.py:" in said
    assert " let it pass, it would be 4*x**3; the difference is 3*x**3. This matters: the" in said
    same = str(tf.explain(x + first - first, x).counterfactual())
    assert "it would be 1; the difference is 0. This changes nothing: the difference is proved to be zero." in same


def test_a_gradient_through_an_assignment():
    w, v = tf.Variable(2.0), tf.Variable(1.0)
    m = w * w
    v.assign(m)
    answer = tf.explain(v * v * w, w).counterfactual()
    assert float(answer.actual) == 16.0
    assert float(answer.gradient) == 16.0 + 2 * 4.0 * 2.0 * 2 * 2.0


def test_inner_cuts_may_be_named():
    x = tf.symbols("x")
    inner = tf.stop_gradient(x)
    outer = tf.stop_gradient(x * inner)
    connection = tf.explain(x * outer, x)
    assert connection.blocked == ((outer.node, Reason.STOP_GRADIENT),)
    both = connection.counterfactual([(outer.node, Reason.STOP_GRADIENT), (inner.node, Reason.STOP_GRADIENT)])
    assert str(both.gradient.formula()) == "3*x**2"
    assert connection.counterfactual([(inner.node, Reason.STOP_GRADIENT)]).redundant is True


def test_a_gradient_without_elements():
    x = tf.placeholder("x", (0,))
    assert tf.explain(tf.reduce_sum(tf.stop_gradient(x) * x), x).counterfactual().redundant is True


def test_both_absent():
    x, y = tf.symbols("x y")
    answer = tf.explain(tf.stop_gradient(tf.floor(x)) * y, x).counterfactual()
    assert (answer.gradient, answer.actual, answer.redundant) == (None, None, True)
    assert answer.difference.formula() == 0


@pytest.mark.parametrize(
    ("cuts", "message"),
    [
        (lambda t: [(t["floor"], Reason.NOT_DIFFERENTIABLE)], "can't be lifted: f \\(floor_"),
        (lambda t: [(t["floor"], Reason.STOP_GRADIENT)], "does not block for the reason"),
        (lambda t: [(t["sin"], Reason.STOP_GRADIENT)], "its reasons are none"),
        (lambda t: [t["floor"]], "a cut is a pair of the key of a node behind the target and a Reason"),
        (lambda t: [(10**9, Reason.STOP_GRADIENT)], "take those of connection.blocked"),
        (lambda t: None, "nothing that blocks the gradient by x can be lifted: f \\(floor_"),
    ],
)
def test_cuts_that_are_none_or_stay(cuts, message):
    x = tf.symbols("x")
    keys = {"sin": (s := tf.sin(x)).node, "floor": (f := tf.floor(s)).node}
    connection = tf.explain(f * 2.0 + s, x)
    with pytest.raises(ValueError, match=message):
        connection.counterfactual(cuts(keys))


def test_nothing_blocks():
    x = tf.symbols("x")
    with pytest.raises(ValueError, match="nothing blocks it"):
        tf.explain(x * x, x).counterfactual()


@pytest.mark.parametrize("first", range(0, 60, 10))
def test_lifted_cuts_of_tapes_against_programs_written_anew(first):
    for seed in range(first, first + 10):
        program = Program(seed)
        for target, source in program.pairs():
            connection = program.explain(target, source)
            liftable = [cut for cut in connection.blocked if cut.reason in LIFTABLE]
            between = [n for n in program.nodes if n.key in connection.tensors and n.key > source.key]
            inner = [(n.key, r) for n in between for r in n.reasons]
            if target.kind != "f" or source.kind != "f" or not liftable:
                continue
            for cuts in (None, liftable[:1], [*inner[:2], *liftable]):
                answer = connection.counterfactual(cuts)
                found = 0.0 if answer.gradient is None else answer.gradient.numpy()
                expected = program.gradient_without(target, source, set(liftable if cuts is None else cuts))
                actual = program.gradient_without(target, source, set())
                said = f"seed {seed}: {target.key} by {source.key}, {cuts}"
                np.testing.assert_allclose(found + 0 * expected, expected, rtol=1e-12, atol=1e-12, err_msg=said)
                difference = answer.difference.numpy()
                np.testing.assert_allclose(difference, expected - actual, rtol=1e-12, atol=1e-12, err_msg=said)


def test_what_was_assigned_and_named_nowhere():
    w, target = tf.Variable([1.0, 2.0, 3.0]), tf.Variable([0.0, 1.0, 0.0], trainable=False)

    def lift(y):
        return tf.explain(y, w).counterfactual().gradient.numpy()

    target.assign(0.75 * target + 0.25 * w)
    y = tf.reduce_sum(target * target * w)
    t, u = target.numpy(), w.numpy()
    np.testing.assert_allclose(lift(y), t * t + 0.5 * t * u)
    target[1].assign(w[0] * w[2])
    np.testing.assert_allclose(lift(tf.reduce_sum(target * target)), [2 * 3.0 * 3.0, 0.0, 2 * 3.0 * 1.0])
    free_own_garbage()
    with pytest.raises(ValueError, match=r"target at .* can't be lifted: the tensor that was assigned is gone"):
        lift(y)
