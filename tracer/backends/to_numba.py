"""The Numba backend: loops over elements in Python, which Numba compiles without Python's objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

import sympy

from tracer import scalar
from tracer.backends.array_rules import rule_of
from tracer.backends.array_stores import NPZ
from tracer.backends.backend import Arrays
from tracer.backends.helper_sources import list_definitions, write_helpers
from tracer.backends.loop_indices import Index, Place
from tracer.backends.loops import LoopWriter
from tracer.backends.python_source import FUNCTION, Names, name_constant
from tracer.backends.python_templates import NumberTemplates, spell_operators
from tracer.backends.source_texts import INDENT, write_docstring, write_imports
from tracer.backends.templates import LIBRARY, Lacking, Spelling, spell_accurate
from tracer.names import spell
from tracer.nest import is_flat, is_nest, pack, write_nest
from tracer.program.carried import LOGADDEXP
from tracer.program.lines import Line, Operand
from tracer.program.program import Program
from tracer.python_code import ANY, ATOM, COMPARE, UNARY, Code, Number, assemble, choose, infix, name, negate
from tracer.python_scope import SCOPE
from tracer.python_sizes import size_code
from tracer.rules import argument
from tracer.shapes import Dim, Shape
from tracer.tensor import Tensor

if TYPE_CHECKING:
    import numpy as np

DECORATOR = '@numba.njit(error_model="numpy")'
INNER = "compute"
"""What the compiled function is called where another one puts its results into a nest."""
MODULES = {"np": "import numpy as np", "math": "import math", "numba": "import numba"}
DTYPES = {"float64": "float", "int64": "int", "int32": "np.int32", "bool": "bool"}


def _function(own: str) -> Spelling:
    return lambda e, *args: e.math.named(own)(*args)


def _helper(own: str) -> Spelling:
    return lambda e, *args: e.named(own)(*args)


FUNCTIONS: dict[type[sympy.Basic], Spelling] = {
    **{head: _function(own) for head, own in LIBRARY.items()},
    sympy.floor: lambda e, x: e.np.floor(x), sympy.ceiling: lambda e, x: e.np.ceil(x),
    scalar.rint: lambda e, x: e.np.rint(x),
    sympy.Abs: lambda e, x: e.abs(x), sympy.sign: _helper("sign"), sympy.Heaviside: _helper("heaviside"),
    sympy.Max: _helper("maximum"), sympy.Min: _helper("minimum"), sympy.gamma: _helper("gamma_of"),
    sympy.loggamma: _helper("logarithm_of_gamma"), scalar.erfcx: _helper("scaled_erfc"),
    scalar.softplus: lambda e, x: e.logaddexp(0.0, x), scalar.relu: lambda e, x: e.maximum(x, 0.0),
    scalar.erf_above: lambda e, x: e.math.erfc(negate(x)),
}  # fmt: skip


def _list_whole() -> Mapping[sympy.Basic, Spelling]:
    a, b = argument(0), argument(1)
    return spell_accurate(lambda e: e.np) | {
        sympy.floor(a / b): lambda e, x, y: e.floor_divide(x, y),
        a - b * sympy.floor(a / b): lambda e, x, y: e.remainder_of(x, y),
        sympy.Ne(a, a, evaluate=False): lambda e, x: x.differs(x),
        LOGADDEXP: lambda e, x, y: e.logaddexp(x, y),
        sympy.Xor(a, b): lambda e, x, y: x.differs(y),
    }


class NumbaTemplates(NumberTemplates):
    """Templates over numbers, of which no step raises."""

    name = "numba"

    def write(self, template: sympy.Basic) -> Code:
        """The code of a template."""
        code = super().write(template)
        for own in sorted(code.names - MODULES.keys() - _list_helpers()):
            raise Lacking(f"Numba has no function of {own}, for {template}")
        return code

    def function(self, expr: sympy.Basic) -> Code:
        """The call of a function."""
        if isinstance(expr, scalar.sigmoid):
            return self.part(1 / (1 + sympy.exp(-expr.args[0])))
        return super().function(expr)

    def other(self, expr: sympy.Basic) -> Code:
        """What Numba lacks."""
        raise Lacking(f"Numba has no function {type(expr).__name__}")

    def choice(self, expr: sympy.Basic) -> Code:
        """A choice between values; NaN where no condition holds."""
        code = SCOPE.math.nan
        for value, condition in reversed(expr.args):
            chosen = self.part(value)
            code = chosen if condition is sympy.true else self.choose(self.part(condition), chosen, code)
        return code


TEMPLATES = NumbaTemplates(FUNCTIONS, _list_whole)
INTEGERS = NumbaTemplates(FUNCTIONS, spell_operators)


class NumbaModule(NamedTuple):
    """Source for Numba.

    Attributes
    ----------
    imports, helpers : tuple of str
    constants : dict
        Arrays by name.
    head, body, after : str
        The function's definition, to the colon and from there on, and what follows it.
    outer : str
        The head of the function that puts results into a nest; nothing if there is none.
    """

    imports: tuple[str, ...]
    helpers: tuple[str, ...]
    constants: dict[str, np.ndarray]
    head: str
    body: str
    outer: str
    after: str

    def text(self, heading: str) -> str:
        """The whole source; the heading is the docstring of the function that is called."""
        more, definitions = NPZ.write(self.constants)
        imports = write_imports({*self.imports, *more})
        said = write_docstring(heading)
        functions = [self.head + ("" if self.outer else said) + self.body]
        functions += [self.outer + said + self.after] if self.outer else []
        parts = imports, *self.helpers, "\n".join(definitions), *functions
        return "\n\n\n".join(p for p in parts if p)

    def function(self) -> Callable[..., object]:
        """The function that the source defines."""
        scope: dict[str, object] = dict(self.constants)
        text = (*self.imports, *self.helpers, self.head + self.body, self.outer + self.after)
        exec(compile("\n".join(text), "<tracer>", "exec"), scope)
        defined = scope[FUNCTION]
        assert callable(defined)
        return defined


class NumbaBackend:
    """Loops that Numba compiles."""

    name = "numba"
    arrays = True
    fallback = fast = "numba"
    foreign = False
    needs = "numba"
    store = NPZ

    def adopt(self, values: Arrays, dtypes: Sequence[str]) -> Arrays:
        """NumPy's arrays as they are."""
        return values

    def lacks(self, program: Program) -> str:
        """What it has no code for, in words; nothing if it can write the program.

        Raises
        ------
        ImportError
            If Numba is not installed.
        """
        if find_spec("numba") is None:
            raise ImportError("the backend 'numba' needs Numba: pip install 'symbolic-tracer[numba]'")
        try:
            inputs = [line.leaf for line in program.arguments.values() if isinstance(line.leaf, Tensor)]
            NumbaLoops(program).write(inputs, [None] * len(program.results))
        except Lacking as error:
            return str(error)
        return ""

    def module(self, program: Program, inputs: Sequence[Tensor], structure: object) -> NumbaModule:
        """The source of a program."""
        return NumbaLoops(program).write(inputs, structure)


class NumbaLoops(LoopWriter):
    """The source of one program in Python for Numba."""

    templates = TEMPLATES
    both, either = "and", "or"

    def __init__(self, program: Program) -> None:
        for leaf in (*program.arguments.values(), *program.constants, *program.lines):
            if leaf.dtype not in DTYPES:
                raise Lacking(f"{leaf.name or getattr(leaf.leaf, 'name', 'a value')} is of dtype {leaf.dtype}")
        super().__init__(program, rule_of)
        self._unique = Names(("math", "numba", INNER, *_list_helpers()))
        self._sizes: dict[sympy.Symbol, str] = {}
        self.constants: dict[str, np.ndarray] = {}

    def new_name(self, wanted: str) -> str:
        """An identifier."""
        return self._unique.new("_".join(wanted.split()))

    def number(self, value: Number, dtype: str = "float64") -> Code:
        """A number."""
        if dtype == "bool":
            return name(str(bool(value)))
        if dtype.startswith("int"):
            return name(str(int(value)), UNARY if value < 0 else ATOM)
        own = float(value)
        if own - own != 0:
            special = SCOPE.math.nan if own != own else SCOPE.math.inf
            return -special if own < 0 else special
        return name(repr(own), UNARY if own < 0 else ATOM)

    def size(self, size: Dim) -> Code:
        """A size."""
        code = size_code(size if isinstance(size, int) or size.free_symbols else int(size))
        return name(code.write(lambda key: (self._sizes[key], ATOM)), code.level)

    def ratio(self, size: Dim) -> Code:
        """Arithmetic of sizes as a number."""
        return SCOPE.float(self.size(size))

    def elementwise(self, line: Line, operands: Sequence[Code]) -> Code:
        """A function of elements; in one of floats whole numbers are floats."""
        if line.dtype.startswith("int"):
            return INTEGERS.write(line.params).filled(operands)
        converted = [
            SCOPE.float(code) if line.dtype == "float64" and type(o) is Line and o.dtype.startswith("int") else code
            for o, code in zip(line.operands, operands)
        ]
        return TEMPLATES.write(line.params).filled(converted)

    def convert(self, code: Code, dtype: str, to: str) -> Code:
        """An element in another dtype."""
        if dtype == to:
            return code
        if to == "bool":
            return infix(code, "!=", name("0"), COMPARE)
        if dtype == "bool":
            return choose(code, self.number(1, to), self.number(0, to))
        return SCOPE.np.int32(code) if to == "int32" else SCOPE.named(DTYPES[to])(code)

    def element(self, array: str, shape: Shape, place: Place) -> Code:
        """An element of an array."""
        pieces: list[str | tuple[Code, int]] = []
        for k, index in enumerate(place):
            pieces += [", "] * bool(k) + [(index.code(self.size), ANY)]
        return assemble(f"{array}[", *pieces, "]")

    def element_at(self, array: str, shape: Shape, flat: Index) -> Code:
        """An element of an array by its place in the order of all."""
        own = array if len(shape) == 1 else f"{array}.flat"
        return assemble(f"{own}[", (flat.code(self.size), ANY), "]")

    def absolute(self, x: Code) -> Code:
        """The size of a number."""
        return SCOPE.abs(x)

    def root(self, x: Code) -> Code:
        """The square root."""
        return SCOPE.math.sqrt(x)

    def exponential(self, x: Code) -> Code:
        """The exponential."""
        return SCOPE.math.exp(x)

    def logarithm(self, x: Code) -> Code:
        """The logarithm."""
        return SCOPE.math.log(x)

    def loop_text(self, variable: str, size: Code) -> str:
        """The head of a loop from zero."""
        return f"for {variable} in range({size}):"

    def branch_text(self, test: Code) -> str:
        """The head of what is done under a condition."""
        return f"if {test}:"

    def definition_text(self, variable: str, code: Code, dtype: str, fixed: bool) -> str:
        """The definition of a number."""
        return f"{variable} = {code}"

    def assignment_text(self, target: Code, code: Code, sign: str = "") -> str:
        """An assignment."""
        return f"{target} {sign}= {code}"

    def call_text(self, code: Code) -> str:
        """A call as a statement."""
        return str(code)

    def declare(self, array: str, shape: Shape, dtype: str) -> None:
        """Make room for an array."""
        self.used.add("np")
        sizes = [str(self.size(size)) for size in shape]
        own = sizes[0] if len(sizes) == 1 else f"({', '.join(sizes)})"
        kind = {"float64": "", "bool": ", np.bool_"}.get(dtype, f", np.{dtype}")
        self.say(f"{array} = np.empty({own}{kind})")

    def write(self, inputs: Sequence[Tensor], structure: object) -> NumbaModule:
        """The source, with the results in the places of the leaves of a structure."""
        program = self.program
        parameters = [self.new_name(spell(t.label or t.name)) for t in inputs]
        for tensor, own in zip(inputs, parameters):
            line = program.arguments[tensor.node]
            if tensor.shape:
                self._names[line] = own
            else:
                self._values[line] = name(own)
        for line in program.constants:
            self._take_constant(line)
        self._name_sizes(inputs, parameters)
        self.write_lines()
        pairs = enumerate(zip(program.results, program.outputs))
        results = [self._own_result(k, result, output) for k, (result, output) in pairs]
        nested = is_nest(structure) and not is_flat(structure)
        found = ", ".join(results) + "," * (len(results) == 1)
        self.say(f"return {found if is_nest(structure) else results[0]}")
        imports, helpers = write_helpers(sorted(self.used & _list_helpers()), "numba_runtime")
        modules = {MODULES[n] for n in self.used if n in MODULES} | {MODULES["numba"], *imports}
        modules |= {MODULES["np"]} if self.constants else set()
        head = f"{DECORATOR}\ndef {INNER if nested else FUNCTION}({', '.join(parameters)}):\n"
        after = outer = ""
        if nested:
            outer = f"def {FUNCTION}({', '.join(parameters)}):\n"
            names = [f"part_{k}" for k, _ in enumerate(results)]
            after = f"{INDENT}{', '.join(names)}{',' * (len(names) == 1)} = {INNER}({', '.join(parameters)})\n"
            after += f"{INDENT}return {write_nest(pack(structure, names))}\n"
        body = "".join(f"{text}\n" for text in self.body)
        return NumbaModule(tuple(sorted(modules)), tuple(helpers), self.constants, head, body, outer, after)

    def _take_constant(self, line: Line) -> None:
        """Name a constant array; a number is written."""
        import numpy as np

        assert isinstance(line.leaf, Tensor)
        if not line.shape:
            self._values[line] = self.number(line.leaf.value, line.dtype)
            return
        own = self._names[line] = self.new_name(name_constant(spell(line.leaf.label or line.leaf.name)))
        self.constants[own] = np.asarray(line.leaf.value, line.dtype)

    def _name_sizes(self, inputs: Sequence[Tensor], parameters: Sequence[str]) -> None:
        """Read the sizes that are not known off the arguments."""
        for tensor, own in zip(inputs, parameters):
            for axis, size in enumerate(tensor.shape):
                if isinstance(size, sympy.Symbol) and size not in self._sizes:
                    self._sizes[size] = self.new_name(str(size))
                    self.say(f"{self._sizes[size]} = {own}.shape[{axis}]")

    def _own_result(self, position: int, result: Operand, output: Tensor) -> str:
        """The name of a result, which is no argument and no other result."""
        first = self.program.results.index(result) == position if type(result) is Line else False
        if not output.shape:
            return str(self.convert(self.read(result, ()), getattr(result, "dtype", output.dtype), output.dtype))
        if first and result in self._storage.kept and result in self._names and result.shape == output.shape:
            return self._names[result]
        own = self.new_name("result")
        self.declare(own, output.shape, output.dtype)
        self.copy_result(result, own, output.shape)
        return own


def _list_helpers() -> frozenset[str]:
    """The names of the functions of :mod:`tracer.numba_runtime`."""
    return list_definitions("numba_runtime")


NUMBA = NumbaBackend()
