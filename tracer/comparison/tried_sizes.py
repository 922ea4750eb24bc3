"""At which sizes of symbolic dimensions programs are looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy

from tracer.comparison.candidates import constants_in
from tracer.shapes import Shape
from tracer.tensor import Tensor
from tracer.walk import ancestors

SIZES = 4
"""At how many choices of sizes programs are compared."""

SPECIAL = range(3, 9)
"""Such numbers in a program are sizes beyond which it is looked at."""


def fill_shape(shape: Shape, sizes: Mapping[sympy.Symbol, int]) -> tuple[int, ...]:
    """A shape with numbers for its dimensions."""
    return tuple(int(sympy.sympify(d).xreplace({s: sympy.Integer(n) for s, n in sizes.items()})) for d in shape)


def find_special_sizes(tensors: Sequence[Tensor]) -> list[int]:
    """Whole numbers that programs speak of, which sizes may be compared with: of slices, shapes and conditions."""
    order = ancestors(tensors)
    found = {int(c) for c in constants_in(order) if c == int(c)}
    todo: list[object] = [t.value for t in order]
    todo += [(t.params, tuple(t.shape), tuple(a for a in t.args if not isinstance(a, Tensor))) for t in order if t.args]
    while todo:
        part = todo.pop()
        if isinstance(part, (list, tuple)):
            todo += part
        elif isinstance(part, sympy.Basic):
            found |= {abs(int(k)) for k in part.atoms(sympy.Integer)}
        elif type(part) is int:
            found.add(abs(part))
    return sorted(k for k in found if k in SPECIAL)


def choose_sizes(dims: Sequence[sympy.Symbol], special: Sequence[int] = ()) -> list[dict[sympy.Symbol, int]]:
    """Sizes of dimensions: two, so that counterexamples are small, one, different ones, and above special numbers."""
    if not dims:
        return [{}]
    k = len(dims)
    choices = [[2] * k, [1] * k, [2 + (i % 3) for i in range(k)], [3 - (i % 3) for i in range(k)], [3] * k]
    distinct = list(dict.fromkeys(map(tuple, choices)))[: SIZES + 1]
    distinct += [(s + 1,) * k for s in special]
    return [dict(zip(dims, sizes)) for sizes in distinct]
