"""Relations over operands, written in sources: over a generic element of tensors, over matrices as such."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache

import sympy
from sympy import Basic, Expr, Indexed, IndexedBase, MatrixSymbol
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import Boolean
from sympy.matrices.expressions.matexpr import MatrixElement

from tracer.explanations.guards import ALWAYS, Choice, Guard, replace_symbols
from tracer.explanations.implications import shorten
from tracer.explanations.joined_operands import split_joined
from tracer.explanations.matrix_conditions import is_definite, open_matrices
from tracer.explanations.reduced_elements import reduce_elements
from tracer.explanations.short_sums import evaluate, write_out
from tracer.formulas.errors import FormulaError, TooLong
from tracer.formulas.lowering.lower import NodeTerms, learn_assumptions, lower_node
from tracer.formulas.lowering.template_terms import lower_condition, spread_term
from tracer.formulas.matrix.writer import matrix
from tracer.formulas.notations.components import components
from tracer.formulas.notations.index import LETTERS, ElementWriter
from tracer.formulas.notations.named_elements import REDUCTIONS
from tracer.formulas.source_names import dimension_names, source_names
from tracer.formulas.truth_values import as_condition, fill_template
from tracer.rules import OUT, Elementwise, argument
from tracer.series import ExprWithLimits
from tracer.shapes import Shape, broadcast, is_concrete
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

NESTED = 3
"""So many choices in one another are looked into: sympy takes long for more."""

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
            return _Named(self, node).write(relation, guard)
        seen = {*spoken.values()} if guard is ALWAYS else {node}
        try:
            written = _Generic(self, node, seen).write(relation, guard)
        except ENDLESS:
            return _Named(self, node).write(relation, guard)
        except FormulaError:
            written = None
        if written is None or _has_calls(written) or _has_places(written) or self.veiled & spoken.keys():
            found = self._write_each(relation, node, guard, spoken)
            if found is not None:
                return found
        return written if written is not None else _Named(self, node).write(relation, guard)

    def write_short(self, relation: Boolean, node: Tensor, guard: Guard = ALWAYS) -> Boolean:
        """The same in its shortest form, with the same letters for the same relation at any node."""
        self._charge(STATED * (1 + sum(map(len, guard))))
        if self._are_long(_operands(relation, node)):
            return _Named(self, node).write(_shorten_relation(relation), _shorten_guard(guard))
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
        return sympy.And(*(_Each(self, node, place, made).write(relation, guard) for place in places))

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


class _Elements(ABC):
    """Writes a relation over the elements of a node's operands at an index of the node's."""

    def __init__(self, relations: Relations, node: Tensor, place: Sequence[Expr]) -> None:
        self.relations = relations
        self.node = node
        self.place = place

    @abstractmethod
    def element(self, tensor: Tensor, index: Sequence[Expr]) -> Basic:
        """An element of a tensor."""

    def value(self, tensor: Tensor, index: Sequence[Expr]) -> Basic:
        """An element of a tensor; of a boolean one, the condition that it is true."""
        made = self.element(tensor, index)
        return as_condition(made) if tensor.dtype == "bool" else made

    def matrix(self, position: int) -> Basic:
        """An operand that is a matrix, by its name."""
        tensor = self.node.args[position]
        return MatrixSymbol(self.relations.names.get(tensor.node, tensor.name), *tensor.shape[-2:])

    def letter(self, symbol: sympy.Symbol) -> Expr:
        """The index that a symbol of a row stands for."""
        return sympy.Symbol(symbol.name.strip("_"), integer=True)

    def write(self, relation: Boolean, guard: Guard) -> Boolean:
        """The relation, where the guard holds."""
        made = self.fill(relation)
        if made == sympy.true or guard is ALWAYS:
            return made
        if not isinstance(self.node.rule, Elementwise):  # Its operands have other axes.
            guard = frozenset(frozenset(lit for lit in conjunct if not lit[0].axes) for conjunct in guard)
        found = []
        for conjunct in sorted(guard, key=str):
            chosen = [self._choice(*literal) for literal in sorted(conjunct, key=str)]
            # What is chosen is known in the relation: where(x > 0, x, 1) is x there.
            known = dict.fromkeys(chosen, sympy.true) | {sympy.Not(c): sympy.false for c in chosen}
            inner = evaluate(made.xreplace(known)) if len(made.atoms(sympy.Piecewise)) <= NESTED else made
            found.append(sympy.Or(*map(sympy.Not, chosen), inner))
        return sympy.And(*found)

    def fill(self, relation: Boolean) -> Boolean:
        """The relation over elements of the operands."""
        return as_condition(_fill_relation(relation, self._values(relation)))

    def _values(self, relation: Boolean) -> dict[Basic, Basic]:
        """What stands for the symbols of a relation."""
        node, found = self.node, {}
        for symbol in sorted(relation.free_symbols, key=str):
            if symbol == OUT:
                found[symbol] = self.value(node, _align_index(node, self.place, node.ndim))
            elif isinstance(symbol, MatrixSymbol):
                found[symbol] = self.matrix(int(symbol.name[1:]))
            elif symbol.name.startswith(("_i", "_j")):
                found[symbol] = self.letter(symbol)
        for k, a in enumerate(node.args):
            if argument(k) in relation.free_symbols:
                found[argument(k)] = self.value(a, _align_index(a, self.place, node.ndim))
        for part in sorted(relation.atoms(Indexed, MatrixElement), key=lambda part: len(part.atoms(Indexed))):
            base = str(part.base if isinstance(part, Indexed) else part.parent).lstrip("_x")
            tensor = node if base == "out" else node.args[int(base)]
            index = [found.get(i, i) for i in part.args[1:]]
            batch = [self.letter(sympy.Symbol(f"_b{k}")) for k in range(tensor.ndim - len(index))]
            found[part] = self.value(tensor, [*batch, *index])
        return found

    def _choice(self, choice: Choice, holds: bool) -> Boolean:
        where = {a: self.place[k] for a, k in choice.axes}
        full = [where.get(a, sympy.S.Zero) for a in range(choice.rank)]
        spoken = {argument(k): self.relations.tensors[key] for k, key in enumerate(choice.keys)}
        made = self.fill_elements(choice.condition, spoken, full)
        return made if holds else sympy.Not(made)

    def fill_elements(
        self, condition: Boolean, spoken: Mapping[sympy.Symbol, Tensor], place: Sequence[Expr]
    ) -> Boolean:
        """A condition on elements of tensors that broadcast, at a place of their common shape."""
        values = {s: self.value(t, _align_index(t, place, len(place))) for s, t in spoken.items()}
        return as_condition(_fill_relation(condition, values))


class _Generic(_Elements):
    """Over generic elements, in index notation."""

    def __init__(self, relations: Relations, node: Tensor, spoken: Iterable[Tensor]) -> None:
        self.writer = ElementWriter(relations.normaliser, relations.taken)
        self.letters: dict[sympy.Symbol, sympy.Symbol] = {}
        thick = {k + node.ndim - t.ndim for t in spoken for k, d in enumerate(t.shape) if d != 1}
        place = [self.writer.name_index() if k in thick else sympy.S.Zero for k in range(node.ndim)]
        super().__init__(relations, node, place)

    def fill(self, relation: Boolean) -> Boolean:
        """The relation, in normal form where it is one of numbers."""
        operands = {OUT: self.node} | {argument(k): a for k, a in enumerate(self.node.args) if type(a) is Tensor}
        spoken = {s: t for s, t in operands.items() if s in relation.free_symbols}
        if len(spoken) < len(relation.free_symbols) or not isinstance(self.node.rule, Elementwise):
            return super().fill(relation)
        return self.fill_elements(relation, spoken, self.place)

    def fill_elements(
        self, condition: Boolean, spoken: Mapping[sympy.Symbol, Tensor], place: Sequence[Expr]
    ) -> Boolean:
        """The condition in normal form."""
        shape = broadcast(*(t.shape for t in spoken.values()))
        at = place[len(place) - len(shape) :]
        term = self.relations.state(condition, spoken, shape)
        return as_condition(self._write(term, [sympy.S.Zero if d == 1 else i for i, d in zip(at, shape)]))

    def element(self, tensor: Tensor, index: Sequence[Expr]) -> Basic:
        """An element in index notation."""
        return self._write(self.relations.term(tensor), index)

    def _write(self, term: Term, index: Sequence[Expr]) -> Basic:
        """An element of a term, short sums written out."""
        value = record.constant_value(term)
        made = write_out(evaluate(self.writer(term, list(index)))) if value is None else value
        made = self._open_reductions(made) if self.relations.reduced else made
        if any(c.has(sympy.Piecewise) for p in made.atoms(sympy.Piecewise) for _, c in p.args):
            raise TooLong(f"a choice in {self.node.name} depends on another one, which sympy can't compare")
        return made

    def _open_reductions(self, made: Basic) -> Basic:
        """An expression with reductions, whose elements stand there by name, over the elements of their operands."""
        opened: dict[Basic, Basic] = {}
        for part in sorted(made.atoms(Indexed, sympy.Symbol), key=str):
            name, index = (str(part.base), part.indices) if isinstance(part, Indexed) else (part.name, ())
            reduced = self.relations.reduced.get(name)
            if reduced is not None and len(index) == reduced.ndim:  # No name within an element stands by itself.
                opened[part] = reduce_elements(reduced, index, self.element, self.writer.name_index)
        return made.xreplace(opened) if opened else made

    def matrix(self, position: int) -> Basic:
        """An operand in matrix notation; a matrix of a batch by a name."""
        tensor = self.node.args[position]
        if tensor.ndim == 2:
            return matrix(self.relations.term(tensor), self.relations.normaliser)
        names = self.relations.names
        batch = ", ".join(str(self.letter(sympy.Symbol(f"_b{k}"))) for k in range(tensor.ndim - 2))
        return MatrixSymbol(f"{names.get(tensor.node, tensor.name)}[{batch}]", *tensor.shape[-2:])

    def letter(self, symbol: sympy.Symbol) -> Expr:
        """A letter of its own for each index."""
        if symbol not in self.letters:
            self.letters[symbol] = self.writer.name_index()
        return self.letters[symbol]


class _Named(_Elements):
    """Over elements of the operands by the names of these, whatever they were computed from."""

    def __init__(self, relations: Relations, node: Tensor) -> None:
        super().__init__(relations, node, [self.letter(sympy.Symbol(f"_n{k}")) for k in range(node.ndim)])

    def element(self, tensor: Tensor, index: Sequence[Expr]) -> Basic:
        """An element of the node."""
        name = self.relations.names.get(tensor.node, tensor.name)
        return IndexedBase(name, real=True)[tuple(index)] if index else sympy.Symbol(name, real=True)


class _Each(_Elements):
    """At one place, from elements that are written out."""

    def __init__(
        self, relations: Relations, node: Tensor, place: tuple[int, ...], made: Mapping[int, sympy.NDimArray]
    ) -> None:
        self.made = made
        super().__init__(relations, node, place)

    def element(self, tensor: Tensor, index: Sequence[Expr]) -> Basic:
        """One of the elements that are written out."""
        whole = self.made[tensor.node]
        return whole[tuple(map(int, index))] if index else whole


def _align_index(tensor: Tensor, place: Sequence[Expr], rank: int) -> list[Expr]:
    """The index of a tensor's element that broadcasting takes at a place."""
    own = place[rank - tensor.ndim :]
    return [sympy.S.Zero if d == 1 else i for i, d in zip(own, tensor.shape)]


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


def _fill_relation(relation: Boolean, values: Mapping[Basic, Basic]) -> Basic:
    """A relation with expressions for its symbols; sympy is not asked what it knows where these are symbols too."""
    if all(v.is_Atom for v in values.values()):
        return replace_symbols(relation, values)
    return fill_template(relation, values)
