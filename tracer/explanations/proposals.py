"""Spellings of a function that may be finite where it is not: the table of repairs, and guarded operands."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from tracer.explanations.digit_values import rounded_nodes
from tracer.explanations.expression_patterns import replace_parts
from tracer.explanations.expression_tracing import Unspellable, trace
from tracer.explanations.failing_demands import forward_node
from tracer.explanations.guarding import Guarded
from tracer.explanations.node_values import NodeValues
from tracer.explanations.removable import Quotient, cancel_factor, find_point, shared_parts, write_limit
from tracer.explanations.repairs import REPAIRS, apply_repair
from tracer.explanations.spelling import Speller, call, differentiated
from tracer.rules import Elementwise
from tracer.tensor import Tensor

DOUBLE = "the operand is guarded by where, whatever is chosen afterwards"
HELD = "the derivative at the end of the domain is 0 by convention"
MASKS = [repair for repair in REPAIRS if repair.replacement.startswith("where(c")]


class Proposal(NamedTuple):
    """An expression that may be a fix.

    Attributes
    ----------
    expression : ast.expr
    reason : str
    others : tuple of ast.expr
        They must give the same value where it is to be finite.
    masked : bool
        Whether its value there is what a mask chooses, whatever the values near it are.
    """

    expression: ast.expr
    reason: str
    others: tuple[ast.expr, ...] = ()
    masked: bool = False


class Spelled(NamedTuple):
    """A function as an expression, with its values.

    Attributes
    ----------
    whole : ast.expr
    speller : Speller
        What wrote the expression, and knows the tensors of its parts.
    values : NodeValues
        Those of the function, or of its derivative, where they are not finite.
    feed : dict
        The values of the sources.
    order : int
        How many derivatives of the function are taken of what is to be finite.
    """

    whole: ast.expr
    speller: Speller
    values: NodeValues
    feed: Mapping[Tensor, np.ndarray]
    order: int


def propose(spelled: Spelled, guard: bool) -> Iterator[Proposal]:
    """Spellings that may be finite, those with guarded operands only if these may be guarded.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> speller = Speller([y := x * tracer.math.log(x)])
    >>> spelled = Spelled(speller.spell(y), speller, NodeValues(y, {x: 0.0}), {x: np.array(0.0)}, 0)
    >>> ast.unparse(next(propose(spelled, guard=False)).expression)
    'math.xlogy(x, x)'
    """
    whole, speller, values, feed, _ = spelled
    own = {t.node: t for t in speller.order}
    suspects = _find_suspects(values, own)
    if not guard:  # it is by rounding that it fails
        suspects |= rounded_nodes(values) & own.keys()
    chosen = [t for t in speller.order if t.node in suspects]
    arrays = {id(speller.parts[t.node]): t for t in speller.order}

    def is_zero(part: ast.expr) -> bool:
        if isinstance(part, ast.Constant):
            return part.value == 0
        tensor = arrays.get(id(part))
        return tensor is not None and _has_zeros(NodeValues(tensor, feed))

    for clip in _clip_operands(chosen, values, speller):
        yield Proposal(replace_parts(whole, clip), "rounding leads out of the domain")
    guards = _Guards(spelled, chosen)
    yield from guards.guard_masks()
    expressions = [speller.parts[t.node] for t in chosen]
    quotients = list(_find_quotients(chosen, spelled))
    cancelled: dict[int, ast.expr] = {}
    for key, quotient in quotients:
        shorter = None if key in cancelled else cancel_factor(quotient)
        if shorter is not None:
            cancelled[key] = shorter
    if cancelled:
        yield Proposal(replace_parts(whole, cancelled), "the common factor is cancelled")
    # The slope is there for whoever differentiates the fix.
    order = max(1, spelled.order + sum(differentiated(t) is not None for t in speller.order))
    for key, quotient in quotients:
        limit = write_limit(quotient, order)
        if limit is not None:
            point = f"{ast.unparse(quotient.part)} = {quotient.at}"
            yield Proposal(replace_parts(whole, {key: limit[0]}), f"its limit at {point} is {limit[1]}")
    for repair in REPAIRS:
        made = apply_repair(repair, expressions, is_zero)
        if made:
            yield Proposal(replace_parts(whole, made), repair.reason, masked=repair in MASKS)
    if guard:
        yield from guards.guard_operands()


def _find_quotients(chosen: list[Tensor], spelled: Spelled) -> Iterator[tuple[int, Quotient]]:
    """Quotients that are 0/0, each by a part that its numerator and its denominator share, with their keys."""
    speller, values = spelled.speller, spelled.values
    for node in chosen:
        if node.rule.name != "divide" or not all(type(a) is not Tensor or a.node in values for a in node.args):
            continue
        top, bottom = (np.asarray(v) for v in values.operands(node))
        zero = np.asarray((top == 0) & (bottom == 0))
        if not zero.any():
            continue
        parts = [speller.part(a) for a in node.args]
        for part in shared_parts(*parts):
            try:
                found = np.asarray(trace(part, speller.sources).eval(dict(spelled.feed)))
            except (ValueError, TypeError, LookupError, AttributeError):
                continue
            at = find_point(found, zero)
            if at is not None:
                yield id(speller.parts[node.node]), Quotient(parts[0], parts[1], part, at)


def _has_zeros(values: NodeValues) -> bool:
    return bool((values[values.tensor] == 0).any())


def _find_suspects(values: NodeValues, own: dict[int, Tensor]) -> set[int]:
    """The nodes of a function at which values or their gradients are not finite, and those that use them at once."""
    found: set[int] = set()
    for t in values.order:
        if values.fails(t).any():
            node = own[t.node] if t.node in own else forward_node(t, own)
            if node is not None:
                found.add(node.node)
    backward = any(t.node not in own and values.fails(t).any() for t in values.order)
    if backward:
        found |= {t.node for t in own.values() if any(type(a) is Tensor and a.node in found for a in t.args)}
    return found


def _guard_elementwise(chosen: list[Tensor], speller: Speller, derivative: bool) -> Iterator[tuple[Tensor, Guarded]]:
    for node in chosen:
        if isinstance(node.rule, Elementwise) and differentiated(node) is None:
            try:
                parts = [speller.part(a) for a in node.args]
                yield node, Guarded(node, parts, derivative)
            except Unspellable:
                continue


def _clip_operands(chosen: list[Tensor], values: NodeValues, speller: Speller) -> Iterator[dict[int, ast.expr]]:
    made: dict[int, ast.expr] = {}
    for node, guarded in _guard_elementwise(chosen, speller, False):
        if node.node in {t.node for t in values.order} and guarded.fails(values):
            operand = guarded.clipped(values)
            if operand is not None:
                made[id(speller.parts[node.node])] = _replace_operand(speller, node, guarded, operand, made)
    if made:
        yield made


def _replace_operand(
    speller: Speller, node: Tensor, guarded: Guarded, operand: ast.expr, made: Mapping[int, ast.expr]
) -> ast.expr:
    """The expression of a node with another operand."""
    parts = [replace_parts(p, made) for p in guarded.parts]
    parts[guarded.position] = replace_parts(operand, made)
    return speller.elementwise(node, *parts)


class _Guards:
    """The double where: the operands of what fails are guarded by its domain."""

    def __init__(self, spelled: Spelled, chosen: list[Tensor]) -> None:
        self.whole, self.speller, self.values, _, order = spelled
        self.derivative = order > 0
        known = {t.node for t in self.values.order}
        self.failing = [
            (node, guarded, guarded.safes(self.values))
            for node, guarded in _guard_elementwise(chosen, self.speller, self.derivative)
            if all(a.node in known for a in node.args if type(a) is Tensor) and guarded.fails(self.values)
        ]
        self.possible = bool(self.failing) and all(len(safes) == 2 for _, _, safes in self.failing)

    def guard_masks(self) -> Iterator[Proposal]:
        """Products with masks as choices, of which the operands are guarded."""
        if not self.possible:
            return
        one, two = self._guard(0), self._guard(1)
        every = [p for p in ast.walk(one) if isinstance(p, ast.expr)][::-1]
        for repair in MASKS:
            shorter = replace_parts(one, apply_repair(repair, every, lambda part: True))
            if shorter is not one:
                yield Proposal(shorter, DOUBLE, (two,), masked=True)

    def guard_operands(self) -> Iterator[Proposal]:
        """Guarded operands; of a gradient, with the value at the end of the domain held as well."""
        if not self.possible:
            return
        yield Proposal(self._guard(0), DOUBLE, (self._guard(1),))
        if self.derivative:
            yield Proposal(self._guard(0, held=True), HELD, (self._guard(1, held=True),))

    def _guard(self, k: int, held: bool = False) -> ast.expr:
        made: dict[int, ast.expr] = {}
        for node, guarded, safes in self.failing:
            inner = _replace_operand(self.speller, node, guarded, guarded.operand(safes[k]), made)
            if held:
                inner = call("where", replace_parts(guarded.test, made), inner, self._hold(node, guarded, made))
            made[id(self.speller.parts[node.node])] = inner
        return replace_parts(self.whole, made)

    def _hold(self, node: Tensor, guarded: Guarded, made: Mapping[int, ast.expr]) -> ast.expr:
        """The value outside of the open domain: a number, or what the operation makes of the operand, held."""
        value = guarded.edge(self.values)
        if value is not None:
            return value
        return call("stop_gradient", replace_parts(self.speller.parts[node.node], made))
