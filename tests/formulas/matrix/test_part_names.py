"""Names of parts: a textbook's where there is one, never one that is taken, and each only once."""

import pytest
import sympy
from sympy.matrices.expressions import Inverse, Transpose

from tracer.formulas.matrix.bodies import VARIABLE
from tracer.formulas.matrix.classes import (
    ElementwiseApplyFunction,
    HadamardPower,
    HadamardProduct,
    Identity,
    MatAdd,
    MatMul,
    OneMatrix,
)
from tracer.formulas.matrix.constructors import MatrixAlgebra
from tracer.formulas.matrix.function_classes import cholesky, softmax
from tracer.formulas.matrix.part_names import PartNames, is_distance, is_usual
from tracer.formulas.matrix.scalars import mean, norm, total
from tracer.terms.work import Budget

A, x, y = sympy.MatrixSymbol("A", 3, 3), sympy.MatrixSymbol("x", 3, 1), sympy.MatrixSymbol("y", 3, 1)


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (softmax(A), "P"), (softmax(x), "p"), (MatAdd(x, MatMul(-1, y)), "r"), (mean(x), "mu"), (norm(x), "rho"),
        (Inverse(MatAdd(A, A)), "K"), (HadamardProduct(x, y), "z"), (MatMul(A, A), "Z"), (total(x), "s"),
        (ElementwiseApplyFunction(sympy.Lambda(VARIABLE, sympy.tanh(VARIABLE)), x), "h"),
    ],
)  # fmt: skip
def test_what_a_part_is_called(part, name):
    symbol = PartNames([], MatrixAlgebra(Budget()))(part)
    assert str(symbol) == name
    assert getattr(symbol, "shape", ()) == getattr(part, "shape", ())
    assert str(PartNames([name], MatrixAlgebra(Budget()))(part)) != name


@pytest.mark.parametrize(
    ("part", "usual"),
    [
        (softmax(A), True), (cholesky(A), True), (mean(x), True), (MatAdd(x, MatMul(-1, y)), True),
        (MatAdd(x, MatMul(-1, mean(x), OneMatrix(3, 1))), True), (MatAdd(x, MatMul(-1, OneMatrix(3, 1))), False),
        (MatAdd(Identity(3), MatMul(-1, A)), False), (MatAdd(A, MatMul(-2, Identity(3))), False),
        (MatAdd(x, y), False), (HadamardPower(x, 2), False), (sympy.Symbol("s") - 1, False),
    ],
)  # fmt: skip
def test_what_textbooks_name_first(part, usual):
    assert is_usual(part) is usual


def squares(m, n, first=True):
    """The squared norms of the rows of a matrix, repeated along rows, or along columns."""
    square = HadamardPower(m, 2)
    return MatMul(square, OneMatrix(m.shape[1], n)) if first else MatMul(OneMatrix(n, m.shape[1]), Transpose(square))


B = sympy.MatrixSymbol("B", 4, 3)


@pytest.mark.parametrize(
    ("part", "named"),
    [
        (MatAdd(squares(A, 4), squares(B, 3, first=False), MatMul(-2, A, Transpose(B))), True),
        (MatAdd(squares(A, 3), squares(A, 3, first=False), MatMul(-2, A, Transpose(A))), True),
        (MatAdd(squares(A, 3), squares(A, 3, first=False), MatMul(-1, A, Transpose(A))), False),
        (MatAdd(squares(A, 4), squares(B, 3, first=False), MatMul(2, A, Transpose(B))), False),
        (MatAdd(squares(A, 3), squares(A, 3, first=False), MatMul(-2, Transpose(A), A)), False),
        (MatAdd(squares(A, 3), squares(A, 3, first=False)), False),
    ],
)
def test_squared_distances_are_called_as_textbooks_do(part, named):
    assert is_distance(part) is named
    assert (str(PartNames([], MatrixAlgebra(Budget()))(part)) == "D") is named
    assert is_usual(part) or not named


def test_no_name_is_given_twice_however_many_there_are():
    call = PartNames(["x", "y", "Z1"], MatrixAlgebra(Budget()))
    names = [str(call(MatMul(A, A))) for _ in range(60)]
    assert len(set(names)) == 60
    assert not {"x", "y", "Z1", "I", "e", "o"} & set(names)


def test_a_symbol_of_a_symmetric_part_is_symmetric():
    algebra = MatrixAlgebra(Budget())
    algebra.symmetric.add(MatMul(A, A))
    symbol = PartNames([], algebra)(MatMul(A, A))
    assert algebra.transpose(symbol) == symbol
