"""What other libraries call NumPy's functions: one spelling of an operation is code for each of them."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Mapping

import sympy

from tracer.backends.python_source import PythonScope
from tracer.backends.templates import Lacking, Spelling, TemplateWriter
from tracer.python_code import CHOICE, Code, Written, assemble, global_name, hold, name
from tracer.python_scope import Entries
from tracer.rules import argument

Entry = str | Callable[..., Code]
"""The name of a function, or what its call is, given the scope and the arguments."""


class Like:
    """The dtype and the device that new arrays of a dtype have: those of an argument, as far as one is declared so."""

    __slots__ = ("dtype", "part")

    def __init__(self, dtype: str, part: str = "") -> None:
        self.dtype = dtype
        self.part = part


_LIKE: dict[tuple[str, str], Code] = {}


def like(dtype: str, part: str = "") -> Code:
    """An array of a dtype that is there, or its ``part``: ``.dtype`` or ``.device``."""
    return _LIKE.setdefault((dtype, part), hold(Like(dtype, part)))


class Library:
    """The functions of a library by NumPy's names for them.

    Parameters
    ----------
    name : str
        What messages call it.
    entries : mapping
        By the path in NumPy's code, as ``"np.linalg.inv"``, ``"special.erf"``, ``"softmax"``: what stands there.
    helpers : frozenset of str
        Functions of its own runtime, which are called by their names.
    """

    def __init__(self, name: str, entries: Mapping[str, Entry], helpers: frozenset[str]) -> None:
        self.name = name
        self.entries = entries
        self.helpers = helpers

    def find(self, path: str) -> Entry:
        """What stands in the place of a function of NumPy's code.

        Raises
        ------
        Lacking
            If it has no such function.
        """
        found = self.entries.get(path)
        if found is None:
            if path not in self.helpers:
                raise Lacking(f"{path}, which {self.name} lacks")
            found = path
        return found

    def rename(self, path: str) -> str:
        """What a function is called that is passed on, or a constant."""
        found = self.entries.get(path)
        return found if isinstance(found, str) else path


class Member(Code):
    """A function by its path in NumPy's code; what it is called with becomes the library's code."""

    __slots__ = ("path", "scope")

    def __init__(self, scope: LibraryScope, path: str) -> None:
        self.scope = scope
        self.path = path
        code = by_path(scope.library.rename(path))
        super().__init__(code.parts, code.level, code.names, operators=frozenset())

    def named(self, name: str) -> Member:
        """The member of this name."""
        return Member(self.scope, f"{self.path}.{name}")

    def __call__(self, *args: Written, **keywords: Written) -> Code:
        found = self.scope.library.find(self.path)
        if isinstance(found, str):
            return by_path(found)(*args, **keywords)
        return found(self.scope, *args, **keywords)


def by_path(path: str) -> Code:
    """A function by its path: ``torch.linalg.inv``."""
    first, *rest = path.split(".")
    code = global_name(first)
    for part in rest:
        code = code.named(part)
    return code


def pointwise(path: str) -> Spelling:
    """An entry for a function of arrays alone: numbers become arrays, and constants are Python's: ``math.sqrt(2)``."""
    own = path.rpartition(".")[2]

    def spell(e: LibraryScope, *args: Code) -> Code:
        if hasattr(math, own) and all(e.is_number(a) and not a.slots for a in args):
            constant = global_name("math").named(own)(*args)
            return Code(constant.parts, constant.level, constant.names, constant.head, frozenset())
        return by_path(path)(*map(e.box, args))

    return spell


class LibraryScope(PythonScope):
    """The names that code for a library may use: NumPy's, which become the library's where they are called.

    Parameters
    ----------
    templates : TemplateWriter
    library : Library
    numbers : frozenset of int
        The positions of operands that are numbers of Python's.
    dtype : str
        That of arrays that are made of numbers.
    chooses : bool
        Whether what refuses some matrices gives NaN for those.
    truths : frozenset of int
        The positions of operands that are arrays of booleans.
    """

    def __init__(
        self,
        templates: TemplateWriter,
        library: Library,
        numbers: frozenset[int] = frozenset(),
        dtype: str = "float64",
        chooses: bool = False,
        truths: frozenset[int] = frozenset(),
    ) -> None:
        super().__init__(templates)
        self.library = library
        self.numbers = numbers
        self.dtype = dtype
        self.chooses = chooses
        self.truths = truths

    def __getattr__(self, own: str) -> Code:
        if own.startswith("_"):
            raise AttributeError(own)
        return self.named(own)

    def named(self, own: str) -> Code:
        """The name itself, of Python's functions and modules, or what the library has for it."""
        if own == "math" or (hasattr(builtins, own) and own not in self.library.entries):
            return global_name(own)
        return Member(self, own)

    def is_number(self, value: Written) -> bool:
        """Whether a value is a number of Python's, and no array."""
        if isinstance(value, Code):
            return value.operators is not None and value.operators <= self.numbers
        return not isinstance(value, (tuple, list, str))

    def box(self, value: Written) -> Written:
        """A value as an array, as functions of some libraries take nothing else."""
        return self.named("box")(value, self.dtype) if self.boxes and self.is_number(value) else value

    def as_array(self, value: Written) -> Code:
        """The code of an array."""
        found = self.box(value)
        assert isinstance(found, Code)
        return found

    @property
    def boxes(self) -> bool:
        """Whether numbers of Python's are no arrays for the library."""
        return "box" in self.library.entries

    def as_condition(self, test: Written) -> Written:
        """A condition as an array of booleans: what is no zero counts as true."""
        if self.is_number(test):
            return self.named("box")(test, "bool")
        whole = isinstance(test, Code) and test.is_slot() and not self.truths.issuperset(test.slots)
        return test.differs(0) if whole and isinstance(test, Code) else test

    def take(self, x: Code, key: Entries, ndim: int) -> Code:
        """What an index takes of an array of so many axes."""
        return self._ask("take", x, key, ndim) or super().take(x, key, ndim)

    def reshape(self, x: Code, shape: Written) -> Code:
        """A value in another shape."""
        return self._ask("reshape", x, shape) or super().reshape(x, shape)

    def astype(self, x: Code, dtype: str) -> Code:
        """An array in another dtype."""
        return self._ask("astype", x, dtype) or super().astype(x, dtype)

    def transpose(self, x: Code, ndim: int) -> Code:
        """An array of so many axes, which are reversed."""
        return self._ask("transpose", x, ndim) or super().transpose(x, ndim)

    def _ask(self, path: str, *args: object) -> Code | None:
        """What the library has in the place of a method of NumPy's arrays; nothing where it has that method too."""
        found = self.library.entries.get(path)
        return None if found is None or isinstance(found, str) else found(self, *args)

    def refusing(self, function: Code) -> Callable[..., Code]:
        """A function that refuses some matrices."""
        return (lambda *args: self.named("defined")(function, *args)) if self.chooses else function

    def function(self, template: sympy.Basic, names: tuple[str, ...]) -> Code:
        """A function that a template says."""
        writer = self.templates.within(LibraryScope(self.templates, self.library, dtype=self.dtype))
        writer.bound = {argument(k): name(own) for k, own in enumerate(names)}
        return assemble(f"(lambda {', '.join(names)}: ", (writer.part(template), CHOICE), ")")
