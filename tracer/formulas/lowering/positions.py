"""The terms of indexing and of joining: products with matrices of ones and zeros that select positions of an axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy

from tracer.formulas.errors import FormulaError
from tracer.ops.selection import Entry, Slice, full
from tracer.shapes import Dim, Shape
from tracer.tensor import Tensor
from tracer.terms import record as T
from tracer.terms.record import ONE, Factor, Term


def selection(start: Dim, length: Dim, step: int, size: Dim) -> Term:
    """The matrix that selects positions of an axis."""
    if length == 1:
        step = 1
    if (start, length, step) == (0, size, 1):
        return T.product(ONE, [], (0, 0), {0: size})
    return T.call("selection", [], (start, length, step, size), (length, size))


def _along(index: Sequence[Entry], shape: Shape) -> list[Entry]:
    used = sum(e is not None for e in index)
    return [*index, *map(full, shape[used:])]


def _chosen(
    name: str, index: Sequence[Entry], shape: Shape
) -> tuple[list[Factor], list[int], list[int], dict[int, Dim]]:
    """Selections by axis, the labels of the axes, those of what is selected, and sizes."""
    factors: list[Factor] = []
    axes: list[int] = []
    taken: list[int] = []
    sizes: dict[int, Dim] = {}
    fresh = iter(range(1000))
    for entry in _along(index, shape):
        label = next(fresh)
        if entry is None:
            sizes[label] = 1
            taken.append(label)
            continue
        size = shape[len(axes)]
        sizes[label] = size
        axes.append(label)
        if type(entry) is Slice:
            if entry == full(size):
                taken.append(label)
                continue
            start, length, step, inner = entry.start, entry.length, entry.step, next(fresh)
            taken.append(inner)
        elif isinstance(entry, (int, sympy.Expr)):
            start, length, step, inner = entry, 1, 1, next(fresh)
            if isinstance(start, int) and start < 0:
                start = size + start
        else:
            raise FormulaError(
                f'{name} by an array of positions has no closed form in matrix notation; the form "steps" and, for '
                'concrete shapes, "components" are available: tracer.formula(tensor, form="steps")'
            )
        sizes[inner] = length
        factors.append((selection(start, length, step, size), (inner, label), ONE))
    return factors, axes, taken, sizes


def _getitem(t: Tensor, x: Term, *arrays: Term) -> Term:
    factors, axes, taken, sizes = _chosen("indexing", t.params, t.args[0].shape)
    return T.product(ONE, [(x, tuple(axes), ONE), *factors], tuple(taken), sizes)


def _scatter(t: Tensor, *values: Term) -> Term:
    parts = []
    for value, index in zip(values, t.params):
        factors, axes, taken, sizes = _chosen("scattering", index, t.shape)
        labels = tuple(taken[len(taken) - len(value.shape) :])
        parts.append((ONE, T.product(ONE, [(value, labels, ONE), *factors], tuple(axes), sizes)))
    return T.add(parts)


def _concat(t: Tensor, *parts: Term) -> Term:
    rank, axis = len(t.shape), t.params % len(t.shape)
    labels = list(range(rank))
    labels[axis] = rank
    start: Dim = 0
    rows = []
    for x in parts:
        length = x.shape[axis]
        chosen = selection(start, length, 1, t.shape[axis])
        rows.append((ONE, T.product(ONE, [(x, tuple(labels), ONE), (chosen, (rank, axis), ONE)], tuple(range(rank)))))
        start = start + length
    return T.add(rows)


def _stack(t: Tensor, *parts: Term) -> Term:
    return stacked(parts, t.params, t.shape)


def stacked(parts: Sequence[Term], axis: int, shape: Shape) -> Term:
    """Terms stacked along a new axis."""
    rank = len(shape)
    axis %= rank
    labels = tuple(k for k in range(rank) if k != axis)
    rows = [
        (
            ONE,
            T.product(ONE, [(x, labels, ONE), (selection(n, 1, 1, len(parts)), (rank, axis), ONE)], tuple(range(rank))),
        )
        for n, x in enumerate(parts)
    ]
    return T.add(rows)


TERMS: dict[str, Callable[..., Term]] = {"getitem": _getitem, "scatter": _scatter, "concat": _concat, "stack": _stack}
