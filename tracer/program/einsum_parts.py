"""What the operands of a contraction are made of, where the contraction is shorter of that.

A product that repeats its factors along axes, as ``x[:, None] * y`` does, is never made: its factors are multiplied
with the others. A diagonal is one of labels, also where it is multiplied with something, or stands in a sum: for
``(A + diag(d)) @ X`` there is ``A @ X + d[:, None] * X``. So a Hessian is computed from blocks, with no identity in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sympy

from tracer.dtypes import FLOATS
from tracer.program.effort import measure_size
from tracer.program.lines import MINUS, PLUS, Axis, Kind, Line, Operand
from tracer.python_scope import shape_of
from tracer.rules import list_positions
from tracer.shapes import Shape

Labels = tuple[int, ...]

DEEP = 6
"""So many products, sums and views are looked into, one in another."""


class Part(NamedTuple):
    """An operand of a contraction: its value, whose shape broadcasts to a shape with a label for each axis."""

    operand: Operand
    labels: Labels
    shape: Shape


def open_products(parts: Sequence[Part], summed: bool = False) -> tuple[sympy.Rational, list[Part]]:
    """Parts without products that are best multiplied factor by factor, and the number in front of these.

    Of all that is added up, two vectors are multiplied as such.
    """
    number: sympy.Rational = sympy.S.One
    found: list[Part] = []
    todo = [*reversed(parts)]
    while todo:
        part = todo.pop()
        base = _look_through(part)
        product = _read_product(base.operand)
        alone = summed and not found and not todo
        if product is not None and (_is_opened(base.operand, product[1]) or (alone and are_vectors(product[1]))):
            number *= product[0]
            todo += [Part(o, base.labels, base.shape) for o in reversed(product[1])]
        else:
            found.append(part if find_sum_of_diagonals(base.operand) is None else base)
    return number, found


def find_sum_of_diagonals(operand: Operand) -> Line | None:
    """A value that is a sum or difference in which there is a diagonal; None of any other."""
    if not isinstance(operand, Line) or operand.op is not Kind.ELEMENTWISE or operand.params not in (PLUS, MINUS):
        return None
    return operand if operand.dtype in FLOATS and any(map(has_diagonal, operand.operands)) else None


def has_diagonal(operand: Operand, depth: int = DEEP) -> bool:
    """Whether a value is a diagonal, a view or product of one, or a sum in which there is one."""
    if not isinstance(operand, Line) or not depth:
        return False
    if operand.op in (Kind.EMBED, Kind.EYE):
        return True
    inside = operand.op in (Kind.TRANSPOSE, Kind.SELECT)
    sums = operand.op is Kind.ELEMENTWISE and operand.params in (PLUS, MINUS)
    inside = inside or sums or _read_product(operand) is not None
    return inside and any(has_diagonal(o, depth - 1) for o in operand.operands)


def _read_product(operand: Operand) -> tuple[sympy.Rational, list[Operand]] | None:
    """The number and the factors of a product of floats; None for anything else."""
    if not isinstance(operand, Line) or operand.op is not Kind.ELEMENTWISE or operand.dtype not in FLOATS:
        return None
    if not isinstance(operand.params, sympy.Expr):
        return None
    number, rest = operand.params.as_coeff_Mul()
    factors = sympy.Mul.make_args(rest)
    if not number.is_Rational or not all(f.is_Symbol for f in factors):
        return None
    return number, [operand.operands[k] for f in factors for k in list_positions(f)]


def _is_opened(product: Line, factors: Sequence[Operand]) -> bool:
    """Whether a product has a diagonal, or is larger than each of its factors."""
    largest = max(measure_size(shape_of(f)) for f in factors)
    return any(map(has_diagonal, factors)) or (len(factors) > 1 and measure_size(product.shape) > largest)


def are_vectors(factors: Sequence[Operand]) -> bool:
    """Whether factors are two vectors of one size, of which NumPy has the product without one of each element."""
    shapes = [shape_of(f) for f in factors]
    return len(shapes) == 2 and shapes[0] == shapes[1] and len(shapes[0]) == 1


def _look_through(part: Part) -> Part:
    """What a part is a view of, its axes permuted or new ones added; a part that is none as it is."""
    while isinstance(part.operand, Line) and part.operand.op in (Kind.TRANSPOSE, Kind.SELECT):
        line = part.operand
        start = len(part.labels) - line.ndim
        labels, shape = part.labels[start:], part.shape[start:]
        if line.op is Kind.TRANSPOSE:
            order = [line.params.index(k) for k in range(line.ndim)]
        else:
            axes = [*line.params, *[Axis.KEPT] * (line.ndim - len(line.params))]
            if Axis.FIRST in axes:
                break
            order = [k for k, axis in enumerate(axes) if axis is Axis.KEPT]
        part = Part(line.operands[0], tuple(labels[k] for k in order), tuple(shape[k] for k in order))
    return part
