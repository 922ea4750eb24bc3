"""Functions of matrices by elimination, against NumPy's."""

import numpy as np
import pytest

import tracer as tf
from tracer.precise.arithmetic import fill_array
from tracer.precise.digits import Digits
from tracer.precise.elimination import eliminate
from tracer.precise.numeric import Numeric

DIGITS = Digits(30)
RNG = np.random.default_rng(2)
DEFINITE = (lambda m: m @ m.T + np.eye(3))(RNG.normal(size=(3, 3)))
ANY = RNG.normal(size=(2, 3, 3))

FUNCTIONS = [
    (tf.linalg.inv, ANY),
    (tf.linalg.det, ANY),
    (lambda A: tf.linalg.slogdet(A)[0], ANY),
    (lambda A: tf.linalg.slogdet(A)[1], ANY),
    (tf.linalg.logdet, DEFINITE),
    (tf.linalg.cholesky, DEFINITE),
    (lambda A: tf.linalg.solve(A, A[:, :2]), DEFINITE),
    (lambda A: tf.linalg.solve(A, A[:, :1], adjoint=True), DEFINITE),
    (lambda A: tf.linalg.matrix_power(A, -2), DEFINITE),
]


def numbers(values):
    return fill_array(values.shape, [DIGITS.number(v) for v in values.ravel().tolist()])


@pytest.mark.parametrize(("function", "value"), FUNCTIONS)
def test_values_are_those_of_floats(function, value):
    A = tf.placeholder("A", value.shape)
    tensor = function(A)
    (found,) = Numeric([tensor])({A.node: numbers(value)}, DIGITS)
    np.testing.assert_allclose(np.asarray(found, float), tensor.eval({A: value}), rtol=1e-9, atol=1e-12)


def test_a_singular_matrix_has_the_determinant_zero_and_no_solution():
    matrix = numbers(np.array([[1.0, 2.0], [2.0, 4.0]]))
    determinant, solution = eliminate(DIGITS, matrix, matrix)
    assert determinant == 0
    assert solution is None


def test_pivots_are_exchanged():
    matrix = numbers(np.array([[0.0, 2.0], [3.0, 4.0]]))
    determinant, solution = eliminate(DIGITS, matrix, matrix)
    assert determinant == -6
    np.testing.assert_array_equal(np.asarray(solution, float), np.eye(2))


def test_a_pivot_may_be_smaller_than_any_float():
    a = Digits(900)
    tiny = a.context.mpf(10) ** -400
    determinant, _ = eliminate(a, np.array([[tiny, a.number(1)], [a.number(0), a.number(2)]], object), np.empty((2, 0)))
    assert determinant == 2 * tiny


def test_what_is_not_positive_definite_has_no_cholesky_factor():
    """Its first element would be 1; NumPy refuses it too."""
    A = tf.placeholder("A", (2, 2))
    (found,) = Numeric([tf.linalg.cholesky(A)[0, 0]])({A.node: numbers(np.array([[1.0, 2.0], [2.0, 1.0]]))}, DIGITS)
    assert np.isnan(float(found[()]))
