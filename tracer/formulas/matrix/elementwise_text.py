"""Functions of the elements of matrices as text: what is done to the elements, with the matrices in their places.

``where(A > 0, A, B)`` is the function that takes ``x`` where ``x > 0``, else ``y``, of the elements x of A and y of B.
A product of elements is written ``A o B``, a quotient ``A/B``, a power ``A^op``, or ``x**p`` of a column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy
from sympy.printing.precedence import precedence
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.stringpict import prettyForm
from sympy.printing.printer import Printer

from tracer.formulas.matrix.latex_printer import bind_elementwise_latex, write_elementwise_latex
from tracer.formulas.matrix.precedences import ATOM, PRODUCT
from tracer.formulas.matrix.pretty_text import draw_function
from tracer.formulas.matrix.text_printer import Text
from tracer.formulas.matrix.written_parts import has_any, split_quotient

Shown = Mapping[sympy.Symbol, tuple[str, int]]
"""The text that stands for a variable, and how tightly it binds."""


def write_elementwise(function: sympy.Lambda, operands: Sequence[sympy.Expr], printer: Printer) -> str:
    """A function of elements with the text of its operands in place of its variables.

    Examples
    --------
    >>> x, y = sympy.symbols("x y", real=True)
    >>> A, B = (sympy.MatrixSymbol(name, 2, 3) for name in "AB")
    >>> print(write_elementwise(sympy.Lambda((x, y), sympy.Max(2 * x / y, 0)), [A, B], Text()))
    max(0, 2*A/B)
    """
    shown = {x: (printer._print(m), precedence(m)) for x, m in zip(function.variables, operands)}
    return str(ElementwiseText(shown, write_power_sign(*operands)).doprint(function.expr))


def write_power_sign(*operands: sympy.Expr) -> str:
    """The sign of an elementwise power: ``A**2`` of a matrix is ``A*A``, so that its elements' squares are ``A^o2``."""
    return "^o" if any(len(m.shape) == 2 and 1 not in m.shape for m in operands) else "**"


def bind_elementwise(function: sympy.Lambda, operands: Sequence[sympy.Expr]) -> int:
    """How tightly that text binds, as sympy's printers count it."""
    body = function.expr
    if body in function.variables:
        return int(precedence(operands[function.variables.index(body)]))
    if isinstance(body, sympy.Function):
        return ATOM
    return int(precedence(body))


class ElementwiseText(Text):
    """Scalar expressions with texts in place of some symbols."""

    def __init__(self, shown: Shown, power_sign: str = "**") -> None:
        super().__init__()
        self.shown = shown
        self.power_sign = power_sign

    def parenthesize(self, item: sympy.Basic, level: int, strict: bool = False) -> str:
        if item not in self.shown:
            return str(super().parenthesize(item, level, strict=strict))
        text, own = self.shown[item]
        return f"({text})" if own < level or (not strict and own <= level) else text

    def _print_Symbol(self, e: sympy.Symbol) -> str:
        return self.shown[e][0] if e in self.shown else str(super()._print_Symbol(e))

    def _print_Dummy(self, e: sympy.Symbol) -> str:
        return self.shown[e][0] if e in self.shown else str(super()._print_Dummy(e))

    def _varies(self, e: sympy.Basic) -> bool:
        """Whether an expression has a value for each element."""
        return has_any(e, self.shown)

    def _print_Mul(self, e: sympy.Expr) -> str:
        """Numbers first, then the factors that differ from element to element, and divisors."""
        if not self._varies(e):
            return super()._print_Mul(e)
        negative, over, under = split_quotient(e.args)
        arrays = [f for f in over if self._varies(f)]
        front = [self.parenthesize(f, PRODUCT - 1) for f in over if not self._varies(f)]
        level = PRODUCT if len(arrays) > 1 else PRODUCT - 1
        product = " o ".join(self.parenthesize(f, level) for f in arrays)
        if len(arrays) > 1 and (front or under):
            product = f"({product})"
        text = "*".join([*front, product] if product else front) or "1"
        return ("-" if negative else "") + text + self._write_divisor(under)

    def _write_divisor(self, under: Sequence[sympy.Expr]) -> str:
        """What stands below the line, arrays last: ``/(2*(A o B))``."""
        arrays = [self.parenthesize(f, PRODUCT) for f in under if self._varies(f)]
        below = [self.parenthesize(f, PRODUCT) for f in under if not self._varies(f)]
        product = " o ".join(arrays)
        below += [f"({product})" if below and len(arrays) > 1 else product] if arrays else []
        divisor = "*".join(below)
        return f"/({divisor})" if len(under) > 1 else f"/{divisor}" if under else ""

    def _choose_power_sign(self, e: sympy.Expr) -> str:
        return self.power_sign if self._varies(e) else "**"


class Elementwise:
    """A function of elements, printed as it is written: ``args`` are a Lambda and what it is applied to.

    Attributes
    ----------
    operands : sequence of matrices
        What it is applied to, as it is printed.
    """

    args: tuple[sympy.Basic, ...]

    operands = property(lambda self: self.args[1:])
    precedence = property(lambda self: bind_elementwise(self.args[0], self.operands))

    def write_text(self, printer: Printer) -> str:
        return write_elementwise(self.args[0], self.operands, printer)

    typeset_precedence = property(lambda self: bind_elementwise_latex(self.args[0], self.operands))

    def write_latex(self, printer: Printer) -> str:
        return write_elementwise_latex(self.args[0], self.operands, printer)

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        return draw_function(self.args[0], self.operands, printer)
