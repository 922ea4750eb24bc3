"""Where transposes stand: the value stays, and no more of them are written than before."""

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy.matrices.expressions import Trace, Transpose
from sympy.matrices.expressions.matexpr import MatrixElement

from tracer.formulas.matrix.classes import (
    ElementwiseApplyFunction,
    ElementwiseMap,
    HadamardPower,
    HadamardProduct,
    MatAdd,
    OneMatrix,
)
from tracer.formulas.matrix.constructors import MatrixAlgebra
from tracer.formulas.matrix.length import count_transposes, measure_length
from tracer.formulas.matrix.orientation import _Walk, orient
from tracer.terms.work import Budget
from tracer.testing.interpreter import evaluate

n = sympy.Symbol("n", integer=True, positive=True)
ALGEBRA = MatrixAlgebra(Budget())
matmul, transpose = ALGEBRA.matmul, ALGEBRA.transpose
SYMBOLS = [sympy.MatrixSymbol(name, n, n) for name in "ABC"]
VALUES = {s.name: np.random.default_rng(k).normal(size=(3, 3)) for k, s in enumerate(SYMBOLS)}

formulas = st.recursive(
    st.sampled_from(SYMBOLS),
    lambda inner: st.one_of(
        inner.map(Transpose),
        st.tuples(inner, inner).map(lambda pair: matmul(*pair)),
        st.tuples(inner, inner).map(lambda pair: MatAdd(*pair, evaluate=False)),
        st.tuples(inner, inner).map(lambda pair: HadamardProduct(*pair, evaluate=False)),
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=150)
@given(formulas)
def test_the_value_stays_and_the_formula_becomes_no_longer(formula):
    turned = orient(formula, ALGEBRA)
    assert measure_length(turned, Budget()) <= measure_length(formula, Budget())
    np.testing.assert_allclose(evaluate(turned, {"n": 3}, VALUES), evaluate(formula, {"n": 3}, VALUES), atol=1e-9)


@settings(deadline=None, max_examples=50)
@given(formulas)
def test_a_formula_without_transposes_is_left_alone(formula):
    if not formula.has(Transpose):
        assert orient(formula, ALGEBRA) is formula


@settings(deadline=None, max_examples=50)
@given(formulas)
def test_the_walks_end_alike_where_no_transpose_has_two_places(formula):
    outwards = _Walk(ALGEBRA, inwards=False)
    made = outwards.write(formula)
    assert outwards.is_tied or _Walk(ALGEBRA, inwards=True).write(formula) == made


def test_transposes_are_gathered():
    A, B, C = SYMBOLS
    assert orient(matmul(transpose(A), transpose(B), transpose(C)), ALGEBRA) == Transpose(matmul(C, B, A))
    trace = orient(Trace(matmul(transpose(A), transpose(B))), ALGEBRA)
    assert count_transposes(trace, Budget()) == 0


A, B, C = SYMBOLS
m = sympy.Symbol("m", integer=True, positive=True)
X, v = sympy.MatrixSymbol("X", n, m), sympy.MatrixSymbol("v", n, 1)
s, t = sympy.symbols("s t", real=True)


def add(*parts):
    return MatAdd(*parts, evaluate=False)


def sine(part):
    return ElementwiseApplyFunction(sympy.Lambda(s, sympy.sin(s)), part)


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (add(transpose(A), transpose(B)), "(A + B).T"),
        (add(transpose(A), B), "A.T + B"),
        (HadamardProduct(transpose(A), transpose(B), evaluate=False), "(A o B).T"),
        (HadamardPower(transpose(A), 3), "A.T^o3"),
        (add(HadamardPower(transpose(A), 3), transpose(B)), "(A^o3 + B).T"),
        (add(sympy.MatPow(transpose(A), 3), transpose(B)), "(A**3 + B).T"),
        (add(transpose(sympy.Inverse(A)), transpose(B)), "(A**(-1) + B).T"),
        (add(transpose(A), transpose(B), OneMatrix(n, n)), "(A + B + ones(n, n)).T"),
        (add(transpose(X), OneMatrix(m, n)), "X.T + 1"),
        (add(transpose(X), sine(transpose(X)), sympy.ZeroMatrix(m, n)), "(X + sin(X) + 0).T"),
        (add(sine(transpose(A)), transpose(B)), "(sin(A) + B).T"),
        (ElementwiseMap(sympy.Lambda((s, t), s * t), transpose(A), transpose(B)), "(A o B).T"),
        (matmul(3, transpose(A), transpose(B)), "3*(B*A).T"),
        (matmul(transpose(A), B, transpose(C)), "A.T*B*C.T"),
        (sympy.Determinant(add(transpose(A), transpose(B))), "Determinant(A + B)"),
        (Trace(matmul(transpose(A), B)), "Trace(A.T*B)"),
        (MatrixElement(matmul(transpose(v), transpose(A), v), sympy.S.Zero, sympy.S.Zero), "((A*v).T*v)[0, 0]"),
    ],
)
def test_where_transposes_stand(formula, text):
    assert str(orient(formula, ALGEBRA)) == text
