"""Axes that were joined to one, as what they were: where a place is made of others as a number is of digits.

Where the windows of an image are the rows of a matrix, the filters are reshaped to one: their place along its axis is
``9*i + 3*j + k``, that of the filters ``[i, j, k]``.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import sympy

from tracer.shapes import Dim
from tracer.terms.decomposition import factors_of
from tracer.terms.normalise import Normaliser
from tracer.terms.numbers import ONE
from tracer.terms.overlaps import fold_extremes
from tracer.terms.record import Call, Factor, Sum, Term, is_call
from tracer.terms.reshapes import axis_groups
from tracer.terms.rolls import fold_rolls
from tracer.terms.windows import fold_windows, join_windows


def fold_places(n: Normaliser, t: Term) -> Term:
    """A term, what differs by places alone in it being one, and axes apart that were joined for that."""
    if is_call(t, "reshape"):
        assert isinstance(t, Call)
        return _fold_reshaped(n, t)
    if isinstance(t, Call) and t.head in (sympy.Max, sympy.Min):
        return n.try_once(("extremes", t), lambda: fold_extremes(n, t))
    made = join_windows(n, fold_windows(n, t))
    if made is t:
        return fold_rolls(n, t) if isinstance(t, Sum) and len(t.shape) <= 2 else t
    return separate_axes(n, made)


def _fold_reshaped(n: Normaliser, t: Call) -> Term:
    """What is reshaped as one whose axes are those of the result, where its places are made of theirs."""
    (whole,) = t.args
    made = fold_places(n, whole)
    groups = axis_groups(whole.shape, t.shape)
    if made is whole or groups is None:
        return t
    scale, factors, out, sizes = factors_of(made)
    rows, labels = list(factors), list[int]()
    for old, new in groups:
        if len(old) != 1 or len(new) < 1:
            return t
        label = out[old[0]]
        if len(new) > 1:
            found = _find_digits(rows, label, [t.shape[k] for k in new])
            if found is None or out.count(label) > 1 or not set(out).isdisjoint(found[1]):
                return t
            del rows[found[0]]
            labels += found[1]
        else:
            labels.append(label)
    return n.product(scale, rows, tuple(labels), dict(enumerate(sizes)))


def separate_axes(n: Normaliser, t: Term) -> Term:
    """A product with axes that were joined as what they were, where their place is made of those: ``3*i + j``."""
    scale, factors, out, sizes = factors_of(t)
    for at, (u, labels, e) in enumerate(factors):
        groups = axis_groups(u.args[0].shape, u.shape) if isinstance(u, Call) and u.head == "reshape" else None
        if groups is None or any(len(new) != 1 for _, new in groups):
            continue
        assert isinstance(u, Call)
        rows, own = list(factors), list[int]()
        for old, (new,) in groups:
            found = _find_digits(rows, labels[new], [u.args[0].shape[k] for k in old]) if len(old) > 1 else None
            if found is not None and labels[new] not in out:
                del rows[found[0]]
                own += found[1]
            elif len(old) == 1:
                own.append(labels[new])
        if len(own) == len(u.args[0].shape):
            rows[rows.index(factors[at])] = (u.args[0], tuple(own), e)
            return separate_axes(n, n.product(scale, rows, out, dict(enumerate(sizes))))
    return t


def _find_digits(factors: Sequence[Factor], label: int, sizes: Sequence[Dim]) -> tuple[int, list[int]] | None:
    """The window that makes a place of others as a number of digits, and the labels of these from the first on."""
    for at, (u, labels, e) in enumerate(factors):
        if not is_call(u, "window") or e is not ONE or labels.count(label) != 1:
            continue
        assert isinstance(u, Call)
        offset, *steps = u.params
        own = steps[labels.index(label)]
        others = [(k, -s * own) for k, s in zip(labels, steps) if k != label]
        others.sort(key=lambda place: -place[1])
        known = dict(zip(labels, u.shape))
        units = [prod(sizes[k + 1 :]) for k in range(len(sizes))]
        if offset == 0 and abs(own) == 1 and [(s, known[k]) for k, s in others] == list(zip(units, sizes)):
            beside = [f for f in factors if label in f[1]]
            return (at, [k for k, _ in others]) if len(beside) <= 2 else None
    return None
