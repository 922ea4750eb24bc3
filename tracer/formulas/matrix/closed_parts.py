"""Numbers made of matrices within a function of elements, such as ``max(x)`` in ``[x == max(x)]``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import sympy

from tracer.formulas.matrix.constructors import is_constant
from tracer.formulas.matrix.unevaluated import from_parts


def list_closed(function: sympy.Lambda) -> Counter[sympy.Basic]:
    """The largest parts of a function in which none of its variables stands, but numbers and dimensions, and how often.

    Examples
    --------
    >>> x, a, b = sympy.symbols("x a b")
    >>> list_closed(sympy.Lambda(x, sympy.exp(a + b) * x + sympy.exp(a + b) + 2))
    Counter({exp(a + b): 2})
    """
    bound = {*function.variables}
    found: Counter[sympy.Basic] = Counter()
    todo = [function.expr]
    while todo:
        e = todo.pop()
        if not isinstance(e, sympy.Expr) or not bound.isdisjoint(e.free_symbols):
            todo += e.args
        elif e.args and not is_constant(e):
            found[e] += 1
    return found


def replace_closed(function: sympy.Lambda, made: Mapping[sympy.Basic, sympy.Basic]) -> sympy.Lambda:
    """A function with others in the places of these parts, left as it is."""
    closed = list_closed(function)
    changed = {e: made[e] for e in closed if made.get(e, e) != e}
    return sympy.Lambda(function.signature, _replace(function.expr, changed)) if changed else function


def _replace(e: sympy.Basic, changed: Mapping[sympy.Basic, sympy.Basic]) -> sympy.Basic:
    if e in changed:
        return changed[e]
    args = [_replace(a, changed) for a in e.args]
    return e if args == [*e.args] else from_parts(e.func, args)
