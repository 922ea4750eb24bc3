"""Products of lines and numbers: what is in front of them, and what cancels in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import isfinite
from types import MappingProxyType
from typing import Any, TypeAlias

import sympy

from tracer.dtypes import FLOATS
from tracer.program.lines import NEGATIVE, OVER, TIMES, Kind, Line, Operand, Written, broadcast, operand_of
from tracer.rules import Op, argument, facts_of, position_of

Factor: TypeAlias = "tuple[Operand, int]"
"""A line or a number, and its power."""


NESTED = 2
"""How deep quotients are looked for in quotients."""


def split_product(template: sympy.Basic) -> tuple[sympy.Expr, sympy.Expr, tuple[int, ...]]:
    """The number in front of a product, the rest, and which arguments are factors and occur nowhere else in it.

    Examples
    --------
    >>> split_product(2 * argument(0) * argument(1) * sympy.exp(argument(1)))
    (2, _0*_1*exp(_1), (0,))
    """
    factor, rest = template.as_coeff_Mul()
    factors = sympy.Mul.make_args(rest)
    symbols = sorted(template.free_symbols.intersection(factors), key=position_of)
    alone = (s for s in symbols if not any(f.has(s) for f in factors if f != s))
    return factor, rest, tuple(map(position_of, alone))


def fold_factor(template: sympy.Basic, operands: Sequence[Operand]) -> tuple[sympy.Basic, list[Operand]]:
    """A product with one sign in front, in which the number there is multiplied by one beside it, and none by one.

    Whole numbers are left to those of floats: arrays of them have their own arithmetic.

    Examples
    --------
    >>> fold_factor(3 * argument(0) * argument(1), [0.5, 2])
    (_0*_1, [1.5, 2])
    """
    if not any(not isinstance(o, Line) or operand_of(o, NEGATIVE) is not None for o in operands):
        return template, list(operands)
    of_floats = any(isinstance(o, Line) and o.dtype in FLOATS for o in operands)
    factor, rest, alone = split_product(template)
    for k in alone:
        operand = operands[k]
        if (negated := operand_of(operand, NEGATIVE)) is not None:
            return fold_factor(-template, [*operands[:k], negated, *operands[k + 1 :]])
        if factor.is_Integer and (type(operand) is float or (type(operand) is int and of_floats)):
            value = int(factor) * operand
            for number, other in ((operand, template), (value, rest)):
                if abs(number) == 1 and of_floats:
                    return int(number) * other / argument(k), list(operands)
            if factor != 1:
                return rest, [*operands[:k], value, *operands[k + 1 :]]
    return template, list(operands)


@lru_cache(maxsize=4096)
def split_powers(template: sympy.Basic) -> tuple[int, tuple[tuple[int, int], ...]] | None:
    """The number and the powers of arguments that a product is; None for anything else.

    Examples
    --------
    >>> split_powers(-2 * argument(0) ** 2 / argument(1))
    (-2, ((0, 2), (1, -1)))
    """
    number, rest = template.as_coeff_Mul() if isinstance(template, sympy.Expr) else (sympy.S.Zero, template)
    if not number.is_Integer or number == 0:
        return None
    powers = [factor.as_base_exp() for factor in sympy.Mul.make_args(rest)]
    if not all(base.is_Symbol and power.is_Integer for base, power in powers):
        return None
    return int(number), tuple((position_of(base), int(power)) for base, power in powers)


def is_partial(op: Kind | Op, params: Any, operands: Sequence[Operand]) -> bool:
    """Whether a line may have no value in a region, where something in it is a root or a logarithm."""
    own = _has_bound(params) if op is Kind.ELEMENTWISE else isinstance(op, Op) and not op.facts.finite
    return own or any(isinstance(o, Line) and o.partial for o in operands)


@lru_cache(maxsize=4096)
def _has_bound(template: sympy.Basic) -> bool:
    """Whether a function in a template is defined up to a bound alone."""
    functions = template.atoms(sympy.Function) - template.atoms(sympy.Piecewise)
    return any(not facts_of(f.func).finite for f in functions) or any(
        not p.exp.is_Integer for p in template.atoms(sympy.Pow)
    )


def is_zero_product(template: sympy.Basic, operands: Sequence[Operand]) -> bool:
    """Whether a product of lines without axes, which are finite, and numbers has the factor zero, and so is zero.

    Examples
    --------
    >>> x = Line(Kind.ARGUMENT, (), None, (), "float64")
    >>> is_zero_product(2 * TIMES, [x, 0.0]), is_zero_product(TIMES, [x, 2.0]), is_zero_product(OVER, [x, 0.0])
    (True, False, False)
    """
    known = [o.finite and not o.shape if isinstance(o, Line) else isfinite(o) for o in operands]
    if False in known or not any(type(o) is Line for o in operands):
        return False
    zeros = {argument(k) for k, o in enumerate(operands) if type(o) is float and o == 0}
    return bool(zeros.intersection(sympy.Mul.make_args(template)))


def cancel_quotients(
    template: sympy.Basic,
    operands: Sequence[Operand],
    loose: bool = False,
    plain: Mapping[Line, Written] = MappingProxyType({}),
) -> tuple[sympy.Basic, list[Operand]]:
    """A product or quotient without what cancels in it: ``(x/y)*y`` is ``x``, ``x/(x/y)`` is ``y``, and ``x/x`` is one.

    What is left has the shape of the product, unless a shape that broadcasts to it will do. ``plain`` says how lines
    were written that stand for quotients.

    Examples
    --------
    >>> x, y = (Line(Kind.ARGUMENT, (), None, (), "float64") for _ in range(2))
    >>> quotient = Line(Kind.ELEMENTWISE, (x, y), OVER, (), "float64")
    >>> cancel_quotients(OVER, [x, quotient]) == (argument(0), [y])
    True
    """
    split = split_powers(template)
    if split is None:
        return template, list(operands)
    number, powers = split
    joined = _join_powers([(operands[k], power) for k, power in powers])
    if joined is not None and (loose or broadcast(o for o, _ in joined) == broadcast(operands)):
        whole = sympy.Mul(number, *(argument(k) ** power for k, (_, power) in enumerate(joined)))
        return cancel_quotients(whole, [operand for operand, _ in joined], loose, plain)
    divided = any(power < 0 for _, power in powers)
    quotients = {o: found for o in operands if isinstance(o, Line) and (found := _list_readings(o, plain))}
    left = _cancel_once([(operands[k], power) for k, power in powers], quotients) if divided or quotients else None
    if left is None or not (loose or broadcast(operand for operand, _ in left[1]) == broadcast(operands)):
        return template, list(operands)
    sign, factors = left
    template = sympy.Mul(sign * number, *(argument(k) ** power for k, (_, power) in enumerate(factors)))
    return cancel_quotients(template, [operand for operand, _ in factors], loose, plain)


def join_reciprocal(template: sympy.Basic, operands: Sequence[Operand]) -> tuple[sympy.Basic, list[Operand]]:
    """A number times a whole number over a line as one quotient: ``0.5 * (-1/x)`` is ``-0.5/x``.

    Examples
    --------
    >>> x = Line(Kind.ARGUMENT, (), None, (), "float64")
    >>> inverse = Line(Kind.ELEMENTWISE, (x,), -1 / argument(0), (), "float64")
    >>> join_reciprocal(argument(0) * argument(1), [0.5, inverse]) == (OVER, [-0.5, x])
    True
    """
    if template == TIMES:
        for number, line in (operands, [*reversed(operands)]):
            if type(number) is float and isinstance(line, Line) and line.op is Kind.ELEMENTWISE:
                whole, powers = split_powers(line.params) or (0, ())
                if powers == ((0, -1),):
                    return OVER, [number * whole, line.operands[0]]
    return template, list(operands)


def _join_powers(factors: Sequence[Factor]) -> list[Factor] | None:
    """Factors in which a line that is multiplied and divided by has one power; None where there is none."""
    for k, (operand, power) in enumerate(factors):
        for n, (other, own) in enumerate(factors[:k]):
            if other is operand and power * own < 0 and isinstance(operand, Line) and not operand.partial:
                rest = [f for j, f in enumerate(factors) if j not in (k, n)]
                return [*rest, (operand, power + own)] if power + own else rest or None
    return None


def _cancel_once(
    factors: Sequence[Factor], quotients: Mapping[Line, Sequence[tuple[int, list[Factor]]]]
) -> tuple[int, list[Factor]] | None:
    """A sign and the rest of factors, of which a line and what is divided by it are gone; None where there is none."""
    for k, (operand, power) in enumerate(factors):
        rest = [*factors[:k], *factors[k + 1 :]]
        for sign, inner in ((1, [(operand, 1)]), *quotients.get(operand, ())) if abs(power) == 1 else ():
            for n, (part, own) in enumerate(inner):
                opposite = part, -own * power
                if isinstance(part, Line) and not part.partial and opposite in rest:
                    rest.remove(opposite)
                    return sign, [*rest, *((o, e * power) for o, e in (*inner[:n], *inner[n + 1 :]))]
    return None


def _list_readings(operand: Line, plain: Mapping[Line, Written]) -> list[tuple[int, list[Factor]]]:
    """What is multiplied and divided in a quotient, with its sign: as it stands, and with the quotients in it."""
    found = [_read_quotient(operand, plain, depth) for depth in range(NESTED + 1)]
    return [reading for reading in found if reading is not None]


def _read_quotient(operand: Operand, plain: Mapping[Line, Written], depth: int) -> tuple[int, list[Factor]] | None:
    """The sign of a quotient, and what is multiplied and divided in it; None for anything else."""
    if not isinstance(operand, Line) or operand.op is not Kind.ELEMENTWISE or operand.dtype not in FLOATS:
        return None
    template, parts = plain.get(operand) or (operand.params, operand.operands)
    sign, powers = split_powers(template) or (0, ())
    if abs(sign) != 1 or {abs(power) for _, power in powers} != {1} or all(power > 0 for _, power in powers):
        return None
    found: list[Factor] = []
    for k, power in powers:
        own, inner = (_read_quotient(parts[k], plain, depth - 1) if depth else None) or (1, [(parts[k], 1)])
        sign *= own
        found += [(o, e * power) for o, e in inner]
    return None if any(isinstance(o, Line) and o.dtype not in FLOATS for o, _ in found) else (sign, found)
