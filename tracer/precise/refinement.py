"""Eigenvectors and singular vectors in many digits, refined from those in floats.

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

WIDEST = 256
"""By so many bits the least of the eigenvalues of a matrix times its transpose may be smaller than the largest."""

APART = 24
"""Eigenvalues in floats that are nearer to each other than two to minus this, beside the largest element, are not told
apart."""


def refine_eigenvectors(a: Digits, m: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """The eigenvalues of a symmetric matrix, the least first, and its eigenvectors as columns; None where numbers are
    of too different sizes.
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
    where one is zero, or they are of too different sizes: their squares take long then.
    """
    if m.shape[0] < m.shape[1]:
        turned = refine_singular_vectors(a, m.T)
        return None if turned is None else (turned[2].T, turned[1], turned[0].T)
    read = read_integers(m.ravel().tolist())
    if read is None:
        return None
    integers, exponent = read
    x = fill_array(m.shape, integers)
    square = x.T @ x
    spread = _bound_spread(square)
    if spread is None or spread > WIDEST:
        return None
    bits = int(a.context.prec) + 2 * GUARD + spread
    found = _refine(square, bits)
    if found is None:
        return None
    squares, vectors, shift = found
    vectors = vectors[:, ::-1]
    numbers = _write(a, squares[::-1], 2 * exponent + shift - bits)
    sizes = fill_array(numbers.shape, [a.context.sqrt(x) for x in numbers])
    # What is small in the products is what is left of large terms, before they are rounded.
    return _write(a, x @ vectors, exponent - bits) / sizes, sizes, _write(a, vectors, -bits).T


def _bound_spread(square: np.ndarray) -> int | None:
    """By how many bits the least eigenvalue of a matrix of integers may be smaller than the largest, which has not more
    than all; None if the least is zero. The determinant is exact (Bareiss, Math. Comp. 22, 1968).
    """
    rows: list[list[int]] = square.tolist()
    last = 1
    most = sum(rows[i][i] for i in range(len(rows))).bit_length()
    for _ in range(len(square)):
        (head, *first), *others = rows
        if not head:
            return None
        rows = [[(x * head - row[0] * y) // last for x, y in zip(row[1:], first)] for row in others]
        last = head
    return len(square) * most - last.bit_length() + 1


def _refine(m: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray, int] | None:
    """Eigenvalues and eigenvectors of a symmetric matrix of integers, as integers times two to minus ``bits``, and the
    exponent of the power of two that the eigenvalues are multiplied by besides.

    Eigenvalues that are near to each other in floats are told apart by what is left of the matrix between their vectors
    without their mean, which is small, and a matrix of its own (Ogita and Aishima, Iterative refinement for symmetric
    eigenvalue decomposition II, Japan J. Indust. Appl. Math. 36, 2019).
    """
    n, one = len(m), 1 << bits
    shift = max((abs(x).bit_length() for x in m.flat), default=0)
    s = m << bits - shift if bits >= shift else m >> shift - bits
    starts, start = np.linalg.eigh((s >> bits - FLOAT_BITS).astype(float))
    vectors = np.ldexp(start, FLOAT_BITS).astype(np.int64).astype(object) << bits - FLOAT_BITS
    apart = np.flatnonzero(np.diff(starts) > 2.0 ** (FLOAT_BITS - APART))
    ends = [0, *(apart + 1).tolist(), n]
    groups = [slice(*pair) for pair in itertools.pairwise(ends)]
    group_of = np.repeat(np.arange(len(groups)), np.diff(ends))
    for step in range(STEPS):
        lacking = np.eye(n, dtype=int).astype(object) * one - (vectors.T @ vectors >> bits)
        turned = vectors.T @ (s @ vectors >> bits) >> bits
        values = [(turned[i, i] << bits) // (one - lacking[i, i]) for i in range(n)]
        change = lacking >> 1
        for i, j in np.argwhere(np.not_equal.outer(group_of, group_of)).tolist():
            change[i, j] = ((turned[i, j] << bits) + values[j] * lacking[i, j]) // (values[j] - values[i])
        vectors = vectors + (vectors @ change >> bits)
        for own in (own for own in groups if own.stop - own.start > 1):
            parted = _tell_apart(s, vectors[:, own], bits)
            if parted is None:
                return None
            values[own], vectors[:, own] = parted
        size = max((abs(x) for x in change.flat), default=0).bit_length() - bits
        gap = min((values[own.start] - values[own.start - 1] for own in groups[1:]), default=one)
        if 2 * size + bits - gap.bit_length() <= -bits + GUARD:
            return fill_array((n,), values), vectors, shift
        if size > -RIGHT << step:
            return None
    return None


def _tell_apart(s: np.ndarray, vectors: np.ndarray, bits: int) -> tuple[list[int], np.ndarray] | None:
    """The eigenvalues that belong to the space of some vectors, and their own vectors; those that are equal but for
    rounding have any.
    """
    rest, count = vectors.T @ (s @ vectors >> bits) >> bits, vectors.shape[1]
    mean = rest.trace() // count
    rest = rest + rest.T - 2 * mean * np.eye(count, dtype=int).astype(object) >> 1
    if max(abs(x) for x in rest.flat).bit_length() <= GUARD:
        return [mean] * count, vectors
    found = _refine(rest, bits)
    if found is None:
        return None
    values, turn, shift = found
    return [mean + (x << shift >> bits) for x in values], vectors @ turn >> bits


def _write(a: Digits, integers: np.ndarray, exponent: int) -> np.ndarray:
    """The numbers that integers times a power of two are."""
    make: Any = a.context.make_mpf
    items = [make(from_man_exp(x, exponent, a.context.prec, "n")) for x in integers.flat]
    return fill_array(integers.shape, items)
