"""What draws DOT text: the first that succeeds, and what is said where none does."""

import re
import sys

import pytest

import tracer as tf
from tracer.draw import renderers


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


STARTS = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}


@pytest.mark.parametrize("renderer", [r for r in renderers.RENDERERS if r.present()], ids=lambda r: r.name)
def test_every_renderer_draws_its_formats(renderer, regression):
    source = tf.to_graphviz(regression[0], view="both").source
    for format in renderer.formats:
        assert renderer.draw(source, format).startswith(STARTS[format])
