"""Elementwise templates as code: one walk over sympy's expressions, and a table of functions for each language."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from functools import reduce
from typing import Self

import sympy
from sympy.core.mul import _keep_coeff

from tracer.ops.accurate import CBRT, EXP2, HYPOT, LOG2, LOG10
from tracer.python_code import (
    BIT_AND,
    BIT_OR,
    COMPARE,
    MANY,
    POWER,
    TIMES,
    Code,
    add_terms,
    infix,
    literal,
    negate,
    slot,
)
from tracer.python_scope import SCOPE, Scope
from tracer.rules import list_positions, position_of
from tracer.scalar import Named, expm1, hypot, log1p

LIBRARY: Mapping[type[sympy.Basic], str] = {
    sympy.exp: "exp", sympy.log: "log", sympy.sin: "sin", sympy.cos: "cos", sympy.tan: "tan", sympy.asin: "asin",
    sympy.acos: "acos", sympy.atan: "atan", sympy.sinh: "sinh", sympy.cosh: "cosh", sympy.tanh: "tanh",
    sympy.asinh: "asinh", sympy.acosh: "acosh", sympy.atanh: "atanh", sympy.atan2: "atan2", sympy.floor: "floor",
    sympy.ceiling: "ceil", sympy.erf: "erf", sympy.erfc: "erfc", expm1: "expm1", log1p: "log1p",
    hypot: "hypot",
}  # fmt: skip
"""What functions are called in the mathematical library of C, and so in Python's."""

Spelling = Callable[..., Code]
"""The code of a function, given the scope and the codes of its arguments: ``lambda e, x: e.np.exp(x)``."""


def spell_accurate(library: Callable[[Scope], Scope | Code]) -> dict[sympy.Basic, Spelling]:
    """The code of functions that a library computes better than the walk over their templates would."""

    def spell(name: str) -> Spelling:
        return lambda e, *args: library(e).named(name)(*args)

    return {op.template: spell(op.name) for op in (LOG2, LOG10, EXP2, CBRT, HYPOT)}


def multiply(factors: Iterable[Code]) -> Code:
    """A product, one factor after another."""
    return reduce(lambda a, b: infix(a, "*", b, TIMES), factors)


class Lacking(LookupError):
    """A language has no code for an operation."""


class TemplateWriter(ABC):
    """The code of templates in one language.

    Parameters
    ----------
    functions : mapping
        The spelling of each class of sympy's functions.
    whole : mapping
        Templates with a code of their own, which the walk over their parts would compute less exactly.

    Examples
    --------
    >>> from tracer.backends.to_numpy import TEMPLATES
    >>> x = sympy.Symbol("_0", real=True)
    >>> str(TEMPLATES.write(sympy.exp(-x) / (x + 1)**2))
    'np.exp(-_0) / (_0 + 1) ** 2'
    """

    name = ""
    """What the backend is called."""
    longest_product = 4
    """The highest power that is written as a product."""
    shortest_product = 3

    def __init__(
        self, functions: Mapping[type[sympy.Basic], Spelling], whole: Callable[[], Mapping[sympy.Basic, Spelling]]
    ) -> None:
        self.functions = functions
        self._make_whole = whole
        self._whole: Mapping[sympy.Basic, Spelling] | None = None
        self.scope = SCOPE
        self.bound: dict[sympy.Basic, Code] = {}

    @property
    def whole(self) -> Mapping[sympy.Basic, Spelling]:
        """Templates with a code of their own; made when first needed, for sympy loads much to build them."""
        if self._whole is None:
            self._whole = self._make_whole()
        return self._whole

    def within(self, scope: Scope) -> Self:
        """The same with the names of another scope."""
        writer = copy(self)
        writer.scope = scope
        return writer

    def write(self, template: sympy.Basic) -> Code:
        """The code of a template.

        Raises
        ------
        LookupError
            If the language lacks a function.
        """
        # The indices that are bound are one walk's own.
        spelling = self.whole.get(template)
        if spelling is None:
            return copy(self).part(template)
        return spelling(self.scope, *map(slot, list_positions(template)))

    def part(self, expr: sympy.Basic) -> Code:
        """The code of a part of a template."""
        if expr in self.bound:
            return self.bound[expr]
        if isinstance(expr, (sympy.Function, sympy.Max, sympy.Min)) and not isinstance(expr, sympy.Piecewise):
            return self.function(expr)
        method = next((m for c in type(expr).__mro__ if (m := PARTS.get(c)) is not None), None)
        if method is None:
            return self.other(expr)
        code: Code = method(self, expr)
        return code

    def function(self, expr: sympy.Basic) -> Code:
        """The call of a function."""
        spelling = self.functions.get(expr.func)
        if isinstance(expr, Named):
            spelling = spelling or expr.spellings.get(self.name)
            if spelling is None and not expr.by_mpmath:
                return self.part(expr.rewrite())
        if spelling is None:
            return self.other(expr)
        args = [self.part(a) for a in expr.args]
        if isinstance(expr, (sympy.Max, sympy.Min)):
            return reduce(lambda rest, first: spelling(self.scope, first, rest), reversed(args[:-1]), args[-1])
        return spelling(self.scope, *args)

    def other(self, expr: sympy.Basic) -> Code:
        """What the tables lack."""
        raise Lacking(type(expr).__name__)

    def symbol(self, expr: sympy.Basic) -> Code:
        """An operand."""
        return slot(position_of(expr))

    def number(self, expr: sympy.Basic) -> Code:
        """A rational or floating number."""
        return literal(int(expr) if expr.is_Integer else expr if expr.is_Rational else float(expr))

    def constant(self, expr: sympy.Basic) -> Code:
        """A constant of mathematics, or what is no real number."""
        return literal(float(expr))

    def sum(self, expr: sympy.Basic) -> Code:
        """A sum, its terms in sympy's order; what is negative is subtracted."""
        terms = expr.args if len(expr.args) > MANY else expr.as_ordered_terms()
        return add_terms([self.term(t) for t in terms])

    def term(self, expr: sympy.Basic) -> tuple[bool, Code]:
        """Whether a term is subtracted, and its code without the sign."""
        c = expr.as_coeff_Mul()[0]
        negative = bool(c.is_negative) and not isinstance(expr, sympy.Add)
        return negative, self.part(-expr if negative else expr)

    def product(self, expr: sympy.Basic) -> Code:
        """A product: negative powers are divided by, a sign stands at the front."""
        if len(expr.args) > MANY:
            return self.long_product([self.part(a) for a in expr.args])
        c, rest = expr.as_coeff_Mul()
        negative = bool(c < 0)
        factors = _keep_coeff(-c, rest).as_ordered_factors() if negative else expr.as_ordered_factors()
        above, below = [], []
        for factor in join_roots(factors):
            if factor.is_Pow and factor.exp.is_Rational and factor.exp.is_negative:
                below.append(sympy.Pow(factor.base, -factor.exp, evaluate=factor.exp == -1))
            else:
                above.append(self.part(factor))
        code = multiply(above or [literal(1)])
        code = negate(code) if negative else code
        if below:
            code = infix(code, "/", multiply(map(self.part, below)), TIMES)
        return code

    def long_product(self, factors: list[Code]) -> Code:
        """A product of many factors, which operators would nest too deep."""
        return self.scope.math.prod(factors)

    def power(self, expr: sympy.Basic) -> Code:
        """A power: roots and small whole powers by simpler means."""
        base, power = self.part(expr.base), expr.exp
        if power == sympy.S.Half:
            return self.root(base)
        if power == -sympy.S.Half:
            return infix(literal(1), "/", self.root(base), TIMES)
        if power.is_Integer and (-4 < power < 0 or self.shortest_product <= power <= self.longest_product):
            size = abs(int(power))
            product = multiply([base] * size) if size == 1 or base.is_slot() else self.whole_power(base, size)
            return infix(literal(1), "/", product, TIMES) if power < 0 else product
        if power.is_Integer and power > 0:
            return self.whole_power(base, int(power))
        return self.any_power(base, literal(float(power)) if power.is_Rational and power.q > 1 else self.part(power))

    @abstractmethod
    def root(self, base: Code) -> Code:
        """A square root."""

    def whole_power(self, base: Code, power: int) -> Code:
        """A power by a positive whole number."""
        return infix(base, "**", literal(power), POWER)

    @abstractmethod
    def any_power(self, base: Code, power: Code) -> Code:
        """Any power."""

    def relation(self, expr: sympy.Basic) -> Code:
        """A comparison."""
        return infix(self.part(expr.lhs), expr.rel_op, self.part(expr.rhs), COMPARE)

    def conjunction(self, expr: sympy.Basic) -> Code:
        """All of several conditions."""
        return self.join([self.part(a) for a in ordered(expr.args)], "&", BIT_AND)

    def disjunction(self, expr: sympy.Basic) -> Code:
        """Any of several conditions."""
        return self.join([self.part(a) for a in ordered(expr.args)], "|", BIT_OR)

    def join(self, codes: list[Code], sign: str, level: int) -> Code:
        """Conditions with an operator between them."""
        return reduce(lambda a, b: infix(a, sign, b, level), codes)

    def negation(self, expr: sympy.Basic) -> Code:
        """The contrary of a condition."""
        return ~self.part(expr.args[0])

    def truth(self, expr: sympy.Basic) -> Code:
        """True or False."""
        return literal(bool(expr))

    def choice(self, expr: sympy.Basic) -> Code:
        """A choice between values; NaN where no condition holds."""
        # Whole numbers alone would make integers.
        whole = all(value.is_Integer for value, _ in expr.args)
        code = literal(float("nan"))
        for value, condition in reversed(expr.args):
            chosen = literal(float(value)) if whole else self.part(value)
            code = chosen if condition is sympy.true else self.choose(self.part(condition), chosen, code)
        return code

    @abstractmethod
    def choose(self, test: Code, value: Code, otherwise: Code) -> Code:
        """A choice between two values."""

    def series(self, expr: sympy.Basic) -> Code:
        """A sum or product over an index, or an integral."""
        return self.other(expr)


def join_roots(factors: Sequence[sympy.Expr]) -> list[sympy.Expr]:
    """Factors in which a fraction and roots of numbers are a root over another one.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> join_roots([sympy.Rational(1, 2), sympy.sqrt(2), x, 1 / sympy.sqrt(sympy.pi)])
    [1/(sqrt(2*pi)), x]
    >>> join_roots([sympy.Integer(2), sympy.sqrt(2), x])
    [2, sqrt(2), x]
    """
    numbers = [f for f in factors if f.is_Rational or _is_root(f)]
    if len(numbers) < 2 or all(f.is_Integer or _is_root(f) for f in numbers):
        return [*factors]
    above, below = map(_take_root, sympy.fraction(sympy.Mul(*numbers) ** 2))
    made = [*([above] if above != 1 else []), *([sympy.Pow(below, -1, evaluate=False)] if below != 1 else [])]
    return [*made, *(f for f in factors if f not in numbers)]


def _is_root(factor: sympy.Expr) -> bool:
    """Whether a factor is the root of a rational number, of pi, or of one over it."""
    return factor.is_Pow and abs(factor.exp) == sympy.S.Half and (factor.base.is_Rational or factor.base is sympy.pi)


def _take_root(square: sympy.Expr) -> sympy.Expr:
    """The root of a number, in one piece."""
    root = sympy.sqrt(square)
    return root if root.is_Rational else sympy.Pow(square, sympy.S.Half, evaluate=False)


def ordered(args: Iterable[sympy.Basic]) -> list[sympy.Basic]:
    """Conditions in an order that is the same in every process."""
    return sorted(args, key=sympy.default_sort_key)


PARTS: dict[type[sympy.Basic], Callable[[TemplateWriter, sympy.Basic], Code]] = {
    sympy.Symbol: lambda w, e: w.symbol(e),
    sympy.Rational: lambda w, e: w.number(e),
    sympy.Float: lambda w, e: w.number(e),
    sympy.NumberSymbol: lambda w, e: w.constant(e),
    sympy.core.numbers.Infinity: lambda w, e: w.constant(e),
    sympy.core.numbers.NegativeInfinity: lambda w, e: w.constant(e),
    sympy.core.numbers.NaN: lambda w, e: w.constant(e),
    sympy.Add: lambda w, e: w.sum(e),
    sympy.Mul: lambda w, e: w.product(e),
    sympy.Pow: lambda w, e: w.power(e),
    sympy.core.relational.Relational: lambda w, e: w.relation(e),
    sympy.And: lambda w, e: w.conjunction(e),
    sympy.Or: lambda w, e: w.disjunction(e),
    sympy.Not: lambda w, e: w.negation(e),
    sympy.logic.boolalg.BooleanAtom: lambda w, e: w.truth(e),
    sympy.Piecewise: lambda w, e: w.choice(e),
    sympy.UnevaluatedExpr: lambda w, e: w.part(e.args[0]),
    sympy.Sum: lambda w, e: w.series(e),
    sympy.Product: lambda w, e: w.series(e),
    sympy.Integral: lambda w, e: w.series(e),
}
"""What is written of each class of sympy's expressions."""
