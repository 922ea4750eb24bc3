"""Operations of the trace on values that carry their exponent: templates, contractions, and what moves elements."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import sympy

from tracer import scalar
from tracer.ops.contraction import Contraction
from tracer.ops.indexing import GETITEM, positions
from tracer.ops.selection import Array
from tracer.program import einsums
from tracer.program.carried import LOG, ONE, Arithmetic, Carried, without_scale
from tracer.program.lines import MINUS, NEGATIVE, RECIPROCAL, Kind, Line, Operand, Reduction, as_number, operand_of
from tracer.program.overflow import MOVES, template_of
from tracer.program.scales import ZERO, Scale, atom, coefficient
from tracer.python_code import Number
from tracer.rules import Elementwise, argument, list_positions, position_of
from tracer.tensor import Tensor

LabelledLine = tuple[Line, tuple[int, ...]]
"""A line, and the labels of its axes in a contraction."""
ABSOLUTE = sympy.Abs(argument(0))


class Carrying(Arithmetic):
    """What operations of the trace become on carried values."""

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
                return self.values[position_of(expr)]
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
        for k in list_positions(expr):
            operands[k] = self.carrying.write_out(self.values[k], self.dtype)
        if isinstance(expr, sympy.Symbol):
            return operands[position_of(expr)]
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
