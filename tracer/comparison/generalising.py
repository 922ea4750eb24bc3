"""Programs with unknowns in place of what is no elementwise operation and no sum: rows, as inverses and maxima."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.comparison.same_operations import describe_operation
from tracer.explanations.vanishing import is_zero
from tracer.ops.contraction import Contraction
from tracer.precise.sized import record_again
from tracer.rules import Elementwise
from tracer.tensor import SOURCES, Tensor, placeholder
from tracer.walk import ancestors

ROWS = 12
"""How many rows are held against each other."""


def generalise(left: Sequence[Tensor], right: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """Two programs with sources in place of rows, and these sources: what holds of them holds of the rows' values."""
    tensors = [*left, *right]
    made: dict[int, Tensor] = {}

    def is_row(t: Tensor) -> bool:
        return t.rule not in SOURCES and not isinstance(t.rule, (Elementwise, Contraction)) and t.dtype == "float64"

    order = ancestors(tensors, is_row)
    rows = [t for t in order if is_row(t)]
    for k, t in enumerate(rows):
        same = next((u for u in rows[:k] if k < ROWS and _is_same_row(t, u)), None)
        made[t.node] = placeholder(f"row{k}", t.shape) if same is None else made[same.node]
    again = record_again(order, {}, made)
    found = [again[t.node] for t in tensors]
    return found[: len(left)], found[len(left) :], list(dict.fromkeys(made.values()))


def _is_same_row(t: Tensor, u: Tensor) -> bool:
    """Whether two rows are the same function of operands whose difference has the normal form zero."""
    if describe_operation(t) != describe_operation(u) or len(t.args) != len(u.args):
        return False
    pairs = list(zip(t.args, u.args))
    numbers = all(isinstance(x, Tensor) and x.dtype == "float64" for pair in pairs for x in pair)
    return all(a is b for a, b in pairs) or (numbers and all(a.shape == b.shape and is_zero(a - b) for a, b in pairs))
