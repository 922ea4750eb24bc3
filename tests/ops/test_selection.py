"""What an index takes: slices of any size, where the axes of arrays go, and the places that elements come from."""

import itertools

import numpy as np
import pytest
import sympy

from tracer.ops import selection
from tracer.ops.selection import Array, Slice
from tracer.shapes import symbolic_dimension

n = symbolic_dimension("n")
BOUNDS = [None, 0, 1, 2, 4, -1, -2, -4]
STEPS = [None, 1, 2, 3, -1, -2, -3]


@pytest.mark.parametrize("size", [0, 1, 4, 5])
def test_a_slice_of_a_known_size_is_pythons(size):
    for key in itertools.starmap(slice, itertools.product(BOUNDS, BOUNDS, STEPS)):
        taken = range(*key.indices(size))
        found = selection.sliced(key, size, 0)
        assert found == Slice(taken.start if taken else 0, len(taken), taken.step)


def test_a_slice_of_a_symbolic_size_that_lies_within_the_axis_is_pythons():
    """The numbers it is made of are ints; what is known to be negative is nothing."""
    for key in itertools.starmap(slice, itertools.product(BOUNDS, BOUNDS, STEPS)):
        found = selection.sliced(key, n, 0)
        assert all(type(d) is int or d.free_symbols for d in found)
        for size in (5, 6):
            taken = range(*key.indices(size))
            start, length, step = (d if type(d) is int else int(d.xreplace({n: sympy.Integer(size)})) for d in found)
            assert type(found.length) is not int or length >= 0
            assert max(length, 0) == len(taken)
            assert not taken or (start, step) == (taken.start, taken.step)


def test_bounds_that_are_expressions():
    for key, size, expected in [
        (slice(n - 2, None), n, Slice(n - 2, 2, 1)),
        (slice(None, n), 5, Slice(0, n, 1)),
        (slice(n, None), 5, Slice(n, 5 - n, 1)),
        (slice(-n, None), 5, Slice(5 - n, n, 1)),
        (slice(sympy.Integer(1), sympy.Integer(3)), 5, Slice(1, 2, 1)),
        (slice(3, 1), n, Slice(3, 0, 1)),
        (slice(3, 2), n, Slice(3, 0, 1)),
        (slice(-n, None), n, Slice(0, n, 1)),
        (slice(sympy.Integer(1), sympy.Integer(9)), 5, Slice(1, 4, 1)),
        (slice(0, 2**60 + 1, 2), n, Slice(0, 2**59 + 1, 2)),
        (slice(None, -1, -1), n, Slice(n - 1, 0, -1)),
    ]:
        found = selection.sliced(key, size, 0)
        assert found == expected
        assert [type(d) is int for d in found] == [type(d) is int for d in expected]


def test_a_position():
    assert [selection.integer(k, 3, 0) for k in (-3, -1, 0, 2)] == [0, 2, 0, 2]
    assert [selection.integer(k, n, 0) for k in (-1, 5, n - 1)] == [-1, 5, n - 1]
    assert selection.integer(n, 3, 0) == n
    for key in (3, -4):
        with pytest.raises(IndexError, match=f"index {key} is out of range for axis 7 of size 3"):
            selection.integer(key, 3, 7)


def test_full_slices_at_the_end_are_left_out():
    whole, part = [selection.full(d) for d in (2, n, 4)], Slice(0, 1, 1)
    assert selection.trimmed(whole, (2, n, 4)) == ()
    assert selection.trimmed([0, *whole[1:]], (2, n, 4)) == (0,)
    assert selection.trimmed([whole[0], part, whole[2]], (2, n, 4)) == (whole[0], part)
    assert selection.trimmed([None, *whole], (2, n, 4)) == (None,)
    assert selection.trimmed([whole[0], None, *whole[1:]], (2, n, 4)) == (whole[0], None)
    assert selection.trimmed([whole[0], 1, Array(1)], (2, n, 4)) == (whole[0], 1, Array(1))
    assert selection.trimmed([Slice(3, 4, -1)], (4,)) == (Slice(3, 4, -1),)
    assert selection.trimmed([], (2,)) == ()


ENTRIES = [None, slice(None), slice(2, 0, -1), 1, -1, np.array([1, 0]), np.array([[2], [-1], [0]]), np.array(1)]


def keys(count):
    """Tuples of entries of which so many stand for an axis each."""
    for key in itertools.product(ENTRIES, repeat=count):
        if sum(e is not None for e in key) <= 3:
            yield key


def normal(key, shape):
    """The normal form of a key, and the arrays in it."""
    entries, arrays, axis = [], [], 0
    for e in key:
        if isinstance(e, np.ndarray):
            arrays.append(e)
            e = Array(len(arrays))
        elif isinstance(e, slice):
            e = selection.sliced(e, shape[axis], axis)
        axis += e is not None
        entries.append(e)
    return tuple(entries), arrays


SHAPE = (3, 4, 5)
GRID = np.arange(60).reshape(SHAPE)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_the_shape_and_the_places_are_numpys(count):
    """Integers among arrays are arrays of no axes, as NumPy has it."""
    for key in keys(count):
        index, arrays = normal(key, SHAPE)
        expected = GRID[key]
        plan = selection.layout(index, SHAPE, [a.shape for a in arrays])
        assert plan.shape == expected.shape
        values = {k + 1: (a.shape, a.ravel().tolist()) for k, a in enumerate(arrays)}
        if count < 3 or len(arrays) == 2:
            found = list(selection.places(index, SHAPE, values))
            assert found == [[(place, True)] for place in expected.ravel()]


def test_where_the_axes_of_arrays_stand():
    a, whole = Array(1), selection.full(4)
    for index, front, separated in [
        ((a,), 0, False), ((whole, a), 1, False), ((None, whole, a), 2, False), ((a, whole, Array(2)), 0, True),
        ((0, whole, a), 0, True), ((whole, 0, a), 1, False), ((whole, a, None, 0), 0, True), ((whole, a, 0), 1, False),
    ]:  # fmt: skip
        plan = selection.layout(index, (4, 4, 4), [(2,)] * sum(type(e) is Array for e in index))
        assert (plan.front, plan.separated, plan.arrays) == (front, separated, (2,))
    assert selection.layout((0, None), (4, 4), []) == ((None, whole), (), 0, False)
    with pytest.raises(ValueError, match=r"dimensions 2 and 3 do not broadcast: first of shape \(2,\) with second of"):
        selection.layout((a, Array(2)), (4, 4), [(2,), (3,)], ["first", "second"])


def test_an_element_of_unknown_place_may_come_from_each():
    """Under the condition that the index, or the index less the size, is the place."""
    i, j = sympy.symbols("i j", integer=True)
    (choices,) = selection.places((Array(1),), (2,), {1: ((), [i])})
    assert [place for place, _ in choices] == [0, 1]
    for value, place in ((0, 0), (1, 1), (-1, 1), (-2, 0)):
        assert [p for p, condition in choices if condition.subs(i, value) == True] == [place]  # noqa: E712
    found = list(selection.places((Array(1), 1, Array(2)), (2, 3, 2), {1: ((), [i]), 2: ((2,), [j, 1])}))
    for (x, y), k in itertools.product(itertools.product((-2, -1, 0, 1), repeat=2), (0, 1)):
        values = {i: x, j: y}
        expected = np.arange(12).reshape(2, 3, 2)[x, 1, [y, 1]][k]
        assert [p for p, c in found[k] if sympy.sympify(c).subs(values) == True] == [expected]  # noqa: E712


def test_arrays_of_other_ranks():
    first, second = np.arange(3), np.arange(2).reshape(2, 1, 1)
    values = {1: (first.shape, first.tolist()), 2: (second.shape, second.ravel().tolist())}
    found = list(selection.places((Array(1), Array(2)), (3, 2), values))
    assert [place for ((place, _),) in found] == np.arange(6).reshape(3, 2)[first, second].ravel().tolist()


def test_a_choice_of_an_unknown_index_is_unknown():
    x, i = sympy.Symbol("x"), sympy.Symbol("i", integer=True)
    chosen = sympy.Piecewise((i, x > 1), (0, True))
    (choices,) = selection.places((Array(1),), (2,), {1: ((), [chosen])})
    for point, place in (({x: 2, i: 1}, 1), ({x: 2, i: -2}, 0), ({x: 0, i: 1}, 0)):
        assert [p for p, c in choices if sympy.sympify(c).subs(point) == True] == [place]  # noqa: E712


def test_a_chosen_index_is_one_of_its_numbers():
    x = sympy.Symbol("x")
    chosen = sympy.Piecewise((-1, x > 2), (1, x > 1), (0, True))
    (choices,) = selection.places((Array(1),), (3,), {1: ((), [chosen])})
    assert [place for place, _ in choices] == [2, 1, 0]
    for value, place in ((3, 2), (1.5, 1), (0, 0)):
        assert [p for p, c in choices if sympy.sympify(c).subs(x, value) == True] == [place]  # noqa: E712
    with pytest.raises(IndexError, match="index 3 is out of range for axis 1 of size 3"):
        list(selection.places((0, Array(1)), (2, 3), {1: ((), [sympy.Integer(3)])}))
    with pytest.raises(IndexError, match="index 3 is out of range for axis 0 of size 3"):
        list(selection.places((Array(1),), (3,), {1: ((), [sympy.Integer(3)])}))
    for index in ((2,), (0, 3)):
        with pytest.raises(IndexError, match=f"is out of range for axis {len(index) - 1} of size"):
            list(selection.places(index, (2, 3), {}))
