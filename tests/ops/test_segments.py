"""Segments and scattered updates: what wrong calls are told."""

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
