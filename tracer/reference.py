"""Tensors and variables as keys of dictionaries and members of sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracer.tensor import Tensor


class Reference:
    """A hashable wrapper, equal to the other references of the same object: what ``tensor.ref()`` answers.

    Examples
    --------
    >>> import tracer
    >>> v = tracer.Variable(1.0)
    >>> {v.ref(): "weight"}[v.ref()], v.ref().deref() is v
    ('weight', True)
    """

    __slots__ = ("_wrapped",)

    def __init__(self, wrapped: Tensor) -> None:
        self._wrapped = wrapped

    def deref(self) -> Tensor:
        """The object itself."""
        return self._wrapped

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and self._wrapped is other._wrapped

    def __hash__(self) -> int:
        return id(self._wrapped)

    def __repr__(self) -> str:
        return f"<Reference wrapping {self._wrapped!r}>"
