"""Texts, formulas and functions as programs over the same sources."""

import numpy as np
import pytest
import sympy
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalOf

import tracer as tf
from tracer.comparison.naming import name_parameters
from tracer.comparison.sides import Side, trace_both
from tracer.expressions import ExpressionError


def test_names_of_parameters_are_those_of_the_function():
    sides = Side(lambda a, b: a + b), Side("b + a")
    assert name_parameters(sides, 2, []) == ["a", "b"]
    assert name_parameters((Side("y*x/n"), Side("x*y")), 2, ["n"]) == ["y", "x"]
    assert name_parameters((Side(np.exp), Side(np.sin)), 1, []) == ["x"]
    assert name_parameters((Side(tf.nn.softmax), Side("softmax(z)")), 1, []) == ["z"]
    with pytest.raises(ValueError, match="3 inputs are given for 2 parameters"):
        name_parameters((Side("x"), Side("y")), 3, [])


def test_a_text_may_be_in_the_grammar_of_matrices():
    sources = {"x": tf.placeholder("x", ("n",)), "A": tf.placeholder("A", ("n", "n"))}
    sides = Side("x'*A*x + sum(x)/n"), Side(lambda x, A: tf.reduce_sum(x * (A @ x)) + tf.reduce_sum(x) / x.shape[0])
    assert name_parameters(sides, 2, ["n"]) == ["x", "A"]
    (left,), (right,) = trace_both(sides, sources, {"n": sources["x"].shape[0]})
    assert left.formula() == right.formula()


def test_a_column_is_a_vector_where_the_other_is_one():
    n = sympy.Symbol("n")
    x = sympy.MatrixSymbol("x", n, 1)
    sources = {"x": tf.placeholder("x", ("n",))}
    (left,), (right,) = trace_both((Side(2 * x), Side("2*x")), sources, {})
    assert left.shape == right.shape == sources["x"].shape
    (left,), (right,) = trace_both((Side("sum(x*x)"), Side(x.T * x)), sources, {})
    assert left.shape == right.shape == ()


@pytest.mark.parametrize(
    "formula",
    [
        "2*A.T*B.T + Identity(3)",
        "Inverse(A) - A**2",
        "HadamardProduct(A, B.T)",
        "Trace(A*B)*A",
        "A[0, 1]*A + ZeroMatrix(3, 3)",
        "OneMatrix(3, 3)*A",
        "Determinant(A)*Identity(3)",
        "KroneckerProduct(A, Identity(2))",
        "HadamardPower(A, 2)",
    ],
)
def test_matrix_formulas_have_the_value_that_sympy_gives(formula):
    A, B = sympy.MatrixSymbol("A", 3, 3), sympy.MatrixSymbol("B", 3, 3)
    expression = eval(formula, {**vars(sympy), "A": A, "B": B})
    rng = np.random.default_rng(1)
    values = {name: rng.integers(-3, 4, (3, 3)) + 4 * np.eye(3, dtype=int) for name in "AB"}
    sources = {name: tf.placeholder(name, (3, 3)) for name in "AB"}
    tensor = Side(expression).trace(sources, {})[0]
    exact = expression.subs({A: sympy.Matrix(values["A"]), B: sympy.Matrix(values["B"])}).doit()
    expected = np.array(sympy.Matrix(exact).tolist(), float)
    np.testing.assert_allclose(tensor.eval({s: values[k] for k, s in sources.items() if k in formula}), expected)


def test_diagonals_in_formulas():
    A, value = sympy.MatrixSymbol("A", 3, 3), np.arange(9.0).reshape(3, 3)
    source = tf.placeholder("A", (3, 3))
    tensor = Side(DiagMatrix(DiagonalOf(A))).trace({"A": source}, {})[0]
    np.testing.assert_array_equal(tensor.eval({source: value}), np.diag(np.diag(value)))


def test_formulas_that_cannot_be_read_are_refused():
    A = sympy.MatrixSymbol("A", 2, 2)
    sources = {"A": tf.placeholder("A", (2, 2))}
    with pytest.raises(ValueError, match="the formula has the symbol B, the parameters are A"):
        Side(sympy.MatrixSymbol("B", 2, 2)).trace(sources, {})
    with pytest.raises(TypeError, match="a formula with BlockMatrix can't be compared"):
        Side(sympy.BlockMatrix([[A, A]])).trace(sources, {})
    with pytest.raises(ExpressionError):
        Side("x +")


@pytest.mark.parametrize("answer", [None, (), [None]], ids=str)
def test_a_function_that_answers_no_tensor_is_refused(answer):
    side = Side(lambda x: answer)
    assert side.trace({"x": tf.placeholder("x", ())}, {}) is None
    assert str(side.error).startswith("a function that is compared answers tensors, got")
    with pytest.raises(TypeError, match="a function that is compared answers tensors, got"):
        tf.compare(lambda x: answer, lambda x: x, ())
