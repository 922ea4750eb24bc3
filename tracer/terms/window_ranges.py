"""Windows that are one but for the range of an axis, and the range that has all of these.

Padded windows have fewer places at the ends: of ``y[j] = sum(k[m]*x[j + m - 1])`` the parts ``y[:-1]`` and ``y[1:]``
are windows of their own, until it is said of which they are parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import sympy

from tracer.shapes import Dim
from tracer.terms.record import Call
from tracer.terms.selections import Places, choose_least, window

Kind: TypeAlias = "tuple[tuple[Any, ...], int, tuple[Dim, ...]]"
"""The steps of windows, an axis, and the sizes of their other axes."""

Ranges: TypeAlias = "Mapping[Kind, tuple[Dim, Dim]]"
"""Where the range begins that has those of all windows of a kind, and its size."""


def find_ranges(windows: Iterable[Call]) -> Ranges:
    """The ranges of an axis that have those of windows whose sizes along it differ.

    Examples
    --------
    >>> steps = (1, 1, -1)
    >>> find_ranges([window(-1, steps, (8, 3, 8)), window(0, steps, (7, 3, 8)), window(-1, steps, (7, 3, 8))])
    {((1, 1, -1), 0, (3, 8)): (-1, 8)}
    """
    spans: dict[Kind, dict[tuple[Dim, Dim], None]] = {}
    for w in windows:
        for axis, size in enumerate(w.shape):
            spans.setdefault(_kind(w, axis), {})[_begin(w, axis), size] = None
    found = {}
    for kind, own in spans.items():
        if len({size for _, size in own}) > 1:
            start = choose_least([start for start, _ in own])
            end = choose_least([-(start + size) for start, size in own])
            if start is not None and end is not None:
                found[kind] = start, sympy.expand(-end - start)
    return found


def widen(w: Call, ranges: Ranges) -> tuple[Call, int, Places] | None:
    """A window over the whole range of an axis, the axis, and which places of it the window had; None without one.

    Examples
    --------
    >>> part = window(0, (1, 1, -1), (7, 3, 8))
    >>> widen(part, {((1, 1, -1), 0, (3, 8)): (-1, 8)})
    (<Call window((-1, 1, 1, -1))>, 0, Places(start=1, length=7, step=1))
    """
    for axis, length in enumerate(w.shape):
        if _kind(w, axis) in ranges:
            start, size = ranges[_kind(w, axis)]
            own = sympy.expand(_begin(w, axis) - start)
            if own.is_integer:
                _, *steps = w.params
                whole = window(start * steps[axis], steps, (*w.shape[:axis], size, *w.shape[axis + 1 :]))
                return whole, axis, Places(own, length)
    return None


def _kind(w: Call, axis: int) -> Kind:
    return tuple(w.params[1:]), axis, (*w.shape[:axis], *w.shape[axis + 1 :])


def _begin(w: Call, axis: int) -> Dim:
    """Where the range of an axis begins, counted from where the offset is zero."""
    offset, *steps = w.params
    return sympy.sympify(offset) / steps[axis]
