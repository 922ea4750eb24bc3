"""What was put together place by place is known element by element."""

import pytest
import sympy

from tests.terms.programs import F, chosen, dot, pair, scaled, turned, u, v
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.record import ONE, product
from tracer.terms.rules.standard import STANDARD
from tracer.terms.selections import selection
from tracer.terms.stacks import find_stacked_axis, is_small_stack, is_stacked, split_elements, split_place, take_element

normaliser = Normaliser(STANDARD)
s, t = T.source("s", ()), T.source("t", ())
M, C = T.source("M", (2, 2)), T.source("C", (3, 2))


@pytest.mark.parametrize(
    "term", [pair, turned(pair), scaled(3, pair), product(1, [(pair, (0, 1), ONE), (s, (), ONE)], (0, 1))]
)
def test_a_matrix_of_scalars_is_stacked(term):
    assert is_stacked(normaliser.normal(term))
    assert is_small_stack(normaliser.normal(term))


@pytest.mark.parametrize(
    "term", [M, u, F, T.number(0, (2, 2)), product(1, [(C, (0, 1), ONE), (pair, (1, 2), ONE)], (0, 2))]
)
def test_what_has_axes_of_its_own_is_not(term):
    assert not is_small_stack(normaliser.normal(term))


def test_the_axis_is_found_along_which_each_place_was_given():
    def place(k, axis, term=C):
        labels = [1, 2]
        labels.insert(axis, 0)
        return T.product(1, [(selection(k, 1, 1, 4), (3, 0), ONE), (term, (1, 2), ONE)], tuple(labels), {0: 4})

    for axis in range(3):
        both = normaliser.normal(T.add([(1, place(0, axis)), (2, place(3, axis, T.source("D", (3, 2))))]))
        assert find_stacked_axis(both) == axis
    assert find_stacked_axis(C) is None
    assert find_stacked_axis(normaliser.normal(T.add([(1, place(0, 0)), (1, T.source("E", (4, 3, 2)))]))) is None
    assert find_stacked_axis(T.number(0, (4, 3, 2))) is None
    long = T.product(1, [(selection(0, 1, 1, 17), (3, 0), ONE), (C, (1, 2), ONE)], (0, 1, 2), {0: 17})
    assert find_stacked_axis(normaliser.normal(long)) is None


def test_elements_are_taken():
    assert take_element(normaliser, pair, (0, 1)) is s
    assert take_element(normaliser, M, (0, 1)) is take_element(normaliser, turned(M), (1, 0))


def test_what_divides_all_elements_stands_in_front():
    whole = normaliser.normal(product(sympy.Integer(2), [(pair, (0, 1), ONE), (t, (), -ONE)], (0, 1)))
    number, front, elements = split_elements(normaliser, whole)
    assert (number, front) == (2, [(t, -1)])
    assert elements == [
        normaliser.normal(x) for x in (dot(u, v), s, t, dot(T.source("w", u.shape), T.source("w", u.shape)))
    ]


def test_the_place_of_what_is_put_somewhere_is_known():
    row = normaliser.normal(product(ONE, [(u, (0,), ONE), (chosen(1, 1, 3), (2, 1), ONE)], (0, 1)))
    assert split_place(normaliser, row, 1) == (1, u)
    assert split_place(normaliser, row, 0) is None
    assert split_place(normaliser, M, 0) is None
