"""Named common subexpressions in order: linear in the size of the graph, whatever its nesting."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import sympy
from sympy.matrices.expressions import MatrixSymbol
from sympy.tensor.array.expressions import ArraySymbol, Reshape

from tracer import series
from tracer.formulas.budget import FORMULA
from tracer.formulas.calls import call_pattern
from tracer.formulas.errors import FormulaError
from tracer.formulas.lowering.lower import NodeTerms
from tracer.formulas.matrix import unevaluated as build
from tracer.formulas.matrix.array_classes import apply_by_name
from tracer.formulas.matrix.writer import Writer
from tracer.formulas.source_names import source_names
from tracer.ops.selection import Array, Entry, Index
from tracer.reader import Reader
from tracer.rules import Elementwise, argument
from tracer.shapes import Literal, Shape
from tracer.tensor import Tensor, is_fixed_number
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.standard import STANDARD
from tracer.terms.work import Budget
from tracer.walk import ancestors

Pairs = list[tuple[sympy.Basic, sympy.Basic]]


def steps(tensors: Sequence[Tensor], budget: Budget) -> tuple[Pairs, list[sympy.Basic]]:
    """Each operation as a named expression in the symbols before it.

    Parameters
    ----------
    tensors : sequence of Tensor
    budget : Budget
        Not drawn on: each operation has the work of a formula of its own, so that steps grow with the graph alone.

    Returns
    -------
    (pairs, results)
        As ``sympy.cse`` does: a list of ``(symbol, expression)`` in order, and the results in those symbols.
    """
    plan = Plan(tensors)
    return [plan.pair(step) for step in plan.steps], plan.results()


@dataclass(eq=False, slots=True)
class Step:
    """A step: its tensor, what became of the tensor's arguments, and its name."""

    tensor: Tensor
    args: tuple[Place, ...]
    label: str = ""


Place: TypeAlias = "Step | Tensor | Literal"
"""What a tensor is called by in steps: a step, a source or number, or a literal."""


class Plan(Reader[Place]):
    """The steps of tensors in order, before any expression is made.

    Attributes
    ----------
    steps : list of Step
        Equal operations on equal arguments are one step, and copies are none.
    """

    def __init__(self, tensors: Sequence[Tensor]) -> None:
        super().__init__()
        self.names = source_names(ancestors(tensors))
        self.steps: list[Step] = []
        self._known: dict[tuple[Hashable, ...], Step] = {}
        self._symbols: dict[Step | Tensor, sympy.Basic] = {}
        self._builders: dict[Any, build.Builder] = {}
        self._results = self.read(tensors, stop=is_fixed_number)
        taken = set(self.names.values())
        free = (name for k in itertools.count() if (name := f"x{k}") not in taken)
        for step, label in zip(self.steps, free):
            step.label = label

    def visit(self, tensor: Tensor) -> Place:
        """A tensor's place; one that is a number stands for itself, and its arguments were not visited."""
        return tensor if is_fixed_number(tensor) else super().visit(tensor)

    def literal(self, value: Literal) -> Place:
        """A literal stands for itself."""
        return value

    def source(self, tensor: Tensor) -> Place:
        """A source stands for itself."""
        return tensor

    def elementwise(self, tensor: Tensor, *parts: Place) -> Place:
        """A copy is called as its argument."""
        copy = cast(Elementwise, tensor.rule).template == argument(0)
        return parts[0] if copy else self.row(tensor, *parts)

    def row(self, tensor: Tensor, *parts: Place) -> Place:
        """The step of an operation."""
        key = (tensor.rule, tensor.params, tensor.shape, *map(self._identity, parts))
        step = self._known.get(key)
        if step is None:
            step = self._known[key] = Step(tensor, parts)
            self.steps.append(step)
        return step

    contraction = row

    def _identity(self, place: Place) -> Hashable:
        """What equal arguments have in common: equal numbers, and sources of one name, are one."""
        if isinstance(place, Step):
            return place
        if isinstance(place, Tensor):
            return (self._written(place),) if _is_number(place) else self.names[place.node]
        return type(place), place

    def _written(self, place: Place) -> sympy.Basic:
        """The symbol of a step or source; a literal as it is."""
        if not isinstance(place, (Step, Tensor)):
            return place
        made = self._symbols.get(place)
        if made is None:
            if isinstance(place, Tensor):
                made = source_symbol(place, self.names.get(place.node, ""))
            else:
                made = symbol_for(place.label, place.tensor.shape)
            self._symbols[place] = made
        return made

    def pair(self, step: Step) -> tuple[sympy.Basic, sympy.Basic]:
        """The symbol of a step, and its expression in the symbols of those before."""
        args = list(map(self._written, step.args))
        return self._written(step), own_expression(step.tensor, args, self._builders)

    def arguments(self, step: Step) -> list[str]:
        """The arguments of a step as text."""
        return [str(self._written(place)) for place in step.args]

    def results(self) -> list[sympy.Basic]:
        """The tensors themselves, in the symbols of the steps."""
        return list(map(self._written, self._results))


def symbol_for(name: str, shape: Shape, assumptions: tuple[str, ...] = ()) -> sympy.Basic:
    """The symbol of a tensor of a shape: a matrix symbol for ranks 1 (a column) and 2."""
    if not shape:
        return sympy.Symbol(name, positive=True) if "positive" in assumptions else sympy.Symbol(name, real=True)
    if len(shape) == 1:
        return MatrixSymbol(name, shape[0], 1)
    return MatrixSymbol(name, *shape) if len(shape) == 2 else ArraySymbol(name, shape)


def source_symbol(t: Tensor, name: str) -> sympy.Basic:
    """The symbol of a source; a nameless number is itself."""
    if _is_number(t):
        return sympy.sympify(t.value) if isinstance(t.value, bool) else T.exact(t.value)
    known = tuple(k for k, v in t.params if v) if isinstance(t.params, tuple) else ()
    return symbol_for(name, t.shape, known)


def _is_number(t: Tensor) -> bool:
    """Whether a tensor is a number without a name."""
    nameless = t.rule.name == "constant" and t.label is None and t.value is not None
    return (nameless and not t.shape) or is_fixed_number(t)


def own_expression(
    t: Tensor, args: Sequence[sympy.Basic | Literal], builders: dict[Any, build.Builder] | None = None
) -> sympy.Basic:
    """The expression of one operation in the given symbols of its parents.

    Parameters
    ----------
    t : Tensor
    args : sequence
        A sympy object for each argument that is a tensor; literals as they are.
    builders : dict, optional
        What one reading has found so far, for operations that are alike.
    """
    known: dict[Any, build.Builder] = {} if builders is None else builders
    tensors = [(k, a) for k, a in enumerate(t.args) if isinstance(a, Tensor)]
    literals = tuple((type(a), a) for a in t.args if not isinstance(a, Tensor))
    positions: dict[int, int] = {}
    for k, a in tensors:
        positions.setdefault(a.node, k)
    pattern = tuple(positions[a.node] for _, a in tensors)
    shapes = tuple((a.shape, a.dtype) for _, a in tensors)
    key = (t.rule, t.params, t.shape, t.dtype, shapes, pattern, tuple(k for k, _ in tensors), literals)
    builder = known.get(key)
    if builder is None:
        builder = known[key] = _make_builder(t, tensors, pattern)
    given = [args[k] for k, _ in tensors]
    return builder([*given, *map(_convert_to_array, given)])


def _list_entries(t: Tensor) -> Iterable[Entry]:
    """The entries of the indices by which an operation takes elements or writes to them."""
    if t.op == "getitem":
        return cast(Index, t.params)
    return itertools.chain(*t.params) if t.op == "scatter" else ()


def _convert_to_array(symbol: sympy.Basic) -> sympy.Basic:
    """A column as the array of one axis that a vector is."""
    column = isinstance(symbol, MatrixSymbol) and symbol.shape[1] == 1
    return Reshape(symbol, (symbol.shape[0],)) if column else symbol


def _make_builder(t: Tensor, tensors: list[tuple[int, Tensor]], pattern: tuple[int, ...]) -> build.Builder:
    """What makes the expression of an operation from those of its arguments, as columns and then as arrays."""
    slots = {p: symbol_for(f"_{p}", t.args[p].shape) for p in pattern}
    where = [n for n, (k, _) in enumerate(tensors) if k in slots]
    filling = {slots[tensors[n][0]]: n for n in where}
    vectors = [s for p, s in slots.items() if len(t.args[p].shape) == 1]
    filling |= {ArraySymbol(s.name, (s.shape[0],)): len(tensors) + filling[s] for s in vectors}
    if isinstance(t.rule, Elementwise) and not t.shape:
        values = {argument(k): slots[p] for (k, _), p in zip(tensors, pattern)}
        values |= {argument(k): T.exact(a) for k, a in enumerate(t.args) if not isinstance(a, Tensor)}
        template = t.rule.template.xreplace(values)
        if template.has(series.ExprWithLimits):
            return lambda args: series.substitute(template, {slot: args[n] for slot, n in filling.items()})
        return build.copier(template, filling)
    memo: dict[int, T.Term] = {}
    for (_, a), p in zip(tensors, pattern):
        memo[a.node] = T.source(f"_{p}", a.shape)
    op, shape, count = t.op, t.shape, len(tensors)
    if any(isinstance(entry, Array) for entry in _list_entries(t)):
        written = call_pattern(t.op, t.params, shape, [a.shape for _, a in tensors])
        return lambda args: apply_by_name(op, written, shape, args[:count])
    try:
        # A step is given or refused by itself, whatever the work of the others was.
        n = Normaliser(STANDARD, Budget(FORMULA, t.name))
        skeleton = Writer(n).write(n.normal(NodeTerms({}, memo).visit(t)))
    except FormulaError:
        written = call_pattern(t.op, t.params, shape, [a.shape for _, a in tensors])
        return lambda args: apply_by_name(op, written, shape, args[:count])
    return build.copier(skeleton, filling)
