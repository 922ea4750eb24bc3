"""Labels are numbered by structure alone, and the search for the least numbering is complete."""

import itertools

import pytest
import sympy

from tracer.terms import record as T
from tracer.terms.canonical import number_labels
from tracer.terms.normalise import Normaliser
from tracer.terms.work import Budget

n = sympy.Symbol("n", integer=True, positive=True)
A, B = T.source("A", (n, n)), T.source("B", (n, n))
S = T.source("S", (n, n), ["symmetric"])


def numbered(factors, out=(), budget=None):
    labels = {k for _, i, _ in factors for k in i} | set(out)
    return number_labels(Normaliser((), budget), factors, out, dict.fromkeys(labels, n))


def ring(matrices, names):
    pairs = zip(names, [*names[1:], names[0]])
    return [(m, pair, T.ONE) for m, pair in zip(matrices, pairs)]


@pytest.mark.parametrize("matrices", [(A, A, A, A), (A, B, A, B), (S, S, S), (A, A, B)], ids=str)
def test_names_of_labels_and_the_order_of_factors_do_not_matter(matrices):
    found = set()
    for names in itertools.permutations(range(len(matrices))):
        factors = ring(matrices, names)
        found.add(numbered(factors[1:] + factors[:1]))
        found.add(numbered(factors[::-1]))
    assert len(found) == 1


def test_different_contractions_are_told_apart():
    inward = numbered([(A, (0, 1), T.ONE), (B, (1, 0), T.ONE)])
    outward = numbered([(A, (0, 1), T.ONE), (B, (0, 1), T.ONE)])
    assert inward != outward


def test_many_like_labels_take_little_work():
    """Twelve labels that a symmetry exchanges: one of each is followed to the end, and not twelve factorial."""
    budget = Budget()
    factors = [(A, (0, k), T.ONE) for k in range(1, 13)]
    found = numbered(factors, (0,), budget)
    assert found == numbered(factors[::-1], (0,))
    assert budget.spent < 20_000


def test_rings_of_one_length_are_told_from_rings_of_another():
    """Two triangles and a hexagon look alike at every label."""
    triangles = ring((A,) * 3, (0, 1, 2)) + ring((A,) * 3, (3, 4, 5))
    hexagon = ring((A,) * 6, range(6))
    assert numbered(triangles) != numbered(hexagon)
    mixed = ring((A,) * 3, (5, 0, 3)) + ring((A,) * 3, (2, 4, 1))
    assert numbered(mixed) == numbered(triangles)
