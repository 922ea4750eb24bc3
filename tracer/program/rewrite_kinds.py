"""What operands are at a glance, and which rules of the table of rewrites may fit them: most fit none.

A rule is looked for in each line that is made, and matching takes a hundred times as long as this look.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple, TypeAlias

import sympy

from tracer.program.lines import Kind, Line, Operand, Written
from tracer.program.rewrites import LIMITS, REWRITES
from tracer.rules import argument
from tracer.terms.numbers import exact

NUMBERS = frozenset({-2.0, -1.0, -0.5, 0.5, 1.0, 2.0})
"""The numbers of patterns."""

Rule: TypeAlias = "tuple[sympy.Expr, sympy.Expr]"
"""A pattern and what is computed in its place."""


class Power(NamedTuple):
    """A power, with its exponent where that is an integer or a half of one."""

    exponent: sympy.Expr | None


class Multiple(NamedTuple):
    """A number, apart from its sign, times what is of a kind."""

    number: sympy.Expr
    kind: Hashable


class Terms(NamedTuple):
    """A sum of terms that are of kinds."""

    kinds: tuple[Hashable, ...]


ANYTHING = object()
"""The kind of what may be of each kind: what is not looked at, a number times a sum, or a product of powers."""

RESULTS = frozenset(rule.replacement for rule in REWRITES)
"""Templates that are not written anew: what is computed in place of others."""


@cache
def list_rules(head: Hashable) -> tuple[Rule, ...]:
    """The rules of the tables whose pattern is of a class, differences in both directions."""
    found: list[Rule] = []
    for pattern, replacement, *_ in (*REWRITES, *LIMITS):
        if pattern.func is head:
            found.append((pattern, replacement))
            if pattern.is_Add:
                found.append((-pattern, -replacement))
    return tuple(found)


@cache
def _list_pattern_heads() -> frozenset[Hashable]:
    """The classes of what patterns are made of."""
    return frozenset(part.func for rule in (*REWRITES, *LIMITS) for part in sympy.preorder_traversal(rule.pattern))


@lru_cache(maxsize=4096)
def is_made_of_patterns(template: sympy.Basic) -> bool:
    """Whether each operation of a template is one of patterns, so that it may be within one."""
    return all(part.is_Atom or part.func in _list_pattern_heads() for part in sympy.preorder_traversal(template))


def find_kind(operand: Operand, written: Mapping[Line, Written], depth: int = 2) -> Hashable:
    """What an operand is, whatever its sign: a number, a power, a sum, a class, or None for a leaf.

    Examples
    --------
    >>> x = Line(Kind.ARGUMENT, (), None, (), "float64")
    >>> root = Line(Kind.ELEMENTWISE, (x,), sympy.sqrt(argument(0)), (), "float64")
    >>> find_kind(Line(Kind.ELEMENTWISE, (1.0, root), argument(0) - argument(1), (), "float64"), {})
    Terms(kinds=(1, Power(exponent=1/2)))
    """
    if type(operand) is not Line:
        return exact(operand) if operand in NUMBERS else None
    if operand.op is not Kind.ELEMENTWISE:
        return None
    if depth == 0:
        return ANYTHING
    template, parts = merge_equal(*(written.get(operand) or (operand.params, operand.operands)))
    return _find_kind_of(template, tuple([find_kind(p, written, depth - 1) for p in parts]))


def merge_equal(template: sympy.Basic, operands: Sequence[Operand]) -> Written:
    """A template in which arguments that stand for one line are one, so that a line times itself is a square."""
    lines = [o for o in operands if type(o) is Line]
    if len({*map(id, lines)}) == len(lines):
        return template, operands
    first = [next(n for n, other in enumerate(operands) if other is o) for o in operands]
    return template.xreplace({argument(k): argument(n) for k, n in enumerate(first) if n != k}), operands


@lru_cache(maxsize=1 << 14)
def _find_kind_of(template: sympy.Expr, kinds: tuple[Hashable, ...] = ()) -> Hashable:
    """What a template is, given what its operands are."""
    expr = template
    if template.is_Add or template.is_Mul:
        numbers = {argument(k): kind for k, kind in enumerate(kinds) if isinstance(kind, sympy.Number)}
        expr = template.xreplace(numbers) if numbers else template
    if expr.could_extract_minus_sign():
        expr = -expr
    if expr.is_Symbol:
        return next((kind for k, kind in enumerate(kinds) if argument(k) == expr), None)
    if expr.is_Add:
        terms = [_find_kind_of(t, kinds) for t in expr.args]
        return Terms(tuple([k for kind in terms for k in (kind.kinds if isinstance(kind, Terms) else (kind,))]))
    if isinstance(expr, sympy.Pow):
        base = _find_kind_of(expr.base, kinds)
        exponent = expr.exp * base.exponent if isinstance(base, Power) and base.exponent else expr.exp
        return Power(exponent if exponent.is_Rational and exponent.q <= 2 else None)
    if expr.is_Mul and expr.args[0].is_Rational:
        kind = _find_kind_of(expr / expr.args[0], kinds)
        return ANYTHING if isinstance(kind, Terms) else Multiple(expr.args[0], kind)
    if expr.is_Mul and any(a.is_Symbol and isinstance(_find_kind_of(a, kinds), Power) for a in expr.args):
        return ANYTHING  # powers of one base may be one
    head: Hashable = expr.func
    return expr if expr.is_number else head


@cache
def _list_demands(head: Hashable) -> frozenset[tuple[Hashable, ...]]:
    """The kinds of the terms, factors or arguments that the patterns of a class have."""
    found = set()
    for pattern, _ in list_rules(head):
        parts = pattern.args[:1] if pattern.is_Pow else pattern.args
        found.add(tuple(kind for part in parts if (kind := _find_kind_of(part)) is not None))
    return frozenset(found)


@lru_cache(maxsize=1 << 14)
def may_fit(template: sympy.Basic, kinds: tuple[Hashable, ...]) -> bool:
    """Whether a rule may fit a template by the kinds of its operands.

    Examples
    --------
    >>> a, b = argument(0), argument(1)
    >>> may_fit(a - b, (sympy.sin, sympy.sin)), may_fit(a - b, (sympy.sin, None))
    (True, False)
    """
    if template in RESULTS:
        return False
    for part in sympy.preorder_traversal(template):
        demands = _list_demands(part.func)
        if not demands or (part.is_Pow and not (part.exp.is_Rational and part.exp.q == 2)):
            continue
        given = [_find_kind_of(a, kinds) for a in (part.args[:1] if part.is_Pow else part.args)]
        if part.is_Add:
            given = [k for kind in given for k in (kind.kinds if isinstance(kind, Terms) else (kind,))]
            numbers = {k.number if isinstance(k, Multiple) else sympy.S.One for k in given}
            if len(numbers) == 1:  # A common factor is taken out.
                given = [k.kind if isinstance(k, Multiple) else k for k in given]
        if any(_are_among(demand, given) for demand in demands):
            return True
    return False


def _are_among(demand: Sequence[Hashable], given: Sequence[Hashable]) -> bool:
    """Whether there is one of those that are given for each kind that is asked for."""
    left = list(given)
    for wanted in demand:
        k = next((k for k, kind in enumerate(left) if _is_of_kind(wanted, kind)), None)
        if k is None:
            return False
        del left[k]
    return True


def _is_of_kind(wanted: Hashable, kind: Hashable) -> bool:
    """Whether what is of a kind may be what is asked for."""
    if kind is ANYTHING:
        return True
    if isinstance(wanted, Terms):
        return isinstance(kind, Terms) and _are_among([k for k in wanted.kinds if k is not None], kind.kinds)
    if isinstance(wanted, Multiple):
        return isinstance(kind, Multiple) and (wanted.kind is None or _is_of_kind(wanted.kind, kind.kind))
    return wanted == kind
