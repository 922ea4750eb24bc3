"""Values of programs by the backends that write loops, compared with NumPy's."""

import shutil
from importlib.util import find_spec

import numpy as np

import tracer as tf
from tracer.backends.c_library import COMPILERS

LOOPING = [
    *(["c"] if any(map(shutil.which, COMPILERS)) else []),
    *(["numba"] if find_spec("numba") else []),
]
"""The backends that write loops and can be run here."""


def check(build, *arrays):
    """The outputs that a function of placeholders builds are NumPy's, of the shapes and dtypes of arrays."""
    given = [np.asarray(a) for a in arrays]
    sources = [tf.placeholder(f"x{k}", a.shape, a.dtype.name) for k, a in enumerate(given)]
    outputs = build(*sources)
    outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
    expected = tf.compile(outputs, sources)(*given)
    for backend in LOOPING:
        for got, want in zip(tf.compile(outputs, sources, backend)(*given), expected, strict=True):
            assert np.shape(got) == np.shape(want)
            assert np.asarray(got).dtype == np.asarray(want).dtype
            np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-14, err_msg=backend)
