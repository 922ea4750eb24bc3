"""Windows: summands that differ by places alone, as one product with a relation between three places.

``k[0]*x[:-2] + k[1]*x[1:-1] + k[2]*x[2:]`` is the sum of ``W[i,j,m]*k[j]*x[m]`` with W one where ``i + j = m``. What is
taken of it, and its derivatives by x and by k, are products with the same W.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import sympy

from tracer.shapes import Dim
from tracer.terms.decomposition import factors_of, split_scale
from tracer.terms.filters import fold_filter
from tracer.terms.intervals import line_up_intervals
from tracer.terms.numbers import ONE
from tracer.terms.record import Call, Factor, Product, Sum, Term, add, identity, is_call, is_one, scaled
from tracer.terms.selections import Places, make_part, selection, take_part, window
from tracer.terms.taps import Tap, list_windows, read_tap
from tracer.terms.window_ranges import find_ranges

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser

FEW, MANY = 3, 64
"""How many summands are written as one; two are where they fill an axis in turns, and where they are of arrays."""

DEEP = 4
"""How many sums within sums are looked through."""

Row: TypeAlias = "tuple[sympy.Expr, Term]"
"""A term with the number in front of it."""

Groups: TypeAlias = "dict[tuple[object, ...], list[Tap]]"
"""Summands by their patterns."""


def fold_windows(n: Normaliser, t: Term) -> Term:
    """A sum, or a product of sums, the summands that differ by places alone being one; itself where there are none.

    Examples
    --------
    >>> from tracer.terms.normalise import Normaliser
    >>> from tracer.terms.record import source, times
    >>> n, x = Normaliser(()), source("x", (8,))
    >>> fold_windows(n, add([(1, make_part(n, x, [Places(k, 6)])) for k in range(3)]))
    <Product x[2]*window((0, 1, -1, 1))[0, 2, 1] -> [0]>
    """
    if isinstance(t, Product):
        return _fold_factors(n, t)
    if not isinstance(t, Sum) or not any(_has_places(u) for _, u in t.terms):
        return t
    return n.try_once(("windows", t), lambda: _fold_sum(n, t))


def _fold_sum(n: Normaliser, t: Sum) -> Term:
    """A sum with places, the summands that differ by these alone being one."""
    if sum(_has_places(u) for _, u in t.terms) < 2:
        return _fold_intervals(n, t) or t
    whole = [(c, _fold_factors(n, u) if isinstance(u, Product) else u) for c, u in t.terms]
    made = _fold_rows(n, whole)
    if made is None or isinstance(made, Sum):
        made = _fold_rows(n, _spread_sums(n, t.terms)) or made
    if made is None or isinstance(made, Sum):
        made = _fold_intervals(n, t) or made
    if made is None or isinstance(made, Sum):
        made = fold_filter(n, whole) or fold_filter(n, _spread_sums(n, _fold_taken(n, t.terms))) or made
    if made is None:
        return t
    made = _drop_lines(n, made)
    fewer = isinstance(made, Sum) and len(made.terms) < len(t.terms)
    return fold_windows(n, made) if fewer else made  # What is one along an axis may differ along another.


def _fold_intervals(n: Normaliser, t: Sum) -> Term | None:
    """A sum of what is repeated from one place of an axis to another as one product; None where it is none."""
    lined = line_up_intervals(n, t.terms)
    if lined is None or (len(lined) < FEW and not any(_has_values(u) for _, u in lined)):
        return None
    made = _fold_rows(n, lined, few=2)
    return None if isinstance(made, Sum) else made


def _has_values(t: Term) -> bool:
    """Whether some factor of a term is no relation between places."""
    return any(not is_call(u, "window") for u, _, _ in factors_of(t)[1])


def _fold_rows(n: Normaliser, rows: Sequence[Row], few: int = FEW) -> Term | None:
    """A sum, the summands that differ by places alone being one, if they are a few; None where there are none."""
    if not 2 <= len(rows) <= MANY:
        return None
    taps, groups = _read_taps(n, rows, joined=True)
    if len(groups) > 1:
        taps, groups = min((taps, groups), _read_taps(n, rows, joined=False), key=lambda found: len(found[1]))
    folded: list[Row] = []
    for group in groups.values():
        many = len(group) >= few or _take_turns(group) or (len(group) == len(rows) == 2 and _weighs_arrays(group[0]))
        made = _fold_taps(n, group, 2 if len(groups) == 1 else FEW) if many else None
        if made is None and len(groups) == 1:
            return None
        folded += [split_scale(made)] if made is not None else [rows[taps.index(tap)] for tap in group]
    if len(folded) == len(rows):
        return None
    return add(folded) if len(folded) > 1 else scaled(*folded[0])


def _read_taps(n: Normaliser, rows: Sequence[Row], joined: bool) -> tuple[list[Tap], Groups]:
    """Summands as they are read, and those of each pattern."""
    ranges = find_ranges(w for _, t in rows for w in list_windows(t))
    taps = [read_tap(n, *row, joined=joined, ranges=ranges) for row in rows]
    moving = {end for tap in taps for end in tap.list_ends()}
    if any(moving - tap.list_ends() for tap in taps):
        taps = [read_tap(n, *row, moving, joined, ranges) for row in rows]
    groups: Groups = {}
    for tap in taps:
        groups.setdefault(tap.pattern, []).append(tap)
    return taps, groups


def _fold_factors(n: Normaliser, t: Product) -> Term:
    """A product, its sums of which all summands differ by places alone being one."""
    rows: list[Factor] = []
    sizes = dict(enumerate(t.sizes))
    for u, labels, e in t.factors:
        turns = _fold_turns(u) if isinstance(u, Sum) and e is ONE and labels and labels[0] not in t.out else None
        if turns is not None:
            label = len(sizes)
            sizes[label] = turns.shape[1]
            rows.append((turns, (labels[0], label, labels[1]), e))
            continue
        made = fold_windows(n, u) if isinstance(u, Sum) and e is ONE and labels else u
        rows.append((u if isinstance(made, Sum) else made, labels, e))
    if all(a[0] is b[0] for a, b in zip(rows, t.factors)):
        return t
    return n.product(t.scale, rows, t.out, sizes)


def _fold_turns(t: Sum) -> Call | None:
    """What puts one thing into places beside each other, as a window over these; None of any other sum."""
    rows = [(c, *u.params) for c, u in t.terms if isinstance(u, Call) and u.head == "selection"]
    starts = sorted(row[1] for row in rows if isinstance(row[1], int))
    alike = {(c, length, step) for c, _, length, step, _ in rows}
    if len(starts) < len(t.terms) or alike != {(ONE, rows[0][2], len(rows))}:
        return None
    if starts != [*range(starts[0], starts[0] + len(rows))]:
        return None
    return window(starts[0], (len(rows), 1, -1), (t.shape[0], len(rows), t.shape[1]))


def join_windows(n: Normaliser, t: Term) -> Term:
    """A product with windows, over the places that selections beside them take, and over all places in their order."""
    scale, factors, out, sizes = factors_of(t)
    for at, (w, labels, e) in enumerate(factors):
        if not is_call(w, "window") or e is not ONE:
            continue
        for axis, label in enumerate(labels):
            beside = [k for k, (_, own, _) in enumerate(factors) if label in own and k != at]
            if label in out or labels.count(label) > 1 or len(beside) != 1:
                continue
            moved = _move_window(n, factors[beside[0]], label, (w, labels, e), axis)
            if moved is not None:
                rows = [f for k, f in enumerate(factors) if k not in (at, beside[0])]
                return join_windows(n, n.product(scale, [*rows, *moved], out, dict(enumerate(sizes))))
    return t


def _move_window(n: Normaliser, factor: Factor, label: int, w: Factor, axis: int) -> list[Factor] | None:
    """A window and a factor beside it, without the places that the factor takes of an axis of the window."""
    (u, own, e), (v, labels, _) = factor, w
    if not isinstance(u, Call):
        return None
    if u.head == "selection" and e is ONE and own[1] == label != own[0]:
        made = take_part(n, v, axis, Places(*u.params[:3]))
        return None if made is None else [(made, (*labels[:axis], own[0], *labels[axis + 1 :]), ONE)]
    if u.head == "part" and own.count(label) == 1:
        place = [k for k, p in enumerate(u.params) if isinstance(p, Places)][own.index(label)]
        p, size = u.params[place], u.args[0].shape[place]
        if p.step == -1 and p.length == size:
            whole = make_part(n, u.args[0], [*u.params[:place], Places(0, size), *u.params[place + 1 :]])
            made = take_part(n, v, axis, Places(size - 1, size, -1))
            return None if made is None else [(whole, own, e), (made, labels, ONE)]
    return None


def _has_places(t: Term) -> bool:
    """Whether a factor of a term is a part of something, or puts something into places."""
    return any(is_call(u, "part", "selection", "window") for u, _, _ in factors_of(t)[1])


def _spread_sums(n: Normaliser, rows: Iterable[Row]) -> list[Row]:
    """Summands that put a sum into places as what they put there, one by one."""
    todo, found = list(reversed(list(rows))), list[Row]()
    while todo:
        c, u = todo.pop()
        scale, factors, out, sizes = factors_of(u)
        place = next((k for k, f in enumerate(factors) if _is_put_together(f)), None)
        if place is None or len(todo) + len(found) > MANY or not _has_places(u):
            found.append((c, u))
            continue
        (v, labels, _), known = factors[place], dict(enumerate(sizes))
        rest = [*factors[:place], *factors[place + 1 :]]
        assert isinstance(v, Sum)
        todo += [(c * d, n.product(scale, [*rest, (w, labels, ONE)], out, known)) for d, w in reversed(v.terms)]
    return found


def _fold_taken(n: Normaliser, rows: Iterable[Row], depth: int = DEEP) -> list[Row]:
    """Summands with sums of parts, which put nothing into places, as one product each, where they are one."""
    made: list[Row] = []
    for c, t in rows:
        scale, factors, out, sizes = factors_of(t)
        folded: list[Factor] = []
        for u, labels, e in factors:
            if isinstance(u, Sum) and e is ONE and depth:
                placed = any(is_call(v, "selection") for _, w in u.terms for v, _, _ in factors_of(w)[1])
                whole = add(_fold_taken(n, u.terms, depth - 1)) if placed else fold_windows(n, u)
                u = u if isinstance(whole, Sum) and not placed else whole
            folded.append((u, labels, e))
        changed = any(a[0] is not b[0] for a, b in zip(folded, factors))
        made.append((c, n.product(scale, folded, out, dict(enumerate(sizes))) if changed else t))
    return made


def _take_turns(taps: Sequence[Tap]) -> bool:
    """Whether summands put one thing into places at a distance, each beside those of the one before."""
    if len(taps) < 2 or sum(a != b for a, b in zip(taps[0].places, taps[1].places)) != 1:
        return False
    return any(
        isinstance(u, Call)
        and u.head == "window"
        and abs(u.params[1]) > 1
        and labels[1] in taps[0].out
        and labels[0] not in taps[0].out
        for u, labels, _ in taps[0].factors
    )


def _weighs_arrays(tap: Tap) -> bool:
    """Whether a summand is a product of several factors, and no matrix."""
    return len(tap.out) > 2 and sum(not is_call(u, "window") for u, _, _ in tap.factors) > 1


def _is_put_together(factor: Factor) -> bool:
    """Whether a factor is a sum of parts, or of what is put into places."""
    u, labels, e = factor
    return isinstance(u, Sum) and bool(labels) and e is ONE and all(_has_places(v) for _, v in u.terms)


# Folding.


def _fold_taps(n: Normaliser, taps: Sequence[Tap], few: int = 2) -> Term | None:
    """Summands of one pattern as one; None where their places are at no one distance along one or two axes.

    Along two axes there are a few along each: nobody writes a sum from 0 to 1 beside others.
    """
    taps = sorted(taps, key=lambda tap: [_measure(a, b) or 0 for a, b in zip(taps[0].places, tap.places)])
    steps = _find_steps(taps)
    if steps is not None:
        return _fold_line(n, taps, steps)
    for k in range(len(taps[0].places)):
        groups: dict[Dim, list[Tap]] = {}
        for tap in taps:
            groups.setdefault(tap.places[k], []).append(tap)
        if not 1 < len(groups) < len(taps) or min(len(groups), *map(len, groups.values())) < few:
            continue
        lines = [_fold_taps(n, group) if len(group) > 1 else None for group in groups.values()]
        rows = [read_tap(n, ONE, line) for line in lines if line is not None]
        if len(rows) == len(groups) and len({row.pattern for row in rows}) == 1:
            found = _find_steps(rows)
            return None if found is None else _fold_line(n, rows, found)
    return None


def _measure(a: Dim, b: Dim) -> int | None:
    """The distance from one place to another, if it is a number."""
    if isinstance(a, int) and isinstance(b, int):
        return b - a
    found = sympy.expand(sympy.sympify(b - a))
    return int(found) if found.is_Integer else None


def _find_steps(taps: Sequence[Tap]) -> list[int] | None:
    """By how much each place moves from one summand to the next; None where that differs."""
    rows = [[_measure(a, b) for a, b in zip(taps[0].places, tap.places)] for tap in taps]
    steps = rows[1]
    found = [s for s in steps if s is not None]
    same = len(found) == len(steps) and all(row == [k * s for s in found] for k, row in enumerate(rows))
    return found if same and any(found) else None


def _fold_line(n: Normaliser, taps: Sequence[Tap], steps: Sequence[int]) -> Term | None:
    """Summands at one distance from one another as a sum over a label, the number of the summand.

    They are counted in the direction in which places of parts go up, or else most places.
    """
    parts = sum(len(starts) for (u, _, _), starts in zip(taps[0].factors, taps[0].starts) if not is_call(u, "window"))
    if (sum(steps[:parts]) or sum(steps)) < 0:
        taps, steps = taps[::-1], [-by for by in steps]
    first, count = taps[0], len(taps)
    sizes = dict(enumerate(first.sizes))
    tap = len(sizes)
    sizes[tap] = count
    factors: list[Factor] = []
    moves = iter(steps)
    for (u, labels, e), starts in zip(first.factors, first.starts):
        own = [next(moves) for _ in starts]
        made = _move_factor(n, (u, labels, e), own, tap, count) if any(own) else [(u, labels, e)]
        if made is None:
            return None
        factors += made
    return n.product(first.scale, factors, first.out, sizes)


def _drop_lines(n: Normaliser, t: Term) -> Term:
    """Products with one label for places that are the same."""
    if isinstance(t, Sum):
        return add([(c, _drop_lines(n, u)) for c, u in t.terms])
    scale, factors, out, sizes = factors_of(t)
    shown = Counter(k for _, labels, _ in factors for k in labels) + Counter(out)
    bare = [_drop_units(n, f, shown) for f in factors]
    rows = [(identity(u.shape[0]) if _is_identity(u) else u, labels, e) for u, labels, e in bare]
    same = all(a[0] is b[0] for a, b in zip(rows, factors))
    return t if same else n.product(scale, rows, out, dict(enumerate(sizes)))


def _drop_units(n: Normaliser, factor: Factor, shown: Mapping[int, int]) -> Factor:
    """A window without axes of one place of which nothing else tells anything."""
    u, labels, e = factor
    for axis in reversed(range(len(labels))):
        if is_call(u, "window") and is_one(u.shape[axis]) and shown[labels[axis]] == 1 and len(u.shape) > 2:
            made = take_part(n, u, axis, 0)
            assert made is not None
            u, labels = made, (*labels[:axis], *labels[axis + 1 :])
    return u, labels, e


def _is_identity(t: Term) -> bool:
    """Whether a window is a line between places that are the same."""
    if not is_call(t, "window") or len(t.shape) != 2 or t.shape[0] != t.shape[1]:
        return False
    assert isinstance(t, Call)
    offset, *steps = t.params
    return bool(offset == sum(steps) == 0)


def _move_factor(n: Normaliser, factor: Factor, steps: Sequence[int], tap: int, count: Dim) -> list[Factor] | None:
    """A factor of which places move with a label, as one of all places; None where there is none."""
    u, labels, e = factor
    assert isinstance(u, Call)
    if u.head == "part":
        own = iter(labels)
        entries = [Places(p, count, by) if by else p for p, by in zip(u.params, steps)]
        at = [tap if by else next(own) for p, by in zip(u.params, steps) if by or isinstance(p, Places)]
        return [(make_part(n, u.args[0], entries), tuple(at), e)]
    if e is not ONE:
        return None
    (by,) = steps
    if u.head == "window":
        return [(window(u.params[0], (*u.params[1:], by), (*u.shape, count)), (*labels, tap), ONE)]
    return [(selection(u.params[0], count, by, u.shape[1]), (tap, labels[1]), ONE)]
