"""What every writer of source does: a value that is used once is written where it is used, others are given names."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import sympy

from tracer.backends.line_names import describe_value, name_lines
from tracer.program.lines import Kind, Line, Operand
from tracer.program.program import Program
from tracer.progress import tick
from tracer.python_code import ATOM, Code, Held, Number, Slot

WIDTH = 88
"""How long an expression may grow by writing what is used once where it is used."""


Filler: TypeAlias = "Operand | sympy.Expr | Held"
"""What fills a slot of a code: a line or a number, a size, or a held value."""


class Text(NamedTuple):
    """The text of a value, how tightly it binds, and whether it is a name."""

    text: str
    level: int
    is_name: bool = False


class Inliner(ABC):
    """The statements of one program; a language says how a number, a name and a statement are written.

    Attributes
    ----------
    codes : dict
        Those of the lines that are needed, in order.
    mentions : Counter
        How often each value is mentioned in the codes, and as a result.
    texts : dict
        The text of each value that was written so far.
    body : list of str
        The statements so far.
    """

    def __init__(self, program: Program, code_of: Callable[[Line], Code]) -> None:
        self.program = program
        self.results = [r for r in program.results if type(r) is Line]
        self.mentions: Counter[Filler] = Counter(self.results)
        self.codes = self._collect(code_of)
        self._bound = name_lines(program)
        self.texts: dict[Filler, Text] = {}
        self.body: list[str] = []

    @abstractmethod
    def number_text(self, value: Number) -> Text:
        """A number."""

    def held_text(self, value: object) -> Text:
        """A value that fills a slot by itself."""
        return self.number_text(value)

    @abstractmethod
    def new_name(self, wanted: str) -> str:
        """A name like the wanted one that no other value has."""

    @abstractmethod
    def statement(self, line: Line, name: str, text: str) -> str:
        """The statement that gives a value its name."""

    def _collect(self, code_of: Callable[[Line], Code]) -> dict[Line, Code]:
        """The codes of lines whose values are mentioned."""
        found: dict[Line, Code] = {}
        for line in reversed(self.program.lines):
            if line in self.mentions:
                found[line] = code = code_of(line)
                self.mentions.update(fillers(line, code))
        return dict(reversed(found.items()))

    def write_lines(self, named: bool = True) -> list[str]:
        """Write all lines; the texts of the results are answered. Of several results, each has a name if wanted."""
        shown = Counter(self.results)
        self.write_needed()
        for line in shown:
            if named and len(shown) > 1 and line in self.codes and not self.texts[line].is_name:
                self.assign(line, self.texts[line].text)
        return [self.text_of(r).text for r in self.program.results]

    def write_needed(self) -> None:
        """Write the lines that are mentioned, in order."""
        for line in self.codes:
            self.write_line(line)

    def write_line(self, line: Line) -> None:
        """Write a line, with a name if it is mentioned more than once."""
        tick()
        text = self.write_text(line, self.codes[line])
        if self.mentions[line] == 1 or text.is_name:
            self.texts[line] = text
        else:
            self.assign(line, text.text)

    def name(self, value: Filler, wanted: str) -> str:
        """Give a value a name."""
        name = self.new_name(wanted)
        self.texts[value] = Text(name, ATOM, True)
        return name

    def assign(self, line: Line, text: str) -> None:
        """Give a line the user's name for it, or a noun for what it is."""
        wanted = self._bound.get(line) or self._describe(line)
        self.body.append(self.statement(line, self.name(line, wanted), text))

    def _describe(self, line: Line) -> str:
        """A noun for a value."""
        code = self.codes[line]
        operands = {self.texts[o] for o in fillers(line, code) if isinstance(o, Line)}
        named = [t.text for t in operands if t.is_name]
        return describe_value(line, code.head, named[0] if len(operands) == len(named) == 1 else "")

    def text_of(self, filler: Filler) -> Text:
        """The text of what fills a slot."""
        if isinstance(filler, Held):
            return self.held_text(filler.value)
        if isinstance(filler, Line) or (isinstance(filler, sympy.Expr) and not filler.is_number):
            return self.texts[filler]
        return self.number_text(filler)

    def write_text(self, line: Line, code: Code) -> Text:
        """The text of a line; operands are assigned to names first, the longest first, where it would be too long."""
        slots = dict(zip(code.slots, fillers(line, code)))
        texts = {key: self.text_of(filler) for key, filler in slots.items()}
        excess = sum(2 + len(texts[p.key].text) if isinstance(p, Slot) else len(p) for p in code.parts)
        excess -= WIDTH * (1 + code.parts.count("\n"))  # each statement may be so long
        if excess > 0:
            pending = {
                key: o
                for key, o in slots.items()
                if isinstance(o, Line) and self.mentions[o] == 1 and not texts[key].is_name
            }
            for key in sorted(pending, key=lambda key: -len(texts[key].text)):
                operand, text = pending[key], texts[key].text
                self.assign(operand, text)
                texts[key] = self.texts[operand]
                excess -= len(text) - len(texts[key].text)
                if excess <= 0:
                    break
        is_name = code.is_slot() and texts[code.slots[0]].is_name
        return Text(code.write(lambda key: texts[key][:2]), code.level, is_name)


def fillers(line: Line, code: Code) -> list[Filler]:
    """What fills each slot of a line's code: a line, a number, the symbol of a size, or a held value."""
    return [_filler(line.operands[key]) if type(key) is int else key for key in code.slots]


def _filler(operand: Operand) -> Filler:
    return operand.leaf if isinstance(operand, Line) and operand.op is Kind.DIMENSION else operand
