"""Functions of mpmath's numbers: applied to arrays, and summed over an index."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import mpmath
    import sympy
    from numpy.typing import ArrayLike


def elementwise(function: Callable[..., mpmath.mpf], *operands: ArrayLike) -> np.ndarray:
    """A function of mpmath's numbers applied element by element; NaN where it has no real value.

    It is computed with twice the digits of a float: sums that cancel keep those of one.
    """
    import mpmath

    def real(*numbers: float) -> float:
        try:
            value = mpmath.mpmathify(function(*(mpmath.mpf(float(n)) for n in numbers)))
            return float(value.real) if value.imag == 0 else math.nan
        except OverflowError:
            return math.inf if value.real > 0 else -math.inf
        except (ArithmeticError, ValueError, TypeError, NotImplementedError, mpmath.libmp.NoConvergence):
            return math.nan

    with mpmath.workprec(106):
        result = np.frompyfunc(real, len(operands), 1)(*operands)
    return np.asarray(result, float)[()]


def evalf(function: Callable[..., sympy.Expr], *numbers: mpmath.mpf) -> mpmath.mpf:
    """A function of sympy's at mpmath's numbers, whole numbers as such."""
    import mpmath
    import sympy

    args = [sympy.Integer(int(n)) if mpmath.isint(n) else sympy.Float(n, 32) for n in numbers]
    return mpmath.mpmathify(function(*args).evalf(32))


def total(term: Callable[[mpmath.mpf], mpmath.mpf], first: mpmath.mpf, last: mpmath.mpf) -> mpmath.mpf:
    """The sum of ``term(k)`` for k from first to last, over mpmath's numbers; of infinitely many where they converge.

    Where the last comes before the first, the terms between are subtracted, as sympy has it.
    """
    import mpmath

    if not (mpmath.isfinite(first) and mpmath.isfinite(last)):
        return sum(_series(*tail) for tail in _tails(term, first, last))
    low, high = _whole(first, last)
    if high < low - 1:
        return -mpmath.fsum(term(mpmath.mpf(k)) for k in range(high + 1, low))
    return mpmath.fsum(term(mpmath.mpf(k)) for k in range(low, high + 1))


def product(factor: Callable[[mpmath.mpf], mpmath.mpf], first: mpmath.mpf, last: mpmath.mpf) -> mpmath.mpf:
    """The product of ``factor(k)`` for k from first to last, as :func:`total` sums."""
    import mpmath

    if not (mpmath.isfinite(first) and mpmath.isfinite(last)):
        tails = _tails(factor, first, last)
        if any(f(mpmath.mpf(start + k)) == 0 for f, start in tails for k in range(8)):
            return mpmath.mpf(0)

        def logarithm(f: Callable[[mpmath.mpf], mpmath.mpf]) -> Callable[[mpmath.mpf], mpmath.mpf]:
            return lambda k: mpmath.log(f(k))

        return mpmath.exp(sum(_series(logarithm(f), start) for f, start in tails))
    low, high = _whole(first, last)
    if high < low - 1:
        return 1 / mpmath.fprod(factor(mpmath.mpf(k)) for k in range(high + 1, low))
    return mpmath.fprod(factor(mpmath.mpf(k)) for k in range(low, high + 1))


def _whole(*ends: mpmath.mpf) -> list[int]:
    """The ends of a sum as integers."""
    if any(int(e) != e for e in ends):
        raise ValueError(f"the ends of a sum are integers, got {ends}")
    return [int(e) for e in ends]


def _tails(
    term: Callable[[mpmath.mpf], mpmath.mpf], first: mpmath.mpf, last: mpmath.mpf
) -> list[tuple[Callable[[mpmath.mpf], mpmath.mpf], int]]:
    """An infinite sum as sums from an integer up to infinity."""
    if first == -math.inf and last == math.inf:
        return [(term, 0), (lambda k: term(-k), 1)]
    if last == math.inf:
        return [(term, _whole(first)[0])]
    if first == -math.inf:
        return [(lambda k: term(-k), _whole(-last)[0])]
    raise ValueError(f"a sum from {first} to {last}")


def _series(term: Callable[[mpmath.mpf], mpmath.mpf], first: int) -> mpmath.mpf:
    """The sum from an integer up to infinity, if it converges: from a later term on it must be what is left of it.

    Extrapolation alone also answers for sums that diverge, and wrongly for terms with a logarithm, where the
    Euler-Maclaurin formula is exact.
    """
    import mpmath

    head = mpmath.fsum(term(mpmath.mpf(first + k)) for k in range(8))
    near, far, next_ = (term(mpmath.mpf(max(first, 0) + k)) for k in (100, 1000, 1001))
    slow = abs(far) >= abs(near) / 9.99 and far * next_ > 0  # of one sign, and no smaller than 1/k
    if slow or abs(far) > abs(near) or not mpmath.isfinite(head):
        return mpmath.nan
    with mpmath.workprec(80):
        for method in ("richardson+shanks", "euler-maclaurin"):
            try:
                whole = mpmath.nsum(term, [first, mpmath.inf], method=method)
                rest = mpmath.nsum(term, [first + 8, mpmath.inf], method=method)
            except (ArithmeticError, ValueError, TypeError, mpmath.libmp.NoConvergence):
                continue
            if abs(whole - head - rest) <= 1e-14 * max(abs(whole), abs(head)):
                return whole
    return mpmath.nan
