"""Terms of which parts are taken, and what is put into places: slices, block matrices, and small ones of elements.

``P.T*x``, P a selection, has x at some places and zeros at the others: it is a column of blocks, ``concat(0, x)``.
What is put into several places of one result stands in one matrix of blocks where the places are known to be apart,
and in a sum of such matrices else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cmp_to_key
from typing import NamedTuple, Protocol

import sympy
from sympy.matrices.expressions import ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixExpr

from tracer.formulas.matrix.array_classes import ArrayAsMatrix, ArrayAsScalar
from tracer.formulas.matrix.array_products import straighten
from tracer.formulas.matrix.bodies import VectorElement
from tracer.formulas.matrix.classes import Identity, MatMul, OneMatrix
from tracer.formulas.matrix.constructors import MatrixAlgebra
from tracer.formulas.matrix.signs import find_nicest_sign, is_difference, move_into_sum, scale_summands
from tracer.formulas.matrix.slices import ArrayPart, Blocks, Concatenation, Elements, Stack, has_arrays
from tracer.formulas.matrix.slices import take_part as take_of_matrix
from tracer.formulas.matrix.strides import interleave, upsample
from tracer.shapes import Dim, Shape
from tracer.terms.decomposition import factors_of, split_scale
from tracer.terms.fillings import read_filling
from tracer.terms.normalise import Normaliser
from tracer.terms.numbers import MINUS, ONE
from tracer.terms.record import Call, Factor, Sum, Term, add
from tracer.terms.selections import Places, is_ordered, selection, take_part
from tracer.terms.stacks import find_stacked_axis, is_small_stack, split_elements


class Write(Protocol):
    """The writer of a formula, as parts and blocks see it."""

    terms: Normaliser
    algebra: MatrixAlgebra

    def __call__(self, t: Term) -> sympy.Expr:
        """A term as a matrix or a number."""

    def array(self, t: Term) -> sympy.Expr:
        """A term as an array of its own rank."""


# Parts.


def write_part(write: Write, t: Call) -> sympy.Expr:
    """A part of a matrix as a matrix or a number, or of an array as one."""
    entries = [sympy.Tuple(*p) if isinstance(p, Places) else sympy.sympify(p) for p in t.params]
    (whole,) = t.args
    if len(entries) > 2:
        array, places = straighten(write.array(whole), entries)
        kept = [p for p in places if isinstance(p, sympy.Tuple)]
        if kept != [p for p in entries if isinstance(p, sympy.Tuple)]:
            array, places = write.array(whole), tuple(entries)  # What is left of the axes is in another order.
        made = sympy.Basic.__new__(ArrayPart, array, sympy.Tuple(*places))
        return made if len(t.shape) > 2 else ArrayAsMatrix(made) if t.shape else ArrayAsScalar(made)
    m = write(whole)
    rows, columns = entries if len(entries) == 2 else (*entries, sympy.Tuple(0, 1, 1) if t.shape else sympy.S.Zero)
    if t.shape:
        return take_of_matrix(m, rows, columns)
    return (
        write.algebra.element(m, rows, columns) if len(entries) == 2 else VectorElement.from_parts([m, rows, columns])
    )


# Blocks.


class Weave(NamedTuple):
    """Pieces that stand along an axis in turn, in their order; their places along the other axes are those of all."""

    axis: int
    pieces: tuple[Piece, ...]


class Piece(NamedTuple):
    """What stands at some places of a result, with a number in front; at the other places are zeros."""

    number: sympy.Expr
    term: Term | Weave
    places: tuple[Places, ...]

    def find_term(self) -> Term:
        """The term of which the first elements are."""
        return self.term if isinstance(self.term, Term) else self.term.pieces[0].find_term()


def split_placed(n: Normaliser, t: Term) -> tuple[Term, dict[int, Places]] | None:
    """What a term puts into places, and these places by the axes of the result; None where it puts nothing."""
    scale, factors, out, sizes = factors_of(t)
    labels, rest, found = list(out), list(factors), dict[int, Places]()
    for f in factors:
        u, i, e = f
        if not isinstance(u, Call) or u.head != "selection" or e is not ONE or out.count(i[1]) != 1 or u.params[2] < 0:
            continue
        if i[0] == i[1] or sum(i[1] in other for _, other, _ in factors) > 1:
            continue
        axis = out.index(i[1])
        found[axis] = Places(*u.params[:3])
        labels[axis] = i[0]
        rest.remove(f)
    return (n.product(scale, rest, tuple(labels), dict(enumerate(sizes))), found) if found else None


Summands = list[tuple[sympy.Expr, Term]]
"""Terms with the numbers in front of them."""


def collect_layers(n: Normaliser, rows: Iterable[tuple[sympy.Expr, Term]]) -> tuple[list[list[Piece]], Summands]:
    """The summands that put something into places, those together that are apart; and all other summands."""
    others: Summands = []
    pieces: list[Piece] = []
    shape: Shape = ()
    todo = [*rows][::-1]
    while todo:
        c, u = todo.pop()
        placed = split_placed(n, u)
        if placed is None:
            others.append((c, u))
            continue
        inner, found = placed
        k, core = split_scale(inner)
        if isinstance(core, Sum) and all(split_placed(n, v) is not None for _, v in core.terms):
            todo += [(c * k * d, _place(n, v, u, found)) for d, v in reversed(core.terms)]
            continue
        if isinstance(core, Sum) and find_nicest_sign(core) == -1:
            k, core = -k, add([(-d, v) for d, v in core.terms])
        shape = u.shape
        pieces.append(Piece(c * k, core, tuple(found.get(p, Places(0, d)) for p, d in enumerate(shape))))
    for axis in reversed(range(len(shape))):
        pieces = _weave(pieces, axis, shape[axis])
    return arrange_layers(pieces), others


def arrange_layers(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Pieces in layers, in each of which they are apart."""
    layers: list[list[Piece]] = []
    for piece in pieces:
        layer = next((layer for layer in layers if all(_are_apart(piece, other) for other in layer)), None)
        if layer is None:
            layers.append([piece])
        else:
            layer.append(piece)
    return layers


def _weave(pieces: Sequence[Piece], axis: int, size: Dim) -> list[Piece]:
    """Pieces, those in one that fill an axis in turn: the even rows and the odd ones, unless these are the same."""
    groups: dict[object, list[Piece]] = {}
    for piece in pieces:
        p = piece.places[axis]
        others = (*piece.places[:axis], *piece.places[axis + 1 :])
        turns = all(isinstance(d, int | sympy.Integer) for d in (p.start, p.step))
        turns = turns and p.step > 1 and _reach(p, size) == Places(0, size)
        groups.setdefault((p.step, others) if turns else piece, []).append(piece)
    made: list[Piece] = []
    for members in groups.values():
        starts = [int(piece.places[axis].start) for piece in members] if len(members) > 1 else []
        repeated = len({(m.number, m.term) for m in members}) == 1
        if repeated or sorted(starts) != [*range(int(members[0].places[axis].step))]:
            made += members
            continue
        numbers = {m.number for m in members}
        front = numbers.pop() if len(numbers) == 1 else ONE
        ordered = sorted(members, key=lambda piece: int(piece.places[axis].start))
        places = (*ordered[0].places[:axis], Places(0, size), *ordered[0].places[axis + 1 :])
        made.append(Piece(front, Weave(axis, tuple(m._replace(number=m.number / front) for m in ordered)), places))
    return made


def _are_apart(a: Piece, b: Piece) -> bool:
    """Whether two pieces are different blocks of one matrix of blocks."""
    same = [p == q for p, q in zip(a.places, b.places)]
    return not all(same) and all(
        alike or _precedes(p, q) or _precedes(q, p) for alike, p, q in zip(same, a.places, b.places)
    )


def _compare_places(a: Places, b: Places) -> int:
    return -1 if _precedes(a, b) else 1


def _precedes(a: Places, b: Places) -> bool:
    return a.step == b.step == 1 and is_ordered(a.start + a.length, b.start)


def write_filled(write: Write, t: Call) -> MatrixExpr | None:
    """What stands at some places, and a number at all others, as blocks: ``concat(-oo, x)``; None of anything else."""
    filling = read_filling(t) if 0 < len(t.shape) <= 2 else None
    if filling is None:
        return None
    mask, placed = (split_placed(write.terms, u) for u in (filling.mask, filling.placed))
    if mask is None or placed is None or mask[1] != placed[1]:
        return None
    places = tuple(placed[1].get(k, Places(0, d)) for k, d in enumerate(t.shape))
    if any(p.step != 1 for p in places):
        return None
    _, made = write_layer(write, [Piece(ONE, placed[0], places)], t.shape, filling.number)
    return made


def write_layer(
    write: Write, layer: Sequence[Piece], shape: Shape, fill: sympy.Expr = sympy.S.Zero
) -> tuple[sympy.Expr, MatrixExpr]:
    """Pieces that are apart as a matrix of blocks, with a number at all other places, and the number in front of it."""
    layer = [_move_number(write, piece) for piece in layer]
    numbers = [piece.number for piece in layer]
    front = numbers[0] if len(set(numbers)) == 1 else sympy.S.One
    layer = [_turn_difference(piece) if piece.number / front == -1 else piece for piece in layer]
    blocks = [write.algebra.matmul(piece.number / front, _write_block(write, piece, shape)) for piece in layer]
    if all(isinstance(m, MatMul) and m.could_extract_minus_sign() for m in blocks):
        front, blocks = -front, [write.algebra.matmul(sympy.S.NegativeOne, m) for m in blocks]
    cells = dict(zip((piece.places for piece in layer), blocks))
    spans = [_list_spans({piece.places[p] for piece in layer}, d) for p, d in enumerate(shape)]
    columns: list[tuple[Places, ...]] = [(q,) for q in spans[1]] if len(shape) == 2 else [()]
    return front, _join([[cells.get((p, *q)) or _write_fill((p, *q), shape, fill) for q in columns] for p in spans[0]])


def _move_number(write: Write, piece: Piece) -> Piece:
    """A piece with its number in a sum where it is shorter: ``1000*x/(1000000*x**2 + 1)**(1/2)``."""
    if not isinstance(piece.term, Term):
        return piece
    number, term = move_into_sum(write.terms, piece.number, piece.term)
    return piece._replace(number=number, term=term)


def _place(n: Normaliser, t: Term, whole: Term, places: Mapping[int, Places]) -> Term:
    """A term at the places of axes of another one."""
    rank = len(t.shape)
    labels = tuple(rank + k if k in places else k for k in range(rank))
    rows: list[Factor] = [(selection(*p, whole.shape[k]), (rank + k, k), ONE) for k, p in places.items()]
    return n.product(ONE, [(t, labels, ONE), *rows], tuple(range(rank)), dict(enumerate(whole.shape)))


def _turn_difference(piece: Piece) -> Piece:
    """A piece with a minus sign in front, which goes into a difference: ``-(a - b)`` is ``b - a``."""
    if not isinstance(piece.term, Sum) or not is_difference(piece.term):
        return piece
    return piece._replace(number=-piece.number, term=scale_summands(MINUS, piece.term))


def _write_fill(places: Sequence[Places], shape: Shape, number: sympy.Expr) -> MatrixExpr:
    """A block that has one number everywhere."""
    rows, columns = (*(_reach(p, d).length for p, d in zip(places, shape)), 1)[:2]
    return ZeroMatrix(rows, columns) if number == 0 else MatMul(number, OneMatrix(rows, columns), evaluate=False)


def _join(rows: Sequence[Sequence[MatrixExpr]]) -> MatrixExpr:
    """Blocks as one matrix; blocks of blocks that fit are blocks of the whole."""
    rows = [list(row) for old in rows for row in zip(*_split_all(old, _split_rows))]
    columns = [column for old in zip(*rows) for column in zip(*_split_all(old, _split_columns))]
    rows = [list(row) for row in zip(*columns)]
    if len(rows[0]) == 1:
        return Concatenation(*(row[0] for row in rows)) if len(rows) > 1 else rows[0][0]
    return Blocks(*(sympy.Tuple(*row) for row in rows))


Split = Callable[[MatrixExpr], Sequence[MatrixExpr]]


def _split_all(blocks: Sequence[MatrixExpr], split: Split) -> list[Sequence[MatrixExpr]]:
    """The parts of blocks that are parted alike; else each block by itself."""
    axis = 0 if split is _split_rows else 1
    parts = [split(m) for m in blocks]
    sizes = {tuple(m.shape[axis] for m in part) for part in parts}
    return parts if len(sizes) == 1 else [[m] for m in blocks]


def _split_rows(m: MatrixExpr) -> Sequence[MatrixExpr]:
    """The blocks of rows that a matrix is made of."""
    if isinstance(m, Blocks):
        return [_join([row]) for row in m.args] if len(m.args) > 1 else [m]
    return m.args if isinstance(m, Concatenation) else [m]


def _split_columns(m: MatrixExpr) -> Sequence[MatrixExpr]:
    """The blocks of columns that a matrix is made of."""
    if isinstance(m, Blocks):
        return [_join([[x] for x in column]) for column in zip(*m.args)]
    return [m]


def _write_block(write: Write, piece: Piece, shape: Shape) -> MatrixExpr:
    """A piece as a block that is as long as the places reach, with zeros between them where they have a distance."""
    made = _write_term(write, piece.term)
    for axis, (p, d) in enumerate(zip(piece.places, shape)):
        if p.step != 1:
            reach = _reach(p, d)
            made = upsample(made, *map(sympy.sympify, (p.step, reach.length, p.start - reach.start, axis)))
    return made


def _write_term(write: Write, term: Term | Weave) -> MatrixExpr:
    """What a piece has at its places."""
    if isinstance(term, Term):
        return write(term)
    parts = [write.algebra.matmul(piece.number, _write_term(write, piece.term)) for piece in term.pieces]
    return interleave(sympy.Integer(term.axis), *parts)


def _reach(p: Places, size: Dim) -> Places:
    """The places from the first to the last; all of the axis where no other place of the distance would fit."""
    if p.step == 1:
        return p
    room = sympy.sympify(size - p.start)
    full = p.length == sympy.floor(sympy.expand((room - 1) / p.step + 1))
    if not full:
        return Places(p.start, (p.length - 1) * p.step + 1)
    return Places(0, size) if is_ordered(p.start + 1, p.step) else Places(p.start, room)


def _list_spans(places: Iterable[Places], size: Dim) -> list[Places]:
    """Places that are apart in their order, with those between them, before and behind."""
    ordered = sorted(places, key=cmp_to_key(_compare_places))
    found: list[Places] = []
    end: Dim = sympy.S.Zero
    for p in ordered:
        reach = _reach(p, size)
        found += _list_gap(end, reach.start)
        found.append(p)
        end = reach.start + reach.length
    return found + _list_gap(end, size)


def _list_gap(low: Dim, high: Dim) -> list[Places]:
    """The places between two, if there are any."""
    length = sympy.expand(sympy.sympify(high - low))
    return [] if length == 0 else [Places(low, length)]


def write_stack(write: Write, t: Term) -> sympy.Expr | None:
    """An array of three axes, of which one was put together place by place, by its matrices; None of others."""
    axis = find_stacked_axis(t) if len(t.shape) == 3 else None
    places = [] if axis is None else [take_part(write.terms, t, axis, k) for k in range(int(t.shape[axis]))]
    members = [write(place) for place in places if place is not None]
    if axis is None or len(members) < len(places) or any(map(has_arrays, members)):
        return None
    return sympy.Basic.__new__(Stack, sympy.Integer(axis), *members)


# Elements.


def write_elements(write: Write, t: Term) -> sympy.Expr | None:
    """A small matrix element by element, if it was put together so; None of others."""
    if not is_small_stack(t):
        return None
    number, front, elements = split_elements(write.terms, t)
    factor = write(write.terms.product(number, [(u, (), e) for u, e in front], ())) if front else number
    made = Elements(*(*t.shape, 1)[:2], list(map(write, elements)))
    return write.algebra.matmul(factor, Identity(t.shape[0]) if is_unit(made) else made)


def is_unit(m: Elements) -> bool:
    """Whether a matrix of elements is an identity matrix."""
    return bool(m.rows == m.cols > 1 and m.is_Identity)
