"""Values that carry their exponent: ``mantissa * exp(scale)``, through each operation that they pass.

Products add scales, and sums take the greatest. With ``m = max(x)``, the value ``exp(x) / sum(exp(x))`` comes about so:

=====================  ======================  =========
value                  mantissa                scale
=====================  ======================  =========
``exp(x)``             ``1``                   ``x``
``sum(exp(x))``        ``sum(exp(x - m))``     ``m``
their quotient         ``1 / sum(exp(x - m))`` ``x - m``
=====================  ======================  =========

and is written ``exp(x - m) / sum(exp(x - m))`` in the end. The logarithm of a carried value is the scale and the
logarithm of its mantissa: ``log(sum(exp(x)))`` is ``m + log(sum(exp(x - m)))``.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import sympy

from tracer import scalar
from tracer.ops.contraction import Contraction
from tracer.ops.indexing import GETITEM, positions
from tracer.ops.selection import Array
from tracer.program import einsums
from tracer.program.building import Lines
from tracer.program.lines import (
    MINUS,
    NEGATIVE,
    OVER,
    PLUS,
    RECIPROCAL,
    TIMES,
    Kind,
    Line,
    Operand,
    Reduction,
    as_number,
    operand_of,
)  # fmt: skip
from tracer.program.overflow import MOVES, template_of
from tracer.program.scales import ZERO, Scale, Scales, atom, coefficient
from tracer.python_code import Number
from tracer.rules import Elementwise, argument
from tracer.tensor import Tensor

LabelledLine = tuple[Line, tuple[int, ...]]
"""A line, and the labels of its axes in a contraction."""
LOG, ABSOLUTE = sympy.log(argument(0)), sympy.Abs(argument(0))
LOGADDEXP = sympy.log(sympy.exp(argument(0)) + sympy.exp(argument(1)))


@dataclass(frozen=True, slots=True)
class Carried:
    """``mantissa * exp(scale)``.

    ``logarithm`` is the logarithm of the value, as a scale, where that is known better than by the logarithm of the
    mantissa; ``positive`` says that the mantissa is.
    """

    mantissa: Operand
    scale: Scale = ZERO
    positive: bool = False
    logarithm: Scale | None = None

    def is_zero(self) -> bool:
        """Whether the value is the number zero."""
        return type(self.mantissa) is not Line and self.mantissa == 0


ONE = Carried(1, ZERO, True, ZERO)


def without_scale(value: Operand) -> Carried:
    """A line or a number as a carried value.

    Examples
    --------
    >>> without_scale(1.0) == ONE, without_scale(2.5).positive
    (True, True)
    """
    if isinstance(value, (Line, bool)) or not value > 0:
        return Carried(value)
    return ONE if value == 1 else Carried(value, ZERO, True)


class Carrying:
    """How the lines of one program compute with carried values."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.scales = Scales(lines)

    def lower(self, tensor: Tensor, operands: Sequence[Carried | Operand]) -> Carried:
        """The value of a tensor, given those of its operands."""
        values = [v if type(v) is Carried else without_scale(v) for v in operands]
        rule = tensor.rule
        if isinstance(rule, Elementwise):
            return Elements(self, values, tensor).value(template_of(tensor))
        if isinstance(rule, Contraction):
            return self.contract(tensor, values)
        if rule.name == "softmax":
            return self.softmax(tensor, values[0])
        if rule.name == "add_n":
            return self.add(values, tensor.dtype)
        return self.move(tensor, values) if rule.name in MOVES else self.scatter(tensor, values)

    def write_out(self, value: Carried, dtype: str) -> Operand:
        """The value itself."""
        if not value.scale:
            return value.mantissa
        return self.multiply_lines([value.mantissa, self.scales.write_power(value.scale, dtype)], dtype)

    # Arithmetic

    def multiply(self, values: Sequence[Carried], dtype: str) -> Carried:
        """A product: mantissas are multiplied, scales and logarithms added."""
        logs = [v.logarithm for v in values if v.logarithm is not None]
        log = sum(logs, ZERO) if len(logs) == len(values) else None
        mantissa = self.multiply_lines([v.mantissa for v in values], dtype)
        return Carried(mantissa, sum((v.scale for v in values), ZERO), all(v.positive for v in values), log)

    def add(self, values: Sequence[Carried], dtype: str) -> Carried:
        """A sum: what all scales have in common is kept, of what remains the greatest is taken out.

        ``exp(x + z) + exp(y + z)`` is ``(exp(x - m) + exp(y - m)) * exp(z + m)`` with ``m = max(x, y)``.
        """
        values = [v for v in values if not v.is_zero()]
        if not values:
            return Carried(0)
        common = ZERO
        mantissas = [v.mantissa for v in values]
        if any(v.scale for v in values):
            first, *others = (v.scale.terms for v in values)
            common = Scale((a, c) for a, c in first.items() if all(o.get(a) == c for o in others))
            rests = [v.scale - common for v in values]
            greatest = self.scales.greatest(rests, dtype)
            mantissas = [self.shift(v.mantissa, rest - greatest, dtype) for v, rest in zip(values, rests)]
            common += greatest
        total = mantissas[0]
        for other in mantissas[1:]:
            negated = operand_of(other, NEGATIVE)
            total = self.line(PLUS if negated is None else MINUS, [total, other if negated is None else negated], dtype)
        positive = all(v.positive for v in values)
        log = self.log_of_sum(values, dtype) if positive and len(values) == 2 else None
        return Carried(total, common, positive, log)

    def shift(self, mantissa: Operand, scale: Scale, dtype: str) -> Operand:
        """A mantissa times the exponential of a scale."""
        return self.multiply_lines([mantissa, self.scales.write_power(scale, dtype)], dtype)

    def log_of_sum(self, values: Sequence[Carried], dtype: str) -> Scale:
        """The logarithm of a sum of two positive values, exact where one of them vanishes beside the other."""
        logs = [self.log(v, dtype) for v in values]
        line = self.line(LOGADDEXP, logs, dtype)
        return atom(line) if type(line) is Line else ZERO

    def log(self, value: Carried, dtype: str) -> Operand:
        """The logarithm: the scale and the logarithm of the mantissa, that of ``1/x`` being ``-log(x)``."""
        if value.logarithm is not None:
            return self.scales.write(value.logarithm, dtype)
        inverse = operand_of(value.mantissa, RECIPROCAL)
        log = self.line(LOG, [value.mantissa if inverse is None else inverse], dtype)
        if value.scale:
            scale = self.scales.write(value.scale, dtype)
            return self.line(PLUS if inverse is None else MINUS, [scale, log], dtype)
        return log if inverse is None else self.line(NEGATIVE, [log], dtype)

    def power(self, base: Carried, exponent: sympy.Expr, dtype: str) -> Carried:
        """A power with a number as exponent."""
        c = coefficient(exponent)
        log = None if base.logarithm is None else c * base.logarithm
        return Carried(self.power_of_mantissa(base.mantissa, exponent, dtype), c * base.scale, base.positive, log)

    def power_of_mantissa(self, mantissa: Operand, exponent: sympy.Expr, dtype: str) -> Operand:
        """The power of a mantissa; a negative one is the reciprocal of a power."""
        if is_one(mantissa):
            return mantissa
        inverse = operand_of(mantissa, RECIPROCAL)
        if inverse is not None:
            mantissa, exponent = inverse, -exponent
        power = self.line(argument(0) ** abs(exponent), [mantissa], dtype)
        return power if exponent > 0 else self.line(RECIPROCAL, [power], dtype)

    def multiply_lines(self, factors: Sequence[Operand], dtype: str) -> Operand:
        """The product of lines and numbers: reciprocals divide, and signs go to the front."""
        below = [f for f in factors if operand_of(f, RECIPROCAL) is not None]
        above = [f for f in factors if operand_of(f, RECIPROCAL) is None and not is_one(f)]
        signs = [f for f in above if type(f) is not Line and f == -1]
        above = [f for f in above if type(f) is Line or f != -1]
        if not above and below:
            above, below = below[:1], below[1:]
        out: Operand = above[0] if above else 1
        for factor in above[1:]:
            out = self.line(TIMES, [out, factor], dtype)
        for factor in below:
            out = self.line(OVER, [out, operand_of(factor, RECIPROCAL)], dtype)
        return self.line(NEGATIVE, [out], dtype) if len(signs) % 2 else out

    def line(self, template: sympy.Basic, operands: Sequence[Operand], dtype: str) -> Operand:
        """An elementwise function of lines and numbers."""
        return self.lines.elementwise(template, self.lines.numbers(operands, dtype), dtype)

    # Operations on whole arrays

    def contract(self, tensor: Tensor, values: Sequence[Carried]) -> Carried:
        """A sum of products: what is constant along the summed axes is taken out, the rest scaled by its maximum.

        In ``sum(exp(X + y[:, None]) * W, axis=1)``, ``y`` is taken out, and so is ``m = max(X, axis=1)``: the mantissa
        is ``sum(exp(X - m[:, None]) * W, axis=1)``, the scale ``y + m``. The scales of all operands are added first, by
        the labels of their axes, since they may cancel.
        """
        subscripts, dtype, out = tensor.params, tensor.dtype, tensor.params.output
        operands = [
            v if len(set(labels)) == len(labels) else Carried(self.write_out(v, dtype))
            for v, labels in zip(values, subscripts.inputs)
        ]
        total: dict[LabelledLine, Number] = {}
        for value, labels in zip(operands, subscripts.inputs):
            add_labelled(total, value.scale, labels)
        outside: dict[LabelledLine, Number] = {}
        inside = [ZERO for _ in operands]
        for (line, where), c in total.items():
            if all(label in out for label in where):
                outside[line, where] = c
            else:
                k = next(k for k, labels in enumerate(subscripts.inputs) if set(where) <= set(labels))
                inside[k] += c * atom(line, places_of(where, subscripts.inputs[k]))
        mantissas = []
        for value, labels, scale in zip(operands, subscripts.inputs, inside):
            mantissa = value.mantissa
            if scale:
                axes = [p for p in range(-len(labels), 0) if labels[p] not in out]
                greatest = self.scales.maximum(scale, axes, dtype)
                add_labelled(outside, greatest, labels)
                mantissa = self.shift(mantissa, scale - greatest, dtype)
            mantissas.append(mantissa)
        scale = sum((c * atom(line, places_of(where, out)) for (line, where), c in outside.items()), ZERO)
        positive = all(v.positive for v in operands) and bool(sympy.sympify(subscripts.scale).is_positive)
        return Carried(einsums.lower(self.lines, tensor, mantissas), scale, positive)

    def softmax(self, tensor: Tensor, x: Carried) -> Carried:
        """Exponentials over their sum: the mantissa is the reciprocal of the sum, the scale what is in the exponent."""
        axis, dtype = tensor.params, tensor.dtype
        line = self.lines.spread(self.write_out(x, dtype), tensor.shape, dtype)
        scale = atom(line)
        shifted = scale - self.scales.maximum(scale, [axis], dtype)
        power = self.scales.write_power(shifted, dtype)
        thin = list(tensor.shape)
        thin[axis] = 1
        total = self.lines.add(Kind.SUM, [power], Reduction((axis,), True), tuple(thin), dtype)
        log = self.line(LOG, [total], dtype)
        return Carried(self.line(RECIPROCAL, [total], dtype), shifted, True, shifted - atom(log))

    def move(self, tensor: Tensor, values: Sequence[Carried]) -> Carried:
        """Elements chosen or rearranged: those of the mantissa and those of the scale alike."""
        lines, (first, *rest), source, dtype = self.lines, values, tensor.args[0], tensor.dtype
        others, rule = [v.mantissa for v in rest], tensor.rule
        parts = [
            lines.add(rule, [lines.spread(part, source.shape, dtype), *others], tensor.params, tensor.shape, dtype)
            for part in (first.mantissa, self.scales.write(first.scale, dtype))
        ]
        return Carried(parts[0], atom(parts[1]), first.positive)

    def scatter(self, tensor: Tensor, values: Sequence[Carried]) -> Carried:
        """Values put on their places, and added up there: each relative to the greatest scale of its place."""
        lines, dtype, shape, count = self.lines, tensor.dtype, tensor.shape, len(tensor.params)
        arrays = [v.mantissa for v in values[count:]]
        scales = [
            lines.spread(self.scales.write(v.scale, dtype), a.shape, dtype) for v, a in zip(values, tensor.args[:count])
        ]
        greatest = lines.add(Kind.GREATEST_AT, [*scales, *arrays], tensor.params, shape, dtype)
        mantissas = []
        for value, arg, scale, index in zip(values, tensor.args, scales, tensor.params):
            fresh = itertools.count(1)
            own = tuple(Array(next(fresh)) if type(i) is Array else i for i in index)
            chosen = [values[p].mantissa for p in positions(index)]
            at_place = lines.add(GETITEM, [greatest, *chosen], own, arg.shape, dtype)
            power = self.line(sympy.exp(MINUS), [scale, at_place], dtype)
            mantissas.append(lines.spread(self.multiply_lines([value.mantissa, power], dtype), arg.shape, dtype))
        mantissa = lines.add(tensor.rule, [*mantissas, *arrays], tensor.params, shape, dtype)
        return Carried(mantissa, atom(greatest))


def is_one(value: Operand) -> bool:
    """Whether a value is the number one."""
    return type(value) is not Line and value == 1


def places_of(where: tuple[int, ...], labels: Sequence[int]) -> tuple[int, ...]:
    """Where the axes of given labels lie among all, counted from the last.

    Examples
    --------
    >>> places_of((7,), (5, 7, 8))
    (-2,)
    """
    return tuple(labels.index(k) - len(labels) for k in where)


def add_labelled(total: dict[LabelledLine, Number], scale: Scale, labels: Sequence[int]) -> None:
    """Add a scale, whose places are axes of these labels, to a total by line and labels."""
    for (line, places), c in scale.terms.items():
        key = line, tuple(labels[p] for p in places)
        total[key] = total.get(key, 0) + c
        if total[key] == 0:
            del total[key]


class Elements:
    """The template of one elementwise operation over carried values."""

    def __init__(self, carrying: Carrying, values: Sequence[Carried], tensor: Tensor) -> None:
        self.carrying = carrying
        self.values = values
        self.dtype = tensor.dtype

    def value(self, expr: sympy.Basic) -> Carried:
        """The value of a part of the template."""
        carrying, dtype = self.carrying, self.dtype
        match expr:
            case sympy.Symbol():
                return self.values[int(expr.name[1:])]
            case sympy.exp():
                scale = self.exponent(expr.args[0])
                return Carried(1, scale, True, scale)
            case scalar.sigmoid():
                return self.value(1 / (1 + sympy.exp(-expr.args[0])))
            case sympy.Mul():
                return carrying.multiply([self.value(a) for a in expr.args], dtype)
            case sympy.Add():
                return carrying.add([self.value(a) for a in expr.args], dtype)
            case sympy.Pow() if expr.exp.is_number:
                return carrying.power(self.value(expr.base), expr.exp, dtype)
            case sympy.log():
                return Carried(carrying.log(self.value(expr.args[0]), dtype))
            case scalar.log1p():
                return Carried(carrying.log(carrying.add([ONE, self.value(expr.args[0])], dtype), dtype))
            case sympy.Abs():
                inner = self.value(expr.args[0])
                return replace(inner, mantissa=carrying.line(ABSOLUTE, [inner.mantissa], dtype), positive=True)
            case sympy.Piecewise():
                return self.choice(expr)
        return without_scale(self.write_out(expr))

    def write_out(self, expr: sympy.Basic) -> Operand:
        """The value of a part of the template, its operands being written out."""
        if expr.is_Rational or expr.is_Float:
            return as_number(expr)
        operands: list[Operand] = [0] * len(self.values)
        for k in sorted(int(s.name[1:]) for s in expr.free_symbols):
            operands[k] = self.carrying.write_out(self.values[k], self.dtype)
        if isinstance(expr, sympy.Symbol):
            return operands[int(expr.name[1:])]
        return self.carrying.line(expr, operands, self.dtype)

    def exponent(self, expr: sympy.Basic) -> Scale:
        """An exponent as a scale: a line for what is linear in each term; ``2*a - b`` has the lines ``a`` and ``b``."""
        out = ZERO
        for term in sympy.Add.make_args(expr):
            factor, rest = term.as_coeff_Mul()
            line, c = self.write_out(rest), coefficient(factor)
            while (inner := operand_of(line, NEGATIVE)) is not None:
                line, c = inner, -c
            if not isinstance(line, Line):
                # A scale consists of lines; the number is cast to be one.
                line = self.carrying.lines.add(Kind.CAST, [float(line)], None, (), self.dtype)
            out += c * atom(line)
        return out

    def choice(self, expr: sympy.Basic) -> Carried:
        """A choice between values of one scale, or zero; between different scales, the values are written out."""
        carrying, lines, dtype = self.carrying, self.carrying.lines, self.dtype
        branches = [self.value(value) for value, _ in expr.args]
        scales = [b.scale for b in branches if not b.is_zero()]
        if any(s != scales[0] for s in scales[1:]):
            return Carried(self.write_out(expr))
        symbols = sorted({s for _, c in expr.args for s in c.free_symbols}, key=str)
        slots = {s: argument(k) for k, s in enumerate(symbols)}
        pieces = [(argument(len(symbols) + k), c.xreplace(slots)) for k, (_, c) in enumerate(expr.args)]
        template = sympy.Piecewise(*pieces)
        conditions = [self.write_out(s) for s in symbols]
        mantissas = lines.numbers([b.mantissa for b in branches], dtype)
        mantissa = lines.elementwise(template, [*conditions, *mantissas], dtype)
        scale = scales[0] if scales else ZERO
        if scale and len(scales) < len(branches) and all(isinstance(s, sympy.Symbol) for s in conditions_of(expr)):
            # Zero is zero whatever its scale, which may be infinite there.
            written = carrying.scales.write(scale, dtype)
            chosen: list[Operand] = [0 if b.is_zero() else written for b in branches]
            scale = atom(lines.elementwise(template, [*conditions, *chosen], dtype))
        return Carried(mantissa, scale)


def conditions_of(expr: sympy.Basic) -> list[sympy.Basic]:
    """The conditions of a choice, without negations."""
    conditions = [c for _, c in expr.args if c is not sympy.true]
    return [c.args[0] if isinstance(c, sympy.Not) else c for c in conditions]
