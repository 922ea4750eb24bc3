"""Arrays with places around them: ``pad(X, ((0, 0), (1, 1), (1, 1)))``, as NumPy calls it."""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy.printing.printer import Printer

from tracer.formulas.matrix.bodies import DrawnArray, array_element, element, piecewise
from tracer.formulas.matrix.index_latex import choose_indices, is_index, typeset_element
from tracer.formulas.matrix.precedences import ATOM
from tracer.shapes import Dim


class Padded(DrawnArray):
    """An array with a number at the places around it.

    ``args`` are the array, how many places there are before and behind each axis, and the number.

    Examples
    --------
    >>> from sympy.tensor.array.expressions import ArraySymbol
    >>> from tracer.formulas.matrix.text_printer import Text
    >>> widths = sympy.Tuple(sympy.Tuple(0, 0), sympy.Tuple(1, 2), sympy.Tuple(0, 0))
    >>> Text()._print(Padded(ArraySymbol("X", (2, 3, 4)), widths, sympy.S.Zero))
    'pad(X, ((0, 0), (1, 2), (0, 0)))'
    """

    precedence = ATOM
    typeset_precedence = 0

    @property
    def shape(self) -> tuple[Dim, ...]:
        array, widths, _ = self.args
        return tuple(size + before + behind for size, (before, behind) in zip(array.shape, widths))

    def _get(self, item: Sequence[sympy.Expr]) -> sympy.Expr:
        array, widths, number = self.args
        tests, at = list[sympy.Basic](), list[sympy.Expr]()
        for k, size, (before, behind) in zip(item, array.shape, widths):
            tests += [sympy.Ge(k, before)] if before != 0 else []
            tests += [sympy.Lt(k, before + size)] if behind != 0 else []
            at.append(k - before)
        inside = sympy.And(*tests)
        if inside == sympy.false:
            return number
        taken = element(array, *at) if isinstance(array, sympy.MatrixExpr) else array_element(array, at)
        return taken if inside == sympy.true else piecewise([(taken, inside), (number, sympy.true)])

    def _entry(self, *at: sympy.Expr) -> sympy.Expr:
        return self._get(at)

    def write_text(self, printer: Printer) -> str:
        return write_pad(printer, *self.args)

    def write_latex(self, printer: Printer) -> str:
        return self.typeset(printer, choose_indices(printer, self))

    def typeset(self, printer: Printer, at: Sequence[str]) -> str:
        """The element of the array within, and the number elsewhere."""
        array, widths, number = self.args
        tests, own = list[str](), list[str]()
        for k, size, (before, behind) in zip(at, array.shape, widths):
            tests += [rf"{k} \geq {printer._print(before)}"] if before != 0 else []
            tests += [rf"{k} < {printer._print(before + size)}"] if behind != 0 else []
            own.append(k if before == 0 else f"{k} - {printer._print(before)}" if is_index(k) else f"{k}-{before}")
        inner = typeset_element(printer, array, own)
        inside = r" \wedge ".join(tests)
        rest = rf"{printer._print(number)} & \text{{otherwise}}"
        return rf"\begin{{cases}} {inner} & \text{{if }} {inside} \\ {rest} \end{{cases}}"


def write_pad(printer: Printer, array: sympy.Basic, widths: Sequence[sympy.Basic], number: sympy.Expr) -> str:
    """An array with a number around it, in text."""
    beyond = "" if number == 0 else f", {printer._print(number)}"
    around = printer._print(sympy.Tuple(*widths) if len(widths) > 1 else widths[0])
    return f"pad({printer._print(array)}, {around}{beyond})"
