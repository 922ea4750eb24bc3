"""Filters of numbers: summands that differ by their places and by the numbers in front of them, as one with an array.

The sum of the neighbours of each pixel less four times itself is ``W[i,p,a]*W[j,q,b]*K[a,b]*X[p,q]`` with the numbers
K of the filter, which are zero where no summand is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product as combine
from math import gcd, prod
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import sympy

from tracer.terms.numbers import ONE
from tracer.terms.record import Call, Factor, Labels, Term, add, call, is_call
from tracer.terms.selections import window
from tracer.terms.taps import Tap, list_windows, read_tap
from tracer.terms.window_ranges import find_ranges

if TYPE_CHECKING:
    from tracer.shapes import Dim
    from tracer.terms.normalise import Normaliser

FEW, MANY, LARGEST = 5, 64, 49
"""How many summands are a filter; how many there are, and numbers, at most."""

Row: TypeAlias = "tuple[sympy.Expr, Term]"
"""A term with the number in front of it."""


class Axis(NamedTuple):
    """An axis of a filter: which places move with it, in which direction, and where the filter has its numbers."""

    moves: dict[int, int]
    found: tuple[int, ...]

    @property
    def step(self) -> int:
        """The distance between two places."""
        return gcd(*(v - self.found[0] for v in self.found))

    @property
    def places(self) -> range:
        """All places, from the first to the last."""
        return range(min(self.found), max(self.found) + 1, self.step)


def fold_filter(n: Normaliser, rows: Sequence[Row]) -> Term | None:
    """Summands that differ by places and by numbers as one product with the numbers; None where they are no filter.

    Examples
    --------
    >>> from tracer.terms.normalise import Normaliser
    >>> from tracer.terms.record import source
    >>> from tracer.terms.selections import Places, make_part
    >>> n, x = Normaliser(()), source("x", (9,))
    >>> rows = [(sympy.Integer(c), make_part(n, x, [Places(k, 5)])) for k, c in enumerate((1, 4, 6, 4, 1))]
    >>> fold_filter(n, rows)
    <Product x[2]*window((0, 1, -1, 1))[0, 2, 1]*numbers((1, 4, 6, 4, 1))[1] -> [0]>
    """
    if not 2 < len(rows) <= MANY:
        return None
    made: list[Row] = []
    for group in _group_taps(n, rows):
        found = _fold_group(n, [tap for _, tap in group]) if len(group) >= FEW else None
        made += [rows[k] for k, _ in group] if found is None else [found]
    if len(made) == len(rows):
        return None
    return n.scaled(*made[0]) if len(made) == 1 else add(made)


def _fold_group(n: Normaliser, taps: Sequence[Tap]) -> Row | None:
    """Summands that are the same but for places and numbers as one; None where they are no filter.

    The numbers of the filter are whole and have no factor in common; the first of them is positive.
    """
    axes = _find_axes(taps) if all(tap.scale.is_Rational for tap in taps) else None
    if axes is None or prod(len(axis.places) for axis in axes) > LARGEST:
        return None
    at = [tuple(axis.places.index(axis.found[k]) for axis in axes) for k in range(len(taps))]
    counts = tuple(len(axis.places) for axis in axes)
    if len({*at}) < len(at):
        return None
    numbers = dict(zip(at, (tap.scale for tap in taps)))
    flat = [numbers.get(place, sympy.S.Zero) for place in combine(*map(range, counts))]
    front = sympy.gcd_list(flat) * sympy.sign(next(c for c in flat if c != 0))
    kernel = tuple(c / front for c in flat)
    return front, _write_filter(n, taps[0], axes, call("numbers", [], kernel, counts) if {*kernel} != {ONE} else None)


def _group_taps(n: Normaliser, rows: Sequence[Row]) -> list[list[tuple[int, Tap]]]:
    """Summands by what they are but for places and numbers, each with where it stands."""
    ranges = find_ranges(w for _, t in rows for w in list_windows(t))
    ways = []
    for joined in (True, False):
        taps = [read_tap(n, *row, joined=joined, ranges=ranges) for row in rows]
        moving = {end for tap in taps for end in tap.list_ends()}
        if any(moving - tap.list_ends() for tap in taps):
            taps = [read_tap(n, *row, moving, joined, ranges) for row in rows]
        groups: dict[object, list[tuple[int, Tap]]] = {}
        for k, tap in enumerate(taps):
            groups.setdefault(tap.pattern[1:], []).append((k, tap))
        ways.append([*groups.values()])
    return min(ways, key=len)


def _find_axes(taps: Sequence[Tap]) -> list[Axis] | None:
    """The axes along which places move, each place with one of them; None where they move otherwise."""
    axes: list[Axis] = []
    heads = [
        u.head if isinstance(u, Call) else ""
        for (u, _, _), starts in zip(taps[0].factors, taps[0].starts)
        for _ in starts
    ]
    for k, head in enumerate(heads):
        column = [_measure(taps[0].places[k], tap.places[k]) for tap in taps]
        moved = tuple(d for d in column if d is not None)
        if len(moved) < len(column) or (any(moved) and head != "window"):
            return None
        if not any(moved):
            continue
        for axis in axes:
            sign = 1 if axis.found == moved else -1 if axis.found == tuple(-d for d in moved) else 0
            if sign:
                axis.moves[k] = sign
                break
        else:
            axes.append(Axis({k: 1}, moved))
    shown = [k for axis in axes for k in _list_shown(taps[0], axis)]
    plain = 0 < len(axes) <= 2 and all(_list_shown(taps[0], axis) for axis in axes)
    return axes if plain and len({*shown}) == len(shown) else None


def _list_shown(tap: Tap, axis: Axis) -> set[int]:
    """The axes of the result beside which the places of an axis of a filter are."""
    owners = [labels for (_, labels, _), starts in zip(tap.factors, tap.starts) for _ in starts]
    return {k for at in axis.moves for k in owners[at] if k in tap.out}


def _measure(a: Dim, b: Dim) -> int | None:
    """The distance from one place to another, if it is a number."""
    found = sympy.expand(sympy.sympify(b - a))
    return int(found) if found.is_Integer else None


def _write_filter(n: Normaliser, tap: Tap, axes: Sequence[Axis], numbers: Term | None) -> Term:
    """A summand with windows over the places of a filter, and its numbers, if these are not all one."""
    sizes = dict(enumerate(tap.sizes))
    labels = tuple(range(len(sizes), len(sizes) + len(axes)))
    sizes |= {k: len(axis.places) for k, axis in zip(labels, axes)}
    factors: list[Factor] = []
    position = iter(range(len(tap.places)))
    for (u, own, e), starts in zip(tap.factors, tap.starts):
        for k in _take(position, len(starts)):
            for label, axis in zip(labels, axes):
                if k in axis.moves and isinstance(u, Call):
                    by = axis.moves[k]
                    first, step = axis.places[0] * by, axis.step * by
                    u = window(u.params[0] + first, (*u.params[1:], step), (*u.shape, len(axis.places)))
                    own = (*own, label)
        factors.append((u, own, e))
    factors += [(numbers, labels, ONE)] if numbers is not None else []
    return n.product(ONE, _join_numbers(factors, tap.out), tap.out, sizes)


def _join_numbers(factors: Sequence[Factor], out: Labels) -> list[Factor]:
    """The factors of a product, two filters of one axis each that are of one kind as one, in the order of the axes."""
    found: list[tuple[int, int, Factor]] = []
    for f in factors:
        u, labels, _ = f
        beside = [g for g in factors if is_call(g[0], "window") and labels[0] in g[1]] if is_call(u, "numbers") else []
        if len(labels) == len(beside) == 1 and isinstance(w := beside[0][0], Call):
            steps = dict(zip(beside[0][1], w.params[1:]))
            shown = [k for k in steps if k in out]
            if len(shown) == 1:
                found.append((out.index(shown[0]), steps[shown[0]] * steps[labels[0]], f))
    if len(found) != 2 or found[0][0] == found[1][0] or (found[0][1] > 0) != (found[1][1] > 0):
        return [*factors]
    (_, _, (first, (i,), _)), (_, _, (second, (j,), _)) = sorted(found, key=lambda row: row[0])
    assert isinstance(first, Call)
    assert isinstance(second, Call)
    flat = tuple(a * b for a in first.params for b in second.params)
    joined = call("numbers", [], flat, (*first.shape, *second.shape)), (i, j), ONE
    return [*(f for f in factors if f[0] not in (first, second)), joined]


def _take(position: Iterator[int], count: int) -> list[int]:
    """The next of some positions."""
    return [next(position) for _ in range(count)]
