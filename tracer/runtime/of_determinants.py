"""Determinants and their derivatives."""

from __future__ import annotations

import itertools
from string import ascii_lowercase

import numpy as np


def logdet(x: np.ndarray) -> np.ndarray:
    """The logarithm of the determinant of square matrices; NaN where that is negative."""
    sign, size = np.linalg.slogdet(x)
    found: np.ndarray = np.where(sign < 0, np.nan, size)
    return found


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
