"""The NumPy backend."""

import numpy as np
import pytest

import tracer as tf
from tests.helpers import assert_same
from tracer.backends.backend import Backend
from tracer.backends.to_numpy import NUMPY


def test_it_is_a_backend_that_floats_are_left_to_math_by():
    backend: Backend = NUMPY
    assert (backend.name, backend.arrays, backend.fallback, backend.fast, backend.foreign) == (
        "numpy", True, "numpy", "math", False,
    )  # fmt: skip


def test_every_program_has_code():
    x = tf.placeholder("x", ("n",))
    function = tf.compile(tf.sin(x) @ x, [x], backend="numpy")
    np.testing.assert_allclose(function([1.0, 2.0]), np.sin(1) + 2 * np.sin(2))


PLACES = {
    "neighbours": (lambda x: tf.reduce_sum(tf.sin(x[1:] - x[:-1])), ["grad_x[:-1] = -cos", "grad_x[1:] += cos"]),
    "elements": (lambda x: x[0] * x[1], ["grad_x[1] = x[0]", "grad_x[0] = x[1]"]),
    "every second": (lambda x: tf.reduce_sum(tf.sin(x[::2])), ["grad_x[::2] = np.cos(x[::2])"]),
    "by an index": (
        lambda x: tf.reduce_sum(tf.gather(x, tf.constant([1, 1, 0], name="ids")) ** 2),
        ["np.add.at(grad_x, ids, 2 * x[ids])"],
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_pieces_are_put_in_place(name):
    function, statements = PLACES[name]
    x = tf.placeholder("x", ("n",))
    compiled = tf.compile(tf.gradients(function(x), x)[0], x)
    lines = [line.strip() for line in compiled.source.splitlines()]
    assert [line for line in lines if line in statements] == statements
    assert "grad_x = np.zeros(n)" in lines
    value = np.linspace(0.5, 1.5, 7)
    assert_same(compiled(value), tf.grad(function)(value))


def test_all_elements_are_an_array():
    y = tf.placeholder("y", (3,))
    source = tf.compile(tf.gradients(y[0] * y[1] + tf.sin(y[2]), y)[0], y).source
    assert "return np.array([y[1], y[0], np.cos(y[2])])" in source


def test_many_pieces_are_put_by_their_numbers():
    y = tf.placeholder("y", (40,))
    compiled = tf.compile(tf.gradients(sum(y[2 * k] ** 2 for k in range(20)), y)[0], y)
    assert "bincount" in compiled.source
    assert_same(compiled(np.arange(40.0)), np.where(np.arange(40) % 2, 0, 2 * np.arange(40.0)))
