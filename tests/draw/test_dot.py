"""DOT text: the same for the same graph, and any name is only a name in it."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pygraphviz
from hypothesis import given
from hypothesis import strategies as st

import tracer as tf
from tracer.draw import dot, renderers


def test_name_scopes_are_boxes(scoped):
    source = tf.to_graphviz(scoped).source
    assert re.findall("subgraph (cluster_[12]) .*?label=<(.*?)>", source, re.DOTALL) == [
        ("cluster_1", "layer"), ("cluster_2", "&lt;dense&gt;")
    ]  # fmt: skip


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
    shown = dot.escape(text)
    assert shown.isprintable()
    assert not set('<>"') & set(re.sub("</?FONT>", "", shown))


def test_a_notebook_shows_the_drawing_and_never_raises(monkeypatch):
    drawing = tf.to_graphviz(tf.symbols("x"))
    assert "<svg" in drawing._repr_mimebundle_()["image/svg+xml"]
    monkeypatch.setattr(renderers, "RENDERERS", ())
    assert drawing._repr_mimebundle_() == {"text/plain": drawing.source}
