"""Where the lines of a program have no value: at single points, as a quotient, or beyond a bound, as a logarithm."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import sympy

from tracer.dtypes import FLOATS
from tracer.program.lines import Kind, Line, Operand, list_exponents
from tracer.program.placed import PASSES, PLACES
from tracer.python_code import Number
from tracer.rules import TABLE, Op, argument, facts_of
from tracer.scalar import Named
from tracer.tensor import Tensor
from tracer.terms.numbers import exact

if TYPE_CHECKING:
    from tracer.program.program import Program


KEPT = frozenset((*PASSES, *PLACES, *map(TABLE.get, ("reduce_max", "reduce_min", "reduce_prod", "cumprod"))))
"""Rows whose result is finite, and of the sign of their operands, if these are; beside those that move elements."""

TOTAL = frozenset(
    TABLE[name]
    for name in (
        "reduce_logsumexp", "cumulative_logsumexp", "det", "adjugate", "eigvalsh", "svd", "expm", "expm_frechet",
        "cross", "set_diag", "one_hot",
    )
)  # fmt: skip
"""Rows that have a value wherever their operands have one, of any sign."""

LONG = 30
"""Of expressions of more operations no sign is known."""


class Gap(IntEnum):
    """What is missing from the domain of a line."""

    NOTHING = 0
    POINTS = 1
    """Points, or what else has no volume: beside each of them there is a value."""
    REGION = 2


def find_gap(program: Program) -> Gap:
    """The largest gap of the lines of a program.

    Examples
    --------
    >>> import tracer
    >>> from tracer.program.program import Program
    >>> x = tracer.placeholder("x", ("n",))
    >>> find_gap(Program([x / tracer.norm(x)], [x])).name
    'POINTS'
    """
    gap = Gap.NOTHING
    signs: dict[Line, Sign] = {}
    for line in program.lines:
        known = tuple([_describe_operand(line, k, signs) for k in range(len(line.operands))])
        signs[line] = _find_sign(line, known)
        gap = max(gap, _find_gap_of_line(line, known))
    return gap


class Sign(IntEnum):
    """What is known of the sign of a line."""

    ANY = 0
    NONNEGATIVE = 1
    POSITIVE = 2


class _Known(NamedTuple):
    """What is known of an operand: the first position at which it stands, its number if it is an exponent, its sign."""

    first: int
    exponent: Operand
    sign: Sign


def _describe_operand(line: Line, position: int, signs: dict[Line, Sign]) -> _Known:
    """What is known of the operand at a position, given the signs of lines."""
    operand = line.operands[position]
    if isinstance(operand, Line):
        sign = signs[operand] if operand in signs else _find_sign_of_leaf(operand)
        return _Known(line.operands.index(operand), None, sign)
    # Other numbers count by their signs alone, so that what is known of a template is remembered for all of them.
    raised = line.op is Kind.ELEMENTWISE and position in list_exponents(line.params)
    return _Known(position, operand if raised else None, _find_sign_of_number(operand))


def _find_sign_of_number(number: Number) -> Sign:
    """The sign of a number."""
    return Sign.POSITIVE if number > 0 else Sign.NONNEGATIVE if number == 0 else Sign.ANY


def _find_sign_of_leaf(leaf: Line) -> Sign:
    """The sign of all elements of a leaf; a dimension is positive, as where it is zero there are no elements."""
    if leaf.op is Kind.DIMENSION:
        return Sign.POSITIVE
    if leaf.op is Kind.CONSTANT:
        import numpy as np

        assert isinstance(leaf.leaf, Tensor)
        values = np.asarray(leaf.leaf.value)
        return Sign.POSITIVE if (values > 0).all() else Sign.NONNEGATIVE if (values >= 0).all() else Sign.ANY
    return Sign.ANY


def _find_sign(line: Line, known: tuple[_Known, ...]) -> Sign:
    """The sign of a line, given what is known of its operands."""
    if line.op is Kind.ELEMENTWISE:
        return _find_sign_of_template(line.params, known)
    if line.op is Kind.NORM:
        return Sign.NONNEGATIVE
    if line.op is Kind.SIZE:
        return _read_sign(line.params)
    if line.op in (Kind.VDOT, Kind.MATMUL) and not line.shape and line.operands[0] is line.operands[1]:
        return Sign.NONNEGATIVE
    if isinstance(line.op, Op) and not line.op.facts.moves and line.op not in KEPT:
        return Sign.ANY
    least = min((k.sign for k in known), default=Sign.POSITIVE)
    # The integer of a half is zero.
    may_be_zero = line.sparse or line.op is Kind.GREATEST_AT or line.dtype not in FLOATS
    return min(least, Sign.NONNEGATIVE) if may_be_zero else least


SYMBOLS: dict[Sign, dict[str, bool]] = {
    Sign.ANY: {"real": True}, Sign.NONNEGATIVE: {"nonnegative": True}, Sign.POSITIVE: {"positive": True},
}  # fmt: skip


def _write_template(template: sympy.Basic, known: tuple[_Known, ...]) -> sympy.Basic:
    """A template in symbols of which sympy knows the signs."""
    names: dict[sympy.Basic, sympy.Basic] = {}
    for k, (first, exponent, sign) in enumerate(known):
        same = names.get(argument(first)) if exponent is None else exact(exponent)
        names[argument(k)] = sympy.Dummy(**SYMBOLS[sign]) if same is None else same
    return template.xreplace(names)


@lru_cache(maxsize=4096)
def _find_sign_of_template(template: sympy.Basic, known: tuple[_Known, ...]) -> Sign:
    """The sign of a template, given what is known of its arguments."""
    return _read_sign(_write_template(template, known))


def _read_sign(e: sympy.Basic) -> Sign:
    """The sign that sympy knows of an expression; of a long one, as of a series, it takes seconds to know none."""
    if isinstance(e, sympy.Piecewise):
        zeros = [c.lhs for _, c in e.args if isinstance(c, sympy.Eq) and c.rhs == 0]
        signs = [(_read_sign(value), value in zeros) for value, _ in e.args]
        return min(Sign.POSITIVE if sign and apart else sign for sign, apart in signs)
    if sympy.count_ops(e) > LONG:
        return Sign.ANY
    return Sign.POSITIVE if e.is_extended_positive else Sign.NONNEGATIVE if e.is_nonnegative else Sign.ANY


def _find_gap_of_line(line: Line, known: tuple[_Known, ...]) -> Gap:
    """The gap of a line, given what is known of its operands."""
    if line.op is Kind.ELEMENTWISE:
        return _find_gap_of_template(line.params, known)
    if not isinstance(line.op, Op) or line.op.facts.finite or line.op in KEPT | TOTAL:
        return Gap.NOTHING
    return Gap.REGION


@lru_cache(maxsize=4096)
def _find_gap_of_template(template: sympy.Basic, known: tuple[_Known, ...]) -> Gap:
    """The largest gap of the functions in a template, given what is known of its arguments."""
    return _find_gap_of_expression(_write_template(template, known))


def _list_chosen(choice: sympy.Piecewise) -> list[sympy.Basic]:
    """The values and conditions of a choice; what is chosen last is not near zero where a series is chosen there."""
    found: list[sympy.Basic] = []
    apart: dict[sympy.Expr, sympy.Symbol] = {}
    for value, condition in choice.args:
        found += [value.xreplace(apart), condition.xreplace(apart)]
        near = _find_near(condition)
        if near is not None:
            apart[near] = sympy.Dummy(real=True, nonzero=True, nonnegative=near.is_nonnegative or None)
    return found


def _find_near(condition: sympy.Basic) -> sympy.Expr | None:
    """What a condition holds of where that is zero, so that elsewhere it is not; None if nothing is seen to be so."""
    for relation in condition.atoms(sympy.StrictLessThan, sympy.LessThan, sympy.StrictGreaterThan, sympy.GreaterThan):
        value = relation.lhs.args[0] if isinstance(relation.lhs, sympy.Abs) else relation.lhs
        if condition.xreplace({value: sympy.S.Zero}) == sympy.true:
            return value
    return None


def _find_gap_of_expression(expression: sympy.Basic) -> Gap:
    """The largest gap of the functions in an expression; one that no row has is looked at as it is defined."""
    gap = Gap.NOTHING
    parts = [expression]
    while parts:
        part = parts.pop()
        parts += _list_chosen(part) if isinstance(part, sympy.Piecewise) else part.args
        if isinstance(part, sympy.Pow):
            if not part.exp.is_Integer and not (part.exp.is_Rational and part.base.is_nonnegative):
                return Gap.REGION
            if part.exp.is_negative and not part.base.is_nonzero:
                gap = Gap.POINTS
        elif isinstance(part, sympy.Function) and part.func is not sympy.Piecewise and not facts_of(part.func).finite:
            if not isinstance(part, Named):
                return Gap.REGION
            gap = max(gap, _find_gap_of_expression(type(part).definition(*part.args)))
    return gap
