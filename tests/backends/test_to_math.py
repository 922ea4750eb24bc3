"""The math backend: Python's floats, and a function of NumPy's where Python's raise."""

import math

import numpy as np
import pytest

import tracer
from tracer.backends.to_math import MATH
from tracer.program.program import Program


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda x, y: tracer.sin(x) + y**2, "return math.sin(x) + y * y"),
        (lambda x, y: tracer.where(x > y, x, y), "return x if x > y else y"),
        (lambda x, y: tracer.maximum(x, y) * tracer.sign(x), "return max(x, y) * float((x > 0) - (x < 0))"),
        (lambda x, y: tracer.cast(x > 0, "float64") * y, "return float(x > 0) * y"),
        (lambda x, y: tracer.add_n([x, y, x]), "return 2 * x + y"),
        (lambda x, y: tracer.sqrt(x) / y, "return math.sqrt(x) / y"),
    ],
)
def test_sources(build, text):
    x, y = tracer.symbols("x y")
    assert tracer.compile(build(x, y), [x, y], backend="math").source.splitlines()[-1].strip() == text


def test_arrays_within_a_program_of_scalars_are_left_to_numpy():
    """A function over floats is tried only where everything is one."""
    x, y = tracer.symbols("x y")
    value = tracer.reduce_sum(tracer.exp(tracer.stack([x, y])))
    assert MATH.lacks(Program([value], [x, y])) == "stack is an array"
    assert tracer.compile(value, [x, y])(0.0, 1.0) == pytest.approx(1 + math.e)
    with pytest.raises(ValueError, match="the backend 'math' is for programs of scalars, and stack is an array"):
        tracer.compile(value, [x, y], backend="math")


def test_what_python_refuses_is_numpys():
    x = tracer.symbols("x")
    f = tracer.compile(tracer.log(x), [x], backend="math")
    assert f(0.0) == -np.inf
    assert "np" not in f.source
