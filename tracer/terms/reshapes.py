"""Runs of axes that become one another where an array is reshaped, and what places of an axis are in the array before.

Axes ``i, j`` of sizes m and n become one axis, of which the place is ``n*i + j``.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, TypeAlias

import sympy

from tracer.shapes import Dim, Shape, is_concrete

Groups = list[tuple[list[int], list[int]]]
"""Runs of axes of one shape and of another."""


def axis_groups(old: Shape, new: Shape) -> Groups | None:
    """Runs of axes that become one another, as short as possible; None where sizes can't be told apart.

    Examples
    --------
    >>> n = sympy.Symbol("n", integer=True, positive=True)
    >>> axis_groups((2, n, 3), (2, 3 * n))
    [([0], [0]), ([1, 2], [1])]
    """
    groups: Groups = []
    i = j = 0
    while i < len(old) or j < len(new):
        left, right = [i] if i < len(old) else [], [j] if j < len(new) else []
        while True:
            a, b = prod((old[k] for k in left), start=sympy.S.One), prod((new[k] for k in right), start=sympy.S.One)
            if sympy.expand(a - b) == 0:
                break
            quotient = a / b
            more = quotient.is_integer
            if more is None and not (1 / quotient).is_integer:
                return None
            side, limit = (right, len(new)) if more else (left, len(old))
            following = side[-1] + 1 if side else (j if more else i)
            if following >= limit:
                return None
            side.append(following)
        groups.append((left, right))
        i, j = i + len(left), j + len(right)
    return groups


Stretch: TypeAlias = "tuple[Dim, Dim, Any]"
"""Where places begin, how many there are, and at which distance."""

Taken: TypeAlias = "list[tuple[int, Dim | Stretch]]"
"""Axes with what is taken of each: places, or one place, without which the axis is gone."""


def find_places(old: Shape, new: Shape, axis: int, taken: Dim | Stretch) -> Taken | None:
    """What is taken of the axes before a reshape where places of an axis are taken behind it; None where unknown.

    Axes are in an order in which one can be taken after the other.

    Examples
    --------
    >>> find_places((8,), (4, 2), 1, 0), find_places((4, 2), (8,), 0, (1, 4, 2))
    ([(0, (0, 4, 2))], [(1, 1)])
    """
    for before, behind in axis_groups(old, new) or []:
        if axis not in behind:
            continue
        if len(before) == len(behind) == 1:
            return [(before[0], taken)]
        if len(before) == 1:
            places = _join_places([new[k] for k in behind], behind.index(axis), taken)
            return None if places is None else [(before[0], places)]
        return _split_places(before, [old[k] for k in before], taken) if len(behind) == 1 else None
    return None


def _join_places(sizes: Sequence[Dim], axis: int, taken: Dim | Stretch) -> Stretch | None:
    """The places of an axis that was split, where one of its parts is taken: of the first, or one place of the last."""
    rest = prod(sizes[1:])
    if axis == 0:
        start, length, step = taken if isinstance(taken, tuple) else (taken, 1, 1)
        return (start * rest, length * rest, 1) if step == 1 else None
    if axis == len(sizes) - 1 and is_concrete((sizes[-1],)) and not isinstance(taken, tuple):
        return taken, prod(sizes[:-1]), sizes[-1]
    return None


def _split_places(axes: Sequence[int], sizes: Sequence[Dim], taken: Dim | Stretch) -> Taken | None:
    """What is taken of axes that were joined: one place of the last, or places of the first."""
    rest = prod(sizes[1:])
    if not isinstance(taken, tuple):
        if not is_concrete((taken, *sizes)):
            return None
        units = [prod(sizes[k + 1 :]) for k in range(len(sizes))]
        return [(axes[k], taken // units[k] % sizes[k]) for k in reversed(range(len(sizes)))]
    start, length, step = taken
    if len(axes) == 2 and step == sizes[1] and length == sizes[0] and is_concrete((start, step)) and 0 <= start < step:
        return [(axes[1], start)]
    first, count = (sympy.cancel(sympy.sympify(d) / rest) for d in (start, length))
    return [(axes[0], (first, count, 1))] if step == 1 and first.is_integer and count.is_integer else None
