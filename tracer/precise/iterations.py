"""The exponential, the root and the logarithm of a matrix in many digits, by iterations, and their derivatives."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from math import comb, factorial, isqrt, lcm, log2
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tracer.precise.scaled import (
    GUARD,
    Scaled,
    SingularError,
    combine,
    count_spread,
    read_scaled,
    write_numbers,
)

if TYPE_CHECKING:
    from tracer.precise.digits import Digits

LARGEST = 1 << 12
"""The exponential of a larger matrix has elements too large for any arithmetic here."""

SMALL = 4
"""The series of an exponential is taken where the norm of a matrix is below two to minus this."""

MULTIPLE = 1e-3
"""By what part of it a multiple eigenvalue may be off in floats, which need not be real then."""

MOST = 128
"""How many bits beside those of its numbers a matrix may take whose elements are of very different sizes."""

ITERATIONS = 100
"""After so many there is no root."""

NEAR, CLOSE = 8, 1
"""The series of a root is taken where what is left is within two to minus the first of the identity, that of a
logarithm where its square is below two to minus the second: a root takes as long as thirty products."""

MOVED_TERMS = 8
"""How many bits the number of terms has by which what moves is multiplied."""

Coefficient: TypeAlias = "Callable[[int], Fraction]"
"""From a power to its coefficient in a series."""


def _add_powers(m: Scaled, length: int, count_blocks: Callable[[Scaled], int], coefficient: Coefficient) -> Scaled:
    """The sum of ``coefficient(k)*A**k``, by blocks of so many powers each, with few products of matrices (Paterson and
    Stockmeyer, SIAM J. Comput. 2, 1973). How many blocks are needed is told by the power that they differ by.

    The coefficients of a block are whole numbers with one denominator, which are far shorter than they are with all
    their digits.
    """
    powers = [m.identity(), m]
    while len(powers) <= length:
        powers.append(powers[-1] @ m)
    *own, step = powers
    factors, divisors = zip(*(_share_denominator(coefficient, length, j) for j in range(count_blocks(step))))
    blocks = [block.divide(d) for block, d in zip(combine(own, factors), divisors)]
    result = blocks.pop()
    while blocks:
        result = result @ step + blocks.pop()
    return result


@lru_cache(maxsize=1 << 12)
def _share_denominator(coefficient: Coefficient, length: int, block: int) -> tuple[list[int], int]:
    """The coefficients of a block of powers, as whole numbers and the denominator of all."""
    ratios = [coefficient(length * block + k) for k in range(length)]
    divisor = lcm(*(r.denominator for r in ratios))
    return [int(r * divisor) for r in ratios], divisor


def _exponential_coefficient(k: int) -> Fraction:
    return Fraction(1, factorial(k))


def _root_coefficient(k: int) -> Fraction:
    """That of ``x**k`` in ``(1 - x)**(-1/2)``."""
    return Fraction(comb(2 * k, k), 4**k)


def _logarithm_coefficient(k: int) -> Fraction:
    """That of ``x**(2*k + 1)`` in ``artanh(x)``."""
    return Fraction(1, 2 * k + 1)


def _add_small_powers(a: Digits, m: Scaled, coefficient: Coefficient) -> Scaled:
    """The sum of ``coefficient(k)*A**k`` at a matrix of small elements, with coefficients of one at most."""
    bits = int(a.context.prec) + GUARD

    def count_blocks(step: Scaled) -> int:
        """After how many blocks the powers of a step are nothing; what moves shrinks with each of them but one."""
        still, left = step.still_magnitude + m.size.bit_length(), step.magnitude + bits + MOVED_TERMS
        return 2 + max(0, left) // max(1, -still)

    return _add_powers(m, max(1, isqrt(bits // max(1, -m.still_magnitude))), count_blocks, coefficient)


def _exponential(a: Digits, m: Scaled) -> Scaled:
    """``exp(A/2**k)**(2**k)``, by the series at a matrix of small elements."""
    halvings = max(0, m.magnitude + SMALL + m.size.bit_length())
    small = m.scale(-halvings)
    count, bits = 1, 0.0
    while bits < a.context.prec + GUARD:
        bits += SMALL + log2(count)
        count += 1
    length = isqrt(count)
    result = _add_powers(small, length, lambda step: -(-count // length), _exponential_coefficient)
    for _ in range(halvings):
        result = result @ result
    return result


def _root(a: Digits, m: Scaled) -> Scaled:
    """The principal square root by the product form of Denman and Beavers' iteration (Higham, Functions of Matrices,
    2008, equation 6.29), from a matrix whose determinant is about one. What is left near the identity, ``I - Z``, is
    divided out by the series of ``(I - Z)**(-1/2)``, which takes fewer products than more steps.
    """
    one, negligible = m.identity(), a.context.prec // 2
    half = m.find_mean_exponent(negligible) // 2
    root = rest = m.scale(-2 * half)
    for _ in range(ITERATIONS):
        inverse = rest.invert(negligible)
        root = (root @ (one + inverse)).scale(-1)
        rest = (one + (rest + inverse).scale(-1)).scale(-1)
        if (rest - one).still_magnitude <= -NEAR:
            return (root @ _add_small_powers(a, one - rest, _root_coefficient)).scale(half)
    raise SingularError


def _logarithm(a: Digits, m: Scaled) -> Scaled:
    """``2**k log(A**(1/2**k))``, of a root near the identity, by the series of ``2 artanh((A - I)/(A + I))``.

    Of ``A`` a power of two is taken out whose determinant is about its own: fewer roots are near the identity then.
    """
    one, doublings, negligible = m.identity(), 1, a.context.prec // 2
    power = m.find_mean_exponent(negligible)
    root = m.scale(-power)
    while True:
        term = (root - one) @ (root + one).invert(negligible)
        square = term @ term
        if square.still_magnitude + m.size.bit_length() <= -CLOSE:
            break
        root, doublings = _root(a, root), doublings + 1
    total = term @ _add_small_powers(a, square, _logarithm_coefficient)
    logarithm = int(a.context.floor(a.context.ldexp(power * a.context.ln2, m.bits)))
    return total.scale(doublings) + Scaled(one.items * logarithm, one.exponent - m.bits, m.bits)


def _count_bits(a: Digits, *matrices: np.ndarray) -> int:
    """How many bits show the least of the elements too, unless it is negligible."""
    return int(a.context.prec) + 2 * GUARD + min(2 * max(map(count_spread, matrices)), MOST)


def _function(
    compute: Callable[[Digits, Scaled], Scaled], homogeneous: bool
) -> tuple[Callable[..., np.ndarray], Callable[..., np.ndarray]]:
    """A function of a matrix, and its derivative in a direction E: the upper right block of ``f([[A, E], [0, A]])``
    (Mathias, A chain rule for matrix functions and applications, 1996).

    E is as large as A where the function scales A: what both are integers times has one exponent.
    """

    def value(a: Digits, m: np.ndarray) -> np.ndarray:
        return write_numbers(compute(a, read_scaled(m, None, _count_bits(a, m))), 0, a.context)

    def derivative(a: Digits, m: np.ndarray, direction: np.ndarray) -> np.ndarray:
        if not any(direction.flat):
            return direction
        size = max(map(abs, direction.flat))
        if homogeneous:
            size = size / max(map(abs, m.flat))
        matrix = read_scaled(m, direction / size, _count_bits(a, m, direction / size))
        return np.asarray(size * write_numbers(compute(a, matrix), 1, a.context))

    return value, derivative


def _principal(function: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """A function that has no real value where a matrix has an eigenvalue that is not positive."""

    def value(a: Digits, m: np.ndarray, *direction: np.ndarray) -> np.ndarray:
        values = np.linalg.eigvals(m.astype(float))
        if np.any((values.real <= 0) & (abs(values.imag) <= MULTIPLE * abs(values))):
            raise SingularError
        return function(a, m, *direction)

    return value


def _bounded(function: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """A function that is too large for numbers where a matrix is large."""

    def value(a: Digits, m: np.ndarray, *direction: np.ndarray) -> np.ndarray:
        if max(map(abs, m.flat)) > LARGEST:
            a.overflowed = True
            raise OverflowError
        return function(a, m, *direction)

    return value


expm, expm_frechet = map(_bounded, _function(_exponential, homogeneous=False))
sqrtm, sqrtm_frechet = map(_principal, _function(_root, homogeneous=True))
logm, logm_frechet = map(_principal, _function(_logarithm, homogeneous=True))
