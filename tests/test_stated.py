"""What is looked at in every test is seen where it is wrong."""

import numpy as np
import pytest

import tracer
from tests.stated import line_faults, misstated
from tracer.program.program import Program

N, M = tracer.placeholder("x", ("n", "m")).shape


@pytest.mark.parametrize(
    ("value", "shape", "dtype", "fault"),
    [
        (np.zeros((2, 3)), (N, M), "float64", ""),
        (np.zeros((2, 3)), (M, N), "float64", "shape (2, 3)"),
        (np.zeros((2, 1)), (N, 3), "float64", "shape (2, 1)"),
        (np.zeros(2), (N, 1), "float64", "shape (2,)"),
        (np.zeros(4), (N + 2,), "float64", ""),
        (np.zeros(4), (N + 1,), "float64", "shape (4,)"),
        (np.zeros(4), (tracer.placeholder("y", ("k",)).shape[0],), "float64", ""),
        (0, (), "float64", "kind i"),
        (np.float32(0), (), "float64", ""),
        (1.0, (), "bool", "kind f"),
    ],
)
def test_what_is_misstated(value, shape, dtype, fault):
    found = misstated(value, shape, dtype, {N: 2, M: 3})
    assert fault in found if fault else not found


@pytest.mark.parametrize(
    ("shape", "dtype", "count"), [((M, N), "float64", 0), ((N, M), "float64", 1), ((M, N), "int64", 1)]
)
def test_a_line_that_is_misstated(shape, dtype, count):
    x = tracer.placeholder("x", ("n", "m"))
    program = Program([tracer.transpose(x) * 2], [x])
    line = program.lines[0]
    line.shape, line.dtype = shape, dtype
    assert len([*line_faults(program, {program.arguments[x.node]: np.zeros((2, 3))}, {N: 2, M: 3})]) == count
