"""The PyTorch backend: NumPy's code with PyTorch's functions; the dtype and the device are those of the arguments.

What PyTorch lacks is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

import sympy

from tracer import scalar
from tracer.backends.array_stores import Store
from tracer.backends.backend import Arrays
from tracer.backends.libraries import Entry, Library, LibraryScope, by_path, like, pointwise
from tracer.backends.library_source import LibraryBackend, LibraryTemplates
from tracer.backends.templates import Lacking, Spelling
from tracer.dtypes import FLOATS
from tracer.python_code import TIMES, Code, Held, Slot, Written, hold, infix
from tracer.python_scope import Entries

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

OWN = frozenset(
    (
        "bincount", "cbrt", "cofactors", "defined", "embed", "expm_frechet", "greatest_at", "lu",
        "matrix_power_frechet", "norm", "pad", "polygamma", "recurrence", "segment_max", "sign",
    )
)  # fmt: skip
"""Helpers of :mod:`tracer.torch_runtime`."""

POINTWISE = {
    **{f"np.{name}": f"torch.{name}" for name in (
        "abs", "ceil", "cos", "cosh", "exp", "exp2", "expm1", "floor", "heaviside", "hypot", "isfinite", "isinf",
        "isnan", "log", "log10", "log1p", "log2", "logaddexp", "logical_and", "logical_not", "logical_or",
        "logical_xor", "maximum", "minimum", "sin", "sinh", "sqrt", "tan", "tanh",
    )},
    **{f"np.arc{name}": f"torch.a{name}" for name in ("cos", "cosh", "sin", "sinh", "tan", "tan2", "tanh")},
    "np.rint": "torch.round", "np.sign": "sign", "np.cbrt": "cbrt", "erfc": "torch.erfc", "lgamma": "torch.lgamma",
    "special.digamma": "torch.digamma", "special.erf": "torch.erf", "special.erfcx": "torch.special.erfcx",
    "special.erfinv": "torch.erfinv", "special.ndtr": "torch.special.ndtr", "special.ndtri": "torch.special.ndtri",
}  # fmt: skip
"""Functions of arrays, element by element."""

NAMES = {
    **{f"np.{name}": f"torch.{name}" for name in ("pi", "e", "inf", "nan", "broadcast_to", "diag", "matmul")},
    **{
        f"np.linalg.{name}": f"torch.linalg.{name}"
        for name in ("cholesky", "det", "eigh", "eigvalsh", "inv", "matrix_power", "qr", "slogdet", "solve")
    },
    "np.triu": "torch.triu", "np.tril": "torch.tril", "np.cross": "torch.linalg.cross",
    "linalg.expm": "torch.linalg.matrix_exp", "softmax": "torch.softmax", "logdet": "torch.logdet",
    "np.tensordot": "torch.tensordot", "np.swapaxes": "torch.swapaxes",
}  # fmt: skip
"""What takes the same arguments, under another name."""


def _along(name: str) -> Spelling:
    """A reduction or a scan along axes."""

    def spell(e: LibraryScope, x: Written, axis: Written = None, keepdims: bool = False, **dtype: Written) -> Code:
        keywords: dict[str, Written] = {} if axis is None else {"dim": axis}
        if keepdims:
            keywords = {"dim": axis, "keepdim": True}
        found = by_path(name)(e.box(x), **keywords)
        return found.to(_dtype(dtype["dtype"])) if dtype else found

    return spell


def _prod(e: LibraryScope, x: Code, axis: Written = None, keepdims: bool = False) -> Code:
    axes = sorted(axis, reverse=True) if isinstance(axis, tuple) else [axis]
    for k in axes:
        x = _along("torch.prod")(e, x, k, keepdims)
    return x


def _like(name: str) -> Spelling:
    return lambda e, x, dtype=None: by_path(name)(e.box(x), **({} if dtype is None else {"dtype": _dtype(dtype)}))


def _dtype(dtype: Written) -> Code:
    text = str(dtype)
    return by_path("torch.bool") if text == "bool" else like(text, "dtype")


def _cast(dtype: str) -> Entry:
    return lambda e, x: _astype(e, x, dtype)


def _astype(e: LibraryScope, x: Written, dtype: str) -> Code:
    return _box(e, x, dtype) if e.is_number(x) else _as_array(x).to(_dtype(dtype))


def _as_array(x: Written) -> Code:
    assert isinstance(x, Code)
    return x


def _box(e: LibraryScope, value: Written, dtype: str) -> Code:
    if dtype == "bool":
        return by_path("torch.tensor")(value, device=like("bool", "device"))
    return like(dtype).new_tensor(value)


def _where(e: LibraryScope, test: Written, value: Written, otherwise: Written) -> Code:
    if e.is_number(value) and e.is_number(otherwise):
        value = e.box(value)
    return by_path("torch.where")(e.as_condition(test), value, otherwise)


def _extreme(name: str, bound: str) -> Entry:
    def spell(e: LibraryScope, x: Written, y: Written) -> Code:
        if e.is_number(x) and not e.is_number(y):
            x, y = y, x
        if e.is_number(y) and not e.is_number(x):
            return by_path("torch.clamp")(x, **{bound: y})
        return by_path(name)(e.box(x), e.box(y))

    return spell


def _power(e: LibraryScope, base: Written, power: Written) -> Code:
    base = e.box(base) if e.is_number(power) else base
    return by_path("torch.pow")(base, power)


def _take(e: LibraryScope, x: Code, key: Entries, ndim: int) -> Code:
    """An index; slices that run backwards are taken of the array that is flipped."""
    arrays = [entry for entry in key if isinstance(entry, Code) and not _is_bound(entry)]
    entries: list[Written | slice] = []
    flipped: list[int] = []
    axis = 0
    for entry in key:
        if isinstance(entry, slice) and entry.step is not None and entry.step < 0:
            flipped.append(axis)
            entry = slice(_mirror(entry.start), _mirror(entry.stop), -entry.step)
        elif arrays and entry is not None and not isinstance(entry, slice) and _is_bound(entry):
            entry = by_path("torch.full_like")(arrays[0], entry)  # Where NumPy takes a number for an array.
        entries.append(entry)
        axis += entry is not None
    x = by_path("torch.flip")(x, tuple(flipped)) if flipped else x
    kept = [entry for entry in entries if entry not in (slice(None), slice(None, None, 1))] if flipped else entries
    return x[tuple(entries)] if kept else x


def _is_bound(entry: Written | slice) -> bool:
    """Whether an entry is a number or arithmetic of sizes."""
    return not isinstance(entry, Code) or all(type(key) is not int for key in entry.slots)


def _mirror(bound: Code | None) -> Code | None:
    """A bound of a slice, seen from the other end."""
    if bound is None:
        return None
    part = bound.parts[0]
    if bound.is_slot() and isinstance(part, Slot) and isinstance(part.key, Held) and isinstance(part.key.value, int):
        return hold(-1 - part.key.value)
    return -1 - bound


def _transpose(e: LibraryScope, x: Code, axes: Sequence[int] | None = None) -> Code:
    return x.T if axes is None else x.permute(tuple(axes))


def _expand(e: LibraryScope, x: Written, axis: int | tuple[int, ...]) -> Code:
    found = e.as_array(x)
    for k in sorted(axis) if isinstance(axis, tuple) else [axis]:
        found = found.unsqueeze(k)
    return found


Pairs = Sequence["Written | Sequence[Written]"]
"""How much is put before and after each axis, or the only one."""


def _pad(e: LibraryScope, x: Code, pairs: Pairs, constant_values: Written = None) -> Code:
    """Pairs of the last axis come first."""
    wide = [tuple(pair) for pair in pairs if isinstance(pair, (tuple, list))] or [tuple(pairs)]
    if constant_values is not None and not e.is_number(constant_values):
        return by_path("pad")(x, tuple(wide), constant_values)
    flat = tuple(size for pair in reversed(wide) for size in pair)
    value = {} if constant_values is None else {"value": constant_values}
    return by_path("torch.nn.functional.pad")(x, flat, **value)


def _array(e: LibraryScope, values: Sequence[Written], dtype: str | None = None) -> Code:
    if dtype is None:
        return by_path("torch.stack")([e.box(v) for v in values])
    return by_path("torch.tensor")(list(values), dtype=_dtype(dtype), device=like(dtype, "device"))


def _join(name: str) -> Spelling:
    return lambda e, parts, axis=0: by_path(name)([e.box(p) for p in parts], **({"dim": axis} if axis else {}))


def _arange(e: LibraryScope, size: Written, dtype: str = "int64") -> Code:
    kind = {} if dtype == "int64" else {"dtype": _dtype(dtype)}
    return by_path("torch.arange")(size, **kind, device=like(dtype, "device"))


def _eye(e: LibraryScope, *sizes: Written, dtype: Written = None) -> Code:
    kind = e.dtype if dtype is None else str(dtype)
    return by_path("torch.eye")(*sizes, dtype=_dtype(kind), device=like(kind, "device"))


def _svd(e: LibraryScope, x: Code, compute_uv: bool = True, **keywords: Written) -> Code:
    return by_path("torch.linalg.svd" if compute_uv else "torch.linalg.svdvals")(x, **keywords)


def _trace(e: LibraryScope, x: Code, **axes: int) -> Code:
    return by_path("torch.diagonal")(x, dim1=-2, dim2=-1).sum(-1) if axes else by_path("torch.trace")(x)


def _diagonal(e: LibraryScope, x: Code, **axes: int) -> Code:
    return by_path("torch.diagonal")(x, **({"dim1": -2, "dim2": -1} if axes else {}))


def _bincount(e: LibraryScope, places: Code, weights: Written, size: Written) -> Code:
    if isinstance(weights, list):
        weights = by_path("torch.stack")([e.box(w) for w in weights])
    return by_path("bincount")(places, weights, size)


def _polygamma(e: LibraryScope, order: Code, x: Code) -> Code:
    if order.slots:
        raise Lacking("polygamma of an order that is no number, which PyTorch lacks")
    return by_path("torch.digamma" if str(order) == "0" else "polygamma")(*([] if str(order) == "0" else [order]), x)


def _zeta(e: LibraryScope, x: Code, q: Written = 1.0) -> Code:
    """PyTorch has Hurwitz's zeta function for orders above one."""
    if x.slots or float(str(x)) <= 1:
        raise Lacking("zeta of an order that is no number above one, which PyTorch lacks")
    return by_path("torch.special.zeta")(e.box(x), e.box(q))


def _pinv(e: LibraryScope, x: Code, rtol: Written = 1e-15) -> Code:
    return by_path("torch.linalg.pinv")(x, **({} if rtol is None else {"rtol": rtol}))


ENTRIES: dict[str, Entry] = {
    **{path: pointwise(name) for path, name in POINTWISE.items()},
    **NAMES,
    **{f"np.{dtype}": _cast(dtype) for dtype in (*FLOATS, "int8", "int16", "int32", "int64", "uint8", "bool")},
    **{f"np.{name}": _along(f"torch.{name}") for name in ("sum", "mean", "all", "any", "cumsum", "cumprod", "argmax")},
    "np.argmin": _along("torch.argmin"), "np.max": _along("torch.amax"), "np.min": _along("torch.amin"),
    "np.prod": _prod, "logsumexp": _along("torch.logsumexp"),
    "np.logaddexp.accumulate": _along("torch.logcumsumexp"),
    "norm": lambda e, x, axis=None, keepdims=False: _along("norm")(e, x, axis, keepdims),
    "np.maximum": _extreme("torch.maximum", "min"), "np.minimum": _extreme("torch.minimum", "max"),
    "np.power": _power, "np.where": _where, "np.vdot": lambda e, x, y: by_path("torch.sum")(infix(x, "*", y, TIMES)),
    "np.einsum": lambda e, text, *operands, optimize=False: by_path("torch.einsum")(text, *operands),
    "np.zeros": lambda e, shape, dtype="float64": like(dtype).new_zeros(shape),
    "np.zeros_like": _like("torch.zeros_like"), "np.ones_like": _like("torch.ones_like"),
    "np.array": _array, "np.asarray": lambda e, x: e.as_array(x), "np.arange": _arange, "np.eye": _eye,
    "np.concatenate": _join("torch.cat"), "np.stack": _join("torch.stack"),
    "np.ravel": lambda e, x: e.as_array(x).reshape(-1),
    "np.reshape": lambda e, x, shape: e.as_array(x).reshape(shape),
    "np.expand_dims": _expand, "np.transpose": _transpose, "np.pad": _pad,
    "np.broadcast_to": lambda e, x, shape: by_path("torch.broadcast_to")(e.box(x), shape),
    "np.flip": lambda e, x, axis: by_path("torch.flip")(x, (axis,)),
    "np.argsort": lambda e, x, axis, kind: by_path("torch.argsort")(x, dim=axis, stable=True),
    "np.linalg.svd": _svd, "np.linalg.pinv": _pinv, "np.trace": _trace, "np.diagonal": _diagonal,
    "np.bincount": _bincount, "polygamma": _polygamma,
    "zeta": _zeta, "special.zeta": _zeta,
    "special.erfcinv": lambda e, x: -by_path("torch.special.ndtri")(e.as_array(x) / 2) / by_path("math").sqrt(2),
    "take": _take, "astype": _astype, "box": _box,
    "transpose": lambda e, x, ndim: x.T if ndim == 2 else x.permute(tuple(range(ndim))[::-1]),
}  # fmt: skip


class TorchTemplates(LibraryTemplates):
    """Templates over tensors of PyTorch."""

    name = "torch"

    def function(self, expr: sympy.Basic) -> Code:
        """The call of a function."""
        if isinstance(expr, scalar.sigmoid):
            return by_path("torch.sigmoid")(self.scope.box(self.part(expr.args[0])))
        return super().function(expr)


def _hold(array: np.ndarray) -> object:
    """A tensor."""
    return import_module("torch").from_numpy(array.copy())


def _write(array: np.ndarray) -> str:
    """The text of a tensor."""
    if not array.size:
        return f"torch.zeros({array.shape}, dtype=torch.{array.dtype.name})"
    values = repr(array.tolist()).replace("nan", "torch.nan").replace("inf", "torch.inf")
    return f"torch.tensor({values}, dtype=torch.{array.dtype.name})"


def _save(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """PyTorch's file of tensors."""
    torch = import_module("torch")
    torch.save({name: torch.from_numpy(array.copy()) for name, array in arrays.items()}, path.with_suffix(".pt"))


class TorchBackend(LibraryBackend):
    """The backend that writes functions of tensors of PyTorch."""

    always = ("import torch",)
    moves = True

    def adopt(self, values: Arrays, dtypes: Sequence[str]) -> Arrays:
        """Tensors; whole numbers become floats where these are declared."""
        torch = import_module("torch")
        found = [torch.as_tensor(v if isinstance(v, torch.Tensor) else v.copy()) for v in values]
        return [
            v.to(getattr(torch, dtype)) if dtype in FLOATS and not v.is_floating_point() and not v.is_complex() else v
            for v, dtype in zip(found, dtypes)
        ]

    def name_dtype(self, dtype: str) -> str:
        """The text of a dtype."""
        return f"torch.{dtype}"

    def make_empty(self, dtype: str, device: str) -> str:
        """The text of a number of a dtype, on a device."""
        return f"torch.zeros((), dtype=torch.{dtype}, device={device})"

    def move(self, name: str, array: np.ndarray, dtype: str, device: str) -> str:
        """The text of a constant, given its name, as an array of a dtype on a device."""
        kept = dtype.startswith("torch.")
        return f"{name}.to({device})" if kept else f"{name}.to({dtype.removesuffix('.dtype')})"

    def copy_text(self, text: str) -> str:
        """The text of a copy."""
        return f"{text}.clone()"


TORCH = TorchBackend(
    "torch",
    Library("PyTorch", ENTRIES, OWN),
    TorchTemplates,
    Store(
        _write,
        'torch.load(Path(__file__).with_suffix(".pt"))',
        _save,
        _hold,
        (),
        "torch.from_numpy(np.array(value))",
        "torch",
    ),
    {"torch": "import torch", "math": "import math"},
    ("torch_runtime",),
    needs="torch",
)
