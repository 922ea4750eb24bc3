"""The terms of indexing and of joining: products with matrices of ones and zeros that select positions of an axis.

``x[1:3]`` is ``E*x`` with the rows 1 and 2 of the identity as E, and ``x`` written into the places 1 and 2 of zeros is
``E.T*x``. A concatenation is a sum of the second kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import sympy

from tracer.formulas.errors import no_matrix_form
from tracer.ops.selection import Entry, Slice, full
from tracer.shapes import Dim, Shape
from tracer.tensor import Tensor
from tracer.terms import record as T
from tracer.terms.record import ONE, Factor, Term


def selection(start: Dim, length: Dim, step: int, size: Dim) -> Term:
    """The matrix that selects positions of an axis: rows ``start``, ``start + step``, ... of the identity."""
    if length == 1:
        step = 1
    if (start, length, step) == (0, size, 1):
        return T.product(ONE, [], (0, 0), {0: size})
    return T.call("selection", [], (start, length, step, size), (length, size))


@dataclass
class _Places:
    """The places of an array that an index selects, as factors of a product.

    Attributes
    ----------
    factors : list of Factor
        A matrix for each axis of which a part is selected.
    whole : list of int
        The labels of the array's axes.
    part : list of int
        The labels of the axes of what is selected.
    sizes : dict
        The sizes of axes by their labels.
    """

    factors: list[Factor] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    part: list[int] = field(default_factory=list)
    sizes: dict[int, Dim] = field(default_factory=dict)

    def label(self, size: Dim) -> int:
        """A new label for an axis of a size."""
        k = len(self.sizes)
        self.sizes[k] = size
        return k


def _select_places(operation: str, index: Sequence[Entry], shape: Shape) -> _Places:
    """The places that an index selects in an array of a shape; the operation is named in the error."""
    places = _Places()
    consumed = sum(entry is not None for entry in index)
    for entry in (*index, *map(full, shape[consumed:])):
        if entry is None:
            places.part.append(places.label(1))
            continue
        size = shape[len(places.whole)]
        outer = places.label(size)
        places.whole.append(outer)
        if entry == full(size):
            places.part.append(outer)
        elif isinstance(entry, Slice):
            inner = places.label(entry.length)
            places.part.append(inner)
            places.factors.append((selection(*entry, size), (inner, outer), ONE))
        elif isinstance(entry, (int, sympy.Expr)):
            start = size + entry if isinstance(entry, int) and entry < 0 else entry
            inner = places.label(1)
            places.factors.append((selection(start, 1, 1, size), (inner, outer), ONE))
        else:
            raise no_matrix_form(f"{operation} by an array of positions")
    return places


def _lower_getitem(t: Tensor, x: Term, *arrays: Term) -> Term:
    """A part of an array."""
    places = _select_places("indexing", t.params, t.args[0].shape)
    return T.product(ONE, [(x, tuple(places.whole), ONE), *places.factors], tuple(places.part), places.sizes)


def _lower_scatter(t: Tensor, *values: Term) -> Term:
    """The sum of arrays that are zero but for what is written into a part of each."""
    summands = []
    for value, index in zip(values, t.params):
        places = _select_places("scattering", index, t.shape)
        labels = tuple(places.part[len(places.part) - len(value.shape) :])
        factors = [(value, labels, ONE), *places.factors]
        summands.append((ONE, T.product(ONE, factors, tuple(places.whole), places.sizes)))
    return T.add(summands)


def _lower_concat(t: Tensor, *parts: Term) -> Term:
    """The sum of the parts, each at its places along the axis."""
    rank, axis = len(t.shape), t.params % len(t.shape)
    labels = list(range(rank))
    labels[axis] = rank
    start: Dim = 0
    summands = []
    for x in parts:
        length = x.shape[axis]
        places = selection(start, length, 1, t.shape[axis])
        factors = [(x, tuple(labels), ONE), (places, (rank, axis), ONE)]
        summands.append((ONE, T.product(ONE, factors, tuple(range(rank)))))
        start = start + length
    return T.add(summands)


def _lower_stack(t: Tensor, *parts: Term) -> Term:
    return stack_terms(parts, t.params, t.shape)


def stack_terms(parts: Sequence[Term], axis: int, shape: Shape) -> Term:
    """Terms stacked along a new axis."""
    rank = len(shape)
    axis %= rank
    labels = tuple(k for k in range(rank) if k != axis)
    summands = []
    for n, x in enumerate(parts):
        factors = [(x, labels, ONE), (selection(n, 1, 1, len(parts)), (rank, axis), ONE)]
        summands.append((ONE, T.product(ONE, factors, tuple(range(rank)))))
    return T.add(summands)


TERMS: dict[str, Callable[..., Term]] = {
    "getitem": _lower_getitem,
    "scatter": _lower_scatter,
    "concat": _lower_concat,
    "stack": _lower_stack,
}
