"""Rules are named, say why, and are found out where they undo one another."""

from __future__ import annotations

import pytest
import sympy

from tests.terms.programs import u
from tracer.terms import record as T
from tracer.terms.failures import RewriteLoop, TooLong
from tracer.terms.normalise import Normaliser
from tracer.terms.patterns import Name, variables
from tracer.terms.rule import Procedure, Rule
from tracer.terms.rules.standard import STANDARD
from tracer.terms.work import Budget


def test_names_of_rules_are_different_and_each_says_why():
    names = [rule.name for rule in STANDARD]
    assert len(set(names)) == len(names)
    assert all(rule.why for rule in STANDARD)


def test_rules_that_undo_one_another_are_named():
    (v,) = variables("v")
    sin, cos = Name(sympy.sin), Name(sympy.cos)
    there, back = Rule(sin(v), cos(v), "planted"), Rule(cos(v), sin(v), "planted")
    with pytest.raises(RewriteLoop, match=r"'sin\(v\) -> cos\(v\)'.*'cos\(v\) -> sin\(v\)'|'cos\(v\).*'sin\(v\)"):
        Normaliser((there, back)).normal(T.call(sympy.sin, [u]))


def test_a_rule_that_answers_with_what_it_rewrites_inside_is_named():
    (v,) = variables("v")
    sin, cos = Name(sympy.sin), Name(sympy.cos)
    with pytest.raises(RewriteLoop, match=r"'sin\(v\) -> cos\(sin\(v\)\)' .* undo one another at sin\(u\); .*steps"):
        Normaliser((Rule(sin(v), cos(sin(v)), "planted"),)).normal(T.call(sympy.sin, [u]))


def test_a_rule_that_asks_for_what_it_rewrites_is_named():
    asking = Procedure((sympy.sin,), "sin(x) -> ?", "planted", lambda normaliser, t: normaliser.normal(t))
    with pytest.raises(RewriteLoop, match=r"'sin\(x\) -> \?' asks for the normal form"):
        Normaliser((asking,)).normal(T.call(sympy.sin, [u]))


def test_a_rule_that_never_ends_is_stopped_by_the_work():
    (x,) = variables("x")
    sin = Name(sympy.sin)
    growing = Rule(sin(x), sin(1 + x), "planted")
    with pytest.raises(TooLong, match="takes more than 20000 steps of work"):
        Normaliser((growing,), Budget(20_000)).normal(T.call(sympy.sin, [u]))
