"""The small faults: what may take the place of an expression or a statement."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

EXCHANGED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift,
    ast.BitXor: ast.BitOr,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
FLIPPED: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.GtE, ast.LtE),
    ast.LtE: (ast.Gt, ast.Lt),
    ast.Gt: (ast.LtE, ast.GtE),
    ast.GtE: (ast.Lt, ast.Gt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
COMMUTATIVE = ast.Add, ast.Mult, ast.BitAnd, ast.BitOr
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "And": "Or", "Or": "And", "sin": "cos", "cos": "sin"}
"""Functions that take each other's place."""

CONVERSIONS = {
    "Ne", "bool", "dict", "float", "frozenset", "int", "isinstance", "iter", "list", "repr", "set", "str", "tuple",
    "type",
}  # fmt: skip
"""Functions that are not left out: their argument stands for the same, or the program has no sense at all."""

SYMMETRIC = {
    "And", "Ne", "Or", "_multiply", "add", "broadcast", "has", "max", "maximum", "min", "minimum", "multiply",
    "multiply_literals", "times",
}  # fmt: skip
"""Functions whose arguments are not exchanged."""


class Mutant(NamedTuple):
    """One fault: ``new`` in place of the field of a parent, or of an element of it.

    ``before`` and ``after`` are its text.
    """

    parent: ast.AST
    field: str
    index: int | None
    new: ast.AST
    before: str
    after: str

    @property
    def old(self) -> ast.AST:
        """What stands there now."""
        value = getattr(self.parent, self.field)
        found: ast.AST = value if self.index is None else value[self.index]
        return found

    def plant(self) -> None:
        """Change the tree. What was there stays, where it is never reached, so that names mean the same."""
        old, new = self.old, self.new
        if isinstance(old, ast.stmt):
            new = ast.If(ast.Constant(False), [old], [])
        elif isinstance(old, ast.expr):
            assert isinstance(new, ast.expr)
            new = ast.IfExp(ast.Constant(True), new, old)
        put(self.parent, self.field, self.index, new, old)


def put(parent: ast.AST, field: str, index: int | None, new: ast.AST, old: ast.AST) -> None:
    """Let a node stand in the place of another."""
    ast.fix_missing_locations(ast.copy_location(new, old))
    if index is None:
        setattr(parent, field, new)
    else:
        getattr(parent, field)[index] = new


def mutants(root: ast.AST, gradient: bool = False) -> Iterator[Mutant]:
    """All faults in a tree, in the order of its text; ``gradient`` says that it answers a cotangent.

    >>> for mutant in mutants(ast.parse("f(x) - 2", mode="eval").body):
    ...     print(mutant.after)
    x
    3
    1
    >>> for mutant in mutants(ast.parse("def f(x): return g(x) - y").body[0]):
    ...     print(mutant.after)
    return None
    return g(x) + y
    return y - g(x)
    return g(x)
    return y
    x
    """
    for parent, field, index, node in _places(root):
        if isinstance(node, ast.stmt):
            if isinstance(node, (ast.AugAssign, ast.Expr)) and not _is_text(node.value):
                yield Mutant(parent, field, index, ast.Pass(), ast.unparse(node), "pass")
            continue
        for new in _instead(parent, field, node, gradient):
            before, after = ast.unparse(node), ast.unparse(ast.fix_missing_locations(ast.Expression(new)))
            if isinstance(parent, ast.Return):
                before, after = f"return {before}", f"return {after}"
            if before != after and not _has_function(node):
                yield Mutant(parent, field, index, new, before, after)


def _places(root: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """Expressions whose value is used, and statements; no types, defaults, keys, messages of errors, or texts."""
    skipped = {"annotation", "returns", "decorator_list", "args" if isinstance(root, _FUNCTIONS) else ""}
    for field, value in ast.iter_fields(root):
        if field in skipped or (isinstance(root, ast.Dict) and field == "keys"):
            continue
        for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(node, ast.AST) or isinstance(node, (ast.Raise, ast.Assert, ast.JoinedStr, *_NAMING)):
                continue
            if isinstance(node, ast.stmt) or (
                isinstance(node, ast.expr)
                and not isinstance(node, ast.Starred)
                and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
            ):
                yield root, field, index, node
            yield from _places(node)


_FUNCTIONS = ast.FunctionDef, ast.Lambda
_NAMING = ast.Import, ast.ImportFrom, ast.arguments, ast.expr_context


def _has_function(node: ast.AST) -> bool:
    return any(isinstance(n, _FUNCTIONS) for n in ast.walk(node))


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _instead(parent: ast.AST, field: str, node: ast.AST, gradient: bool) -> Iterator[ast.expr]:
    """What may stand in the place of an expression."""
    assert isinstance(node, ast.expr)
    if isinstance(parent, ast.Return) and not (isinstance(node, ast.Constant) and node.value is None):
        yield ast.Constant(None)
    answers = isinstance(parent, ast.Return) or (isinstance(parent, ast.Lambda) and field == "body")
    if gradient and answers and not isinstance(node, (ast.Constant, ast.Dict, ast.DictComp)):
        yield ast.BinOp(ast.Constant(0), ast.Mult(), node)
        yield ast.UnaryOp(ast.USub(), node)
    if field in ("test", "ifs") and not (isinstance(node, ast.Compare) and len(node.ops) == 1):
        yield ast.UnaryOp(ast.Not(), node)
    if field == "ifs":
        yield ast.Constant(True)
    if field == "test" and isinstance(parent, ast.If) and isinstance(parent.body[0], ast.Raise):
        yield ast.Constant(False)
    if isinstance(node, ast.Constant):
        yield from _other_constants(node, isinstance(parent, ast.Subscript))
    elif isinstance(node, ast.BinOp):
        yield from _other_operations(node)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Compare):
        for k, op in enumerate(node.ops):
            for other in FLIPPED[type(op)]:
                yield ast.Compare(node.left, [*node.ops[:k], other(), *node.ops[k + 1 :]], node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        for k in range(len(node.values)):
            rest = [*node.values[:k], *node.values[k + 1 :]]
            yield ast.BoolOp(node.op, rest) if len(rest) > 1 else rest[0]
    elif isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    elif isinstance(node, ast.Slice):
        return
    elif isinstance(node, ast.Call):
        yield from _other_calls(node)


def _other_constants(node: ast.Constant, index: bool) -> Iterator[ast.expr]:
    """One more and one less; not the last of a sequence for its first, which is the same if it has one element."""
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, (int, float)):
        yield ast.Constant(node.value + 1)
        if node.value or not index:
            yield ast.Constant(node.value - 1)


def _other_operations(node: ast.BinOp) -> Iterator[ast.expr]:
    if _is_text(node.left) or _is_text(node.right):
        return
    yield ast.BinOp(node.left, EXCHANGED[type(node.op)](), node.right)
    if not isinstance(node.op, COMMUTATIVE):
        yield ast.BinOp(node.right, node.op, node.left)
    yield node.left
    yield node.right


def _other_calls(node: ast.Call) -> Iterator[ast.expr]:
    """The first argument alone, two arguments exchanged, one argument less, another function."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in NAMES:
        other = ast.Name(NAMES[name], ast.Load())
        if isinstance(node.func, ast.Attribute):
            yield ast.Call(ast.Attribute(node.func.value, NAMES[name], ast.Load()), node.args, node.keywords)
        else:
            yield ast.Call(other, node.args, node.keywords)
    if name in CONVERSIONS:
        return
    plain = [a for a in node.args if not isinstance(a, (ast.Starred, ast.GeneratorExp))]
    if plain and plain[0] is node.args[0] and not _is_text(plain[0]):
        yield plain[0]
    if len(plain) == len(node.args) > 1:
        if name not in SYMMETRIC:
            yield ast.Call(node.func, [node.args[1], node.args[0], *node.args[2:]], node.keywords)
        yield ast.Call(node.func, node.args[:-1], node.keywords)
    for k in range(len(node.keywords)):
        yield ast.Call(node.func, node.args, [*node.keywords[:k], *node.keywords[k + 1 :]])
