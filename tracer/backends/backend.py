"""What a backend is: its name, what it lacks of a program, and the module that it writes for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

from tracer.program.program import Program
from tracer.tensor import Tensor

if TYPE_CHECKING:
    import numpy as np

    from tracer.backends.array_stores import Store


Arrays: TypeAlias = "Sequence[np.ndarray]"
"""Arrays of one library, of which NumPy's have the type."""


class Module(Protocol):
    """Source of a program, which pickles, and the function that it defines.

    Attributes
    ----------
    constants : mapping
        The arrays that it refers to, by name.
    """

    @property
    def constants(self) -> Mapping[str, np.ndarray]: ...

    def text(self, heading: str) -> str:
        """The whole source; a heading says what it computes."""

    def function(self) -> Callable[..., object]:
        """The function that the source defines."""


class Backend(Protocol):
    """A language that programs are written in.

    Attributes
    ----------
    name : str
        What ``compile`` calls it.
    arrays : bool
        Whether its functions take arrays; else they take floats, and it is for programs of scalars alone.
    fallback : str
        The name of the backend that computes where the function over floats raises, or is given other values.
    fast : str
        The name of the backend that is tried first where all values are floats; nothing for none.
    foreign : bool
        Whether its arrays are not NumPy's: they are passed as they are, and so are its results.
    needs : str
        The package that has to be installed for it; nothing for none beside the library's own.
    store : Store
        How it keeps arrays beside a source.
    """

    name: str
    arrays: bool
    fallback: str
    fast: str
    foreign: bool
    needs: str
    store: Store

    def adopt(self, values: Arrays, dtypes: Sequence[str]) -> Arrays:
        """Arrays of its library, given some of it or of NumPy, where its arrays are not NumPy's."""

    def lacks(self, program: Program) -> str:
        """What it has no code for, in words; nothing if it can write the program."""

    def module(self, program: Program, inputs: Sequence[Tensor], structure: object) -> Module:
        """The source of a program; it returns its results in the places of the leaves of a structure."""


def refuse(backend: Backend, program: Program) -> None:
    """Raise if a backend lacks what a program needs.

    Raises
    ------
    ValueError
        If it does; the message names the operation.
    """
    lack = backend.lacks(program)
    if lack:
        kind = "does not have this: " if backend.arrays else "is for programs of scalars, and "
        raise ValueError(f"the backend {backend.name!r} {kind}{lack}; write backend='numpy'")


def name_array(program: Program) -> str:
    """Which value of a program is an array, in words; nothing if all are scalars."""
    for line in (*program.arguments.values(), *program.constants, *program.lines):
        if line.shape:
            name = line.leaf.name if isinstance(line.leaf, Tensor) else line.name or "a value"
            return f"{name} is an array"
    return ""
