"""Which demand of an operation fails, and what its derivatives ask for."""

import numpy as np
import pytest
import sympy

import tracer
from tracer.explanations.failing_demands import domain_of, find_failing_demand, forward_node
from tracer.explanations.node_values import NodeValues
from tracer.rules import argument

x, y = tracer.symbols("x y")
a = tracer.placeholder("a", (2, 2))
p, q = argument(0), argument(1)

FAILING = [
    (tracer.math.log(x), {x: -1.0}, p > 0),
    (tracer.math.log(x), {x: np.inf}, None),
    (x / y, {x: 1.0, y: 0.0}, sympy.Ne(q, 0)),
    (x / y, {x: 1e300, y: 1e-300}, None),
    (tracer.exp(x), {x: 1e3}, None),
    (tracer.acos(x), {x: 2.0}, sympy.And(p >= -1, p <= 1)),
    (x**y, {x: 0.0, y: -1.0}, None),
]


@pytest.mark.parametrize(("node", "feed", "expected"), FAILING)
def test_the_demand_that_fails_is_found(node, feed, expected):
    found = find_failing_demand(NodeValues(node, feed), node)
    if expected is not None:
        assert found.relation == expected
    elif node.op == "pow":
        assert p in found.relation.free_symbols
    else:
        assert found is None


def test_matrices_are_looked_at_one_by_one():
    batch = tracer.placeholder("batch", (2, 2, 2))
    inverse = tracer.linalg.inv(batch)
    values = NodeValues(inverse, {batch: [np.eye(2), np.ones((2, 2))]})
    assert find_failing_demand(values, inverse).relation == sympy.Ne(
        sympy.Determinant(sympy.MatrixSymbol("_0", 2, 2)), 0
    )
    huge = NodeValues(tracer.linalg.inv(a), {a: 1e-320 * np.eye(2)})
    assert find_failing_demand(huge, huge.tensor) is None


DOMAINS = [
    (tracer.sqrt(x), False, p >= 0),
    (tracer.sqrt(x), True, p > 0),
    (tracer.acos(x), True, sympy.And(p > -1, p < 1)),
    (x ** (1 / 3), True, p > 0),
    (tracer.atan2(x, y), True, sympy.Ne(p**2 + q**2, 0)),
    (tracer.sin(x), True, sympy.true),
]


@pytest.mark.parametrize(("node", "derivative", "expected"), DOMAINS)
def test_derivatives_may_ask_for_more(node, derivative, expected):
    assert domain_of(node, derivative) == expected


def test_the_operation_of_a_gradient_is_found_through_gradients_of_gradients():
    root = tracer.sqrt(x)
    first = tracer.gradients(root, [x])[0]
    second = tracer.gradients(first, [x])[0]
    own = {t.node: t for t in (x, root)}
    assert forward_node(first, own) is root
    assert forward_node(second, own) is root
    assert forward_node(tracer.sin(y), own) is None
