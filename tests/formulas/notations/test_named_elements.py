"""Elements of named functions: of arrays of matrices, those of a member."""

import pytest

import tracer as tf

A, B = tf.placeholder("A", ("b", "n", "n")), tf.placeholder("B", ("b", "h", "n", "n"))
X, S = tf.placeholder("X", ("b", "n", "m")), tf.placeholder("S", ("n", "n"))
total = tf.reduce_sum


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (tf.linalg.inv(A), "(A[i]**(-1))[j, k]"),
        (tf.linalg.inv(B + S), "((B[i, j] + S)**(-1))[k, l]"),
        (tf.linalg.det(B), "Determinant(B[i, j])"),
        (tf.linalg.expm(A), "expm(A[i])[j, k]"),
        (tf.linalg.band_part(A, -1, 0), "where(k - j <= 0, A[i, j, k], 0)"),
        (tf.linalg.solve(A, X), "Sum(X[i, l, k]*(A[i]**(-1))[j, l], (l, 0, n - 1))"),
        (tf.linalg.eigvalsh(A), "eigvalsh((A[i].T + A[i])/2)[j]"),
        (tf.linalg.inv(tf.reverse(A, [0])), "(A[b - i - 1]**(-1))[j, k]"),
        (total(tf.linalg.logdet(A)), "Sum(log(Determinant(A[i])), (i, 0, b - 1))"),
        (tf.concat([tf.linalg.inv(A), A], 0), "where(i >= b, A[i - b, j, k], 0) + where(i < b, (A[i]**(-1))[j, k], 0)"),
        # The rules of matrices hold of a member: here, those of a Cholesky factor.
        (
            tf.linalg.cholesky_solve(tf.linalg.cholesky(A), X),
            "2*Sum(X[i, l, k]*((A[i].T + A[i])**(-1))[j, l], (l, 0, n - 1))",
        ),
    ],
)
def test_an_element_of_an_array_of_matrices(tensor, text):
    assert str(tf.formula(tensor, form="index")) == text
