"""Tensors that are made of a shape: sizes by name, dtypes by every spelling, values that are read."""

import numpy as np
import pytest

import tracer as tf

linalg = tf.linalg
x = tf.placeholder("x", ("n", "m"))
n, m = x.shape

NAMED = [
    (lambda: tf.zeros("n"), (n,)),
    (lambda: tf.ones(["n", 2]), (n, 2)),
    (lambda: tf.fill(("n", "m"), 1.0), (n, m)),
    (lambda: tf.eye("n"), (n, n)),
    (lambda: tf.eye("n", "m"), (n, m)),
    (lambda: tf.eye(2, "m", "n"), (n, 2, m)),
    (lambda: tf.eye("n", batch_shape=[2, "m"]), (2, m, n, n)),
    (lambda: tf.broadcast_to(1.0, ("n", 3)), (n, 3)),
    (lambda: tf.reshape(x, ("m", "n")), (m, n)),
    (lambda: tf.reshape(x, (-1, "m")), (n, m)),
    (lambda: tf.reshape(tf.zeros("rows"), "rows"), tf.zeros("rows").shape),
    (lambda: tf.reshape(tf.zeros((n, m + 1)), (n * m + n,)), (n * m + n,)),
    (lambda: tf.reshape(tf.zeros((n * m + n,)), (-1, m + 1)), (n, m + 1)),
    (lambda: tf.reshape(tf.zeros((n, 4)), (-1, n)), (4, n)),
    (lambda: tf.tile(x, ("k", 2)), (n * tf.zeros("k").shape[0], 2 * m)),
    (lambda: tf.pad(x, [("k", 0), (0, "m")]), (n + tf.zeros("k").shape[0], 2 * m)),
    (lambda: tf.repeat([1.0, 2.0], "n"), (2 * n,)),
    (lambda: tf.linspace(0.0, 1.0, "n"), (n,)),
    (lambda: tf.linspace(0.0, 1.0, n - 1), (n - 1,)),
    (lambda: tf.scatter_nd([[0]], [1.0], ["n"]), (n,)),
    (lambda: tf.math.unsorted_segment_sum([1.0], [0], "n"), (n,)),
    (lambda: tf.range(n), (n,)),
    (lambda: tf.range(1, n + 1), (n,)),
    (lambda: tf.range(n, 0, -1), (n,)),
    (lambda: tf.range(n, 2 * n), (n,)),
    (lambda: tf.range(0, 2 * n, 2), (n,)),
    (lambda: tf.range(n, n - 2), (0,)),
    (lambda: tf.range(n, n + 2), (2,)),
    (lambda: tf.one_hot([0, 1], n), (2, n)),
    (lambda: tf.one_hot([0, 1], "n"), (2, n)),
    (lambda: tf.one_hot(range(3), tf.shape(x)[1]), (3, m)),
    (lambda: tf.one_hot([], 2), (0, 2)),
    (lambda: tf.linspace(x, 1.0, 2, axis=1), (n, 2, m)),
    (lambda: tf.slice(x, [1, 0], [-1, m]), (n - 1, m)),
    (lambda: tf.split(x, [1, n - 1])[1], (n - 1, m)),
    (lambda: tf.split(tf.zeros((n * m + n,)), [n * (m + 1), 0])[1], (0,)),
    (lambda: tf.pad(tf.zeros(3), [("n", 0)], "SYMMETRIC"), (n + 3,)),
]


@pytest.mark.parametrize("case", range(len(NAMED)))
def test_sizes_may_be_names(case):
    call, shape = NAMED[case]
    found = call().shape
    assert found == shape
    assert all(type(d) is int or d.free_symbols for d in found)


TYPED = [
    lambda d: tf.zeros(2, d),
    lambda d: tf.ones(2, d),
    lambda d: tf.eye(2, dtype=d),
    lambda d: tf.eye(2, 3, dtype=d),
    lambda d: tf.range(3, dtype=d),
    lambda d: tf.zeros_like([1.0], d),
    lambda d: tf.ones_like([1.0], d),
    lambda d: tf.shape([1.0], d),
    lambda d: tf.size([1.0], d),
    lambda d: tf.one_hot([0], 2, dtype=d),
    lambda d: tf.argmax([1.0], output_type=d),
    lambda d: tf.argmin([1.0], output_type=d),
    lambda d: tf.count_nonzero([1.0], dtype=d),
    lambda d: tf.cast([1.0], d),
    lambda d: linalg.lu([[1.0]], d).p,
]


@pytest.mark.parametrize("case", range(len(TYPED)))
@pytest.mark.parametrize(("given", "found"), [(np.int32, tf.int32), ("i8", tf.int64), (np.dtype("int32"), tf.int32)])
def test_dtypes_may_be_spelt_in_any_way(case, given, found):
    tensor = TYPED[case](given)
    assert tensor.dtype is found
    assert tensor.numpy().dtype == found


def test_what_a_tensor_is_like():
    for dtype in ("float64", "float32", "int64", "int32", "bool"):
        given = tf.cast([1, 0], dtype)
        for like in (tf.zeros_like, tf.ones_like):
            assert like(given).dtype == dtype
            assert tf.gradients(like(tf.cast(given, "float64")), given) == [None]


def test_a_variable_fills_a_shape_and_has_the_gradient():
    v = tf.Variable(2.0)
    filled = tf.fill((2, 3), v)
    assert filled.numpy().tolist() == [[2.0] * 3] * 2
    assert float(tf.gradients(filled, v)[0]) == 6.0
    assert tf.fill((2,), np.array(3)).dtype == "int64"
    assert tf.fill((2,), np.float32(1.5)).numpy().tolist() == [1.5, 1.5]
    assert tf.fill((2,), True).dtype == "bool"
    assert tf.fill((2,), n).formula() is not None


@pytest.mark.parametrize("steps", [(0, 7, 2), (7, 0, -3), (1, 2, 3), (2, 1, 1), (0, 0, 1), (5, -5, -5), (-3, 3, 1)])
def test_a_range_is_numpys_in_every_dtype(steps):
    for scale in (1, 0.5):
        given = [k * scale for k in steps]
        expected = np.arange(*given)
        found = tf.range(*given)
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(tf.range(*map(tf.constant, given)), expected)
    np.testing.assert_array_equal(tf.range(*steps, dtype="float32"), np.arange(*steps, dtype="float32"))


def test_a_range_of_large_numbers_is_counted_in_whole_numbers():
    assert tf.range(0, 2**61 + 1, 2**60).shape == (3,)
    assert tf.range(0, 2**61 + 1, 2**60, "float64").shape == (3,)
    assert tf.range(2**60 + 1, 2**60, 1).shape == (0,)


def test_what_is_made_of_a_range_does_not_overflow():
    large = tf.cast(tf.range(2**62, 2**62 + 3), "float64")
    np.testing.assert_array_equal(large * 4, np.arange(3.0) + 2.0**64)
    np.testing.assert_array_equal(tf.cast(tf.range(1, 4), "float64") ** tf.constant(-1), 1 / np.arange(1.0, 4.0))


def test_a_range_takes_no_value_out_of_a_trace():
    for call in (lambda v: tf.range(v, 5.0), lambda v: tf.range(0.0, 5.0, v)):
        with pytest.raises(TypeError, match=r"range\(\) of v takes a number out"):
            tf.grad(lambda v, f=call: tf.reduce_sum(f(v)))(2.0)
    assert tf.grad(lambda v: tf.reduce_sum(tf.range(v) * v))(3.0).numpy() == 3.0


def test_sizes_are_known():
    assert [t.value for t in (tf.size(x), tf.rank(x))] == [n * m, 2]
    assert tf.shape(x).value is None
    known = tf.shape(tf.zeros((2, 3)))
    assert known.value.tolist() == [2, 3]
    assert not known.value.flags.writeable
    assert known.value.dtype == "int32"
    assert [tf.shape(x)[k].value for k in (0, 1, -1)] == [n, m, m]
    assert [tf.range(3, 9, 2)[k].value for k in (0, 2, -2)] == [3, 7, 5]
    assert tf.constant([4, 5])[1].value == 5
