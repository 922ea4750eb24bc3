"""What is permuted or made of products, in other words: the same where it is the same, and never where it is not."""

import pytest

import tracer as tf
from tracer.comparison.rearranging import rearrange
from tracer.explanations.vanishing import is_zero

x, y, X = tf.placeholder("x", ("n",)), tf.placeholder("y", ("n",)), tf.placeholder("X", ("n", "m"))
A, B, C = (tf.placeholder(name, ("n", "n")) for name in "ABC")
inv, det, logdet = tf.linalg.inv, tf.linalg.det, tf.linalg.logdet
solve, cholesky = tf.linalg.solve, tf.linalg.cholesky
S = tf.placeholder("S", ("n", "n"), symmetric=True)
total, most = tf.reduce_sum, tf.reduce_max

SAME = [
    (total(tf.sort(x) ** 2), total(x**2)),
    (total(tf.exp(x[::-1]) * y[::-1]), total(tf.exp(x) * y)),
    (x[::-1] @ y, x @ y[::-1]),
    (total(tf.roll(x, 2, 0) * 3), total(x * 3)),
    (most(tf.sort(x)), most(x)),
    (x[::-1][::-1], x),
    (tf.sort(tf.sort(x)), tf.sort(x)),
    (tf.sort(x[::-1]), tf.sort(x)),
    (total(tf.gather(y, tf.argsort(x))), total(y)),
    (total(X[::-1], axis=0), total(X, axis=0)),
    (total(tf.transpose(X[::-1]), axis=1), total(tf.transpose(X), axis=1)),
    (inv(A @ B @ C), inv(C) @ (inv(B) @ inv(A))),
    (inv(A @ inv(B)), B @ inv(A)),
    (tf.reduce_min(x), -most(-x)),
    (total(x[::-1] * y), total(x * y[::-1])),
    (total(tf.exp(x[::-1] - y) * y), total(tf.exp(x - y[::-1]) * y[::-1])),
    (most(x[::-1] + y), most(x + y[::-1])),
    (total(x * x[::-1] * y), total(x * x[::-1] * y[::-1])),
    (solve(A, B), inv(A) @ B),
    (solve(A, x), inv(A) @ x),
    (solve(A, x, adjoint=True), tf.transpose(inv(A)) @ x),
    (tf.math.log(det(A)), logdet(A)),
    (inv(S) + cholesky(S), tf.transpose(inv(cholesky(S))) @ inv(cholesky(S)) + cholesky(S)),
    (logdet(S) + total(cholesky(S)), 2 * total(tf.math.log(tf.linalg.diag_part(cholesky(S)))) + total(cholesky(S))),
    (tf.math.log(det(S)) * total(cholesky(S)), logdet(S) * total(cholesky(S))),
]

DIFFERENT = [
    (total(tf.sort(x) * y), total(x * y)),
    (total(x[::-1] * tf.sort(y)), total(x[::-1] * y)),
    (total(x[::-1] * tf.sort(y)), total(x * y)),
    (total(x[::-1] * y), total(x * y)),
    (total(X[::-1], axis=1), total(X, axis=1)),
    (total(tf.roll(x, 1, 0) * x[::-1]), total(x * x)),
    (tf.cumsum(x[::-1]), tf.cumsum(x)),
    (x[::2][::-1], x[::2]),
    (total(tf.concat([x[1:], x[1:]], 0)), total(x)),
    (tf.linalg.trace(A[::-1]), tf.linalg.trace(A)),
    (inv(A @ B), inv(A) @ inv(B)),
    (det(A + B), det(A) + det(B)),
    (tf.sort(x), x),
    (total(x * x[::-1] * y * tf.sort(y)), total(x * x[::-1] * y[::-1] * tf.sort(y))),
    (solve(A, x), tf.transpose(inv(A)) @ x),
    (inv(A) + cholesky(A), tf.transpose(inv(cholesky(A))) @ inv(cholesky(A)) + cholesky(A)),
    (tf.where(x[0] > 0, cholesky(S)[0, 0], det(S)), tf.where(x[0] > 0, cholesky(S)[0, 0], tf.abs(det(S)))),
]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_what_is_the_same_by_a_law_becomes_one(first, second):
    [a], [b] = rearrange([first], [second])
    assert a is b or is_zero(a - b)


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_what_differs_stays_apart(first, second):
    [a], [b] = rearrange([first], [second])
    assert not is_zero(a - b)


def density_by_cholesky(x, S):
    factor = cholesky(S)
    z = tf.linalg.triangular_solve(factor, x[:, None])[:, 0]
    return -total(z * z) / 2 - total(tf.math.log(tf.linalg.diag_part(factor)))


@pytest.mark.parametrize(
    "density",
    [
        lambda x, S: -(x @ inv(S) @ x) / 2 - logdet(S) / 2,
        lambda x, S: -(x @ solve(S, x)) / 2 - tf.math.log(det(S)) / 2,
        lambda x, S: -total(x * tf.linalg.cholesky_solve(cholesky(S), x[:, None])[:, 0]) / 2 - logdet(S) / 2,
    ],
)
def test_densities_of_a_gaussian_are_the_same_for_a_definite_matrix(density):
    definite = tf.placeholder("S", ("n", "n"), positive_definite=True)
    answer = tf.compare(density_by_cholesky, density, ("n",), definite)
    assert answer.verdict is tf.Verdict.PROVED, str(answer)
