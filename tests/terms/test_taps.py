"""Summands that differ by places alone are read as one pattern with other starts."""

import pytest

from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.record import ONE
from tracer.terms.rules.standard import STANDARD
from tracer.terms.selections import Places, make_part, selection
from tracer.terms.taps import read_tap

n = Normaliser(STANDARD)
x, g, k = T.source("x", (8,)), T.source("g", (6,)), T.source("k", (3,))


def weigh(j):
    """An element of k times a part of x."""
    return n.product(ONE, [(make_part(n, k, [j]), (), ONE), (make_part(n, x, [Places(j, 6)]), (0,), ONE)], (0,))


def put(j):
    return n.product(ONE, [(g, (1,), ONE), (selection(j, 6, 1, 8), (1, 0), ONE)], (0,))


@pytest.mark.parametrize("term", [weigh, put])
def test_places_are_apart_from_the_pattern(term):
    first, second = (read_tap(n, ONE, term(j)) for j in (0, 1))
    assert first.pattern == second.pattern
    assert first.places != second.places
    assert read_tap(n, 2 * ONE, term(0)).pattern != first.pattern


def test_the_labels_of_the_result_come_first():
    tap = read_tap(n, ONE, weigh(1))
    assert tap.out == (0,)
    assert tap.sizes[0] == 6
    assert set(tap.places) == {1}


def test_an_axis_that_moves_elsewhere_is_related_to_where_it_stands():
    whole = n.product(ONE, [(x, (0,), ONE), (T.source("w", (8,)), (0,), ONE)], (0,))
    assert not read_tap(n, ONE, whole).list_ends()
    (end,) = (end for end in read_tap(n, ONE, weigh(0)).list_ends() if end[0] == (x.key,))
    assert end in read_tap(n, ONE, whole, {end}).list_ends()
