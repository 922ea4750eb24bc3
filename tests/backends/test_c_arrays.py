"""Programs of arrays in C: NumPy's values, arguments of any layout, and a source that is kept."""

import pickle

import numpy as np
import pytest

import tracer as tf

from .array_programs import PROGRAMS, VALUES, build_program
from .looping import LOOPING

pytestmark = pytest.mark.skipif("c" not in LOOPING, reason="no C compiler")
X, w, y = tf.placeholder("X", (3, 2)), tf.placeholder("w", (2,)), tf.placeholder("y", (3,))
residual = X @ w - y
loss = tf.reduce_sum(residual**2)


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("program", sorted(PROGRAMS.keys() - {"a determinant", "a spectrum", "special functions"}))
def test_values_are_numpys(program, known):
    value, sources = build_program(program, known)
    outputs = [value, *(g for g in tf.gradients(value, sources) if g is not None)]
    got, expected = tf.compile(outputs, sources, "c")(*VALUES), tf.compile(outputs, sources)(*VALUES)
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def test_a_source_is_loops_with_the_names_of_the_user():
    source = tf.compile({"loss": loss, "residual": residual}, [X, w, y], "c").source
    assert "void compiled(const double X[6], const double w[2], const double y[3], double *loss" in source
    assert "residual[i] = total - y[i];" in source
    assert source.count("for (") == 3


def test_arguments_may_lie_anyhow():
    f = pickle.loads(pickle.dumps(tf.compile([loss, residual], [X, w, y], "c")))
    given = np.arange(6.0).reshape(2, 3).T, np.arange(8.0)[::4], [1, 2, 3]
    for got, want in zip(f(*given), tf.compile([loss, residual], [X, w, y])(*given), strict=True):
        np.testing.assert_allclose(got, want)


def test_results_are_arrays_of_their_own():
    f = tf.compile([X, tf.transpose(X), tf.zeros((2,)), loss], [X, w, y], "c")
    given = np.ones((3, 2)), np.ones(2), np.ones(3)
    found = f(*given)
    found[0][0, 0] = 7
    assert given[0][0, 0] == 1
    assert found[1].shape == (2, 3)
    assert [*found[2], float(found[3])] == [0.0, 0.0, 3.0]


def test_scalars_with_arrays_between_them_are_floats():
    a, b = tf.symbols("a b")
    v = tf.stack([a, b, a * b])
    f = tf.compile({"total": tf.reduce_sum(v), "more": tf.reduce_max(v) > 2}, [a, b], "c")
    assert f(1.0, 2.0) == {"total": 5.0, "more": False}
    assert type(f(1.0, 2.0)["total"]) is float


def test_large_arrays_do_not_lie_on_the_stack():
    v = tf.placeholder("v", ("n",))
    [slope] = tf.gradients(tf.reduce_sum(tf.exp(tf.math.cumsum(v))), v)
    given = np.full(2_000_000, -1e-6)
    np.testing.assert_allclose(tf.compile(slope, [v], "c")(given), tf.compile(slope, [v])(given))
