"""What arrays are along some of their axes, as NumPy calls it: the greatest and the least, products, softmax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import ClassVar, TypeVar

import sympy
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.stringpict import prettyForm
from sympy.printing.printer import Printer
from sympy.tensor.array.expressions.array_expressions import _ArrayExpr

from tracer.formulas.matrix.array_products import Einsum, has_sums, multiply_arrays
from tracer.formulas.matrix.bodies import DrawnArray, array_element
from tracer.formulas.matrix.extremes import MaxOver, MinOver
from tracer.formulas.matrix.index_latex import (
    choose_indices,
    is_index,
    name_indices,
    reserve_indices,
    typeset_element,
    typeset_factor,
    write_over,
)
from tracer.formulas.matrix.known import KnownArray, is_known
from tracer.formulas.matrix.latex_text import enclose, write_call
from tracer.formulas.matrix.precedences import ATOM, PRODUCT
from tracer.formulas.matrix.pretty_text import draw_call
from tracer.formulas.matrix.unevaluated import from_parts
from tracer.series import ExprWithLimits
from tracer.shapes import Dim

Index = TypeVar("Index")


class ArrayReduction(DrawnArray):
    """A number that is made of the elements along axes: ``args`` are an array and these axes, in order.

    Attributes
    ----------
    label : str
        What it is called.
    series : class
        What makes it of elements at indices.
    """

    label: ClassVar[str]
    series: ClassVar[type[ExprWithLimits]]
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
            choose = sympy.Mul if self.series is sympy.Product else self.series.choose
            places = product(*(map(sympy.Integer, range(int(d))) for d in sizes))
            return choose(*(array_element(array, self._place(item, over)) for over in places))
        over = [sympy.Dummy("k", dummy_index=10_000_207 + int(k), integer=True) for k in axes]
        limits = [sympy.Tuple(k, sympy.S.Zero, d - 1) for k, d in zip(over, sizes)]
        made: sympy.Expr = ExprWithLimits.__new__(self.series, array_element(array, self._place(item, over)), *limits)
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

    label, series = "max", MaxOver


class ArrayMin(ArrayReduction):
    """The least elements along axes."""

    label, series = "min", MinOver


class ArrayProduct(ArrayReduction):
    """The products of the elements along axes."""

    label, series = "prod", sympy.Product


class ArrayLogSumExp(ArrayReduction):
    """The logarithms of the sums of exponentials along axes."""

    label, series = "logsumexp", sympy.Sum

    def _get(self, item: Sequence[sympy.Expr]) -> sympy.Expr:
        array, axes = self.args
        over = [sympy.Dummy("k", dummy_index=10_000_207 + int(k), integer=True) for k in axes]
        sizes = [array.shape[int(k)] for k in axes]
        if is_known(array):
            places = product(*(map(sympy.Integer, range(int(d))) for d in sizes))
            return sympy.log(sympy.Add(*(sympy.exp(array_element(array, self._place(item, at))) for at in places)))
        limits = [sympy.Tuple(k, sympy.S.Zero, d - 1) for k, d in zip(over, sizes)]
        return sympy.log(sympy.Sum(sympy.exp(array_element(array, self._place(item, over))), *limits))

    def typeset(self, printer: Printer, at: Sequence[str]) -> str:
        """The logarithm of the sum over indices."""
        array, axes = self.args
        names = name_indices(printer, array, at)
        over = [next(names) for _ in axes]
        inner = typeset_element(reserve_indices(printer, over), array, self._place(at, over))
        total = write_over(printer, "sum", over, [array.shape[int(k)] for k in axes]) + rf"\exp{enclose(inner)}"
        return rf"\log{enclose(total)}"


class ArraySoftmax(KnownArray, _ArrayExpr):  # type: ignore[misc]
    """Softmax over axes of an array: ``args`` are the array, and the axes where these are others than the last."""

    shape = property(lambda self: tuple(self.args[0].shape))
    precedence = typeset_precedence = ATOM

    @property
    def axes(self) -> list[int]:
        """The axes that it is over."""
        return [int(k) for k in self.args[1]] if len(self.args) > 1 else [len(self.shape) - 1]

    def _get(self, item: Sequence[sympy.Expr]) -> sympy.Expr:
        z, at = self.args[0], dict(enumerate(item))
        over = {k: sympy.Dummy(f"k{k}", dummy_index=10_000_300 + k, integer=True) for k in self.axes}
        if is_known(z):
            places = product(*(map(sympy.Integer, range(int(z.shape[k]))) for k in over))
            total = sympy.Add(*(self._exp({**at, **dict(zip(over, place))}) for place in places))
        else:
            total = sympy.Sum(self._exp({**at, **over}), *((i, 0, z.shape[k] - 1) for k, i in over.items()))
        return self._exp(at) / total

    def _exp(self, at: Mapping[int, sympy.Expr]) -> sympy.Expr:
        """The exponential of an element."""
        return sympy.exp(array_element(self.args[0], tuple(at.values())))

    def _entry(self, *at: sympy.Expr) -> sympy.Expr:
        return self._get(at)

    def write_text(self, printer: Printer) -> str:
        axes = self.axes
        along = f", axis={axes[0] if len(axes) == 1 else tuple(axes)}" if len(self.args) > 1 else ""
        return f"softmax({printer._print(self.args[0])}{along})"

    def write_latex(self, printer: Printer) -> str:
        if has_sums(self) or len(self.args) > 1:
            return self.typeset(printer, choose_indices(printer, self))
        return write_call("softmax", [printer._print(self.args[0])])

    def typeset(self, printer: Printer, at: Sequence[str]) -> str:
        """Softmax over indices, which are told; of an element that has others at their places, the quotient."""
        z, axes = self.args[0], self.axes
        own, rest = [at[k] for k in axes], [k for p, k in enumerate(at) if p not in axes]
        if all(map(is_index, own)) and all(own.count(k) == 1 and all(k not in r for r in rest) for k in own):
            return rf"\operatorname{{softmax}}_{{{','.join(own)}}}{enclose(typeset_element(printer, z, at))}"
        names = name_indices(printer, z, at)
        over = {k: next(names) for k in axes}
        inner = typeset_element(reserve_indices(printer, over.values()), z, [over.get(p, k) for p, k in enumerate(at)])
        under = rf"{write_over(printer, 'sum', [*over.values()], [z.shape[k] for k in axes])}\exp{enclose(inner)}"
        return rf"\frac{{\exp{enclose(typeset_element(printer, z, at))}}}{{{under}}}"

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        return draw_call(printer, "softmax", self.args[:1]) if len(self.args) == 1 else prettyForm(str(self))


def find_axes(array: sympy.Expr, count: int) -> tuple[sympy.Expr, list[int], list[int]]:
    """What an array is that is taken along its last axes: itself, these axes, and which of its own its axes are.

    One with its axes in another order is what it was before, where the others keep their order.
    """
    rank = len(array.shape)
    if isinstance(array, Einsum) and len(array.axes.factors) == 1:
        (inner,), (word,), out = array.axes
        kept = [k for k in word if k in out[: rank - count]]
        if sorted(word) == sorted(out) and kept == list(out[: rank - count]):
            return inner, [p for p, k in enumerate(word) if k not in kept], [word.index(k) for k in out]
    return array, [*range(rank - count, rank)], [*range(rank)]


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
    inner, axes, _ = find_axes(array, count)
    return from_parts(kind, [inner, sympy.Tuple(*axes)])


def soften_array(array: sympy.Expr, count: int) -> sympy.Expr:
    """Softmax of an array over its last axes; of one with its axes in another order, over those of the array.

    Examples
    --------
    >>> from sympy.tensor.array.expressions import ArraySymbol
    >>> T = ArraySymbol("T", (2, 3, 4))
    >>> soften_array(T, 2), soften_array(multiply_arrays([(0, 1, 2)], (1, 2, 0), [T]), 1)
    (softmax(T, axis=(1, 2)), einsum("kij->ijk", softmax(T, axis=0)))
    """
    inner, axes, order = find_axes(array, count)
    last = [len(inner.shape) - 1]
    made = from_parts(ArraySoftmax, [inner] if axes == last else [inner, sympy.Tuple(*axes)])
    return multiply_arrays([range(len(order))], order, [made])
