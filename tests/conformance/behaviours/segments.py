"""Reductions by segment and scattered updates: values, empty segments, ties, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import Behaviour, differs

D = np.array([[1.0, 5.0], [1.0, 7.0], [1.0, 7.0], [2.0, 3.0]])


def _segments(name: str, ids: Any) -> Behaviour:
    def behaviour(tf: Any) -> Any:
        x = tf.Variable(D)
        with tf.GradientTape() as tape:
            y = getattr(tf.math, name)(x, ids)
        return [y, tape.gradient(y, x), getattr(tf.math, name)(D.astype("int64"), ids)]

    return behaviour


def _unsorted(name: str, ids: Any, count: int) -> Behaviour:
    def behaviour(tf: Any) -> Any:
        x = tf.Variable(D)
        with tf.GradientTape() as tape:
            y = getattr(tf.math, name)(x, ids, count)
        return [y, tape.gradient(y, x)]

    return behaviour


def _scatter(name: str, indices: Any) -> Behaviour:
    def behaviour(tf: Any) -> Any:
        x, u = tf.Variable(np.array([1.0, 2.0, 3.0, 4.0])), tf.Variable(np.array([1.0, 2.0, 5.0]))
        with tf.GradientTape() as tape:
            y = getattr(tf, name)(x, indices, u)
        return [y, tape.gradient(y, [x, u])]

    return behaviour


FAMILIES = {
    **{
        f"segment_{name}_{k}": _segments(f"segment_{name}", ids)
        for name in ("max", "min", "mean", "prod", "sum")
        for k, ids in enumerate(([0, 0, 2, 2], [0, 2, 1, 2], [-1, 0, 0, 2], [0, 1], [[0, 1]] * 4))
    },
    **{
        f"unsorted_segment_{name}_{k}": _unsorted(f"unsorted_segment_{name}", ids, 4)
        for name in ("max", "min", "mean", "prod", "sum", "sqrt_n")
        for k, ids in enumerate(([0, -1, 2, 0], [[0, 1], [3, 1], [0, 1], [0, 1]], [0, 1]))
    },
    **{
        f"tensor_scatter_nd_{name}_{k}": _scatter(f"tensor_scatter_nd_{name}", indices)
        for name in ("update", "add", "sub", "min", "max")
        for k, indices in enumerate(([[0], [1], [3]], [[1], [1], [1]], [[0], [1]]))
        if (name, k) != ("update", 1)
    },
}


@differs(
    [[1.0, 5.0], [1.0, 0.0], [0.0, 1.0]], "only the update that counts has an effect; TensorFlow gives ones to all"
)
def the_last_of_equal_places_counts(tf: Any) -> Any:
    x, u = tf.Variable(np.array([1.0, 2.0])), tf.Variable(np.array([3.0, 5.0]))
    with tf.GradientTape() as tape:
        y = tf.tensor_scatter_nd_update(x, [[1], [1]], u)
    return [y.numpy().tolist(), *(g.numpy().tolist() for g in tape.gradient(y, [x, u]))]


@differs(IndexError, "TensorFlow raises its InvalidArgumentError")
def a_place_that_is_not_there(tf: Any) -> Any:
    return tf.tensor_scatter_nd_update(np.zeros(4), [[4]], np.ones(1))


def zeros_within_products(tf: Any) -> Any:
    x = tf.Variable(np.array([1.0, 0.0, 0.0, 3.0, 0.0, 2.0]))
    with tf.GradientTape() as tape:
        y = tf.math.unsorted_segment_prod(x, [0, 0, 0, 1, 1, 2], 3)
    return [y, tape.gradient(y, x)]


def orders_and_sources_of_special_functions(tf: Any) -> Any:
    a, x = tf.Variable(np.float64(1.0)), tf.Variable(np.float64(2.5))
    with tf.GradientTape(persistent=True) as tape:
        y, z = tf.math.polygamma(a, x), tf.math.zeta(x, a)
    return [y, z, tape.gradient(y, [a, x]), tape.gradient(z, [a, x])]


def inverses_of_error_functions(tf: Any) -> Any:
    x = tf.Variable(np.array([0.25, 0.5, 0.75]))
    with tf.GradientTape(persistent=True) as tape:
        ys = [tf.math.erfinv(x), tf.math.erfcinv(x), tf.math.ndtri(x)]
    return [ys, [tape.gradient(y, x) for y in ys]]
