"""Blocks of which one has a number around it."""

import numpy as np
import pytest
import sympy

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.matrix.classes import MatMul, OneMatrix
from tracer.formulas.matrix.filled_blocks import find_padding

A, Z = sympy.MatrixSymbol("A", 2, 3), sympy.ZeroMatrix


def beyond(*shape):
    return MatMul(-sympy.oo, OneMatrix(*shape), evaluate=False)


def test_one_block_among_zeros_or_infinite_ones_is_padded():
    assert find_padding([[Z(2, 1), A, Z(2, 2)]]) == (A, ((0, 0), (1, 2)), 0)
    assert find_padding([[A], [beyond(1, 3)]]) == (A, ((0, 1), (0, 0)), -sympy.oo)


@pytest.mark.parametrize(
    "rows", [[[A, A]], [[Z(2, 1), A], [beyond(1, 1), Z(1, 3)]], [[Z(2, 3)]], [[A, MatMul(2, OneMatrix(2, 1))]]]
)
def test_other_blocks_are_not(rows):
    assert find_padding(rows) is None


X, Y = tf.placeholder("X", ("h", "w")), tf.placeholder("Y", ("h", "w"))
DOWN, RIGHT = X[1:, :-1] - X[:-1, :-1], X[:-1, 1:] - X[:-1, :-1]
TEXTS = {
    "total variation": (
        lambda: tf.sqrt(DOWN**2 + RIGHT**2 + 1e-6),
        "pad(U/sqrt(Z), ((0, 1), (1, 0))) + pad(R/sqrt(Z), ((1, 0), (0, 1))) - "
        "pad((X[:-1, 1:] + X[1:, :-1] - 2*X[:-1, :-1])/sqrt(Z), ((0, 1), (0, 1))), where R = X[1:, :-1] - X[:-1, :-1], "
        "U = X[:-1, 1:] - X[:-1, :-1], Z = R^o2 + U^o2 + 1.0e-6",
    ),
    "along one axis": (
        lambda: tf.sqrt((X[1:] - X[:-1]) ** 2 + 1e-3),
        "concat(zeros(1, w), Z) - concat(Z, zeros(1, w)), where R = X[1:, :] - X[:-1, :], Z = R/sqrt(R^o2 + 0.001)",
    ),
    "the middle": (lambda: tf.exp(X[1:-1, 2:]), "pad(exp(X[1:-1, 2:]), ((1, 1), (2, 0)))"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_gradients_of_parts_of_images_are_padded(name):
    program, text = TEXTS[name]
    tensor = tf.gradients(tf.reduce_sum(program()), X)[0]
    assert str(tf.formula(tensor, form="where")) == text
    array = np.random.default_rng(3).normal(size=(4, 5))
    assert not faults(tensor, {"h": 4, "w": 5}, {"X": array}, np.asarray(tensor.eval({X: array})))


def test_numpy_text_is_padded_too():
    tensor = tf.gradients(tf.reduce_sum(tf.exp(X[:, 1:])), X)[0]
    assert tf.formula(tensor, form="python") == "np.pad(np.exp(X[:, 1:]), ((0, 0), (1, 0)))"
