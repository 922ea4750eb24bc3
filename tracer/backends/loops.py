"""Programs of arrays as loops over elements: what is kept in an array of its own, and what is written where it is used.

A rule of :mod:`element_rules` or :mod:`array_rules` says how the elements of an operation come about, in no language;
:class:`LoopWriter` puts the rules together, and a language says how a loop, a variable and an element are written.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum, auto
from typing import Any, NamedTuple

from tracer.backends.inlining import WIDTH
from tracer.backends.line_names import describe_value, name_lines
from tracer.backends.loop_indices import ZERO, Index, Place
from tracer.backends.templates import Lacking, TemplateWriter
from tracer.program.lines import LEAVES, Kind, Line, Operand
from tracer.program.program import Program
from tracer.python_code import Code, Number, infix, name
from tracer.shapes import Dim, Shape

LOOP_NAMES = ("i", "j", "k", "l", "p", "q", "r", "s", "t", "u", "v", "w")
DEEPEST = 24
"""So many values at the most are written within one another."""


class Read(Enum):
    """How often, and where, an operation reads the elements of an operand."""

    POINT = auto()
    """Each once, at the place of the element that is computed."""
    ONCE = auto()
    """Each once at the most."""
    MANY = auto()
    FLAT = auto()
    """By the place in the order of all elements."""


class Rule(NamedTuple):
    """How the elements of an operation come about.

    Attributes
    ----------
    write : callable
        ``write(w, line, place)`` answers the code of the element at a place; of a ``whole`` one
        ``write(w, line, target)`` writes the statements that fill an array.
    reads : callable
        ``reads(line, k)`` says how the operand k is read.
    whole : bool
        Whether all elements are computed at once.
    view : bool
        Whether an element costs nothing, so that none is kept.
    """

    write: Callable[..., Any]
    reads: Callable[[Line, int], Read]
    whole: bool = False
    view: bool = False


class Storage:
    """Which lines of a program are kept in arrays or variables; the others are written where they are used.

    Attributes
    ----------
    kept : set of Line
        Each is computed once, by loops of its own.
    shared : set of Line
        Each is computed once in each turn of one loop, which uses it several times.
    """

    def __init__(self, program: Program, rule_of: Callable[[Line], Rule]) -> None:
        self.kept: set[Line] = set()
        self.shared: set[Line] = set()
        self._homes: dict[Line, Line] = {}
        self._once: set[Line] = set()
        self._uses: dict[Line, list[tuple[Line, Read]]] = {}
        self._rule_of = rule_of
        results = {r for r in program.results if type(r) is Line}
        for line in reversed(program.lines):
            if line in results or line in self._uses:
                self._place(line, line in results)
        self._limit_depth(program)

    def _place(self, line: Line, is_result: bool) -> None:
        """Decide where a line is computed, and note how it reads its operands."""
        rule, uses = self._rule_of(line), self._uses.get(line, [])
        reads = {read for _, read in uses}
        homes = {self._homes.get(user) for user, _ in uses}
        alone = len(uses) == 1 and reads <= {Read.POINT, Read.ONCE}
        together = reads == {Read.POINT} and len(homes) == 1
        if is_result or rule.whole or Read.FLAT in reads or not (rule.view or alone or together):
            self.kept.add(line)
        elif together and not rule.view and len(uses) > 1:
            self.shared.add(line)
        if line in self.kept or alone or (together and not rule.view):
            self._once.add(line)
        self._homes[line] = line if line in self.kept or reads != {Read.POINT} else self._homes[uses[0][0]]
        for k, operand in enumerate(line.operands):
            if type(operand) is Line:
                read = rule.reads(line, k)
                if line not in self._once and read is not Read.FLAT:
                    read = Read.MANY
                self._uses.setdefault(operand, []).append((line, read))

    def _limit_depth(self, program: Program) -> None:
        """Keep a value where too many would be written within one another."""
        depth: dict[Line, int] = {}
        for line in program.lines:
            if line not in self._uses and line not in self.kept:
                continue
            own = 1 + max((depth.get(o, 0) for o in line.operands if type(o) is Line), default=0)
            if own > DEEPEST and not self._rule_of(line).view:
                self.kept.add(line)
                self.shared.discard(line)
            depth[line] = 0 if line in self.kept else own


class LoopWriter(ABC):
    """The statements of one program of arrays.

    Attributes
    ----------
    body : list of str
        The statements so far.
    used : set of str
        The helpers that they call.
    """

    templates: TemplateWriter

    def __init__(self, program: Program, rule_of: Callable[[Line], Rule]) -> None:
        self.program = program
        self.body: list[str] = []
        self.used: set[str] = set()
        self._rule_of = rule_of
        self._storage = Storage(program, rule_of)
        self._bound = name_lines(program)
        self._names: dict[Line, str] = {}
        self._values: dict[Line, Code] = {}
        self._scopes: list[dict[tuple[Line, object], Code]] = [{}]
        self._loops = 0
        self._depth = 1
        self._variables: list[str] = []
        self._results_of: dict[Line, str] = {}

    # What a language says.

    @abstractmethod
    def new_name(self, wanted: str) -> str:
        """A name like the wanted one that no other value has."""

    @abstractmethod
    def number(self, value: Number, dtype: str = "float64") -> Code:
        """A number of a dtype."""

    @abstractmethod
    def size(self, size: Dim) -> Code:
        """A size."""

    @abstractmethod
    def ratio(self, size: Dim) -> Code:
        """Arithmetic of sizes as a number, of which quotients are not rounded."""

    @abstractmethod
    def elementwise(self, line: Line, operands: Sequence[Code]) -> Code:
        """A function of elements."""

    @abstractmethod
    def convert(self, code: Code, dtype: str, to: str) -> Code:
        """An element in another dtype."""

    @abstractmethod
    def element(self, array: str, shape: Shape, place: Place) -> Code:
        """An element of an array."""

    @abstractmethod
    def element_at(self, array: str, shape: Shape, flat: Index) -> Code:
        """An element of an array by its place in the order of all."""

    @abstractmethod
    def loop_text(self, variable: str, size: Code) -> str:
        """The head of a loop from zero."""

    @abstractmethod
    def branch_text(self, test: Code) -> str:
        """The head of what is done under a condition."""

    @abstractmethod
    def definition_text(self, variable: str, code: Code, dtype: str, fixed: bool) -> str:
        """The definition of a number; of one that never changes if it is fixed."""

    @abstractmethod
    def assignment_text(self, target: Code, code: Code, sign: str = "") -> str:
        """An assignment, with a sign one that adds or multiplies."""

    @abstractmethod
    def declare(self, array: str, shape: Shape, dtype: str) -> None:
        """Make room for an array."""

    @abstractmethod
    def call_text(self, code: Code) -> str:
        """A call as a statement."""

    @abstractmethod
    def absolute(self, x: Code) -> Code:
        """The size of a number."""

    @abstractmethod
    def root(self, x: Code) -> Code:
        """The square root."""

    @abstractmethod
    def exponential(self, x: Code) -> Code:
        """The exponential."""

    @abstractmethod
    def logarithm(self, x: Code) -> Code:
        """The logarithm."""

    close_text = ""
    """The end of a loop or a branch."""
    both, either = "&&", "||"
    """The operators between two conditions of which both, or one, must hold."""

    # What rules call.

    def read(self, operand: Operand, place: Sequence[Index], dtype: str = "float64") -> Code:
        """The element of an operand at a place; of a number itself, which is of a dtype."""
        if type(operand) is not Line:
            return self.number(operand, "bool" if isinstance(operand, bool) else dtype)
        if operand in self._values:
            return self._values[operand]
        if operand in self._names:
            return self.element(self._names[operand], operand.shape, tuple(place))
        key = operand, tuple(index.key for index in place)
        if operand in self._storage.shared:
            for scope in reversed(self._scopes):
                if key in scope:
                    return scope[key]
        code = self._write(operand, tuple(place))
        if operand in self._storage.shared:
            code = self._scopes[-1][key] = self.let(code, operand.dtype, self._describe(operand))
        return code

    def read_at(self, operand: Line, flat: Index) -> Code:
        """The element of an operand that is kept, by its place in the order of all."""
        if operand in self._values:
            return self._values[operand]
        return self.element_at(self._names[operand], operand.shape, flat)

    def _write(self, line: Line, place: Place) -> Code:
        """The code of an element, not longer than a line of text."""
        code: Code = self._rule_of(line).write(self, line, place)
        self.used |= code.names
        return code

    def shorten(self, operands: Sequence[tuple[Code, str]], limit: int = WIDTH) -> list[Code]:
        """Operands with their dtypes, the longest of them in variables where their text would be too long."""
        codes = [code for code, _ in operands]
        lengths = [len(str(code)) for code in codes]
        while sum(lengths) > limit and max(lengths) > 30:
            k = lengths.index(max(lengths))
            codes[k] = self.let(codes[k], operands[k][1], "part")
            lengths[k] = len(str(codes[k]))
        return codes

    def say(self, text: str) -> None:
        """Write a statement."""
        self.body.append("    " * self._depth + text)

    def let(self, code: Code, dtype: str, wanted: str) -> Code:
        """A number that has a name from here on."""
        return self._define(code, dtype, wanted, fixed=True)

    def variable(self, code: Code, dtype: str, wanted: str) -> Code:
        """A number that will change."""
        return self._define(code, dtype, wanted, fixed=False)

    def _define(self, code: Code, dtype: str, wanted: str, fixed: bool) -> Code:
        self.used |= code.names
        own = self.new_name(wanted)
        self.say(self.definition_text(own, code, dtype, fixed))
        return name(own)

    def set(self, target: Code, code: Code, sign: str = "") -> None:
        """Assign to a variable or an element; with a sign, add to it or multiply it."""
        self.used |= code.names
        self.say(self.assignment_text(target, code, sign))

    def call(self, helper: Code) -> None:
        """Call a helper for what it does."""
        self.used |= helper.names
        self.say(self.call_text(helper))

    def at(self, array: str, shape: Shape, place: Sequence[Index]) -> Code:
        """An element of an array that a rule fills."""
        return self.element(array, shape, tuple(place))

    def index(self, index: Index) -> Code:
        """A place as a number."""
        return index.code(self.size)

    def array(self, shape: Shape, dtype: str, wanted: str) -> str:
        """An array for a rule's own use."""
        own = self.new_name(wanted)
        self.declare(own, shape, dtype)
        return own

    @contextmanager
    def loop(self, size: Dim) -> Iterator[Index]:
        """A loop over places from zero; where there is one alone there is none."""
        if size == 1:
            yield ZERO
            return
        variable = self._loop_name(self._loops)
        self._loops += 1
        with self._block(self.loop_text(variable, self.size(size))):
            yield Index({variable: 1})
        self._loops -= 1

    @contextmanager
    def loops(self, shape: Sequence[Dim]) -> Iterator[Place]:
        """Loops over all places of a shape."""
        if not shape:
            yield ()
            return
        with self.loop(shape[0]) as first, self.loops(shape[1:]) as rest:
            yield (first, *rest)

    @contextmanager
    def when(self, test: Code) -> Iterator[None]:
        """What is done under a condition."""
        self.used |= test.names
        with self._block(self.branch_text(test)):
            yield

    @contextmanager
    def _block(self, head: str) -> Iterator[None]:
        self.say(head)
        self._depth += 1
        self._scopes.append({})
        yield
        self._scopes.pop()
        self._depth -= 1
        if self.close_text:
            self.say(self.close_text)

    def _loop_name(self, depth: int) -> str:
        """The variable of a loop within so many others."""
        while len(self._variables) <= depth:
            k = len(self._variables)
            self._variables.append(self.new_name(LOOP_NAMES[k] if k < len(LOOP_NAMES) else f"i{k}"))
        return self._variables[depth]

    def join(self, tests: Sequence[Code], level: int) -> Code:
        """Conditions that must all hold."""
        total = tests[0]
        for test in tests[1:]:
            total = infix(total, self.both, test, level)
        return total

    # The program.

    def write_lines(self) -> None:
        """Write all lines that are kept, in order."""
        for line in self.program.lines:
            if line in self._storage.kept and line.op not in LEAVES:
                self._keep(line)

    def _keep(self, line: Line) -> None:
        """Compute a line into a variable, or an array of its own."""
        rule, wanted = self._rule_of(line), self._bound.get(line) or self._describe(line)
        if not line.shape and not rule.whole:
            code = self._write(line, ())
            named = str(code).isidentifier()
            self._values[line] = code if named else self.let(code, line.dtype, self._value_name(line, wanted))
            return
        target = self._results_of.get(line)
        if target is None:
            target = self.new_name(wanted)
            self.declare(target, line.shape, line.dtype)
        if rule.whole:
            rule.write(self, line, target)
        else:
            with self.loops(line.shape) as place:
                code = self._write(line, place)
                self.set(self.element(target, line.shape, place), code)
        self._names[line] = target

    def _value_name(self, line: Line, wanted: str) -> str:
        return wanted

    def _describe(self, line: Line) -> str:
        """A noun for a value."""
        return describe_value(line, "", "")

    def copy_result(self, operand: Operand, target: str, shape: Shape) -> None:
        """Fill a result with what is kept elsewhere."""
        with self.loops(shape) as place:
            self.set(self.element(target, shape, place), self.read(operand, place))


def refuse_unknown(line: Line) -> Rule:
    """No rule: the operation by its name."""
    known = line.op.name if not isinstance(line.op, Kind) else line.name or line.op.name.lower()
    raise Lacking(f"the operation {known!r}")


def flat_size(shape: Shape) -> Dim:
    """The number of elements."""
    total: Dim = 1
    for size in shape:
        total = total * size
    return total
