"""Conversions between dtypes: what needs none, and numbers that shapes and ranges alone say."""

import numpy as np
import pytest

import tracer as tf

n = tf.placeholder("x", ("n",)).shape[0]


def test_what_has_the_dtype_is_left_alone():
    x = tf.constant([1.0])
    assert tf.cast(x, "float64") is x
    assert tf.cast(x, float) is x
    assert tf.cast(x, "float32") is not x


@pytest.mark.parametrize(("dtype", "kind"), [("float64", float), ("float32", float), ("int64", int), ("int32", int)])
def test_a_size_stays_a_number_that_is_known(dtype, kind):
    found = tf.cast(tf.size(tf.zeros((2, 3))), dtype)
    assert (found.dtype, found.op, found.value, type(found.value)) == (dtype, "cast", 6, kind)
    symbolic = tf.cast(tf.shape(tf.placeholder("x", ("n",)))[0], dtype)
    assert (symbolic.dtype, symbolic.value) == (dtype, n)


def test_a_range_of_whole_numbers_is_a_range_of_others():
    for dtype in ("float64", "float32", "int32"):
        found = tf.cast(tf.range(1, 6, 2), dtype)
        assert (found.op, found.dtype) == ("range", dtype)
        np.testing.assert_array_equal(found, [1, 3, 5])
    assert tf.cast(tf.range(0.5, 2.0), "int64").op == "cast"
    np.testing.assert_array_equal(tf.cast(tf.range(0.5, 2.0), "int64"), [0, 1])


def test_whether_a_size_is_not_zero():
    for size in (0, 2):
        assert bool(tf.cast(tf.size(tf.zeros((size,))), "bool").numpy()) is (size > 0)
    assert tf.cast(tf.range(3), "bool").numpy().tolist() == [False, True, True]
    assert tf.cast(tf.shape(tf.zeros((2, 0))), "bool").numpy().tolist() == [True, False]


def test_the_shape_of_a_tensor_in_floats():
    np.testing.assert_array_equal(tf.cast(tf.shape(tf.zeros((2, 3))), "float64"), [2.0, 3.0])
