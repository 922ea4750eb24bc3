"""Which values of a program are to be computed with their exponent apart, lest they overflow or vanish on the way.

An exponential may be beyond the largest float, or below the smallest. That does no harm until it meets a logarithm, or
a product with what lies at the other end: ``log(sum(exp(x)))`` is finite where ``exp(x)`` is not, and
``exp(x) * (1/sum(exp(x)))`` is infinity times zero. Where they meet, the value and what it is made of are *carried*:
computed as ``mantissa * exp(scale)``, as :mod:`tracer.program.carrying` does. All else is computed as it is written.

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
from tracer.ops.contraction import Contraction
from tracer.rules import Elementwise, Op
from tracer.series import ExprWithLimits
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
        return operands[int(expr.name[1:])]
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


def find_carried(order: Sequence[Tensor], leaf: Callable[[Tensor], bool]) -> set[int]:
    """The keys of the tensors to carry, in a program whose tensors are given in order of creation.

    ``leaf`` says of a tensor that its value is given. Up the order, each tensor's range is found, and where ranges
    meet; down the order, what is carried passes it on to its operands that are not plain.
    """
    ranges: dict[int, Range] = {}
    carried: set[int] = set()
    if not any(map(_makes_exponential, {tensor.rule for tensor in order})):
        return carried
    for tensor in order:
        if leaf(tensor) or tensor.dtype not in ("float64", "float32"):
            continue
        operands = tuple([ranges.get(a.node, PLAIN) if type(a) is Tensor else PLAIN for a in tensor.args])
        found = _range_of_node(tensor, operands)
        if found is None:
            carried.add(tensor.node)
            found = BOTH
        if found != PLAIN:
            ranges[tensor.node] = found
    for tensor in reversed(order):
        if tensor.node in carried and not leaf(tensor):
            carried.update(a.node for a in tensor.args if type(a) is Tensor and a.node in ranges)
    return carried


def _range_of_node(tensor: Tensor, operands: tuple[Range, ...]) -> Range | None:
    """The range of a tensor, given those of its operands."""
    rule = tensor.rule
    plain = all(r == PLAIN for r in operands)
    if isinstance(rule, Elementwise):
        return PLAIN if plain and not _makes_exponential(rule) else range_of_template(template_of(tensor), operands)
    if rule.name == "softmax":
        return Range(tiny=True)
    if plain:
        return PLAIN
    if isinstance(rule, Contraction):
        return range_of_product(operands)
    if rule.name == "add_n":
        return range_of_sum(operands)
    if rule.name in MOVES:
        return operands[0]
    return range_of_choice(operands) if rule.name == "scatter" else PLAIN


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
