"""Formulas in LaTeX, in the notation of a textbook."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping, Sequence, Set

import sympy
from sympy.core.symbol import Str
from sympy.matrices.expressions import KroneckerProduct, MatrixSymbol
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE, precedence_traditional

from tracer.formulas.budget import PRINTED
from tracer.formulas.counting import count_written
from tracer.formulas.errors import FormulaError
from tracer.formulas.lowering.lower import Lowered
from tracer.formulas.matrix import classes as N
from tracer.formulas.matrix.array_classes import ForEach
from tracer.formulas.matrix.bodies import ARRAYS, ATOM
from tracer.formulas.matrix.elementwise_text import divides
from tracer.formulas.matrix.function_classes import band_part
from tracer.formulas.matrix.slices import Concatenation
from tracer.formulas.matrix.writer import write_matrix
from tracer.formulas.notations.index import einstein
from tracer.rules import TABLE
from tracer.scalar import Named
from tracer.terms.normalise import Normaliser
from tracer.terms.record import Term

PRODUCT = PRECEDENCE["Mul"]


def latex(program: Lowered) -> list[str]:
    """The closed forms of a program in LaTeX, in the notation of a textbook."""
    return [_write_latex(term, program.normaliser, program.names) for term in program.terms]


def _write_latex(term: Term, n: Normaliser, taken: Set[str]) -> str:
    """A term in LaTeX: in matrix notation where that has a place for it and says all, else in index notation."""
    try:
        made = write_matrix(term, n)
    except FormulaError:
        made = None
    if made is None or not _says_all(made):
        made = einstein(term, n, taken)
    n.spend(PRINTED * count_written(made, lambda part: 1, n.budget))
    return str(Latex(euler=not any(str(s) == "e" for s in made.free_symbols)).doprint(made))


def _says_all(made: sympy.Expr) -> bool:
    """Whether matrix notation has signs for all of a formula in LaTeX."""
    arrays = made.has(*ARRAYS) and not isinstance(made, ForEach)
    return not arrays and not any(map(_depends_on_size, made.atoms(*SIZED)))


SIZED = band_part, Concatenation, KroneckerProduct


def _depends_on_size(m: sympy.Expr) -> bool:
    """Whether it matters how many ones a matrix is made of, which their sign does not say; an index does."""
    return any(isinstance(f, (N.OneMatrix, N.Identity)) for a in m.args for f in (a, *a.args))


GREEK = {
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu",
    "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta",
    "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
}  # fmt: skip
_NUMBERED = re.compile(r"([A-Za-z]+?)([0-9]+)\Z")


def spell_name(name: str) -> str:
    """The LaTeX of a name, another for every name: Greek letters, a number as a subscript, else what is written.

    Examples
    --------
    >>> print(spell_name("theta"), spell_name("w2"), spell_name("xbar"))
    \\theta w_{2} xbar
    >>> print(spell_name("x__2"))
    \\mathrm{x\\_\\_2}
    """
    if not name.isidentifier():
        return name  # LaTeX already
    numbered = _NUMBERED.match(name)
    stem, number = numbered.groups() if numbered else (name, "")
    if not stem.isascii() or not stem.isalpha():
        return rf"\mathrm{{{name}}}".replace("_", r"\_")
    letters = rf"\{stem}" if stem in GREEK else stem
    return f"{letters}_{{{number}}}" if number else letters


class Latex(LatexPrinter):  # type: ignore[misc]
    """sympy's printer with a textbook's notation for matrices."""

    def __init__(self, euler: bool = True) -> None:
        super().__init__({"mul_symbol": None})
        self.euler = euler
        self.operands: Mapping[sympy.Symbol, tuple[str, int]] = {}

    def _deal_with_super_sub(self, string: str, style: str = "plain") -> str:
        """A name as the name that it is: sympy reads powers, bars and subscripts into some."""
        text = spell_name(string)
        return rf"\mathbf{{{text}}}" if style == "bold" else text

    def _bracket(self, e: sympy.Expr, level: int) -> str:
        """A part, in parentheses where its operator binds less than the level, or it begins with a sign."""
        text = self._print(e)
        if isinstance(e, (N.HadamardProduct, N.HadamardPower, KroneckerProduct)):
            weak = not isinstance(e, N.HadamardPower)
        elif isinstance(e, N.OneMatrix):
            weak = level > PRODUCT and 1 not in e.shape
        else:
            weak = precedence_traditional(e) < level or text.startswith("-")
        return rf"\left({text}\right)" if weak else text

    def parenthesize(self, item: sympy.Basic, level: int, is_neg: bool = False, strict: bool = False) -> str:
        """Quadratic forms are products, although sympy takes them for elements."""
        if item in self.operands:
            text, own = self.operands[item]
            return rf"\left({text}\right)" if own < level or (own == level and not strict) else text
        if isinstance(item, MatrixElement) and tuple(item.args[0].shape) == (1, 1) and level > PRODUCT:
            return rf"\left({self._print(item)}\right)"
        return str(super().parenthesize(item, level, is_neg=is_neg, strict=strict))

    def _print_MatMul(self, e: sympy.Expr) -> str:
        scalars = [a for a in e.args if not isinstance(a, MatrixExpr)]
        matrices_ = [a for a in e.args if isinstance(a, MatrixExpr)]
        c = sympy.Mul(*scalars)
        sign = ""
        if c.could_extract_minus_sign():
            sign = "-"
            c = -c
        parts = [] if c == 1 else [self._bracket(c, PRODUCT)]
        parts += [self._bracket(m, PRODUCT + 1 if isinstance(m, N.HadamardProduct) else PRODUCT) for m in matrices_]
        return sign + " ".join(parts)

    def _print_MatAdd(self, e: sympy.Expr) -> str:
        return _join_summands(
            rf"\left({self._print(m)}\right)" if isinstance(m, (sympy.MatAdd, sympy.Add)) else self._print(m)
            for m in (a if a.shape[1] == 1 else N.as_number(a) for a in e.args)
        )

    def _print_Add(self, e: sympy.Expr, order: sympy.Expr | None = None) -> str:
        """The sign is the first of the text: sympy looks for one among the factors, where products do not stand."""
        terms = [(a, self._print(a)) for a in self._as_ordered_terms(e, order=order)]
        return _join_summands(rf"\left({text}\right)" if self._needs_add_brackets(a) else text for a, text in terms)

    def _print_Transpose(self, e: sympy.Expr) -> str:
        inner = e.args[0]
        text = self._print(inner)
        if isinstance(inner, sympy.matrices.expressions.Inverse) and isinstance(inner.args[0], MatrixSymbol):
            return rf"{self._print(inner.args[0])}^{{-\top}}"
        simple = isinstance(inner, MatrixSymbol) or _is_call(inner)
        return rf"{text}^{{\top}}" if simple else rf"\left({text}\right)^{{\top}}"

    def _print_Inverse(self, e: sympy.Expr) -> str:
        inner = e.args[0]
        text = self._print(inner)
        return f"{text}^{{-1}}" if isinstance(inner, MatrixSymbol) else rf"\left({text}\right)^{{-1}}"

    def _print_HadamardProduct(self, e: sympy.Expr) -> str:
        over = [self._bracket(a, PRODUCT + 1) for a in e.args if not N.is_divisor(a)]
        under = [self._bracket(N.HadamardPower(a.args[0], -a.args[1]), PRODUCT + 1) for a in e.args if N.is_divisor(a)]
        return r" \oslash ".join([r" \odot ".join(over) or "1", *under])

    def _write_elementwise_product(self, e: sympy.Expr) -> str:
        """A product of what differs from element to element, with what does not in front."""
        front = sympy.Mul(*(f for f in e.args if not self._is_array(f)))
        arrays = [f for f in e.args if self._is_array(f)]
        over = [self.parenthesize(f, PRODUCT) for f in arrays if not divides(f)]
        under = [self.parenthesize(1 / f, PRODUCT) for f in arrays if divides(f)]
        if not over:
            return r" \oslash ".join([self.parenthesize(front, PRODUCT), *under])
        text = r" \oslash ".join([r" \odot ".join(over), *under])
        if front == 1:
            return text
        return f"- {text}" if front == -1 else f"{self.parenthesize(front, PRODUCT)} {text}"

    def _print_KroneckerProduct(self, e: sympy.Expr) -> str:
        return r" \otimes ".join(self._bracket(a, PRODUCT + 1) for a in e.args)

    def _print_HadamardPower(self, e: sympy.Expr) -> str:
        base, exponent = e.args
        text = self._print(base)
        text = text if isinstance(base, MatrixSymbol) or _is_call(base) else rf"\left({text}\right)"
        return rf"{text}^{{\odot {self._print(exponent)}}}"

    def _print_OneMatrix(self, e: sympy.Expr) -> str:
        """A vector; what has rows and columns is a product of two."""
        column, row = r"\mathbf{1}", r"\mathbf{1}^{\top}"
        return column if e.shape[1] == 1 else row if e.shape[0] == 1 else f"{column} {row}"

    def _print_Identity(self, e: sympy.Expr) -> str:
        return "I"

    def _print_Selection(self, e: sympy.Expr) -> str:
        start, length, step, size = (sympy.sympify(a) for a in e.args)
        stop = start + (length * step if length != 1 else 1)
        low, high, by = (self._print(a) for a in (start, stop, step))
        rows = f"{low}:{'' if stop == -1 else high}" + (f":{by}" if step != 1 else "")
        return rf"I_{{{self._print(size)}}}\left[{rows}, :\right]"

    def _print_ZeroMatrix(self, e: sympy.Expr) -> str:
        return r"\mathbf{0}"

    def _print_DiagMatrix(self, e: sympy.Expr) -> str:
        return rf"\operatorname{{diag}}\left({self._print(e.args[0])}\right)"

    def _print_DiagonalOf(self, e: sympy.Expr) -> str:
        return rf"\operatorname{{diag}}\left({self._print(e.args[0])}\right)"

    def _print_Trace(self, e: sympy.Expr, exp: sympy.Expr | None = None) -> str:
        text = rf"\operatorname{{tr}}\left({self._print(e.args[0])}\right)"
        return rf"{text}^{{{exp}}}" if exp is not None else text

    def _print_Determinant(self, e: sympy.Expr, exp: sympy.Expr | None = None) -> str:
        text = rf"\det\left({self._print(e.args[0])}\right)"
        return rf"{text}^{{{exp}}}" if exp is not None else text

    def _print_MatrixElement(self, e: sympy.Expr) -> str:
        matrix, i, j = e.args
        if tuple(matrix.shape) == (1, 1) and not isinstance(matrix, MatrixSymbol):
            return str(self._print(matrix))
        text = self._print(matrix)
        text = text if isinstance(matrix, MatrixSymbol) else rf"\left({text}\right)"
        return rf"{text}_{{{self._print(i)},{self._print(j)}}}"

    def _print_Float(self, e: sympy.Float) -> str:
        """A decimal, without a factor of one before a power of ten."""
        return str(super()._print_Float(e)).removeprefix(r"1.0 \cdot ")

    def _print_exp(self, e: sympy.Expr, exp: sympy.Expr | None = None) -> str:
        """A power of e, unless something else is called so."""
        if self.euler and exp is None and not self._is_array(e):
            return f"e^{{{self._print(e.args[0])}}}"
        text = rf"\exp\left({self._print(e.args[0])}\right)"
        return text if exp is None else rf"{text}^{{{exp}}}"

    def _print_Exp1(self, e: sympy.Expr) -> str:
        return "e" if self.euler else r"\exp\left(1\right)"

    def _print_Sum(self, e: sympy.Expr) -> str:
        """A sum with its body in parentheses where it has a sign or is a sum."""
        ranges = [[self._print(part) for part in row] for row in e.limits]
        if len(ranges) == 1:
            head = r"\sum_{{{}={}}}^{{{}}}".format(*ranges[0])
        else:
            rows = [rf"{low} \leq {k} \leq {high}" for k, low, high in ranges]
            head = r"\sum_{\substack{" + r"\\".join(rows) + "}}"
        body = self._print(e.function)
        weak = isinstance(e.function, sympy.Add) or body.startswith("-")
        return rf"{head} \left({body}\right)" if weak else f"{head} {body}"

    def _print_Mod(self, e: sympy.Expr, exp: sympy.Expr | None = None) -> str:
        left, right = self.parenthesize(e.args[0], PRODUCT), self.parenthesize(e.args[1], PRODUCT + 1)
        text = rf"{left} \bmod {right}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    def _print_Piecewise(self, e: sympy.Expr, exp: sympy.Expr | None = None) -> str:
        text = str(super()._print_Piecewise(e))
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    def _print_Mul(self, e: sympy.Expr) -> str:
        if e.is_Pow:
            # sympy prints powers below the line as products.
            below = e.base if e.exp == -1 else sympy.Pow(e.base, -e.exp, evaluate=False)
            return rf"\frac{{1}}{{{self._print(below)}}}"
        if sum(map(self._is_array, e.args)) > 1 or any(self._is_array(f) and divides(f) for f in e.args):
            return self._write_elementwise_product(e)
        args = [sympy.Symbol(rf"{self._print(a)}") if isinstance(a, MatrixElement) else a for a in e.args]
        return str(super()._print_Mul(sympy.Mul(*args, evaluate=False) if args != list(e.args) else e))

    def _print_ElementwiseApplyFunction(self, e: sympy.Expr) -> str:
        lam, *inner = e.args
        direct = lam.expr.args == lam.variables and isinstance(lam.expr, sympy.Function)
        if direct and not isinstance(lam.expr, PRINTED_BY_SIGNS):
            return rf"{_name_function(lam.expr.func)}\left({', '.join(map(self._print, inner))}\right)"
        return str(self._over(dict(zip(lam.variables, inner)))._print(lam.expr))

    _print_ElementwiseMap = _print_ArrayMap = _print_ArrayElementwiseApplyFunc = _print_ElementwiseApplyFunction

    def _over(self, operands: Mapping[sympy.Symbol, sympy.Expr]) -> Latex:
        """This printer with matrices in the places of variables, for what is done to their elements."""
        other = copy.copy(self)
        other.operands = {x: (self._print(m), _bind_latex(m)) for x, m in operands.items()}
        return other

    def _print_Symbol(self, e: sympy.Symbol, style: str = "plain") -> str:
        return self.operands[e][0] if e in self.operands else str(super()._print_Symbol(e, style))

    _print_Dummy = _print_Symbol

    def _needs_mul_brackets(self, expr: sympy.Basic, first: bool = False, last: bool = False) -> bool:
        if expr in self.operands:
            return bool(self.operands[expr][1] < PRODUCT)
        return bool(super()._needs_mul_brackets(expr, first=first, last=last))

    def _print_Pow(self, e: sympy.Expr) -> str:
        if self._is_array(e) and divides(e):
            return rf"1 \oslash {self.parenthesize(1 / e, PRODUCT)}"
        if not self._is_array(e) or e.exp == sympy.Rational(1, 2):
            return str(super()._print_Pow(e))
        return rf"{self.parenthesize(e.base, PRECEDENCE['Pow'])}^{{\odot {self._print(e.exp)}}}"

    def _print_Function(self, e: sympy.Expr, exp: sympy.Expr | None = None) -> str:
        if not self._is_array(e) or exp is not None or hasattr(self, f"_print_{type(e).__name__}"):
            return str(super()._print_Function(e, exp))
        return rf"{_name_function(type(e))}\left({', '.join(map(self._print, e.args))}\right)"

    def _is_array(self, e: sympy.Basic) -> bool:
        """Whether an expression has a value for each element of the matrices."""
        return any(s in self.operands for s in e.free_symbols)

    def _write_call(self, name: str, args: Sequence[sympy.Expr]) -> str:
        """An operator by its name, applied to arguments."""
        return rf"\operatorname{{{name}}}\left({', '.join(map(self._print, args))}\right)"

    def _print_Applied(self, e: sympy.Expr) -> str:
        """A function by the name that its row has in LaTeX."""
        name = str(e.args[0])
        row = TABLE.get(name)
        if row is None or not row.latex:
            return self._write_call(name.replace("_", r"\_"), e.args[2:])
        return rf"{row.latex}\left({', '.join(map(self._print, e.args[2:]))}\right)"

    _print_AppliedArray = _print_AppliedScalar = _print_Applied

    def _print_total(self, e: sympy.Expr, exp: sympy.Expr | None = None) -> str:
        """The sum of all elements, as a product with ones."""
        m = e.args[0]
        text = rf"\mathbf{{1}}^{{\top}} {self._bracket(m, PRODUCT + isinstance(m, N.HadamardProduct))}"
        text += "" if m.shape[1] == 1 else r" \mathbf{1}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    def _print_mean(self, e: sympy.Expr, exp: sympy.Expr | None = None) -> str:
        text = self._write_call("mean", e.args)
        return text if exp is None else rf"{text}^{{{exp}}}"

    def _print_greatest(self, e: sympy.Expr, exp: sympy.Expr | None = None) -> str:
        """A function by its name: of all elements, or of each row."""
        name = getattr(e, "label", type(e).__name__)
        known = name in ("max", "min")
        text = rf"\{name}\left({self._print(e.args[0])}\right)" if known else self._write_call(name, e.args)
        return text if exp is None else rf"{text}^{{{exp}}}"

    _print_least = _print_product = _print_greatest

    def _print_RowReduction(self, e: sympy.Expr) -> str:
        return self._write_call(type(e).__name__.replace("_", r"\_"), e.args)

    def _print_norm(self, e: sympy.Expr, exp: sympy.Expr | None = None) -> str:
        kind = "" if e.args[0].shape[1] == 1 else "_F"
        text = rf"\left\lVert {self._print(e.args[0])} \right\rVert{kind}"
        return text if exp is None else rf"{text}^{{{exp}}}"

    def _print_softmax(self, e: sympy.Expr) -> str:
        return self._write_call("softmax", e.args)

    def _print_logsumexp(self, e: sympy.Expr, exp: sympy.Expr | None = None) -> str:
        text = self._write_call("logsumexp", e.args)
        return rf"{text}^{{{exp}}}" if exp is not None else text

    def _print_logsumexp_rows(self, e: sympy.Expr) -> str:
        return self._write_call(r"logsumexp\_rows", e.args)

    def _print_ArrayAsMatrix(self, e: sympy.Expr) -> str:
        return str(self._print(e.args[0]))

    def _print_Str(self, e: Str) -> str:
        return rf"\text{{{e}}}"


def _join_summands(summands: Iterable[str]) -> str:
    """A sum, the sign of a summand in the place of a plus."""
    text = ""
    for part in summands:
        text += f" - {part[1:].lstrip()}" if part.startswith("-") and text else f" + {part}" if text else part
    return text


def _bind_latex(m: sympy.Expr) -> int:
    """How tightly the LaTeX of a matrix binds."""
    if isinstance(m, (N.HadamardProduct, KroneckerProduct)):
        return int(PRODUCT) - 1
    return ATOM if _is_call(m) else int(precedence_traditional(m))


def _is_call(m: sympy.Expr) -> bool:
    """Whether a matrix is written as a function of something in parentheses, and so needs none around it."""
    return isinstance(m, (N.ElementwiseApplyFunction, N.softmax, N.DiagMatrix, N.DiagonalOf))


PRINTED_BY_SIGNS = sympy.Abs, sympy.Max, sympy.Min, sympy.floor, sympy.ceiling
"""Functions that LaTeX has signs for, or names of its own."""

KNOWN_LATEX = {"exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh"}


def _name_function(func: type[sympy.Function]) -> str:
    """The LaTeX of a function's name."""
    name = func.__name__
    if issubclass(func, Named) and func.latex:
        return str(func.latex)
    return rf"\{name}" if name in KNOWN_LATEX else rf"\operatorname{{{name}}}"
