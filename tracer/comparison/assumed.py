"""Values that meet what is assumed of a parameter, made of any values: what holds already is left as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

SMALLEST_HUGE = 1e100
"""Larger numbers are taken for this one where shares are made of them: sums of it are finite."""

LEAST = 1e-3
"""The least eigenvalue of a matrix that counts as positive definite."""


def _symmetric(v: np.ndarray) -> np.ndarray:
    upper = np.triu(v)
    return np.asarray(upper + np.swapaxes(np.triu(v, 1), -1, -2))


def _diagonal(v: np.ndarray) -> np.ndarray:
    return np.where(np.eye(v.shape[-1], dtype=bool), v, 0.0)


def _definite(v: np.ndarray) -> np.ndarray:
    """A symmetric matrix, with as much of an identity added as makes it definite."""
    if v.ndim < 2:
        return _positive(v)
    s = _symmetric(v)
    identity = np.eye(s.shape[-1])
    if not s.size or not np.isfinite(s).all():
        return np.broadcast_to(identity, s.shape).copy()
    least = np.min(np.linalg.eigvalsh(s), axis=-1)[..., None, None]
    return np.asarray(np.where(least > LEAST, s, s + (1 + np.ceil(-least)) * identity))


def _orthogonal(v: np.ndarray) -> np.ndarray:
    """A permutation with signs: floats hold few other orthogonal matrices exactly."""
    n = v.shape[-1]
    found = np.zeros(v.shape)
    for at in np.ndindex(*v.shape[:-2]):
        open_columns = list(range(n))
        for i in range(n):
            j = max(open_columns, key=lambda k: (abs(v[at][i, k]), -k))
            open_columns.remove(j)
            found[at][i, j] = -1.0 if v[at][i, j] < 0 else 1.0
    return found


def _stochastic(v: np.ndarray) -> np.ndarray:
    """Probabilities along the last axis: multiples of 1/1024, which floats add up exactly."""
    if not v.size or ((v >= 0).all() and (v.sum(axis=-1) == 1).all()):
        return v
    sizes = np.where(np.isfinite(v), np.minimum(np.abs(v), SMALLEST_HUGE), 1.0)
    total = sizes.sum(axis=-1, keepdims=True)
    shares = np.floor(np.divide(1024 * sizes, total, out=np.zeros_like(sizes), where=total > 0)) / 1024
    shares[..., -1] = 1 - shares[..., :-1].sum(axis=-1)
    return np.asarray(shares)


def _unit(v: np.ndarray) -> np.ndarray:
    """The unit vector of the axis along which a vector is longest: floats hold few other unit vectors exactly."""
    if not v.size or ((v * v).sum(axis=-1) == 1).all():
        return v
    longest = np.argmax(np.abs(v), axis=-1)[..., None]
    made = np.zeros_like(v, dtype=float)
    np.put_along_axis(made, longest, np.where(np.take_along_axis(v, longest, -1) < 0, -1.0, 1.0), -1)
    return made


def _positive(v: np.ndarray) -> np.ndarray:
    return np.where(v == 0, 1.0, np.abs(v))


ASSUMED: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "integer": np.rint,
    "nonnegative": np.abs,
    "nonpositive": lambda v: -np.abs(v),
    "nonzero": lambda v: np.where(v == 0, 1.0, v),
    "positive": _positive,
    "negative": lambda v: -_positive(v),
    "symmetric": _symmetric,
    "diagonal": _diagonal,
    "positive_definite": _definite,
    "orthogonal": _orthogonal,
    "stochastic": _stochastic,
    "unit": _unit,
}
"""How values are made that meet an assumption; what is behind keeps what is before."""


def meet(value: np.ndarray, assumptions: Mapping[str, bool]) -> np.ndarray:
    """A value that meets assumptions, made of any value of the shape.

    Examples
    --------
    >>> meet(np.array([[1.0, 2.0], [3.0, -4.0]]), {"symmetric": True, "positive": True}).tolist()
    [[1.0, 2.0], [2.0, 4.0]]
    """
    for name, make in ASSUMED.items():
        if assumptions.get(name):
            value = np.asarray(make(value))
    return value
