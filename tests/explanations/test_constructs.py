"""Explanations agree with gradients through control flow, nested tapes, rules of users, assignments and nests.

Each program takes two variables of two elements; `LIFTED` states the gradient of some by the first variable where the
cuts that can be lifted are.
"""

import weakref

import numpy as np
import pytest

import tracer as tf
from tests.helpers import free_own_garbage
from tracer import Reason, nest

LIFTABLE = {Reason.STOP_GRADIENT, Reason.NOT_RECORDED, Reason.NOT_WATCHED}


@tf.custom_gradient
def half_ruled(a, b):
    return a * b, lambda g: (g * b, None)


@tf.custom_gradient
def crossed(a, b):
    return (a * b, a), lambda g, h: (None, g * a)


def from_inner_tape(x, w):
    with tf.GradientTape() as inner:
        inner.watch(x)
        y = x * x * w
    return inner.gradient(y, x)


def behind_an_inner_cut(x, w):
    with tf.GradientTape() as inner:
        inner.watch(w)
        y = tf.stop_gradient(x) * w
    return inner.gradient(y, w) * w


def jacobian(x, w):
    with tf.GradientTape() as inner:
        inner.watch(x)
        y = x * x
    return tf.reduce_sum(inner.jacobian(y, x)) * w


def accumulated(x, w):
    total = tf.Variable([0.0, 0.0])
    total.assign_add(x)
    return total * w


def added_to_itself(x, w):
    w.assign_add(x)
    return w * 2.0


def assigned_in_part(x, w):
    w[0].assign(x[1])
    return w * 1.0


def written_into_an_array(x, w):
    array = tf.TensorArray("float64", 2).write(0, x[0]).write(1, tf.floor(x[1]))
    return array.stack() * w


def loop(cut):
    return lambda x, w: tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, cut(a) * w), (tf.constant(0), x))[1]


PROGRAMS = {
    "cond": lambda x, w: tf.cond(x[0] > 0, lambda: x * w, lambda: w),
    "cond-other": lambda x, w: tf.cond(x[0] > 0, lambda: w * 2.0, lambda: x),
    "case": lambda x, w: tf.case([(x[0] > 5.0, lambda: x * 2.0)], default=lambda: w * 2.0),
    "switch_case": lambda x, w: tf.switch_case(tf.cast(x[0], "int32"), [lambda: x * 2.0, lambda: w, lambda: x * w]),
    "while_loop": loop(tf.identity),
    "while_loop-stop": loop(tf.stop_gradient),
    "vmap": lambda x, w: tf.vmap(lambda a: tf.sin(a) * w)(x),
    "vmap-floor": lambda x, w: tf.vmap(lambda a: tf.floor(a) * w)(x),
    "map_fn-stop": lambda x, w: tf.map_fn(lambda a: tf.stop_gradient(a) * w[0], x),
    "scan": lambda x, w: tf.scan(lambda a, b: a * b, x),
    "scan-stop": lambda x, w: tf.scan(lambda a, b: tf.stop_gradient(a) * b, x, initializer=w[0]),
    "function": lambda x, w: tf.function(lambda a, b: tf.stop_gradient(a) * b)(x, w),
    "half_ruled": half_ruled,
    "crossed": lambda x, w: crossed(x, w)[0],
    "grad_pass_through": lambda x, w: tf.grad_pass_through(tf.round)(x) * w,
    "several": lambda x, w: [x * 1.0, tf.stop_gradient(w), {"a": w[0]}],
    "positions": lambda x, w: tf.gather(x, tf.argsort(w)),
    "where": lambda x, w: tf.where(x > w, x, 0.0),
    "numpy": lambda x, w: np.sin(x) * np.floor(w),
    "value-taken": lambda x, w: w * x.numpy(),
    **{
        f.__name__: f
        for f in (
            from_inner_tape, behind_an_inner_cut, jacobian, accumulated, added_to_itself, assigned_in_part,
            written_into_an_array,
        )
    },
}  # fmt: skip

LIFTED = {
    "map_fn-stop": [3.0, 3.0],
    "function": [3.0, 4.0],
    "accumulated": [3.0, 4.0],
    "added_to_itself": [2.0, 2.0],
    "assigned_in_part": [0.0, 1.0],
    "behind_an_inner_cut": [3.0, 4.0],
}


def variables():
    return tf.Variable([1.0, 2.0]), tf.Variable([3.0, 4.0])


@pytest.mark.parametrize("automatic", [True, False])
@pytest.mark.parametrize("name", PROGRAMS)
def test_connected_is_that_the_gradient_is_not_none(name, automatic):
    x, w = variables()
    sources = {"x": x, "rest": [w, (tf.constant([1.0, 1.0]), tf.Variable([1, 2]))]}
    with tf.GradientTape(persistent=True, watch_accessed_variables=automatic) as tape:
        if not automatic:
            tape.watch(x)
        y = PROGRAMS[name](x, w)
    pairs = [(tape.explain(y, sources), tape.gradient(y, sources)), (tf.explain(y, [x, w]), tf.gradients(y, [x, w]))]
    for connections, gradients in pairs:
        for connection, gradient in zip(nest.flatten(connections), nest.flatten(gradients), strict=True):
            assert connection.connected == (gradient is not None), str(connection)
            assert 0 < len(str(connection)) < 900


@pytest.mark.parametrize("name", LIFTED)
def test_lifted_cuts_in_control_flow_and_assignments(name):
    x, w = variables()
    connection = tf.explain(PROGRAMS[name](x, w), x)
    assert {cut.reason for cut in connection.blocked} <= LIFTABLE
    np.testing.assert_allclose(connection.counterfactual().gradient.numpy(), LIFTED[name], rtol=1e-12)


def explain_a_cut():
    """Weak references to a source and a target that were explained."""
    x, w = variables()
    y = tf.stop_gradient(tf.sin(x)) * w.numpy()
    str(tf.explain(y, [x, w]))
    return [weakref.ref(y), weakref.ref(x.read()), weakref.ref(w.read())]


def test_an_explanation_keeps_nothing_alive_once_it_is_gone():
    references = explain_a_cut()
    free_own_garbage()
    assert [r() for r in references] == [None, None, None]


def test_many_sources_walk_over_the_trace_once(monkeypatch):
    x, _ = variables()
    sources = [tf.Variable([1.0, 1.0]) for _ in range(40)]
    y = tf.add_n([tf.stop_gradient(s) * x for s in sources])
    asked = []
    original = tf.explanations.ways.operands
    monkeypatch.setattr(tf.explanations.ways, "operands", lambda node: asked.append(node) or original(node))
    assert len({c.reason for c in tf.explain(y, sources)}) == 1
    assert len(asked) < 40 * 20
