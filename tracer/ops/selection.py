"""Which elements an index takes: NumPy's indexing over concrete and symbolic dimensions.

An index in normal form is a tuple with one entry an axis, full slices at its end left out: an int, a :class:`Slice`, an
:class:`Array` or None for a new axis. Nothing here records an operation.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from operator import index as as_int
from typing import NamedTuple, SupportsIndex, TypeAlias

import sympy
from sympy.logic.boolalg import Boolean

from tracer import shapes
from tracer.python_code import Code, Written, as_code, hold
from tracer.shapes import Dim, Shape


class Slice(NamedTuple):
    """The elements ``start``, ``start + step``, ... of an axis."""

    start: Dim
    length: Dim
    step: int


class Array(NamedTuple):
    """The elements that an integer operand names; ``position`` is that of the operand."""

    position: int


Entry: TypeAlias = "Dim | Slice | Array | None"
Index = tuple[Entry, ...]

Condition: TypeAlias = "bool | Boolean"
"""When a position is the one, in a table of positions: always, or where a relation of elements holds."""


def full(size: Dim) -> Slice:
    """All elements of an axis."""
    return Slice(0, size, 1)


def integer(key: Dim, size: Dim, axis: int) -> Dim:
    """A position along an axis, not negative where the size is known.

    Raises
    ------
    IndexError
        If it is out of range.
    """
    if isinstance(key, int) and isinstance(size, int):
        if not -size <= key < size:
            raise IndexError(f"index {key} is out of range for axis {axis} of size {size}")
        return key % size
    return key


def sliced(key: slice, size: Dim, axis: int) -> Slice:
    """A slice of an axis; of a symbolic size it is taken to lie within the axis."""
    step = 1 if key.step is None else _bound(key.step, axis)
    if not isinstance(step, int) or step == 0:
        raise ValueError(f"the step of a slice must be a number other than 0, got {key.step} for axis {axis}")
    start, stop = (None if b is None else _bound(b, axis) for b in (key.start, key.stop))
    if isinstance(size, int) and not isinstance(start, sympy.Expr) and not isinstance(stop, sympy.Expr):
        positions = range(*slice(start, stop, step).indices(size))
        return Slice(positions.start if positions else 0, len(positions), step)
    first = _from_end(start, size) if start is not None else 0 if step > 0 else size - 1
    last = _from_end(stop, size) if stop is not None else size if step > 0 else -1
    length = (
        (last - first)
        if step == 1
        else sympy.floor((last - first + step - (1 if step > 0 else -1)) / sympy.Integer(step))
    )
    return Slice(_dim(first), _size(length), step)


def _bound(value: SupportsIndex | sympy.Expr, axis: int) -> Dim:
    if isinstance(value, sympy.Expr) and not value.is_Integer:
        return value
    try:
        return as_int(value)
    except TypeError:
        raise TypeError(f"a slice takes ints and dimensions, got {value!r} for axis {axis}") from None


def _from_end(bound: Dim, size: Dim) -> Dim:
    negative = bound < 0 if isinstance(bound, int) else bound.is_negative
    return size + bound if negative else bound


def _dim(value: Dim) -> Dim:
    return int(value) if isinstance(value, sympy.Integer) else value


def _size(value: Dim) -> Dim:
    size = _dim(value)
    negative = size < 0 if isinstance(size, int) else size.is_negative
    return 0 if negative else size


def trimmed(entries: Sequence[Entry], shape: Shape) -> Index:
    """The normal form: without the full slices at the end."""
    rest = list(entries)
    axis = sum(entry is not None for entry in rest)
    while rest and type(rest[-1]) is Slice and rest[-1] == full(shape[axis - 1]):
        rest.pop()
        axis -= 1
    return tuple(rest)


class Layout(NamedTuple):
    """Where the axes of a selection come from.

    The axes of the broadcast index arrays, of shape ``arrays``, stand at ``front`` among the others, of which ``axes``
    has the entries: a slice, or None for a new axis. ``separated`` says that the arrays went to the front, because a
    slice stands between them.
    """

    axes: tuple[Slice | None, ...]
    arrays: Shape
    front: int
    separated: bool

    @property
    def shape(self) -> Shape:
        """The shape of the selection."""
        dims = tuple(1 if e is None else e.length for e in self.axes)
        return (*dims[: self.front], *self.arrays, *dims[self.front :])


def layout(index: Index, shape: Shape, arrays: Sequence[Shape], names: Sequence[str] = ()) -> Layout:
    """The axes of what an index takes from a shape; ``arrays`` are the shapes of the index arrays in their order."""
    used = sum(e is not None for e in index)
    entries: list[Entry] = [*index, *map(full, shape[used:])]
    axes = tuple(e for e in entries if e is None or type(e) is Slice)
    if not arrays:
        return Layout(axes, (), 0, False)
    taken = [k for k, e in enumerate(entries) if e is not None and type(e) is not Slice]
    separated = taken[-1] - taken[0] >= len(taken)
    return Layout(axes, shapes.broadcast(*arrays, names=names), 0 if separated else taken[0], separated)


def places(
    index: Index, shape: Shape, arrays: dict[int, tuple[Shape, Sequence[sympy.Expr]]]
) -> Iterator[list[tuple[int, Condition]]]:
    """For each element of a selection, in row-major order, the flat positions that it may come from.

    A position bears the condition under which it is the one, True where the index arrays hold numbers. ``arrays`` has
    the shape and the elements of the operands that are index arrays.
    """
    plan = layout(index, shape, [s for s, _ in arrays.values()])
    used = sum(e is not None for e in index)
    entries: list[Entry] = [*index, *map(full, shape[used:])]
    rank = len(plan.arrays)
    for place in itertools.product(*map(range, plan.shape)):
        inner = place[plan.front : plan.front + rank]
        outer = iter((*place[: plan.front], *place[plan.front + rank :]))
        flat: list[tuple[int, Condition]] = [(0, True)]
        axis = 0
        for entry in entries:
            if entry is None:
                next(outer)
                continue
            size = shape[axis]
            assert isinstance(size, int)
            axis += 1
            if type(entry) is Slice:
                choices = [(entry.start + next(outer) * entry.step, True)]
            elif type(entry) is Array:
                dims, values = arrays[entry.position]
                choices = _choices(values[_flat(inner[rank - len(dims) :], dims)], size, axis - 1)
            else:
                choices = [(integer(entry, size, axis - 1), True)]
            flat = [
                (f * size + c, q if p is True else p if q is True else sympy.And(p, q, evaluate=False))
                for f, p in flat
                for c, q in choices
            ]
        yield flat


def _flat(place: Sequence[int], dims: Shape) -> int:
    flat = 0
    for k, d in zip(place, dims):
        flat = flat * d + (0 if d == 1 else k)
    return flat


def _choices(value: sympy.Expr, size: int, axis: int) -> list[tuple[int, Condition]]:
    if sympy.sympify(value).is_Integer:
        return [(integer(int(value), size, axis), True)]
    if isinstance(value, sympy.Piecewise) and all(v.is_Integer for v, _ in value.args):
        found: list[tuple[int, Condition]] = []
        others: list[Condition] = []
        for v, condition in value.args:
            found.append(
                (integer(int(v), size, axis), sympy.And(condition, *others, evaluate=False) if others else condition)
            )
            others.append(sympy.Not(condition))
        return found
    equal = [sympy.Eq(value, k, evaluate=False) for k in range(-size, size)]
    return [(k, sympy.Or(equal[k], equal[k + size], evaluate=False)) for k in range(size)]


def spell(index: Index, shape: Shape, operands: Sequence[Code]) -> tuple[Written | slice, ...]:
    """The index as code takes it: numbers are held, so that sources that differ in them alone are made once."""
    axis = 0
    parts: list[Written | slice] = []
    for entry in index:
        if entry is None:
            parts.append(None)
            continue
        if type(entry) is Slice:
            parts.append(_spell_slice(entry, shape[axis]))
        else:
            parts.append(operands[entry.position] if type(entry) is Array else held(entry))
        axis += 1
    return tuple(parts) or (...,)


def _spell_slice(entry: Slice, size: Dim) -> slice:
    start, length, step = entry
    if length == 0:
        return slice(None, 0)
    begin = None if start == (0 if step > 0 else size - 1) else held(start)
    end = None
    if sliced(slice(start, None, step), size, 0) != entry:
        last = start + (length - 1) * step
        # Counted from the end where the axis is walked backwards, since -1 could not say "before the first", and where
        # less is left out there than is taken.
        left = size - last - 1
        near = getattr(left, "is_Integer", True) and left > 0 and (not isinstance(size, int) or 2 * left < size)
        end = held(-left if near and step > 0 else last + 1 if step > 0 else last - 1 - size)
    return slice(begin, end, None if step == 1 else step)


def are_apart(first: Index, second: Index) -> bool:
    """Whether two indices surely take no element both.

    Examples
    --------
    >>> are_apart((0,), (1,)), are_apart((Slice(0, 2, 1),), (Slice(2, 3, 1),)), are_apart((0,), (Slice(0, 2, 1),))
    (True, True, False)
    """
    axes = zip(*([_find_ends(entry) for entry in index if entry is not None] for index in (first, second)))
    return any(_is_before(a[1], b[0]) or _is_before(b[1], a[0]) for a, b in axes if a and b)


def _find_ends(entry: Entry) -> tuple[Dim, Dim] | None:
    """The first and the last place of an entry; None of what is counted from the end, and of an array."""
    if type(entry) is Slice:
        return (entry.start, entry.start + entry.length - 1) if entry.step == 1 else None
    known = isinstance(entry, (int, sympy.Expr)) and not (isinstance(entry, int) and entry < 0)
    return (entry, entry) if known else None


def _is_before(last: Dim, start: Dim) -> bool:
    distance = sympy.sympify(start - last)
    return bool(distance.is_Integer and distance > 0)


def held(bound: Dim) -> Code:
    """A bound of an index as code."""
    return hold(bound) if isinstance(bound, int) else as_code(bound)
