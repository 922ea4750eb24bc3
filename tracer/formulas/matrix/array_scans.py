"""Running products along an axis of an array of more than two axes."""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy.printing.printer import Printer

from tracer.formulas.matrix.array_products import multiply_arrays
from tracer.formulas.matrix.array_reductions import find_axes
from tracer.formulas.matrix.bodies import DrawnArray, array_element, over_index
from tracer.formulas.matrix.function_classes import name_running_product
from tracer.formulas.matrix.index_latex import choose_indices, name_indices, reserve_indices, typeset_factor
from tracer.formulas.matrix.known import is_known
from tracer.formulas.matrix.precedences import ATOM, PRODUCT
from tracer.formulas.matrix.unevaluated import from_parts
from tracer.shapes import Shape


class ArrayCumprod(DrawnArray):
    """The products of the elements up to each place of an axis: ``args`` are the array, whether the place itself is
    left out, whether the elements are those from there on, and the axis.
    """

    precedence = ATOM
    typeset_precedence = PRODUCT

    @property
    def shape(self) -> Shape:
        return tuple(self.args[0].shape)

    def _get(self, item: Sequence[sympy.Expr]) -> sympy.Expr:
        x, exclusive, reverse, axis = self.args
        at, last = item[int(axis)], x.shape[int(axis)] - 1
        low, high = (at + exclusive, last) if reverse else (sympy.S.Zero, at - exclusive)
        known = is_known(x) and sympy.sympify(at).is_Integer

        def take(k: sympy.Expr) -> sympy.Expr:
            return array_element(x, [k if p == axis else i for p, i in enumerate(item)])

        return over_index(sympy.Product, take, low, high, known)

    def _entry(self, *at: sympy.Expr) -> sympy.Expr:
        return self._get(at)

    def write_text(self, printer: Printer) -> str:
        x, exclusive, reverse, axis = self.args
        return f"{name_running_product(bool(exclusive), bool(reverse))}({printer._print(x)}, {axis})"

    def write_latex(self, printer: Printer) -> str:
        return self.typeset(printer, choose_indices(printer, self))

    def typeset(self, printer: Printer, at: Sequence[str]) -> str:
        """The product over an index, from the first place to that of the element, or from there to the last."""
        x, exclusive, reverse, axis = self.args
        k = next(name_indices(printer, x, at))
        own, last = at[int(axis)], printer._print(sympy.sympify(x.shape[int(axis)]) - 1)
        beside = own if not exclusive else f"{own} + 1" if reverse else f"{own} - 1"
        low, high = (beside, last) if reverse else ("0", beside)
        over = [k if p == axis else i for p, i in enumerate(at)]
        inner = typeset_factor(reserve_indices(printer, [k]), x, over, PRODUCT)
        return rf"\prod_{{{k}={low}}}^{{{high}}} {inner}"


def multiply_up(array: sympy.Expr, exclusive: bool, reverse: bool) -> sympy.Expr:
    """The running products along the last axis of an array; of one with its axes in another order, along its own.

    Examples
    --------
    >>> from sympy.tensor.array.expressions import ArraySymbol
    >>> T = ArraySymbol("T", (2, 3, 4))
    >>> multiply_up(T, True, False), multiply_up(multiply_arrays([(0, 1, 2)], (0, 2, 1), [T]), False, True)
    (prod_before(T, 2), einsum("ikj->ijk", revcumprod(T, 1)))
    """
    inner, (axis,), order = find_axes(array, 1)
    made = from_parts(ArrayCumprod, [inner, *map(sympy.Integer, (exclusive, reverse, axis))])
    return multiply_arrays([range(len(order))], order, [made])
