"""Arrays of numbers that no one named, as what they are: ones, identities, ranges, and what is made of them alone.

``X @ np.ones(3)`` is ``X*ones(3, 1)``, and a product of two small arrays is one array, or a number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tracer.formulas.lowering.positions import count_up, stack_terms
from tracer.shapes import Shape, is_concrete
from tracer.tensor import CONSTANT, SOURCES, Tensor, is_fixed
from tracer.terms import record as T
from tracer.terms.numbers import exact
from tracer.terms.record import Term
from tracer.terms.stacks import ELEMENTS

FEW = 4
"""How many elements an array has at the most that is computed from others and written out."""

LOOKED_AT = 10_000
"""How many elements an array has at the most that is looked at."""


def find_computed(nodes: Sequence[Tensor], results: Sequence[Tensor]) -> set[int]:
    """The arrays that no one named, and that nothing is made of but few numbers; the nodes are in order of creation."""
    known: dict[int, set[int]] = {}
    users: dict[int, list[Tensor]] = {}
    for t in nodes:
        operands = [a for a in t.args if isinstance(a, Tensor)]
        for a in operands:
            users.setdefault(a.node, []).append(t)
        if _is_nameless(t) and math.prod(t.shape) <= ELEMENTS:
            known[t.node] = {t.node}
        elif t.rule not in SOURCES and all(a.node in known or is_fixed(a) for a in operands):
            known[t.node] = {k for a in operands for k in known.get(a.node, ())}
    wanted = {t.node for t in results}
    found: set[int] = set()
    kept: set[int] = set()
    for t in nodes:
        if t.node not in known:
            continue
        if t.node in wanted or any(u.node not in known for u in users.get(t.node, ())):
            computed = t.rule is not CONSTANT and is_concrete(t.shape) and math.prod(t.shape) <= FEW
            (found if computed else kept).update(known[t.node])
    return found - kept


def write_numbers(tensor: Tensor) -> Term:
    """The term of a small array, number by number."""
    return _write_numbers(_list_rows(tensor), tensor.shape)


def _write_numbers(value: Any, shape: Shape) -> Term:
    if not shape or 0 in shape:
        return T.number(0 if shape else value, shape)
    return stack_terms([_write_numbers(row, shape[1:]) for row in value], 0, shape)


def read_array(tensor: Tensor) -> Term | None:
    """The term of an array that no one named and that is known in few words; None for any other."""
    if not _is_nameless(tensor) or not 1 < math.prod(tensor.shape) <= LOOKED_AT:
        return None
    rows, shape = _list_rows(tensor), tensor.shape
    first = _flatten(rows, shape)
    if all(value == first[0] for value in first):
        return T.number(first[0], shape)
    if (
        len(shape) == 2
        and first[0]
        and rows == [[first[0] * (i == k) for k in range(shape[0])] for i in range(shape[1])]
    ):
        return T.scaled(exact(first[0]), T.identity(shape[0]))
    return _read_range(rows, shape) if len(shape) == 1 else None


def _read_range(values: Sequence[float], shape: Shape) -> Term | None:
    """Numbers at one distance from one another."""
    if len(values) <= FEW:
        return None
    start, step = exact(values[0]), exact(values[1] - values[0])
    if not start.is_Rational or not step.is_Rational or not step or start % step:
        return None
    if any(abs(float(start + k * step) - value) > 4 * math.ulp(value) for k, value in enumerate(values)):
        return None
    return T.scaled(step, count_up(start / step, 1, shape))


def _flatten(value: Any, shape: Shape) -> list[Any]:
    """The numbers of nested lists, row by row."""
    return [x for row in value for x in _flatten(row, shape[1:])] if shape else [value]


def _list_rows(tensor: Tensor) -> Any:
    """The numbers of an array in nested lists."""
    return tensor.value.tolist() if hasattr(tensor.value, "tolist") else tensor.value


def _is_nameless(t: Tensor) -> bool:
    """Whether a tensor is an array of finite numbers that no one named."""
    if t.rule is not CONSTANT or t.label is not None or not t.shape or t.value is None or t.dtype == "bool":
        return False
    return math.prod(t.shape) <= LOOKED_AT and all(map(math.isfinite, _flatten(_list_rows(t), t.shape)))
