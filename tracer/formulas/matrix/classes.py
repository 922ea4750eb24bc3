"""The classes that formulas are made of where sympy's own would print ambiguously, or do not exist.

Each is a sympy class that any reader of sympy expressions can take apart: by its arguments, by its entries or by
``rewrite``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import product
from math import prod
from operator import mul

import sympy
from sympy.matrices.expressions import applyfunc, diagonal, hadamard, kronecker, matadd, matmul, special
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.printing.precedence import precedence_Mul
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.stringpict import prettyForm
from sympy.printing.printer import Printer

from tracer.formulas.matrix.bodies import MatrixFunction, element, put_values
from tracer.formulas.matrix.elementwise_text import Elementwise, write_power_sign
from tracer.formulas.matrix.known import Kept, Known, as_numbers, is_array
from tracer.formulas.matrix.latex_text import (
    SHORT,
    bracket,
    divide_elements,
    enclose,
    join_summands,
    show_sizes,
    write_call,
    write_exponent,
    write_product,
    write_raised,
    write_scaled,
    write_size,
)
from tracer.formulas.matrix.means import bind_mean, write_mean
from tracer.formulas.matrix.precedences import ATOM, ELEMENTWISE, POWER, PRODUCT, find_binding
from tracer.formulas.matrix.pretty_text import (
    draw_call,
    draw_elementwise,
    draw_negative,
    draw_part,
    draw_product,
    draw_quotient,
    draw_raised,
    draw_ring,
    draw_row,
    draw_sum,
)
from tracer.formulas.matrix.unevaluated import from_parts
from tracer.formulas.matrix.written_parts import split_quotient
from tracer.shapes import Dim


class MatAdd(Known, matadd.MatAdd):  # type: ignore[misc]
    """A sum of matrices, printed in the order it was written in."""

    def write_text(self, printer: Printer) -> str:
        text = ""
        for m in self.args:
            part = printer._print(self._as_number(m))
            text += f" - {part[1:]}" if part.startswith("-") and text else f" + {part}" if text else part
        return text

    def write_latex(self, printer: Printer) -> str:
        return join_summands(
            enclose(text) if isinstance(m, sympy.Add) else text
            for m, text in ((m, str(printer._print(m))) for m in self._list_summands())
        )

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        return draw_sum(
            prettyForm(*form.parens()) if isinstance(m, sympy.Add) else form
            for m, form in ((m, printer._print(m)) for m in self._list_summands())
        )

    def _list_summands(self) -> list[sympy.Expr]:
        """The summands as they are typeset: columns of one number have a sign for the ones."""
        return [m if m.shape[1] == 1 else self._as_number(m) for m in self.args]

    def _as_number(self, m: MatrixExpr) -> sympy.Expr:
        """A summand as it is printed: beside a square matrix a number would be read as one times the identity."""
        return m if m.shape[0] == m.shape[1] else as_number(m)


class ElementSum(MatAdd):
    """A sum of matrices within a function of elements, where a number is added to each: ``M/(D + 1)``."""

    def _as_number(self, m: MatrixExpr) -> sympy.Expr:
        return as_number(m)


def as_elements(m: sympy.Expr) -> sympy.Expr:
    """A matrix as it is printed where nothing but its elements matters."""
    return ElementSum(*m.args, evaluate=False) if isinstance(m, MatAdd) else m


WRITTEN_OUT = 100
"""How many summands an element of a product has at the most where it is no sum over indices."""


def as_number(m: MatrixExpr) -> sympy.Expr:
    """The number that stands for a summand all elements of which are that number."""
    scalars, last = (m.args[:-1], m.args[-1]) if isinstance(m, matmul.MatMul) else ((), m)
    if not isinstance(last, OneMatrix) or any(isinstance(s, MatrixExpr) for s in scalars):
        return m
    return sympy.Mul(*scalars, evaluate=False) if len(scalars) > 1 else scalars[0] if scalars else sympy.S.One


class MatMul(Known, matmul.MatMul):  # type: ignore[misc]
    """A product of scalars and matrices, divisors printed last."""

    def could_extract_minus_sign(self) -> bool:
        """Whether a negative number is in front; sympy would evaluate the whole product to find out."""
        front = self.args[0]
        return bool(not is_array(front) and front.as_coeff_Mul()[0].is_negative)

    @property
    def precedence(self) -> int:
        """How tightly the text binds, for sympy's printers."""
        return bind_mean(self) or int(precedence_Mul(self))

    def write_text(self, printer: Printer) -> str:
        mean = write_mean(self, printer)
        if mean is not None:
            return mean
        scalars, chain = self._split()
        negative, over, under = split_quotient(scalars)
        above = [printer.parenthesize(f, PRODUCT) for f in over]
        below = [printer.parenthesize(f, POWER, strict=True) for f in under]
        if len(chain) == 1 and is_divisor(chain[0]):
            below.append(printer.parenthesize(invert(chain[0]), PRODUCT))
        else:
            bare = len(chain) == 1 and not below and (not above or is_quotient(chain[0]))
            above += [printer.parenthesize(m, PRODUCT, strict=bare) for m in chain]
        divisor = f"({'*'.join(below)})" if len(below) > 1 else "".join(below)
        return ("-" if negative else "") + ("*".join(above) or "1") + (f"/{divisor}" if divisor else "")

    def work_out(self, args: Sequence[sympy.Basic]) -> sympy.Expr:
        return reduce(mul, args)

    def _eval_evalf(self, prec: int) -> sympy.Expr:
        return from_parts(MatMul, [a._evalf(prec) if a.is_number else as_numbers(a, prec) for a in self.args])

    def _entry(self, i: sympy.Expr, j: sympy.Expr, expand: bool = True, **hints: object) -> sympy.Expr:
        """An element, written out where few are summed."""
        scalars, chain = self._split()
        sizes = [m.shape[1] for m in chain[:-1]]
        if not all(isinstance(d, (int, sympy.Integer)) for d in sizes) or prod(map(int, sizes)) > WRITTEN_OUT:
            return super()._entry(i, j, expand=False, **hints)
        inner = product(*(map(sympy.Integer, range(d)) for d in sizes))
        return sympy.Mul(*scalars) * sympy.Add(*(sympy.Mul(*map(element, chain, (i, *at), (*at, j))) for at in inner))

    def _split(self) -> tuple[list[sympy.Expr], list[MatrixExpr]]:
        """The numbers in front, and the matrices."""
        return [f for f in self.args if not is_array(f)], [f for f in self.args if is_array(f)]

    @property
    def typeset_precedence(self) -> int:
        """How tightly LaTeX and pictures bind."""
        _, chain = self._split()
        return ELEMENTWISE if len(chain) == 1 and is_elementwise(chain[0]) else PRODUCT

    def write_latex(self, printer: Printer) -> str:
        scalars, chain = self._split()
        if len(chain) == 1 and is_divisor(chain[0]):
            sign, front = write_product(printer, scalars, followed=True)
            return rf"{sign}{front} \oslash {bracket(printer, invert(chain[0]), PRODUCT + 1)}"
        level = ELEMENTWISE if len(chain) == 1 and is_elementwise(chain[0]) else PRODUCT
        return "".join(write_scaled(printer, scalars, [bracket(printer, m, level) for m in chain]))

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        scalars, chain = self._split()
        negative, over, under = split_quotient(scalars)
        many = len(over) + len(chain) > 1
        above = [draw_part(printer, f, PRODUCT) if many else printer._print(f) for f in over]
        below = [draw_part(printer, f, PRODUCT) if len(under) > 1 else printer._print(f) for f in under]
        if len(chain) == 1 and is_divisor(chain[0]):
            made = draw_quotient(printer, above, [*below, printer._print(invert(chain[0]))])
        else:
            short = bool(below and not above) and len(str(self)) <= SHORT
            product = isinstance(chain[0], HadamardProduct) and (is_quotient(chain[0]) or not (above or below))
            bare = len(chain) == 1 and (short or product)
            rest = [printer._print(m) if bare else draw_part(printer, m, PRODUCT) for m in chain]
            front = [draw_quotient(printer, above, below)] if above or below else []
            made = draw_quotient(printer, rest, below) if short else draw_product([*front, *rest])
        return draw_negative(made) if negative else made


class HadamardProduct(Known, hadamard.HadamardProduct):  # type: ignore[misc]
    """The elementwise product of matrices, printed ``A o B``, with a quotient ``A/B`` where powers are negative."""

    precedence = PRODUCT
    typeset_precedence = ELEMENTWISE

    def write_text(self, printer: Printer) -> str:
        over, under = self._split()
        text = " o ".join(printer.parenthesize(m, PRODUCT) for m in over) or "1"
        text = f"({text})" if under and len(over) > 1 else text
        divisor = " o ".join(printer.parenthesize(m, PRODUCT) for m in under)
        return text + (f"/({divisor})" if len(under) > 1 else f"/{divisor}" if under else "")

    def _split(self) -> tuple[list[sympy.Expr], list[sympy.Expr]]:
        """The factors, and what divides them."""
        over, under = [m for m in self.args if not is_divisor(m)], [invert(m) for m in self.args if is_divisor(m)]
        return [*map(as_elements, over)], [*map(as_elements, under)]

    def write_latex(self, printer: Printer) -> str:
        over, under = ([bracket(printer, m, PRODUCT + 1) for m in part] for part in self._split())
        return divide_elements(r" \odot ".join(over) or "1", under)

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        over, under = self._split()
        alone = len(over) == 1 and not under
        above = [draw_elementwise(printer, [draw_part(printer, m, PRODUCT + 1) for m in over])] if over else []
        if not under:
            return printer._print(over[0]) if alone else above[0]
        parts = [draw_part(printer, m, PRODUCT + 1) if len(under) > 1 else printer._print(m) for m in under]
        return draw_quotient(printer, above, [draw_elementwise(printer, parts)])


class HadamardPower(Known, hadamard.HadamardPower):  # type: ignore[misc]
    """The elementwise power of a matrix, printed ``A^o2``, or of a column, printed ``x**2``."""

    def __new__(cls, base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
        return base if exponent == 1 else hadamard.HadamardPower.__new__(cls, base, exponent)

    @property
    def precedence(self) -> int:
        """How tightly the text binds, for sympy's printers."""
        return PRODUCT if is_divisor(self) else ATOM if self.args[1] == sympy.Rational(1, 2) else POWER

    def _split(self) -> tuple[sympy.Expr, sympy.Expr]:
        """The base as it is printed, and the exponent."""
        return as_elements(self.args[0]), self.args[1]

    def write_text(self, printer: Printer) -> str:
        base, exponent = self._split()
        if is_divisor(self):
            return f"1/{printer.parenthesize(HadamardPower(base, -exponent), PRODUCT)}"
        if exponent == sympy.Rational(1, 2):
            return f"sqrt({printer._print(base)})"
        return f"{printer.parenthesize(base, POWER)}{write_power_sign(base)}{printer.parenthesize(exponent, POWER)}"

    @property
    def typeset_precedence(self) -> int:
        """How tightly LaTeX and pictures bind."""
        return ELEMENTWISE if is_divisor(self) else ATOM if self.args[1] == sympy.Rational(1, 2) else POWER

    def write_latex(self, printer: Printer) -> str:
        base, exponent = self._split()
        if is_divisor(self):
            return rf"1 \oslash {bracket(printer, invert(self), PRODUCT + 1)}"
        if exponent == sympy.Rational(1, 2):
            return rf"\sqrt{{{printer._print(base)}}}"
        return write_raised(printer, base, write_exponent(printer, exponent, r"\odot "))

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        base, exponent = self._split()
        if is_divisor(self):
            return draw_quotient(printer, [], [printer._print(invert(self))])
        if exponent == sympy.Rational(1, 2):
            return printer._print_nth_root(base, sympy.Integer(2))
        return draw_raised(printer, base, prettyForm(*draw_part(printer, exponent, PRODUCT).left(draw_ring(printer))))


def invert(m: sympy.Expr) -> sympy.Expr:
    """What a factor below the line is there."""
    if isinstance(m, HadamardProduct):
        return HadamardProduct(*map(invert, m.args), evaluate=False)
    return HadamardPower(as_elements(m.args[0]), -m.args[1])


def is_quotient(m: sympy.Expr) -> bool:
    """Whether a matrix is a product of elements that is divided by some."""
    return isinstance(m, HadamardProduct) and len({is_divisor(f) for f in m.args}) == 2


def is_elementwise(m: sympy.Expr) -> bool:
    """Whether the signs of a matrix multiply or divide element by element."""
    return isinstance(m, (HadamardProduct, HadamardPower, Elementwise)) and find_binding(m) == ELEMENTWISE


def is_divisor(m: sympy.Expr) -> bool:
    """Whether a factor of an elementwise product is written below the line, as are products of such ones alone."""
    if isinstance(m, HadamardProduct):
        return all(map(is_divisor, m.args))
    return isinstance(m, HadamardPower) and bool(m.args[1].is_Rational and m.args[1].is_negative)


class KroneckerProduct(Known, kronecker.KroneckerProduct):  # type: ignore[misc]
    """The Kronecker product of matrices."""

    precedence = ATOM

    def write_text(self, printer: Printer) -> str:
        return f"kron({', '.join(map(printer._print, self.args))})"

    typeset_precedence = ELEMENTWISE

    def write_latex(self, printer: Printer) -> str:
        sized = show_sizes(printer)
        return r" \otimes ".join(bracket(sized, m, PRODUCT + 1) for m in self.args)

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        if not printer._use_unicode:
            return draw_call(printer, "kron", self.args)
        return draw_row([draw_part(printer, m, PRODUCT + 1) for m in self.args], " ⊗ ", prettyForm.ADD)


class OneMatrix(Kept, special.OneMatrix):  # type: ignore[misc]
    """A matrix of ones, printed with its shape."""

    def write_text(self, printer: Printer) -> str:
        return f"ones({printer._print(self.shape[0])}, {printer._print(self.shape[1])})"

    def doit(self, **hints: object) -> OneMatrix:
        return OneMatrix(*(d.doit(**hints) for d in self.args))

    def _eval_transpose(self) -> OneMatrix:
        return OneMatrix(*self.shape[::-1])

    @property
    def typeset_precedence(self) -> int:
        """How tightly LaTeX and pictures bind."""
        return POWER if 1 in self.shape else PRODUCT

    def write_latex(self, printer: Printer) -> str:
        """A vector; what has rows and columns is a product of two."""
        column, row = (write_size(printer, r"\mathbf{1}", d) for d in self.shape)
        row += r"^{\top}"
        return column if self.shape[1] == 1 else row if self.shape[0] == 1 else f"{column} {row}"

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        if not printer._use_unicode:
            return prettyForm(str(self))
        column, row = prettyForm("𝟙"), prettyForm("𝟙") ** prettyForm("T")
        return column if self.shape[1] == 1 else row if self.shape[0] == 1 else draw_product([column, row])


class Identity(Kept, special.Identity):  # type: ignore[misc]
    """The identity matrix, printed with its size."""

    def write_text(self, printer: Printer) -> str:
        return f"eye({printer._print(self.shape[0])})"

    def write_latex(self, printer: Printer) -> str:
        return write_size(printer, "I", self.shape[0])

    def typeset(self, printer: Printer, at: Sequence[str]) -> str:
        """Kronecker's delta, which its elements are."""
        return rf"\delta_{{{','.join(at)}}}"

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        return prettyForm("𝕀" if printer._use_unicode else "I")


class DiagMatrix(Known, diagonal.DiagMatrix):  # type: ignore[misc]
    """The diagonal matrix of a vector."""

    @classmethod
    def from_parts(cls, args: Sequence[sympy.Basic]) -> sympy.Expr:
        """The diagonal matrix of a vector, left as it is."""
        return cls(*args)

    shape = property(lambda self: (sympy.sympify(self.args[0].shape[0]),) * 2)

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        return element(self.args[0], i, 0) * sympy.KroneckerDelta(i, j)

    def write_text(self, printer: Printer) -> str:
        return f"diag({printer._print(self.args[0])})"

    def write_latex(self, printer: Printer) -> str:
        return write_call("diag", [printer._print(self.args[0])])

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        return draw_call(printer, "diag", self.args)


class DiagonalOf(Known, diagonal.DiagonalOf):  # type: ignore[misc]
    """The diagonal of a matrix, as a column."""

    @property
    def shape(self) -> tuple[Dim, Dim]:
        return sympy.Min(*self.args[0].shape), sympy.S.One

    def write_text(self, printer: Printer) -> str:
        return f"diag_part({printer._print(self.args[0])})"

    def write_latex(self, printer: Printer) -> str:
        return write_call("diag", [printer._print(self.args[0])])

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        return draw_call(printer, "diag_part", self.args)

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        return element(self.args[0], i, i)


class ElementwiseApplyFunction(Elementwise, Known, applyfunc.ElementwiseApplyFunction):  # type: ignore[misc]
    """A scalar function of each element, printed as a function is: ``sigmoid(X*w)``."""

    def __new__(cls, function: sympy.Expr, expr: sympy.Expr) -> ElementwiseApplyFunction:
        made: ElementwiseApplyFunction = MatrixExpr.__new__(cls, function, expr)
        return made

    operands = property(lambda self: [*map(as_elements, self.args[1:])])
    function = property(lambda self: self.args[0])
    expr = property(lambda self: self.args[1])
    shape = property(lambda self: self.args[1].shape)

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        return self.args[0](element(self.args[1], i, j))


class ElementwiseMap(Elementwise, MatrixFunction):
    """A scalar function of the corresponding elements of several matrices: ``args`` are a Lambda and the matrices."""

    operands = property(lambda self: [*map(as_elements, self.args[1:])])
    function = property(lambda self: self.args[0])

    @property
    def shape(self) -> tuple[Dim, Dim]:
        rows, columns = self.args[1].shape
        return rows, columns

    def _entry(self, i: sympy.Expr, j: sympy.Expr, **hints: object) -> sympy.Expr:
        lam = self.args[0]
        values = {x: element(m, i, j) for x, m in zip(lam.variables, self.args[1:])}
        return put_values(lam.expr, values)
