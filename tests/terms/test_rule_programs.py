"""Each rule shortens the formulas of two unrelated programs; what it does there is proved, and it ends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tests.terms.proofs import is_proof, prove_equal
from tests.terms.rule_programs import PROGRAMS, trace
from tracer.formulas.lowering import lower as lowering
from tracer.formulas.matrix import writer
from tracer.tensor import Tensor
from tracer.terms.normalise import Normaliser, Rewrite, RuleTable
from tracer.terms.record import Term, is_call, subterms
from tracer.terms.rules.standard import STANDARD
from tracer.terms.work import Budget
from tracer.walk import ancestors

BY_TEXT = {
    "diag(v) @ (I - 1 @ w.T) -> diag(v) - v @ w.T",
    "diag(p) @ (K - 1 @ p.T @ K) -> (diag(p) - p @ p.T) @ K",
    "inverse(a) -> 1/a",
    "prod_before(p)*prod_after(p) -> prod(p)/p",
}
"""Rules whose answer is shorter in matrix notation: a factor that stands at a label of a term is a matrix there."""

BY_SIZE = {"inverse(I + X @ Y) @ X -> X @ inverse(I + Y @ X)"}
"""Rules whose answer is as long, and inverts smaller matrices."""

WORK = 20_000
"""What the normal form of a program may take: less than what a formula may that is printed."""


class Observed:
    """A rule that notes what it rewrites."""

    def __init__(self, rule: Rewrite) -> None:
        self.rule, self.heads, self.name, self.needs = rule, rule.heads, rule.name, rule.needs
        self.steps: list[tuple[Term, Term]] = []

    def apply(self, n: Normaliser, term: Any) -> Term | None:
        answer = self.rule.apply(n, term)
        if answer is not None:
            self.steps.append((term, answer))
        return answer


@pytest.fixture
def read(monkeypatch):
    """A term, or the text of its formula, by given rules."""

    def read(t: Tensor, rules: Iterable[Rewrite], text: bool = False) -> Any:
        table = RuleTable(rules)
        monkeypatch.setattr(lowering, "STANDARD", table)
        monkeypatch.setattr(writer, "STANDARD", table)
        return str(t.formula()) if text else lowering.lower_program([t], Budget(WORK)).terms[0]

    return read


def inverted_size(term: Term) -> int:
    """The sizes of all matrices that are inverted, together."""
    return sum(int(t.shape[0]) for t in subterms(term) if is_call(t, "inverse"))


def test_every_rule_has_two_unrelated_programs():
    assert PROGRAMS.keys() == {rule.name for rule in STANDARD}
    for name, programs in PROGRAMS.items():
        operations = [frozenset(t.rule.name for t in ancestors([trace(program)])) for program in programs]
        assert len(set(operations)) == len(operations) == 2, name


@pytest.mark.unchecked
@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("rule", list(STANDARD), ids=lambda rule: rule.name)
def test_a_rule_shortens_a_program_and_ends(rule, which, read):
    tensor = trace(PROGRAMS[rule.name][which])
    observed = Observed(rule)
    term = read(tensor, [observed if r is rule else r for r in STANDARD])
    others = [r for r in STANDARD if r is not rule]
    longer = read(tensor, others)
    if rule.name in BY_TEXT:
        assert term is not longer
        assert len(read(tensor, others, text=True)) > len(read(tensor, STANDARD, text=True))
    elif rule.name in BY_SIZE:
        assert inverted_size(longer) > inverted_size(term)
    else:
        assert longer.weight > term.weight
    assert Normaliser(STANDARD).normal(term) is term
    assert observed.steps
    for before, after in observed.steps[:2]:
        assert is_proof(prove_equal(before, after), rule.name)
