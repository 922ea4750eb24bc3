"""The greatest elements of blocks."""

import numpy as np
import pytest
import sympy

from tests.terms.programs import POOLED, compare, number, pick, s8, u, v, where
from tests.terms.rules.answers import answer
from tests.terms.values import value
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.record import ONE, add, call, product
from tracer.terms.rules.standard import STANDARD
from tracer.terms.selections import Places

image = T.source("M", (4, 6))
nine = T.source("t", (9,))


def corner(place, turned=False):
    """What is given to each block of two rows and two columns, where its greatest element stands first at a place."""
    places = [(a, b) for a in (0, 1) for b in (0, 1)]
    parts = [call("part", [image], (Places(a, 2, 2), Places(b, 3, 2)), (2, 3)) for a, b in places]
    before, after = parts[:place], parts[place + 1 :]
    tests = [compare(sympy.Gt, parts[place], other) for other in before]
    tests += [compare(sympy.Ge, parts[place], other) for other in after]
    chosen = where(T.source("G", (2, 3)), call(sympy.And, tests[::-1] if turned else tests), number(0, (2, 3)))
    (a, b) = places[place]
    rows, columns = (call("selection", [], (k, d, 2, 2 * d), (d, 2 * d)) for k, d in ((a, 2), (b, 3)))
    return product(1, [(chosen, (2, 3), ONE), (rows, (2, 0), ONE), (columns, (3, 1), ONE)], (0, 1))


ANSWERS = {
    "two": [(1, pick(s8, v, 0, 2)), (1, pick(s8, v, 1, 2))],
    "three": [(2, pick(nine, u, k, 3)) for k in (1, 2, 0)],
    "a function of the greatest": [(1, pick(s8, None, 0, 2)), (1, pick(s8, None, 1, 2))],
    "beside others": [(1, pick(s8, v, 0, 2)), (5, s8), (1, pick(s8, v, 1, 2))],
    "of an image": [(1, corner(k, turned=k == 2)) for k in range(4)],
}


@pytest.mark.parametrize("name", ANSWERS)
def test_choices_at_all_places_of_blocks_are_one_product(name):
    term = add(ANSWERS[name])
    made = Normaliser(STANDARD).normal(term)
    assert "firstmax" in str(made)
    rng = np.random.default_rng(4)
    sources = {t.name: t.shape for t in T.subterms(term) if isinstance(t, T.Source)}
    for draw in (rng.normal, lambda size: rng.integers(2, size=size).astype(float)):
        values = {name: draw(size=shape) for name, shape in sources.items()}
        np.testing.assert_allclose(value(made, values), value(term, values))


def strict(place):
    """The same, the greatest element being above all others."""
    parts = [call("part", [s8], (Places(k, 4, 2),), (4,)) for k in (0, 1)]
    chosen = where(T.source("v4", (4,)), compare(sympy.Gt, parts[place], parts[1 - place]), number(0, (4,)))
    put = call("selection", [], (place, 4, 2, 8), (4, 8))
    return product(1, [(chosen, (1,), ONE), (put, (1, 0), ONE)], (0,))


@pytest.mark.parametrize(
    "rows",
    [
        [(1, pick(s8, v, 0, 2)), (2, pick(s8, v, 1, 2))],
        [(1, pick(s8, v, 0, 2)), (1, pick(s8, u, 1, 2))],
        [(1, pick(nine, u, 0, 3)), (1, pick(nine, u, 1, 3))],
        [(1, strict(0)), (1, strict(1))],
        [(1, corner(0)), (1, corner(1)), (1, corner(3))],
    ],
    ids=["unlike numbers", "unlike values", "a place without one", "no first of equal ones", "a corner without one"],
)
def test_other_choices_stay(rows):
    assert answer(POOLED, add(rows)) == ""
