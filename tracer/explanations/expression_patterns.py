"""Patterns over Python expressions: letters stand for any expression, ``**o`` for the options of a call.

Sums and products match in either order, and ``square(x)`` matches ``x ** 2`` and ``x * x`` too.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeGuard

Bindings = dict[str, Any]


@lru_cache(maxsize=512)
def parse(text: str) -> ast.expr:
    """The tree of an expression."""
    return ast.parse(text, mode="eval").body


def match(pattern: ast.AST, part: ast.AST, known: Bindings | None = None) -> Iterator[Bindings]:
    """What the letters of a pattern stand for in an expression, in each way in which it matches.

    Examples
    --------
    >>> [found] = match(parse("x * log(y)"), parse("log(p) * 3"))
    >>> {letter: ast.unparse(e) for letter, e in found.items()}
    {'x': '3', 'y': 'p'}
    """
    found = known or {}
    if isinstance(pattern, ast.Name) and len(pattern.id) == 1:
        if pattern.id not in found:
            yield {**found, pattern.id: part}
        elif ast.dump(found[pattern.id]) == ast.dump(part):
            yield found
    elif isinstance(pattern, ast.Constant):
        if isinstance(part, ast.Constant) and part.value == pattern.value:
            yield found
    elif _is_square(pattern):
        base = _find_base(part)
        if base is not None:
            yield from match(pattern.args[0], base, found)
    elif type(pattern) is not type(part):
        return
    elif isinstance(pattern, ast.BinOp):
        assert isinstance(part, ast.BinOp)
        if type(pattern.op) is type(part.op):
            yield from _match_all([(pattern.left, part.left), (pattern.right, part.right)], found)
            if isinstance(pattern.op, (ast.Add, ast.Mult)):
                yield from _match_all([(pattern.left, part.right), (pattern.right, part.left)], found)
    elif isinstance(pattern, ast.UnaryOp):
        assert isinstance(part, ast.UnaryOp)
        yield from match(pattern.operand, part.operand, found)
    elif isinstance(pattern, ast.Call):
        assert isinstance(part, ast.Call)
        yield from _match_call(pattern, part, found)


def _is_square(part: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == "square"


def _find_base(part: ast.AST) -> ast.expr | None:
    """What is squared in ``square(x)``, ``x ** 2`` or ``x * x``; None in another expression."""
    if _is_square(part):
        return part.args[0]
    if not isinstance(part, ast.BinOp):
        return None
    if isinstance(part.op, ast.Pow):
        return part.left if isinstance(part.right, ast.Constant) and part.right.value == 2 else None
    is_square = isinstance(part.op, ast.Mult) and ast.dump(part.left) == ast.dump(part.right)
    return part.left if is_square else None


def _match_call(pattern: ast.Call, part: ast.Call, known: Bindings) -> Iterator[Bindings]:
    if ast.dump(pattern.func) != ast.dump(part.func) or len(pattern.args) != len(part.args):
        return
    wanted = {k.arg: k.value for k in pattern.keywords if k.arg}
    rest = [k.value for k in pattern.keywords if not k.arg]
    given = {k.arg: k for k in part.keywords}
    if not wanted.keys() <= given.keys() or (not rest and len(given) > len(wanted)):
        return
    pairs: list[tuple[ast.AST, ast.AST]] = list(zip(pattern.args, part.args))
    pairs += [(value, given[name].value) for name, value in wanted.items()]
    for found in _match_all(pairs, known):
        if not rest:
            yield found
            continue
        (letter,) = rest
        assert isinstance(letter, ast.Name)
        options = [k for name, k in given.items() if name not in wanted]
        yield {**found, letter.id: options}


def _match_all(pairs: Sequence[tuple[ast.AST, ast.AST]], known: Bindings) -> Iterator[Bindings]:
    if not pairs:
        yield known
        return
    (pattern, part), *rest = pairs
    for found in match(pattern, part, known):
        yield from _match_all(rest, found)


def fill_letters(replacement: ast.expr, found: Mapping[str, Any]) -> ast.expr:
    """A replacement with expressions for its letters."""
    if isinstance(replacement, ast.Name) and replacement.id in found:
        made: ast.expr = found[replacement.id]
        return made
    if isinstance(replacement, ast.Call):
        options = []
        for k in replacement.keywords:
            if k.arg is None:
                assert isinstance(k.value, ast.Name)
                options += found[k.value.id]
            else:
                options.append(ast.keyword(k.arg, fill_letters(k.value, found)))
        return ast.Call(replacement.func, [fill_letters(a, found) for a in replacement.args], options)
    return map_children(replacement, lambda child: fill_letters(child, found))


def map_children(part: ast.expr, function: Callable[[ast.expr], ast.expr]) -> ast.expr:
    """An expression whose parts are what a function makes of them; the same one where it leaves them."""
    changed: dict[str, Any] = {}
    for name, value in ast.iter_fields(part):
        if isinstance(value, ast.expr) and not (isinstance(part, ast.Call) and name == "func"):
            new: Any = function(value)
        elif isinstance(value, list):
            new = [_map_item(v, function) for v in value]
            new = value if all(a is b for a, b in zip(new, value)) else new
        else:
            continue
        if new is not value:
            changed[name] = new
    return type(part)(**{**dict(ast.iter_fields(part)), **changed}) if changed else part


def _map_item(item: Any, function: Callable[[ast.expr], ast.expr]) -> Any:
    if isinstance(item, ast.keyword):
        value = function(item.value)
        return item if value is item.value else ast.keyword(item.arg, value)
    return function(item) if isinstance(item, ast.expr) else item


def replace_parts(expression: ast.expr, made: Mapping[int, ast.expr]) -> ast.expr:
    """An expression in which others stand for some of its parts, given by the ``id`` of these."""
    if id(expression) in made:
        return made[id(expression)]
    return map_children(expression, lambda part: replace_parts(part, made))
