"""Parts of matrices, and matrices that are put together."""

import numpy as np
import pytest
import sympy
from sympy.matrices.expressions import ZeroMatrix
from sympy.tensor.array.expressions import ArraySymbol

from tracer.formulas.matrix.array_classes import ArrayAsMatrix, array_function
from tracer.formulas.matrix.bodies import VARIABLE
from tracer.formulas.matrix.classes import MatAdd, MatMul, OneMatrix
from tracer.formulas.matrix.latex_printer import Latex
from tracer.formulas.matrix.slices import (
    ArrayPart,
    Blocks,
    Concatenation,
    Elements,
    Selection,
    Stack,
    has_arrays,
    number_of,
    take_part,
)
from tracer.testing.interpreter import evaluate

n, d = sympy.symbols("n d", integer=True, positive=True)
c = sympy.Symbol("c", real=True)
A, B = (sympy.MatrixSymbol(name, n, d) for name in "AB")
x = sympy.MatrixSymbol("x", n, 1)
VALUES = {"A": np.arange(12.0).reshape(4, 3), "B": np.arange(12.0).reshape(4, 3) ** 2, "x": np.arange(4.0), "c": 7.0}
SIZES = {"n": 4, "d": 3}
ALL = (0, d, 1)


def chosen(start, length, step=1, size=n):
    return Selection(*map(sympy.sympify, (start, length, step, size)))


def taken(m, *entries):
    return take_part(m, *(sympy.Tuple(*p) if isinstance(p, tuple) else sympy.sympify(p) for p in entries))


@pytest.mark.parametrize(
    ("selection", "rows", "text"),
    [
        (chosen(1, 2), slice(1, 3), "eye(2, n, 1)"),
        (chosen(2, 1), slice(2, 3), "eye(1, n, 2)"),
        (chosen(0, 2, 2), slice(0, 4, 2), "eye(n)[:3:2, :]"),
        (chosen(n - 1, n, -1), slice(None, None, -1), "eye(n)[::-1, :]"),
    ],
)
def test_a_selection_is_rows_of_the_identity(selection, rows, text):
    assert str(selection) == text
    np.testing.assert_array_equal(evaluate(selection, SIZES, {}), np.eye(4)[rows])


@pytest.mark.parametrize(
    ("part", "index", "text"),
    [
        (taken(A, (1, 2, 1), ALL), np.s_[1:3], "A[1:3, :]"),
        (taken(A, (1, n - 1, 1), ALL), np.s_[1:], "A[1:, :]"),
        (taken(A, (0, n - 1, 1), (1, d - 1, 1)), np.s_[:-1, 1:], "A[:-1, 1:]"),
        (taken(A, (n - 2, 2, 1), ALL), np.s_[-2:], "A[-2:, :]"),
        (taken(A, (0, sympy.floor(n / 2 + sympy.Rational(1, 2)), 2), ALL), np.s_[::2], "A[::2, :]"),
        (taken(A, (n - 1, n, -1), ALL), np.s_[::-1], "A[::-1, :]"),
        (taken(A, (2, 2, -1), ALL), np.s_[2:0:-1], "A[2:0:-1, :]"),
        (taken(A, 1, ALL), np.s_[1, :, None], "A[1]"),
        (taken(A, 1, (1, d - 1, 1)), np.s_[1, 1:, None], "A[1, 1:]"),
        (taken(A, (0, n, 1), 2), np.s_[:, 2, None], "A[:, 2]"),
        (taken(A, (1, 2, 1), 0), np.s_[1:3, 0, None], "A[1:3, 0]"),
        (taken(x, (1, n - 1, 1), (0, 1, 1)), np.s_[1:, None], "x[1:]"),
        (taken(MatMul(A, A.T), 0, (0, n, 1)), None, "(A*A.T)[0]"),
    ],
)
def test_a_part_is_that_of_numpy(part, index, text):
    assert str(part) == text
    if index is not None:
        np.testing.assert_array_equal(evaluate(part, SIZES, VALUES), VALUES[text[0]][index])
    assert part.shape == tuple(map(sympy.sympify, part.shape))


def test_a_part_of_an_array_has_the_axes_of_which_places_are_taken():
    array = ArraySymbol("T", (n, d, 2))
    part = sympy.Basic.__new__(ArrayPart, array, sympy.Tuple(sympy.Tuple(1, n - 1, 1), sympy.Integer(0), (0, 2, 1)))
    assert str(part) == "T[1:, 0]"
    assert part.shape == (n - 1, 2)
    assert str(part._entry(sympy.Integer(2), sympy.Integer(1))) == "T[3, 0, 1]"


@pytest.mark.parametrize("axis", range(3))
def test_a_stack_is_that_of_numpy(axis):
    made = sympy.Basic.__new__(Stack, sympy.Integer(axis), A, ZeroMatrix(n, d), B)
    want = np.stack([VALUES["A"], 0 * VALUES["A"], VALUES["B"]], axis=axis)
    np.testing.assert_array_equal(evaluate(made, SIZES, VALUES), want)
    assert str(made) == f"stack(A, 0, B{f', axis={axis}' if axis else ''})"
    assert Latex().doprint(made) == rf"\operatorname{{stack}}{f'_{{{axis}}}' if axis else ''}(A, 0, B)"
    at = [1, 2, 0]
    at.insert(axis, at.pop())
    assert evaluate(made._entry(*map(sympy.Integer, at)), SIZES, VALUES) == VALUES["A"][1, 2]
    k = sympy.Symbol("k", integer=True)
    chosen = made._entry(*(k if p == axis else sympy.Integer(1) for p in range(3))).subs(k, 2)
    assert evaluate(chosen, SIZES, VALUES) == VALUES["B"][1, 1]


def test_which_formulas_have_arrays():
    T = ArraySymbol("T", (2, n, d))
    part = ArrayAsMatrix(sympy.Basic.__new__(ArrayPart, T, sympy.Tuple(sympy.Integer(1), (0, n, 1), (0, d, 1))))
    squares = array_function(sympy.Lambda(VARIABLE, VARIABLE**2), T)
    assert has_arrays(T)
    assert has_arrays(squares)
    assert has_arrays(sympy.Basic.__new__(ArrayPart, squares, sympy.Tuple(0, (0, n, 1), (0, d, 1))))
    assert not has_arrays(MatAdd(A, part))
    assert not has_arrays(sympy.Basic.__new__(Stack, sympy.Integer(0), A, part))
    assert has_arrays(sympy.Basic.__new__(ArrayPart, T, sympy.Tuple((0, 1, 1), (0, n, 1), (0, d, 1))))


BLOCKS = {
    "concat(A, B)": (Concatenation(A, B), lambda A, B, **_: np.concatenate([A, B])),
    "concat(zeros(1, d), A)": (
        Concatenation(ZeroMatrix(1, d), A),
        lambda A, **_: np.concatenate([np.zeros((1, 3)), A]),
    ),
    "concat(0, x, c)": (
        Concatenation(ZeroMatrix(1, 1), x, MatMul(c, OneMatrix(1, 1))),
        lambda x, **_: np.array([0, *x, 7])[:, None],
    ),
    "block([[A, zeros(n, 2)], [B, ones(n, 2)]])": (
        Blocks(sympy.Tuple(A, ZeroMatrix(n, 2)), sympy.Tuple(B, OneMatrix(n, 2))),
        lambda A, B, **_: np.block([[A, np.zeros((4, 2))], [B, np.ones((4, 2))]]),
    ),
}


@pytest.mark.parametrize("text", BLOCKS)
def test_blocks_are_those_of_numpy(text):
    made, want = BLOCKS[text]
    assert str(made) == text
    np.testing.assert_array_equal(evaluate(made, SIZES, VALUES), want(**VALUES))


def test_a_block_of_one_element_is_a_number():
    assert number_of(MatMul(c, OneMatrix(1, 1))) == c
    assert number_of(MatMul(2, c, OneMatrix(1, 1))) == 2 * c
    assert number_of(OneMatrix(1, 1)) == 1
    assert number_of(ZeroMatrix(1, 1)) == 0
    assert number_of(ZeroMatrix(2, 1)) is None
    assert number_of(MatMul(x.T, x)) is None


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (taken(x, (1, n - 1, 1), (0, 1, 1)), "x_{1:}"),
        (taken(A, 1, ALL), "A_{1}"),
        (taken(A, (1, n - 1, 1), 0), "A_{1:,0}"),
        (taken(MatMul(A, B.T), 0, (0, n, 1)), r"(A B^{\top})_{0}"),
        (BLOCKS["concat(0, x, c)"][0], r"\begin{bmatrix}0 \\ x \\ c\end{bmatrix}"),
        (
            BLOCKS["block([[A, zeros(n, 2)], [B, ones(n, 2)]])"][0],
            r"\begin{bmatrix}A & \mathbf{0}_{n, 2} \\ B & \mathbf{1}_{n} \mathbf{1}_{2}^{\top}\end{bmatrix}",
        ),
        (Elements(1, 2, [c, 0]), r"\begin{bmatrix}c & 0\end{bmatrix}"),
    ],
)
def test_parts_and_blocks_are_typeset(made, text):
    assert Latex().doprint(made) == text
