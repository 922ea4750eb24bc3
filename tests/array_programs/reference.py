"""What a program's value and derivatives are, by NumPy alone: extended precision and finite differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

STEP = 2.0**-13
"""Of the finer differences; the coarser ones are twice as wide."""

CLOSE = 1e-6
"""How well two differences agree where the function is smooth, relative to the derivative."""


class Kink(Exception):
    """The differences do not agree: a kink is near, or the function is too steep there."""


def value(function: Callable[..., Any], values: Sequence[np.ndarray]) -> np.ndarray:
    """The value in extended precision."""
    with np.errstate(all="ignore"):
        return np.asarray(function(*(np.asarray(v, np.longdouble) for v in values)))


def difference(function: Callable[[np.ndarray], np.ndarray], x: np.ndarray, step: float) -> np.ndarray:
    """Central differences of order four, of shape ``function(x).shape + x.shape``."""
    columns = []
    for index in np.ndindex(x.shape):
        e = np.zeros(x.shape, np.longdouble)
        e[index] = step
        near, far = (function(x + k * e) - function(x - k * e) for k in (1, 2))
        columns.append((8 * near - far) / (12 * np.longdouble(step)))
    return np.stack(columns, axis=-1).reshape(columns[0].shape + x.shape)


def jacobians(function: Callable[..., Any], values: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The derivative of the value by each argument, of shape ``value.shape + argument.shape``.

    Raises
    ------
    Kink
        If a step of half the width gives something else.
    """
    found = []
    for k in range(len(values)):

        def along(x: np.ndarray, k: int = k) -> np.ndarray:
            return value(function, [x if j == k else v for j, v in enumerate(values)])

        x = np.asarray(values[k], np.longdouble)
        fine, coarse = difference(along, x, STEP), difference(along, x, 2 * STEP)
        if not np.all(np.abs(fine - coarse) <= CLOSE * (1 + np.max(np.abs(fine), initial=0))):
            raise Kink
        found.append(fine)
    return found


def contracted(cotangent: np.ndarray, jacobian: np.ndarray) -> np.ndarray:
    """The gradient: a cotangent times a Jacobian, summed over the axes of the value."""
    return np.asarray(np.tensordot(cotangent, jacobian, cotangent.ndim))


def curvature(
    function: Callable[..., Any], values: Sequence[np.ndarray], directions: Sequence[np.ndarray]
) -> list[np.ndarray]:
    """The derivative, along directions of the arguments, of the gradients of the sum of the value.

    Raises
    ------
    Kink
        If a step of half the width gives something else.
    """
    found = []
    for k in range(len(values)):

        def gradient(t: np.ndarray, k: int = k) -> np.ndarray:
            moved = [np.asarray(v, np.longdouble) + t * u for v, u in zip(values, directions)]

            def total(x: np.ndarray) -> np.ndarray:
                return np.sum(value(function, [x if j == k else v for j, v in enumerate(moved)]))

            return difference(total, moved[k], STEP)

        origin = np.zeros((), np.longdouble)
        fine, coarse = difference(gradient, origin, 16 * STEP), difference(gradient, origin, 32 * STEP)
        if not np.all(np.abs(fine - coarse) <= CLOSE * (1 + np.max(np.abs(fine), initial=0))):
            raise Kink
        found.append(fine)
    return found
