"""Under which choices of the program the value of a node counts: what a branch that is not taken computes does not.

A guard is a disjunction of conjunctions of choices. It is exact through elementwise operations, products and sums over
axes; elsewhere what depends on the element is dropped, so that a guard holds too often rather than too rarely.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import sympy
from sympy import And, Not, Or
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, BooleanFunction

from tracer.explanations.domains import template_uses
from tracer.ops.contraction import Contraction
from tracer.rules import Elementwise, argument
from tracer.tensor import Tensor
from tracer.terms.numbers import exact


class Choice(NamedTuple):
    """A condition on elements of tensors.

    Attributes
    ----------
    condition : Boolean
        Over the symbols of :func:`stand_in` for tensors, which broadcast to a common shape.
    rank : int
        That of the common shape.
    axes : tuple of (int, int)
        Which axis of the common shape is which of the node that is guarded; along the others it is constant.
    """

    condition: Boolean
    rank: int
    axes: tuple[tuple[int, int], ...]


Literal: TypeAlias = "tuple[Choice, bool]"
"""A choice, and whether it has to hold, or must not."""

Guard: TypeAlias = "frozenset[frozenset[Literal]]"

ALWAYS: Guard = frozenset({frozenset()})
NEVER: Guard = frozenset()

MOST = 6
"""How many conjunctions a guard has at the most."""

DEEPEST = 6
"""How many choices a conjunction has at the most: what is nested deeper is dropped."""


def stand_in(tensor: Tensor) -> sympy.Symbol:
    """The symbol that stands for an element of a tensor in choices."""
    return sympy.Symbol(f"_@{tensor.node}", real=True)


def key_of(symbol: sympy.Symbol) -> int:
    """The key of the tensor that such a symbol stands for."""
    return int(symbol.name[2:])


class Guards:
    """The guards of all that tensors are computed from.

    Attributes
    ----------
    tensors : dict
        The tensors that choices speak of, by their symbols.
    """

    def __init__(self, order: Sequence[Tensor], targets: Iterable[Tensor]) -> None:
        self.tensors: dict[sympy.Symbol, Tensor] = {}
        self._readings: dict[tuple[int, Boolean, int, int], Guard] = {}
        self._guards: dict[int, Guard] = {t.node: ALWAYS for t in targets}
        for node in reversed(order):
            guard = self._guards.get(node.node, NEVER)
            if guard:
                self._hand_on(node, guard)

    def of(self, node: Tensor) -> Guard:
        """The guard of a node; it never counts where no target depends on it."""
        return self._guards.get(node.node, NEVER)

    def _hand_on(self, node: Tensor, guard: Guard) -> None:
        """Note that operands count where the node counts and its choices take them."""
        rule = node.rule
        chosen = template_uses(rule.template, len(node.args)) if isinstance(rule, Elementwise) else {}
        for k, a in enumerate(node.args):
            if type(a) is not Tensor or self._guards.get(a.node) is ALWAYS:
                continue
            own = guard
            if k in chosen:
                own = conjunction(own, self._read(node, chosen[k], node.ndim))
            if own is not ALWAYS:
                own = _move_to_operand(own, tuple(_map_axes(node, k, a).items()))
            self._guards[a.node] = disjunction(self._guards.get(a.node, NEVER), own)

    def _read(self, node: Tensor, condition: Boolean, rank: int, depth: int = DEEPEST) -> Guard:
        """A condition over the arguments of a node, as a guard of elements of a rank."""
        key = node.node, condition, rank, depth
        if key not in self._readings:
            self._readings[key] = self._read_anew(node, condition, rank, depth)
        return self._readings[key]

    def _read_anew(self, node: Tensor, condition: Boolean, rank: int, depth: int) -> Guard:
        """The same, without what is remembered: comparisons and logic are read as conditions on what they compare."""
        if isinstance(condition, (And, Or)):
            join, made = (conjunction, ALWAYS) if isinstance(condition, And) else (disjunction, NEVER)
            for part in condition.args:
                made = join(made, self._read(node, part, rank, depth))
            return made
        holds = not isinstance(condition, Not)
        (plain,) = (condition,) if holds else condition.args
        if plain.is_Symbol:
            asked = node.args[int(plain.name[1:])]
            if depth and type(asked) is Tensor and _is_comparison(asked):
                assert isinstance(asked.rule, Elementwise)
                return self._read(asked, _collect_literals(asked.rule.template, holds), rank, depth - 1)
        named = {}
        for k, a in enumerate(node.args):
            if argument(k) in plain.free_symbols:
                named[argument(k)] = stand_in(a) if type(a) is Tensor else exact(a)
                if type(a) is Tensor:
                    self.tensors[stand_in(a)] = a
        made = replace_symbols(plain, named)
        if made in (sympy.true, sympy.false):
            return ALWAYS if bool(made) is holds else NEVER
        if isinstance(made, Relational) and made.rel_op in (">=", "<=", "!="):
            made, holds = Not(made), not holds
        parts = [self.tensors[s] for s in made.free_symbols if s in self.tensors]
        return frozenset({frozenset({(Choice(made, rank, _thick_axes(parts, rank)), holds)})})


def replace_symbols(relation: Boolean, values: Mapping[sympy.Basic, sympy.Basic]) -> Boolean:
    """A relation in other symbols. Sympy is not asked to evaluate it, which takes long.

    Examples
    --------
    >>> replace_symbols(argument(0) > argument(1), {argument(0): sympy.Symbol("x"), argument(1): sympy.S.Zero})
    x > 0
    """
    if isinstance(relation, Relational):
        sides = [values.get(side, side) for side in relation.args]
        if sides[0] != sides[1] and any(side.is_Symbol for side in sides) and all(s.is_Atom for s in relation.args):
            return relation.func(*sides, evaluate=False)
    if isinstance(relation, BooleanFunction):
        return relation.func(*(replace_symbols(part, values) for part in relation.args))
    return relation.xreplace(dict(values))


def _is_comparison(tensor: Tensor) -> bool:
    """Whether a truth value is a comparison of numbers, or is made of truth values by logic."""
    rule = tensor.rule
    if not isinstance(rule, Elementwise):
        return False
    if isinstance(rule.template, Relational):
        return all(type(a) is not Tensor or a.dtype != "bool" for a in tensor.args)
    return isinstance(rule.template, (And, Or, Not))


@lru_cache(maxsize=64)
def _collect_literals(template: Boolean, holds: bool) -> Boolean:
    return template if holds else Not(template)


def _thick_axes(tensors: Iterable[Tensor], rank: int) -> tuple[tuple[int, int], ...]:
    """The axes of a shape that tensors broadcast to along which one of them differs."""
    thick = {k + rank - t.ndim for t in tensors for k, d in enumerate(t.shape) if d != 1}
    return tuple((k, k) for k in sorted(thick))


@lru_cache(maxsize=1024)
def conjunction(first: Guard, second: Guard) -> Guard:
    """Where both hold."""
    if first is ALWAYS:
        return second
    if second is ALWAYS:
        return first
    both = {_keep_nearest(a | b) for a in first for b in second}
    return _shorten_guard({c for c in both if not any((choice, not holds) in c for choice, holds in c)})


def _keep_nearest(conjunct: frozenset[Literal]) -> frozenset[Literal]:
    """Of too many choices, those that are made nearest to the sources."""
    if len(conjunct) <= DEEPEST:
        return conjunct
    return frozenset(sorted(conjunct, key=lambda literal: (_last_key(literal[0].condition), str(literal)))[:DEEPEST])


@lru_cache(maxsize=1024)
def _last_key(condition: Boolean) -> int:
    """The key of the last tensor that a condition speaks of."""
    return max(key_of(s) for s in condition.free_symbols)


@lru_cache(maxsize=1024)
def disjunction(first: Guard, second: Guard) -> Guard:
    """Where one of them holds."""
    if not first or second is ALWAYS:
        return second
    if not second or first is ALWAYS:
        return first
    return _shorten_guard(first | second)


def _shorten_guard(found: Iterable[frozenset[Literal]]) -> Guard:
    """A guard in fewer conjunctions: those that imply others are left out, two that differ in one choice are joined."""
    left = set(found)
    while True:
        left = {c for c in left if not any(d < c for d in left)}
        shorter = next((rest for c in left if (rest := _without_choice(c, left)) is not None), None)
        if shorter is None:
            break
        left.add(shorter)
    if frozenset() in left:
        return ALWAYS
    if len(left) > MOST:
        common = frozenset.intersection(*left)
        return frozenset({common}) if common else ALWAYS
    return frozenset(left)


def _without_choice(conjunct: frozenset[Literal], among: Iterable[frozenset[Literal]]) -> frozenset[Literal] | None:
    """A conjunction without one choice that does not matter, as its opposite is there too. None if all matter."""
    for choice, holds in conjunct:
        rest = conjunct - {(choice, holds)}
        if any((choice, not holds) in d and d - {(choice, not holds)} <= rest for d in among):
            return rest
    return None


@lru_cache(maxsize=1024)
def _move_to_operand(guard: Guard, seen: tuple[tuple[int, int], ...]) -> Guard:
    """The guard of a node, as one of an operand's elements; choices along axes that it lacks are dropped."""
    axes = dict(seen)
    moved = set()
    for conjunct in guard:
        kept = set()
        for (condition, rank, own), holds in conjunct:
            if all(k in axes for _, k in own):
                kept.add((Choice(condition, rank, tuple((a, axes[k]) for a, k in own)), holds))
        moved.add(frozenset(kept))
    return _shorten_guard(moved)


def _map_axes(node: Tensor, position: int, operand: Tensor) -> Mapping[int, int]:
    """The axis of the operand for each axis of the result along which elements keep their index."""
    rule = node.rule
    thick = [k for k, d in enumerate(operand.shape) if d != 1]
    if isinstance(rule, Elementwise) or rule.facts.signs is not None or rule.name == "cast":
        shift = node.ndim - operand.ndim
        return {k + shift: k for k in thick}
    if type(rule) is Contraction:
        labels = node.params.inputs[position]
        labels = labels[len(labels) - operand.ndim :]
        own = {label: k for k, label in enumerate(labels) if k in thick}
        return {k: own[label] for k, label in enumerate(node.params.output) if label in own}
    if rule.name == "reshape":
        there = [k for k, d in enumerate(node.shape) if d != 1]
        if [node.shape[k] for k in there] == [operand.shape[k] for k in thick]:
            return dict(zip(there, thick))
    return {}
