"""The two ends of a tensor that are put in each other's place, which is a roll: so rolls of rolls are one roll.

Where sizes are symbolic, it is not known which places of a roll are those of another: of one element, all are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from typing import NamedTuple

import sympy

from tracer.formulas.lowering.positions import place_values
from tracer.ops.selection import Slice, full
from tracer.shapes import Dim, is_concrete
from tracer.tensor import Tensor
from tracer.terms.normalise import Normaliser
from tracer.terms.numbers import ONE
from tracer.terms.record import Term
from tracer.terms.rolls import name_shift, roll_term


class _Piece(NamedTuple):
    """A part of a tensor that is put into places of an axis, all of the others being taken and filled."""

    whole: Tensor
    axis: int
    taken: Slice
    put: Dim


class _Exchange(NamedTuple):
    """The operands that are the two ends of a tensor, and by how much it is rolled."""

    low: int
    high: int
    whole: Tensor
    axis: int
    shift: sympy.Expr


def lower_exchanged(n: Normaliser, t: Tensor, known: Mapping[int, Term]) -> Term | None:
    """The normal form of a tensor in which ends of others are in each other's place; None where it has none."""
    found = _find_exchanges(t) if t.op in ("concat", "scatter") and not is_concrete(t.shape) else []
    found = [e for e in found if e.whole.node in known]
    if not found:
        return None
    rows = [(ONE, roll_term(n, known[e.whole.node], e.shift, e.axis)) for e in found]
    gone = {k for e in found for k in (e.low, e.high)}
    if t.op == "scatter" and len(gone) < len(t.params):
        left = [k for k in range(len(t.params)) if k not in gone]
        operands = [known[a.node] for a in t.args]
        rows.append((ONE, n.normal(place_values(t, operands, left))))
    return n.add(rows)


def _find_exchanges(t: Tensor) -> list[_Exchange]:
    """The pairs of operands that are both ends of one tensor, in each other's place."""
    pieces = _list_pieces(t)
    if t.op == "concat" and len(pieces) != 2:
        return []
    found: list[_Exchange] = []
    for (k, low), (m, high) in permutations(pieces.items(), 2):
        size = t.shape[low.axis]
        if low.whole is not high.whole or low.axis != high.axis or any(k in e[:2] or m in e[:2] for e in found):
            continue
        ends = [
            (low.put, 0),
            (high.put, low.taken.length),
            (low.taken.start, size - low.taken.length),
            (high.taken.start, 0),
            (high.taken.length, size - low.taken.length),
        ]
        if all(sympy.expand(sympy.sympify(a - b)) == 0 for a, b in ends):
            found.append(_Exchange(k, m, low.whole, low.axis, name_shift(low.taken.length, size)))
    return found


def _list_pieces(t: Tensor) -> dict[int, _Piece]:
    """The operands that are parts of tensors of the shape of the result, by their positions."""
    found: dict[int, _Piece] = {}
    start: Dim = 0
    for k, a in enumerate(t.args[: len(t.params)] if t.op == "scatter" else t.args):
        put = t.params[k] if t.op == "scatter" else None
        axis = t.params % t.ndim if put is None else _find_axis(put, t)
        if axis is not None and isinstance(a, Tensor) and a.op == "getitem" and a.args[0].shape == t.shape:
            whole = a.args[0]
            taken = a.params[axis] if _find_axis(a.params, whole) == axis else None
            if isinstance(taken, Slice):
                found[k] = _Piece(whole, axis, taken, start if put is None else put[axis].start)
        if put is None:
            start = start + a.shape[axis]
    return found


def _find_axis(index: object, t: Tensor) -> int | None:
    """The one axis of which an index takes places one after another, if it takes all of the others; else None."""
    if not isinstance(index, tuple) or len(index) > t.ndim:
        return None
    own = [k for k, entry in enumerate(index) if entry != full(t.shape[k])]
    if len(own) != 1 or not isinstance(index[own[0]], Slice) or index[own[0]].step != 1:
        return None
    return own[0]
