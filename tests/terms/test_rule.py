"""Rules are named, say why, and are found out where they have no end."""

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


def test_forms_that_become_one_another_have_one_normal_form():
    """The first in the order of terms, wherever the circle is entered."""
    (v,) = variables("v")
    heads = [sympy.sin, sympy.cos, sympy.tan]
    sin, cos, tan = map(Name, heads)
    rules = Rule(sin(v), cos(v), "planted"), Rule(cos(v), tan(v), "planted"), Rule(tan(v), sin(v), "planted")
    forms = [T.call(head, [u]) for head in heads]
    first = min(forms, key=lambda term: term.order)
    for form in forms:
        assert Normaliser(rules).normal(form) is first
        outer = Normaliser(rules).normal(T.call(sympy.exp, [form]))
        assert outer is T.call(sympy.exp, [first])


def test_a_rule_that_answers_with_what_it_rewrites_inside_is_named():
    (v,) = variables("v")
    sin, cos = Name(sympy.sin), Name(sympy.cos)
    with pytest.raises(RewriteLoop, match=r"'sin\(v\) -> cos\(sin\(v\)\)' answers sin\(u\) with a term .* it; .*steps"):
        Normaliser((Rule(sin(v), cos(sin(v)), "planted"),)).normal(T.call(sympy.sin, [u]))


def test_a_rule_that_asks_for_what_it_rewrites_says_nothing():
    asking = Procedure((sympy.sin,), "sin(x) -> ?", "planted", lambda normaliser, t: normaliser.normal(t))
    (v,) = variables("v")
    sine = T.call(sympy.sin, [u])
    assert Normaliser((asking,)).normal(sine) is sine
    after = Rule(Name(sympy.sin)(v), Name(sympy.cos)(v), "planted")
    assert Normaliser((asking, after)).normal(sine) is T.call(sympy.cos, [u])


def test_an_error_names_the_rule_that_asks_and_none_that_has_answered_before():
    (v,) = variables("v")

    def ask(n, t):
        n.call(sympy.sin, t.args)
        with pytest.raises(RewriteLoop, match=r"the rule 'cos\(x\) -> \?' asks for the normal form"):
            n.normal(t)

    answering = Rule(Name(sympy.sin)(v), Name(sympy.tan)(v), "planted")
    asking = Procedure((sympy.cos,), "cos(x) -> ?", "planted", ask)
    cosine = T.call(sympy.cos, [u])
    assert Normaliser((asking, answering)).normal(cosine) is cosine


def test_a_transpose_that_asks_for_what_is_being_rewritten_is_a_record():
    matrix = T.call(sympy.sin, [T.source("A", (2, 3))])
    turned = T.product(T.ONE, [(matrix, (0, 1), T.ONE)], (1, 0))
    found = []
    asking = Procedure((sympy.sin,), "sin(x) -> ?", "planted", lambda n, t: found.append(n.transposed(turned)))
    n = Normaliser((asking,))
    assert n.normal(matrix) is matrix
    assert found == [T.product(T.ONE, [(turned, (1, 0), T.ONE)], (0, 1))]
    assert turned not in n.transposes


def test_a_rule_that_never_ends_is_stopped_by_the_work():
    (x,) = variables("x")
    sin = Name(sympy.sin)
    growing = Rule(sin(x), sin(1 + x), "planted")
    with pytest.raises(TooLong, match="takes more than 20000 steps of work"):
        Normaliser((growing,), Budget(20_000)).normal(T.call(sympy.sin, [u]))


def test_a_rule_of_sums_needs_the_functions_of_its_summands():
    (v,) = variables("v")
    sin, cos = Name(sympy.sin), Name(sympy.cos)
    assert Rule(2 * sin(v) - 1, cos(v), "planted").needs == {sympy.sin}
    assert Rule(sin(v) + cos(v), cos(v), "planted").needs == {sympy.sin, sympy.cos}
    # The second square may be that of a number, once the variable is known.
    assert Rule(sin(v) ** 2 + cos(v) ** 2, v, "planted").needs == {sympy.sin}
    assert Rule(v + 1, v, "planted").needs == set()
