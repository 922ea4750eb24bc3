"""Axes that are kept, added, left out or exchanged, without arrays in between of which no more is needed."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.program.building import Lines
from tracer.program.lines import Axis, Kind, Line
from tracer.shapes import Shape


def select_axes(lines: Lines, line: Line, axes: Sequence[Axis], shape: Shape, dtype: str = "") -> Line:
    """A line with axes kept, added or left out; of one whose axes were selected, the whole selection.

    Examples
    --------
    >>> lines = Lines()
    >>> x = Line(Kind.ARGUMENT, (), None, ("n", "m"), "float64")
    >>> column = select_axes(lines, x, (Axis.KEPT, Axis.KEPT, Axis.NEW), ("n", "m", 1))
    >>> select_axes(lines, column, (Axis.KEPT, Axis.KEPT, Axis.FIRST), ("n", "m")) is x
    True
    """
    if line.op is Kind.SELECT:
        (base,) = line.operands
        axes, line = _compose(_complete(line.params, base.ndim), _complete(axes, line.ndim)), base
    axes = list(axes)
    while axes and axes[-1] is Axis.KEPT:
        axes.pop()
    return lines.add(Kind.SELECT, [line], tuple(axes), shape, dtype or line.dtype) if axes else line


def _complete(axes: Sequence[Axis], rank: int) -> list[Axis]:
    """A selection of an array of a rank, with the last axes that are kept."""
    used = sum(axis is not Axis.NEW for axis in axes)
    return [*axes, *[Axis.KEPT] * (rank - used)]


def _compose(first: Sequence[Axis], second: Sequence[Axis]) -> list[Axis]:
    """One selection after another."""
    found: list[Axis] = []
    later = iter(second)
    for axis in first:
        if axis is Axis.FIRST:
            found.append(axis)
            continue
        while (then := next(later)) is Axis.NEW:
            found.append(then)
        if axis is Axis.NEW and then is Axis.FIRST:
            continue
        found.append(axis if then is Axis.KEPT else then)
    return [*found, *later]


def turn_product(lines: Lines, product: Line) -> Line | None:
    """The transpose of a product of matrices as a product; None where that would transpose more."""
    first, second = product.operands
    if first.ndim != 2 or second.ndim != 2 or Kind.TRANSPOSE not in (first.op, second.op):
        return None
    operands = [_transpose(lines, o) for o in (second, first)]
    return lines.add(Kind.MATMUL, operands, None, product.shape[::-1], product.dtype)


def _transpose(lines: Lines, line: Line) -> Line:
    if line.op is Kind.TRANSPOSE:
        base: Line = line.operands[0]
        return base
    return lines.add(Kind.TRANSPOSE, [line], (1, 0), line.shape[::-1], line.dtype)
