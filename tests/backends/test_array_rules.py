"""Whole arrays: parts put together, running sums, matrices."""

import numpy as np
import pytest

import tracer as tf

from .looping import check

RNG = np.random.default_rng(4)
X, B, V = RNG.normal(size=(3, 4)), RNG.normal(size=(2, 3, 3)), RNG.normal(size=3)
A = RNG.normal(size=(3, 3)) + 3 * np.eye(3)
P = A @ A.T
SINGULAR = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [0.0, 1.0, 1.0]])
FIRST_ZERO = np.array([[0.0, 1.0], [2.0, 0.0]])
PLACES = np.array([2, 0, 2])
TIES = np.array([[3.0, 1.0, 3.0, np.nan, -np.inf], [0.0, -0.0, np.inf, np.nan, 1.0]])

CASES = {
    "joined": (lambda x, v: [tf.concat([x, x * 2], 0), tf.concat([x, v[:, None]], 1), tf.concat([v, v], 0)], X, V),
    "stacked": (lambda x, v: [tf.stack([v, 2 * v]), tf.stack([v, v], 1), tf.stack([v[0], v[1] * 2])], X, V),
    "padded": (lambda x: [tf.pad(x, [[1, 0], [2, 1]]), tf.pad(x, [[0, 1], [0, 0]], constant_values=5.0)], X),
    "placed": (lambda v, n: tf.gradients(tf.reduce_sum(tf.gather(v, n) ** 3), v), V, PLACES),
    "slopes of slices": (lambda x: tf.gradients(tf.reduce_sum(x[1:, ::2] ** 2 * x[:-1, ::2]), x), X),
    "segments": (
        lambda x, n: [tf.math.segment_sum(x, [0, 0, 2]), tf.math.unsorted_segment_max(x, n, 4)], X, PLACES,
    ),
    "cross products": (lambda b, v: tf.linalg.cross(b, b * b), B, V),
    "running": (
        lambda x: [tf.math.cumsum(x, 0), tf.math.cumsum(x, 1, exclusive=True, reverse=True), tf.math.cumprod(x, 1)], X,
    ),
    "slopes of running products": (lambda x: tf.gradients(tf.reduce_sum(tf.math.cumprod(x, 1)), x), X),
    "running logsumexp": (lambda x: tf.math.cumulative_logsumexp(x, 1), X),
    "softmax": (lambda x: [tf.nn.softmax(x), tf.nn.softmax(x, 0), tf.nn.softmax(x * 1e3)], X),
    "sorted": (lambda t: [tf.argsort(t, 1), tf.sort(t, 1), tf.argsort(t, 0)], TIES),
    "determinants": (lambda a, b: [tf.linalg.det(a), tf.linalg.det(b)], A, B),
    "zero first pivot": (lambda a: [tf.linalg.det(a), tf.linalg.inv(a)], FIRST_ZERO),
    "logarithms": (lambda p, a: [tf.linalg.logdet(p), *tf.linalg.slogdet(a)], P, -A),
    "inverses": (lambda a, b: [tf.linalg.inv(a), tf.linalg.inv(b)], A, B),
    "systems": (
        lambda a, x, v, b: [
            tf.linalg.solve(a, x), tf.linalg.solve(a, x, adjoint=True), tf.linalg.solve(a, v[:, None]),
            tf.linalg.solve(b, b),
        ], A, X, V, B,
    ),
    "factors": (lambda p: [tf.linalg.cholesky(p), *tf.gradients(tf.reduce_sum(tf.linalg.cholesky(p)), p)], P),
    "slopes of determinants": (lambda s, a: [
        *tf.gradients(tf.linalg.det(s), s), *tf.gradients(tf.linalg.det(a), a), *tf.gradients(tf.linalg.logdet(a), a),
    ], SINGULAR, A),
    "adjugates": (lambda s: tf.linalg.adjugate(s), SINGULAR),
    "a matrix of one element": (lambda a: [tf.linalg.inv(a), *tf.gradients(tf.linalg.det(a), a)], np.array([[2.0]])),
    "a network": (
        lambda x, a, v: tf.gradients(tf.reduce_sum(tf.tanh(tf.tanh(tf.transpose(x) @ a) @ v) ** 2), [x, a, v]), X, A, V,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
@pytest.mark.unchecked
def test_values_are_numpys(name):
    build, *arrays = CASES[name]
    check(build, *arrays)
