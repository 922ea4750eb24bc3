"""The numbers that stand in the code of a function: what it decides by is often one of them."""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType, FunctionType

DEPTH = 3
"""How far functions are followed that a function calls."""

MOST = 12


def find_written_numbers(function: object) -> list[float]:
    """The numbers in the code of a function, and of functions that it closes over or names.

    Examples
    --------
    >>> find_written_numbers(lambda g, x: g if x > 0.001 else 50.5 * g)
    [0.001, 50.5]
    """
    found: dict[float, None] = {}
    todo = [(function, DEPTH)]
    seen: set[int] = set()
    while todo:
        part, depth = todo.pop()
        if not isinstance(part, FunctionType) or id(part) in seen:
            continue
        seen.add(id(part))
        found |= dict.fromkeys(_numbers_in(part.__code__))
        if depth:
            cells = [c.cell_contents for c in part.__closure__ or () if _is_filled(c)]
            named = [part.__globals__[n] for n in part.__code__.co_names if n in part.__globals__]
            todo += [(f, depth - 1) for f in (*cells, *named)]
    return [x for x in found if x not in (0.0, 0.5, 1.0, 2.0)][:MOST]


def _numbers_in(code: CodeType) -> Iterator[float]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _numbers_in(constant)
        elif isinstance(constant, (int, float)) and not isinstance(constant, bool) and 1e-300 < abs(constant) < 1e300:
            yield abs(float(constant))


def _is_filled(cell: object) -> bool:
    try:
        cell.cell_contents  # type: ignore[attr-defined]  # noqa: B018
    except ValueError:
        return False
    return True
