"""Divided differences have all digits, wherever the points are; functions of singular values are what they say."""

import itertools
import math

import mpmath
import numpy as np
import pytest

from tracer.runtime.of_spectra import _divide_differences, spectral_function

FUNCTIONS = {
    "exp": (mpmath.exp, (np.exp,) * 3),
    "log": (mpmath.log, (np.log, lambda w: 1 / w, lambda w: -1 / w**2)),
    "sqrt": (mpmath.sqrt, (np.sqrt, lambda w: w**-0.5 / 2, lambda w: -(w**-1.5) / 4)),
    "cube": (lambda x: x**3, (lambda w: w**3, lambda w: 3 * w**2, lambda w: 6 * w)),
    "reciprocal": (lambda x: 1 / x, (lambda w: 1 / w, lambda w: -1 / w**2, lambda w: 2 / w**3)),
}
"""Each with its derivatives."""


def exact(function, points):
    """The divided difference in many digits; equal points are moved apart by less than is seen."""
    with mpmath.workdps(120):
        table = [function(mpmath.mpf(float(p)) * (1 + mpmath.mpf(10) ** -40 * k)) for k, p in enumerate(points)]
        at = [mpmath.mpf(float(p)) * (1 + mpmath.mpf(10) ** -40 * k) for k, p in enumerate(points)]
        for order in range(1, len(points)):
            table = [(b - a) / (at[k + order] - at[k]) for k, (a, b) in enumerate(itertools.pairwise(table))]
        return float(table[0])


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_divided_differences_have_all_digits(name, count):
    function, slopes = FUNCTIONS[name]
    rng = np.random.default_rng(count)
    for _ in range(100):
        first = rng.uniform(0.1, 5) * 10.0 ** rng.integers(-3, 2)
        steps = 10.0 ** rng.uniform(-17, 1, count - 1) * first * rng.choice([0, 1, 1], count - 1)
        points = [first, *(first + steps)]
        with np.errstate(all="ignore"):
            found = _divide_differences(slopes, [np.array([p]) for p in points], [np.array([True])] * count, 0.0)
        np.testing.assert_allclose(found, exact(function, points), rtol=2e-14)


@pytest.mark.parametrize("order", ["rising", "falling"])
def test_the_exponential_near_zero_loses_no_digits(order):
    points = [np.array([-2e-9]), np.array([1e-9])]
    with np.errstate(all="ignore"):
        found = _divide_differences(
            FUNCTIONS["exp"][1], points if order == "rising" else points[::-1], [np.array([True])] * 2, 0.0
        )
    np.testing.assert_allclose(found, exact(mpmath.exp, [-2e-9, 1e-9]), rtol=1e-15)


def test_a_jump_is_none_of_the_slopes():
    """The sign has the slope zero on both sides."""
    sign = [np.sign, np.zeros_like]
    with np.errstate(all="ignore"):
        found = _divide_differences(sign, [np.array([-1e-3]), np.array([1e-3])], [np.array([True])] * 2, 0.0)
    np.testing.assert_allclose(found, 1000)


def test_what_is_not_used_is_zero_and_has_no_slope_where_it_meets_what_is():
    points, used = [np.array([1.0, 1.0, 2.0])[:, None], np.array([1.0, 1.0, 2.0])], np.array([False, True, True])
    with np.errstate(all="ignore"):
        found = _divide_differences([np.exp, np.exp], points, [used[:, None], used], 0.0)
    np.testing.assert_array_equal(found[0, :2], [0, np.nan])
    np.testing.assert_allclose(found[0, 2], math.exp(2))
    np.testing.assert_allclose(found[1, 1], math.e)


@pytest.mark.parametrize("shape", [(3, 2), (2, 3), (2, 2)])
def test_the_identity_of_singular_values_is_the_matrix(shape):
    a, d = np.random.default_rng(0).normal(size=(2, *shape))
    identity = (lambda w: w, np.ones_like, np.zeros_like)
    np.testing.assert_allclose(spectral_function(a, identity[:1], singular=True), a)
    np.testing.assert_allclose(spectral_function(a, identity[:2], d, singular=True), d)
    np.testing.assert_allclose(spectral_function(a, identity, d, d, singular=True), 0, atol=1e-14)
    np.testing.assert_allclose(spectral_function(0 * a, identity[:2], d, singular=True), d)


def test_parameters_are_those_of_each_matrix_of_a_batch():
    batch = np.stack([np.eye(2), 2 * np.eye(2)])
    found = spectral_function(batch, [lambda w, p: p * w], parameters=[np.array([2.0, 3.0])])
    np.testing.assert_allclose(found, [2 * np.eye(2), 6 * np.eye(2)])


def test_what_is_not_finite_has_no_function():
    assert np.isnan(spectral_function(np.full((2, 2), np.nan), [np.exp])).all()
    assert np.isnan(spectral_function(np.full((2, 2), np.inf), [np.exp], singular=True)).all()
