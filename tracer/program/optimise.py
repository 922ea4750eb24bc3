"""What makes a program shorter and leaves its results as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

import sympy

from tracer.dtypes import FLOATS
from tracer.program.lines import LEAVES, MINUS, NEGATIVE, OVER, PLUS, TIMES, Kind, Line, Operand, compact, operand_of
from tracer.rules import argument, list_positions, position_of
from tracer.scalar import sigmoid
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


def _leave_out(neutral: int, x: Operand, y: Operand) -> Operand | None:
    """The floats of a line beside a number that changes nothing."""
    for line, number in ((x, y), (y, x)):
        if isinstance(line, Line) and line.dtype in FLOATS and type(number) in (int, float) and number == neutral:
            return line
    return None


def _multiply(x: Operand, y: Operand) -> Operand | None:
    """The product of two floats, in which Python and NumPy agree."""
    return x * y if type(x) is type(y) is float else _leave_out(1, x, y)


def _divide(x: Operand, y: Operand) -> Operand | None:
    """What is divided by one."""
    return _leave_out(1, x, y) if not isinstance(y, Line) else None


def _add(x: Operand, y: Operand) -> Operand | None:
    """The sum of two floats that loses nothing; of others, a rule may still need both: ``log(1 + 1e-20)``."""
    if not type(x) is type(y) is float:
        return _leave_out(0, x, y)
    total = x + y
    rest = total - x
    return total if (x - (total - rest)) + (y - rest) == 0 else None


SIMPLER: dict[sympy.Basic, Callable[..., Operand | None]] = {
    argument(0): lambda x: x,
    NEGATIVE: _negate,
    TIMES: _multiply,
    PLUS: _add,
    MINUS: lambda x, y: _add(x, -y) if not isinstance(y, Line) else None,
    OVER: _divide,
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


def fold_sign(template: sympy.Basic, operands: Sequence[Operand]) -> tuple[sympy.Basic, list[Operand]]:
    """A sum or a difference of two, of which no second one is a negative, nor the first one of a sum.

    Examples
    --------
    >>> from tracer.program.lines import OVER, Kind
    >>> x = Line(Kind.ARGUMENT, (), None, (), "float64")
    >>> fold_sign(PLUS, [x, -0.5]) == (MINUS, [x, 0.5]) == fold_sign(PLUS, [-0.5, x])
    True
    """
    x, y = operands
    if (negated := _find_negated(y, x)) is not None:
        return (MINUS if template == PLUS else PLUS), [x, negated]
    if template == PLUS and (negated := _find_negated(x, y)) is not None:
        return MINUS, [y, negated]
    return template, [x, y]


def absorb_signs(template: sympy.Basic, operands: Sequence[Operand]) -> tuple[sympy.Basic, list[Operand]]:
    """A template of what operands are the negatives of, where that is shorter: of ``exp(-x)`` and ``-z``, ``exp(z)``.

    Examples
    --------
    >>> from tracer.program.lines import Kind
    >>> z = Line(Kind.ARGUMENT, (), None, (), "float64")
    >>> negative = Line(Kind.ELEMENTWISE, (z,), NEGATIVE, (), "float64")
    >>> absorb_signs(sympy.exp(-argument(0)), [negative]) == (sympy.exp(argument(0)), [z])
    True
    """
    found = list(operands)
    if template == NEGATIVE and type(found[0]) is Line and found[0].op is Kind.ELEMENTWISE and found[0].params == MINUS:
        return MINUS, [*reversed(found[0].operands)]
    for k, operand in enumerate(operands):
        opposite = operand_of(operand, NEGATIVE)
        turned = None if opposite is None else _turn_argument(template, k)
        if turned is not None:
            template, found[k] = turned, opposite
    return template, found


@lru_cache(maxsize=4096)
def _turn_argument(template: sympy.Basic, k: int) -> sympy.Basic | None:
    """A template of the negative of an argument; None where it is no shorter, or a condition."""
    if not isinstance(template, sympy.Expr):
        return None
    turned = template.xreplace({argument(k): -argument(k)})
    return turned if _count_operations(turned) < _count_operations(template) else None


def _count_operations(template: sympy.Expr) -> int:
    """How many operations code has: a sigmoid is written out."""
    return int(template.replace(sigmoid, lambda x: 1 / (1 + sympy.exp(-x))).count_ops())


def _find_negated(value: Operand, other: Operand) -> Operand | None:
    """What a negative line, or a negative number beside a line, is the negative of."""
    if type(value) is float:
        return -value if value < 0 and type(other) is Line else None
    return operand_of(value, NEGATIVE)


@lru_cache(maxsize=4096)
def split_functions(template: sympy.Basic) -> tuple[tuple[sympy.Expr, ...], sympy.Basic]:
    """The functions and roots in a sum, product or power, and the rest in arguments that follow the template's own.

    Each is a line then, which others share.

    Examples
    --------
    >>> split_functions(2 * argument(0) * sympy.cos(argument(1)))
    ((cos(_1),), 2*_0*_2)
    """
    found: list[sympy.Expr] = []
    count = 1 + max(list_positions(template), default=-1)

    def split(part: sympy.Expr) -> sympy.Expr:
        if part.is_Add or part.is_Mul or (part.is_Pow and part.exp.is_Integer):
            return part.func(*map(split, part.args))
        if part.is_Pow and part.exp.is_Rational and part.exp < 0:
            return 1 / split(1 / part)
        if not part.free_symbols or not (part.is_Function or part.is_Pow) or part.is_Piecewise:
            return part
        if part not in found:
            found.append(part)
        return argument(count + found.index(part))

    rest = split(template)
    return ((), template) if rest.is_Symbol else (tuple(found), rest)


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
    for line in made:
        for value in (line, *line.operands):
            if isinstance(value, Line):
                value.uses = 0
    for line in reversed(made):
        if line in needed:
            for operand in line.operands:
                if isinstance(operand, Line):
                    operand.uses += 1
                    needed.add(operand)
    return needed


def substitute(replaced: Mapping[Line, Operand], operands: Iterable[Operand]) -> list[Operand]:
    """Operands, or what takes their places."""
    return [replaced.get(o, o) if isinstance(o, Line) else o for o in operands]


def sort_lines(made: Sequence[Line], results: Sequence[Operand]) -> list[Line]:
    """The lines that results need, operands before what is computed of them, and else in the order given."""
    found: dict[Line, None] = {}
    todo = [r for r in (*reversed(results), *reversed(made)) if isinstance(r, Line)]
    while todo:
        line = todo[-1]
        missing = [o for o in line.operands if isinstance(o, Line) and o not in found and o.op not in LEAVES]
        if missing and line not in found:
            todo += reversed(missing)
        else:
            found.setdefault(line)
            todo.pop()
    return [line for line in found if line.op not in LEAVES]
