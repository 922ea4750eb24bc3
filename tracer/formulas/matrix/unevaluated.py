"""Expressions from their parts: what an expression looks like is found once, and copied with other leaves.

Evaluating sympy constructors cost fifty times as much, and may rewrite what is to be shown as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sympy
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.tensor.array.expressions.array_expressions import _ArrayExpr, _CodegenArrayAbstract

ARRAYS = _ArrayExpr, _CodegenArrayAbstract
"""sympy's classes of array expressions."""

Builder = Callable[[Sequence[sympy.Basic]], sympy.Basic]


def _build_sum(args: Sequence[sympy.Basic]) -> sympy.Expr:
    return sympy.Add._from_args(args, is_commutative=True)


def _build_product(args: Sequence[sympy.Basic]) -> sympy.Expr:
    return sympy.Mul._from_args(args, is_commutative=True)


def _build_power(args: Sequence[sympy.Basic]) -> sympy.Expr:
    made = sympy.Basic.__new__(sympy.Pow, *args)
    made.is_commutative = True
    return made


def _build_parity(args: Sequence[sympy.Basic]) -> sympy.Basic:
    return sympy.Xor(*args)  # It keeps its arguments in a set.


def _build_base(args: Sequence[sympy.Basic]) -> sympy.Expr:
    return sympy.IndexedBase(*args)  # It takes over what is assumed of its label.


def _build_indexed(args: Sequence[sympy.Basic]) -> sympy.Expr:
    return sympy.Indexed(*args)  # Of an element is assumed what is of its base.


def _build_over(cls: type[ExprWithLimits]) -> Callable[[Sequence[sympy.Basic]], sympy.Expr]:
    """What builds an expression over indices from its body and its limits."""

    def build(args: Sequence[sympy.Basic]) -> sympy.Expr:
        made = sympy.Basic.__new__(cls, *args)
        made.is_commutative = True
        return made

    return build


PARTS: dict[type[sympy.Basic], Callable[[Sequence[sympy.Basic]], sympy.Basic]] = {
    sympy.Add: _build_sum,
    sympy.Mul: _build_product,
    sympy.Pow: _build_power,
    sympy.Xor: _build_parity,
    sympy.IndexedBase: _build_base,
    sympy.Indexed: _build_indexed,
    sympy.Sum: _build_over(sympy.Sum),
    sympy.Product: _build_over(sympy.Product),
}


def from_parts(func: type[sympy.Basic], args: Sequence[sympy.Basic]) -> sympy.Expr:
    """An expression of a class and arguments, not evaluated; a class may say itself how, by ``from_parts``."""
    made = PARTS.get(func) or getattr(func, "from_parts", None)
    if made is not None:
        return made(args)
    # Array expressions keep their shapes beside their arguments.
    return func(*args) if issubclass(func, ARRAYS) else sympy.Basic.__new__(func, *args)


@dataclass(frozen=True)
class _Part:
    """A part of a skeleton: a slot by its position, an expression as it is, or a class and where its arguments are."""

    slot: int | None = None
    whole: sympy.Basic | None = None
    cls: type[sympy.Basic] = sympy.Basic
    args: tuple[int, ...] = ()


def copier(skeleton: sympy.Basic, slots: Mapping[sympy.Basic, int]) -> Builder:
    """A function that copies an expression, its slots filled.

    Parameters
    ----------
    skeleton : sympy expression
    slots : dict
        The position of the filling for each leaf that is a slot.

    Examples
    --------
    >>> x, y = sympy.symbols("x y")
    >>> copier(sympy.sin(x)**2, {x: 0})([y])
    sin(y)**2
    """
    parts: list[_Part] = []

    def take_apart(e: sympy.Basic) -> int:
        if e in slots:
            parts.append(_Part(slot=slots[e]))
        elif slots.keys().isdisjoint(list_parts(e)):
            parts.append(_Part(whole=e))
        else:
            args = tuple(map(take_apart, e.args))
            parts.append(_Part(cls=e.func, args=args))
        return len(parts) - 1

    take_apart(skeleton)

    def build(filling: Sequence[sympy.Basic]) -> sympy.Basic:
        values: list[sympy.Basic] = []
        for part in parts:
            if part.slot is not None:
                values.append(filling[part.slot])
            elif part.whole is not None:
                values.append(part.whole)
            else:
                values.append(from_parts(part.cls, [values[k] for k in part.args]))
        return values[-1]

    return build


def list_parts(e: sympy.Basic) -> list[sympy.Basic]:
    """An expression and all its parts; what several parts are made of is gone through once.

    Examples
    --------
    >>> x = sympy.Symbol("x")
    >>> list_parts(sympy.sin(x) + 1)
    [sin(x) + 1, 1, sin(x), x]
    """
    parts = [e]
    seen: set[int] = set()
    for part in parts:
        args = part.args
        if args and id(part) not in seen:
            seen.add(id(part))
            parts += args
    return parts


def has_part(e: sympy.Basic, *classes: type[sympy.Basic]) -> bool:
    """Whether an expression, or a part of it, is of one of some classes."""
    found = [part for part in list_parts(e) if isinstance(part, classes)]
    return bool(found)
