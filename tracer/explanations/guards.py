"""Under which choices of the program the value of a node counts: what a branch that is not taken computes does not.

A guard is a disjunction of conjunctions of choices. It is exact through elementwise operations, products and sums over
axes; elsewhere what depends on the element is dropped, so that a guard holds too often rather than too rarely.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import sympy
from sympy import And, Not, Or
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, BooleanFunction

from tracer.explanations.domains import template_uses
from tracer.ops.contraction import Contraction
from tracer.rules import Elementwise, argument, list_positions
from tracer.tensor import Operand, Tensor
from tracer.terms.numbers import exact


class Choice(NamedTuple):
    """A condition on elements of tensors.

    Attributes
    ----------
    condition : Boolean
        Over ``argument(0)``, ``argument(1)``, ... for elements of tensors, which broadcast to a common shape.
    keys : tuple of int
        The keys of these tensors, in ascending order.
    rank : int
        That of the common shape.
    axes : tuple of (int, int)
        Which axis of the common shape is which of the node that is guarded; along the others it is constant.
    """

    condition: Boolean
    keys: tuple[int, ...]
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


class Choices:
    """Conditions of a program, read as guards.

    Attributes
    ----------
    tensors : dict
        The tensors that choices speak of, by their keys.
    """

    def __init__(self) -> None:
        self.tensors: dict[int, Tensor] = {}
        self._truths: dict[tuple[int, bool], Guard] = {}

    def learn(self, order: Sequence[Tensor]) -> None:
        """Read the truth values among tensors; comparisons and logic are conditions on what they compare."""
        for node in order:
            if node.dtype == "bool" and (node.node, True) not in self._truths:
                for holds in (True, False):
                    self._truths[node.node, holds] = self._read_truth(node, holds)

    def _read_truth(self, node: Tensor, holds: bool) -> Guard:
        rule = node.rule
        if isinstance(rule, Elementwise) and _is_comparison(node):
            return self.read(node, _collect_literals(rule.template, holds))
        return self._choose(argument(0), holds, [node], node.ndim)

    def read(self, node: Tensor, condition: Boolean) -> Guard:
        """A condition over the arguments of a node, as a guard of its elements."""
        if isinstance(condition, (And, Or)):
            join, made = (conjunction, ALWAYS) if isinstance(condition, And) else (disjunction, NEVER)
            for part in condition.args:
                made = join(made, self.read(node, part))
            return made
        holds = not isinstance(condition, Not)
        (plain,) = (condition,) if holds else condition.args
        asked = [node.args[k] for k in list_positions(plain)]
        if plain.is_Symbol and type(asked[0]) is Tensor and (asked[0].node, holds) in self._truths:
            return _broadcast(self._truths[asked[0].node, holds], node.ndim - asked[0].ndim)
        return self._choose(plain, holds, asked, node.ndim)

    def _choose(self, relation: Boolean, holds: bool, operands: Sequence[Operand], rank: int) -> Guard:
        """The guard that a relation over operands holds, or does not."""
        tensors = {a.node: a for a in operands if type(a) is Tensor}
        self.tensors |= tensors
        keys = sorted(tensors)
        values = tuple(argument(keys.index(a.node)) if type(a) is Tensor else exact(a) for a in operands)
        made, holds = _state_choice(relation, holds, values)
        if made in (sympy.true, sympy.false):
            return ALWAYS if bool(made) is holds else NEVER
        choice = Choice(made, tuple(keys), rank, _thick_axes(tensors.values(), rank))
        return frozenset({frozenset({(choice, holds)})})


def _broadcast(guard: Guard, shift: int) -> Guard:
    """A guard of the elements of a shape with so many leading axes more."""
    return _move_axes(guard, lambda axis: axis + shift) if shift else guard


class Guards:
    """The guards of all that tensors are computed from."""

    def __init__(self, order: Sequence[Tensor], targets: Iterable[Tensor], choices: Choices) -> None:
        self._choices = choices
        self._guards: dict[int, Guard] = {t.node: ALWAYS for t in targets}
        choices.learn(order)
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
                own = conjunction(own, self._choices.read(node, chosen[k]))
            if own is not ALWAYS and node.ndim:
                own = _move_to_operand(own, tuple(_map_axes(node, k, a).items()))
            self._guards[a.node] = disjunction(self._guards.get(a.node, NEVER), own)


@lru_cache(maxsize=1024)
def _state_choice(relation: Boolean, holds: bool, values: tuple[sympy.Basic, ...]) -> tuple[Boolean, bool]:
    """A relation with other symbols, or numbers, for its arguments; of a relation and its opposite, one is stated."""
    made = replace_symbols(relation, dict(zip(map(argument, list_positions(relation)), values, strict=True)))
    if isinstance(made, Relational) and made.rel_op in (">=", "<=", "!="):
        return Not(made), not holds
    return made, holds


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
    return frozenset(sorted(conjunct, key=_order_literal)[:DEEPEST])


def _order_literal(literal: Literal) -> tuple[object, ...]:
    """What literals are sorted by, in the same way at each run: those of early tensors first."""
    choice, holds = literal
    return choice.keys[-1], choice.keys, choice.rank, choice.axes, holds, _spell(choice.condition)


_spell = lru_cache(maxsize=1024)(str)


@lru_cache(maxsize=1024)
def disjunction(first: Guard, second: Guard) -> Guard:
    """Where one of them holds."""
    if not first or second is ALWAYS or first == second:
        return second
    if not second or first is ALWAYS:
        return first
    return _shorten_guard(first | second)


def _shorten_guard(found: Iterable[frozenset[Literal]]) -> Guard:
    """A guard in fewer conjunctions: those that imply others are left out, two that differ in one choice are joined."""
    left = set(found)
    while len(left) > 1:
        left = {c for c in left if not any(d < c for d in left)}
        joined = next((rest for c, d in itertools.permutations(left, 2) if (rest := _join(c, d)) is not None), None)
        if joined is None:
            break
        left.add(joined)
    if frozenset() in left:
        return ALWAYS
    if len(left) > MOST:
        common = frozenset.intersection(*left)
        return frozenset({common}) if common else ALWAYS
    return frozenset(left)


def _join(first: frozenset[Literal], second: frozenset[Literal]) -> frozenset[Literal] | None:
    """A conjunction without a choice, of which another that asks no more has the opposite. None if there is none."""
    more = second - first
    if len(more) != 1:
        return None
    ((choice, holds),) = more
    opposite = choice, not holds
    return first - {opposite} if opposite in first else None


@lru_cache(maxsize=1024)
def _move_to_operand(guard: Guard, seen: tuple[tuple[int, int], ...]) -> Guard:
    """The guard of a node, as one of an operand's elements; choices along axes that it lacks are dropped."""
    axes = dict(seen)
    kept = (frozenset(lit for lit in conjunct if all(k in axes for _, k in lit[0].axes)) for conjunct in guard)
    return _move_axes(_shorten_guard(kept), axes.__getitem__)


def _move_axes(guard: Guard, move: Callable[[int], int]) -> Guard:
    """A guard with other axes for those of the guarded node."""
    if guard in (ALWAYS, NEVER):
        return ALWAYS if guard else NEVER

    def moved(choice: Choice) -> Choice:
        return choice._replace(axes=tuple((a, move(k)) for a, k in choice.axes))

    return frozenset(frozenset((moved(choice), holds) for choice, holds in conjunct) for conjunct in guard)


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
