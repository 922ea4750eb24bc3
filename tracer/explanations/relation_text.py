"""Relations as sentences and pictures show them: ``x != 0`` for ``Ne(x, 0)``, ``and`` for ``&``."""

from __future__ import annotations

import sympy
from sympy.logic.boolalg import Boolean
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter


class RelationPrinter(StrPrinter):  # type: ignore[misc]
    """Prints relations in signs that programs have."""

    def _print_Relational(self, expr: sympy.Rel) -> str:
        sign = "!=" if isinstance(expr, sympy.Ne) else "==" if isinstance(expr, sympy.Eq) else expr.rel_op
        sides = (self.parenthesize(e, PRECEDENCE["Relational"]) for e in (expr.lhs, expr.rhs))
        return f" {sign} ".join(sides)

    def _print_And(self, expr: sympy.And) -> str:
        return self._join(expr, " and ")

    def _print_Or(self, expr: sympy.Or) -> str:
        return self._join(expr, " or ")

    def _print_AppliedPredicate(self, expr: sympy.Basic) -> str:
        """``A positive definite``: no program has a sign for it."""
        return f"{self.parenthesize(expr.arg, PRECEDENCE['Add'])} {expr.function.name.replace('_', ' ')}"

    def _print_Determinant(self, expr: sympy.Basic) -> str:
        return f"det({self._print(expr.args[0])})"

    def _print_Sum(self, expr: sympy.Sum) -> str:
        """``sum(x[i]**2 for i in range(n))``, where a sum begins at zero."""
        if any(start != 0 for _, start, _ in expr.limits):
            return str(super()._print_Sum(expr))
        ranges = [f" for {self._print(i)} in range({self._print(end + 1)})" for i, _, end in reversed(expr.limits)]
        return f"sum({self._print(expr.function)}{''.join(ranges)})"

    def _join(self, expr: Boolean, word: str) -> str:
        inner = (sympy.And, sympy.Or)
        parts = sorted(expr.args, key=lambda p: (isinstance(p, inner), sympy.default_sort_key(p)))
        return word.join(f"({self._print(p)})" if isinstance(p, inner) else self._print(p) for p in parts)


def tell_relation(relation: Boolean) -> str:
    """A relation in signs that programs have.

    Examples
    --------
    >>> x, y = sympy.symbols("x y", real=True)
    >>> tell_relation(sympy.And(sympy.Ne(x, 0), sympy.Or(x < y, y >= 1)))
    'x != 0 and (y >= 1 or x < y)'
    """
    return str(RelationPrinter().doprint(relation))
