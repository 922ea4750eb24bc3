"""What the operations before a tensor ask, without what is known to hold from the graph alone.

A demand may follow from the signs of its operands, from the choices under which it counts, or from what is asked of the
same operands elsewhere. That is decided here, before anything is written in the sources' symbols.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import sympy
from sympy import Not
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from tracer.backprop import Watched, find_whole, list_operands, mark_reached
from tracer.explanations.domains import (
    Demand,
    Kind,
    bound,
    demands,
    derivative_demands,
    forward_key,
    written_template,
)
from tracer.explanations.guards import ALWAYS, Choice, Choices, Guard, Guards, disjunction
from tracer.explanations.implications import OPERATORS, drop_implied, implies, shorten
from tracer.explanations.known_signs import Signs, is_implied, pattern
from tracer.ops.spectral import EIGENVALUES, EIGENVECTORS
from tracer.ops.spectral_functions import Spectral, list_slopes
from tracer.ops.spectral_products import is_sum_over_values
from tracer.rules import OUT, Elementwise, argument, list_positions
from tracer.shapes import Dim
from tracer.tensor import Tensor
from tracer.walk import ancestors


class Need(NamedTuple):
    """What a node asks, and under which guard."""

    node: Tensor
    demand: Demand
    guard: Guard


class Needs(NamedTuple):
    """What is needed for a tensor.

    Attributes
    ----------
    found : list of Need
        In order of the nodes.
    order : list of Tensor
        All nodes that are asked, and what they are computed from.
    tensors : dict
        The tensors that guards speak of, by their keys.
    """

    found: list[Need]
    order: list[Tensor]
    tensors: dict[int, Tensor]


def find_needs(tensor: Tensor) -> Needs:
    """What the operations before a tensor ask; of a gradient, also those of what is differentiated.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> [n.node.op for n in find_needs(tracer.math.log(tracer.exp(x) * tracer.sqrt(x))).found]
    ['sqrt', 'log']
    """
    order = ancestors([tensor])
    choices = Choices()
    guards = Guards(order, [tensor], choices)
    asking = {t.node: _list_asking(t) for t in order}
    needed = [Need(u, d, guards.of(t)) for t in order if guards.of(t) for u in asking[t.node] for d in demands(u)]
    targets = [tensor, *(u for own in asking.values() for u in own)]
    seen: set[int] = set()
    todo = [t for t in order if _is_derivative(t) and guards.of(t)]
    while todo:
        derivative = todo.pop()
        own = id(derivative.derived or derivative)
        if own in seen:
            continue
        seen.add(own)
        function = _Function(derivative, choices)
        targets += function.targets
        needed += function.needs()
        todo += [t for t in function.order if _is_derivative(t) and function.counts(t)]
    everything = ancestors(targets)
    known = {t.node: t for t in everything}
    needed = [n for n in needed if not _is_stated(n.node, known)]
    return Needs(_drop_repeated(_drop_implied_by_graph(needed, everything)), everything, choices.tensors)


def _list_asking(tensor: Tensor) -> list[Tensor]:
    """The operations that ask something for a tensor: itself, or what a function of matrices is made of."""
    if not isinstance(tensor.params, Spectral):
        return [tensor]
    slopes = ancestors(list_slopes(tensor), lambda t: t.node < tensor.node)
    return [tensor, *(t for t in slopes if t.node > tensor.node)]


def _is_derivative(tensor: Tensor) -> bool:
    return tensor.derived is not None or len(tensor._measures) > 1


class _Function:
    """What is differentiated for a derivative, as far as it depends on the sources."""

    def __init__(self, derivative: Tensor, choices: Choices) -> None:
        derived = derivative.derived
        if derived is not None:
            self.targets = [t for t, _ in derived.targets]
            self.wanted = {s.node for s in derived.sources}
            further = derived.stop, derived.watched, derived.opened
        else:  # A Jacobian notes what it is of for the sake of its dimensions alone.
            *self.targets, source = derivative._measures
            self.wanted = {source.node}
            further = None, None, ()
        first = min(self.wanted, default=0)
        self.order = ancestors(self.targets, lambda t: t.node <= first)
        self.reached = mark_reached(self.order, self.wanted, *further)
        self.smooth = self._find_smooth(further[1])
        self.flowing = self._find_flowing()
        self.guards = Guards(self.order, self.targets, choices)

    def _find_smooth(self, watched: Watched | None) -> set[int]:
        """The eigenvalues and eigenvectors of which functions alone are differentiated that may have equal ones."""
        spectra = {t.node for t in self.order if t.rule in (EIGENVALUES, EIGENVECTORS)}
        if not spectra:
            return spectra
        whole = find_whole(self.order, self.reached, self.wanted, watched)
        used = {t.node for t in self.targets} | self.wanted
        for t in reversed(self.order):
            if t.node not in used or not self.reached.get(t.node) or is_sum_over_values(t):
                continue
            product = whole.get(t.node)
            operands = t.args if product is None else list_operands(product, self.reached)
            used |= {a.node for a in operands if type(a) is Tensor}
        return spectra - used

    def _find_flowing(self) -> set[int]:
        """The nodes to which a derivative may flow back from the targets: none that conditions alone are made of."""
        flowing = {t.node for t in self.targets}
        for t in reversed(self.order):
            if t.node in flowing and self.reached.get(t.node):
                flowing |= {a.node for k, a in enumerate(t.args) if type(a) is Tensor and k not in t.rule.closed}
        return flowing

    def counts(self, node: Tensor) -> bool:
        """Whether a node takes part; an order of elements does by which of them it chooses."""
        chosen = [node.node] if node.rule.differentiable else [a.node for a in node.args if type(a) is Tensor]
        return any(self.reached.get(k) or k in self.wanted for k in chosen) and bool(self.guards.of(node))

    def needs(self) -> list[Need]:
        """What its operations ask, for the value and for the derivative."""
        return [
            Need(t, d, self.guards.of(t))
            for t in self.order
            if self.counts(t)
            for d in (*demands(t), *(derivative_demands(t, self._positions(t)) if self._is_differentiated(t) else ()))
        ]

    def _is_differentiated(self, node: Tensor) -> bool:
        """Whether the derivative takes a node's; an order of elements has one of its own by what it chooses."""
        return node.node not in self.smooth and (node.node in self.flowing or not node.rule.differentiable)

    def _positions(self, node: Tensor) -> list[int]:
        """The operands by which a node is differentiated."""
        closed = node.rule.closed
        return [k for k, a in enumerate(node.args) if type(a) is Tensor and a.node in self.reached and k not in closed]


def _is_stated(node: Tensor, known: Mapping[int, Tensor]) -> bool:
    """Whether a node belongs to a gradient rule whose row states by itself what the derivative asks."""
    key = forward_key(node)
    return key is not None and key in known and known[key].rule.domain is not None


def _drop_implied_by_graph(needed: Sequence[Need], order: Sequence[Tensor]) -> list[Need]:
    """The needs that follow neither from signs nor from their guards; each demand of a node stands once."""
    signs = Signs()
    signs.walk(order)
    found: dict[tuple[int, Demand], Need] = {}
    for node, demand, guard in needed:
        if isinstance(node.rule, Elementwise):
            parts = tuple(signs.part(a) for a in node.args)
            if is_implied(demand.relation, pattern(node), parts):
                continue
        key = node.node, demand
        known = found.get(key)
        found[key] = Need(node, demand, guard if known is None else disjunction(known.guard, guard))
    return [n for n in found.values() if n.guard is ALWAYS or not _is_chosen(n)]


Spoken: TypeAlias = "tuple[Boolean, tuple[int, ...]]"
"""A relation over ``argument(0)``, ``argument(1)``, ... and the keys of the tensors that these stand for, in order."""


def _restate(need: Need) -> Spoken | None:
    """What an elementwise operation asks, stated over the tensors and not over the positions of its arguments."""
    node, relation = need.node, need.demand.relation
    if not isinstance(node.rule, Elementwise) or _speaks_of_result(relation):
        return None
    positions = list_positions(relation)
    keys = [a.node for a in (node.args[k] for k in positions) if type(a) is Tensor]
    if len(keys) < len(positions):
        return None
    ranked = sorted({*keys})
    made = _rename_arguments(relation, tuple(zip(positions, map(ranked.index, keys))))
    if len(ranked) > 1:
        return made, tuple(ranked)
    operand = next(a for a in node.args if type(a) is Tensor and a.node == ranked[0])
    return _follow_operand(made, operand)


@lru_cache(maxsize=1024)
def _speaks_of_result(relation: Boolean) -> bool:
    return OUT in relation.free_symbols


DEEPEST = 8
"""Through so many operations a relation is followed."""


def _follow_operand(relation: Boolean, operand: Tensor) -> Spoken:
    """A relation of one tensor, as a relation of what it is computed from: sqrt(x) is not zero where x is not."""
    for _ in range(DEEPEST):
        rule = operand.rule
        places = [k for k, a in enumerate(operand.args) if type(a) is Tensor]
        if not isinstance(rule, Elementwise) or len(places) != 1 or operand.args[places[0]].dtype == "bool":
            break
        made = _unfold(relation, written_template(operand), places[0])
        if made is None:
            break
        relation, operand = made, operand.args[places[0]]
    return relation, (operand.node,)


@lru_cache(maxsize=1024)
def _unfold(relation: Boolean, template: sympy.Basic, position: int) -> Boolean | None:
    """A relation of a template, as bounds of its one argument; None where there are no such bounds."""
    if not isinstance(template, sympy.Expr) or template.has(sympy.Piecewise):
        return None
    limit, shift = bound(relation), template - argument(position)
    if limit is not None and limit.expression == argument(0) and shift.is_Rational:
        return OPERATORS[limit.op](argument(0), limit.number - shift, evaluate=False)
    plain = template.xreplace({argument(position): argument(0)})
    made = shorten(relation.xreplace({argument(0): plain}))
    limits = [bound(atom) for atom in made.atoms(Relational)]
    return made if all(b is not None and b.expression == argument(0) for b in limits) else None


@lru_cache(maxsize=1024)
def _rename_arguments(relation: Boolean, places: tuple[tuple[int, int], ...]) -> Boolean:
    return relation.xreplace({argument(k): argument(place) for k, place in places})


def _is_chosen(need: Need) -> bool:
    """Whether what is asked follows from each way in which the guard holds: where(x > 0, log(x), 0)."""
    spoken = _restate(need)
    return spoken is not None and all(
        any(_follows(choice, holds, spoken, need.node) for choice, holds in conjunct) for conjunct in need.guard
    )


def _follows(choice: Choice, holds: bool, spoken: Spoken, node: Tensor) -> bool:
    relation, keys = spoken
    if keys != choice.keys or not _implies(choice.condition, holds, relation):
        return False
    # An element of the node and the one that is chosen are of one index: axes that are broadcast come first.
    shift = node.ndim - choice.rank
    return all(there == k + shift for k, there in choice.axes)


@lru_cache(maxsize=1024)
def _implies(known: Boolean, holds: bool, relation: Boolean) -> bool:
    return implies(known if holds else Not(known), relation)


def _drop_repeated(needed: Sequence[Need]) -> list[Need]:
    """The needs without those that are asked, or implied, of the same operands by another need."""
    stated: dict[tuple[int, ...], dict[Circumstance, list[tuple[Need, Boolean]]]] = {}
    kept = []
    for need in needed:
        spoken = _restate(need)
        if spoken is None:
            kept.append(need)
            continue
        shape: tuple[Dim, ...] = () if need.guard is ALWAYS else tuple(need.node.shape)
        group = stated.setdefault(spoken[1], {})
        group.setdefault((need.demand.kind, need.guard, shape), []).append((need, spoken[0]))
    for group in stated.values():
        for circumstance, found in group.items():
            if len(found) > 1:
                group[circumstance] = [found[k] for k in drop_implied([relation for _, relation in found])]
        always = [r for _, r in group.get((Kind.DOMAIN, ALWAYS, ()), ())[:MOST]]
        for (kind, guard, shape), found in group.items():
            known = list(always) if guard is not ALWAYS or kind is not Kind.DOMAIN else []
            if kind is Kind.KINK and guard is not ALWAYS:
                known += [r for _, r in group.get((Kind.DOMAIN, guard, shape), ())[:MOST]]
            kept += [need for need, relation in found if not any(_implies(r, True, relation) for r in known)]
    return sorted(kept, key=lambda n: n.node.node)


Circumstance: TypeAlias = "tuple[Kind, Guard, tuple[Dim, ...]]"
"""What is asked for, under which guard, and of which elements."""

MOST = 6
"""Beside so many demands others are left out that follow from them."""
