"""Segments and scattered updates: what wrong calls are told."""

import numpy as np
import pytest

import tracer as tf

x = tf.placeholder("x", (3, 2))
ids = tf.placeholder("ids", (3,), "int64")
ERRORS = [
    (lambda: tf.math.unsorted_segment_sum(x, [0, 1], 2), r"must have the first dimensions of x of shape \(3, 2\)"),
    (lambda: tf.math.segment_sum(x, [[0, 0], [1, 1], [1, 1]]), "segment_sum takes a vector of segment ids"),
    (lambda: tf.math.segment_max(x, [1, 0, 2]), r"got \[1, 0, 2\]; write unsorted_segment_max"),
    (lambda: tf.math.segment_mean(x, [-1, 0, 2]), "natural numbers in ascending order"),
    (lambda: tf.math.unsorted_segment_prod(x, [0, 0, 1], "n"), "takes a number of segments, got n"),
    (lambda: tf.math.unsorted_segment_max(x, ids, 2).components(), 'the forms "matrix" and "steps" are available'),
    (lambda: tf.tensor_scatter_nd_max(1.0, [[0]], [1.0]), "takes a tensor of rank 1 or more"),
    (lambda: tf.tensor_scatter_nd_update(x, [[0]], [1.0]), r"have shape \(1,\), the indices .* need \(1, 2\)"),
]


@pytest.mark.parametrize(("call", "message"), ERRORS)
def test_wrong_calls_say_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "int32"])
def test_what_a_segment_without_slices_is(dtype):
    """The identity of the operation, or where TensorFlow has it so zero, and no negative one."""
    data = tf.cast([3, -4], dtype)
    limits = np.iinfo(dtype) if dtype[0] == "i" else np.finfo(dtype)
    for name, empty, unsorted in (
        ("max", 0, limits.min), ("min", 0, limits.max), ("sum", 0, 0), ("prod", 1, 1), ("mean", 0, 0)
    ):  # fmt: skip
        found = getattr(tf.math, f"segment_{name}")(data, [1, 1])
        assert found.dtype == dtype
        assert found.numpy()[0] == empty
        assert not np.signbit(found.numpy()[0])
        found = getattr(tf.math, f"unsorted_segment_{name}")(data, [0, 0], 2).numpy()
        assert found[1] == unsorted
    assert tf.math.unsorted_segment_sqrt_n(tf.cast(data, "float32"), [0, 0], 2).dtype == "float32"
    assert tf.math.segment_mean(data, [0, 0]).numpy()[0] == (0 if dtype[0] == "i" else -0.5)


def test_the_elements_of_whole_numbers_are_whole():
    data = tf.placeholder("k", (1,), "int64")
    assert tf.math.segment_min(data, [1]).components()[0].is_Integer
    assert tf.math.segment_max(data, [1]).components()[0].is_Integer


def test_slices_of_negative_ids_count_nowhere():
    data, ids = tf.constant([1.0, 2.0, 4.0]), tf.constant([0, -1, 0])
    assert tf.math.unsorted_segment_sum(data, ids, 1).numpy().tolist() == [5.0]
    assert tf.math.unsorted_segment_sum(data, tf.constant([-1, -2, -1]), 2).numpy().tolist() == [0.0, 0.0]
