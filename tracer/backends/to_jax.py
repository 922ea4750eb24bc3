"""The JAX backend: NumPy's code with ``jax.numpy`` in its place, and helpers that can be traced.

What JAX lacks, or computes by other rules, is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
import sympy

from tracer.backends.array_code import FUNCTIONS, KINDS, ArrayTemplates, list_whole
from tracer.backends.helper_sources import write_helpers
from tracer.backends.python_source import (
    FUNCTION,
    PythonBackend,
    SourceWriter,
    write_constants,
    write_docstring,
    write_imports,
)
from tracer.backends.templates import Lacking, Spelling
from tracer.program.program import Program
from tracer.python_code import Code
from tracer.python_scope import Scope
from tracer.tensor import Tensor

MODULE = "jnp"
MODULES = {
    "np": ("import jax.numpy as jnp", "jax.numpy"),
    "special": ("from jax.scipy import special", "jax.scipy.special"),
    "linalg": ("from jax.scipy import linalg", "jax.scipy.linalg"),
    "math": ("import math", "math"),
}
"""Modules by the names that they have in code: how they are imported, and what they are called."""

PORTABLE = frozenset(("cofactors", "expm_frechet", "matrix_power_frechet"))
"""Helpers of NumPy that JAX runs as they are."""

OWN = frozenset(
    (
        "bincount", "defined", "embed", "erfc", "greatest_at", "logdet", "logsumexp", "norm", "recurrence",
        "segment_max", "softmax",
    )
)  # fmt: skip
"""Helpers of :mod:`tracer.jax_runtime`."""

REPLACED = {"np.bincount(": "bincount(", ", kind='stable'": ", stable=True"}
"""What JAX has by another name, or can't trace, with what takes its place."""

WIDE = 'jax.config.update("jax_enable_x64", True)'
"""Without it JAX computes in 32 bits."""

_USED = re.compile(r"\b(np|special|linalg)((?:\.\w+)+)")


def _special(name: str) -> Spelling:
    return lambda e, *args: e.special.named(name)(*args)


def _polygamma(e: Scope, order: Code, x: Code) -> Code:
    if order.is_slot():
        raise Lacking("the function polygamma has no JAX form for an order that is no number")
    return e.special.polygamma(order, x)


class JaxTemplates(ArrayTemplates):
    """Templates over arrays of JAX."""

    def other(self, expr: sympy.Basic) -> Code:
        """What mpmath would compute element by element."""
        raise Lacking(f"the function {type(expr).__name__} has no JAX form")


class JaxModule(NamedTuple):
    """JAX source.

    Attributes
    ----------
    imports, helpers : tuple of str
    constants : dict
        Arrays by name.
    head, body : str
        The function's definition, to the colon and from there on.
    """

    imports: tuple[str, ...]
    helpers: tuple[str, ...]
    constants: dict[str, np.ndarray]
    head: str
    body: str

    def text(self, heading: str) -> str:
        """The whole source; the heading is the function's docstring."""
        more, definitions = write_constants(self.constants, MODULE)
        imports = write_imports({*self.imports, *more})
        function = self.head + write_docstring(heading) + self.body
        parts = f"{imports}\n\n{WIDE}", *self.helpers, "\n".join(definitions), function
        return "\n\n\n".join(p for p in parts if p)

    def function(self) -> Callable[..., object]:
        """The function that the source defines."""
        scope: dict[str, Any] = {}
        exec(compile("\n".join((*self.imports, MODULES["np"][0], WIDE)), "<tracer>", "exec"), scope)
        scope |= {name: scope[MODULE].asarray(array) for name, array in self.constants.items()}
        exec(compile("\n".join((*self.helpers, self.head + self.body)), "<tracer>", "exec"), scope)
        defined: Callable[..., object] = scope[FUNCTION]
        return defined


class JaxBackend(PythonBackend):
    """The backend that writes functions for ``jax.jit`` and ``jax.grad``."""

    def __init__(self) -> None:
        functions = FUNCTIONS | {
            sympy.loggamma: _special("gammaln"), sympy.polygamma: _polygamma,
        }  # fmt: skip
        super().__init__("jax", JaxTemplates(functions, list_whole), KINDS, arrays=True)
        self.fallback, self.fast, self.foreign = "jax", "", True

    def lacks(self, program: Program) -> str:
        """What it has no code for, in words; nothing if it can write the program.

        Raises
        ------
        ImportError
            If JAX is not installed.
        """
        found = super().lacks(program)
        if found:
            return found
        for line in program.lines:
            code = self.code(line, program.chooses)
            helpers = code.names - MODULES.keys() - PORTABLE - OWN
            for name in sorted(helpers):
                return f"the operation {line.name or line.op.name!r} needs {name}, which JAX can't trace"
            for module, names in sorted({(m[1], m[2]) for m in _USED.finditer(str(code))}):
                if not _has(module, names[1:]):
                    return f"the operation {line.name or line.op.name!r} needs {module}{names}, which JAX lacks"
        return ""

    def module(self, program: Program, inputs: Sequence[Tensor], structure: object) -> JaxModule:
        """The source of a program."""
        return JaxWriter(self, program, inputs).write_module(structure)


class JaxWriter(SourceWriter):
    """The source of one program for JAX."""

    def write_module(self, structure: object) -> JaxModule:
        """The source, with the results in the places of the leaves of a structure."""
        made = self.module(structure)
        body, own = made.body, {n for n in made.names if n in OWN | PORTABLE}
        for text, other in REPLACED.items():
            own |= {other.rstrip("(")} & OWN if text in body else set()
            body = body.replace(text, other)
        imports, helpers = write_helpers(sorted(own), "jax_runtime")
        texts = [_rename(text) for text in (*helpers, body)]
        used = {MODULES[n][0] for n in made.names if n in MODULES} | {_IMPORTS.get(i, i) for i in imports}
        if not made.constants and not any(f"{MODULE}." in text for text in texts):
            used -= {MODULES["np"][0]}
        head = "@jax.jit\n" + made.head.partition("\n")[2]
        return JaxModule(tuple(sorted({*used, "import jax"})), tuple(texts[:-1]), made.constants, head, texts[-1])

    def _own_results(self, texts: list[str]) -> list[str]:
        """Results as they are: arrays of JAX are never written to."""
        return texts


def _rename(text: str) -> str:
    """NumPy's code with ``jax.numpy`` in its place."""
    return re.sub(r"\bnp\.", f"{MODULE}.", re.sub(r"\bnp\.ndarray\b", "jax.Array", text))


_IMPORTS = {"import numpy as np": MODULES["np"][0], "from scipy import linalg": MODULES["linalg"][0]}


@cache
def _has(module: str, names: str) -> bool:
    """Whether a module of JAX has a function."""
    try:
        found: Any = import_module(MODULES[module][1])
    except ImportError:
        raise ImportError("the backend 'jax' needs JAX: pip install 'symbolic-tracer[jax]'") from None
    for name in names.split("."):
        found = getattr(found, name, None)
    return found is not None


JAX = JaxBackend()
