"""How long a formula is when it is written: the one order in which candidates are compared."""

from __future__ import annotations

import sympy
from sympy.core.symbol import Str
from sympy.matrices.expressions import MatrixSymbol, Transpose, ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.tensor.array.expressions import ArrayAdd, ArrayTensorProduct

from tracer.formulas.budget import spend
from tracer.formulas.counting import count_written
from tracer.formulas.matrix.classes import HadamardProduct, Identity, MatAdd, MatMul, OneMatrix
from tracer.formulas.matrix.constructors import dimensional, split_scalars

LEAVES = (MatrixSymbol, OneMatrix, Identity, ZeroMatrix, sympy.Symbol, sympy.Number, sympy.Dummy, Str)


def count_operations(e: sympy.Expr) -> int:
    """How many operations a formula has, what occurs several times counted once."""
    seen: set[sympy.Basic] = set()
    todo = [e]
    count = 0
    while todo:
        x = todo.pop()
        if x in seen or isinstance(x, LEAVES) or not isinstance(x, sympy.Basic):
            continue
        seen.add(x)
        spend(1)
        if isinstance(x, MatrixElement):
            todo.append(x.args[0])
            continue
        args = [a for a in x.args if not (isinstance(a, sympy.Expr) and dimensional(a))]
        todo += args
        if x.is_Add or x.is_Mul or isinstance(x, (MatAdd, MatMul, HadamardProduct, ArrayTensorProduct, ArrayAdd)):
            constant = [a for a in x.args if isinstance(a, sympy.Expr) and dimensional(a) and abs(a) != 1]
            count += max(len(args) - 1, 0) + (1 if constant else 0)
        elif not (isinstance(x, sympy.Expr) and dimensional(x)):
            count += 1
    return count


def count_transposes(e: sympy.Expr) -> int:
    """How many transposes of matrices that are no columns are written."""
    return count_written(e, lambda part: isinstance(part, Transpose) and 1 not in part.shape)


def measure_length(e: sympy.Expr) -> tuple[int, int, bool]:
    """The order of candidates: operations, then transposes, then whether the whole is a transpose."""
    return count_operations(e), count_transposes(e), isinstance(split_scalars(e)[1], Transpose)
