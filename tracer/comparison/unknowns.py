"""Random values of sources modulo primes, such as what is assumed of the sources allows.

A positive number is the square of another. A positive definite matrix is ``L @ L.T`` with a triangular matrix L whose
diagonal is positive (Cholesky 1924). An orthogonal matrix is ``inv(I + S) @ (I - S)`` with ``S.T = -S`` (Cayley 1846),
or that with the sign of a row changed; the few that are not are limits of these. A unit vector is the
stereographic projection of a plane, and probabilities are the squares of its elements.

What is drawn are the free numbers, as the triangle of a symmetric matrix; from them the values are made. Numbers may be
moved to where a condition changes, so it is asked whether the signs that are assumed still hold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from tracer.comparison.laws import Residues
from tracer.declarations import is_declared
from tracer.precise.arithmetic import fill_array, total
from tracer.precise.elimination import eliminate
from tracer.shapes import Shape
from tracer.tensor import Tensor

SIGNS: Mapping[str, frozenset[int]] = {
    "positive": frozenset({1}),
    "negative": frozenset({-1}),
    "nonnegative": frozenset({0, 1}),
    "nonpositive": frozenset({0, -1}),
    "nonzero": frozenset({1, -1}),
}
"""Which signs numbers have of which something is assumed."""

ALL = frozenset({1, 0, -1})


class Unknown:
    """The unknown value of a source.

    Parameters
    ----------
    source : Tensor
    shape : tuple of int
        That of the value; ``()`` for one element of the source, of which then only signs are known.
    """

    def __init__(self, source: Tensor, shape: Shape) -> None:
        self.shape = tuple(map(int, shape))
        self.assumptions = dict(source.params)
        declared = [name for name, holds in self.assumptions.items() if holds]
        self.signs = ALL.intersection(*(signs for name, signs in SIGNS.items() if is_declared(name, declared)))
        if self.assumptions.get("positive_definite") and source.ndim < 2:
            self.signs = SIGNS["positive"]
        kinds = [k for k, (rank, _) in MADE.items() if self.assumptions.get(k) and len(self.shape) >= rank]
        self.kind = kinds[0] if kinds else None

    def draw(self, arithmetic: Residues) -> np.ndarray:
        """Free numbers, from which a value is made."""
        drawn = [arithmetic.unknown() for _ in range(math.prod(self.shape))]
        if self.kind == "positive_definite":
            drawn = [v * v if at[-2] == at[-1] else v for v, at in zip(drawn, np.ndindex(self.shape))]
        elif self.signs <= {0, 1}:
            drawn = [v * v for v in drawn]
        elif self.signs <= {0, -1}:
            drawn = [-(v * v) for v in drawn]
        return fill_array(self.shape, drawn)

    def build(self, free: np.ndarray, arithmetic: Residues) -> np.ndarray:
        """The value that is made of free numbers, which asks whether they are allowed."""
        if self.kind is None:
            self._assume(free, self.signs, arithmetic)
            return free
        value = free.copy()
        rank, make = MADE[self.kind]
        for at in np.ndindex(self.shape[:-rank]):
            if self.kind == "positive_definite":
                self._assume(np.diagonal(free[at]), SIGNS["positive"], arithmetic)
            value[at] = make(free[at], arithmetic)
        if self.kind in ("symmetric", "diagonal", "stochastic"):
            self._assume(value, self.signs, arithmetic)
        return value

    def _assume(self, values: np.ndarray, signs: frozenset[int], arithmetic: Residues) -> None:
        if signs < ALL:
            for v in values.flat:
                arithmetic.assume(v, signs)


def _diagonal(free: np.ndarray, arithmetic: Residues) -> np.ndarray:
    zero = arithmetic.number(0)
    return fill_array(free.shape, [v if i == j else zero for (i, j), v in np.ndenumerate(free)])


def _symmetric(free: np.ndarray, arithmetic: Residues) -> np.ndarray:
    return fill_array(free.shape, [free[min(at), max(at)] for at in np.ndindex(free.shape)])


def _definite(free: np.ndarray, arithmetic: Residues) -> np.ndarray:
    zero = arithmetic.number(0)
    lower = fill_array(free.shape, [v if i >= j else zero for (i, j), v in np.ndenumerate(free)])
    return np.asarray(lower @ lower.T)


def _orthogonal(free: np.ndarray, arithmetic: Residues) -> np.ndarray:
    n, zero, one = len(free), arithmetic.number(0), arithmetic.number(1)
    identity = fill_array((n, n), [one if i == j else zero for i, j in np.ndindex(n, n)])
    skew = fill_array((n, n), [zero if i == j else free[i, j] if i < j else -free[j, i] for i, j in np.ndindex(n, n)])
    solution = eliminate(arithmetic, identity + skew, identity - skew)[1]
    if solution is None:
        return fill_array((n, n), [arithmetic.undefined] * (n * n))
    # The diagonal of what is drawn is free for the sign.
    if n and arithmetic.sign(free[0, 0]) == -1:
        solution[0] = -solution[0]
    return solution


def _unit(free: np.ndarray, arithmetic: Residues) -> np.ndarray:
    """A point of the sphere, from its stereographic projection; the first number is free for the sign of the last."""
    sign, *plane = free
    one = arithmetic.number(1)
    square = total([v * v for v in plane], arithmetic)
    below = one + square
    last = (one - square) / below
    return fill_array(
        free.shape,
        [*((v + v) / below for v in plane), -last if arithmetic.sign(sign) == -1 else last],
    )


def _stochastic(free: np.ndarray, arithmetic: Residues) -> np.ndarray:
    """The squares of the elements of a unit vector: they are seen not to be negative."""
    unit = _unit(free, arithmetic)
    return np.asarray(unit * unit)


MADE: Mapping[str, tuple[int, Callable[[np.ndarray, Residues], np.ndarray]]] = {
    "diagonal": (2, _diagonal),
    "positive_definite": (2, _definite),
    "orthogonal": (2, _orthogonal),
    "symmetric": (2, _symmetric),
    "stochastic": (1, _stochastic),
    "unit": (1, _unit),
}
"""How matrices, or vectors, are made of free numbers, and how many axes these have; the first assumed is made."""
