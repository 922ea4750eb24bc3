"""Summands that differ by places alone are one product with a window."""

import numpy as np
import pytest
import sympy

from tests.terms.values import value
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.record import ONE, Product, Sum, is_call, product, subterms
from tracer.terms.rules.standard import STANDARD
from tracer.terms.selections import Places, make_part, selection, take_part, window
from tracer.terms.windows import fold_windows, join_windows

n = Normaliser(STANDARD)
x, g, k = T.source("x", (8,)), T.source("g", (6,)), T.source("k", (3,))
X, G, K = T.source("X", (5, 5)), T.source("G", (4, 4)), T.source("K", (2, 2))
SOURCES = {t.name: np.cos(np.arange(np.prod(t.shape)) ** 2).reshape(t.shape) for t in (x, g, k, X, G, K)}


def part(t, *entries):
    return make_part(n, t, entries)


def times(*factors):
    """A product that is summed over nothing: each factor with its labels."""
    return n.product(ONE, [(u, labels, ONE) for u, labels in factors], (0,))


def put(u, start, step, size):
    """A vector at places of a longer one."""
    return n.product(ONE, [(u, (1,), ONE), (selection(start, u.shape[0], step, size), (1, 0), ONE)], (0,))


def each(term, counts=(0, 1, 2)):
    return n.add([(ONE, term(j)) for j in counts])


def weigh_corner(a, b):
    rows, columns = Places(a, 4), Places(b, 4)
    return n.product(ONE, [(part(K, a, b), (), ONE), (part(X, rows, columns), (0, 1), ONE)], (0, 1))


SUMS = {
    "taps": each(lambda j: times((part(k, j), ()), (part(x, Places(j, 6)), (0,)))),
    "taps at a distance": each(lambda j: times((part(k, j), ()), (part(x, Places(2 * j, 4)), (0,)))),
    "taps in steps": each(lambda j: times((part(k, j), ()), (part(x, Places(j, 3, 2)), (0,)))),
    "taps backwards": each(lambda j: times((part(k, 2 - j), ()), (part(x, Places(j, 6)), (0,)))),
    "placed": each(lambda j: times((part(k, j), ()), (put(g, j, 1, 8), (0,)))),
    "placed in steps": each(lambda j: times((part(k, j), ()), (put(k, j, 2, 8), (0,)))),
    "in turns": each(lambda j: put(part(x, Places(0, 4)), j, 2, 8), (0, 1)),
    "cut at the ends": n.add(
        [
            (ONE, times((part(k, 0), ()), (put(part(x, Places(0, 7)), 1, 1, 8), (0,)))),
            (ONE, times((part(k, 1), ()), (x, (0,)))),
            (ONE, times((part(k, 2), ()), (put(part(x, Places(1, 7)), 0, 1, 8), (0,)))),
        ]
    ),
    "each by itself": each(
        lambda j: put(n.product(ONE, [(g, (1,), ONE), (part(x, Places(j, 6)), (1,), ONE)], (0,), {0: 1}), j, 1, 3)
    ),
    "without weights": each(lambda j: part(x, Places(j, 6))),
    "of an image": n.add([(ONE, weigh_corner(a, b)) for a in (0, 1) for b in (0, 1)]),
}


def slide(start, length, offset, step=1):
    """A padded correlation of x and k, from a place on."""
    line = window(offset + step * start, (step, 1, -1), (length, 3, 8))
    return n.product(ONE, [(x, (2,), ONE), (k, (1,), ONE), (line, (0, 1, 2), ONE)], (0,))


SUMS |= {
    "taps of a padded correlation": n.add(
        [
            (ONE, times((part(k, 0), ()), (put(slide(1, 7, -1), 0, 1, 8), (0,)))),
            (ONE, times((part(k, 1), ()), (slide(0, 8, -1), (0,)))),
            (ONE, times((part(k, 2), ()), (put(slide(0, 7, -1), 1, 1, 8), (0,)))),
        ]
    ),
    "taps of a padded correlation in steps": n.add(
        [
            (ONE, times((part(k, 0), ()), (put(slide(0, 4, 0, 2), 0, 2, 8), (0,)))),
            (ONE, times((part(k, 1), ()), (put(slide(0, 4, 0, 2), 1, 2, 8), (0,)))),
            (ONE, times((part(k, 2), ()), (put(slide(0, 3, 0, 2), 2, 2, 8), (0,)))),
        ]
    ),
}


@pytest.mark.parametrize("name", SUMS)
def test_summands_that_differ_by_places_are_one(name):
    made = fold_windows(n, SUMS[name])
    assert not any(isinstance(t, Sum) for t in subterms(made))
    assert any(is_call(t, "window") for t in subterms(made))
    np.testing.assert_allclose(value(made, SOURCES), value(SUMS[name], SOURCES), atol=1e-12)
    assert fold_windows(n, made) is made


@pytest.mark.parametrize(
    "term",
    [
        x,
        each(lambda j: part(x, Places(j, 6)), (0, 1)),
        each(lambda j: part(x, Places(j * j, 4))),
        n.add([(c, part(x, Places(j, 6))) for j, c in enumerate((1, 2, 1))]),
        each(lambda j: times((part(k, j), ()), (part(x, Places(j, 6)), (0,))), (0, 1)),
    ],
)
def test_others_are_left(term):
    assert fold_windows(n, term) is term


def test_sums_among_factors_are_folded():
    taps = SUMS["taps"]
    whole = product(2, [(taps, (0,), ONE), (g, (0,), ONE)], ())
    made = fold_windows(n, whole)
    assert isinstance(made, Product)
    assert not any(isinstance(t, Sum) for t in subterms(made))
    np.testing.assert_allclose(value(made, SOURCES), value(whole, SOURCES))


def test_two_kinds_of_summands_are_two_summands():
    other = n.scaled(3, g)
    made = fold_windows(n, n.add([*SUMS["taps"].terms, (ONE, other)]))
    assert isinstance(made, Sum)
    assert len(made.terms) == 2


PADDED = product(
    ONE,
    [
        (window(0, (1, 1, -1), (8, 3, 10)), (0, 1, 2), ONE),
        (selection(1, 8, 1, 10), (3, 2), ONE),
        (x, (3,), ONE),
        (part(k, Places(2, 3, -1)), (1,), ONE),
    ],
    (0,),
)


def test_a_window_takes_up_what_stands_beside_it():
    made = join_windows(n, PADDED)
    assert {t for t in subterms(made) if t is not made} == {window(1, (1, -1, -1), (8, 3, 8)), x, k}
    np.testing.assert_allclose(value(made, SOURCES), value(PADDED, SOURCES))
    assert join_windows(n, made) is made


@pytest.mark.parametrize(("axis", "taken"), [(0, Places(1, 2)), (1, Places(2, 3, -1)), (2, 3), (0, 0)])
def test_a_part_of_a_window_is_a_window(axis, taken):
    whole = window(1, (2, -1, -1), (4, 3, 9))
    made = take_part(n, whole, axis, taken)
    assert is_call(made, "window")
    at = slice(taken.start, None, taken.step) if isinstance(taken, Places) else taken
    want = value(whole, {})[(slice(None),) * axis + (at,)]
    want = want[(slice(None),) * axis + (slice(taken.length),)] if isinstance(taken, Places) else want
    np.testing.assert_array_equal(value(made, {}), want)


def test_a_function_of_parts_that_is_put_into_places_is_no_window():
    inner = n.add([(2, part(x, Places(1, 6))), (-1, part(x, Places(0, 6))), (-1, part(x, Places(2, 6)))])
    whole = n.add([(ONE, put(n.call(sympy.sign, [inner]), j, 1, 8)) for j in (0, 2)])
    np.testing.assert_allclose(value(fold_windows(n, whole), SOURCES), value(whole, SOURCES))
