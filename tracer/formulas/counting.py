"""How long an expression is when it is written: each distinct part is looked at once, and counted where it stands."""

from __future__ import annotations

from collections.abc import Callable

import sympy

from tracer.terms.work import Budget

Weigh = Callable[[sympy.Basic], int]


def count_written(e: sympy.Basic, weigh: Weigh, budget: Budget, found: dict[sympy.Basic, int] | None = None) -> int:
    """The sum of weights over all occurrences of all parts of an expression.

    Where several expressions are counted, ``found`` holds the sums of the parts that were looked at.

    Examples
    --------
    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> count_written(sympy.sin(x) + sympy.cos(sympy.sin(x)), lambda part: isinstance(part, sympy.sin), Budget())
    2
    """
    found = {} if found is None else found
    todo = [e]
    while todo:
        part = todo[-1]
        missing = [a for a in part.args if a not in found] if part not in found else ()
        if missing:
            todo += missing
            continue
        todo.pop()
        if part not in found:
            budget.spend(1)
            found[part] = weigh(part) + sum(found[a] for a in part.args)
    return found[e]
