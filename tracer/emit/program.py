"""The lines of a program: a sub-graph as a list of fragments over earlier lines, each common subexpression once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import sympy

from tracer import shapes
from tracer.dtypes import FLOATS
from tracer.emit import contractions
from tracer.emit.exponents import Carried, Exponents, carried
from tracer.emit.fragments import Fragment, fragment
from tracer.emit.requirements import requirements
from tracer.emit.spelling import evaluated_template, number, spell
from tracer.ops.contraction import Contraction
from tracer.rules import Elementwise
from tracer.shapes import Dim, Shape
from tracer.tensor import SOURCES, Tensor
from tracer.walk import ancestors

_REFUSING = re.compile(r"(np\.linalg\.(?:cholesky|inv|solve))\(")
"""Functions that raise for some matrices, which is no reason to fail where a choice leaves the value out."""


class Line:
    """One value of a program: a fragment over other lines, or a leaf.

    Attributes
    ----------
    fragment : Fragment or None
        None for a leaf: an argument, a constant, or a dimension.
    operands : tuple
        A line, or the text of a literal, for each slot of the fragment.
    shape, dtype
        Those of the value.
    leaf : object
        What a leaf stands for: the tensor, the dimension's symbol, or the array.
    position : int
        The place in the order in which lines were made.
    name : str
        What the value is like, for naming it.
    uses : int
        How many slots of other lines it fills.
    """

    __slots__ = ("dtype", "fragment", "leaf", "name", "operands", "position", "shape", "uses")

    def __init__(
        self,
        fragment: Fragment | None,
        operands: tuple[Any, ...],
        shape: Shape,
        dtype: str,
        position: int,
        leaf: Any = None,
    ) -> None:
        self.fragment = fragment
        self.operands = operands
        self.shape = shape
        self.dtype = dtype
        self.leaf = leaf
        self.position = position
        self.name: str | None = None
        self.uses = 0


class Scribe:
    """What a row's NumPy form may ask for while it writes its text: texts that stand for dimensions and arrays."""

    def __init__(self, program: Program, operands: list[Any]) -> None:
        self._program = program
        self.operands = operands

    def _slot(self, operand: Any) -> str:
        self.operands.append(operand)
        return f"_{len(self.operands) - 1}"

    def dims(self, dim: Dim) -> str:
        """The text of a dimension, or of an expression in dimensions: a number where it is known."""
        return str(dim) if isinstance(dim, int) else self._slot(self._program.dimension(dim))

    def shape(self, shape: Shape) -> str:
        """The text of a shape, a tuple."""
        return "(" + "".join(f"{self.dims(d)}, " for d in shape) + ")"

    def number(self, value: Any) -> str:
        """The text that stands for a number, for fragments that differ in numbers alone to be one."""
        return self._slot(number(value))

    def constant(self, array: Any) -> str:
        """The text of a name that is bound to an array."""
        return self._slot(self._program.constant(array))


class Program:
    """The lines that compute tensors.

    Parameters
    ----------
    outputs : sequence of Tensor
    inputs : iterable of Tensor
        Tensors whose values are given; what lies behind them is not looked at. Without any, values that are known
        already are used.
    floats : bool
        Whether the values are Python floats and the functions those of ``math``.

    Attributes
    ----------
    lines : list of Line
        In an order in which they may be computed.
    results : list of Line or text
        The outputs.
    arguments : dict
        The line of each input.
    required : dict
        What its symbolic sizes must fulfil.
    """

    def __init__(self, outputs: Sequence[Tensor], inputs: Iterable[Tensor], floats: bool = False) -> None:
        self.floats = floats
        self.lines: list[Line] = []
        self.arguments: dict[int, Line] = {}
        self.dimensions: dict[sympy.Symbol, Line] = {}
        self.constants: list[Line] = []
        self.views: dict[Any, contractions.View] = {}
        self._memo: dict[Any, Line] = {}
        self._made = 0
        self._exponents = Exponents(self)
        self._values: dict[int, Any] = {}
        for tensor in inputs:
            self.arguments[tensor.node] = self._leaf(tensor, tensor.shape, tensor.dtype)
        self._values.update(self.arguments)
        given = self._values
        cached = not given
        order = ancestors(outputs, lambda t: t.node in given or _has_value(t, cached))
        self._carried = carried(
            order, lambda t: t.node in given or t.rule in SOURCES or (cached and t.value is not None)
        )
        self._cached = cached
        self.required = requirements(order)
        self._chooses = any(t.dtype == "bool" for t in order)
        for tensor in order:
            if tensor.node not in given:
                line = self._values[tensor.node] = self.typed(self._lower(tensor), tensor.dtype)
                if type(line) is Line and line.name is None:
                    line.name = tensor.rule.name
        self.results = [self.spread(self.operand(t), t) for t in outputs]
        self._prune()

    def _prune(self) -> None:
        """Count uses, and forget what the results do not need."""
        needed = {r for r in self.results if type(r) is Line}
        for line in reversed(self.lines):
            if line.uses or line in needed:
                for operand in line.operands:
                    if type(operand) is Line:
                        operand.uses += 1
        self.lines = [line for line in self.lines if line.uses or line in needed]
        self.constants = [line for line in self.constants if line.uses or line in needed]
        self.dimensions = {dim: line for dim, line in self.dimensions.items() if line.uses or line in needed}

    def _leaf(self, leaf: Any, shape: Shape, dtype: str) -> Line:
        self._made += 1
        return Line(None, (), shape, dtype, self._made, leaf)

    def add(self, piece: Fragment, operands: Sequence[Any], shape: Shape, dtype: str) -> Any:
        """The line of a fragment over operands, made when it is new."""
        chosen = tuple([operands[k] for k in piece.slots])
        if piece.text == "-_0":
            (inner,) = chosen
            if type(inner) is str:
                return inner[1:] if inner.startswith("-") else f"-{inner}"
            if inner.fragment is piece:
                return inner.operands[0]
        if chosen and not self.floats and all(type(o) is str for o in chosen):
            chosen = (self._boxed(chosen[0]), *chosen[1:])
        elif not self.floats and any(type(o) is str for o in chosen):
            literals = frozenset(k for k in piece.slots if type(operands[k]) is str)
            if piece.may_raise(literals):
                chosen = tuple([f"np.float64({o})" if type(o) is str and o[:3] != "np." else o for o in chosen])
        key = (piece, chosen)
        line = self._memo.get(key)
        if line is None:
            self._made += 1
            line = self._memo[key] = Line(piece, chosen, shape, dtype, self._made)
            self.lines.append(line)
        return line

    def _boxed(self, text: str) -> Line:
        """A literal as an array: Python's numbers raise, or turn complex, where NumPy's give inf or nan."""
        import numpy as np

        key = (None, text)
        if key not in self._memo:
            self._memo[key] = self.constant(np.asarray(eval(text, {"np": np})))
        return self._memo[key]

    def dimension(self, dim: sympy.Expr) -> Any:
        """The line of a dimension or of an expression in dimensions."""
        if isinstance(dim, sympy.Symbol):
            if dim not in self.dimensions:
                self.dimensions[dim] = self._leaf(dim, (), "int64")
            return self.dimensions[dim]
        symbols = sorted(dim.free_symbols, key=str)
        template = dim.xreplace({s: sympy.Symbol(f"_{k}", integer=True, positive=True) for k, s in enumerate(symbols)})
        kind = "int64" if dim.is_integer else "float64"
        plain = dim.is_integer or dim.is_rational_function()
        text = _dimension_text(template) if plain else spell(template).text
        return self.add(fragment(text), [self.dimension(s) for s in symbols], (), kind)

    def constant(self, array: Any) -> Line:
        """A leaf for an array."""
        line = self._leaf(array, tuple(array.shape), array.dtype.name)
        self.constants.append(line)
        return line

    def operand(self, arg: Any) -> Any:
        """What stands for an argument of a node: a line, which may only broadcast to its shape, or a literal's text."""
        if type(arg) is Tensor:
            value = self._values[arg.node]
            if type(value) is Carried:
                value = self._values[arg.node] = self._exponents.plain(value, arg.dtype)
            return value
        if isinstance(arg, sympy.Expr) and arg.free_symbols:
            return self.dimension(arg)
        return number(arg)

    def _lower(self, tensor: Tensor) -> Any:
        rule = tensor.rule
        if _has_value(tensor, self._cached):
            return self._bound(tensor)
        if tensor.node in self._carried:
            values = self._values
            return self._exponents.lower(
                tensor,
                [
                    values[a.node] if type(a) is Tensor and type(values[a.node]) is Carried else self.operand(a)
                    for a in tensor.args
                ],
            )
        if type(rule) is Elementwise:
            template = evaluated_template(tensor)
            if template.is_Number:
                return self.spread(self.typed(number(template), tensor.dtype), tensor)
            piece = spell(template, self.floats)
            operands = [self.operand(a) for a in tensor.args]
            if tensor.dtype == "float32":
                operands = [self._narrow(o) for o in operands]
            made = _alternatives(template) or range(len(operands))
            for k, operand in zip(made, self.numbers([operands[k] for k in made], tensor.dtype)):
                operands[k] = operand
            if not self.floats and all(type(o) is str for o in operands):
                # As a number of NumPy's: Python's raise, or turn complex, where NumPy's give inf or nan.
                first = tensor.args[0]
                operands[0] = f"np.{first.dtype if type(first) is Tensor else 'float64'}({operands[0]})"
            used = [operands[k] for k in piece.slots]
            # An operand that a number has made superfluous may be what gives the shape.
            idle = any(type(o) is Line and k not in piece.slots for k, o in enumerate(operands))
            if piece.text == "_0" and (idle or type(used[0]) is Line):
                line = self.typed(used[0], tensor.dtype)
            else:
                line = self.add(piece, operands, broadcast(used), tensor.dtype)
            return self.spread(line, tensor) if idle else line
        operands = [self.operand(a) for a in tensor.args]
        if type(rule) is not Contraction:
            operands = [self.spread(o, a) if type(a) is Tensor else o for o, a in zip(operands, tensor.args)]
        return self.generic(tensor, operands)

    def typed(self, value: Any, dtype: str) -> Any:
        """What stands for a tensor of a dtype, which may be an integer (a count, or a literal) where it must not be."""
        if type(value) is Carried:
            return value
        if dtype == "bool" and value in ("0", "1"):
            return str(value == "1")
        if dtype not in FLOATS:
            return value
        if type(value) is str:
            return f"{value}.0" if value.removeprefix("-").isdigit() else value
        if value.dtype in FLOATS:
            return value
        return self.add(fragment(f"np.{dtype}(_0)"), [value], value.shape, dtype)

    def numbers(self, operands: Sequence[Any], dtype: str) -> Sequence[Any]:
        """Operands of which a value is made; literals are floats where no line makes one of a result of floats."""
        if dtype in FLOATS and not any(type(o) is Line and o.dtype in FLOATS for o in operands):
            return [self.typed(o, dtype) if type(o) is str else o for o in operands]
        return operands

    def generic(self, tensor: Tensor, operands: list[Any]) -> Any:
        """The line of a contraction or of a row with a NumPy form, over the given operands."""
        rule = tensor.rule
        if type(rule) is Contraction:
            return contractions.lower(self, tensor, operands)
        scribe = Scribe(self, operands)
        if rule in SOURCES:
            raise ValueError(
                f"{tensor.name} has no value; give one with eval({{{tensor.name!r}: ...}}), or name it among the inputs"
            )
        elif rule.numpy is not None:
            text = rule.numpy(scribe, tensor, *(f"_{k}" for k in range(len(operands))))
            if self._chooses:
                text = _REFUSING.sub(r"defined(\1, ", text)
        else:
            raise LookupError(f"the operation {rule.name!r} has no NumPy form")
        return self.add(fragment(text), scribe.operands, tensor.shape, tensor.dtype)

    def scribe(self, operands: Sequence[Any]) -> Scribe:
        """A scribe over operands."""
        return Scribe(self, list(operands))

    def spread(self, value: Any, tensor: Tensor) -> Any:
        """A line or literal broadcast to a tensor's shape."""
        if (value.shape if type(value) is Line else ()) == tensor.shape:
            return value
        value = self.typed(value, tensor.dtype)
        scribe = Scribe(self, [value])
        text = f"np.broadcast_to(_0, {scribe.shape(tensor.shape)})"
        return self.add(fragment(text), scribe.operands, tensor.shape, tensor.dtype)

    def _narrow(self, operand: Any) -> Any:
        """An integer operand of a float32 result, which NumPy would widen to float64."""
        if type(operand) is Line and operand.dtype in ("int32", "int64"):
            return self.add(fragment("np.float32(_0)"), [operand], operand.shape, "float32")
        return operand

    def _bound(self, tensor: Tensor) -> Any:
        value = tensor.value
        if isinstance(value, sympy.Expr):
            return self.typed(self.dimension(value), tensor.dtype) if value.free_symbols else number(value)
        if not tensor.shape and tensor.dtype in ("float64", "int64", "bool"):
            return number(value.item() if hasattr(value, "item") else value)
        line = self._leaf(tensor, tensor.shape, tensor.dtype)
        self.constants.append(line)
        return line


@lru_cache(maxsize=256)
def _alternatives(template: sympy.Basic) -> tuple[int, ...]:
    """The arguments among which a template chooses; none where it is no choice."""
    if not isinstance(template, sympy.Piecewise):
        return ()
    return tuple(sorted({int(s.name[1:]) for value, _ in template.args for s in value.free_symbols}))


def _has_value(tensor: Tensor, cached: bool) -> bool:
    """Whether a tensor's own value is used: always that of a source, and what was computed where nothing is given."""
    return tensor.value is not None and (cached or tensor.rule in SOURCES or tensor.rule.fixed)


def broadcast(operands: Sequence[Any]) -> Shape:
    """The shape of an elementwise function of lines and literals."""
    found = [o.shape for o in operands if type(o) is Line]
    return shapes.broadcast(*found) if found else ()


def _dimension_text(template: sympy.Expr) -> str:
    """Python's arithmetic on dimensions as text; a quotient that is an integer is written with ``//``."""
    top, bottom = sympy.fraction(sympy.together(template))
    if bottom == 1 or template.has(sympy.floor, sympy.ceiling, sympy.Max, sympy.Min):
        return str(sympy.pycode(template, fully_qualified_modules=True))
    return f"({sympy.pycode(top)}) {'//' if template.is_integer else '/'} ({sympy.pycode(bottom)})"
