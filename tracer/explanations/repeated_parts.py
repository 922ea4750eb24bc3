"""Parts of an expression that stand in it more than once, named by a letter so that a person can read it."""

from __future__ import annotations

import ast
from collections import Counter

from tracer.explanations.expression_patterns import map_children, parse

LETTERS = "stuvabcdpqr"

SHORT = 12
"""How many characters a part has at the least that is worth a letter."""

MOST = 3

TESTS = ("equal", "not_equal", "logical_and", "logical_or", "logical_not")


def name_repeated_parts(text: str) -> tuple[str, dict[str, str]]:
    """An expression with letters for its repeated parts, and the parts, each written with the letters before it.

    Examples
    --------
    >>> name_repeated_parts("where(reduce_sum(x * x) > 0.0, sqrt(reduce_sum(x * x)), 0.0)")
    ('where(s > 0.0, sqrt(s), 0.0)', {'s': 'reduce_sum(x * x)'})
    """
    whole = parse(text)
    used = {n.id for n in ast.walk(whole) if isinstance(n, ast.Name)}
    free = [letter for letter in LETTERS if letter not in used]
    parts: dict[str, ast.expr] = {}
    while len(parts) < MOST and free:
        part = _find_most_repeated([whole, *parts.values()])
        if part is None:
            break
        letter = free.pop(0)
        whole = _name_part(whole, part, letter)
        parts = {letter: parse(part), **{k: _name_part(e, part, letter) for k, e in parts.items()}}
    return ast.unparse(whole), {letter: ast.unparse(e) for letter, e in parts.items()}


def _find_most_repeated(expressions: list[ast.expr]) -> str | None:
    """The longest part that stands more than once, if it is long."""
    counts = Counter(ast.unparse(n) for e in expressions for n in ast.walk(e) if _is_number(n))
    repeated = [part for part, count in counts.items() if count > 1 and len(part) >= SHORT]
    return max(repeated, key=len, default=None)


def _is_number(part: ast.AST) -> bool:
    """Whether a part is a number or an array of such; a test reads well once its operands have names."""
    if isinstance(part, ast.Call):
        return not (isinstance(part.func, ast.Name) and part.func.id in TESTS)
    return isinstance(part, (ast.BinOp, ast.UnaryOp, ast.Subscript))


def _name_part(expression: ast.expr, part: str, letter: str) -> ast.expr:
    if ast.unparse(expression) == part:
        return ast.Name(letter)
    return map_children(expression, lambda child: _name_part(child, part, letter))
