"""How long an expression is when it is written: each distinct part is looked at once, and counted where it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tracer.formulas.budget import spend


def count_written(e: Any, weigh: Callable[[Any], int]) -> int:
    """The sum of weights over all occurrences of all parts of an expression.

    Examples
    --------
    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> count_written(sympy.sin(x) + sympy.cos(sympy.sin(x)), lambda part: isinstance(part, sympy.sin))
    2
    """
    found: dict[Any, int] = {}
    todo = [e]
    while todo:
        part = todo[-1]
        missing = [a for a in part.args if a not in found] if part not in found else ()
        if missing:
            todo += missing
            continue
        todo.pop()
        if part not in found:
            spend(1)
            found[part] = weigh(part) + sum(found[a] for a in part.args)
    return found[e]
