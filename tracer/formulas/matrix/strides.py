"""Rows and columns at a distance from one another, with zeros or those of others between; diagonals beside the main."""

from __future__ import annotations

import sympy
from sympy.printing.printer import Printer

from tracer.formulas.matrix.bodies import MatrixFunction, element, piecewise
from tracer.formulas.matrix.latex_text import show_sizes, write_call
from tracer.shapes import Dim


class Strided(MatrixFunction):
    """A function whose rows, or columns, are those of others at a distance; called by a name that tells the axis."""

    @property
    def axis(self) -> int:
        """The axis along which the distance is."""
        raise NotImplementedError

    def choose_name(self) -> str:
        """What it is called, by its axis."""
        return type(self).__name__ + ("_columns" if self.axis else "")

    def write_latex(self, printer: Printer) -> str:
        return write_call(self.choose_name(), map(show_sizes(printer)._print, self.list_shown()))


class upsample(Strided):
    """The rows or columns of a matrix at one distance, with zeros between and before them.

    ``args`` are the matrix, the distance, how many there are then, how many zeros come first, and the axis.

    Examples
    --------
    >>> x = sympy.MatrixSymbol("x", 2, 1)
    >>> upsample(x, *map(sympy.Integer, (2, 5, 1, 0))).doit().subs(x, sympy.Matrix([3, 4])).doit().T
    Matrix([[0, 3, 0, 4, 0]])
    """

    @property
    def axis(self) -> int:
        return int(self.args[4])

    @property
    def shape(self) -> tuple[Dim, Dim]:
        rows, columns = self.args[0].shape
        return (rows, self.args[2]) if self.axis else (self.args[2], columns)

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        m, step, _, start, _ = self.args
        k = sympy.Dummy("k", dummy_index=10_000_017, integer=True)
        place, at = (j, (i, k)) if self.axis else (i, (k, j))
        there = sympy.KroneckerDelta(place, start + step * k)
        return sympy.Sum(there * element(m, *at), (k, 0, m.shape[self.axis] - 1))

    def list_shown(self) -> list[sympy.Basic]:
        """The matrix, the distance, how many there are, and how many zeros come first, if any."""
        return [*self.args[: 3 if self.args[3] == 0 else 4]]


class interleave(Strided):
    """The rows or columns of matrices in turn: ``args`` are the axis and the matrices.

    Examples
    --------
    >>> x, y = sympy.Matrix([1, 2]), sympy.Matrix([3, 4])
    >>> interleave(sympy.Integer(0), x, y).doit().T
    Matrix([[1, 3, 2, 4]])
    """

    @property
    def axis(self) -> int:
        return int(self.args[0])

    @property
    def shape(self) -> tuple[Dim, Dim]:
        _, first, *others = self.args
        count = sympy.simplify(sympy.Add(first.shape[self.axis], *(m.shape[self.axis] for m in others)))
        return (first.shape[0], count) if self.axis else (count, first.shape[1])

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        _, *parts = self.args
        place, step = sympy.sympify(j if self.axis else i), len(parts)
        turn, k = sympy.Mod(place, step), sympy.floor(place / step)
        at = (i, k) if self.axis else (k, j)
        if turn.is_Integer:
            return element(parts[int(turn)], *at)
        rows = [(element(m, *at), sympy.Eq(turn, p)) for p, m in enumerate(parts[:-1])]
        return piecewise([*rows, (element(parts[-1], *at), sympy.true)])

    def list_shown(self) -> list[sympy.Basic]:
        """The matrices."""
        return [*self.args[1:]]


class Band(MatrixFunction):
    """A square matrix with a vector on a diagonal: ``args`` are the vector and the number of the diagonal, as NumPy's.

    Examples
    --------
    >>> Band(sympy.Matrix([1, 2]), sympy.Integer(1)).doit()
    Matrix([
    [0, 1, 0],
    [0, 0, 2],
    [0, 0, 0]])
    """

    @property
    def shape(self) -> tuple[Dim, Dim]:
        vector, number = self.args
        size = sympy.expand(vector.shape[0] + abs(number))
        return size, size

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        vector, number = self.args
        if (distance := sympy.sympify(j - i)).is_Integer:
            return element(vector, i if number > 0 else j) if distance == number else sympy.S.Zero
        k = sympy.Dummy("k", dummy_index=10_000_017, integer=True)
        row, column = (k, k + number) if number > 0 else (k - number, k)
        there = sympy.KroneckerDelta(i, row) * sympy.KroneckerDelta(j, column)
        return sympy.Sum(there * element(vector, k), (k, 0, vector.shape[0] - 1))

    def choose_name(self) -> str:
        return "diag"

    def write_latex(self, printer: Printer) -> str:
        return write_call("diag", map(show_sizes(printer)._print, self.args))
