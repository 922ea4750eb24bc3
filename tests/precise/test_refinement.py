"""Eigenvectors and singular vectors that are refined from floats: their equations, and where there are none."""

import itertools

import numpy as np
import pytest

from tracer.precise.arithmetic import box_numbers
from tracer.precise.digits import Digits
from tracer.precise.refinement import refine_eigenvectors, refine_singular_vectors

RNG = np.random.default_rng(0)
SQUARE = [RNG.normal(size=(n, n)) for n in (1, 2, 3, 4)] + [np.diag([2.0, 3.0]), np.array([[2.0, 1e-6], [1e-6, 1.0]])]
OTHERS = [RNG.normal(size=shape) for shape in ((3, 2), (2, 4), (1, 3))]


def largest(m):
    return max(map(abs, m.flat))


def is_orthonormal(columns, digits):
    return largest(columns.T @ columns - np.eye(columns.shape[1], dtype=int)) < 10.0 ** (3 - digits)


@pytest.mark.parametrize("digits", [40, 60, 200])
@pytest.mark.parametrize("size", [1.0, 1e-150, 1e150])
def test_vectors_and_values_are_those_of_the_matrix(digits, size):
    a = Digits(digits)
    for array in (*SQUARE, *OTHERS):
        m = box_numbers(array, a) * size
        left, values, right = refine_singular_vectors(a, m)
        assert largest((left * values) @ right - m) < largest(m) * 10.0 ** (3 - digits)
        assert is_orthonormal(left, digits)
        assert is_orthonormal(right.T, digits)
        assert all(x >= y > 0 for x, y in itertools.pairwise(values))
        if array.shape[0] == array.shape[1]:
            symmetric = m + m.T
            values, vectors = refine_eigenvectors(a, symmetric)
            assert largest(symmetric @ vectors - vectors * values) < largest(symmetric) * 10.0 ** (3 - digits)
            assert is_orthonormal(vectors, digits)
            assert all(x < y for x, y in itertools.pairwise(values))


@pytest.mark.parametrize("array", [np.eye(2), np.zeros((2, 2)), np.array([[0.0, 1.0], [1.0, 0.0]])])
def test_equal_values_and_those_that_floats_do_not_tell_apart_are_not_refined(array):
    a = Digits(60)
    m = box_numbers(array, a)
    assert refine_singular_vectors(a, m) is None
    for move in ([[1, 2], [2, -3]], [[1, 0], [0, 0]], [[0, 0], [0, 1]]):
        moved = m + box_numbers(np.array(move), a) * a.context.mpf(10) ** -30
        eigen, singular = refine_eigenvectors(a, moved), refine_singular_vectors(a, moved)
        assert eigen is None or eigen[0][0] < eigen[0][1]
        assert singular is None or singular[1][0] > singular[1][1]


def test_values_that_are_nearly_zero_or_not_finite_are_left_alone():
    a = Digits(60)
    for array in (np.ones((2, 2)), np.array([[1.0, 1.0], [1.0, 1.0 + 1e-14]])):
        assert refine_singular_vectors(a, box_numbers(array, a)) is None
    assert refine_eigenvectors(a, box_numbers(np.array([[np.nan, 0.0], [0.0, 1.0]]), a)) is None
