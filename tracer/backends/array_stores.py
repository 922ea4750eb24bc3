"""How the constants of a source are kept: small ones as text, large ones in a file beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np

LARGE = 200
"""Constants of more elements are not written as text: they are loaded from a file beside the source."""
LOADED = "_constants"


class Store(NamedTuple):
    """How one language keeps arrays.

    Attributes
    ----------
    text : callable
        The expression of a small array.
    load : str
        The expression of all large ones by name, which uses ``Path(__file__)``.
    save : callable
        Writes large ones beside a source, given its path.
    hold : callable
        The value of the expression.
    imports : tuple of str
        What loading them imports.
    read : str
        The text of what a function is given for the numbers ``value``.
    library : str
        What that imports beside NumPy.
    """

    text: Callable[[np.ndarray], str]
    load: str
    save: Callable[[Path, Mapping[str, np.ndarray]], None]
    hold: Callable[[np.ndarray], object]
    imports: tuple[str, ...] = ()
    read: str = "np.array(value)"
    library: str = ""

    def write(self, constants: Mapping[str, np.ndarray]) -> tuple[list[str], list[str]]:
        """The imports and the definitions of constants."""
        large = {name for name, array in constants.items() if array.size > LARGE}
        load = [f"{LOADED} = {self.load}"] if large else []
        texts = {n: f'{LOADED}["{n}"]' if n in large else self.text(array) for n, array in constants.items()}
        imports = ["from pathlib import Path", *self.imports] if large else []
        return imports, [*load, *(f"{name} = {text}" for name, text in texts.items())]


def write_array(array: np.ndarray, module: str = "np") -> str:
    """The text of an array, by NumPy or a module like it.

    Examples
    --------
    >>> import numpy
    >>> write_array(numpy.array([1.0, numpy.inf], "float32"))
    'np.array([1.0, np.inf], np.float32)'
    """
    dtype = "" if array.dtype.name in ("float64", "int64", "bool") else f", {module}.{array.dtype.name}"
    values = repr(array.tolist()).replace("nan", f"{module}.nan").replace("inf", f"{module}.inf")
    empty = f"{module}.zeros({array.shape}, {module}.{array.dtype.name})"
    return f"{module}.array({values}{dtype})" if array.size else empty


def save_npz(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """NumPy's file of arrays."""
    import numpy as np

    write: Callable[..., None] = np.savez
    write(path.with_suffix(".npz"), **arrays)


def save_json(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Nested lists of numbers, as JSON."""
    lists = {name: array.tolist() for name, array in arrays.items()}
    path.with_suffix(".json").write_text(json.dumps(lists) + "\n", encoding="utf-8")


def write_lists(array: np.ndarray) -> str:
    """The text of nested lists."""
    return repr(array.tolist()).replace("nan", "float('nan')").replace("inf", "float('inf')")


def hold_array(array: np.ndarray) -> np.ndarray:
    """An array as it is."""
    return array


def hold_lists(array: np.ndarray) -> object:
    """An array as nested lists."""
    return array.tolist()


NPZ = Store(write_array, 'dict(np.load(Path(__file__).with_suffix(".npz")))', save_npz, hold_array)
LISTS = Store(
    write_lists, 'json.loads(Path(__file__).with_suffix(".json").read_text())', save_json, hold_lists, ("import json",)
)
