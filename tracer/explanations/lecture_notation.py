"""Formulas as they are written on a blackboard, where each stands beside a sentence.

They are the formulas of the matrix notation; but ``A o B`` is written for a product element by element, ``sum(A)`` for
the product with ones on both sides, and a number in a sum of matrices stands for a matrix of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import sympy
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr
from sympy.printing.str import StrPrinter

from tracer.formulas.matrix import classes as N
from tracer.formulas.notations.latex import Latex, spell_name

HALF = sympy.Rational(1, 2)


class Text(StrPrinter):  # type: ignore[misc]
    """Formulas as text; what has parentheses twice keeps one pair.

    Examples
    --------
    >>> import tracer
    >>> X, Y = tracer.placeholder("X", ("n", "m")), tracer.placeholder("Y", ("n", "m"))
    >>> write_text((1.0 - tracer.square(X) * Y).formula()), write_text(tracer.reduce_sum(tracer.exp(X)).formula())
    ('1 - (X^o2 o Y)', 'sum(exp(X))')
    """

    def _print(self, expr: sympy.Basic, **hints: object) -> str:
        """Print by this printer's rules, also where a class says how it is printed."""
        for kind, write in SPELLINGS.items():
            if isinstance(expr, kind):
                return write(self, expr)
        return str(super()._print(expr, **hints))

    def write_sum(self, expr: sympy.Basic) -> str:
        text = ""
        for term in expr.args:
            part = self._print(as_number(term))
            part = f"({part})" if isinstance(term, sympy.MatAdd) else part
            text += f" - {part[1:]}" if part.startswith("-") and text else f" + {part}" if text else part
        return text

    def write_elementwise_product(self, expr: sympy.Basic) -> str:
        over = [self._factor(a) for a in expr.args if not _divides(a)]
        under = [self._factor(N.HadamardPower(a.args[0], -a.args[1])) for a in expr.args if _divides(a)]
        return f"({' o '.join(over) or '1'}{''.join(f' / {text}' for text in under)})"

    def write_elementwise_power(self, expr: sympy.Basic) -> str:
        base, exponent = expr.args
        if exponent == 1:
            return self._print(base)
        if _divides(expr):
            return f"(1/{self._factor(N.HadamardPower(base, -exponent))})"
        if exponent == HALF:
            return f"sqrt({self._print(base)})"
        power = self._print(exponent)
        return f"{self._factor(base)}^o{power if exponent.is_Integer and exponent > 0 else f'({power})'}"

    def write_element(self, expr: sympy.Basic) -> str:
        total = as_total(expr)
        if total is not None:
            return f"sum({self._print(total)})"
        if isinstance(expr.args[0], sympy.MatrixSymbol) or tuple(expr.args[0].shape) != (1, 1):
            return str(super()._print(expr))
        return f"({self._print(expr.args[0])})"

    def _factor(self, expr: sympy.Basic) -> str:
        text = self._print(expr)
        alone = isinstance(expr, (sympy.MatrixSymbol, N.ElementwiseApplyFunction, N.HadamardPower, N.HadamardProduct))
        return text if alone and not text.startswith("-") else f"({text})"


SPELLINGS: Mapping[type[sympy.Basic], Callable[[Text, sympy.Basic], str]] = {
    sympy.MatAdd: Text.write_sum,
    N.HadamardProduct: Text.write_elementwise_product,
    N.HadamardPower: Text.write_elementwise_power,
    MatrixElement: Text.write_element,
}


class Notes(Latex):
    """Formulas in LaTeX; names that stand for gradients are spelled as a mapping says."""

    def __init__(self, spelled: Mapping[str, str], euler: bool) -> None:
        super().__init__(euler)
        self.spelled = spelled

    def _deal_with_super_sub(self, string: str, style: str = "plain") -> str:
        return self.spelled.get(string) or super()._deal_with_super_sub(string, style)

    def _print_MatAdd(self, e: sympy.Expr) -> str:
        numbers = [as_number(m) for m in e.args]
        if numbers == list(e.args):
            return super()._print_MatAdd(e)
        text = ""
        for m in numbers:
            part = self._print(m)
            part = rf"\left({part}\right)" if isinstance(m, (sympy.MatAdd, sympy.Add)) else part
            text += f" - {part[1:].lstrip()}" if part.startswith("-") and text else f" + {part}" if text else part
        return text

    def _print_MatrixElement(self, e: sympy.Expr) -> str:
        total = as_total(e)
        if total is None:
            return super()._print_MatrixElement(e)
        return rf"\operatorname{{sum}}\left({self._print(total)}\right)"

    def _print_Indexed(self, e: sympy.Expr) -> str:
        """An element; a name that has a subscript already stands in parentheses."""
        name = self._print(e.base)
        name = rf"\left({name}\right)" if "_" in name else name
        return f"{name}_{{{','.join(map(self._print, e.indices))}}}"

    def parenthesize(self, item: sympy.Basic, level: int, is_neg: bool = False, strict: bool = False) -> str:
        if isinstance(item, MatrixElement) and as_total(item) is not None:
            return str(self._print(item))
        return super().parenthesize(item, level, is_neg=is_neg, strict=strict)

    def _print_HadamardPower(self, e: sympy.Expr) -> str:
        return rf"\sqrt{{{self._print(e.args[0])}}}" if e.args[1] == HALF else super()._print_HadamardPower(e)


def write_text(formula: sympy.Basic) -> str:
    """A formula as text."""
    return single_parentheses(Text().doprint(formula))


def write_latex(formula: sympy.Basic, spelled: Mapping[str, str]) -> str:
    """A formula in LaTeX; e is written for the base of exponentials unless something else is called so."""
    return str(Notes(spelled, all(str(s) != "e" for s in formula.free_symbols)).doprint(formula))


def as_number(term: sympy.Basic) -> sympy.Basic:
    """The number that all elements of a summand are; None where they differ."""
    if isinstance(term, N.OneMatrix):
        return sympy.S.One
    if isinstance(term, sympy.MatMul) and isinstance(term.args[-1], N.OneMatrix):
        scalars = term.args[:-1]
        if not any(isinstance(s, MatrixExpr) for s in scalars):
            return sympy.Mul(*scalars)
    return term


def as_total(element: sympy.Basic) -> sympy.Basic | None:
    """The matrix whose elements a product sums up by rows and columns of ones; None for another product."""
    product = element.args[0]
    if not isinstance(product, sympy.MatMul) or tuple(product.shape) != (1, 1):
        return None
    factors = list(product.args)
    if not isinstance(factors[0], N.OneMatrix) or len(factors) < 2:
        return None
    inner = factors[1:-1] if isinstance(factors[-1], N.OneMatrix) else factors[1:]
    if not inner:
        return None
    return inner[0] if len(inner) == 1 else N.MatMul(*inner)


def _divides(factor: sympy.Basic) -> bool:
    return isinstance(factor, N.HadamardPower) and bool(factor.args[1].is_negative)


_CALL = re.compile(r"\w+\(")


def single_parentheses(text: str) -> str:
    """A text without parentheses around parentheses, around a call, or around all of it.

    Examples
    --------
    >>> print(single_parentheses("(sum((A o B))/(sqrt(n)) - ((a.T*b)))"))
    sum(A o B)/sqrt(n) - (a.T*b)
    """
    stack: list[int] = []
    partner: dict[int, int] = {}
    for k, letter in enumerate(text):
        if letter == "(":
            stack.append(k)
        elif letter == ")" and stack:
            partner[stack.pop()] = k
    drop = {k for start, end in partner.items() if partner.get(start + 1) == end - 1 for k in (start + 1, end - 1)}
    for start, end in partner.items():
        call = _CALL.match(text, start + 1)
        if call and partner.get(call.end() - 1) == end - 1 and not text[start - 1 : start].isalnum():
            drop |= {start, end}
    if partner.get(0) == len(text) - 1:
        drop |= {0, len(text) - 1}
    return "".join(letter for k, letter in enumerate(text) if k not in drop)


def plain(words: str) -> str:
    """Words as text; names in them are between backquotes."""
    return words.replace("`", "")


def words_in_latex(words: str, spelled: Mapping[str, str]) -> str:
    r"""Words as LaTeX for a place in a formula, with the names in them spelled as in formulas.

    Examples
    --------
    >>> print(words_in_latex("sum over the rows of `Z1`", {}))
    \text{sum over the rows of }Z_{1}
    """
    parts = words.split("`")
    return "".join(
        (spelled.get(part) or spell_name(part)) if k % 2 else rf"\text{{{_escape(part)}}}"
        for k, part in enumerate(parts)
        if part
    )


def _escape(words: str) -> str:
    return re.sub(r"([_&%#$])", r"\\\1", words)
