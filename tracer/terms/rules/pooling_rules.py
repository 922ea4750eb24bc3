"""Rules of the greatest elements of blocks, of which the gradients of max pooling are made.

Such a gradient gives to each place of a block what arrives at the block where the first greatest element stands there.
Place by place that are as many choices as a block has places, ``where(x[::2] >= x[1::2], g, 0)`` in the even ones and
``where(x[1::2] > x[::2], g, 0)`` in the odd ones. Together they are a product with ``firstmax(x, 2)``, which is one at
the first greatest element of each block and zero elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from itertools import product as combine
from typing import NamedTuple, TypeAlias

import sympy

from tracer.shapes import Dim
from tracer.terms.decomposition import factors_of
from tracer.terms.first_greatest import list_greatest, read_piece, read_relations, says_first
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import ONE
from tracer.terms.record import Call, Factor, Product, Sum, Term, add
from tracer.terms.rule import Procedure
from tracer.terms.selections import Places, selection, take_part
from tracer.terms.wholes import spread_axis

MANY = 16
"""How many places a block has at the most."""

DEEP = 8
"""How many functions of functions are looked through."""

Spread: TypeAlias = "tuple[tuple[int, int], ...]"
"""Axes that have a place for each block, with how many there are in a block."""


class BlockPiece(NamedTuple):
    """A summand that is a choice at one place of each block.

    Attributes
    ----------
    at : tuple of int
        Which place of a block it is, along each axis that has blocks.
    spread : tuple
        Those axes, with how many places a block has along them.
    value, condition : Term
        What there is where the condition holds; elsewhere it is zero.
    """

    at: tuple[int, ...]
    spread: Spread
    value: Term
    condition: Term


def _join_blocks(n: Normaliser, t: Sum) -> Term | None:
    """``P.T @ where(x[::2] >= x[1::2], g, 0) + Q.T @ where(x[1::2] > x[::2], g, 0) -> firstmax(x, 2)*g``."""
    groups: dict[object, dict[tuple[int, ...], tuple[int, BlockPiece]]] = {}
    for place, (c, u) in enumerate(t.terms):
        piece = _read_block_piece(n, u)
        if piece is not None:
            groups.setdefault((c, piece.spread, piece.value.shape), {})[piece.at] = place, piece
    for members in groups.values():
        (place, first), *_ = members.values()
        places = list(combine(*(range(count) for _, count in first.spread)))
        if not 1 < len(places) == len(members) <= MANY or any(at not in members for at in places):
            continue
        made = _write_blocks(n, [members[at][1] for at in places])
        if made is not None:
            whole = _put_in_front(n, made, t.terms[place][1].shape)
            gone = {k for k, _ in members.values()}
            return add([*(row for k, row in enumerate(t.terms) if k not in gone), (t.terms[place][0], whole)])
    return None


def _read_block_piece(n: Normaliser, t: Term) -> BlockPiece | None:
    """A summand that puts a choice at every second, third, ... place of some axes; None of any other."""
    piece = read_piece(n, t)
    if piece is None or not any(piece.places):
        return None
    at, spread = [], []
    for axis, p in enumerate(piece.places):
        if p is not None:
            if not (isinstance(p.start, int) and isinstance(p.step, int) and 0 <= p.start < p.step):
                return None
            at.append(p.start)
            spread.append((axis, p.step))
    return BlockPiece(tuple(at), tuple(spread), piece.value, piece.condition)


def _write_blocks(n: Normaliser, pieces: Sequence[BlockPiece]) -> Term | None:
    """Choices at all places of blocks, in the order of the places, as one product; None where they are none."""
    spread, shape = pieces[0].spread, pieces[0].value.shape
    relations = [read_relations(piece.condition) for piece in pieces]
    leaves = {u for found in relations for above, below, _ in found or () for u in (*above, *below)}
    if None in relations or len(leaves) != len(pieces):
        return None
    parts, whole = None, None
    for leaf in sorted(leaves, key=lambda u: u.order):
        whole = _spread_part(n, leaf, spread)
        parts = None if whole is None else [_take_block(n, whole, piece, shape) for piece in pieces]
        if parts is not None and {*parts} == leaves:
            break
    else:
        return None
    places = {u: k for k, u in enumerate(parts or ()) if u is not None}
    found = None
    for k, (piece, relation) in enumerate(zip(pieces, relations)):
        if whole is None or not says_first(relation or (), places, k):
            return None
        made = _Lifted(n, spread, next(u for u, at in places.items() if at == k), places.keys(), whole)(piece.value)
        if found is not None and made is not found:
            return None
        found = made
    if found is None or whole is None:
        return None
    counts = dict(spread)
    mask = n.call("firstmax", [whole], tuple(counts.get(k, 1) for k in range(len(shape))), whole.shape)
    axes = tuple(range(len(shape)))
    return n.product(ONE, [(found, axes, ONE), (mask, axes, ONE)], axes, dict(enumerate(whole.shape)))


def _put_in_front(n: Normaliser, t: Term, shape: Sequence[Dim]) -> Term:
    """A term at the first places of axes that may have more."""
    axes, sizes, factors = list(range(len(shape))), dict(enumerate(shape)), list[Factor]()
    for axis, (size, whole) in enumerate(zip(t.shape, shape)):
        if sympy.expand(sympy.sympify(size - whole)) != 0:
            axes[axis] = len(shape) + axis
            sizes[axes[axis]] = size
            factors.append((selection(0, size, 1, whole), (axes[axis], axis), ONE))
    return n.product(ONE, [(t, tuple(axes), ONE), *factors], tuple(range(len(shape))), sizes) if factors else t


# Wholes.


def _take_block(n: Normaliser, whole: Term, piece: BlockPiece, shape: Sequence[Dim]) -> Term | None:
    """What stands at a place of each block."""
    made: Term | None = whole
    for (axis, step), start in zip(piece.spread, piece.at):
        made = None if made is None else take_part(n, made, axis, Places(start, shape[axis], step))
    return made


def _spread_part(n: Normaliser, t: Term, spread: Spread) -> Term | None:
    """What a term is every second, third, ... place of, from the first on; None where it is part of nothing."""
    made: Term | None = t
    for axis, step in spread:
        made = None if made is None else spread_axis(n, made, axis, step, made.shape[axis] * step)
    return made


class _Lifted:
    """What there is at one place of each block, as what there is at all places: the element, or the same in a block.

    Parameters
    ----------
    n : Normaliser
    spread : tuple
        The axes that have a place for each block.
    own : Term
        The elements at the place, which are the greatest of their blocks.
    block : set of Term
        The elements at all places.
    whole : Term
        What takes the place of these.
    """

    def __init__(self, n: Normaliser, spread: Spread, own: Term, block: Set[Term], whole: Term) -> None:
        self.n, self.spread, self.own, self.block, self.whole = n, spread, own, block, whole

    def __call__(self, t: Term) -> Term:
        """A term of which the axes are those of the places."""
        return self._lift(t, self.spread, DEEP)

    def _lift(self, t: Term, spread: Spread, depth: int) -> Term:
        """The same of a term within, which has some of the axes at places of its own."""
        if not spread:
            return t
        if spread == self.spread and len(t.shape) == len(self.own.shape) and self._is_greatest(t):
            return self.whole
        if depth and isinstance(t, Sum):
            return self.n.add([(c, self._lift(u, spread, depth - 1)) for c, u in t.terms])
        if depth and isinstance(t, Call) and t.elementwise:
            return self.n.call(t.head, [self._lift(u, spread, depth - 1) for u in t.args], t.params)
        scale, factors, out, sizes = factors_of(t)
        alone = all(labels.count(k) < 2 for _, labels, _ in factors for k in labels)
        if depth and isinstance(t, Product) and alone and len(set(out)) == len(out):
            counts = {out[axis]: step for axis, step in spread}
            rows = []
            for u, labels, e in factors:
                own = tuple((axis, counts[k]) for axis, k in enumerate(labels) if k in counts)
                rows.append((self._lift(u, own, depth - 1), labels, e))
            known = {k: d * counts.get(k, 1) for k, d in enumerate(sizes)}
            if all(u.shape == tuple(known[k] for k in labels) for u, labels, _ in rows):
                return self.n.product(scale, rows, out, known)
        return self._repeat(t, spread)

    def _is_greatest(self, t: Term) -> bool:
        """Whether a term is the element at the place, or the greatest of elements of which that is one."""
        return self.own in (found := list_greatest(t)) and self.block >= {*found}

    def _repeat(self, t: Term, spread: Spread) -> Term:
        """A term with what stands at a block at each of its places."""
        labels, sizes, factors = list(range(len(t.shape))), dict(enumerate(t.shape)), list[Factor]()
        for axis, step in spread:
            label = len(sizes)
            labels[axis], sizes[label] = label, t.shape[axis]
            sizes[axis] = t.shape[axis] * step
            rows = self.n.add([(ONE, selection(k, t.shape[axis], step, sizes[axis])) for k in range(step)])
            factors.append((rows, (label, axis), ONE))
        return self.n.product(ONE, [(t, tuple(labels), ONE), *factors], tuple(range(len(t.shape))), sizes)


POOLING: tuple[Rewrite, ...] = (
    Procedure(
        (Sum,),
        "P.T @ where(x[::2] >= x[1::2], g, 0) + Q.T @ where(x[1::2] > x[::2], g, 0) -> firstmax(x, 2)*g",
        "what arrives at a block goes to its first greatest element",
        _join_blocks,
        frozenset(["selection", sympy.Piecewise]),
    ),
)
