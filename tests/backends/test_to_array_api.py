"""The backend of the array API standard: only its functions, by the namespace of the arrays."""

import re

import numpy as np
import pytest
import sympy

import tracer as tf
from tests.backends.shared_programs import PROGRAMS, SOURCES, S, X, v, w
from tracer.backends.to_array_api import ENTRIES, OWN

STANDARD = """
    abs acos acosh add all any arange argmax argmin argsort asarray asin asinh astype atan atan2 atanh bool
    broadcast_arrays broadcast_to ceil clip concat copysign cos cosh cumulative_sum divide e empty equal exp expand_dims
    expm1 eye flip float32 float64 floor full full_like hypot inf int64 isfinite isinf isnan linalg log log10 log1p log2
    logaddexp logical_and logical_not logical_or logical_xor matmul matrix_transpose max maximum mean min minimum nan
    ones ones_like permute_dims pi prod reshape round searchsorted sign sin sinh sqrt squeeze stack sum take tan tanh
    tensordot tril triu unstack where zeros zeros_like
"""
"""Names of the standard of 2023.12 that sources use."""

STANDARD_LIBRARY = {"collections", "json", "math", "pathlib", "typing"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_source_uses_the_standard_alone(name):
    value = PROGRAMS[name]()
    found = [value, *(g for g in tf.gradients(value, SOURCES) if g is not None)]
    source = tf.compile(found, SOURCES, backend="array_api").source
    assert set(re.findall(r"\bxp\.(\w+)", source)) <= set(STANDARD.split())
    assert set(re.findall(r"^(?:import|from) (\w+)", source, re.M)) <= STANDARD_LIBRARY
    assert "np." not in source


def test_a_library_that_follows_the_standard_strictly_runs_it():
    strict = pytest.importorskip("array_api_strict")
    function = tf.compile([X @ v, tf.reduce_sum(w)], [X, v, w], backend="array_api")
    found, total = function(strict.ones((4, 3)), [1.0, 2.0, 3.0], np.ones(4))
    assert type(found) is type(total) is type(strict.ones(1))
    assert found.__array_namespace__() is strict
    assert float(total) == 4.0


def test_arrays_of_numpy_give_arrays_of_numpy():
    function = tf.compile([X @ v, tf.reduce_sum(v)], [X, v], backend="array_api")
    found, total = function(np.ones((2, 3), "float32"), np.ones(3, "float32"))
    assert found.dtype == total.dtype == "float32"
    assert type(function([[1, 2, 3]], [1, 2, 3])[0]) is np.ndarray


def test_what_the_standard_lacks_is_refused_by_name():
    for build, name in ((lambda: tf.linalg.sqrtm(S), "sqrtm"), (lambda: tf.apply(sympy.erfinv, v), "special.erfinv")):
        with pytest.raises(
            ValueError, match=f"'array_api' does not have this: the operation .* needs {name}, which the"
        ):
            tf.compile(build(), [S, v], backend="array_api")


def test_arrays_of_integers_take_elements_as_numpys():
    rng = np.random.default_rng(0)
    a, k = tf.placeholder("a", (3, 4, 5)), tf.placeholder("k", (2,), "int64")
    outputs = [
        tf.gather(a, k), tf.gather(a, k, axis=1), tf.gather(a, k, axis=2), a[k, :, 1], a[1, :, k], a[:, k, 0][::-1],
        tf.gather(a, k[:, None]), a[k, k],
    ]  # fmt: skip
    values = rng.normal(size=(3, 4, 5)), np.array([2, 0])
    found = tf.compile(outputs, [a, k], backend="array_api")(*values)
    for got, want in zip(found, tf.compile(outputs, [a, k])(*values), strict=True):
        np.testing.assert_array_equal(got, want)


def test_every_helper_is_one_of_the_runtime():
    from tracer import array_api_runtime, array_api_special

    assert all(hasattr(array_api_runtime, name) or hasattr(array_api_special, name) for name in OWN)
    assert {e for e in ENTRIES.values() if isinstance(e, str) and "." not in e} <= OWN
