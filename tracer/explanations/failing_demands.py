"""Which of the demands of an operation fails at given values."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import sympy
from sympy.logic.boolalg import Boolean

from tracer.alive import live
from tracer.explanations.domains import Demand, demands, forward_key, template_demands, written_template
from tracer.explanations.implications import drop_implied, join, shorten
from tracer.explanations.node_values import NodeValues, holds
from tracer.rules import OUT, Elementwise, argument
from tracer.tensor import Tensor

SMALL = 6
"""Up to this size matrices are written into relations."""


def find_failing_demand(values: NodeValues, node: Tensor) -> Demand | None:
    """The demand of a node that its operands do not meet; None where it has none, as for an overflow.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> y = tracer.math.log(x)
    >>> find_failing_demand(NodeValues(y, {x: -1.0}), y).relation
    _0 > 0
    """
    operands = values.operands(node)
    wrong = values.fails(node)
    for demand in demands(node):
        if isinstance(node.rule, Elementwise):
            if (wrong & ~np.broadcast_to(holds(demand.relation, operands), wrong.shape)).any():
                return demand
        elif not _holds_of_matrices(demand.relation, operands):
            return demand
    return None


def _holds_of_matrices(relation: Boolean, operands: list[np.ndarray]) -> bool:
    """Whether a relation is known to hold of every matrix of a batch."""
    symbols = relation.atoms(sympy.MatrixSymbol)
    if len(symbols) != 1:
        return False
    (symbol,) = symbols
    stack = operands[int(symbol.name[1:])]
    return all(_holds_of_matrix(relation, symbol, m) for m in stack.reshape((-1, *stack.shape[-2:])))


def _holds_of_matrix(relation: Boolean, symbol: sympy.MatrixSymbol, matrix: np.ndarray) -> bool:
    if max(matrix.shape) > SMALL or relation.has(sympy.core.function.AppliedUndef, sympy.assumptions.AppliedPredicate):
        return False
    entries = [sympy.nsimplify(v, rational=True) for v in matrix.ravel().tolist()]
    exact = sympy.ImmutableMatrix(*matrix.shape, entries)
    return bool(relation.subs(symbol, exact).doit() == sympy.true)


def forward_node(node: Tensor, known: dict[int, Tensor]) -> Tensor | None:
    """The operation of a function whose gradient rule recorded a node, perhaps that of a gradient rule in turn."""
    seen = 0
    while node.node not in known:
        key = forward_key(node)
        found = None if key is None or seen > 8 else _alive(key)
        if found is None:
            return None
        node, seen = found, seen + 1
    return known[node.node]


def _alive(key: int) -> Tensor | None:
    reference = live.get(key)
    found: Any = reference() if reference is not None else None
    return found if isinstance(found, Tensor) else None


def domain_of(node: Tensor, derivative: bool) -> Boolean:
    """What an elementwise operation asks of its operands, for its value or for its derivatives to be finite.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> domain_of(tracer.sqrt(x), False), domain_of(tracer.sqrt(x), True)
    (_0 >= 0, _0 > 0)
    """
    rule = node.rule
    assert isinstance(rule, Elementwise)
    template = written_template(node)
    asked = list(template_demands(template))
    if derivative:
        for k, a in enumerate(node.args):
            if type(a) is Tensor and k not in rule.closed:
                asked += template_demands(_find_slope(rule, template, k, node))
    return _join_demands(tuple(asked))


def _find_slope(rule: Elementwise, template: sympy.Basic, position: int, node: Tensor) -> sympy.Basic:
    numbers = {argument(k): sympy.sympify(a) for k, a in enumerate(node.args) if type(a) is not Tensor}
    try:
        return sympy.sympify(rule.partial(position)).xreplace(numbers).xreplace({OUT: template})
    except LookupError:  # there is no gradient rule
        return sympy.S.Zero


@lru_cache(maxsize=256)
def _join_demands(asked: tuple[Boolean, ...]) -> Boolean:
    made = join([shorten(r) for r in dict.fromkeys(asked)])
    return sympy.And(*(made[k] for k in drop_implied(made)))
