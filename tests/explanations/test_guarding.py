"""Operands are guarded by the domains of their operations."""

import ast

import numpy as np
import pytest
import sympy

import tracer
from tracer.explanations.expression_patterns import parse
from tracer.explanations.expression_tracing import Unspellable
from tracer.explanations.guarding import Guarded, spell_relation
from tracer.explanations.node_values import NodeValues

x, y = tracer.symbols("x y")


def guard(node, derivative=False):
    return Guarded(
        node, [parse(a.name) if isinstance(a, tracer.Tensor) else ast.Constant(a) for a in node.args], derivative
    )


GUARDED = [
    (tracer.math.log(x), False, "where(x > 0.0, x, 1.0)"),
    (tracer.sqrt(x), False, "where(x >= 0.0, x, 1.0)"),
    (tracer.sqrt(x), True, "where(x > 0.0, x, 1.0)"),
    (x / y, False, "where(not_equal(y, 0.0), y, 1.0)"),
    (tracer.acos(x), True, "where(logical_and(x > -1.0, x < 1.0), x, 0.5)"),
    (tracer.math.acosh(x), True, "where(x > 1.0, x, 2.0)"),
]


@pytest.mark.parametrize(("node", "derivative", "expected"), GUARDED)
def test_operands_are_guarded(node, derivative, expected):
    guarded = guard(node, derivative)
    values = NodeValues(node, {t: 0.25 for t in (x, y) if any(t is a for a in node.args)})
    first, second = guarded.safes(values)
    assert first != second
    assert ast.unparse(guarded.operand(first)) == expected


CLIPPED = [
    (tracer.acos(x), 1 + 1e-9, "clip_by_value(x, -1.0, 1.0)"),
    (tracer.sqrt(x), -1e-12, "maximum(x, 0.0)"),
    (tracer.sqrt(x), -1.0, None),
    (tracer.math.log(x), 0.0, None),
]


@pytest.mark.parametrize(("node", "value", "expected"), CLIPPED)
def test_rounding_is_clipped_and_nothing_else(node, value, expected):
    part = guard(node).clipped(NodeValues(node, {x: value}))
    assert (None if part is None else ast.unparse(part)) == expected


def test_the_value_at_the_end_of_a_domain_is_known():
    assert ast.unparse(guard(tracer.sqrt(x), True).edge(NodeValues(tracer.sqrt(x), {x: 0.0}))) == "0.0"
    logarithm = tracer.math.log(x)
    assert guard(logarithm, True).edge(NodeValues(logarithm, {x: 0.0})) is None
    power = tracer.pow(x, 0.5)
    assert ast.unparse(guard(power, True).edge(NodeValues(power, {x: 0.0}))) == "0.0"


def test_what_asks_for_nothing_is_not_guarded():
    with pytest.raises(Unspellable, match="asks for nothing"):
        guard(tracer.sin(x))


def test_relations_without_a_spelling_are_refused():
    s = sympy.Symbol("s", real=True)
    with pytest.raises(Unspellable, match="has no spelling"):
        spell_relation(sympy.gamma(s) > 0, {s: parse("x")})
    made = spell_relation(sympy.Or(sympy.Not(sympy.Eq(s, 2)), sympy.Abs(s) <= 1), {s: parse("x")})
    assert ast.unparse(made) == "logical_or(abs(x) <= 1.0, not_equal(x, 2.0))"
    assert np.isfinite(float(ast.unparse(spell_relation(sympy.Rational(1, 2), {}))))
