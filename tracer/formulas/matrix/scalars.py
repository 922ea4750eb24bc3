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


class greatest(Reduction):
    """The greatest of all elements."""

    label = "max"

    def doit(self, **hints: object) -> sympy.Expr:
        return over_elements(MaxOver, self.args[0].doit(**hints))


class least(Reduction):
    """The least of all elements."""

    label = "min"

    def doit(self, **hints: object) -> sympy.Expr:
        return over_elements(MinOver, self.args[0].doit(**hints))


class product(Reduction):
    """The product of all elements."""

    label = "prod"

    def doit(self, **hints: object) -> sympy.Expr:
        return over_elements(sympy.Product, self.args[0].doit(**hints))


def over_elements(kind: type[ExprWithLimits], m: MatrixExpr) -> sympy.Expr:
    """What a class makes of the elements of a matrix over its rows and columns."""
    i = sympy.Dummy("i", dummy_index=10_000_009, integer=True)
    j = sympy.Dummy("j", dummy_index=10_000_011, integer=True)
    rows, columns = m.shape
    limits = [(i, 0, rows - 1), (j, 0, columns - 1)]
    made = ExprWithLimits.__new__(kind, element(m, i, j), *(sympy.Tuple(*row) for row in limits))
    return made.doit() if isinstance(m, MatrixBase) else made


def sum_over(m: MatrixExpr, power: int = 1) -> sympy.Expr:
    """The sum of powers of the elements over indices that no source can be called by."""
    i = sympy.Dummy("i", dummy_index=10_000_009, integer=True)
    j = sympy.Dummy("j", dummy_index=10_000_011, integer=True)
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
