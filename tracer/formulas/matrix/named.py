"""Matrix functions that sympy has no class for, and how named functions are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from sympy.matrices.expressions import Inverse, KroneckerProduct, MatMul, MatPow, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.tensor.array.expressions import Reshape

from tracer.formulas.matrix.array_classes import ArrayAsMatrix, applied
from tracer.formulas.matrix.bodies import ATOM, element
from tracer.formulas.terms import Call


class band_part(MatrixExpr):  # type: ignore[misc]
    """A matrix with zeros outside a band: ``args`` are the matrix and how many diagonals are kept below and above."""

    shape = property(lambda self: self.args[0].shape)

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> sympy.Expr:
        matrix, lower, upper = self.args
        kept = [sympy.Le(i - j, lower)] if lower >= 0 else []
        kept += [sympy.Le(j - i, upper)] if upper >= 0 else []
        return sympy.Piecewise((element(matrix, i, j), sympy.And(*kept)), (0, True))

    def _name(self) -> str:
        _, lower, upper = self.args
        return {(-1, 0): "tril", (0, -1): "triu"}.get((int(lower), int(upper)), "band_part")

    def _sympystr(self, printer: Any) -> str:
        name = self._name()
        shown = self.args if name == "band_part" else self.args[:1]
        return f"{name}({', '.join(map(printer._print, shown))})"

    def _latex(self, printer: Any) -> str:
        name = self._name()
        if name == "band_part":
            lower, upper = self.args[1:]
            return rf"\operatorname{{band}}_{{{lower},{upper}}}\left({printer._print(self.args[0])}\right)"
        return rf"\operatorname{{{name}}}\left({printer._print(self.args[0])}\right)"


class pinv(MatrixExpr):  # type: ignore[misc]
    """The Moore-Penrose inverse of a matrix of full rank."""

    shape = property(lambda self: self.args[0].shape[::-1])

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> sympy.Expr:
        m = self.args[0]
        tall = MatMul(Inverse(MatMul(Transpose(m), m)), Transpose(m))
        wide = MatMul(Transpose(m), Inverse(MatMul(m, Transpose(m))))
        return sympy.Piecewise(
            (element(tall, i, j), m.shape[0] >= m.shape[1]),
            (element(wide, i, j), m.shape[0] < m.shape[1]),
            evaluate=False,
        )

    def _sympystr(self, printer: Any) -> str:
        return f"pinv({printer._print(self.args[0])})"

    def _latex(self, printer: Any) -> str:
        return rf"{printer.parenthesize(self.args[0], ATOM)}^{{+}}"


class cholesky(MatrixExpr):  # type: ignore[misc]
    """The lower triangular factor of a positive definite matrix."""

    shape = property(lambda self: self.args[0].shape)

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> sympy.Expr:
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

    def _sympystr(self, printer: Any) -> str:
        return f"cholesky({printer._print(self.args[0])})"

    def _latex(self, printer: Any) -> str:
        return rf"\operatorname{{chol}}\left({printer._print(self.args[0])}\right)"


class expm(MatrixExpr):  # type: ignore[misc]
    """The exponential of a matrix."""

    shape = property(lambda self: self.args[0].shape)

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> sympy.Expr:
        k = sympy.Dummy("k", dummy_index=10_000_013, integer=True)
        return sympy.Sum(element(MatPow(self.args[0], k), i, j) / sympy.factorial(k), (k, 0, sympy.oo))

    def _sympystr(self, printer: Any) -> str:
        return f"expm({printer._print(self.args[0])})"

    def _latex(self, printer: Any) -> str:
        return f"e^{{{printer._print(self.args[0])}}}"


class cross(MatrixExpr):  # type: ignore[misc]
    """The cross product of two columns."""

    shape = property(lambda self: self.args[0].shape)

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> sympy.Expr:
        a, b = self.args
        k, m = (i + 1) % 3, (i + 2) % 3
        return element(a, k, j) * element(b, m, j) - element(a, m, j) * element(b, k, j)

    def _sympystr(self, printer: Any) -> str:
        return f"cross({printer._print(self.args[0])}, {printer._print(self.args[1])})"

    def _latex(self, printer: Any) -> str:
        a, b = (printer.parenthesize(m, ATOM) for m in self.args)
        return rf"{a} \times {b}"


def _reshape(writer: Any, t: Call) -> Any:
    array = Reshape(writer.array(t.args[0]), t.shape)
    return ArrayAsMatrix(array) if 0 < len(t.shape) <= 2 else array


def _of_matrices(cls: Any) -> Callable[[Any, Call], Any]:
    return lambda writer, t: cls(*map(writer, t.args))


def _applied(writer: Any, t: Call) -> Any:
    return applied(t.head, None, t.shape, [writer(a) for a in t.args])


FORMS: dict[str, Callable[[Any, Call], Any]] = {
    "band_part": lambda writer, t: band_part(writer(t.args[0]), *map(sympy.Integer, t.params)),
    "pinv": _of_matrices(pinv),
    "expm": _of_matrices(expm),
    "matrix_power": lambda writer, t: MatPow(writer(t.args[0]), t.params),
    "cross": _of_matrices(cross),
    "cholesky": _of_matrices(cholesky),
    "kron": _of_matrices(KroneckerProduct),
    "reshape": _reshape,
    **dict.fromkeys(("eigvalsh", "eigenvectors", "svd", "svd_left", "svd_right"), _applied),
    **dict.fromkeys(("sqrtm", "logm", "lu", "qr_q"), _applied),
    **dict.fromkeys(("expm_frechet", "logm_frechet", "matrix_power_frechet", "sqrtm_frechet"), _applied),
}
