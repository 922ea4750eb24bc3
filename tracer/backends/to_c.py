"""The C backend: programs of scalars as one C99 function of doubles, compiled by the system's compiler."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Sequence
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from tracer.backends.array_stores import NPZ
from tracer.backends.backend import Arrays, Module, name_array
from tracer.backends.c_arrays import CArrayModule, CFunction, CLoops, arrange_leaves
from tracer.backends.c_helpers import CNames, write_helpers
from tracer.backends.c_library import build, write_comment
from tracer.backends.c_templates import TEMPLATES, c_number
from tracer.backends.inlining import Inliner, Text
from tracer.backends.line_names import name_results
from tracer.backends.templates import Lacking
from tracer.names import spell
from tracer.nest import is_flat, is_nest
from tracer.program.lines import Kind, Line, Operand
from tracer.program.program import Program
from tracer.python_code import ATOM, COMPARE, UNARY, Code, Number, infix, name, slot
from tracer.tensor import Tensor

if TYPE_CHECKING:
    import numpy as np

FUNCTION = "compiled"
PACKED = "tracer_packed"
"""The function of a library that takes its arguments as one array."""


def _add(*terms: Code) -> Code:
    total, *rest = terms
    for term in rest:
        total = total + term
    return total


class CModule(NamedTuple):
    """C source of one function, and how many results it has.

    Attributes
    ----------
    source : str
    booleans : tuple of bool
        For each result whether it is a truth value.
    structure : nest
        The results are in the places of its leaves; one that is no nest is returned.
    arity : int
    """

    source: str
    booleans: tuple[bool, ...]
    structure: object
    arity: int

    @property
    def constants(self) -> dict[str, np.ndarray]:
        """The arrays that it refers to: of a program of scalars there are none."""
        return {}

    def text(self, heading: str) -> str:
        """The whole source; the heading is its first comment."""
        return write_comment(heading) + "\n" + self.source

    def function(self) -> Callable[..., object]:
        """The function that the source defines, compiled.

        Raises
        ------
        RuntimeError
            If there is no C compiler, or it refuses the source.
        """
        # Floats are passed in one piece, for each argument of a call takes longer than the arithmetic. The lock of the
        # interpreter is kept: what one call takes is short.
        arguments = [f"given[{k}]" for k in range(self.arity)]
        single = not is_nest(self.structure)
        body = f"*out = {FUNCTION}({', '.join(arguments)});" if single else ""
        body = body or f"{FUNCTION}({', '.join([*arguments, 'out'])});"
        library = build(f"{self.source}\nvoid {PACKED}(const double *given, double *out) {{ (void)given; {body} }}\n")
        compiled = ctypes.PyDLL(library._name, handle=library._handle)[PACKED]
        compiled.argtypes, compiled.restype = [ctypes.c_char_p, ctypes.c_void_p], None
        pack_floats, read_floats = Struct(f"{self.arity}d").pack, Struct(f"{len(self.booleans)}d").unpack_from
        results = ctypes.c_double * len(self.booleans)
        rooms: list[ctypes.Array[ctypes.c_double]] = []

        def call(*values: float) -> tuple[float, ...]:
            out = rooms.pop() if rooms else results()
            compiled(pack_floats(*values), out)
            found = read_floats(out)
            rooms.append(out)
            return found

        if is_flat(self.structure) and not any(self.booleans):
            return call
        kinds = [bool if b else float for b in self.booleans]
        arrange = arrange_leaves(self.structure)
        return lambda *values: arrange([kind(value) for kind, value in zip(kinds, call(*values))])


class CBackend:
    """C99: programs of doubles and conditions are one expression after another, programs of arrays are loops."""

    name = "c"
    arrays = True
    fallback = fast = "c"
    foreign = False
    needs = ""
    store = NPZ

    def adopt(self, values: Arrays, dtypes: Sequence[str]) -> Arrays:
        """Numbers and arrays as they are."""
        return values

    def lacks(self, program: Program) -> str:
        """What it has no code for, in words; nothing if it can write the program."""
        try:
            if has_arrays(program):
                write_arrays(program, list(map(_leaf, program.arguments.values())), FUNCTION)
            else:
                for line in program.lines:
                    self.code(line)
        except Lacking as error:
            return str(error)
        return ""

    def code(self, line: Line) -> Code:
        """The code of a line, with a slot for each operand."""
        if line.op is Kind.ELEMENTWISE:
            return TEMPLATES.write(line.params)
        operands = [slot(k) for k in range(len(line.operands))]
        if line.op is Kind.ADD:
            return _add(*operands)
        if line.op is Kind.CAST:
            return operands[0] if line.dtype == "float64" else infix(operands[0], "!=", name("0.0"), COMPARE)
        raise Lacking(f"C has no form of {line.op.name!r}")

    def module(self, program: Program, inputs: Sequence[Tensor], structure: object) -> Module:
        """The source of a program: a function of doubles that returns one, or writes several into an array.

        One of arrays writes each result where an argument of its own points.
        """
        if has_arrays(program):
            return CArrayModule(write_arrays(program, inputs, FUNCTION, structure), FUNCTION, structure)
        return CWriter(self, program).module(inputs, structure)


def has_arrays(program: Program) -> bool:
    """Whether a program has other values than doubles and conditions."""
    leaves = (*program.arguments.values(), *program.constants, *program.lines)
    return bool(name_array(program)) or any(leaf.dtype not in ("float64", "bool") for leaf in leaves)


def write_arrays(
    program: Program, inputs: Sequence[Tensor], function: str, structure: object = (), names: Sequence[str] = ()
) -> CFunction:
    """A program of arrays as a function in C; the names of its results may be given."""
    names = names or name_results(program.outputs, structure)
    return CLoops(program, function).write(inputs, ["_".join(re.findall(r"\w+", n)) for n in names])


def _leaf(line: Line) -> Tensor:
    assert isinstance(line.leaf, Tensor)
    return line.leaf


class CWriter(Inliner):
    """The source of one program in C."""

    def __init__(self, backend: CBackend, program: Program) -> None:
        super().__init__(program, backend.code)
        self._names = CNames(FUNCTION)

    def number_text(self, value: Number) -> Text:
        """A number, as a double."""
        return Text(c_number(value), UNARY if value < 0 else ATOM)

    def new_name(self, wanted: str) -> str:
        """An identifier of C."""
        return self._names.new(wanted)

    def statement(self, line: Line, name: str, text: str) -> str:
        """The definition of a constant."""
        return f"const {'int' if line.dtype == 'bool' else 'double'} {name} = {text};"

    def module(self, inputs: Sequence[Tensor], structure: object) -> CModule:
        """The source; the one result is returned, or several are written to an array."""
        program = self.program
        listed = ", ".join(f"double {name}" for name in self._name_leaves(inputs))
        results = self.write_lines()
        if not is_nest(structure):
            head, last = f"double {FUNCTION}({listed or 'void'})", [f"return {results[0]};"]
        else:
            head = f"void {FUNCTION}({listed}{', ' if listed else ''}double out[{len(results)}])"
            last = [f"out[{k}] = {r};" for k, r in enumerate(results)]
        booleans = tuple(_is_boolean(r) for r in program.results)
        return CModule(self._define(head, last), booleans, structure, len(inputs))

    def emit(self, function: str, inputs: Sequence[Tensor], labels: Sequence[str]) -> tuple[str, str]:
        """The declaration and the source of a function that writes each result where its own argument points."""
        self._names.taken.add(function)
        names = self._name_leaves(inputs)
        outputs = [self.new_name(label) for label in labels]
        self._bound = {line: f"{name}_value" if name in outputs else name for line, name in self._bound.items()}
        results = self.write_lines(named=False)
        given = [*(f"double {name}" for name in names), *(f"double *{name}" for name in outputs)]
        head = f"void {function}({', '.join(given) or 'void'})"
        unused = [n for n in names if not any(re.search(rf"\b{n}\b", text) for text in (*self.body, *results))]
        last = [*(f"(void){n};" for n in unused), *(f"*{n} = {r};" for n, r in zip(outputs, results))]
        return f"{head};", self._define(head, last)

    def _name_leaves(self, inputs: Sequence[Tensor]) -> list[str]:
        """Name the arguments, of which the names are answered, and the constants."""
        names = [self.name(self.program.arguments[t.node], spell(t.label or t.name)) for t in inputs]
        for line in self.program.constants:
            assert isinstance(line.leaf, Tensor)
            self.texts[line] = self.number_text(float(line.leaf.value))
        return names

    def _define(self, head: str, last: Sequence[str]) -> str:
        """The source: what is included, helpers, and the function."""
        used = {name for code in self.codes.values() for name in code.names}
        helpers = write_helpers(used)
        definition = "\n    ".join([f"{head} {{", *self.body, *last]) + "\n}\n"
        return "\n".join(["#include <math.h>\n", *([("\n".join(helpers) + "\n")] if helpers else []), definition])


def _is_boolean(value: Operand) -> bool:
    return value.dtype == "bool" if isinstance(value, Line) else isinstance(value, bool)


C = CBackend()
