"""Rolls: the two ends of a term in each other's place, as one function of the term."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sympy

from tracer.shapes import Dim
from tracer.terms.decomposition import factors_of
from tracer.terms.record import Call, Product, Sum, Term, add, axes_of, call, is_call
from tracer.terms.selections import Places, make_part, take_part

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser


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
    ends = {k: end for k, (c, u) in enumerate(t.terms) if (end := _read_end(n, c, u)) is not None}
    for k, low in ends.items():
        for m, high in ends.items():
            if low.start != 0 or low.axis != high.axis or low.number != high.number or low.length != high.start:
                continue
            rolled = _join_ends(n, low, high, t.shape[low.axis])
            if rolled is None:
                continue
            rest = [row for j, row in enumerate(t.terms) if j not in (k, m)]
            if not rest:
                axes = axes_of(t)
                return rolled if low.number == 1 else n.product(low.number, [(rolled, axes, sympy.S.One)], axes)
            made = add([*rest, (low.number, rolled)])
            return fold_rolls(n, made)
    return t


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
    """The roll of a term of which the ends are taken; None where they are of none."""
    if sympy.expand(sympy.sympify(low.length + high.length - size)) != 0:
        return None
    for inner in (high.inner, low.inner):
        whole = _extend(n, inner, low.axis, size)
        if whole is None:
            continue
        ends = [Places(sympy.expand(sympy.sympify(size - low.length)), low.length), Places(0, high.length)]
        if any(take_part(n, whole, low.axis, p) is not e.inner for p, e in zip(ends, (low, high))):
            continue
        back = sympy.expand(sympy.sympify(size - low.length))
        shift = sympy.sympify(low.length)
        if back.is_Integer and not (shift.is_Integer and shift <= back):
            shift = -back
        return call("roll", [whole], (shift, low.axis))
    return None


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
    if isinstance(t, Call) and t.elementwise:
        args = [_extend(n, u, axis, size) for u in t.args]
        known = [u for u in args if u is not None]
        return n.call(t.head, known, t.params) if len(known) == len(args) else None
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
