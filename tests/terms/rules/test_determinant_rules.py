"""Determinants of products, and sums of their logarithms."""

import pytest

import tracer as tf

A, B, C = (tf.placeholder(name, ("n", "n")) for name in "ABC")
D = tf.placeholder("D", ("n", "n"), positive_definite=True)
X, v, w = tf.placeholder("X", ("m", "n")), tf.placeholder("v", ("n",)), tf.placeholder("w", ("n",), positive=True)
p, s = tf.placeholder("p", positive=True), tf.placeholder("s")
n = A.shape[0]
det, inv, logdet, T = tf.linalg.det, tf.linalg.inv, tf.linalg.logdet, tf.transpose


def slope(y, x):
    return tf.gradients(y, x)[0]


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (det(A @ B @ inv(A)), "Determinant(B)"),
        (det(inv(A) @ B @ T(A) @ C), "Determinant(B*C)"),
        (logdet(inv(A) @ D @ A), "log(Determinant(D))"),
        (det(A @ B @ inv(C)), "Determinant(A*B*C**(-1))"),
        (det(tf.linalg.band_part(A, -1, 0)), "prod(diag_part(A))"),
        (det(tf.linalg.band_part(A, -1, 1)), "Determinant(band_part(A, -1, 1))"),
        (logdet(A @ B) - logdet(A) - logdet(B), "0"),
        (logdet(A @ B) - logdet(A), "log(Determinant(B))"),
        (logdet(B @ A) - logdet(T(A) @ B), "0"),
        (logdet(A @ D @ T(A)) - logdet(D), "2*log(abs(Determinant(A)))"),
        (logdet(A @ B) - logdet(D), "log(Determinant(A*B)) - log(Determinant(D))"),
        (logdet(T(A) @ A), "2*log(abs(Determinant(A)))"),
        (logdet(D @ D @ D), "3*log(Determinant(D))"),
        (logdet(T(A) @ A) - 2 * logdet(A), "0"),
        (logdet(T(X) @ X), "log(Determinant(X.T*X))"),
        (slope(logdet(T(A) @ A), A), "2*(A**(-1)).T"),
        (logdet(2 * A), "n*log(2) + log(Determinant(A))"),
        (logdet(A / p) + n * tf.math.log(p), "log(Determinant(A))"),
        (logdet(s * A), "log(Determinant(s*A))"),
        (logdet(p * s * A), "n*log(p) + log(Determinant(s*A))"),
        (logdet(-2 * A), "log(Determinant(-2*A))"),
        (logdet(p * tf.eye(n)), "n*log(p)"),
        (slope(logdet(p * D), p), "n/p"),
        (logdet(A) - tf.math.log(det(A)), "0"),
        (tf.math.log(3 * p**2 * det(A)) - logdet(A), "2*log(p) + log(3)"),
        (tf.math.log(det(p * A)) - logdet(p * A), "0"),
        (tf.math.log(s * det(A)), "log(s*Determinant(A))"),
        (det(tf.linalg.diag(v)), "prod(v)"),
        (logdet(tf.linalg.diag(v)), "log(prod(v))"),
        (logdet(tf.linalg.diag(tf.exp(v))), "sum(v)"),
        (slope(logdet(tf.linalg.diag(v)), v), "1/v"),
        (logdet(tf.linalg.band_part(A, -1, 0)), "log(prod(diag_part(A)))"),
        (tf.math.log(tf.reduce_prod(w)), "sum(log(w))"),
    ],
)
def test_how_a_determinant_of_a_product_is_written(tensor, text):
    assert str(tensor.formula()) == text
