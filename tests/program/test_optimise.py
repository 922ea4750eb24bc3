"""What makes programs shorter."""

import numpy as np
import pytest
import sympy

import tracer as tf
from tracer.program.building import Lines
from tracer.program.lines import MINUS, NEGATIVE, OVER, PLUS, TIMES, Kind, Line
from tracer.program.optimise import decide, fold_sums, prune, simplify
from tracer.rules import argument


@pytest.mark.parametrize(
    ("template", "operands", "value"),
    [
        (TIMES, [2.0, 3.0], 6.0), (PLUS, [2.0, 3.0], 5.0), (MINUS, [2.0, 3.0], -1.0), (NEGATIVE, [2], -2),
        (argument(0), ["x"], "x"), (OVER, [1.0, 0.0], None), (TIMES, [2, 3.0], None), (PLUS, [True, 1.0], None),
    ],
)  # fmt: skip
def test_arithmetic_of_floats_is_done_and_no_other(template, operands, value):
    assert simplify(template, operands) == value


def test_what_no_result_needs_is_forgotten():
    lines = Lines()
    x, y = (Line(Kind.ARGUMENT, (), None, (), "float64") for _ in range(2))
    square = lines.elementwise(argument(0) ** 2, [x], "float64")
    lines.elementwise(TIMES, [square, y], "float64")
    result = lines.elementwise(PLUS, [square, square], "float64")
    assert prune(lines.made, [result]) == {result, square, x}
    assert (square.uses, x.uses, y.uses) == (2, 1, 0)


def test_a_number_in_a_sum_within_a_template_is_folded():
    a, b = argument(0), argument(1)
    x = Line(Kind.ARGUMENT, (), None, (), "float64")
    assert fold_sums(b * a ** (b - 1), [x, 0.25]) == (b * a ** argument(2), [x, 0.25, -0.75])
    assert fold_sums(a ** (b - 1), [x, x]) == (a ** (b - 1), [x, x])
    assert fold_sums(a ** (b - 1), [0.25, x]) == (a ** (b - 1), [0.25, x])
    assert fold_sums(a + 1, [0.25]) == (a + 1, [0.25])


@pytest.mark.parametrize(
    ("program", "code"),
    [
        (lambda x, n: tf.gradients(tf.reduce_mean(x**2), x)[0], "2 / n * x"),
        (lambda x, n: -(x / n), "-(x / n)"),
        (lambda x, n: tf.gradients(tf.reduce_mean(x), x)[0] * x, "x / n"),
        (lambda x, n: x + -tf.exp(x), "x - np.exp(x)"),
        (lambda x, n: -tf.exp(x) + x, "x - np.exp(x)"),
        (lambda x, n: x - -tf.exp(x), "x + np.exp(x)"),
        (lambda x, n: tf.gradients(0.5 * tf.reduce_sum(x**2), x)[0] - tf.exp(x), "x - np.exp(x)"),
        (lambda x, n: tf.add_n([tf.exp(x), tf.broadcast_to(tf.reduce_sum(x), (n,))]), "np.exp(x) + np.sum(x)"),
        (lambda x, n: tf.exp(x) ** 0.25 / 0.25, "4 * np.exp(0.25 * x)"),
    ],
)
def test_numbers_and_signs_are_folded(program, code):
    x = tf.placeholder("x", ("n",))
    y = program(x, x.shape[0])
    function = tf.compile(y, [x])
    assert function.source.endswith(f"return {code}\n")
    point = np.array([0.5, -2.0, 3.0])
    np.testing.assert_allclose(function(point), y.eval({x: point}))


def test_a_condition_on_a_number_is_decided():
    x = tf.placeholder("x", ("n",))
    slope = tf.gradients(tf.reduce_sum(x**2.5), x)[0]
    assert "where" not in tf.compile(slope, [x]).source
    k = tf.placeholder("k", ("n",))
    assert "where" in tf.compile(tf.gradients(tf.reduce_sum(x**k), x)[0], [x, k]).source
    a, b = argument(0), argument(1)
    choice = sympy.Piecewise((0, sympy.Eq(a, 0)), (b, b > 1), (a * b, True))
    assert decide(choice, [0, 3.0]) == (0, [])
    assert decide(choice, [2, 3.0]) == (b.xreplace({b: a}), [3.0])


def test_signs_of_operands_are_absorbed():
    x, y = tf.symbols("x y")
    assert tf.compile(tf.exp(-(y - x)) / y, [x, y]).source.endswith("return np.exp(x - y) / y\n")


def test_a_sigmoid_takes_a_sign():
    x, y = tf.placeholder("x", ("n",)), tf.placeholder("y", ("n",))
    source = tf.compile(tf.sigmoid(-(x * y)), [x, y]).source
    assert "1 / (1 + np.exp(x * y))" in source
