"""The formulas of programs in matrix notation: of matrices, of each member of a batch, of the sum over its members."""

from __future__ import annotations

import sympy
from sympy.core.symbol import Str
from sympy.tensor.array.expressions import ArraySymbol

from tracer.formulas.lowering.lower import Lowered
from tracer.formulas.matrix.batch_classes import BatchAsMatrix, ForEach, SumOverBatch
from tracer.formulas.matrix.batches import Batch, split_batch, split_summed_batch
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
        made = _write_each(root, 2, normaliser, algebra)
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
    """A vector or a matrix by the members of a batch: the sum, or what there is for each of them; None without one."""
    for batch in split_summed_batch(root) if root.shape else ():
        made = _write_batch(batch, normaliser, algebra)
        if made is not None:
            return SumOverBatch(made)
    for rank in reversed(range(len(root.shape))):
        made = _write_each(root, rank, normaliser, algebra)
        if made is not None:
            return BatchAsMatrix(made)
    return None


def _write_each(root: Term, rank: int, normaliser: Normaliser, algebra: MatrixAlgebra | None) -> ForEach | None:
    """The formula of a member of a rank for each place of the first axes; None where there is none without arrays."""
    batch = split_batch(root, rank)
    return None if batch is None else _write_batch(batch, normaliser, algebra)


def _write_batch(batch: Batch, normaliser: Normaliser, algebra: MatrixAlgebra | None) -> ForEach | None:
    """The formula of a member of a batch, for each of them; None where it has arrays."""
    try:
        made = matrix(batch.member, normaliser, algebra)
    except TooLong:
        raise
    except FormulaError:
        return None
    if has_part(made, *ARRAYS):
        return None
    arrays = [
        sympy.Tuple(Str(name), ArraySymbol(name, shape), sympy.Tuple(*batch.axes[name]))
        for name, shape in sorted(batch.sources.items())
    ]
    return ForEach(made, sympy.Tuple(*batch.sizes), sympy.Tuple(*batch.member.shape), *arrays)
