"""What one rule says of a term, as a text that a table of a test states."""

from __future__ import annotations

from collections.abc import Iterable

from tests.terms.proofs import prove_equal
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.record import Term, describe
from tracer.terms.rules.standard import STANDARD

RULES = {rule.name: rule for rule in STANDARD}

SHORT = {
    "Piecewise": "where",
    "StrictGreaterThan": "Gt",
    "GreaterThan": "Ge",
    "StrictLessThan": "Lt",
    "LessThan": "Le",
    "Unequality": "Ne",
    "Equality": "Eq",
}

Answers = dict[str, list[tuple[Term, str]]]
"""Terms by the rule that is asked of them, each with its answer; an empty text where the rule says nothing."""


def normal(term: Term) -> Term:
    """The normal form by all rules."""
    return Normaliser(STANDARD).normal(term)


def answer(name: str, term: Term, rules: Iterable[Rewrite] = STANDARD) -> str:
    """What a rule says of a term, put in order; it has to be equal to the term."""
    found = RULES[name].apply(Normaliser(rules), term)
    if found is None:
        return ""
    assert prove_equal(term, found)
    made = Normaliser(()).normal(found)
    assert made.shape == term.shape
    return write(made)


def write(term: Term) -> str:
    """A text of a term, with the short names of sympy's relations."""
    text = describe(term)
    for long, short in SHORT.items():
        text = text.replace(f"{long}(", f"{short}(")
    return text
