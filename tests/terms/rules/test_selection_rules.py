"""Positions that are taken of what was put there are what was put, and others are nothing."""

import sympy

from tests.terms.programs import chosen, joined, m, matmul, n, part, rest, turned, u, v
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.record import ONE
from tracer.terms.rules.selection_rules import SELECTIONS


def normal(term, rules=SELECTIONS):
    return Normaliser(rules).normal(term)


def test_a_selection_of_its_own_positions_is_the_identity():
    assert normal(matmul(part, turned(part), u)) is u
    thrice = T.product(3 * ONE, [(part, (0, 1), ONE), (part, (2, 1), ONE)], (0, 2))
    assert normal(thrice) is normal(T.scaled(3, T.identity(n)))


def test_other_positions_are_zero_and_those_that_overlap_are_left_alone():
    nothing = T.product(ONE, [(part, (0, 1), ONE), (rest, (2, 1), ONE)], (0, 2))
    assert normal(nothing) is T.number(0, (n, m))
    shifted = chosen(1, n, n + m)
    overlapping = T.product(ONE, [(part, (0, 1), ONE), (shifted, (2, 1), ONE)], (0, 2))
    assert normal(overlapping) is normal(overlapping, ())
    kept = T.product(ONE, [(part, (0, 1), ONE), (part, (2, 1), ONE)], (0, 1, 2))
    assert normal(kept) is normal(kept, ())


def test_a_part_of_a_whole_is_what_was_put_there():
    assert normal(matmul(part, joined)) is u
    assert normal(matmul(rest, joined)) is matmul(T.source("X", (m, n)), v)
    other = chosen(sympy.Integer(2), m, n + m)
    assert normal(matmul(other, joined)) is normal(matmul(other, joined), ())
