"""Matrices of integers with one exponent, against those of fractions."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest

from tracer.precise.scaled import Scaled, SingularError, read_integers, read_scaled, write_numbers

BITS = 128
MATRICES = [[[2.0, 1.0], [0.5, 3.0]], [[0.0, 1.0, 2.0], [1.0, 0.0, 3.0], [4.0, -3.0, 8.0]], [[-4.0]]]


def numbers(array):
    return np.array([[mpmath.mpf(x) for x in row] for row in array], object)


def block(scaled, k=0):
    return write_numbers(scaled, k, mpmath.mp).astype(float)


@pytest.mark.parametrize("array", MATRICES)
def test_an_inverse_moves_as_its_matrix_does(array):
    along = [[1.0 + i - 2 * j for j in range(len(array))] for i in range(len(array))]
    m = read_scaled(numbers(array), numbers(along), BITS)
    inverse = np.linalg.inv(array)
    np.testing.assert_allclose(block(m.invert(BITS)), inverse, atol=1e-14)
    np.testing.assert_allclose(block(m.invert(BITS), 1), -inverse @ along @ inverse, atol=1e-13)
    np.testing.assert_allclose(block(m @ m, 1), np.array(array) @ along + np.array(along) @ array, atol=1e-14)


@pytest.mark.parametrize("array", MATRICES)
def test_elimination_is_exact(array):
    m = read_scaled(numbers(array), None, BITS)
    determinant, adjugate = m.eliminate(BITS)
    unit = Fraction(2) ** m.exponent
    assert determinant * unit ** len(array) == Fraction(round(2 * np.linalg.det(array)), 2)
    assert (m.items[0] @ adjugate == determinant * np.eye(len(array), dtype=object)).all()


@pytest.mark.parametrize("array", [[[1.0, 2.0], [2.0, 4.0]], [[0.0]]])
def test_a_singular_matrix_has_no_inverse(array):
    with pytest.raises(SingularError):
        read_scaled(numbers(array), None, BITS).invert(BITS)


@pytest.mark.parametrize("size", [1e-20, 1.0, 1e40])
def test_large_numbers_keep_their_bits(size):
    m = read_scaled(numbers([[size, 0.0], [-size / 3, size]]), None, 4 * BITS)
    np.testing.assert_allclose(block(m), [[size, 0], [-size / 3, size]], rtol=1e-15)
    assert (m + m - m - m).magnitude == (m - m).exponent
    assert isinstance(m @ m, Scaled)


@pytest.mark.parametrize("values", [["inf", "1"], ["nan"], ["1e4000", "1e-4000"]])
def test_numbers_that_have_no_common_exponent_are_not_read(values):
    assert read_integers(list(map(mpmath.mpf, values))) is None
