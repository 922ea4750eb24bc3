"""Summands that differ by places and by numbers are one product with the numbers of a filter."""

import numpy as np
import pytest
import sympy

from tests.terms.values import value
from tracer.terms import record as T
from tracer.terms.filters import fold_filter
from tracer.terms.normalise import Normaliser
from tracer.terms.record import ONE, is_call, subterms
from tracer.terms.rules.standard import STANDARD
from tracer.terms.selections import Places, make_part, selection

n = Normaliser(STANDARD)
x, g, X, Y = T.source("x", (9,)), T.source("g", (6,)), T.source("X", (6, 7)), T.source("Y", (4, 5))
SOURCES = {t.name: np.cos(np.arange(np.prod(t.shape)) ** 2).reshape(t.shape) for t in (x, g, X, Y)}


def part(start, length=5):
    return make_part(n, x, [Places(start, length)])


def put(start):
    """A vector among zeros."""
    return n.product(ONE, [(g, (1,), ONE), (selection(start, 6, 1, 10), (1, 0), ONE)], (0,))


def corner(a, b):
    return make_part(n, X, [Places(a, 4), Places(b, 5)])


def put_corner(a, b):
    rows, columns = selection(a, 4, 1, 6), selection(b, 5, 1, 7)
    return n.product(ONE, [(Y, (2, 3), ONE), (rows, (2, 0), ONE), (columns, (3, 1), ONE)], (0, 1))


def number(c):
    return sympy.sympify(c)


CROSS = [(1, (0, 1)), (1, (1, 0)), (-4, (1, 1)), (1, (1, 2)), (1, (2, 1))]
FILTERS = {
    "taps": ([(number(c), part(k)) for k, c in enumerate((1, 4, 6, 4, 1))], (1, 4, 6, 4, 1)),
    "fourth differences, put into places": (
        [(number(c), put(k)) for k, c in enumerate((2, -8, 12, -8, 2))],
        (1, -4, 6, -4, 1),
    ),
    "fractions": ([(number(c) / 6, put(k)) for k, c in enumerate((-1, 3, 5, 3, 1))], (1, -3, -5, -3, -1)),
    "a cross": ([(number(c), corner(*at)) for c, at in CROSS], (0, 1, 0, 1, -4, 1, 0, 1, 0)),
    "a cross, put into places": ([(number(c), put_corner(*at)) for c, at in CROSS], (0, 1, 0, 1, -4, 1, 0, 1, 0)),
}


@pytest.mark.parametrize("name", FILTERS)
def test_the_numbers_are_those_of_the_summands(name):
    rows, numbers = FILTERS[name]
    made = fold_filter(n, rows)
    found = [t.params for t in subterms(made) if is_call(t, "numbers")]
    assert found == [numbers]
    want = sum(float(c) * value(t, SOURCES) for c, t in rows)
    np.testing.assert_allclose(value(made, SOURCES), want, atol=1e-12)


def test_other_summands_stay():
    cross = [(number(c), corner(*at)) for c, at in CROSS]
    other = T.source("Z", (4, 5))
    made = fold_filter(n, [*cross, (number(3), other)])
    assert len(made.terms) == 2
    want = sum(float(c) * value(t, SOURCES) for c, t in cross)
    values = {**SOURCES, "Z": np.ones((4, 5))}
    np.testing.assert_allclose(value(made, values), want + 3)


@pytest.mark.parametrize(
    "rows",
    [
        [(ONE, part(0)), (number(2), part(1)), (ONE, part(2))],
        [(ONE, put(0)), (number(2), put(1)), (ONE, put(2))],
        [(sympy.Symbol("c"), put(0)), *((number(k), put(k)) for k in range(1, 5))],
    ],
    ids=["a few taps", "a few places", "no numbers"],
)
def test_what_is_read_as_it_is_stays(rows):
    assert fold_filter(n, rows) is None


def test_equal_numbers_are_ones():
    made = fold_filter(n, [(number(2), put(k)) for k in range(5)])
    assert not any(is_call(t, "numbers") for t in subterms(made))
    np.testing.assert_allclose(value(made, SOURCES), 2 * sum(value(put(k), SOURCES) for k in range(5)))
