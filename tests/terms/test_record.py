"""Records say what was said, and nothing is simplified."""

import sympy

from tests.terms.programs import F, u, v
from tracer.terms import record as T


def test_labels_are_numbered_from_the_result():
    named = T.product(1, [(F, (7, 3), T.ONE), (u, (3,), T.ONE)], (7,))
    assert named is T.product(1, [(F, (0, 1), T.ONE), (u, (1,), T.ONE)], (0,))
    assert named.shape == u.shape


def test_subterms_come_after_what_they_are_made_of():
    term = T.call(sympy.exp, [T.add([(1, T.times(u, v)), (1, u)])])
    seen = list(T.subterms(term))
    assert seen[-1] is term
    assert all(seen.index(below) < seen.index(t) for t in seen for below in t.children)
    assert len(seen) == len(set(seen))


def test_a_term_is_made_of_its_children_in_order():
    assert list(T.times(u, v).children) == [u, v]
    assert list(T.add([(2, u), (1, v)]).children) == [u, v]
    assert list(T.call(sympy.Gt, [u, v]).children) == [u, v]
    assert list(u.children) == []
    assert list(T.subterms(T.add([(1, T.call(sympy.exp, [u])), (1, v)])))[:3] == [u, T.call(sympy.exp, [u]), v]


def test_terms_are_told_apart_by_what_they_are():
    assert T.is_call(T.call(sympy.exp, [u]), sympy.log, sympy.exp)
    assert not T.is_call(T.call(sympy.exp, [u]), sympy.log)
    assert not T.is_call(u, sympy.exp)
    assert T.is_identity(T.identity(3))
    assert not T.is_identity(T.scaled(2, T.identity(3)))
    assert not T.is_identity(T.product(1, [(u, (0,), T.ONE)], (0, 0)))
    assert not T.is_identity(u)
