"""From the trace to terms, an operation at a time, each brought into normal form before the next.

An elementwise template is walked as a sympy tree, a contraction is a product with its own labels, and a row says itself
what its term is, or is a function by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from hashlib import blake2b
from types import MappingProxyType
from typing import NamedTuple

import sympy

from tracer.declarations import as_assumed
from tracer.formulas.errors import FormulaError, TooLong, no_matrix_form
from tracer.formulas.lowering import named_terms, positions
from tracer.formulas.lowering.exchanged_ends import lower_exchanged
from tracer.formulas.lowering.known_arrays import find_computed, read_array, write_numbers
from tracer.formulas.lowering.template_terms import (
    indicate_condition,
    lower_condition,
    lower_template,
    spread_term,
)
from tracer.formulas.source_names import dimension_names, source_names
from tracer.ops.creation import elements
from tracer.reader import Reader
from tracer.rules import Elementwise, argument
from tracer.shapes import Literal, is_concrete
from tracer.tensor import SOURCES, Tensor, is_fixed_number
from tracer.terms import record as T
from tracer.terms.equations import Equations, symmetric_source
from tracer.terms.inequalities import Inequalities
from tracer.terms.normalise import Normaliser
from tracer.terms.record import ONE, Term
from tracer.terms.rules.standard import STANDARD
from tracer.terms.softmax import logsumexp
from tracer.terms.work import Budget
from tracer.walk import ancestors

LIMIT = 4000
"""How many operations a closed form may have."""

DEPTH = 120
"""How deep functions may be nested in a closed form."""

SHORT = 64
"""How many elements a vector of numbers may have to be written out."""


class Lowered(NamedTuple):
    """What a notation writes.

    Attributes
    ----------
    tensors : sequence of Tensor
    terms : list of Term
        Their terms.
    nodes : sequence of Tensor
        All that the tensors are computed from, and they themselves, in order.
    sources : dict
        The names of sources in the terms, by node.
    normaliser : Normaliser
        What brought the terms into normal form, and brings what is made of them.
    """

    tensors: Sequence[Tensor]
    terms: list[Term]
    nodes: Sequence[Tensor]
    sources: dict[int, str]
    normaliser: Normaliser

    @property
    def names(self) -> set[str]:
        """The names of all sources and dimensions of the program: nothing else is called so."""
        return dimension_names(self.nodes) | {self.sources[t.node] for t in self.nodes if t.node in self.sources}


def lower(tensors: Sequence[Tensor], assumed: Sequence[Tensor] = ()) -> list[Term]:
    """The terms of tensors, in normal form; see :func:`lower_program`."""
    return lower_program(tensors, assumed=assumed).terms


def lower_program(tensors: Sequence[Tensor], budget: Budget | None = None, assumed: Sequence[Tensor] = ()) -> Lowered:
    """The terms of tensors, in normal form, and what notations need beside them.

    Parameters
    ----------
    tensors : sequence of Tensor
    budget : Budget, optional
        What the work is taken from.
    assumed : sequence of Tensor
        What holds for sources: comparisons of two tensors.

    Raises
    ------
    TooLong
        If a closed form has more than ``LIMIT`` operations; the message names the form that has no limit.
    FormulaError
        If an operation has no term.
    """
    budget = Budget(subject=tensors[-1].name) if budget is None else budget
    own = ancestors(tensors)
    whole = ancestors([*tensors, *assumed]) if assumed else own
    budget.spend(len(whole))
    names = source_names(whole)
    nodes = ancestors(tensors, stop=is_fixed_number)
    n, sources, learnt = learn_assumptions(assumed, names, budget)
    return Lowered(tensors, _lower_nodes(n, tensors, nodes, names, sources, learnt), own, names, n)


RELATIONS = {
    "equal": sympy.Eq,
    "not_equal": sympy.Ne,
    "less": sympy.Lt,
    "less_equal": sympy.Le,
    "greater": sympy.Gt,
    "greater_equal": sympy.Ge,
}
"""The operations that compare two tensors."""


def learn_assumptions(
    assumed: Sequence[Tensor], names: dict[int, str], budget: Budget
) -> tuple[Normaliser, Mapping[int, Term], Equations | None]:
    """What reads terms where relations hold: the normaliser, the terms of their sources, and what replaces terms.

    The sources are marked with the relations: terms of equal sources are one object, and what is known of a source
    while a relation holds must not be known of the same source without it.
    """
    n = Normaliser(STANDARD, budget)
    if not assumed:
        return n, MappingProxyType({}), None
    equations = [t for t in assumed if t.op == "equal"]
    others = [t for t in assumed if t.op != "equal"]
    plain = [(t.op, *lower_sides(n, t, {}, names)) for t in assumed]
    symmetric = {s.name for op, *sides in plain if op == "equal" and (s := symmetric_source(n, *sides)) is not None}
    content = b"".join(op.encode() + left.key + right.key for op, left, right in plain)
    mark = f"given {blake2b(content, digest_size=16).hexdigest()}"
    sources: dict[int, Term] = {}
    for t in ancestors(assumed):
        term = NodeTerms(names).source(t) if t.rule in SOURCES else None
        if isinstance(term, T.Source):
            more = ["symmetric"] if term.name in symmetric else []
            sources[t.node] = T.source(term.name, term.shape, [*term.assumptions, *more, mark])
    inequalities = _learn_inequalities(n, others, sources, names)
    for node, term in sources.items():
        assert isinstance(term, T.Source)
        word = inequalities.word(n, term)
        if word is not None:
            sources[node] = T.source(term.name, term.shape, [*term.assumptions, as_assumed(word)])
    learnt = Equations(n, [lower_sides(n, e, sources, names) for e in equations])
    n = Normaliser((*learnt.rules, *STANDARD), budget)
    known = {node: learnt.replace(n, term) for node, term in sources.items()}
    inequalities = _learn_inequalities(n, others, known, names)
    if inequalities.contradict:
        told = (f"{_tell_side(a)} {RELATIONS[op].rel_op} {_tell_side(b)}" for op, a, b in plain if op != "equal")
        raise FormulaError(f"what is assumed can't hold together: {', '.join(told)}")
    return Normaliser((*inequalities.rules, *learnt.rules, *STANDARD), budget), known, learnt


def _tell_side(side: Term) -> str:
    """A side of a relation, for an error."""
    value = T.constant_value(side)
    return T.describe(side) if value is None else str(value)


def _learn_inequalities(
    n: Normaliser, assumed: Sequence[Tensor], sources: dict[int, Term], names: dict[int, str]
) -> Inequalities:
    """What relations that are no equations say of the terms of sources."""
    return Inequalities(n, [(RELATIONS[t.op], *lower_sides(n, t, sources, names)) for t in assumed])


def lower_sides(n: Normaliser, relation: Tensor, known: dict[int, Term], names: dict[int, str]) -> tuple[Term, Term]:
    """The terms of both sides of a relation, in its shape."""
    sides = [a for a in relation.args if isinstance(a, Tensor)]
    terms = dict(zip((a.node for a in sides), _lower_nodes(n, sides, ancestors(sides), names, known)))
    left, right = (
        n.normal(spread_term(terms[a.node], a.shape, relation.shape))
        if isinstance(a, Tensor)
        else T.number(a, relation.shape)
        for a in relation.args
    )
    return left, right


def _lower_nodes(
    n: Normaliser,
    tensors: Sequence[Tensor],
    nodes: Sequence[Tensor],
    names: dict[int, str],
    known: Mapping[int, Term] = MappingProxyType({}),
    equations: Equations | None = None,
) -> list[Term]:
    """The normal forms of tensors; the nodes are these and their ancestors, in order of creation.

    The terms of some nodes may be known before, and equations may replace each term that is found.
    """
    reader = NodeTerms(names, known, find_computed(nodes, tensors))
    memo = reader.parts
    partial = _find_partial_sums(nodes, tensors)
    summands: dict[int, Summands] = {}
    for t in nodes:
        if t.node in memo:
            continue
        if t.rule.facts.signs is not None:
            own = _list_summands(t, memo, summands)
            if len(own) > LIMIT:
                raise _too_long(tensors)
            if t.node in partial:
                summands[t.node] = own
                continue
            term = n.add(own)
        else:
            term = lower_exchanged(n, t, memo) or n.normal(reader.visit(t))
        memo[t.node] = term = term if equations is None else equations.replace(n, term)
        if term.weight > LIMIT or term.depth > DEPTH:
            raise _too_long(tensors)
    return [memo[t.node] for t in tensors]


def lower_node(n: Normaliser, reader: NodeTerms, tensor: Tensor, equations: Equations | None = None) -> Term:
    """The normal form of one tensor, those of its operands being known to the reader."""
    if tensor.rule.facts.signs is not None:
        term = n.add(_list_summands(tensor, reader.parts, {}))
    else:
        term = lower_exchanged(n, tensor, reader.parts) or n.normal(reader.visit(tensor))
    return term if equations is None else equations.replace(n, term)


def _too_long(tensors: Sequence[Tensor]) -> TooLong:
    """The error of a formula that nobody would read."""
    return TooLong(
        f"the closed form of {tensors[-1].name} has more than {LIMIT} operations, or functions nested deeper "
        f'than {DEPTH}; the form "steps" has no limit: tracer.formula(tensor, form="steps")'
    )


Summands = list[tuple[sympy.Expr, Term]]
"""Terms with their coefficients."""


def _find_partial_sums(nodes: Sequence[Tensor], results: Sequence[Tensor]) -> set[int]:
    """The sums that only another sum of their shape uses: ``a + b`` in ``a + b - c``, which is brought into normal form
    once, as a whole.
    """
    users: dict[int, list[Tensor]] = {}
    for t in nodes:
        for a in t.args:
            if isinstance(a, Tensor):
                users.setdefault(a.node, []).append(t)
    wanted = {t.node for t in results}
    return {
        t.node
        for t in nodes
        if t.rule.facts.signs is not None
        and t.node not in wanted
        and len(u := users.get(t.node, [])) == 1
        and u[0].rule.facts.signs is not None
        and u[0].shape == t.shape
    }


def _list_summands(t: Tensor, memo: dict[int, Term], partial: dict[int, Summands]) -> Summands:
    """The summands of a sum; a partial sum is taken apart."""
    found: Summands = []
    for sign, a in zip(t.rule.facts.signs or (1,) * len(t.args), t.args):
        if isinstance(a, Tensor) and a.node in partial:
            found += [(sign * c, u) for c, u in partial.pop(a.node)]
        else:
            term = memo[a.node] if isinstance(a, Tensor) else T.number(a)
            have = a.shape if isinstance(a, Tensor) else ()
            found.append((sign, spread_term(indicate_condition(term), have, t.shape)))
    return found


class NodeTerms(Reader[Term]):
    """The term of each operation, its arguments' terms being known; computed arrays are written number by number."""

    def __init__(
        self,
        names: Mapping[int, str],
        known: Mapping[int, Term] = MappingProxyType({}),
        computed: Set[int] = frozenset(),
    ) -> None:
        super().__init__()
        self.names = names
        self.computed = computed
        self.parts.update(known)

    def visit(self, tensor: Tensor) -> Term:
        """The term of a tensor; of one that is a number, the number."""
        if is_fixed_number(tensor) and tensor.rule not in SOURCES:
            return T.number(tensor.value)
        return super().visit(tensor)

    def literal(self, value: Literal) -> Term:
        """A number, or an expression in dimensions."""
        return T.number(value)

    def source(self, tensor: Tensor) -> Term:
        """A source by its name, with what is declared of it; a nameless number or array is itself."""
        array = write_numbers(tensor) if tensor.node in self.computed else read_array(tensor)
        if array is not None:
            return array
        if tensor.rule.name == "constant" and tensor.label is None and not tensor.shape and tensor.value is not None:
            value = tensor.value
            return T.number(sympy.true if value is True else sympy.false if value is False else value)
        known = [k for k, v in tensor.params if v] if isinstance(tensor.params, tuple) else []
        known += KNOWN_BY_DTYPE.get(tensor.dtype, [])
        return T.source(self.names[tensor.node], tensor.shape, known)

    def elementwise(self, tensor: Tensor, *parts: Term) -> Term:
        """The template, walked as a sympy tree."""
        assert isinstance(tensor.rule, Elementwise)
        shapes = [a.shape if isinstance(a, Tensor) else () for a in tensor.args]
        spread = [spread_term(u, s, tensor.shape) for u, s in zip(parts, shapes)]
        env = {argument(k): u for k, u in enumerate(spread)}
        lower = lower_condition if tensor.dtype == "bool" else lower_template
        return lower(tensor.rule.template, env, tensor.shape)

    def contraction(self, tensor: Tensor, *parts: Term) -> Term:
        """A product with the labels of the contraction; of booleans, the numbers 1 and 0."""
        scale, inputs, out = tensor.params.scale, tensor.params.inputs, tensor.params.output
        own = [labels[len(labels) - len(u.shape) :] for u, labels in zip(parts, inputs)]
        factors = [(indicate_condition(u), labels, ONE) for u, labels in zip(parts, own)]
        return T.product(scale, factors, out, dict(zip(out, tensor.shape)))

    def row(self, tensor: Tensor, *parts: Term) -> Term:
        """What the row says of its term; of one that is written by other operations, that of these."""
        if tensor.rule.written is not None:
            return self._write_out(tensor, parts)
        form = tensor.rule.term or TERMS.get(tensor.op)
        if form is not None:
            result: Term = form(tensor, *parts)
            return result
        if not tensor.rule.named:
            raise no_matrix_form(f"the operation {tensor.op!r}")
        return T.call(tensor.op, parts, tensor.params, tensor.shape)

    def _write_out(self, tensor: Tensor, parts: Sequence[Term]) -> Term:
        """The term of the operations that an operation is written by."""
        assert tensor.rule.written is not None
        whole = tensor.rule.written(tensor)
        if whole is None:
            raise no_matrix_form(f"the operation {tensor.op!r}")
        operands = {a.node: u for a, u in zip(tensor.args, parts) if isinstance(a, Tensor)}
        reader = NodeTerms(self.names, operands)
        for t in ancestors([whole], lambda t: t.node in operands):
            reader.parts.setdefault(t.node, reader.visit(t) if t.node not in operands else operands[t.node])
        return reader.parts[whole.node]


KNOWN_BY_DTYPE = {"bool": ["bool"], "int32": ["integer"], "int64": ["integer"]}
"""What the dtype of a source says of its elements."""


def _lower_cast(t: Tensor, x: Term) -> Term:
    source = t.args[0].dtype
    if t.dtype == "bool":
        return lower_condition(argument(0), {argument(0): x}, t.shape)
    x = indicate_condition(x)
    if source.startswith("float") and t.dtype.startswith("int"):
        zero = T.number(0, t.shape)
        return T.call(
            sympy.Piecewise,
            [T.call(sympy.floor, [x]), T.call(sympy.Ge, [x, zero]), T.call(sympy.ceiling, [x])],
        )
    return x


def _lower_logsumexp(t: Tensor, x: Term) -> Term:
    axes, keepdims = t.params
    term = logsumexp(x, axes)
    return T.broadcast(term, [k for k in range(t.ndim) if k not in axes], t.shape) if keepdims else term


def _lower_add_n(t: Tensor, *terms: Term) -> Term:
    shapes = [a.shape if isinstance(a, Tensor) else () for a in t.args]
    return T.add([(ONE, spread_term(indicate_condition(u), s, t.shape)) for u, s in zip(terms, shapes)])


def _lower_ones(t: Tensor, x: Term) -> Term:
    return T.number(1, t.shape)


def _lower_zeros(t: Tensor, x: Term) -> Term:
    return T.number(0, t.shape)


def _lower_numbers(t: Tensor, *unused: Term) -> Term:
    """A range or a shape, if it has few elements and they are known."""
    if not is_concrete(t.shape) or t.shape[0] > SHORT:
        raise no_matrix_form(f"the operation {t.op!r}")
    return positions.stack_terms([T.number(value) for value in elements(t)], 0, t.shape)


TERMS: dict[str, Callable[..., Term]] = {
    **named_terms.TERMS,
    **positions.TERMS,
    "add_n": _lower_add_n,
    "cast": _lower_cast,
    "ones_like": _lower_ones,
    "reduce_logsumexp": _lower_logsumexp,
    "shape": _lower_numbers,
    "zeros_like": _lower_zeros,
}
"""Terms of operations whose rows carry none."""
