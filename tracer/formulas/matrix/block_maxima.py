"""The first greatest elements of blocks, as ones among zeros: what the gradient of max pooling has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import sympy
from sympy.printing.printer import Printer

from tracer.formulas.matrix.array_products import has_sums
from tracer.formulas.matrix.bodies import DrawnArray, MatrixFunction, array_element, element, piecewise
from tracer.formulas.matrix.index_latex import (
    choose_indices,
    name_indices,
    reserve_indices,
    show_limits,
    typeset_element,
    typeset_member,
    write_over,
)
from tracer.formulas.matrix.known import is_known
from tracer.formulas.matrix.latex_text import enclose, write_call, write_subscript
from tracer.formulas.matrix.precedences import ATOM
from tracer.shapes import Dim


class firstmax(MatrixFunction):
    """One at the first greatest element of each block of a matrix: ``args`` are the matrix and the sizes of blocks.

    Examples
    --------
    >>> firstmax(sympy.Matrix([1, 3, 2, 2]), sympy.Integer(2), sympy.Integer(1)).doit().T
    Matrix([[0, 1, 1, 0]])
    """

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        m, *sizes = self.args
        if i.is_Integer and j.is_Integer:
            return write_first(lambda at: element(m, *at), (i, j), sizes)
        return element(self, i, j)

    def work_out(self, args: Sequence[sympy.Basic]) -> sympy.Expr:
        """The ones and zeros of numbers; of anything else, itself."""
        m, *sizes = args
        if not all(x.is_number for x in m):
            return firstmax(*args)
        found = mark_greatest([*m], m.shape, [*map(int, sizes)])
        return sympy.ImmutableDenseMatrix(*m.shape, found)

    def list_shown(self) -> list[sympy.Basic]:
        """The matrix, and how many rows and columns a block has; of a column, how many elements."""
        return [*self.args[:2]] if self.args[0].shape[1] == 1 else [*self.args]

    @property
    def _along(self) -> list[int]:
        """The axes that blocks have as a whole, of a matrix."""
        return find_whole_axes(self.args) if self.args[0].shape[1] != 1 else []

    def write_text(self, printer: Printer) -> str:
        return write_along(printer, self.args[0], self._along) if self._along else str(super().write_text(printer))


class ArrayFirstMax(DrawnArray):
    """The same of an array of any rank."""

    shape = property(lambda self: tuple(self.args[0].shape))
    precedence = typeset_precedence = ATOM

    def _get(self, item: Sequence[sympy.Expr]) -> sympy.Expr:
        array, *sizes = self.args
        if is_known(array) and all(k.is_Integer for k in item):
            elements = [
                array_element(array, at) for at in product(*(map(sympy.Integer, range(d)) for d in array.shape))
            ]
            found = mark_greatest(elements, array.shape, [*map(int, sizes)])
            return sympy.Array(found, array.shape)[tuple(map(int, item))]
        return array_element(self, item)

    def _entry(self, *at: sympy.Expr) -> sympy.Expr:
        array, *sizes = self.args
        if all(k.is_Integer for k in at) and not is_known(array):
            return write_first(lambda place: array_element(array, place), at, sizes)
        return self._get(at)

    def write_text(self, printer: Printer) -> str:
        axes = find_whole_axes(self.args)
        return (
            write_along(printer, self.args[0], axes)
            if axes
            else f"firstmax({', '.join(map(printer._print, self.args))})"
        )

    def write_latex(self, printer: Printer) -> str:
        array, *sizes = self.args
        if find_whole_axes(self.args):
            return self.typeset(printer, choose_indices(printer, self))
        inner = typeset_member(printer, array, []) if has_sums(array) else printer._print(array)
        return write_call("firstmax", [inner, *map(printer._print, sizes)])

    def typeset(self, printer: Printer, at: Sequence[str]) -> str:
        """The element by its indices, behind what it is of; of blocks that are whole axes, below the name."""
        axes = find_whole_axes(self.args)
        if not axes:
            return write_subscript(self.write_latex(printer), ",".join(at))
        return typeset_along(printer, self.args[0], axes, at)


def find_whole_axes(args: Sequence[sympy.Basic]) -> list[int]:
    """The axes that blocks have as a whole, if they have one place along all others; else none.

    Examples
    --------
    >>> find_whole_axes([sympy.MatrixSymbol("X", 4, 3), sympy.Integer(1), sympy.Integer(3)])
    [1]
    """
    array, *sizes = args
    axes = [k for k, size in enumerate(sizes) if size != 1]
    return axes if len(axes) < len(sizes) and all(array.shape[k] == sizes[k] for k in axes) else []


def write_along(printer: Printer, array: sympy.Basic, axes: Sequence[int]) -> str:
    """The first greatest element along axes, in text."""
    return f"firstmax({printer._print(array)}, axis={axes[0] if len(axes) == 1 else tuple(axes)})"


def typeset_along(printer: Printer, array: sympy.Basic, axes: Sequence[int], at: Sequence[str]) -> str:
    """An element of ones at the first greatest elements along axes: what these are over indices, at places of them."""
    names = name_indices(printer, array, at)
    over = {k: next(names) for k in axes}
    places = [over.get(p, k) for p, k in enumerate(at)]
    inner = enclose(typeset_element(reserve_indices(printer, over.values()), array, places))
    sign = write_over(show_limits(printer), "operatorname{firstmax}", [*over.values()], [array.shape[k] for k in axes])
    return rf"{sign.rstrip()}{inner}_{{{','.join(at[k] for k in axes)}}}"


def write_first(
    take: Callable[[Sequence[sympy.Expr]], sympy.Expr], at: Sequence[sympy.Expr], sizes: Sequence[sympy.Expr]
) -> sympy.Expr:
    """One where an element is above those before it in its block, and not below those behind it; else zero.

    Examples
    --------
    >>> x = sympy.IndexedBase("x", real=True)
    >>> write_first(lambda at: x[at], [sympy.Integer(4)], [sympy.Integer(3)])
    Piecewise((1, (x[4] >= x[5]) & (x[4] > x[3])), (0, True))
    """
    corner = [k - k % size for k, size in zip(at, sizes)]
    places = [tuple(map(sympy.Integer, map(sum, zip(corner, own)))) for own in product(*(range(int(d)) for d in sizes))]
    place = places.index(tuple(at))
    tests = [sympy.Gt(take(at), take(other), evaluate=False) for other in places[:place]]
    tests += [sympy.Ge(take(at), take(other), evaluate=False) for other in places[place + 1 :]]
    return piecewise([(sympy.S.One, sympy.And(*tests, evaluate=False)), (sympy.S.Zero, sympy.true)])


def mark_greatest(elements: Sequence[sympy.Expr], shape: Sequence[Dim], sizes: Sequence[int]) -> list[sympy.Integer]:
    """One for the first greatest of the elements of each block, in the order of the elements of an array, else zero.

    Examples
    --------
    >>> mark_greatest([*map(sympy.Integer, (1, 5, 5, 0, 0, 1))], (2, 3), (2, 3))
    [0, 1, 0, 0, 0, 0]
    """
    places = [*product(*(range(int(d)) for d in shape))]
    blocks: dict[tuple[int, ...], int] = {}
    for k, at in enumerate(places):
        block = tuple(i // size for i, size in zip(at, sizes))
        if block not in blocks or elements[k] > elements[blocks[block]]:
            blocks[block] = k
    whole = [b for b in blocks if all((i + 1) * size <= d for i, size, d in zip(b, sizes, shape))]
    greatest = {blocks[b] for b in whole}
    return [sympy.Integer(k in greatest) for k in range(len(places))]
