"""Factorisations and functions of matrices in many digits."""

import numpy as np
import pytest

import tracer as tf
from tests.ops.samples import SAMPLES
from tracer.precise.arithmetic import box_numbers
from tracer.precise.digits import Digits
from tracer.precise.factorisations import ROWS
from tracer.precise.numeric import Numeric

DIGITS = 60


def evaluate(tensors, sources, arrays, digits=DIGITS):
    a = Digits(digits)
    return Numeric(tensors)({s.node: box_numbers(v, a) for s, v in zip(sources, arrays)}, a)


def largest(m):
    return max(map(abs, m.flat))


@pytest.mark.parametrize("name", ROWS)
def test_values_have_the_digits_of_floats_and_many_more(name):
    sample = SAMPLES[name]
    sources, arrays = sample.sources(concrete=True), sample.draw(0)
    value = sample.build(*sources)
    (found,), (finer,) = (evaluate([value], sources, arrays, digits) for digits in (DIGITS, 2 * DIGITS))
    np.testing.assert_allclose(found.astype(float), value.eval(dict(zip(sources, arrays))), rtol=1e-12, atol=1e-13)
    assert largest(found - finer) < 1e-50


x = tf.placeholder("x", (2, 2))
IDENTITIES = {
    "eigh": lambda w, v: v @ tf.linalg.diag(w) @ v.T - (x + x.T) / 2,
    "svd": lambda s, u, v: u @ tf.linalg.diag(s) @ v.T - x,
    "qr": lambda q, r: q @ r - x,
    "sqrtm": lambda root: root @ root - x,
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_factors_are_those_of_the_matrix(name):
    answer = getattr(tf.linalg, name)(x)
    parts = answer if isinstance(answer, tuple) else (answer,)
    (found,) = evaluate([IDENTITIES[name](*parts)], [x], [np.array([[2.0, 1.0], [0.5, 3.0]])])
    assert largest(found) < 1e-50


def test_a_logarithm_is_the_inverse_of_the_exponential():
    (found,) = evaluate([tf.linalg.logm(tf.linalg.expm(x)) - x], [x], [np.array([[1.0, -2.0], [2.0, 1.0]])])
    assert largest(found) < 1e-50


@pytest.mark.parametrize(
    ("build", "value"),
    [
        (tf.linalg.sqrtm, [[-1.0, 0.0], [0.0, 1.0]]),
        (tf.linalg.logm, [[0.0, 0.0], [0.0, 1.0]]),
        (tf.linalg.expm, [[1e9, 0.0], [0.0, 1.0]]),
        (lambda a: tf.linalg.lu(a).lu, [[0.0, 1.0], [0.0, 1.0]]),
    ],
)
def test_what_has_no_value_is_undefined(build, value):
    (found,) = evaluate([build(x)], [x], [np.array(value)])
    assert not all(np.isfinite(found.astype(float)).ravel())


def test_functions_of_a_matrix_are_kept():
    a, b = Digits(DIGITS), Digits(DIGITS)
    asked = []

    def double(a, m, *others):
        asked.append(len(others))
        return [2 * m]

    one, two = (box_numbers(np.full((2, 2), v), a) for v in (1.0, 2.0))
    for arithmetic, matrices in ((a, [one]), (a, [two]), (a, [one]), (a, [one, two]), (b, [one])):
        found = arithmetic.find_of_matrices(double, *matrices)
        assert (found[0] == 2 * matrices[0]).all()
    assert asked == [0, 0, 1, 0]
