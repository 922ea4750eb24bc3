"""Windows that overlap, as an array of their own."""

import numpy as np
import pytest
import sympy

from tests.terms.values import value
from tracer.terms.normalise import Normaliser
from tracer.terms.overlaps import Axis, Windows, find_windows, fold_extremes
from tracer.terms.record import call, is_call, source
from tracer.terms.rules.standard import STANDARD
from tracer.terms.selections import Places, make_part

n = Normaliser(STANDARD)
X, x = source("X", (6, 7)), source("x", (9,))
VALUES = {t.name: np.cos(np.arange(np.prod(t.shape)) ** 2).reshape(t.shape) for t in (X, x)}
h = sympy.Symbol("h", integer=True, positive=True)

LINED = {
    "inside": (9, [Places(k, 4, 2) for k in (2, 0, 1)], (4, 3, 0)),
    "cut at the ends": (h, [Places(0, h - 1), Places(0, h), Places(1, h - 1)], (h, 3, -1)),
    "two at one place": (5, [Places(1, 2, 2), Places(0, 3, 2), Places(1, 2, 2)], (3, 3, -1)),
    "each twice": (5, [Places(k, 4) for k in (0, 1, 1, 0)], (4, 2, 0)),
}


@pytest.mark.parametrize("name", LINED)
def test_places_are_those_of_windows(name):
    size, places, (windows, count, offset) = LINED[name]
    found = [*find_windows(size, places)]
    assert [(a.windows, a.places, a.offset) for a in found] == [(windows, count, offset)]
    taps = [tap.places for tap in found[0].list_taps()]
    assert {*map(str, taps)} == {str(Places(p.start, sympy.expand(p.length), p.step)) for p in places}


def test_places_at_no_one_distance_are_those_of_no_windows():
    assert [*find_windows(9, [Places(0, 4), Places(1, 4), Places(3, 4)])] == []
    assert [*find_windows(9, [Places(h, 4), Places(h + 1, 4)])] == []


@pytest.mark.parametrize("head", [sympy.Max, sympy.Min])
@pytest.mark.parametrize("windows", [(0, 1, 1), (0, 2, 1), (-1, 1, 1), (0, 1, 2)], ids=str)
@pytest.mark.parametrize("function", [None, sympy.exp])
def test_the_greatest_of_the_places_of_windows_is_that_of_their_array(head, windows, function):
    offset, step, by = windows
    axes = {k: Axis(d, (d - 2 * by - 2 * offset - 1) // step + 1, 3, offset, step, by) for k, d in enumerate(X.shape)}
    whole = X if function is None else n.call(function, [X])
    found = Windows(n, X.shape, axes)
    beyond = -sympy.oo if head is sympy.Max else sympy.oo
    taps = found.list_taps(found.pad(whole, beyond), found.all)
    term = n.call(head, taps)
    made = fold_extremes(n, term)
    assert is_call(made, "reduce_max", "reduce_min")
    np.testing.assert_allclose(value(made, VALUES), value(term, VALUES))


def test_the_greatest_of_few_or_of_other_places_stays():
    for places in ([0, 1, 2], [0, 1, 2, 4], [0, 1, 3, 5]):
        term = call(sympy.Max, [make_part(n, x, [Places(k, 4)]) for k in places])
        assert fold_extremes(n, term) is term
    unlike = call(sympy.Max, [*(make_part(n, x, [Places(k, 4)]) for k in range(3)), source("y", (4,))])
    assert fold_extremes(n, unlike) is unlike
