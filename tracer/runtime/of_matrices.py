"""Functions of matrices that NumPy lacks: exponentials, square roots, logarithms, triangular factors.

The derivative of a function in a direction is a block of the function of a larger matrix that is not diagonalisable: no
value is computed from eigenvectors but those of symmetric matrices.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from functools import cache
from string import ascii_lowercase

import numpy as np


def expm(x: np.ndarray) -> np.ndarray:
    """The exponential of square matrices by scaling and squaring.

    References
    ----------
    Higham, The scaling and squaring method for the matrix exponential revisited, 2005, (2.3) and algorithm 2.3.
    """
    x = np.asarray(x)
    n = x.shape[-1]
    norm = np.abs(x).sum(-2).max(initial=0.0)
    halvings = max(0, math.ceil(math.log2(norm / 5.37))) if 0 < norm < math.inf else 0
    x = x / 2.0**halvings
    order = 13
    coefficient, power = 1.0, np.broadcast_to(np.eye(n, dtype=x.dtype), x.shape)
    even, odd = power, np.zeros_like(power)
    for k in range(1, order + 1):
        coefficient *= (order - k + 1) / (k * (2 * order - k + 1))
        power = power @ x
        if k % 2:
            odd = odd + coefficient * power
        else:
            even = even + coefficient * power
    out = np.linalg.solve(even - odd, even + odd)
    for _ in range(halvings):
        out = out @ out
    return out


def expm_frechet(x: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """The derivative of the exponential at matrices in directions."""
    return _corner(expm, x, direction)


def matrix_power_frechet(x: np.ndarray, direction: np.ndarray, n: int) -> np.ndarray:
    """The derivative of a power at matrices in directions."""
    return _corner(lambda m: np.linalg.matrix_power(m, n), x, direction)


def _corner(function: Callable[[np.ndarray], np.ndarray], x: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """The upper right block of a function of block-triangular matrices (Higham, Functions of Matrices, eq. 3.16)."""
    x, direction = np.broadcast_arrays(x, direction)
    n = x.shape[-1]
    return function(np.block([[x, direction], [np.zeros_like(x), x]]))[..., :n, n:]


def sqrtm(x: np.ndarray) -> np.ndarray:
    """The principal square root of square matrices; NaN where there is no real one."""
    return _apply_to_each(_sqrtm, x)


def sqrtm_frechet(x: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """The derivative of the square root at matrices in directions."""
    return _corner(sqrtm, x, direction)


def logm(x: np.ndarray) -> np.ndarray:
    """The principal logarithm of square matrices; NaN where there is no real one."""
    return _apply_to_each(_logm, x)


def logm_frechet(x: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """The derivative of the logarithm at matrices in directions."""
    return _corner(logm, x, direction)


def _apply_to_each(function: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> np.ndarray:
    x = np.asarray(x)
    flat = x.reshape(-1, *x.shape[-2:]) if x.ndim > 2 else x[None]
    with np.errstate(all="ignore"):
        found = [function(m.astype(float)) for m in flat] if x.size else []
    return np.array(found, x.dtype).reshape(x.shape)


def _of_eigenvalues(function: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> np.ndarray:
    """A function of a symmetric matrix; what rounding makes of an eigenvalue zero counts as zero."""
    values, vectors = np.linalg.eigh(x)
    noise = len(x) * np.finfo(float).eps * np.abs(values).max(initial=0.0)
    found: np.ndarray = (vectors * function(np.where(np.abs(values) <= noise, 0.0, values))) @ vectors.T
    return found


def _sqrtm(x: np.ndarray) -> np.ndarray:
    """By the product form of Denman and Beavers' iteration, scaled by determinants.

    References
    ----------
    Higham, Functions of Matrices, 2008, (6.29) and section 6.5.
    """
    if not np.isfinite(x).all():
        return np.full_like(x, np.nan)
    if (x == x.T).all():
        return _of_eigenvalues(np.sqrt, x)
    n = len(x)
    unit = np.eye(n)
    root, product = x, x
    for _ in range(60):
        sign, size = np.linalg.slogdet(product)
        if sign <= 0 or not math.isfinite(size):
            break
        scale = math.exp(-size / (2 * n)) if np.abs(product - unit).max() > 1e-2 else 1.0
        inverse = np.linalg.inv(product) / scale**2
        root = 0.5 * scale * (root + root @ inverse)
        product = 0.5 * (unit + 0.5 * (scale**2 * product + inverse))
        distance = np.abs(product - unit).max()
        if distance < 4 * n * np.finfo(float).eps:
            return root
    return np.full_like(x, np.nan)


def _logm(x: np.ndarray) -> np.ndarray:
    """By roots until the matrix is near the identity, and a Pade approximant in partial fractions.

    References
    ----------
    Higham, Functions of Matrices, 2008, (11.18) and algorithm 11.9.
    """
    if not np.isfinite(x).all():
        return np.full_like(x, np.nan)
    if (x == x.T).all():
        return _of_eigenvalues(lambda values: np.where(values > 0, np.log(values), np.nan), x)
    n = len(x)
    unit = np.eye(n)
    halvings = 0
    while np.abs(x - unit).sum(0).max() > 0.25:
        x = _sqrtm(x)
        halvings += 1
        if halvings > 60 or np.isnan(x).any():
            return np.full_like(x, np.nan)
    rest = x - unit
    nodes, weights = _gauss_legendre()
    total: np.ndarray = sum(w * np.linalg.solve(unit + t * rest, rest) for t, w in zip(nodes, weights))
    return 2.0**halvings * total


@cache
def _gauss_legendre() -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of a quadrature over (0, 1): those of the diagonal Pade approximant of the logarithm."""
    nodes, weights = np.polynomial.legendre.leggauss(10)
    return (nodes + 1) / 2, weights / 2


def cofactors(x: np.ndarray, *directions: np.ndarray) -> np.ndarray:
    """The derivative of the cofactors of square matrices in directions, which is finite for singular matrices too.

    By the singular values: with ``A = U*S*V.T`` it is ``det(U*V.T)*U*X*V.T``, where X is that of the diagonal matrix S
    in the directions ``F = U.T*E*V``. An entry of X is a sum over orders p and indices i, which differ, of the products
    ``sign(p)*F1[i1, i_p(1)]*F2[i2, i_p(2)]*...`` times the singular values without those at the indices: at row i0 and
    column i_p(0).

    References
    ----------
    Bhatia and Jain, Higher order derivatives and perturbation bounds for determinants, 2009, section 2.
    """
    n = x.shape[-1]
    finite = np.isfinite(x).all((-2, -1), keepdims=True)
    u, s, vt = np.linalg.svd(np.where(finite, x, 0))
    # Large and small values alternate, so that products of some are seldom larger than those of all.
    order = np.stack([np.arange(n), np.arange(n)[::-1]], -1).ravel()[:n]
    u, s, vt = u[..., order], np.where(finite[..., 0], s[..., order], np.nan), vt[..., order, :]
    # runs[a, b] is the product of the values from a up to b, without b: zero where a is beyond b, as of equal indices.
    runs = np.cumprod(np.where(np.tri(n + 1, n, -1), 1, s[..., None, :]), -1)
    none = np.ones((*runs.shape[:-1], 1), s.dtype)
    runs = np.where(np.tri(n + 1, k=-1), 0, np.concatenate([none, runs], -1))
    count = len(directions) + 1
    places = np.sort(np.indices((n,) * count), axis=0)
    others = runs[..., 0, places[0]]
    for start, end in zip(places, (*places[1:], n)):
        others = others * runs[..., start + 1, end]
    turned = [np.swapaxes(u, -1, -2) @ e @ np.swapaxes(vt, -1, -2) for e in directions]
    total = 0
    for p in itertools.permutations(range(count)):
        sign = (-1) ** sum(a > b for a, b in itertools.combinations(p, 2))
        rows, columns = ascii_lowercase[:count], [ascii_lowercase[k] for k in p]
        factors = [f"...{a}{b}" for a, b in zip(rows[1:], columns[1:])]
        inputs = ",".join([f"...{rows}", *factors, f"{columns[0]}z"])
        total = total + sign * np.einsum(f"{inputs}->...{rows[0]}z", others, *turned, np.eye(n, dtype=s.dtype))
    found: np.ndarray = (np.linalg.det(u) * np.linalg.det(vt))[..., None, None] * (u @ total @ vt)
    return found


def lu(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Triangular factors of square matrices in one array, and the order of the rows, by partial pivoting."""
    factors = np.array(x)
    *batch, n, _ = factors.shape
    order = np.broadcast_to(np.arange(n), (*batch, n)).copy()
    for place in np.ndindex(*batch):
        a, p = factors[place], order[place]
        for k in range(n):
            best = k + int(np.argmax(np.abs(a[k:, k])))
            if a[best, k] == 0:
                raise np.linalg.LinAlgError("Singular matrix")
            if best != k:
                a[[k, best]], p[[k, best]] = a[[best, k]], p[[best, k]]
            a[k + 1 :, k] /= a[k, k]
            a[k + 1 :, k + 1 :] -= np.outer(a[k + 1 :, k], a[k, k + 1 :])
    return factors, order
