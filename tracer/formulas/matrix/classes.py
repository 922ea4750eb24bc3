"""The classes that formulas are made of where sympy's own would print ambiguously, or do not exist.

Each is a sympy class that any reader of sympy expressions can take apart: by its arguments, by its entries or by
``rewrite``.
"""

from __future__ import annotations

import sympy
from sympy.matrices.expressions import applyfunc, diagonal, hadamard, kronecker, matadd, matmul, special
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.printing.printer import Printer

from tracer.formulas.matrix.bodies import ATOM, MatrixFunction, element
from tracer.formulas.matrix.elementwise_text import (
    POWER,
    PRODUCT,
    bind_elementwise,
    write_elementwise,
    write_power_sign,
)
from tracer.shapes import Dim


class MatAdd(matadd.MatAdd):  # type: ignore[misc]
    """A sum of matrices, printed in the order it was written in."""

    def _sympystr(self, printer: Printer) -> str:
        text = ""
        for m in self.args:
            part = printer._print(as_number(m))
            if isinstance(m, matadd.MatAdd):
                part = f"({part})"
            text += f" - {part[1:]}" if part.startswith("-") and text else f" + {part}" if text else part
        return text


def as_number(m: MatrixExpr) -> sympy.Expr:
    """The number that stands for a summand all elements of which are that number, unless the matrix is square."""
    scalars, last = (m.args[:-1], m.args[-1]) if isinstance(m, matmul.MatMul) else ((), m)
    if not isinstance(last, OneMatrix) or m.shape[0] == m.shape[1] or any(isinstance(s, MatrixExpr) for s in scalars):
        return m
    return sympy.Mul(*scalars, evaluate=False) if len(scalars) > 1 else scalars[0] if scalars else sympy.S.One


class MatMul(matmul.MatMul):  # type: ignore[misc]
    """A product of scalars and matrices, divisors printed last."""

    def could_extract_minus_sign(self) -> bool:
        """Whether a negative number is in front; sympy would evaluate the whole product to find out."""
        return bool(self.args[0].is_Number and self.args[0].is_negative)

    def _sympystr(self, printer: Printer) -> str:
        scalars = [g for f in self.args if not isinstance(f, MatrixExpr) for g in (f.args if f.is_Mul else (f,))]
        chain = [f for f in self.args if isinstance(f, MatrixExpr)]
        sign, over, under = "", [], []
        for f in scalars:
            if f.is_Rational:
                if f < 0:
                    sign, f = ("" if sign else "-"), -f
                over += [str(f.p)] if f.p != 1 else []
                under += [str(f.q)] if f.q != 1 else []
            elif f.is_Pow and f.exp.is_Rational and f.exp < 0:
                base = f.base if f.exp == -1 else sympy.Pow(f.base, -f.exp, evaluate=False)
                under.append(printer.parenthesize(base, POWER, strict=False))
            else:
                over.append(printer.parenthesize(f, PRODUCT))
        if len(chain) == 1 and is_divisor(chain[0]):
            under.append(printer.parenthesize(HadamardPower(chain[0].args[0], -chain[0].args[1]), PRODUCT))
        else:
            over += [printer.parenthesize(m, PRODUCT) for m in chain]
        return sign + ("*".join(over) or "1") + "".join(f"/{u}" for u in under)


class HadamardProduct(hadamard.HadamardProduct):  # type: ignore[misc]
    """The elementwise product of matrices, printed ``A o B``, with a quotient ``A/B`` where powers are negative."""

    precedence = PRODUCT

    def _sympystr(self, printer: Printer) -> str:
        over = [m for m in self.args if not is_divisor(m)]
        under = [HadamardPower(m.args[0], -m.args[1]) for m in self.args if is_divisor(m)]
        text = " o ".join(printer.parenthesize(m, PRODUCT) for m in over) or "1"
        text = f"({text})" if under and len(over) > 1 else text
        return text + "".join(f"/{printer.parenthesize(m, PRODUCT)}" for m in under)


class HadamardPower(hadamard.HadamardPower):  # type: ignore[misc]
    """The elementwise power of a matrix, printed ``A^o2``, or of a column, printed ``x**2``."""

    def __new__(cls, base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
        return base if exponent == 1 else hadamard.HadamardPower.__new__(cls, base, exponent)

    @property
    def precedence(self) -> int:
        """How tightly the text binds, for sympy's printers."""
        return PRODUCT if is_divisor(self) else ATOM if self.args[1] == sympy.Rational(1, 2) else POWER

    def _sympystr(self, printer: Printer) -> str:
        base, exponent = self.args
        if is_divisor(self):
            return f"1/{printer.parenthesize(HadamardPower(base, -exponent), PRODUCT)}"
        if exponent == sympy.Rational(1, 2):
            return f"sqrt({printer._print(base)})"
        return f"{printer.parenthesize(base, POWER)}{write_power_sign(base)}{printer.parenthesize(exponent, POWER)}"


def is_divisor(m: sympy.Expr) -> bool:
    """Whether a factor of an elementwise product is written below the line."""
    return isinstance(m, HadamardPower) and bool(m.args[1].is_Rational and m.args[1].is_negative)


class KroneckerProduct(kronecker.KroneckerProduct):  # type: ignore[misc]
    """The Kronecker product of matrices."""

    precedence = ATOM

    def _sympystr(self, printer: Printer) -> str:
        return f"kron({', '.join(map(printer._print, self.args))})"


class OneMatrix(special.OneMatrix):  # type: ignore[misc]
    """A matrix of ones, printed with its shape."""

    def _sympystr(self, printer: Printer) -> str:
        return f"ones({printer._print(self.shape[0])}, {printer._print(self.shape[1])})"

    def _eval_transpose(self) -> OneMatrix:
        return OneMatrix(*self.shape[::-1])


class Identity(special.Identity):  # type: ignore[misc]
    """The identity matrix, printed with its size."""

    def _sympystr(self, printer: Printer) -> str:
        return f"eye({printer._print(self.shape[0])})"


class DiagMatrix(diagonal.DiagMatrix):  # type: ignore[misc]
    """The diagonal matrix of a vector."""

    def _sympystr(self, printer: Printer) -> str:
        return f"diag({printer._print(self.args[0])})"


class DiagonalOf(diagonal.DiagonalOf):  # type: ignore[misc]
    """The diagonal of a matrix, as a column."""

    def _sympystr(self, printer: Printer) -> str:
        return f"diag_part({printer._print(self.args[0])})"

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        return element(self.args[0], i, i)


class ElementwiseApplyFunction(applyfunc.ElementwiseApplyFunction):  # type: ignore[misc]
    """A scalar function of each element, printed as a function is: ``sigmoid(X*w)``."""

    precedence = property(lambda self: bind_elementwise(self.args[0], self.args[1:]))

    def __new__(cls, function: sympy.Expr, expr: sympy.Expr) -> ElementwiseApplyFunction:
        made: ElementwiseApplyFunction = MatrixExpr.__new__(cls, function, expr)
        return made

    function = property(lambda self: self.args[0])
    expr = property(lambda self: self.args[1])
    shape = property(lambda self: self.args[1].shape)

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        return self.args[0](element(self.args[1], i, j))

    def _sympystr(self, printer: Printer) -> str:
        return write_elementwise(self.args[0], self.args[1:], printer)


class ElementwiseMap(MatrixFunction):
    """A scalar function of the corresponding elements of several matrices: ``args`` are a Lambda and the matrices."""

    function = property(lambda self: self.args[0])

    @property
    def shape(self) -> tuple[Dim, Dim]:
        rows, columns = self.args[1].shape
        return rows, columns

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        lam = self.args[0]
        values = {x: element(m, i, j) for x, m in zip(lam.variables, self.args[1:])}
        return lam.expr.xreplace(values)

    precedence = property(lambda self: bind_elementwise(self.args[0], self.args[1:]))

    def _sympystr(self, printer: Printer) -> str:
        return write_elementwise(self.args[0], self.args[1:], printer)


class softmax(MatrixFunction):
    """Softmax of a column over its elements, or of each row of a matrix."""

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        return sympy.exp(element(self.args[0], i, j)) / _sum_exponentials(self.args[0], i)


def _sum_exponentials(z: MatrixExpr, i: sympy.Expr) -> sympy.Expr:
    """The sum of the exponentials of a column, or of a row of a matrix."""
    k = sympy.Dummy("k", dummy_index=10_000_007, integer=True)
    rows, columns = z.shape
    column = columns == 1
    term = element(z, k, 0) if column else element(z, i, k)
    return sympy.Sum(sympy.exp(term), (k, 0, (rows if column else columns) - 1))


class logsumexp(sympy.Function):  # type: ignore[misc]
    """The logarithm of the sum of the exponentials of all elements of a matrix."""

    nargs = 1

    @classmethod
    def eval(cls, z: sympy.Expr) -> None:
        return None

    def _eval_rewrite_as_exp(self, z: sympy.Expr, **hints: object) -> sympy.Expr:
        i = sympy.Dummy("i", dummy_index=10_000_009, integer=True)
        j = sympy.Dummy("j", dummy_index=10_000_011, integer=True)
        limits = [(i, 0, z.shape[0] - 1)] + ([(j, 0, z.shape[1] - 1)] if z.shape[1] != 1 else [])
        return sympy.log(sympy.Sum(sympy.exp(element(z, i, j if z.shape[1] != 1 else 0)), *limits))

    def _eval_is_real(self) -> bool:
        return True

    def _eval_is_commutative(self) -> bool:
        """A number, although its argument is a matrix."""
        return True


class logsumexp_rows(MatrixFunction):
    """The logarithm of the sum of exponentials of each row, as a column."""

    @property
    def shape(self) -> tuple[Dim, Dim]:
        return self.args[0].shape[0], sympy.S.One

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        z = self.args[0]
        k = sympy.Dummy("k", dummy_index=10_000_007, integer=True)
        return sympy.log(sympy.Sum(sympy.exp(element(z, i, k)), (k, 0, z.shape[1] - 1)))
