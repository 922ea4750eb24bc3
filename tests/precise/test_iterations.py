"""Functions of a matrix in many digits, against their definitions."""

import numpy as np
import pytest

from tests.ops.samples import SAMPLES
from tracer.precise import iterations
from tracer.precise.arithmetic import box_numbers
from tracer.precise.digits import Digits

M = [[3.0, 1.0, 0.25], [0.5, 2.0, -1.0], [0.0, 0.5, 4.0]]
E = [[1.0, -2.0, 0.0], [0.5, 1.0, 3.0], [-1.0, 0.0, 2.0]]


def box(array, a):
    return box_numbers(np.asarray(array), a)


@pytest.mark.parametrize("size", [1e-20, 1e-4, 1.0, 30.0, 1e20])
@pytest.mark.parametrize("name", ["expm", "sqrtm", "logm"])
def test_derivatives_are_those_of_differences(name, size):
    a = Digits(90)
    m, e = box(size * np.asarray(M), a), box(size * np.asarray(E), a)
    if name == "expm" and size > 1e3:
        with pytest.raises(OverflowError):
            iterations.expm(a, m)
        return
    h = a.context.mpf(10) ** -30
    up, down = (getattr(iterations, name)(a, m + s * e) for s in (h, -h))
    found = getattr(iterations, f"{name}_frechet")(a, m, e)
    expected = (up - down) / (2 * h)
    assert max(map(abs, (found - expected).flat)) < 1e-25 * max(map(abs, expected.flat))


@pytest.mark.parametrize("size", [1e-12, 1.0, 1e12, 1e200])
def test_a_root_is_one_whatever_its_size(size):
    a = Digits(60)
    m = box(size * np.asarray(M), a)
    root = iterations.sqrtm(a, m)
    assert max(map(abs, (root @ root - m).flat)) < 1e-50 * size


def test_small_elements_beside_large_ones_have_their_digits():
    a = Digits(40)
    found = iterations.sqrtm(a, box([[1e9, 0.0], [0.0, 1e-8]], a))
    assert abs(found[1, 1] - a.number(1e-4)) < 1e-40 * 1e-4 * 1e5
    tiny = iterations.expm(a, box([[0.0, 1e-12], [0.0, 0.0]], a))
    assert abs(tiny[0, 1] - a.number(1e-12)) < 1e-40 * 1e-12 * 1e5


def test_each_is_a_row():
    assert {name for name in SAMPLES if hasattr(iterations, name)} == {
        name + end for name in ("expm", "sqrtm", "logm") for end in ("", "_frechet")
    }
