"""Records say what was said: equal parts are one object, and nothing is simplified."""

import sympy

from tests.terms.programs import F, G, turned, u, v
from tracer.terms import record as T


def test_equal_parts_are_one_object_and_nothing_is_simplified():
    assert T.add([(1, u), (1, v)]) is T.add([(1, u), (1, v)])
    assert T.add([(1, u), (1, v)]) is not T.add([(1, v), (1, u)])
    assert T.add([(1, u), (-1, u)]).terms == ((1, u), (-1, u))


def test_labels_are_numbered_from_the_result():
    named = T.product(1, [(F, (7, 3), T.ONE), (u, (3,), T.ONE)], (7,))
    assert named is T.product(1, [(F, (0, 1), T.ONE), (u, (1,), T.ONE)], (0,))
    assert named.shape == u.shape


def test_weights_count_operations_and_turns_transposes():
    assert (u.weight, T.scaled(2, u).weight, T.scaled(-1, u).weight) == (0, 1, 0)
    assert T.add([(1, u), (3, v)]).weight == 2
    assert (turned(F).turned, F.turned) == (2, 0)
    assert T.call(sympy.exp, [T.times(u, v)]).depth == 3


def test_subterms_come_after_what_they_are_made_of():
    term = T.call(sympy.exp, [T.add([(1, T.times(u, v)), (1, u)])])
    seen = list(T.subterms(term))
    assert seen[-1] is term
    assert all(seen.index(below) < seen.index(t) for t in seen for below in T.children(t))
    assert len(seen) == len(set(seen))


def test_digests_depend_on_structure_alone():
    assert len({t.key for t in (F, G, turned(F), u, T.scaled(2, u))}) == 5
    assert T.source("u", u.shape).key == u.key


def test_a_term_is_described_by_its_parts():
    assert repr(T.product(2, [(F, (0, 1), T.ONE), (u, (1,), sympy.Integer(2))], (0,))) == (
        "<Product 2*F[0, 1]*u[1]**(2) -> [0]>"
    )


def test_a_term_is_made_of_its_children_in_order():
    assert list(T.children(T.times(u, v))) == [u, v]
    assert list(T.children(T.add([(2, u), (1, v)]))) == [u, v]
    assert list(T.children(T.call(sympy.Gt, [u, v]))) == [u, v]
    assert list(T.children(u)) == []
    assert list(T.subterms(T.add([(1, T.call(sympy.exp, [u])), (1, v)])))[:3] == [u, T.call(sympy.exp, [u]), v]


def test_terms_are_told_apart_by_what_they_are():
    assert T.is_call(T.call(sympy.exp, [u]), sympy.log, sympy.exp)
    assert not T.is_call(T.call(sympy.exp, [u]), sympy.log)
    assert not T.is_call(u, sympy.exp)
    assert T.is_identity(T.identity(3))
    assert not T.is_identity(T.scaled(2, T.identity(3)))
    assert not T.is_identity(T.product(1, [(u, (0,), T.ONE)], (0, 0)))
    assert not T.is_identity(u)
