"""Array expressions as matrices and numbers, functions of arrays, and operations by their names."""

import numpy as np
import pytest
import sympy
from sympy.tensor.array.expressions import ArraySymbol, Reshape

from tracer.formulas.matrix.array_classes import (
    Applied,
    AppliedArray,
    AppliedScalar,
    ArrayAsMatrix,
    ArrayAsScalar,
    ArrayElementwiseApplyFunc,
    ArrayMap,
    apply_by_name,
    array_function,
)
from tracer.formulas.matrix.bodies import VARIABLE, variable
from tracer.testing.interpreter import evaluate

n, m = sympy.symbols("n m", integer=True, positive=True)
SIZES = {"n": 2, "m": 3}
u, M, T = ArraySymbol("u", (n,)), ArraySymbol("M", (n, m)), ArraySymbol("T", (n, m, 2))
RNG = np.random.default_rng(4)
VALUES = {"u": RNG.normal(size=2), "M": RNG.normal(size=(2, 3)), "T": RNG.normal(size=(2, 3, 2)), "r": np.array(0.75)}
A = sympy.MatrixSymbol("A", n, m)


def value(e):
    return evaluate(e, SIZES, VALUES | {"A": VALUES["M"]})


@pytest.mark.parametrize(
    ("array", "want", "text"),
    [(u, VALUES["u"][:, None], "u"), (M, VALUES["M"], "M")],
    ids=["vector", "matrix"],
)
def test_an_array_as_a_matrix_has_its_elements(array, want, text):
    made = ArrayAsMatrix(array)
    np.testing.assert_array_equal(value(made), want)
    assert tuple(map(value, made.shape)) == want.shape
    assert str(made) == text


def test_an_array_as_a_number_is_written_as_the_array():
    made = ArrayAsScalar(Reshape(ArraySymbol("r", (1,)), ()))
    assert str(made) == str(made.args[0])
    assert made.args[1] == ()
    assert made.is_commutative


def test_a_function_of_several_arrays_has_the_value_of_each_element():
    x, y = variable(0), variable(1)
    made = ArrayMap(sympy.Lambda((x, y), x - y**2), T, T)
    np.testing.assert_allclose(value(made), VALUES["T"] - VALUES["T"] ** 2)
    assert str(made) == "T - T**2"
    assert made.shape == (n, m, 2)
    np.testing.assert_allclose(value(made[1, 2, 0]), VALUES["T"][1, 2, 0] - VALUES["T"][1, 2, 0] ** 2)


@pytest.mark.parametrize(("array", "kind"), [(T, ArrayElementwiseApplyFunc), (Reshape(A, (m, n)), ArrayMap)])
def test_a_function_of_an_array_that_is_reshaped_is_one_too(array, kind):
    made = array_function(sympy.Lambda(VARIABLE, sympy.tanh(VARIABLE)), array)
    assert type(made) is kind
    np.testing.assert_allclose(value(made), np.tanh(value(array)))


@pytest.mark.parametrize(
    ("pattern", "shape", "kind", "text"),
    [
        (None, (), AppliedScalar, "f(A)"),
        (None, (n,), Applied, "f(A)"),
        (None, (n, m), Applied, "f(A)"),
        (None, (n, m, 2), AppliedArray, "f(A)"),
        ("{0}[:, 1]", (n,), Applied, "A[:, 1]"),
        ("f({0}, {{}})", (), AppliedScalar, "f(A, {})"),
    ],
)
def test_an_operation_by_its_name_has_a_class_for_its_rank(pattern, shape, kind, text):
    made = apply_by_name("f", pattern, shape, [A])
    assert type(made) is kind
    assert str(made) == text
    if shape:
        assert tuple(made.shape) == ((*shape, 1) if len(shape) == 1 else shape)


def test_what_is_known_by_name_has_its_value():
    S = sympy.MatrixSymbol("S", n, n)
    a = np.array([[2.0, 0.5], [0.5, 1.0]])
    got = evaluate(apply_by_name("eigvalsh", None, (n,), [S]), SIZES, {"S": a})
    np.testing.assert_allclose(got, np.linalg.eigvalsh(a)[:, None])


def test_an_element_of_an_operation_is_left_as_it_is():
    made = apply_by_name("f", None, (n, m), [A])
    assert made._entry(0, 1).parent is made


def test_a_function_of_an_array_is_done_as_it_stands():
    made = array_function(sympy.Lambda(VARIABLE, sympy.exp(VARIABLE)), T)
    assert made.doit() == made
