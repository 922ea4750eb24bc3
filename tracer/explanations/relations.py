"""Relations over operands, written in sources: in which of the ways that there are, and how long they may be."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache

import sympy
from sympy import Basic, MatrixSymbol
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import Boolean
from sympy.matrices.expressions.matexpr import MatrixElement

from tracer.explanations.guards import ALWAYS, Guard
from tracer.explanations.implications import shorten
from tracer.explanations.joined_operands import split_joined
from tracer.explanations.matrix_conditions import is_definite, open_matrices
from tracer.explanations.relation_elements import GenericElements, GivenElements, NamedElements
from tracer.formulas.errors import FormulaError, TooLong
from tracer.formulas.lowering.lower import NodeTerms, learn_assumptions, lower_node
from tracer.formulas.lowering.template_terms import lower_condition, spread_term
from tracer.formulas.matrix.writer import matrix
from tracer.formulas.notations.components import components
from tracer.formulas.notations.index import LETTERS
from tracer.formulas.notations.named_elements import REDUCTIONS
from tracer.formulas.source_names import dimension_names, source_names
from tracer.rules import OUT, Elementwise, argument
from tracer.series import ExprWithLimits
from tracer.shapes import Shape, is_concrete
from tracer.tensor import Tensor
from tracer.terms import record
from tracer.terms.record import Term
from tracer.terms.work import Budget
from tracer.walk import ancestors

WEIGHT = 400
"""How many operations an operand may have in a relation; a longer one is written by the name of its node."""

DEPTH = 110
"""How deep functions may be nested there."""

ELEMENTS = 16
"""So many elements are looked at one by one where a generic one has no notation."""

TRIES = 20
"""How often that is tried."""

ENDLESS = (TooLong, RecursionError)
"""What is raised where a formula would be too long to read."""


class Relations:
    """Writes relations over the operands of nodes in the sources' symbols.

    What is too long to read, or has no notation, stands in a relation by the name of its node.

    Parameters
    ----------
    order : sequence of Tensor
        All that relations may speak of.
    tensors : mapping
        The tensors that guards speak of, by their keys.
    budget : Budget
        What the work is taken from.
    equations : sequence of Tensor, optional
        What is assumed of sources among these.
    """

    def __init__(
        self,
        order: Sequence[Tensor],
        tensors: Mapping[int, Tensor],
        budget: Budget,
        equations: Sequence[Tensor] = (),
    ) -> None:
        self.tensors = tensors
        self.names = source_names(order)
        self.declared = {
            self.names[t.node]: {k for k, holds in t.params if holds}
            for t in order
            if t.node in self.names and t.ndim == 2 and isinstance(t.params, tuple)
        }
        self.taken = dimension_names(order) | set(self.names.values())
        self.budget = budget
        self.normaliser, known, self.equations = learn_assumptions(equations, self.names, budget)
        self.reader = NodeTerms(self.names, known)
        self.veiled: set[int] = set()
        self.reduced: dict[str, Tensor] = {}
        self.long: set[int] = set()
        self.tries = TRIES

    def write(self, relation: Boolean, node: Tensor, guard: Guard = ALWAYS) -> Boolean:
        """A relation over the operands of a node, needed under a guard, in sources.

        The relation is over argument symbols, ``OUT``, and the symbols of :mod:`tracer.ops.matrix_domains`.
        """
        parts = split_joined(relation, node) if guard is ALWAYS else []
        if parts:
            return sympy.And(*(self.write(relation, part) for part in parts))
        spoken = {t.node: t for t in _operands(relation, node)}
        if self._are_long(spoken.values()):
            return NamedElements(self, node).write(relation, guard)
        seen = {*spoken.values()} if guard is ALWAYS else {node}
        try:
            written = GenericElements(self, node, seen).write(relation, guard)
        except ENDLESS:
            return NamedElements(self, node).write(relation, guard)
        except FormulaError:
            written = None
        if written is None or _has_calls(written) or _has_places(written) or self.veiled & spoken.keys():
            found = self._write_each(relation, node, guard, spoken)
            if found is not None:
                return found
        return written if written is not None else NamedElements(self, node).write(relation, guard)

    def write_short(self, relation: Boolean, node: Tensor, guard: Guard = ALWAYS) -> Boolean:
        """The same in its shortest form, with the same letters for the same relation at any node."""
        self._charge(STATED * (1 + sum(map(len, guard))))
        if self._are_long(_operands(relation, node)):
            return NamedElements(self, node).write(_shorten_relation(relation), _shorten_guard(guard))
        made = shorten(self.rename_letters(open_matrices(self.write(relation, node, guard), self.declared)))
        return sympy.And(*(self.rename_letters(part) for part in sympy.And.make_args(made)))

    def is_definite(self, tensor: Tensor) -> bool:
        """Whether a tensor is seen to be a positive definite matrix."""
        if tensor.ndim != 2 or tensor.shape[0] != tensor.shape[1] or self._are_long([tensor]):
            return False
        try:
            return is_definite(matrix(self.term(tensor), self.normaliser), self.declared)
        except (FormulaError, *ENDLESS):
            return False

    def _charge(self, work: int) -> None:
        with suppress(TooLong):  # What comes then is written by names.
            self.budget.spend(work)

    def _are_long(self, tensors: Collection[Tensor]) -> bool:
        """Whether any of the tensors is too long to be written in the sources."""
        for t in tensors:
            self.term(t)
        return any(t.node in self.long for t in tensors)

    def _write_each(
        self, relation: Boolean, node: Tensor, guard: Guard, spoken: Mapping[int, Tensor]
    ) -> Boolean | None:
        """A relation element by element, for few elements; None where these have no notation either."""
        by_elements = isinstance(node.rule, Elementwise) or relation == OUT
        if not self.tries or not by_elements or not is_concrete(node.shape):
            return None
        if sympy.prod(node.shape) > ELEMENTS:
            return None
        self.tries -= 1
        spoken = {**spoken, **{t.node: t for t in self._list_guarding(guard)}}
        try:
            made = dict(zip(spoken, components(list(spoken.values()), Budget(EACH, node.name))))
        except (FormulaError, RecursionError):
            return None
        places = itertools.product(*map(range, node.shape))
        return sympy.And(*(GivenElements(self, node, place, made).write(relation, guard) for place in places))

    def _list_guarding(self, guard: Guard) -> list[Tensor]:
        keys = {key for conjunct in guard for choice, _ in conjunct for key in choice.keys}
        return [self.tensors[key] for key in sorted(keys)]

    def rename_letters(self, relation: Boolean) -> Boolean:
        """A relation with the first letters for the indices of its sums, products and extremes.

        Those within another one have other letters than it, those beside it the same: so equal ones are equal.
        """
        if not relation.has(ExprWithLimits):
            return relation
        free = {s.name for s in relation.free_symbols}
        fresh = [name for name in LETTERS if name not in self.taken | free]
        places = _count_indices_around(relation)
        return relation.xreplace({s: sympy.Symbol(fresh[k], integer=True) for s, k in places.items() if k < len(fresh)})

    def term(self, tensor: Tensor) -> Term:
        """The term of a tensor."""
        parts = self.reader.parts
        if tensor.node not in parts:
            for t in ancestors([tensor], lambda t: t.node in parts):
                if t.node not in parts:
                    parts[t.node] = self._lower(t)
        return parts[tensor.node]

    def state(self, relation: Boolean, spoken: Mapping[sympy.Symbol, Tensor], shape: Shape) -> Term:
        """A relation over the elements of tensors, in normal form."""
        terms = {s: spread_term(self.term(t), t.shape, shape) for s, t in spoken.items()}
        return self.normaliser.normal(lower_condition(relation, terms, shape))

    def _lower(self, tensor: Tensor) -> Term:
        for marked in (self.veiled, self.long):
            if any(type(a) is Tensor and a.node in marked for a in tensor.args):
                marked.add(tensor.node)
        if self.budget.spent > self.budget.limit:
            self.long.add(tensor.node)
        if tensor.node in self.long:
            return self._name(tensor)
        if tensor.op in REDUCTIONS:
            # A condition on a greatest element is said of the elements.
            self.veiled.add(tensor.node)
            self.reduced[tensor.name] = tensor
            return self._name(tensor)
        try:
            term = lower_node(self.normaliser, self.reader, tensor, self.equations)
        except ENDLESS:
            self.long.add(tensor.node)
        except FormulaError:
            self.veiled.add(tensor.node)
        else:
            if term.weight <= WEIGHT and term.depth <= DEPTH:
                return term
            self.long.add(tensor.node)
        return self._name(tensor)

    def _name(self, tensor: Tensor) -> Term:
        return record.source(tensor.name, tensor.shape, ["bool"] if tensor.dtype == "bool" else [])


STATED = 200
"""The work of writing a relation, and of each choice on which it depends."""

CHOICES = 2
"""So many choices stand beside a relation that is written by names."""


@lru_cache(maxsize=256)
def _shorten_guard(guard: Guard) -> Guard:
    """A long guard, cut down to the choices that all its conjunctions have in common."""
    if sum(map(len, guard)) <= CHOICES:
        return guard
    return frozenset({frozenset(sorted(frozenset.intersection(*guard), key=str)[:CHOICES])})


@lru_cache(maxsize=256)
def _shorten_relation(relation: Boolean) -> Boolean:
    return shorten(relation)


EACH = 30_000
"""The work of writing the elements of one operand."""


def _operands(relation: Boolean, node: Tensor) -> list[Tensor]:
    """The operands that a relation speaks of, and the node itself where it does."""
    found = [a for k, a in enumerate(node.args) if type(a) is Tensor and argument(k) in relation.free_symbols]
    return [*found, node] if OUT in relation.free_symbols else found


def _has_places(relation: Boolean) -> bool:
    """Whether it depends on the place which element stands there: ``x[i]`` is none for each place i then."""
    bound = {limit[0] for total in relation.atoms(ExprWithLimits) for limit in total.limits}
    return any(d.free_symbols - bound for d in relation.atoms(sympy.KroneckerDelta))


def _count_indices_around(relation: Boolean) -> dict[sympy.Symbol, int]:
    """The indices of sums, products and extremes, each with how many are bound outside of it."""
    found: dict[sympy.Symbol, int] = {}
    todo: list[tuple[Basic, int]] = [(relation, 0)]
    while todo:
        part, count = todo.pop()
        if isinstance(part, ExprWithLimits):
            for k, limit in enumerate(part.limits):
                found[limit[0]] = max(count + k, found.get(limit[0], 0))
            count += len(part.limits)
        todo += [(a, count) for a in part.args]
    return found


def _has_calls(relation: Boolean) -> bool:
    """Whether a relation has functions of arrays in it, which are written by their names."""
    calls = relation.atoms(AppliedUndef, MatrixElement)
    return any(not isinstance(e, MatrixElement) or not isinstance(e.parent, MatrixSymbol) for e in calls)
