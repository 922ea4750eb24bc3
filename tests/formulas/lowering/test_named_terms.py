"""Functions of matrices and of networks as terms: each has NumPy's value."""

import numpy as np
import pytest

import tracer as tf
from tracer.formulas.errors import FormulaError
from tracer.formulas.lowering.lower import lower
from tracer.formulas.lowering.named_terms import TERMS
from tracer.formulas.matrix.writer import matrix
from tracer.rules import TABLE
from tracer.terms import record as T
from tracer.testing.interpreter import MATRIX, evaluate

A, B = (tf.placeholder(name, ("n", "n")) for name in "AB")
S = tf.placeholder("S", ("n", "n"), symmetric=True)
X, v, w = tf.placeholder("X", ("n", "d")), tf.placeholder("v", ("n",)), tf.placeholder("w", (3,))
BATCH, RIGHT = tf.placeholder("C", (2, 3, 3)), tf.placeholder("R", (2, 3, 2))
RNG = np.random.default_rng(13)
G = RNG.normal(size=(3, 3))
VALUES = {"A": RNG.normal(size=(3, 3)), "B": RNG.normal(size=(3, 3)), "S": G @ G.T + np.eye(3)}
VALUES |= {"X": RNG.normal(size=(3, 2)), "v": RNG.normal(size=3), "w": RNG.normal(size=3)}
VALUES |= {"C": RNG.normal(size=(2, 3, 3)), "R": RNG.normal(size=(2, 3, 2))}
a, b, s, x, u = (VALUES[k] for k in "ABSXv")


def value(tensor):
    (term,) = lower([tensor])
    assert term.shape == tensor.shape
    return evaluate(matrix(term), {"n": 3, "d": 2}, VALUES)


def reversed_sums(y, axis):
    return np.flip(np.cumsum(np.flip(y, axis), axis), axis)


def softmax(y, axis):
    return np.exp(y) / np.exp(y).sum(axis, keepdims=True)


CASES = {
    "inv": (lambda: tf.linalg.inv(A), np.linalg.inv(a)),
    "det": (lambda: tf.linalg.det(A), np.linalg.det(a)),
    "logdet": (lambda: tf.linalg.logdet(S), np.linalg.slogdet(s)[1]),
    "slogdet-sign": (lambda: tf.linalg.slogdet(A)[0], np.linalg.slogdet(a)[0]),
    "slogdet-log": (lambda: tf.linalg.slogdet(A)[1], np.linalg.slogdet(a)[1]),
    "solve": (lambda: tf.linalg.solve(A, X), np.linalg.solve(a, x)),
    "solve-vector": (lambda: tf.linalg.solve(A, v), np.linalg.solve(a, u)),
    "solve-adjoint": (lambda: tf.linalg.solve(A, X, adjoint=True), np.linalg.solve(a.T, x)),
    "softmax": (lambda: tf.nn.softmax(X), softmax(x, 1)),
    "softmax-of-columns": (lambda: tf.nn.softmax(X, axis=0), softmax(x, 0)),
    "cumsum": (lambda: tf.cumsum(X), np.cumsum(x, 0)),
    "cumsum-last": (lambda: tf.cumsum(X, axis=1), np.cumsum(x, 1)),
    "cumsum-reverse": (lambda: tf.cumsum(X, reverse=True), reversed_sums(x, 0)),
    "cumsum-exclusive": (lambda: tf.cumsum(v, exclusive=True), np.cumsum(u) - u),
    "cumsum-both": (lambda: tf.cumsum(X, 1, exclusive=True, reverse=True), reversed_sums(x, 1) - x),
    "cumsum-of-one": (lambda: tf.cumsum(X[:, :1], axis=1), x[:, :1]),
    "cumsum-of-one-exclusive": (lambda: tf.cumsum(X[:, :1], axis=1, exclusive=True), np.zeros((3, 1))),
    "set-diag": (lambda: tf.linalg.set_diag(A, v), a - np.diag(np.diag(a)) + np.diag(u)),
    "band-part": (lambda: tf.linalg.band_part(A, -1, 0), np.tril(a)),
    "pinv": (lambda: tf.linalg.pinv(X), np.linalg.pinv(x)),
    "expm": (lambda: tf.linalg.expm(A), MATRIX["expm"](a)),
    "matrix-power": (lambda: tf.linalg.matrix_power(A, 3), a @ a @ a),
    "cross": (lambda: tf.linalg.cross(w, 2 * w + w[0]), np.cross(VALUES["w"], 2 * VALUES["w"] + VALUES["w"][0])),
    "cholesky": (lambda: tf.linalg.cholesky(S), np.linalg.cholesky(s)),
    "eigvalsh": (lambda: tf.linalg.eigvalsh(S), np.linalg.eigvalsh(s)),
}


@pytest.mark.parametrize("name", CASES)
def test_a_function_has_numpys_value(name):
    make, want = CASES[name]
    np.testing.assert_allclose(value(make()).reshape(np.shape(want)), want, rtol=1e-9, atol=1e-9)


def test_a_batch_of_systems_has_as_many_inverses():
    solved = lower([tf.linalg.solve(BATCH, RIGHT)])[0]
    assert solved.shape == (2, 3, 2)
    (first, inner, _), (second, right, _) = solved.factors
    inverse, labels = (first, inner) if getattr(first, "head", "") == "inverse" else (second, right)
    assert inverse.head == "inverse"
    assert labels[0] == solved.out[0]


@pytest.mark.parametrize(
    ("function", "derivative"),
    [
        (tf.linalg.expm, lambda: tf.linalg.expm(A)),
        (lambda x: tf.linalg.matrix_power(x, 3), lambda: 3 * tf.linalg.matrix_power(A, 2)),
        (tf.linalg.logm, lambda: tf.linalg.inv(A)),
        (tf.linalg.sqrtm, lambda: tf.linalg.inv(tf.linalg.sqrtm(A)) / 2),
    ],
    ids=["expm", "matrix_power", "logm", "sqrtm"],
)
def test_along_the_identity_a_function_has_the_derivative_of_numbers(function, derivative):
    (gradient,) = tf.gradients(tf.linalg.trace(function(A)), A)
    assert not any(isinstance(t, T.Call) and "frechet" in str(t.head) for t in T.subterms(lower([gradient])[0]))
    definite = VALUES["S"] + 0.1 * VALUES["A"]
    got, want = (
        evaluate(matrix(lower([t])[0]), {"n": 3}, {"A": definite}) for t in (gradient, tf.transpose(derivative()))
    )
    np.testing.assert_allclose(got, want, rtol=1e-9)


def test_along_another_direction_it_stays_a_function_of_both():
    (gradient,) = tf.gradients(tf.reduce_sum(tf.linalg.expm(A) * B), A)
    term = lower([gradient])[0]
    assert any(isinstance(t, T.Call) and t.head == "expm_frechet" for t in T.subterms(term))


def test_matrices_that_are_not_square_have_no_diagonal_put_in():
    X = tf.placeholder("X", (3, 2))
    with pytest.raises(FormulaError, match=r"set_diag of matrices of shape \(3, 2\), which are not square.*steps"):
        lower([tf.linalg.set_diag(X, tf.placeholder("d", (2,)))])


@pytest.mark.parametrize("name", TERMS)
def test_each_term_is_of_an_operation_that_there_is(name):
    assert name in TABLE


@pytest.mark.parametrize(
    "shapes", [((2, 3, 3), (3, 2)), ((3, 3), (2, 3, 2)), ((1, 3, 3), (2, 3, 2)), ((2, 3, 3), (1, 3, 2))]
)
def test_a_smaller_batch_is_solved_for_each_of_the_larger_one(shapes):
    left, right = (tf.placeholder(name, shape) for name, shape in zip("LR", shapes))
    term = lower([tf.linalg.solve(left, right)])[0]
    assert term.shape == (2, 3, 2)
    batch = term.out[0]
    for factor, labels, _ in term.factors:
        whole = len(factor.shape) == 3 and factor.shape[0] == 2
        assert (batch in labels) == whole
        assert len(labels) == len(factor.shape)
