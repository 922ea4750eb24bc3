"""Pieces of source: Python expressions with slots for operands.

A fragment is one expression over the names ``_0``, ``_1``, ...: it is parsed once, so that writing it with other
operands, with the parentheses that it needs and no more, is joining strings.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

ATOM, UNARY = 15, 12
MANY = 100
"""More operators than that are not written after one another: Python nests them as deep as they are many."""
_SLOT = re.compile(r"_\d+\Z")
_NUMBER = re.compile(r"[\d.]+(e[+-]?\d+)?\Z")
_LEVELS: dict[type[ast.AST], int] = {
    ast.Lambda: 1, ast.IfExp: 2, ast.Or: 3, ast.And: 4, ast.Not: 5, ast.Compare: 6, ast.BitOr: 7, ast.BitXor: 8,
    ast.BitAnd: 9, ast.Add: 10, ast.Sub: 10, ast.Mult: 11, ast.Div: 11, ast.FloorDiv: 11, ast.Mod: 11,
    ast.MatMult: 11, ast.USub: UNARY, ast.UAdd: UNARY, ast.Invert: UNARY, ast.Pow: 13,
}  # fmt: skip


class Fragment:
    """A Python expression over slots.

    Attributes
    ----------
    text : str
        The expression, slots written ``_0``, ``_1``, ...
    slots : tuple of int
        The operand of each slot, in order of occurrence.
    needs : tuple of int
        How tightly an operand must bind to stand in each slot without parentheses.
    level : int
        How tightly the expression itself binds.
    names : tuple of str
        The modules and functions it uses.
    """

    __slots__ = ("_function", "_pieces", "_raising", "level", "names", "needs", "slots", "text")

    def __init__(self, text: str) -> None:
        self.text = text = ast.unparse(ast.parse(text, mode="eval"))
        body = ast.parse(text, mode="eval").body
        self.level = _level(body)
        found: list[tuple[int, ast.Name, int]] = []
        bound = {node.arg for node in ast.walk(body) if isinstance(node, ast.arg)}
        bound |= {n.id for n in ast.walk(body) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        names: dict[str, None] = {}
        todo: list[tuple[ast.AST, int]] = [(body, 0)]
        while todo:
            node, need = todo.pop()
            if isinstance(node, ast.Name):
                if _SLOT.match(node.id):
                    found.append((node.col_offset, node, need))
                elif node.id not in bound and not hasattr(builtins, node.id):
                    names[node.id] = None
            todo.extend(_children(node))
        found.sort(key=lambda item: item[0])
        self.slots = tuple(int(node.id[1:]) for _, node, _ in found)
        self.needs = tuple(need for _, _, need in found)
        ends = [0, *(node.end_col_offset or 0 for _, node, _ in found)]
        starts = [*(start for start, _, _ in found), len(text)]
        self._pieces = [text[end:start] for end, start in zip(ends, starts)]
        self.names = tuple(sorted(names))
        self._function: Callable[..., Any] | None = None
        self._raising: dict[frozenset[int], bool] = {}

    def write(self, operands: Sequence[tuple[str, int]]) -> str:
        """The expression with the given operands: text and how tightly it binds, one for each slot."""
        out = [self._pieces[0]]
        for (text, level), need, piece in zip(operands, self.needs, self._pieces[1:]):
            out += (text if level >= need else f"({text})", piece)
        return "".join(out)

    def function(self) -> Callable[..., Any]:
        """The expression as a function of the operands in order of their slots' occurrence."""
        if self._function is None:
            names = [f"a{k}" for k in range(len(self.slots))]
            source = f"lambda {', '.join(names)}: {self.write([(n, ATOM) for n in names])}"
            self._function = eval(compile(source, "<tracer>", "eval"), namespace(self.names))
        return self._function

    def may_raise(self, literals: frozenset[int]) -> bool:
        """Whether Python itself would divide or raise to a power, given the slots that are filled with literals."""
        if literals not in self._raising:
            body = ast.parse(self.text, mode="eval").body
            self._raising[literals] = any(
                isinstance(node, ast.BinOp)
                and isinstance(node.op, (ast.Div, ast.FloorDiv, ast.Mod, ast.Pow))
                and set() < _names_of(node) <= {f"_{k}" for k in literals}
                for node in ast.walk(body)
            )
        return self._raising[literals]

    def __repr__(self) -> str:
        return f"<Fragment {self.text}>"


@lru_cache(maxsize=4096)
def fragment(text: str) -> Fragment:
    """The fragment of an expression."""
    return Fragment(text)


def level_of(text: str) -> int:
    """How tightly the text of a literal binds."""
    return ATOM - 1 if _NUMBER.match(text) else Fragment(text).level


def added(terms: Sequence[str]) -> str:
    """The text of a sum: few terms as a person adds them, many in a call, which Python nests no deeper than one."""
    if len(terms) > MANY:
        return f"sum([{', '.join(terms)}])"
    return " + ".join(terms).replace(" + -", " - ")


def namespace(names: Sequence[str]) -> dict[str, Any]:
    """The globals that code using these names runs with."""
    import importlib

    from tracer.emit import runtime

    modules = {"np": "numpy", "math": "math", "mpmath": "mpmath", "special": "scipy.special", "sympy": "sympy"}
    return {n: importlib.import_module(modules[n]) if n in modules else getattr(runtime, n) for n in names}


def _names_of(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _level(node: ast.AST) -> int:
    kind = type(node.op) if isinstance(node, (ast.BinOp, ast.UnaryOp, ast.BoolOp)) else type(node)
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        return ATOM - 1
    return _LEVELS.get(kind, ATOM)


def _children(node: ast.AST) -> list[tuple[ast.AST, int]]:
    """The operands of an expression and how tightly each must bind."""
    level = _level(node)
    match node:
        case ast.BinOp(left=left, right=right, op=ast.Pow()):
            return [(left, level + 1), (right, UNARY)]
        case ast.BinOp(left=left, right=right):
            return [(left, level), (right, level + 1)]
        case ast.UnaryOp(operand=operand):
            return [(operand, level)]
        case ast.Compare(left=left, comparators=comparators):
            return [(c, level + 1) for c in (left, *comparators)]
        case ast.BoolOp(values=values):
            return [(v, level + 1) for v in values]
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return [(test, level + 1), (body, level + 1), (orelse, level)]
        case ast.Attribute(value=value):
            return [(value, ATOM)]
        case ast.Subscript(value=value, slice=index):
            return [(value, ATOM), (index, 0)]
        case ast.Call(func=func, args=args, keywords=keywords):
            return [(func, ATOM), *((a, 2) for a in args), *((k.value, 2) for k in keywords)]
    return [(child, 2) for child in ast.iter_child_nodes(node)]
