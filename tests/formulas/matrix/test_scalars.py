"""Numbers made of all elements of a matrix: their values, and what they are recognised from."""

import numpy as np
import pytest
import sympy
from sympy.matrices.expressions import Trace, Transpose

from tracer.formulas.matrix.bodies import element
from tracer.formulas.matrix.classes import MatMul
from tracer.formulas.matrix.scalars import find_root, mean, norm, total
from tracer.testing.interpreter import evaluate

n, m = sympy.symbols("n m", integer=True, positive=True)
A, B = sympy.MatrixSymbol("A", n, m), sympy.MatrixSymbol("B", m, n)
x, y = sympy.MatrixSymbol("x", n, 1), sympy.MatrixSymbol("y", n, 1)
RNG = np.random.default_rng(3)
VALUES = {"A": RNG.normal(size=(3, 2)), "x": RNG.normal(size=3)}
NUMPY = {total: np.sum, mean: np.mean, norm: np.linalg.norm}


@pytest.mark.parametrize("kind", NUMPY)
@pytest.mark.parametrize("of", [A, x])
def test_the_value_is_that_of_numpy(kind, of):
    want = NUMPY[kind](VALUES[str(of)])
    np.testing.assert_allclose(evaluate(kind(of), {"n": 3, "m": 2}, VALUES), want)
    known = sympy.Matrix(VALUES[str(of)])
    np.testing.assert_allclose(float(kind(known).doit()), want)
    np.testing.assert_allclose(float(kind(known).evalf()), want)


@pytest.mark.parametrize("kind", NUMPY)
def test_they_are_real_numbers_that_print_shortly(kind):
    made = kind(A)
    assert made.is_real
    assert made.is_commutative
    assert str(2 * made) == f"2*{kind.label}(A)"
    assert made.xreplace({A: x}) == kind(x)


@pytest.mark.parametrize(
    ("square", "root"),
    [
        (element(MatMul(Transpose(x), x)), x),
        (Trace(MatMul(Transpose(A), A)), A),
        (Trace(MatMul(A, Transpose(A))), A),
        (Trace(MatMul(Transpose(B), Transpose(A), A, B)), MatMul(A, B)),
        (Trace(MatMul(A, B, Transpose(B), Transpose(A))), MatMul(Transpose(B), Transpose(A))),
        (Trace(MatMul(B, Transpose(B), Transpose(A), A)), MatMul(A, B)),
        (element(MatMul(Transpose(MatMul(B, x)), B, x)), MatMul(B, x)),
        (Trace(MatMul(A, B, A, B)), None),
        (Trace(MatMul(Transpose(A), A, sympy.MatrixSymbol("C", m, m))), None),
        (element(MatMul(Transpose(x), y)), None),
        (element(MatMul(Transpose(x), MatMul(A, Transpose(A)), x)), None),
        (element(MatMul(2, Transpose(x), x)), None),
        (sympy.Symbol("c"), None),
    ],
)
def test_what_a_number_is_the_square_of_the_norm_of(square, root):
    made = find_root(square)
    assert made == root or (root is A and made == Transpose(A))
