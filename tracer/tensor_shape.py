"""What ``tensor.shape`` is: a tuple with the methods of TensorFlow's ``TensorShape``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, SupportsIndex, overload

from tracer import shapes
from tracer.shapes import Dim, ShapeLike


class TensorShape(tuple[Dim, ...]):
    """A shape: a tuple of dimensions, each an ``int``, a sympy expression, or None for one that is not known.

    Parameters
    ----------
    dims : sequence of dimensions
        Ints, names, sympy symbols or None.

    Examples
    --------
    >>> import tracer
    >>> shape = tracer.zeros((2, 3)).shape
    >>> shape, shape.as_list(), shape.rank, shape.num_elements()
    ((2, 3), [2, 3], 2, 6)
    >>> shape.is_compatible_with([None, 3])
    True
    """

    __slots__ = ()

    def __new__(cls, dims: ShapeLike = ()) -> TensorShape:
        if isinstance(dims, str) or not isinstance(dims, Iterable):
            dims = [dims]
        return tuple.__new__(cls, [None if d is None else shapes.dimension(d) for d in dims])

    @overload
    def __getitem__(self, key: SupportsIndex) -> Dim: ...
    @overload
    def __getitem__(self, key: slice) -> TensorShape: ...
    def __getitem__(self, key: SupportsIndex | slice) -> Dim | TensorShape:
        if type(key) is slice:
            return tuple.__new__(TensorShape, tuple.__getitem__(self, key))
        return tuple.__getitem__(self, key)

    def __add__(self, other: ShapeLike) -> Any:
        return self.concatenate(other) if isinstance(other, (tuple, list)) else NotImplemented

    def __radd__(self, other: ShapeLike) -> Any:
        # A list that is extended by a shape, sizes += shape, stays a list.
        return TensorShape(other).concatenate(self) if isinstance(other, tuple) else NotImplemented

    @property
    def rank(self) -> int:
        """The number of dimensions."""
        return len(self)

    ndims = rank

    @property
    def dims(self) -> list[Dim]:
        """The dimensions as a list."""
        return list(self)

    def as_list(self) -> list[Dim]:
        """The dimensions as a list; symbolic ones are sympy expressions."""
        return list(self)

    def is_fully_defined(self) -> bool:
        """Whether every dimension is a number."""
        return shapes.is_concrete(self)

    def num_elements(self) -> Dim | None:
        """The number of elements, an expression for symbolic dimensions; None where a dimension is not known."""
        return None if None in self else shapes.size(self)

    def is_compatible_with(self, other: ShapeLike) -> bool:
        """Whether the shapes are equal where both are known; None as a whole is compatible with every shape."""
        if other is None:
            return True
        wanted = TensorShape(other)
        return len(wanted) == len(self) and all(None in (a, b) or a == b for a, b in zip(self, wanted))

    def assert_is_compatible_with(self, other: ShapeLike) -> None:
        """Raise ``ValueError`` unless the shapes are compatible."""
        if not self.is_compatible_with(other):
            raise ValueError(f"the shapes {shapes.show(self)} and {shapes.show(TensorShape(other))} are not compatible")

    def assert_has_rank(self, rank: int) -> None:
        """Raise ``ValueError`` unless the shape has a number of dimensions."""
        self.with_rank(rank)

    def assert_same_rank(self, other: ShapeLike) -> None:
        """Raise ``ValueError`` unless another shape has as many dimensions."""
        self.with_rank(len(TensorShape(other)))

    def assert_is_fully_defined(self) -> None:
        """Raise ``ValueError`` unless every dimension is a number."""
        if not self.is_fully_defined():
            raise ValueError(f"the shape {shapes.show(self)} is not fully defined; its dimensions are to be numbers")

    def with_rank(self, rank: int) -> TensorShape:
        """The shape itself.

        Raises
        ------
        ValueError
            If it has another number of dimensions.
        """
        if len(self) != rank:
            raise ValueError(f"the shape {shapes.show(self)} must have rank {rank}")
        return self

    def with_rank_at_least(self, rank: int) -> TensorShape:
        """The shape itself; ``ValueError`` if it has fewer dimensions."""
        if len(self) < rank:
            raise ValueError(f"the shape {shapes.show(self)} must have rank {rank} at the least")
        return self

    def with_rank_at_most(self, rank: int) -> TensorShape:
        """The shape itself; ``ValueError`` if it has more dimensions."""
        if len(self) > rank:
            raise ValueError(f"the shape {shapes.show(self)} must have rank {rank} at the most")
        return self

    def concatenate(self, other: ShapeLike) -> TensorShape:
        """This shape followed by another."""
        return TensorShape((*self, *TensorShape(other)))

    def merge_with(self, other: ShapeLike) -> TensorShape:
        """The shape with what another one knows of it; ``ValueError`` if they are not compatible."""
        self.assert_is_compatible_with(other)
        wanted = self if other is None else TensorShape(other)
        return TensorShape(b if a is None else a for a, b in zip(self, wanted))


SCALAR = TensorShape()
