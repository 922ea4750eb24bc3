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


class BatchArray(KnownArray, _ArrayExpr):  # type: ignore[misc]
    """An array of what there is for each member of a batch."""

    def _get(self, item: Sequence[sympy.Expr]) -> sympy.Expr:
        return self._entry(*item)


class ForEach(BatchArray):
    """A matrix, a column, a number or an array for each place of the first axes.

    ``args`` are the formula of a member, the sizes of these axes, the shape of a member, and for each array its name,
    the array, and which of these axes its first ones are, by position, or -1 for an axis of a member; in the formula,
    symbols of the names stand for members.
    """

    body = property(lambda self: self.args[0])
    shape = property(lambda self: (*self.args[1], *self.args[2]))

    def _entry(self, *at: sympy.Expr) -> sympy.Expr:
        """An element, in elements of the arrays."""
        body, sizes, own, *arrays = self.args
        inner = at[len(sizes) :] if len(own) > 2 else (*at[len(sizes) :], sympy.S.Zero)[:2]
        members = {}
        for name, array, axes in arrays:
            members[_stand_for(name, _list_own(array.shape, axes))] = _take(array, axes, at)
        whole = body.xreplace(members)
        whole = whole.doit() if any(is_known(array) for _, array, _ in arrays) else whole
        if len(own) > 2:
            return array_element(whole, inner)
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
            symbol = _stand_for(name, _list_own(array.shape, axes))
            named = _take_named(symbol, array.shape, axes, at)
            if named is not symbol:
                members[symbol] = named
        body = copier(self.body, {x: k for k, x in enumerate(members)})([*members.values()]) if members else self.body
        return body, ", ".join(places)

    def name_member(self, symbol: sympy.Expr, printer: Printer) -> tuple[sympy.Expr, sympy.Expr]:
        """A member of an array that is called as a symbol, and its formula."""
        inner = tuple(self.args[2])
        at = self._choose_indices(printer)
        left = _take_named(_stand_for(symbol.name, inner), self.shape, range(len(at)), at)
        return left, self.name_body(printer)[0]

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
    if len(shape) > 2:
        return ArraySymbol(str(name), shape)
    rows, columns = (*shape, 1)[:2] if shape else (0, 0)
    return sympy.MatrixSymbol(str(name), rows, columns) if shape else sympy.Symbol(str(name), real=True)


def _spread_axes(shape: Shape, axes: Sequence[sympy.Expr]) -> list[int]:
    """Which axis of a batch each axis of an array is, or -1; those that are not told are a member's."""
    return [*map(int, axes), *(-1 for _ in shape[len(axes) :])]


def _list_own(shape: Shape, axes: Sequence[sympy.Expr]) -> Shape:
    """The shape of a member of an array."""
    return tuple(d for d, k in zip(shape, _spread_axes(shape, axes)) if k < 0)


def _take(array: sympy.Expr, axes: Sequence[sympy.Expr], at: Sequence[sympy.Expr]) -> sympy.Expr:
    """The member of an array at a place of the batch."""
    spread = _spread_axes(array.shape, axes)
    outer = tuple(at[k] for k in spread if k >= 0)
    if -1 not in spread[: len(outer)] and spread.count(-1) < 3:
        return take_member(array, outer)
    whole = [sympy.Tuple(sympy.S.Zero, d, sympy.S.One) if k < 0 else at[k] for d, k in zip(array.shape, spread)]
    part = sympy.Basic.__new__(ArrayPart, array, sympy.Tuple(*whole))
    if not is_known(array):
        return part if spread.count(-1) > 2 else ArrayAsMatrix(part)
    rows, *columns = part.shape

    def find(*own: sympy.Expr) -> sympy.Expr:
        left = iter(own)
        return array[tuple(next(left) if k < 0 else int(at[k]) for k in spread)]

    if spread.count(-1) > 2:
        places = product(*(range(int(d)) for d in part.shape))
        return sympy.ImmutableDenseNDimArray([find(*own) for own in places], part.shape)
    return sympy.ImmutableDenseMatrix(rows, columns[0] if columns else 1, find)


def _take_named(
    symbol: sympy.Expr, shape: Shape, axes: Sequence[sympy.Expr], at: Sequence[sympy.Symbol | None]
) -> sympy.Expr:
    """A member that a symbol stands for, with the indices that the places of some axes of its array have."""
    spread = _spread_axes(shape, axes)
    kept = [(d, None if k < 0 else at[k]) for d, k in zip(shape, spread) if k < 0 or at[k] is not None]
    if all(place is None for _, place in kept):
        return symbol
    array = ArraySymbol(symbol.name, tuple(d for d, _ in kept))
    if -1 not in spread:
        return array_element(array, [place for _, place in kept])
    places = (sympy.Tuple(sympy.S.Zero, d, sympy.S.One) if place is None else place for d, place in kept)
    part = sympy.Basic.__new__(ArrayPart, array, sympy.Tuple(*places))
    return part if spread.count(-1) > 2 else ArrayAsMatrix(part)


class MovedBatch(ShownAsArgument, BatchArray):
    """The array of what there is for each member of a batch whose axes are not the first ones: ``args`` are that, and
    which axes they are.
    """

    @property
    def shape(self) -> Shape:
        batch, places = self.args
        own = iter(batch.args[2])
        outer = dict(zip(map(int, places), batch.args[1]))
        return tuple(outer[k] if k in outer else next(own) for k in range(len(batch.shape)))

    def _entry(self, *at: sympy.Expr) -> sympy.Expr:
        batch, places = self.args
        outer = [int(k) for k in places]
        return batch._entry(*(at[k] for k in outer), *(a for k, a in enumerate(at) if k not in outer))

    def doit(self, **hints: object) -> sympy.Expr:
        made = self.args[0].doit(**hints)
        return self.as_explicit() if is_known(made) else MovedBatch(made, self.args[1])


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


BATCHES = ForEach, MovedBatch, BatchAsMatrix, SumOverBatch
"""Formulas of each member of a batch, or summed over its members."""


def find_member(e: sympy.Expr) -> sympy.Expr:
    """The formula of a member of a batch, whatever stands around it; of anything else itself."""
    while isinstance(e, BATCHES):
        e = e.args[0]
    return e
