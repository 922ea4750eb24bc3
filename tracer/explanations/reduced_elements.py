"""The greatest, the least and the product of elements over an index, which matrix notation has no sign for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import sympy
from sympy.printing.printer import Printer

from tracer.series import ExprWithLimits
from tracer.tensor import Tensor


class Greatest(ExprWithLimits):  # type: ignore[misc]
    """The greatest of an expression's values over indices, as ``sympy.Sum`` is their sum.

    Examples
    --------
    >>> i, n = sympy.symbols("i n", integer=True)
    >>> x = sympy.IndexedBase("x", real=True)
    >>> Greatest(x[i], (i, 0, n - 1)), Greatest(x[i], (i, 0, 1)).doit()
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
        return rf"\{self.choose.__name__.lower()}_{{{', '.join(below)}}} {printer._print(self.function)}"


class Least(Greatest):
    """The least of an expression's values over indices."""

    choose = sympy.Min


REDUCTIONS: Mapping[str, type[ExprWithLimits]] = {
    "reduce_max": Greatest,
    "reduce_min": Least,
    "reduce_prod": sympy.Product,
}
"""What writes the element of a row's result over the elements of its operand."""


def reduce_elements(
    tensor: Tensor,
    index: Sequence[sympy.Expr],
    element: Callable[[Tensor, Sequence[sympy.Expr]], sympy.Basic],
    name_index: Callable[[], sympy.Symbol],
) -> sympy.Basic:
    """An element of a reduction, by those of its operand.

    Examples
    --------
    >>> import tracer
    >>> i, j, X = sympy.Symbol("i"), sympy.Symbol("j"), sympy.IndexedBase("X")
    >>> row = tracer.reduce_max(tracer.placeholder("X", ("n", "m")), axis=1)
    >>> reduce_elements(row, [i], lambda tensor, place: X[tuple(place)], lambda: j)
    Max(X[i, j], (j, 0, m - 1))
    """
    (operand,) = tensor.args
    axes, keeps = tensor.params
    left = iter(index if not keeps else [e for k, e in enumerate(index) if k not in axes])
    limits = {k: (name_index(), 0, sympy.sympify(operand.shape[k]) - 1) for k in axes}
    place = [limits[k][0] if k in limits else next(left) for k in range(operand.ndim)]
    made = ExprWithLimits.__new__(REDUCTIONS[tensor.op], element(operand, place), *limits.values())
    return made
