"""The writer of NumPy for large arrays: what is a function of elements is computed block by block, in the cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracer.backends.inlining import Filler, Text, fillers
from tracer.backends.line_names import describe_value
from tracer.backends.python_source import Module, PythonBackend
from tracer.backends.source_texts import INDENT
from tracer.backends.to_numpy import NumpyWriter
from tracer.ops.indexing import SCATTER, find_padding
from tracer.program.fused_groups import Group, group_lines
from tracer.program.lines import Line
from tracer.program.program import Program
from tracer.python_code import ATOM, Code
from tracer.shapes import Shape
from tracer.tensor import Tensor

BLOCK = 16_384
"""So many elements are computed together: some arrays of them fit into the cache of a core."""
BLOCKED = 16 * BLOCK
"""From so many elements of an array on, blocks are faster than whole arrays."""


def write_blocked(
    backend: PythonBackend, program: Program, inputs: Sequence[Tensor], structure: object
) -> tuple[Module, tuple[Shape, ...]]:
    """The source of a program by blocks, which has the same values, and the shapes of what is computed by blocks."""
    writer = BlockedWriter(backend, program, inputs)
    return writer.module(structure), tuple(dict.fromkeys(writer.shapes))


class BlockedWriter(NumpyWriter):
    """The source of one program, in which groups of lines are loops over blocks of the first axis.

    Attributes
    ----------
    shapes : list
        Those of the groups that were written.
    """

    def write_needed(self) -> None:
        """Write the lines, those of groups by blocks."""
        self.shapes: list[Shape] = []
        self._users: dict[Line, list[Line]] = {}
        for line, code in self.codes.items():
            for o in fillers(line, code):
                if isinstance(o, Line):
                    self._users.setdefault(o, []).append(line)
        for part in group_lines(list(self.codes)):
            if isinstance(part, Group):
                self._write_group(part)
            elif part not in self.texts:
                self.write_line(part)

    def _write_group(self, group: Group) -> None:
        whole = [o for o in self._list_operands(group) if o.ndim == len(group.shape) and o.shape[0] == group.shape[0]]
        like = next((o for o in whole if o.shape == group.shape), None)
        if like is None:
            for line in group.lines:
                self.write_line(line)
            return
        self.shapes.append(group.shape)
        for operand in whole:
            if not self.texts[operand].is_name:
                self.assign(operand, self.texts[operand].text)
        names: dict[Filler, Text] = {o: self.texts[o] for o in whole}
        made = {line: self._allocate(line, self._spell_zeros(line)) for line in self._list_sums(group)}
        empty = f"np.empty({names[like].text}.shape"
        kept = {
            line: self._allocate(line, f"{empty}{_spell_dtype(line)})")
            for line in group.lines
            if line in self.results or any(u not in group.lines and u not in made for u in self._users.get(line, ()))
        }
        start, block, count = self.new_name("start"), self.new_name("block"), str(BLOCK)
        if len(group.shape) > 1:
            count = self.new_name("rows")
            self.body.append(f"{count} = max(1, {BLOCK} // {names[like].text}[0].size)")
        self.body.append(f"for {start} in range(0, len({names[like].text}), {count}):")
        outer, self.body = self.body, [f"{block} = slice({start}, {start} + {count})"]
        for operand in whole:
            self.texts[operand] = Text(f"{names[operand].text}[{block}]", ATOM)
            if sum(o is operand for line in group.lines for o in fillers(line, self.codes[line])) > 1:
                name = self.new_name(f"{names[operand].text}_block")
                self.body.append(f"{name} = {self.texts[operand].text}")
                self.texts[operand] = Text(name, ATOM, True)
        for line in group.lines:
            self.write_line(line)
            if line in kept and self.mentions[line] > 1 and not self.texts[line].is_name:
                self.assign(line, self.texts[line].text)
        self.body += [f"{name}[{block}] = {self.texts[line].text}" for line, name in kept.items()]
        for line, name in made.items():
            for value, place in _list_places(line):
                self.body.append(f"{name}{place}[{block}] += {self.texts[value].text}")
        self.body = outer + [INDENT + statement for statement in self.body]
        self.texts.update(names)
        self.texts.update({line: Text(name, ATOM, True) for line, name in (kept | made).items()})

    def _list_operands(self, group: Group) -> list[Line]:
        """The values that a group is computed from."""
        found = (o for line in group.lines for o in fillers(line, self.codes[line]) if isinstance(o, Line))
        return [o for o in dict.fromkeys(found) if o not in group.lines]

    def _list_sums(self, group: Group) -> Iterator[Line]:
        """The sums to which lines of a group are added each at its place."""
        for line in dict.fromkeys(u for member in group.lines for u in self._users.get(member, ())):
            if line.op is SCATTER and _list_places(line) and {*line.operands} <= {*group.lines}:
                yield line

    def _spell_zeros(self, line: Line) -> str:
        """What a sum of what is put in place begins with."""
        parts = self.codes[line].parts
        return Code(parts[: parts.index("\n")]).write(lambda key: self.text_of(key)[:2])

    def _allocate(self, line: Line, text: str) -> str:
        """The name of a new array."""
        name = self.new_name(self._bound.get(line) or describe_value(line, self.codes[line].head, ""))
        self.body.append(f"{name} = {text}")
        return name


def _spell_dtype(line: Line) -> str:
    return "" if line.dtype == "float64" else f", np.{line.dtype}"


def _list_places(line: Line) -> list[tuple[Line, str]]:
    """Where a sum has each of its operands, as slices of the first axis; nothing where one is put elsewhere."""
    found = []
    for operand, index in zip(line.operands, line.params):
        padding = find_padding(index, line.shape)
        if padding is None or any(p != (0, 0) for p in padding[1:]):
            return []
        if any(getattr(p, "free_symbols", ()) for p in padding[0]):
            return []
        before, after = map(int, padding[0])
        found.append((operand, f"[{before or ''}:{-after or ''}]"))
    return found
