"""What the spelling of an operation is given: the names that code may use, and what it may ask of the operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import sympy

from tracer.python_code import CHOICE, Code, Written, assemble, global_name, name
from tracer.shapes import Shape

if TYPE_CHECKING:
    from tracer.rules import Op


Entries: TypeAlias = "tuple[Written | slice, ...]"
"""An index: its entries in the order of axes."""


class Operation(Protocol):
    """What the spelling of an operation may ask of it.

    Attributes
    ----------
    op
        The row of the table.
    operands : tuple
        What it is applied to: numbers, and values with a shape and a dtype.
    params
        What the row needs beside its operands.
    shape, dtype, ndim
        Those of the result.
    """

    op: Op
    operands: tuple[Any, ...]
    params: Any
    shape: Shape
    dtype: str

    @property
    def ndim(self) -> int:
        """The number of axes."""


def shape_of(operand: object) -> Shape:
    """The shape of an operand; a number has none."""
    shape: Shape = getattr(operand, "shape", ())
    return shape


class Scope:
    """The names that generated code may use: ``e.np.exp``, ``e.erf``, ``e.special.expi``."""

    def __getattr__(self, own: str) -> Code:
        if own.startswith("_"):
            raise AttributeError(own)
        return global_name(own)

    def named(self, own: str) -> Code:
        """The name itself."""
        return global_name(own)

    def take(self, x: Code, key: Entries, ndim: int) -> Code:
        """What an index takes of an array of so many axes."""
        return x[key]

    def reshape(self, x: Code, shape: Written) -> Code:
        """A value in another shape."""
        return x.reshape(shape)

    def astype(self, x: Code, dtype: str) -> Code:
        """An array in another dtype."""
        return x.astype(dtype)

    def transpose(self, x: Code, ndim: int) -> Code:
        """An array of so many axes, which are reversed."""
        return x.T

    def refusing(self, function: Code) -> Callable[..., Code]:
        """A function that refuses some matrices, as ``np.linalg.inv`` does singular ones.

        Where a choice may leave its value out, that is no reason to fail.
        """
        return function

    def function(self, template: sympy.Basic, names: tuple[str, ...]) -> Code:
        """A function of numbers or arrays that a template in as many arguments says: ``lambda w: np.exp(w)``."""
        raise NotImplementedError

    def unpack(self, names: tuple[str, ...], values: Code, body: Callable[..., Code]) -> Code:
        """A function of several results of another one: ``(lambda a, b: a + b)(*f(x))``."""
        inner = body(*map(name, names))
        return assemble(f"(lambda {', '.join(names)}: ", (inner, CHOICE), ")(*", (values, CHOICE), ")")


SCOPE = Scope()
