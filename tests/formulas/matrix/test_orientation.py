"""Where transposes stand: the value stays, and no more of them are written than before."""

import numpy as np
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy.matrices.expressions import Trace, Transpose

from tracer.formulas.matrix.classes import HadamardProduct, MatAdd
from tracer.formulas.matrix.constructors import MatrixAlgebra
from tracer.formulas.matrix.length import count_transposes, measure_length
from tracer.formulas.matrix.orientation import orient
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


def test_transposes_are_gathered():
    A, B, C = SYMBOLS
    assert orient(matmul(transpose(A), transpose(B), transpose(C)), ALGEBRA) == Transpose(matmul(C, B, A))
    trace = orient(Trace(matmul(transpose(A), transpose(B))), ALGEBRA)
    assert count_transposes(trace, Budget()) == 0
