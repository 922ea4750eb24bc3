"""Derivatives of matrices by matrices as matrices of vec by vec."""

import numpy as np
import pytest

import tracer as tf
from tracer.testing.interpreter import evaluate
from tracer.walk import ancestors

X, C = tf.placeholder("X", ("n", "m")), tf.placeholder("C", ("n", "m"))
A, B = tf.placeholder("A", ("k", "n")), tf.placeholder("B", ("m", "l"))
S, M = tf.placeholder("S", ("n", "n")), tf.placeholder("M", ("n", "n"))
SIZES = {"n": 3, "m": 2, "k": 4, "l": 5}


def squared(X):
    return tf.reduce_sum((A @ X @ B) ** 2)


CASES = [
    (lambda: tf.jacobian(lambda X: A @ X @ B)(X), "kron(B.T, A)"),
    (lambda: tf.jacobian(lambda X: tf.transpose(X))(X), "commutation(n, m)"),
    (lambda: tf.jacobian(lambda X: tf.identity(X))(X), "eye(m*n)"),
    (lambda: tf.jacobian(lambda X: X * C)(X), "diag(vec(C))"),
    (lambda: tf.jacobian(lambda X: tf.exp(X) / 2)(X), "diag(vec(exp(X)))/2"),
    (
        lambda: tf.jacobian(lambda X: tf.transpose(B) @ tf.transpose(X))(X),
        "kron(eye(n), B.T)*commutation(n, m)",
    ),
    (lambda: tf.jacobian(tf.linalg.inv)(S), None),
    (lambda: tf.jacobian(lambda S: S @ S)(S), None),
    (lambda: tf.jacobian(lambda S: S @ M @ tf.transpose(S))(S), None),
    (lambda: tf.jacobian(lambda X: tf.reduce_sum(X * C) * X)(X), None),
    (lambda: tf.jacobian(lambda X: tf.tanh(A @ X @ B))(X), None),
    (lambda: tf.jacobian(lambda X: A @ (X * C) @ B)(X), None),
    (lambda: tf.jacobian(lambda X: A @ tf.tanh(X) @ B)(X), None),
    (lambda: tf.hessian(squared)(X), None),
    (lambda: tf.hessian(lambda X: tf.exp(tf.reduce_sum(X * C)))(X), None),
    (lambda: tf.hessian(tf.linalg.logdet)(S), None),
    (lambda: tf.hessian(lambda S: tf.linalg.trace(S @ M @ S))(S), None),
    (lambda: tf.jacobian(lambda X: X - tf.reduce_mean(X, axis=0))(X), None),
]


@pytest.mark.parametrize(("program", "text"), CASES)
def test_the_matrix_of_vec_by_vec_has_the_values_of_the_derivative(program, text) -> None:
    tensor = program()
    formula = tf.formula(tensor, form="kronecker")
    assert text is None or str(formula) == text
    rng = np.random.default_rng(11)
    shapes = {"X": "nm", "C": "nm", "A": "kn", "B": "ml", "S": "nn", "M": "nn"}
    values = {name: rng.normal(size=[SIZES[d] for d in dims]) for name, dims in shapes.items()}
    whole = tensor + 0 * tf.reduce_sum(X)  # so that all sizes are known
    names = {t.name for t in ancestors([whole])}
    want = whole.eval({name: v for name, v in values.items() if name in names})
    rows, columns = want.shape[0] * want.shape[1], want.shape[2] * want.shape[3]
    want = want.transpose(1, 0, 3, 2).reshape(rows, columns)
    np.testing.assert_allclose(evaluate(formula, SIZES, values), want, atol=1e-10)


def test_what_is_no_derivative_of_a_matrix_by_a_matrix_is_refused() -> None:
    with pytest.raises(ValueError, match=r"of rank 4; X has the shape \(n, m\); tracer.formula\(tensor\) writes it"):
        tf.formula(X, form="kronecker")


def test_what_is_no_kronecker_product_is_refused() -> None:
    with pytest.raises(ValueError, match=r'has a part .* that is no Kronecker product; .*form="index"\)$'):
        tf.formula(tf.jacobian(tf.nn.softmax)(X), form="kronecker")
    whole = tf.placeholder("T", ("n", "m", "n", "m"))
    with pytest.raises(ValueError, match=r'^the derivative is no sum of Kronecker products; .*form="index"\)$'):
        tf.formula(whole, form="kronecker")
