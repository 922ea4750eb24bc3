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

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from tracer.program.building import Lines
from tracer.program.lines import MINUS, NEGATIVE, OVER, PLUS, RECIPROCAL, TIMES, Line, Operand, operand_of
from tracer.program.rewrites import LOG_BELOW_ONE
from tracer.program.scales import ZERO, Scale, Scales, atom, coefficient
from tracer.rules import argument
from tracer.scalar import expm1

LOG = sympy.log(argument(0))
LOGADDEXP = sympy.log(sympy.exp(argument(0)) + sympy.exp(argument(1)))
DIFFERENCE = -sympy.sign(argument(0)) * expm1(-sympy.Abs(argument(0)))
"""``exp(x) - exp(y)`` over the greater of both, by ``x - y``."""


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


class Arithmetic:
    """How the lines of one program compute with carried values."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.scales = Scales(lines)

    def write_out(self, value: Carried, dtype: str) -> Operand:
        """The value itself."""
        if not value.scale:
            return value.mantissa
        return self.multiply_lines([value.mantissa, self.scales.write_power(value.scale, dtype)], dtype)

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
            numbers = {v.mantissa for v in values if type(v.mantissa) is not Line}
            if self.lines.stable and len(values) == 2 and numbers == {1, -1}:
                one, two = values if is_one(values[0].mantissa) else values[::-1]
                difference = self._subtract(one, two, common, dtype)
                self.lines.describe(difference.mantissa, PLUS, mantissas)
                return difference
        total = mantissas[0]
        for other in mantissas[1:]:
            negated = operand_of(other, NEGATIVE)
            total = self.line(PLUS if negated is None else MINUS, [total, other if negated is None else negated], dtype)
        positive = all(v.positive for v in values)
        log = self.log_of_sum(values, dtype) if positive and len(values) == 2 else None
        return Carried(total, common, positive, log)

    def _subtract(self, first: Carried, second: Carried, scale: Scale, dtype: str) -> Carried:
        """The difference of two exponentials, which keeps its digits where they are nearly equal."""
        distance = self.scales.write(first.scale - second.scale, dtype)
        below = self.line(NEGATIVE, [distance], dtype)
        logarithm = self.line(LOG_BELOW_ONE, [below], dtype)
        log = first.scale + atom(logarithm) if type(logarithm) is Line else None
        return Carried(self.line(DIFFERENCE, [distance], dtype), scale, False, log)

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


def is_one(value: Operand) -> bool:
    """Whether a value is the number one."""
    return type(value) is not Line and value == 1
