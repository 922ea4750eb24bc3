"""Functions of elements as text: operands stand in the places of variables, in parentheses where they must."""

import pytest
import sympy
from sympy.matrices.expressions import Transpose
from sympy.printing.str import StrPrinter

from tracer.formulas.matrix.bodies import piecewise
from tracer.formulas.matrix.classes import ElementwiseMap, MatAdd, MatMul, OneMatrix
from tracer.formulas.matrix.elementwise_text import bind_elementwise, write_elementwise

x, y, c, p = sympy.symbols("x y c p", real=True)
A, B, S = sympy.MatrixSymbol("A", 2, 3), sympy.MatrixSymbol("B", 2, 3), sympy.MatrixSymbol("S", 3, 3)
DIFFERENCE = MatAdd(A, MatMul(-1, B))


@pytest.mark.parametrize(
    ("body", "operands", "text"),
    [
        (piecewise([(x, x > 0), (y, sympy.true)]), (A, B), "where(A > 0, A, B)"),
        (piecewise([(1, x > y), (0, sympy.true)]), (A, B), "[A > B]"),
        (piecewise([(x, x > 1), (y, x > 0), (0, sympy.true)]), (A, B), "where(A > 1, A, where(A > 0, B, 0))"),
        (piecewise([(0, x > 0), (1, sympy.true)]), (A,), "where(A > 0, 0, 1)"),
        (x * y, (A, B), "A o B"),
        (2 * x * y, (A, B), "2*(A o B)"),
        (-x / 2, (A,), "-A/2"),
        (x / y, (A, B), "A/B"),
        (c * x * y / p, (A, B), "c*(A o B)/p"),
        (x * y / 3, (A, B), "(A o B)/3"),
        (1 / x, (A,), "1/A"),
        (1 / x, (DIFFERENCE,), "1/(A - B)"),
        (-1 / (2 * x), (A,), "-1/(2*A)"),
        (c / (p * x), (A,), "c/(p*A)"),
        (1 / (x * y), (A, B), "1/(A o B)"),
        (x / (3 * p * y), (A, B), "A/(3*p*B)"),
        (c / (2 * x * y), (A, B), "c/(2*(A o B))"),
        (x**p, (A,), "A^op"),
        (x**2, (S,), "S^o2"),
        (x**2, (DIFFERENCE,), "(A - B)^o2"),
        (sympy.sqrt(x), (DIFFERENCE,), "sqrt(A - B)"),
        (2 * x, (DIFFERENCE,), "2*(A - B)"),
        (2 * x, (MatMul(A, S),), "2*A*S"),
        (sympy.exp(-(x**2)), (A,), "exp(-A^o2)"),
        (sympy.Max(0, x), (A,), "max(0, A)"),
        (sympy.Min(1, sympy.Max(-1, x)), (A,), "clip(A, -1, 1)"),
        (sympy.Min(x, sympy.Max(-1, y)), (A, B), "min(A, max(-1, B))"),
        (sympy.polygamma(0, x), (A,), "digamma(A)"),
        (sympy.polygamma(1, x), (A,), "polygamma(1, A)"),
        (sympy.Abs(x), (A,), "abs(A)"),
        (piecewise([(x, sympy.And(x > 0, y > 0)), (0, sympy.true)]), (A, B), "where((A > 0) & (B > 0), A, 0)"),
        (piecewise([(x, sympy.Or(x > 1, y > 1)), (0, sympy.true)]), (A, B), "where((A > 1) | (B > 1), A, 0)"),
        (piecewise([(x, sympy.Eq(x, y)), (0, sympy.true)]), (A, B), "where(A == B, A, 0)"),
    ],
)
def test_how_it_is_written(body, operands, text):
    assert write_elementwise(sympy.Lambda((x, y)[: len(operands)], body), operands, StrPrinter()) == text


def test_a_number_is_added_to_each_element():
    total = MatAdd(S, OneMatrix(3, 3), evaluate=False)
    assert str(ElementwiseMap(sympy.Lambda(x, sympy.exp(x)), total)) == "exp(S + 1)"
    assert str(Transpose(total)) == "(S + ones(3, 3)).T"


@pytest.mark.parametrize(
    ("body", "inside"),
    [(x + y, "(A + B).T"), (x * y, "(A o B).T"), (sympy.Max(x, y), "max(A, B).T"), (x, "A.T")],
)
def test_parentheses_around_it(body, inside):
    function = sympy.Lambda((x, y), body)
    assert str(Transpose(ElementwiseMap(function, A, B))) == inside
    assert bind_elementwise(function, [A, B]) > 0
