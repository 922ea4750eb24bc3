"""Windows that differ by the range of an axis are parts of one window."""

import numpy as np
import pytest
import sympy

from tests.terms.values import value
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.standard import STANDARD
from tracer.terms.selections import Places, take_part, window
from tracer.terms.window_ranges import find_ranges, widen

terms = Normaliser(STANDARD)
n = sympy.Symbol("n", integer=True, positive=True)
PADDED = [window(-1, (1, 1, -1), (8, 3, 8)), window(0, (1, 1, -1), (7, 3, 8)), window(-1, (1, 1, -1), (7, 3, 8))]
STRIDED = [window(0, (2, 1, -1), (4, 3, 8)), window(2, (2, 1, -1), (3, 3, 8))]


@pytest.mark.parametrize("windows", [PADDED, STRIDED], ids=["padded", "strided"])
def test_each_window_is_a_part_of_the_whole(windows):
    ranges = find_ranges(windows)
    assert len(ranges) == 1
    wholes = set()
    for part in windows:
        whole, axis, places = widen(part, ranges)
        wholes.add(whole)
        assert take_part(terms, whole, axis, places) is terms.normal(part)
        np.testing.assert_array_equal(np.take(value(whole, {}), range(*bounds(places)), axis), value(part, {}))
    assert len(wholes) == 1


def bounds(places: Places) -> tuple[int, int]:
    return int(places.start), int(places.start + places.length)


def test_a_range_of_symbolic_sizes():
    part, whole = window(0, (1, 1, -1), (n - 1, 3, n)), window(-1, (1, 1, -1), (n, 3, n))
    assert widen(part, find_ranges([part, whole])) == (whole, 0, Places(1, n - 1))


@pytest.mark.parametrize(
    "windows",
    [
        [window(k, (1, 1, -1), (6, 3, 8)) for k in range(3)],  # of one size
        [window(0, (1, 1, -1), (6, 3, 8)), window(0, (2, 1, -1), (3, 3, 8))],  # of other steps
        [window(0, (2, 1, -1), (4, 3, 9)), window(0, (2, 1, -1), (3, 2, 9))],  # of another axis besides
    ],
)
def test_others_have_no_range(windows):
    ranges = find_ranges(windows)
    assert not ranges
    assert widen(windows[0], ranges) is None


def test_places_between_those_of_the_whole_are_none():
    odd, even = window(1, (2, 1, -1), (3, 3, 8)), window(0, (2, 1, -1), (4, 3, 8))
    ranges = find_ranges([odd, even])
    assert widen(even, ranges) is not None
    assert widen(odd, ranges) is None
