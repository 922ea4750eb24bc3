"""The exponential, the root and the logarithm of a matrix in many digits, by iterations, and their derivatives."""

from __future__ import annotations

from collections.abc import Callable
from math import factorial, isqrt, log2
from typing import TYPE_CHECKING

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

MOVED_TERMS = 8
"""How many bits the number of terms has by which what moves is multiplied."""


def _add_powers(
    m: Scaled, length: int, count_blocks: Callable[[Scaled], int], denominator: Callable[[int], int]
) -> Scaled:
    """The sum of ``A**k/denominator(k)``, by blocks of so many powers each, with few products of matrices (Paterson and
    Stockmeyer, SIAM J. Comput. 2, 1973). How many blocks are needed is told by the power that they differ by.
    """
    powers = [m.identity(), m]
    while len(powers) <= length:
        powers.append(powers[-1] @ m)
    *own, step = powers
    factors = [[(1 << m.bits) // denominator(length * j + k) for k in range(length)] for j in range(count_blocks(step))]
    blocks = [block.scale(-m.bits) for block in combine(own, factors)]
    result = blocks.pop()
    while blocks:
        result = result @ step + blocks.pop()
    return result


def _exponential(a: Digits, m: Scaled) -> Scaled:
    """``exp(A/2**k)**(2**k)``, by the series at a matrix of small elements."""
    halvings = max(0, m.magnitude + SMALL + m.size.bit_length())
    small = m.scale(-halvings)
    count, bits = 1, 0.0
    while bits < a.context.prec + GUARD:
        bits += SMALL + log2(count)
        count += 1
    result = _add_powers(small, isqrt(count), lambda p: -(-count // isqrt(count)), factorial)
    for _ in range(halvings):
        result = result @ result
    return result


def _root(a: Digits, m: Scaled) -> Scaled:
    """The principal square root by the product form of Denman and Beavers' iteration (Higham, Functions of Matrices,
    2008, equation 6.29), from a matrix whose determinant is about one.
    """
    one, negligible = m.identity(), a.context.prec // 2
    half = m.find_mean_exponent(negligible) // 2
    root = rest = m.scale(-2 * half)
    for _ in range(ITERATIONS):
        inverse = rest.invert(negligible)
        root = (root @ (one + inverse)).scale(-1)
        if (rest - one).magnitude <= -(a.context.prec + GUARD) // 2:  # The error is the square of that now.
            return root.scale(half)
        rest = (one + (rest + inverse).scale(-1)).scale(-1)
    raise SingularError


def _logarithm(a: Digits, m: Scaled) -> Scaled:
    """``2**k log(A**(1/2**k))``, of a root near the identity, by the series of ``2 artanh((A - I)/(A + I))``.

    Of ``A`` a power of two is taken out whose determinant is about its own: fewer roots are near the identity then.
    """
    one, doublings, negligible = m.identity(), 1, a.context.prec // 2
    power = m.find_mean_exponent(negligible)
    root = m.scale(-power)
    while (root - one).magnitude > -2:
        root, doublings = _root(a, root), doublings + 1
    term = (root - one) @ (root + one).invert(negligible)
    square = term @ term

    def count_blocks(step: Scaled) -> int:
        """After how many blocks the powers of a step are nothing; what moves shrinks with each of them but one."""
        still, left = step.still_magnitude + m.size.bit_length(), step.magnitude + bits + MOVED_TERMS
        return 2 + max(0, left) // max(1, -still)

    bits = int(a.context.prec) + GUARD
    length = max(1, isqrt(bits // max(1, -square.still_magnitude)))
    total = term @ _add_powers(square, length, count_blocks, lambda k: 2 * k + 1)
    logarithm = int(a.context.floor(a.context.ldexp(power * a.context.ln2, m.bits)))
    return total.scale(doublings) + Scaled(one.items * logarithm, one.exponent - m.bits, m.bits)


def _count_bits(a: Digits, *matrices: np.ndarray) -> int:
    """How many bits show the least of the elements too, unless it is negligible."""
    return int(a.context.prec) + 2 * GUARD + min(2 * max(map(count_spread, matrices)), MOST)


def _function(
    compute: Callable[[Digits, Scaled], Scaled],
) -> tuple[Callable[..., np.ndarray], Callable[..., np.ndarray]]:
    """A function of a matrix, and its derivative in a direction E: the upper right block of ``f([[A, E], [0, A]])``
    (Mathias, A chain rule for matrix functions and applications, 1996).
    """

    def value(a: Digits, m: np.ndarray) -> np.ndarray:
        return write_numbers(compute(a, read_scaled(m, None, _count_bits(a, m))), 0, a.context)

    def derivative(a: Digits, m: np.ndarray, direction: np.ndarray) -> np.ndarray:
        if not any(direction.flat):
            return direction
        size = max(map(abs, direction.flat))
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


expm, expm_frechet = map(_bounded, _function(_exponential))
sqrtm, sqrtm_frechet = map(_principal, _function(_root))
logm, logm_frechet = map(_principal, _function(_logarithm))
