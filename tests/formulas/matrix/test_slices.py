"""Parts of matrices, and matrices below one another."""

import numpy as np
import pytest
import sympy
from sympy.matrices.expressions import Transpose

from tracer.formulas.matrix.classes import MatMul
from tracer.formulas.matrix.slices import Concatenation, Selection, concatenate, fold_selections, unit_position
from tracer.testing.interpreter import evaluate

n, d = sympy.symbols("n d", integer=True, positive=True)
A = sympy.MatrixSymbol("A", n, d)
VALUES = {"A": np.arange(12.0).reshape(4, 3)}
SIZES = {"n": 4, "d": 3}


def chosen(start, length, step=1, size=n):
    return Selection(*map(sympy.sympify, (start, length, step, size)))


@pytest.mark.parametrize(
    ("selection", "rows", "text"),
    [
        (chosen(1, 2), slice(1, 3), "eye(n)[1:3, :]"),
        (chosen(2, 1), slice(2, 3), "eye(n)[2:3, :]"),
        (chosen(0, 2, 2), slice(0, 4, 2), "eye(n)[0:4:2, :]"),
        (chosen(n - 1, n, -1), slice(None, None, -1), "eye(n)[n - 1::-1, :]"),
    ],
)
def test_a_selection_is_rows_of_the_identity(selection, rows, text):
    assert str(selection) == text
    np.testing.assert_array_equal(evaluate(selection, SIZES, {}), np.eye(4)[rows])


def test_selections_beside_a_symbol_are_slices_of_it():
    made = MatMul(*fold_selections([chosen(1, 2), A, Transpose(chosen(0, 1, size=d))]), evaluate=False)
    np.testing.assert_array_equal(evaluate(made, SIZES, VALUES), VALUES["A"][1:3, 0:1])
    assert len(fold_selections([chosen(1, 2), A])) == 1


def test_a_column_of_the_identity_is_a_position():
    assert unit_position(Transpose(chosen(2, 1))) == 2
    assert unit_position(Transpose(chosen(2, 2))) is None
    assert unit_position(A) is None


def test_a_sum_of_placed_blocks_is_a_concatenation():
    B = sympy.MatrixSymbol("B", n, d)
    size = 2 * n
    whole = concatenate([MatMul(Transpose(chosen(0, n, size=size)), A), MatMul(Transpose(chosen(n, n, size=size)), B)])
    assert whole == Concatenation(A, B)
    values = {**VALUES, "B": -VALUES["A"]}
    np.testing.assert_array_equal(evaluate(whole, SIZES, values), np.concatenate([values["A"], values["B"]]))
    assert concatenate([MatMul(Transpose(chosen(0, n, size=size)), A), A]) is None


@pytest.mark.parametrize(
    ("chain", "text"),
    [
        ([chosen(1, 2), A], "[A[1:3, :]]"),
        ([A, Transpose(chosen(0, 2, size=d))], "[A[:, :2]]"),
        ([chosen(1, 2), A, Transpose(chosen(0, 1, size=d))], "[A[1:3, :1]]"),
        ([A, Transpose(chosen(0, 2, size=d)), Transpose(chosen(1, 1, size=2))], "[A[:, :2], eye(2)[1:2, :].T]"),
        ([chosen(1, 1, size=2), chosen(0, 2), A], "[eye(2)[1:2, :], A[:2, :]]"),
        ([Transpose(chosen(0, 2)), A], "[eye(n)[0:2, :].T, A]"),
        ([chosen(2, 2, -1), A], "[eye(n)[2:0:-1, :], A]"),
        ([A, Transpose(chosen(2, 2, -1, size=d))], "[A, eye(d)[2:0:-1, :].T]"),
    ],
)
def test_a_slice_is_of_a_symbol_and_forwards(chain, text):
    assert str(fold_selections(chain)) == text


@pytest.mark.parametrize(
    "placed",
    [
        [(0, n, 1), (2 * n, n, 1)],
        [(n, n, 1)],
        [(0, n, 1), (0, n, 1)],
        [(0, n, 2), (n, n, 1)],
    ],
)
def test_blocks_with_gaps_or_steps_are_no_concatenation(placed):
    parts = [MatMul(Transpose(chosen(*where, size=3 * n)), A) for where in placed]
    assert concatenate(parts) is None


def test_blocks_are_concatenated_in_the_order_of_their_places_with_their_numbers():
    B = sympy.MatrixSymbol("B", n, d)
    parts = [MatMul(3, Transpose(chosen(n, n, size=2 * n)), B), MatMul(Transpose(chosen(0, n, size=2 * n)), A)]
    assert str(concatenate(parts)) == "concat(A, 3*B)"
