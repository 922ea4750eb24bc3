"""The tensor that an expression in tracer's names is."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

FUNCTIONS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.USub: operator.neg,
}


class Unspellable(ValueError):
    """What has no spelling as one expression."""


def find_function(name: ast.expr) -> Any:
    """What a name of tracer's is, such as ``math.log``.

    Raises
    ------
    AttributeError
        If tracer has no such name.
    """
    if isinstance(name, ast.Name):
        return getattr(import_module("tracer"), name.id)
    assert isinstance(name, ast.Attribute)
    return getattr(find_function(name.value), name.attr)


def trace(expression: ast.expr, sources: Mapping[str, Any]) -> Any:
    """The tensor that an expression is, given those that its names stand for.

    Only what :class:`Speller` and the table of repairs write is read.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> trace(ast.parse("log(x + 1)", mode="eval").body, {"x": x}).formula()
    log(x + 1)
    """

    def read(part: ast.AST | None) -> Any:
        match part:
            case None:
                return None
            case ast.Constant():
                return part.value
            case ast.Name():
                return sources[part.id]
            case ast.BinOp():
                return FUNCTIONS[type(part.op)](read(part.left), read(part.right))
            case ast.UnaryOp():
                return FUNCTIONS[type(part.op)](read(part.operand))
            case ast.Compare():
                return FUNCTIONS[type(part.ops[0])](read(part.left), read(part.comparators[0]))
            case ast.List():
                return [read(e) for e in part.elts]
            case ast.Tuple():
                return tuple(read(e) for e in part.elts)
            case ast.Slice():
                return slice(read(part.lower), read(part.upper), read(part.step))
            case ast.Subscript():
                return read(part.value)[read(part.slice)]
            case ast.Call():
                options = {k.arg: read(k.value) for k in part.keywords if k.arg}
                return find_function(part.func)(*map(read, part.args), **options)
        raise Unspellable(f"{ast.dump(part)} is no part of a spelling")

    return read(expression)
