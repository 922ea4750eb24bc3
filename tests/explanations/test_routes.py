"""The ways of a connection: each step is one of the graph; ways lead from a target to a cut, and on to the source."""

import numpy as np
import pytest

import tracer as tf
from tracer import Reason
from tracer.explanations.routes import MOST, find_routes, mark_diagnosis


def sources():
    return tf.placeholder("x", ("n",)), tf.placeholder("y", ("n",))


def untaped(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        with tape.stop_recording():
            inner = tf.exp(x)
        out = 2.0 * inner + 1.0
    return tf.explain(out, x, tape)


PROGRAMS = {
    "stopped": lambda x, y: tf.sin(tf.stop_gradient(tf.exp(x)) * y),
    "two cuts": lambda x, y: tf.floor(x) * y + tf.cos(tf.stop_gradient(2.0 * x)),
    "one behind the other": lambda x, y: tf.exp(tf.stop_gradient(tf.sin(tf.stop_gradient(x * y)))),
    "of one tensor": lambda x, y: tf.floor(x) * tf.floor(x),
    "beside what does not lead there": lambda x, y: tf.stop_gradient(y * x) + tf.exp(y),
    "many": lambda x, y: tf.add_n([tf.stop_gradient(x * float(k)) for k in range(MOST + 3)]),
    "comparison": lambda x, y: tf.where(tf.exp(x) > 0, y, 2.0 * y),
}


def edges(routes):
    """The steps of the graph between the tensors that are shown."""
    return {(a.node, t.node) for t in routes.tensors.values() for a in t.args if type(a) is tf.Tensor}


def reached(start, steps):
    """What the steps lead to; the start is among it."""
    found, todo = {start}, [start]
    while todo:
        key = todo.pop()
        todo += [b for a, b in steps if a == key and b not in found]
        found.update(b for a, b in steps if a == key)
    return found


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_cut_is_lit_up_to_the_target_and_dark_down_to_the_source(name):
    x, y = sources()
    target = PROGRAMS[name](x, y)
    connection = tf.explain(target, x)
    routes = find_routes(connection)
    assert not connection.connected
    assert routes.cuts.keys() == {c.node for c in connection.blocked[:MOST]}
    assert routes.lit | routes.dark <= edges(routes)
    assert not routes.lit & routes.dark
    assert routes.tensors.keys() == {k for step in routes.lit | routes.dark for k in step} | routes.cuts.keys()
    upwards = {(b, a) for a, b in routes.lit | routes.dark}
    for cut in routes.cuts:
        assert target.node in reached(cut, routes.lit)
        assert x.node in reached(cut, upwards)
    # A gradient flows down to a cut and not beyond it.
    assert not any(b in routes.cuts and b != target.node for _, b in routes.lit)
    assert (routes.failures, routes.poisoned) == ({}, frozenset())


def test_a_connected_source_has_its_open_way_and_one_to_each_cut():
    x, y = sources()
    stopped = tf.stop_gradient(x * y)
    target = tf.exp(tf.sin(x)) + stopped
    connection = tf.explain(target, x)
    routes = find_routes(connection)
    assert routes.lit == {*zip(connection.path, connection.path[1:]), (stopped.node, target.node)}
    product = stopped.args[0].node
    assert routes.dark == {(x.node, product), (product, stopped.node)}
    assert (routes.cuts, routes.lost) == ({stopped.node: "stop_gradient"}, {})


def test_what_a_tape_did_not_record_is_a_cut_with_its_words():
    x, _ = sources()
    connection = untaped(x)
    (cut,) = connection.blocked
    assert cut.reason is Reason.NOT_RECORDED
    routes = find_routes(connection)
    assert list(routes.cuts) == [cut.node]
    assert len(routes.lit) == 2
    assert routes.dark == {(x.node, cut.node)}


def test_a_node_that_blocks_for_two_reasons_says_both_once():
    x, _ = sources()
    with tf.GradientTape() as tape:
        tape.watch(x)
        with tape.stop_recording():
            inner = tf.stop_gradient(x)
        out = 2.0 * inner
    routes = find_routes(tf.explain(out, x, tape))
    words = routes.cuts[inner.node].split(", ")
    assert "stop_gradient" in words
    assert len(words) == len(set(words)) == 2


def test_a_diagnosis_marks_the_first_failure_and_the_way_from_it():
    x, _ = sources()
    log = tf.math.log(x)
    out = tf.reduce_sum(3.0 * log)
    routes = mark_diagnosis(tf.diagnose(out, {x: np.array([-1.0, 2.0])}))
    assert list(routes.failures) == [log.node]
    assert "x" in routes.failures[log.node]
    assert {a for a, _ in routes.poisoned} == {log.node, out.args[0].node}
    assert reached(log.node, routes.poisoned) >= {out.node}
    assert (routes.lit, routes.dark, routes.cuts) == (frozenset(), frozenset(), {})


def test_a_finite_value_has_no_failure():
    x, _ = sources()
    assert mark_diagnosis(tf.diagnose(tf.exp(x), {x: np.ones(2)})).failures == {}
