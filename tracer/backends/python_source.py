"""The Python writer: the codes of lines, names, imports, and the sizes read off the arguments."""

from __future__ import annotations

import builtins
import importlib
import keyword
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy

from tracer.backends.array_stores import NPZ
from tracer.backends.backend import Arrays, name_array
from tracer.backends.backend import Module as SourceModule
from tracer.backends.inlining import Inliner, Text, fillers
from tracer.backends.source_texts import INDENT, write_docstring, write_imports
from tracer.backends.templates import Lacking, Spelling, TemplateWriter
from tracer.names import spell
from tracer.nest import pack, write_nest
from tracer.program.lines import Kind, Line, Operand
from tracer.program.program import Program
from tracer.python_code import ATOM, CHOICE, Code, Key, Number, assemble, hold, name, number_level, number_text, slot
from tracer.python_scope import SCOPE, Scope, shape_of
from tracer.python_sizes import size_code, write_sizes
from tracer.rules import argument
from tracer.tensor import Tensor

if TYPE_CHECKING:
    import numpy as np

KEPT = 4096
"""How many codes and functions a backend keeps at the most."""

MODULES = {
    "np": ("import numpy as np", "numpy"),
    "special": ("from scipy import special", "scipy.special"),
    "linalg": ("from scipy import linalg", "scipy.linalg"),
}
"""Modules that are not imported by the name that they have in code: how they are imported, and what they are called."""
FUNCTION = "compiled"

SHARED = {"ARGUMENT", "CONSTANT", "DIAGONAL", "BROADCAST", "shape"}
"""Values that are not the program's own, or that can't be written to, by the names of their operations."""
DTYPES = {"float64": name("float"), "int64": name("int"), "bool": name("bool")}
"""What dtypes are called that Python has a name for."""
VIEWS = {"TRANSPOSE", "SELECT", "getitem", "reshape"}
"""Values that may be views of their first operand."""


class PythonScope(Scope):
    """The scope of a backend, which writes templates.

    Parameters
    ----------
    templates : TemplateWriter
    """

    def __init__(self, templates: TemplateWriter) -> None:
        self.templates = templates

    def function(self, template: sympy.Basic, names: tuple[str, ...]) -> Code:
        """A function that a template says."""
        writer = copy(self.templates)
        writer.bound = {argument(k): name(own) for k, own in enumerate(names)}
        return assemble(f"(lambda {', '.join(names)}: ", (writer.part(template), CHOICE), ")")


class LenientScope(PythonScope):
    """The scope of a program that chooses: functions that refuse some matrices give NaN for those."""

    def refusing(self, function: Code) -> Callable[..., Code]:
        """A function that refuses some matrices."""
        return lambda *args: self.defined(function, *args)


class PythonBackend:
    """A backend that writes Python.

    Parameters
    ----------
    name : str
    templates : TemplateWriter
        How elementwise operations are written.
    kinds : mapping
        How operations on arrays are written, each given the scope, the line, and the codes of its operands.
    arrays : bool
        Whether values are NumPy's; else they are Python's floats, and rows of the table are lacking.
    """

    def __init__(self, name: str, templates: TemplateWriter, kinds: Mapping[Kind, Spelling], arrays: bool) -> None:
        self.name = name
        self.fallback, self.fast, self.foreign = "numpy", "math" if arrays else name, False
        self.needs, self.store = "", NPZ
        self.templates = templates
        self.kinds = kinds
        self.arrays = arrays
        self._codes: dict[Hashable, Code] = {}
        self._functions: dict[str, Callable[..., object]] = {}
        self._calls: dict[Code, tuple[Callable[..., object], list[Key]]] = {}

    def adopt(self, values: Arrays, dtypes: Sequence[str]) -> Arrays:
        """Arrays of its library."""
        return values

    def lacks(self, program: Program) -> str:
        """What it has no code for, in words; nothing if it can write the program."""
        if not self.arrays and (found := name_array(program)):
            return found
        for line in program.lines:
            try:
                self.code(line, program.chooses)
            except Lacking as error:
                return str(error)
        return ""

    def module(self, program: Program, inputs: Sequence[Tensor], structure: object) -> SourceModule:
        """The source of a program."""
        return SourceWriter(self, program, inputs).module(structure)

    def code(self, line: Line, chooses: bool) -> Code:
        """The code of a line, with a slot for each operand.

        Raises
        ------
        LookupError
            If there is none for its operation.
        """
        if line.op is Kind.ELEMENTWISE:
            code = self._codes.get(line.params)
            if code is None:
                code = self._keep(line.params, self.templates.write(line.params))
            return self._guard_numbers(code, line) if self.arrays else code
        operands = [(o.shape, o.dtype) if type(o) is Line else o for o in line.operands]
        key = (line.op, line.params, line.shape, line.dtype, chooses, *operands)
        code = self._codes.get(key)
        if code is None:
            scope = (LenientScope if chooses else PythonScope)(self.templates)
            spelled = self._spelling(line)(scope, line, *map(slot, range(len(operands))))
            code = self._keep(key, spelled)
        return code

    def _keep(self, key: Hashable, code: Code) -> Code:
        if len(self._codes) >= KEPT:
            self._codes.clear()
        self._codes[key] = code
        return code

    def _spelling(self, line: Line) -> Spelling:
        """How the operation of a line is written."""
        if isinstance(line.op, Kind):
            return self.kinds[line.op]
        spelling: Spelling | None = line.op.numpy if self.arrays else None
        if spelling is None:
            raise Lacking(f"the operation {line.op.name!r} has no {'NumPy' if self.arrays else self.name} form")
        return spelling

    def _guard_numbers(self, code: Code, line: Line) -> Code:
        """A template without arithmetic of Python's numbers, which raise where NumPy's give inf or NaN."""
        numbers = {k for k, o in enumerate(line.operands) if type(o) is not Line}
        if not numbers:
            return code
        alone = len(numbers) == len(line.operands)
        if not alone and not any(q <= numbers for q in code.quotients):
            return code
        boxes = tuple(
            _box_of(operand, line.dtype) if k in numbers and not (alone and k) else ""
            for k, operand in enumerate(line.operands)
        )
        key = line.params, boxes
        guarded = self._codes.get(key)
        if guarded is None:
            operands = [SCOPE.np.named(box)(slot(k)) if box else slot(k) for k, box in enumerate(boxes)]
            guarded = self._keep(key, code.filled(operands))
        return guarded

    def function(self, code: Code) -> tuple[Callable[..., object], list[Key]]:
        """A code as a function, and what it is to be called with: the keys of its slots."""
        known = self._calls.get(code)
        if known is not None:
            return known
        whole, code = code, write_sizes(code)
        keys = list(dict.fromkeys(code.slots))
        names = {key: f"a{k}" for k, key in enumerate(keys)}
        text = f"lambda {', '.join(names.values())}: {code.write(lambda key: (names[key], ATOM))}"
        function = self._functions.get(text)
        if function is None:
            if len(self._functions) >= KEPT:
                self._functions.clear()
            function = self._functions[text] = eval(compile(text, "<tracer>", "eval"), namespace(code.names))
        if len(self._calls) >= KEPT:
            self._calls.clear()
        self._calls[whole] = function, keys
        return function, keys


def _box_of(number: object, dtype: str) -> str:
    """NumPy's type of a number in a line of a dtype."""
    if type(number) is bool:
        return "bool"
    return "int64" if type(number) is int and dtype.startswith("int") else "float64"


def namespace(names: Iterable[str]) -> dict[str, Any]:
    """The globals that code using these names runs with: functions of :mod:`tracer.runtime`, and modules."""
    from tracer import runtime

    own = set(runtime.__all__)
    return {n: getattr(runtime, n) if n in own else importlib.import_module(_module(n)[1]) for n in names}


def _module(name: str) -> tuple[str, str]:
    """How a module is imported, and what it is called."""
    return MODULES.get(name, (f"import {name}", name))


class Names:
    """Distinct Python identifiers."""

    def __init__(self, imported: Iterable[str]) -> None:
        self._taken = {FUNCTION, "np", *imported, *dir(builtins)}
        self._next: dict[str, int] = {}

    def new(self, wanted: str) -> str:
        """An identifier like the wanted one that no other value has."""
        wanted = unicodedata.normalize("NFKC", wanted)
        name, k = wanted, self._next.get(wanted, 1)
        while name in self._taken or keyword.iskeyword(name):
            k += 1
            name = f"{wanted}_{k}"
        self._next[wanted] = k
        self._taken.add(name)
        return name


class Module(NamedTuple):
    """Python source with the arrays that it refers to.

    Attributes
    ----------
    names : tuple of str
        The modules and functions that the definition uses.
    constants : dict
        Arrays by name.
    head, body : str
        The function's definition, to the colon and from there on.
    """

    names: tuple[str, ...]
    constants: dict[str, np.ndarray]
    head: str
    body: str

    def text(self, heading: str) -> str:
        """The whole source; the heading is the function's docstring."""
        from tracer import runtime
        from tracer.backends.helper_sources import write_helpers

        own = [n for n in self.names if n in runtime.__all__]
        imports, helpers = write_helpers(own)
        modules = {*self.names} - {*own} | ({"np"} if self.constants else set())
        more, definitions = NPZ.write(self.constants)
        imports = [*imports, *more, *(_module(n)[0] for n in modules)]
        function = self.head + write_docstring(heading) + self.body
        parts = [write_imports(imports), *helpers, "\n".join(definitions), function]
        return "\n\n\n".join(p for p in parts if p)

    def function(self) -> Callable[..., object]:
        """The function that the source defines."""
        scope = namespace(self.names) | self.constants
        exec(compile(self.head + self.body, "<tracer>", "exec"), scope)
        defined: Callable[..., object] = scope[FUNCTION]
        return defined


class SourceWriter(Inliner):
    """The source of one program in Python."""

    def __init__(self, backend: PythonBackend, program: Program, inputs: Sequence[Tensor]) -> None:
        self._wanted = {r for r in program.results if isinstance(r, Line)}
        super().__init__(program, lambda line: self.spell_own(line) or backend.code(line, program.chooses))
        self._arrays = backend.arrays
        self._inputs = inputs
        self._imported: set[str] = set().union(*(code.names for code in self.codes.values()))
        self._names = Names(self._imported)
        self.parameters: list[str] = []
        self._constants: dict[str, np.ndarray] = {}

    def number_text(self, value: Number) -> Text:
        """A number."""
        return Text(number_text(value), number_level(value))

    def held_text(self, value: Any) -> Text:
        """A number, or the name of an array or an argument."""
        if isinstance(value, Line):
            return self.texts[value]
        if not hasattr(value, "dtype"):
            return self.number_text(value)
        return self.keep_array("array", value)

    def keep_array(self, wanted: str, array: np.ndarray) -> Text:
        """An array of the source's, under a name like the wanted one."""
        name = self.new_name(wanted)
        self._constants[name] = array
        return Text(name, ATOM, True)

    def new_name(self, wanted: str) -> str:
        """An identifier."""
        return self._names.new(wanted)

    def statement(self, line: Line, name: str, text: str) -> str:
        """An assignment."""
        return f"{name} = {text}"

    def module(self, structure: object) -> Module:
        """The source, with the results in the places of the leaves of a structure."""
        parameters = self._name_leaves()
        answer = write_nest(pack(structure, self._own_results(self.write_lines())))
        names, head = self._imported, f"def {FUNCTION}({', '.join(parameters)}):\n"
        if self._arrays:
            names = names | {"np"}
            head = '@np.errstate(all="ignore")\n' + head
        body = "".join(f"{INDENT}{line}\n" for line in (*self.body, f"return {answer}"))
        return Module(tuple(sorted(names)), self._constants, head, body)

    def spell_own(self, line: Line) -> Code | None:
        """The code of a line where it is not that of the backend: of a result that is one number everywhere.

        A result is no view of a number. It is made like an argument of its shape, so that it is in chunks where that
        is, and one of its library's.
        """
        if line not in self._wanted or line.op is not Kind.BROADCAST or shape_of(line.operands[0]):
            return None
        return self.spell_like(line, "full", slot(0)) or SCOPE.np.full(line.shape, slot(0))

    def spell_like(self, line: Line, function: str, *values: Code) -> Code | None:
        """The code of a new array like an argument of the same shape; None if there is none."""
        alike = next((a for a in self.program.arguments.values() if a.shape == line.shape), None)
        if alike is None:
            return None
        dtype = DTYPES.get(line.dtype) or SCOPE.np.named(line.dtype)
        return SCOPE.np.named(f"{function}_like")(hold(alike), *values, dtype=dtype)

    def _own_results(self, texts: list[str]) -> list[str]:
        """Results, copied where they would be an argument, or a view of one, or another result."""
        seen: set[Line] = set()
        found = []
        for result, text in zip(self.program.results, texts):
            if self._arrays and isinstance(result, Line) and result.shape:
                if result in seen or (self._is_shared(result) and self.spell_own(result) is None):
                    text = self.copy_text(text if self.text_of(result).level == ATOM else f"({text})")
                seen.add(result)
            found.append(text)
        return found

    def open_body(self, parameters: Sequence[str]) -> list[str]:
        """Statements at the beginning."""
        return []

    def copy_text(self, text: str) -> str:
        """A copy of a value."""
        return f"{text}.copy()"

    def _is_shared(self, line: Operand) -> bool:
        """Whether a value is a view of an argument or of another result, or can't be written to."""
        while isinstance(line, Line) and line.op.name in VIEWS:
            line = line.operands[0]
            if line in self._wanted:
                return True
        return isinstance(line, Line) and line.op.name in SHARED

    def _name_leaves(self) -> list[str]:
        """Name the arguments, constants and sizes; the names of the arguments are answered."""
        import numpy as np

        program = self.program
        parameters = [self.name(program.arguments[t.node], spell(t.label or t.name)) for t in self._inputs]
        self.parameters = parameters
        self.body += self.open_body(parameters)
        for line in program.constants:
            if line in self.mentions:
                assert isinstance(line.leaf, Tensor)
                wanted = name_constant(spell(line.leaf.label or line.leaf.name))
                self.texts[line] = self.keep_array(wanted, np.asarray(line.leaf.value, line.dtype))
        for line, code in self.codes.items():
            for size in fillers(line, code):
                if isinstance(size, sympy.Expr) and size.free_symbols and size not in self.texts:
                    self._name_size(size, parameters)
        for result in self.results:
            if result.op is Kind.DIMENSION:
                if result.leaf not in self.texts:
                    self._read_size(result.leaf, parameters)
                self.texts[result] = self.texts[result.leaf]
        return parameters

    def _name_size(self, size: sympy.Expr, parameters: list[str]) -> None:
        """Read a size off an argument, or give arithmetic of sizes that is used more than once a name."""
        if size.is_Symbol:
            self._read_size(size, parameters)
            return
        code = size_code(size)
        for symbol in code.slots:
            if symbol not in self.texts:
                self._read_size(symbol, parameters)
        text = code.write(lambda symbol: self.texts[symbol][:2])
        if self.mentions[size] == 1:
            self.texts[size] = Text(text, code.level)
        else:
            self.body.append(f"{self.name(size, 'size')} = {text}")

    def _read_size(self, symbol: sympy.Symbol, parameters: list[str]) -> None:
        """The statement that reads a size off an argument."""
        for tensor, parameter in zip(self._inputs, parameters):
            if symbol in tensor.shape:
                axis = tensor.shape.index(symbol)
                self.body.append(f"{self.name(symbol, str(symbol))} = {parameter}.shape[{axis}]")
                return
        raise ValueError(
            f"the dimension {symbol} is not the size of an axis of any input; add a tensor that has it to the inputs"
        )


def name_constant(wanted: str) -> str:
    """A name that no function beside the compiled one has: they are those of the runtime, or begin with a line."""
    from tracer import runtime

    plain = wanted.lstrip("_") or "x"
    return f"{plain}_array" if plain in runtime.__all__ else plain
