"""What stands beside its inverse cancels, and a projector is its own square."""

import pytest

import tracer as tf

X, h, x = tf.placeholder("X", ("m", "n")), tf.placeholder("h", ("m",)), tf.placeholder("x", ("n",))
A, S = tf.placeholder("A", ("n", "n")), tf.placeholder("S", ("n", "n"), symmetric=True)
inv, transpose = tf.linalg.inv, tf.transpose
P = X @ inv(transpose(X) @ X) @ transpose(X)
REST = tf.eye("m") - P
CENTRE = tf.eye("n") - tf.ones(A.shape) / A.shape[0]
MIRROR = tf.eye("n") - 2 * x[:, None] * x[None, :] / tf.reduce_sum(x * x)


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (P @ P, "X*(X.T*X)**(-1)*X.T"),
        (P @ X, "X"),
        (P @ REST, "0"),
        (REST @ X, "0"),
        (REST @ REST, "eye(m) - X*(X.T*X)**(-1)*X.T"),
        (tf.gradients(tf.reduce_sum((REST @ h) ** 2), h)[0], "2*(eye(m) - X*(X.T*X)**(-1)*X.T)*h"),
        (CENTRE @ CENTRE @ S @ CENTRE @ CENTRE, "(ones(n, n)/n - eye(n))*S*(ones(n, n)/n - eye(n))"),
        (MIRROR @ MIRROR, "eye(n)"),
        (X @ (transpose(X) @ X), "X*X.T*X"),
    ],
)
def test_a_projection_is_written_once(tensor, text):
    assert str(tensor.formula()) == text
