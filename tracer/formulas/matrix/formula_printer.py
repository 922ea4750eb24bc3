"""What the printers of text, LaTeX and pictures have in common: the classes of formulas say how they are written."""

from __future__ import annotations

from typing import Any, ClassVar

import sympy
from sympy.printing.printer import Printer


class FormulaPrinter(Printer):  # type: ignore[misc]
    """A printer of sympy's that asks an expression first whether it writes itself.

    Attributes
    ----------
    method : str
        The method by which it does.
    """

    method: ClassVar[str]

    def _print(self, e: object, **options: Any) -> Any:
        write = getattr(e, self.method, None)
        if write is None:
            return super()._print(e, **options)
        self._print_level += 1
        try:
            return write(self, **options)
        finally:
            self._print_level -= 1

    def _as_ordered_terms(self, e: sympy.Add, order: str | None = None) -> list[sympy.Expr]:
        """The summands of a sum and of sums among these."""
        terms = super()._as_ordered_terms(e, order=order)
        return [b for a in terms for b in (self._as_ordered_terms(a, order=order) if a.is_Add else (a,))]

    def _varies(self, e: sympy.Expr) -> bool:
        """Whether an expression is no constant: where it is bounded by such, it is clipped."""
        return bool(e.free_symbols)

    def adopt(self, outer: Printer) -> FormulaPrinter:
        """This printer with the settings of another one."""
        self._settings = outer._settings
        return self
