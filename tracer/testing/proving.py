"""Proofs that the rules of the library are right: against sympy's derivatives of elements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import cast as typed

import sympy

from tracer.comparison.identities import Evidence, Identity
from tracer.comparison.sympy_reading import SympyReader
from tracer.formulas.errors import FormulaError
from tracer.formulas.notations.components import Elements, ElementsReader
from tracer.ops.reshaping import reshape
from tracer.precise.arithmetic import UnsupportedError
from tracer.rules import Elementwise
from tracer.scalar import Named, step
from tracer.series import derivative
from tracer.shapes import Shape, size
from tracer.tensor import Tensor, placeholder
from tracer.terms.work import Budget
from tracer.walk import ancestors

WORK = 4_000
"""The work that writing out elements, and their derivatives, may take."""

NUMBERS = 30_000
"""About how many numbers may be computed in a proof: those that take more are mostly of very many cases."""

HELD = 1_000_000
"""The symbols of what is constant come after those of so many sources."""

CHOICES = sympy.Piecewise, sympy.Abs, sympy.sign, sympy.Max, sympy.Min, sympy.Heaviside, Named, step
"""What depends on signs."""


class _Symbols(ElementsReader):
    """The elements of tensors, in symbols for those of the sources, and for what counts as constant.

    Attributes
    ----------
    values : dict
        What each symbol for a constant stands for.
    """

    def __init__(self, symbols: dict[int, list[sympy.Symbol]], constants: Sequence[Tensor]) -> None:
        super().__init__(Budget(WORK, "a proof"))
        self.symbols, self.constants = symbols, {t.node for t in constants}
        self.values: dict[sympy.Symbol, sympy.Basic] = {}

    def source(self, tensor: Tensor) -> Elements:
        """The symbols of a source; the numbers of a constant."""
        if tensor.node in self.symbols:
            return Elements(typed("tuple[int, ...]", tensor.shape), self.symbols[tensor.node])
        if tensor.value is None:
            raise UnsupportedError(f"{tensor.name} is no input")
        return Elements(tensor.shape, [sympy.nsimplify(v, rational=True) for v in tensor.numpy().ravel().tolist()])

    def visit(self, tensor: Tensor) -> Elements:
        """The elements; new symbols where they count as constant."""
        found = super().visit(tensor)
        if tensor.node not in self.constants:
            return found
        own = [sympy.Symbol(f"_{tensor.node + HELD}_{i}", real=True) for i in range(len(found.items))]
        self.values.update(zip(own, found.items))
        return Elements(found.shape, own)

    def release(self, e: sympy.Expr) -> sympy.Expr:
        """An expression with what constants stand for."""
        for held, value in reversed(self.values.items()):
            e = e.xreplace({held: value})
        return e


def _write_elements(
    tensors: Sequence[Tensor], symbols: dict[int, list[sympy.Symbol]], constants: Sequence[Tensor]
) -> list[sympy.Expr]:
    """The elements of tensors."""
    reader = _Symbols(symbols, constants)
    reader.walk(ancestors(tensors))
    return [reader.release(e) for t in tensors for e in reader.parts[t.node].items]


def prove_by_elements(
    exact: Sequence[Tensor], primals: Sequence[Tensor], sources: Sequence[Tensor], constants: Sequence[Tensor] = ()
) -> str | None:
    """The proof that derivatives are those which sympy finds of the elements of what is computed; None without one.

    Parameters
    ----------
    exact : sequence of Tensor
        The derivatives by the first of the sources, of numeric shapes.
    primals : sequence of Tensor
        What is differentiated; the last of the sources are its cotangents.
    sources : sequence of Tensor
    constants : sequence of Tensor, optional
        What counts as a constant though it depends on sources.
    """
    try:
        symbols = {
            s.node: [sympy.Symbol(f"_{k}_{i}", real=True) for i in range(int(size(s.shape)))]
            for k, s in enumerate(sources)
        }
        inputs, cotangents = sources[: len(exact)], sources[len(sources) - len(primals) :]
        right = _differentiate(primals, inputs, cotangents, symbols, constants)
        templates = [t.rule.template for t in ancestors(exact) if isinstance(t.rule, Elementwise)]
        if any(map(_asks_signs, [*templates, *right])):
            evidence = _prove_each(_write_elements(exact, symbols, constants), right)
        else:
            elements = {s.name: part for t in sources for s, part in zip(symbols[t.node], _split(t))}
            left = [part for t in exact for part in _split(t)]
            evidence = _prove_pairs(left, right, elements, {s.node: s.shape for s in sources})
    except (FormulaError, UnsupportedError, ValueError, NotImplementedError, TypeError):
        return None
    return None if evidence is None else f"sympy's derivatives of the elements and the gradients are {evidence}"


def _prove_pairs(
    left: Sequence[Tensor], right: Sequence[sympy.Expr], elements: Mapping[str, Tensor], shapes: Mapping[int, Shape]
) -> Evidence | None:
    """The evidence that tensors are what expressions say, in symbols for the elements of sources."""
    reader = SympyReader(elements, {})
    read = [reader.read(e) for e in right]
    if any(t.shape != () for t in read):
        return None
    known, unknown = (Identity(left, read, shapes, NUMBERS, opaque=opaque) for opaque in (False, True))
    return known.prove() or unknown.prove()


def _prove_each(left: Sequence[sympy.Expr], right: Sequence[sympy.Expr]) -> Evidence | None:
    """The weakest of the evidences for each pair of expressions; None if one is not known to be equal.

    All patterns of signs by which something is chosen have to occur: far more in all elements together than in each.
    Pairs of the same symbols ask for the same signs, as a rule, and are proved together, those that are the same but
    for the names of their symbols once.
    """
    groups: dict[tuple[sympy.Symbol, ...], dict[tuple[sympy.Expr, sympy.Expr], None]] = {}
    for x, y in chain.from_iterable(map(_split_sums, left, right)):
        own = tuple(sorted(x.free_symbols | y.free_symbols, key=_order))
        renamed = {s: sympy.Symbol(f"x{k}", real=True) for k, s in enumerate(own)}
        groups.setdefault(own, {})[x.xreplace(renamed), y.xreplace(renamed)] = None
    found: dict[tuple[tuple[sympy.Expr, sympy.Expr], ...], Evidence | None] = {}

    def holds(pairs: tuple[tuple[sympy.Expr, sympy.Expr], ...], count: int) -> bool:
        if pairs not in found:
            found[pairs] = _prove_of_numbers(pairs, count)
        return found[pairs] is not None

    for own, pairs in groups.items():
        if not holds(tuple(pairs), len(own)) and not all(holds((pair,), len(own)) for pair in pairs):
            return None
    return min((e for e in found.values() if e is not None), key=lambda e: e.exponent, default=None)


def _prove_of_numbers(pairs: Sequence[tuple[sympy.Expr, sympy.Expr]], count: int) -> Evidence | None:
    """The evidence that expressions of so many numbers are equal in pairs."""
    sources = [placeholder(f"x{k}", ()) for k in range(count)]
    reader = SympyReader({t.name: t for t in sources}, {})
    left, right = ([reader.read(e) for e in side] for side in zip(*pairs))
    # Of numbers there are elementwise operations alone, which are no unknown functions.
    return Identity(left, right, {t.node: () for t in sources}, NUMBERS).prove()


def _split_sums(left: sympy.Expr, right: sympy.Expr) -> list[tuple[sympy.Expr, sympy.Expr]]:
    """Pairs whose sums two expressions are: what is of the same symbols, if that is the same in both."""
    x, y = map(_group_terms, (left, right))
    return [(x[key], y[key]) for key in x] if x.keys() == y.keys() else [(left, right)]


def _group_terms(e: sympy.Expr) -> dict[frozenset[sympy.Symbol], sympy.Expr]:
    """The terms of a sum, those of the same symbols together."""
    found: dict[frozenset[sympy.Symbol], sympy.Expr] = {}
    for term in sympy.Add.make_args(e):
        key = frozenset(term.free_symbols)
        found[key] = found.get(key, sympy.S.Zero) + term
    return found


def _order(symbol: sympy.Symbol) -> list[int]:
    """The source of an element, and its position."""
    return [int(k) for k in symbol.name.split("_")[1:]]


def _write_choice(c: sympy.Basic, x: sympy.Basic, y: sympy.Basic) -> sympy.Basic:
    """A condition that is one of two by a third, without a word for that."""
    return sympy.Or(sympy.And(c, x), sympy.And(sympy.Not(c), y))


def _asks_signs(e: sympy.Basic) -> bool:
    """Whether an expression is another, or none, by the sign of something."""
    return e.has(*CHOICES) or any(p.exp.is_integer is False for p in e.atoms(sympy.Pow))


def _is_extreme(e: sympy.Basic) -> bool:
    return isinstance(e, (sympy.Max, sympy.Min))


def _choose_first(extreme: sympy.Expr) -> sympy.Expr:
    """A largest or least element as a choice in which the first of equal ones wins, as in the library's rules.

    An element that is no less than all later ones wins where none before it does.
    """
    elements = sorted(extreme.args, key=lambda e: min(map(_order, e.free_symbols), default=[]))
    wins = sympy.Ge if isinstance(extreme, sympy.Max) else sympy.Le
    choices = [(e, sympy.And(*(wins(e, other) for other in elements[k:]))) for k, e in enumerate(elements, 1)]
    return sympy.Piecewise(*choices)


def _split(tensor: Tensor) -> list[Tensor]:
    """The elements of a tensor."""
    flat = reshape(tensor, (-1,))
    return [flat[i] for i in range(int(size(tensor.shape)))]


def _differentiate(
    primals: Sequence[Tensor],
    inputs: Sequence[Tensor],
    cotangents: Sequence[Tensor],
    symbols: dict[int, list[sympy.Symbol]],
    constants: Sequence[Tensor],
) -> list[sympy.Expr]:
    """The derivatives of the weighted sum of elements by those of inputs."""
    reader = _Symbols(symbols, constants)
    reader.walk(ancestors(primals))
    elements = [[e.replace(_is_extreme, _choose_first) for e in reader.parts[p.node].items] for p in primals]
    found = []
    for x in inputs:
        for symbol in symbols[x.node]:
            total = sympy.S.Zero
            for own, cotangent in zip(elements, cotangents):
                for e, weight in zip(own, symbols[cotangent.node]):
                    if symbol in e.free_symbols:
                        reader.budget.spend(e.count_ops())
                        total += weight * derivative(e, symbol)
            total = total.replace(sympy.DiracDelta, lambda *_: sympy.S.Zero).replace(sympy.ITE, _write_choice)
            total = reader.release(total)
            reader.budget.spend(1 + total.count_ops())
            if total.has(sympy.Derivative, sympy.Subs, sympy.nan):
                raise UnsupportedError("sympy has no derivative of it")
            found.append(total)
    return found
