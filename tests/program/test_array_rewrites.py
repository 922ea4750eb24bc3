"""Roots of sums of squares, logarithms of determinants and of products, and variances keep their digits."""

import numpy as np
import pytest

import tracer as tf
from tracer.backends import program_choice
from tracer.program.lines import Kind
from tracer.program.program import Program
from tracer.rules import TABLE

x, X = tf.placeholder("x", ("n",)), tf.placeholder("X", ("n", "m"))
A = tf.placeholder("A", ("n", "n"))
LARGE = np.array([3e200, 4e200])


def kinds(tensor, *inputs, **options):
    return {line.op for line in Program([tensor], inputs, **options).lines}


@pytest.fixture(params=[0, program_choice.BRIEF], ids=["as written", "by the form"])
def choice(request, monkeypatch):
    monkeypatch.setattr(program_choice, "BRIEF", request.param)


@pytest.mark.parametrize(
    "norm",
    [
        tf.norm, lambda v: tf.sqrt(tf.reduce_sum(v**2)), lambda v: tf.sqrt(tf.reduce_sum(v * v)),
        lambda v: tf.tensordot(v, v, 1) ** 0.5,
    ],
)  # fmt: skip
@pytest.mark.usefixtures("choice")
def test_norms_of_huge_and_tiny_numbers_and_their_gradients(norm):
    value, gradient = tf.compile([norm(x), tf.gradients(norm(x), x)[0]], [x])(LARGE)
    np.testing.assert_allclose(value, 5e200, rtol=1e-15)
    np.testing.assert_allclose(gradient, [0.6, 0.8], rtol=1e-15)
    np.testing.assert_allclose(tf.compile(norm(x), [x])(LARGE / 1e300 / 1e100), 5e-200, rtol=1e-15)


def test_norms_along_axes():
    rows = tf.norm(X, axis=1, keepdims=True)
    given = np.stack([LARGE, LARGE / 1e300 / 1e100, [0.3, 0.4]])
    np.testing.assert_allclose(tf.compile(X / rows, [X])(given), [[0.6, 0.8]] * 3, rtol=1e-15)
    np.testing.assert_allclose((X / rows).eval({X: given}), [[0.6, 0.8]] * 3, rtol=1e-15)


def test_a_sum_of_squares_that_is_used_as_such_stays():
    assert Kind.NORM not in kinds(tf.reduce_sum(x**2) ** 2, x)
    assert Kind.NORM not in kinds(tf.sqrt(tf.reduce_sum(x**3)), x)
    assert Kind.NORM not in kinds(tf.norm(x), x, stable=False)
    assert Kind.NORM in kinds(tf.norm(x), x)


@pytest.mark.parametrize("size", [1e-3, 1e3])
@pytest.mark.usefixtures("choice")
def test_logarithms_of_determinants(size):
    given, wanted = np.eye(300) * size, 300 * np.log(size)
    for y in (tf.math.log(tf.linalg.det(A)), tf.math.log(tf.abs(tf.linalg.det(A)))):
        assert tf.compile(y, [A])(given) == pytest.approx(wanted, rel=1e-14)
        assert y.eval({A: given}) == pytest.approx(wanted, rel=1e-14)
    flipped = given * np.where(np.arange(300) == 0, -1, 1)
    assert np.isnan(tf.compile(tf.math.log(tf.linalg.det(A)), [A])(flipped))
    assert tf.compile(tf.math.log(tf.abs(tf.linalg.det(A))), [A])(flipped) == pytest.approx(wanted, rel=1e-14)


@pytest.mark.usefixtures("choice")
def test_logarithms_of_products_of_probabilities():
    y = tf.math.log(tf.reduce_prod(tf.sigmoid(X), axis=1))
    given = np.full((2, 1000), -5.0)
    np.testing.assert_allclose(
        tf.compile(y, [X])(given), np.sum(-np.logaddexp(0, 5.0 * np.ones((2, 1000))), 1), rtol=1e-13
    )
    size = tf.math.log(tf.abs(tf.reduce_prod(x)))
    assert tf.compile(size, [x])(np.full(1000, -1e-3)) == pytest.approx(1000 * np.log(1e-3), rel=1e-13)
    assert TABLE["reduce_prod"] in kinds(tf.math.log(tf.reduce_prod(x)), x)


@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.usefixtures("choice")
def test_a_variance_by_its_moments_is_centred(axis):
    y = tf.reduce_mean(X**2, axis=axis) - tf.reduce_mean(X, axis=axis) ** 2
    given = 1e9 + np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(tf.compile(y, [X])(given), np.var(given, axis=axis), rtol=1e-14)


def test_moments_of_different_things_stay():
    y = tf.reduce_mean(x**2) - tf.reduce_mean(2 * x) ** 2
    assert tf.compile(y, [x])([1.0, 2.0]) == 2.5 - 9


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e10 / 7])
@pytest.mark.usefixtures("choice")
def test_the_deviation_of_equal_elements_is_zero(value):
    for y in (tf.math.reduce_std(x), tf.sqrt(tf.reduce_mean((x - tf.reduce_mean(x)) ** 2))):
        compiled = tf.compile(y, [x])
        assert compiled(np.full(7, value)) == 0
        np.testing.assert_allclose(compiled([1.0, 2.0, 4.0]), np.std([1.0, 2.0, 4.0]), rtol=1e-15)
    slope = tf.gradients(tf.math.reduce_std(x), x)[0]
    np.testing.assert_array_equal(tf.compile(slope, [x])(np.full(7, value)), 0)
