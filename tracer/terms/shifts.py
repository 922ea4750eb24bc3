"""The elements of the last axis one place earlier or later, as recurrences have them."""

from __future__ import annotations

import sympy

from tracer.terms.decomposition import factors_of
from tracer.terms.normalise import Normaliser
from tracer.terms.record import ONE, Call, Factor, Labels, Term, axes_of, broadcast, identity, is_call, product
from tracer.terms.selections import Places, make_part, selection


def unshift(n: Normaliser, b: Term, earlier: bool) -> Term | None:
    """A product of which the elements of the last axis, but for the first, are those of a term one place earlier.

    Where they are those of a term one place later, these are the elements but for the last.
    """
    scale, factors, out, sizes = factors_of(b)
    size = b.shape[-1]
    ends = [f for f in factors if is_call(f[0], "selection") and f[1][1] == out[-1]]
    if len(ends) != 1 or sum(out[-1] in labels for _, labels, _ in factors) > 1:
        return None
    ((u, (row, _), e),) = ends
    assert isinstance(u, Call)
    put, taken = (Places(start, size - 1) for start in (int(not earlier), int(earlier)))
    if Places(*u.params[:3]) != put or e is not ONE or row in out:
        return None
    rows: list[Factor] = []
    for v, labels, power in factors:
        if (v, labels) == (u, (row, out[-1])) or row not in labels:
            rows += [] if v is u else [(v, labels, power)]
            continue
        if not isinstance(v, Call) or labels.count(row) > 1:
            return None
        turned = tuple(out[-1] if k == row else k for k in labels)
        if v.head == "selection" and labels[0] == row and Places(*v.params[:3]) == taken and v.params[3] == size:
            rows.append((identity(size), turned, power))
            continue
        if v.head != "part":
            return None
        axes = [k for k, p in enumerate(v.params) if isinstance(p, Places)]
        axis = axes[labels.index(row)]
        if v.params[axis] != taken:
            return None
        entries = [*v.params[:axis], Places(0, size), *v.params[axis + 1 :]]
        rows.append((make_part(n, v.args[0], entries), turned, power))
    return n.product(scale, rows, out, dict(enumerate(sizes)))


def is_running_beside(n: Normaliser, x: Term, labels: Labels, own: Labels, a: Term, later: bool) -> bool:
    """Whether coefficients of a recurrence are the elements, one place away, of a term at some of its labels."""
    if not {*labels} <= {*own} or labels[-1] != own[-1] or len({*own}) < len(own):
        return False
    return n.normal(broadcast(shift(x, later), [own.index(k) for k in labels], a.shape)) is a


def shift(x: Term, earlier: bool) -> Term:
    """The elements of the last axis one place earlier, or else later, and a zero."""
    *batch, _ = axes = axes_of(x)
    fresh = len(axes)
    ends = [(u, (fresh + 2, fresh + axis), e) for axis, (u, _, e) in enumerate(take_neighbours(x, earlier))]
    return product(ONE, [*ends, (x, (*batch, fresh + 1), ONE)], (*batch, fresh))


def divide_neighbours(p: Term, e: sympy.Expr, backwards: bool) -> Term:
    """A power of the elements of the last axis, each divided by the next one, and a zero; else by the one before."""
    *batch, last = axes_of(p)
    ends = [(u, (last + 2, last + axis), power) for axis, (u, _, power) in enumerate(take_neighbours(p, backwards))]
    return product(ONE, [*ends, (p, (*batch, last), e), (p, (*batch, last + 1), -e)], (*batch, last))


def take_neighbours(x: Term, earlier: bool) -> list[Factor]:
    """The matrix, with labels 0 and 1, that takes the elements of an axis one place earlier, or else later."""
    size = x.shape[-1]
    first, second = (
        (selection(k, size - 1, 1, size), (2, axis), ONE) for axis, k in enumerate((int(not earlier), int(earlier)))
    )
    return [first, second]
