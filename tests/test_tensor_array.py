"""Arrays of tensors; most is compared with TensorFlow in tests/conformance."""

import pytest

import tracer as tf


def test_symbolic_elements():
    x = tf.placeholder("x", ("n",))
    array = tf.TensorArray("float64", 2).write(0, x).write(1, 2 * x)
    assert array.stack().shape == (2, *x.shape)
    assert repr(array) == "<TensorArray size=2 dtype=float64 element_shape=(n,)>"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda a: a.write(2, 1.0),
            IndexError,
            "write to the index 2 of a TensorArray of size 2; create it with dynamic_size",
        ),
        (lambda a: a.write(-1, 1.0), IndexError, "write to the index -1 of a TensorArray; indices begin at 0"),
        (lambda a: a.write(0.5, 1.0), TypeError, "an index of a TensorArray must be an int, got 0.5"),
        (lambda a: a.write(tf.constant(0.5), 1.0), TypeError, "an index of a TensorArray must be an int"),
        (lambda a: a.scatter([0.0, 1.0], [1.0, 2.0]), TypeError, "an index of a TensorArray must be an int, got 0.0"),
        (lambda a: a.read(0.5), TypeError, "an index of a TensorArray must be an int, got 0.5"),
        (lambda a: tf.TensorArray("float64", 2.5), TypeError, "the size must be an int, got 2.5"),
        (lambda a: a.read(5), IndexError, "read of the index 5 of a TensorArray of size 2"),
        (
            lambda a: a.write(0, tf.constant(1)),
            TypeError,
            "a TensorArray of dtype float64 can't hold constant_.* of dtype int64",
        ),
        (
            lambda a: a.write(0, 1.0).write(1, [1.0]),
            ValueError,
            r"the elements of this TensorArray have the shape \(\)",
        ),
        (lambda a: a.unstack([1.0, 2.0, 3.0]), ValueError, "3 slices do not fit a TensorArray of size 2"),
        (lambda a: a.split([1.0, 2.0], [1, 2]), ValueError, r"parts of the lengths \[1, 2\] have 3 slices together"),
        (lambda a: a.stack(), ValueError, "the element 0 of a TensorArray was not written, and has no known shape"),
        (lambda a: a.write(0, 1.0).read(0) * a.read(0), ValueError, "the element 0 of a TensorArray was read before"),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call(tf.TensorArray("float64", 2))


def test_a_number_takes_the_dtype():
    assert tf.TensorArray("float64", 1).write(0, 1).read(0).dtype == "float64"


def test_closing_forgets_the_elements():
    array = tf.TensorArray("float64", 1).write(0, 1.0)
    array.close()
    assert int(array.size()) == 0
