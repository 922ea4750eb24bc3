"""What a matrix amounts to beside the inverse of a sum, and which of two inverses is written."""

import pytest

import tracer as tf

A, B = (tf.placeholder(name, ("n", "n")) for name in "AB")
X, Y = tf.placeholder("X", ("n", "k")), tf.placeholder("Y", ("k", "n"))
U, V = tf.placeholder("U", (9, 2)), tf.placeholder("V", (2, 9))
x, c = tf.placeholder("x", ("n",)), tf.symbols("c")
inv, T = tf.linalg.inv, tf.transpose


def eye(size):
    return tf.eye(size)


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (A @ inv(A + eye("n")) + inv(A + eye("n")), "eye(n)"),
        (inv(A + eye("n")) @ A + inv(A + eye("n")), "eye(n)"),
        (A @ inv(A + c * eye("n")) @ x + c * inv(A + c * eye("n")) @ x, "x"),
        (A @ inv(A + 3 * eye("n")) + 3 * inv(A + 3 * eye("n")) + B, "B + eye(n)"),
        (eye("n") - A @ inv(A + eye("n")), "(A + eye(n))**(-1)"),
        (x - inv(A + B) @ (A @ x), "(A + B)**(-1)*B*x"),
        (x - inv(X @ T(X) + c * eye("n")) @ X @ T(X) @ x, "c*(c*eye(n) + X*X.T)**(-1)*x"),
        (A @ B @ inv(A @ B + eye("n")) + inv(A @ B + eye("n")), "eye(n)"),
        (eye("n") - inv(A + eye("n")), "eye(n) - (A + eye(n))**(-1)"),
        (A @ inv(A + eye("n")) - inv(A + eye("n")), "A*(A + eye(n))**(-1) - (A + eye(n))**(-1)"),
        (A @ inv(A + eye("n")) + inv(B + eye("n")), "A*(A + eye(n))**(-1) + (B + eye(n))**(-1)"),
        (A @ inv(A + eye("n")), "A*(A + eye(n))**(-1)"),
        (A @ inv(eye("n") + B @ A) - inv(eye("n") + A @ B) @ A, "0"),
        (X @ inv(eye("k") + Y @ X) - inv(eye("n") + X @ Y) @ X, "0"),
        (T(X) @ inv(X @ T(X) + c * eye("n")) - inv(T(X) @ X + c * eye("k")) @ T(X), "0"),
        (X @ inv(eye("k") + Y @ X), "X*(Y*X + eye(k))**(-1)"),
        (inv(eye("n") + X @ Y) @ X, "(X*Y + eye(n))**(-1)*X"),
        (inv(eye(9) + U @ V) @ U, "U*(V*U + eye(2))**(-1)"),
        (V @ inv(2 * eye(9) - U @ V), "(2*eye(2) - V*U)**(-1)*V"),
        (inv(eye(2) + V @ U) @ V, "(V*U + eye(2))**(-1)*V"),
        (inv(eye(9) + U @ V) @ T(V), "(U*V + eye(9))**(-1)*V.T"),
    ],
)
def test_how_an_inverse_of_a_sum_is_written(tensor, text):
    assert str(tensor.formula()) == text
