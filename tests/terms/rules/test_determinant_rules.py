"""Determinants of products, and sums of their logarithms."""

import pytest

import tracer as tf

A, B, C = (tf.placeholder(name, ("n", "n")) for name in "ABC")
D = tf.placeholder("D", ("n", "n"), positive_definite=True)
det, inv, logdet, T = tf.linalg.det, tf.linalg.inv, tf.linalg.logdet, tf.transpose


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
    ],
)
def test_how_a_determinant_of_a_product_is_written(tensor, text):
    assert str(tensor.formula()) == text
