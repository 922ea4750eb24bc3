"""Programs at other sizes: the same operations, recorded again over other tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy

from tracer.shapes import show
from tracer.tensor import PLACEHOLDER, SOURCES, Tensor, is_fixed, record_tensor
from tracer.walk import ancestors

PLAIN = (type(None), bool, int, float, str, type, np.generic, np.ndarray, slice, frozenset)
"""Kinds of parameters of operations that speak of no size."""


class SizeError(ValueError):
    """Sizes that a program does not allow."""


def with_sizes(
    tensors: Sequence[Tensor], sizes: Mapping[sympy.Symbol, int]
) -> tuple[list[Tensor], dict[Tensor, Tensor]]:
    """Tensors with numbers for dimensions, and the placeholders that stand for theirs.

    Examples
    --------
    >>> import tracer
    >>> v = tracer.placeholder("v", ("n",))
    >>> [made], sources = with_sizes([2 * tracer.concat([v, v], 0)], {v.shape[0]: 3})
    >>> made.shape, sources[v].shape
    ((6,), (3,))
    """
    known = {symbol: sympy.Integer(size) for symbol, size in sizes.items()}
    order = ancestors(tensors)
    sources: dict[Tensor, Tensor] = {}
    for t in order:
        if t.rule is PLACEHOLDER:
            sources[t] = record_tensor(t.rule, (), t.params, _with_sizes(tuple(t.shape), known), t.dtype)
            sources[t].value = t.value
    made = record_again(order, known, {t.node: s for t, s in sources.items()})
    return [made[t.node] for t in tensors], sources


def record_again(
    order: Sequence[Tensor], sizes: Mapping[sympy.Basic, sympy.Expr], given: Mapping[int, Tensor]
) -> dict[int, Tensor]:
    """Operations recorded again, by the nodes of the old ones.

    Parameters
    ----------
    order : sequence of Tensor
        The operations and what they are computed from.
    sizes : mapping
        What stands for dimensions.
    given : mapping of int to Tensor
        What stands for tensors, by their nodes; other sources stay as they are.

    Raises
    ------
    SizeError
        If an operation does not allow the sizes.
    """
    made = dict(given)
    for t in order:
        if t.node in made:
            continue
        value = t.value if t.rule in SOURCES or is_fixed(t) else None
        if t.rule in SOURCES and not isinstance(value, sympy.Basic):
            made[t.node] = t
            continue
        args = tuple(made[a.node] if type(a) is Tensor else _with_sizes(a, sizes) for a in t.args)
        shape = _with_sizes(tuple(t.shape), sizes)
        if any(isinstance(d, int) and d < 0 for d in shape):
            raise SizeError(f"{t.name} of shape {show(t.shape)} would have the shape {show(shape)}")
        again = record_tensor(t.rule, args, _with_sizes(t.params, sizes), shape, t.dtype)
        again.value = _with_sizes(value, sizes)
        for need, why in again.rule.needs(again) if again.rule.needs is not None else ():
            if sympy.sympify(need).is_negative:
                raise SizeError(why)
        made[t.node] = again
    return made


def _with_sizes(part: Any, sizes: Mapping[sympy.Basic, sympy.Expr]) -> Any:
    def replace(e: sympy.Basic) -> object:
        value = e.xreplace(sizes)
        return int(value) if value.is_Integer and value != e else value

    return map_expressions(part, replace)


def map_expressions(part: Any, replace: Callable[[sympy.Basic], object]) -> Any:
    """What an operation is recorded with, its expressions replaced.

    Examples
    --------
    >>> n = sympy.Symbol("n")
    >>> map_expressions(((n, 2), "axis"), lambda e: e.subs(n, 5))
    ((5, 2), 'axis')
    """
    if isinstance(part, sympy.Basic):
        return replace(part)
    if isinstance(part, (list, tuple)):
        items = [map_expressions(p, replace) for p in part]
        return type(part)(*items) if hasattr(part, "_fields") else type(part)(items)
    if isinstance(part, Mapping):
        return {k: map_expressions(v, replace) for k, v in part.items()}
    if isinstance(part, PLAIN):
        return part
    raise TypeError(
        f"a tensor made with {type(part).__name__} can't be recorded again; give the function that computes it"
    )
