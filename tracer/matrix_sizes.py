"""The sizes of matrices that an expression leaves open, found from how they meet: in ``x'*A*x``, A is square."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from tracer.expressions import ExpressionError
from tracer.nest import shown
from tracer.shapes import Dim


class Unknown:
    """A size that is not known, or that of ``same``."""

    __slots__ = ("same",)

    def __init__(self) -> None:
        self.same: Size | None = None


Size: TypeAlias = "Dim | Unknown"


class Extent(NamedTuple):
    """The rows and columns of a matrix; None says that there is one, of a column, a row or a scalar, by its kind.

    A matrix that happens to have one row is not a row: that would depend on the sizes.
    """

    rows: Size | None
    columns: Size | None

    @property
    def is_scalar(self) -> bool:
        """Whether it is a number."""
        return self.rows is None and self.columns is None

    @property
    def is_matrix(self) -> bool:
        """Whether it is neither a number nor a vector."""
        return self.rows is not None and self.columns is not None

    @property
    def transposed(self) -> Extent:
        """Of the transpose."""
        return Extent(self.columns, self.rows)


SCALAR = Extent(None, None)


def known(size: Size) -> Size:
    """What is known of a size: a dimension, or the unknown that stands for all that are equal to it."""
    while isinstance(size, Unknown) and size.same is not None:
        size = size.same
    return size


def are_one(a: Size | None, b: Size | None) -> bool:
    """Make two sizes one, and answer whether they can be."""
    if a is None or b is None:
        return a is b
    a, b = known(a), known(b)
    if a is b:
        return True
    if isinstance(a, Unknown):
        a.same = b
    elif isinstance(b, Unknown):
        b.same = a
    return isinstance(a, Unknown) or isinstance(b, Unknown) or a == b


class Operand(NamedTuple):
    """What is written, and its extent."""

    text: str
    extent: Extent

    def __str__(self) -> str:
        sizes = [s for s in self.extent if s is not None]
        kind = ("a number", "a row" if self.extent.rows is None else "a column", "a matrix")[len(sizes)]
        said = [_said(s) for s in sizes]
        return f"{shown(self.text)} is {kind}" + (f" of size {' by '.join(said)}" if {*said} - {"?"} else "")


def _said(size: Size | None) -> str:
    """A size in a message."""
    size = None if size is None else known(size)
    return "1" if size is None else "?" if isinstance(size, Unknown) else str(size)


def unify(a: Size | None, b: Size | None, where: str, operands: Sequence[Operand], hint: str) -> None:
    """Make two sizes one.

    Raises
    ------
    ExpressionError
        If they differ; it says where, what the operands are, and what to write.
    """
    if not are_one(a, b):
        said = _said(a), _said(b)
        clash = "the sizes do not fit" if "?" in said else f"the sizes {said[0]} and {said[1]} differ"
        raise ExpressionError(f"in {shown(where)} {clash}: {' and '.join(map(str, operands))}; {hint}")
