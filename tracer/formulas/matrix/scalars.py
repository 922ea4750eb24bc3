"""Numbers that are made of the elements of a matrix, as a person writes them: ``sum(x)``, ``mean(x)``, ``norm(x)``."""

from __future__ import annotations

from typing import ClassVar

import sympy
from sympy.matrices import MatrixBase
from sympy.matrices.expressions import MatMul, Trace, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.printing.printer import Printer

from tracer.formulas.matrix.bodies import MatrixElement, element
from tracer.formulas.matrix.extremes import MaxOver, MinOver
from tracer.series import ExprWithLimits


class Reduction(sympy.Function):  # type: ignore[misc]
    """A real number that is made of all elements of a matrix; ``doit`` writes it with sums over indices."""

    nargs = 1
    label: ClassVar[str]

    @classmethod
    def eval(cls, m: sympy.Basic) -> None:
        return None

    def _eval_is_real(self) -> bool:
        return True

    def _eval_is_commutative(self) -> bool:
        """A number, although its argument is a matrix."""
        return True

    def _eval_evalf(self, prec: int) -> sympy.Expr:
        return self.doit()._evalf(prec)

    def _sympystr(self, printer: Printer) -> str:
        return f"{self.label}({printer._print(self.args[0])})"


class total(Reduction):
    """The sum of all elements, printed ``sum(A)``.

    Examples
    --------
    >>> x = sympy.MatrixSymbol("x", 3, 1)
    >>> total(x), total(x).doit()
    (sum(x), Sum(x[_i, 0], (_i, 0, 2)))
    >>> total(sympy.Matrix([1, 2, 4])).doit()
    7
    """

    label = "sum"

    def doit(self, **hints: object) -> sympy.Expr:
        m = self.args[0].doit(**hints)
        return sympy.Add(*m) if isinstance(m, MatrixBase) else sum_over(m)


class mean(Reduction):
    """The mean of all elements.

    Examples
    --------
    >>> mean(sympy.Matrix([1, 2, 6])).doit()
    3
    """

    label = "mean"

    def doit(self, **hints: object) -> sympy.Expr:
        rows, columns = self.args[0].shape
        return total(self.args[0]).doit(**hints) / (rows * columns)


class norm(Reduction):
    """The Euclidean length of a column, of a matrix the root of the sum of the squares of its elements.

    Examples
    --------
    >>> norm(sympy.Matrix([3, 4])).doit()
    5
    """

    label = "norm"

    def doit(self, **hints: object) -> sympy.Expr:
        m = self.args[0].doit(**hints)
        return sympy.sqrt(sympy.Add(*(x**2 for x in m)) if isinstance(m, MatrixBase) else sum_over(m, 2))


class OverElements(Reduction):
    """What a class of expressions over indices makes of all elements."""

    kind: ClassVar[type[ExprWithLimits]]

    def doit(self, **hints: object) -> sympy.Expr:
        m = self.args[0].doit(**hints)
        i, j = INDICES
        rows, columns = m.shape
        limits = sympy.Tuple(i, 0, rows - 1), sympy.Tuple(j, 0, columns - 1)
        made = ExprWithLimits.__new__(self.kind, element(m, i, j), *limits)
        return made.doit() if isinstance(m, MatrixBase) else made


class greatest(OverElements):
    """The greatest of all elements."""

    label, kind = "max", MaxOver


class least(OverElements):
    """The least of all elements."""

    label, kind = "min", MinOver


class product(OverElements):
    """The product of all elements."""

    label, kind = "prod", sympy.Product


INDICES = (
    sympy.Dummy("i", dummy_index=10_000_009, integer=True),
    sympy.Dummy("j", dummy_index=10_000_011, integer=True),
)
"""The indices of rows and columns, that no source can be called by."""


def sum_over(m: MatrixExpr, power: int = 1) -> sympy.Expr:
    """The sum of powers of the elements over rows and columns."""
    i, j = INDICES
    rows, columns = m.shape
    limits = [(i, 0, rows - 1)] if columns == 1 else [(j, 0, columns - 1), (i, 0, rows - 1)]
    return sympy.Sum(element(m, i, 0 if columns == 1 else j) ** power, *limits)


def find_root(square: sympy.Expr) -> MatrixExpr | None:
    """The matrix the square of whose norm a number is: x of ``x.T*x``, A of ``Trace(A.T*A)``; None of others."""
    if isinstance(square, (MatrixElement, Trace)) and isinstance(square.args[0], MatMul):
        factors = square.args[0].args
        if len(factors) == 2 and factors[0] == Transpose(factors[1]):
            return factors[1]
        if len(factors) == 2 and factors[1] == Transpose(factors[0]):
            return factors[0]
    return None
