"""Summands as they are read where it is looked for such that differ by places alone.

A part of something is the whole with a line that relates its places to those of the part, and so is what is put into
places: lines that move with the number of the summand are a window.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Set
from math import gcd
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy

from tracer.shapes import Dim
from tracer.terms.decomposition import factors_of
from tracer.terms.numbers import ONE, text_of
from tracer.terms.record import Call, Factor, Labels, Product, Term, is_call, is_one
from tracer.terms.selections import Places, is_ordered, make_part, window
from tracer.terms.wholes import find_whole
from tracer.terms.window_ranges import Ranges, widen

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser


class Tap(NamedTuple):
    """A summand, in an order that does not depend on its places.

    Attributes
    ----------
    scale : sympy.Expr
        The number in front.
    factors : tuple of Factor
        What is multiplied, by labels of which those of the result come first.
    sizes : tuple
        The sizes of the labels.
    starts : tuple
        For each factor the places where its parts begin, along each axis.
    """

    scale: sympy.Expr
    factors: tuple[Factor, ...]
    out: Labels
    sizes: tuple[Dim, ...]
    starts: tuple[tuple[Dim, ...], ...]

    @property
    def pattern(self) -> tuple[object, ...]:
        """What is the same in summands that differ by places alone."""
        kinds = tuple((_describe(u), labels, e) for u, labels, e in self.factors)
        return self.scale, kinds, self.out, self.sizes

    @property
    def places(self) -> list[Dim]:
        """The places where parts begin, of all factors."""
        return [start for starts in self.starts for start in starts]

    def list_ends(self) -> set[tuple[object, int]]:
        """The axes of factors whose places are related to others."""
        related = {k for u, labels, _ in self.factors if is_call(u, "window") for k in labels}
        return {
            (_describe(u), axis)
            for u, labels, _ in self.factors
            if not is_call(u, "window")
            for axis, k in enumerate(labels)
            if k in related
        }


def read_tap(
    n: Normaliser,
    c: sympy.Expr,
    t: Term,
    moving: Set[tuple[object, int]] = frozenset(),
    joined: bool = True,
    ranges: Ranges = MappingProxyType({}),
) -> Tap:
    """A summand with its factors in order of what they are, and its labels in order of their occurrence.

    Axes that move in other summands are related to where they stand in this one. A label that is between two axes alone
    is in no tap that is ``joined``, where no place of an axis is beyond those of the label. Windows are parts of those
    over the whole ranges of their axes, if such are given.
    """
    scale, factors, out, sizes = factors_of(t)
    found = _Lines(n, dict(enumerate(sizes)), out, ranges)
    for f in factors:
        found.read(f)
    found.join(joined)
    found.relate(moving)
    front = {k: n for n, k in enumerate(out)}

    def order(factor: Factor) -> tuple[object, ...]:
        u, labels, e = factor
        shown = [front.get(k, len(front)) for k in labels]
        return min(shown, default=0), _order_kind(u), shown, text_of(e)

    ordered = sorted((f for f in found.factors if not is_call(f[0], "window")), key=order)
    names: dict[int, int] = {}
    for k in itertools.chain(out, *(labels for _, labels, _ in ordered)):
        names.setdefault(k, len(names))
    front = dict(names)
    ordered += sorted((f for f in found.factors if is_call(f[0], "window")), key=order)
    for _, labels, _ in ordered:
        for k in labels:
            names.setdefault(k, len(names))
    for k in found.sizes.keys() & {k for _, labels, _ in factors for k in labels} - found.gone - names.keys():
        if not is_one(found.sizes[k]):
            names[k] = len(names)  # It is only summed over.
    renamed = tuple((u, tuple(names[k] for k in labels), e) for u, labels, e in ordered)
    starts = tuple(_list_starts(u) for u, _, _ in renamed)
    return Tap(c * scale, renamed, tuple(names[k] for k in out), tuple(found.sizes[k] for k in names), starts)


class _Lines:
    """The factors of a product with wholes in the place of parts, and lines that relate places of two axes.

    Attributes
    ----------
    factors : list of Factor
    sizes : dict
        The sizes of labels.
    out : tuple of int
        The labels of the result.
    ends : dict
        For a label the axes of which it takes places: their labels, and which places.
    gone : set
        Labels that are in no factor any more.
    """

    def __init__(self, n: Normaliser, sizes: dict[int, Dim], out: Labels, ranges: Ranges) -> None:
        self.terms = n
        self.ranges = ranges
        self.sizes = sizes
        self.out = out
        self.factors: list[Factor] = []
        self.ends: dict[int, list[tuple[int, Places]]] = {}
        self.gone: set[int] = set()

    def read(self, factor: Factor) -> None:
        """Add a factor, taking the places apart that it takes or puts something into."""
        u, labels, e = factor
        if isinstance(u, Product) and e is ONE and u.scale is ONE and len(set(u.out)) == len(u.out):
            names = dict(zip(u.out, labels))
            for k, size in enumerate(u.sizes):
                if k not in names:
                    names[k] = len(self.sizes)
                    self.sizes[names[k]] = size
            for v, own, power in u.factors:
                self.read((v, tuple(names[k] for k in own), power))
        elif is_call(u, "selection") and e is ONE and u.shape[0] != 1:
            assert isinstance(u, Call)
            self.ends.setdefault(labels[0], []).append((labels[1], Places(*u.params[:3])))
        elif is_call(u, "part"):
            assert isinstance(u, Call)
            (whole,), at, thick = u.args, list[int](), iter(labels)
            entries = list(u.params)
            for axis, p in enumerate(entries):
                if isinstance(p, Places):
                    entries[axis] = Places(0, whole.shape[axis])
                    at.append(self._end_at(next(thick), p, whole.shape[axis]))
            self.factors.append((make_part(self.terms, whole, entries), tuple(at), e))
        elif e is ONE and self._is_summed_line(u, labels):
            assert isinstance(u, Call)
            self._add_line(labels[0], Places(0, u.shape[0]), labels[1], Places(u.params[0], u.shape[0]))
        elif e is ONE and (taken := _read_line(u)) is not None:
            self.ends.setdefault(labels[0], []).append((labels[1], taken))
        elif is_call(u, "window") and e is ONE and self.ranges:
            assert isinstance(u, Call)
            wider = widen(u, self.ranges)
            if wider is not None:
                u, axis, p = wider
                end = len(self.sizes)
                self.sizes[end] = u.shape[axis]
                self.ends.setdefault(labels[axis], []).append((end, p))
                labels = (*labels[:axis], end, *labels[axis + 1 :])
            self.factors.append((u, labels, e))
        elif isinstance(u, Call) and u.elementwise:
            self._read_function(factor)
        else:
            self.factors.append(factor)

    def _is_summed_line(self, u: Term, labels: Labels) -> bool:
        """Whether a factor is a line between as many places of two axes that the result lacks."""
        if not is_call(u, "window") or len(u.shape) != 2 or u.shape[0] != u.shape[1]:
            return False
        assert isinstance(u, Call)
        return u.params[1:] == (1, -1) and not {*self.out}.intersection(labels)

    def _read_function(self, factor: Factor) -> None:
        """Add a function of elements, or that of which it is a part."""
        u, labels, e = factor
        at = list(labels)
        for axis, k in enumerate(labels):
            found = find_whole(self.terms, u, axis) if labels.count(k) == 1 else None
            if found is not None:
                u, places = found
                at[axis] = self._end_at(k, places, u.shape[axis])
        self.factors.append((u, tuple(at), e))

    def _end_at(self, label: int, p: Places, size: Dim) -> int:
        """The label of the whole axis of which a label takes places."""
        if p == Places(0, size, 1):
            return label
        end = len(self.sizes)
        self.sizes[end] = size
        self.ends.setdefault(label, []).append((end, p))
        return end

    def join(self, joined: bool) -> None:
        """Add the lines: from one axis to the other where a label is only between them, else from the label itself."""
        used = {*self.out, *(k for _, labels, _ in self.factors for k in labels)}
        for label, ends in self.ends.items():
            (first, p), *others = ends
            if joined and label not in used and len(others) == 1 and self._is_whole(*ends):
                self.gone.add(label)
                self._add_line(first, p, *others[0])
                continue
            for end, q in ends:
                self._add_line(label, Places(0, self.sizes[label]), end, q)

    def relate(self, moving: Set[tuple[object, int]]) -> None:
        """Add lines from some axes to where they stand beside others."""
        for at, (u, labels, e) in enumerate(self.factors):
            for axis, k in enumerate(labels):
                lined = any(k in own for v, own, _ in self.factors if is_call(v, "window"))
                alone = k not in self.out and sum(k in own for _, own, _ in self.factors) == 1
                if (_describe(u), axis) in moving and not lined and not alone:
                    end, whole = len(self.sizes), Places(0, self.sizes[k])
                    self.sizes[end] = self.sizes[k]
                    labels = (*labels[:axis], end, *labels[axis + 1 :])
                    self.factors[at] = (u, labels, e)
                    self._add_line(k, whole, end, whole)

    def _is_whole(self, *ends: tuple[int, Places]) -> bool:
        """Whether the places before the first and after the last are beyond one of the axes."""
        steps = [p.step for _, p in ends]
        if abs(gcd(*map(int, steps))) != 1:
            return False
        return all(
            any(
                is_ordered(place + 1, 0) or is_ordered(self.sizes[k], place)
                for k, p in ends
                for place in [p.start + p.step * t]
            )
            for t in (-1, ends[0][1].length)
        )

    def _add_line(self, first: int, p: Places, second: int, q: Places) -> None:
        """Add that two places move together: ``q.step*(i - p.start) = p.step*(j - q.start)``."""
        self.factors.append(make_line(self.sizes, self.out, (first, p.start, p.step), (second, q.start, q.step)))


def make_line(sizes: Mapping[int, Dim], out: Labels, *ends: tuple[int, Dim, Any]) -> Factor:
    """The window that is one where two places move together, each told by its label, where it begins, and its step."""
    (first, start, step), (second, begin, move) = ends
    rows = [(move, first), (-step, second)]
    offset = sympy.sympify(step * begin - move * start)
    offset = offset if offset.is_Integer else sympy.expand(offset)
    smaller = [is_ordered(sizes[k] + 1, sizes[j]) for k, j in ((first, second), (second, first))]
    rows.sort(key=lambda end: (-abs(end[0]), not smaller[end[1] == second], end[1] not in out, end[1]))
    sign = -1 if rows[1][0] > 0 else 1
    labels = tuple(k for _, k in rows)
    line = window(sign * offset, [sign * by for by, _ in rows], tuple(sizes[k] for k in labels))
    return line, labels, ONE


def list_windows(t: Term) -> Iterator[Call]:
    """The windows among the factors of a product, and of products among these."""
    for u, _, e in factors_of(t)[1]:
        if is_call(u, "window"):
            assert isinstance(u, Call)
            yield u
        elif isinstance(u, Product) and e is ONE:
            yield from list_windows(u)


def _read_line(t: Term) -> Places | None:
    """The places of the second axis that a window takes, one for each of its first; None of one that takes none."""
    if not is_call(t, "window") or len(t.shape) != 2:
        return None
    assert isinstance(t, Call)
    (start, step, back), (length, size) = t.params, t.shape
    if back != -1 or not all(
        is_ordered(0, k) and is_ordered(k + 1, size) for k in (start, start + step * (length - 1))
    ):
        return None
    return Places(start, length, step)


def _describe(t: Term) -> tuple[object, ...]:
    """What a factor is but for the places where it begins."""
    if is_call(t, "part"):
        assert isinstance(t, Call)
        return "part", t.args[0].key, *(isinstance(p, Places) for p in t.params)
    if is_call(t, "selection", "window"):
        assert isinstance(t, Call)
        return t.head, *t.params[1:], *t.shape
    return (t.key,)


def _order_kind(t: Term) -> tuple[str, ...]:
    """The place of a factor in an order by what it is."""
    return tuple(str(part) if isinstance(part, (str, bytes, bool)) else text_of(part) for part in _describe(t))


def _list_starts(t: Term) -> tuple[Dim, ...]:
    """The places where a factor begins, along each of its axes."""
    if not isinstance(t, Call) or t.head not in ("part", "selection", "window"):
        return ()
    if t.head == "part":
        return tuple(0 if isinstance(p, Places) else p for p in t.params)
    return (t.params[0],)
