"""The C backend: programs of scalars as one C99 function of doubles, compiled by the system's compiler."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy

from tracer import scalar
from tracer.backends.array_stores import NPZ
from tracer.backends.backend import Arrays, name_array
from tracer.backends.inlining import Inliner, Text
from tracer.backends.templates import LIBRARY, Lacking, Spelling, TemplateWriter, multiply, spell_accurate
from tracer.names import spell
from tracer.nest import is_flat, is_nest, pack
from tracer.program.carried import LOGADDEXP
from tracer.program.lines import Kind, Line, Operand
from tracer.program.program import Program
from tracer.python_code import (
    AND,
    ATOM,
    CHOICE,
    COMPARE,
    NUMBER,
    OR,
    UNARY,
    Code,
    Number,
    assemble,
    infix,
    name,
    negate,
    prefix,
    slot,
)
from tracer.python_scope import SCOPE
from tracer.rules import argument
from tracer.tensor import Tensor

if TYPE_CHECKING:
    import numpy as np

COMPILERS = ("cc", "gcc", "clang")
FLAGS = ("-std=c99", "-ffp-contract=off", "-fPIC", "-shared")
"""No multiplication is fused with an addition: it would round otherwise than NumPy does."""
LONG = 8000
"""A source of more lines is not optimised: that takes compilers time that grows with the square of the lines."""
FUNCTION = "compiled"

HELPERS = {
    "maximum": "static double maximum(double x, double y) { return x != x || x > y ? x : y; }",
    "minimum": "static double minimum(double x, double y) { return x != x || x < y ? x : y; }",
    "sign": "static double sign(double x) { return x != x ? x : (x > 0) - (x < 0); }",
    "heaviside": (
        "static double heaviside(double x, double at_zero) { return x != x ? x : x == 0 ? at_zero : x > 0; }"
    ),
    "remainder_of": (
        "static double remainder_of(double x, double y) {\n"
        "    double r = fmod(x, y);\n"
        "    return r == 0 ? copysign(0, y) : (r < 0) != (y < 0) ? r + y : r;\n"
        "}"
    ),
    "floor_divide": (
        "static double floor_divide(double x, double y) {\n"
        "    double r = fmod(x, y), q = (x - r) / y - (r != 0 && (r < 0) != (y < 0));\n"
        "    return y == 0 ? x / y : q == 0 ? copysign(0, x / y) : floor(q) + (q - floor(q) > 0.5);\n"
        "}"
    ),
    "logaddexp": (
        "static double logaddexp(double x, double y) {\n"
        "    return x == y ? x + log(2) : x > y ? x + log1p(exp(y - x)) : y > x ? y + log1p(exp(x - y)) : x - y;\n"
        "}"
    ),
    "logarithm_of_gamma": (
        "static double logarithm_of_gamma(double x) { return x == -INFINITY ? INFINITY : lgamma(x); }"
    ),
    "scaled_erfc": (
        "static double scaled_erfc(double x) {\n"
        "    double square = x * x;\n"
        "    return x > 25 ? 0.5641895835477563 / (x + 0.5 / (x + 1 / (x + 1.5 / (x + 2 / (x + 2.5 / x)))))\n"
        "        : x < -27 ? INFINITY : exp(square) * (1 + fma(x, x, -square)) * erfc(x);\n"
        "}"
    ),
    "gamma_of": "static double gamma_of(double x) { return x == -INFINITY ? NAN : tgamma(x); }",
}
"""What C's library lacks, or has with other answers for NaN and infinities."""


def _function(own: str) -> Spelling:
    return lambda e, *args: e.named(own)(*args)


FUNCTIONS: dict[type[sympy.Basic], Spelling] = {
    **{head: _function(own) for head, own in LIBRARY.items()},
    sympy.Abs: _function("fabs"), sympy.sign: _function("sign"), sympy.Heaviside: _function("heaviside"),
    sympy.Max: _function("maximum"), sympy.Min: _function("minimum"), sympy.gamma: _function("gamma_of"),
    sympy.loggamma: _function("logarithm_of_gamma"),
    scalar.softplus: lambda e, x: e.logaddexp(name("0.0"), x),
    scalar.relu: lambda e, x: e.maximum(x, name("0.0")),
    scalar.rint: _function("rint"), scalar.erfcx: _function("scaled_erfc"),
    scalar.erf_above: lambda e, x: e.erfc(negate(x)),
}  # fmt: skip


def _whole() -> Mapping[sympy.Basic, Spelling]:
    a, b = argument(0), argument(1)
    return spell_accurate(lambda e: e) | {
        sympy.floor(a / b): lambda e, x, y: e.floor_divide(x, y),
        a - b * sympy.floor(a / b): lambda e, x, y: e.remainder_of(x, y),
        sympy.Ne(a, a, evaluate=False): lambda e, x: x.differs(x),
        LOGADDEXP: lambda e, x, y: e.logaddexp(x, y),
        sympy.Xor(a, b): lambda e, x, y: x.differs(y),
    }


def c_number(value: Number) -> str:
    """The text of a number as a double.

    Examples
    --------
    >>> c_number(2), c_number(0.1), c_number(float("-inf")), c_number(sympy.Rational(1, 3))
    ('2.0', '0.1', '-INFINITY', '(1.0 / 3.0)')
    """
    if isinstance(value, sympy.Rational) and not value.is_Integer and len(repr(float(value))) >= 8:
        return f"({c_number(int(value.p))} / {c_number(int(value.q))})"
    number = float(value)
    if number != number:
        return "NAN"
    return {float("inf"): "INFINITY", float("-inf"): "-INFINITY"}.get(number, repr(number))


class CTemplates(TemplateWriter):
    """Templates over doubles; a condition is an int, 0 or 1."""

    name = "c"

    shortest_product = 2

    def number(self, expr: sympy.Basic) -> Code:
        """A number."""
        return name(c_number(expr), UNARY if expr < 0 else NUMBER)

    def constant(self, expr: sympy.Basic) -> Code:
        """A constant of mathematics."""
        return name(c_number(float(expr)), UNARY if expr.is_negative else NUMBER)

    def root(self, base: Code) -> Code:
        """A square root."""
        return SCOPE.sqrt(base)

    def whole_power(self, base: Code, power: int) -> Code:
        """A power by a positive whole number."""
        return SCOPE.pow(base, name(c_number(power)))

    def any_power(self, base: Code, power: Code) -> Code:
        """Any power."""
        return SCOPE.pow(base, power)

    def long_product(self, factors: list[Code]) -> Code:
        """A product of many factors."""
        return multiply(factors)

    def choose(self, test: Code, value: Code, otherwise: Code) -> Code:
        """A choice between two values."""
        return assemble((test, OR), " ? ", (value, OR), " : ", (otherwise, CHOICE), level=CHOICE)

    def choice(self, expr: sympy.Basic) -> Code:
        """A choice between values; NaN where no condition holds."""
        code = name("NAN")
        for value, condition in reversed(expr.args):
            chosen = self.part(value)
            code = chosen if condition is sympy.true else self.choose(self.part(condition), chosen, code)
        return code

    def join(self, codes: list[Code], sign: str, level: int) -> Code:
        """Conditions with an operator of logic between them."""
        own, level = ("&&", AND) if sign == "&" else ("||", OR)
        return super().join(codes, own, level)

    def negation(self, expr: sympy.Basic) -> Code:
        """The contrary of a condition."""
        return prefix("!", self.part(expr.args[0]), UNARY)

    def truth(self, expr: sympy.Basic) -> Code:
        """True or False."""
        return name("1" if expr else "0")

    def other(self, expr: sympy.Basic) -> Code:
        """What C's library lacks."""
        raise Lacking(f"C has no function {type(expr).__name__}")

    def function(self, expr: sympy.Basic) -> Code:
        """The call of a function."""
        if isinstance(expr, scalar.sigmoid):
            return self.part(1 / (1 + sympy.exp(-expr.args[0])))
        return super().function(expr)


TEMPLATES = CTemplates(FUNCTIONS, _whole)


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
    structure: Any
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
        compiled = getattr(build(self.source), FUNCTION)
        compiled.argtypes = [ctypes.c_double] * self.arity
        kinds = [bool if b else float for b in self.booleans]
        if not is_nest(self.structure):
            (kind,) = kinds
            compiled.restype = ctypes.c_double
            return lambda *values: kind(compiled(*map(float, values)))
        arrange = tuple if is_flat(self.structure) else partial(pack, self.structure)
        results = ctypes.c_double * len(kinds)
        compiled.argtypes = [*compiled.argtypes, ctypes.POINTER(ctypes.c_double)]
        compiled.restype = None

        def call(*values: float) -> object:
            out = results()
            compiled(*map(float, values), out)
            return arrange([kind(value) for kind, value in zip(kinds, out)])

        return call


def write_comment(text: str) -> str:
    """Text as a comment."""
    lines = text.replace("*/", "* /").splitlines()
    return "\n".join(["/* " + lines[0], *(f"   {line}".rstrip() for line in lines[1:])]) + " */"


def find_compiler() -> str:
    """The command of a C compiler: the environment's ``CC``, or the first that is installed.

    Raises
    ------
    RuntimeError
        If there is none.
    """
    wanted = os.environ.get("CC")
    for command in (wanted,) if wanted else COMPILERS:
        if found := shutil.which(command):
            return found
    looked = f"CC is {wanted!r}, which is no command" if wanted else f"none of {', '.join(COMPILERS)} is installed"
    raise RuntimeError(
        f"the backend 'c' needs a C compiler, and {looked}; install one, set CC to its path, or write backend='math'"
    )


def choose_level(source: str) -> str:
    """How much the compiler is to optimise a source."""
    return "-O2" if source.count("\n") <= LONG else "-O0"


def build(source: str) -> ctypes.CDLL:
    """The shared library of a C source."""
    command = find_compiler()
    with tempfile.TemporaryDirectory(prefix="tracer-") as folder:
        path = Path(folder)
        (path / "compiled.c").write_text(source, encoding="utf-8")
        library = path / "compiled.so"
        done = subprocess.run(
            [command, *FLAGS, choose_level(source), "-o", str(library), str(path / "compiled.c"), "-lm"],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{command} refuses the source: {done.stderr.strip()[:500]}")
        return ctypes.CDLL(str(library))


class CBackend:
    """C99 for programs of doubles and conditions."""

    name = "c"
    arrays = False
    fallback = fast = "c"
    foreign = False
    needs = ""
    store = NPZ

    def adopt(self, values: Arrays, dtypes: Sequence[str]) -> Arrays:
        """Numbers as they are."""
        return values

    def lacks(self, program: Program) -> str:
        """What it has no code for, in words; nothing if it can write the program."""
        if found := name_array(program):
            return found
        for leaf in (*program.arguments.values(), *program.constants, *program.lines):
            if leaf.dtype not in ("float64", "bool"):
                return f"{leaf.name or getattr(leaf.leaf, 'name', 'a value')} is of dtype {leaf.dtype}"
        for line in program.lines:
            try:
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

    def module(self, program: Program, inputs: Sequence[Tensor], structure: object) -> CModule:
        """The source of a program: a function of doubles that returns one, or writes several into an array."""
        return CWriter(self, program).module(inputs, structure)


class CWriter(Inliner):
    """The source of one program in C."""

    def __init__(self, backend: CBackend, program: Program) -> None:
        super().__init__(program, backend.code)
        self._taken = {FUNCTION, "out", *HELPERS, *RESERVED}

    def number_text(self, value: Number) -> Text:
        """A number, as a double."""
        return Text(c_number(value), UNARY if value < 0 else ATOM)

    def new_name(self, wanted: str) -> str:
        """An identifier of C."""
        plain = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in wanted)
        plain = plain if plain[:1].isalpha() else f"v{plain}"
        found, k = plain, 1
        while found in self._taken:
            k += 1
            found = f"{plain}_{k}"
        self._taken.add(found)
        return found

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
        self._taken.add(function)
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
        helpers = [text for name, text in HELPERS.items() if name in used]
        definition = "\n    ".join([f"{head} {{", *self.body, *last]) + "\n}\n"
        return "\n".join(["#include <math.h>\n", *([("\n".join(helpers) + "\n")] if helpers else []), definition])


def _is_boolean(value: Operand) -> bool:
    return value.dtype == "bool" if isinstance(value, Line) else isinstance(value, bool)


RESERVED = frozenset((
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern",
    "float", "for", "goto", "if", "inline", "int", "long", "register", "restrict", "return", "short",
    "signed", "sizeof", "static", "struct", "switch", "typedef", "union", "unsigned", "void", "volatile",
    "while", "_Bool", "_Complex", "_Imaginary", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh",
    "cbrt", "ceil", "copysign", "cos", "cosh", "erf", "erfc", "exp", "exp2", "expm1", "fabs", "fdim", "floor",
    "fma", "fmax", "fmin", "fmod", "frexp", "gamma", "hypot", "ilogb", "isfinite", "isinf", "isnan", "j0",
    "j1", "jn", "ldexp", "lgamma", "log", "log10", "log1p", "log2", "logb", "main", "modf", "nan",
    "nearbyint", "nextafter", "pow", "remainder", "rint", "round", "scalbn", "signbit", "signgam", "sin",
    "sinh", "sqrt", "tan", "tanh", "tgamma", "trunc", "y0", "y1", "yn", "INFINITY", "NAN",
))  # fmt: skip
"""Words of C99 and of its library, which name no value."""


C = CBackend()
