"""Norms."""

from __future__ import annotations

import numpy as np


def norm(x: np.ndarray, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> np.ndarray:
    """The Euclidean norm along axes, also of numbers whose squares overflow or vanish."""
    found: np.ndarray = np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))
    limits = np.finfo(found.dtype)
    # Of arrays that are computed later, no value is asked for.
    known = isinstance(found, np.ndarray | np.generic)
    if known and np.all((found > np.sqrt(limits.tiny) / limits.eps) & (found < np.sqrt(limits.max))):
        return found
    if not x.size:
        return found
    largest = np.max(np.abs(x), axis=axis, keepdims=True)
    # By a power of two nothing is rounded.
    power = np.ldexp(np.ones_like(largest), np.frexp(largest)[1] - 1)
    scale = np.where((largest > 0) & (largest < np.inf), power, 1)
    found = scale * np.sqrt(np.sum((x / scale) ** 2, axis=axis, keepdims=True))
    return found if keepdims else np.squeeze(found, axis)[()]
