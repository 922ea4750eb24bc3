"""DOT text: any name is only a name in it."""

import re
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
