"""Blocks of which one has a number around it: what ``pad`` writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sympy
from sympy.matrices.expressions import ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixExpr

from tracer.formulas.matrix import classes as N


class Padding(NamedTuple):
    """A block, how many places there are before and behind it along both axes, and the number that is there."""

    block: MatrixExpr
    widths: sympy.Tuple
    number: sympy.Expr


def find_padding(rows: Sequence[Sequence[MatrixExpr]]) -> Padding | None:
    """The block that has one number around it, zero or an infinite one; None where there are several, or none.

    Examples
    --------
    >>> A, Z = sympy.MatrixSymbol("A", 2, 3), sympy.ZeroMatrix
    >>> find_padding([[Z(1, 1), Z(1, 3)], [Z(2, 1), A]])
    Padding(block=A, widths=((1, 0), (1, 0)), number=0)
    """
    filled = {(k, q): _find_number(m) for k, row in enumerate(rows) for q, m in enumerate(row)}
    inner = [at for at, number in filled.items() if number is None]
    numbers = {number for number in filled.values() if number is not None}
    if len(inner) != 1 or len(numbers) != 1:
        return None
    ((k, q),), (number,) = inner, numbers
    sizes = (k, [row[0].shape[0] for row in rows]), (q, [m.shape[1] for m in rows[0]])
    widths = [sympy.Tuple(sympy.Add(*size[:at]), sympy.Add(*size[at + 1 :])) for at, size in sizes]
    return Padding(rows[k][q], sympy.Tuple(*widths), number)


def _find_number(m: MatrixExpr) -> sympy.Expr | None:
    """Zero, or what is infinite, where all elements of a block are that; None of all others."""
    if isinstance(m, ZeroMatrix):
        return sympy.S.Zero
    *scalars, last = m.args if isinstance(m, N.MatMul) else (m,)
    infinite = len(scalars) == 1 and scalars[0] in (sympy.oo, -sympy.oo)
    return scalars[0] if infinite and isinstance(last, N.OneMatrix) else None
