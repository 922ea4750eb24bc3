"""How much work the lines of programs do: what makes one of two programs of the same value the better one."""

from __future__ import annotations

from functools import lru_cache
from math import prod, sqrt
from typing import TYPE_CHECKING

import sympy

from tracer.program.lines import LEAVES, PRODUCTS, Kind, Line
from tracer.rules import TABLE
from tracer.shapes import Dim

if TYPE_CHECKING:
    from tracer.program.program import Program

SIZE = 50
"""The size that a symbolic dimension is taken for."""

FUNCTION, ROW = 5, 20
"""How many additions a function of an element takes, and an operation of its own on each element."""


def measure_effort(program: Program) -> float:
    """About how many additions of numbers a program takes.

    Examples
    --------
    >>> import tracer
    >>> from tracer.program.program import Program
    >>> x = tracer.placeholder("x", (10,))
    >>> measure_effort(Program([x + 1], [x])), measure_effort(Program([tracer.sin(x)], [x]))
    (10.0, 60.0)
    """
    return float(sum(map(_measure_line, program.lines)))


def _measure_line(line: Line) -> float:
    sizes = [measure_size(o.shape) for o in (line, *line.operands) if isinstance(o, Line)]
    if line.op in LEAVES:
        return 0
    if line.op in PRODUCTS:
        # Each axis of a product of two stands in two of three.
        return sqrt(prod(sizes)) + max(sizes)
    if line.op is Kind.ELEMENTWISE:
        return sizes[0] * _measure_template(line.params)
    if line.op is TABLE["solve"]:
        matrix, sides = line.operands
        return measure_size(matrix.shape) * ROW / 3 + measure_size(sides.shape) * measure_size(matrix.shape[-1:])
    return max(sizes) * (1 if isinstance(line.op, Kind) or line.op.facts.moves else ROW)


@lru_cache(maxsize=4096)
def _measure_template(template: sympy.Basic) -> int:
    """The additions that a template takes for an element."""
    functions = sum(map(_is_function, sympy.preorder_traversal(template)))
    return int(sympy.count_ops(template)) + FUNCTION * functions


def _is_function(part: sympy.Basic) -> bool:
    """Whether a part of a template takes as long as an exponential."""
    if isinstance(part, sympy.Pow):
        return not (2 * part.exp).is_Integer
    return bool(part.is_Function and not part.is_Piecewise)


def measure_size(shape: tuple[Dim, ...]) -> float:
    """The number of elements of a shape, symbolic dimensions being taken for what is usual."""
    return prod(d if isinstance(d, int) else float(d.xreplace(dict.fromkeys(d.free_symbols, SIZE))) for d in shape)
