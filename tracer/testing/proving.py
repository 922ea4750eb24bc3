"""Proofs that the rules of the library are right: against sympy's derivatives of elements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast as typed

import sympy

from tracer.comparison.identities import Identity
from tracer.comparison.sympy_reading import SympyReader
from tracer.formulas.errors import FormulaError
from tracer.formulas.notations.components import Elements, ElementsReader
from tracer.ops.reshaping import reshape
from tracer.precise.arithmetic import UnsupportedError
from tracer.series import derivative
from tracer.shapes import size
from tracer.tensor import Tensor
from tracer.terms.work import Budget
from tracer.walk import ancestors

WORK = 4_000
"""The work that writing out elements, and their derivatives, may take."""

NUMBERS = 30_000
"""About how many numbers may be computed in a proof: those that take more are mostly of very many cases."""


class _Symbols(ElementsReader):
    """The elements of tensors, in symbols for those of the sources, and for what counts as constant.

    Attributes
    ----------
    values : dict
        What each symbol for a constant stands for.
    """

    def __init__(self, symbols: dict[int, list[sympy.Symbol]], constants: Sequence[Tensor], budget: Budget) -> None:
        super().__init__(budget)
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
        own = [sympy.Symbol(f"_held_{tensor.node}_{i}", real=True) for i in range(len(found.items))]
        self.values.update(zip(own, found.items))
        return Elements(found.shape, own)


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
        left = [part for t in exact for part in _split(t)]
        elements = {s.name: part for t in sources for s, part in zip(symbols[t.node], _split(t))}
        reader = SympyReader(elements, {})
        read = [reader.read(e) for e in right]
    except (FormulaError, UnsupportedError, ValueError, NotImplementedError, TypeError):
        return None
    if any(t.shape != () for t in read):
        return None
    shapes = {s.node: s.shape for s in sources}
    known, unknown = (Identity(left, read, shapes, NUMBERS, opaque=opaque) for opaque in (False, True))
    evidence = known.prove() or unknown.prove()
    return None if evidence is None else f"sympy's derivatives of the elements and the gradients are {evidence}"


def _first_largest(*parts: sympy.Expr) -> sympy.Expr:
    """The largest as a choice in which the first of equal ones wins, as it does in the library's rules."""
    first, *rest = parts
    for e in rest:
        first = sympy.Piecewise((first, first >= e), (e, True))
    return first


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
    budget = Budget(WORK, "a proof")
    reader = _Symbols(symbols, constants, budget)
    reader.walk(ancestors(primals))
    found = []
    for x in inputs:
        for symbol in symbols[x.node]:
            total = sympy.S.Zero
            for primal, cotangent in zip(primals, cotangents):
                for e, weight in zip(reader.parts[primal.node].items, symbols[cotangent.node]):
                    if symbol in e.free_symbols:
                        budget.spend(e.count_ops())
                        total += weight * derivative(e.replace(sympy.Max, _first_largest), symbol)
            total = total.replace(sympy.DiracDelta, lambda *_: sympy.S.Zero)
            for held, value in reversed(reader.values.items()):
                total = total.xreplace({held: value})
            budget.spend(1 + total.count_ops())
            if total.has(sympy.Derivative, sympy.Subs, sympy.nan):
                raise UnsupportedError("sympy has no derivative of it")
            found.append(total)
    return found
