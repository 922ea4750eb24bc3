"""Each rule that is a pattern is proved: both sides are equal modulo primes, whatever its variables stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product as all_of

import pytest
import sympy
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from tests.terms.proofs import DOMAINS, ODD, Undefined, Wrong, is_proof, prove_equal, worlds
from tests.terms.residues import rational
from tracer.scalar import relu, step
from tracer.terms import record as T
from tracer.terms.patterns import (
    Binding,
    Coefficient,
    Constant,
    Contraction,
    Declared,
    Function,
    Identity,
    Name,
    Pattern,
    Times,
    Turned,
    Variable,
)
from tracer.terms.rule import Rule
from tracer.terms.rules.standard import STANDARD

RULES = [rule for rule in STANDARD if isinstance(rule, Rule)]

BY_DERIVATIVE = {"erf(-x) -> -erf(x)"}
"""Rules of functions that no exponentials and logarithms are: a derivative that is even proves that one is odd."""

N = 7
n = sympy.Symbol("n", integer=True, positive=True)

ELEMENTS: list[T.Term] = [
    T.source("x", (N,)),
    T.source("u", (N,), ["ties"]),
    T.source("p", (N,), ["positive"]),
    T.call(sympy.exp, [T.source("y", (N,))]),
    T.call(relu, [T.source("v", (N,), ["ties"])]),
    T.power(T.source("z", (N,)), 2),
    T.scaled(-1, T.source("q", (N,), ["positive"])),
    T.source("k", (N,), ["integer"]),
]
"""What a variable may stand for, if the rule asks for no more: any number, or one that some condition holds of."""

COEFFICIENTS = [sympy.Integer(3), sympy.Integer(2), sympy.Integer(-2), sympy.Rational(-1, 2), sympy.S.Half]


def leaves(pattern: Pattern) -> dict[str, Variable]:
    found = {pattern.name: pattern} if isinstance(pattern, Variable) else {}
    for part in pattern.parts():
        found |= leaves(part)
    return found


def heads(pattern: Pattern) -> set[object]:
    found = {pattern.head} if isinstance(pattern, Function) else set()
    return found.union(*map(heads, pattern.parts()))


def conditions(pattern: Pattern) -> set[str]:
    """The names of variables that are true or false."""
    found: set[Pattern] = set()
    if isinstance(pattern, Function):
        found = set(pattern.args if pattern.head is sympy.Not else ())
        found |= set(pattern.args[1::2] if pattern.head is sympy.Piecewise else ())
    names = {p.name for p in found if isinstance(p, Variable)}
    return names.union(*map(conditions, pattern.parts()))


def is_of_matrices(pattern: Pattern) -> bool:
    return isinstance(pattern, Contraction) or any(isinstance(h, str) for h in heads(pattern))


NUMBERS = {"det", "logdet"}
"""Functions of a matrix that are a number."""


def is_number(pattern: Pattern) -> bool:
    return not NUMBERS.isdisjoint(heads(pattern))


def candidates(rule: Rule, v: Variable) -> list[object]:
    """What a variable may stand for."""
    if isinstance(v, Coefficient):
        return list(COEFFICIENTS)
    if is_of_matrices(rule.pattern):
        return [T.source(v.name, (n, n), [v.assumption] if isinstance(v, Declared) else [])]
    if v.name in conditions(rule.pattern):
        return [T.source("t", (N,), ["bool"])]
    return [t for t in ELEMENTS if v.where(t)] if v.where else ELEMENTS[:2]


def instances(rule: Rule) -> Iterator[tuple[T.Term, T.Term]]:
    """Both sides of a rule, for all that its variables may stand for."""
    names = leaves(rule.pattern)
    matrices = is_of_matrices(rule.pattern)
    shape: tuple[object, ...] = () if is_number(rule.pattern) else (n, n) if matrices else (N,)
    for values in all_of(*(candidates(rule, v) for v in names.values())):
        binding = dict(zip(names, values))
        for head in heads(rule.pattern) | heads(rule.replacement):
            if is_number(rule.pattern) and isinstance(head, str):
                binding[f"{head}()"] = (None, () if head in NUMBERS else (n, n))
        if "band_part" in heads(rule.pattern):
            binding["band_part()"] = ((-1, 0), shape)
        if rule.where is None or rule.where(binding):
            yield build(rule.pattern, binding, shape), build(rule.replacement, binding, shape)


def build(pattern: Pattern, binding: Binding, shape: tuple[object, ...]) -> T.Term:
    """What a pattern says, just as it is written."""
    if not isinstance(pattern, Contraction):
        return pattern.build(binding, shape)
    factors = [(build(f, binding, shape if len(i) == 2 else shape[:1]), i, e) for f, i, e in pattern.factors]
    return T.product(1, factors, pattern.out)


def prove(rule: Rule) -> str:
    """How a rule is proved."""
    ways = {prove_equal(left, right) for left, right in instances(rule)}
    assert ways, f"there is nothing of which {rule.name} says anything"
    return " and ".join(sorted(ways))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_both_sides_of_a_rule_are_equal(rule, record_property):
    how = prove(rule)
    record_property("proof", how)
    assert is_proof(how, rule.name)


def test_what_is_odd_by_its_derivative():
    x = sympy.Symbol("x", real=True)
    assert {rule.name for rule in RULES if heads(rule.pattern) & ODD} == BY_DERIVATIVE
    for head in ODD:
        slope = head(x).diff(x)
        assert head(sympy.S.Zero) == 0
        assert not slope.has(head)
        for world in worlds()[:3]:
            at = rational(world.seed + 2, 7)
            assert world.evaluate(slope, {x: at}).equals(world.evaluate(slope, {x: -at}))


# Wrong rules.

WRONG = {
    "of the other sign": lambda p: -p,
    "twice as large": lambda p: 2 * p,
    "transposed": lambda p: p.T,
    "negated": lambda p: Name(sympy.Not)(p),
    "more by one": lambda p: p + 1,
}

AT_EQUALITY = {sympy.Gt: sympy.Ge, sympy.Ge: sympy.Gt, sympy.Lt: sympy.Le, sympy.Le: sympy.Lt, step: relu}


def mistakes() -> Iterator[tuple[str, Rule]]:
    for rule in RULES:
        for name, change in WRONG.items():
            if changes_value(rule, name):
                yield f"{rule.name}, {name}", replace(rule, replacement=change(rule.replacement))
        if isinstance(rule.replacement, Function) and rule.replacement.head in AT_EQUALITY:
            other = Function(AT_EQUALITY[rule.replacement.head], rule.replacement.args)
            yield f"{rule.name}, otherwise at equality", replace(rule, replacement=other)
        if rule.where is not None:
            yield f"{rule.name}, without its condition", replace(rule, where=None)
        for v in leaves(rule.pattern).values():
            if v.where is not None:
                yield f"{rule.name}, of any {v.name}", forget(rule, v)


def changes_value(rule: Rule, name: str) -> bool:
    """Whether a mistake of some name answers another value."""
    if is_condition(rule) or name == "negated":
        return is_condition(rule) and name == "negated"
    if isinstance(rule.replacement, Constant) and rule.replacement.value == 0:
        return name == "more by one"
    return name != "transposed" or changes_by_transposition(rule)


def is_condition(rule: Rule) -> bool:
    head = rule.pattern.head if isinstance(rule.pattern, Function) else None
    return isinstance(head, type) and issubclass(head, (Boolean, Relational))


def changes_by_transposition(rule: Rule) -> bool:
    """Whether a replacement is a matrix that is not symmetric for all that its variables may stand for."""
    return is_of_matrices(rule.pattern) and not (
        is_number(rule.pattern) or isinstance(rule.replacement, Identity) or heads(rule.pattern) & DOMAINS.keys()
    )


def forget(rule: Rule, v: Variable) -> Rule:
    """A rule in which nothing is asked of a variable."""
    any_term = Variable(v.name)
    return replace(rule, pattern=_put(rule.pattern, v, any_term), replacement=_put(rule.replacement, v, any_term))


def _put(pattern: Pattern, v: Variable, other: Variable) -> Pattern:
    if pattern is v:
        return other
    if isinstance(pattern, Function):
        return Function(pattern.head, tuple(_put(a, v, other) for a in pattern.args))
    if isinstance(pattern, Times):
        return Times(((Constant(pattern.number), 1), *((_put(p, v, other), e) for p, e in pattern.factors)))
    if isinstance(pattern, Turned):
        return Turned(_put(pattern.inner, v, other))
    if isinstance(pattern, Contraction):
        return Contraction([(_put(p, v, other), i, e) for p, i, e in pattern.factors], pattern.out)
    return pattern


def test_what_has_no_value_anywhere_is_said_to_have_none():
    zero = T.sum_record([(1, T.number(1, (3,))), (-1, T.number(1, (3,)))])
    with pytest.raises(Undefined):
        prove_equal(T.power(zero, -1), zero)


MISTAKES: Mapping[str, Rule] = dict(mistakes())


@pytest.mark.parametrize("name", MISTAKES)
def test_a_wrong_rule_is_found(name):
    with pytest.raises(Wrong):
        prove(MISTAKES[name])
