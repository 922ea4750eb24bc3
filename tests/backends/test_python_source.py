"""The Python writer: what a source imports, and the names in it."""

import math

import numpy as np
import pytest
import sympy

import tracer
from tests.ops.cases import CONSTANT, DIFFERENTIABLE
from tests.ops.samples import SAMPLES
from tracer.backends.compilation import BACKENDS
from tracer.backends.python_source import PythonBackend
from tracer.backends.python_templates import NumberTemplates
from tracer.program.lines import Kind


@pytest.fixture
def halves(monkeypatch):
    """A backend whose functions are those of a module of Python's that no table names."""
    functions = {sympy.sin: lambda e, x: e.cmath.sin(x).real, sympy.erf: lambda e, x: e.softplus(x)}
    made = PythonBackend("halves", NumberTemplates(functions, dict), {Kind.ADD: lambda e, line, *x: x[0]}, arrays=False)
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


def list_programs():
    """Calls of all rows, with arrays that they are called with."""
    for name, sample in SAMPLES.items():
        yield name, sample.build, [np.array(a) for a in sample.draw(0)]
    for case in (*DIFFERENTIABLE, *CONSTANT):
        yield case.name, case.ours, [np.random.default_rng(0).normal(size=shape) for shape in case.shapes]


@pytest.mark.unchecked
def test_a_result_is_no_argument_nor_a_view_of_one():
    """Whoever writes into a result changes nothing else."""
    for name, build, arrays in list_programs():
        sources = [tracer.placeholder(f"a{k}", a.shape, a.dtype.name) for k, a in enumerate(arrays)]
        y = build(*sources)
        both = tracer.compile([y, y], sources)(*arrays)
        for result in map(np.asarray, both):
            assert result.flags.writeable or not result.ndim, name
            assert not any(np.shares_memory(result, a) for a in arrays), name
        assert not np.shares_memory(*both) or not y.shape, name


@pytest.mark.parametrize(
    ("program", "code"),
    [
        (lambda x, y: tracer.gradients(tracer.reduce_sum(x * y), x)[0], "return y.copy()"),
        (lambda x, y: tracer.transpose(x), "return x.T.copy()"),
        (lambda x, y: tracer.gradients(tracer.reduce_sum(x), x)[0], "return np.full_like(x, 1.0, dtype=float)"),
        (lambda x, y: tracer.transpose(x * y), "return (x * y).T"),
        (lambda x, y: tracer.transpose(x)[1:], "return x.T[1:].copy()"),
    ],
)
def test_what_would_be_shared_is_copied(program, code):
    x, y = tracer.placeholder("x", ("n", "m")), tracer.placeholder("y", ("n", "m"))
    assert tracer.compile(program(x, y), [x, y]).source.rstrip().endswith(code)
