"""Python source of a program: names, inlined expressions, imports and the dimensions read off the arguments."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from tracer.emit.fragments import ATOM, level_of, namespace
from tracer.emit.program import Line, Program
from tracer.names import spell
from tracer.tensor import Tensor

WIDTH = 88
"""How long an expression may grow by writing what is used once where it is used."""

MODULES = {
    "np": "import numpy as np",
    "math": "import math",
    "mpmath": "import mpmath",
    "special": "from scipy import special",
    "sympy": "import sympy",
}
FUNCTION = "compiled"


_FUNCTION = re.compile(r"(?:np\.|math\.|np\.linalg\.)?(\w+)\(")


class Names:
    """Distinct Python identifiers."""

    def __init__(self) -> None:
        from tracer.emit import runtime

        self._taken = {FUNCTION, *MODULES, *dir(builtins), *(n for n in dir(runtime) if not n.startswith("__"))}
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
    imports : tuple of str
    names : tuple of str
        The modules and functions that the definition uses.
    constants : dict
        Arrays by name.
    body : str
        The function's definition.
    """

    imports: tuple[str, ...]
    names: tuple[str, ...]
    constants: dict[str, Any]
    body: str

    def text(self) -> str:
        """The whole source."""
        head = list(self.imports)
        if self.constants and MODULES["np"] not in head:
            head.append(MODULES["np"])
        definitions = [f"{name} = {_array(array)}" for name, array in self.constants.items()]
        parts = ["\n".join(head), "\n".join(definitions), self.body]
        return "\n\n".join(p for p in parts if p)

    def function(self) -> Callable[..., Any]:
        """The function that the source defines."""
        scope = namespace(self.names) | self.constants
        exec(compile(self.body, "<tracer>", "exec"), scope)
        defined: Callable[..., Any] = scope[FUNCTION]
        return defined


class Source:
    """The parts of a program's source.

    Attributes
    ----------
    imports : list of str
    body : str
        The function's definition.
    constants : dict
        What the definition finds in its module: arrays by name.
    names : tuple of str
        The modules and functions that the definition uses.
    """

    def __init__(self, program: Program, inputs: list[Tensor], single: bool, decorated: bool) -> None:
        self._names = Names()
        self._texts: dict[Line, tuple[str, int]] = {}
        self._body: list[tuple[str, Line | None]] = []
        used: dict[str, None] = {}
        parameters = []
        for tensor in inputs:
            parameters.append(self._names.new(spell(tensor.label or tensor.name)))
            self._texts[program.arguments[tensor.node]] = parameters[-1], ATOM
        self.constants: dict[str, Any] = {}
        for line in program.constants:
            leaf = line.leaf
            name = self._names.new(spell(leaf.label or leaf.name) if isinstance(leaf, Tensor) else "array")
            self._texts[line] = name, ATOM
            self.constants[name] = line
        self._read_dimensions(program, inputs, parameters)
        shown = Counter(r for r in program.results if type(r) is Line)
        for line in program.lines:
            assert line.fragment is not None
            used.update(dict.fromkeys(line.fragment.names))
            text = self._write(line)
            if line.uses + shown[line] == 1:
                self._texts[line] = text, line.fragment.level
            else:
                self._assign(line, text)
        for line in shown:
            if len(shown) > 1 and line.fragment is not None and not self._texts[line][0].isidentifier():
                self._assign(line, self._texts[line][0])
        returned = [self._texts[r][0] if type(r) is Line else r for r in program.results]
        answer = returned[0] if single else "(" + ", ".join(returned) + ("," if len(returned) == 1 else "") + ")"
        if decorated:
            used["np"] = None
        self.names = tuple(sorted(used))
        lines = [f"def {FUNCTION}({', '.join(parameters)}):", *(text for text, _ in self._body), f"return {answer}"]
        self.body = "\n    ".join(lines) + "\n"
        if decorated:
            self.body = '@np.errstate(all="ignore")\n' + self.body
        own = [n for n in self.names if n not in MODULES]
        self.imports = [MODULES[n] for n in self.names if n in MODULES]
        if own:
            self.imports.append(f"from tracer.emit.runtime import {', '.join(own)}")

    def module(self) -> Module:
        """The source on its own, without the program that it was made of."""
        import numpy as np

        arrays = {
            name: np.asarray(line.leaf.value if isinstance(line.leaf, Tensor) else line.leaf, line.dtype)
            for name, line in self.constants.items()
        }
        return Module(tuple(self.imports), self.names, arrays, self.body)

    def _read_dimensions(self, program: Program, inputs: list[Tensor], parameters: list[str]) -> None:
        for symbol, line in program.dimensions.items():
            places = [(p, k) for t, p in zip(inputs, parameters) for k, d in enumerate(t.shape) if d == symbol]
            if not places:
                raise ValueError(
                    f"the dimension {symbol} is not the size of an axis of any input; "
                    f"add a tensor that has it to the inputs"
                )
            name = self._names.new(str(symbol))
            self._texts[line] = name, ATOM
            self._body.append((f"{name} = {places[0][0]}.shape[{places[0][1]}]", None))

    def _operands(self, line: Line) -> list[tuple[str, int]]:
        return [self._texts[o] if type(o) is Line else (o, level_of(o)) for o in line.operands]

    def _write(self, line: Line) -> str:
        assert line.fragment is not None
        operands = self._operands(line)
        excess = sum(len(t) for t, _ in operands) + len(line.fragment.text) - WIDTH
        if excess > 0:
            pending = {
                o: t
                for o, (t, _) in zip(line.operands, operands)
                if type(o) is Line and o.uses == 1 and not t.isidentifier()
            }
            for longest in sorted(pending, key=lambda o: -len(pending[o])):
                self._assign(longest, pending[longest])
                excess -= len(pending[longest]) - len(self._texts[longest][0])
                if excess <= 0:
                    break
            operands = self._operands(line)
        return line.fragment.write(operands)

    def _assign(self, line: Line, text: str) -> None:
        if text.isidentifier():
            self._texts[line] = text, ATOM
            return
        name = self._names.new(_likely_name(line))
        self._body.append((f"{name} = {text}", line))
        self._texts[line] = name, ATOM


def _likely_name(line: Line) -> str:
    """What to call a value: the function that gives it, or what the user called."""
    assert line.fragment is not None
    function = _FUNCTION.match(line.fragment.text)
    if line.name and "_grad" not in line.name:
        return line.name
    return function[1] if function else "t"


def _array(array: Any) -> str:
    dtype = "" if array.dtype.name in ("float64", "int64", "bool") else f", np.{array.dtype.name}"
    values = repr(array.tolist()).replace("nan", "np.nan").replace("inf", "np.inf")
    return f"np.array({values}{dtype})" if array.size else f"np.zeros({array.shape}, np.{array.dtype.name})"
