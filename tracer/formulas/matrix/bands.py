"""Diagonals beside the main one: what blocks of diagonal matrices are where they overlap, ``diag(x[:-1], 1)``."""

from __future__ import annotations

from collections.abc import Iterable

import sympy
from sympy.matrices.expressions.matexpr import MatrixExpr

from tracer.formulas.matrix.blocks import Piece, Summands, Write, arrange_layers, collect_layers, split_placed
from tracer.formulas.matrix.classes import DiagMatrix, Identity, MatAdd, OneMatrix
from tracer.formulas.matrix.strides import Band
from tracer.shapes import Dim, Shape
from tracer.terms.decomposition import factors_of, read_diagonal, split_scale
from tracer.terms.normalise import Normaliser
from tracer.terms.numbers import ONE
from tracer.terms.record import Sum, Term, is_call, is_zero
from tracer.terms.selections import Places, selection

MOST = 32
"""So many diagonals are looked at in one summand."""


def collect_placed(n: Normaliser, rows: Summands, shape: Shape) -> tuple[dict[int, Term], list[list[Piece]], Summands]:
    """The summands that put something into places, as diagonals or as layers of blocks; and all other summands.

    Diagonals are for what would be several matrices of blocks: they are their vectors, by the numbers of the diagonals.
    """
    bands: dict[int, Term] = {}
    if len(shape) == 2 and shape[0] == shape[1]:
        split = [_split_diagonals(n, *row) for row in rows]
        diagonals = [piece for pieces in split for piece in pieces or ()]
        if len(arrange_layers(diagonals)) > 1:
            bands = _join_diagonals(n, diagonals, shape[0])
            rows = [row for row, pieces in zip(rows, split) if pieces is None]
    return bands, *(collect_layers(n, rows) if shape else ([], rows))


def _join_diagonals(n: Normaliser, diagonals: Iterable[Piece], size: Dim) -> dict[int, Term]:
    """The vectors of diagonals of a square matrix, by their numbers."""
    vectors: dict[int, list[tuple[sympy.Expr, Term]]] = {}
    for piece in diagonals:
        row, column = piece.places
        k = int(column.start - row.start)
        places = selection(row.start if k >= 0 else column.start, row.length, 1, size - abs(k))
        placed = n.product(ONE, [(places, (0, 1), ONE), (piece.find_term(), (0,), ONE)], (1,))
        vectors.setdefault(k, []).append((piece.number, placed))
    sums = {k: n.add(terms) for k, terms in vectors.items()}
    return {k: total for k, total in sums.items() if not is_zero(total)}


def _split_diagonals(n: Normaliser, number: sympy.Expr, t: Term) -> list[Piece] | None:
    """The vectors of the diagonals that a summand is made of; None where there is anything else in it."""
    found: list[Piece] = []
    todo = [(number, t)]
    while todo:
        c, u = todo.pop()
        k, core = split_scale(u)
        summands = _split_placed_sum(n, core)
        if summands is not None:
            todo += [(c * k * d, v) for d, v in reversed(summands)]
            continue
        diagonal = _read_placed_diagonal(n, core)
        if diagonal is None or len(found) + len(todo) > MOST:
            return None
        found.append(diagonal._replace(number=c * k))
    return found


def _split_placed_sum(n: Normaliser, t: Term) -> Summands | None:
    """The summands of a sum of matrices, of one that is put into places too; None of anything else."""
    if isinstance(t, Sum):
        return list(t.terms)
    scale, factors, out, sizes = factors_of(t)
    if not any(is_call(u, "selection") for u, _, _ in factors):
        return None
    for place, (u, labels, e) in enumerate(factors):
        if isinstance(u, Sum) and e is ONE and len({*labels}) == 2:
            rest, known = [*factors[:place], *factors[place + 1 :]], dict(enumerate(sizes))
            return [(scale * c, n.product(ONE, [*rest, (v, labels, ONE)], out, known)) for c, v in u.terms]
    return None


def _read_placed_diagonal(n: Normaliser, t: Term) -> Piece | None:
    """The vector of a diagonal matrix that is put into places, as it stands in the whole; None of anything else."""
    inner, found = split_placed(n, t) or (t, {})
    vector = read_diagonal(inner)
    row, column = (found.get(axis, Places(0, d)) for axis, d in enumerate(t.shape))
    if vector is None or row.step != 1 or column.step != 1 or not sympy.sympify(column.start - row.start).is_Integer:
        return None
    return Piece(ONE, vector, (row, column))


def write_bands(write: Write, bands: dict[int, Term]) -> list[tuple[sympy.Expr, Term, MatrixExpr]]:
    """Matrices of diagonals with the numbers in front of them and their vectors; two with one vector as one sum."""
    found = []
    for k in sorted(bands, key=lambda k: (abs(k), -k)):
        c, core = split_scale(bands[k])
        if k and abs(c) != 1 and bands.get(-k) == bands[k]:
            pair = [Band(write(core), sympy.Integer(d)) for d in (k, -k)]
            found += [(c, core, MatAdd(*pair, evaluate=False))] if k > 0 else []
        else:
            found.append((c, core, _write_band(write(core), k)))
    return found


def _write_band(vector: MatrixExpr, k: int) -> MatrixExpr:
    """A matrix with a vector on a diagonal; one with ones on the main one is the identity."""
    if k:
        return Band(vector, sympy.Integer(k))
    return Identity(vector.shape[0]) if isinstance(vector, OneMatrix) else DiagMatrix(vector)
