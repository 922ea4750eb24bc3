"""Which lines of a program may be computed together, block by block: functions of the elements of arrays of one shape.

Of large arrays each operation writes all of its result to memory, from where the next reads it. A block of some
thousand elements stays in the cache of a core while all of a group is computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tracer.program.lines import Kind, Line
from tracer.shapes import Shape

FEWEST = 3
"""Of fewer lines a group gains nothing."""
FUSED = frozenset((Kind.ELEMENTWISE, Kind.ADD, Kind.CAST))


class Group(NamedTuple):
    """Lines of one shape, each after its operands, of which none needs all of another's elements."""

    lines: tuple[Line, ...]
    shape: Shape


def group_lines(lines: Sequence[Line]) -> list[Line | Group]:
    """Lines and groups in an order in which they may be computed.

    Parameters
    ----------
    lines : sequence of Line
        Each after its operands.

    Examples
    --------
    >>> import tracer
    >>> from tracer.program.program import Program
    >>> x = tracer.placeholder("x", ("n",))
    >>> y = tracer.sin(x) * tracer.exp(x)
    >>> [part] = group_lines(Program([y], [x]).lines)
    >>> len(part.lines), part.shape
    (3, (n,))
    """
    stages: dict[Line, int] = {}
    for line in lines:
        fused = _is_fused(line)
        stages[line] = max(
            (
                stages[o] + (_is_fused(o) and not (fused and o.shape == line.shape))
                for o in line.operands
                if type(o) is Line and o in stages
            ),
            default=0,
        )
    plain: dict[int, list[Line]] = {}
    groups: dict[tuple[int, Shape], list[Line]] = {}
    for line, stage in stages.items():
        chosen = groups.setdefault((stage, line.shape), []) if _is_fused(line) else plain.setdefault(stage, [])
        chosen.append(line)
    found: list[Line | Group] = []
    for stage in range(1 + max(stages.values(), default=-1)):
        found += plain.get(stage, ())
        for (own, shape), members in groups.items():
            if own == stage:
                found += [Group(tuple(members), shape)] if len(members) >= FEWEST else members
    return found


def _is_fused(line: Line) -> bool:
    """Whether each element is a function of those of the operands at its place."""
    return line.op in FUSED and bool(line.shape) and line.shape[0] != 1
