"""Array expressions, and operations that are written by their names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy
from sympy.core.symbol import Str
from sympy.printing.precedence import precedence
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.stringpict import prettyForm
from sympy.printing.printer import Printer
from sympy.tensor.array.expressions import array_expressions
from sympy.tensor.array.expressions.array_expressions import ArrayElement, Reshape, _ArrayExpr

from tracer.formulas.matrix.array_products import has_sums, repeat_as_numpy
from tracer.formulas.matrix.bodies import (
    MatrixFunction,
    array_element,
    element,
    name_in_latex,
    put_values,
)
from tracer.formulas.matrix.elementwise_text import Elementwise, write_elementwise
from tracer.formulas.matrix.index_latex import Typeset, choose_indices, typeset_factor, typeset_member
from tracer.formulas.matrix.known import Kept, KnownArray, is_known
from tracer.formulas.matrix.latex_text import write_call
from tracer.formulas.matrix.precedences import ATOM, find_binding
from tracer.formulas.matrix.pretty_text import draw_call
from tracer.formulas.matrix.unevaluated import from_parts
from tracer.rules import TABLE
from tracer.shapes import Dim, Shape
from tracer.tensor import constant, record_tensor


class ShownAsArgument:
    """An expression that is printed as its argument is."""

    args: tuple[sympy.Basic, ...]

    @property
    def precedence(self) -> int:
        """How tightly the text binds, for sympy's printers."""
        return int(precedence(self.args[0]))

    @property
    def typeset_precedence(self) -> int:
        """How tightly LaTeX and pictures bind."""
        return find_binding(self.args[0])

    def write_text(self, printer: Printer) -> str:
        return str(printer._print(self.args[0]))

    def write_latex(self, printer: Printer) -> str:
        return str(printer._print(self.args[0]))

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        return printer._print(self.args[0])


class ArrayAsMatrix(ShownAsArgument, MatrixFunction):
    """An array expression of rank 1 or 2 where a matrix is wanted, rank 1 as a column.

    In LaTeX one of sums stands in brackets within a formula, with the indices of its elements.
    """

    def write_latex(self, printer: Printer) -> str:
        array = self.args[0]
        if printer._print_level > 1 and isinstance(array, Typeset) and has_sums(array):
            return typeset_member(printer, array, [])
        return super().write_latex(printer)

    @property
    def typeset_precedence(self) -> int:
        """How tightly LaTeX and pictures bind."""
        return ATOM if has_sums(self.args[0]) else find_binding(self.args[0])

    @property
    def shape(self) -> tuple[Dim, Dim]:
        shape = tuple(self.args[0].shape)
        return shape if len(shape) == 2 else (*shape, sympy.S.One)

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        array = self.args[0]
        return array_element(array, (i, j) if len(array.shape) == 2 else (i,))


class ArrayAsScalar(ShownAsArgument, Kept, ArrayElement):  # type: ignore[misc]
    """An array expression without axes where a number is wanted: its only element."""

    def __new__(cls, array: sympy.Expr, indices: Iterable[sympy.Expr] = ()) -> ArrayAsScalar:
        made: ArrayAsScalar = sympy.Expr.__new__(cls, array, sympy.Tuple(*indices))
        return made

    def doit(self, **hints: object) -> sympy.Expr:
        array = self.args[0].doit(**hints)
        return array_element(array, ()) if is_known(array) else ArrayAsScalar(array)

    def _eval_evalf(self, prec: int) -> sympy.Expr:
        made = self.doit()
        return made._evalf(prec) if made.is_number else self


class Member(MatrixFunction):
    """The matrix at a place of the first axes of an array; of one more axis it is a column."""

    @property
    def shape(self) -> tuple[Dim, Dim]:
        rows, *columns = self.args[0].shape[len(self.args[1]) :]
        return rows, columns[0] if columns else sympy.S.One

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        array, at = self.args
        return array_element(array, (*at, i, j)[: len(array.shape)])


def take_member(array: sympy.Expr, place: tuple[sympy.Expr, ...]) -> sympy.Expr:
    """The number, the column or the matrix at a place of the first axes of an array."""
    if len(array.shape) == len(place):
        return array_element(array, place)
    member = Member(array, sympy.Tuple(*place))
    if not is_known(array):
        return member
    rows, columns = member.shape
    return sympy.ImmutableDenseMatrix(rows, columns, lambda i, j: array[(*map(int, place), i, j)[: len(array.shape)]])


class ElementwiseArray(Elementwise):
    """A function of the elements of arrays: ``args`` are a Lambda and the arrays."""

    def write_text(self, printer: Printer) -> str:
        return write_elementwise(self.args[0], repeat_as_numpy(self.args[1:]), printer)

    def write_latex(self, printer: Printer) -> str:
        if any(has_sums(a) for a in self.args[1:]):
            return self.typeset(printer, choose_indices(printer, self))
        return super().write_latex(printer)

    def typeset(self, printer: Printer, at: Sequence[str]) -> str:
        """The function of the elements."""
        function, *arrays = self.args
        names = {x: sympy.Symbol(typeset_factor(printer, a, at), real=True) for x, a in zip(function.variables, arrays)}
        return str(printer._print(put_values(function.expr, names)))


class ArrayMap(ElementwiseArray, KnownArray, _ArrayExpr):  # type: ignore[misc]
    """A scalar function of the corresponding elements of several arrays: ``args`` are a Lambda and the arrays."""

    shape = property(lambda self: tuple(self.args[1].shape))

    def _get(self, item: Sequence[sympy.Expr]) -> sympy.Expr:
        lam = self.args[0]
        return put_values(lam.expr, {x: array_element(a, item) for x, a in zip(lam.variables, self.args[1:])})

    def _entry(self, *at: sympy.Expr) -> sympy.Expr:
        return self._get(at)


class ArrayElementwiseApplyFunc(ElementwiseArray, KnownArray, array_expressions.ArrayElementwiseApplyFunc):  # type: ignore[misc]
    """A scalar function of the elements of an array."""

    def _get(self, item: Sequence[sympy.Expr]) -> sympy.Expr:
        return self.args[0](array_element(self.args[1], item))

    def _entry(self, *at: sympy.Expr) -> sympy.Expr:
        return self._get(at)


def array_function(function: sympy.Lambda, array: sympy.Expr) -> sympy.Expr:
    """A function of the elements of an array; sympy's class for it does not take arrays that are reshaped."""
    kind = ArrayMap if isinstance(array, Reshape) else ArrayElementwiseApplyFunc
    return kind(function, array)


def compute_row(name: Str, shape: Shape, operands: Sequence[sympy.Basic]) -> sympy.Expr | None:
    """The value of an operation by its name, of decimals; None where there are others, or no NumPy for it."""
    row = TABLE.get(str(name))
    if row is None or row.numpy is None or not all(is_known(a) and all(x.is_number for x in a) for a in operands):
        return None
    arrays = [[[float(x) for x in line] for line in a.tolist()] for a in operands]
    sizes = tuple(int(d) for d in shape)
    value = record_tensor(row, tuple(map(constant, arrays)), None, sizes, "float64").numpy()
    return sympy.ImmutableDenseMatrix(value.reshape(sizes if len(sizes) == 2 else (-1, 1)).tolist())


class Applied(MatrixFunction):
    """An operation without a notation of its own: ``args`` are its name, the shape, its operands (matrices,
    then numbers), and maybe a pattern."""

    @property
    def shape(self) -> tuple[Dim, Dim]:
        shape = tuple(self.args[1])
        return shape if len(shape) == 2 else (*shape, sympy.S.One)

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        return element(self, i, j)

    def work_out(self, args: Sequence[sympy.Basic]) -> sympy.Expr:
        """Its value where all operands are numbers, else itself."""
        return compute_row(self.args[0], args[1], args[2:]) or from_parts(Applied, args)

    def write_text(self, printer: Printer) -> str:
        return _print_call(self, printer)

    def write_latex(self, printer: Printer) -> str:
        return _write_call(self, printer)

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        return _draw_call(self, printer)


class AppliedArray(Kept, _ArrayExpr):  # type: ignore[misc]
    """An operation of rank above 2, by its name."""

    shape = property(lambda self: tuple(self.args[1]))

    def write_text(self, printer: Printer) -> str:
        return _print_call(self, printer)

    def write_latex(self, printer: Printer) -> str:
        return _write_call(self, printer)

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        return _draw_call(self, printer)


class AppliedScalar(Kept, sympy.Expr):  # type: ignore[misc]
    """An operation with a scalar result, by its name."""

    is_commutative = True

    def write_text(self, printer: Printer) -> str:
        return _print_call(self, printer)

    def write_latex(self, printer: Printer) -> str:
        return _write_call(self, printer)

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        return _draw_call(self, printer)


def _print_call(e: sympy.Expr, printer: Printer) -> str:
    """An operation by its name, or by its pattern where its last argument is one: ``f(A, B)``, ``A[:, 0]``."""
    operands = [printer._print(a) for a in e.args[2:] if not isinstance(a, Str)]
    if isinstance(e.args[-1], Str):
        return str(e.args[-1]).format(*operands)
    return f"{e.args[0]}({', '.join(operands)})"


def _write_call(e: sympy.Expr, printer: Printer) -> str:
    """An operation in LaTeX, by the name that its row has there or by its own."""
    return write_call(name_in_latex(str(e.args[0])), [printer._print(a) for a in e.args[2:]])


def _draw_call(e: sympy.Expr, printer: PrettyPrinter) -> prettyForm:
    """An operation as a picture; one that has a pattern is a text."""
    if isinstance(e.args[-1], Str):
        return prettyForm(str(e))
    return draw_call(printer, str(e.args[0]), e.args[2:])


def apply_by_name(name: str, pattern: str | None, shape: Shape, args: Iterable[sympy.Expr]) -> sympy.Expr:
    """An operation of any rank by its name; a pattern for ``str.format`` takes the place of ``name(operands)``."""
    kind = AppliedScalar if not shape else Applied if len(shape) <= 2 else AppliedArray
    extra = () if pattern is None else (Str(pattern),)
    return sympy.Basic.__new__(kind, Str(name), sympy.Tuple(*shape), *args, *extra)
