"""Why the gradient by a connected source is zero: the operation whose derivative is zero, or what cancels.

A gradient that is identically zero is one that is there, and mostly one that nobody meant. The cotangents of the nodes
between the source and the target are read as formulas, from the target on: the first that is zero says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import sympy

from tracer.backprop import backprop, pull
from tracer.dtypes import FLOATS
from tracer.explanations.sentences import title_with_line
from tracer.explanations.ways import Trace, operands
from tracer.formulas.budget import PRINT
from tracer.formulas.reading import read
from tracer.rules import Elementwise
from tracer.tensor import Operand, Tensor
from tracer.terms.work import Budget

MOST = 60
"""Beyond how many nodes between source and target nobody asks."""


UNREAD = (ValueError, LookupError, TypeError)
"""What a reading raises that finds no closed form; the TypeError is sympy's, which compares no NaN, as of 0/0."""


def is_zero(value: Operand | None) -> bool:
    """Whether the closed form of a cotangent is zero; False where there is no short one."""
    try:
        return reads_zero(value, Budget(PRINT, "a gradient"))
    except UNREAD:
        return False


def reads_zero(value: Operand | None, budget: Budget) -> bool:
    """Whether the closed form of a cotangent is zero; one of `UNREAD` where there is none within the budget."""
    if value is None:
        return True
    if type(value) is not Tensor:
        return value == 0
    (formula,) = read([value], "matrix", budget)
    return formula == 0 or (isinstance(formula, sympy.MatrixExpr) and bool(formula.is_ZeroMatrix))


class Cotangents:
    """The cotangents of the nodes that lead from a source to the targets, by their keys; found when first asked for.

    Attributes
    ----------
    trace : Trace
    between : list of Tensor
        The nodes, in order of creation.
    """

    def __init__(self, trace: Trace, leads: set[int]) -> None:
        self.trace = trace
        self.between = [t for t in trace.order if t.node in leads and t.dtype in FLOATS]

    @cached_property
    def found(self) -> dict[int, Operand | None]:
        """The cotangents, None where nothing flows."""
        trace = self.trace
        pairs: list[tuple[Tensor, Operand]] = [(t, 1) for t in trace.targets if t.dtype in FLOATS]
        found = backprop(pairs, self.between, trace.stop, trace.watched)
        return dict(zip((t.node for t in self.between), found, strict=True))

    def edges(self) -> Iterator[tuple[Tensor, int, Tensor]]:
        """The operations that a gradient flows through, each with an operand that it flows to, and its position."""
        for user in self.between:
            if self.found[user.node] is not None and not self.trace.blocks(user):
                for k, operand in operands(user):
                    if operand.node in self.found and not self.trace.loses(user, k, operand):
                        yield user, k, operand

    def flow(self, user: Tensor, position: int) -> Operand | None:
        """What flows back through an operation to one of its operands; None where a rule answers for all at once."""
        return None if user.rule.joint else pull(user, self.found[user.node], position)


def tell_zero(cotangents: Cotangents, versions: Sequence[Tensor], names: Mapping[int, str]) -> str:
    """Why the gradient by a source is zero; empty if it is not known to be."""
    if len(cotangents.between) > MOST or not all(is_zero(cotangents.found.get(t.node)) for t in versions):
        return ""
    try:
        return _find_cause(cotangents, names)
    except UNREAD:
        return "its closed form is 0"


def _find_cause(cotangents: Cotangents, names: Mapping[int, str]) -> str:
    """What makes the first of the zero cotangents zero; an error of `UNREAD` where that takes too much work."""
    budget = Budget(PRINT, "a gradient")
    for node in reversed(cotangents.between):
        cotangent = cotangents.found[node.node]
        if cotangent is None or not reads_zero(cotangent, budget):
            continue
        flows = [(u, cotangents.flow(u, k)) for u, k, a in cotangents.edges() if a.node == node.node]
        live = [u for u, flow in flows if not reads_zero(flow, budget)]
        if live:
            ways = " and ".join(dict.fromkeys(title_with_line(u, names) for u in live))
            return f"the terms that flow back through {ways} cancel"
        return " and ".join(dict.fromkeys(_blame(u, node, names) for u, _ in flows))
    return ""


def _blame(user: Tensor, operand: Tensor, names: Mapping[int, str]) -> str:
    """What an operation does to an operand so that its derivative is zero."""
    where = title_with_line(user, names)
    name = operand.label or names.get(operand.node) or "its operand"
    if user.rule.name in ("multiply", "matmul", "divide") and any(map(is_zero, user.args)):
        return f"{where} multiplies {name} by zero"
    if isinstance(user.rule, Elementwise) and user.rule.stepwise:
        return f"{where} is never active, for {name} is never positive"
    if isinstance(user.rule, Elementwise):
        return f"the derivative of {where} by {name} is zero"
    if user.rule.joint:
        return f"{where} has a gradient rule of its own ({user.rule.name}), which answers zero for {name}"
    return f"what flows back through {where} adds up to zero"
