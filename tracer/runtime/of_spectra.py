"""Functions of the eigenvalues or singular values of matrices, and their derivatives in directions.

The derivative of ``V f(W) V^T`` in k directions is made of the divided differences of f at k + 1 eigenvalues (Daleckii
and Krein, 1965; Higham, Functions of Matrices, 2008, theorem 3.11 and section B.16). Where eigenvalues are equal, these
have limits, the derivatives of f. ``U f(S) V^T`` is a block of such a function of ``[[0, A], [A^T, 0]]``, whose
eigenvalues are the singular values with both signs, where f is continued as an odd function.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np

_CANCELS = 0.1
"""Where the difference of two values is less than this part of them, it is an integral that is computed."""

_AGREES = 1e-9
"""How far an integral by few points may be from one by more, relative to it: the error of the second is its square."""


def spectral_function(
    x: np.ndarray,
    slopes: Sequence[Callable[..., np.ndarray]],
    *directions: np.ndarray,
    parameters: Sequence[np.ndarray] = (),
    places: tuple[int, int] | None = None,
    singular: bool = False,
) -> np.ndarray:
    """The derivative of ``V f(W) V^T``, or of ``U f(S) V^T``, in directions, of each matrix.

    ``slopes`` are f and its derivatives. With ``places``, those from the first to before the second, the others count
    as zero.
    """
    x = np.asarray(x)
    batch = np.broadcast_shapes(*(m.shape[:-2] for m in (x, *directions)))
    wide = [np.broadcast_to(m, batch + x.shape[-2:]) for m in (x, *directions)]
    numbers = [np.broadcast_to(p, batch) for p in parameters]
    out = np.empty(batch + x.shape[-2:], x.dtype)
    with np.errstate(all="ignore"):
        for index in np.ndindex(batch):
            matrix, *along = (np.asarray(m[index], float) for m in wide)
            own = [lambda w, f=f, k=index: f(w, *(p[k] for p in numbers)) for f in slopes]
            out[index] = (_spectrum_of_any if singular else _spectrum_of_symmetric)(matrix, own, along, places)
    return out


def _spectrum_of_symmetric(
    x: np.ndarray,
    slopes: Sequence[Callable[..., np.ndarray]],
    directions: Sequence[np.ndarray],
    places: tuple[int, int] | None,
) -> np.ndarray:
    """The derivative of ``V f(W) V^T``."""
    if not np.isfinite(x).all():
        return np.full_like(x, np.nan)
    values, vectors = np.linalg.eigh(x)
    return _function_of_eigenvectors(values, vectors, slopes, directions, _mark_places(len(values), places))


def _spectrum_of_any(
    x: np.ndarray,
    slopes: Sequence[Callable[..., np.ndarray]],
    directions: Sequence[np.ndarray],
    places: tuple[int, int] | None,
) -> np.ndarray:
    """The derivative of ``U f(S) V^T``, by the eigenvectors ``(u, v)`` and ``(u, -v)`` of the larger matrix."""
    if not np.isfinite(x).all():
        return np.full_like(x, np.nan)
    m, n = x.shape
    u, s, vt = np.linalg.svd(x)
    size = len(s)
    left = np.hstack([u[:, :size], u[:, :size], u[:, size:] * 2**0.5, np.zeros((m, n - size))]) / 2**0.5
    right = np.hstack([vt[:size].T, -vt[:size].T, np.zeros((n, m - size)), vt[size:].T * 2**0.5]) / 2**0.5
    values = np.concatenate([s, -s, np.zeros(m + n - 2 * size)])
    jumps = bool(np.any(slopes[0](np.zeros(1)) != 0)) if size else False
    marked = _mark_places(size, places)
    used = np.concatenate([marked, marked, np.full(m + n - 2 * size, not jumps and bool(marked.all()))])
    odd = [_continue_odd(f, k, jumps) for k, f in enumerate(slopes)]
    along = [np.block([[np.zeros((m, m)), d], [d.T, np.zeros((n, n))]]) for d in directions]
    return _function_of_eigenvectors(values, np.vstack([left, right]), odd, along, used)[:m, m:]


def _continue_odd(slope: Callable[..., np.ndarray], order: int, jumps: bool) -> Callable[..., np.ndarray]:
    """A derivative of the odd function that has the values of another at positive numbers."""

    def continued(w: np.ndarray) -> np.ndarray:
        found = np.where(w < 0, (-1.0) ** (order + 1), 1.0) * slope(np.abs(w))
        return np.where(w == 0, np.nan, found) if jumps else found

    return continued


def _mark_places(size: int, places: tuple[int, int] | None) -> np.ndarray:
    """Which of the values are taken."""
    if places is None:
        return np.ones(size, bool)
    where = np.arange(size)
    marked: np.ndarray = (where >= places[0]) & (where < places[1])
    return marked


def _function_of_eigenvectors(
    values: np.ndarray,
    vectors: np.ndarray,
    slopes: Sequence[Callable[..., np.ndarray]],
    directions: Sequence[np.ndarray],
    used: np.ndarray,
) -> np.ndarray:
    """The sum over all orders of the directions; rows are done one by one, so that no array has more axes than two."""
    noise = len(values) * np.finfo(float).eps * np.abs(values).max(initial=0.0)
    values = np.where(np.abs(values) <= noise, 0.0, values)
    turned = [vectors.T @ d @ vectors for d in directions]
    size, order = len(values), len(turned)
    if not order:
        plain: np.ndarray = (vectors * _take_used(slopes[0], values, used)) @ vectors.T
        return plain
    if order == 1:
        gaps = _divide_differences(slopes, [values[:, None], values], [used[:, None], used], noise)
        once: np.ndarray = vectors @ (gaps * turned[0]) @ vectors.T
        return once
    letters = "abcdefgh"[:order]
    axes = [np.reshape(values, (-1,) + (1,) * (order - 1 - k)) for k in range(order)]
    marks = [np.reshape(used, (-1,) + (1,) * (order - 1 - k)) for k in range(order)]
    inner = np.zeros((size, size))
    for i in range(size):
        gaps = _divide_differences(slopes, [values[i], *axes], [used[i], *marks], noise)
        for chosen in itertools.permutations(turned):
            subscripts = [letters, "a", *(letters[k : k + 2] for k in range(order - 1))]
            inner[i] += np.einsum(f"{','.join(subscripts)}->{letters[-1]}", gaps, chosen[0][i], *chosen[1:])
    found: np.ndarray = vectors @ inner @ vectors.T
    return found


def _divide_differences(
    slopes: Sequence[Callable[..., np.ndarray]],
    points: Sequence[np.ndarray],
    used: Sequence[np.ndarray],
    noise: float,
) -> np.ndarray:
    """The divided differences of a function at points, which may be equal; zero takes its place where it is not used.

    Where the quotient loses digits, they are integrals of a derivative (Hermite and Genocchi).
    """
    if len(points) == 2:
        below, above = (_take_used(slopes[0], p, m) for p, m in zip(points, used))
        return _divide(slopes, points, used, below, above, noise)
    shape = np.broadcast_shapes(*(p.shape for p in points))
    table = np.stack([np.broadcast_to(p, shape) for p in points])
    marks = np.stack([np.broadcast_to(m, shape) for m in used])
    order = np.argsort(table, axis=0, kind="stable")
    table, marks = np.take_along_axis(table, order, 0), np.take_along_axis(marks, order, 0)
    return _differences_of_sorted(slopes, [*table], [*marks], noise)


def _take_used(slope: Callable[..., np.ndarray], points: np.ndarray, used: np.ndarray) -> np.ndarray:
    """The values of a function, zero where it is not used."""
    return np.where(used, slope(points), 0.0)


def _differences_of_sorted(
    slopes: Sequence[Callable[..., np.ndarray]], points: Sequence[np.ndarray], used: Sequence[np.ndarray], noise: float
) -> np.ndarray:
    """The divided differences at points that rise."""
    if len(points) == 1:
        return _take_used(slopes[0], points[0], used[0])
    parts = slice(None, -1), slice(1, None)
    below, above = (_differences_of_sorted(slopes, points[k], used[k], noise) for k in parts)
    return _divide(slopes, points, used, below, above, noise)


def _divide(
    slopes: Sequence[Callable[..., np.ndarray]],
    points: Sequence[np.ndarray],
    used: Sequence[np.ndarray],
    below: np.ndarray,
    above: np.ndarray,
    noise: float,
) -> np.ndarray:
    """The divided differences, given those without the last and those without the first of the points."""
    order = len(points) - 1
    gap, difference = points[-1] - points[0], above - below
    equal, size = np.abs(gap) <= noise, np.maximum(np.abs(above), np.abs(below))
    found = np.where(equal, np.nan, difference / gap)
    same = used[0]
    unused = ~used[0]
    for mark in used[1:]:
        same, unused = same & mark, unused & ~mark
    found[unused & np.ones(found.shape, bool)] = 0.0
    limit = same & equal
    if limit.any():
        middle = np.broadcast_to((points[0] + points[-1]) / 2, found.shape)[limit]
        found[limit] = slopes[order](middle) / math.factorial(order)
    close = same & ~equal & (np.abs(difference) <= _CANCELS * size)
    if close.any():
        at = np.stack([np.broadcast_to(p, found.shape)[close] for p in points])
        rough, fine = (_integrate_slope(slopes[order], at, count) for count in (4, 7))
        error = _AGREES * np.abs(fine) + 16 * np.finfo(float).eps * size[close] / np.abs(gap[close])
        agrees = (np.abs(rough - fine) <= _AGREES * np.abs(fine)) & (np.abs(found[close] - fine) <= error)
        found[close] = np.where(agrees, fine, found[close])
    return found


def _integrate_slope(slope: Callable[..., np.ndarray], points: np.ndarray, count: int) -> np.ndarray:
    """The integral of a derivative over the means of points, by Gauss's rule along each edge of the simplex."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    total = np.zeros(points.shape[1:])
    steps = np.diff(points, axis=0)
    for chosen in itertools.product(range(count), repeat=len(steps)):
        part, weight, at = 1.0, 1.0, points[0]
        for k, (one, step) in enumerate(zip(chosen, steps)):
            part *= (1 + nodes[one]) / 2
            weight *= weights[one] / 2 * (part if k < len(steps) - 1 else 1.0)
            at = at + part * step
        total = total + weight * slope(at)
    return total
