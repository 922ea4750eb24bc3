"""The greatest elements of windows that overlap."""

import numpy as np
import pytest

from tests.terms.programs import OVERLAPPING, overlap, s8, u, v
from tests.terms.rules.answers import answer
from tests.terms.values import value
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.record import add
from tracer.terms.rules.standard import STANDARD

ANSWERS = {
    "in order": [(1, overlap(v, k)) for k in range(3)],
    "in steps": [(2, overlap(u, k, 2)) for k in (1, 2, 0)],
    "a function of the greatest": [(1, overlap(None, k)) for k in range(3)],
    "beside others": [(1, overlap(v, 0)), (5, s8), (1, overlap(v, 2)), (1, overlap(v, 1))],
}


@pytest.mark.parametrize("name", ANSWERS)
def test_choices_at_all_places_of_windows_are_one_product(name):
    term = add(ANSWERS[name])
    made = Normaliser(STANDARD).normal(term)
    assert "firstmax" in str(made)
    rng = np.random.default_rng(4)
    sources = {t.name: t.shape for t in T.subterms(term) if isinstance(t, T.Source)}
    for draw in (rng.normal, lambda size: rng.integers(2, size=size).astype(float)):
        values = {name: draw(size=shape) for name, shape in sources.items()}
        np.testing.assert_allclose(value(made, values), value(term, values))


@pytest.mark.parametrize(
    "rows",
    [
        [(1, overlap(v, 0)), (2, overlap(v, 1)), (1, overlap(v, 2))],
        [(1, overlap(v, 0)), (1, overlap(u, 1)), (1, overlap(v, 2))],
        [(1, overlap(v, 0)), (1, overlap(v, 1))],
    ],
    ids=["unlike numbers", "unlike values", "a place without one"],
)
def test_other_choices_stay(rows):
    assert answer(OVERLAPPING, add(rows)) == ""
