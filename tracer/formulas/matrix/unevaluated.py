"""Expressions from their parts: what an expression looks like is found once, and copied with other leaves.

Evaluating sympy constructors cost fifty times as much, and may rewrite what is to be shown as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy
from sympy.matrices.expressions.matexpr import MatrixElement

from tracer.formulas.matrix.bodies import ARRAYS, element
from tracer.formulas.matrix.classes import DiagMatrix

Builder = Callable[[Sequence[sympy.Basic]], sympy.Basic]


def _sum(args: Sequence[sympy.Basic]) -> sympy.Expr:
    return sympy.Add._from_args(args, is_commutative=True)


def _product(args: Sequence[sympy.Basic]) -> sympy.Expr:
    return sympy.Mul._from_args(args, is_commutative=True)


def _power(args: Sequence[sympy.Basic]) -> sympy.Expr:
    made = sympy.Basic.__new__(sympy.Pow, *args)
    made.is_commutative = True
    return made


PARTS: dict[type[sympy.Basic], Callable[[Sequence[sympy.Basic]], sympy.Basic]] = {
    sympy.Add: _sum,
    sympy.Mul: _product,
    sympy.Pow: _power,
    MatrixElement: lambda args: element(*args),
    DiagMatrix: lambda args: DiagMatrix(*args),
}


def from_parts(func: type[sympy.Basic], args: Sequence[sympy.Basic]) -> sympy.Expr:
    """An expression of a class and arguments, not evaluated."""
    made = PARTS.get(func)
    if made is not None:
        return made(args)
    # Array expressions keep their shapes beside their arguments.
    return func(*args) if issubclass(func, ARRAYS) else sympy.Basic.__new__(func, *args)


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
    program: list[tuple[Any, Any]] = []
    place: dict[int, int] = {}
    keep: list[sympy.Basic] = []

    def compile_(e: sympy.Expr) -> int:
        if e in slots:
            program.append((None, slots[e]))
        elif not any(s in slots for s in _leaves(e)):
            program.append((True, e))
        else:
            inner = tuple(compile_(a) for a in e.args)
            program.append((e.func, inner))
        keep.append(e)
        place[id(e)] = len(program) - 1
        return len(program) - 1

    compile_(skeleton)

    def build(filling: Sequence[sympy.Basic]) -> sympy.Expr:
        values: list[sympy.Basic] = []
        for func, content in program:
            if func is None:
                values.append(filling[content])
            elif func is True:
                values.append(content)
            else:
                values.append(from_parts(func, [values[k] for k in content]))
        return values[-1]

    return build


def _leaves(e: sympy.Expr) -> sympy.Expr:
    todo = [e]
    while todo:
        x = todo.pop()
        yield x
        todo += x.args
