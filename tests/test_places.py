"""Places: the file and line that a message names, in a notebook the cell."""

import sys
from types import SimpleNamespace

import pytest

import tracer
from tracer.places import show_line


def place_in(filename):
    scope = {"tracer": tracer}
    exec(compile("\nx = tracer.symbols('x')\ny = tracer.sin(x)", filename, "exec"), scope)
    return scope["y"].place


def shell(filename):
    compiler = SimpleNamespace(format_code_name=lambda name: ("Cell", "In[7]") if name == filename else None)
    return SimpleNamespace(get_ipython=lambda: SimpleNamespace(compile=compiler))


@pytest.mark.parametrize(
    ("ipython", "expected"),
    [
        (None, "demo.py:3"),
        (SimpleNamespace(get_ipython=lambda: None), "demo.py:3"),
        (shell("/else.py"), "demo.py:3"),
        (shell("/tmp/demo.py"), "cell In[7], line 3"),
    ],
)
def test_a_line_is_that_of_a_file_or_of_a_cell(ipython, expected, monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    assert show_line(place_in("/tmp/demo.py")) == expected
    assert show_line(None) == ""
