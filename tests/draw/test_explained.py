"""Pictures of explanations: the way of a gradient is lit, each kind of cut is red and named, what is lost says so."""

import pytest

import tracer as tf
from tracer.draw.picture import picture_of


def early(x, tape):
    z = x * x
    with tape:
        return 3.0 * z


def late(x, tape):
    with tape:
        z = 2.0 * x
    return z + 1.0


def paused(x, tape):
    with tape:
        with tape.stop_recording():
            z = x * x
        return z + 1.0


def reset(x, tape):
    with tape:
        z = x * x
        tape.reset()
        return z + 1.0


def assigned(x, tape):
    state = tf.Variable(0.0)
    with tape:
        state.assign(x * 2.0)
        return state * state


def stopped(x, tape):
    with tape:
        return tf.stop_gradient(x * x) * 2.0


def constant(x, tape):
    with tape, tf.no_gradient():
        z = x * x
    return z


def rounded(x, tape):
    with tape:
        return tf.round(x) * 2.0


CUTS = {
    early: "before the tape",
    late: "after the tape",
    paused: "under stop_recording",
    reset: "before the reset",
    assigned: "assigned",
    stopped: "stop_gradient",
    constant: "no_gradient",
    rounded: "not differentiable",
}


@pytest.mark.parametrize("program", CUTS, ids=lambda p: p.__name__)
def test_a_cut_is_red_and_named_and_the_ways_to_it_are_told_apart(program):
    x = tf.Variable(3.0)
    tape = tf.GradientTape(persistent=True)
    y = program(x, tape)
    connection = tape.explain(y, x)
    shown = picture_of(y, explain=connection)
    (cut,) = [n for n in shown.nodes if n.role == "cut"]
    assert CUTS[program] in cut.cut
    (source,) = [n for n in shown.nodes if n.name == "x"]
    assert (source.role, source.cut) == ("unconnected", "")
    after = {n.id for n in shown.nodes if int(n.id[1:]) >= int(cut.id[1:])}
    edges = [e for e in shown.edges if e.role in ("lit", "dark")]
    assert edges
    assert all((e.role == "lit") == (e.tail in after) for e in edges)
    text = tf.to_graphviz(y, explain=connection).source
    assert f"<B>{CUTS[program]}" in text
    assert "it is lost" in text
    assert ">cut  <" in text
    assert (" a gradient flows back" in text) == any(e.role == "lit" for e in edges)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: tf.Variable(3, dtype="int64", name="x"), "int64"),
        (lambda: tf.Variable(3.0, trainable=False, name="x"), "not watched"),
        (lambda: tf.constant(3.0, name="x"), "not watched"),
    ],
)
def test_a_source_may_be_the_cut(make, words):
    x = make()
    with tf.GradientTape() as tape:
        y = tf.cast(x, "float64") * 2.0
    (cut,) = [n for n in picture_of(y, explain=tape.explain(y, x)).nodes if n.role == "cut"]
    assert (cut.name, cut.cut) == ("x", words)


def test_a_source_that_leads_nowhere_stands_apart_and_says_so():
    x, w = tf.Variable(3.0), tf.Variable(1.0)
    y = w * w
    for shown in (picture_of(y, explain=tf.explain(y, x)), picture_of(y, {x: None})):
        (source,) = [n for n in shown.nodes if n.name == "x"]
        assert (source.role, source.cut) == ("unconnected", "no path to the target")
        assert source.id not in {end for e in shown.edges for end in (e.tail, e.head)}
    assert "no path to the target" in tf.to_graphviz(y, explain=tf.explain(y, x)).source


def test_a_collapsed_scope_names_the_cuts_in_it():
    x = tf.Variable(3.0)
    with tf.name_scope("layer"):
        z = tf.stop_gradient(x * x) + tf.round(x)
    y = z * 2.0
    shown = picture_of(y, explain=tf.explain(y, x), depth=0)
    (group,) = [n for n in shown.nodes if n.name == "layer"]
    assert (group.role, group.cut, group.note) == ("cut", "stop_gradient, not differentiable", "4 operations")


def test_of_a_connected_source_the_open_way_is_lit_and_the_cut_one_up_to_the_cut():
    v = tf.Variable(3.0)
    y = tf.sin(v) * tf.stop_gradient(v)
    v.assign(1.0)
    shown = picture_of(y, explain=tf.explain(y, v))
    names = {n.id: n.name for n in shown.nodes}
    assert [names[e.tail] for e in shown.edges if e.role == "lit"] == ["v", "v1", "v2"]
    assert [names[e.tail] for e in shown.edges if e.role == "dark"] == ["v"]
    assert [n.cut for n in shown.nodes if n.role == "cut"] == ["stop_gradient"]
    assert len(shown.nodes) == 4
