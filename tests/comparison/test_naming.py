"""What the parameters are where no inputs are given."""

import pytest
import sympy

import tracer as tf
from tracer import Verdict

n, m = sympy.symbols("n m")
A, v = sympy.MatrixSymbol("A", n, n), sympy.MatrixSymbol("v", n, 1)


@pytest.mark.parametrize(
    ("f", "g", "verdict"),
    [
        ("sin(x)**2 + cos(x)**2", "1", Verdict.PROVED),
        ("sqrt(x**2)", "x", Verdict.REFUTED),
        ("log(x*y)", "log(x) + log(y)", Verdict.PROVED),
        ("3", "2 + 1", Verdict.PROVED),
        (sympy.Trace(A.T), "trace(A)", Verdict.PROVED),
        (v.T * A * v, "sum(v*(A @ v))", Verdict.PROVED),
        (A * v, lambda v, A: A @ v, Verdict.PROVED),
        (A * v, lambda A, v: tf.transpose(A) @ v, Verdict.REFUTED),
        (sympy.Symbol("x") ** 2, lambda x: x * x, Verdict.PROVED),
        (sympy.sqrt(sympy.Symbol("x", positive=True) ** 2), "abs(x)", Verdict.PROVED),
    ],
)
def test_without_inputs_matrices_have_shapes_and_the_rest_are_scalars(f, g, verdict):
    answer = tf.compare(f, g)
    assert answer.verdict is verdict, str(answer)


def test_a_function_whose_shapes_nothing_knows_needs_inputs():
    for g in ("x**2", lambda x: x):
        with pytest.raises(
            ValueError, match=r"0 inputs are given for 1 parameters \(x\); give a shape for each of them"
        ):
            tf.compare(lambda x: x * x, g)


def test_a_function_of_fewer_parameters_than_inputs_is_refused():
    message = r"2 inputs are given, and the function .* has 1 parameters \(x\); let both have the same parameters"
    with pytest.raises(ValueError, match=message):
        tf.compare(lambda x: x, "x + y", (), ())
