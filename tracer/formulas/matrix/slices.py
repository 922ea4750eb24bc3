"""Parts of matrices and matrices that are put together, as a person writes them."""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy.matrices.expressions import MatMul, MatrixSymbol, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.matrices.expressions.slice import MatrixSlice
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.stringpict import prettyForm
from sympy.printing.printer import Printer

from tracer.formulas.matrix import classes as N
from tracer.formulas.matrix.bodies import MatrixFunction, element
from tracer.formulas.matrix.latex_text import show_sizes
from tracer.shapes import Dim


class Selection(MatrixFunction):
    """Rows ``start``, ``start + step``, ... of the identity: ``args`` are start, length, step and size."""

    @property
    def shape(self) -> tuple[Dim, Dim]:
        return self.args[1], self.args[3]

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        return sympy.KroneckerDelta(j, self.args[0] + self.args[2] * i)

    def span(self) -> str:
        """The slice as text."""
        start, length, step, _ = self.args
        if length == 1:
            return f"{start}:{start + 1}"
        stop = start + length * step
        if step > 0:
            return f"{start}:{stop}" + (f":{step}" if step != 1 else "")
        return f"{start}:{'' if stop == -1 else stop}:{step}"

    def _sympystr(self, printer: Printer) -> str:
        return f"eye({self.args[3]})[{self.span()}, :]"

    def _latex(self, printer: Printer) -> str:
        start, length, step, size = self.args
        stop = start + (length * step if length != 1 else 1)
        low, high, by = (printer._print(a) for a in (start, stop, step))
        rows = f"{low}:{'' if stop == -1 else high}" + (f":{by}" if step != 1 else "")
        return rf"(I_{{{printer._print(size)}}})_{{{rows if length != 1 else low},:}}"

    def _pretty(self, printer: PrettyPrinter) -> prettyForm:
        return prettyForm(str(self))


def _split_slice(m: sympy.Expr) -> tuple[MatrixSymbol, sympy.Tuple, sympy.Tuple] | None:
    """A symbol, or a slice of one, with its rows and columns; None for what has no slices in the notation."""
    if isinstance(m, MatrixSymbol):
        return m, sympy.Tuple(0, m.shape[0], 1), sympy.Tuple(0, m.shape[1], 1)
    return m.args if isinstance(m, MatrixSlice) else None


def _bounds(chosen: Selection) -> sympy.Tuple:
    """The start, stop and step of the positions that are selected."""
    start, length, step, _ = chosen.args
    return sympy.Tuple(start, start + length * step if length != 1 else start + 1, step)


def _slice_rows(m: sympy.Expr, chosen: Selection) -> MatrixSlice | None:
    """``E*A`` as ``A[a:b, :]``; None where A is no symbol with all its rows, or the order is reversed."""
    parent = _split_slice(m)
    if parent is None or chosen.args[2] <= 0 or parent[1] != sympy.Tuple(0, parent[0].shape[0], 1):
        return None
    return sympy.Basic.__new__(MatrixSlice, parent[0], _bounds(chosen), parent[2])


def _slice_columns(m: sympy.Expr, chosen: Selection) -> MatrixSlice | None:
    """``A*E.T`` as ``A[:, a:b]``; None where A is no symbol with all its columns, or the order is reversed."""
    parent = _split_slice(m)
    if parent is None or chosen.args[2] <= 0 or parent[2] != sympy.Tuple(0, parent[0].shape[1], 1):
        return None
    return sympy.Basic.__new__(MatrixSlice, parent[0], parent[1], _bounds(chosen))


def fold_selections(chain: list[sympy.Expr]) -> list[sympy.Expr]:
    """The factors of a product with selections beside symbols written as slices: ``E, A, B -> A[a:b, :], B``."""
    out: list[sympy.Expr] = []
    for m in chain:
        made = None
        if out and isinstance(out[-1], Selection):
            made = _slice_rows(m, out[-1])
        elif out and isinstance(m, Transpose) and isinstance(m.args[0], Selection):
            made = _slice_columns(out[-1], m.args[0])
        if made is None:
            out.append(m)
        else:
            out[-1] = made
    return out


def unit_position(m: sympy.Expr) -> sympy.Expr:
    """The position of the one in a column of the identity; None for everything else."""
    if isinstance(m, Transpose) and isinstance(m.args[0], Selection) and m.args[0].args[1] == 1:
        return m.args[0].args[0]
    return None


class Concatenation(MatrixFunction):
    """Matrices one below another."""

    @property
    def shape(self) -> tuple[Dim, Dim]:
        return sympy.Add(*(m.shape[0] for m in self.args)), self.args[0].shape[1]

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        start, total = sympy.S.Zero, []
        k = sympy.Dummy("k", dummy_index=10_000_017, integer=True)
        for m in self.args:
            placed = sympy.KroneckerDelta(i, start + k) * element(m, k, j)
            total.append(sympy.Sum(placed, (k, 0, m.shape[0] - 1)))
            start = start + m.shape[0]
        return sympy.Add(*total)

    def _sympystr(self, printer: Printer) -> str:
        return f"concat({', '.join(map(printer._print, self.args))})"

    def _latex(self, printer: Printer) -> str:
        blocks = r" \\ ".join(map(show_sizes(printer)._print, self.args))
        return rf"\begin{{bmatrix}}{blocks}\end{{bmatrix}}"


def concatenate(parts: Sequence[sympy.Expr]) -> sympy.Expr:
    """A sum as a concatenation: ``E.T*A + F.T*B`` where E and F select all places one after another; else None."""
    rows = []
    for m in parts:
        factors = m.args if isinstance(m, MatMul) else (m,)
        scalars = [f for f in factors if not isinstance(f, MatrixExpr)]
        chain = [f for f in factors if isinstance(f, MatrixExpr)]
        head = chain[0] if chain else None
        if len(chain) < 2 or not isinstance(head, Transpose) or not isinstance(head.args[0], Selection):
            return None
        rest = [*scalars, *chain[1:]]
        rows.append((head.args[0].args, rest[0] if len(rest) == 1 else N.MatMul(*rest, evaluate=False)))
    position, blocks = sympy.S.Zero, []
    while rows:
        found = next((r for r in rows if sympy.expand(r[0][0] - position) == 0 and r[0][2] == 1), None)
        if found is None:
            return None
        rows.remove(found)
        blocks.append(found[1])
        position = position + found[0][1]
    if sympy.expand(position - parts[0].shape[0]) != 0:
        return None
    return N.OneMatrix(*parts[0].shape) if all(isinstance(m, N.OneMatrix) for m in blocks) else Concatenation(*blocks)
