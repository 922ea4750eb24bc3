"""Matrix expressions put together: the value is that of the operation, and what reads the same is one expression."""

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy.matrices.expressions import Inverse, MatPow, Transpose

from tracer.formulas.errors import TooLong
from tracer.formulas.matrix.bodies import MatrixElement, VectorElement
from tracer.formulas.matrix.classes import DiagMatrix, HadamardPower, Identity, MatAdd, MatMul, OneMatrix
from tracer.formulas.matrix.constructors import MatrixAlgebra, is_constant, join_roots, scalar_product
from tracer.terms.work import Budget
from tracer.testing.interpreter import evaluate

n = sympy.Symbol("n", integer=True, positive=True)
A, B = (sympy.MatrixSymbol(name, n, n) for name in "AB")
v = sympy.MatrixSymbol("v", n, 1)
c = sympy.Symbol("c", real=True)
PLAIN = MatrixAlgebra(Budget())
matmul, hadamard, transpose, split_scalars = PLAIN.matmul, PLAIN.hadamard, PLAIN.transpose, PLAIN.split_scalars
VALUES = {"A": np.arange(9.0).reshape(3, 3) - 4, "B": np.eye(3) + 0.5, "v": np.array([1.0, -2.0, 0.5]), "c": 1.5}

parts = st.sampled_from([A, B, Transpose(A), Identity(n), OneMatrix(n, n), DiagMatrix(v), MatMul(2, A), MatMul(c, B)])


def value(e):
    return np.asarray(evaluate(e, {"n": 3}, VALUES))


@settings(deadline=None, max_examples=150)
@given(st.lists(parts, min_size=1, max_size=4))
def test_products_have_the_value_of_products(factors):
    want = np.linalg.multi_dot([value(f) for f in factors]) if len(factors) > 1 else value(factors[0])
    np.testing.assert_allclose(value(matmul(*factors)), want, atol=1e-9)


@settings(deadline=None, max_examples=100)
@given(st.lists(parts, min_size=1, max_size=4))
def test_elementwise_products_have_it_too(factors):
    np.testing.assert_allclose(value(hadamard(*factors)), np.prod([value(f) for f in factors], axis=0), atol=1e-9)


@settings(deadline=None, max_examples=100)
@given(st.lists(parts, min_size=1, max_size=3))
def test_transposing_twice_is_nothing(factors):
    made = matmul(*factors)
    np.testing.assert_allclose(value(transpose(made)), value(made).T, atol=1e-9)
    np.testing.assert_allclose(value(transpose(transpose(made))), value(made), atol=1e-9)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (lambda: matmul(A, A), MatPow(A, 2)),
        (lambda: matmul(Inverse(A), Inverse(A), B), MatMul(MatPow(A, -2), B)),
        (lambda: matmul(A, Inverse(A), B), MatMul(A, Inverse(A), B)),
        (lambda: matmul(A, matmul(2, B)), MatMul(2, A, B)),
        (lambda: matmul(Identity(n), A), A),
        (lambda: hadamard(A, A), HadamardPower(A, 2)),
        (lambda: hadamard(OneMatrix(n, n), A), A),
        (lambda: scalar_product(2, c, 3), 6 * c),
        (lambda: split_scalars(MatMul(2, A)), ([2], A)),
    ],
)
def test_one_way_to_write_it(made, expected):
    assert made() == expected


@pytest.mark.parametrize(
    ("summands", "text"),
    [
        ([MatMul(A, v), MatMul(-1, B, v)], ["(A - B)*v"]),
        ([MatMul(-1, A, B), MatMul(DiagMatrix(v), B)], ["(diag(v) - A)*B"]),
        ([MatMul(-1, A, B), MatMul(-1, DiagMatrix(v), B), A], ["-(A + diag(v))*B", "A"]),
        ([MatMul(2, A, B), MatMul(c, A, A)], ["A*(2*B + c*A)"]),
        ([MatMul(MatAdd(A, B, evaluate=False), A), MatMul(-1, B, A)], ["(A + B - B)*A"]),
        ([MatMul(A, B), B], ["A*B", "B"]),
        ([A, MatMul(B, A)], ["A", "B*A"]),
    ],
)
def test_summands_with_one_outer_factor_are_one_product(summands, text):
    made = PLAIN.factor_chains(summands)
    assert list(map(str, made)) == text
    np.testing.assert_allclose(sum(map(value, made)), sum(map(value, summands)), atol=1e-9)


def test_what_is_symmetric_in_one_formula_is_so_in_no_other():
    assert transpose(A) == Transpose(A)
    algebra = MatrixAlgebra(Budget())
    algebra.symmetric.add(A)
    assert algebra.transpose(A) == A
    assert str(algebra.transpose(algebra.matmul(A, B))) == "B.T*A"
    assert transpose(A) == Transpose(A)


def test_an_element_of_a_vector_has_one_index():
    assert type(PLAIN.element(v, 2)) is MatrixElement
    algebra = MatrixAlgebra(Budget())
    algebra.vectors.add("v")
    made = algebra.element(v, 2)
    assert type(made) is VectorElement
    assert str(made) == "v[2]"
    assert sympy.latex(made) == "v_{2}"
    assert str(algebra.element(A, 2, 1)) == "A[2, 1]"
    assert evaluate(made, {"n": 3}, VALUES) == VALUES["v"][2]


def test_traces_and_quadratic_forms_have_numbers_in_front_and_no_transposes_outside():
    assert PLAIN.trace(Transpose(A)) == PLAIN.trace(A)
    assert str(PLAIN.trace_of_product(A, B)) == "Trace(A.T*B)"
    assert str(PLAIN.quadratic(v, matmul(2, v))) == "2*(v.T*v)"


def test_the_work_is_that_of_the_budget():
    budget = Budget(3, "a node")
    with pytest.raises(TooLong):
        MatrixAlgebra(budget).trace_of_product(matmul(A, B), matmul(B, A))


def test_dimensions_are_no_variables():
    assert is_constant(2 * n + 1)
    assert not is_constant(c)
    assert not is_constant(2 * v)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (sympy.sqrt(2 / sympy.pi), "sqrt(2/pi)"),
        (3 * sympy.sqrt(2) / sympy.sqrt(sympy.pi), "3*sqrt(2/pi)"),
        (sympy.sqrt(2), "sqrt(2)"),
        (1 / sympy.sqrt(2 * sympy.pi), "1/sqrt(2*pi)"),
        (-1 / sympy.sqrt(2 * sympy.pi), "-1/sqrt(2*pi)"),
        (1 / (3 * sympy.sqrt(2 * sympy.pi)), "1/(3*sqrt(2*pi))"),
        (3 * sympy.sqrt(2 * sympy.pi), "3*sqrt(2*pi)"),
        (sympy.Rational(2, 3), "2/3"),
    ],
)
def test_a_quotient_of_roots_is_the_root_of_a_quotient(number, text):
    made = sympy.Mul(*join_roots(number), evaluate=False)
    assert str(made) == text
    assert float(made) == pytest.approx(float(number), rel=1e-15)


@given(st.fractions(-3, 3, max_denominator=6).filter(bool), *[st.integers(1, 12)] * 2, st.integers(-2, 2))
def test_joining_roots_leaves_a_number_as_it_is(factor, over, under, power):
    number = sympy.Rational(factor) * sympy.sqrt(over) / sympy.sqrt(under) * sympy.sqrt(sympy.pi) ** power
    assert float(sympy.Mul(*join_roots(number), evaluate=False)) == pytest.approx(float(number), rel=1e-14)
