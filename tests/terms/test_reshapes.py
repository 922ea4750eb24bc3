"""Runs of axes of a reshape, and places behind it as places before it, with NumPy's reshape as the reference."""

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from tracer.terms.reshapes import axis_groups, find_places

n, m = sympy.symbols("n m", integer=True, positive=True)


@pytest.mark.parametrize(
    ("old", "new", "groups"),
    [
        ((n, m), (n * m,), [([0, 1], [0])]),
        ((n * m,), (n, m), [([0], [0, 1])]),
        ((n, 2, m), (n, 2 * m), [([0], [0]), ([1, 2], [1])]),
        ((n, 1), (n,), [([0], [0]), ([1], [])]),
        ((2, 3), (3, 2), [([0, 1], [0, 1])]),
        ((n,), (n,), [([0], [0])]),
        ((), (1,), [([], [0])]),
    ],
)
def test_axes_are_put_into_runs_that_become_one_another(old, new, groups):
    assert axis_groups(old, new) == groups


def test_sizes_that_can_not_be_told_apart_make_no_runs():
    assert axis_groups((n, m), (m, n)) is None


@pytest.mark.parametrize(
    ("old", "new", "groups"),
    [
        ((n, m, 2), (2 * m * n,), [([0, 1, 2], [0])]),
        ((6, n), (2, 3, n), [([0], [0, 1]), ([1], [2])]),
        ((2 * n, 3), (2, n, 3), [([0], [0, 1]), ([1], [2])]),
        ((n, m), (n, m, 1), [([0], [0]), ([1], [1]), ([], [2])]),
        ((n,), (m,), None),
        ((n + 1,), (n,), None),
        ((4,), (2, 3), None),
    ],
)
def test_runs_are_as_short_as_possible(old, new, groups):
    assert axis_groups(old, new) == groups


def take(array, axis, taken):
    """What NumPy takes of an axis."""
    if not isinstance(taken, tuple):
        return array.take(int(taken), axis)
    start, length, step = map(int, taken)
    return array.take(start + step * np.arange(length), axis)


SHAPES = [
    ((8,), (4, 2)),
    ((4, 2), (8,)),
    ((2, 3, 2), (2, 6)),
    ((2, 12), (2, 3, 4)),
    ((2, 12), (2, 3, 2, 2)),
    ((6, 2), (3, 4)),
]
KNOWN = {
    ((8,), (4, 2), 1, 0), ((8,), (4, 2), 0, 3), ((8,), (4, 2), 0, (1, 2, 1)), ((4, 2), (8,), 0, 5),
    ((4, 2), (8,), 0, (1, 4, 2)), ((4, 2), (8,), 0, (2, 4, 1)), ((2, 3, 2), (2, 6), 0, (1, 1, 1)),
    ((2, 12), (2, 3, 2, 2), 3, 1),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(KNOWN, key=str))
def test_places_are_known_of_what_was_split_or_joined(case):
    assert find_places(*case) is not None


@given(st.sampled_from(SHAPES), st.data())
def test_places_before_a_reshape_hold_what_is_taken_behind_it(shapes, data):
    old, new = shapes
    axis = data.draw(st.integers(0, len(new) - 1))
    start, step = data.draw(st.integers(0, new[axis] - 1)), data.draw(st.sampled_from([1, 1, 2, 3, -1]))
    most = (new[axis] - 1 - start) // step + 1 if step > 0 else start + 1
    taken = data.draw(st.sampled_from([start, (start, data.draw(st.integers(1, most)), step)]))
    places = find_places(old, new, axis, taken)
    if places is None:
        return
    array = np.arange(np.prod(old)).reshape(old)
    want, found = take(array.reshape(new), axis, taken), array
    for before, entry in places:
        found = take(found, before, entry)
    assert (found.reshape(want.shape) == want).all()


def test_sizes_may_be_symbols():
    assert find_places((3 * n,), (n, 3), 1, 2) == [(0, (2, n, 3))]
    assert find_places((n, 3), (3 * n,), 0, (1, n, 3)) == [(1, 1)]
    assert find_places((n, m), (n * m,), 0, (m, 2 * m, 1)) == [(0, (1, 2, 1))]
    assert find_places((n, m), (n * m,), 0, n) is None
    assert find_places((3 * n,), (3, n), 1, 2) is None
