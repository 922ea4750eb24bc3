"""Windows that overlap, as an array of their own: ``V[i,m] = x[i + m]``.

The greatest element of each window is that of V along its last axes. What is beyond the ends of an axis is less than
everything, or more where the least is asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import product as combine
from math import prod
from typing import TYPE_CHECKING, NamedTuple

import sympy

from tracer.shapes import Dim
from tracer.terms.decomposition import factors_of
from tracer.terms.fillings import fill
from tracer.terms.numbers import ONE
from tracer.terms.record import Call, Factor, Source, Sum, Term, product
from tracer.terms.selections import Places, choose_least, is_ordered, selection, take_part, window
from tracer.terms.wholes import find_array

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser

FEW, MANY = 4, 49
"""How many elements are written as those of a window: fewer are written one by one, and more are too many."""

LARGEST = 7
"""How many places windows have along an axis, at the most."""


class Tap(NamedTuple):
    """A place of windows along an axis: where it is on the axis, and of which windows."""

    places: Places
    windows: Places


class Axis(NamedTuple):
    """The windows along an axis: that of number j has the places ``offset + step*j + by*m``.

    Attributes
    ----------
    size : Dim
        The size of the axis.
    windows : Dim
        How many windows there are.
    places : int
        How many places a window has.
    offset : int
        Where the first window begins, before the axis if it is negative.
    step, by : int
        From one window to the next, and from one place of a window to the next.
    """

    size: Dim
    windows: Dim
    places: int
    offset: int
    step: int
    by: int

    @property
    def before(self) -> int:
        """How many places there are before the axis."""
        return max(0, -self.offset)

    @property
    def padded(self) -> Dim:
        """The size of the axis with the places before and behind it."""
        last = self.offset + self.step * (self.windows - 1) + self.by * (self.places - 1)
        return self.before + (self.size if is_ordered(last + 1, self.size) else sympy.expand(last + 1))

    def take(self, tap: int, windows: Places) -> Places:
        """A place of some windows, on the axis with the places before and behind it."""
        start = self.before + self.offset + self.by * tap + self.step * windows.start
        return Places(sympy.expand(start), windows.length, self.step)

    def list_taps(self) -> list[Tap] | None:
        """Where the places of the windows are on the axis; None where that is unknown."""
        found = []
        for m in range(self.places):
            first = self.offset + self.by * m
            before = max(0, -(first // self.step))
            beyond = sympy.expand(first + self.step * (self.windows - 1) + 1 - self.size)
            behind = 0 if is_ordered(beyond, 0) else -(-beyond // self.step) if beyond.is_Integer else None
            if behind is None:
                return None
            some = Places(before, sympy.expand(self.windows - before - behind))
            found.append(Tap(Places(first + self.step * before, some.length, self.step), some))
        return found


def find_windows(size: Dim, found: Sequence[Places]) -> Iterator[Axis]:
    """The windows along an axis of a size that have places as they are found, each as often as any other place.

    Examples
    --------
    >>> [(a.windows, a.places, a.offset) for a in find_windows(5, [Places(1, 2, 2), Places(0, 3, 2), Places(1, 2, 2)])]
    [(3, 3, -1)]
    """
    if not all(sympy.sympify(k).is_Integer for p in found for k in (p.start, p.step)):
        return
    counts = Counter(Places(int(p.start), sympy.expand(p.length), int(p.step)) for p in found)
    least, step = min(p.start for p in counts), next(iter(counts)).step
    windows = next((p.length for p in found if all(is_ordered(q.length, p.length) for q in found)), None)
    if windows is None:
        return
    for by, count in combine((1, 2, 3), range(2, LARGEST + 1)):
        for offset in (least, *range(-1, -by * count, -1)) if len(found) % count == 0 else ():
            axis = Axis(size, windows, count, offset, step, by)
            taps = axis.list_taps()
            if taps is not None and Counter([tap.places for tap in taps] * (len(found) // count)) == counts:
                yield axis


class Windows:
    """The windows of an array of a shape, along some of its axes."""

    def __init__(self, n: Normaliser, shape: Sequence[Dim], axes: Mapping[int, Axis]) -> None:
        self.n, self.shape, self.axes = n, tuple(shape), axes
        self.all = {k: Places(0, a.windows) for k, a in axes.items()}
        self.grid = [dict(zip(axes, at)) for at in combine(*(range(a.places) for a in axes.values()))]

    def take(self, t: Term, places: Mapping[int, Places]) -> Term | None:
        """A term at places of the axes; None where it can't be told what that is."""
        made: Term | None = t
        for axis, p in places.items():
            made = made and take_part(self.n, made, axis, p)
        return made

    def list_taps(self, padded: Term, windows: Mapping[int, Places]) -> list[Term | None]:
        """What stands at each place of some windows."""
        return [self.take(padded, {k: a.take(at[k], windows[k]) for k, a in self.axes.items()}) for at in self.grid]

    def find_base(self, tap: Term, at: Mapping[int, Places]) -> Term | None:
        """The array of which a term is what stands at places; None where it is part of none."""
        found = find_array(self.n, tap, {k: a.step for k, a in self.axes.items()})
        if found is None:
            return None
        made = self.take(
            found[0], {k: Places(sympy.expand(d - at[k].start), self.axes[k].size) for k, d in found[1].items()}
        )
        return made if made and made.shape == self.shape else None

    def pad(self, t: Term, beyond: sympy.Expr = -sympy.oo) -> Term:
        """An array with what is less than everything at the places before and behind it."""
        shape = tuple(self.axes[k].padded if k in self.axes else d for k, d in enumerate(self.shape))
        if shape == t.shape:
            return t
        labels, rows = list(range(len(shape))), list[Factor]()
        for k, a in self.axes.items():
            if shape[k] != t.shape[k]:
                labels[k] = len(shape) + k
                rows.append((selection(a.before, a.size, 1, shape[k]), (labels[k], k), ONE))
        known, out = dict(enumerate(shape)), tuple(range(len(shape)))
        placed = product(ONE, [(t, tuple(labels), ONE), *rows], out, known)
        return self.n.normal(fill(placed, product(ONE, rows, out, known), beyond))

    def view(self, base: Term, beyond: sympy.Expr = -sympy.oo) -> Term:
        """The array of the windows: one axis for the windows along each axis, and then those of their places."""
        rows = [self.relate(k) for k in self.axes]
        whole = product(ONE, [(base, tuple(range(len(self.shape))), ONE), *rows], self.labels)
        known = dict(enumerate(self.shape)) | {k: d for u, labels, _ in rows for k, d in zip(labels, u.shape)}
        if all(self.axes[k].padded == self.shape[k] for k in self.axes):
            return self.n.normal(whole)
        return self.n.normal(fill(whole, product(ONE, rows, self.labels, known), beyond))

    @property
    def labels(self) -> tuple[int, ...]:
        """The labels of the array of the windows, where those of the axes are their numbers."""
        rank = len(self.shape)
        return (*(rank + k if k in self.axes else k for k in range(rank)), *(2 * rank + k for k in self.axes))

    def relate(self, k: int) -> Factor:
        """What relates the windows and their places along an axis to places of that."""
        a, rank = self.axes[k], len(self.shape)
        relation = window(a.offset, (a.step, a.by, -1), (a.windows, a.places, a.size))
        return relation, (rank + k, 2 * rank + k, k), ONE


# The greatest and the least of what stands in windows.


def fold_extremes(n: Normaliser, t: Call) -> Term:
    """The greatest, or the least, of parts that are the elements of windows, as that of the array of the windows.

    Examples
    --------
    >>> from tracer.terms.normalise import Normaliser
    >>> from tracer.terms.record import call, source
    >>> from tracer.terms.selections import make_part
    >>> n, x = Normaliser(()), source("x", (9,))
    >>> fold_extremes(n, call(sympy.Max, [make_part(n, x, [Places(k, 6)]) for k in range(4)]))
    <Call reduce_max(x[2]*window((0, 1, 1, -1))[0, 1, 2] -> [0, 1], 1)>
    """
    if not FEW <= len(t.args) <= MANY or not t.shape:
        return t
    found = [[_locate(u, axis) for axis in range(len(t.shape))] for u in t.args]
    if any(
        place is None or (first is not None and place.step != first.step)
        for row in found
        for place, first in zip(row, found[0])
    ):
        return t
    starts = [tuple(place.start for place in row if place) for row in found]
    steps = {k: place.step for k, place in enumerate(found[0]) if place and len({at[k] for at in starts}) > 1}
    for u, at in zip(t.args, starts):
        array = find_array(n, u, steps)
        windows = None if array is None else _line_up(n, t.shape, array, at, starts, steps)
        if array is None or windows is None or prod(a.places for a in windows.axes.values()) != len(t.args):
            continue
        greatest = t.head is sympy.Max
        beyond = -sympy.oo if greatest else sympy.oo
        if {*windows.list_taps(windows.pad(array[0], beyond), windows.all)} == {*t.args}:
            view = windows.view(array[0], beyond)
            return n.call("reduce_max" if greatest else "reduce_min", [view], len(steps), t.shape)
    return t


def _line_up(
    n: Normaliser,
    shape: Sequence[Dim],
    array: tuple[Term, Mapping[int, Dim]],
    at: Sequence[Dim],
    starts: Sequence[Sequence[Dim]],
    steps: Mapping[int, int],
) -> Windows | None:
    """The windows of an array whose places begin at some places, of which one is known; None where they are none."""
    whole, firsts = array
    axes: dict[int, Axis] = {}
    for k, step in steps.items():
        moved = [sympy.expand(other[k] - at[k] + firsts[k]) for other in starts]
        if not all(d.is_Integer for d in moved):
            return None
        first, second, *rest = sorted({*map(int, moved)})
        by = second - first
        if [first, second, *rest] != [*range(first, first + by * (len(rest) + 2), by)]:
            return None
        axes[k] = Axis(whole.shape[k], shape[k], len(rest) + 2, first, step, by)
    return Windows(n, whole.shape, axes) if axes else None


class Located(NamedTuple):
    """Where a term begins along an axis of what it is a part of, and how far it is from one place to the next."""

    start: Dim
    step: int


def _locate(t: Term, axis: int) -> Located | None:
    """Where a term begins along an axis, measured where its parts are the same; None where that is unknown."""
    if isinstance(t, Source):
        return Located(0, 1)
    if isinstance(t, Call) and t.head == "part":
        p = t.params[[k for k, p in enumerate(t.params) if isinstance(p, Places)][axis]]
        return Located(p.start, p.step) if isinstance(p.step, int) else None
    if isinstance(t, Sum):
        return _choose_first([_locate(u, axis) for _, u in t.terms])
    if isinstance(t, Call):
        return _locate(t.args[0], axis) if t.elementwise and t.args else None
    _, factors, out, _ = factors_of(t)
    label = out[axis]
    beside = [(u, labels.index(label)) for u, labels, e in factors if labels.count(label) == 1]
    if len(beside) != 1 or (beside[0][0] is t):
        return None
    ((u, place),) = beside
    if isinstance(u, Call) and u.head == "window":
        own = u.params[1 + place]
        return Located(u.params[0] * (1 if own > 0 else -1), abs(own))
    if not isinstance(u, Call) or u.head != "selection":
        return _locate(u, place)
    put = next((labels[0] for v, labels, _ in factors if v is u), None)
    inner = [(v, labels.index(put)) for v, labels, _ in factors if v is not u and labels.count(put) == 1]
    found = _locate(*inner[0]) if len(inner) == 1 and u.params[2] == 1 else None
    return found and Located(found.start - u.params[0] * found.step, found.step)


def _choose_first(found: Sequence[Located | None]) -> Located | None:
    """The first of several places, all in the same steps."""
    places = [place for place in found if place is not None]
    start = choose_least([place.start for place in places]) if len({place.step for place in places}) == 1 else None
    return None if start is None or len(places) < len(found) else Located(start, places[0].step)
