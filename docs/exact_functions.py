"""The functions of framework_functions.toml in mpmath, of numbers and of arrays of them."""

import math
from typing import NamedTuple

import numpy as np
from mpmath import mp


def elementwise(function):
    """A function of numbers, of arrays too."""
    return np.vectorize(function, otypes=[object])


def of_matrix(function):
    """A function of mpmath's matrices that answers one, of arrays."""
    return lambda A: np.array(function(mp.matrix(A.tolist())).tolist(), object)


def mean(x, axis=None):
    return np.sum(x, axis) / (x.size if axis is None else x.shape[axis])


def scan(x, combine):
    return np.array([combine_all(x[: k + 1], combine) for k in range(len(x))], object)


def combine_all(x, combine):
    total = x[0]
    for element in x[1:]:
        total = combine(total, element)
    return total


def sort(x):
    return np.array(sorted(x), object)


def qr(A):
    Q = np.array(mp.qr(mp.matrix(A[:, : len(A)].tolist()), mode="skinny")[0].tolist(), object)
    return Q, Q.T @ A


def eigenvalues(S):
    return np.array(list(mp.eigsy(mp.matrix(S.tolist()), eigvals_only=True)), object)


def eigenvectors(S):
    return np.array(mp.eigsy(mp.matrix(S.tolist()))[1].tolist(), object)


def sqrtm(S):
    """The root of a symmetric matrix."""
    values, vectors = (np.array(part.tolist(), object) for part in mp.eigsy(mp.matrix(S.tolist())))
    return vectors * elementwise(mp.sqrt)(values.ravel()) @ vectors.T


def singular_values(A):
    return np.array(list(mp.svd_r(mp.matrix(A.tolist()), compute_uv=False)), object)


def where(condition, x, y):
    return x if condition else y


ONE_ARGUMENT = [
    "exp", "expm1", "log", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh",
    "acosh", "atanh", "erf", "erfc", "erfi", "erfinv", "gamma", "loggamma", "digamma", "sincpi", "floor", "sign",
    "ei", "e1",
]  # fmt: skip
TWO_ARGUMENTS = ["beta", "besseli", "besselj", "bessely", "besselk", "psi", "zeta", "hypot", "atan2"]

NAMES = {name: elementwise(getattr(mp, name)) for name in ONE_ARGUMENT + TWO_ARGUMENTS} | {
    "np": np, "mpf": mp.mpf, "pi": mp.pi, "abs": abs, "max": max, "min": min, "where": where, "mean": mean,
    "scan": scan, "sort": sort, "total": np.sum, "product": np.prod, "qr": qr, "eigenvalues": eigenvalues,
    "eigenvectors": eigenvectors, "singular_values": singular_values,
    "det": lambda A: mp.det(mp.matrix(A.tolist())), "inverse": of_matrix(mp.inverse), "expm": of_matrix(mp.expm),
    "cholesky": of_matrix(mp.cholesky), "sqrtm": sqrtm,
}  # fmt: skip


class Slopes(NamedTuple):
    """The derivatives of a function on both sides of a point, and how far a last digit of the inputs moves them."""

    below: float
    above: float
    rounding: float

    def confirm(self, expected: float, actual: float) -> bool:
        """Whether an expected derivative is right, and another number no subgradient, but for rounding."""
        sides = [s for s in (self.below, self.above) if math.isfinite(s)]  # Beyond the end of a domain there is none.
        if not sides:
            return False
        low, high = min(sides), max(sides)
        margin = 1e-9 * max(abs(low), abs(high)) + 4 * self.rounding
        right = low - margin <= expected <= high + margin
        return right and not low - margin <= actual <= high + margin


def evaluate(function, inputs):
    """The value of a function at arrays, in fifty digits."""
    with mp.workdps(50):
        return function(*(as_numbers(v)[()] for v in inputs))


def as_numbers(values):
    """An array of floats as one of mpmath's numbers."""
    return np.array([mp.mpf(float(x)) for x in values.flat], object).reshape(values.shape)


def find_slopes(function, inputs, cotangent, place=None) -> Slopes:
    """The one-sided derivatives of ``sum(cotangent * function(*inputs))``, by differences in mpmath.

    They are those by an element, the one at an index of an argument; or, without a place, by all inputs together, when
    each moves by the same amount: the sum of all gradients.
    """
    sizes = [abs(float(x)) for v in inputs for x in v.flat if x] + [1.0]
    small, large = math.floor(math.log10(min(sizes))), math.ceil(math.log10(max(sizes)))
    exponent = 60 - small
    with mp.workdps(2 * exponent + 2 * max(large, 0) + 60):
        step = mp.mpf(10) ** -exponent

        def value(moved, rounding=0):
            signs = [(-1) ** np.arange(v.size).reshape(v.shape) for v in inputs]
            arrays = [as_numbers(v) * (1 + rounding * s) for v, s in zip(inputs, signs)]
            arrays = [np.asarray(a, object) for a in arrays]
            if place is None:
                arrays = [np.asarray(v + moved, object) for v in arrays]
            else:
                arrays[place[0]][place[1]] += moved
            return np.sum(function(*(a[()] for a in arrays)) * as_numbers(cotangent))

        def slope(sign, rounding=0):
            found = sign * (value(sign * step, rounding) - value(0, rounding)) / step
            return found if mp.im(found) == 0 else mp.nan

        below, above, last = slope(-1), slope(1), mp.mpf(2) ** -52
        moved = [abs(slope(-1, -last) - below), abs(slope(1, last) - above)]
        return Slopes(float(below), float(above), max((float(m) for m in moved if mp.isfinite(m)), default=0.0))
