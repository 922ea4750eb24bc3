"""Formulas of each member of a batch, or summed over its members."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import product
from operator import add

import sympy
from sympy.core.relational import StrictLessThan
from sympy.core.symbol import Str
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.stringpict import prettyForm, stringPict
from sympy.printing.printer import Printer
from sympy.tensor.array.expressions import ArraySymbol
from sympy.tensor.array.expressions.array_expressions import _ArrayExpr

from tracer.formulas.matrix.array_classes import ArrayAsMatrix, ShownAsArgument, take_member
from tracer.formulas.matrix.bodies import MatrixFunction, array_element
from tracer.formulas.matrix.index_latex import name_indices
from tracer.formulas.matrix.known import KnownArray, is_known, is_sized
from tracer.formulas.matrix.latex_text import bracket
from tracer.formulas.matrix.precedences import PRODUCT
from tracer.formulas.matrix.slices import ArrayPart
from tracer.formulas.matrix.text_printer import Text
from tracer.formulas.matrix.unevaluated import copier
from tracer.series import ExprWithLimits
from tracer.shapes import Dim, Shape


class ForEach(KnownArray, _ArrayExpr):  # type: ignore[misc]
    """A matrix, a column or a number for each place of the first axes.

    ``args`` are the formula of a member, the sizes of these axes, the shape of a member, and for each array its name,
    the array, and the positions of those of these axes that it has in front; in the formula, symbols of the names stand
    for members.
    """

    body = property(lambda self: self.args[0])
    shape = property(lambda self: (*self.args[1], *self.args[2]))

    def _entry(self, *at: sympy.Expr) -> sympy.Expr:
        """An element, in elements of the arrays."""
        body, sizes, _, *arrays = self.args
        inner = (*at[len(sizes) :], sympy.S.Zero)[:2]
        members = {}
        for name, array, axes in arrays:
            member = take_member(array, tuple(at[int(k)] for k in axes))
            members[_stand_for(name, array.shape[len(axes) :])] = member
        whole = body.xreplace(members)
        whole = whole.doit() if any(is_known(array) for _, array, _ in arrays) else whole
        return whole[inner] if hasattr(whole, "shape") else whole

    @property
    def free_symbols(self) -> set[sympy.Basic]:
        """The symbols of the arrays and of what is no member of one."""
        names = {str(name) for name, _, _ in self.args[3:]}
        found = {s for s in self.body.free_symbols if s.name not in names}
        return found.union(*(part.free_symbols for part in self.args[1:]))

    def _eval_subs(self, old: sympy.Basic, new: sympy.Basic) -> sympy.Basic | None:
        """The same of other arrays: symbols that stand for members are its own."""
        if str(getattr(old, "name", "")) not in {str(name) for name, _, _ in self.args[3:]}:
            return None
        return ForEach(self.body, *(part._subs(old, new) for part in self.args[1:]))

    def doit(self, **hints: object) -> sympy.Expr:
        known = all(is_known(array) for _, array, _ in self.args[3:]) and not self.free_symbols
        return self.as_explicit() if known and is_sized(self) else self

    def _get(self, item: Sequence[sympy.Expr]) -> sympy.Expr:
        return self._entry(*item)

    def _choose_indices(self, printer: Printer) -> list[sympy.Symbol | None]:
        """What a place of each axis is called; of an axis whose size has a name, nothing."""
        counted = [d.is_Integer for d in self.args[1]]
        letters = name_indices(printer, self) if any(counted) else iter(())
        return [sympy.Symbol(next(letters), integer=True) if c else None for c in counted]

    def name_body(self, printer: Printer) -> tuple[sympy.Expr, str]:
        """The formula of a member, and of which: a size with a name says it, of a number an index below it."""
        at = self._choose_indices(printer)
        places = (printer._print(d if k is None else StrictLessThan(k, d)) for k, d in zip(at, self.args[1]))
        members = {}
        for name, array, axes in self.args[3:] if any(at) else ():
            inner = array.shape[len(axes) :]
            symbol = _stand_for(name, inner)
            named = _take_named(symbol, [self.args[1][int(k)] for k in axes], [at[int(k)] for k in axes], inner)
            if named is not symbol:
                members[symbol] = named
        body = copier(self.body, {x: k for k, x in enumerate(members)})([*members.values()]) if members else self.body
        return body, ", ".join(places)

    def name_member(self, symbol: sympy.Expr, printer: Printer) -> tuple[sympy.Expr, sympy.Expr]:
        """A member of an array that is called as a symbol, and its formula."""
        inner = tuple(self.args[2])
        at = self._choose_indices(printer)
        return _take_named(_stand_for(symbol.name, inner), self.args[1], at, inner), self.name_body(printer)[0]

    def write_text(self, printer: Printer) -> str:
        body, places = self.name_body(printer)
        return f"{printer._print(body)} for each {places}"

    def write_latex(self, printer: Printer) -> str:
        body, places = self.name_body(printer)
        return rf"{printer._print(body)} \quad \text{{for each }} {places}"

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        body, places = self.name_body(Text())
        return prettyForm(*stringPict.next(printer._print(body), f" for each {places}"))


def _stand_for(name: Str, shape: Shape) -> sympy.Expr:
    """The symbol that stands for a member of a shape in the formula of each."""
    rows, columns = (*shape, 1)[:2] if shape else (0, 0)
    return sympy.MatrixSymbol(str(name), rows, columns) if shape else sympy.Symbol(str(name), real=True)


def _take_named(
    symbol: sympy.Expr, sizes: Sequence[Dim], at: Sequence[sympy.Symbol | None], inner: Shape
) -> sympy.Expr:
    """A member that a symbol stands for, with the indices that the places of some axes have."""
    named = [(d, k) for d, k in zip(sizes, at) if k is not None]
    if not named:
        return symbol
    array = ArraySymbol(symbol.name, (*(d for d, _ in named), *inner))
    place = [k for _, k in named]
    if not inner:
        return array_element(array, place)
    whole = (sympy.Tuple(sympy.S.Zero, d, sympy.S.One) for d in inner)
    return ArrayAsMatrix(sympy.Basic.__new__(ArrayPart, array, sympy.Tuple(*place, *whole)))


class BatchAsMatrix(ShownAsArgument, MatrixFunction):
    """The column or the matrix that the members of a batch make, where they are numbers or columns."""

    @property
    def shape(self) -> tuple[Dim, Dim]:
        rows, *columns = self.args[0].shape
        return rows, columns[0] if columns else sympy.S.One

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        (batch,) = self.args
        made: sympy.Expr = batch._entry(*(i, j)[: len(batch.shape)])
        return made

    def doit(self, **hints: object) -> sympy.Expr:
        made = self.args[0].doit(**hints)
        if not is_known(made):
            return BatchAsMatrix(made)
        return sympy.ImmutableDenseMatrix(*self.shape, list(sympy.flatten(made)))


class SumOverBatch(MatrixFunction):
    """The sum of the matrices or columns of a batch: the argument is what there is for each of its members."""

    @property
    def shape(self) -> tuple[Dim, Dim]:
        rows, *columns = self.args[0].args[2]
        return rows, columns[0] if columns else sympy.S.One

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        (batch,) = self.args
        inner = (i, j)[: len(batch.args[2])]
        if all(is_known(array) for _, array, _ in batch.args[3:]):
            places = product(*(map(sympy.Integer, range(int(d))) for d in batch.args[1]))
            return sympy.Add(*(batch._entry(*at, *inner) for at in places))
        at = [sympy.Dummy("k", dummy_index=10_000_107 + p, integer=True) for p, _ in enumerate(batch.args[1])]
        limits = [sympy.Tuple(k, sympy.S.Zero, d - 1) for k, d in zip(at, batch.args[1])]
        made: sympy.Expr = ExprWithLimits.__new__(sympy.Sum, batch._entry(*at, *inner), *limits)
        return made

    def doit(self, **hints: object) -> sympy.Expr:
        made = self.args[0].doit(**hints)
        if not is_known(made):
            return SumOverBatch(made)
        for _ in self.args[0].args[1]:
            made = reduce(add, made)
        return sympy.ImmutableDenseMatrix(*self.shape, list(sympy.flatten(made)))

    def write_text(self, printer: Printer) -> str:
        body, places = self.args[0].name_body(printer)
        return f"{printer._print(body)} summed over {places}"

    def write_latex(self, printer: Printer) -> str:
        body, places = self.args[0].name_body(printer)
        return rf"\sum_{{{places}}} {bracket(printer, body, PRODUCT)}"

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        body, places = self.args[0].name_body(Text())
        return prettyForm(*stringPict.next(printer._print(body), f" summed over {places}"))


BATCHES = ForEach, BatchAsMatrix, SumOverBatch
"""Formulas of each member of a batch, or summed over its members."""
