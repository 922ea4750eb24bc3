"""Formulas as text: sympy's printer with the words of textbooks and of NumPy."""

from __future__ import annotations

import sympy
from sympy.printing.precedence import precedence
from sympy.printing.str import StrPrinter

from tracer.formulas.matrix.formula_printer import FormulaPrinter
from tracer.formulas.matrix.precedences import POWER, PRODUCT, SUM
from tracer.formulas.matrix.written_parts import divides, is_truth_value, split_clip, split_quotient


class Text(FormulaPrinter, StrPrinter):  # type: ignore[misc]
    """Text as a person types it.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> print(Text().doprint(-sympy.digamma(x) / 2 + sympy.Max(x, 0)), Text().doprint(1 / x**2))
    max(0, x) - digamma(x)/2 1/x**2
    """

    method = "write_text"

    def _print_Add(self, e: sympy.Expr, order: str | None = None) -> str:
        """What has a minus stands last."""
        parts = [(a, self._print(a)) for a in self._as_ordered_terms(e, order=order)]
        text = ""
        for term, part in sorted(parts, key=lambda row: row[1].startswith("-")):
            part = f"({part})" if term.is_Add or precedence(term) < SUM else part
            text += f" - {part[1:]}" if part.startswith("-") and text else f" + {part}" if text else part
        return text

    def _print_Mul(self, e: sympy.Expr) -> str:
        negative, over, under = split_quotient(e.as_ordered_factors())
        above = [self.parenthesize(f, PRODUCT, strict=f is over[-1]) for f in over]
        below = [self.parenthesize(f, PRODUCT) for f in under]
        text = "*".join(above) or "1"
        divisor = f"({'*'.join(below)})" if len(below) > 1 else "".join(below)
        return ("-" if negative else "") + (f"{text}/{divisor}" if divisor else text)

    def _print_Pow(self, e: sympy.Expr, rational: bool = False) -> str:
        if e.exp == sympy.Rational(1, 2):
            return f"sqrt({self._print(e.base)})"
        if divides(e):
            return f"1/{self.parenthesize(1 / e, PRODUCT)}"
        return f"{self.parenthesize(e.base, POWER)}{self._choose_power_sign(e)}{self.parenthesize(e.exp, POWER)}"

    def _choose_power_sign(self, e: sympy.Expr) -> str:
        """The sign of a power."""
        return "**"

    def _print_Piecewise(self, e: sympy.Expr) -> str:
        """``where(c, a, b)``; a choice of one and zero is the truth value ``[c]``."""
        *first, (last, otherwise) = [(str(self._print(value)), str(self._print(test))) for value, test in e.args]
        if is_truth_value(e):
            return f"[{first[0][1]}]"
        text = last if e.args[-1][1] == sympy.true else f"where({otherwise}, {last}, nan)"
        for value, test in reversed(first):
            text = f"where({test}, {value}, {text})"
        return text

    def _print_Max(self, e: sympy.Expr) -> str:
        return f"max({', '.join(map(self._print, e.args))})"

    def _print_Min(self, e: sympy.Expr) -> str:
        """The smaller one; of the larger one and an upper bound ``clip``."""
        found = split_clip(e, self._varies)
        return f"{'clip' if found else 'min'}({', '.join(map(self._print, found or e.args))})"

    def _print_Reshape(self, e: sympy.Expr) -> str:
        """A product of arrays with axes joined is one by its subscripts."""
        array, shape = e.args
        text = array.write_reshaped(self, shape) if hasattr(array, "write_reshaped") else None
        return text or f"Reshape({self._print(array)}, {self._print(shape)})"

    def _print_polygamma(self, e: sympy.Expr) -> str:
        order, x = e.args
        return f"digamma({self._print(x)})" if order == 0 else f"polygamma({self._print(order)}, {self._print(x)})"

    def _print_Abs(self, e: sympy.Expr) -> str:
        return f"abs({self._print(e.args[0])})"

    def _print_Relational(self, e: sympy.Basic) -> str:
        sign = {"Eq": "==", "Ne": "!="}.get(type(e).__name__, e.rel_op)
        return f"{self.parenthesize(e.lhs, SUM - 1)} {sign} {self.parenthesize(e.rhs, SUM - 1)}"

    def _print_And(self, e: sympy.Basic) -> str:
        return " & ".join(self.parenthesize(a, POWER) for a in e.args)

    def _print_Or(self, e: sympy.Basic) -> str:
        return " | ".join(self.parenthesize(a, POWER) for a in e.args)

    def _print_Not(self, e: sympy.Basic) -> str:
        return f"~{self.parenthesize(e.args[0], POWER)}"
