"""The greatest and the least of an expression's values over indices, as ``sympy.Sum`` is their sum."""

from __future__ import annotations

from collections.abc import Callable

import sympy
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.stringpict import prettyForm
from sympy.printing.printer import Printer

from tracer.formulas.matrix.latex_text import bracket
from tracer.formulas.matrix.precedences import PRODUCT
from tracer.formulas.matrix.pretty_text import draw_list
from tracer.series import ExprWithLimits


class MaxOver(ExprWithLimits):  # type: ignore[misc]
    """The greatest of an expression's values over indices, as ``sympy.Sum`` is their sum.

    Examples
    --------
    >>> i, n = sympy.symbols("i n", integer=True)
    >>> x = sympy.IndexedBase("x", real=True)
    >>> MaxOver(x[i], (i, 0, n - 1)), MaxOver(x[i], (i, 0, 1)).doit()
    (Max(x[i], (i, 0, n - 1)), Max(x[0], x[1]))
    """

    choose: Callable[..., sympy.Expr] = sympy.Max
    is_commutative = True

    def doit(self, **hints: object) -> sympy.Expr:
        """The greatest itself, where the ends of all indices are numbers."""
        if any(not e.is_Integer for _, low, high in self.limits for e in (low, high)):
            return self
        values = [self.function]
        for index, low, high in self.limits:
            values = [v.xreplace({index: sympy.Integer(k)}) for v in values for k in range(int(low), int(high) + 1)]
        return type(self).choose(*values)

    def _eval_is_extended_real(self) -> bool | None:
        known: bool | None = self.function.is_extended_real
        return known

    def _sympystr(self, printer: Printer) -> str:
        return f"{self.choose.__name__}({', '.join(map(printer._print, (self.function, *self.limits)))})"

    def _latex(self, printer: Printer) -> str:
        below = [rf"0 \leq {printer._print(i)} \leq {printer._print(high)}" for i, _, high in self.limits]
        body = bracket(printer, self.function, PRODUCT)
        return rf"\{self.choose.__name__.lower()}_{{{', '.join(below)}}} {body}"

    def _pretty(self, printer: PrettyPrinter) -> prettyForm:
        limits = [f"{i} = {low}..{high}" for i, low, high in self.limits]
        row = [printer._print(self.function), *map(prettyForm, limits)]
        return draw_list(self.choose.__name__, row)


class MinOver(MaxOver):
    """The least of an expression's values over indices."""

    choose = sympy.Min
