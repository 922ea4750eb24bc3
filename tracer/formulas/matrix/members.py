"""The formulas of programs in matrix notation: of matrices, of each member of a batch, of the sum over its members."""

from __future__ import annotations

from typing import NamedTuple

import sympy
from sympy.core.symbol import Str
from sympy.tensor.array.expressions import ArraySymbol

from tracer.formulas.lowering.lower import Lowered
from tracer.formulas.matrix.array_products import Einsum
from tracer.formulas.matrix.batch_classes import BatchAsMatrix, ForEach, MovedBatch, SumOverBatch
from tracer.formulas.matrix.batches import Batch, is_moved, split_batches, split_summed_batch
from tracer.formulas.matrix.constructors import MatrixAlgebra
from tracer.formulas.matrix.unevaluated import ARRAYS, has_part
from tracer.formulas.matrix.writer import matrix
from tracer.terms.failures import FormulaError, TooLong
from tracer.terms.normalise import Normaliser
from tracer.terms.record import Source, Term, subterms


def matrices(program: Lowered) -> list[sympy.Expr]:
    """The closed forms of a program in matrix notation."""
    return [write_matrix(term, program.normaliser) for term in program.terms]


def write_matrix(root: Term, normaliser: Normaliser, algebra: MatrixAlgebra | None = None) -> sympy.Expr:
    """A term in matrix notation; where that has arrays, the sum of the members of a batch, or each of them."""
    root = normaliser.normal(root)
    if len(root.shape) > 2:
        made = _write_members(root, normaliser, algebra)
        return matrix(root, normaliser, algebra) if made is None else made
    whole = _is_made_of_arrays(root)
    if whole and (made := _write_members(root, normaliser, algebra)) is not None:
        return made
    try:
        made = matrix(root, normaliser, algebra)
    except TooLong:
        raise
    except FormulaError as error:
        made, refused = None, error
    if not whole and (made is None or has_part(made, *ARRAYS)):
        made = _write_members(root, normaliser, algebra) or made
    if made is None:
        raise refused
    return made


def _is_made_of_arrays(root: Term) -> bool:
    """Whether a vector or a matrix has sources that are arrays, and so is written with arrays if not by members."""
    return bool(root.shape) and any(isinstance(t, Source) and len(t.shape) > 2 for t in subterms(root))


def _write_members(root: Term, normaliser: Normaliser, algebra: MatrixAlgebra | None) -> sympy.Expr | None:
    """A term by the members of a batch: their sum, or what there is for each of them; None without one.

    Where sources have the batch behind other axes, arrays may say it as well: ``softmax(T, axis=0)``.
    """
    arrays: sympy.Expr | None = None
    for batch, layers in _list_ways(root):
        made = _write_batch(batch, layers, normaliser, algebra)
        if made is None:
            continue
        if layers.moved or has_part(made.body, *ARRAYS):
            arrays = arrays or _write_arrays(root, normaliser, algebra)
            if arrays is not None and (not has_part(arrays, Einsum) or len(str(arrays)) <= len(str(made))):
                continue
        return layers.put_around(made)
    return None


def _write_arrays(root: Term, normaliser: Normaliser, algebra: MatrixAlgebra | None) -> sympy.Expr | None:
    """A term as arrays; None where it has no such form."""
    try:
        return matrix(root, normaliser, algebra)
    except TooLong:
        raise
    except FormulaError:
        return None


class Layers(NamedTuple):
    """What stands around the formula of each member of a batch.

    Attributes
    ----------
    summed : bool
        Whether the members are added up.
    places : tuple of int
        Else the axes of the result that are those of the batch.
    is_matrix : bool
        Whether the result is a matrix or a column.
    moved : bool
        Whether the batch is not in front everywhere.
    """

    summed: bool
    places: tuple[int, ...]
    is_matrix: bool
    moved: bool

    def put_around(self, e: ForEach) -> sympy.Expr:
        """A result with what stands around its members."""
        if self.summed:
            return SumOverBatch(e)
        made = e if self.places == tuple(range(len(self.places))) else MovedBatch(e, sympy.Tuple(*self.places))
        return BatchAsMatrix(made) if self.is_matrix else made


def _list_ways(root: Term) -> list[tuple[Batch, Layers]]:
    """The batches that a term may be written by, the ones that read most easily first.

    These are sums, then matrices and columns, then numbers, and of each kind those that are in front everywhere; but
    sums over other axes come after numbers. Arrays come last.
    """
    ranks = [2, *range(3, len(root.shape))] if len(root.shape) > 2 else [*reversed(range(len(root.shape)))]
    summed = [*split_summed_batch(root)] if 0 < len(root.shape) <= 2 else []
    ways = [(0, batch, Layers(True, (), True, batch.count_moved() > 0)) for batch in summed]
    for rank in ranks:
        for batch, places in split_batches(root, rank):
            layers = Layers(False, places, len(root.shape) <= 2, is_moved(batch, places))
            ways.append((4 if rank > 2 else 1 if rank else 2, batch, layers))
    ways.sort(key=lambda way: (max(way[0], 3) if way[2].moved and way[0] != 1 else way[0], way[2].moved, way[0]))
    return [(batch, layers) for _, batch, layers in ways]


def _write_batch(batch: Batch, layers: Layers, normaliser: Normaliser, algebra: MatrixAlgebra | None) -> ForEach | None:
    """The formula of a member of a batch, for each of them; None where it is a product of arrays that has no name."""
    try:
        made = matrix(batch.member, normaliser, algebra)
    except TooLong:
        raise
    except FormulaError:
        return None
    if has_part(made, *ARRAYS) and (layers.summed or "einsum(" in str(made)):
        return None
    arrays = [
        sympy.Tuple(Str(name), ArraySymbol(name, shape), sympy.Tuple(*batch.axes[name]))
        for name, shape in sorted(batch.sources.items())
    ]
    return ForEach(made, sympy.Tuple(*batch.sizes), sympy.Tuple(*batch.member.shape), *arrays)
