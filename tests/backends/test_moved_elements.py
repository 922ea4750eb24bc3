"""Which element of an operand each element of a result is."""

import numpy as np
import pytest

import tracer as tf
from tracer.backends.moved_elements import find_origins, find_places

X = tf.placeholder("X", (2, 3))

MOVES = {
    "reshape": (tf.reshape(X, (3, 2)), lambda v: v.reshape(3, 2)),
    "reversed rows": (X[::-1], lambda v: v[::-1]),
    "repeated": (tf.gather(X, [1, 1, 0]), lambda v: v[[1, 1, 0]]),
    "padded": (tf.pad(X, [[1, 0], [0, 2]]), lambda v: np.pad(v, [(1, 0), (0, 2)])),
    "joined": (tf.concat([tf.zeros((1, 3)), X], axis=0), lambda v: np.concatenate([np.zeros((1, 3)), v])),
    "stacked": (tf.stack([X, X * 0], axis=1), lambda v: np.stack([v, v * 0], axis=1)),
}


@pytest.mark.parametrize("name", MOVES)
def test_numbers_move_as_elements_do(name):
    node, move = MOVES[name]
    position = next(k for k, a in enumerate(node.args) if a is X)
    operands = [
        np.asarray(a.numpy()) if isinstance(a, tf.Tensor) and a.dtype == "int64" else np.zeros(getattr(a, "shape", ()))
        for a in node.args
    ]
    want = move(np.arange(1, 7).reshape(2, 3))
    np.testing.assert_array_equal(find_origins(node, position, operands, node.shape), want)


def test_several_elements_are_put_at_one_place():
    x = tf.placeholder("x", (4,))
    [slope] = tf.gradients(tf.gather(x, [3, 0, 3]), x, tf.placeholder("c", (3,)))
    places = find_places(slope, 0, [np.zeros(3), np.array([3, 0, 3])])
    np.testing.assert_array_equal(places, [4, 1, 4])
