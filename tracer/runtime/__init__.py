"""What generated code may call beside NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_LATE = {
    "gammas": ("erfc", "lgamma", "polygamma", "zeta"),
    "of_determinants": ("cofactors", "logdet"),
    "of_matrices": (
        "expm_frechet", "logm", "logm_frechet", "lu", "matrix_power_frechet", "sqrtm", "sqrtm_frechet",
    ),
    "of_norms": ("norm",),
    "of_spectra": ("spectral_function",),
    "of_mpmath": ("elementwise", "evalf", "product", "total"),
}  # fmt: skip
"""By module, which is imported when the first of them is needed: what each defines."""

__all__ = [
    "defined", "embed", "greatest_at", "logaddexp", "logsumexp", "recurrence", "segment_max", "sigmoid", "softmax",
    "softplus",
]  # fmt: skip
__all__ += [name for names in _LATE.values() for name in names]


def __getattr__(name: str) -> Callable[..., Any]:
    for module, names in _LATE.items():
        if name in names:
            function: Callable[..., Any] = getattr(import_module(f"tracer.runtime.{module}"), name)
            return function
    raise AttributeError(f"module 'tracer.runtime' has no attribute {name!r}")


def sigmoid(x: float) -> float:
    """The logistic function of a Python float."""
    return 1 / (1 + math.exp(-x)) if x > -700 else math.exp(x)


def softplus(x: float) -> float:
    """``log(1 + exp(x))`` of a Python float."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def logaddexp(x: float, y: float) -> float:
    """``log(exp(x) + exp(y))`` of Python floats."""
    return max(x, y) + math.log1p(math.exp(-abs(x - y))) if x != y else x + math.log(2)


def softmax(x: np.ndarray, axis: int) -> np.ndarray:
    """Exponentials that sum to one along an axis."""
    power = np.exp(x - np.max(x, axis=axis, keepdims=True)) if x.size else x
    share: np.ndarray = power / np.sum(power, axis=axis, keepdims=True)
    return share


def logsumexp(x: np.ndarray, axis: int | tuple[int, ...], keepdims: bool = False) -> np.ndarray:
    """``log(sum(exp(x)))`` along axes."""
    x = np.asarray(x) if isinstance(x, float) else x
    if isinstance(x, np.ndarray) and x.size < 1000:
        few: np.ndarray = np.ufunc.reduce(np.logaddexp, x, axis=axis, keepdims=keepdims)
        return few
    largest = np.max(x, axis=axis, keepdims=True)
    greatest = x == largest
    count = np.sum(greatest, axis=axis, keepdims=True, dtype=x.dtype)
    # What is small beside the greatest keeps its digits beside zero.
    others = np.sum(np.where(greatest, 0, np.exp(x - largest)), axis=axis, keepdims=True, dtype=x.dtype)
    found: np.ndarray = largest + np.log(count) + np.log1p(others / count)
    return found if keepdims else np.squeeze(found, axis)[()]


def greatest_at(size: int, *parts: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """The greatest of the values on each flat place, zero where there is none; parts are (places, values)."""
    out = np.full(size, -np.inf)
    for places, values in parts:
        np.maximum.at(out, places, values)
    return np.where(np.isneginf(out), 0.0, out)


def segment_max(x: np.ndarray, ids: np.ndarray, count: int, empty: float) -> np.ndarray:
    """The greatest slices by segment id, and ``empty`` for a segment that has none."""
    x, ids = np.asarray(x), np.asarray(ids)
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    out = np.full((count, *x.shape[ids.ndim :]), lowest, x.dtype)
    np.maximum.at(out, ids, x)
    used = np.zeros(count, bool)
    used[ids] = True
    out[~used] = empty
    return out


def recurrence(a: np.ndarray, b: np.ndarray, axis: int) -> np.ndarray:
    """``s[k] = b[k] + a[k]*s[k - 1]`` from zero along an axis."""
    a, b = np.moveaxis(a, axis, 0), np.moveaxis(b, axis, 0)
    out = np.empty(b.shape, np.result_type(a, b))
    total = np.zeros_like(b[:1].sum(0))
    for k in range(len(b)):
        out[k] = total = b[k] + a[k] * total
    return np.moveaxis(out, 0, axis)


def defined(function: Callable[..., np.ndarray], *matrices: np.ndarray) -> np.ndarray:
    """A function of matrices, NaN for those that it refuses: a choice may leave its value out."""
    try:
        return function(*matrices)
    except np.linalg.LinAlgError:
        if all(m.ndim < 3 for m in matrices):
            return np.full(matrices[-1].shape, np.nan)
    batch = np.broadcast_shapes(*(m.shape[:-2] for m in matrices))
    wide = [np.broadcast_to(m, batch + m.shape[-2:]) for m in matrices]
    return np.stack([defined(function, *parts) for parts in zip(*wide)])


def embed(value: ArrayLike, axes: Sequence[int], shape: Sequence[int]) -> np.ndarray:
    """Zeros of a shape with the value on a diagonal: axis k of the result runs along axis ``axes[k]`` of the value."""
    if not isinstance(value, np.ndarray) and np.shape(value):
        return _embed_later(value, axes, shape)
    out = np.zeros(shape, np.asarray(value).dtype)
    np.einsum(out, list(axes), sorted(set(axes)))[...] = value
    return out


def _embed_later(value: ArrayLike, axes: Sequence[int], shape: Sequence[int]) -> np.ndarray:
    """The same of an array that can't be written into: a choice by where its axes meet."""
    first = [list(axes).index(axis) for axis in axes]
    order = [axis for k, axis in enumerate(axes) if first[k] == k]
    spread = np.transpose(value, order)[tuple(slice(None) if first[k] == k else None for k in range(len(axes)))]
    along = np.ogrid[tuple(map(slice, shape))]
    met = np.True_
    for k, other in enumerate(first):
        met = met & (along[k] == along[other])
    placed: np.ndarray = np.where(met, spread, 0)
    return placed
