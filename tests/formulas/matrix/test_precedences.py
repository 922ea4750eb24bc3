"""How tightly what is typeset binds."""

import pytest
import sympy

from tracer.formulas.matrix.bodies import element
from tracer.formulas.matrix.classes import HadamardPower, HadamardProduct, KroneckerProduct, MatAdd, MatMul, OneMatrix
from tracer.formulas.matrix.function_classes import cholesky, expm, pinv
from tracer.formulas.matrix.precedences import ATOM, ELEMENTWISE, POWER, PRODUCT, SUM, find_binding

A, B = (sympy.MatrixSymbol(name, 3, 3) for name in "AB")
v = sympy.MatrixSymbol("v", 3, 1)


@pytest.mark.parametrize(
    ("e", "level"),
    [
        (MatAdd(A, B), SUM),
        (MatMul(A, B), PRODUCT),
        (HadamardProduct(A, B), ELEMENTWISE),
        (KroneckerProduct(A, B), ELEMENTWISE),
        (HadamardPower(A, 2), POWER),
        (HadamardPower(A, -2), ELEMENTWISE),
        (HadamardPower(A, sympy.Rational(1, 2)), ATOM),
        (OneMatrix(3, 3), PRODUCT),
        (pinv(A), POWER),
        (expm(A), POWER),
        (cholesky(A), ATOM),
        (element(A, 1, 2), ATOM),
        (element(MatMul(sympy.Transpose(v), v)), PRODUCT),
        (element(HadamardProduct(sympy.MatrixSymbol("a", 1, 1), sympy.MatrixSymbol("b", 1, 1))), ELEMENTWISE),
        (sympy.Symbol("x") + 1, SUM),
    ],
)
def test_binding(e, level):
    assert find_binding(e) == level
