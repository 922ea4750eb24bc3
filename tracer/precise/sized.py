"""Programs with numbers for their symbolic dimensions: the same operations over sources of numeric shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy

from tracer.tensor import PLACEHOLDER, SOURCES, Tensor, is_fixed
from tracer.walk import ancestors


def with_sizes(
    tensors: Sequence[Tensor], sizes: Mapping[sympy.Symbol, int]
) -> tuple[list[Tensor], dict[Tensor, Tensor]]:
    """Tensors with numbers for dimensions, and the sources that stand for theirs.

    Examples
    --------
    >>> import tracer
    >>> v = tracer.placeholder("v", ("n",))
    >>> [made], sources = with_sizes([2 * tracer.concat([v, v], 0)], {v.shape[0]: 3})
    >>> made.shape, sources[v].shape
    ((6,), (3,))
    """
    known = {symbol: sympy.Integer(size) for symbol, size in sizes.items()}
    built: dict[int, Tensor] = {}
    sources: dict[Tensor, Tensor] = {}
    for t in ancestors(tensors):
        args = tuple(built[a.node] if type(a) is Tensor else _filled(a, known) for a in t.args)
        made = Tensor(t.rule, args, _filled(t.params, known), _filled(tuple(t.shape), known), t.dtype)
        if t.rule in SOURCES:
            sources[t] = made
        if t.rule in SOURCES or is_fixed(t):
            made.value = t.value if t.rule is PLACEHOLDER else _filled(t.value, known)
        built[t.node] = made
    return [built[t.node] for t in tensors], sources


def _filled(part: Any, known: Mapping[sympy.Symbol, sympy.Integer]) -> Any:
    """A nest with numbers for the dimensions in it."""
    if isinstance(part, sympy.Basic):
        value = part.xreplace(known)
        return int(value) if value.is_Integer and value != part else value
    if isinstance(part, tuple):
        items = [_filled(p, known) for p in part]
        return type(part)(*items) if hasattr(part, "_fields") else tuple(items)
    if isinstance(part, list):
        return [_filled(p, known) for p in part]
    return part
