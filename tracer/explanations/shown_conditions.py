"""How a tensor prints with the conditions of its formula: ``log(x) for x > 0``.

Nothing here raises, and the work is bounded whatever the graph: a tensor is printed in debuggers and in error messages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from tracer.explanations.conditions import Condition, find_conditions
from tracer.explanations.domains import Kind
from tracer.explanations.relation_text import tell_relation
from tracer.formulas.assuming import assumed
from tracer.formulas.budget import PRINT
from tracer.formulas.matrix.latex_printer import Latex
from tracer.formulas.sympy_caches import bounded_caches
from tracer.tensor import Tensor, as_tensor
from tracer.walk import ancestors

NODES = 150
"""Conditions are shown of graphs with so many nodes at the most; ``conditions`` has those of any."""

SHOWN = 3
"""So many conditions are shown."""

WIDTH = 120
"""The characters that they have at the most."""

ORDER = (Kind.ASSUMED, Kind.DOMAIN, Kind.BRANCH, Kind.KINK)
"""Which conditions are shown first: what the formula was shortened by, and that without which there is no value."""


Find: TypeAlias = "Callable[[Tensor], Sequence[Condition]]"
"""What finds the conditions that are shown of a tensor."""


def find_shown(tensor: Tensor) -> Sequence[Condition]:
    """The conditions of a small graph, domains first; none where they can't be found."""
    try:
        given = as_tensor(tensor)
        if len(ancestors([given])) > NODES:
            return []
        with bounded_caches():
            found = find_conditions(given, PRINT, assumed())
    except Exception:
        return []
    return sorted(found, key=lambda c: ORDER.index(c.kind))


def tell_conditions(tensor: Tensor, find: Find = find_shown) -> str:
    """The conditions of a tensor as they stand behind its formula.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> tell_conditions(tracer.math.log(x) / (x - 1)), tell_conditions(x * x)
    (' for x > 0, x != 1', '')
    """
    parts, left = _choose_shown(find(tensor), lambda c: tell_relation(c.relation))
    if not parts:
        return f" under {left} condition{'s' * (left > 1)}" if left else ""
    more = f" and {left} more condition{'s' * (left > 1)}" if left else ""
    return f" for {', '.join(parts)}{more}"


def write_conditions(tensor: Tensor, find: Find = find_shown) -> str:
    r"""The same in LaTeX.

    Examples
    --------
    >>> import tracer
    >>> write_conditions(tracer.math.log(tracer.symbols("x")))
    ' \\quad \\text{for } x > 0'
    """
    printer = Latex()
    parts, left = _choose_shown(find(tensor), lambda c: str(printer.doprint(c.relation)))
    if not parts:
        return rf" \quad \text{{under {left} condition{'s' * (left > 1)}}}" if left else ""
    more = rf" \text{{ and {left} more condition{'s' * (left > 1)}}}" if left else ""
    return rf" \quad \text{{for }} {', '.join(parts)}{more}"


def _choose_shown(found: Sequence[Condition], write: Callable[[Condition], str]) -> tuple[list[str], int]:
    """The texts of the first conditions, as far as there is room, and how many are left."""
    parts: list[str] = []
    for condition in found:
        if len(parts) == SHOWN:
            break
        try:
            text = write(condition)
        except Exception:
            continue
        if sum(map(len, parts)) + len(text) <= WIDTH:
            parts.append(text)
    return parts, len(found) - len(parts)
