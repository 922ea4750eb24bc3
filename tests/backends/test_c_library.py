"""Libraries of C sources, made by the system's compiler."""

import math

import pytest

import tracer
from tracer.backends.c_library import build, choose_level, find_compiler, write_comment

from .looping import LOOPING


def test_a_compiler_that_is_none_is_named(monkeypatch):
    monkeypatch.setenv("CC", "/nowhere/cc")
    with pytest.raises(RuntimeError, match="CC is '/nowhere/cc', which is no command"):
        find_compiler()


@pytest.mark.skipif("c" not in LOOPING, reason="no C compiler")
def test_a_library_is_made():
    assert build("int seven(void) { return 7; }").seven() == 7
    with pytest.raises(RuntimeError, match="refuses the source"):
        build("int seven(")


def test_a_comment_ends_where_it_should():
    assert write_comment("a */ b\nc") == "/* a * / b\n   c */"


@pytest.mark.unchecked
@pytest.mark.skipif("c" not in LOOPING, reason="no C compiler")
def test_thousands_of_terms_are_compiled_without_optimising_them():
    """Compilers take time for the square of the lines otherwise: minutes for these."""
    x = tracer.symbols("x")
    total = tracer.add_n([tracer.sin(x * (k + 0.5)) for k in range(3000)])
    function = tracer.compile([total, tracer.gradients(total, x)[0]], [x], backend="c")
    assert choose_level(function.source) == "-O0"
    assert choose_level("return x;\n") == "-O2"
    assert function(0.3)[0] == pytest.approx(sum(math.sin(0.3 * (k + 0.5)) for k in range(3000)), rel=1e-9)
