"""A reader of NumPy expressions: names, numbers, operators, indices and functions of ``np``, and nothing else."""

import ast
import operator
from collections.abc import Mapping
from typing import Any

import numpy as np

from .algebra import ReadError

BINARY = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.MatMult: operator.matmul, ast.BitAnd: operator.and_, ast.BitOr: operator.or_,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
}  # fmt: skip
UNARY = {ast.USub: operator.neg, ast.Invert: operator.invert, ast.Not: operator.not_}
COMPARED = {
    ast.Gt: operator.gt, ast.Lt: operator.lt, ast.GtE: operator.ge, ast.LtE: operator.le, ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}  # fmt: skip


def read(text: str, names: Mapping[str, Any]) -> Any:
    """The value of the text."""
    return value(ast.parse(text, mode="eval").body, {"np": np, **names})


def value(e: ast.AST, names: Mapping[str, Any]) -> Any:
    match e:
        case ast.Constant(v) if v is None or v is ... or isinstance(v, (int, float, str)):
            return v
        case ast.Name(name) if name in names:
            return names[name]
        case ast.BinOp(left, op, right):
            a, b = value(left, names), value(right, names)
            # As Python's numbers would raise where NumPy's do not.
            return BINARY[type(op)](np.float64(a) if type(a) is float else a, b)
        case ast.UnaryOp(op, operand):
            return UNARY[type(op)](value(operand, names))
        case ast.Compare(left, [op], [right]):
            return COMPARED[type(op)](value(left, names), value(right, names))
        case ast.Attribute(inner, name) if not name.startswith("_"):
            return getattr(value(inner, names), name)
        case ast.Subscript(inner, index):
            return value(inner, names)[value(index, names)]
        case ast.Slice(low, high, step):
            return slice(*(part and value(part, names) for part in (low, high, step)))
        case ast.Tuple(parts):
            return tuple(value(p, names) for p in parts)
        case ast.List(parts):
            return [value(p, names) for p in parts]
        case ast.Call(function, args, keywords):
            given = {k.arg: value(k.value, names) for k in keywords}
            listed = [v for a in args for v in several(a, names)]
            return value(function, names)(*listed, **given)
        case ast.Lambda(ast.arguments(args=args), body):
            return lambda *given: value(body, {**names, **{a.arg: v for a, v in zip(args, given, strict=True)}})
    raise ReadError(f"{ast.dump(e)} in NumPy text")


def several(argument: ast.AST, names: Mapping[str, Any]) -> list[Any]:
    """The values of an argument, of which there are several after a star."""
    if isinstance(argument, ast.Starred):
        return [*value(argument.value, names)]
    return [value(argument, names)]
