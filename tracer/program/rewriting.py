"""Rules of the table of rewrites, applied to a line that is about to be made."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import permutations
from typing import TypeAlias

import sympy

from tracer.dtypes import FLOATS
from tracer.program.lines import Kind, Line, Operand, compact
from tracer.program.rewrites import REWRITES
from tracer.rules import argument

DEPTH = 4
"""How many lines one after another a pattern is made of at the most."""
WHOLE = frozenset({-2.0, -1.0, 1.0, 2.0})
"""The numbers of patterns."""
Rule: TypeAlias = "tuple[sympy.Expr, sympy.Expr]"
"""A pattern and what is computed in its place."""
Bindings: TypeAlias = "dict[sympy.Symbol, sympy.Expr]"
Steps: TypeAlias = "tuple[tuple[sympy.Basic, tuple[int, ...]], ...]"
"""Templates, and what they take: leaves by their index, and then the steps before, counted from there on."""
Shape: TypeAlias = "int | sympy.Expr | tuple[int, sympy.Basic, tuple[Shape, ...]]"
"""What an operand is: the leaf of an index; a number; or a line, of which the index, the template and the operands."""


def rewrite(template: sympy.Basic, operands: Sequence[Operand]) -> tuple[list[Operand], Steps] | None:
    """What is computed in place of a template over operands: of which values, in which steps; None for as it stands.

    Examples
    --------
    >>> x = Line(Kind.ARGUMENT, (), None, (), "float64")
    >>> total = Line(Kind.ELEMENTWISE, (1.0, x), argument(0) + argument(1), (), "float64")
    >>> leaves, steps = rewrite(argument(0) * sympy.log(argument(1)), [2.5, total])
    >>> leaves == [2.5, total, x], steps
    (True, ((log1p(_0), (2,)), (_0*_1, (0, 3))))
    """
    begins = begins_pattern(template)
    if begins is None or (begins and all(type(o) is Line for o in operands)):
        return None
    leaves: list[Operand] = []
    shapes = _look(template, operands, DEPTH, leaves)
    steps = _find_steps(template, shapes, len(leaves))
    if steps is None:
        return None
    used = {k for _, own in steps for k in own if k < len(leaves)}
    if any(type(leaves[k]) is Line and leaves[k].dtype not in FLOATS for k in used):
        return None
    return leaves, steps


def _look(template: sympy.Basic, operands: Sequence[Operand], depth: int, leaves: list[Operand]) -> tuple[Shape, ...]:
    """What the operands of a template are; the lines and numbers that they are made of are added to the leaves."""
    shapes: list[Shape] = []
    for operand in operands:
        if type(operand) in (int, float) and operand in WHOLE and (template.is_Add or template.is_Mul):
            shapes.append(sympy.Integer(int(operand)))
            continue
        index = next((k for k, leaf in enumerate(leaves) if _are_same(leaf, operand)), len(leaves))
        if index == len(leaves):
            leaves.append(operand)
        if depth > 1 and type(operand) is Line and operand.op is Kind.ELEMENTWISE and operand.dtype in FLOATS:
            shapes.append((index, operand.params, _look(operand.params, operand.operands, depth - 1, leaves)))
        else:
            shapes.append(index)
    return tuple(shapes)


def _are_same(one: Operand, other: Operand) -> bool:
    """Whether two operands are one line, or equal numbers."""
    return one is other or (type(one) is type(other) is float and one == other != 0.0)


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
        part, replacement = found
        sign, value = (-1, -replacement) if replacement.could_extract_minus_sign() else (1, replacement)
        template = template.xreplace({part: sign * argument(OUTER + len(made))})
        made.append(value.xreplace(lines))
    if not made:
        return None
    fresh = {argument(OUTER + k): argument(count + k) for k in range(len(made))}
    own = {argument(k): lines.get(v, v) for k, v in enumerate(values.values())}
    steps = made if isinstance(template, sympy.Symbol) else [*made, template.xreplace(own | fresh)]
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


def find_part(template: sympy.Expr, values: Mapping[sympy.Symbol, sympy.Expr]) -> tuple[sympy.Expr, sympy.Expr] | None:
    """The outermost part of a template that a rule fits, and what the first such rule computes, by what operands are.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> find_part(argument(0) * (argument(1) - 1), {argument(1): sympy.exp(2 * x)})
    (_1 - 1, expm1(2*x))
    """
    for part in sympy.preorder_traversal(template):
        rules = _rules_of(part.func)
        if rules:
            leaves = set[sympy.Basic]().union(*(values.get(s, s).free_symbols for s in part.free_symbols))
            value = _apply(rules, part.xreplace(values))
            if value is not None and value.free_symbols == leaves:
                return part, value
    return None


def _apply(rules: Sequence[Rule], expr: sympy.Expr) -> sympy.Expr | None:
    """What the first rule that fits an expression computes in its place."""
    for pattern, replacement in rules:
        found = next(match(pattern, expr, {}), None)
        if found is not None:
            return replacement.xreplace(found)
    return None


@cache
def _rules_of(head: Hashable) -> tuple[Rule, ...]:
    """The rules whose pattern is of a class.

    What a pattern is made of may have been written anew itself, when its lines were made: ``log(a + sqrt(a**2 + 1))``
    is found as ``log(a + hypot(a, 1))``.
    """
    found: list[Rule] = []
    for pattern, replacement in _signed_rules(head):
        inside = pattern.func(*map(_write_anew, pattern.args))
        found += [(own, replacement) for own in dict.fromkeys((pattern, inside))]
    return tuple(found)


@cache
def _signed_rules(head: Hashable) -> tuple[Rule, ...]:
    """The rules of the table whose pattern is of a class, differences in both directions."""
    found: list[Rule] = []
    for pattern, replacement, *_ in REWRITES:
        if pattern.func is head:
            found.append((pattern, replacement))
            if pattern.is_Add:
                found.append((-pattern, -replacement))
    return tuple(found)


def _write_anew(expr: sympy.Expr) -> sympy.Expr:
    """A part of a pattern as its lines are when they are made."""
    expr = expr.func(*map(_write_anew, expr.args)) if expr.args else expr
    value = _apply(_signed_rules(expr.func), expr)
    return expr if value is None else value


def match(pattern: sympy.Expr, expr: sympy.Expr, found: Bindings) -> Iterator[Bindings]:
    """What the arguments of a pattern stand for in an expression, in each way in which it matches.

    Of a sum or a product, one argument that stands by itself takes all that is left.

    Examples
    --------
    >>> x, y = sympy.symbols("x y", real=True)
    >>> next(match(sympy.log(1 + argument(0)), sympy.log(1 + x + y), {}))
    {_0: x + y}
    """
    if isinstance(pattern, sympy.Symbol):
        if pattern not in found:
            yield {**found, pattern: expr}
        elif found[pattern] == expr:
            yield found
    elif not pattern.args:
        if pattern == expr:
            yield found
    elif pattern.func is expr.func:
        if isinstance(pattern, (sympy.Add, sympy.Mul)):
            yield from _match_terms(pattern, expr, found)
        elif len(pattern.args) == len(expr.args):
            yield from _match_all(pattern.args, expr.args, found)


def _match_all(patterns: Sequence[sympy.Expr], parts: Sequence[sympy.Expr], found: Bindings) -> Iterator[Bindings]:
    """The ways in which each of several patterns matches its part."""
    if not patterns:
        yield found
        return
    for first in match(patterns[0], parts[0], found):
        yield from _match_all(patterns[1:], parts[1:], first)


def _match_terms(pattern: sympy.Expr, expr: sympy.Expr, found: Bindings) -> Iterator[Bindings]:
    """The ways in which the terms of a sum, or the factors of a product, match in any order."""
    patterns = sorted(pattern.args, key=lambda p: isinstance(p, sympy.Symbol))
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


RESULTS = frozenset(rule.replacement for rule in REWRITES)
"""Templates that are not written anew: what is computed in place of others."""


@lru_cache(maxsize=4096)
def begins_pattern(template: sympy.Basic) -> bool | None:
    """Whether a pattern may begin in a template: None where none may, True where one does only beside a number.

    Examples
    --------
    >>> a, b = argument(0), argument(1)
    >>> begins_pattern(a * b), begins_pattern(a + b), begins_pattern(sympy.log(a))
    (None, True, False)
    """
    if template in RESULTS:
        return None
    heads = [part for part in sympy.preorder_traversal(template) if _rules_of(part.func)]
    heads = [part for part in heads if not part.is_Pow or part.exp == sympy.S.Half]
    if not heads:
        return None
    return all(part.is_Add and not any(t.is_Number for t in part.args) for part in heads)
