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
from sympy.printing.str import StrPrinter

from tracer.formulas.matrix.latex_printer import bind_elementwise_latex, write_elementwise_latex
from tracer.formulas.matrix.precedences import ATOM, POWER, PRODUCT, SUM
from tracer.formulas.matrix.pretty_text import draw_function
from tracer.formulas.matrix.written_parts import divides, has_any, is_truth_value, split_clip, split_quotient

Shown = Mapping[sympy.Symbol, tuple[str, int]]
"""The text that stands for a variable, and how tightly it binds."""


def write_elementwise(function: sympy.Lambda, operands: Sequence[sympy.Expr], printer: Printer) -> str:
    """A function of elements with the text of its operands in place of its variables.

    Examples
    --------
    >>> x, y = sympy.symbols("x y", real=True)
    >>> A, B = (sympy.MatrixSymbol(name, 2, 3) for name in "AB")
    >>> print(write_elementwise(sympy.Lambda((x, y), sympy.Max(2 * x / y, 0)), [A, B], StrPrinter()))
    max(0, 2*A/B)
    """
    shown = {x: (printer._print(m), precedence(m)) for x, m in zip(function.variables, operands)}
    return str(ElementwiseText(shown, write_power_sign(operands[0])).doprint(function.expr))


def write_power_sign(m: sympy.Expr) -> str:
    """The sign of an elementwise power: ``A**2`` of a matrix is ``A*A``, so that its elements' squares are ``A^o2``."""
    return "^o" if len(m.shape) == 2 and 1 not in m.shape else "**"


def bind_elementwise(function: sympy.Lambda, operands: Sequence[sympy.Expr]) -> int:
    """How tightly that text binds, as sympy's printers count it."""
    body = function.expr
    if body in function.variables:
        return int(precedence(operands[function.variables.index(body)]))
    if isinstance(body, sympy.Function):
        return ATOM
    return int(precedence(body))


class ElementwiseText(StrPrinter):  # type: ignore[misc]
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

    def _is_array(self, e: sympy.Basic) -> bool:
        """Whether an expression has a value for each element."""
        return has_any(e, self.shown)

    def _print_Mul(self, e: sympy.Expr) -> str:
        """Numbers first, then the factors that differ from element to element, and divisors."""
        if not self._is_array(e):
            return str(super()._print_Mul(e))
        negative, over, under = split_quotient(e.args)
        arrays = [f for f in over if self._is_array(f)]
        front = [self.parenthesize(f, PRODUCT - 1) for f in over if not self._is_array(f)]
        level = PRODUCT if len(arrays) > 1 else PRODUCT - 1
        product = " o ".join(self.parenthesize(f, level) for f in arrays)
        if len(arrays) > 1 and (front or under):
            product = f"({product})"
        text = "*".join([*front, product] if product else front) or "1"
        return ("-" if negative else "") + text + "".join(f"/{self.parenthesize(f, PRODUCT)}" for f in under)

    def _print_Pow(self, e: sympy.Expr, rational: bool = False) -> str:
        if e.exp == sympy.Rational(1, 2):
            return f"sqrt({self._print(e.base)})"
        if divides(e):
            return f"1/{self.parenthesize(1 / e, PRODUCT)}"
        sign = self.power_sign if self._is_array(e) else "**"
        return f"{self.parenthesize(e.base, POWER)}{sign}{self.parenthesize(e.exp, POWER)}"

    def _print_Piecewise(self, e: sympy.Expr) -> str:
        """``where(c, a, b)``; a choice of one and zero is the truth value ``[c]``."""
        *first, (last, _) = [(str(self._print(value)), str(self._print(test))) for value, test in e.args]
        if is_truth_value(e):
            return f"[{first[0][1]}]"
        text = last
        for value, test in reversed(first):
            text = f"where({test}, {value}, {text})"
        return text

    def _print_Max(self, e: sympy.Expr) -> str:
        return f"max({', '.join(map(self._print, e.args))})"

    def _print_Min(self, e: sympy.Expr) -> str:
        """The smaller one; of the larger one and an upper bound ``clip``."""
        found = split_clip(e, self._is_array)
        if found is not None:
            return f"clip({', '.join(map(self._print, found))})"
        return f"min({', '.join(map(self._print, e.args))})"

    def _print_polygamma(self, e: sympy.Expr) -> str:
        order, x = e.args
        return f"digamma({self._print(x)})" if order == 0 else f"polygamma({self._print(order)}, {self._print(x)})"

    def _print_Abs(self, e: sympy.Expr) -> str:
        return f"abs({self._print(e.args[0])})"

    def _print_Relational(self, e: sympy.Basic) -> str:
        sign = {"Eq": "==", "Ne": "!="}.get(type(e).__name__, e.rel_op)
        return f"{self.parenthesize(e.lhs, SUM - 1)} {sign} {self.parenthesize(e.rhs, SUM - 1)}"

    def _print_And(self, e: sympy.Basic) -> str:
        return " & ".join(f"({self._print(a)})" for a in e.args)

    def _print_Or(self, e: sympy.Basic) -> str:
        return " | ".join(f"({self._print(a)})" for a in e.args)

    def _print_Not(self, e: sympy.Basic) -> str:
        return f"~({self._print(e.args[0])})"


class Elementwise:
    """A function of elements, printed as it is written: ``args`` are a Lambda and what it is applied to."""

    args: tuple[sympy.Basic, ...]

    precedence = property(lambda self: bind_elementwise(self.args[0], self.args[1:]))

    def _sympystr(self, printer: Printer) -> str:
        return write_elementwise(self.args[0], self.args[1:], printer)

    typeset_precedence = property(lambda self: bind_elementwise_latex(self.args[0], self.args[1:]))

    def _latex(self, printer: Printer) -> str:
        return write_elementwise_latex(self.args[0], self.args[1:], printer)

    def _pretty(self, printer: PrettyPrinter) -> prettyForm:
        return draw_function(self.args[0], self.args[1:], printer)
