"""Triangles are cut once, and Cholesky's factor is that of its matrix."""

import pytest

import tracer as tf

A, B = (tf.placeholder(name, ("n", "n")) for name in "AB")
D = tf.placeholder("D", ("n", "n"), positive_definite=True)
x = tf.placeholder("x", ("n",))
L = tf.linalg.cholesky(D)
inv, logdet = tf.linalg.inv, tf.linalg.logdet


def lower(a):
    return tf.linalg.band_part(a, -1, 0)


def upper(a):
    return tf.linalg.band_part(a, 0, -1)


def diagonal(a):
    return tf.linalg.diag(tf.linalg.diag_part(a))


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (lower(lower(A) @ lower(B)), "tril(A)*tril(B)"),
        (lower(lower(A) @ B), "tril(tril(A)*B)"),
        (lower(inv(L)), "cholesky(D)**(-1)"),
        (lower(inv(lower(A))), "tril(A)**(-1)"),
        (lower(A) + upper(A) - diagonal(A), "A"),
        (lower(D) + tf.transpose(lower(D)) - diagonal(D), "D"),
        (inv(D) @ L, "(cholesky(D)**(-1)).T"),
        (2 * tf.reduce_sum(tf.math.log(tf.linalg.diag_part(L))) - logdet(D), "0"),
        (tf.gradients(tf.reduce_sum((inv(L) @ x) * (inv(L) @ x)), D)[0], "-D**(-1)*x*x.T*D**(-1)"),
    ],
)
def test_a_triangle_is_written_once(tensor, text):
    assert str(tensor.formula()) == text
