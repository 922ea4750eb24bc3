"""The math backend: how programs of scalars are written with Python's floats and its module ``math``."""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from tracer import scalar
from tracer.backends.python_source import PythonBackend
from tracer.backends.python_templates import PythonTemplates, spell_operators, spell_sum
from tracer.backends.templates import LIBRARY, Spelling, spell_accurate
from tracer.program.carried import LOGADDEXP
from tracer.program.lines import Kind, Line
from tracer.python_code import AND, NOT, OR, Code, choose, literal, prefix
from tracer.python_scope import SCOPE, Scope
from tracer.rules import argument


def _function(name: str) -> Spelling:
    return lambda e, *args: e.math.named(name)(*args)


def _float(name: str) -> Spelling:
    return lambda e, *args: e.float(e.named(name)(*args))


def _heaviside(e: Scope, x: Code, at_zero: Code) -> Code:
    return choose(x < 0, literal(0.0), choose(x > 0, literal(1.0), at_zero))


FUNCTIONS: dict[type[sympy.Basic], Spelling] = {
    **{head: _function(name) for head, name in LIBRARY.items()},
    sympy.gamma: _function("gamma"), sympy.loggamma: _function("lgamma"),
    sympy.polygamma: _float("polygamma"),
    sympy.Abs: lambda e, x: e.abs(x),
    sympy.sign: lambda e, x: e.float((x > 0) - (x < 0)),
    sympy.Heaviside: _heaviside,
    sympy.Max: lambda e, x, y: e.max(x, y),
    sympy.Min: lambda e, x, y: e.min(x, y),
    scalar.erfcx: lambda e, x: e.float(e.special.erfcx(x)),
    scalar.sigmoid: lambda e, x: e.sigmoid(x),
    scalar.softplus: lambda e, x: e.softplus(x),
    scalar.relu: lambda e, x: e.max(x, 0.0),
    scalar.rint: lambda e, x: e.float(e.round(x)),
}  # fmt: skip


def _whole() -> Mapping[sympy.Basic, Spelling]:
    a = argument(0)
    return (
        spell_operators()
        | spell_accurate(lambda e: e.math)
        | {
            # As they stand, these would lose what is near zero.
            sympy.erfinv(1 - a): lambda e, x: e.float(e.special.erfcinv(x)),
            sympy.sqrt(2) * sympy.erfinv(2 * a - 1): lambda e, x: e.float(e.special.ndtri(x)),
            LOGADDEXP: lambda e, x, y: e.logaddexp(x, y),
        }
    )


class MathTemplates(PythonTemplates):
    """Templates over Python's floats."""

    name = "math"

    shortest_product = 2

    def convert(self, code: Code) -> Code:
        """A value that a function over arrays has computed."""
        return SCOPE.float(code)

    def root(self, base: Code) -> Code:
        """A square root."""
        return SCOPE.math.sqrt(base)

    def any_power(self, base: Code, power: Code) -> Code:
        """Any power."""
        return SCOPE.math.pow(base, power)

    def choose(self, test: Code, value: Code, otherwise: Code) -> Code:
        """A choice between two values."""
        return choose(test, value, otherwise)

    def join(self, codes: list[Code], sign: str, level: int) -> Code:
        """Conditions with ``and`` or ``or`` between them."""
        word, level = ("and", AND) if sign == "&" else ("or", OR)
        return super().join(codes, word, level)

    def negation(self, expr: sympy.Basic) -> Code:
        """The contrary of a condition."""
        return prefix("not ", self.part(expr.args[0]), NOT)

    def constant(self, expr: sympy.Basic) -> Code:
        """A constant of mathematics."""
        names = {sympy.pi: SCOPE.math.pi, sympy.E: SCOPE.math.e, sympy.oo: SCOPE.math.inf, sympy.nan: SCOPE.math.nan}
        return names[expr] if expr in names else super().constant(expr)

    def indices(self, first: Code, last: Code) -> Code:
        """The numbers from the first to the last."""
        return SCOPE.range(first, last + 1)


TEMPLATES = MathTemplates(FUNCTIONS, _whole)


def _cast(e: Scope, line: Line, x: Code) -> Code:
    return e.named("bool" if line.dtype == "bool" else line.dtype.rstrip("0123456789"))(x)


MATH = PythonBackend("math", TEMPLATES, {Kind.ADD: spell_sum, Kind.CAST: _cast}, arrays=False)
