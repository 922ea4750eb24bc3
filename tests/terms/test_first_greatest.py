"""Choices by whether an element is the first greatest of some."""

import pytest
import sympy

from tests.terms.programs import compare, number, where
from tracer.terms.first_greatest import list_greatest, read_piece, read_relations, says_first
from tracer.terms.normalise import Normaliser
from tracer.terms.record import ONE, call, product, source
from tracer.terms.selections import Places, selection

n = Normaliser(())
a, b, c, g = (source(name, (3, 4)) for name in "abcg")
test = compare(sympy.Gt, a, b)
zero = number(0, (3, 4))


def put(chosen, labels=(2, 1)):
    return product(1, [(chosen, labels, ONE), (selection(2, 3, 1, 6), (2, 0), ONE)], (0, 1))


def test_a_choice_is_read_with_its_places():
    piece = read_piece(n, put(where(g, test, zero)))
    assert piece.places == (Places(2, 3), None)
    assert (piece.value, piece.condition) == (g, test)


def test_a_choice_whose_axes_are_in_another_order_is_read_in_that_of_the_result():
    wide = source("w", (4, 3))
    piece = read_piece(n, put(where(wide, compare(sympy.Gt, wide, number(1, (4, 3))), number(0, (4, 3))), (1, 2)))
    assert piece.value is n.transposed(wide)


@pytest.mark.parametrize("term", [g, put(where(g, test, a)), put(g)])
def test_of_other_terms_none_is_read(term):
    assert read_piece(n, term) is None


def test_relations_are_read_with_the_greater_side_first():
    both = call(sympy.And, [compare(sympy.Lt, a, call(sympy.Max, [b, c])), compare(sympy.Ge, b, c)])
    assert read_relations(both) == [((b, c), (a,), True), ((b,), (c,), False)]
    assert read_relations(call(sympy.Ne, [a, b])) is None
    assert list_greatest(a) == (a,)


PLACES = {a: 0, b: 1, c: 2}


@pytest.mark.parametrize(
    ("relations", "place", "said"),
    [
        ([((a,), (b, c), False)], 0, True),
        ([((b,), (a,), True), ((b,), (c,), False)], 1, True),
        ([((b,), (a,), True), ((a, b), (c,), False)], 1, True),
        ([((b,), (a,), False), ((b,), (c,), False)], 1, False),
        ([((a,), (b, c), True)], 0, False),
        ([((c,), (b,), True)], 2, False),
    ],
)
def test_a_place_is_the_first_greatest_where_it_is_above_those_before_it(relations, place, said):
    assert says_first(relations, PLACES, place) is said
