"""Rolls: the two ends of a term in each other's place, as one function of the term."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import sympy

from tracer.shapes import Dim, Shape
from tracer.terms.decomposition import factors_of, split_scale, summands_of
from tracer.terms.numbers import ONE
from tracer.terms.record import (
    Call,
    Product,
    Sum,
    Term,
    add,
    axes_of,
    call,
    is_call,
    is_elementwise,
    number,
    product,
    scaled,
    subterms,
)
from tracer.terms.selections import Places, make_part, selection, take_part

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser

Row = tuple[sympy.Expr, Term]
"""A summand with the number in front."""


class End(NamedTuple):
    """A summand that puts something at one end of an axis.

    Attributes
    ----------
    number : sympy.Expr
        The number in front.
    inner : Term
        What is put there.
    axis : int
    start, length : int or sympy.Expr
        The places.
    """

    number: sympy.Expr
    inner: Term
    axis: int
    start: Dim
    length: Dim


def fold_rolls(n: Normaliser, t: Sum) -> Term:
    """A sum, two summands that are the ends of one term in each other's place being a roll of it; else itself.

    The ends may be sums of ends: ``concat(x[:-1] - x[1:], x[n - 1] - x[0])`` is ``x - roll(x, -1)``.

    Examples
    --------
    >>> from tracer.terms.normalise import Normaliser
    >>> from tracer.terms.numbers import ONE
    >>> from tracer.terms.record import product, source
    >>> from tracer.terms.selections import selection
    >>> n, x = Normaliser(()), source("x", (5,))
    >>> ends = [(1, make_part(n, x, [Places(k, d)]), selection(j, d, 1, 5)) for j, k, d in ((0, 3, 2), (2, 0, 3))]
    >>> fold_rolls(n, add([(1, product(1, [(u, (1,), ONE), (P, (1, 0), ONE)], (0,))) for _, u, P in ends]))
    <Call roll(x, (2, 0))>
    """
    rows = _fold_ends(n, t.terms, t.shape)
    opened = _open_ends(n, rows, t.shape)
    folded = rows if opened is None else _fold_ends(n, opened, t.shape)
    if len(folded) > len(rows):
        folded = rows
    if folded == list(t.terms):
        return t
    if not folded:
        return number(0, t.shape)
    if len(folded) > 1:
        return add(folded)
    ((c, rolled),) = folded
    axes = axes_of(t)
    return rolled if c == 1 else n.product(c, [(rolled, axes, sympy.S.One)], axes)


def _fold_ends(n: Normaliser, terms: Iterable[Row], shape: Shape) -> list[Row]:
    """Summands with rolls in place of the ends of terms."""
    rows = list(terms)
    while (pair := _find_pair(n, rows, shape)) is not None:
        k, m, front, rolled = pair
        rest = {u: c for j, (c, u) in enumerate(rows) if j not in (k, m)}
        rest[rolled] = rest.get(rolled, sympy.S.Zero) + front
        rows = [(c, u) for u, c in rest.items() if c != 0]
    return rows


def _find_pair(n: Normaliser, rows: Sequence[Row], shape: Shape) -> tuple[int, int, sympy.Expr, Term] | None:
    """The places of two summands that are the ends of one term, the number in front of them, and the term."""
    ends = {k: end for k, (c, u) in enumerate(rows) if (end := _read_end(n, c, u)) is not None}
    for k, low in ends.items():
        for m, high in ends.items():
            if low.start != 0 or low.axis != high.axis or low.number != high.number or low.length != high.start:
                continue
            rolled = _join_ends(n, low, high, shape[low.axis])
            if rolled is not None:
                return k, m, low.number, rolled
    return None


def _open_ends(n: Normaliser, terms: Sequence[Row], shape: Shape) -> list[Row] | None:
    """Summands in which the summands of what is put at ends are put there one by one; None where these are no sums."""
    rows: list[Row] = []
    for c, u in terms:
        end = _read_end(n, c, u)
        opened = None if end is None else _open_end(n, end, shape[end.axis])
        rows += [(c, u)] if opened is None else opened
    return rows if len(rows) > len(terms) else None


def _open_end(n: Normaliser, end: End, size: Dim) -> list[Row] | None:
    """The summands of what is put at an end, each put there; None where it is no sum."""
    scale, factors, out, sizes = factors_of(end.inner)
    if len(factors) != 1:
        return None
    ((u, labels, e),) = factors
    if not isinstance(u, Sum) or e is not ONE:
        return None
    whole = len(sizes)
    known = {**dict(enumerate(sizes)), whole: size}
    place = selection(end.start, end.length, 1, size), (out[end.axis], whole), ONE
    at = tuple(whole if axis == end.axis else k for axis, k in enumerate(out))
    return [(end.number * scale * c, n.product(ONE, [(v, labels, ONE), place], at, known)) for c, v in u.terms]


def _read_end(n: Normaliser, c: sympy.Expr, t: Term) -> End | None:
    """A summand that puts something into places one after another of one axis."""
    scale, factors, out, sizes = factors_of(t)
    found = [f for f in factors if is_call(f[0], "selection") and f[1][1] in out and f[1][0] not in out]
    if len(found) != 1 or found[0][2] != 1:
        return None
    ((u, (row, whole), _),) = found
    assert isinstance(u, Call)
    start, length, step, _ = u.params
    if step != 1 or sum(whole in labels for _, labels, _ in factors) > 1 or out.count(whole) > 1:
        return None
    labels = tuple(row if k == whole else k for k in out)
    rest = [f for f in factors if f is not found[0]]
    inner = n.product(1, rest, labels, dict(enumerate(sizes)))
    return End(c * scale, inner, out.index(whole), start, length)


def _join_ends(n: Normaliser, low: End, high: End, size: Dim) -> Term | None:
    """The term of which the ends are taken, rolled if they are in each other's place; None where they are of none."""
    if sympy.expand(sympy.sympify(low.length + high.length - size)) != 0:
        return None
    for inner in (high.inner, low.inner):
        whole = _extend(n, inner, low.axis, size)
        if whole is None:
            continue
        if all(
            take_part(n, whole, low.axis, Places(start, e.length)) is e.inner
            for start, e in ((0, low), (low.length, high))
        ):
            return whole
        ends = [Places(sympy.expand(sympy.sympify(size - low.length)), low.length), Places(0, high.length)]
        if any(take_part(n, whole, low.axis, p) is not e.inner for p, e in zip(ends, (low, high))):
            continue
        return call("roll", [whole], (name_shift(low.length, size), low.axis))
    for end in (high, low):
        whole = _extend_each(n, end.inner, end.axis, size, end.start)
        if whole is not None and all(
            take_part(n, n.normal(whole), e.axis, Places(e.start, e.length)) is e.inner for e in (low, high)
        ):
            return whole
    return None


def name_shift(length: Dim, size: Dim) -> sympy.Expr:
    """By how much is rolled what so many elements come in at the start of: towards the start where that is less."""
    back = sympy.expand(sympy.sympify(size - length))
    shift = sympy.sympify(length)
    for count, sign in ((shift, 1), (back, -1)):
        if isinstance(count, sympy.Mod) and count.args[1] == size:
            return sign * count.args[0]
    return -back if back.is_Integer and not (shift.is_Integer and shift <= back) else shift


def _extend(n: Normaliser, t: Term, axis: int, size: Dim) -> Term | None:
    """A term of which all of an axis is taken where a term takes a part of it; None where it takes none."""
    if is_call(t, "part"):
        assert isinstance(t, Call)
        places = [k for k, p in enumerate(t.params) if isinstance(p, Places)]
        entries = list(t.params)
        if t.args[0].shape[places[axis]] != size:
            return None
        entries[places[axis]] = Places(0, size)
        return make_part(n, t.args[0], entries)
    if is_call(t, "roll"):
        assert isinstance(t, Call)
        (x,), (shift, along) = t.args, t.params
        whole = None if along == axis else _extend(n, x, axis, size)
        return None if whole is None else roll_term(n, whole, shift, along)
    if isinstance(t, Call) and t.elementwise:
        args = [_extend(n, u, axis, size) for u in t.args]
        known = [u for u in args if u is not None]
        return n.call(t.head, known, t.params) if len(known) == len(args) else None
    if isinstance(t, Sum):
        rows = summands_of(fold_rolls(n, t))
        parts = [_extend(n, u, axis, size) for _, u in rows]
        return None if None in parts else n.add([(c, u) for (c, _), u in zip(rows, parts) if u is not None])
    if not isinstance(t, Product) or t.out.count(t.out[axis]) > 1:
        return None
    factors, sizes = [], dict(enumerate(t.sizes))
    sizes[t.out[axis]] = size
    for u, labels, e in t.factors:
        made: Term | None = u
        if t.out[axis] in labels:
            made = _extend(n, u, labels.index(t.out[axis]), size) if labels.count(t.out[axis]) == 1 else None
        if made is None:
            return None
        factors.append((made, labels, e))
    return n.product(t.scale, factors, t.out, sizes)


def _extend_each(n: Normaliser, t: Term, axis: int, size: Dim, put: Dim) -> Term | None:
    """A term of which a part is another, made of all of what that takes parts of, each rolled to where these are."""
    if is_call(t, "part"):
        assert isinstance(t, Call)
        whole = _extend(n, t, axis, size)
        place = [p for p in t.params if isinstance(p, Places)][axis]
        shift = sympy.expand(sympy.sympify(put - place.start))
        return None if whole is None or place.step != 1 else roll_term(n, whole, shift, axis)
    if isinstance(t, Call) and t.elementwise:
        args = [_extend_each(n, u, axis, size, put) for u in t.args]
        known = [u for u in args if u is not None]
        return call(t.head, known, t.params) if len(known) == len(args) else None
    if isinstance(t, Sum):
        parts = [_extend_each(n, u, axis, size, put) for _, u in t.terms]
        return None if None in parts else add([(c, u) for (c, _), u in zip(t.terms, parts) if u is not None])
    if not isinstance(t, Product) or t.out.count(t.out[axis]) > 1:
        return None
    factors, sizes = [], {**dict(enumerate(t.sizes)), t.out[axis]: size}
    for u, labels, e in t.factors:
        made: Term | None = u
        if is_call(u, "selection"):
            return None  # It is a roll along another axis.
        if t.out[axis] in labels:
            own = labels.index(t.out[axis])
            made = _extend_each(n, u, own, size, put) if labels.count(t.out[axis]) == 1 else None
        if made is None:
            return None
        factors.append((made, labels, e))
    return product(t.scale, factors, t.out, sizes)


# Rolling.


def roll_factors(n: Normaliser, t: Term, shift: sympy.Expr, axis: int) -> Term | None:
    """The normal form of a term of elements, each source in it rolled; None where it is more than its elements."""
    if isinstance(t, Sum):
        parts = [roll_factors(n, u, shift, axis) for _, u in t.terms]
        return None if None in parts else n.add([(c, u) for (c, _), u in zip(t.terms, parts) if u is not None])
    if isinstance(t, Call) and t.elementwise:
        args = [roll_factors(n, u, shift, axis) for u in t.args]
        return None if None in args else n.call(t.head, [u for u in args if u is not None], t.params)
    if is_call(t, "roll"):
        assert isinstance(t, Call)
        (inner,), (by, along) = t.args, t.params
        if along == axis:
            return inner if by + shift == 0 else n.call("roll", [inner], (by + shift, axis))
        if along < axis:
            made = roll_factors(n, inner, shift, axis)
            return None if made is None else n.call("roll", [made], t.params)
    if not isinstance(t, Product):
        return n.call("roll", [t], (shift, axis)) if len(t.shape) <= 2 else None
    label = t.out[axis]
    factors = []
    for u, labels, e in t.factors:
        rolled: Term | None = u
        if label in labels:
            if labels.count(label) > 1 or t.out.count(label) > 1 or is_call(u, "selection", "window"):
                return None
            rolled = roll_factors(n, u, shift, labels.index(label))
        if rolled is None:
            return None
        factors.append((rolled, labels, e))
    return n.product(t.scale, factors, t.out, dict(enumerate(t.sizes)))


def gather_rolls(n: Normaliser, t: Term) -> Term | None:
    """A term of elements rolled as a whole, where that takes fewer rolls: ``roll(x, 1) - roll(y, 1)``; else None."""
    if not (is_elementwise(t) or isinstance(t, Product)) or not 0 < len(t.shape) <= 2:
        return None
    turns = {u.params for u in subterms(t) if isinstance(u, Call) and u.head == "roll"}
    best, whole = None, split_scale(t)[1]
    for shift, axis in sorted(turns, key=str):
        back = roll_factors(n, t, -shift, axis) if axis < len(t.shape) else None
        if isinstance(whole, Sum) and any(_gains_rolls(n, u, -shift, axis) for _, u in whole.terms):
            continue
        if back is not None and back.weight + 1 < (t if best is None else best).weight:
            c, core = split_scale(back)
            best = scaled(c, call("roll", [core], (shift, axis)))
    return best


def _gains_rolls(n: Normaliser, t: Term, shift: sympy.Expr, axis: int) -> bool:
    """Whether a term has more rolls where each source in it is rolled."""
    rolled = roll_factors(n, t, shift, axis)
    return rolled is None or rolled.weight > t.weight


def gather_summands(n: Normaliser, t: Sum) -> list[Row]:
    """The summands of a sum, rolled as wholes where that is shorter, the numbers in front of these outside."""
    rows: list[Row] = []
    for c, u in t.terms:
        k, core = split_scale(gather_rolls(n, u) or u)
        rows.append((c * k, core))
    return rows


def roll_term(n: Normaliser, t: Term, shift: sympy.Expr, axis: int) -> Term:
    """The normal form of a term rolled along an axis: its two ends; what is a roll in it is rolled once, by both."""
    rolled = roll_factors(n, t, shift, axis)
    if rolled is not None:
        return rolled
    rolled = _roll_rolled(n, t, shift, axis)
    return _exchange_ends(n, t, shift, axis) if rolled is None else rolled


def _roll_rolled(n: Normaliser, t: Term, shift: sympy.Expr, axis: int) -> Term | None:
    """A term rolled where rolls are in it; None where there are none along the axis."""
    if isinstance(t, Call) and t.elementwise:
        args = [_roll_rolled(n, u, shift, axis) for u in t.args]
        if all(u is None for u in args):
            return None
        whole = [_exchange_ends(n, u, shift, axis) if made is None else made for u, made in zip(t.args, args)]
        return n.call(t.head, whole, t.params)
    if isinstance(t, Sum):
        return _roll_sum(n, t, shift, axis)
    if not isinstance(t, Product) or t.out.count(t.out[axis]) > 1:
        return None
    label = t.out[axis]
    factors, changed = [], False
    for u, labels, e in t.factors:
        if label in labels:
            if labels.count(label) > 1 or is_call(u, "selection", "window"):
                return None
            own = labels.index(label)
            made = _roll_rolled(n, u, shift, own)
            changed = changed or made is not None
            u = _exchange_ends(n, u, shift, own) if made is None else made
        factors.append((u, labels, e))
    return n.product(t.scale, factors, t.out, dict(enumerate(t.sizes))) if changed else None


def _roll_sum(n: Normaliser, t: Sum, shift: sympy.Expr, axis: int) -> Term | None:
    """A sum, each summand rolled; None where there are no rolls in it."""
    rows: list[Row] = []
    changed = False
    for c, u in summands_of(fold_rolls(n, t)):
        made = None
        if is_call(u, "roll"):
            assert isinstance(u, Call)
            (whole,), (by, along) = u.args, u.params
            if along == axis:
                made = _exchange_ends(n, whole, by + shift, axis)
            else:
                made = _exchange_ends(n, roll_term(n, whole, shift, axis), by, along)
        else:
            made = _roll_rolled(n, u, shift, axis)
        changed = changed or made is not None
        rows.append((c, _exchange_ends(n, u, shift, axis) if made is None else made))
    return n.add(rows) if changed else None


def _exchange_ends(n: Normaliser, t: Term, shift: sympy.Expr, axis: int) -> Term:
    """The two ends of a term, in each other's place."""
    size = t.shape[axis]
    low = shift % size if isinstance(size, int) else ONE if shift == 1 else sympy.Mod(shift, size)
    if low == 0:
        return t
    rank = len(t.shape)
    labels = list(range(rank))
    labels[axis] = rank
    rows = []
    for start, taken in ((0, Places(size - low, low)), (low, Places(0, size - low))):
        end, place = (rank + 1, rank), (rank + 1, axis)
        factors = [(t, tuple(labels), ONE), (selection(*taken, size), end, ONE)]
        rows.append((ONE, product(ONE, [*factors, (selection(start, taken.length, 1, size), place, ONE)], axes_of(t))))
    return n.add(rows)
