"""What makes a program shorter and leaves its results as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import sympy

from tracer.dtypes import FLOATS
from tracer.program.lines import MINUS, NEGATIVE, PLUS, TIMES, Line, Operand, compact, operand_of
from tracer.rules import argument, position_of
from tracer.terms.numbers import exact


def simplify(template: sympy.Basic, operands: Sequence[Operand]) -> Operand | None:
    """A value that is there already, for an elementwise function of lines and numbers; None where there is none.

    Examples
    --------
    >>> simplify(NEGATIVE, [2.0]), simplify(TIMES, [2.0, 3.0]), simplify(PLUS, [2.0, 1])
    (-2.0, 6.0, None)
    """
    rule = SIMPLER.get(template)
    return None if rule is None else rule(*operands)


def _negate(value: Operand) -> Operand | None:
    """The negative of a number, or of a negative."""
    return operand_of(value, NEGATIVE) if isinstance(value, Line) else -value


def _multiply(x: Operand, y: Operand) -> Operand | None:
    """The product of two floats, in which Python and NumPy agree."""
    return x * y if type(x) is type(y) is float else None


def _add(x: Operand, y: Operand) -> Operand | None:
    """The sum of two floats that loses nothing; of others, a rule may still need both: ``log(1 + 1e-20)``."""
    if not type(x) is type(y) is float:
        return None
    total = x + y
    rest = total - x
    return total if (x - (total - rest)) + (y - rest) == 0 else None


SIMPLER: dict[sympy.Basic, Callable[..., Operand | None]] = {
    argument(0): lambda x: x,
    NEGATIVE: _negate,
    TIMES: _multiply,
    PLUS: _add,
    MINUS: lambda x, y: _add(x, -y) if type(y) is float else None,
}
"""By template, what its value is where that is simpler."""


def decide(template: sympy.Basic, operands: Sequence[Operand]) -> tuple[sympy.Basic, Sequence[Operand]]:
    """A choice without those of its conditions that are about numbers alone.

    Examples
    --------
    >>> a, b = argument(0), argument(1)
    >>> decide(sympy.Piecewise((0, sympy.Eq(a, 0)), (a * b, True)), [2.0, 0.5])
    (_0*_1, [2.0, 0.5])
    """
    numbers = {argument(k): exact(o) for k, o in enumerate(operands) if type(o) is int or type(o) is float}
    if not isinstance(template, sympy.Piecewise) or not numbers:
        return template, operands
    pairs = [(v, c.xreplace(numbers) if c.free_symbols <= numbers.keys() else c) for v, c in template.args]
    found, used = compact(sympy.Piecewise(*pairs))
    return found, [operands[k] for k in used]


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
            if abs(value) == 1 and of_floats:
                return int(value) * rest / argument(k), list(operands)
            if factor != 1:
                return rest, [*operands[:k], value, *operands[k + 1 :]]
    return template, list(operands)


def fold_sign(template: sympy.Basic, operands: Sequence[Operand]) -> tuple[sympy.Basic, list[Operand]]:
    """A sum or a difference of two, of which no second one is a negative, nor the first one of a sum."""
    x, y = operands
    if (negated := operand_of(y, NEGATIVE)) is not None:
        return (MINUS if template == PLUS else PLUS), [x, negated]
    if template == PLUS and (negated := operand_of(x, NEGATIVE)) is not None:
        return MINUS, [y, negated]
    return template, [x, y]


def fold_sums(template: sympy.Basic, operands: Sequence[Operand]) -> tuple[sympy.Basic, list[Operand]]:
    """A template in which a float among the operands and a whole number added to it are one number.

    Examples
    --------
    >>> fold_sums(argument(0) ** (argument(1) - 1), ["x", 0.5])
    (_0**_1, ['x', -0.5])
    """
    if float not in map(type, operands):
        return template, list(operands)
    rows = list(operands)
    for part, k, whole in _find_sums(template):
        number = rows[k]
        if isinstance(number, float):
            template = template.xreplace({part: argument(len(rows))})
            rows.append(number + whole)
    if len(rows) == len(operands):
        return template, rows
    template, used = compact(template)
    return template, [rows[k] for k in used]


@lru_cache(maxsize=256)
def _find_sums(template: sympy.Basic) -> tuple[tuple[sympy.Expr, int, int], ...]:
    """The sums of one argument and a whole number in a template, but for the template itself."""
    found = []
    for part in sorted(template.atoms(sympy.Add), key=str):
        number, rest = part.as_coeff_Add()
        if part != template and rest in template.free_symbols and number.is_Integer:
            found.append((part, position_of(rest), int(number)))
    return tuple(found)


def prune(made: Sequence[Line], results: Sequence[Operand]) -> set[Line]:
    """Count how often each line is an operand; the lines and leaves that the results need are answered."""
    needed = {r for r in results if isinstance(r, Line)}
    for line in reversed(made):
        if line in needed:
            for operand in line.operands:
                if isinstance(operand, Line):
                    operand.uses += 1
                    needed.add(operand)
    return needed
