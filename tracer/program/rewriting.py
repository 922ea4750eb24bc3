"""Rules of the table of rewrites, applied to a line that is about to be made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, permutations
from types import MappingProxyType
from typing import TypeAlias

import sympy

from tracer.dtypes import FLOATS
from tracer.program.lines import NEGATIVE, Kind, Line, Operand, Written, compact
from tracer.program.rewrite_kinds import (
    NUMBERS,
    Rule,
    find_kind,
    is_made_of_patterns,
    list_rules,
    may_fit,
    merge_equal,
)
from tracer.rules import argument

DEPTH = 5
"""How many lines one after another a pattern is made of at the most."""
Bindings: TypeAlias = "dict[sympy.Symbol, sympy.Expr]"
Steps: TypeAlias = "tuple[tuple[sympy.Basic, tuple[int, ...]], ...]"
"""Templates, and what they take: leaves by their index, and then the steps before, counted from there on."""
Shape: TypeAlias = "int | sympy.Expr | tuple[int, sympy.Basic, tuple[Shape, ...]]"
"""What an operand is: the leaf of an index; a number; or a line, of which the index, the template and the operands."""


def rewrite(
    template: sympy.Basic, operands: Sequence[Operand], written: Mapping[Line, Written] = MappingProxyType({})
) -> tuple[list[Operand], Steps] | None:
    """What is computed in place of a template over operands: of which values, in which steps; None for as it stands.

    ``written`` says how lines were written for which others are computed.

    Examples
    --------
    >>> x = Line(Kind.ARGUMENT, (), None, (), "float64")
    >>> total = Line(Kind.ELEMENTWISE, (1.0, x), argument(0) + argument(1), (), "float64")
    >>> leaves, steps = rewrite(argument(0) * sympy.log(argument(1)), [2.5, total])
    >>> leaves == [2.5, total, x], steps
    (True, ((log1p(_0), (2,)), (_0*_1, (0, 3))))
    """
    if not may_fit(merge_equal(template, operands)[0], tuple([find_kind(o, written) for o in operands])):
        return None
    leaves: list[Operand] = []
    shapes = _look(template, operands, DEPTH, leaves, written)
    steps = _find_steps(template, shapes, len(leaves))
    if steps is None:
        return None
    used = {k for _, own in steps for k in own if k < len(leaves)}
    if any(type(leaves[k]) is Line and leaves[k].dtype not in FLOATS for k in used):
        return None
    return leaves, steps


def _look(
    template: sympy.Basic,
    operands: Sequence[Operand],
    depth: int,
    leaves: list[Operand],
    written: Mapping[Line, Written],
) -> tuple[Shape, ...]:
    """What the operands of a template are; the lines and numbers that they are made of are added to the leaves."""
    shapes: list[Shape] = []
    for operand in operands:
        if type(operand) in (int, float) and operand in NUMBERS and (template.is_Add or template.is_Mul):
            shapes.append(sympy.Rational(operand))
            continue
        index = _find_leaf(leaves, operand)
        if index == len(leaves):
            opposite = _find_leaf(leaves, -operand) if type(operand) is float else index
            leaves.append(operand)
            if opposite < index:
                shapes.append((index, NEGATIVE, (opposite,)))
                continue
        if depth > 1 and type(operand) is Line and operand.op is Kind.ELEMENTWISE and operand.dtype in FLOATS:
            inner, parts = written.get(operand) or (operand.params, operand.operands)
            if is_made_of_patterns(inner):
                shapes.append((index, inner, _look(inner, parts, depth - 1, leaves, written)))
                continue
        shapes.append(index)
    return tuple(shapes)


def _find_leaf(leaves: Sequence[Operand], operand: Operand) -> int:
    """Which leaf an operand is, the line or the number; so many as there are if it is a new one."""
    number = type(operand) is float and operand != 0.0
    same = (
        k for k, leaf in enumerate(leaves) if leaf is operand or (number and type(leaf) is float and leaf == operand)
    )
    return next(same, len(leaves))


@lru_cache(maxsize=4096)
def _find_steps(template: sympy.Basic, shapes: tuple[Shape, ...], count: int) -> Steps | None:
    """The steps for a template whose operands have shapes of so many leaves; None where no rule fits.

    A rule is found in a part of the template in which the operands are written out; what it does not replace stays in
    terms of the operands themselves.
    """
    lines: dict[sympy.Expr, sympy.Symbol] = {}
    values = _write_out(shapes, lines)
    made: list[sympy.Expr] = []
    while (found := find_part(template, values)) is not None:
        part, replacement, power = found
        sign, value = (-1, -replacement) if replacement.could_extract_minus_sign() else (1, replacement)
        for first in sorted(value.atoms(sympy.UnevaluatedExpr), key=sympy.default_sort_key):
            value = value.xreplace({first: argument(OUTER + len(made))})
            made.append(first.args[0].xreplace(lines))
        template = template.xreplace({part: (sign * argument(OUTER + len(made))) ** power})
        made.append(value.xreplace(lines))
    if not made:
        return None
    fresh = {argument(OUTER + k): argument(count + k) for k in range(len(made))}
    own = {argument(k): lines.get(v, v) for k, v in enumerate(values.values())}
    steps = [step.xreplace(fresh) for step in made]
    steps += [] if isinstance(template, sympy.Symbol) else [template.xreplace(own | fresh)]
    return tuple(map(compact, steps))


OUTER = 1_000_000
"""Arguments from here on stand for steps, while those of the template are its operands."""


def _write_out(shapes: Sequence[Shape], lines: dict[sympy.Expr, sympy.Symbol]) -> dict[sympy.Symbol, sympy.Expr]:
    """What the operands of a template are in terms of the leaves; what each line is comes to stand in ``lines``."""
    values: dict[sympy.Symbol, sympy.Expr] = {}
    for k, shape in enumerate(shapes):
        if isinstance(shape, tuple):
            index, template, operands = shape
            values[argument(k)] = value = template.xreplace(_write_out(operands, lines))
            lines[value] = argument(index)
        else:
            values[argument(k)] = argument(shape) if isinstance(shape, int) else shape
    return values


def find_part(
    template: sympy.Expr, values: Mapping[sympy.Symbol, sympy.Expr]
) -> tuple[sympy.Expr, sympy.Expr, int] | None:
    """The outermost part of a template that a rule fits, and of what the first such rule computes the part is a power.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> find_part(argument(0) * (argument(1) - 1), {argument(1): sympy.exp(2 * x)})
    (_1 - 1, expm1(2*x), 1)
    """
    for part in sympy.preorder_traversal(template):
        rules = list_rules(part.func)
        if rules and part.free_symbols <= values.keys():  # no index of a sum
            leaves = set[sympy.Basic]().union(*(values[s].free_symbols for s in part.free_symbols))
            value, power = _apply_to_root(rules, part.xreplace(values))
            if value is not None and value.free_symbols == leaves:
                return part, value, power
    return None


def _apply_to_root(rules: Sequence[Rule], expr: sympy.Expr) -> tuple[sympy.Expr | None, int]:
    """What the first rule that fits an expression computes, or the root of which it is a power, and the power."""
    if not isinstance(expr, sympy.Pow) or not expr.exp.is_Rational or expr.exp.q != 2:
        return _apply(rules, expr), 1
    return _apply(rules, sympy.sqrt(expr.base)), expr.exp.p


def _apply(rules: Sequence[Rule], expr: sympy.Expr) -> sympy.Expr | None:
    """What the first rule that fits an expression, without a number in front of all terms, computes in its place."""
    factor, expr = expr.primitive() if expr.is_Add else (sympy.S.One, expr)
    for pattern, replacement in rules:
        found = next(match(pattern, expr, {}), None)
        if found is not None:
            return factor * replacement.xreplace(found)
    return None


@lru_cache(maxsize=1024)
def rewrite_terms(template: sympy.Basic) -> sympy.Basic:
    """A template in whose sums of several terms the rules are applied to two of them.

    Examples
    --------
    >>> x = argument(0)
    >>> rewrite_terms(x * sympy.exp(x) + sympy.erf(x) / 2 + sympy.Rational(1, 2))
    _0*exp(_0) + erf_above(_0)/2
    """
    for total in template.atoms(sympy.Add):
        for pair in combinations(total.args, 2) if 2 < len(total.args) <= MOST_TERMS else ():
            replaced = _apply(list_rules(sympy.Add), sympy.Add(*pair))
            if replaced is not None:
                rest = [t for t in total.args if t not in pair]
                return template.xreplace({total: sympy.Add(replaced, *rest)})
    return template


def match(pattern: sympy.Expr, expr: sympy.Expr, found: Bindings) -> Iterator[Bindings]:
    """What the arguments of a pattern stand for in an expression, in each way in which it matches.

    Of a sum or a product, one argument that stands by itself takes all that is left. Of a sum of two arguments, one of
    which is known, the other is the difference, if terms cancel in it.

    Examples
    --------
    >>> x, y = sympy.symbols("x y", real=True)
    >>> next(match(sympy.log(1 + argument(0)), sympy.log(1 + x + y), {}))
    {_0: x + y}
    >>> next(match(argument(0) + argument(1), x + 2, {argument(0): x + 1}))
    {_0: x + 1, _1: 1}
    """
    if isinstance(pattern, sympy.Symbol):
        if pattern not in found:
            yield {**found, pattern: expr}
        elif found[pattern] == expr:
            yield found
    elif not pattern.args:
        if pattern == expr:
            yield found
    elif pattern.is_Add and all(s.is_Symbol for s in pattern.args) and any(s in found for s in pattern.args):
        yield from _match_difference(pattern, expr, found)
    elif pattern.func is expr.func:
        if isinstance(pattern, (sympy.Add, sympy.Mul)):
            yield from _match_terms(pattern, expr, found)
        elif len(pattern.args) == len(expr.args):
            yield from _match_all(pattern.args, expr.args, found)


def _match_difference(pattern: sympy.Expr, expr: sympy.Expr, found: Bindings) -> Iterator[Bindings]:
    """What one argument of a sum of two stands for, the other one being known, where terms cancel."""
    known = [s for s in pattern.args if s in found]
    (wanted,) = [s for s in pattern.args if s != known[0]]
    difference = expr - found[known[0]]
    if _count_terms(difference) < _count_terms(expr) + _count_terms(found[known[0]]):
        yield from match(wanted, difference, found)


def _count_terms(expr: sympy.Expr) -> int:
    return len(sympy.Add.make_args(expr))


def _match_all(patterns: Sequence[sympy.Expr], parts: Sequence[sympy.Expr], found: Bindings) -> Iterator[Bindings]:
    """The ways in which each of several patterns matches its part."""
    if not patterns:
        yield found
        return
    for first in match(patterns[0], parts[0], found):
        yield from _match_all(patterns[1:], parts[1:], first)


def _match_terms(pattern: sympy.Expr, expr: sympy.Expr, found: Bindings) -> Iterator[Bindings]:
    """The ways in which the terms of a sum, or the factors of a product, match in any order."""
    patterns = sorted(pattern.args, key=lambda p: (isinstance(p, sympy.Symbol), len(p.free_symbols)))
    rest = isinstance(patterns[-1], sympy.Symbol)
    count = len(patterns) - rest
    if len(expr.args) > MOST_TERMS or (len(expr.args) != count if not rest else len(expr.args) <= count):
        return
    for chosen in permutations(expr.args, count):
        for own in _match_all(patterns[:count], chosen, found):
            if rest:
                left = expr.func(*(t for t in expr.args if t not in chosen))
                yield from match(patterns[-1], left, own)
            else:
                yield own


MOST_TERMS = 4
"""How many terms a sum has at the most in which a pattern is looked for."""
