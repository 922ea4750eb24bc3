"""sympy's caches are emptied after some readings, and never within one."""

import pytest
import sympy

import tracer as tf
from tracer.formulas.sympy_caches import READINGS, bounded_caches

x = tf.placeholder("x", ("n",))


@pytest.mark.parametrize(
    "read",
    [
        lambda: tf.sin(x).formula(),
        lambda: tf.formula(tf.sin(x), form="steps"),
        lambda: repr(tf.sin(x)),
        lambda: repr(tf.math.cumprod(x)),
        lambda: tf.sin(x).expr,
    ],
    ids=["formula", "steps", "print", "print by steps", "expr"],
)
def test_sympy_forgets_after_some_readings(read):
    sympy.core.cache.clear_cache()
    known = sympy.Symbol("forgotten")
    for _ in range(READINGS):
        read()
    assert sympy.Symbol("forgotten") is not known


def test_sympy_forgets_nothing_within_a_reading():
    for _ in range(READINGS):
        with bounded_caches():
            known = sympy.Symbol("remembered")
            assert sympy.Symbol("remembered") is known
