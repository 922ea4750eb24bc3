"""Functions of matrices that sympy has no class for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import ClassVar

import mpmath
import sympy
from sympy.matrices.expressions import Inverse, MatMul, MatPow, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.stringpict import prettyForm
from sympy.printing.printer import Printer

from tracer.formulas.matrix.bodies import MatrixFunction, element, over_index
from tracer.formulas.matrix.extremes import MaxOver, MinOver
from tracer.formulas.matrix.known import is_known
from tracer.formulas.matrix.latex_text import bracket, show_sizes, write_call, write_raised
from tracer.formulas.matrix.precedences import ELEMENTWISE, POWER, PRODUCT
from tracer.formulas.matrix.pretty_text import draw_raised
from tracer.series import ExprWithLimits
from tracer.shapes import Dim

TRIANGLES: dict[object, str] = {(-1, 0): "tril", (0, -1): "triu"}
"""The names that NumPy has for bands, by how many diagonals are kept below and above."""


class band_part(MatrixFunction):
    """A matrix with zeros outside a band: ``args`` are the matrix and how many diagonals are kept below and above."""

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        matrix, lower, upper = self.args
        bounds = [sympy.Le(i - j, lower)] if lower >= 0 else []
        bounds += [sympy.Le(j - i, upper)] if upper >= 0 else []
        return sympy.Piecewise((element(matrix, i, j), sympy.And(*bounds)), (0, True))

    def choose_name(self) -> str:
        """The name that NumPy has for a triangle, else that of the class."""
        _, lower, upper = self.args
        return TRIANGLES.get((int(lower), int(upper)), "band_part")

    def list_shown(self) -> list[sympy.Basic]:
        return [*self.args] if self.choose_name() == "band_part" else [self.args[0]]

    def write_latex(self, printer: Printer) -> str:
        m, lower, upper = self.args
        name = self.choose_name()
        name = rf"\operatorname{{band}}_{{{lower},{upper}}}" if name == "band_part" else name
        return write_call(name, [show_sizes(printer)._print(m)])


class pinv(MatrixFunction):
    """The Moore-Penrose inverse of a matrix of full rank."""

    @property
    def shape(self) -> tuple[Dim, Dim]:
        rows, columns = self.args[0].shape
        return columns, rows

    def work_out(self, args: Sequence[sympy.Basic]) -> sympy.Expr:
        m = args[0]
        return (m.T * m).inv() * m.T if m.rows >= m.cols else m.T * (m * m.T).inv()

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        m = self.args[0]
        tall = MatMul(Inverse(MatMul(Transpose(m), m)), Transpose(m))
        wide = MatMul(Transpose(m), Inverse(MatMul(m, Transpose(m))))
        return sympy.Piecewise(
            (element(tall, i, j), m.shape[0] >= m.shape[1]),
            (element(wide, i, j), m.shape[0] < m.shape[1]),
            evaluate=False,
        )

    typeset_precedence = POWER

    def write_latex(self, printer: Printer) -> str:
        return write_raised(printer, self.args[0], "+")

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        return draw_raised(printer, self.args[0], prettyForm("+"))


class cholesky(MatrixFunction):
    """The lower triangular factor of a positive definite matrix."""

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        i, j = sympy.sympify(i), sympy.sympify(j)
        if not (i.is_Integer and j.is_Integer):
            return element(self, i, j)
        return self._find_entry(int(i), int(j))

    def _find_entry(self, i: int, j: int) -> sympy.Expr:
        """An entry of the factor L, row by row by the Cholesky-Banachiewicz algorithm.

        ``L[j,j]**2 = A[j,j] - sum(L[j,k]**2)`` and ``L[i,j]*L[j,j] = A[i,j] - sum(L[i,k]*L[j,k])`` with k below j
        (Golub and Van Loan, Matrix Computations, 2013, section 4.2).
        """
        found: dict[tuple[int, int], sympy.Expr] = {}
        if i < j:
            return sympy.S.Zero
        for row in range(i + 1):
            for column in range(min(row, j) + 1):
                if (row, column) in found:
                    continue
                rest = element(self.args[0], row, column) - sympy.Add(
                    *(found[row, k] * found[column, k] for k in range(column))
                )
                found[row, column] = sympy.sqrt(rest) if row == column else rest / found[column, column]
        return found[i, j]


class expm(MatrixFunction):
    """The exponential of a matrix."""

    def work_out(self, args: Sequence[sympy.Basic]) -> sympy.Expr:
        """The matrix of decimals; of anything else, itself: eigenvalues would be roots of polynomials."""
        numbers = args[0].atoms(sympy.Float)
        if not numbers or not all(x.is_number for x in args[0]):
            return expm(args[0])
        with mpmath.workprec(max(x._prec for x in numbers)):
            return sympy.ImmutableDenseMatrix(mpmath.expm(mpmath.matrix(args[0].tolist())).tolist())

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        k = sympy.Dummy("k", dummy_index=10_000_013, integer=True)
        return sympy.Sum(element(MatPow(self.args[0], k), i, j) / sympy.factorial(k), (k, 0, sympy.oo))

    typeset_precedence = POWER

    def write_latex(self, printer: Printer) -> str:
        return f"e^{{{printer._print(self.args[0])}}}"


class RowReduction(MatrixFunction):
    """A number for each row of a matrix, as a column; printed by the name of its class."""

    series: ClassVar[type[ExprWithLimits]]

    @property
    def shape(self) -> tuple[Dim, Dim]:
        return self.args[0].shape[0], sympy.S.One

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        m = self.args[0]
        return over_index(self.series, lambda k: element(m, i, k), 0, m.shape[1] - 1, is_known(m))


class max_rows(RowReduction):
    """The greatest element of each row."""

    series = MaxOver


class min_rows(RowReduction):
    """The least element of each row."""

    series = MinOver


class prod_rows(RowReduction):
    """The product of the elements of each row."""

    series = sympy.Product


class RunningFunction(MatrixFunction):
    """What the elements of a matrix up to each place of an axis come to: ``args`` are the matrix, whether the place
    itself is left out, whether the elements are those from there on, and the axis.
    """

    series: ClassVar[type[ExprWithLimits]]

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        x, exclusive, reverse, axis = self.args
        at = (i, j)[int(axis)]
        low, high = (at + exclusive, x.shape[axis] - 1) if reverse else (sympy.S.Zero, at - exclusive)
        known = is_known(x) and sympy.sympify(at).is_Integer
        return over_index(self.series, lambda k: element(x, *((i, k) if axis else (k, j))), low, high, known)

    def list_shown(self) -> list[sympy.Basic]:
        return [self.args[0]] if self.shape[1] == 1 else [self.args[0], self.args[3]]

    def turn(self, transposed: MatrixExpr) -> MatrixExpr:
        """The transpose, along the other axis of a matrix of which the transpose is given."""
        *_, exclusive, reverse, axis = self.args
        return type(self)(transposed, exclusive, reverse, 1 - axis)


class cumsum(RunningFunction):
    """Running sums of a column."""

    series = sympy.Sum

    def choose_name(self) -> str:
        """What it is called, by its direction."""
        return "revcumsum" if self.args[2] else "cumsum"


class cumprod(RunningFunction):
    """Running products of a column."""

    series = sympy.Product

    def choose_name(self) -> str:
        """What it is called: by its direction, and by whether the place is left out."""
        _, exclusive, reverse, _ = self.args
        return name_running_product(bool(exclusive), bool(reverse))


def name_running_product(exclusive: bool, reverse: bool) -> str:
    """What products up to a place are called: by their direction, and by whether the place is left out."""
    return ("prod_after" if reverse else "prod_before") if exclusive else "revcumprod" if reverse else "cumprod"


class roll(MatrixFunction):
    """The rows or the columns of a matrix moved on, the last to the front: ``args`` are the matrix, by how much, and
    the axis.
    """

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        x, shift, axis = self.args
        at = [i, j]
        at[int(axis)] = sympy.Mod(at[int(axis)] - shift, x.shape[axis])
        return element(x, *at)

    def list_shown(self) -> list[sympy.Basic]:
        return [*self.args[:2]] if self.shape[1] == 1 else [*self.args]


class Windows(MatrixFunction):
    """The products of a matrix with windows of another: ``args`` are the other and the one."""

    def add_up(
        self, term: Callable[[sympy.Expr, sympy.Expr], sympy.Expr], limits: Sequence[tuple[sympy.Expr, sympy.Expr]]
    ) -> sympy.Expr:
        """A sum over places of a matrix, left as it is; of known matrices, the value."""
        if all(map(is_known, self.args)):
            rows, columns = (map(sympy.Integer, range(int(low), int(high) + 1)) for low, high in limits)
            return sympy.Add(*(term(p, q) for p, q in product(rows, columns)))
        names = [sympy.Dummy(name, dummy_index=10_000_031 + n, integer=True) for n, name in enumerate("pq")]
        summed = [(k, *ends) for k, ends in zip(names, limits) if ends != (0, 0)]
        made = term(*(sympy.S.Zero if ends == (0, 0) else k for k, ends in zip(names, limits)))
        return ExprWithLimits.__new__(sympy.Sum, made, *(sympy.Tuple(*row) for row in summed)) if summed else made

    def write_latex(self, printer: Printer) -> str:
        return write_call(type(self).__name__, map(show_sizes(printer)._print, self.args))


class correlate(Windows):
    """The sums of products of a matrix with each part of another that is as large."""

    @property
    def shape(self) -> tuple[Dim, Dim]:
        rows, columns = (d - e + 1 for d, e in zip(self.args[0].shape, self.args[1].shape))
        return rows, columns

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        x, k = self.args
        limits = [(sympy.S.Zero, d - 1) for d in k.shape]
        return self.add_up(lambda p, q: element(x, i + p, j + q) * element(k, p, q), limits)


class convolve(Windows):
    """The sums of products of elements of two matrices whose places add up to a place."""

    @property
    def shape(self) -> tuple[Dim, Dim]:
        rows, columns = (d + e - 1 for d, e in zip(self.args[0].shape, self.args[1].shape))
        return rows, columns

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        x, k = self.args
        limits = [(sympy.Max(0, at - d + 1), sympy.Min(e - 1, at)) for at, d, e in zip((i, j), x.shape, k.shape)]
        return self.add_up(lambda p, q: element(x, i - p, j - q) * element(k, p, q), limits)


class arange(MatrixFunction):
    """Numbers at one distance from one another, as a column: ``args`` are the first, their number and the distance."""

    @property
    def shape(self) -> tuple[Dim, Dim]:
        return self.args[1], sympy.S.One

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        return self.args[0] + self.args[2] * i

    def list_bounds(self) -> list[sympy.Expr]:
        """What NumPy's function of this name is called with."""
        first, count, step = self.args
        if step != 1:
            return [first, first + count * step, step]
        return [first, first + count] if first != 0 else [count]

    list_shown = list_bounds

    typeset_precedence = POWER

    def write_latex(self, printer: Printer) -> str:
        first, count, step = self.args
        begin, then, end = (printer._print(first + step * k) for k in (0, 1, count - 1))
        return rf"({begin}, {then}, \ldots, {end})^{{\top}}"


class onehot(MatrixFunction):
    """The rows of an identity that a column of integers names; the column that one integer names.

    ``args`` are the integers and the size of the identity.
    """

    @property
    def shape(self) -> tuple[Dim, Dim]:
        ids, size = self.args
        return (ids.shape[0], size) if hasattr(ids, "shape") else (size, sympy.S.One)

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        ids = self.args[0]
        return sympy.KroneckerDelta(element(ids, i, 0), j) if hasattr(ids, "shape") else sympy.KroneckerDelta(ids, i)

    def write_latex(self, printer: Printer) -> str:
        ids, size = map(printer._print, self.args)
        return write_call(rf"\operatorname{{onehot}}_{{{size}}}", [ids])


class lookup(onehot):
    """The same of integers that are places of an axis, so that its products with what has the axis are rows of that."""

    def choose_name(self) -> str:
        """What it is called."""
        return "onehot"


class argsort(MatrixFunction):
    """The places of the elements of a column in their order, equal ones in theirs."""

    vectors = True
    params = 0

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        return element(self, i, j)

    def work_out(self, args: Sequence[sympy.Basic]) -> sympy.Expr:
        """The places of numbers; of anything else, itself."""
        (x,) = args
        if not all(e.is_number for e in x):
            return argsort(x)
        return sympy.ImmutableDenseMatrix(sorted(range(x.rows), key=lambda k: x[k, 0]))


class cross(MatrixFunction):
    """The cross product of two columns, or of each row of one matrix with that of another."""

    vectors = True

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        a, b = self.args
        if a.shape[1] == 1:
            k, m = (i + 1) % 3, (i + 2) % 3
            return element(a, k, j) * element(b, m, j) - element(a, m, j) * element(b, k, j)
        k, m = (j + 1) % 3, (j + 2) % 3
        return element(a, i, k) * element(b, i, m) - element(a, i, m) * element(b, i, k)

    typeset_precedence = ELEMENTWISE

    def write_latex(self, printer: Printer) -> str:
        return r" \times ".join(bracket(printer, m, PRODUCT + 1) for m in self.args)


class softmax(MatrixFunction):
    """Softmax of a column over its elements, or of each row of a matrix."""

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        return sympy.exp(element(self.args[0], i, j)) / _sum_exponentials(self.args[0], i)


def _sum_exponentials(z: MatrixExpr, i: sympy.Expr) -> sympy.Expr:
    """The sum of the exponentials of a column, or of a row of a matrix."""
    rows, columns = z.shape
    if columns == 1:
        return over_index(sympy.Sum, lambda k: sympy.exp(element(z, k, 0)), 0, rows - 1, is_known(z))
    return over_index(sympy.Sum, lambda k: sympy.exp(element(z, i, k)), 0, columns - 1, is_known(z))


class logsumexp_rows(MatrixFunction):
    """The logarithm of the sum of exponentials of each row, as a column."""

    @property
    def shape(self) -> tuple[Dim, Dim]:
        return self.args[0].shape[0], sympy.S.One

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        z = self.args[0]
        return sympy.log(over_index(sympy.Sum, lambda k: sympy.exp(element(z, i, k)), 0, z.shape[1] - 1, is_known(z)))
