"""Programs of arrays in C99: functions over row-major arrays, which allocate nothing."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import sympy

from tracer.backends.array_rules import rule_of
from tracer.backends.c_helpers import CNames, write_helpers
from tracer.backends.c_library import build, write_comment
from tracer.backends.c_templates import INTEGERS, TEMPLATES, c_number
from tracer.backends.loop_indices import Index, Place, flatten_place
from tracer.backends.loops import LoopWriter, flat_size
from tracer.backends.templates import Lacking
from tracer.names import spell
from tracer.nest import is_flat, is_nest, pack
from tracer.program.lines import Line, Operand
from tracer.program.program import Program
from tracer.python_code import ANY, ATOM, COMPARE, UNARY, Code, Number, assemble, infix, name, prefix
from tracer.python_scope import SCOPE
from tracer.python_sizes import size_code
from tracer.shapes import Dim, Shape
from tracer.tensor import Tensor

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T")
TYPES = {"float64": "double", "int64": "int64_t", "int32": "int32_t", "bool": "bool"}
"""The types of C that elements have, by their dtypes."""
SCALARS = {"float64": ctypes.c_double, "int64": ctypes.c_int64, "int32": ctypes.c_int32, "bool": ctypes.c_bool}
KINDS: dict[str, type[float]] = {"float64": float, "bool": bool}
"""What numbers are passed as: others are whole."""
LOCAL = 4096
"""So many elements at the most are in local arrays; more are in an array that is given."""
WORK = "work"


class Room(NamedTuple):
    """An argument of a function of C.

    Attributes
    ----------
    name, dtype, shape
    """

    name: str
    dtype: str
    shape: Shape


class CFunction(NamedTuple):
    """The text of a function, and what it takes.

    Attributes
    ----------
    head, source : str
        Its declaration without the semicolon, and the whole source.
    sizes : tuple of Symbol
        The dimensions that it takes first.
    inputs, outputs : tuple of Room
    work : int or sympy.Expr
        How many numbers the array has that it takes last; it takes none for 0.
    """

    head: str
    source: str
    sizes: tuple[sympy.Symbol, ...]
    inputs: tuple[Room, ...]
    outputs: tuple[Room, ...]
    work: Dim


class CLoops(LoopWriter):
    """The source of one program of arrays in C."""

    templates = TEMPLATES
    close_text = "}"
    both, either = "&&", "||"

    def __init__(self, program: Program, function: str) -> None:
        for leaf in (*program.arguments.values(), *program.constants, *program.lines):
            if leaf.dtype not in TYPES:
                raise Lacking(f"{leaf.name or getattr(leaf.leaf, 'name', 'a value')} is of dtype {leaf.dtype}")
        super().__init__(program, rule_of)
        self._function = function
        self._unique = CNames(function, WORK)
        self._sizes: dict[sympy.Symbol, str] = {}
        self._local: int = 0
        self._work: Dim = 0
        self._outputs: set[str] = set()

    def new_name(self, wanted: str) -> str:
        """An identifier of C."""
        return self._unique.new(wanted)

    def number(self, value: Number, dtype: str = "float64") -> Code:
        """A number."""
        if dtype == "bool":
            return name("true" if value else "false")
        if dtype.startswith("int"):
            return name(str(int(value)), UNARY if value < 0 else ATOM)
        return name(c_number(value), UNARY if value < 0 else ATOM)

    def size(self, size: Dim) -> Code:
        """A size; what is divided is not negative, so that C divides as Python does."""
        if isinstance(size, int) or not size.free_symbols:
            return name(str(size), UNARY if size < 0 else ATOM)
        return self._arithmetic(sympy.expand(size), {key: (own, ATOM) for key, own in self._sizes.items()})

    def ratio(self, size: Dim) -> Code:
        """Arithmetic of sizes as a number."""
        if isinstance(size, int) or not size.free_symbols:
            return self.number(size)
        return self._arithmetic(size, {key: (f"(double){own}", UNARY) for key, own in self._sizes.items()})

    def _arithmetic(self, size: sympy.Expr, names: Mapping[sympy.Expr, tuple[str, int]]) -> Code:
        if size.has(sympy.ceiling, sympy.Max, sympy.Min, sympy.Mod):
            raise Lacking(f"the size {size}")
        code = size_code(size)
        text = code.write(names.__getitem__).replace(" // ", " / ")
        text = re.sub(r"((?:\(double\))?\w+) \*\* (\d+)", lambda m: " * ".join([m[1]] * int(m[2])), text)
        if "**" in text or (size.has(sympy.floor) and "(double)" in text):
            raise Lacking(f"the size {size}")
        return name(text, code.level)

    def elementwise(self, line: Line, operands: Sequence[Code]) -> Code:
        """A function of elements; in one of floats whole numbers are floats."""
        if line.dtype.startswith("int"):
            return INTEGERS.write(line.params).filled(operands)
        converted = [
            prefix("(double)", code, UNARY) if line.dtype == "float64" and _is_whole(o) else code
            for o, code in zip(line.operands, operands)
        ]
        return TEMPLATES.write(line.params).filled(converted)

    def convert(self, code: Code, dtype: str, to: str) -> Code:
        """An element in another dtype."""
        if dtype == to:
            return code
        return infix(code, "!=", name("0"), COMPARE) if to == "bool" else prefix(f"({TYPES[to]})", code, UNARY)

    def element(self, array: str, shape: Shape, place: Place) -> Code:
        """An element of an array; of a result that is one number, what it points to."""
        if not shape:
            return name(f"*{array}", UNARY)
        return self.element_at(array, shape, flatten_place(place, shape))

    def element_at(self, array: str, shape: Shape, flat: Index) -> Code:
        """An element of an array by its place in the order of all."""
        return assemble(f"{array}[", (flat.code(self.size), ANY), "]")

    def absolute(self, x: Code) -> Code:
        """The size of a number."""
        return SCOPE.fabs(x)

    def root(self, x: Code) -> Code:
        """The square root."""
        return SCOPE.sqrt(x)

    def exponential(self, x: Code) -> Code:
        """The exponential."""
        return SCOPE.exp(x)

    def logarithm(self, x: Code) -> Code:
        """The logarithm."""
        return SCOPE.log(x)

    def loop_text(self, variable: str, size: Code) -> str:
        """The head of a loop from zero."""
        return f"for (int64_t {variable} = 0; {variable} < {size}; {variable}++) {{"

    def branch_text(self, test: Code) -> str:
        """The head of what is done under a condition."""
        return f"if ({test}) {{"

    def definition_text(self, variable: str, code: Code, dtype: str, fixed: bool) -> str:
        """The definition of a number."""
        return f"{'const ' * fixed}{TYPES[dtype]} {variable} = {code};"

    def assignment_text(self, target: Code, code: Code, sign: str = "") -> str:
        """An assignment."""
        return f"{target} {sign}= {code};"

    def call_text(self, code: Code) -> str:
        """A call as a statement."""
        return f"{code};"

    def declare(self, array: str, shape: Shape, dtype: str) -> None:
        """Make room for an array: a local one if it is small, else a part of what is given."""
        size, kind = flat_size(shape), TYPES[dtype]
        if isinstance(size, int) and self._local + size <= LOCAL:
            self._local += size
            self.say(f"{kind} {array}[{max(size, 1)}];")
            return
        cast = "" if kind == "double" else f"({kind} *)"
        start = (
            WORK
            if self._work == 0
            else f"({WORK} + {self.size(self._work)})"
            if cast
            else (f"{WORK} + {self.size(self._work)}")
        )
        self.say(f"{kind} *{array} = {cast}{start};")
        self._work = self._work + size

    def _value_name(self, line: Line, wanted: str) -> str:
        return f"{wanted}_value" if wanted in self._outputs else wanted

    def room(self, wanted: str, tensor: Tensor, given: bool) -> Room:
        """The argument for a tensor, which is given, or to be computed."""
        if tensor.dtype not in TYPES:
            raise Lacking(f"{tensor.name} is of dtype {tensor.dtype}")
        return Room(self.new_name(wanted), tensor.dtype, tensor.shape)

    def write(self, inputs: Sequence[Tensor], labels: Sequence[str]) -> CFunction:
        """The function, which writes each result where its own argument points."""
        program = self.program
        symbols = sorted({s for t in inputs for d in t.shape for s in getattr(d, "free_symbols", ())}, key=str)
        for line in (*program.arguments.values(), *program.lines):
            for s in {s for d in line.shape for s in getattr(d, "free_symbols", ())} - {*symbols}:
                raise Lacking(f"the dimension {s}, which is the size of no input")
        self._sizes |= {s: self.new_name(str(s)) for s in symbols}
        given = [self.room(spell(t.label or t.name), t, True) for t in inputs]
        for tensor, room in zip(inputs, given):
            line = program.arguments[tensor.node]
            if room.shape:
                self._names[line] = room.name
            else:
                self._values[line] = name(room.name)
        made = [self.room(label, t, False) for label, t in zip(labels, program.outputs)]
        self._outputs = {room.name for room in made}
        for result, room in zip(program.results, made):
            if type(result) is Line and room.shape and result.shape == room.shape and result in self._storage.kept:
                self._results_of.setdefault(result, room.name)
        constants = [self._constant(line) for line in program.constants]
        self.write_lines()
        for result, room in zip(program.results, made):
            if self._results_of.get(result) != room.name:
                self.copy_result(result, room.name, room.shape)
        return self._put_together([text for text in constants if text], given, made)

    def _constant(self, line: Line) -> str:
        """The definition of a constant array; a number has none."""
        assert isinstance(line.leaf, Tensor)
        if not line.shape:
            self._values[line] = self.number(line.leaf.value, line.dtype)
            return ""
        own = self._names[line] = self.new_name(spell(line.leaf.label or line.leaf.name))
        values = [str(self.number(v, line.dtype)) for v in line.leaf.value.ravel().tolist()]
        rows = _wrap(values)
        return f"static const {TYPES[line.dtype]} {own}[{max(len(values), 1)}] = {{\n{rows or '    0'}\n}};"

    def _put_together(self, constants: list[str], given: list[Room], made: list[Room]) -> CFunction:
        """The source: what is included, helpers, constants and the function."""
        parameters = [f"int64_t {own}" for own in self._sizes.values()]
        parameters += [_declare(room, "const ", "") for room in given]
        parameters += [_declare(room, "", "*") for room in made]
        if self._work != 0:
            parameters.append(f"double {WORK}[{self._work}]" if isinstance(self._work, int) else f"double *{WORK}")
        head = f"void {self._function}({', '.join(parameters) or 'void'})"
        text = "\n".join(self.body)
        names = [*self._sizes.values(), *(room.name for room in given)]
        unused = [f"    (void){n};" for n in names if not re.search(rf"\b{n}\b", text)]
        helpers = write_helpers(self.used)
        definition = "\n".join([f"{head} {{", *unused, *self.body, "}"]) + "\n"
        parts = ["\n".join(helpers), "\n".join(constants), definition]
        whole = "\n\n".join(p for p in parts if p)
        return CFunction(
            head, f"{write_includes(whole)}\n\n{whole}", tuple(self._sizes), tuple(given), tuple(made), self._work
        )


def write_includes(text: str) -> str:
    """What a source includes: the names of types that it uses, and the mathematical library."""
    found = ["#include <math.h>"]
    found += ["#include <stdbool.h>"] if re.search(r"\b(bool|true|false)\b", text) else []
    found += ["#include <stdint.h>"] if re.search(r"\bint\d+_t\b", text) else []
    return "\n".join(found)


def _is_whole(operand: Operand) -> bool:
    return type(operand) is Line and operand.dtype.startswith("int")


def _declare(room: Room, constant: str, pointer: str) -> str:
    """The declaration of an argument; how many elements an array has stands with it where it is known."""
    kind, size = TYPES[room.dtype], flat_size(room.shape)
    if not room.shape:
        return f"{kind} {pointer}{room.name}"
    return f"{constant}{kind} " + (f"{room.name}[{max(size, 1)}]" if isinstance(size, int) else f"*{room.name}")


def _wrap(values: list[str]) -> str:
    """Numbers in lines of at most about a hundred characters."""
    lines, own = [], "   "
    for value in values:
        if len(own) + len(value) > 96:
            lines.append(own)
            own = "   "
        own += f" {value},"
    return "\n".join([*lines, own]).rstrip(" ,") if values else ""


class CArrayModule(NamedTuple):
    """C source of a function over arrays.

    Attributes
    ----------
    written : CFunction
    name : str
        What the function is called.
    structure : nest
        The results are in the places of its leaves.
    """

    written: CFunction
    name: str
    structure: object

    @property
    def constants(self) -> dict[str, np.ndarray]:
        """The arrays that it refers to: they are part of the text."""
        return {}

    def text(self, heading: str) -> str:
        """The whole source; the heading is its first comment."""
        return write_comment(heading) + "\n" + self.written.source

    def function(self) -> Callable[..., object]:
        """The function that the source defines, compiled.

        Raises
        ------
        RuntimeError
            If there is no C compiler, or it refuses the source.
        """
        import numpy as np

        sizes, inputs, outputs, work = self.written[2:]
        compiled = getattr(build(self.written.source), self.name)
        compiled.restype = None
        compiled.argtypes = [
            *[ctypes.c_int64] * len(sizes),
            *(ctypes.c_void_p if room.shape else SCALARS[room.dtype] for room in inputs),
            *[ctypes.c_void_p] * (len(outputs) + (work != 0)),
        ]
        passed = [None if room.shape else KINDS.get(room.dtype, int) for room in inputs]
        read = [next((k, t.shape.index(s)) for k, t in enumerate(inputs) if s in t.shape) for s in sizes]
        shapes = [_shape_reader(room.shape, sizes) for room in outputs]
        measure_work = _shape_reader((work,), sizes)
        arrange = arrange_leaves(self.structure)

        def call(*values: np.ndarray) -> object:
            arrays = [np.ascontiguousarray(v) for v, kind in zip(values, passed) if kind is None]
            numbers = [kind(v) for v, kind in zip(values, passed) if kind]
            known = [np.shape(values[k])[axis] for k, axis in read]
            results = [np.empty(shape(known), room.dtype) for shape, room in zip(shapes, outputs)]
            room = [np.empty(measure_work(known))] if work != 0 else []
            places, rest = iter(arrays), iter(numbers)
            given = [next(rest) if kind else next(places).ctypes.data for kind in passed]
            compiled(*known, *given, *(a.ctypes.data for a in (*results, *room)))
            return arrange([a if a.ndim else a.item() for a in results])

        return call


def arrange_leaves(structure: object) -> Callable[[list[T]], object]:
    """What puts results in the places of the leaves of a structure; without one there is one result."""
    if not is_nest(structure):
        return lambda leaves: leaves[0]
    return tuple if is_flat(structure) else partial(pack, structure)


def _shape_reader(shape: Shape, sizes: Sequence[sympy.Symbol]) -> Callable[[Sequence[int]], tuple[int, ...]]:
    """A shape as a function of the dimensions in it."""
    if all(isinstance(d, int) for d in shape):
        known = tuple(int(d) for d in shape)
        return lambda values: known
    return lambda values: tuple(
        int(sympy.sympify(d).xreplace(dict(zip(sizes, map(sympy.Integer, values))))) for d in shape
    )
