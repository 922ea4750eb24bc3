"""Indices of windows and of what is put into places: one that follows from others is written by them, ``x[i + j]``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import sympy

from tracer.shapes import Dim
from tracer.terms.record import Call, Product, is_call
from tracer.terms.selections import is_ordered


class Names(dict[int, sympy.Expr]):
    """The index of each label, which is given a letter when it is first asked for."""

    def __init__(self, name_index: Callable[[], sympy.Symbol]) -> None:
        super().__init__()
        self.name_index = name_index

    def __missing__(self, label: int) -> sympy.Expr:
        self[label] = made = self.name_index()
        return made


class Relation(NamedTuple):
    """A number and a multiple of each of some places, which add up to zero."""

    offset: Dim
    steps: dict[int, int]


class Indices(NamedTuple):
    """What the labels of a product are called.

    Attributes
    ----------
    names : Names
        The index of each label; one that stands in another is not changed.
    limits : dict
        The first and the last value of the labels that are summed over.
    within : list
        Conditions under which the product is not zero.
    """

    names: Names
    limits: dict[int, list[sympy.Expr]]
    within: list[sympy.Basic]


def name_windows(t: Product, found: Indices) -> set[int]:
    """Name the places that follow from others by the windows of a product; the positions of these factors."""
    gone: set[int] = set()
    order = {k: n for n, k in enumerate(t.out)}
    windows = [(place, f) for place, f in enumerate(t.factors) if is_call(f[0], "window")]
    windows.sort(key=lambda w: min([order.get(k, len(order)) for k in w[1][1]]))
    for place, (u, labels, e) in windows:
        if not isinstance(u, Call) or e != 1 or len(set(labels)) < len(labels):
            continue
        offset, *steps = u.params
        relation = Relation(offset, dict(zip(labels, steps)))
        if _divide(relation, t.sizes, found) or _solve(relation, t.sizes, found):
            gone.add(place)
    return gone


def _solve(r: Relation, sizes: Sequence[Dim], found: Indices) -> bool:
    """Name a place that is summed over by the others."""
    ready = [k for k in r.steps if k in found.limits and k not in found.names]
    if not ready:
        return False
    bounds = {k: _list_bounds(r, k, sizes) for k in ready}
    label = min(ready, key=lambda k: (abs(r.steps[k]), len(bounds[k]), is_ordered(sizes[k], MANY), -k))
    own = r.steps[label]
    rest = sum((s * found.names[k] for k, s in r.steps.items() if k != label), sympy.sympify(r.offset))
    place = sympy.expand(-rest * sympy.sign(own))
    del found.limits[label]
    found.names[label] = value = _divide_by(place, abs(own))
    if abs(own) != 1:
        found.within.append(sympy.Eq(sympy.Mod(place, abs(own)), 0, evaluate=False))
    for upper in bounds[label]:
        end = sympy.sympify(sizes[label]) - 1 if upper else sympy.S.Zero
        if not _narrow(r, label, end, upper, sizes, found):
            relation = sympy.Le if upper else sympy.Ge
            found.within.append(relation(value, end, evaluate=False))
    return True


def _divide_by(e: sympy.Expr, number: int) -> sympy.Expr:
    """A quotient in one piece: thirds that are added up as floats are no integers."""
    return e if number == 1 else sympy.Mul(sympy.Rational(1, number), e, evaluate=False)


MANY = 16
"""How many elements an axis may have that is rather summed over than another."""


def _list_bounds(r: Relation, label: int, sizes: Sequence[Dim]) -> list[bool]:
    """Which bounds of a place do not hold wherever the others are: False for the lower one, True for the upper."""
    low, high = _find_range(r, label, sizes)
    last = sizes[label] - 1
    return [upper for upper, holds in ((False, is_ordered(0, low)), (True, is_ordered(high, last))) if not holds]


def _find_range(r: Relation, label: int, sizes: Sequence[Dim]) -> tuple[sympy.Expr, sympy.Expr]:
    """The least and the greatest value of a place for all values of the others."""
    low = high = sympy.sympify(-r.offset) / r.steps[label]
    for k, step in r.steps.items():
        if k != label:
            reach = sympy.Rational(-step, r.steps[label]) * (sizes[k] - 1)
            low, high = (low, high + reach) if step * r.steps[label] < 0 else (low + reach, high)
    return low, high


def _narrow(r: Relation, label: int, end: sympy.Expr, upper: bool, sizes: Sequence[Dim], found: Indices) -> bool:
    """Bound the index of a sum so that a place that follows from it is not beyond an end; whether that can be done."""
    summed = {found.names[j] for j in found.limits if j in found.names}
    for k, step in r.steps.items():
        if k == label or k not in found.limits:
            continue
        fixed = [found.names[j] for j in r.steps if j not in (k, label)]
        if any(not e.free_symbols.isdisjoint(summed) for e in fixed):
            continue
        # place = -(offset + step*index + rest)/own, so that the index has this bound where the place is at its end.
        own = r.steps[label]
        rest = sum((s * found.names[j] for j, s in r.steps.items() if j not in (k, label)), sympy.sympify(r.offset))
        bound = _divide_by(sympy.expand(-(rest + own * end) * sympy.sign(step)), abs(step))
        at_end = int(upper == (own * step < 0))
        if abs(step) != 1:
            bound = (sympy.floor if at_end else sympy.ceiling)(bound, evaluate=False)
        # An empty sum is one whose limits are neighbours: sympy has another value for those further apart.
        reach = _find_range(Relation(r.offset + own * end, {j: s for j, s in r.steps.items() if j != label}), k, sizes)
        if not (is_ordered(-1, reach[0]) if at_end else is_ordered(reach[1], sizes[k])):
            continue
        limit = found.limits[k]
        limit[at_end] = (sympy.Min if at_end else sympy.Max)(limit[at_end], bound, evaluate=False)
        return True
    return False


def _divide(r: Relation, sizes: Sequence[Dim], found: Indices) -> bool:
    """Name both places that are summed over by the third, where windows stand side by side: by quotient and rest."""
    summed = [k for k in r.steps if k in found.limits]
    if len(summed) != 2 or not found.names.keys().isdisjoint(summed):
        return False
    (whole,) = (k for k in r.steps if k not in summed)
    outer, inner = sorted(summed, key=lambda k: -abs(r.steps[k]))
    size, own = r.steps[outer], r.steps[inner]
    if abs(own) != 1 or abs(size) < 2 or sizes[inner] != abs(size) or size * own < 0:
        return False
    place = sympy.expand(-(r.offset + r.steps[whole] * found.names[whole]) / sympy.Integer(own))
    last = sympy.expand(-(r.offset + r.steps[whole] * (sizes[whole] - 1)) / sympy.Integer(own))
    first = sympy.sympify(-r.offset) / own
    if r.steps[whole] * own > 0:
        first, last = last, first
    found.names[outer] = sympy.floor(_divide_by(place, abs(size)), evaluate=False)
    found.names[inner] = sympy.Mod(place, abs(size))
    del found.limits[outer], found.limits[inner]
    if not is_ordered(0, first):
        found.within.append(sympy.Ge(place, 0, evaluate=False))
    if not is_ordered(last, abs(size) * sizes[outer] - 1):
        found.within.append(sympy.Lt(place, abs(size) * sizes[outer], evaluate=False))
    return True


def name_placed(t: Product, found: Indices) -> set[int]:
    """Name the places of what is put into others one after another, and say where these are.

    ``P[j,i]*x[j]`` is ``x[i - 1]`` where ``1 <= i``, if P selects all places but the first. The positions of the
    factors that only do so are the answer.
    """
    gone: set[int] = set()
    names, limits, within = found
    for n, (u, labels, e) in enumerate(t.factors):
        if not isinstance(u, Call) or u.head != "selection" or e != 1 or u.params[2] < 1:
            continue
        (row, whole), (start, length, step, size) = labels, map(sympy.sympify, u.params)
        if row not in limits or row in names or whole in limits:
            continue
        del limits[row]
        names[row] = _divide_by(names[whole] - start, step)
        end = sympy.expand(start + step * length)
        within += [sympy.Eq(sympy.Mod(names[whole], step), sympy.Mod(start, step), evaluate=False)] if step > 1 else []
        within += [sympy.Ge(names[whole], start, evaluate=False)] if not is_ordered(start + 1, step) else []
        within += [sympy.Lt(names[whole], end, evaluate=False)] if not is_ordered(size, end) else []
        gone.add(n)
    return gone
