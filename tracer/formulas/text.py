"""Formulas as text: LaTeX, and one NumPy expression."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from keyword import iskeyword
from typing import Any

import sympy
from sympy.core.symbol import Str
from sympy.matrices.expressions import MatrixSymbol
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE, precedence_traditional
from sympy.tensor.array.expressions.array_expressions import _ArrayExpr

from tracer.formulas import notation as N
from tracer.formulas.errors import FormulaError
from tracer.formulas.index import einstein
from tracer.formulas.lower import ancestors, lower, source_names
from tracer.formulas.matrix import matrices, matrix
from tracer.formulas.terms import Term
from tracer.tensor import SOURCES, Tensor

PRODUCT = PRECEDENCE["Mul"]
SUM = PRECEDENCE["Add"]
POWER = PRECEDENCE["Pow"]
ATOM = 1000


def latex(tensors: Sequence[Tensor]) -> list[str]:
    """The closed forms of tensors in LaTeX, in the notation of a textbook."""
    return [_latex(term) for term in lower(tensors)]


def _latex(term: Term) -> str:
    try:
        made = matrix(term)
    except FormulaError:
        made = None
    if made is None or made.has(_ArrayExpr) or len(term.shape) > 2:
        made = einstein(term)
    return str(Latex(euler=not any(str(s) == "e" for s in made.free_symbols)).doprint(made))


class Latex(LatexPrinter):  # type: ignore[misc]
    """sympy's printer with a textbook's notation for matrices."""

    def __init__(self, euler: bool = True) -> None:
        super().__init__({"mul_symbol": None})
        self.euler = euler

    def _bracket(self, e: Any, level: int) -> str:
        text = self._print(e)
        if isinstance(e, (N.HadamardProduct, N.HadamardPower)):
            weak = isinstance(e, N.HadamardProduct)
        elif isinstance(e, N.OneMatrix):
            weak = level > PRODUCT and 1 not in e.shape
        else:
            weak = precedence_traditional(e) < level or text.startswith("-")
        return rf"\left({text}\right)" if weak else text

    def parenthesize(self, item: Any, level: int, is_neg: bool = False, strict: bool = False) -> str:
        """Quadratic forms are products, although sympy takes them for elements."""
        if isinstance(item, MatrixElement) and tuple(item.args[0].shape) == (1, 1) and level > PRODUCT:
            return rf"\left({self._print(item)}\right)"
        return str(super().parenthesize(item, level, is_neg=is_neg, strict=strict))

    def _print_MatMul(self, e: Any) -> str:
        scalars = [a for a in e.args if not isinstance(a, MatrixExpr)]
        matrices_ = [a for a in e.args if isinstance(a, MatrixExpr)]
        c = sympy.Mul(*scalars, evaluate=False) if len(scalars) > 1 else scalars[0] if scalars else sympy.S.One
        sign = ""
        if c.could_extract_minus_sign():
            sign = "-"
            c = -c
        parts = [] if c == 1 else [self._bracket(c, PRODUCT)]
        parts += [self._bracket(m, PRODUCT + 1 if isinstance(m, N.HadamardProduct) else PRODUCT) for m in matrices_]
        return sign + " ".join(parts)

    def _print_MatAdd(self, e: Any) -> str:
        text = ""
        for m in e.args:
            part = rf"\left({self._print(m)}\right)" if isinstance(m, sympy.MatAdd) else self._print(m)
            text += f" - {part[1:]}" if part.startswith("-") and text else f" + {part}" if text else part
        return text

    def _print_Transpose(self, e: Any) -> str:
        inner = e.args[0]
        text = self._print(inner)
        if isinstance(inner, sympy.matrices.expressions.Inverse) and isinstance(inner.args[0], MatrixSymbol):
            return rf"{self._print(inner.args[0])}^{{-\top}}"
        simple = isinstance(inner, MatrixSymbol) or _is_call(inner)
        return rf"{text}^{{\top}}" if simple else rf"\left({text}\right)^{{\top}}"

    def _print_Inverse(self, e: Any) -> str:
        inner = e.args[0]
        text = self._print(inner)
        return f"{text}^{{-1}}" if isinstance(inner, MatrixSymbol) else rf"\left({text}\right)^{{-1}}"

    def _print_HadamardProduct(self, e: Any) -> str:
        return r" \odot ".join(self._bracket(a, PRODUCT + 1) for a in e.args)

    def _print_HadamardPower(self, e: Any) -> str:
        base, exponent = e.args
        text = self._print(base)
        text = text if isinstance(base, MatrixSymbol) or _is_call(base) else rf"\left({text}\right)"
        return rf"{text}^{{\odot {self._print(exponent)}}}"

    def _print_OneMatrix(self, e: Any) -> str:
        """A vector; what has rows and columns is a product of two."""
        column, row = r"\mathbf{1}", r"\mathbf{1}^{\top}"
        return column if e.shape[1] == 1 else row if e.shape[0] == 1 else f"{column} {row}"

    def _print_Identity(self, e: Any) -> str:
        return "I"

    def _print_Selection(self, e: Any) -> str:
        start, length, step, size = (sympy.sympify(a) for a in e.args)
        stop = start + (length * step if length != 1 else 1)
        low, high, by = (self._print(a) for a in (start, stop, step))
        rows = f"{low}:{'' if stop == -1 else high}" + (f":{by}" if step != 1 else "")
        return rf"I_{{{self._print(size)}}}\left[{rows}, :\right]"

    def _print_ZeroMatrix(self, e: Any) -> str:
        return r"\mathbf{0}"

    def _print_DiagMatrix(self, e: Any) -> str:
        return rf"\operatorname{{diag}}\left({self._print(e.args[0])}\right)"

    def _print_DiagonalOf(self, e: Any) -> str:
        return rf"\operatorname{{diag}}\left({self._print(e.args[0])}\right)"

    def _print_Trace(self, e: Any, exp: Any = None) -> str:
        text = rf"\operatorname{{tr}}\left({self._print(e.args[0])}\right)"
        return rf"{text}^{{{exp}}}" if exp is not None else text

    def _print_Determinant(self, e: Any, exp: Any = None) -> str:
        text = rf"\det\left({self._print(e.args[0])}\right)"
        return rf"{text}^{{{exp}}}" if exp is not None else text

    def _print_MatrixElement(self, e: Any) -> str:
        matrix, i, j = e.args
        if tuple(matrix.shape) == (1, 1) and not isinstance(matrix, MatrixSymbol):
            return str(self._print(matrix))
        text = self._print(matrix)
        text = text if isinstance(matrix, MatrixSymbol) else rf"\left({text}\right)"
        return rf"{text}_{{{self._print(i)},{self._print(j)}}}"

    def _print_exp(self, e: Any, exp: Any = None) -> str:
        """A power of e, unless something else is called so."""
        if self.euler and exp is None:
            return f"e^{{{self._print(e.args[0])}}}"
        text = rf"\exp\left({self._print(e.args[0])}\right)"
        return text if exp is None else rf"{text}^{{{exp}}}"

    def _print_Mul(self, e: Any) -> str:
        if e.is_Pow:
            # sympy prints powers below the line as products.
            below = e.base if e.exp == -1 else sympy.Pow(e.base, -e.exp, evaluate=False)
            return rf"\frac{{1}}{{{self._print(below)}}}"
        args = [sympy.Symbol(rf"{self._print(a)}") if isinstance(a, MatrixElement) else a for a in e.args]
        return str(super()._print_Mul(sympy.Mul(*args, evaluate=False) if args != list(e.args) else e))

    def _print_ElementwiseApplyFunction(self, e: Any) -> str:
        lam, inner = e.args
        body = lam.expr
        if len(body.args) == 1 and body.args[0] == lam.variables[0] and body.func not in (sympy.Abs,):
            return rf"{_function(body.func)}\left({self._print(inner)}\right)"
        return self._lambda(lam, [inner])

    def _lambda(self, lam: Any, inner: Sequence[Any]) -> str:
        names = N.letters(lam)
        head = ", ".join(self._print(s) for s in names.values())
        head = rf"\left({head}\right)" if len(names) > 1 else head
        args = ", ".join(self._print(m) for m in inner)
        return rf"\left({head} \mapsto {self._print(lam.expr.xreplace(names))}\right)\left({args}\right)"

    def _print_ElementwiseMap(self, e: Any) -> str:
        return self._lambda(e.args[0], e.args[1:])

    def _named(self, name: str, args: Sequence[Any]) -> str:
        return rf"\operatorname{{{name}}}\left({', '.join(map(self._print, args))}\right)"

    def _print_Applied(self, e: Any) -> str:
        return self._named(str(e.args[0]).replace("_", r"\_"), e.args[2:])

    _print_AppliedArray = _print_AppliedScalar = _print_Applied

    def _print_softmax(self, e: Any) -> str:
        return self._named("softmax", e.args)

    def _print_logsumexp(self, e: Any, exp: Any = None) -> str:
        text = self._named("logsumexp", e.args)
        return rf"{text}^{{{exp}}}" if exp is not None else text

    def _print_logsumexp_rows(self, e: Any) -> str:
        return self._named(r"logsumexp\_rows", e.args)

    def _print_ArrayAsMatrix(self, e: Any) -> str:
        return str(self._print(e.args[0]))

    def _print_Str(self, e: Str) -> str:
        return rf"\text{{{e}}}"


def _is_call(m: Any) -> bool:
    return isinstance(m, (N.ElementwiseApplyFunction, N.softmax, N.DiagMatrix, N.DiagonalOf))


KNOWN_LATEX = {"exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh"}


def _function(func: Any) -> str:
    name = func.__name__
    return rf"\{name}" if name in KNOWN_LATEX else rf"\operatorname{{{name}}}"


# One NumPy expression.


def python(tensors: Sequence[Tensor]) -> list[str]:
    """The closed forms of tensors as NumPy expressions in the names of the sources and ``np``.

    A vector is a true one-dimensional array; a symbolic dimension is read from the shape of a source; a source that is
    called as a keyword, ``np`` or ``math`` has an underscore behind its name.
    """
    nodes = ancestors(tensors)
    names = source_names(nodes)
    dims: dict[Any, str] = {}
    ranks: dict[str, tuple[Any, ...]] = {}
    for t in nodes:
        if t.rule in SOURCES:
            ranks[names[t.node]] = t.shape
            for axis, d in enumerate(t.shape):
                if isinstance(d, sympy.Symbol):
                    dims.setdefault(d, f"{spelled(names[t.node])}.shape[{axis}]")
    return [Numpy(dims, ranks).text(m, t.shape) for m, t in zip(matrices(tensors), tensors)]


def spelled(name: str) -> str:
    """A source's name as Python takes it, keywords and the names of modules with an underscore behind."""
    return f"{name}_" if iskeyword(name) or name in ("np", "math") else name


class Numpy:
    """Matrix notation as NumPy text: every part is its text, its precedence and its kind.

    The kinds are ``"s"`` (scalar), ``"c"`` and ``"r"`` (column and row, both one-dimensional arrays), ``"m"`` (matrix).
    """

    def __init__(self, dims: dict[Any, str], ranks: dict[str, tuple[Any, ...]]) -> None:
        self.dims = dims
        self.ranks = ranks

    def text(self, e: Any, shape: tuple[Any, ...]) -> str:
        """The expression of a result of a shape."""
        text, level = self.of(e)
        if isinstance(e, MatrixExpr) and len(shape) == 2 and 1 in shape and self.kind(e) != "m":
            column = shape[1] == 1
            return f"{self._wrap(text, level, ATOM)}[{':, None' if column else 'None, :'}]"
        return text

    @staticmethod
    def kind(e: Any) -> str:
        if not isinstance(e, MatrixExpr):
            return "s"
        rows, columns = e.shape
        return "c" if columns == 1 else "r" if rows == 1 else "m"

    @staticmethod
    def _wrap(text: str, level: int, wanted: int) -> str:
        return f"({text})" if level < wanted else text

    def at(self, e: Any, wanted: int) -> str:
        """The text of a part, in parentheses where its operator binds less."""
        return self._wrap(*self.of(e), wanted)

    def of(self, e: Any) -> tuple[str, int]:
        """The text of an expression and its precedence."""
        for cls in type(e).__mro__:
            form: Callable[[Any], tuple[str, int]] | None = getattr(self, f"of_{cls.__name__}", None)
            if form is not None:
                return form(e)
        raise FormulaError(
            f'{type(e).__name__} has no NumPy text; the forms "matrix", "index" and "steps" are available'
        )

    # Scalars.

    def of_Integer(self, e: Any) -> tuple[str, int]:
        return str(e), SUM if e < 0 else ATOM

    def of_Rational(self, e: Any) -> tuple[str, int]:
        return f"{e.p}/{e.q}", SUM if e < 0 else PRODUCT

    def of_Float(self, e: Any) -> tuple[str, int]:
        return repr(float(e)), SUM if e < 0 else ATOM

    def of_NumberSymbol(self, e: Any) -> tuple[str, int]:
        return {"Pi": "np.pi", "Exp1": "np.e"}.get(type(e).__name__, repr(float(e))), ATOM

    def of_Symbol(self, e: Any) -> tuple[str, int]:
        return self.dims.get(e, spelled(e.name)), ATOM

    def of_BooleanTrue(self, e: Any) -> tuple[str, int]:
        return "True", ATOM

    def of_BooleanFalse(self, e: Any) -> tuple[str, int]:
        return "False", ATOM

    def of_Add(self, e: Any) -> tuple[str, int]:
        return self._sum([self.of(a) for a in sorted(e.args, key=lambda a: a.could_extract_minus_sign())])

    @staticmethod
    def _sum(parts: Sequence[tuple[str, int]]) -> tuple[str, int]:
        text = ""
        for part, _ in parts:
            text += f" - {part[1:]}" if part.startswith("-") and text else f" + {part}" if text else part
        return text, SUM

    def of_Mul(self, e: Any) -> tuple[str, int]:
        return self._quotient(e.args)

    def _quotient(self, factors: Sequence[Any]) -> tuple[str, int]:
        sign, over, under = "", [], []
        for f in factors:
            if f.is_Rational:
                if f < 0:
                    sign, f = ("" if sign else "-"), -f
                if f.p != 1:
                    over.append(str(f.p))
                if f.q != 1:
                    under.append(str(f.q))
            elif f.is_Pow and f.exp.is_Rational and f.exp < 0:
                under.append(self.at(sympy.Pow(f.base, -f.exp, evaluate=False) if f.exp != -1 else f.base, POWER))
            else:
                over.append(self.at(f, POWER - 1 if not f.is_Mul else PRODUCT))
        text = "*".join(over) or "1"
        return sign + text + "".join(f"/{u}" for u in under), SUM if sign else PRODUCT

    def of_Pow(self, e: Any) -> tuple[str, int]:
        if e.exp.is_Rational and e.exp < 0:
            return self._quotient([e])
        if e.exp == sympy.Rational(1, 2):
            return f"np.sqrt({self.of(e.base)[0]})", ATOM
        return f"{self.at(e.base, POWER + 1)}**{self.at(e.exp, POWER)}", POWER

    def of_Piecewise(self, e: Any) -> tuple[str, int]:
        text = ""
        for value, condition in reversed(e.args):
            inner = self.of(value)[0]
            text = inner if condition == True or not text else f"np.where({self.of(condition)[0]}, {inner}, {text})"  # noqa: E712
        return text, ATOM

    def of_Relational(self, e: Any) -> tuple[str, int]:
        return f"{self.at(e.lhs, SUM + 1)} {e.rel_op} {self.at(e.rhs, SUM + 1)}", 1

    def of_And(self, e: Any) -> tuple[str, int]:
        return " & ".join(f"({self.of(a)[0]})" for a in e.args), 1

    def of_Or(self, e: Any) -> tuple[str, int]:
        return " | ".join(f"({self.of(a)[0]})" for a in e.args), 1

    def of_Not(self, e: Any) -> tuple[str, int]:
        return f"~({self.of(e.args[0])[0]})", ATOM

    def of_Function(self, e: Any) -> tuple[str, int]:
        return self._function(e.func, [self.of(a) for a in e.args])

    def _function(self, func: Any, args: Sequence[tuple[str, int]]) -> tuple[str, int]:
        name = func.__name__
        pattern = FUNCTIONS.get(name)
        if pattern is None:
            raise FormulaError(f'{name} has no NumPy text; the forms "matrix", "index" and "steps" are available')
        if name in ("Max", "Min"):
            text = args[0][0]
            for a, _ in args[1:]:
                text = f"{pattern}({text}, {a})"
            return text, ATOM
        if "{" not in pattern:
            return f"{pattern}({', '.join(a for a, _ in args)})", ATOM
        level = PRODUCT if "/" in pattern and not pattern.startswith("np.") else ATOM
        return pattern.format(self._wrap(*args[0], PRODUCT)), level

    of_Max = of_Min = of_Function

    def of_MatrixElement(self, e: Any) -> tuple[str, int]:
        m, i, j = e.args
        if tuple(m.shape) == (1, 1) and not isinstance(m, MatrixSymbol):
            return self.of(m)
        text = self.at(m, ATOM)
        kind = self.kind(m)
        if tuple(m.shape) == (1, 1):
            return (f"{text}[0, 0]" if isinstance(m, MatrixSymbol) else text), ATOM
        return (f"{text}[{i}]" if kind == "c" else f"{text}[{j}]" if kind == "r" else f"{text}[{i}, {j}]"), ATOM

    def of_Trace(self, e: Any) -> tuple[str, int]:
        return f"np.trace({self.of(e.args[0])[0]})", ATOM

    def of_Determinant(self, e: Any) -> tuple[str, int]:
        return f"np.linalg.det({self.of(e.args[0])[0]})", ATOM

    # Matrices.

    def of_MatrixSymbol(self, e: Any) -> tuple[str, int]:
        shape = self.ranks.get(e.name, ())
        if len(shape) == 2 and shape[1] == 1:
            return f"{spelled(e.name)}[:, 0]", ATOM
        if len(shape) == 2 and shape[0] == 1:
            return f"{spelled(e.name)}[0]", ATOM
        return spelled(e.name), ATOM

    def of_Transpose(self, e: Any) -> tuple[str, int]:
        if self.kind(e) != "m":
            return self.of(e.args[0])
        return f"{self.at(e.args[0], ATOM)}.T", ATOM

    def of_Inverse(self, e: Any) -> tuple[str, int]:
        return f"np.linalg.inv({self.of(e.args[0])[0]})", ATOM

    def of_MatPow(self, e: Any) -> tuple[str, int]:
        return f"np.linalg.matrix_power({self.of(e.args[0])[0]}, {self.of(e.args[1])[0]})", ATOM

    def of_MatAdd(self, e: Any) -> tuple[str, int]:
        parts = [self.of(a) for a in e.args]
        return self._sum(
            [
                (f"({text})", ATOM) if isinstance(a, sympy.MatAdd) else (text, level)
                for a, (text, level) in zip(e.args, parts)
            ]
        )

    def of_MatMul(self, e: Any) -> tuple[str, int]:
        scalars = [a for a in e.args if not isinstance(a, MatrixExpr)]
        chain = [a for a in e.args if isinstance(a, MatrixExpr)]
        flat = [g for f in scalars for g in (f.args if f.is_Mul else (f,))]
        text, level = self._chain(chain)
        if not flat or flat == [1]:
            return text, level
        head, _ = self._quotient(flat)
        if head in ("1", "-1"):
            return ("-" if head == "-1" else "") + self._wrap(text, level, PRODUCT), SUM if head == "-1" else level
        sign = "-" if head.startswith("-") else ""
        return f"{head}*{self._wrap(text, level, PRODUCT)}", SUM if sign else PRODUCT

    def _chain(self, chain: Sequence[Any]) -> tuple[str, int]:
        """A product of matrices: a column before a row is an outer product, everything else ``@``."""
        if len(chain) > 1:
            chain = [f for m in chain for f in (_sum_and_spread(m) if isinstance(m, N.OneMatrix) else (m,))]
        segments: list[list[Any]] = [[]]
        for m in chain:
            if segments[-1] and self.kind(segments[-1][-1]) == "c" and self.kind(m) != "c":
                segments.append([])
            segments[-1].append(m)
        texts = [self._segment(s) for s in segments]
        if len(texts) == 1:
            return texts[0]
        closed = [self.kind(s[0]) == "r" and self.kind(s[-1]) == "c" for s in segments]
        factors = [self._wrap(*t, PRODUCT + 1) for t, c in zip(texts, closed) if c]
        rest = [t for t, c in zip(texts, closed) if not c]
        if len(rest) == 2:
            outer = f"np.outer({rest[0][0]}, {rest[1][0]})"
            return "*".join([*factors, outer]), PRODUCT if factors else ATOM
        if len(rest) <= 1:
            return "*".join([*factors, *(self._wrap(*t, PRODUCT + 1) for t in rest)]), PRODUCT
        raise FormulaError('a product of several outer products has no NumPy text; the form "matrix" is available')

    def _segment(self, s: Sequence[Any]) -> tuple[str, int]:
        if len(s) == 1:
            return self.of(s[0])
        if isinstance(s[0], N.OneMatrix) and self.kind(s[0]) == "r":
            rest = s[1:]
            inner, _ = self._segment(rest)
            whole = self.kind(rest[-1]) == "c"
            return (f"np.sum({inner})" if whole else f"np.sum({inner}, axis=0)"), ATOM
        if isinstance(s[-1], N.OneMatrix) and self.kind(s[-1]) == "c":
            rest = s[:-1]
            inner, _ = self._segment(rest)
            whole = self.kind(rest[0]) == "r"
            return (f"np.sum({inner})" if whole else f"np.sum({inner}, axis=1)"), ATOM
        return " @ ".join(self.at(m, PRODUCT + 1) for m in s), PRODUCT

    def of_HadamardProduct(self, e: Any) -> tuple[str, int]:
        return "*".join(self.at(a, POWER if not isinstance(a, sympy.MatMul) else PRODUCT + 1) for a in e.args), PRODUCT

    def of_HadamardPower(self, e: Any) -> tuple[str, int]:
        base, exponent = e.args
        if exponent == sympy.Rational(1, 2):
            return f"np.sqrt({self.of(base)[0]})", ATOM
        if exponent.is_Rational and exponent < 0:
            inner = self.at(base, POWER + 1) if exponent == -1 else self.of(N.HadamardPower(base, -exponent))[0]
            return f"1/{inner}", PRODUCT
        return f"{self.at(base, POWER + 1)}**{self.at(exponent, POWER)}", POWER

    def of_OneMatrix(self, e: Any) -> tuple[str, int]:
        kind = self.kind(e)
        rows, columns = (self.of(sympy.sympify(d))[0] for d in e.shape)
        return (
            f"np.ones({columns if kind == 'r' else rows})" if kind != "m" else f"np.ones(({rows}, {columns}))"
        ), ATOM

    def of_ZeroMatrix(self, e: Any) -> tuple[str, int]:
        return self.of_OneMatrix(e)[0].replace("np.ones", "np.zeros"), ATOM

    def of_Identity(self, e: Any) -> tuple[str, int]:
        return f"np.eye({self.of(sympy.sympify(e.shape[0]))[0]})", ATOM

    def of_DiagMatrix(self, e: Any) -> tuple[str, int]:
        return f"np.diag({self.of(e.args[0])[0]})", ATOM

    def of_DiagonalOf(self, e: Any) -> tuple[str, int]:
        return f"np.diag({self.of(e.args[0])[0]})", ATOM

    def of_KroneckerProduct(self, e: Any) -> tuple[str, int]:
        text = self.of(e.args[0])[0]
        for a in e.args[1:]:
            text = f"np.kron({text}, {self.of(a)[0]})"
        return text, ATOM

    def of_ElementwiseApplyFunction(self, e: Any) -> tuple[str, int]:
        return self._apply(e.args[0], e.args[1:])

    def of_ElementwiseMap(self, e: Any) -> tuple[str, int]:
        return self._apply(e.args[0], e.args[1:])

    def _apply(self, lam: Any, matrices_: Sequence[Any]) -> tuple[str, int]:
        inner = [self.of(m) for m in matrices_]
        if len(inner) == 1 and lam.expr.args == lam.variables:
            return self._function(lam.expr.func, inner)
        names = {x: sympy.Symbol(f"_{k}") for k, x in enumerate(lam.variables)}
        nested = Numpy({**self.dims, **{s: self._wrap(*t, ATOM) for s, t in zip(names.values(), inner)}}, self.ranks)
        return nested.of(lam.expr.xreplace(names))

    def of_softmax(self, e: Any) -> tuple[str, int]:
        z = self.of(e.args[0])[0]
        over = "" if self.kind(e) != "m" else ", axis=1, keepdims=True"
        return f"np.exp({z} - np.logaddexp.reduce({z}{over}))", ATOM

    def of_logsumexp(self, e: Any) -> tuple[str, int]:
        z = self.of(e.args[0])[0]
        return f"np.logaddexp.reduce({z}{', axis=None' if self.kind(e.args[0]) == 'm' else ''})", ATOM

    def of_logsumexp_rows(self, e: Any) -> tuple[str, int]:
        return f"np.logaddexp.reduce({self.of(e.args[0])[0]}, axis=1)", ATOM

    def of_Concatenation(self, e: Any) -> tuple[str, int]:
        return f"np.concatenate([{', '.join(self.of(m)[0] for m in e.args)}])", ATOM

    def of_Selection(self, e: Any) -> tuple[str, int]:
        start, length, step, size = (sympy.sympify(a) for a in e.args)
        stop = start + length * step if length != 1 else start + 1
        low, high = self.of(start)[0], "" if stop == -1 else self.of(stop)[0]
        text = f"np.eye({self.of(size)[0]})[{low}:{high}" + (f":{step}" if step != 1 else "")
        return (f"{text}][0]" if length == 1 else f"{text}]"), ATOM

    def of_MatrixSlice(self, e: Any) -> tuple[str, int]:
        m, rows, columns = e.args
        text = self.at(m, ATOM)

        def part(s: Any, size: Any) -> str:
            low, high, step = s
            if low == 0 and high == size and step == 1:
                return ":"
            return f"{self.of(low)[0]}:{self.of(high)[0]}" + (f":{step}" if step != 1 else "")

        if self.kind(m) == "c":
            return f"{text}[{part(rows, m.shape[0])}]", ATOM
        parts = [part(rows, m.shape[0]), part(columns, m.shape[1])]
        if self.kind(e) == "c" and self.kind(m) == "m":
            parts[1] = self.of(columns[0])[0]
        elif self.kind(e) == "r" and self.kind(m) == "m":
            parts[0] = self.of(rows[0])[0]
        return f"{text}[{', '.join(parts)}]", ATOM

    # Arrays.

    def of_ArraySymbol(self, e: Any) -> tuple[str, int]:
        return spelled(str(e.name)), ATOM

    def of_OneArray(self, e: Any) -> tuple[str, int]:
        dims = [self.of(sympy.sympify(d))[0] for d in e.shape]
        return f"np.ones({dims[0] if len(dims) == 1 else '(' + ', '.join(dims) + ')'})", ATOM

    def of_ZeroArray(self, e: Any) -> tuple[str, int]:
        return f"np.zeros(({', '.join(self.of(sympy.sympify(d))[0] for d in e.shape)},))", ATOM

    def of_ArrayAdd(self, e: Any) -> tuple[str, int]:
        return self._sum([self.of(a) for a in e.args])

    def of_ArrayElementwiseApplyFunc(self, e: Any) -> tuple[str, int]:
        return self._apply(e.args[0], e.args[1:])

    def of_ArrayAsMatrix(self, e: Any) -> tuple[str, int]:
        return self.of(e.args[0])

    def of_Reshape(self, e: Any) -> tuple[str, int]:
        inner, shape = e.args[0], tuple(e.args[1])
        if isinstance(inner, MatrixExpr) and len(shape) == 1 and self.kind(inner) != "m":
            return self.of(inner)
        dims = ", ".join(self.of(sympy.sympify(d))[0] for d in shape)
        return f"np.reshape({self.of(inner)[0]}, ({dims},))", ATOM

    def of_ArrayTensorProduct(self, e: Any) -> tuple[str, int]:
        scalars: list[Any] = []
        operands: list[tuple[Any, list[int]]] = []
        alias: dict[int, int] = {}
        out = self._labels(e, scalars, operands, alias, itertools.count())

        def root(k: int) -> int:
            while k in alias:
                k = alias[k]
            return k

        letters: dict[int, str] = {}
        names = iter("abcdefghijklmnopqrstuvwxyz")
        for k in (k for _, i in operands for k in i):
            if root(k) not in letters:
                letters[root(k)] = next(names)
        words = ["".join(letters[root(k)] for k in i) for _, i in operands]
        result = "".join(letters[root(k)] for k in out)
        text = f"np.einsum({','.join(words) + '->' + result!r}, {', '.join(self.of(a)[0] for a, _ in operands)})"
        if words == [result]:
            text = self.at(operands[0][0], PRODUCT + 1)
        if not scalars:
            return text, ATOM
        head, level = self._quotient([g for f in scalars for g in (f.args if f.is_Mul else (f,))])
        return f"{head}*{text}", level

    of_ArrayContraction = of_ArrayDiagonal = of_PermuteDims = of_ArrayTensorProduct

    def _labels(self, e: Any, scalars: list[Any], operands: list[Any], alias: dict[int, int], fresh: Any) -> list[int]:
        """The labels of an array expression, its operands with theirs collected; ``alias`` says which are equal."""
        kind = type(e).__name__
        if kind == "ArrayTensorProduct":
            return [k for a in e.args for k in self._labels(a, scalars, operands, alias, fresh)]
        if kind in ("ArrayContraction", "ArrayDiagonal"):
            out = self._labels(e.args[0], scalars, operands, alias, fresh)
            groups = [[int(p) for p in g] for g in e.args[1:]]
            for g in groups:
                for p in g[1:]:
                    alias[out[p]] = out[g[0]]
            taken = {p for g in groups for p in g}
            kept = [k for p, k in enumerate(out) if p not in taken]
            return kept + ([out[g[0]] for g in groups] if kind == "ArrayDiagonal" else [])
        if kind == "PermuteDims":
            out = self._labels(e.args[0], scalars, operands, alias, fresh)
            return [out[p] for p in e.permutation.array_form]
        shape = getattr(e, "shape", ())
        if not shape:
            scalars.append(e)
            return []
        labels = [next(fresh) for _ in shape]
        operands.append((e, labels))
        return labels


def _sum_and_spread(ones: N.OneMatrix) -> tuple[Any, ...]:
    """A matrix of ones in a product as what it does: a sum, whose result is repeated."""
    rows, columns = ones.shape
    return (ones,) if 1 in ones.shape else (N.OneMatrix(rows, 1), N.OneMatrix(1, columns))


FUNCTIONS = {
    **{n: f"np.{n}" for n in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sign", "floor")},
    **{f"a{n}": f"np.arc{n}" for n in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "atan2": "np.arctan2", "Abs": "np.abs", "ceiling": "np.ceil", "Max": "np.maximum", "Min": "np.minimum",
    "sigmoid": "1/(1 + np.exp(-{}))", "softplus": "np.logaddexp(0, {})", "relu": "np.maximum({}, 0)",
    "step": "np.where({} > 0, 1.0, 0.0)", "rint": "np.rint", "erf": "np.vectorize(math.erf)({})",
    "erfc": "np.vectorize(math.erfc)({})",
}  # fmt: skip
