"""Derivatives of functions of eigenvalues and singular values, at equal ones too, of every order."""

import numpy as np
import pytest
import scipy.linalg
import sympy

import tracer as tf
from tracer.ops.selection import Slice
from tracer.ops.spectral_functions import Spectral, W, differentiate, has_derivatives, list_slopes, record_spectral

A, E, F = (tf.placeholder(name, ("n", "n")) for name in "AEF")
D = np.array([[1.0, 0.3, -0.2], [0.3, -0.5, 0.7], [-0.2, 0.7, 0.4]])
G = np.array([[0.5, -1.0, 0.2], [0.1, 0.6, 1.0], [-0.3, 0.9, 2.0]])
POINTS = [np.eye(3), np.diag([1.0, 2.0, 2.0]), np.diag([1.0, 2.0, 2.0 + 1e-9]), np.diag([1.0, 2.0, 3.0])]


@pytest.mark.parametrize("point", POINTS, ids=["all equal", "two equal", "nearly equal", "apart"])
def test_derivatives_of_the_exponential_are_those_of_matrices(point):
    own = Spectral(sympy.exp(W))
    found = record_spectral(A, own, (), [E]).eval({A: point, E: G})
    np.testing.assert_allclose(found, scipy.linalg.expm_frechet(point, G, compute_expm=False), rtol=1e-13)
    several = record_spectral(A, own, (), [E, F]).eval({A: point, E: G, F: D})
    zero, pair = np.zeros((3, 3)), np.block([[point, G], [np.zeros((3, 3)), point]])
    twice = np.block([[pair, np.block([[D, zero], [zero, D]])], [np.zeros((6, 6)), pair]])
    np.testing.assert_allclose(several, scipy.linalg.expm(twice)[:3, 9:], rtol=1e-12)


def test_a_number_in_a_function_has_a_gradient():
    t = tf.placeholder("t")
    total = tf.reduce_sum(record_spectral(A, Spectral(sympy.exp(-argument_of(1) * W), 1), [t]))
    (gradient,) = tf.gradients(total, [t])
    point = np.diag([1.0, 2.0, 2.0])
    np.testing.assert_allclose(
        gradient.eval({A: point, t: 0.5}), -np.sum(point @ scipy.linalg.expm(-0.5 * point)), rtol=1e-14
    )


def argument_of(position):
    return sympy.Symbol(f"_{position}", real=True)


def test_values_at_places_have_to_be_apart_from_the_others():
    part = record_spectral(A, Spectral(sympy.S.One, 0, Slice(1, 2, 1)), (), [E])
    apart = part.eval({A: np.diag([1.0, 2.0, 2.0]), E: D})
    np.testing.assert_allclose(apart, [[0, 0.3, -0.2], [0.3, 0, 0], [-0.2, 0, 0]], atol=1e-15)
    assert np.isnan(part.eval({A: np.diag([2.0, 2.0, 3.0]), E: D})).any()


def test_a_kink_has_the_slope_of_a_side():
    assert differentiate(sympy.Abs(W), 2) == 0
    assert has_derivatives(sympy.Max(W, 1))
    assert not has_derivatives(sympy.Function("f")(W))


def test_slopes_are_of_each_order():
    (value, slope) = list_slopes(record_spectral(A, Spectral(W**2), (), [E]))
    np.testing.assert_allclose(value.eval({A: np.diag([1.0, 3.0])}), [1, 9])
    np.testing.assert_allclose(slope.eval({A: np.diag([1.0, 3.0])}), [2, 6])
