"""Pieces of a Python source beside its code: the docstring and the imports."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

INDENT = "    "


def write_docstring(text: str) -> str:
    """A function's docstring of these lines."""
    safe = text.replace("\\", r"\\").replace('"""', r"\"\"\"")
    return "\n".join(INDENT + line if line else "" for line in f'"""{safe}\n"""\n'.split("\n"))


def _join_names(imports: Iterable[str]) -> Iterator[str]:
    """Imports, with the names of one module in one statement."""
    names: dict[str, list[str]] = {}
    for text in sorted(imports):
        module, word, name = text.rpartition(" import ")
        if word:
            names.setdefault(module, []).append(name)
        else:
            yield text
    for module, own in names.items():
        yield f"{module} import {', '.join(own)}"


def write_imports(imports: Iterable[str]) -> str:
    """Imports in the order of formatters: the standard library first, and modules before names from modules.

    Examples
    --------
    >>> print(write_imports(["from jax.scipy import linalg", "import jax.numpy as jnp", "import math"]))
    import math
    <BLANKLINE>
    import jax.numpy as jnp
    from jax.scipy import linalg
    """
    rows = sorted(_join_names({*imports}), key=lambda text: (text.startswith("from"), text))
    own = [text for text in rows if text.split()[1].partition(".")[0] in sys.stdlib_module_names]
    sections = (own, [text for text in rows if text not in own])
    return "\n\n".join("\n".join(section) for section in sections if section)
