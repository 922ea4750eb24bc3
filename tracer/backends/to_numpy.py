"""The NumPy backend: pieces that are put among zeros are statements, which add them in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy

from tracer.backends.array_code import FUNCTIONS, KINDS, ArrayTemplates, list_whole
from tracer.backends.python_source import Module, PythonBackend, SourceWriter
from tracer.backends.templates import Spelling
from tracer.ops.indexing import SCATTER
from tracer.ops.selection import Array, Index, are_apart, spell
from tracer.program.lines import Line
from tracer.program.program import Program
from tracer.python_code import ANY, Code, assemble, name, slot
from tracer.python_scope import SCOPE
from tracer.rules import argument
from tracer.tensor import Tensor


def list_own() -> Mapping[sympy.Basic, Spelling]:
    """Templates that NumPy alone has a function for."""
    x, low, high = map(argument, range(3))
    return {**list_whole(), sympy.Min(sympy.Max(x, low), high): lambda e, *args: e.np.clip(*args)}


TEMPLATES = ArrayTemplates(FUNCTIONS, list_own)
MOST = 16
"""Of more pieces than these, places are numbers."""
WHOLE = "\0"
"""What stands for the name of an array of which the pieces are put in place."""


class NumpyBackend(PythonBackend):
    """The backend that writes NumPy."""

    def module(self, program: Program, inputs: Sequence[Tensor], structure: object) -> Module:
        """The source of a program."""
        return NumpyWriter(self, program, inputs).module(structure)


class NumpyWriter(SourceWriter):
    """The source of one program for NumPy."""

    def spell_own(self, line: Line) -> Code | None:
        """The code of a line where it is not that of the backend."""
        return spell_places(line, self.spell_like(line, "zeros")) if line.op is SCATTER else super().spell_own(line)

    def write_line(self, line: Line) -> None:
        """Write a line; one that has pieces put in place as a statement for each of them."""
        if line.op is not SCATTER or "\n" not in self.codes[line].parts:
            super().write_line(line)
            return
        zeros, *places = self.write_text(line, self.codes[line]).text.split("\n")
        self.assign(line, zeros)
        self.body += [place.replace(WHOLE, self.texts[line].text) for place in places]


def spell_places(line: Line, zeros: Code | None = None) -> Code | None:
    """Zeros and, each after a line break, pieces that are added to them; None where many places are arrays.

    The zeros may be given as code, so that they are in chunks where other values are.

    Examples
    --------
    >>> import tracer
    >>> from tracer.program.program import Program
    >>> x = tracer.placeholder("x", ("n",))
    >>> [slope] = tracer.gradients(tracer.reduce_sum(x[1:] * x[:-1]), [x])
    >>> print(str(spell_places(Program([slope], [x]).lines[-1])).replace(WHOLE, "slope"))
    np.zeros(n)
    slope[:-1] = _0
    slope[1:] += _1
    """
    count, dtype = len(line.params), () if line.dtype == "float64" else (SCOPE.np.named(line.dtype),)
    if count > MOST or (line.ndim > 1 and len(line.operands) > count):
        return None  # numbers of places are faster than NumPy's additions at arrays of them
    if line.ndim == 1 and {*line.params} == {(k,) for k in range(count)} and count == line.shape[0]:
        order = sorted(range(count), key=lambda k: line.params[k])
        return SCOPE.np.array([slot(k) for k in order], *dtype)
    if zeros is None or len(line.operands) > count:  # other libraries can't add at places of arrays
        zeros = SCOPE.np.zeros(line.shape if line.ndim > 1 else line.shape[0], *dtype)
    pieces: list[str | tuple[Code, int]] = [(zeros, ANY)]
    whole, codes = name(WHOLE), [slot(k) for k in range(len(line.operands))]
    done: list[Index] = []
    for code, index in zip(codes, line.params):
        place = spell(index, line.shape, codes)
        if any(type(entry) is Array for entry in index):
            pieces += ["\n", (SCOPE.np.add.named("at")(whole, place[0], code), ANY)]
        else:
            sign = "=" if all(are_apart(index, other) for other in done) else "+="
            pieces += ["\n", (whole[place], ANY), f" {sign} ", (code, ANY)]
        done.append(index)
    return assemble(*pieces)


NUMPY = NumpyBackend("numpy", TEMPLATES, KINDS, arrays=True)
