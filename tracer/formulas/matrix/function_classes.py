"""Functions of matrices that sympy has no class for."""

from __future__ import annotations

import sympy
from sympy.matrices.expressions import Inverse, MatMul, MatPow, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.printing.printer import Printer

from tracer.formulas.matrix.bodies import ATOM, element


class band_part(MatrixExpr):  # type: ignore[misc]
    """A matrix with zeros outside a band: ``args`` are the matrix and how many diagonals are kept below and above."""

    shape = property(lambda self: self.args[0].shape)

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        matrix, lower, upper = self.args
        kept = [sympy.Le(i - j, lower)] if lower >= 0 else []
        kept += [sympy.Le(j - i, upper)] if upper >= 0 else []
        return sympy.Piecewise((element(matrix, i, j), sympy.And(*kept)), (0, True))

    def _name(self) -> str:
        _, lower, upper = self.args
        return {(-1, 0): "tril", (0, -1): "triu"}.get((int(lower), int(upper)), "band_part")

    def _sympystr(self, printer: Printer) -> str:
        name = self._name()
        shown = self.args if name == "band_part" else self.args[:1]
        return f"{name}({', '.join(map(printer._print, shown))})"

    def _latex(self, printer: Printer) -> str:
        name = self._name()
        if name == "band_part":
            lower, upper = self.args[1:]
            return rf"\operatorname{{band}}_{{{lower},{upper}}}\left({printer._print(self.args[0])}\right)"
        return rf"\operatorname{{{name}}}\left({printer._print(self.args[0])}\right)"


class pinv(MatrixExpr):  # type: ignore[misc]
    """The Moore-Penrose inverse of a matrix of full rank."""

    shape = property(lambda self: self.args[0].shape[::-1])

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        m = self.args[0]
        tall = MatMul(Inverse(MatMul(Transpose(m), m)), Transpose(m))
        wide = MatMul(Transpose(m), Inverse(MatMul(m, Transpose(m))))
        return sympy.Piecewise(
            (element(tall, i, j), m.shape[0] >= m.shape[1]),
            (element(wide, i, j), m.shape[0] < m.shape[1]),
            evaluate=False,
        )

    def _sympystr(self, printer: Printer) -> str:
        return f"pinv({printer._print(self.args[0])})"

    def _latex(self, printer: Printer) -> str:
        return rf"{printer.parenthesize(self.args[0], ATOM)}^{{+}}"


class cholesky(MatrixExpr):  # type: ignore[misc]
    """The lower triangular factor of a positive definite matrix."""

    shape = property(lambda self: self.args[0].shape)

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        i, j = sympy.sympify(i), sympy.sympify(j)
        if not (i.is_Integer and j.is_Integer):
            return element(self, i, j)
        return self._factor(int(i), int(j), {})

    def _factor(self, i: int, j: int, found: dict[tuple[int, int], sympy.Expr]) -> sympy.Expr:
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

    def _sympystr(self, printer: Printer) -> str:
        return f"cholesky({printer._print(self.args[0])})"

    def _latex(self, printer: Printer) -> str:
        return rf"\operatorname{{chol}}\left({printer._print(self.args[0])}\right)"


class expm(MatrixExpr):  # type: ignore[misc]
    """The exponential of a matrix."""

    shape = property(lambda self: self.args[0].shape)

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        k = sympy.Dummy("k", dummy_index=10_000_013, integer=True)
        return sympy.Sum(element(MatPow(self.args[0], k), i, j) / sympy.factorial(k), (k, 0, sympy.oo))

    def _sympystr(self, printer: Printer) -> str:
        return f"expm({printer._print(self.args[0])})"

    def _latex(self, printer: Printer) -> str:
        return f"e^{{{printer._print(self.args[0])}}}"


class cross(MatrixExpr):  # type: ignore[misc]
    """The cross product of two columns."""

    shape = property(lambda self: self.args[0].shape)

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        a, b = self.args
        k, m = (i + 1) % 3, (i + 2) % 3
        return element(a, k, j) * element(b, m, j) - element(a, m, j) * element(b, k, j)

    def _sympystr(self, printer: Printer) -> str:
        return f"cross({printer._print(self.args[0])}, {printer._print(self.args[1])})"

    def _latex(self, printer: Printer) -> str:
        a, b = (printer.parenthesize(m, ATOM) for m in self.args)
        return rf"{a} \times {b}"
