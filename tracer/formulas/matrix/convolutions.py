"""Windows in matrix notation: the convolution and the correlation of two vectors, or of two matrices.

``W[i,j,m]*k[j]*x[m]`` is ``correlate(x, k)`` where W is one for ``m = i + j``, ``convolve(x, k)`` for ``i = m + j``.
Windows at a distance are every second place of one, say, and what is cut at the ends is a part of one. Where places
are numbers of two digits, the product is a Kronecker product.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import NamedTuple, Protocol

import sympy
from sympy.matrices.expressions.matexpr import MatrixExpr

from tracer.formulas.matrix.array_products import Einsum
from tracer.formulas.matrix.classes import KroneckerProduct, MatAdd, MatMul, OneMatrix
from tracer.formulas.matrix.constructors import MatrixAlgebra
from tracer.formulas.matrix.function_classes import convolve, correlate
from tracer.formulas.matrix.joined_axes import fold_places
from tracer.formulas.matrix.signs import find_nicest_sign, scale_summands
from tracer.formulas.matrix.slices import take_part
from tracer.formulas.matrix.unevaluated import ARRAYS, has_part, list_parts
from tracer.shapes import Dim
from tracer.terms.decomposition import factors_of
from tracer.terms.normalise import Normaliser
from tracer.terms.numbers import MINUS
from tracer.terms.record import ONE, Call, Factor, Labels, Sum, Term, is_call
from tracer.terms.selections import Places, is_ordered, selection, window


class Write(Protocol):
    """The writer of a formula, as convolutions see it."""

    terms: Normaliser
    algebra: MatrixAlgebra

    written: dict[Term, sympy.Expr]

    def __call__(self, t: Term) -> sympy.Expr:
        """A term as a matrix or a number."""

    def write_sum(self, t: Sum, factor: sympy.Expr) -> sympy.Expr:
        """A sum times a number."""


def has_window(t: Term) -> bool:
    """Whether a factor of a term is a window."""
    return any(is_call(u, "window") for u, _, _ in factors_of(t)[1])


def write_windows(write: Write, t: Term, factor: sympy.Expr = ONE) -> sympy.Expr | None:
    """A product, or a sum times a number, with windows as convolutions; None where there is none, or one that is none.

    A product that was folded may be a contraction of arrays instead, if that says all by sums of places.
    """
    folded = fold_places(write.terms, t)
    if not isinstance(folded, Sum):
        if folded is t:
            return _write_convolution(write, t) if has_window(t) else None
        made = write(folded)
        shown = any(isinstance(e, Einsum) and e.shows_windows for e in list_parts(made))
        return None if shown else made if factor == 1 else write.algebra.matmul(factor, made)
    if folded is t:
        return None
    found = {u: _write_convolution(write, u) for _, u in folded.terms if has_window(u)}
    if None in found.values():
        return None
    write.written |= {u: m for u, m in found.items() if m is not None}
    return write.write_sum(folded, factor)


class Axis(NamedTuple):
    """What an axis of the result is made of: the sum or the difference of two places is ``start + step*i``.

    Attributes
    ----------
    first, second : int
        The labels of the two places.
    added : bool
        Whether the places are added up.
    places : Places
        The start, the number and the distance of the sums or differences.
    """

    first: int
    second: int
    added: bool
    places: Places


def _write_convolution(write: Write, t: Term) -> sympy.Expr | None:
    """A product with windows as a convolution or a correlation; None where it is neither."""
    scale, factors, out, sizes = factors_of(t)
    if not 0 < len(out) <= 2 or len(set(out)) < len(out):
        return None
    windows = [f for f in factors if is_call(f[0], "window") and not set(out).isdisjoint(f[1])]
    digits = dict(filter(None, (_read_digits(u, labels, out) for u, labels, _ in windows)))
    known = dict(enumerate(sizes))
    if not digits:
        if (placed := _place_within(write, t, windows)) is not None:
            return placed
        spread = [_spread_steps(f, out, known) for f in windows]
        factors = (*(f for f in factors if f not in windows), *(f for parts in spread for f in parts))
        windows = [parts[0] for parts in spread]
    axes = digits or dict(filter(None, (_read_axis(u, labels, out) for u, labels, _ in windows)))
    ends = [k for a in axes.values() for k in (a.first, a.second)]
    if len(axes) < len(windows) or len({*ends}) < len(ends) or any(e is not ONE for _, _, e in windows):
        return None
    rest = [f for f in factors if f not in windows]
    for k, (u, labels, e) in enumerate(rest):
        if isinstance(u, Sum) and e is ONE and find_nicest_sign(u) == -1:
            rest[k], scale = (scale_summands(MINUS, u), labels, e), -scale
    numbers = [f for f in rest if not f[1]]
    beside = [f for f in rest if not axes.keys().isdisjoint(f[1]) and {*out}.issuperset(f[1])]
    sides = _part_sides(axes, [f for f in rest if f[1] and f not in beside], out)
    if not axes or sides is None:
        return None
    first, second = _write_both_sides(write, axes, sides, out, known)
    if first is None or second is None:
        return None
    scale, first, second = _turn_sides(write.algebra, scale, first, second)
    lines = [axes.get(k) for k in out]
    made = KroneckerProduct(first, second) if digits else _slide(first, second, lines, [sizes[k] for k in out])
    if made is None:
        return None
    if beside:
        made = write.algebra.hadamard(write(write.terms.product(ONE, beside, out, known)), made)
    front = write(write.terms.product(scale, numbers, ())) if numbers else scale
    return write.algebra.matmul(front, made)


def _place_within(write: Write, t: Term, windows: Sequence[Factor]) -> sympy.Expr | None:
    """A product that is zero at the ends of an axis as one without them between zeros; None where there are none."""
    scale, factors, out, sizes = factors_of(t)
    for f in windows:
        u, labels, _ = f
        assert isinstance(u, Call)
        at = [k for k, label in enumerate(labels) if label in out]
        if len(at) != 1 or len(labels) != 3 or len({*labels}) < 3 or abs(u.params[1 + at[0]]) != 1:
            continue
        (k,) = at
        offset, *steps = u.params
        reach = [-steps[k] * s * (d - 1) for p, (s, d) in enumerate(zip(steps, u.shape)) if p != k]
        low, high = (sympy.expand(-steps[k] * offset + sum(r for r in reach if keep(r))) for keep in (_falls, _rises))
        if is_ordered(0, low) and is_ordered(high + 1, u.shape[k]) and (low != 0 or high + 1 != u.shape[k]):
            label, length = len(sizes), sympy.expand(high - low + 1)
            shape = (*u.shape[:k], length, *u.shape[k + 1 :])
            made = window(offset + steps[k] * low, steps, shape), (*labels[:k], label, *labels[k + 1 :]), ONE
            put = selection(low, length, 1, u.shape[k]), (label, labels[k]), ONE
            rest = [g for g in factors if g is not f]
            return write(write.terms.product(scale, [*rest, made, put], out, {**dict(enumerate(sizes)), label: length}))
    return None


def _rises(d: sympy.Expr) -> bool:
    """Whether a distance is one upwards."""
    return not _falls(d)


def _falls(d: sympy.Expr) -> bool:
    """Whether a distance is one downwards."""
    return bool(sympy.sympify(d).could_extract_minus_sign())


def _spread_steps(factor: Factor, out: Labels, sizes: dict[int, Dim]) -> list[Factor]:
    """A window of places that it moves along in steps of one, and what puts those at a distance into these."""
    u, labels, e = factor
    assert isinstance(u, Call)
    offset, *steps = u.params
    apart = [k for k, s in enumerate(steps) if abs(s) > 1 and labels[k] not in out]
    if e is not ONE or len(labels) != 3 or len(set(labels)) < 3 or len(apart) != 1:
        return [factor]
    (k,) = apart
    length, step, label = u.shape[k], abs(steps[k]), len(sizes)
    sizes[label] = (length - 1) * step + 1
    shape = (*u.shape[:k], sizes[label], *u.shape[k + 1 :])
    made = window(offset, [*steps[:k], steps[k] // step, *steps[k + 1 :]], shape)
    return [
        (made, (*labels[:k], label, *labels[k + 1 :]), ONE),
        (selection(0, length, step, sizes[label]), (labels[k], label), ONE),
    ]


def _read_axis(u: Term, labels: Labels, out: Labels) -> tuple[int, Axis] | None:
    """The axis of the result that a window makes of two places, by its label."""
    assert isinstance(u, Call)
    offset, *steps = u.params
    shown = [k for k in labels if k in out]
    if len(set(labels)) < 3 or len(labels) != 3 or len(shown) != 1:
        return None
    by = dict(zip(labels, steps))
    size = dict(zip(labels, u.shape))
    first, second = (k for k in labels if k not in out)
    if _is_longer(size[second], size[first]):
        first, second = second, first
    if abs(by[first]) != 1 or abs(by[second]) != 1:
        return None
    places = Places(-by[first] * offset, size[shown[0]], -by[first] * by[shown[0]])
    return shown[0], Axis(first, second, by[first] == by[second], places)


def _read_digits(u: Term, labels: Labels, out: Labels) -> tuple[int, Axis] | None:
    """The axis of the result of which the place is ``m*i + j`` for two places i and j < m, by its label."""
    assert isinstance(u, Call)
    offset, *steps = u.params
    shown = [k for k in labels if k in out]
    if offset != 0 or len(set(labels)) < 3 or len(labels) != 3 or len(shown) != 1:
        return None
    by, size = dict(zip(labels, steps)), dict(zip(labels, u.shape))
    unit = -by[shown[0]]
    for first, second in permutations(k for k in labels if k not in out):
        told = by[second] == unit and by[first] == unit * size[second]
        if abs(unit) == 1 and told and sympy.expand(size[first] * size[second] - size[shown[0]]) == 0:
            return shown[0], Axis(first, second, True, Places(0, size[shown[0]]))
    return None


def _is_longer(a: Dim, b: Dim) -> bool:
    """Whether a size is greater than another; a symbolic one is taken to be greater than a number."""
    if isinstance(b, int) or b.is_Integer:
        return not (isinstance(a, int) or a.is_Integer) or a > b
    return False


Sides = tuple[list[Factor], list[Factor]]


def _part_sides(axes: dict[int, Axis], factors: Sequence[Factor], out: Labels) -> Sides | None:
    """The factors that have the first places, and those that have the second; None where some have both."""
    firsts, seconds = ({getattr(a, name) for a in axes.values()} for name in ("first", "second"))
    sides: Sides = ([], [])
    todo = list(factors)
    for side, own in zip(sides, (set(firsts), set(seconds))):
        while found := [f for f in todo if not own.isdisjoint(f[1])]:
            todo = [f for f in todo if f not in found]
            side += found
            own |= {k for f in found for k in f[1]} - {*out}
    left, right = ({k for f in side for k in f[1]} for side in sides)
    if todo or left & right or left & seconds or right & firsts or not right.isdisjoint(out):
        return None
    return sides


def _write_both_sides(
    write: Write, axes: Mapping[int, Axis], sides: Sides, out: Labels, sizes: dict[int, Dim]
) -> tuple[MatrixExpr | None, MatrixExpr | None]:
    """Both sides as matrices; the second has one place along an axis that no window makes."""
    first = _write_side(write, sides[0], [axes[k].first if k in axes else k for k in out], sizes)
    return first, _write_side(write, sides[1], [axes[k].second if k in axes else None for k in out], sizes)


def _turn_sides(
    algebra: MatrixAlgebra, scale: sympy.Expr, *sides: MatrixExpr
) -> tuple[sympy.Expr, MatrixExpr, MatrixExpr]:
    """A number and two sides, a minus sign in front of which goes into a difference."""
    first, second = sides
    for k, m in enumerate(sides):
        negative = [isinstance(a, MatMul) and a.could_extract_minus_sign() for a in m.args]
        if scale.could_extract_minus_sign() and isinstance(m, MatAdd) and sum(negative) * 2 >= len(negative):
            parts = [a for _, a in sorted(zip(negative, m.args), key=lambda row: not row[0])]
            turned = MatAdd(*(algebra.matmul(sympy.S.NegativeOne, a) for a in parts), evaluate=False)
            return -scale, *((turned, second) if k == 0 else (first, turned))
    return scale, first, second


def _slide(
    first: MatrixExpr, second: MatrixExpr, lines: Sequence[Axis | None], sizes: Sequence[Dim]
) -> MatrixExpr | None:
    """The convolution or the correlation of two matrices, along the axes of the result."""
    for kind, places in _list_kinds(lines, first.shape, second.shape):
        spans = [p or Places(0, d) for p, d in zip(places, sizes)]
        if kind == "convolve":
            turned = [a is not None and not a.added for a in lines]
            made = convolve(first, _turn(second, turned))
        else:
            made = correlate(first, second) if kind == "correlate" else correlate(second, first)
        return _take(made, spans)
    return None


def _write_side(
    write: Write, side: Sequence[Factor], labels: Sequence[int | None], sizes: dict[int, Dim]
) -> MatrixExpr | None:
    """One side as a matrix of two axes, of which it has one place where it lacks an axis; None where it is none."""
    own = tuple(k for k in labels if k is not None)
    if side:
        term = write.terms.product(ONE, side, own, sizes)
        made = _write_convolution(write, term) if has_window(term) else write(term)
        if made is None and any(is_call(u, "selection") for u, _, _ in factors_of(term)[1]):
            made = write(term)
            made = None if has_part(made, *ARRAYS) else made
    else:
        made = OneMatrix(*(sizes[k] for k in own)) if len(own) == 2 else OneMatrix(sizes[own[0]], 1)
    return write.algebra.transpose(made) if labels[0] is None and made is not None else made


Kinds = list[tuple[str, list[Places | None]]]


def _list_kinds(axes: Sequence[Axis | None], firsts: Sequence[Dim], seconds: Sequence[Dim]) -> Kinds:
    """By which functions the axes of a result can be written, and which places of these they are."""
    found: Kinds = []
    for kind, place in (("correlate", _place_valid), ("turned", _place_turned), ("convolve", _place_full)):
        places = [a if a is None else place(a, d, e) for a, d, e in zip(axes, firsts, seconds)]
        if all((a is None) == (p is None) for a, p in zip(axes, places)) and not (kind == "turned" and None in axes):
            found.append((kind, places))
    return found


def _place_valid(a: Axis, size: Dim, other: Dim) -> Places | None:
    """The places of a correlation, whose second lies wholly on the first."""
    return None if a.added else _keep_within(a.places, size - other + 1)


def _place_turned(a: Axis, size: Dim, other: Dim) -> Places | None:
    """The places of the correlation of the second with the first."""
    turned = Places(-a.places.start, a.places.length, -a.places.step)
    return None if a.added else _keep_within(turned, other - size + 1)


def _place_full(a: Axis, size: Dim, other: Dim) -> Places | None:
    """The places of a convolution; of a correlation, it is that with the reversed second."""
    start = a.places.start + (0 if a.added else other - 1)
    return _keep_within(Places(start, a.places.length, a.places.step), size + other - 1)


def _keep_within(p: Places, size: Dim) -> Places | None:
    """Places of an axis; None where some may be beyond it."""
    low, high = [p.start, p.start + (p.length - 1) * p.step][:: 1 if p.step > 0 else -1]
    whole = p.start == 0 and p.step == 1 and sympy.expand(size - p.length) == 0
    within = whole or (is_ordered(0, low) and is_ordered(high + 1, size))
    return Places(sympy.expand(sympy.sympify(p.start)), p.length, p.step) if within else None


def _turn(m: MatrixExpr, turned: Sequence[bool]) -> MatrixExpr:
    """A matrix with some of its axes reversed."""
    if not any(turned) or isinstance(m, OneMatrix):
        return m
    axes = [
        sympy.Tuple(size - 1, size, -1) if turn and size != 1 else sympy.Tuple(0, size, 1)
        for size, turn in zip(m.shape, [*turned, False])
    ]
    return take_part(m, *axes)


def _take(m: MatrixExpr, spans: Sequence[Places]) -> MatrixExpr:
    """A part of a matrix; itself where all of it is taken."""
    spans = [*spans, *(Places(0, 1) for _ in range(2 - len(spans)))]
    if all(sympy.expand(d - p.length) == 0 and p.step == 1 for d, p in zip(m.shape, spans)):
        return m
    return take_part(m, *(sympy.Tuple(*p) for p in spans))
