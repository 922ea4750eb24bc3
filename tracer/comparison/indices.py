"""Indices of sums as axes: a value that depends on indices is a tensor with an axis for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sympy

from tracer.ops.casting import cast
from tracer.ops.contraction import contract
from tracer.ops.creation import eye
from tracer.ops.creation import range as arange
from tracer.shapes import Dim, Subscripts
from tracer.tensor import Tensor


class Bound(NamedTuple):
    """An index, its first value, and how many it takes."""

    symbol: sympy.Symbol
    start: sympy.Expr
    length: Dim


def as_dim(e: sympy.Expr | int) -> Dim:
    """A size, as an int where it is one."""
    size = sympy.sympify(e)
    return int(size) if size.is_Integer else size


def take_slice(tensor: Tensor, axis: int, start: Dim, length: Dim, step: int) -> Tensor:
    """So many elements along an axis, from a start on."""
    if (start, length, step) == (0, tensor.shape[axis], 1):
        return tensor
    stop = as_dim(start + length * step)
    before: tuple[slice, ...] = (slice(None),) * axis
    return tensor[(*before, slice(start, None if step < 0 and stop == -1 else stop, step))]


class Indices:
    """The indices that are bound here, outermost first; each is an axis of what depends on them.

    Attributes
    ----------
    axes : dict
        The indices, by symbol.
    """

    def __init__(self) -> None:
        self.axes: dict[sympy.Symbol, Bound] = {}

    def enter(self, symbol: sympy.Symbol, first: sympy.Expr, last: sympy.Expr) -> Bound:
        """Bind an index that takes the values from a first to a last one.

        Raises
        ------
        TypeError
            If another index bounds it.
        """
        if (first.free_symbols | last.free_symbols) & self.axes.keys() or symbol in self.axes:
            raise TypeError(f"a sum over {symbol} from {first} to {last} can't be compared; give the program itself")
        bound = self.axes[symbol] = Bound(symbol, first, as_dim(last - first + 1))
        return bound

    def leave(self, bound: Bound) -> None:
        """Let the innermost index go."""
        del self.axes[bound.symbol]

    @property
    def lengths(self) -> tuple[Dim, ...]:
        """The sizes of the axes."""
        return tuple(b.length for b in self.axes.values())

    def spread(self, tensor: Tensor) -> Tensor:
        """A value that depends on no index, or on all, as one that has all axes."""
        if tensor.ndim == len(self.axes):
            return tensor
        out = tuple(range(len(self.axes)))
        return contract("broadcast_to", (tensor,), Subscripts(((),), out), self.lengths)

    def counter(self, symbol: sympy.Symbol) -> Tensor:
        """The values of an index."""
        bound = self.axes[symbol]
        values = cast(arange(bound.length), "float64") + bound.start
        return self._along(values, [list(self.axes).index(symbol)])

    def _along(self, tensor: Tensor, axes: Sequence[int]) -> Tensor:
        """A tensor whose axes are those of some indices, repeated along those of the others."""
        return contract("einsum", (tensor,), Subscripts((tuple(axes),), tuple(range(len(self.axes)))), self.lengths)

    def take(self, tensor: Tensor, places: Sequence[sympy.Expr]) -> Tensor:
        """The elements of a tensor at places that are numbers, or indices times a number and shifted."""
        own = list(self.axes)
        labels: list[int] = []
        for place in places:
            axis = len(labels)
            used = [k for k in own if place.has(k)]
            if not used:
                tensor = tensor[(*(slice(None),) * axis, as_dim(place))]
                continue
            (k,) = used if len(used) == 1 else (None,)
            step = sympy.sympify(place).coeff(k) if k is not None else sympy.S.Zero
            if k is None or not step.is_Integer or sympy.expand(place - step * k).has(k):
                raise TypeError(f"an element at {place} can't be compared; give the program itself")
            bound = self.axes[k]
            start = as_dim(sympy.expand(place).subs(k, bound.start))
            tensor = take_slice(tensor, axis, start, bound.length, int(step))
            if tensor.shape[axis] != bound.length:
                raise TypeError(
                    f"an element at {place} for {bound.length} values of {k} is out of range: "
                    f"the formula does not say how many values the index {k} has; give the program itself"
                )
            labels.append(own.index(k))
        return self._along(tensor, labels) if own else tensor

    def delta(self, i: sympy.Expr, j: sympy.Expr) -> Tensor | None:
        """One where two places are the same, by rows of an identity matrix; None where neither is an index alone."""
        for one, other in ((i, j), (j, i)):
            bound = self.axes.get(one)
            if bound is not None and bound.start == 0 and self._is_within(other, bound.length):
                return self.take(eye(bound.length), [other, one])
        return None

    def _is_within(self, place: sympy.Expr, length: Dim) -> bool:
        """Whether a place is surely one of so many."""
        bound = self.axes.get(place)
        if bound is not None:
            return bound.start == 0 and bool(bound.length == length)
        return bool(place == 0)
