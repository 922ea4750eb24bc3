"""What public modules answer for names that they lack, and what completion shows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from types import FunctionType
from typing import NoReturn

from tracer import docstrings
from tracer.tracebacks import concise

NAMESPACES = ("tracer", "tracer.nn", "tracer.math", "tracer.linalg", "tracer.random")

_CONCISE: dict[FunctionType, Callable[..., object]] = {}
"""By function what public modules show of it."""
_DOCSTRINGS: dict[str, str | None] = {}
"""By name of a public function its docstring."""


def functions(module: str, members: Mapping[str, object]) -> dict[str, object]:
    """The functions of a public module, whose errors end at the caller's line; the same one for the same function."""
    found: dict[str, object] = {}
    _DOCSTRINGS.update((name, member.__doc__) for name, member in members.items())
    for name, member in members.items():
        if isinstance(member, FunctionType) and member not in _CONCISE:
            _CONCISE[member] = call = concise(member)
            if call is not member:
                call.__module__ = module
                call.__doc__ = member.__doc__ and docstrings.expand(member.__doc__, _DOCSTRINGS.get)
                call.__qualname__ = member.__name__ if member.__name__ in members else name
        found[name] = _CONCISE.get(member, member) if isinstance(member, FunctionType) else member
    return found


def refuse(module: str, name: str) -> NoReturn:
    """Raise the ``AttributeError`` for a name that a public module lacks, which says what to write."""
    if name.startswith("_"):
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    from tracer.tensorflow_names import missing

    public = {m: vars(sys.modules[m])["__all__"] for m in (*NAMESPACES, module)}
    raise missing(module, name, public[module], _find_public, sorted(set().union(*public.values())))


def listed(module: str) -> list[str]:
    """What ``dir`` shows of a public module: ``__all__``, and the names between double underscores."""
    names = vars(sys.modules[module])
    return [*names["__all__"], *(n for n in names if n.startswith("__"))]


def lookups(module: str) -> tuple[Callable[[str], NoReturn], Callable[[], list[str]]]:
    """The ``__getattr__`` and ``__dir__`` of a public module."""
    return partial(refuse, module), partial(listed, module)


def _find_public(name: str) -> str | None:
    """Where a public name stands."""
    for module in NAMESPACES:
        if name in vars(sys.modules[module])["__all__"]:
            return f"{module}.{name}"
    return None
