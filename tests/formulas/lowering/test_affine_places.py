"""Integers at distances are read as such, and no others."""

import numpy as np
import pytest

import tracer as tf
from tracer.formulas.lowering.affine_places import Affine, read_affine, write_affine
from tracer.formulas.lowering.lower import lower

n = tf.placeholder("x", ("n",)).shape[0]


@pytest.mark.parametrize(
    ("ids", "places"),
    [
        (np.arange(6)[:, None] + np.arange(3), Affine(0, (1, 1))),
        (2 * np.arange(4)[:, None] + 3 * np.arange(2) + 1, Affine(1, (2, 3))),
        (7 - np.arange(5), Affine(7, (-1,))),
        (np.array([3]), Affine(3, (1,))),
        (np.array(4), Affine(4, ())),
    ],
)
def test_arrays_are_written_and_read(ids, places):
    assert read_affine(write_affine(ids)) == places


@pytest.mark.parametrize(
    "ids",
    [
        np.array([0, 1, 3]),
        np.array([[0, 1], [1, 3]]),
        np.zeros((0, 2), int),
        np.array([-1, 0]),
        np.array([1, 1]),
        np.full((2, 3), 4),
        np.array([[0], [1]]),
    ],
    ids=str,
)
def test_other_arrays_are_not(ids):
    assert write_affine(ids) is None


@pytest.mark.parametrize(
    ("ids", "places"),
    [
        (tf.range(n)[:, None] + tf.range(3), Affine(0, (1, 1))),
        (2 * tf.range(n)[:, None] + 5, Affine(5, (2, 0))),
        (tf.range(9)[:, None] - tf.range(n), Affine(0, (1, -1))),
        (tf.concat([tf.range(n), n + tf.range(2)], 0)[:, None] + tf.range(2), Affine(0, (1, 1))),
        (tf.concat([tf.range(n), n + 1 + tf.range(2)], 0), None),
        (tf.range(n) ** 2, None),
        (tf.concat([tf.range(n), 2 * tf.range(n)], 0), None),
        (tf.placeholder("i", (3,), "int64"), None),
    ],
)
def test_terms_are_read(ids, places):
    (term,) = lower([ids])
    assert read_affine(term) == places
