"""Eigenvectors and singular vectors that are refined from floats: their equations, and where there are none."""

import itertools

import numpy as np
import pytest

from tracer.precise.arithmetic import box_numbers, fill_array
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


EQUAL = [np.eye(2), np.eye(3), np.array([[0.0, 1.0], [1.0, 0.0]])]
EQUAL += [np.diag(values) for values in ([2.0, 1.0, 1.0], [3.0, 3.0, 1.0, 1.0])]


@pytest.mark.parametrize("array", EQUAL)
@pytest.mark.parametrize("step", [None, 0, -15, -30, -50])
def test_equal_values_and_those_that_floats_do_not_tell_apart_are_refined(array, step):
    """By how little they differ is known to as many digits less."""
    a, n = Digits(100), len(array)
    along = np.add.outer(np.arange(n) ** 2, np.arange(n) ** 2) + 2 * np.eye(n) + np.tri(n).T @ np.tri(n)
    m = box_numbers(array, a)
    if step is not None:
        m = m + box_numbers(along, a) * a.context.mpf(10) ** step
    values, vectors = refine_eigenvectors(a, m)
    assert largest(m @ vectors - vectors * values) < largest(m) * 10.0**-97
    assert is_orthonormal(vectors, 100)
    left, sizes, right = refine_singular_vectors(a, m)
    assert largest((left * sizes) @ right - m) < largest(m) * 10.0**-97
    assert is_orthonormal(left, 100)
    assert is_orthonormal(right.T, 100)
    for found, expected in ((values, a.context.eigsy(a.context.matrix(m.tolist()))[0]), (sizes[::-1], None)):
        expected = list(expected) if expected is not None else sorted(map(abs, values))
        assert largest(found - np.array(expected, object)) < largest(m) * 10.0**-97


@pytest.mark.parametrize("sizes", [(1.0, 1e-9, 1e-18), (1e100, 1e90, 1e85), (1e-300, 1e-300, 1e-320)])
def test_values_of_different_sizes_have_all_their_digits(sizes):
    wide, a = Digits(200), Digits(60)
    left, right = (refine_eigenvectors(wide, box_numbers(m + m.T, wide))[1] for m in RNG.normal(size=(2, 3, 3)))
    exact = box_numbers(np.array(sizes), wide)
    m = (left * exact) @ right.T
    rounded = fill_array((3, 3), [a.context.mpf(x) for x in m.flat])
    for found in (refine_singular_vectors(wide, m), refine_singular_vectors(a, rounded)):
        assert all(abs(x - y) < 1e-58 * exact[0] for x, y in zip(found[1], exact))
        assert is_orthonormal(found[0], 58)
        assert is_orthonormal(found[2].T, 58)
    assert all(abs(x - y) < 1e-150 * y for x, y in zip(refine_singular_vectors(wide, m)[1], exact))


@pytest.mark.parametrize("array", [np.diag([1e100, 1.0]), np.array([[1e300, 1.0], [1.0, 2.0]])])
def test_values_of_very_different_sizes_are_left_alone(array):
    a = Digits(60)
    assert refine_singular_vectors(a, box_numbers(array, a)) is None


def test_values_that_are_zero_or_not_finite_are_left_alone():
    a = Digits(60)
    for array in (np.ones((2, 2)), np.zeros((2, 2)), np.array([[1.0, 2.0], [0.0, 0.0]])):
        assert refine_singular_vectors(a, box_numbers(array, a)) is None
    assert refine_eigenvectors(a, box_numbers(np.array([[np.nan, 0.0], [0.0, 1.0]]), a)) is None
    nearly = refine_singular_vectors(a, box_numbers(np.array([[1.0, 1.0], [1.0, 1.0 + 1e-14]]), a))
    assert nearly is not None
    assert abs(nearly[1][0] * nearly[1][1] / box_numbers(np.array(1e-14), a).item() - 1) < 1e-2
