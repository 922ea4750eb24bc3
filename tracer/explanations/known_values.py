"""Conditions on constant arrays without a name: whether they hold is known from the values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import sympy

from tracer.explanations.domains import Kind
from tracer.explanations.guards import ALWAYS
from tracer.explanations.needs import Need
from tracer.rules import Elementwise, argument, list_positions
from tracer.tensor import SOURCES, Tensor, has_number

MOST = 60
"""So many operations are evaluated; what more of them ask is written."""


class KnownValues:
    """The values of what is computed from constants without a name.

    Examples
    --------
    >>> import tracer
    >>> from tracer.explanations.needs import find_needs
    >>> needs = find_needs(tracer.math.log(tracer.constant([1.0, -2.0]) + 1.5))
    >>> KnownValues(needs.order).decide(needs.found[0])
    False
    """

    def __init__(self, order: Iterable[Tensor]) -> None:
        self._left = MOST
        self._known: set[int] = set()
        for t in order:
            operands = [a for a in t.args if type(a) is Tensor]
            if t.label is None and has_number(t) if t.rule in SOURCES else self._are_known(operands):
                self._known.add(t.node)

    def _are_known(self, operands: Iterable[Tensor]) -> bool:
        keys = [a.node for a in operands]
        return bool(keys) and self._known.issuperset(keys)

    def decide(self, need: Need) -> bool | None:
        """Whether what is needed for a finite value is given; None where it depends on a source with a name."""
        operands = _operands(need)
        if need.demand.kind is not Kind.DOMAIN or not self._left or not self._are_known(operands):
            return None
        self._left -= 1
        try:
            holds = _holds(need, operands)
        except np.linalg.LinAlgError:
            holds = False
        return True if holds else False if need.guard is ALWAYS else None


def _operands(need: Need) -> list[Tensor]:
    """The operands that the relation speaks of; of a row over matrices, all of them."""
    args, by_template = need.node.args, isinstance(need.node.rule, Elementwise)
    places = list_positions(need.demand.relation) if by_template else range(len(args))
    return [args[k] for k in places if type(args[k]) is Tensor]


def _holds(need: Need, operands: Sequence[Tensor]) -> bool:
    node, relation = need.node, need.demand.relation
    if not isinstance(node.rule, Elementwise):
        return bool(np.isfinite(node.numpy()).all())
    decide = sympy.lambdify([argument(k) for k in list_positions(relation)], relation, "numpy")
    return bool(np.all(decide(*(a.numpy() for a in operands))))
