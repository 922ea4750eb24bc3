"""The formulas of programs in matrix notation: of matrices, of each member of a batch, of the sum over its members."""

from __future__ import annotations

import sympy
from sympy.core.symbol import Str
from sympy.tensor.array.expressions import ArraySymbol

from tracer.formulas.lowering.lower import Lowered
from tracer.formulas.matrix.array_classes import ForEach, SumOverBatch
from tracer.formulas.matrix.batches import Batch, split_batch, split_summed_batch
from tracer.formulas.matrix.constructors import MatrixAlgebra
from tracer.formulas.matrix.unevaluated import ARRAYS
from tracer.formulas.matrix.writer import matrix
from tracer.terms.failures import FormulaError, TooLong
from tracer.terms.normalise import Normaliser
from tracer.terms.record import Product, Source, Term, subterms


def matrices(program: Lowered) -> list[sympy.Expr]:
    """The closed forms of a program in matrix notation."""
    return [write_matrix(term, program.normaliser) for term in program.terms]


def write_matrix(root: Term, normaliser: Normaliser, algebra: MatrixAlgebra | None = None) -> sympy.Expr:
    """A term in matrix notation; where that has arrays, a matrix for each member of a batch, or the sum of these."""
    root = normaliser.normal(root)
    if len(root.shape) > 2:
        batch = split_batch(root)
        made = None if batch is None else _write_batch(batch, normaliser, algebra)
        return matrix(root, normaliser, algebra) if made is None else made
    summed = _is_sum_over_arrays(root)
    if summed and (made := _write_summed_batch(root, normaliser, algebra)) is not None:
        return made
    try:
        made = matrix(root, normaliser, algebra)
    except TooLong:
        raise
    except FormulaError as error:
        made, refused = None, error
    if not summed and root.shape and (made is None or made.has(*ARRAYS)):
        members = _write_summed_batch(root, normaliser, algebra)
        made = members or made
    if made is None:
        raise refused
    return made


def _is_sum_over_arrays(root: Term) -> bool:
    """Whether a vector or a matrix is a sum over axes of sources that are arrays, and so has arrays in any case."""
    if not root.shape or not isinstance(root, Product):
        return False
    return any(isinstance(t, Source) and len(t.shape) > 2 for t in subterms(root))


def _write_summed_batch(root: Term, normaliser: Normaliser, algebra: MatrixAlgebra | None) -> SumOverBatch | None:
    """The sum of the formulas of the members of a batch, of as few axes as there are matrices of; None without one."""
    for batch in split_summed_batch(root):
        members = _write_batch(batch, normaliser, algebra)
        if members is not None:
            return SumOverBatch(members)
    return None


def _write_batch(batch: Batch, normaliser: Normaliser, algebra: MatrixAlgebra | None) -> ForEach | None:
    """The formula of a member of a batch, for each of them; None where it has arrays."""
    made = matrix(batch.member, normaliser, algebra)
    if made.has(*ARRAYS):
        return None
    arrays = [
        sympy.Tuple(Str(name), ArraySymbol(name, shape), sympy.Tuple(*batch.axes[name]))
        for name, shape in sorted(batch.sources.items())
    ]
    return ForEach(made, sympy.Tuple(*batch.sizes), sympy.Tuple(*batch.member.shape), *arrays)
