"""Which values of a program are to be computed with their exponent apart, lest they overflow or vanish on the way.

An exponential may be beyond the largest float, or below the smallest. That does no harm until it meets a logarithm, or
a product with what lies at the other end: ``log(sum(exp(x)))`` is finite where ``exp(x)`` is not, and
``exp(x) * (1/sum(exp(x)))`` is infinity times zero. Where they meet, the value and what it is made of are *carried*:
computed as ``mantissa * exp(scale)``, as :mod:`tracer.program.carried` does. All else is computed as it is written.

References
----------
Blanchard, Higham and Higham, Accurately computing the log-sum-exp and softmax functions, 2021, section 2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import sympy

from tracer import scalar
from tracer.reader import Reader
from tracer.rules import Elementwise, Op, position_of
from tracer.series import ExprWithLimits
from tracer.shapes import Literal
from tracer.tensor import Tensor

MOVES = frozenset({"reshape", "getitem"})
"""Operations that only choose and rearrange elements of their first operand."""


class Range(NamedTuple):
    """Whether a value may be beyond the largest float, and whether it may be below the smallest."""

    huge: bool = False
    tiny: bool = False


PLAIN, BOTH = Range(), Range(True, True)


def range_of_product(ranges: Sequence[Range]) -> Range | None:
    """The range of a product; None where something huge meets something tiny.

    Examples
    --------
    >>> range_of_product([Range(huge=True), PLAIN])
    Range(huge=True, tiny=False)
    >>> range_of_product([Range(huge=True), Range(tiny=True)]) is None
    True
    """
    for k, r in enumerate(ranges):
        if r.huge and any(o.tiny for j, o in enumerate(ranges) if j != k):
            return None
    return range_of_choice(ranges)


def range_of_sum(ranges: Sequence[Range]) -> Range:
    """The range of a sum: it is tiny only if all of its terms are."""
    return Range(any(r.huge for r in ranges), all(r.tiny for r in ranges))


def range_of_choice(ranges: Sequence[Range]) -> Range:
    """The range of a value that is one of several."""
    return Range(any(r.huge for r in ranges), any(r.tiny for r in ranges))


@lru_cache(maxsize=256)
def range_of_template(expr: sympy.Basic, operands: tuple[Range, ...]) -> Range | None:
    """The range of a template, given those of its operands; None where an exponential meets a logarithm, or a product
    with its own reciprocal.

    Examples
    --------
    >>> a = sympy.Symbol("_0", real=True)
    >>> range_of_template(1 / (1 + sympy.exp(a)), (PLAIN,))
    Range(huge=False, tiny=True)
    >>> range_of_template(sympy.log(1 + sympy.exp(a)), (PLAIN,)) is None
    True
    """
    if isinstance(expr, sympy.Symbol):
        return operands[position_of(expr)]
    if expr.has(ExprWithLimits):
        return PLAIN
    values = [value for value, _ in expr.args] if isinstance(expr, sympy.Piecewise) else expr.args
    found = [range_of_template(a, operands) for a in values]
    parts = [p for p in found if p is not None]
    if len(parts) < len(found):
        return None
    match expr:
        case sympy.exp():
            return BOTH
        case scalar.sigmoid():
            return Range(tiny=True)
        case sympy.Mul():
            return range_of_product(parts)
        case sympy.Add():
            return range_of_sum(parts)
        case sympy.Pow() if expr.exp.is_number:
            return Range(parts[0].tiny, parts[0].huge) if expr.exp < 0 else parts[0]
        case sympy.log() | scalar.log1p():
            return PLAIN if parts[0] == PLAIN else None
        case sympy.Abs():
            return parts[0]
        case sympy.Piecewise():
            return range_of_choice(parts)
    return PLAIN


def find_carried(order: Sequence[Tensor], known: Callable[[Tensor], bool]) -> set[int]:
    """The keys of the tensors to carry, in a program whose tensors are given in order of creation.

    ``known`` says of a tensor that its value is given. Up the order, each tensor's range is found, and where ranges
    meet; down the order, what is carried passes it on to its operands that are not plain.
    """
    if not any(map(_makes_exponential, {tensor.rule for tensor in order})):
        return set()
    ranges = Ranges(known)
    ranges.walk(order)
    carried = ranges.meetings
    for tensor in reversed(order):
        if tensor.node in carried:
            carried.update(a.node for a in tensor.args if type(a) is Tensor and ranges.parts[a.node] != PLAIN)
    return carried


class Ranges(Reader[Range]):
    """The ranges of tensors, up the order.

    Attributes
    ----------
    meetings : set of int
        The keys of the tensors where ranges meet.
    """

    def __init__(self, known: Callable[[Tensor], bool]) -> None:
        super().__init__()
        self.meetings: set[int] = set()
        self._known = known

    def visit(self, tensor: Tensor) -> Range:
        """The range of a tensor; a value that is given is plain, and so is one that is no float."""
        given = self._known(tensor) or tensor.dtype not in ("float64", "float32")
        return PLAIN if given else super().visit(tensor)

    def source(self, tensor: Tensor) -> Range:
        """That of a value."""
        return PLAIN

    def literal(self, value: Literal) -> Range:
        """That of a number."""
        return PLAIN

    def elementwise(self, tensor: Tensor, *parts: Range) -> Range:
        """By the template."""
        if all(r == PLAIN for r in parts) and not _makes_exponential(tensor.rule):
            return PLAIN
        return self._met(tensor, range_of_template(template_of(tensor), parts))

    def contraction(self, tensor: Tensor, *parts: Range) -> Range:
        """That of a product, or of a sum."""
        return PLAIN if all(r == PLAIN for r in parts) else self._met(tensor, range_of_product(parts))

    def row(self, tensor: Tensor, *parts: Range) -> Range:
        """By the name of the row."""
        name = tensor.rule.name
        if name == "softmax":
            return Range(tiny=True)
        if all(r == PLAIN for r in parts):
            return PLAIN
        if name == "add_n":
            return self._met(tensor, range_of_sum(parts))
        if name in MOVES:
            return parts[0]
        return self._met(tensor, range_of_choice(parts)) if name == "scatter" else PLAIN

    def _met(self, tensor: Tensor, found: Range | None) -> Range:
        if found is None:
            self.meetings.add(tensor.node)
            return BOTH
        return found


def _makes_exponential(rule: Op) -> bool:
    """Whether an operation makes an exponential."""
    return rule.name == "softmax" or (isinstance(rule, Elementwise) and _has_exponential(rule.template))


@lru_cache(maxsize=256)
def _has_exponential(template: sympy.Basic) -> bool:
    return bool(template.has(sympy.exp, scalar.sigmoid))


def template_of(tensor: Tensor) -> sympy.Basic:
    """The template of an elementwise operation, its whole exponents written in."""
    rule = tensor.rule
    assert isinstance(rule, Elementwise)
    return (rule.specialised(tensor.args) if rule.static else rule).template
