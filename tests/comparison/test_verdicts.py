"""Verdicts on pairs of which it is known whether they are the same: a table."""

import functools
import math

import numpy as np
import pytest
import sympy

import tracer as tf
from tracer import Verdict

n, m = sympy.symbols("n m")
X, w, y = sympy.MatrixSymbol("X", n, m), sympy.MatrixSymbol("w", m, 1), sympy.MatrixSymbol("y", n, 1)
t = sympy.Symbol("t")


def squares(X, w, y):
    return tf.reduce_sum((X @ w - y) ** 2)


def layer_norm(x, epsilon=0.01):
    c = x - tf.reduce_mean(x)
    return c / tf.sqrt(tf.reduce_mean(c * c) + epsilon)


def layer_norm_backward(x, g, forgotten=1.0):
    c = x - tf.reduce_mean(x)
    s = tf.sqrt(tf.reduce_mean(c * c) + 0.01)
    h = c / s
    return (g - tf.reduce_mean(g) - forgotten * h * tf.reduce_mean(g * h)) / s


def gradient(f, k=0):
    @functools.wraps(f)
    def of(*args):
        return tf.gradients(f(*args), [args[k]])[0]

    return of


VECTOR, MATRIX, SQUARE = ("n",), ("n", "m"), ("n", "n")

SAME = [
    (lambda x: (x + 1.0) ** 2, "x**2 + 2*x + 1", [()]),
    (lambda x: tf.sigmoid(x), "1/(1 + exp(-x))", [()]),
    (gradient(lambda x: tf.reduce_sum(x * x)), "2*x", [VECTOR]),
    (gradient(squares, 1), 2 * X.T * (X * w - y), [MATRIX, ("m",), VECTOR]),
    (lambda x: x * tf.stop_gradient(x), np.square, [()]),
    (tf.nn.log_softmax, "x - logsumexp(x)", [VECTOR]),
    (lambda A, B: tf.linalg.trace(A @ B), "trace(B @ A)", [MATRIX, ("m", "n")]),
    (gradient(lambda x, g: tf.reduce_sum(g * layer_norm(x))), layer_norm_backward, [VECTOR, VECTOR]),
    (tf.linalg.det, sympy.Determinant(sympy.MatrixSymbol("A", 3, 3)), [(3, 3)]),
]

DIFFERENT = [
    (tf.abs, "x", [()]),
    (lambda x: x, "where(x > 1000, x + 1, x)", [()]),
    (lambda x: x, "where(x == 3, 4, x)", [()]),
    (lambda x: x, "where(2*x + 1 > 777, x + 1, x)", [()]),
    (gradient(tf.maximum), "where(x > y, 1.0, 0.0)", [(), ()]),
    (lambda x: tf.sign(x) ** 2, "1 + 0*x", [()]),
    (lambda x: x * 3.0, lambda x: x * (3.0 * (1.0 + 1e-9)), [()]),
    (tf.reduce_mean, "sum(x)", [VECTOR]),
    (lambda A, x: A @ x, "A.T @ x", [SQUARE, VECTOR]),
    (gradient(squares, 1), 2 * X.T * (X * w + y), [MATRIX, ("m",), VECTOR]),
    (
        gradient(lambda x, g: tf.reduce_sum(g * layer_norm(x))),
        lambda x, g: layer_norm_backward(x, g, 0.0),
        [VECTOR] * 2,
    ),
    (lambda x: tf.sin(x), t - t**3 / 6 + t**5 / 120, [()]),
    (lambda x: x if x > 0 else -x + 1, "abs(x)", [()]),
    (math.sin, "sin(x)*1.0000001", [()]),
    (lambda x: tf.sqrt(x * x), "x", [()]),
    (lambda x, y: x + y, "x + y + where((x > 3) & (y < -2), 1, 0)", [(), ()]),
    (lambda x, y: x + y, "x + y + where((x > 30) & (y < -20), 1, 0)", [(), ()]),
]


@pytest.mark.parametrize(("f", "g", "inputs"), SAME)
def test_what_is_the_same_is_proved(f, g, inputs):
    answer = tf.compare(f, g, *inputs)
    assert answer.verdict is Verdict.PROVED, str(answer)
    assert answer.counterexample is None
    assert str(answer).startswith("Proved: ")


@pytest.mark.parametrize(("f", "g", "inputs"), DIFFERENT)
def test_what_differs_is_refuted_at_a_small_point(f, g, inputs):
    answer = tf.compare(f, g, *inputs)
    assert answer.verdict is Verdict.REFUTED, str(answer)
    assert all(v.size <= 9 and np.all(np.abs(v) <= 1100) for v in answer.counterexample.values())
    first, second = answer.values
    assert any(np.any(a != b) for a, b in zip(first, second, strict=True)) or str(answer).endswith("differ.")
    assert str(answer).startswith("Refuted: at ")


def test_a_function_that_cannot_be_traced_is_compared_at_points():
    answer = tf.compare(math.sin, "sin(x)", ())
    assert answer.verdict is Verdict.UNDECIDED
    assert answer.points > 20
    assert answer.digits > 12
    assert "can't be traced" in str(answer)


def test_who_means_the_number_pi_is_told_how_to_write_it():
    answer = tf.compare("acos(x)", "pi/2 - asin(x)")
    assert str(answer).endswith("; pi is the name of a parameter, and the number is acos(-1).")
    assert tf.compare("acos(x)", "acos(-1)/2 - asin(x)").verdict is Verdict.PROVED
    assert "acos(-1)" not in str(tf.compare(lambda pi: pi, lambda pi: 2 * pi, ()))


def test_functions_without_a_common_point_are_undecided():
    answer = tf.compare("log(x)", "log(-x)", ())
    assert (answer.verdict, answer.points) == (Verdict.UNDECIDED, 0)
    assert str(answer) == "Undecided: no point was found at which both are finite."


def test_an_array_is_one_of_the_points():
    odd = np.array([1.25, 17.5])
    answer = tf.compare(lambda x: x, lambda x: tf.where(tf.reduce_all(tf.equal(x, odd)), 0 * x, x), odd)
    assert answer.verdict is Verdict.REFUTED
    np.testing.assert_array_equal(answer.counterexample["x"], odd)


def test_what_is_no_program_is_refused():
    with pytest.raises(TypeError, match="compare takes functions, texts, sympy expressions and tensors, got 3"):
        tf.compare(3, "x", ())
    with pytest.raises(ValueError, match="1 inputs are given for 2 parameters"):
        tf.compare("x + y", "y + x", ())
    with pytest.raises(ValueError, match="the text has the name 'z', the parameters are x, y"):
        tf.compare(lambda x, y: x, "x + z", (), ())
    with pytest.raises(TypeError, match="an input is a shape, an array, a placeholder or a hypothesis strategy"):
        tf.compare("x", "x", object())


@pytest.mark.parametrize("shape", [(0,), (0, 3), (0, 0)])
def test_arrays_of_no_elements_are_a_point(shape):
    for other, verdict in (("sum(x)/2", Verdict.PROVED), ("sum(x) + 1", Verdict.REFUTED)):
        assert tf.compare("sum(x)", other, np.zeros(shape)).verdict is verdict
