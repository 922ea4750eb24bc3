"""What public modules answer for names that they lack, and what completion shows."""

from __future__ import annotations

import sys
from typing import Any

NAMESPACES = ("tracer", "tracer.nn", "tracer.math", "tracer.linalg", "tracer.random")


def refuse(module: str, name: str) -> Any:
    """Raise the ``AttributeError`` for a name that a public module lacks, which says what to write."""
    if name.startswith("_"):
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    from tracer.tensorflow_names import missing

    raise missing(module, name, vars(sys.modules[module])["__all__"], _place)


def listed(module: str) -> list[str]:
    """What ``dir`` shows of a public module: ``__all__``, and the names between double underscores."""
    names = vars(sys.modules[module])
    return [*names["__all__"], *(n for n in names if n.startswith("__"))]


def _place(name: str) -> str | None:
    """Where a public name stands."""
    for module in NAMESPACES:
        if name in vars(sys.modules[module])["__all__"]:
            return f"{module}.{name}"
    return None
