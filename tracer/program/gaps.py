"""Where the lines of a program have no value: at single points, as a quotient, or beyond a bound, as a logarithm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import sympy

from tracer.program.lines import Kind, Line, Operand
from tracer.program.placed import PASSES, PLACES
from tracer.python_code import Number
from tracer.rules import Op, argument, facts_of
from tracer.terms.numbers import exact

if TYPE_CHECKING:
    from tracer.program.program import Program


SUMS = frozenset((Kind.ADD, Kind.MAX, Kind.MATMUL, Kind.TENSORDOT, Kind.EINSUM, Kind.CAST, *PASSES, *PLACES))
"""What has the sign of its operands, beside the rows that move elements."""


class Gap(IntEnum):
    """What is missing from the domain of a line."""

    NOTHING = 0
    POINTS = 1
    """Points, or what else has no volume: beside each of them there is a value."""
    REGION = 2


def find_gaps(program: Program) -> tuple[Counter[Hashable], bool]:
    """What the lines of a program have no value at, by operation, and whether these are points alone.

    Examples
    --------
    >>> import tracer
    >>> from tracer.program.program import Program
    >>> x = tracer.placeholder("x", ("n",))
    >>> gaps, only_points = find_gaps(Program([x / tracer.norm(x)], [x]))
    >>> sorted(map(str, gaps)), only_points
    (['_0/_1'], True)
    """
    found: Counter[Hashable] = Counter()
    signs: dict[Line, Sign] = {}
    only_points = True
    for line in program.lines:
        known = tuple([_describe(line, k, signs) for k in range(len(line.operands))])
        signs[line] = _find_sign(line, known)
        gap = _find_gap(line, known)
        if gap:
            found[line.params if line.op is Kind.ELEMENTWISE else line.op] += 1
            only_points &= gap is Gap.POINTS
    return found, only_points


class Sign(IntEnum):
    """What is known of the sign of a line."""

    ANY = 0
    NONNEGATIVE = 1
    POSITIVE = 2


class _Known(NamedTuple):
    """What is known of an operand: which one it is, its number if it is an exponent, and its sign."""

    first: int
    exponent: Operand
    sign: Sign


def _describe(line: Line, position: int, signs: dict[Line, Sign]) -> _Known:
    operand = line.operands[position]
    if isinstance(operand, Line):
        return _Known(line.operands.index(operand), None, signs.get(operand, Sign.ANY))
    raised = line.op is Kind.ELEMENTWISE and position in _list_exponents(line.params)
    return _Known(position, operand if raised else None, _sign_of_number(operand))


def _sign_of_number(number: Number) -> Sign:
    return Sign.POSITIVE if number > 0 else Sign.NONNEGATIVE if number == 0 else Sign.ANY


@lru_cache(maxsize=4096)
def _list_exponents(template: sympy.Basic) -> frozenset[int]:
    """The arguments that stand in exponents."""
    symbols = {s for power in template.atoms(sympy.Pow) for s in power.exp.free_symbols}
    return frozenset(int(s.name[1:]) for s in symbols)


def _find_sign(line: Line, known: tuple[_Known, ...]) -> Sign:
    """The sign of a line, given what is known of its operands."""
    if line.op is Kind.ELEMENTWISE:
        return _sign_of(line.params, known)
    if line.op is Kind.SIZE or (line.op is Kind.VDOT and line.operands[0] is line.operands[1]):
        return Sign.NONNEGATIVE
    if line.op in SUMS or (isinstance(line.op, Op) and line.op.facts.moves):
        least = min((k.sign for k in known), default=Sign.ANY)
        return min(least, Sign.NONNEGATIVE) if line.sparse else least
    return Sign.ANY


SYMBOLS: dict[Sign, dict[str, bool]] = {
    Sign.ANY: {"real": True}, Sign.NONNEGATIVE: {"nonnegative": True}, Sign.POSITIVE: {"positive": True},
}  # fmt: skip


def _write(template: sympy.Basic, known: tuple[_Known, ...]) -> sympy.Basic:
    """A template in symbols of which sympy knows the signs."""
    names: dict[sympy.Basic, sympy.Basic] = {}
    for k, (first, exponent, sign) in enumerate(known):
        same = names.get(argument(first)) if exponent is None else exact(exponent)
        names[argument(k)] = sympy.Dummy(**SYMBOLS[sign]) if same is None else same
    return template.xreplace(names)


@lru_cache(maxsize=4096)
def _sign_of(template: sympy.Basic, known: tuple[_Known, ...]) -> Sign:
    """The sign of a template."""
    written = _write(template, known)
    return Sign.POSITIVE if written.is_positive else Sign.NONNEGATIVE if written.is_nonnegative else Sign.ANY


def _find_gap(line: Line, known: tuple[_Known, ...]) -> Gap:
    if line.op is Kind.ELEMENTWISE:
        return _find_gap_of(line.params, known)
    if not isinstance(line.op, Op) or line.op.facts.finite or line.op in PLACES:
        return Gap.NOTHING
    return Gap.REGION


@lru_cache(maxsize=4096)
def _find_gap_of(template: sympy.Basic, known: tuple[_Known, ...]) -> Gap:
    """The largest gap of what a template is made of."""
    gap = Gap.NOTHING
    for part in sympy.preorder_traversal(_write(template, known)):
        if isinstance(part, sympy.Pow):
            if not part.exp.is_Integer and not (part.exp.is_Rational and part.base.is_nonnegative):
                return Gap.REGION
            if part.exp.is_negative and not part.base.is_nonzero:
                gap = Gap.POINTS
        elif isinstance(part, sympy.Function) and part.func is not sympy.Piecewise and not facts_of(part.func).finite:
            return Gap.REGION
    return gap
