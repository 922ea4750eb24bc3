"""Pictures: what they show, that any name is only a name in them, and what draws them."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pygraphviz
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tracer as tf
from tracer.draw import dot, renderers
from tracer.draw.picture import picture_of


def roles(tensors, gradients=None, view="forward"):
    """The role of each node by its name."""
    return {n.name: n.role for n in picture_of(tensors, gradients, view, 100).nodes}


def formulas(tensors, gradients=None, view="forward"):
    return {n.name: n.formula for n in picture_of(tensors, gradients, view, 100).nodes}


@pytest.fixture
def regression():
    X, w, y = tf.placeholder("X", ("n", "m")), tf.placeholder("w", ("m",)), tf.placeholder("y", ("n",))
    loss = tf.reduce_sum((X @ w - y) ** 2)
    return loss, w, tf.gradients(loss, w)[0]


def test_labels_are_formulas_in_the_names_of_the_operands(regression):
    assert formulas(regression[0]) == {
        "X": "", "w": "", "y": "", "v1": "X @ w", "v2": "v1 - y", "v3": "v2**2", "v4": "sum(v3)"
    }  # fmt: skip


def test_a_transposed_product_shows_its_transpose(regression):
    loss, w, gradient = regression
    assert formulas(loss, {w: gradient}, "backward")["v6"] == "X.T @ v5"


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda A, x: tf.transpose(A), "A.T"),
        (lambda A, x: tf.reduce_mean(A, axis=1), "mean(A, axis=1)"),
        (lambda A, x: tf.linalg.trace(A), "trace(A)"),
        (lambda A, x: tf.tensordot(x, A, axes=([0], [1])), "A @ x"),
        (lambda A, x: tf.outer(x, x), "outer(x, x)"),
        (lambda A, x: tf.einsum("i,jk->ki", x, A), "einsum('a,bc->ca', x, A)"),
        (lambda A, x: tf.einsum("i,j->ji", 2 * x, x), "outer(x, v1)"),
        (lambda A, x: tf.einsum("ij,jk->ki", A, A), "A.T @ A.T"),
        (lambda A, x: tf.broadcast_to(x, ("k", "n")), "broadcast(x)"),
        (lambda A, x: tf.where(x > 0, x, 0.5), "where(v1, x, 1/2)"),
        (lambda A, x: x % 2, "mod(x, 2)"),
        (lambda A, x: A[0, 1:], "A[0, 1:]"),
        (lambda A, x: A[:, None, ::-1], "A[:, None, ::-1]"),
        (lambda A, x: tf.reshape(A, (-1,)), "reshape(A, (n**2,))"),
        (lambda A, x: tf.concat([x, x], 0), "concatenate([x, x])"),
        (lambda A, x: tf.linalg.inv(A), "inv(A)"),
        (lambda A, x: tf.linalg.logdet(A), "logdet(A)"),
    ],
)
def test_notation_of_one_operation(build, expected):
    A, x = tf.placeholder("A", ("n", "n")), tf.placeholder("x", ("n",))
    *_, last = picture_of(build(A, x), None, "forward", 100).nodes
    assert last.formula == expected


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


@pytest.fixture
def scoped():
    X, W, b = tf.placeholder("X", ("n", "m")), tf.placeholder("W", ("m", "k")), tf.placeholder("b", ("k",))
    with tf.name_scope("layer"):
        with tf.name_scope("<dense>"):
            affine = X @ W + b
        return tf.tanh(affine)


def test_name_scopes_are_boxes(scoped):
    source = tf.to_graphviz(scoped).source
    assert re.findall("subgraph (cluster_[12]) .*?label=<(.*?)>", source, re.DOTALL) == [
        ("cluster_1", "layer"), ("cluster_2", "&lt;dense&gt;")
    ]  # fmt: skip


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


PROGRAM = """
import tracer as tf
for _ in range({before}):
    tf.sin(tf.Variable(1.0))
X, w = tf.placeholder("X", ("n", "m")), tf.placeholder("w", ("m",))
print(tf.to_graphviz(tf.reduce_sum(tf.tanh(X @ w) * tf.stop_gradient(tf.reduce_sum(w))), view="both").source)
"""


def test_text_depends_on_the_graph_alone():
    def run(seed, before):
        program = PROGRAM.format(before=before)
        command = [sys.executable, "-c", program]
        return subprocess.run(command, env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True).stdout

    first, second = run("1", 0), run("2", 7)
    assert "stop_gradient" in first
    assert first == second


def text_of_svg(svg):
    return "".join(e.text or "" for e in ET.fromstring(svg).iter() if e.tag.endswith("}text"))


names = st.text(max_size=20).filter(lambda s: s.isprintable() and s.strip() == s != "" and "  " not in s)
hostile = st.sampled_from(["<b>x</b>", '"', "\\N", "\\", "<", "&amp;", "]]>", "--></svg>", "x\\", "<>", "\\G\\E"])


@given(names | hostile)
def test_any_name_is_only_a_name(name):
    x = tf.Variable(1.0)
    x.current.label = name
    svg = pygraphviz.AGraph(string=tf.to_graphviz(x * 2.0).source).draw(format="svg", prog="dot")
    assert name in text_of_svg(svg.decode())
    assert svg.count(b'class="node"') == 2


@given(st.text(max_size=30))
def test_escaped_text_is_printable_and_harmless(text):
    shown = dot.escaped(text)
    assert shown.isprintable()
    assert not set('<>"') & set(re.sub("</?FONT>", "", shown))


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


MAGIC = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF", ".dot": b"digraph"}


@pytest.mark.parametrize("extension", MAGIC)
def test_render_writes_the_format_of_the_extension(extension, tmp_path, regression):
    path = tmp_path / f"picture{extension}"
    assert tf.render(regression[0], path, view="both") is path
    assert path.read_bytes().startswith(MAGIC[extension])


@pytest.mark.parametrize("name", ["picture.html", "picture", "picture.gif"])
def test_render_refuses_other_extensions(name, tmp_path):
    with pytest.raises(ValueError, match=r"must end in \.svg, \.png, \.pdf or \.dot"):
        tf.render(tf.symbols("x"), tmp_path / name)
    assert not list(tmp_path.iterdir())


def fail(source, format):
    raise OSError("broken build")


def test_the_next_renderer_is_tried(monkeypatch):
    broken = renderers.Renderer("broken", ("svg",), lambda: True, fail)
    absent = renderers.Renderer("absent", ("svg",), lambda: False, lambda source, format: b"wrong")
    other = renderers.Renderer("other", ("png",), lambda: True, lambda source, format: b"wrong")
    good = renderers.Renderer("good", ("svg",), lambda: True, lambda source, format: b"right")
    monkeypatch.setattr(renderers, "RENDERERS", (broken, absent, other, good))
    assert renderers.picture("digraph {}", "svg") == b"right"
    monkeypatch.setattr(renderers, "RENDERERS", (broken, absent, other))
    with pytest.raises(RuntimeError, match="broken: broken build"):
        renderers.picture("digraph {}", "svg")


@pytest.mark.parametrize(
    ("script", "message"),
    [("sys.exit('no fonts')", " ended with status 1: no fonts$"), ("sys.exit(3)", " ended with status 3$")],
)
def test_a_program_that_fails_is_named_with_what_it_said(script, message):
    with pytest.raises(RuntimeError, match=f"^{re.escape(sys.executable)}{message}"):
        renderers._pipe([sys.executable, "-c", f"import sys; {script}"], "digraph {}")


def test_a_layout_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(renderers, "PATIENCE", 0.001)
    with pytest.raises(RuntimeError, match=r"the layout took longer than 0\.001 s; draw a part of the graph"):
        renderers.picture("digraph {}", "svg")


@pytest.mark.unchecked
def test_the_largest_picture_is_drawn_in_time(tmp_path):
    """Each of 130 operations reads the source, so that there are as many long edges."""
    x = y = tf.symbols("x")
    for _ in range(130):
        y = tf.sin(y) * x
    tf.render(y, tmp_path / "large.svg", max_nodes=400)


def test_without_a_renderer_the_error_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(renderers, "RENDERERS", ())
    with pytest.raises(RuntimeError, match=r"pip install 'symbolic-tracer\[render\]'.* or render into a '\.dot' file"):
        tf.render(tf.symbols("x"), str(tmp_path / "x.png"))
    assert not list(tmp_path.iterdir())


def test_a_drawing_that_fails_leaves_no_file_and_no_part_of_one(monkeypatch, tmp_path):
    x = tf.symbols("x")
    (tmp_path / "taken.dot").mkdir()
    for name in ("taken.dot", "absent/x.dot", "absent/x.svg"):
        with pytest.raises(ValueError, match=r"can't write '.*': .*; name a file in a directory that is there"):
            tf.render(x, tmp_path / name)
    broken = renderers.Renderer("broken", ("svg",), lambda: True, fail)
    monkeypatch.setattr(renderers, "RENDERERS", (broken,))
    with pytest.raises(RuntimeError, match="broken build"):
        tf.render(x, tmp_path / "x.svg")
    with pytest.raises(ValueError, match="the view is 'up'"):
        tf.render(x, tmp_path / "x.dot", view="up")
    assert [p.name for p in tmp_path.iterdir()] == ["taken.dot"]
    assert not list((tmp_path / "taken.dot").iterdir())
    with pytest.raises(TypeError, match=r"render takes a file name, got 3; write for instance render\(y, 'y\.svg'\)"):
        tf.render(x, 3)


def test_a_notebook_shows_the_drawing_and_never_raises(monkeypatch):
    drawing = tf.to_graphviz(tf.symbols("x"))
    assert "<svg" in drawing._repr_mimebundle_()["image/svg+xml"]
    monkeypatch.setattr(renderers, "RENDERERS", ())
    assert drawing._repr_mimebundle_() == {"text/plain": drawing.source}


@pytest.mark.parametrize("renderer", [r for r in renderers.RENDERERS if r.present()], ids=lambda r: r.name)
def test_every_renderer_draws_its_formats(renderer, regression):
    source = tf.to_graphviz(regression[0], view="both").source
    for format in renderer.formats:
        assert renderer.draw(source, format).startswith(MAGIC[f".{format}"])


@pytest.mark.parametrize("name", ["file/y.dot", "a\0.dot", "x" * 300 + ".dot", "missing/y.dot", "folder.dot"])
def test_a_path_that_cannot_be_written_is_refused_and_leaves_nothing(name, tmp_path):
    (tmp_path / "file").write_text("kept")
    (tmp_path / "folder.dot").mkdir()
    with pytest.raises(ValueError, match=r"can't write .*; name a file in a directory that is there"):
        tf.render(tf.symbols("x"), tmp_path / name)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder.dot"]


def test_a_link_to_a_picture_stays_a_link(tmp_path):
    link = tmp_path / "link.dot"
    link.symlink_to(tmp_path / ("y" * 240 + ".dot"))
    tf.render(tf.symbols("x"), link)
    assert link.is_symlink()
    assert link.read_text().startswith("digraph")


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
