"""Matrices of integers that have one exponent, and move along others: a product of them takes far less time than one of
numbers with an exponent each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from mpmath.libmp import from_man_exp

GUARD = 32
"""How many bits there are beside those of the numbers: what sums and products lose."""

WIDEST = 1 << 13
"""By how many binary digits numbers may differ that are written as integers: longer ones take long."""


class SingularError(ArithmeticError):
    """A matrix has no inverse."""


class Scaled:
    """A matrix A that may move in a direction E: functions of it are those of ``[[A, E], [0, A]]``, by its two blocks.

    The blocks are ``items * 2**exponent``. What is less than two to minus ``bits`` is lost.

    Parameters
    ----------
    items : array of int
        A and, if it moves, E, along the first axis.
    exponent : int
    bits : int

    Examples
    --------
    >>> half = Scaled(np.array([[[1, 0], [0, 1]]], object), -1, 64)
    >>> whole = half + half
    >>> (whole.items << whole.exponent + 1).tolist()
    [[[2, 0], [0, 2]]]
    """

    __slots__ = ("bits", "exponent", "items")

    def __init__(self, items: np.ndarray, exponent: int, bits: int) -> None:
        if exponent < -bits:
            items, exponent = items >> -bits - exponent, -bits
        self.items, self.exponent, self.bits = items, exponent, bits

    @property
    def size(self) -> int:
        """How many rows it has."""
        return len(self.items[0])

    @property
    def magnitude(self) -> int:
        """The binary exponent of the largest element."""
        return self.exponent + _count_bits(self.items)

    @property
    def still_magnitude(self) -> int:
        """The same of A alone."""
        return self.exponent + _count_bits(self.items[0])

    def __add__(self, other: Scaled) -> Scaled:
        exponent = min(self.exponent, other.exponent)
        return Scaled(_shift(self, exponent) + _shift(other, exponent), exponent, self.bits)

    def __sub__(self, other: Scaled) -> Scaled:
        return self + other.multiply(-1)

    def __matmul__(self, other: Scaled) -> Scaled:
        (x, *moved), y = self.items, other.items
        items = x @ y
        for along in moved:
            items[1] += along @ y[0]
        excess = max(0, _count_bits(items) - 2 * self.bits)
        return Scaled(items >> excess, self.exponent + other.exponent + excess, self.bits)

    def multiply(self, factor: int) -> Scaled:
        """It times a whole number."""
        return Scaled(self.items * factor, self.exponent, self.bits)

    def divide(self, divisor: int) -> Scaled:
        """It divided by a whole number."""
        return Scaled(self.items // divisor, self.exponent, self.bits)

    def scale(self, power: int) -> Scaled:
        """It times a power of two."""
        return Scaled(self.items, self.exponent + power, self.bits)

    def identity(self) -> Scaled:
        """The identity of its size, which does not move."""
        items = np.zeros(self.items.shape, int).astype(object)
        items[0] = np.eye(self.size, dtype=int).astype(object) << self.bits
        return Scaled(items, -self.bits, self.bits)

    def invert(self, negligible: int) -> Scaled:
        """The inverse.

        Raises
        ------
        SingularError
            If a pivot is less than two to minus ``negligible`` beside the largest element.
        """
        pivots, rows, digits = self._eliminate(negligible)
        found = _fill((self.size, self.size), [(x << digits) // p for p, row in zip(pivots, rows) for x in row])
        exponent = -self.magnitude - digits
        still = Scaled(np.stack([found, *(0 * e for e in self.items[1:])]), exponent, self.bits)
        if len(self.items) == 1:
            return still
        inverse = still.items[0]
        along = -(inverse @ self.items[1:] @ inverse)
        return still + Scaled(np.stack([0 * inverse, *along]), 2 * still.exponent + self.exponent, self.bits)

    def find_mean_exponent(self, negligible: int) -> int:
        """The binary exponent of the geometric mean of the eigenvalues: of the root of the determinant."""
        pivots, _, digits = self._eliminate(negligible)
        return self.magnitude + sum(p.bit_length() - digits for p in pivots) // self.size

    def _eliminate(self, negligible: int) -> tuple[list[int], list[list[int]], int]:
        """The pivots beside the largest element, and what has to be divided by them for the inverse: integers, and the
        power of two by which they are multiplied.
        """
        n, count = self.size, max(1, _count_bits(self.items))
        digits = max(self.bits, count) + negligible
        one = 1 << digits
        rows = [
            [*(x << digits - count for x in row), *(one * (i == k) for k in range(n))]
            for i, row in enumerate(self.items[0].tolist())
        ]
        pivots: list[int] = []
        for k in range(n):  # Of a row are left the columns that are not eliminated.
            at = max(range(k, n), key=lambda i: abs(rows[i][0]))
            rows[k], rows[at] = rows[at], rows[k]
            head, *own = rows[k]
            if abs(head) >> digits - negligible == 0:
                raise SingularError
            for i, (first, *row) in enumerate(rows):
                factor = (first << digits) // head
                rows[i] = own if i == k else [x - (factor * y >> digits) for x, y in zip(row, own)]
            pivots.append(head)
        return pivots, rows, digits


def combine(matrices: Sequence[Scaled], factors: Sequence[Sequence[int]]) -> list[Scaled]:
    """Sums of matrices times whole numbers, one for each row of these: all in one product.

    Examples
    --------
    >>> one = Scaled(np.array([[[1]]], object), 0, 64)
    >>> [total.items.tolist() for total in combine([one, one.scale(3)], [[1, 2], [0, 1]])]
    [[[[17]]], [[[8]]]]
    """
    exponent, shape = min(m.exponent for m in matrices), matrices[0].items.shape
    rows = np.stack([_shift(m, exponent).ravel() for m in matrices])
    totals = _fill((len(factors), len(matrices)), [f for row in factors for f in row]) @ rows
    return [Scaled(t.reshape(shape), exponent, matrices[0].bits) for t in totals]


def read_integers(numbers: Sequence[Any]) -> tuple[list[int], int] | None:
    """Numbers of mpmath as integers with their least exponent, exactly; None where one is infinite, or they differ by
    too much.

    Examples
    --------
    >>> import mpmath
    >>> read_integers([mpmath.mpf(3), mpmath.mpf("0.5"), mpmath.mpf(0)])
    ([6, 1, 0], -1)
    """
    parts = [x._mpf_ for x in numbers]
    exponents = [e for _, mantissa, e, _ in parts if mantissa]
    if any(not mantissa and e for _, mantissa, e, _ in parts):
        return None
    least = min(exponents, default=0)
    if max(exponents, default=0) - least > WIDEST:
        return None
    integers = [
        (-mantissa if negative else mantissa) << e - least if mantissa else 0 for negative, mantissa, e, _ in parts
    ]
    return integers, least


def read_scaled(matrix: np.ndarray, direction: np.ndarray | None, bits: int) -> Scaled:
    """A matrix of numbers of mpmath, and the direction it moves in."""
    blocks = [matrix] if direction is None else [matrix, direction]
    numbers = [x._mpf_ for block in blocks for x in block.flat]
    exponent = max((e + count for _, mantissa, e, count in numbers if mantissa), default=0)
    exponent = max(exponent - 2 * bits, -bits)
    items = [
        (-1 if negative else 1) * (mantissa << e - exponent if e >= exponent else mantissa >> exponent - e)
        for negative, mantissa, e, _ in numbers
    ]
    return Scaled(_fill((len(blocks), *matrix.shape), items), exponent, bits)


def write_numbers(matrix: Scaled, block: int, context: Any) -> np.ndarray:
    """The numbers of mpmath that the elements of a block are, each rounded once."""
    own = matrix.items[block]
    items = [context.make_mpf(from_man_exp(x, matrix.exponent, context.prec, "n")) for x in own.flat]
    return _fill(own.shape, items)


def count_spread(matrix: np.ndarray) -> int:
    """How many bits lie between the least and the largest of the elements that are not zero, and one."""
    sizes = [1, *(x._mpf_[2] + x._mpf_[3] for x in matrix.flat if x)]
    return int(max(sizes) - min(sizes))


def _shift(x: Scaled, exponent: int) -> np.ndarray:
    return np.asarray(x.items << x.exponent - exponent) if x.exponent > exponent else x.items


def _count_bits(items: np.ndarray) -> int:
    return max([x.bit_length() for x in items.ravel().tolist()], default=0)


def _fill(shape: tuple[int, ...], items: Sequence[Any]) -> np.ndarray:
    return np.fromiter(items, object, len(items)).reshape(shape)
