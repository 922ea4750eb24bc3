"""The numbers that stand in the code of a function: what it decides by is often one of them."""

from __future__ import annotations

from collections.abc import Iterator
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import TypeGuard

DEPTH = 3
"""How far functions are followed that a function calls."""

MOST = 12


def find_written_numbers(function: object) -> list[float]:
    """The numbers in the code of a function, and of what it closes over or names.

    Examples
    --------
    >>> find_written_numbers(lambda g, x: g if x > 0.001 else 50.5 * g)
    [0.001, 50.5]
    """
    found: dict[float, None] = {}
    todo: list[tuple[object, int]] = [(function, DEPTH)]
    seen: set[int] = set()
    while todo:
        part, depth = todo.pop()
        if _is_number(part):
            found[abs(float(part))] = None
        if id(part) in seen or depth < 0:
            continue
        seen.add(id(part))
        if isinstance(part, MethodType) and isinstance(part.__self__, type):
            todo.append((part.__self__, depth))
        part = getattr(part, "__func__", part)
        if isinstance(part, FunctionType):
            found |= dict.fromkeys(_numbers_in(part.__code__))
        todo += [(p, depth - 1) for p in _parts_of(part)]
    return [x for x in found if x not in (0.0, 0.5, 1.0, 2.0)][:MOST]


def _parts_of(part: object) -> list[object]:
    """What a function closes over or names, the methods of a class, and what an object holds that is neither."""
    if isinstance(part, FunctionType):
        cells = [c.cell_contents for c in part.__closure__ or () if _is_filled(c)]
        return [*cells, *(part.__globals__[n] for n in part.__code__.co_names if n in part.__globals__)]
    if isinstance(part, type):
        return [p for p in vars(part).values() if isinstance(p, (FunctionType, classmethod, staticmethod))]
    if isinstance(part, ModuleType):
        return []
    return list(getattr(part, "__dict__", {}).values())


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 1e-300 < abs(value) < 1e300


def _numbers_in(code: CodeType) -> Iterator[float]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _numbers_in(constant)
        elif _is_number(constant):
            yield abs(float(constant))


def _is_filled(cell: CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True
