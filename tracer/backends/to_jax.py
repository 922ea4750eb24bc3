"""The JAX backend: NumPy's code with ``jax.numpy`` in its place, and helpers that can be traced.

What JAX lacks, or computes by other rules, is refused by name.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

import sympy

from tracer.backends.array_stores import Store, save_npz, write_array
from tracer.backends.libraries import Entry, Library, by_path
from tracer.backends.library_source import LibraryBackend, LibraryTemplates
from tracer.backends.templates import Lacking, Spelling
from tracer.python_code import Code, Written
from tracer.python_scope import Scope

if TYPE_CHECKING:
    import numpy as np

MODULES = {
    "jnp": ("import jax.numpy as jnp", "jax.numpy"),
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

IMPORTS = {name: statement for name, (statement, _) in MODULES.items()} | {
    "import numpy as np": "import jax.numpy as jnp",
    "from scipy import linalg": "from jax.scipy import linalg",
}


class JaxLibrary(Library):
    """JAX has most functions by NumPy's names for them, and some of SciPy's."""

    def find(self, path: str) -> Entry:
        """What stands in the place of a function of NumPy's code."""
        if path in self.entries or path in self.helpers:
            return super().find(path)
        if path in PORTABLE:
            return path
        renamed = self.rename(path)
        module, _, names = renamed.partition(".")
        if module not in MODULES or not _has(module, names):
            raise Lacking(f"{path}, which JAX " + ("lacks" if module in MODULES else "can't trace"))
        return renamed

    def rename(self, path: str) -> str:
        """What a function is called that is passed on, or a constant."""
        return "jnp" + path[2:] if path.startswith("np.") else super().rename(path)


@cache
def _has(module: str, names: str) -> bool:
    """Whether a module of JAX has a function."""
    found: object = import_module(MODULES[module][1])
    for name in names.split("."):
        found = getattr(found, name, None)
    return found is not None


def _polygamma(e: Scope, order: Code, x: Code) -> Code:
    if order.is_slot():
        raise Lacking("the function polygamma for an order that is no number, which JAX lacks")
    return e.special.polygamma(order, x)


def _argsort(e: Scope, x: Code, axis: int, kind: str) -> Code:
    return by_path("jnp.argsort")(x, axis=axis, stable=True)


def _bincount(e: Scope, places: Code, weights: Written, size: Written) -> Code:
    return by_path("bincount")(places, by_path("jnp.array")(weights) if isinstance(weights, list) else weights, size)


ENTRIES: dict[str, Entry] = {"np.argsort": _argsort, "np.bincount": _bincount}
FUNCTIONS: dict[type[sympy.Basic], Spelling] = {
    sympy.loggamma: lambda e, x: e.special.gammaln(x), sympy.polygamma: _polygamma,
}  # fmt: skip


def _hold(array: np.ndarray) -> object:
    """An array of JAX."""
    return import_module("jax.numpy").asarray(array)


def _write(array: np.ndarray) -> str:
    """The text of an array."""
    return write_array(array, "jnp")


class JaxBackend(LibraryBackend):
    """The backend that writes functions for ``jax.jit`` and ``jax.grad``."""

    setup = 'jax.config.update("jax_enable_x64", True)'
    """Without it JAX computes in 32 bits."""
    decorator = "@jax.jit\n"
    always = ("import jax",)
    portable = PORTABLE

    def rename(self, text: str) -> str:
        """NumPy's code of helpers with ``jax.numpy`` in its place."""
        return re.sub(r"\bnp\.", "jnp.", re.sub(r"\bnp\.ndarray\b", "jax.Array", text))


JAX = JaxBackend(
    "jax",
    JaxLibrary("JAX", ENTRIES, OWN),
    LibraryTemplates,
    Store(_write, 'dict(jnp.load(Path(__file__).with_suffix(".npz")))', save_npz, _hold),
    IMPORTS,
    ("jax_runtime",),
    FUNCTIONS,
    needs="jax",
)
