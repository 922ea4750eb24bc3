"""Numbers that are made of the elements of a matrix, as a person writes them: ``sum(x)``, ``mean(x)``, ``norm(x)``."""

from __future__ import annotations

import re
from typing import ClassVar

import sympy
from sympy.matrices import MatrixBase
from sympy.matrices.expressions import MatMul, MatrixSymbol, Trace, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.stringpict import prettyForm, stringPict
from sympy.printing.printer import Printer

from tracer.formulas.matrix.bodies import MatrixElement, element
from tracer.formulas.matrix.extremes import MaxOver, MinOver
from tracer.formulas.matrix.known import Kept
from tracer.formulas.matrix.latex_text import bracket, delimit, enclose, raise_call, write_call
from tracer.formulas.matrix.precedences import PRODUCT
from tracer.formulas.matrix.pretty_text import draw_call
from tracer.series import ExprWithLimits

_LETTER = re.compile(r"\\?[A-Za-z]+|\\[a-z]+\{\\?[A-Za-z]+\}")
"""The LaTeX of a name without a subscript."""


class Reduction(Kept, sympy.Function):  # type: ignore[misc]
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

    def write_text(self, printer: Printer) -> str:
        return f"{self.label}({printer._print(self.args[0])})"

    def write_latex(self, printer: Printer, exp: str | None = None) -> str:
        name = rf"\{self.label}" if self.label in ("max", "min") else self.label
        return raise_call(write_call(name, [printer._print(self.args[0])]), exp)

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        return draw_call(printer, self.label, self.args)


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
    typeset_precedence = PRODUCT

    def doit(self, **hints: object) -> sympy.Expr:
        m = self.args[0].doit(**hints)
        return sympy.Add(*m) if isinstance(m, MatrixBase) else sum_over(m)

    def write_latex(self, printer: Printer, exp: str | None = None) -> str:
        """A product with ones."""
        m = self.args[0]
        text = rf"\mathbf{{1}}^{{\top}} {bracket(printer, m, PRODUCT)}" + ("" if m.shape[1] == 1 else r" \mathbf{1}")
        return text if exp is None else raise_call(enclose(text), exp)


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

    def write_latex(self, printer: Printer, exp: str | None = None) -> str:
        """A bar over the letter of a column."""
        m = self.args[0]
        text = str(printer._print(m))
        barred = isinstance(m, MatrixSymbol) and m.shape[1] == 1 and _LETTER.fullmatch(text)
        return raise_call(rf"\bar{{{text}}}" if barred else write_call("mean", [text]), exp)


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

    def write_latex(self, printer: Printer, exp: str | None = None) -> str:
        kind = "" if self.args[0].shape[1] == 1 else "_F"
        return raise_call(delimit(str(printer._print(self.args[0])), r"\lVert", r"\rVert") + kind, exp)

    def draw(self, printer: PrettyPrinter) -> prettyForm:
        form = printer._print(self.args[0])
        bar = stringPict("\n".join(["‖" if printer._use_unicode else "||"] * form.height()), form.baseline)
        return prettyForm(*stringPict.next(bar, form, bar), binding=prettyForm.ATOM)


class logsumexp(Reduction):
    """The logarithm of the sum of the exponentials of all elements.

    Examples
    --------
    >>> logsumexp(sympy.Matrix([0, 0])).doit()
    log(2)
    """

    label = "logsumexp"

    def doit(self, **hints: object) -> sympy.Expr:
        m = self.args[0].doit(**hints)
        exponentials = m.applyfunc(sympy.exp) if isinstance(m, MatrixBase) else None
        return sympy.log(_sum_exponentials(m) if exponentials is None else sympy.Add(*exponentials))

    def _eval_rewrite_as_exp(self, m: sympy.Expr, **hints: object) -> sympy.Expr:
        return sympy.log(_sum_exponentials(m))


class OverElements(Reduction):
    """What a class of expressions over indices makes of all elements."""

    series: ClassVar[type[ExprWithLimits]]

    def doit(self, **hints: object) -> sympy.Expr:
        m = self.args[0].doit(**hints)
        i, j = INDICES
        rows, columns = m.shape
        limits = sympy.Tuple(i, 0, rows - 1), sympy.Tuple(j, 0, columns - 1)
        made = ExprWithLimits.__new__(self.series, element(m, i, j), *limits)
        return made.doit() if isinstance(m, MatrixBase) else made


class greatest(OverElements):
    """The greatest of all elements."""

    label, series = "max", MaxOver


class least(OverElements):
    """The least of all elements."""

    label, series = "min", MinOver


class product(OverElements):
    """The product of all elements."""

    label, series = "prod", sympy.Product


INDICES = (
    sympy.Dummy("i", dummy_index=10_000_009, integer=True),
    sympy.Dummy("j", dummy_index=10_000_011, integer=True),
)
"""The indices of rows and columns, that no source can be called by."""


def _sum_exponentials(m: MatrixExpr) -> sympy.Expr:
    """The sum of the exponentials of the elements."""
    i, j = INDICES
    rows, columns = m.shape
    limits = [(i, 0, rows - 1)] if columns == 1 else [(i, 0, rows - 1), (j, 0, columns - 1)]
    return sympy.Sum(sympy.exp(element(m, i, 0 if columns == 1 else j)), *limits)


def sum_over(m: MatrixExpr, power: int = 1) -> sympy.Expr:
    """The sum of powers of the elements over rows and columns."""
    i, j = INDICES
    rows, columns = m.shape
    limits = [(i, 0, rows - 1)] if columns == 1 else [(j, 0, columns - 1), (i, 0, rows - 1)]
    return sympy.Sum(element(m, i, 0 if columns == 1 else j) ** power, *limits)


def find_root(square: sympy.Expr) -> MatrixExpr | None:
    """The matrix whose norm a number is the square of: x of ``x.T*x``, A*B of ``Trace(B.T*A.T*A*B)``; else None."""
    if not isinstance(square, (MatrixElement, Trace)) or not isinstance(square.args[0], MatMul):
        return None
    factors = [x for f in square.args[0].args for x in _open_transpose(f)]
    half, rest = divmod(len(factors), 2)
    turns = 0 if rest else half if isinstance(square, Trace) else 1
    for turn in range(turns):
        turned = [*factors[turn:], *factors[:turn]]
        pairs = zip(reversed(turned[:half]), turned[half:], strict=True)
        if all(a == Transpose(b) or b == Transpose(a) for a, b in pairs):
            if half == 1:  # A row is as long as a column.
                return turned[half].arg if isinstance(turned[half], Transpose) else turned[half]
            return square.args[0].func(*turned[half:], evaluate=False)
    return None


def _open_transpose(m: MatrixExpr) -> list[MatrixExpr]:
    """The factors of the transpose of a product: ``(A*x).T -> x.T, A.T``; of anything else, itself."""
    if isinstance(m, Transpose) and isinstance(m.arg, MatMul):
        return [f.arg if isinstance(f, Transpose) else Transpose(f) for f in reversed(m.arg.args)]
    return [m]
