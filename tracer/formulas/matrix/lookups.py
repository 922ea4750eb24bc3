"""Rows of matrices that integers name: ``onehot(k, n)*A`` is ``A[k]`` where these are places of the axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy
from sympy.matrices.expressions import Transpose, ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixExpr

from tracer.formulas.matrix.classes import DiagMatrix, Identity, MatMul, OneMatrix
from tracer.formulas.matrix.function_classes import lookup, onehot
from tracer.formulas.matrix.slices import Part, take_part

Turn = Callable[[MatrixExpr], MatrixExpr]
"""What transposes a matrix."""


def look_up_rows(chain: Sequence[MatrixExpr], transpose: Turn) -> list[MatrixExpr]:
    """A product of matrices in which those that only take rows, or columns, of what is beside them are gone.

    Examples
    --------
    >>> A, x = sympy.MatrixSymbol("A", 4, 3), sympy.MatrixSymbol("x", 3, 1)
    >>> look_up_rows([lookup(sympy.MatrixSymbol("k", 5, 1), sympy.Integer(4)), A, x], Transpose)
    [A[k], x]
    """
    made: list[MatrixExpr] = []
    if not any(isinstance(_undo(m), lookup) for m in chain):
        return [*chain]
    for m in chain:
        if made and _chooses_rows(made[-1]) and _is_table(m):
            m = _take_rows(m, made.pop(), transpose)
        elif made and isinstance(_undo(m), lookup) and _chooses_rows(transpose(m)) and _is_table(made[-1]):
            m = transpose(_take_rows(transpose(made.pop()), transpose(m), transpose))
        made.append(m)
    return made


def find_place(choice: MatrixExpr, column: MatrixExpr) -> sympy.Expr | None:
    """Which element of a column another column takes, that is one at a place alone; None where it is none."""
    alone = isinstance(choice, lookup) and not isinstance(choice.args[0], MatrixExpr)
    return choice.args[0] if alone and _is_table(column) and not isinstance(column, MatMul) else None


def _undo(m: MatrixExpr) -> MatrixExpr:
    """A matrix without a transpose."""
    return m.args[0] if isinstance(m, Transpose) else m


def _chooses_rows(m: MatrixExpr) -> bool:
    """Whether a factor takes rows that integers name of the matrix behind it, or the row that one integer names."""
    choice = _undo(m)
    return isinstance(choice, lookup) and isinstance(choice.args[0], MatrixExpr) != isinstance(m, Transpose)


def _is_table(m: MatrixExpr) -> bool:
    """Whether a person takes rows of a matrix: not of what is made of ones and zeros, or of a diagonal."""
    return not isinstance(_undo(m), (onehot, OneMatrix, ZeroMatrix, Identity, DiagMatrix))


def _take_rows(m: MatrixExpr, choice: MatrixExpr, transpose: Turn) -> MatrixExpr:
    """The rows of a matrix that the factor in front of it takes; a single one is that, not a column."""
    places, rest = _undo(choice).args[0], sympy.Tuple(sympy.S.Zero, m.shape[1], sympy.S.One)
    if isinstance(m, Transpose):
        taken = take_part(m.args[0], rest, places)
        return transpose(taken)
    taken = sympy.Basic.__new__(Part, m, places, rest)
    return transpose(taken) if isinstance(choice, Transpose) else taken
