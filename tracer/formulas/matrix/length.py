"""How long a formula is when it is written: the one order in which candidates are compared."""

from __future__ import annotations

import sympy
from sympy.core.symbol import Str
from sympy.matrices.expressions import MatrixSymbol, Transpose, ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr

from tracer.formulas.counting import count_written
from tracer.formulas.matrix.array_products import ArrayAdd, Einsum
from tracer.formulas.matrix.classes import HadamardProduct, Identity, MatAdd, MatMul, OneMatrix
from tracer.formulas.matrix.constructors import is_constant
from tracer.formulas.matrix.means import count_turns
from tracer.terms.numbers import MINUS, ONE
from tracer.terms.work import Budget

LEAVES = (MatrixSymbol, OneMatrix, Identity, ZeroMatrix, sympy.Symbol, sympy.Number, sympy.Dummy, Str)


def count_operations(e: sympy.Basic, budget: Budget) -> int:
    """How many operations a formula has, what occurs several times counted once."""
    seen: set[sympy.Basic] = set()
    todo = [e]
    count = 0
    while todo:
        x = todo.pop()
        if x in seen or isinstance(x, LEAVES) or not isinstance(x, sympy.Basic):
            continue
        seen.add(x)
        budget.spend(1)
        if isinstance(x, MatrixElement):
            todo.append(x.args[0])
            continue
        args: list[sympy.Basic] = []
        numbers: list[sympy.Expr] = []
        for a in x.args:
            (numbers if isinstance(a, sympy.Expr) and is_constant(a) else args).append(a)
        todo += args
        if x.is_Add or x.is_Mul or isinstance(x, (MatAdd, MatMul, HadamardProduct, Einsum, ArrayAdd)):
            count += max(len(args) - 1, 0) + any(c is not ONE and c is not MINUS for c in numbers)
            count += count_turns(x) if isinstance(x, MatMul) else 0
        elif x is not e or not (isinstance(x, sympy.Expr) and is_constant(x)):
            count += 1
    return count


def count_transposes(e: sympy.Basic, budget: Budget) -> int:
    """How many transposes of matrices that are no columns are written."""
    return count_written(e, _weigh_transpose, budget)


def _weigh_transpose(part: sympy.Basic) -> int:
    """The transposes that a part of a formula adds to those within it."""
    if isinstance(part, MatMul):
        return count_turns(part)
    return int(isinstance(part, Transpose) and 1 not in part.shape)


def measure_length(e: sympy.Basic, budget: Budget) -> tuple[int, int, bool]:
    """The order of candidates: operations, then transposes, then whether the whole is a transpose."""
    matrices = [f for f in e.args if isinstance(f, MatrixExpr)] if isinstance(e, MatMul) else [e]
    return (
        count_operations(e, budget),
        count_transposes(e, budget),
        [isinstance(m, Transpose) for m in matrices] == [True],
    )
