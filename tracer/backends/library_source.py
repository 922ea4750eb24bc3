"""The source of a program for a library of arrays other than NumPy, and the function that it defines."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

import sympy

from tracer.backends.array_code import FUNCTIONS, KINDS, ArrayTemplates, list_whole
from tracer.backends.array_stores import Store
from tracer.backends.backend import Arrays
from tracer.backends.helper_sources import write_helpers
from tracer.backends.inlining import Text
from tracer.backends.libraries import Library, LibraryScope, Like
from tracer.backends.python_source import (
    FUNCTION,
    PythonBackend,
    SourceWriter,
)
from tracer.backends.source_texts import INDENT, write_docstring, write_imports
from tracer.backends.templates import Lacking, Spelling
from tracer.dtypes import FLOATS
from tracer.program.lines import Kind, Line, Operand
from tracer.program.program import Program
from tracer.python_code import ATOM, Code, name, slot
from tracer.python_scope import SCOPE, Scope
from tracer.tensor import Tensor

if TYPE_CHECKING:
    import numpy as np

TYPES = "Array ="
"""What the definition of a type begins with, by which the parameters of helpers are annotated."""

SIZES = frozenset((Kind.DIMENSION, Kind.SIZE))
"""Lines that are numbers of Python's."""


class LibraryTemplates(ArrayTemplates):
    """Templates over arrays of a library."""

    library = ""

    def other(self, expr: sympy.Basic) -> Code:
        """What mpmath would compute element by element."""
        raise Lacking(f"the function {type(expr).__name__}, which {self.library} lacks")

    def indices(self, first: Code, last: Code) -> Code:
        """The numbers from the first to the last."""
        return SCOPE.range(first, last + 1)

    def nothing(self, names: list[Code]) -> Code:
        """Zeros in the shape of the operands."""
        return self.scope.np.zeros_like(sum(names[1:], start=names[0]))


def _cast(e: Scope, line: Line, x: Code) -> Code:
    """An array or a number in a dtype."""
    return e.np.named(line.dtype)(x)


class LibraryModule(NamedTuple):
    """Source for a library.

    Attributes
    ----------
    imports : tuple of str
    setup : str
        A statement that stands before all definitions.
    helpers : tuple of str
    constants : dict
        Arrays by name.
    head, body : str
        The function's definition, to the colon and from there on.
    store : Store
        How arrays are kept.
    """

    imports: tuple[str, ...]
    setup: str
    helpers: tuple[str, ...]
    constants: dict[str, np.ndarray]
    head: str
    body: str
    store: Store

    def text(self, heading: str) -> str:
        """The whole source; the heading is the function's docstring."""
        more, definitions = self.store.write(self.constants)
        first = "\n\n".join(p for p in (write_imports({*self.imports, *more}), self.setup) if p)
        parts = first, *self.helpers, "\n".join(definitions), self.head + write_docstring(heading) + self.body
        return "\n\n\n".join(p for p in parts if p)

    def function(self) -> Callable[..., object]:
        """The function that the source defines."""
        scope: dict[str, object] = {}
        exec(compile("\n".join((*self.imports, self.setup)), "<tracer>", "exec", dont_inherit=True), scope)
        scope |= {name: self.store.hold(array) for name, array in self.constants.items()}
        exec(compile("\n".join((*self.helpers, self.head + self.body)), "<tracer>", "exec", dont_inherit=True), scope)
        defined = scope[FUNCTION]
        assert callable(defined)
        return defined


class LibraryBackend(PythonBackend):
    """A backend that writes NumPy's code with the functions of another library.

    Parameters
    ----------
    name : str
    library : Library
    templates : type
        The class of its templates.
    store : Store
        How its sources keep arrays.
    imports : mapping
        The statements that import the names that code may use.
    runtime : tuple of str
        The modules that have its helpers.
    functions : mapping, optional
        How functions of sympy's are written where NumPy's code is another.
    kinds : mapping, optional
        How operations on arrays are written where NumPy's code is another.
    needs : str, optional
        The package that has to be installed.
    """

    setup = ""
    decorator = ""
    always: tuple[str, ...] = ()
    """What is imported whatever is used."""
    moves = False
    """Whether constants become arrays of the dtype and on the device of arguments."""
    portable: frozenset[str] = frozenset()
    """Helpers of NumPy that the library runs as they are."""

    def __init__(
        self,
        name: str,
        library: Library,
        templates: type[LibraryTemplates],
        store: Store,
        imports: Mapping[str, str],
        runtime: tuple[str, ...],
        functions: Mapping[type[sympy.Basic], Spelling] | None = None,
        kinds: Mapping[Kind, Spelling] | None = None,
        needs: str = "",
    ) -> None:
        super().__init__(
            name,
            templates({**FUNCTIONS, **(functions or {})}, list_whole),
            {**KINDS, Kind.CAST: _cast, **(kinds or {})},
            True,
        )
        templates.library = library.name
        self.fallback, self.fast, self.foreign = name, "", True
        self.library, self.store, self.imports, self.runtime, self.needs = library, store, imports, runtime, needs

    def adopt(self, values: Arrays, dtypes: Sequence[str]) -> Arrays:
        """Arrays of the library, given arrays of it or of NumPy."""
        return values

    def lacks(self, program: Program) -> str:
        """What it has no code for, in words; nothing if it can write the program.

        Raises
        ------
        ImportError
            If the library is not installed.
        """
        try:
            for line in program.lines:
                if line.op is not Kind.ELEMENTWISE:
                    self._spelling(line)
        except Lacking as error:
            return str(error)
        if self.needs and find_spec(self.needs) is None:
            raise ImportError(
                f"the backend {self.name!r} needs {self.library.name}: pip install 'symbolic-tracer[{self.name}]'"
            )
        for line in program.lines:
            try:
                self.code(line, program.chooses)
            except Lacking as error:
                return f"the operation {name_line(line)} needs {error}"
        return ""

    def module(self, program: Program, inputs: Sequence[Tensor], structure: object) -> LibraryModule:
        """The source of a program."""
        return LibraryWriter(self, program, inputs).write_module(structure)

    def code(self, line: Line, chooses: bool) -> Code:
        """The code of a line, with a slot for each operand; numbers are arrays where the library needs that.

        Raises
        ------
        LookupError
            If there is none for its operation.
        """
        numbers = frozenset(k for k, o in enumerate(line.operands) if not is_array(o))
        kinds = tuple((o.shape, o.dtype) if type(o) is Line else type(o) for o in line.operands)
        values = tuple(o for o in line.operands if type(o) is not Line) if line.op is not Kind.ELEMENTWISE else ()
        key = (line.op, line.params, line.shape, line.dtype, chooses, numbers, kinds, values)
        code = self._codes.get(key)
        if code is None:
            code = self._keep(key, self._write(line, numbers, chooses))
        return code

    def _write(self, line: Line, numbers: frozenset[int], chooses: bool) -> Code:
        """The code of a line."""
        dtype = common_dtype(line)
        truths = frozenset(k for k, o in enumerate(line.operands) if is_array(o) and o.dtype == "bool")
        scope = LibraryScope(self.templates, self.library, numbers, dtype, chooses, truths)
        if line.op is Kind.ELEMENTWISE:
            code = self.templates.within(scope).write(line.params)
            code = scope.as_array(code)
        else:
            code = self._spelling(line)(scope, line, *map(slot, range(len(line.operands))))
        if dtype in FLOATS and line.op in (Kind.ELEMENTWISE, Kind.ADD):
            slots = [slot(k) for k in range(len(line.operands))]
            whole = {k for k, o in enumerate(line.operands) if is_array(o) and o.dtype[:3] in ("int", "uin")}
            if whole:
                code = code.filled([scope.astype(s, dtype) if k in whole else s for k, s in enumerate(slots)])
        return code

    def name_dtype(self, dtype: str) -> str:
        """The text of a dtype."""
        return dtype

    def make_empty(self, dtype: str, device: str) -> str:
        """The text of a number of a dtype, on a device."""
        return dtype

    def move(self, name: str, array: np.ndarray, dtype: str, device: str) -> str:
        """The text of a constant, given its name, as an array of a dtype on a device."""
        return name

    def copy_text(self, text: str) -> str:
        """The text of a copy; the value itself where arrays are never written to."""
        return text

    def open(self, parameters: Sequence[str]) -> str:
        """A statement at the beginning of a function."""
        return ""

    def rename(self, text: str) -> str:
        """The text of a helper in the library's names."""
        return text


def is_array(operand: Operand) -> bool:
    """Whether an operand is an array, and no number of Python's."""
    return type(operand) is Line and operand.op not in SIZES


def common_dtype(line: Line) -> str:
    """The dtype that the operands of a line have in common: a float if there is one."""
    arrays = [o.dtype for o in line.operands if is_array(o)]
    floats = [d for d in arrays if d in FLOATS]
    if floats:
        return max(floats, key=lambda d: int(d[5:]))
    if line.dtype in FLOATS:
        return line.dtype
    if any(isinstance(o, float) or (isinstance(o, sympy.Rational) and not o.is_Integer) for o in line.operands):
        return "float64"
    whole = [d for d in arrays if d != "bool"]
    return whole[0] if whole else "float64" if line.dtype == "bool" and not arrays else line.dtype


def name_line(line: Line) -> str:
    """What a message calls the operation of a line."""
    return repr(line.name or line.op.name)


class LibraryWriter(SourceWriter):
    """The source of one program for a library."""

    def __init__(self, backend: LibraryBackend, program: Program, inputs: Sequence[Tensor]) -> None:
        super().__init__(backend, program, inputs)
        self.backend = backend

    def write_module(self, structure: object) -> LibraryModule:
        """The source, with the results in the places of the leaves of a structure."""
        made, backend = self.module(structure), self.backend
        body = made.body
        opening = backend.open(self.parameters)
        if opening and f"{opening.partition(' ')[0]}." not in body.replace(opening, ""):
            body = body.replace(f"{INDENT}{opening}\n", "", 1)
        own = {n for n in made.names if n in backend.library.helpers or n in backend.portable}
        imports, helpers = write_helpers(sorted(own), *backend.runtime)
        # Names of types stand beside the imports.
        types = [text for text in helpers if text.startswith(TYPES)]
        texts = [backend.rename(text) for text in (*helpers, body) if text not in types]
        used = {backend.imports.get(i, i) for i in imports}
        used |= {i for n, i in backend.imports.items() if any(re.search(rf"\b{n}\.", text) for text in texts)}
        used |= set(backend.always)
        head = backend.decorator + made.head.partition("\n")[2]
        return LibraryModule(
            tuple(sorted(used)),
            "\n".join((backend.setup, *types)).strip(),
            tuple(texts[:-1]),
            made.constants,
            head,
            texts[-1],
            backend.store,
        )

    def spell_own(self, line: Line) -> Code | None:
        """Nothing: a result that is one number everywhere is copied."""
        return None

    def open_body(self, parameters: Sequence[str]) -> list[str]:
        """Statements at the beginning."""
        opening = self.backend.open(parameters)
        return [opening] if opening else []

    def held_text(self, value: object) -> Text:
        """A number, the name of an array, or the dtype or device of arrays that are there."""
        return Text(self.like_text(value), ATOM) if isinstance(value, Like) else super().held_text(value)

    def like_text(self, like: Like) -> str:
        """An array of a dtype, or its dtype or device: those of an argument where one is declared so."""
        given = [name for tensor, name in zip(self._inputs, self.parameters) if tensor.dtype == like.dtype]
        device = f"{self.parameters[0]}.device" if self.parameters else "None"
        if like.part == "device":
            return device
        if given:
            return f"{given[0]}.{like.part}" if like.part else given[0]
        return self.backend.name_dtype(like.dtype) if like.part else self.backend.make_empty(like.dtype, device)

    def keep_array(self, wanted: str, array: np.ndarray) -> Text:
        """An array of the source's, as one of those that the function is given."""
        if not self.backend.moves:
            return super().keep_array(wanted, array)
        kept = self.new_name(wanted.upper())
        self._constants[kept] = array
        name = self.new_name(wanted)
        dtype = array.dtype.name
        likes = [self.like_text(Like(dtype, part)) for part in ("dtype", "device")]
        self.body.append(f"{name} = {self.backend.move(kept, array, *likes)}")
        return Text(name, ATOM, True)

    def copy_text(self, text: str) -> str:
        """A copy of a value."""
        return self.backend.copy_text(text)

    def _own_results(self, texts: list[str]) -> list[str]:
        """Results that are arrays, of their own where they may be written to."""
        own = super()._own_results(texts)
        pairs = zip(self.program.results, self.program.outputs, own)
        return [text if is_array(r) else self._box_result(text, t.dtype) for r, t, text in pairs]

    def _box_result(self, text: str, dtype: str) -> str:
        """A number as an array."""
        scope = LibraryScope(self.backend.templates, self.backend.library, dtype=dtype)
        if not scope.boxes:
            return text
        boxed = scope.named("box")(name(text), dtype)
        self._imported |= boxed.names
        return boxed.write(lambda key: self.text_of(key)[:2])
