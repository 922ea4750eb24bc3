"""What generated code may call beside NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


def sigmoid(x: float) -> float:
    """The logistic function of a Python float."""
    return 1 / (1 + math.exp(-x)) if x > -700 else math.exp(x)


def softplus(x: float) -> float:
    """``log(1 + exp(x))`` of a Python float."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def elementwise(function: Callable[..., Any], *operands: Any) -> Any:
    """A function of numbers applied element by element; NaN where it has no real value."""

    def real(*numbers: Any) -> float:
        try:
            value = complex(function(*(float(n) for n in numbers)))
        except (ArithmeticError, ValueError):
            return math.nan
        return value.real if value.imag == 0 else math.nan

    result = np.frompyfunc(real, len(operands), 1)(*operands)
    return np.asarray(result, float)[()]


def embed(value: Any, axes: Sequence[int], shape: Sequence[int]) -> Any:
    """Zeros of a shape with the value on a diagonal: axis k of the result runs along axis ``axes[k]`` of the value."""
    out = np.zeros(shape, np.asarray(value).dtype)
    np.einsum(out, list(axes), sorted(set(axes)))[...] = value
    return out


def recurrence(a: Any, b: Any, axis: int) -> Any:
    """``s[k] = b[k] + a[k]*s[k - 1]`` along an axis, from zero."""
    rows = np.moveaxis(a, axis, 0), np.moveaxis(b, axis, 0)
    out = np.empty_like(rows[1])
    total: Any = 0
    for k, (u, v) in enumerate(zip(*rows)):
        out[k] = total = v + u * total
    return np.moveaxis(out, 0, axis)


def softmax(x: Any, axis: int) -> Any:
    """``exp(x) / sum(exp(x))`` along an axis, shifted by the maximum."""
    e = np.exp(x - np.max(x, axis, keepdims=True, initial=-np.inf))
    return e / np.sum(e, axis, keepdims=True)
