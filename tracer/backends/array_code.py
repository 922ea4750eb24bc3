"""How arrays are written with NumPy, and with modules that have its functions."""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from tracer import scalar, shapes
from tracer.backends.python_templates import PythonTemplates, spell_operators, spell_sum
from tracer.backends.templates import LIBRARY, Spelling, spell_accurate
from tracer.ops import selection
from tracer.program.carried import LOGADDEXP
from tracer.program.lines import Axis, Kind, Line
from tracer.python_code import Code
from tracer.python_scope import Scope
from tracer.python_sizes import size_code
from tracer.rules import argument
from tracer.shapes import letters


def _function(name: str) -> Spelling:
    return lambda e, *args: e.np.named(name)(*args)


def _own(name: str) -> Spelling:
    return lambda e, *args: e.named(name)(*args)


FUNCTIONS: dict[type[sympy.Basic], Spelling] = {
    **{head: _function(f"arc{name[1:]}" if name.startswith("a") else name) for head, name in LIBRARY.items()},
    sympy.Abs: _function("abs"), sympy.sign: _function("sign"), sympy.Heaviside: _function("heaviside"),
    sympy.Max: _function("maximum"), sympy.Min: _function("minimum"),
    sympy.erf: lambda e, x: e.special.erf(x),
    scalar.erfcx: lambda e, x: e.special.erfcx(x),
    sympy.erfc: _own("erfc"), sympy.loggamma: _own("lgamma"), sympy.polygamma: _own("polygamma"),
    scalar.softplus: lambda e, x: e.np.logaddexp(0, x),
    scalar.relu: lambda e, x: e.np.maximum(x, 0),
    scalar.rint: _function("rint"),
}  # fmt: skip


def list_whole() -> Mapping[sympy.Basic, Spelling]:
    """Templates with a code of their own."""
    a, b = argument(0), argument(1)
    return (
        spell_operators()
        | spell_accurate(lambda e: e.np)
        | {
            # As they stand, these would lose what is near zero.
            sympy.erfinv(1 - a): lambda e, x: e.special.erfcinv(x),
            sympy.sqrt(2) * sympy.erfinv(2 * a - 1): lambda e, x: e.special.ndtri(x),
            LOGADDEXP: lambda e, x, y: e.np.logaddexp(x, y),
            sympy.And(a, b): lambda e, x, y: e.np.logical_and(x, y),
            sympy.Or(a, b): lambda e, x, y: e.np.logical_or(x, y),
            sympy.Xor(a, b): lambda e, x, y: e.np.logical_xor(x, y),
            sympy.Not(a): lambda e, x: e.np.logical_not(x),
        }
    )


class ArrayTemplates(PythonTemplates):
    """Templates over arrays."""

    name = "numpy"

    def function(self, expr: sympy.Basic) -> Code:
        """The call of a function."""
        if isinstance(expr, scalar.sigmoid):
            return 1 / (1 + self.scope.np.exp(self.part(-expr.args[0])))
        return super().function(expr)

    def root(self, base: Code) -> Code:
        """A square root."""
        return self.scope.np.sqrt(base)

    def any_power(self, base: Code, power: Code) -> Code:
        """Any power."""
        return self.scope.np.power(base, power)

    def choose(self, test: Code, value: Code, otherwise: Code) -> Code:
        """A choice between two values."""
        return self.scope.np.where(test, value, otherwise)

    def constant(self, expr: sympy.Basic) -> Code:
        """A constant of mathematics."""
        np = self.scope.np
        names = {sympy.pi: np.pi, sympy.E: np.e, sympy.oo: np.inf, sympy.nan: np.nan}
        return names[expr] if expr in names else super().constant(expr)

    def indices(self, first: Code, last: Code) -> Code:
        """The numbers from the first to the last."""
        return self.scope.np.arange(first, last + 1.0)

    def nothing(self, names: list[Code]) -> Code:
        """Zeros in the shape of the operands."""
        return self.scope.np.zeros(self.scope.np.broadcast(*names).shape)


# Operations on whole arrays: each takes the scope, the line, and the codes of its operands.


def _reduction(name: str, own: bool = False) -> Spelling:
    def spell(e: Scope, line: Line, x: Code) -> Code:
        axes, keepdims = line.params
        keywords = {} if axes is None else {"axis": axes[0] if len(axes) == 1 else axes}
        return (e if own else e.np).named(name)(x, **keywords, **({"keepdims": True} if keepdims else {}))

    return spell


def _tensordot(e: Scope, line: Line, x: Code, y: Code) -> Code:
    left, right = line.params
    rank, n = len(line.operands[0].shape), len(left)
    adjacent = left == tuple(range(rank - n, rank)) and right == tuple(range(n))
    return e.np.tensordot(x, y, n if adjacent else line.params)


def _einsum(e: Scope, line: Line, *operands: Code) -> Code:
    inputs, output = line.params
    text = f"{','.join(map(letters, inputs))}->{letters(output)}"
    return e.np.einsum(text, *operands, **({"optimize": True} if len(operands) > 1 else {}))


def _transpose(e: Scope, line: Line, x: Code) -> Code:
    axes, n = line.params, line.ndim
    if axes == tuple(range(n))[::-1]:
        return e.transpose(x, n)
    if axes == (*range(n - 2), n - 1, n - 2):
        return e.np.swapaxes(x, -1, -2)
    return e.np.transpose(x, axes)


ENTRIES = {Axis.KEPT: slice(None), Axis.NEW: None, Axis.FIRST: 0}


def _select(e: Scope, line: Line, x: Code) -> Code:
    return e.take(x, tuple(ENTRIES[axis] for axis in line.params), len(line.operands[0].shape))


def _diagonal(name: str) -> Spelling:
    def spell(e: Scope, line: Line, x: Code) -> Code:
        last = {} if len(line.operands[0].shape) == 2 else {"axis1": -2, "axis2": -1}
        return e.np.named(name)(x, **last)

    return spell


def _embed(e: Scope, line: Line, x: Code) -> Code:
    return e.np.diag(x) if line.params == (0, 0) else e.embed(x, line.params, line.shape)


def _greatest_at(e: Scope, line: Line, *operands: Code) -> Code:
    size = shapes.size(line.shape)
    places = e.reshape(e.np.arange(size), line.shape)
    keys = [selection.spell(index, line.shape, operands) for index in line.params]
    pairs = [(e.take(places, key, line.ndim), x) for key, x in zip(keys, operands)]
    return e.reshape(e.greatest_at(size, *pairs), line.shape)


def _cast(e: Scope, line: Line, x: Code) -> Code:
    """An array by its method, which other libraries' arrays have too; a number may be Python's."""
    dtype = e.np.named(line.dtype)
    return x.astype(dtype) if line.shape else dtype(x)


KINDS: dict[Kind, Spelling] = {
    Kind.ADD: spell_sum,
    Kind.SIZE: lambda e, line, *sizes: size_code(line.params),
    Kind.CAST: _cast,
    Kind.SUM: _reduction("sum"),
    Kind.MEAN: _reduction("mean"),
    Kind.MAX: _reduction("max"),
    Kind.NORM: _reduction("norm", own=True),
    Kind.MATMUL: lambda e, line, x, y: x @ y,
    Kind.VDOT: lambda e, line, x, y: e.np.vdot(x, y),
    Kind.TENSORDOT: _tensordot,
    Kind.EINSUM: _einsum,
    Kind.TRANSPOSE: _transpose,
    Kind.SELECT: _select,
    Kind.TRACE: _diagonal("trace"),
    Kind.DIAGONAL: _diagonal("diagonal"),
    Kind.BROADCAST: lambda e, line, x: e.np.broadcast_to(x, line.shape),
    Kind.EYE: lambda e, line: e.np.eye(line.shape[0]),
    Kind.EMBED: _embed,
    Kind.GREATEST_AT: _greatest_at,
}
