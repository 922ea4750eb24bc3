"""What takes more work counts more: sizes, axes, functions, and operations of their own."""

import pytest

import tracer as tf
from tracer.program.effort import SIZE, measure_effort
from tracer.program.program import Program

x, y = tf.placeholder("x", (7,)), tf.placeholder("y", (7,))
A, B = tf.placeholder("A", (7, 5)), tf.placeholder("B", (5, 3))


def effort(tensor, *inputs):
    return measure_effort(Program([tensor], inputs))


@pytest.mark.parametrize(
    ("value", "inputs", "expected"),
    [
        (x + y, (x, y), 7), (x * y + x, (x, y), 14), (tf.reduce_sum(x), (x,), 7), (A @ B, (A, B), 7 * 5 * 3 + 35),
        (x, (x,), 0),
    ],
)  # fmt: skip
def test_operations_are_counted_by_element(value, inputs, expected):
    assert effort(value, *inputs) == expected


def test_a_function_takes_more_than_arithmetic_and_a_row_more_than_a_function():
    square = tf.placeholder("S", (7, 7))
    assert effort(x * y, x, y) < effort(tf.sqrt(x), x) + 7 < effort(x**y, x, y) == effort(tf.exp(x), x)
    assert effort(tf.exp(square), square) < effort(tf.linalg.inv(square), square)


def test_symbolic_sizes_are_taken_for_a_number():
    v = tf.placeholder("v", ("n",))
    assert effort(v + 1, v) == SIZE
    assert effort(tf.concat([v, v], 0) * 2, v) >= 2 * SIZE


def test_an_identity_that_is_written_out_costs_its_elements():
    v = tf.placeholder("v", (70,))
    square = tf.placeholder("S", (70, 70))
    assert effort(square @ tf.linalg.diag(v) + tf.eye(70), square, v) > effort(square * v, square, v)


def test_a_system_for_a_vector_takes_less_than_an_inverse():
    shapes = {"S": (70, 70), "v": (70,), "M": (70, 70)}
    square, one, many = (tf.placeholder(name, shape) for name, shape in shapes.items())
    vector, matrix = (effort(tf.linalg.solve(square, b), square, b) for b in (one, many))
    assert vector < effort(tf.linalg.inv(square), square) < matrix
