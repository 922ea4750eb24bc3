"""What arrays are along some of their axes: the greatest and the least elements, and products, as NumPy calls them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import ClassVar, TypeVar

import sympy
from sympy.printing.printer import Printer
from sympy.tensor.array.expressions.array_expressions import _ArrayExpr

from tracer.formulas.matrix.array_products import Einsum
from tracer.formulas.matrix.bodies import DrawnInLine, array_element
from tracer.formulas.matrix.extremes import MaxOver, MinOver
from tracer.formulas.matrix.index_latex import (
    choose_indices,
    name_indices,
    reserve_indices,
    typeset_factor,
    write_over,
)
from tracer.formulas.matrix.known import KnownArray, is_known
from tracer.formulas.matrix.precedences import ATOM, PRODUCT
from tracer.formulas.matrix.unevaluated import from_parts
from tracer.series import ExprWithLimits
from tracer.shapes import Dim

Index = TypeVar("Index")


class ArrayReduction(DrawnInLine, KnownArray, _ArrayExpr):  # type: ignore[misc]
    """A number that is made of the elements along axes: ``args`` are an array and these axes, in order.

    Attributes
    ----------
    label : str
        What it is called.
    kind : class
        What makes it of elements at indices.
    """

    label: ClassVar[str]
    kind: ClassVar[type[ExprWithLimits]]
    precedence = ATOM
    typeset_precedence = PRODUCT

    @property
    def shape(self) -> tuple[Dim, ...]:
        array, axes = self.args
        return tuple(d for k, d in enumerate(array.shape) if k not in axes)

    def _place(self, at: Sequence[Index], over: Sequence[Index]) -> list[Index]:
        """Indices of the array: those of the result, and others along the axes."""
        array, axes = self.args
        left, along = iter(at), iter(over)
        return [next(along if k in axes else left) for k in range(len(array.shape))]

    def _get(self, item: Sequence[sympy.Expr]) -> sympy.Expr:
        array, axes = self.args
        sizes = [array.shape[int(k)] for k in axes]
        if is_known(array):
            choose = sympy.Mul if self.kind is sympy.Product else self.kind.choose
            places = product(*(map(sympy.Integer, range(int(d))) for d in sizes))
            return choose(*(array_element(array, self._place(item, over)) for over in places))
        over = [sympy.Dummy("k", dummy_index=10_000_207 + int(k), integer=True) for k in axes]
        limits = [sympy.Tuple(k, sympy.S.Zero, d - 1) for k, d in zip(over, sizes)]
        made: sympy.Expr = ExprWithLimits.__new__(self.kind, array_element(array, self._place(item, over)), *limits)
        return made

    def _entry(self, *at: sympy.Expr) -> sympy.Expr:
        return self._get(at)

    def write_text(self, printer: Printer) -> str:
        array, axes = self.args
        text = printer._print(array)
        if len(axes) == len(array.shape):
            return f"{self.label}({text})"
        return f"{self.label}({text}, axis={axes[0] if len(axes) == 1 else axes})"

    def write_latex(self, printer: Printer) -> str:
        return self.typeset(printer, choose_indices(printer, self))

    def typeset(self, printer: Printer, at: Sequence[str]) -> str:
        """The element by its index, and what it is over."""
        array, axes = self.args
        names = name_indices(printer, array, at)
        over = [next(names) for _ in axes]
        inner = typeset_factor(reserve_indices(printer, over), array, self._place(at, over), PRODUCT)
        return write_over(printer, self.label, over, [array.shape[int(k)] for k in axes]) + inner


class ArrayMax(ArrayReduction):
    """The greatest elements along axes."""

    label, kind = "max", MaxOver


class ArrayMin(ArrayReduction):
    """The least elements along axes."""

    label, kind = "min", MinOver


class ArrayProduct(ArrayReduction):
    """The products of the elements along axes."""

    label, kind = "prod", sympy.Product


def reduce_array(kind: type[ArrayReduction], array: sympy.Expr, count: int) -> sympy.Expr:
    """A reduction of an array along its last axes; of one with its axes in another order, along those of the array.

    Examples
    --------
    >>> from sympy.tensor.array.expressions import ArraySymbol
    >>> from tracer.formulas.matrix.array_products import multiply_arrays
    >>> T = ArraySymbol("T", (2, 3, 4))
    >>> reduce_array(ArrayMax, T, 2), reduce_array(ArrayMax, multiply_arrays([(0, 1, 2)], (1, 2, 0), [T]), 1)
    (max(T, axis=(1, 2)), max(T, axis=0))
    """
    rank = len(array.shape)
    axes = range(rank - count, rank)
    if isinstance(array, Einsum) and len(array.axes.factors) == 1:
        (inner,), (word,), out = array.axes
        kept = [k for k in word if k in out[: rank - count]]
        if sorted(word) == sorted(out) and kept == list(out[: rank - count]):
            return from_parts(kind, [inner, sympy.Tuple(*(p for p, k in enumerate(word) if k not in kept))])
    return from_parts(kind, [array, sympy.Tuple(*axes)])
