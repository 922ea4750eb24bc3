"""The backend for arrays of any library that follows the array API standard, of 2023.12.

The functions are those of the namespace that the first argument names: nothing is imported. What the standard lacks is
written out (:mod:`tracer.array_api_runtime`), or refused by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING

from tracer.backends.array_stores import LISTS
from tracer.backends.backend import Arrays
from tracer.backends.libraries import Entry, Library, LibraryScope, by_path, like, pointwise
from tracer.backends.library_source import LibraryBackend, LibraryTemplates
from tracer.backends.templates import Lacking, Spelling
from tracer.dtypes import FLOATS
from tracer.program.lines import Kind
from tracer.program.program import Program
from tracer.python_code import POWER, TIMES, Code, Written, infix
from tracer.python_scope import Entries

if TYPE_CHECKING:
    import numpy as np

OWN = frozenset(
    (
        "bincount", "cbrt", "cofactors", "cumulative_logaddexp", "cumulative_prod", "defined", "digamma", "einsum",
        "embed", "erf", "erfc", "erfcx", "expm", "expm_frechet", "greatest_at", "heaviside", "lgamma", "logdet",
        "logsumexp", "matrix_power_frechet", "ndtr", "norm", "pad", "pick", "recurrence", "segment_max", "softmax",
        "trigamma",
    )
)  # fmt: skip
"""Helpers of :mod:`tracer.array_api_runtime`."""

POINTWISE = {
    **{f"np.{name}": f"xp.{name}" for name in (
        "abs", "ceil", "cos", "cosh", "exp", "expm1", "floor", "hypot", "isfinite", "isinf", "isnan", "log", "log10",
        "log1p", "log2", "logaddexp", "logical_and", "logical_not", "logical_or", "logical_xor", "sign", "sin", "sinh",
        "sqrt", "tan", "tanh",
    )},
    **{f"np.arc{name}": f"xp.a{name}" for name in ("cos", "cosh", "sin", "sinh", "tan", "tan2", "tanh")},
    "np.rint": "xp.round", "np.cbrt": "cbrt", "np.heaviside": "heaviside", "erfc": "erfc", "lgamma": "lgamma",
    "special.digamma": "digamma", "special.erf": "erf", "special.erfcx": "erfcx", "special.ndtr": "ndtr",
}  # fmt: skip
"""Functions of arrays, element by element."""

NAMES = {
    **{f"np.{name}": f"xp.{name}" for name in ("pi", "e", "inf", "nan", "argmax", "argmin", "matmul")},
    **{f"np.{name}": f"xp.{name}" for name in ("sum", "mean", "max", "min", "prod", "all", "any")},
    **{
        f"np.linalg.{name}": f"xp.linalg.{name}"
        for name in ("cholesky", "det", "eigh", "eigvalsh", "inv", "matrix_power", "pinv", "qr", "slogdet", "solve")
    },
    "np.cross": "xp.linalg.cross", "linalg.expm": "expm",
    "np.logaddexp.accumulate": "cumulative_logaddexp",
}  # fmt: skip
"""What takes the same arguments, under another name."""


def _dtype(dtype: Written) -> Code:
    text = str(dtype)
    return by_path("xp.bool") if text == "bool" else like(text, "dtype")


def _options(dtype: Written) -> dict[str, Written]:
    return {"dtype": _dtype(dtype), "device": like(str(dtype), "device")}


def _box(e: LibraryScope, value: Written, dtype: str) -> Code:
    return by_path("xp.asarray")(value, **_options(dtype))


def _astype(e: LibraryScope, x: Written, dtype: str) -> Code:
    return _box(e, x, dtype) if e.is_number(x) else by_path("xp.astype")(x, _dtype(dtype))


def _cast(dtype: str) -> Entry:
    return lambda e, x: _astype(e, x, dtype)


def _where(e: LibraryScope, test: Written, value: Written, otherwise: Written) -> Code:
    return by_path("xp.where")(e.as_condition(test), e.box(value), e.box(otherwise))


def _extreme(name: str, below: bool) -> Entry:
    def spell(e: LibraryScope, x: Written, y: Written) -> Code:
        if e.is_number(x) and not e.is_number(y):
            x, y = y, x
        if e.is_number(y) and not e.is_number(x):
            return by_path("xp.clip")(x, *((y, None) if below else (None, y)))
        return by_path(name)(e.box(x), e.box(y))

    return spell


def _power(e: LibraryScope, base: Written, power: Written) -> Code:
    return infix(e.box(base) if e.is_number(power) else base, "**", power, POWER)


def _take(e: LibraryScope, x: Code, key: Entries, ndim: int) -> Code:
    """An index; arrays of integers are none of the standard's, and each axis needs an entry."""
    if any(isinstance(entry, Code) and any(type(k) is int for k in entry.slots) for entry in key):
        return by_path("pick")(x, tuple(_spell_entry(entry) for entry in key))
    consumed = sum(entry is not None for entry in key)
    return x[key] if consumed >= ndim or ... in key else x[(*key, ...)]


def _spell_entry(entry: Written | slice) -> Written:
    if isinstance(entry, slice):
        bounds = (entry.start, entry.stop) if entry.step in (None, 1) else (entry.start, entry.stop, entry.step)
        return by_path("slice")(*bounds)
    return entry


Pairs = Sequence["Written | Sequence[Written]"]
"""How much is put before and after each axis, or the only one."""


def _pad(e: LibraryScope, x: Code, pairs: Pairs, constant_values: Written = 0) -> Code:
    wide = [tuple(pair) for pair in pairs if isinstance(pair, (tuple, list))] or [tuple(pairs)]
    return by_path("pad")(x, tuple(wide), constant_values)


def _array(e: LibraryScope, values: Sequence[Written], dtype: str | None = None) -> Code:
    if dtype is None:
        return by_path("xp.stack")([e.box(v) for v in values])
    return by_path("xp.asarray")(list(values), **_options(dtype))


def _bincount(e: LibraryScope, places: Code, weights: Written, size: Written) -> Code:
    weights = by_path("xp.stack")([e.box(w) for w in weights]) if isinstance(weights, list) else weights
    return by_path("bincount")(places, weights, size)


def _expand(e: LibraryScope, x: Written, axis: int | tuple[int, ...]) -> Code:
    found = e.as_array(x)
    for k in sorted(axis) if isinstance(axis, tuple) else [axis]:
        found = by_path("xp.expand_dims")(found, axis=k)
    return found


def _transpose(e: LibraryScope, x: Code, axes: Sequence[int] | None = None) -> Code:
    return x.T if axes is None else by_path("xp.permute_dims")(x, tuple(axes))


def _polygamma(e: LibraryScope, order: Code, x: Code) -> Code:
    if str(order) != "1":
        raise Lacking("polygamma of another order than 1, which the array API standard lacks")
    return by_path("trigamma")(e.box(x))


def _svd(e: LibraryScope, x: Code, compute_uv: bool = True, **keywords: Written) -> Code:
    return by_path("xp.linalg.svd" if compute_uv else "xp.linalg.svdvals")(x, **keywords)


def _cofactors(e: LibraryScope, x: Code, *directions: Code) -> Code:
    if len(directions) > 1:
        raise Lacking("derivatives of cofactors in several directions, which the array API standard lacks")
    return by_path("cofactors")(x, *directions)


def _joined(name: str) -> Spelling:
    return lambda e, parts, axis=0: by_path(name)([e.box(p) for p in parts], **({"axis": axis} if axis else {}))


def _like(name: str) -> Spelling:
    return lambda e, x, dtype=None: by_path(name)(e.box(x), **({} if dtype is None else {"dtype": _dtype(dtype)}))


def _scan(name: str) -> Spelling:
    """A scan along an axis, whose result is of the dtype of what is scanned."""

    def spell(e: LibraryScope, x: Code, axis: int, dtype: str = "") -> Code:
        found = by_path(name)(x, axis=axis)
        return _astype(e, found, dtype) if dtype else found

    return spell


def _eye(e: LibraryScope, *sizes: Written, dtype: Written = None) -> Code:
    return by_path("xp.eye")(*sizes, **_options(e.dtype if dtype is None else dtype))


ENTRIES: dict[str, Entry] = {
    **{path: pointwise(name) for path, name in POINTWISE.items()},
    **NAMES,
    **{f"np.{dtype}": _cast(dtype) for dtype in (*FLOATS, "int8", "int16", "int32", "int64", "uint8", "bool")},
    "np.maximum": _extreme("xp.maximum", True), "np.minimum": _extreme("xp.minimum", False),
    "np.power": _power, "np.exp2": lambda e, x: infix(2.0, "**", e.box(x), POWER), "np.where": _where,
    "np.vdot": lambda e, x, y: by_path("xp.sum")(infix(x, "*", y, TIMES)),
    "np.cumsum": _scan("xp.cumulative_sum"), "np.cumprod": _scan("cumulative_prod"),
    "np.einsum": lambda e, text, *operands, optimize=False: by_path("einsum")(text, *operands),
    "np.tensordot": lambda e, x, y, axes: by_path("xp.tensordot")(x, y, axes=axes),
    "np.zeros": lambda e, shape, dtype="float64": by_path("xp.zeros")(shape, **_options(dtype)),
    "np.zeros_like": _like("xp.zeros_like"), "np.ones_like": _like("xp.ones_like"),
    "np.array": _array, "np.asarray": lambda e, x: e.as_array(x), "np.eye": _eye,
    "np.arange": lambda e, size, dtype="int64": by_path("xp.arange")(size, **_options(dtype)),
    "np.concatenate": _joined("xp.concat"), "np.stack": _joined("xp.stack"),
    "np.ravel": lambda e, x: by_path("xp.reshape")(e.box(x), (-1,)),
    "np.reshape": lambda e, x, shape: by_path("xp.reshape")(e.box(x), shape),
    "np.flip": lambda e, x, axis: by_path("xp.flip")(x, axis=axis),
    "np.expand_dims": _expand, "np.transpose": _transpose, "np.pad": _pad,
    "np.swapaxes": lambda e, x, first, second: by_path("xp.matrix_transpose")(x),
    "np.broadcast_to": lambda e, x, shape: by_path("xp.broadcast_to")(e.box(x), shape),
    "np.argsort": lambda e, x, axis, kind: by_path("xp.argsort")(x, axis=axis, stable=True),
    "np.triu": lambda e, x, k=0: by_path("xp.triu")(x, k=k), "np.tril": lambda e, x, k=0: by_path("xp.tril")(x, k=k),
    "np.linalg.svd": _svd, "np.trace": lambda e, x, **axes: by_path("xp.linalg.trace")(x),
    "np.diagonal": lambda e, x, **axes: by_path("xp.linalg.diagonal")(x),
    "np.bincount": _bincount, "polygamma": _polygamma, "cofactors": _cofactors,
    "take": _take, "astype": _astype, "box": _box,
    "reshape": lambda e, x, shape: by_path("xp.reshape")(x, shape),
    "transpose": lambda e, x, ndim: x.T if ndim == 2 else by_path("xp.permute_dims")(x, tuple(range(ndim))[::-1]),
}  # fmt: skip


class ArrayApiTemplates(LibraryTemplates):
    """Templates over arrays of the standard."""

    name = "array_api"


class ArrayApiBackend(LibraryBackend):
    """The backend that writes functions of arrays of the standard."""

    moves = True

    def lacks(self, program: Program) -> str:
        """What it has no code for, in words; nothing if it can write the program."""
        if not program.arguments:
            return "a program without inputs, which are what names the library"
        return super().lacks(program)

    def adopt(self, values: Arrays, dtypes: Sequence[str]) -> Arrays:
        """Arrays of the library that one of the values is of, else NumPy's; whole numbers become floats where these
        are declared."""
        import numpy as np

        spaces: list[ModuleType] = [
            v.__array_namespace__() for v in values if not isinstance(v, (np.ndarray, np.generic))
        ]
        xp = spaces[0] if spaces else np.asarray(0.0).__array_namespace__()
        found = [xp.asarray(v) for v in values]
        return [
            xp.astype(v, getattr(xp, dtype)) if dtype in FLOATS and xp.isdtype(v.dtype, ("integral", "bool")) else v
            for v, dtype in zip(found, dtypes)
        ]

    def name_dtype(self, dtype: str) -> str:
        """The text of a dtype."""
        return f"xp.{dtype}"

    def make_empty(self, dtype: str, device: str) -> str:
        """The text of a number of a dtype, on a device."""
        return f"xp.zeros((), dtype=xp.{dtype}, device={device})"

    def move(self, name: str, array: np.ndarray, dtype: str, device: str) -> str:
        """The text of a constant, given its name, as an array of a dtype on a device."""
        if not array.size:
            return f"xp.zeros({array.shape}, dtype={dtype}, device={device})"
        return f"xp.asarray({name}, dtype={dtype}, device={device})"

    def copy_text(self, text: str) -> str:
        """The text of a copy."""
        return f"xp.asarray({text}, copy=True)"

    def open(self, parameters: Sequence[str]) -> str:
        """The namespace of the functions."""
        return f"xp = {parameters[0]}.__array_namespace__()"


ARRAY_API = ArrayApiBackend(
    "array_api",
    Library("the array API standard", ENTRIES, OWN),
    ArrayApiTemplates,
    LISTS,
    {"math": "import math"},
    ("array_api_runtime", "array_api_special"),
    kinds={Kind.EMBED: lambda e, line, x: e.embed(x, line.params, line.shape)},
)
