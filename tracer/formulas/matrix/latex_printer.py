"""LaTeX as a textbook sets it: for sympy's own classes, and for functions of the elements of matrices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cache

import sympy
from sympy.core.symbol import Str
from sympy.matrices.expressions import Inverse
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import precedence_traditional
from sympy.printing.printer import Printer

from tracer.formulas.matrix.formula_printer import FormulaPrinter
from tracer.formulas.matrix.index_latex import list_names, show_limits, typeset_element
from tracer.formulas.matrix.latex_text import (
    bracket,
    delimit,
    divide_elements,
    enclose,
    is_tall,
    join_summands,
    raise_call,
    separate,
    spell_name,
    write_call,
    write_exponent,
    write_product,
    write_raised,
    write_subscript,
)
from tracer.formulas.matrix.precedences import ATOM, ELEMENTWISE, POWER, PRODUCT, SUM, find_binding
from tracer.formulas.matrix.written_parts import divides, has_any, is_truth_value, split_clip, split_quotient
from tracer.scalar import Named
from tracer.series import ExprWithLimits

KNOWN = {"exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh"}
"""Functions that LaTeX has a name for."""
SIGNS = sympy.Abs, sympy.floor, sympy.ceiling
"""Functions that are written by signs."""


def name_function(func: type[sympy.Function]) -> str:
    """The name of a function of numbers."""
    name = func.__name__
    if issubclass(func, Named) and func.latex:
        return str(func.latex)
    if name in ("Max", "Min"):
        return rf"\{name.lower()}"
    return rf"\{name}" if name in KNOWN else name


def calls_nothing_e(*formulas: sympy.Basic) -> bool:
    """Whether no symbol of some formulas is called e, so that the letter can be the base of exponentials."""
    return all(str(s) != "e" for e in formulas for s in e.free_symbols)


class Latex(FormulaPrinter, LatexPrinter):  # type: ignore[misc]
    """sympy's printer with a textbook's notation.

    Parameters
    ----------
    euler : bool
        Whether e stands for the base of exponentials, since nothing else is called so.
    bold : bool
        Whether the names of vectors and matrices are bold.
    """

    method = "write_latex"

    def __init__(self, euler: bool = True, bold: bool = False) -> None:
        super().__init__({"mat_symbol_style": "bold" if bold else "plain"})
        self.euler = euler
        self.names_of_whole: Callable[[], Set[str]] = frozenset

    def doprint(self, expr: sympy.Basic) -> str:
        return str(super(Latex, self.avoid_names(expr)).doprint(expr))

    def avoid_names(self, whole: sympy.Basic) -> Latex:
        """This printer, by which no new index is called as something in an expression."""
        self.names_of_whole = cache(lambda: list_names(whole))
        return self

    def _deal_with_super_sub(self, string: str, style: str = "plain") -> str:
        """A name as the name that it is: sympy reads powers, bars and subscripts into some."""
        return spell_name(string, style == "bold")

    def _add_parens(self, s: str) -> str:
        return enclose(s)

    def _print_Add(self, e: sympy.Expr, order: sympy.Expr | None = None) -> str:
        """What has a minus stands last; its text begins with it, while sympy looks for it among factors."""
        terms = [(a, str(self._print(a))) for a in self._as_ordered_terms(e, order=order)]
        terms.sort(key=lambda row: row[1].startswith("-"))
        return join_summands(enclose(text) if self._needs_add_brackets(a) else text for a, text in terms)

    def _print_Mul(self, e: sympy.Expr) -> str:
        return "".join(write_product(self, e.as_ordered_factors()))

    def _print_Pow(self, e: sympy.Expr) -> str:
        if divides(e):
            return "".join(write_product(self, [e]))
        if e.exp.is_Rational and e.exp.p == 1:
            return str(super()._print_Pow(e))
        return self._write_power(e)

    def _write_power(self, e: sympy.Expr, sign: str = "") -> str:
        """A power, or an elementwise one by its sign."""
        weak = isinstance(e.base, ExprWithLimits) or getattr(e.base, "typeset_precedence", POWER) < POWER
        text = enclose(str(self._print(e.base))) if weak else self.parenthesize(e.base, POWER)
        text = enclose(text) if "^" in text and e.base.is_Function and not text.endswith(")") else text
        return f"{text}^{{{write_exponent(self, e.exp, sign)}}}"

    def _print_Transpose(self, e: sympy.Expr) -> str:
        inner = e.args[0]
        if isinstance(inner, Inverse) and find_binding(inner.args[0]) >= ATOM:
            return write_raised(self, inner.args[0], r"-\top")
        return write_raised(self, inner, r"\top")

    def _print_Inverse(self, e: sympy.Expr) -> str:
        return write_raised(self, e.args[0], "-1")

    def _print_MatPow(self, e: sympy.Expr) -> str:
        return write_raised(self, e.args[0], self._print(e.args[1]))

    def _print_AppliedPredicate(self, e: sympy.Expr) -> str:
        r"""``A \succ 0`` for a matrix that is positive definite."""
        if e.function != sympy.Q.positive_definite:
            return str(super()._print_AppliedPredicate(e))
        return rf"{self.parenthesize(e.arg, SUM)} \succ 0"

    def _print_ZeroMatrix(self, e: sympy.Expr) -> str:
        return r"\mathbf{0}"

    def _print_Trace(self, e: sympy.Expr, exp: str | None = None) -> str:
        return raise_call(write_call("tr", [self._print(e.args[0])]), exp)

    def _print_Determinant(self, e: sympy.Expr, exp: str | None = None) -> str:
        return raise_call(write_call(r"\det", [self._print(e.args[0])]), exp)

    def _print_Indexed(self, e: sympy.Expr) -> str:
        return write_subscript(self._print(e.base), ",".join(map(self._print, e.indices)))

    def _print_ArrayElement(self, e: sympy.Expr) -> str:
        """An element of an array: new indices in it are called otherwise than all that the formula has."""
        return typeset_element(show_limits(self), e.name, [str(self._print(k)) for k in e.indices])

    def _print_Float(self, e: sympy.Float) -> str:
        """A decimal, without a factor of one before a power of ten."""
        return str(super()._print_Float(e)).removeprefix(r"1.0 \cdot ")

    def _print_exp(self, e: sympy.Expr, exp: str | None = None) -> str:
        """A power of e, unless something else is called so or the exponent is higher than a line."""
        inner = str(self._print(e.args[0]))
        if self.euler and exp is None and not is_tall(inner):
            return f"e^{{{inner}}}"
        return raise_call(write_call(r"\exp", [inner]), exp)

    def _print_Exp1(self, e: sympy.Expr) -> str:
        return "e" if self.euler else r"\exp(1)"

    def _print_Sum(self, e: sympy.Expr) -> str:
        """A sum with its body in parentheses where it has a sign or is a sum."""
        ranges = [[self._print(part) for part in row] for row in order_limits(e.limits)]
        if len(ranges) == 1:
            head = r"\sum_{{{}={}}}^{{{}}}".format(*ranges[0])
        else:
            rows = [rf"{low} \leq {k} \leq {high}" for k, low, high in ranges]
            head = r"\sum_{\substack{" + r"\\".join(rows) + "}}"
        return f"{head} {bracket(self, e.function, PRODUCT)}"

    def _print_Mod(self, e: sympy.Expr, exp: str | None = None) -> str:
        left, right = self.parenthesize(e.args[0], PRODUCT), self.parenthesize(e.args[1], PRODUCT + 1)
        text = rf"{left} \bmod {right}"
        return text if exp is None else raise_call(enclose(text), exp)

    def _print_Piecewise(self, e: sympy.Expr, exp: str | None = None) -> str:
        """Cases; a choice of one and zero is the truth value ``[c]``."""
        if is_truth_value(e):
            return raise_call(delimit(str(self._print(e.args[0][1])), "[", "]"), exp)
        rows = [
            rf"{self._print(value)} & "
            + (r"\text{otherwise}" if test == sympy.true else rf"\text{{if }} {self._print(test)}")
            for value, test in e.args
        ]
        text = r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"
        return text if exp is None else raise_call(enclose(text), exp)

    def _print_Function(self, e: sympy.Expr, exp: str | None = None) -> str:
        return raise_call(write_call(name_function(type(e)), map(self._print, e.args)), exp)

    _print_log = _print_Max = _print_Function

    def _print_Min(self, e: sympy.Expr, exp: str | None = None) -> str:
        found = split_clip(e, self._varies)
        return raise_call(write_call("clip" if found else r"\min", map(self._print, found or e.args)), exp)

    def _print_Abs(self, e: sympy.Expr, exp: str | None = None) -> str:
        return raise_call(delimit(str(self._print(e.args[0])), r"\lvert", r"\rvert"), exp)

    def _print_polygamma(self, e: sympy.Expr, exp: str | None = None) -> str:
        order, x = e.args
        name = r"\psi" if order == 0 else rf"\psi^{{({self._print(order)})}}"
        return raise_call(write_call(name, [self._print(x)]), exp)

    def _print_Str(self, e: Str) -> str:
        return rf"\text{{{e}}}"

    def _needs_add_brackets(self, e: sympy.Basic) -> bool:
        """Whether a summand is in brackets; a rest among the factors of one has its own."""
        return bool(e.is_Relational or e.is_Add or isinstance(e, sympy.Mod))

    def _needs_mul_brackets(self, e: sympy.Basic, first: bool = False, last: bool = False) -> bool:
        return find_binding(e) < PRODUCT or bool(super()._needs_mul_brackets(e, first=first, last=last))


class ElementwiseLatex(Latex):
    """Scalar expressions with the LaTeX of matrices in the places of symbols.

    Parameters
    ----------
    outer : Printer
        What the matrices, and all names, are printed by.
    operands : mapping
        The matrices by their symbols.
    """

    def __init__(self, outer: Printer, operands: Mapping[sympy.Symbol, sympy.Expr]) -> None:
        super().__init__(getattr(outer, "euler", True))
        self.outer = outer
        self.operands = operands

    def _print_Symbol(self, e: sympy.Symbol, style: str = "plain") -> str:
        return str(self.outer._print(self.operands.get(e, e)))

    _print_Dummy = _print_MatrixSymbol = _print_Symbol

    def _varies(self, e: sympy.Basic) -> bool:
        """Whether an expression has a value for each element of the matrices."""
        return has_any(e, self.operands)

    def parenthesize(self, item: sympy.Basic, level: int, is_neg: bool = False, strict: bool = False) -> str:
        if item in self.operands:
            own = find_binding(self.operands[item])
            text = self._print(item)
            return enclose(text) if own < level or (own == level and not strict) else text
        return str(super().parenthesize(item, level, is_neg=is_neg, strict=strict))

    def _needs_mul_brackets(self, e: sympy.Basic, first: bool = False, last: bool = False) -> bool:
        if e in self.operands:
            return bool(find_binding(self.operands[e]) < PRODUCT)
        return super()._needs_mul_brackets(e, first=first, last=last)

    def _print_Mul(self, e: sympy.Expr) -> str:
        """What does not differ from element to element in front of the product and the quotient of what does."""
        if not self._varies(e):
            return super()._print_Mul(e)
        negative, over, under = split_quotient(e.as_ordered_factors())
        arrays, divisors = ([f for f in part if self._varies(f)] for part in (over, under))
        front = [f for f in over if not self._varies(f)]
        front += [sympy.Pow(f, -1, evaluate=False) for f in under if not self._varies(f)]
        many = len(arrays) + len(divisors) > 1 or not arrays
        _, text = write_product(self, front, followed=True)
        if arrays:
            level = PRODUCT if many else PRODUCT - 1
            product = r" \odot ".join(self.parenthesize(f, level) for f in arrays)
            text = product if text == "1" else " ".join(separate([text, product]))
        return ("-" if negative else "") + divide_elements(text, [self.parenthesize(f, PRODUCT) for f in divisors])

    def _print_Pow(self, e: sympy.Expr) -> str:
        if not self._varies(e):
            return super()._print_Pow(e)
        if divides(e):
            return self._print_Mul(e)
        if e.exp == sympy.Rational(1, 2):
            return rf"\sqrt{{{self._print(e.base)}}}"
        return self._write_power(e, r"\odot ")

    def _print_exp(self, e: sympy.Expr, exp: str | None = None) -> str:
        if not self._varies(e):
            return super()._print_exp(e, exp)
        return raise_call(write_call(r"\exp", [self._print(e.args[0])]), exp)


def write_elementwise_latex(function: sympy.Lambda, operands: Sequence[sympy.Expr], printer: Printer) -> str:
    r"""A function of elements in LaTeX, with matrices in the places of its variables.

    Examples
    --------
    >>> x, y = sympy.symbols("x y", real=True)
    >>> A, B = (sympy.MatrixSymbol(name, 2, 3) for name in "AB")
    >>> print(write_elementwise_latex(sympy.Lambda((x, y), 2 * x / sympy.exp(y)), [A, B], Latex()))
    2 A \odot \exp(-B)
    """
    return str(ElementwiseLatex(printer, dict(zip(function.variables, operands))).doprint(function.expr))


def bind_elementwise_latex(function: sympy.Lambda, operands: Sequence[sympy.Expr]) -> int:
    """How tightly that text binds."""
    body = function.expr
    if body in function.variables:
        return int(find_binding(operands[function.variables.index(body)]))
    if body.is_Piecewise:
        return ATOM if is_truth_value(body) else ELEMENTWISE
    if isinstance(body, sympy.Function):
        return ATOM
    if body.is_Pow:
        return int(ELEMENTWISE if divides(body) else ATOM if body.exp == sympy.Rational(1, 2) else POWER)
    if body.is_Mul:
        arrays = [f for f in body.args if has_any(f, set(function.variables))]
        return int(PRODUCT if len(arrays) == 1 and not divides(arrays[0]) else ELEMENTWISE)
    return int(precedence_traditional(body))


def order_limits(limits: Iterable[sympy.Tuple]) -> list[sympy.Tuple]:
    """Limits of a sum as they are read, each after those of the indices that bound it; else as they were.

    Examples
    --------
    >>> i, j, n = sympy.symbols("i j n")
    >>> order_limits([sympy.Tuple(i, 0, j), sympy.Tuple(j, 0, n)])
    [(j, 0, n), (i, 0, j)]
    """
    left, ordered = list(limits), []
    while left:
        waiting = {row[0] for row in left}
        free = (row for row in left if waiting.isdisjoint(sympy.Tuple(*row[1:]).free_symbols))
        left.remove(chosen := next(free, left[0]))
        ordered.append(chosen)
    return ordered
