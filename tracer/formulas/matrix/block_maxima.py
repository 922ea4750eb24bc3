"""The first greatest elements of blocks, as ones among zeros: what the gradient of max pooling has."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import sympy
from sympy.printing.printer import Printer

from tracer.formulas.matrix.array_products import has_sums
from tracer.formulas.matrix.bodies import DrawnArray, MatrixFunction, array_element, element
from tracer.formulas.matrix.index_latex import typeset_member
from tracer.formulas.matrix.known import is_known
from tracer.formulas.matrix.latex_text import write_call, write_subscript
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
        return self._get(at)

    def write_text(self, printer: Printer) -> str:
        return f"firstmax({', '.join(map(printer._print, self.args))})"

    def write_latex(self, printer: Printer) -> str:
        array, *sizes = self.args
        inner = typeset_member(printer, array, []) if has_sums(array) else printer._print(array)
        return write_call("firstmax", [inner, *map(printer._print, sizes)])

    def typeset(self, printer: Printer, at: Sequence[str]) -> str:
        """The element by its indices, behind what it is of."""
        return write_subscript(self.write_latex(printer), ",".join(at))


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
