"""The terms of indexing and of joining: products with matrices of ones and zeros that select positions of an axis.

``x[1:3]`` is ``E*x`` with the rows 1 and 2 of the identity as E, and ``x`` written into the places 1 and 2 of zeros is
``E.T*x``. A concatenation is a sum of the second kind. ``x[ids]`` is ``onehot(ids)*x``, whose rows are those of the
identity that ``ids`` names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tracer.dtypes import FLOATS
from tracer.formulas.errors import no_matrix_form
from tracer.formulas.lowering.affine_places import read_affine, write_affine
from tracer.ops.selection import Array, Index, Slice, full, layout
from tracer.shapes import Dim, Shape, is_concrete
from tracer.tensor import Tensor
from tracer.terms import record as T
from tracer.terms.fillings import fill
from tracer.terms.record import MINUS, ONE, Factor, Term, constant_value, is_zero
from tracer.terms.selections import selection, window
from tracer.terms.stacks import ELEMENTS


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


def one_hot(ids: Term, size: Dim, within: bool) -> Term:
    """The matrix whose rows are those of the identity that integers name; a range of them is a selection.

    Integers that take elements of an array are places within it; those of ``tf.one_hot`` may name none.
    """
    places = read_affine(ids)
    if places is not None and len(ids.shape) == 1 and places.steps != (0,):
        (step,) = places.steps
        return selection(places.start, ids.shape[0], step, size)
    if places is not None and len(ids.shape) > 1:
        return window(places.start, (*places.steps, -1), (*ids.shape, size))
    return T.call("one_hot", [ids], (size, within), (*ids.shape, size))


def _list_arrays(t: Tensor, operands: Sequence[Term]) -> dict[int, Term]:
    """The operands of an operation by their positions.

    Raises
    ------
    FormulaError
        If some are integers without a name that are at no distances: a formula has no word for them.
    """
    found = dict(enumerate(operands))
    for k, a in enumerate(t.args):
        if isinstance(a, Tensor) and a.label is None and a.value is not None and a.dtype not in FLOATS:
            places = write_affine(a.numpy())
            if places is None:
                raise no_matrix_form("indexing by an array of positions without a name")
            found[k] = places
    return found


def _select_places(index: Index, shape: Shape, arrays: Mapping[int, Term]) -> _Places:
    """The places that an index selects in an array of a shape; index arrays stand by their positions."""
    places = _Places()
    given = [arrays[entry.position] for entry in index if isinstance(entry, Array)]
    plan = layout(index, shape, [ids.shape for ids in given])
    shared = [places.label(size) for size in plan.arrays]
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
        elif isinstance(entry, Array):
            ids = arrays[entry.position]
            tail = shared[len(shared) - len(ids.shape) :]
            labels = [k if d == places.sizes[k] else places.label(d) for k, d in zip(tail, ids.shape)]
            places.factors.append((one_hot(ids, size, True), (*labels, outer), ONE))
        else:
            start = size + entry if isinstance(entry, int) and entry < 0 else entry
            inner = places.label(1)
            places.factors.append((selection(start, 1, 1, size), (inner, outer), ONE))
    places.part[plan.front : plan.front] = shared
    return places


def _lower_getitem(t: Tensor, x: Term, *arrays: Term) -> Term:
    """A part of an array."""
    places = _select_places(t.params, t.args[0].shape, _list_arrays(t, (x, *arrays)))
    return T.product(ONE, [(x, tuple(places.whole), ONE), *places.factors], tuple(places.part), places.sizes)


def _lower_scatter(t: Tensor, *operands: Term) -> Term:
    """The sum of arrays that are zero but for what is written into a part of each."""
    return place_values(t, operands, range(len(t.params)))


def place_values(t: Tensor, operands: Sequence[Term], positions: Iterable[int]) -> Term:
    """The sum of arrays that are zero but for what is written into a part of each, of some operands of a scatter."""
    summands = []
    for value, index in ((operands[k], t.params[k]) for k in positions):
        places = _select_places(index, t.shape, _list_arrays(t, operands))
        labels = tuple(places.part[len(places.part) - len(value.shape) :])
        factors = [(value, labels, ONE), *places.factors]
        summands.append((ONE, T.product(ONE, factors, tuple(places.whole), places.sizes)))
    return T.add(summands)


def _lower_pad(t: Tensor, x: Term, value: Term) -> Term:
    """The array at its places among a value: ``E.T*x + value*(1 - E.T*1)``; among an infinite one it is a choice."""
    index = tuple(Slice(before, size, 1) for (before, _), size in zip(t.params, x.shape))
    places = _select_places(index, t.shape, {})

    def place(u: Term) -> Term:
        factors = [(u, tuple(places.part), ONE), *places.factors]
        return T.product(ONE, factors, tuple(places.whole), places.sizes)

    if is_zero(value):
        return place(x)
    if (number := constant_value(value)) is not None and number.is_infinite:
        return fill(place(x), place(T.number(1, x.shape)), number)
    rest = T.add([(ONE, T.number(1, t.shape)), (MINUS, place(T.number(1, x.shape)))])
    axes = tuple(range(t.ndim))
    return T.add([(ONE, place(x)), (ONE, T.product(ONE, [(value, (), ONE), (rest, axes, ONE)], axes))])


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


def count_up(first: Dim, step: Dim, shape: Shape) -> Term:
    """Numbers at one distance from one another; a few that are known one by one."""
    if is_concrete(shape) and shape[0] <= ELEMENTS:
        return stack_terms([T.number(first + k * step) for k in range(shape[0])], 0, shape)
    return T.call("range", [], (first, step), shape)


def _lower_range(t: Tensor) -> Term:
    first, step = t.params
    return count_up(first, step, t.shape)


def _lower_one_hot(t: Tensor, ids: Term, on: Term, off: Term) -> Term:
    """One value where an integer says so, the other elsewhere: ``off + (on - off)*onehot(ids)``."""
    axes = tuple(range(t.ndim))
    places = T.product(ONE, [(one_hot(ids, t.shape[t.params], False), _turn(axes, t.params), ONE)], axes)
    between = T.add([(ONE, on), (MINUS, off)])
    scaled = T.product(ONE, [(places, axes, ONE), (between, (), ONE)], axes)
    return T.add([(ONE, scaled), (ONE, T.broadcast(off, [], t.shape))])


def _turn(axes: tuple[int, ...], last: int) -> tuple[int, ...]:
    """Labels with one of them at the end."""
    return (*(k for k in axes if k != last), last)


TERMS: dict[str, Callable[..., Term]] = {
    "pad": _lower_pad,
    "range": _lower_range,
    "one_hot": _lower_one_hot,
    "getitem": _lower_getitem,
    "scatter": _lower_scatter,
    "concat": _lower_concat,
    "stack": _lower_stack,
}
