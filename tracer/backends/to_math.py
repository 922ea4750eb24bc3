"""The math backend: how programs of scalars are written with Python's floats and its module ``math``."""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from tracer import scalar
from tracer.backends.python_source import PythonBackend
from tracer.backends.python_templates import NumberTemplates, spell_operators, spell_sum
from tracer.backends.templates import LIBRARY, Spelling, spell_accurate
from tracer.program.carried import LOGADDEXP
from tracer.program.lines import Kind, Line
from tracer.python_code import Code, choose, literal
from tracer.python_scope import Scope
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


TEMPLATES = NumberTemplates(FUNCTIONS, _whole)


def _cast(e: Scope, line: Line, x: Code) -> Code:
    return e.named("bool" if line.dtype == "bool" else line.dtype.rstrip("0123456789"))(x)


MATH = PythonBackend("math", TEMPLATES, {Kind.ADD: spell_sum, Kind.CAST: _cast}, arrays=False)
