"""The NumPy backend."""

import numpy as np

import tracer as tf
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
