"""Products that are means of rows or of columns: ``X*1/n``, the sum along an axis divided by its size.

They stay products, whose factors LaTeX writes one by one; text and NumPy call them by a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sympy
from sympy.matrices.expressions import HadamardPower, HadamardProduct, MatMul, OneMatrix, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.printing.precedence import precedence
from sympy.printing.printer import Printer

from tracer.formulas.matrix.precedences import ATOM
from tracer.formulas.matrix.unevaluated import from_parts
from tracer.formulas.matrix.written_parts import Quotient, split_quotient, write_beside
from tracer.shapes import Dim

NAMES = "mean_columns", "mean_rows"
"""The names of means, by the axis that they are taken along."""


class Mean(NamedTuple):
    """A mean with the sign and the numbers beside it.

    Attributes
    ----------
    negative : bool
        Whether it is subtracted.
    over, under : list
        The numbers that it is multiplied with and divided by.
    chain : list
        The matrices whose product has the mean taken of it.
    axis : int
        The axis that it is taken along.
    is_row : bool
        Whether it is a row, and not a column.
    """

    negative: bool
    over: list[sympy.Expr]
    under: list[sympy.Expr]
    chain: list[MatrixExpr]
    axis: int
    is_row: bool

    @property
    def numbers(self) -> list[sympy.Expr]:
        """The sign and the numbers beside it, as factors."""
        return list_factors(self.negative, self.over, self.under)

    @property
    def stands_alone(self) -> bool:
        """Whether there is no sign and no number beside it."""
        return not (self.negative or self.over or self.under)


def split_mean(scalars: Sequence[sympy.Expr], chain: Sequence[MatrixExpr]) -> Mean | None:
    """A product of numbers and matrices as a mean with numbers beside it; None where it is no mean.

    Examples
    --------
    >>> n = sympy.Symbol("n", integer=True, positive=True)
    >>> X = sympy.MatrixSymbol("X", n, 3)
    >>> mean = split_mean([2 / n], [Transpose(X), OneMatrix(n, 1)])
    >>> NAMES[mean.axis], mean.over, mean.chain
    ('mean_columns', [2], [X])
    """
    if len(chain) < 2:
        return None
    first, last = chain[0], chain[-1]
    is_row = not (isinstance(last, OneMatrix) and last.shape[1] == 1)
    ones = first if is_row else last
    if not isinstance(ones, OneMatrix) or ones.shape[0 if is_row else 1] != 1:
        return None
    negative, over, under = split_quotient(scalars)
    left = divide_out(under, ones.shape[1 if is_row else 0])
    if left is None:
        return None
    inner = list(chain[1:] if is_row else chain[:-1])
    turned = len(inner) == 1 and isinstance(inner[0], Transpose)
    return Mean(negative, over, left, [inner[0].args[0]] if turned else inner, int(is_row == turned), is_row)


def count_turns(e: MatMul) -> int:
    """How many more transposes the text of a product has than its factors: a mean of columns is called as a column.

    Examples
    --------
    >>> X = sympy.MatrixSymbol("X", 3, 4)
    >>> count_turns(MatMul(sympy.Rational(1, 3), OneMatrix(1, 3), X)), "mean_columns(X).T"
    (1, 'mean_columns(X).T')
    >>> count_turns(MatMul(sympy.Rational(1, 3), Transpose(X), OneMatrix(3, 1))), "mean_columns(X)"
    (-1, 'mean_columns(X)')
    """
    if not any(isinstance(f, OneMatrix) for f in e.args):
        return 0
    mean = _find_mean(e)
    if mean is None:
        return 0
    turned = len(mean.chain) == 1 and mean.is_row == bool(mean.axis)
    return int(mean.is_row) - int(turned)


def _find_mean(e: MatMul) -> Mean | None:
    """A product as a mean with numbers beside it; None where it is no mean."""
    return split_mean(*([f for f in e.args if isinstance(f, MatrixExpr) is matrix] for matrix in (False, True)))


def bind_mean(e: MatMul) -> int:
    """The precedence of the text of a product that is a mean or has means among its factors; 0 of any other product."""
    placed = place_means(e)
    mean = _find_mean(e)
    return int(precedence(placed)) if placed is not None else ATOM if mean and mean.stands_alone else 0


def write_mean(e: MatMul, printer: Printer) -> str | None:
    """The text of a product that is a mean or has means among its factors; None of any other product."""
    placed = place_means(e)
    mean = _find_mean(e)
    if mean is None:
        return None if placed is None else str(printer._print(placed))
    whole = mean.chain[0] if len(mean.chain) == 1 else from_parts(type(e), mean.chain)
    text = f"{NAMES[mean.axis]}({printer._print(whole)})" + (".T" if mean.is_row else "")
    return write_beside(printer, Quotient(mean.negative, mean.over, mean.under), text)


def place_means(e: MatMul) -> MatrixExpr | None:
    """A product by elements, in which sizes that divide it stand at the sums that they make means of.

    The product by elements, or a power by elements, has numbers in front. None where no sum becomes a mean.

    Examples
    --------
    >>> X, v = sympy.MatrixSymbol("X", 3, 4), sympy.MatrixSymbol("v", 3, 1)
    >>> print(place_means(MatMul(sympy.Rational(1, 4), HadamardProduct(v, MatMul(X, OneMatrix(4, 1))))))
    HadamardProduct(v, (1/4)*X*1)
    """
    *scalars, whole = e.args
    if not isinstance(whole, (HadamardProduct, HadamardPower)) or any(isinstance(f, MatrixExpr) for f in scalars):
        return None
    negative, over, under = split_quotient(scalars)
    many = isinstance(whole, HadamardProduct)
    parts = [*whole.args] if many else [whole]
    made: list[MatrixExpr] = []
    for part in parts:
        placed, under = _place_mean(part, under)
        made.append(placed)
    if made == parts:
        return None
    product = from_parts(type(whole), made) if many else made[0]
    numbers = list_factors(negative, over, under)
    return from_parts(type(e), [*numbers, product]) if numbers else product


def _place_mean(part: MatrixExpr, divisors: list[sympy.Expr]) -> tuple[MatrixExpr, list[sympy.Expr]]:
    """A sum of columns, or a power of it, divided by the sizes that make it a mean; and the divisors that are left."""
    base, power = part.args if isinstance(part, HadamardPower) else (part, sympy.S.One)
    last = base.args[-1] if isinstance(base, MatMul) and isinstance(base.args[0], MatrixExpr) else None
    if not isinstance(last, OneMatrix) or last.shape[1] != 1:
        return part, divisors
    left = divide_out(divisors, last.shape[0] ** power)
    if left is None:
        return part, divisors
    made = from_parts(type(base), [1 / last.shape[0], *base.args])
    return made if power == 1 else from_parts(type(part), [made, power]), left


def list_factors(negative: bool, over: Sequence[sympy.Expr], under: Sequence[sympy.Expr]) -> list[sympy.Expr]:
    """A sign, numbers and divisors as factors of one product."""
    return [*([sympy.S.NegativeOne] if negative else []), *over, *(1 / f for f in under)]


def divide_out(divisors: Sequence[sympy.Expr], size: Dim) -> list[sympy.Expr] | None:
    """What is left of divisors without a size; None where the size is not among their factors, or is one.

    Examples
    --------
    >>> n, m = sympy.symbols("n m")
    >>> divide_out([n, sympy.Integer(6)], 3 * n), divide_out([n], m)
    ([2], None)
    """
    left = list(divisors)
    for d in (d for f in sympy.Mul.make_args(size) for d in _list_bases(f)):
        place = next((k for k, f in enumerate(left) if _divides(d, f)), None)
        if place is None:
            return None
        left[place] /= d
    return None if size == 1 else [f for f in left if f != 1]


def _list_bases(f: sympy.Expr) -> list[sympy.Expr]:
    """The base of a small power, as often as the exponent says; of anything else itself: ``n**2 -> [n, n]``."""
    base, power = f.as_base_exp()
    return [base] * int(power) if power.is_Integer and 1 < power < 5 else [f]


def _divides(d: sympy.Expr, f: sympy.Expr) -> bool:
    """Whether a factor divides another: a number its multiples, anything else itself and its powers."""
    if d.is_Integer:
        return bool(f.is_Integer and f % d == 0)
    base, power = f.as_base_exp()
    return bool(base == d and power.is_Integer and power > 0)
