"""The condition that fails at values: as `conditions` states it, else as it is written for the one node."""

import pytest
import sympy

import tracer
from tracer.explanations import failing_conditions
from tracer.explanations.conditions import conditions
from tracer.explanations.domains import Kind
from tracer.explanations.failing_conditions import domain_conditions, find_condition
from tracer.explanations.node_values import NodeValues

x, y = tracer.symbols("x y")
X, Y = sympy.symbols("x y", real=True)

FAILING = [
    (tracer.math.log(x - 1), {x: 0.0}, X > 1),
    (tracer.where(y > 0, tracer.math.log(x), 0.0), {x: -1.0, y: 1.0}, (X > 0) | (Y <= 0)),
    (tracer.sqrt(x) / y, {x: -1.0, y: 0.0}, X >= 0),
    (tracer.exp(x) / (x - y), {x: 2.0, y: 2.0}, sympy.Ne(X, Y)),
]


@pytest.mark.parametrize(("tensor", "feed", "expected"), FAILING)
def test_the_condition_that_fails_is_one_that_is_stated(tensor, feed, expected):
    values = NodeValues(tensor, feed)
    node = values.first_not_finite()
    found = find_condition(values, node)
    assert found.node == node.node
    assert found in conditions(tensor)
    points = [{X: a, Y: b} for a in (-1, 0, 1, 2) for b in (-1, 0, 1, 2)]
    assert all(found.relation.subs(p) == expected.subs(p) for p in points)


@pytest.mark.parametrize("tensor", [tensor for tensor, _, _ in FAILING])
def test_of_a_long_program_the_condition_of_the_node_alone_is_written(monkeypatch, tensor):
    feed = next(feed for t, feed, _ in FAILING if t is tensor)
    values = NodeValues(tensor, feed)
    node = values.first_not_finite()
    stated = find_condition(values, node)
    monkeypatch.setattr(failing_conditions, "LARGE", 0)
    monkeypatch.setattr(failing_conditions, "conditions", None)
    written = find_condition(values, node)
    assert sympy.simplify(sympy.Equivalent(written.relation, stated.relation)) == sympy.true


@pytest.mark.parametrize(
    ("tensor", "feed"),
    [
        (tracer.exp(x), {x: 1e3}),
        (tracer.math.log(1 - tracer.sigmoid(x)), {x: 99.0}),
        (x / y, {x: 1e300, y: 1e-300}),
    ],
)
def test_overflow_and_rounding_fail_no_condition(tensor, feed):
    assert find_condition(NodeValues(tensor, feed), tensor) is None


def test_conditions_of_the_domain_are_told_from_kinks():
    gradient = tracer.gradients(tracer.abs(x) * tracer.math.log(y), x)[0]
    assert {c.kind for c in conditions(gradient)} == {Kind.DOMAIN, Kind.KINK}
    assert [c.relation for c in domain_conditions(gradient)] == [sympy.Symbol("y", real=True) > 0]
