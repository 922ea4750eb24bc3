"""Symbolic dimensions: the shapes that come out, and values and gradients once the sizes are known."""

import numpy as np
import pytest

import tracer as tf

n, m, k = (tf.placeholder(name, (name,)).shape[0] for name in "nmk")

SHAPES = [
    (lambda x: x[1:], ("n",), (n - 1,)),
    (lambda x: x[:-1], ("n",), (n - 1,)),
    (lambda x: x[0], ("n", "m"), (m,)),
    (lambda x: x[-1], ("n", 3), (3,)),
    (lambda x: x[:3], ("n",), (3,)),
    (lambda x: x[-3:], ("n",), (3,)),
    (lambda x: x[2:-1], ("n",), (n - 3,)),
    (lambda x: x[::-1], ("n",), (n,)),
    (lambda x: x[x.shape[0] - 1], ("n",), ()),
    (lambda x: x[:, None, ..., 0], ("n", "m", 2), (n, 1, m)),
    (lambda x: x[[0, 0, 1]], ("n", "m"), (3, m)),
    (lambda x: tf.reshape(x, (-1,)), ("n", "m"), (n * m,)),
    (lambda x: tf.reshape(x, (-1, n)), ("n", "m"), (m, n)),
    (lambda x: tf.reshape(x, (2, -1, 3)), ("n", 6), (2, n, 3)),
    (lambda x: tf.concat([x, x, [[0.0] * 2]], 0), ("n", 2), (2 * n + 1, 2)),
    (lambda x: tf.stack([x, x], -1), ("n",), (n, 2)),
    (lambda x: tf.pad(x, [[1, 2]]), ("n",), (n + 3,)),
    (lambda x: tf.tile(x, [2, "k"]), ("n", "m"), (2 * n, k * m)),
    (lambda x: tf.repeat(x, 2, axis=0), ("n", "m"), (2 * n, m)),
    (lambda x: tf.roll(x, 1, 0), ("n",), (n,)),
    (lambda x: tf.gather(x, [[0, 1]], axis=1), ("n", "m"), (n, 1, 2)),
    (lambda x: tf.split(x, 2)[1], (2 * n,), (n,)),
    (lambda x: tf.split(x, [n, m])[1], (n + m,), (m,)),
    (lambda x: tf.one_hot(tf.argmax(x, 1), m), ("n", "m"), (n, m)),
    (lambda x: tf.eye(x.shape[1], batch_shape=[2]), ("n", "m"), (2, m, m)),
    (lambda x: tf.range(x.shape[0]), ("n",), (n,)),
    (lambda x: tf.linspace(0.0, 1.0, x.shape[0]), ("n",), (n,)),
    (lambda x: tf.reduce_max(x, 0, keepdims=True), ("n", "m"), (1, m)),
    (lambda x: tf.cumsum(x, 1), ("n", "m"), (n, m)),
    (lambda x: tf.sort(x), ("n", "m"), (n, m)),
]


@pytest.mark.parametrize(("function", "shape", "expected"), SHAPES)
def test_shapes(function, shape, expected) -> None:
    assert function(tf.placeholder("x", shape)).shape == expected


VALUES = [
    lambda x: x[1:] - x[:-1],
    lambda x: x[::2],
    lambda x: x[1::3],
    lambda x: x[::-2],
    lambda x: x[-2:0:-1],
    lambda x: x[0] * x[-1] + x[x.shape[0] - 2],
    lambda x: x[[0, -1, 0]],
    lambda x: tf.concat([x[1:], x[:1]], 0),
    lambda x: tf.stack([x, x[::-1]], 1),
    lambda x: tf.reshape(x[:, None] * x, (-1,)),
    lambda x: tf.pad(x, [[2, 1]]),
    lambda x: tf.pad(x, [[2, 1]], "REFLECT"),
    lambda x: tf.pad(x, [[2, 2]], "SYMMETRIC"),
    lambda x: tf.tile(x, [2]),
    lambda x: tf.repeat(x, 3),
    lambda x: tf.roll(x, -2, 0),
    lambda x: tf.gather(x[:, None] * x, tf.range(x.shape[0]), axis=1, batch_dims=1),
    lambda x: tf.eye(x.shape[0]) * x,
    lambda x: tf.linspace(x[0], x[1], x.shape[0]),
    lambda x: tf.range(x.shape[0]) * x,
    lambda x: tf.one_hot(tf.argmax(x), x.shape[0]) * x,
    lambda x: tf.reduce_prod(x),
    lambda x: tf.reduce_max(x[:, None] - x, 1),
    lambda x: tf.reduce_logsumexp(x),
    lambda x: tf.reduce_variance(x),
    lambda x: tf.cumprod(x, reverse=True),
    lambda x: tf.cumprod(x, exclusive=True),
    lambda x: tf.cumulative_logsumexp(x),
    lambda x: tf.sort(x),
]


@pytest.mark.parametrize("size", [4, 5])
@pytest.mark.parametrize("function", VALUES)
def test_values_are_those_of_the_concrete_shape(function, size) -> None:
    value = np.sin(np.arange(1.0, size + 1)) + 1.5
    answers = []
    for shape in ((size,), ("n",)):
        x = tf.placeholder("x", shape)
        y = function(x)
        (gradient,) = tf.gradients(tf.reduce_sum(y * y), x)
        assert gradient.shape == x.shape
        (second,) = tf.gradients(tf.reduce_sum(gradient * x * x), x)
        answers.append([t.eval({x: value}) for t in (y, gradient, second)])
    for concrete, symbolic in zip(*answers, strict=True):
        np.testing.assert_allclose(symbolic, concrete, rtol=1e-12)


def test_indices_may_be_symbolic() -> None:
    x, i = tf.placeholder("x", ("n", 3)), tf.placeholder("i", (2,), "int64")
    y = tf.reduce_sum(x[i] ** 2)
    (gradient,) = tf.gradients(y, x)
    feed = {x: np.arange(12.0).reshape(4, 3), i: [1, 1]}
    expected = np.zeros((4, 3))
    expected[1] = 4 * np.arange(3.0, 6.0)
    assert tf.gradients(y, i) == [None]
    np.testing.assert_array_equal(gradient.eval(feed), expected)
