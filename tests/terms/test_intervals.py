"""What is repeated from one place of an axis to another is a window over it, cut off at the ends."""

import numpy as np
import pytest
import sympy

from tests.terms.values import value
from tracer.terms import record as T
from tracer.terms.intervals import line_up_intervals
from tracer.terms.normalise import Normaliser
from tracer.terms.numbers import ONE
from tracer.terms.rules.standard import STANDARD
from tracer.terms.selections import Places, make_part, selection

terms = Normaliser(STANDARD)
a, b, c = (T.source(name, ()) for name in "abc")
n = sympy.Symbol("n", integer=True, positive=True)
VALUES = {"a": np.array(2.0), "b": np.array(3.0), "c": np.array(5.0)}


def put(t, places, size):
    """A number at places of an axis."""
    return terms.product(ONE, [(t, (), ONE), (selection(*places, size), (1, 0), ONE)], (0,))


def line_up(*places, size=8):
    return line_up_intervals(terms, [(ONE, put(t, p, size)) for t, p in zip((a, b, c), places)])


CASES = {
    "padded": (Places(0, 7), Places(0, 8), Places(1, 7)),
    "not padded": (Places(0, 6), Places(1, 6), Places(2, 6)),
    "in steps": (Places(0, 4, 2), Places(1, 4, 2), Places(2, 3, 2)),
    "dilated": (Places(0, 6), Places(0, 8), Places(2, 6)),
    "two": (Places(0, 8), Places(1, 7)),
}


@pytest.mark.parametrize("name", CASES)
def test_windows_are_what_the_intervals_were(name):
    found = line_up(*CASES[name])
    shapes = set()
    for (_, made), t, places in zip(found, (a, b, c), CASES[name]):
        np.testing.assert_array_equal(value(made, VALUES), value(put(t, places, 8), VALUES))
        shapes |= {u.shape for u, _, _ in made.factors if T.is_call(u, "window")}
    assert len(shapes) == 1


def test_sizes_may_be_symbols():
    found = line_up(Places(0, n - 1), Places(0, n), Places(1, n - 1), size=n)
    assert [u.params[0] for _, t in found for u, _, _ in t.factors if T.is_call(u, "window")] == [1, 0, -1]


@pytest.mark.parametrize(
    "places",
    [
        (Places(0, 8), Places(0, 8), Places(0, 8)),
        (Places(0, 3), Places(1, 4), Places(2, 5)),
        (Places(0, 4, 2), Places(1, 7), Places(2, 6)),
        (Places(2, 3), Places(1, 6)),
    ],
    ids=["the same", "of no one width", "of several steps", "apart from the ends"],
)
def test_other_intervals_stay(places):
    assert line_up(*places) is None


def test_sums_among_factors_are_multiplied_out():
    inner = T.add([(1, put(a, Places(0, 7), 8)), (2, T.broadcast(b, (), (8,)))])
    rows = [(ONE, T.product(1, [(inner, (0,), ONE), (c, (), ONE)], (0,))), (ONE, put(c, Places(1, 7), 8))]
    found = line_up_intervals(terms, rows)
    assert len(found) == 3
    total = sum(float(k) * value(t, VALUES) for k, t in found)
    np.testing.assert_array_equal(total, sum(value(t, VALUES) for _, t in rows))


x = T.source("x", (8,))


def total(start, length):
    """The sum of some elements of a vector."""
    part = make_part(terms, x, [Places(start, length)])
    return terms.product(ONE, [(part, (0,), ONE)], ())


@pytest.mark.parametrize("places", [((0, 7), (0, 8), (1, 7)), ((0, 6), (0, 7), (0, 8)), ((2, 6), (0, 8))])
def test_totals_of_intervals_are_those_of_windows_of_one_width(places):
    rows = [(ONE, total(*p)) for p in places]
    found = line_up_intervals(terms, rows)
    shapes = set()
    for (_, made), (_, t) in zip(found, rows):
        np.testing.assert_allclose(value(made, {"x": np.arange(8.0) ** 2}), value(t, {"x": np.arange(8.0) ** 2}))
        shapes |= {u.shape for u, _, _ in made.factors if T.is_call(u, "window")}
    assert shapes == {(8, 8)}


@pytest.mark.parametrize("places", [((0, 7), (1, 7)), ((0, 3), (1, 4), (0, 8)), ((2, 3), (0, 8))])
def test_totals_of_one_width_or_within_stay(places):
    assert line_up_intervals(terms, [(ONE, total(*p)) for p in places]) is None
