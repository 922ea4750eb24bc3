"""Zeros that stand where nothing was put, and products that stay zero there.

An element that an index leaves out has the gradient zero, also where the slope is infinite: the gradient of
``sqrt(x)[1:]`` is ``pad(0.5 / sqrt(x[1:]), (1, 0))``, and not zero times infinity at ``x[0] = 0``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy

from tracer.dtypes import FLOATS
from tracer.ops.activity import bounded
from tracer.ops.diagonal import BAND
from tracer.ops.indexing import GETITEM, SCATTER
from tracer.program.line_products import split_product
from tracer.program.lines import MINUS, PLUS, TIMES, Kind, Line, Operand, broadcast
from tracer.python_scope import shape_of
from tracer.rules import TABLE, Op, argument

if TYPE_CHECKING:
    from tracer.program.building import Lines

CHOICE = sympy.Piecewise((argument(0), sympy.Ne(argument(1), 0)), (0, True))
"""A value where the second operand is not zero, and zero elsewhere."""

PLACES = frozenset((Kind.EYE, Kind.EMBED, SCATTER, BAND))
"""Operations that put elements among zeros."""

PASSES = frozenset((Kind.TRANSPOSE, Kind.SELECT, Kind.BROADCAST, Kind.SUM, Kind.MEAN, TABLE["cumsum"]))
"""Operations that move elements or add some of them up, beside the rows whose facts say that they move elements."""


def is_finite(op: Kind | Op, params: Any, operands: Sequence[Operand]) -> bool:
    """Whether a line is surely finite if the leaves of the program are."""
    own = bounded(params) if op is Kind.ELEMENTWISE else not isinstance(op, Op) or op.facts.bounded
    return own and all(type(o) is not Line or o.finite for o in operands)


def has_zeros(op: Kind | Op, params: Any, operands: Sequence[Operand]) -> bool:
    """Whether a line has zeros that stand where nothing was put."""
    if op in PLACES:
        return True
    sparse = [type(o) is Line and o.sparse for o in operands]
    if True not in sparse:
        return False
    if op is Kind.ELEMENTWISE and params not in (PLUS, MINUS):
        return any(s and keeps_zero(params, k) for k, s in enumerate(sparse))
    if op is Kind.ELEMENTWISE or op is Kind.ADD:
        return all(sparse)
    return op in PASSES or (isinstance(op, Op) and op.facts.moves)


@lru_cache(maxsize=4096)
def keeps_zero(template: sympy.Basic, position: int) -> bool:
    """Whether a function of elements is zero wherever an argument is.

    Examples
    --------
    >>> x, y = argument(0), argument(1)
    >>> keeps_zero(x / (2 * y), 0), keeps_zero(x + y, 0)
    (True, False)
    """
    return bool(template.xreplace({argument(position): sympy.S.Zero}) == 0)


def keep_zeros(lines: Lines, template: sympy.Basic, operands: Sequence[Operand], dtype: str) -> Operand | None:
    """A product that is zero where nothing was put, though it may be infinite there: ``pad(v, 1)/x`` where x is zero.

    None where it is surely finite, or no factor was put among zeros.
    """
    if is_finite(Kind.ELEMENTWISE, template, operands):
        return None
    for k, placed in enumerate(operands):
        if type(placed) is Line and placed.sparse and keeps_zero(template, k):
            return _Product(lines, template, operands, k, dtype).write()
    return None


class _Product(NamedTuple):
    """A product whose operand at a position was put among zeros."""

    lines: Lines
    template: sympy.Basic
    operands: Sequence[Operand]
    position: int
    dtype: str

    def write(self) -> Operand:
        """The product taken before the operand is put in place; where that is not simple, the whole product or zero."""
        lines, placed = self.lines, self.operands[self.position]
        shape = broadcast(self.operands)
        if placed.params == CHOICE:
            value, support = placed.operands
            return lines.add(Kind.ELEMENTWISE, [self.multiply(value), support], CHOICE, shape, self.dtype)
        if placed.shape == shape and self.position in split_product(self.template)[2]:
            if placed.op is BAND:
                product = lines.spread(self.multiply(placed.operands[0]), shape, self.dtype)
                return lines.add(BAND, [product], placed.params, shape, self.dtype)
            if placed.op is Kind.EYE or _is_diagonal(placed):
                value = lines.spread(1.0, shape[:1], self.dtype) if placed.op is Kind.EYE else placed.operands[0]
                axes = (*range(len(shape) - 1), len(shape) - 2)
                return lines.add(Kind.EMBED, [self.multiply(value, self.take_diagonal)], axes, shape, self.dtype)
            if placed.op is SCATTER and len(placed.params) == 1:
                product = self.multiply(placed.operands[0], self.take_places)
                return lines.add(SCATTER, [product, *placed.operands[1:]], placed.params, shape, self.dtype)
        whole = lines.add(Kind.ELEMENTWISE, self.operands, self.template, shape, self.dtype)
        return lines.add(Kind.ELEMENTWISE, [whole, find_support(lines, placed)], CHOICE, shape, self.dtype)

    def multiply(self, value: Operand, take: Callable[[Line], Operand] | None = None) -> Operand:
        """The product with a value in place of the operand, and with what ``take`` takes of the others."""
        lines, shape = self.lines, self.operands[self.position].shape
        chosen = list(self.operands)
        for k, operand in enumerate(chosen):
            if take is not None and type(operand) is Line and operand.shape:
                chosen[k] = take(lines.spread(operand, shape, operand.dtype))
        repeated = type(value) is Line and value.op is Kind.BROADCAST
        chosen[self.position] = value.operands[0] if repeated else value
        one = {argument(self.position): sympy.S.One} if chosen[self.position] == 1 else {}
        product = lines.elementwise(self.template.xreplace(one), chosen, self.dtype)
        return product if take is None else lines.spread(product, shape_of(value), self.dtype)

    def take_places(self, whole: Line) -> Operand:
        """The elements of an array at the places where the value was put."""
        placed = self.operands[self.position]
        value, *arrays = placed.operands
        return self.lines.add(GETITEM, [whole, *arrays], placed.params[0], shape_of(value), whole.dtype)

    def take_diagonal(self, whole: Line) -> Operand:
        """The diagonals of an array of matrices."""
        return self.lines.add(Kind.DIAGONAL, [whole], None, whole.shape[:-1], whole.dtype)


def _is_diagonal(line: Line) -> bool:
    """Whether a line puts the last axis of its operand on the diagonal of its own last two."""
    axes = line.params
    return line.op is Kind.EMBED and axes == (*range(len(axes) - 1), len(axes) - 2)


def find_support(lines: Lines, line: Line) -> Operand:
    """Positive numbers where something was put, and zeros elsewhere."""
    found: dict[Line, Operand] = {}
    for part in _list_sparse_parts(line):
        op, known = part.op, [found.get(o) for o in part.operands]
        if op is Kind.ELEMENTWISE and part.params not in (PLUS, MINUS):
            factors = [s for k, s in enumerate(known) if s is not None and keeps_zero(part.params, k)]
            found[part] = reduce(lambda s, u: lines.elementwise(TIMES, [s, u], part.dtype), factors)
        elif op is Kind.ELEMENTWISE:
            found[part] = lines.add(Kind.ADD, known, None, broadcast(known), part.dtype)
        else:
            values = len(part.params) if op is SCATTER else 1
            operands = [
                _support_operand(lines, s, o) if _is_of_floats(o) or k < values else o
                for k, (s, o) in enumerate(zip(known, part.operands))
            ]
            found[part] = lines.add(op, operands, part.params, part.shape, part.dtype)
    return found[line]


def _support_operand(lines: Lines, support: Operand | None, operand: Operand) -> Operand:
    """Where an operand is not zero: everywhere if it is not known to have zeros, whatever its sign is."""
    if type(operand) is not Line:
        return 1.0
    one = 1.0 if support is None else support
    return lines.spread(one, operand.shape, operand.dtype) if _is_of_floats(operand) else operand


def _is_of_floats(operand: Operand) -> bool:
    return type(operand) is Line and operand.dtype in FLOATS


def _list_sparse_parts(line: Line) -> list[Line]:
    """The sparse lines that a sparse line is computed from, and itself, in the order of the program."""
    found, todo = {line}, [line]
    while todo:
        for operand in todo.pop().operands:
            if type(operand) is Line and operand.sparse and operand not in found:
                found.add(operand)
                todo.append(operand)
    return sorted(found, key=lambda part: part.position)
