"""The Python writer: what a source imports, and the names in it."""

import math

import pytest
import sympy

import tracer
from tracer.backends.compilation import BACKENDS
from tracer.backends.python_source import PythonBackend
from tracer.backends.to_math import MathTemplates
from tracer.program.lines import Kind


@pytest.fixture
def halves(monkeypatch):
    """A backend whose functions are those of a module of Python's that no table names."""
    functions = {sympy.sin: lambda e, x: e.cmath.sin(x).real, sympy.erf: lambda e, x: e.softplus(x)}
    made = PythonBackend("halves", MathTemplates(functions, dict), {Kind.ADD: lambda e, line, *x: x[0]}, arrays=False)
    monkeypatch.setitem(BACKENDS, made.name, made)
    return made.name


def test_a_library_is_imported_by_its_name(halves):
    x, y = tracer.symbols("cmath softplus")
    f = tracer.compile(tracer.sin(x) * tracer.erf(y), [x, y], backend=halves)
    assert f.source.startswith("import cmath\n")
    assert f.source.endswith("    return cmath.sin(cmath_2).real * softplus(softplus_2)\n")
    assert "def softplus(x: float) -> float:" in f.source
    assert f(0.5, 0.25) == pytest.approx(math.sin(0.5) * math.log1p(math.exp(0.25)))
    scope = {}
    exec(f.source, scope)
    assert scope["compiled"](0.5, 0.25) == f(0.5, 0.25)
