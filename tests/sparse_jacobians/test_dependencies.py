"""Which elements depend on which."""

import numpy as np
import pytest

import tracer as tf
from tracer.sparse_jacobians.dependencies import find_dependencies

x, X = tf.placeholder("x", (4,)), tf.placeholder("X", (3, 3))
BAND = np.eye(4) + np.eye(4, k=1)
ROWS, BELOW = np.kron(np.eye(3), np.ones((1, 3))), np.tri(4)

CASES = {
    "a function of elements": (tf.sin(x) * x, x, np.eye(4)),
    "neighbours": (x[1:] - x[:-1] ** 2, x, BAND[:3]),
    "a padded vector": (tf.pad(x[1:], [[1, 0]]), x, np.diag([0.0, 1, 1, 1])),
    "a sum": (tf.reduce_sum(x[1:]), x, [[0, 1, 1, 1]]),
    "a banded constant": (tf.constant(BAND) @ x, x, BAND),
    "a diagonal matrix": (tf.linalg.diag(x) @ tf.constant([1.0, 0.0, 2.0, 3.0]), x, np.diag([1.0, 0, 1, 1])),
    "two diagonal matrices": (tf.linalg.diag_part(tf.linalg.diag(x) @ tf.linalg.diag(x)), x, np.eye(4)),
    "a product with what is zero": (x * tf.constant([0.0, 1.0, 0.0, 1.0]), x, np.diag([0.0, 1, 0, 1])),
    "gathered": (tf.gather(x, [2, 2]), x, np.eye(4)[[2, 2]]),
    "what is compared": (tf.where(x > x[::-1], x, 0.0), x, np.eye(4)),
    "stopped": (x + tf.stop_gradient(x[::-1]), x, np.eye(4)),
    "steps": (x + tf.sign(x[::-1]), x, np.eye(4)),
    "running sums": (tf.cumsum(x), x, BELOW),
    "sums of what comes after": (tf.cumsum(x, reverse=True, exclusive=True), x, np.triu(np.ones((4, 4)), 1)),
    "running products": (tf.math.cumprod(x), x, BELOW),
    "softmax of rows": (tf.nn.softmax(X), X, np.kron(np.eye(3), np.ones((3, 3)))),
    "the greatest of rows": (tf.reduce_max(X, axis=1), X, ROWS),
    "the greatest of rows, its axis kept": (tf.reduce_max(X, axis=1, keepdims=True), X, ROWS),
    "a triangle": (tf.linalg.band_part(X, -1, 0), X, np.diag(np.tri(3).ravel())),
    "an inverse": (tf.linalg.inv(X), X, np.ones((9, 9))),
    "a system": (tf.linalg.solve(tf.constant(BAND), x[:, None]), x, np.ones((4, 4))),
    "nothing": (tf.reduce_sum(x), X, np.zeros((1, 9))),
    "the source itself": (x, x, np.eye(4)),
}


@pytest.mark.parametrize("name", CASES)
def test_dependencies(name):
    target, source, want = CASES[name]
    np.testing.assert_array_equal(find_dependencies(target, source).toarray(), np.asarray(want, bool))


def test_matrices_of_a_batch_depend_on_themselves():
    batch = tf.placeholder("B", (2, 2, 2))
    found = find_dependencies(tf.linalg.det(batch), batch).toarray()
    np.testing.assert_array_equal(found, np.kron(np.eye(2), np.ones((1, 4))) > 0)
    found = find_dependencies(tf.linalg.solve(batch, tf.ones((2, 2, 1))), batch).toarray()
    np.testing.assert_array_equal(found, np.kron(np.eye(2), np.ones((2, 4))) > 0)


def test_an_index_without_a_value_may_be_each():
    ids = tf.placeholder("ids", (2,), dtype="int64")
    np.testing.assert_array_equal(find_dependencies(tf.gather(x, ids), x).toarray(), np.ones((2, 4), bool))


def test_a_variable_s_value_says_nothing():
    """It may have another one when the elements are asked for."""
    v = tf.Variable([0.0, 1.0, 2.0, 3.0])
    np.testing.assert_array_equal(find_dependencies(x * v, x).toarray(), np.eye(4) > 0)


def test_a_long_chain_takes_time_in_proportion():
    source = tf.placeholder("x", (10_000,))
    found = find_dependencies(tf.reduce_sum(source) + source[1:] * source[:-1], source[:1])
    assert found.nnz == 0
    loss = tf.reduce_sum((source[1:] - source[:-1] ** 2) ** 2)
    assert find_dependencies(tf.gradients(loss, source)[0], source).nnz == 29_998
