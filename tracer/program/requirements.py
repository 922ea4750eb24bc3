"""What a program needs of its symbolic sizes: dimensions that are not negative, slices that lie within their axes.

A slice of an axis of symbolic size is taken to lie within the axis, so that ``x[2:]`` has the size ``n - 2``. Where the
size that is given says otherwise, NumPy would cut the slice short and the value would not have its tensor's shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

import sympy

from tracer import shapes
from tracer.ops.indexing import GETITEM, SCATTER
from tracer.ops.selection import Entry, Index, Slice
from tracer.shapes import Dim, Shape
from tracer.tensor import Tensor

Requirements = dict[sympy.Expr, tuple[str, sympy.Expr]]
"""What must not be negative: an expression in dimensions, with what is wrong otherwise, and of which dimension."""


def requirements(tensors: Iterable[Tensor]) -> Requirements:
    """What tensors need of their symbolic sizes, as far as it is not certain."""
    found: Requirements = {}
    for tensor in tensors:
        for d in tensor.shape:
            if type(d) is not int and not _certain(d):
                what = f"the dimension {d} of the shape {shapes.show(tensor.shape)} of {tensor.name} is negative"
                found.setdefault(d, (what, d))
        for needed, fault in tensor.rule.needs(tensor) if tensor.rule.needs is not None else ():
            if not _certain(needed):
                found.setdefault(needed, (fault, needed))
        if tensor.rule is GETITEM:
            _add_slices(found, tensor, tensor.params, tensor.args[0].shape)
        elif tensor.rule is SCATTER:
            for index in tensor.params:
                _add_slices(found, tensor, index, tensor.shape)
    return found


def _add_slices(found: Requirements, tensor: Tensor, index: Index, shape: Shape) -> None:
    for entry, axis, size in _entries(index, shape):
        if isinstance(size, int) or type(entry) is not Slice or entry.length == 0:
            continue
        last = entry.start + (entry.length - 1) * entry.step
        for bound in {entry.start, last}:
            for room in (bound, size - 1 - bound):
                if _certain(room):
                    continue
                fault = f"a slice goes beyond axis {axis} of size {size} in {tensor.name}"
                found.setdefault(_unless_empty(room, entry.length), (fault, size))


def _entries(index: Index, shape: Shape) -> Iterator[tuple[Entry, int, Dim]]:
    axis = 0
    for entry in index:
        if entry is not None:
            yield entry, axis, shape[axis]
            axis += 1


@lru_cache(maxsize=4096)
def _unless_empty(room: Dim, length: Dim) -> sympy.Expr:
    """What must not be negative beside a slice: nothing is taken where the length is zero."""
    return sympy.sympify(room) if isinstance(length, int) else sympy.Max(room, -length)


@lru_cache(maxsize=4096)
def _certain(size: Dim) -> bool:
    """Whether a size can't be negative."""
    return size >= 0 if isinstance(size, int) else size.is_nonnegative is True


def check_sizes(required: Requirements, sizes: Mapping[sympy.Symbol, int]) -> None:
    """Raise where a requirement does not hold.

    Raises
    ------
    ValueError
        If a dimension is negative, or a slice does not lie within its axis.
    """
    for expression, (fault, dimension) in required.items():
        symbols = expression.free_symbols
        if symbols <= sizes.keys() and expression.xreplace({s: sympy.Integer(sizes[s]) for s in symbols}) < 0:
            listed = ", ".join(f"{s} is {sizes[s]}" for s in sorted(dimension.free_symbols, key=str))
            raise ValueError(
                f"{fault}, where {listed}; a slice of an axis of symbolic size is taken to lie within it: give larger "
                "sizes, or write the shape in numbers"
            )
