"""The lines of a program: operations over earlier lines and numbers, as data. No line says how it is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum, auto
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import sympy

from tracer import shapes
from tracer.nest import shown
from tracer.python_code import Number
from tracer.rules import Op, argument, list_positions
from tracer.shapes import Literal, Shape

if TYPE_CHECKING:
    from tracer.tensor import Tensor


class Kind(Enum):
    """What a line computes; in parentheses its parameters, of which most have none.

    The first three are leaves, and ``leaf`` says what they stand for. Beside these, a line's operation is the row of a
    table, with the row's parameters.
    """

    ARGUMENT = auto()
    """A value that is given (``leaf``: the tensor)."""
    CONSTANT = auto()
    """A value that is known (``leaf``: the tensor)."""
    DIMENSION = auto()
    """A size (``leaf``: its symbol)."""
    SIZE = auto()
    """Arithmetic of sizes (the expression in dimensions, of which the operands are the lines)."""
    ELEMENTWISE = auto()
    """A function of the elements (its template: an expression in ``argument(k)`` for the operand k)."""
    ADD = auto()
    """The sum of all operands."""
    CAST = auto()
    """The operand in the line's dtype."""
    SUM = auto()
    MEAN = auto()
    MAX = auto()
    """Along axes (a :class:`Reduction`)."""
    NORM = auto()
    """The root of the sum of squares along axes (a :class:`Reduction`)."""
    MATMUL = auto()
    """The product of the last two axes, as NumPy's matmul has it."""
    VDOT = auto()
    """The sum of all products of two arrays of one shape."""
    TENSORDOT = auto()
    """The sum of products over axes (those of the first and of the second operand)."""
    EINSUM = auto()
    """A sum of products (the labels of the operands' axes, and those of the result's)."""
    TRANSPOSE = auto()
    """The axes in another order (the order)."""
    SELECT = auto()
    """Axes kept, added or left out (an :class:`Axis` each, the last kept ones implied)."""
    TRACE = auto()
    """The sum of the diagonal of the last two axes."""
    DIAGONAL = auto()
    """The diagonal of the last two axes."""
    BROADCAST = auto()
    """The operand repeated to the line's shape."""
    EYE = auto()
    """The identity matrix."""
    EMBED = auto()
    """Zeros but for the operand on a diagonal (for each axis of the result, that of the operand)."""
    GREATEST_AT = auto()
    """The greatest of the values at each place where operands are put, 0 where there is none (their indices)."""


LEAVES = frozenset((Kind.ARGUMENT, Kind.CONSTANT, Kind.DIMENSION))
PRODUCTS = frozenset((Kind.MATMUL, Kind.VDOT, Kind.TENSORDOT, Kind.EINSUM))


class Axis(Enum):
    """What becomes of an axis."""

    KEPT = auto()
    NEW = auto()
    """An axis of size one that the operand does not have."""
    FIRST = auto()
    """The first place of the axis, which is left out."""


class Reduction(NamedTuple):
    """Over which axes; all of them is None."""

    axes: tuple[int, ...] | None
    keepdims: bool


class Line:
    """One value of a program.

    Attributes
    ----------
    op : Kind or Op
        What it computes: an array operation, or the row of a table.
    operands : tuple
        Lines and numbers.
    params
        What the operation needs beside its operands.
    shape, dtype
        Those of the value.
    leaf
        What a leaf stands for.
    position : int
        The place in the order in which lines were made.
    name : str
        What the value is like, for naming it; may be empty.
    uses : int
        How many operands of other lines it is.
    finite : bool
        Whether it is surely finite, given finite leaves.
    partial : bool
        Whether it may have no value in a region, as a logarithm has none of what is negative.
    sparse : bool
        Whether nothing was put on some of its elements, which are zero.
    """

    __slots__ = (
        "dtype", "finite", "leaf", "name", "op", "operands", "params", "partial", "position", "shape", "sparse", "uses",
    )  # fmt: skip

    def __init__(
        self,
        op: Kind | Op,
        operands: tuple[Operand, ...],
        params: Any,
        shape: Shape,
        dtype: str,
        position: int = 0,
        leaf: Tensor | sympy.Symbol | None = None,
    ) -> None:
        self.op = op
        self.operands = operands
        self.params = params
        self.shape = shape
        self.dtype = dtype
        self.leaf = leaf
        self.position = position
        self.name = ""
        self.uses = 0
        self.finite = True
        self.partial = False
        self.sparse = False

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __repr__(self) -> str:
        op = self.op.name if isinstance(self.op, (Kind, Op)) else self.op
        return f"<Line {op} {self.shape} {self.dtype}>"


# A line or a number, of which sympy's have no type.
Operand: TypeAlias = Line | Any
Written: TypeAlias = "tuple[sympy.Basic, Sequence[Operand]]"
"""A template and its operands."""

TIMES, PLUS, MINUS = argument(0) * argument(1), argument(0) + argument(1), argument(0) - argument(1)
OVER, NEGATIVE, RECIPROCAL = argument(0) / argument(1), -argument(0), 1 / argument(0)


@lru_cache(maxsize=4096)
def compact(template: sympy.Basic) -> tuple[sympy.Basic, tuple[int, ...]]:
    """A template in the arguments 0, 1, ... that it uses, and which ones these were.

    Examples
    --------
    >>> compact(argument(2) ** 2 + argument(0))
    (_0 + _1**2, (0, 2))
    """
    used = list_positions(template)
    if used == tuple(range(len(used))):
        return template, used
    return template.xreplace({argument(k): argument(n) for n, k in enumerate(used)}), used


@lru_cache(maxsize=4096)
def list_exponents(template: sympy.Basic) -> frozenset[int]:
    """The arguments that stand in exponents."""
    return frozenset(k for power in template.atoms(sympy.Pow) for k in list_positions(power.exp))


def as_number(value: Literal) -> Number:
    """A literal as an operand: a bool, int or float, or a fraction of sympy's.

    Raises
    ------
    ValueError
        If it is beyond the largest float.
    """
    if isinstance(value, (bool, int)):
        if abs(value) >= 2**1023 * 2:
            raise ValueError(f"the number {shown(value)} is beyond the largest float, about 1.8e308")
        return value
    if isinstance(value, float):
        return float(value)
    if value.is_Integer:
        return as_number(int(value))
    return value if value.is_Rational else float(value)


def broadcast(operands: Iterable[Operand]) -> Shape:
    """The shape of an elementwise function of lines and numbers."""
    found = [o.shape for o in operands if type(o) is Line]
    if not found:
        return ()
    first = found[0]
    return first if found.count(first) == len(found) else shapes.broadcast(*found)


def operand_of(line: Operand, template: sympy.Basic) -> Operand | None:
    """The operand of a line with this template of one argument; None for any other value.

    Examples
    --------
    >>> x = Line(Kind.ARGUMENT, (), None, (), "float64")
    >>> inverse = Line(Kind.ELEMENTWISE, (x,), RECIPROCAL, (), "float64")
    >>> operand_of(inverse, RECIPROCAL) is x, operand_of(x, RECIPROCAL)
    (True, None)
    """
    if type(line) is Line and line.op is Kind.ELEMENTWISE and line.params == template:
        return line.operands[0]
    return None
