"""Which nodes a picture shows, and in which roles."""

import re

import pytest

import tracer as tf
from tracer.draw.picture import picture_of


def roles(tensors, gradients=None, view="forward"):
    """The role of each node by its name."""
    return {n.name: n.role for n in picture_of(tensors, gradients, view, 100).nodes}


def test_stop_gradient_and_what_lies_behind_it_look_different():
    a, b = tf.symbols("a b")
    assert roles(a * tf.stop_gradient(a * b)) == {
        "a": "source", "b": "unconnected", "v1": "operation", "v2": "stop", "v3": "result"
    }  # fmt: skip
    source = tf.to_graphviz(a * tf.stop_gradient(b)).source
    assert source.count("octagon") == 1
    assert source.count("dashed") == len(["the border of b", "its swatch in the legend", "the edge into stop_gradient"])


@pytest.mark.parametrize("cut", [tf.floor, lambda x: tf.cast(x > 0, "float64"), lambda x: tf.cast(x, "int64")])
def test_a_source_behind_an_operation_without_gradient_is_not_connected(cut):
    x = tf.symbols("x")
    assert roles(cut(x))["x"] == "unconnected"
    assert roles(cut(x) * x)["x"] == "source"


def test_a_source_without_gradient_is_drawn_though_the_target_does_not_use_it():
    x, unused = tf.symbols("x unused")
    shown = roles(x * x, {x: tf.gradients(x * x, x)[0], unused: None}, "both")
    assert shown["unused"] == "unconnected"
    assert shown["x"] == "source"


def test_views_divide_the_graph(regression):
    loss, w, gradient = regression
    forward, backward = roles(loss, {w: gradient}), roles(loss, {w: gradient}, "backward")
    both = roles(loss, {w: gradient}, "both")
    assert not {"backward", "gradient"} & set(forward.values())
    assert set(backward.values()) == {"source", "operation", "backward", "gradient"}
    assert [n for n, role in both.items() if role == "gradient"] == ["v6"]
    assert len(both) == len(forward) + 2


def test_gradients_are_derived_where_none_are_given(regression):
    loss, _, _ = regression
    shown = picture_of(loss, None, "both", 100)
    assert sorted(name for n in shown.nodes for name in n.gradient_of) == ["X", "w", "y"]


def test_a_gradient_that_is_a_node_of_the_computation_keeps_its_look():
    x, y = tf.symbols("x y")
    product = x * y
    shown = picture_of(product, dict(zip((x, y), tf.gradients(product, [x, y]), strict=True)), "both", 100)
    assert {n.name: (n.role, n.gradient_of) for n in shown.nodes} == {
        "x": ("source", ("y",)), "y": ("source", ("x",)), "v1": ("result", ())
    }  # fmt: skip


def test_drawing_a_variable_is_no_reading_of_it():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        tf.to_graphviz(x)
        assert tape.watched_variables() == ()


@pytest.mark.parametrize(
    ("depth", "expected"),
    [
        (0, {"X": "", "W": "", "b": "", "layer": "3 operations"}),
        (1, {"X": "", "W": "", "b": "", "<dense>": "2 operations", "v3": "tanh"}),
        (2, {"X": "", "W": "", "b": "", "v1": "matmul", "v2": "add", "v3": "tanh"}),
        (None, {"X": "", "W": "", "b": "", "v1": "matmul", "v2": "add", "v3": "tanh"}),
    ],
)
def test_scopes_are_collapsed_from_a_depth_on(scoped, depth, expected):
    shown = picture_of(scoped, depth=depth)
    assert {
        n.name: re.split(" ?\N{MIDDLE DOT}|^[nmk\N{MULTIPLICATION SIGN}]*$", n.note)[0] for n in shown.nodes
    } == expected
    ids = {n.id for n in shown.nodes}
    assert {i for e in shown.edges for i in (e.tail, e.head)} == ids


def test_collapsed_scopes_count_once_for_the_size_of_a_picture():
    x = tf.symbols("x")
    with tf.name_scope("deep"):
        for _ in range(1000):
            x = tf.sin(x)
    assert len(picture_of(x, depth=0).nodes) == 2


def test_edges_between_collapsed_scopes_are_merged():
    x = tf.symbols("x")
    with tf.name_scope("a"):
        y, z = tf.sin(x), tf.cos(x)
    with tf.name_scope("b"):
        out = y * z + y * y
    assert len(picture_of(out, depth=0).edges) == 2
    assert len(picture_of(x * x).edges) == 2


@pytest.mark.unchecked
def test_a_graph_too_large_for_a_picture_says_so():
    x = tf.symbols("x")
    y = x
    for _ in range(100_000):
        y = tf.sin(y)
    with pytest.raises(ValueError, match="100001 nodes, a picture has at most 400"):
        tf.to_graphviz(y)


@pytest.mark.unchecked
def test_a_long_chain_is_drawn_where_it_is_asked_for():
    y = tf.symbols("x")
    for _ in range(3000):
        y = tf.sin(y)
    assert tf.to_graphviz(y, view="both", max_nodes=10_000).source.count("->") > 6000


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"view": "sideways"}, ValueError, "'sideways'; it must be one of 'forward', 'backward', 'both'"),
        ({"gradients": 3}, TypeError, "the gradients hold 3"),
        ({"depth": -1}, ValueError, "the depth is -1; it must be None"),
        ({"tensors": []}, ValueError, "nothing to draw"),
        ({"tensors": [1.0]}, TypeError, "a picture is of tensors, got 1.0"),
    ],
)
def test_wrong_calls_say_what_to_do(arguments, error, message):
    with pytest.raises(error, match=message):
        tf.to_graphviz(**{"tensors": tf.symbols("x"), **arguments})


def test_the_first_node_that_is_not_finite_is_marked():
    x = tf.symbols("x")
    logarithm = tf.math.log(x)
    y = tf.tanh(2.0 * logarithm)
    source = tf.to_graphviz(y, explain=tf.diagnose(y, {x: -1.0})).source
    assert "NaN, needs x &gt; 0" in source
    assert source.count("the first that is not finite") == 1
    assert "not finite from there on" in source
    shown = picture_of(y, explain=tf.diagnose(y, {x: -1.0}))
    assert [n.role for n in shown.nodes] == ["source", "failure", "operation", "result"]
    assert [e.role for e in shown.edges] == ["value", "poisoned", "poisoned"]
    plain = tf.to_graphviz(y, explain=tf.diagnose(y, {x: 1.0})).source
    assert plain == tf.to_graphviz(y).source


def test_a_gradient_that_is_not_finite_is_marked_in_the_reverse_pass():
    x = tf.symbols("x")
    root = tf.sqrt(x)
    gradient = tf.gradients(root, [x])[0]
    diagnosis = tf.diagnose(gradient, {x: 0.0})
    shown = picture_of(root, {x: gradient}, "both", explain=diagnosis)
    assert [(n.role, n.cut) for n in shown.nodes if n.cut] == [("failure", "infinite, needs x > 0")]
    with pytest.raises(TypeError, match="is no Connection and no Diagnosis"):
        picture_of(root, explain=[diagnosis, 3])
