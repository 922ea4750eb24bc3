"""Rules of the greatest elements of blocks, of which the gradients of max pooling are made.

Such a gradient gives to each place of a block what arrives at the block where the first greatest element stands there.
Place by place that are as many choices as a block has places, ``where(x[::2] >= x[1::2], g, 0)`` in the even ones and
``where(x[1::2] > x[::2], g, 0)`` in the odd ones. Together they are a product with ``firstmax(x, 2)``, which is one at
the first greatest element of each block and zero elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from itertools import product as combine
from typing import NamedTuple, TypeAlias

import sympy

from tracer.shapes import Dim
from tracer.terms.decomposition import factors_of
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import ONE
from tracer.terms.record import Call, Factor, Product, Sum, Term, add, is_call, is_zero, operands
from tracer.terms.rule import Procedure
from tracer.terms.selections import Places, is_ordered, make_part, selection, take_part, window

MANY = 16
"""How many places a block has at the most."""

DEEP = 8
"""How many functions of functions are looked through."""

Spread: TypeAlias = "tuple[tuple[int, int], ...]"
"""Axes that have a place for each block, with how many there are in a block."""


class Piece(NamedTuple):
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
    groups: dict[object, dict[tuple[int, ...], tuple[int, Piece]]] = {}
    for place, (c, u) in enumerate(t.terms):
        piece = _read_piece(n, u)
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


def _read_piece(n: Normaliser, t: Term) -> Piece | None:
    """A summand that puts a choice at every second, third, ... place of some axes; None of any other."""
    scale, factors, out, sizes = factors_of(t)
    rows = [(u, i) for u, i, e in factors if isinstance(u, Call) and u.head == "selection" and e is ONE]
    put = {i[1]: (u, i[0]) for u, i in rows if i[1] in out}
    choices = [f for f in factors if f[2] is ONE and is_call(f[0], sympy.Piecewise) and len(operands(f[0])) == 3]
    if not put or len(choices) != 1 or len(set(out)) < len(out):
        return None
    at, spread = [], []
    for axis, k in enumerate(out):
        if k in put:
            start, _, step, _ = put[k][0].params
            if not (isinstance(start, int) and isinstance(step, int) and 0 <= start < step):
                return None
            at.append(start)
            spread.append((axis, step))
    (choice,) = choices
    own = tuple(put[k][1] if k in put else k for k in out)
    value, condition, otherwise = operands(choice[0])
    if choice[1] != own or not is_zero(otherwise) or any(k in out for _, k in put.values()):
        return None
    taken = {id(put[k][0]) for k in put}
    rest = [f for f in factors if f is not choice and id(f[0]) not in taken]
    if any(k in put for _, labels, _ in rest for k in labels):
        return None
    made = n.product(scale, [*rest, (value, own, ONE)], own, dict(enumerate(sizes)))
    return Piece(tuple(at), tuple(spread), made, condition)


def _write_blocks(n: Normaliser, pieces: Sequence[Piece]) -> Term | None:
    """Choices at all places of blocks, in the order of the places, as one product; None where they are none."""
    spread, shape = pieces[0].spread, pieces[0].value.shape
    relations = [_read_relations(piece.condition) for piece in pieces]
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
        if whole is None or not _says_first(relation or (), places, k):
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


# Conditions.

Relation: TypeAlias = "tuple[tuple[Term, ...], tuple[Term, ...], bool]"
"""That the greatest of some terms is above the greatest of others, or not below; True where it is above."""


def _read_relations(condition: Term) -> list[Relation] | None:
    """The relations that a condition asks for, all of them; None where it is another one."""
    found: list[Relation] = []
    for c in operands(condition) if is_call(condition, sympy.And) else (condition,):
        if not is_call(c, sympy.Gt, sympy.Ge, sympy.Lt, sympy.Le):
            return None
        assert isinstance(c, Call)
        above, below = c.args[:: 1 if c.head in (sympy.Gt, sympy.Ge) else -1]
        found.append((_list_greatest(above), _list_greatest(below), c.head in (sympy.Gt, sympy.Lt)))
    return found


def _list_greatest(t: Term) -> tuple[Term, ...]:
    """The terms of which one is the greatest of."""
    return operands(t) if is_call(t, sympy.Max) else (t,)


def _says_first(relations: Sequence[Relation], places: Mapping[Term, int], place: int) -> bool:
    """Whether relations hold where the first greatest element stands at a place, and nowhere else.

    Each says of that element that it is above some, or not below. This has to be so for all together, above for those
    before it; and none may ask for more.
    """
    known, above = {place}, set[int]()
    rows = [({places[u] for u in a}, {places[u] for u in b}, strict) for a, b, strict in relations]
    if any(place not in a or (strict and max(b) > place) for a, b, strict in rows):
        return False
    while more := [row for row in rows if row[0] <= known]:
        rows = [row for row in rows if row not in more]
        known = known.union(*(b for _, b, _ in more))
        above = above.union(*(b for _, b, strict in more if strict))
    return not rows and known == {*places.values()} and above >= {*range(place)}


# Wholes.


def _take_block(n: Normaliser, whole: Term, piece: Piece, shape: Sequence[Dim]) -> Term | None:
    """What stands at a place of each block."""
    made: Term | None = whole
    for (axis, step), start in zip(piece.spread, piece.at):
        made = None if made is None else take_part(n, made, axis, Places(start, shape[axis], step))
    return made


def _spread_part(n: Normaliser, t: Term, spread: Spread) -> Term | None:
    """What a term is every second, third, ... place of, from the first on; None where it is part of nothing."""
    made: Term | None = t
    for axis, step in spread:
        made = None if made is None else _spread_axis(n, made, axis, step)
    return made


def _spread_axis(n: Normaliser, t: Term, axis: int, step: int, depth: int = DEEP) -> Term | None:
    """The same of one axis."""
    if depth == 0:
        return None
    if isinstance(t, Sum):
        rows = [(c, _spread_axis(n, u, axis, step, depth - 1)) for c, u in t.terms]
        return n.add([(c, u) for c, u in rows if u is not None]) if all(u is not None for _, u in rows) else None
    if isinstance(t, Call) and t.elementwise:
        args = [_spread_axis(n, u, axis, step, depth - 1) for u in t.args]
        return n.call(t.head, [u for u in args if u is not None], t.params) if None not in args else None
    if is_call(t, "part"):
        assert isinstance(t, Call)
        place = [k for k, p in enumerate(t.params) if isinstance(p, Places)][axis]
        p, size = t.params[place], t.args[0].shape[place]
        wider = Places(p.start, p.length * step, p.step // step) if p.step % step == 0 else None
        if wider is None or not is_ordered(wider.start + wider.step * (wider.length - 1) + 1, size):
            return None
        return make_part(n, t.args[0], [*t.params[:place], wider, *t.params[place + 1 :]])
    if is_call(t, "window"):
        assert isinstance(t, Call)
        offset, *steps = t.params
        if steps[axis] % step:
            return None
        shape = (*t.shape[:axis], t.shape[axis] * step, *t.shape[axis + 1 :])
        return window(offset, [*steps[:axis], steps[axis] // step, *steps[axis + 1 :]], shape)
    if not isinstance(t, Product):
        return None
    label = t.out[axis]
    if t.out.count(label) > 1 or any(labels.count(label) > 1 for _, labels, _ in t.factors):
        return None
    factors: list[Factor] = []
    for u, labels, e in t.factors:
        made = _spread_axis(n, u, labels.index(label), step, depth - 1) if label in labels else u
        if made is None:
            return None
        factors.append((made, labels, e))
    sizes = {**dict(enumerate(t.sizes)), label: t.sizes[label] * step}
    return n.product(t.scale, factors, t.out, sizes)


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
        return self.own in (found := _list_greatest(t)) and self.block >= {*found}

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
