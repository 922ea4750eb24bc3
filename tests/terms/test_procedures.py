"""What no pattern says is proved of random terms: each answer of a procedure equals the term that it replaces."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.terms.programs import TERMS, F, G, X, Y, exp, matmul, turned, u, v
from tests.terms.proofs import Wrong, is_proof, prove_equal
from tests.terms.random_terms import varied, where_defined
from tests.terms.test_rule_programs import Observed
from tracer.terms import facts
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.record import ONE, Term, add, call, operands, permuted, power, product, scaled, times
from tracer.terms.rule import Procedure
from tracer.terms.rules import (
    choice_rules,
    function_rules,
    mask_rules,
    matrix_rules,
    softmax_rules,
    triangle_rules,
)
from tracer.terms.rules.standard import STANDARD

PROCEDURES = [rule for rule in STANDARD if isinstance(rule, Procedure)]


def rewritten(rule: Procedure, term: Term, rules: Iterable[Rewrite] = STANDARD) -> list[tuple[Term, Term]]:
    """What a rule replaces on the way to the normal form of a term, and by what."""
    observed = Observed(rule)
    Normaliser([observed if r is rule else r for r in rules]).normal(term)
    return observed.steps


def prove(rule: Procedure, term: Term, rules: Iterable[Rewrite] = STANDARD) -> int:
    """How many replacements there were, each of which is proved."""
    steps = rewritten(rule, term, rules)
    for before, after in steps:
        assert is_proof(prove_equal(before, after), rule.name)
    return len(steps)


def test_every_procedure_has_terms():
    assert TERMS.keys() == {rule.name for rule in PROCEDURES}


@pytest.mark.parametrize("rule", PROCEDURES, ids=lambda rule: rule.name)
def test_a_procedure_answers_what_is_equal(rule):
    for term in TERMS[rule.name]:
        assert prove(rule, term)


@pytest.mark.parametrize("rule", PROCEDURES, ids=lambda rule: rule.name)
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_a_procedure_answers_what_is_equal_of_random_terms(rule, data):
    for before, after in rewritten(rule, data.draw(varied(TERMS[rule.name]))):
        with where_defined():
            assert prove_equal(before, after)  # To 40 digits where exponentials stand in exponentials in exponentials.


# Wrong procedures.

TRUTHS = (sympy.true, sympy.false)


def mistakes(t: Term) -> list[Term]:
    """What may be answered in place of a term by mistake."""
    if facts.is_condition(t) or T.constant_value(t) in TRUTHS:
        return [call(sympy.Not, [t])]
    found = [scaled(-1, t), add([(1, t), (1, T.number(1, t.shape))])]
    if len(t.shape) == 2 and t.shape[0] == t.shape[1]:
        found.append(permuted(t, (1, 0)))
    return [wrong for wrong in found if not is_equal(t, wrong)]


def is_equal(left: Term, right: Term) -> bool:
    try:
        return bool(prove_equal(left, right))
    except Wrong:
        return False


@pytest.mark.parametrize("rule", PROCEDURES, ids=lambda rule: rule.name)
def test_a_wrong_answer_is_found(rule):
    for term in TERMS[rule.name]:
        for before, after in rewritten(rule, term):
            made = mistakes(after)
            assert made
            assert not any(is_equal(before, wrong) for wrong in made)


zero = T.number(0, u.shape)
above = call(sympy.Gt, [u, zero])
relu = call(choice_rules.relu, [u])
FORGOTTEN = {
    "Abs(x*y) -> Abs(x)*Abs(y)": (function_rules, "is_nonnegative", call(sympy.Abs, [times(u, v)])),
    "Max(x, 0) -> relu(x)": (function_rules, "_has_zero", call(sympy.Max, [u, T.number(1, u.shape)])),
    "where(c, x*y, x*z) -> x*where(c, y, z)": (
        choice_rules, "is_total", call(sympy.Piecewise, [call(sympy.log, [u]), above, zero]),
    ),
    "relu(x)*where(x > 0, y, 0) -> relu(x)*y": (
        mask_rules, "_is_relu_elsewhere", times(relu, call(sympy.Piecewise, [v, call(sympy.Lt, [u, zero]), zero])),
    ),
    "logsumexp(z + c) -> logsumexp(z) + c": (
        softmax_rules, "is_constant_along", call("logsumexp", [add([(1, X), (1, Y)])], 1, X.shape[:1]),
    ),
    "softmax(z + c) -> softmax(z)": (softmax_rules, "is_constant_along", call("softmax", [add([(1, u), (1, v)])])),
    "exp(z)/sum(exp(z)) -> softmax(z)": (
        softmax_rules, "_is_total_over",
        product(1, [(exp(F), (0, 1), ONE), (power(product(1, [(exp(F), (0, 1), ONE)], (0,)), -1), (1,), ONE)], (0, 1)),
    ),
    "tril(A + diag(v) @ L.T) -> tril(A) + diag(v*diag_part(L))": (
        triangle_rules, "is_zero", call("band_part", [F], (-1, 0)),
    ),
}  # fmt: skip
"""Conditions of procedures: where they stand, and a term of which a procedure would say what is wrong without one."""


@pytest.mark.parametrize("name", FORGOTTEN)
def test_a_condition_that_is_forgotten_is_found(name, monkeypatch):
    module, condition, term = FORGOTTEN[name]
    (rule,) = (rule for rule in PROCEDURES if rule.name == name)
    prove(rule, term, [rule])
    monkeypatch.setattr(module, condition, lambda *args: True)
    with pytest.raises(Wrong):
        prove(rule, term, [rule])


def test_a_label_of_a_third_factor_is_not_summed(monkeypatch):
    (rule,) = (rule for rule in PROCEDURES if rule.name == "A @ inverse(B @ A) -> inverse(B)")
    third = [(F, (0, 1), ONE), (call("inverse", [matmul(G, F)]), (1, 2), ONE), (u, (1,), ONE)]
    term = product(1, third, (0, 2))
    assert not rewritten(rule, term)
    monkeypatch.setattr(matrix_rules, "joins", lambda t, k, labels: k in labels)
    with pytest.raises(Wrong):
        prove(rule, term)


def test_a_fact_that_is_wrong_is_found():
    def turn(n: Normaliser, t: Term) -> Term:
        return permuted(call("band_part", [n.transposed(a) for a in operands(t)], (-1, 0)), (1, 0))

    rule = Procedure(("band_part",), "tril(A.T) -> tril(A).T", "planted", turn)
    term = call("band_part", [turned(F)], (-1, 0))
    with pytest.raises(Wrong):
        assert prove_equal(term, rule.apply(Normaliser(()), term))
