"""Terms that were put together place by place, as matrices are of scalars, and their elements."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING

import sympy

from tracer.shapes import Dim, is_concrete
from tracer.terms.decomposition import factors_of, has_minus_signs, split_scale
from tracer.terms.numbers import MINUS, ONE, is_negative
from tracer.terms.record import Call, Sum, Term, axes_of, constant_value, is_call, is_zero, product
from tracer.terms.selections import selection

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser

ELEMENTS = 16
"""How many elements are written one by one at the most."""


def is_small_stack(t: Term) -> bool:
    """Whether a term is a short vector or a small matrix, each element of which was given by itself."""
    return 0 < len(t.shape) <= 2 and is_concrete(t.shape) and prod(t.shape) <= ELEMENTS and is_stacked(t)


def is_stacked(t: Term, first: int = 0) -> bool:
    """Whether each element of a term was given by itself, or each place of its axes from the first one on."""
    known: dict[tuple[Term, int], bool] = {}
    return not is_zero(t) and all(_is_stacked(t, axis, known) for axis in range(first, len(t.shape)))


def find_stacked_axis(t: Term) -> int | None:
    """The first axis of a few places each of which was given by itself; None where there is none."""
    known: dict[tuple[Term, int], bool] = {}
    short = (axis for axis, d in enumerate(t.shape) if is_concrete((d,)) and d <= ELEMENTS)
    return None if is_zero(t) else next((axis for axis in short if _is_stacked(t, axis, known)), None)


def _is_stacked(t: Term, axis: int, known: dict[tuple[Term, int], bool]) -> bool:
    """Whether each place along an axis was given by itself, with what is known of other terms."""
    if (t, axis) not in known:
        known[t, axis] = _are_stacked(t, axis, known)
    return known[t, axis]


def _are_stacked(t: Term, axis: int, known: dict[tuple[Term, int], bool]) -> bool:
    """Whether all summands of a term, or one factor of it, were given place by place along an axis."""
    if isinstance(t, Sum):
        return all(_is_stacked(u, axis, known) for _, u in t.terms)
    _, factors, out, _ = factors_of(t)
    if is_zero(t):
        return True
    k = out[axis]
    for u, labels, e in factors:
        if k not in labels or e is not ONE:
            continue
        if is_call(u, "selection"):
            return labels[1] == k and u.shape[0] == 1
        if u is not t and _is_stacked(u, labels.index(k), known):
            return True
    return False


def take_element(n: Normaliser, t: Term, at: Sequence[Dim]) -> Term:
    """An element of a term, or what stands at a place of its last axes."""
    rank, first = len(t.shape), len(t.shape) - len(at)
    chosen = [(selection(i, 1, 1, d), (rank + k, first + k), ONE) for k, (i, d) in enumerate(zip(at, t.shape[first:]))]
    return n.product(ONE, [(t, axes_of(t), ONE), *chosen], tuple(range(first)))


def split_elements(n: Normaliser, t: Term) -> tuple[sympy.Expr, list[tuple[Term, sympy.Expr]], list[Term]]:
    """A number and powers of scalars that divide all elements, and the elements without them, row by row.

    A minus sign in front goes into the elements, where no more of them have one by that, or into a divisor.
    """
    number, core = split_scale(t)
    _, factors, out, sizes = factors_of(core)
    front = [f for f in factors if not f[1] and f[2].could_extract_minus_sign()]
    if front:
        core = product(ONE, [f for f in factors if f not in front], out, dict(enumerate(sizes)))
    found = [take_element(n, core, at) for at in itertools.product(*map(range, t.shape))]
    divided = [n.product(ONE, [(x, (), ONE), *front], ()) for x in found] if front else found
    if sum(x.weight for x in divided) < sum(x.weight for x in found):
        front, found = [], divided  # What divides them cancels.
    if number != 1 and all(constant_value(x) is not None for x in found):
        number, found = ONE, [n.scaled(number, x) for x in found]
    if is_negative(number) and not any(e.is_odd and has_minus_signs(u) for u, _, e in front):
        opposite = [n.scaled(MINUS, x) for x in found]
        if sum(map(_shows_sign, opposite)) <= sum(map(_shows_sign, found)):
            number, found = -number, opposite
    return number, [(u, e) for u, _, e in front], found


def _shows_sign(t: Term) -> bool:
    """Whether a minus sign in front of a term goes into no difference."""
    scale, factors, _, _ = factors_of(t)
    return is_negative(scale) and not any(e.is_odd and has_minus_signs(u) for u, _, e in factors)


def split_place(n: Normaliser, t: Term, axis: int) -> tuple[int, Term] | None:
    """The only place along an axis where a term is not zero, and what it is there; None where there is none."""
    scale, factors, out, sizes = factors_of(t)
    label = out[axis]
    along = [f for f in factors if label in f[1]]
    if len(along) != 1 or out.count(label) != 1 or not is_call(along[0][0], "selection"):
        return None
    u, labels, e = along[0]
    assert isinstance(u, Call)
    if labels[1] != label or u.shape[0] != 1 or e is not ONE:
        return None
    rest = [f for f in factors if f is not along[0]]
    return int(u.params[0]), n.product(scale, rest, (*out[:axis], *out[axis + 1 :]), dict(enumerate(sizes)))
