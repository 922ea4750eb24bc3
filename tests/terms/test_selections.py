"""Parts of terms are those of what the terms are made of."""

import numpy as np
import pytest
import sympy

from tests.terms.programs import F, X, chosen, exp, k, m, matmul, n, u, v
from tests.terms.values import value
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.record import ONE
from tracer.terms.rolls import roll_term
from tracer.terms.rules.standard import STANDARD
from tracer.terms.selections import Places, is_ordered, selection, take_part

SOURCES = {
    "X": np.arange(12.0).reshape(4, 3) / 7,
    "F": np.cos(np.arange(9.0) ** 2).reshape(3, 3),
    "s": np.arange(12.0) ** 2,
    "S": np.arange(12.0).reshape(2, 2, 3) ** 2,
    "u": np.array([0.5, -1.0, 2.0]),
    "v": np.array([1.5, 0.25, -0.5]),
}
TERMS = {
    "a source": X,
    "a function of elements": exp(X),
    "a product": matmul(X, F),
    "a sum": T.add([(2, X), (-1, T.product(1, [(u, (1,), ONE)], (0, 1), {0: m, 1: n}))]),
    "a softmax": T.call("softmax", [X]),
    "a diagonal": T.product(1, [(u, (0,), ONE)], (0, 0)),
    "a part": T.call("part", [F], (Places(n - 1, n, -1), Places(1, 2, 1)), (n, 2)),
    "a selection": selection(1, 2, 1, n),
    "a longer selection": selection(1, 3, 1, 5),
    "a band": T.call("band_part", [F], (-1, 0)),
    "a split axis": T.call("reshape", [T.source("s", (12,))], (4, 3), (4, 3)),
    "joined axes": T.call("reshape", [T.source("S", (2, 2, 3))], (4, 3), (4, 3)),
    "an inverse": T.call("inverse", [F]),
    "maxima": T.product(1, [(T.call("logsumexp", [X], 1, (m,)), (0,), ONE)], (0, 1), {1: n}),
}
TAKEN = {
    "one": (1, 1),
    "first": (0, 0),
    "some": (Places(0, 2, 1), slice(0, 2)),
    "later": (Places(1, 1, 1), slice(1, 2)),
    "back": (Places(1, 2, -1), slice(1, None, -1)),
}


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("taken", TAKEN)
@pytest.mark.parametrize("name", TERMS)
def test_a_part_has_numpys_values(name, taken, axis):
    terms = Normaliser(STANDARD)
    term = terms.normal(TERMS[name])
    places, index = TAKEN[taken]
    part = take_part(terms, term, axis, places)
    assert part is not None
    want = value(TERMS[name], SOURCES)[(slice(None),) * axis + (index,)]
    np.testing.assert_allclose(value(part, SOURCES), want, atol=1e-12)
    assert part.shape == tuple(want.shape) or len(part.shape) == want.ndim


def test_a_part_of_a_part_is_one_part():
    terms = Normaliser(STANDARD)
    inner = take_part(terms, u, 0, Places(1, n - 1, 1))
    assert inner is not None
    part = take_part(terms, inner, 0, Places(0, n - 2, 1))
    assert T.describe(part) == "part(u, (Places(start=1, length=n - 2, step=1),))"
    assert take_part(terms, v, 0, Places(0, n, 1)) is v


def test_where_it_is_not_known_which_places_those_are_there_is_no_part():
    terms = Normaliser(STANDARD)
    assert take_part(terms, chosen(0, n, n + m), 1, Places(k, m, 1)) is None
    stepped = T.call("selection", [], (0, m, 2, 2 * m), (m, 2 * m))
    assert take_part(terms, stepped, 1, Places(m, m, 1)) is None


@pytest.mark.parametrize(
    ("low", "high", "known"),
    [(0, 1, True), (1, n, True), (n, n + m, True), (2, n, False), (n, m, False), (n + 1, n, False), (n, n * m, True)],
)
def test_dimensions_are_ordered_whatever_the_sizes_are(low, high, known):
    assert is_ordered(low, high) == known


def test_all_places_are_the_identity():
    assert selection(0, n, 1, n) is T.identity(n)
    assert selection(2, 1, -1, n) is selection(2, 1, 1, n)


def test_places_that_are_the_same_for_small_sizes_alone_are_not_told():
    terms = Normaliser(STANDARD)
    assert take_part(terms, chosen(0, 1, n), 1, n - 1) is None
    rolled = roll_term(terms, u, sympy.S.One, 0)
    assert T.is_call(rolled, "roll")
    assert take_part(terms, rolled, 0, n - 1).args == (rolled,)
    assert take_part(terms, rolled, 0, 0) is take_part(terms, u, 0, n - 1)
    assert take_part(terms, rolled, 0, Places(n - 1, n - 1, -1)) is take_part(terms, u, 0, Places(n - 2, n - 1, -1))
    assert take_part(terms, rolled, 0, Places(1, n - 1)) is take_part(terms, u, 0, Places(0, n - 1))


def test_a_part_that_is_told_in_some_factors_alone_is_none():
    terms = Normaliser(STANDARD)
    put = T.product(1, [(u, (0,), ONE), (chosen(0, 1, n), (2, 1), ONE), (exp(v), (1,), ONE)], (1,), {2: 1})
    assert take_part(terms, terms.normal(put), 0, n - 1) is None
