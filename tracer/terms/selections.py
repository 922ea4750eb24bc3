"""Parts of terms: what is taken of a term at places of an axis is taken of all that the term is made of.

``(A @ x + y)[1:]`` is ``A[1:] @ x + y[1:]``, and so what is left are parts of sources, and of functions that depend on
all of an axis. A selection is the matrix that takes places of an axis, rows of the identity; it is left where a
result is zero at the other places.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import sympy

from tracer.shapes import Dim
from tracer.terms.decomposition import factors_of
from tracer.terms.numbers import ONE
from tracer.terms.record import (
    LOWER,
    UPPER,
    Call,
    Factor,
    Product,
    Source,
    Sum,
    Term,
    call,
    constant_value,
    identity,
    is_one,
    number,
    product,
)
from tracer.terms.reshapes import find_places
from tracer.terms.softmax import count_axes

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser


class Places(NamedTuple):
    """The places ``start``, ``start + step``, ... of an axis."""

    start: Dim
    length: Dim
    step: Any = 1


Taken: TypeAlias = "Places | Dim"
"""What is taken of an axis: places, or one place, without which the axis is gone."""

OWN_AXES = {
    **dict.fromkeys(("logsumexp", "reduce_max", "reduce_min", "reduce_prod"), 0),
    **dict.fromkeys(("cross", "cumprod", "one_hot", "recurrence", "softmax"), 1),
}
"""How many of its last axes a function of numbers or vectors has as a whole: before them it is that of its parts."""

OF_ALL_AXES = frozenset(
    ("argsort", "firstmax", "kron", "numbers", "part", "range", "reshape", "roll", "selection", "window")
)
"""What is of all axes at once. Every other function is one of matrices, the same of each in arrays of them."""

INTEGERS = 64
"""How many places are compared one by one."""


def selection(start: Dim, length: Dim, step: Any, size: Dim) -> Term:
    """The matrix that selects places of an axis: rows ``start``, ``start + step``, ... of the identity."""
    if length == 1:
        step = 1
    if (start, length, step) == (0, size, 1):
        return identity(size)
    return call("selection", [], (start, length, step, size), (length, size))


def take_part(n: Normaliser, t: Term, axis: int, taken: Taken) -> Term | None:
    """The normal form of a part of a normal term; None where it can't be told which places of it that are."""
    n.spend(5)
    if taken == Places(0, t.shape[axis], 1):
        return t
    if isinstance(t, Sum):
        parts = [take_part(n, u, axis, taken) for _, u in t.terms]
        return n.add([(c, u) for (c, _), u in zip(t.terms, parts) if u is not None]) if None not in parts else None
    if isinstance(t, Call) and t.elementwise:
        return _call_parts(n, t, axis, taken)
    if isinstance(t, Call):
        return _take_of_call(n, t, axis, taken)
    if isinstance(t, Source):
        return make_part(n, t, _replace([Places(0, d) for d in t.shape], axis, taken))
    scale, factors, out, sizes = factors_of(t)
    places = taken if isinstance(taken, Places) else Places(taken, 1)
    k, i = out[axis], len(sizes)
    chosen: Factor = (selection(*places, t.shape[axis]), (i, k), ONE)
    kept = (i,) if isinstance(taken, Places) else ()
    made = n.product(scale, [*factors, chosen], (*out[:axis], *kept, *out[axis + 1 :]), dict(enumerate(sizes)))
    told = out.count(k) > 1 or _count_factor(chosen[0], made) <= sum(u is chosen[0] for u, _, _ in factors)
    return made if told else None


def _count_factor(factor: Term, t: Term) -> int:
    """How often a term is a factor of another, or of a product among its factors."""
    return sum((u is factor) + sum(v is factor for v in u.children if isinstance(u, Product)) for u in t.children)


def count_member_axes(t: Call) -> int:
    """The number of first axes along which a named function is applied to each part by itself."""
    if t.head == "softmax":
        return len(t.shape) - count_axes(t)
    if t.head in OWN_AXES:
        return len(t.shape) - OWN_AXES[t.head]
    if t.head in OF_ALL_AXES or not t.args:
        return 0
    count = len(t.args[0].shape) - 2
    return count if all(u.shape[:count] == t.shape[:count] and len(u.shape) == count + 2 for u in t.args) else 0


def is_axis_of_members(t: Call, axis: int) -> bool:
    """Whether a function is the same function of each part along an axis."""
    return t.elementwise or axis < count_member_axes(t) or (t.head == "firstmax" and t.params[axis] == 1)


def _call_parts(n: Normaliser, t: Call, axis: int, taken: Taken) -> Term | None:
    """A function of parts."""
    parts = [take_part(n, u, axis, taken) for u in t.args]
    args = [u for u in parts if u is not None]
    if len(args) < len(parts):
        return None
    return n.call(t.head, args, t.params, None if t.elementwise else shape_of_part(t.shape, axis, taken))


def shape_of_part(shape: tuple[Dim, ...], axis: int, taken: Taken) -> tuple[Dim, ...]:
    """The shape of what is taken."""
    kept = (taken.length,) if isinstance(taken, Places) else ()
    return (*shape[:axis], *kept, *shape[axis + 1 :])


def _take_of_call(n: Normaliser, t: Call, axis: int, taken: Taken) -> Term | None:
    """A part of a function that has a name."""
    if t.head == "selection":
        return _take_rows(n, t, taken) if axis == 0 else _take_columns(n, t, taken)
    if t.head == "window":
        return _take_of_window(t, axis, taken)
    if is_axis_of_members(t, axis):
        if t.head == "firstmax" and not isinstance(taken, Places):
            t = call(t.head, t.args, (*t.params[:axis], *t.params[axis + 1 :]), t.shape)
        return _call_parts(n, t, axis, taken)
    if t.head == "range":
        first, step = map(sympy.sympify, t.params)
        if not isinstance(taken, Places):
            return number(first + step * taken)
        return n.call("range", [], (first + step * taken.start, step * taken.step), (taken.length,))
    if t.head == "cumprod" and not isinstance(taken, Places):
        ends = _take_end_of_products(n, t, taken)
        if ends is not None:
            return ends
    if t.head == "band_part" and not isinstance(taken, Places) and constant_value(t.args[0]) == 1:
        ones = _take_of_triangle(n, t, axis, taken)
        if ones is not None:
            return ones
    if t.head == "reshape":
        part = _take_of_reshape(n, t, axis, taken)
        if part is not None:
            return part
    if t.head == "roll":
        part = _take_of_roll(n, t, axis, taken)
        if part is not None:
            return part
    if t.head != "part":
        return make_part(n, t, _replace([Places(0, d) for d in t.shape], axis, taken))
    place = [k for k, entry in enumerate(t.params) if isinstance(entry, Places)][axis]
    return make_part(n, t.args[0], _replace(t.params, place, _compose(t.params[place], taken)))


def _take_of_reshape(n: Normaliser, t: Call, axis: int, taken: Taken) -> Term | None:
    """A part of what is reshaped, reshaped; None where it is not known which part that is."""
    (part,), shape = t.args, shape_of_part(t.shape, axis, taken)
    found = find_places(part.shape, t.shape, axis, taken)
    if found is None:
        return None
    for before, places in found:
        made = take_part(n, part, before, Places(*places) if isinstance(places, tuple) else places)
        if made is None:
            return None
        part = made
    return part if part.shape == shape else n.call("reshape", [part], shape, shape)


def _take_of_roll(n: Normaliser, t: Call, axis: int, taken: Taken) -> Term | None:
    """A part of what is rolled: rolled along another axis, or of an end; None where it is not known of which."""
    (whole,), (shift, along) = t.args, t.params
    if along != axis:
        part = take_part(n, whole, axis, taken)
        gone = axis < along and not isinstance(taken, Places)
        return None if part is None else n.call("roll", [part], (shift, along - gone))
    places = taken if isinstance(taken, Places) else Places(taken, 1)
    for start in (places.start - shift, places.start - shift + t.shape[axis]):
        low, high = start, start + places.step * (places.length - 1)
        if places.step < 0:
            low, high = high, low
        if is_ordered(0, low) and is_ordered(high, t.shape[axis] - 1):
            return take_part(n, whole, axis, places._replace(start=start) if isinstance(taken, Places) else start)
    return None


def window(offset: Dim, steps: Sequence[Any], shape: tuple[Dim, ...]) -> Call:
    """The array that is one where ``offset + steps[0]*i + steps[1]*j + ...`` is zero, and zero elsewhere."""
    return call("window", [], (sympy.expand(offset), *steps), shape)


def _take_of_window(t: Call, axis: int, taken: Taken) -> Term:
    """The window over what is taken of an axis."""
    offset, *steps = t.params
    by = steps[axis]
    if not isinstance(taken, Places):
        return window(offset + by * taken, [*steps[:axis], *steps[axis + 1 :]], shape_of_part(t.shape, axis, taken))
    steps[axis] = by * taken.step
    return window(offset + by * taken.start, steps, shape_of_part(t.shape, axis, taken))


def _take_end_of_products(n: Normaliser, t: Call, place: Dim) -> Term | None:
    """The first or the last of running products: a factor, or the product of all."""
    (x,), (exclusive, backwards), size = t.args, t.params, t.shape[-1]
    last = sympy.expand(sympy.sympify(size - 1 - place)) == 0
    if exclusive or not (last or place == 0):
        return None
    if last != bool(backwards):
        return n.call("reduce_prod", [x], 1, t.shape[:-1])
    return take_part(n, x, len(t.shape) - 1, place)


def _take_of_triangle(n: Normaliser, t: Call, axis: int, place: Dim) -> Term | None:
    """A row or a column of a square triangle of ones: ones up to a place, or from there on."""
    rows, size = t.shape
    if rows != size or t.params not in (LOWER, UPPER):
        return None
    before = (t.params == LOWER) == (axis == 0)
    start, length = (0, place + 1) if before else (place, size - place)
    return n.product(ONE, [(selection(start, length, 1, size), (1, 0), ONE)], (0,))


def _replace(entries: Sequence[Taken], place: int, taken: Taken) -> list[Taken]:
    """What is taken of each axis, with another for one of them."""
    return [*entries[:place], taken, *entries[place + 1 :]]


def make_part(n: Normaliser, whole: Term, entries: Sequence[Taken]) -> Term:
    """What is taken along each axis of a term; axes of size one say nothing, and are those of the result alone."""
    if list(entries) == [Places(0, d) for d in whole.shape]:
        return whole
    kept = [p.length for p in entries if isinstance(p, Places)]
    thick = [k for k, d in enumerate(kept) if not is_one(d)]
    places = tuple(p.start if isinstance(p, Places) and is_one(p.length) else p for p in entries)
    part = n.call("part", [whole], places, tuple(kept[k] for k in thick))
    return n.product(ONE, [(part, tuple(thick), ONE)], tuple(range(len(kept))), dict(enumerate(kept)))


def _compose(outer: Places, inner: Taken) -> Taken:
    """The places that are taken of places, as such of the whole."""
    if isinstance(inner, Places):
        return Places(outer.start + outer.step * inner.start, inner.length, outer.step * inner.step)
    return outer.start + outer.step * inner


def _take_rows(n: Normaliser, t: Call, taken: Taken) -> Term:
    """Rows of a selection: places of places."""
    *own, size = t.params
    places = _compose(Places(*own), taken)
    if isinstance(places, Places):
        return n.normal(selection(*places, size))
    return n.product(ONE, [(selection(places, 1, 1, size), (1, 0), ONE)], (0,), {0: size})


def _take_columns(n: Normaliser, t: Call, taken: Taken) -> Term | None:
    """Columns of a selection: ones where both take the same place."""
    *own, size = t.params
    rows, columns = Places(*own), taken if isinstance(taken, Places) else Places(taken, 1)
    met = _meet(rows, columns, size)
    if met is None:
        return None
    left, right = met
    shape = rows.length, columns.length
    if left.length == 0:
        whole: Term = number(0, shape)
    elif (left, right) == (Places(0, rows.length), Places(0, columns.length)):
        whole = identity(rows.length)
    else:
        factors = [(selection(*left, rows.length), (2, 0), ONE), (selection(*right, columns.length), (2, 1), ONE)]
        whole = product(ONE, factors, (0, 1))
    if isinstance(taken, Places):
        return n.normal(whole)
    return n.product(ONE, [(whole, (0, 1), ONE)], (0,))


NOWHERE = Places(0, 0), Places(0, 0)


def _meet(rows: Places, columns: Places, size: Dim) -> tuple[Places, Places] | None:
    """Which of two lists of places are the same: their positions in the first list, and in the second."""
    if rows == columns:
        return Places(0, rows.length), Places(0, columns.length)
    if all(isinstance(d, int) or d.is_Integer for d in (*rows, *columns)) and rows.length + columns.length <= INTEGERS:
        return _meet_numbers(rows, columns)
    if rows.length == size and rows.step == -1:
        return Places(size - 1 - columns.start, columns.length, -columns.step), Places(0, columns.length)
    if rows.step != 1 or columns.step != 1:
        return None
    low = _choose_greater(rows.start, columns.start)
    ends = rows.start + rows.length, columns.start + columns.length
    negative = _choose_greater(-ends[0], -ends[1])
    if is_ordered(ends[0], columns.start) or is_ordered(ends[1], rows.start):
        return NOWHERE
    if low is None or negative is None:
        return None
    length = sympy.expand(-negative - low)
    if length not in (rows.length, columns.length) and not _grows(length):
        return None  # They may have places in common where sizes are small, and then have none.
    return Places(sympy.expand(low - rows.start), length), Places(sympy.expand(low - columns.start), length)


def _grows(length: Dim) -> bool:
    """Whether a length is no less where sizes are greater."""
    return all(c.is_positive for u, c in sympy.sympify(length).as_coefficients_dict().items() if not u.is_Number)


def _meet_numbers(rows: Places, columns: Places) -> tuple[Places, Places] | None:
    """The same of places that are numbers, which are compared one by one; None where they are at no one distance."""
    where = {columns.start + columns.step * c: c for c in range(columns.length)}
    pairs = [(r, where[p]) for r in range(rows.length) if (p := rows.start + rows.step * r) in where]
    if not pairs:
        return NOWHERE
    found = []
    for positions in zip(*pairs):
        steps = {b - a for a, b in pairwise(positions)} or {1}
        if len(steps) > 1:
            return None
        found.append(Places(positions[0], len(positions), *steps))
    return found[0], found[1]


def _choose_greater(a: Dim, b: Dim) -> Dim | None:
    """The greater of two dimensions, if it is known which is."""
    return a if is_ordered(b, a) else b if is_ordered(a, b) else None


def choose_least(found: Sequence[Dim]) -> Dim | None:
    """The least of some dimensions; None where it is not known which is."""
    return next((a for a in found if all(is_ordered(a, b) for b in found)), None)


def is_ordered(a: Dim, b: Dim) -> bool:
    """Whether ``a <= b`` whatever the sizes are, which are one at least."""
    gap = sympy.sympify(b - a)
    if gap.is_Integer:
        return bool(gap >= 0)
    gap = sympy.expand(gap)
    if not all(s.is_positive for s in gap.free_symbols):
        return False  # An index, of which nothing is known.
    gap = sympy.expand(gap.xreplace({s: s + 1 for s in gap.free_symbols}))
    return all(c.is_nonnegative for c in gap.as_coefficients_dict().values()) and not gap.has(sympy.floor)
