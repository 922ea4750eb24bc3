"""Matrices of integers with one exponent, against those of floats."""

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
@pytest.mark.parametrize("power", [-40, 0, 8])
def test_an_inverse_has_as_many_bits(array, power):
    m = read_scaled(numbers(2.0**power * np.array(array)), None, BITS)
    rest = m @ m.invert(BITS) - m.identity()
    assert rest.magnitude <= 16 - BITS
    determinant = 2.0 ** (power * len(array)) * abs(np.linalg.det(array))
    assert abs(m.find_mean_exponent(BITS) - np.log2(determinant) / len(array)) <= 1.5


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


class Whole:
    """An integer of another library, as mpmath's are where gmpy2 is installed: no kind of Python's."""

    def __init__(self, value):
        self.value = value

    def bit_length(self):
        return self.value.bit_length()


@pytest.mark.parametrize("values", [[3, -9], [9, -3], [-9, -3], [3, 9]])
def test_integers_of_other_libraries_have_a_magnitude(values):
    items = np.array([[[Whole(v) for v in values]]], object)
    assert Scaled(items, -2, BITS).magnitude == 2


@pytest.mark.parametrize("values", [["inf", "1"], ["nan"], ["1e4000", "1e-4000"]])
def test_numbers_that_have_no_common_exponent_are_not_read(values):
    assert read_integers(list(map(mpmath.mpf, values))) is None
