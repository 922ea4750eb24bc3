"""Relations over elements of operands: over generic ones, by the names of nodes, or over elements that are given."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import sympy
from sympy import Basic, Expr, Indexed, IndexedBase, MatrixSymbol
from sympy.logic.boolalg import Boolean
from sympy.matrices.expressions.matexpr import MatrixElement

from tracer.explanations.guards import ALWAYS, Choice, Guard, replace_symbols
from tracer.explanations.reduced_elements import reduce_elements
from tracer.explanations.short_sums import evaluate, write_out
from tracer.formulas.errors import TooLong
from tracer.formulas.matrix.writer import matrix
from tracer.formulas.notations.index import ElementWriter
from tracer.formulas.truth_values import as_condition, fill_template
from tracer.rules import OUT, Elementwise, argument
from tracer.shapes import broadcast
from tracer.tensor import Tensor
from tracer.terms import record
from tracer.terms.record import Term

if TYPE_CHECKING:
    from tracer.explanations.relations import Relations

NESTED = 3
"""So many choices in one another are looked into: sympy takes long for more."""


class RelationElements(ABC):
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


class GenericElements(RelationElements):
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


class NamedElements(RelationElements):
    """Over elements of the operands by the names of these, whatever they were computed from."""

    def __init__(self, relations: Relations, node: Tensor) -> None:
        super().__init__(relations, node, [self.letter(sympy.Symbol(f"_n{k}")) for k in range(node.ndim)])

    def element(self, tensor: Tensor, index: Sequence[Expr]) -> Basic:
        """An element of the node."""
        name = self.relations.names.get(tensor.node, tensor.name)
        return IndexedBase(name, real=True)[tuple(index)] if index else sympy.Symbol(name, real=True)


class GivenElements(RelationElements):
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


def _fill_relation(relation: Boolean, values: Mapping[Basic, Basic]) -> Basic:
    """A relation with expressions for its symbols; sympy is not asked what it knows where these are symbols too."""
    if all(v.is_Atom for v in values.values()):
        return replace_symbols(relation, values)
    return fill_template(relation, values)
