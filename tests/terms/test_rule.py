"""Each rule of the table: two unrelated terms are shortened by it, their values stay, and it ends."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from tests.terms.programs import PROGRAMS
from tests.terms.values import SIZES, value
from tracer.terms import record as T
from tracer.terms.failures import RewriteLoop
from tracer.terms.normalise import Normaliser
from tracer.terms.patterns import Coefficient, Function, Name, Pattern, Variable, variables
from tracer.terms.rule import Procedure, Rule
from tracer.terms.rules.standard import STANDARD

n = sympy.Symbol("n", integer=True, positive=True)
x, y, t = T.source("x", (n,)), T.source("y", (n,)), T.source("t", (n,), ["bool"])
p, q = T.source("p", (n,), ["positive"]), T.source("q", (n,), ["positive"])
A, B, C = (T.source(name, (n, n)) for name in "ABC")
S = T.source("S", (n, n), ["positive_definite"])
Q, R = (T.source(name, (n, n), ["orthogonal"]) for name in "QR")


def arrays(seed: int) -> dict[str, np.ndarray]:
    """Values with the declared properties."""
    rng = np.random.default_rng(seed)
    k = SIZES["n"]
    found = {name: rng.uniform(0.2, 0.9, k) * rng.choice([-1, 1], k) for name in "xy"}
    found |= {name: rng.uniform(1.1, 2, k) for name in "pq"} | {"t": rng.integers(2, size=k) > 0}
    found |= {name: rng.normal(size=(k, k)) + 3 * np.eye(k) for name in "ABC"}
    found |= {name: np.linalg.qr(rng.normal(size=(k, k)))[0] for name in "QR"}
    found["S"] = found["A"] @ found["A"].T + np.eye(k)
    return found


class Watched:
    """Rules that note where they were used."""

    def __init__(self, rule: Rule | Procedure) -> None:
        self.rule, self.heads, self.name, self.needs, self.used = rule, rule.heads, rule.name, rule.needs, 0

    def apply(self, normaliser, term):
        answer = self.rule.apply(normaliser, term)
        self.used += answer is not None
        return answer


def watched(rule):
    found = Watched(rule)
    return found, tuple(found if r is rule else r for r in STANDARD)


def leaves(pattern: Pattern) -> list[Variable]:
    found = [pattern] if isinstance(pattern, Variable) else []
    return found + [v for part in pattern.parts() for v in leaves(part)]


def functions(pattern: Pattern) -> set[object]:
    found = {pattern.head} if isinstance(pattern, Function) else set()
    return found.union(*(functions(part) for part in pattern.parts()))


SPELLED_OUT = {
    "log1p(x) -> log(1 + x)", "expm1(x) -> exp(x) - 1", "Abs(-x) -> Abs(x)", "Abs(x*y) -> Abs(x)*Abs(y)",
    "where(c, x, 0) -> where(c, 1, 0)*x", "log(softmax(z)) -> z - logsumexp(z)",
}  # fmt: skip
"""What makes one of two spellings, and one operation more of it, so that other rules apply."""

MATRIX = {"inverse", "cholesky", "band_part", "expm_frechet", "eigenvectors", "eigvalsh", "expm", "pinv"}
POSITIVE = {sympy.log, sympy.acosh}


def instance(rule: Rule, which: int) -> T.Term:
    """The pattern of a rule with sources, or with sums and functions, for variables."""
    heads = functions(rule.pattern)
    chain = hasattr(rule.pattern, "out")
    matrices = chain or heads & MATRIX
    binding: dict[str, object] = {}
    for v in leaves(rule.pattern):
        if isinstance(v, Coefficient):
            binding[v.name] = sympy.Integer(3 if which == 0 else 2)
        elif v.where is not None and not matrices:
            binding[v.name] = (p, T.times(p, q))[which]
        elif v.where is not None:
            binding[v.name] = (Q, R)[which]
        elif matrices and v.name == "A":
            plain = (A, T.add([(1, A), (1, T.permuted(B, (1, 0)))]))
            definite = (S, T.add([(1, S), (1, T.identity(n))]))
            binding[v.name] = (definite if heads & {"cholesky", "eigenvectors"} else plain)[which]
        elif matrices:
            binding[v.name] = (B, T.add([(2, B), (1, C)]))[which]
        elif v.name == "c":
            binding[v.name] = (t, T.call(sympy.And, [t, T.call(sympy.Gt, [x, y])]))[which]
        elif v.name == "y":
            binding[v.name] = (y, T.call(sympy.cos, [y]))[which]
        elif heads & POSITIVE:
            binding[v.name] = (p, T.add([(1, p), (1, q)]))[which]
        else:
            binding[v.name] = (x, T.times(x, T.call(sympy.sin, [y])))[which]
    if "band_part" in heads:
        binding["band_part()"] = ((-1, 0), (n, n))
    if chain:
        factors = [(f.build(binding, (n, n) if len(i) == 2 else (n,)), i, e) for f, i, e in rule.pattern.factors]
        return T.product(1, factors, rule.pattern.out)
    return rule.pattern.build(binding, (n, n) if matrices else (n,))


RULES = [rule for rule in STANDARD if isinstance(rule, Rule)]
PROCEDURES = [rule for rule in STANDARD if isinstance(rule, Procedure)]


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_pattern_is_found_and_its_replacement_is_equal_and_no_longer(rule, which):
    term = instance(rule, which)
    assert_shortened(rule, term)


def assert_shortened(rule, term):
    found, rules = watched(rule)
    normal = Normaliser(rules).normal(term)
    assert found.used
    assert normal.weight <= term.weight + (rule.name in SPELLED_OUT)
    assert Normaliser(STANDARD).normal(normal) is normal
    for seed in range(3):
        at = {**arrays(seed), **PROGRAMS_AT(seed)}
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(value(normal, at), value(term, at), rtol=1e-8, atol=1e-10)


def PROGRAMS_AT(seed):
    from tests.terms.programs import arrays

    return arrays(seed)


def test_every_procedure_has_two_programs():
    assert PROGRAMS.keys() == {rule.name for rule in PROCEDURES}
    assert all(len(rows) >= 2 for rows in PROGRAMS.values())


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("rule", PROCEDURES, ids=lambda rule: rule.name)
def test_a_procedure_is_used_and_its_answer_is_equal_and_no_longer(rule, which):
    assert_shortened(rule, PROGRAMS[rule.name][which])


def test_names_of_rules_are_different_and_each_says_why():
    names = [(rule.heads, rule.name) for rule in STANDARD]
    assert len(set(names)) == len(names)
    assert all(rule.why for rule in STANDARD)


def test_rules_that_undo_one_another_are_named():
    (v,) = variables("v")
    sin, cos = Name(sympy.sin), Name(sympy.cos)
    there, back = Rule(sin(v), cos(v), "planted"), Rule(cos(v), sin(v), "planted")
    with pytest.raises(RewriteLoop, match=r"'sin\(v\) -> cos\(v\)'.*'cos\(v\) -> sin\(v\)'|'cos\(v\).*'sin\(v\)"):
        Normaliser((there, back)).normal(T.call(sympy.sin, [x]))


def test_a_rule_that_asks_for_what_it_rewrites_is_named():
    asking = Procedure((sympy.sin,), "sin(x) -> ?", "planted", lambda normaliser, t: normaliser.normal(t))
    with pytest.raises(RewriteLoop, match=r"'sin\(x\) -> \?' asks for the normal form"):
        Normaliser((asking,)).normal(T.call(sympy.sin, [x]))


def test_a_wrong_rule_is_found():
    (v,) = variables("v")
    wrong = Rule(Name(sympy.sin)(-v), Name(sympy.sin)(v), "planted")
    term = T.call(sympy.sin, [T.scaled(-1, x)])
    normal = Normaliser((wrong,)).normal(term)
    assert not np.allclose(value(normal, arrays(0)), value(term, arrays(0)))
