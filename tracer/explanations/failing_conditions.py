"""The condition that fails where a node is not finite."""

from __future__ import annotations

import sympy
from sympy.logic.boolalg import Boolean

from tracer.explanations.conditions import Condition, conditions
from tracer.explanations.domains import Demand, Kind
from tracer.explanations.failing_demands import find_failing_demand
from tracer.explanations.guards import Choices, Guards
from tracer.explanations.implications import shorten
from tracer.explanations.node_values import NodeValues
from tracer.explanations.relations import Relations
from tracer.formulas.budget import FORMULA
from tracer.formulas.errors import FormulaError, TooLong
from tracer.tensor import Tensor
from tracer.terms.work import Budget

LARGE = 2000
"""Of tensors with more nodes the condition of the first one alone is written."""


def domain_conditions(tensor: Tensor) -> list[Condition]:
    """The conditions of a tensor outside of which it has no finite value."""
    return [c for c in conditions(tensor) if c.kind is Kind.DOMAIN]


def find_condition(values: NodeValues, node: Tensor) -> Condition | None:
    """The condition that fails at a node; None where none does, as for an overflow or for rounding.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> y, z = tracer.math.log(x - 1), tracer.math.log(1 - tracer.sigmoid(x))
    >>> find_condition(NodeValues(y, {x: 0.0}), y).relation, find_condition(NodeValues(z, {x: 99.0}), z)
    (x > 1, None)
    """
    demand = find_failing_demand(values, node)
    if demand is None:
        return None
    written = _write(values, node, demand)
    if written.relation == sympy.true:
        return None
    if len(values.order) > LARGE:
        return written
    try:
        stated = [c for c in domain_conditions(values.tensor) if c.node == node.node]
    except (FormulaError, TooLong, RecursionError, ValueError):
        return written
    return stated[0] if len(stated) == 1 else written


def _write(values: NodeValues, node: Tensor, demand: Demand) -> Condition:
    choices = Choices()
    guards = Guards(values.order, [values.tensor], choices)
    relations = Relations(values.order, choices.tensors, Budget(FORMULA, node.name))
    relation: Boolean = shorten(relations.write(demand.relation, node, guards.of(node)))
    return Condition(demand.kind, relation, node.node)
