"""Arrays that no one named, as what they are."""

import numpy as np
import pytest

import tracer as tf
from tracer.formulas.lowering.known_arrays import FEW, LOOKED_AT, find_computed, read_array
from tracer.terms.record import describe
from tracer.walk import ancestors

r = tf.placeholder("r")
x = tf.placeholder("x", (3,))
y = tf.placeholder("y", (20,))
X = tf.placeholder("X", ("n", 3))
k = tf.constant([1.0, -2.0, 1.0])
MATRIX, COLUMN = [[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0]


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (X @ np.ones(3), "X*ones(3, 1)"),
        (X @ np.zeros(3) + r, "r*ones(n, 1)"),
        (X @ np.eye(3), "X"),
        (X @ (-np.eye(3) / 2), "-X/2"),
        (x * np.full(3, 0.25), "x/4"),
        (x * tf.constant(0.5, shape=(3,)), "x/2"),
        (y * np.arange(20.0), "y o arange(20)"),
        (y * np.arange(3, 23), "y o arange(3, 23)"),
        (y @ np.linspace(0, 1, 20), "y.T*arange(20)/19"),
        (y @ np.arange(0, 2, 0.1), "y.T*arange(20)/10"),
        (tf.constant(MATRIX) @ tf.constant(COLUMN) * r, "Matrix([[3*r], [7*r]])"),
        (tf.reduce_mean(tf.constant([0.1, 0.2, 0.4])) * r, "7*r/30"),
        (tf.linalg.det(tf.constant(MATRIX)) * r, "-2*r"),
        (x * k, "x o k"),
        (tf.reduce_sum(k) * r, "r*sum(k)"),
        (x * [1.0, 5.0, 2.0], "x o c1"),
        (X @ np.tri(3), "X*c1"),
        (tf.constant(np.zeros((3, 0))) @ tf.constant(np.zeros((0, 2))) * r, "r*c1*c2"),
        (tf.reduce_prod(tf.constant(np.zeros((2, 0))), axis=1) * r, "r*prod_rows(0)"),
        (tf.constant(np.zeros(0)) + r, "r + c1"),
    ],
)
def test_what_stands_for_an_array(tensor, text):
    assert str(tensor.formula()) == text
    tf.testing.verify_formula(tensor)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([2, 2], "2 -> [0]"),
        ([[3.0, 0.0], [0.0, 3.0]], "3*(1 -> [0, 0])[0, 1] -> [0, 1]"),
        ([[0.0, 0.0], [0.0, 3.0]], None),
        ([[3.0, 0.0], [1.0, 3.0]], None),
        ([1.0, 2.0, 3.0, 4.0], None),
        ([1.0, 2.0, 3.0, 5.0, 6.0], None),
        ([0.1, np.pi, 6.0, 7.0, 8.0], None),
        ([5.0], None),
        ([np.inf, np.inf], None),
        ([True, True], None),
        (np.zeros(LOOKED_AT + 1), None),
    ],
)
def test_which_arrays_are_known_in_few_words(value, text):
    found = read_array(tf.convert_to_tensor(value))
    assert (found if found is None else describe(found)) == text


def test_a_source_with_a_name_or_without_a_value_stays():
    assert read_array(k) is None
    assert read_array(tf.constant(np.ones(3), name="ones")) is None
    assert read_array(x) is None
    assert read_array(tf.Variable(np.ones(3), name="v")) is None


def test_what_a_named_tensor_is_made_with_is_not_computed():
    def found(tensor):
        return len(find_computed(ancestors([tensor]), [tensor]))

    assert found(tf.constant(MATRIX) @ tf.constant(COLUMN)) == 2
    assert found(tf.constant(np.zeros((FEW + 1, 2))) @ tf.constant(COLUMN)) == 0
    assert found((lambda c: tf.reduce_sum(c * (tf.constant(MATRIX) @ c)) * r)(tf.constant(COLUMN))) == 2
    assert found((lambda c: tf.reduce_sum(c) * r * c)(tf.constant(COLUMN))) == 0


def test_an_array_that_begins_with_equal_numbers_is_no_range():
    assert read_array(tf.constant([0.0, 0.0, 1.0, 0.0, 1.0])) is None
