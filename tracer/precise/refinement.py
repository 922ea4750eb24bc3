"""Eigenvectors and singular vectors in many digits, refined from those in floats, where these tell the values apart.

With each step twice as many digits are right (Ogita and Aishima, Iterative refinement for symmetric eigenvalue
decomposition, Japan J. Indust. Appl. Math. 35, 2018): two or three take far less time than iterations from scratch.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
from mpmath.libmp import from_man_exp

from tracer.precise.arithmetic import fill_array
from tracer.precise.scaled import GUARD, read_integers

if TYPE_CHECKING:
    from tracer.precise.digits import Digits

FLOAT_BITS = 60
"""With so many bits whole numbers are made floats, and floats whole numbers."""

STEPS = 16
"""After so many steps there are as many digits as anybody asks for."""

RIGHT = 20
"""So many bits the vectors in floats have to have right."""

SMALLEST = 64
"""By so many bits the least of the eigenvalues of a matrix times its transpose may be smaller than the largest."""


def refine_eigenvectors(a: Digits, m: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """The eigenvalues of a symmetric matrix, the least first, and its eigenvectors as columns; None where floats do not
    tell them apart.
    """
    read = read_integers(m.ravel().tolist())
    if read is None:
        return None
    integers, exponent = read
    bits = int(a.context.prec) + 2 * GUARD
    found = _refine(fill_array(m.shape, integers), bits)
    if found is None:
        return None
    values, vectors, shift = found
    return _write(a, values, exponent + shift - bits), _write(a, vectors, -bits)


def refine_singular_vectors(a: Digits, m: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """The left singular vectors as columns, the singular values, the largest first, and the right ones as rows; None
    where floats do not tell them apart, or one is nearly zero.
    """
    if m.shape[0] < m.shape[1]:
        turned = refine_singular_vectors(a, m.T)
        return None if turned is None else (turned[2].T, turned[1], turned[0].T)
    read = read_integers(m.ravel().tolist())
    if read is None:
        return None
    integers, exponent = read
    x = fill_array(m.shape, integers)
    bits = int(a.context.prec) + 2 * GUARD + SMALLEST
    found = _refine(x.T @ x, bits)
    if found is None or found[0][0] <= found[0][-1] >> SMALLEST:
        return None
    squares, vectors, shift = found
    right, numbers = _write(a, vectors[:, ::-1], -bits), _write(a, squares[::-1], 2 * exponent + shift - bits)
    sizes = fill_array(numbers.shape, [a.context.sqrt(x) for x in numbers])
    return a.multiply(m, right) / sizes, sizes, right.T


def _refine(m: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray, int] | None:
    """Eigenvalues and eigenvectors of a symmetric matrix of integers, as integers times two to minus ``bits``, and the
    exponent of the power of two that the eigenvalues are multiplied by besides.
    """
    shift = max((abs(x).bit_length() for x in m.flat), default=0)
    s = m << bits - shift if bits >= shift else m >> shift - bits
    _, start = np.linalg.eigh((s >> bits - FLOAT_BITS).astype(float))
    vectors = np.ldexp(start, FLOAT_BITS).astype(np.int64).astype(object) << bits - FLOAT_BITS
    one, n = 1 << bits, len(m)
    for step in range(STEPS):
        lacking = np.eye(n, dtype=int).astype(object) * one - (vectors.T @ vectors >> bits)
        turned = vectors.T @ (s @ vectors >> bits) >> bits
        values = [(turned[i, i] << bits) // (one - lacking[i, i]) for i in range(n)]
        gap = min((y - x for x, y in itertools.pairwise(values)), default=one)
        if gap <= 0:  # Floats have them in no order.
            return None
        change = np.empty((n, n), object)
        for i, j in np.ndindex(n, n):
            if i == j:
                change[i, i] = lacking[i, i] >> 1
            else:
                change[i, j] = ((turned[i, j] << bits) + values[j] * lacking[i, j]) // (values[j] - values[i])
        vectors = vectors + (vectors @ change >> bits)
        size = max(abs(x) for x in change.flat).bit_length() - bits
        if 2 * size + bits - gap.bit_length() <= -bits + GUARD:
            return fill_array((n,), values), vectors, shift
        if size > -RIGHT << step:
            return None
    return None


def _write(a: Digits, integers: np.ndarray, exponent: int) -> np.ndarray:
    """The numbers that integers times a power of two are."""
    make: Any = a.context.make_mpf
    items = [make(from_man_exp(x, exponent, a.context.prec, "n")) for x in integers.flat]
    return fill_array(integers.shape, items)
