"""Elementwise templates in C: functions of doubles, and of whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

import sympy

from tracer import scalar
from tracer.backends.templates import LIBRARY, Lacking, Spelling, TemplateWriter, multiply, spell_accurate
from tracer.program.carried import LOGADDEXP
from tracer.python_code import AND, CHOICE, NUMBER, OR, UNARY, Code, Number, assemble, name, negate, prefix
from tracer.python_scope import SCOPE
from tracer.rules import argument


def _function(own: str) -> Spelling:
    return lambda e, *args: e.named(own)(*args)


FUNCTIONS: dict[type[sympy.Basic], Spelling] = {
    **{head: _function(own) for head, own in LIBRARY.items()},
    sympy.Abs: _function("fabs"), sympy.sign: _function("sign"), sympy.Heaviside: _function("heaviside"),
    sympy.Max: _function("maximum"), sympy.Min: _function("minimum"), sympy.gamma: _function("gamma_of"),
    sympy.loggamma: _function("logarithm_of_gamma"),
    scalar.softplus: lambda e, x: e.logaddexp(name("0.0"), x),
    scalar.relu: lambda e, x: e.maximum(x, name("0.0")),
    scalar.rint: _function("rint"), scalar.erfcx: _function("scaled_erfc"),
    scalar.erf_above: lambda e, x: e.erfc(negate(x)),
}  # fmt: skip


def _whole() -> Mapping[sympy.Basic, Spelling]:
    a, b = argument(0), argument(1)
    return spell_accurate(lambda e: e) | {
        sympy.floor(a / b): lambda e, x, y: e.floor_divide(x, y),
        a - b * sympy.floor(a / b): lambda e, x, y: e.remainder_of(x, y),
        sympy.Ne(a, a, evaluate=False): lambda e, x: x.differs(x),
        LOGADDEXP: lambda e, x, y: e.logaddexp(x, y),
        sympy.Xor(a, b): lambda e, x, y: x.differs(y),
    }


def c_number(value: Number) -> str:
    """The text of a number as a double.

    Examples
    --------
    >>> c_number(2), c_number(0.1), c_number(float("-inf")), c_number(sympy.Rational(1, 3))
    ('2.0', '0.1', '-INFINITY', '(1.0 / 3.0)')
    """
    if isinstance(value, sympy.Rational) and not value.is_Integer and len(repr(float(value))) >= 8:
        return f"({c_number(int(value.p))} / {c_number(int(value.q))})"
    number = float(value)
    if number != number:
        return "NAN"
    return {float("inf"): "INFINITY", float("-inf"): "-INFINITY"}.get(number, repr(number))


class CTemplates(TemplateWriter):
    """Templates over doubles; a condition is an int, 0 or 1."""

    name = "c"

    shortest_product = 2

    def number(self, expr: sympy.Basic) -> Code:
        """A number."""
        return name(c_number(expr), UNARY if expr < 0 else NUMBER)

    def constant(self, expr: sympy.Basic) -> Code:
        """A constant of mathematics."""
        return name(c_number(float(expr)), UNARY if expr.is_negative else NUMBER)

    def root(self, base: Code) -> Code:
        """A square root."""
        return SCOPE.sqrt(base)

    def whole_power(self, base: Code, power: int) -> Code:
        """A power by a positive whole number."""
        return SCOPE.pow(base, name(c_number(power)))

    def any_power(self, base: Code, power: Code) -> Code:
        """Any power."""
        return SCOPE.pow(base, power)

    def long_product(self, factors: list[Code]) -> Code:
        """A product of many factors."""
        return multiply(factors)

    def choose(self, test: Code, value: Code, otherwise: Code) -> Code:
        """A choice between two values."""
        return assemble((test, OR), " ? ", (value, OR), " : ", (otherwise, CHOICE), level=CHOICE)

    def choice(self, expr: sympy.Basic) -> Code:
        """A choice between values; NaN where no condition holds."""
        code = name("NAN")
        for value, condition in reversed(expr.args):
            chosen = self.part(value)
            code = chosen if condition is sympy.true else self.choose(self.part(condition), chosen, code)
        return code

    def join(self, codes: list[Code], sign: str, level: int) -> Code:
        """Conditions with an operator of logic between them."""
        own, level = ("&&", AND) if sign == "&" else ("||", OR)
        return super().join(codes, own, level)

    def negation(self, expr: sympy.Basic) -> Code:
        """The contrary of a condition."""
        return prefix("!", self.part(expr.args[0]), UNARY)

    def truth(self, expr: sympy.Basic) -> Code:
        """True or False."""
        return name("1" if expr else "0")

    def other(self, expr: sympy.Basic) -> Code:
        """What C's library lacks."""
        raise Lacking(f"C has no function {type(expr).__name__}")

    def function(self, expr: sympy.Basic) -> Code:
        """The call of a function."""
        if isinstance(expr, scalar.sigmoid):
            return self.part(1 / (1 + sympy.exp(-expr.args[0])))
        return super().function(expr)


TEMPLATES = CTemplates(FUNCTIONS, _whole)


WHOLE = (
    sympy.Add, sympy.Mul, sympy.Pow, sympy.Integer, sympy.Symbol, sympy.Max, sympy.Min, sympy.Abs, sympy.Piecewise,
    sympy.core.relational.Relational, sympy.And, sympy.Or, sympy.Not, sympy.logic.boolalg.BooleanAtom,
    sympy.functions.elementary.piecewise.ExprCondPair,
)  # fmt: skip
"""What templates over whole numbers are made of."""


class IntegerTemplates(CTemplates):
    """Templates over whole numbers, of which no step leaves them."""

    def write(self, template: sympy.Basic) -> Code:
        """The code of a template."""
        if template in self.whole:
            return super().write(template)
        for part in sympy.preorder_traversal(template):
            if not isinstance(part, WHOLE) or (isinstance(part, sympy.Pow) and not _is_small(part.exp)):
                raise Lacking(f"C has no {type(part).__name__} of whole numbers")
        return self.part(template)

    def number(self, expr: sympy.Basic) -> Code:
        """A number."""
        return name(str(expr), UNARY if expr < 0 else NUMBER)

    def whole_power(self, base: Code, power: int) -> Code:
        """A power by a positive whole number."""
        return reduce(lambda total, factor: total * factor, [base] * power)

    def function(self, expr: sympy.Basic) -> Code:
        """An extreme of two numbers, or the size of one."""
        own = [self.part(a) for a in expr.args]
        if isinstance(expr, sympy.Abs):
            return self.choose(own[0] < name("0"), -own[0], own[0])
        larger = isinstance(expr, sympy.Max)
        return reduce(lambda x, y: self.choose(x > y if larger else x < y, x, y), own)


def _is_small(power: sympy.Basic) -> bool:
    return bool(power.is_Integer and 0 < power < 9)


def _list_quotients() -> Mapping[sympy.Basic, Spelling]:
    a, b = argument(0), argument(1)
    return {
        sympy.floor(a / b): lambda e, x, y: e.whole_quotient(x, y),
        a - b * sympy.floor(a / b): lambda e, x, y: e.whole_remainder(x, y),
    }


INTEGERS = IntegerTemplates(FUNCTIONS, _list_quotients)
