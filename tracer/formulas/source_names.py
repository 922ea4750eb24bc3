"""The names of sources and of dimensions in formulas."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from tracer.tensor import Tensor
from tracer.tensor import source_names as names_of_sources


def source_names(nodes: Sequence[Tensor]) -> dict[int, str]:
    """A name for each source in a formula, none of them that of a dimension."""
    return names_of_sources(nodes, dimension_names(nodes))


def dimension_names(nodes: Sequence[Tensor]) -> set[str]:
    """The names of the dimensions of a program, in shapes and in numbers."""
    used = [d for t in nodes for d in (*t.shape, *t.args, getattr(t.params, "scale", None))]
    return {s.name for d in used if isinstance(d, sympy.Basic) for s in d.free_symbols}
