"""Scalar expressions that elementwise functions are made of: bound variables, elements, choices. None evaluates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Protocol, runtime_checkable

import sympy
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.matrices import MatrixBase
from sympy.matrices.expressions import MatrixSymbol, matexpr
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.printing.precedence import precedence
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.stringpict import prettyForm, stringPict
from sympy.printing.printer import Printer
from sympy.tensor.array.expressions.array_expressions import ArrayElement, _ArrayExpr

from tracer.formulas.matrix.known import Kept, Known, KnownArray, is_known
from tracer.formulas.matrix.latex_text import bracket, write_call, write_subscript
from tracer.formulas.matrix.precedences import ATOM, PRODUCT, find_binding
from tracer.formulas.matrix.pretty_text import draw_call, draw_part, draw_row
from tracer.rules import TABLE
from tracer.series import ExprWithLimits
from tracer.shapes import Dim

VARIABLE = sympy.Dummy("x", dummy_index=10_000_019, real=True)
"""The bound variable of elementwise functions; no source can have its name."""


def variable(position: int) -> sympy.Dummy:
    """The bound variable for an argument of an elementwise function, by its position."""
    if position == 0:
        return VARIABLE
    return sympy.Dummy("xyzuvabc"[position % 8], dummy_index=10_000_019 + position, real=True)


class MatrixElement(Kept, matexpr.MatrixElement):  # type: ignore[misc]
    """An element of a matrix; a matrix of one element stands for it: ``x.T*y``."""

    @staticmethod
    def from_parts(args: Sequence[sympy.Basic]) -> sympy.Expr:
        """An element, left as it is."""
        return element(*args)

    def sort_key(self, order: str | None = None) -> tuple[object, ...]:
        """The order among factors and summands: an element of a name stands behind names, before functions."""
        _, *rest = super().sort_key(order)
        return (2, 1, "Symbol") if isinstance(self.args[0], MatrixSymbol) else self.class_key(), *rest

    def _eval_subs(self, old: sympy.Basic, new: sympy.Basic) -> sympy.Basic | None:
        """What is put in the place of the element, also where sympy's own class has it."""
        return new if isinstance(old, matexpr.MatrixElement) and old.args == self.args else None

    def _eval_evalf(self, prec: int) -> sympy.Expr:
        made = self.doit()
        return made._evalf(prec) if made.is_number else self

    def _is_only(self) -> bool:
        """Whether there is no other element, and so no index is written."""
        return tuple(self.args[0].shape) == (1, 1) and not isinstance(self.args[0], MatrixSymbol)

    @property
    def precedence(self) -> int:
        """How tightly the text binds, for sympy's printers."""
        return int(min(precedence(self.args[0]), PRODUCT)) if self._is_only() else ATOM

    @property
    def typeset_precedence(self) -> int:
        """How tightly LaTeX and pictures bind."""
        return min(find_binding(self.args[0]), PRODUCT) if self._is_only() else ATOM

    def write_text(self, printer: Printer) -> str:
        if self._is_only():
            return str(printer._print(self.args[0]))
        return f"{printer.parenthesize(self.args[0], ATOM, strict=True)}[{', '.join(self._print_indices(printer))}]"

    def write_latex(self, printer: Printer) -> str:
        if self._is_only():
            return str(printer._print(self.args[0]))
        return write_subscript(bracket(printer, self.args[0], ATOM), ",".join(self._print_indices(printer)))

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        if self._is_only():
            return printer._print(self.args[0])
        at = draw_row(self._print_indices(printer), ", ").parens("[", "]")
        whole = stringPict.next(draw_part(printer, self.args[0], ATOM), prettyForm(*at))
        return prettyForm(*whole, binding=prettyForm.ATOM)

    def _print_indices(self, printer: Printer) -> list[Any]:
        """The indices as a printer prints them."""
        return [printer._print(k) for k in self.args[1:]]


class VectorElement(MatrixElement):
    """An element of a source or a function of rank one, which is a column in formulas, by its only index."""

    @staticmethod
    def from_parts(args: Sequence[sympy.Basic]) -> sympy.Expr:
        """An element of a source or a function, left as it is; of a part or what is known, one of the whole."""
        made = element(*args)
        same = isinstance(made, MatrixElement) and made.args == tuple(args)
        return sympy.Basic.__new__(VectorElement, *args) if same else made

    def _print_indices(self, printer: Printer) -> list[Any]:
        return [printer._print(self.args[1])]


@runtime_checkable
class Taken(Protocol):
    """A matrix that is taken of another one."""

    def locate(self, i: sympy.Expr, j: sympy.Expr) -> tuple[MatrixExpr, sympy.Expr, sympy.Expr]:
        """The other matrix, and where in it an element stands."""


def element(matrix: MatrixExpr, i: Dim = 0, j: Dim = 0) -> sympy.Expr:
    """An element of a matrix expression, left as it is; that of a part is one of the whole."""
    if isinstance(matrix, Taken):
        matrix, i, j = matrix.locate(sympy.sympify(i), sympy.sympify(j))
    i, j = sympy.sympify(i), sympy.sympify(j)
    if isinstance(matrix, MatrixBase) and i.is_Integer and j.is_Integer:
        return matrix[i, j]
    return sympy.Basic.__new__(MatrixElement, matrix, i, j)


def array_element(array: sympy.Expr, at: Sequence[sympy.Expr]) -> sympy.Expr:
    """An element of an array expression, left as it is; one that is given, itself."""
    if is_known(array) and all(k.is_Integer for k in at):
        return array[tuple(map(int, at))]
    return ArrayElement(array, tuple(at))


def over_index(
    kind: type[ExprWithLimits], term: Callable[[sympy.Expr], sympy.Expr], low: Dim, high: Dim, known: bool = False
) -> sympy.Expr:
    """What a class of expressions over an index makes of terms, left as it is; of known ones, the value."""
    k = sympy.Dummy("k", dummy_index=10_000_007, integer=True)
    made = ExprWithLimits.__new__(kind, term(k), sympy.Tuple(k, low, high))
    if not known:
        return made
    choose = {sympy.Sum: sympy.Add, sympy.Product: sympy.Mul}.get(kind) or kind.choose
    return choose(*(term(sympy.Integer(i)) for i in range(int(low), int(high) + 1)))


def piecewise(branches: Iterable[tuple[sympy.Basic, sympy.Basic]]) -> sympy.Expr:
    """The value of the first branch whose test holds, not evaluated.

    Evaluated, a choice that stands within a condition would be taken out of it, away from the sum or the function that
    binds its variables. A choice between conditions is a condition.
    """
    pairs = []
    for value, test in branches:
        if test != sympy.false:
            pairs.append((value, test))
        if test == sympy.true:
            break
    *first, (last, otherwise) = pairs
    if otherwise == sympy.true and not first:
        return last
    if otherwise == sympy.true and any(isinstance(value, CONDITIONS) for value, _ in pairs):
        for value, test in reversed(first):
            last = either(test, value, last)
        return last
    return sympy.Basic.__new__(sympy.Piecewise, *(sympy.Basic.__new__(ExprCondPair, *pair) for pair in pairs))


CONDITIONS = sympy.core.relational.Relational, sympy.logic.boolalg.BooleanFunction, sympy.logic.boolalg.BooleanAtom
"""What is true or false whatever its symbols are."""


def either(test: sympy.Basic, first: sympy.Basic, second: sympy.Basic) -> sympy.Basic:
    """The first condition where the test holds, else the second, by and, or, not: sympy prints its own as ``ITE``."""
    if first == sympy.true:
        return sympy.Or(test, second)
    return sympy.Or(sympy.And(test, first), sympy.And(sympy.Not(test), second))


def put_values(expression: sympy.Expr, values: Mapping[sympy.Symbol, sympy.Expr]) -> sympy.Expr:
    """An expression with others in place of its variables; relations and choices are left as they are.

    Evaluated, a relation would have its numbers on one side, and what is equal to the last bit no longer would be.
    """
    made: dict[sympy.Basic, sympy.Basic] = dict(values)
    todo: list[sympy.Basic] = [expression]
    while todo:
        e = todo[-1]
        if e in made:
            todo.pop()
        elif not e.args or isinstance(e, sympy.Lambda):
            made[e] = e
        elif below := [a for a in e.args if a not in made]:
            todo += below
        else:
            args = [made[a] for a in e.args]
            made[e] = e if args == [*e.args] else _rebuild(e, args)
    return made[expression]


def _rebuild(e: sympy.Basic, args: list[Any]) -> sympy.Basic:
    """An expression of other parts."""
    if isinstance(e, ExprCondPair):
        return sympy.Basic.__new__(ExprCondPair, *args)
    if isinstance(e, sympy.Piecewise):
        return piecewise(pair.args for pair in args)
    if isinstance(e, sympy.ITE):
        return either(*args)
    if isinstance(e, sympy.core.relational.Relational):
        return compare(type(e), args)
    return e.func(*args)


def compare(relation: type[sympy.Basic], args: Sequence[sympy.Expr]) -> sympy.Basic:
    """A relation, not evaluated but between numbers: sympy fails on one of numbers that is left open."""
    return relation(*args, evaluate=all(a.is_number for a in args))


def name_in_latex(name: str) -> str:
    """What the operation of a name is called in LaTeX: as its row says, or by its name."""
    row = TABLE.get(name)
    return row.latex if row is not None and row.latex else name


class MatrixFunction(Known, MatrixExpr):  # type: ignore[misc]
    """A function of matrices, printed as a call; it has the shape of its first argument.

    One that is called as a row is written in the words of the row: in LaTeX, and in NumPy.

    Attributes
    ----------
    vectors : bool
        Whether columns among the operands are vectors to the row.
    params : object
        The parameters of the row.
    """

    vectors: ClassVar[bool] = False
    params: ClassVar[object] = None

    @property
    def shape(self) -> tuple[Dim, Dim]:
        rows, columns = self.args[0].shape
        return rows, columns

    def choose_name(self) -> str:
        """What it is called."""
        return type(self).__name__

    def list_shown(self) -> list[sympy.Basic]:
        """The arguments that a call shows."""
        return [*self.args]

    def write_text(self, printer: Printer) -> str:
        return f"{self.choose_name()}({', '.join(map(printer._print, self.list_shown()))})"

    def write_latex(self, printer: Printer) -> str:
        return write_call(name_in_latex(self.choose_name()), map(printer._print, self.list_shown()))

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        return draw_call(printer, self.choose_name(), self.list_shown())


class DrawnInLine:
    """An expression that is a text in pictures too."""

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        return prettyForm(str(self))


class DrawnArray(DrawnInLine, KnownArray, _ArrayExpr):  # type: ignore[misc]
    """An array expression that is a text in pictures too."""


class Sum(sympy.Sum):  # type: ignore[misc]
    """A sum over indices, left as it is."""

    is_commutative = True

    @property
    def free_symbols(self) -> set[sympy.Symbol]:
        """The symbols of the summand and of the limits but the indices; sympy would build the summand anew."""
        found = set(self.function.free_symbols)
        for k, *limits in self.limits:
            found.discard(k)
            found = found.union(*(end.free_symbols for end in limits))
        return found


def is_even(function: sympy.Lambda, x: sympy.Symbol) -> bool:
    """Whether the sign of a variable changes nothing in a function."""
    return not function.expr.has(sympy.Lambda) and bool(function.expr.xreplace({x: -x}) == function.expr)
