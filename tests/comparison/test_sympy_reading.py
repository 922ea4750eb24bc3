"""Formulas of sympy as programs: what a symbol stands for, and what is said of one that does not fit."""

import pytest
import sympy

import tracer as tf
from tracer.comparison.sides import Side

n = sympy.Symbol("n", integer=True, positive=True)


def test_a_matrix_of_the_formula_takes_inputs_of_two_axes_at_most():
    v, A = sympy.MatrixSymbol("v", n, 1), sympy.MatrixSymbol("A", n, n)
    assert Side(2 * v).trace({"v": tf.placeholder("v", ("n",))}, {})[0].shape[0] == n
    assert Side(2 * A).trace({"A": tf.placeholder("A", ("n", "n"))}, {})[0].ndim == 2
    with pytest.raises(ValueError, match="A is a matrix in the formula, its input has rank 3"):
        Side(2 * A).trace({"A": tf.placeholder("A", ("n", "n", "n"))}, {})
