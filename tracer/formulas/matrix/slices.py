"""Parts of matrices and matrices that are put together, as a person writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, SupportsIndex

import sympy
from sympy.matrices import MatrixBase
from sympy.matrices.expressions import ZeroMatrix, slice
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.stringpict import prettyForm, stringPict
from sympy.printing.printer import Printer
from sympy.tensor.array.expressions import ArraySymbol
from sympy.tensor.array.expressions.array_expressions import _ArrayExpr

from tracer.formulas.matrix import classes as N
from tracer.formulas.matrix.bodies import (
    DrawnInLine,
    MatrixFunction,
    array_element,
    element,
    piecewise,
)
from tracer.formulas.matrix.filled_blocks import find_padding
from tracer.formulas.matrix.known import Kept, Known, KnownArray
from tracer.formulas.matrix.latex_text import bracket, show_sizes, write_call, write_subscript
from tracer.formulas.matrix.padded_arrays import write_pad
from tracer.formulas.matrix.precedences import ATOM
from tracer.formulas.matrix.pretty_text import draw_part
from tracer.formulas.matrix.unevaluated import ARRAYS
from tracer.shapes import Dim

Spell = Callable[[sympy.Expr], str]
"""What writes a bound of a slice."""


class Typeset:
    """How a part is typeset: with its places as an index."""

    args: tuple[sympy.Basic, ...]

    def write_text(self, printer: Printer) -> str:
        return f"{printer.parenthesize(self.args[0], ATOM, strict=True)}[{', '.join(list_spans(self, printer._print))}]"

    def write_latex(self, printer: Printer) -> str:
        return write_subscript(bracket(printer, self.args[0], ATOM), ",".join(list_spans(self, printer._print)))

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        at = prettyForm(f"[{', '.join(list_spans(self, str))}]")
        return prettyForm(*stringPict.next(draw_part(printer, self.args[0], ATOM), at), binding=prettyForm.ATOM)


class MatrixSlice(Known, Typeset, slice.MatrixSlice):  # type: ignore[misc]
    """Rows and columns of a matrix: ``args`` are the matrix and start, stop and step of its rows and of its columns."""

    precedence = ATOM

    def __new__(cls, whole: sympy.Expr, rows: sympy.Tuple, columns: sympy.Tuple) -> MatrixSlice:
        made: MatrixSlice = MatrixExpr.__new__(cls, whole, rows, columns)
        return made

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        return element(self, i, j)

    def locate(self, i: sympy.Expr, j: sympy.Expr) -> tuple[MatrixExpr, sympy.Expr, sympy.Expr]:
        """The whole, and where in it an element stands."""
        (row, _, down), (column, _, across) = self.args[1:]
        return self.args[0], row + down * i, column + across * j


class Part(Typeset, MatrixFunction):
    """A row as a column, or rows and columns in any order: ``args`` are the matrix, its rows and its columns.

    Either is start, length and step, or one place, or a column of integers, which are places.
    """

    precedence = ATOM

    @property
    def shape(self) -> tuple[Dim, Dim]:
        rows, columns = map(_count_places, self.args[1:])
        return (columns, sympy.S.One) if rows is None else (rows, columns)

    def locate(self, i: sympy.Expr, j: sympy.Expr) -> tuple[MatrixExpr, sympy.Expr, sympy.Expr]:
        """The whole, and where in it an element stands."""
        m, rows, columns = self.args
        if _count_places(rows) is None:
            return m, rows, _find_place(columns, i)
        return m, _find_place(rows, i), _find_place(columns, j)

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        return element(self, i, j)


def _count_places(places: sympy.Basic) -> Dim | None:
    """How many places are taken of an axis; None of one place, without which the axis is gone."""
    if isinstance(places, (MatrixExpr, MatrixBase)):
        return places.shape[0]
    return places[1] if isinstance(places, sympy.Tuple) else None


def _find_place(places: sympy.Basic, k: sympy.Expr) -> sympy.Expr:
    """One of several places by its number."""
    if isinstance(places, sympy.Tuple):
        return places[0] + places[2] * k
    found = element(places, k)
    return sympy.Integer(found) if found.is_number else found


class ArrayPart(KnownArray, Typeset, _ArrayExpr):  # type: ignore[misc]
    """A part of an array: ``args`` are the array, and start, length and step, or one place, for each of its axes."""

    precedence = ATOM

    @property
    def shape(self) -> tuple[Dim, ...]:
        return tuple(p[1] for p in self.args[1] if isinstance(p, sympy.Tuple))

    def _get(self, item: Sequence[sympy.Expr]) -> sympy.Expr:
        at = iter(item)
        return array_element(
            self.args[0], tuple(p[0] + p[2] * next(at) if isinstance(p, sympy.Tuple) else p for p in self.args[1])
        )

    def _entry(self, *at: sympy.Expr) -> sympy.Expr:
        return self._get(at)


def list_places(e: sympy.Expr) -> list[sympy.Basic]:
    """What a part takes along each axis of the whole: start, length and step, or one place."""
    if isinstance(e, ArrayPart):
        return list(e.args[1])
    if isinstance(e, Part):
        return list(e.args[1:])
    rows, columns = (sympy.Tuple(low, d, step) for (low, _, step), d in zip(e.args[1:], e.shape))
    return [rows, columns[0] if columns[1] == 1 and e.args[0].shape[1] != 1 else columns]


def list_spans(e: sympy.Expr, spell: Spell) -> list[str]:
    """What a part takes along each axis, as text: of a vector along its only one, of a whole row which row that is.

    Of an array, the whole axes at the end are left out.
    """
    whole = e.args[0]
    spans = [write_span(p, d, spell) for p, d in zip(list_places(e), whole.shape)]
    if isinstance(e, ArrayPart):
        while spans[-1] == ":":
            spans.pop()
        return spans
    if isinstance(whole, MatrixExpr) and whole.shape[1] == 1:
        return spans[:1]
    return spans[:1] if isinstance(e, Part) and spans[1] == ":" and not isinstance(e.args[1], sympy.Tuple) else spans


def write_span(places: sympy.Basic, size: Dim, spell: Spell) -> str:
    """Places of an axis as text: ``1:-1``, ``::2``, ``::-1``."""
    if not isinstance(places, sympy.Tuple):
        return spell(places)

    def bound(d: sympy.Expr) -> str:
        back = sympy.expand(d - size)
        return spell(back) if back.is_Integer and back < 0 and not sympy.sympify(size).is_Integer else spell(d)

    start, length, step = places
    last = start + (length - 1) * step
    room = size - 1 - start if step > 0 else start
    whole = length == sympy.floor(sympy.expand(room / abs(step) + 1)) or sympy.expand(last - start - room) == 0
    low = "" if start == (0 if step > 0 else size - 1) else bound(start)
    high = "" if whole else bound(sympy.expand(last + (1 if step > 0 else -1)))
    return f"{low}:{high}" + (f":{step}" if step != 1 else "")


def take_part(m: MatrixExpr, rows: sympy.Basic, columns: sympy.Basic) -> MatrixExpr:
    """Rows and columns of a matrix, of which one at the most is a single place: ``A[1:, 0]``, ``A[1]``."""
    if isinstance(rows, sympy.Tuple) and _count_places(columns) is None:
        columns = sympy.Tuple(columns, 1, 1)
    forwards = all(isinstance(p, sympy.Tuple) and p[2] > 0 for p in (rows, columns))
    if not forwards:
        return sympy.Basic.__new__(Part, m, rows, columns)
    spans = [sympy.Tuple(start, start + length * step, step) for start, length, step in (rows, columns)]
    return sympy.Basic.__new__(MatrixSlice, m, *spans)


def _choose_block(i: sympy.Expr, sizes: Sequence[Dim], take: Callable[[int, sympy.Expr], sympy.Expr]) -> sympy.Expr:
    """What is taken of the block in which an index is, given the block's number and the index within it."""
    branches: list[tuple[sympy.Expr, sympy.Basic]] = []
    end: Dim = sympy.S.Zero
    for k, size in enumerate(sizes):
        start, end = end, end + size
        above = sympy.true if k == 0 else sympy.Ge(i, start)
        test = above if k == len(sizes) - 1 else sympy.And(above, sympy.Lt(i, end))
        if test != sympy.false:
            branches.append((take(k, i - start), test))
    return piecewise(branches)


class Concatenation(DrawnInLine, MatrixFunction):
    """Matrices one below another."""

    @property
    def shape(self) -> tuple[Dim, Dim]:
        return sympy.Add(*(m.shape[0] for m in self.args)), self.args[0].shape[1]

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        return _choose_block(i, [m.shape[0] for m in self.args], lambda k, row: element(self.args[k], row, j))

    def write_text(self, printer: Printer) -> str:
        return f"concat({', '.join(_print_block(m, printer) for m in self.args)})"

    def write_latex(self, printer: Printer) -> str:
        return _typeset_blocks([[m] for m in self.args], printer)


class Blocks(DrawnInLine, MatrixFunction):
    """A matrix of blocks: ``args`` are its rows of matrices."""

    @property
    def shape(self) -> tuple[Dim, Dim]:
        return sympy.Add(*(row[0].shape[0] for row in self.args)), sympy.Add(*(m.shape[1] for m in self.args[0]))

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        heights = [row[0].shape[0] for row in self.args]
        widths = [m.shape[1] for m in self.args[0]]
        return _choose_block(
            i, heights, lambda k, row: _choose_block(j, widths, lambda q, column: element(self.args[k][q], row, column))
        )

    def write_text(self, printer: Printer) -> str:
        padding = find_padding(self.args) if min(len(self.args), len(self.args[0])) > 1 else None
        if padding is not None and number_of(padding.block) is None:
            return write_pad(printer, *padding)
        rows = (f"[{', '.join(_print_block(m, printer) for m in row)}]" for row in self.args)
        return f"block([{', '.join(rows)}])"

    def write_latex(self, printer: Printer) -> str:
        return _typeset_blocks(self.args, printer)


class Stack(DrawnInLine, KnownArray, _ArrayExpr):  # type: ignore[misc]
    """Matrices at the places of one more axis: ``args`` are the axis and the matrices."""

    precedence = typeset_precedence = ATOM

    @property
    def shape(self) -> tuple[Dim, ...]:
        axis, *members = self.args
        shape = list(members[0].shape)
        shape.insert(int(axis), sympy.Integer(len(members)))
        return tuple(shape)

    def _get(self, item: Sequence[sympy.Expr]) -> sympy.Expr:
        axis, *members = self.args
        place, at = item[int(axis)], [k for n, k in enumerate(item) if n != axis]
        return _choose_block(place, [1] * len(members), lambda k, _: element(members[k], *at))

    def _entry(self, *at: sympy.Expr) -> sympy.Expr:
        return self._get(at)

    def write_text(self, printer: Printer) -> str:
        axis, *members = self.args
        texts = ["0" if isinstance(m, ZeroMatrix) else printer._print(m) for m in members]
        return f"stack({', '.join([*texts, *([f'axis={axis}'] if axis != 0 else [])])})"

    def write_latex(self, printer: Printer) -> str:
        axis, *members = self.args
        texts = ["0" if isinstance(m, ZeroMatrix) else printer._print(m) for m in members]
        return write_call("stack" if axis == 0 else rf"\operatorname{{stack}}_{{{axis}}}", texts)


class Elements(sympy.ImmutableDenseMatrix):  # type: ignore[misc]
    """A matrix of elements, printed in one line."""

    @classmethod
    def from_parts(cls, args: Sequence[sympy.Basic]) -> sympy.Expr:
        """A matrix of elements, left as they are."""
        return cls(*args)

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        return Kept.__reduce_ex__(self, protocol)

    def __str__(self) -> str:
        return str(sympy.sstr(self, order=None))

    __repr__ = __str__

    def _sympystr(self, printer: Printer) -> str:
        return Kept._sympystr(self, printer)

    def _latex(self, printer: Printer, **options: Any) -> str:
        return Kept._latex(self, printer, **options)

    def write_text(self, printer: Printer) -> str:
        rows, columns = self.shape
        lines = (f"[{', '.join(printer._print(self[i, j]) for j in range(columns))}]" for i in range(rows))
        return f"Matrix([{', '.join(lines)}])"

    def write_latex(self, printer: Printer) -> str:
        rows, columns = self.shape
        return _typeset_blocks([[self[i, j] for j in range(columns)] for i in range(rows)], printer)


def number_of(m: MatrixExpr) -> sympy.Expr | None:
    """The number that a block of one element is, where it is written as one; None of all others."""
    if tuple(m.shape) != (1, 1):
        return None
    if isinstance(m, ZeroMatrix):
        return sympy.S.Zero
    *scalars, last = m.args if isinstance(m, N.MatMul) else (m,)
    if not isinstance(last, N.OneMatrix) or any(isinstance(s, MatrixExpr) for s in scalars):
        return None
    return sympy.Mul(*scalars, evaluate=False) if len(scalars) != 1 else scalars[0]


def _print_block(m: MatrixExpr, printer: Printer) -> str:
    """A block as text."""
    number = number_of(m)
    if number is not None:
        return str(printer._print(number))
    if isinstance(m, ZeroMatrix):
        return f"zeros({printer._print(m.shape[0])}, {printer._print(m.shape[1])})"
    return str(printer._print(m))


def _typeset_blocks(rows: Iterable[Iterable[sympy.Expr]], printer: Printer) -> str:
    """Blocks in brackets."""
    sized = show_sizes(printer)
    text = r" \\ ".join(" & ".join(_typeset_block(m, sized) for m in row) for row in rows)
    return rf"\begin{{bmatrix}}{text}\end{{bmatrix}}"


def _typeset_block(m: sympy.Expr, printer: Printer) -> str:
    """A block in LaTeX; zeros have their size as an index."""
    number = number_of(m) if isinstance(m, MatrixExpr) else m
    if number is not None or not isinstance(m, ZeroMatrix):
        return str(printer._print(m if number is None else number))
    sizes = m.shape[:1] if m.shape[1] == 1 else m.shape
    return rf"\mathbf{{0}}_{{{', '.join(map(printer._print, sizes))}}}"


class Selection(DrawnInLine, MatrixFunction):
    """Rows ``start``, ``start + step``, ... of the identity: ``args`` are start, length, step and size.

    Array expressions are contracted with it; matrices have parts. Rows one after another are written as NumPy writes
    ones beside the diagonal: ``eye(rows, columns, start)``.
    """

    @property
    def shape(self) -> tuple[Dim, Dim]:
        return self.args[1], self.args[3]

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        return sympy.KroneckerDelta(j, self.args[0] + self.args[2] * i)

    def spell(self, spell: Spell, slice_end: str = "") -> str:
        """The arguments of ``eye``, and the slice of it."""
        start, length, step, size = self.args
        if step == 1:
            return f"({', '.join(map(spell, (length, size, *([start] if start != 0 else []))))})"
        return f"({spell(size)})[{write_span(sympy.Tuple(start, length, step), size, spell)}{slice_end}]"

    def write_text(self, printer: Printer) -> str:
        return f"eye{self.spell(printer._print, ', :')}"

    def write_latex(self, printer: Printer) -> str:
        rows = write_span(sympy.Tuple(*self.args[:3]), self.args[3], printer._print)
        return rf"(I_{{{printer._print(self.args[3])}}})_{{{rows},:}}"


def has_arrays(e: sympy.Basic) -> bool:
    """Whether a formula has arrays in it that people write with indices: others than parts of sources, and stacks."""
    todo, seen = [e], set[int]()
    for part in todo:
        if id(part) in seen or (isinstance(part, ArrayPart) and _is_part_of_source(part)):
            continue
        if isinstance(part, ARRAYS) and not isinstance(part, Stack):
            return True
        seen.add(id(part))
        todo += part.args
    return False


def _is_part_of_source(e: ArrayPart) -> bool:
    """Whether a matrix or a column is taken of a source: ``T[0]``."""
    return isinstance(e.args[0], ArraySymbol) and len(e.shape) <= 2
