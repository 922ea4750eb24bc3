"""Patterns over symbolic sizes, read from the index notation of a Jacobian: its Kronecker deltas say what is zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from itertools import combinations, product
from typing import TypeAlias

import sympy
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from tracer.shapes import Dim

Block: TypeAlias = "frozenset[Boolean]"
"""What all holds where elements may be other than zero; an empty one is everywhere."""

MOST = 64
"""Of more blocks than these the pattern is not told apart: it is everywhere."""


def list_blocks(expr: sympy.Basic, sizes: Mapping[sympy.Symbol, Dim]) -> list[Boolean]:
    """Where an expression in indices may be other than zero: relations of the indices, one of which holds there.

    Parameters
    ----------
    expr : sympy.Basic
        An element of a tensor in index notation.
    sizes : mapping
        The sizes of its free indices, each of which counts from 0.

    Examples
    --------
    >>> i, j, n = sympy.symbols("i j n", integer=True)
    >>> x = sympy.IndexedBase("x")
    >>> list_blocks(2 * x[i] * sympy.KroneckerDelta(i, j) + sympy.KroneckerDelta(i + 1, j), {i: n, j: n})
    [Eq(i, j), Eq(j, i + 1)]
    >>> list_blocks(x[i] * x[j], {i: n, j: n})
    [True]
    """
    ranges = _Ranges(sizes)
    told = ranges.positive.keys()
    found = {simpler for block in _read(expr, told) if (simpler := ranges.simplify(block)) is not None}
    for first, second in combinations(sorted(found, key=_order), 2):
        if len(first - second) == len(second - first) == 1 and ranges.cover(*(first ^ second)):
            found.add(first & second)
    least = [b for b in found if not any(other < b for other in found)]
    return [sympy.And(*b) for b in sorted(least, key=_order)]


def _order(block: Block) -> tuple[int, list[str]]:
    return len(block), sorted(map(str, block))


def _read(expr: sympy.Basic, told: Set[sympy.Symbol]) -> set[Block]:
    """The blocks of an expression, in relations of free indices and sizes."""
    if expr == 0:
        return set()
    if expr.is_Add:
        found = set().union(*(_read(a, told) for a in expr.args))
    elif expr.is_Mul:
        choices = [blocks for a in expr.args if (blocks := _read(a, told)) != {frozenset()}]
        count = 1
        for blocks in choices:
            count *= len(blocks)
        found = {frozenset().union(*chosen) for chosen in product(*choices)} if count <= MOST else {frozenset()}
    elif expr.is_Pow and expr.exp.is_positive:
        return _read(expr.base, told)
    elif isinstance(expr, sympy.KroneckerDelta):
        return {_state(sympy.Eq(*expr.args), told)}
    elif isinstance(expr, sympy.Piecewise):
        found = {_state(c, told) | block for value, c in expr.args for block in _read(value, told)}
    elif isinstance(expr, sympy.Sum):
        return _read(expr.function, told)
    else:
        found = {frozenset()}
    return found if len(found) <= MOST else {frozenset()}


def _state(condition: Boolean, told: Set[sympy.Symbol]) -> Block:
    """What a condition says of free indices and sizes alone; nothing of other indices, or of values."""
    parts = condition.args if isinstance(condition, sympy.And) else (condition,)
    return frozenset(p for p in parts if isinstance(p, Relational) and p.free_symbols <= told)


class _Ranges:
    """The ranges of indices, by which conditions hold that need not be said."""

    def __init__(self, sizes: Mapping[sympy.Symbol, Dim]) -> None:
        self.sizes = {i: sympy.sympify(d) for i, d in sizes.items()}
        symbols = set().union(*(d.free_symbols for d in self.sizes.values()))
        self.positive = {s: sympy.Symbol(s.name, integer=True, positive=True) for s in symbols}
        self.positive |= {i: sympy.Symbol(i.name, integer=True, nonnegative=True) for i in sizes}

    def simplify(self, block: Block) -> Block | None:
        """A block with its equations solved, without what holds in the ranges; None if it is empty."""
        solved: dict[sympy.Symbol, sympy.Expr] = {}
        kept: set[Boolean] = set()
        for e in sorted(block, key=lambda e: (len(e.free_symbols), str(e))):
            if isinstance(e, sympy.Eq):
                difference = sympy.expand((e.lhs - e.rhs).xreplace(solved))
                index = self._find_index(difference)
                if index is not None:
                    solved[index] = sympy.expand(index - difference / difference.coeff(index))
                    kept.add(_equate(index, solved[index]))
                else:
                    kept.add(sympy.Eq(difference, 0))
        ends = [end for i, d in self.sizes.items() for end in (i, d - 1 - i)]
        bounds = [0, *(end.xreplace(solved) for end in ends)]
        for r in block:
            margin = _measure_margin(r)
            margin = None if margin is None else sympy.expand(margin.xreplace(solved))
            if margin is not None and not any(self._is_nonnegative(margin - b) for b in bounds):
                kept.add(self._write_bound(margin))
        return None if sympy.false in kept else frozenset(kept - {sympy.true})

    def cover(self, first: Boolean, second: Boolean) -> bool:
        """Whether one of two bounds holds everywhere, an axis of less than two elements perhaps left out."""
        margins = [m for b in (first, second) if (m := _measure_margin(b)) is not None]
        if len(margins) < 2:
            return False
        # Of two margins of integers one is not negative where their sum is -1 at least.
        total = sympy.expand(sum(margins) + 1)
        wider = {s: s + 1 for d in self.sizes.values() for s in d.free_symbols}
        return self._is_nonnegative(total.xreplace(wider))

    def _find_index(self, expr: sympy.Expr) -> sympy.Symbol | None:
        """The last index that an expression has once."""
        return next((i for i in reversed(self.sizes) if abs(expr.coeff(i)) == 1), None)

    def _write_bound(self, margin: sympy.Expr) -> Boolean:
        """That an expression is not negative, as a bound of an index."""
        index = self._find_index(margin)
        if index is None:
            return margin >= 0
        return index >= index - margin if margin.coeff(index) == 1 else index <= margin + index

    def _is_nonnegative(self, expr: sympy.Expr) -> bool:
        return bool(sympy.expand(expr.xreplace(self.positive)).is_nonnegative)


def _equate(index: sympy.Symbol, value: sympy.Expr) -> Boolean:
    """An equation; of two indices the first stands on the left."""
    return sympy.Eq(value, index) if value.is_Symbol and value.name < index.name else sympy.Eq(index, value)


def _measure_margin(relation: Boolean) -> sympy.Expr | None:
    """What is not negative where a bound of integers holds; None of what is no bound."""
    if getattr(relation, "rel_op", "") not in ("<", "<=", ">", ">="):
        return None
    strict = int(relation.rel_op in ("<", ">"))
    return sympy.expand(relation.gts - relation.lts - strict)


def tell_blocks(blocks: Sequence[Boolean]) -> str:
    """Blocks as a sentence has them: ``i = j or j = i + 1``."""
    return " or ".join(_tell_block(b) for b in blocks)


def _tell_block(block: Boolean) -> str:
    parts = block.args if isinstance(block, sympy.And) else (block,)
    signs = {"==": "=", "!=": "!="}
    return " and ".join(f"{p.lhs} {signs.get(p.rel_op, p.rel_op)} {p.rhs}" for p in parts)
