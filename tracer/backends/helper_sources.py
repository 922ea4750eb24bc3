"""Text of the functions that code calls beside NumPy: with it a source stands alone."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import NamedTuple

from tracer import runtime


class Definition(NamedTuple):
    """A definition of a module of :mod:`tracer.runtime`.

    Attributes
    ----------
    text : str
    used : frozenset of str
        The names that it reads.
    """

    text: str
    used: frozenset[str]


def write_helpers(names: Iterable[str], *instead: str) -> tuple[list[str], list[str]]:
    """The imports, and the definitions in order, of functions of the runtime and of all that they use.

    ``instead`` names modules of the library whose definitions take the place of those of the same names.

    Examples
    --------
    >>> imports, definitions = write_helpers(["softmax"])
    >>> imports
    ['import numpy as np']
    >>> print(definitions[0].splitlines()[0])
    def softmax(x: np.ndarray, axis: int) -> np.ndarray:
    """
    definitions, imports = _read_runtime()
    if instead:
        files = [resources.files("tracer") / f"{module}.py" for module in instead]
        others, more = _read_definitions([file.read_text(encoding="utf-8") for file in files])
        definitions, imports = others | {n: d for n, d in definitions.items() if n not in others}, imports | more
    waiting = list(names)
    needed = set(waiting)
    while waiting:
        found = definitions[waiting.pop()].used & definitions.keys() - needed
        needed |= found
        waiting += found
    used: set[str] = set().union(*(definitions[n].used for n in needed))
    return sorted({imports[n] for n in used & imports.keys()}), [d.text for n, d in definitions.items() if n in needed]


@cache
def list_definitions(module: str) -> frozenset[str]:
    """The names that a module of the library defines, which is read and not run."""
    definitions, _ = _read_definitions([(resources.files("tracer") / f"{module}.py").read_text(encoding="utf-8")])
    return frozenset(definitions)


@cache
def _read_runtime() -> tuple[dict[str, Definition], dict[str, str]]:
    """The definitions of the runtime by name, in an order in which they may stand, and its imports by name."""
    files = sorted((f.name, f) for f in resources.files(runtime).iterdir() if f.name.endswith(".py"))
    # What the package itself defines stands last.
    return _read_definitions([file.read_text(encoding="utf-8") for _, file in reversed(files)])


def _read_definitions(texts: Iterable[str]) -> tuple[dict[str, Definition], dict[str, str]]:
    """The definitions in modules by name, and their imports by name."""
    definitions: dict[str, Definition] = {}
    imports: dict[str, str] = {}
    for text in texts:
        lines = text.splitlines()
        for node in ast.parse(text).body:
            for found in node.body if isinstance(node, ast.If) else [node]:
                if isinstance(found, ast.Import | ast.ImportFrom):
                    imports |= _list_imports(found)
                elif name := _name_definition(found):
                    first = min(d.lineno for d in (found, *getattr(found, "decorator_list", ())))
                    used = _list_used(found)
                    definitions[name] = Definition("\n".join(lines[first - 1 : found.end_lineno]), used)
    return definitions, imports


def _list_used(node: ast.stmt) -> frozenset[str]:
    """The names that a definition reads and does not itself define."""
    names = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
    own = {n.id for n in names if isinstance(n.ctx, ast.Store)} | {
        n.arg for n in ast.walk(node) if isinstance(n, ast.arg)
    }
    return frozenset(n.id for n in names) - own


def _list_imports(node: ast.Import | ast.ImportFrom) -> dict[str, str]:
    """The statement that imports each name; none for what is another module of the runtime."""
    module = f"from {node.module} " if isinstance(node, ast.ImportFrom) else ""
    if module.startswith(("from tracer", "from __future__")):
        return {}
    return {
        alias.asname or alias.name: f"{module}import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
        for alias in node.names
    }


def _name_definition(node: ast.stmt) -> str:
    """The name that a statement defines; nothing if it defines none that a function could use."""
    if isinstance(node, ast.FunctionDef):
        return node.name
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id != "__all__":
        return node.targets[0].id
    return ""
