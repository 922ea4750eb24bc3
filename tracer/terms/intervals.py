"""Summands that are repeated along an axis from one place to another, as windows over the axis.

The derivative of a padded convolution by its image has each tap at all places but for those at the ends that it does
not reach: ``k[0]`` from the first place to the last but one, ``k[1]`` everywhere, ``k[2]`` from the second place on.
Said as windows of one width, cut off at the ends of the axis, they differ by their shifts alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import sympy

from tracer.shapes import Dim
from tracer.terms.decomposition import factors_of
from tracer.terms.numbers import ONE
from tracer.terms.record import Call, Source, Sum, Term, is_call
from tracer.terms.selections import Places, is_ordered, make_part
from tracer.terms.taps import make_line

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser

MANY = 64
"""How many summands there are at the most."""

Row: TypeAlias = "tuple[sympy.Expr, Term]"
"""A term with the number in front of it."""


def line_up_intervals(n: Normaliser, rows: Sequence[Row]) -> list[Row] | None:
    """Summands with windows of one width in the place of intervals of axes; None where all have the same intervals.

    Examples
    --------
    >>> from tracer.terms.normalise import Normaliser
    >>> from tracer.terms.record import broadcast, product, source
    >>> from tracer.terms.selections import selection
    >>> n, (a, b) = Normaliser(()), [source(name, ()) for name in "ab"]
    >>> tail = product(1, [(b, (), ONE), (selection(1, 7, 1, 8), (1, 0), ONE)], (0,))
    >>> for _, t in line_up_intervals(n, [(ONE, broadcast(a, (), (8,))), (ONE, tail)]):
    ...     print(t)
    <Product a*window((0, 1, -1))[0, 1] -> [0]>
    <Product b*window((-1, 1, -1))[0, 1] -> [0]>
    """
    opened = _open_sums(n, rows)
    if opened is None or len(opened) < 2:
        return None
    if (lined := _line_up_totals(n, opened)) is not None:
        return lined
    moved = False
    for axis, size in enumerate(opened[0][1].shape):
        found = [_find_places(t, axis) for _, t in opened]
        places = [p for p in found if p is not None]
        shifts = _find_shifts(places, size) if len({*found}) > 1 and len(places) == len(found) else None
        if shifts is not None:
            moved, (length, starts), step = True, shifts, places[0].step
            opened = [(c, _put_window(n, t, axis, length, at, step)) for (c, t), at in zip(opened, starts)]
    return opened if moved else None


def _line_up_totals(n: Normaliser, rows: Sequence[Row]) -> list[Row] | None:
    """Summands that add up an interval of an axis of one array, as totals of windows of one width; None of others.

    The derivative of a padded convolution by its filter adds up ``x[:-1]``, ``x`` and ``x[1:]``.
    """
    found = [_find_totals(t) for _, t in rows]
    for key in found[0]:
        if any(key not in own for own in found):
            continue
        places = [own[key].places for own in found]
        shifts = _find_shifts(places, key[0].shape[key[1]]) if len({p.length for p in places}) > 1 else None
        if shifts is not None:
            length, starts = shifts
            return [(c, _put_total(n, t, own[key], length, at)) for (c, t), own, at in zip(rows, found, starts)]
    return None


class Added(NamedTuple):
    """An axis of a factor that is added up: which factor, which of its axes, and which places of the whole."""

    factor: int
    axis: int
    places: Places


def _find_totals(t: Term) -> dict[tuple[Term, int], Added]:
    """The axes of arrays that a product adds up by themselves, by the array and the axis."""
    _, factors, out, _ = factors_of(t)
    found: dict[tuple[Term, int], Added] = {}
    for at, (u, labels, e) in enumerate(factors):
        part = u if isinstance(u, Call) and u.head == "part" else None
        if e is not ONE or (part is None and not isinstance(u, Source)):
            continue
        whole = u if part is None else part.args[0]
        entries = [Places(0, d) for d in u.shape] if part is None else part.params
        thick = [k for k, p in enumerate(entries) if isinstance(p, Places)]
        for axis, (k, label) in enumerate(zip(thick, labels)):
            if label not in out and sum(own.count(label) for _, own, _ in factors) == 1 and entries[k].step == 1:
                found[whole, k] = Added(at, axis, entries[k])
    return found


def _put_total(n: Normaliser, t: Term, added: Added, length: Dim, start: Dim) -> Term:
    """A product with a window of a whole axis in the place of the interval that it adds up."""
    scale, factors, out, sizes = factors_of(t)
    u, labels, _ = factors[added.factor]
    known, own, end = dict(enumerate(sizes)), len(sizes), len(sizes) + 1
    if isinstance(u, Call) and u.head == "part":
        thick = [k for k, p in enumerate(u.params) if isinstance(p, Places)]
        size = u.args[0].shape[thick[added.axis]]
        entries = [*u.params[: thick[added.axis]], Places(0, size), *u.params[thick[added.axis] + 1 :]]
        u = make_part(n, u.args[0], entries)
    known |= {own: length, end: u.shape[added.axis]}
    row = (u, (*labels[: added.axis], end, *labels[added.axis + 1 :]), ONE)
    line = make_line(known, out, (own, 0, 1), (end, start, 1))
    return n.product(scale, [*factors[: added.factor], row, *factors[added.factor + 1 :], line], out, known)


def _open_sums(n: Normaliser, rows: Sequence[Row]) -> list[Row] | None:
    """Summands with the sums among their factors multiplied out; None where these are too many."""
    todo, found = list(reversed(rows)), list[Row]()
    while todo:
        c, t = todo.pop()
        scale, factors, out, sizes = factors_of(t)
        place = next(
            (k for k, (u, labels, e) in enumerate(factors) if isinstance(u, Sum) and e is ONE and labels), None
        )
        if place is None:
            found.append((c, t))
            continue
        (u, labels, _), rest, known = factors[place], [*factors[:place], *factors[place + 1 :]], dict(enumerate(sizes))
        assert isinstance(u, Sum)
        if len(todo) + len(found) + len(u.terms) > MANY:
            return None
        todo += [(c * d, n.product(scale, [*rest, (v, labels, ONE)], out, known)) for d, v in reversed(u.terms)]
    return found


def _find_places(t: Term, axis: int) -> Places | None:
    """At which places of an axis a term is repeated, zero elsewhere; None where it is not the same there."""
    _, factors, out, sizes = factors_of(t)
    label = out[axis]
    own = [f for f in factors if label in f[1]]
    if not own:
        return Places(0, sizes[label]) if out.count(label) == 1 else None
    (u, labels, e), *others = own
    if others or out.count(label) > 1 or labels[0] in out or not is_call(u, "selection") or e is not ONE:
        return None
    assert isinstance(u, Call)
    alone = sum(labels[0] in other for _, other, _ in factors) == 1
    return Places(*u.params[:3]) if alone and u.params[2] > 0 else None


def _find_shifts(found: Sequence[Places], size: Dim) -> tuple[Dim, list[Dim]] | None:
    """The greatest length, and where windows of it begin that are cut off at the ends; None where they are no such."""
    step = found[0].step
    length = next((p.length for p in found if all(is_ordered(q.length, p.length) for q in found)), None)
    if length is None or any(p.step != step for p in found):
        return None
    starts: list[Dim] = []
    for p in found:
        if p.length == length or is_ordered(size, p.start + step * p.length):
            starts.append(p.start)
        elif is_ordered(p.start + 1, step):
            starts.append(sympy.expand(p.start - step * (length - p.length)))
        else:
            return None
    return length, starts


def _put_window(n: Normaliser, t: Term, axis: int, length: Dim, start: Dim, step: int) -> Term:
    """A term with a window in the place of the selection, or of nothing, along an axis."""
    scale, factors, out, sizes = factors_of(t)
    label, own, known = out[axis], len(sizes), dict(enumerate(sizes))
    known[own] = length
    rest = [f for f in factors if label not in f[1]]
    return n.product(scale, [*rest, make_line(known, out, (own, 0, 1), (label, start, step))], out, known)
