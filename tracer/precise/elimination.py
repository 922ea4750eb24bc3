"""Functions of matrices as they are computed on paper, by elimination, over an arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np
import sympy

from tracer.ops.matrix_rows import cofactors_along
from tracer.precise.arithmetic import Arithmetic, Number, difference_sign, fill_array
from tracer.tensor import Tensor

Row = Callable[..., np.ndarray]


def of_each(function: Callable[..., Sequence[Number]]) -> Row:
    """A function of a matrix as one of batches; it answers the elements of its result."""

    def of_batch(a: Arithmetic, tensor: Tensor, *parts: np.ndarray) -> np.ndarray:
        if all(p.ndim == 2 for p in parts):
            return fill_array(cast("tuple[int, ...]", tensor.shape), list(function(a, *parts)))
        batch = np.broadcast_shapes(*(p.shape[:-2] for p in parts))
        spread = [np.broadcast_to(p, batch + p.shape[-2:]) for p in parts]
        items: list[Number] = []
        for at in np.ndindex(batch):
            items += function(a, *(s[at] for s in spread))
        return fill_array(cast("tuple[int, ...]", tensor.shape), items)

    return of_batch


def eliminate(a: Arithmetic, matrix: np.ndarray, right: np.ndarray) -> tuple[Number, np.ndarray | None]:
    """The determinant of a matrix, and the solution of linear equations; None where there is none."""
    n = len(matrix)
    m = np.concatenate([matrix, right], axis=1).tolist()
    determinant = a.number(1)
    least = a.negligible * max((a.size(x) for x in matrix.flat), default=0.0)
    for k in range(n):
        sizes = [a.size(m[i][k]) for i in range(k, n)]
        pivot = k + max(range(n - k), key=lambda i: sizes[i])
        if sizes[pivot - k] <= least:
            return a.number(0) if all(a.is_zero(m[i][k]) for i in range(k, n)) else a.undefined, None
        if pivot != k:
            m[k], m[pivot] = m[pivot], m[k]
            determinant = -determinant
        head = m[k][k]
        determinant = determinant * head
        m[k] = [x / head for x in m[k]]
        for i in range(n):
            factor = m[i][k]
            if i != k and factor:  # Blocks of zeros are passed over.
                m[i] = [x - factor * y for x, y in zip(m[i], m[k])]
    solution = np.empty((n, right.shape[1]), object)
    for i in range(n):
        solution[i, :] = m[i][n:]
    return determinant, solution


def identity(a: Arithmetic, n: int) -> np.ndarray:
    """The identity matrix."""
    return fill_array((n, n), [a.number(int(i == j)) for i, j in np.ndindex(n, n)])


def _inverse(a: Arithmetic, matrix: np.ndarray) -> Sequence[Number]:
    solution = eliminate(a, matrix, identity(a, len(matrix)))[1]
    a.singular |= solution is None
    return [a.undefined] * matrix.size if solution is None else solution.ravel().tolist()


def _determinant(a: Arithmetic, matrix: np.ndarray) -> Number:
    return eliminate(a, matrix, matrix[:, :0])[0]


def _cofactors(a: Arithmetic, matrix: np.ndarray, *directions: np.ndarray) -> Sequence[Number]:
    """By minors, which are there for singular matrices too; a formula by the inverse is not."""
    a.singular |= a.is_zero(_determinant(a, matrix))
    return cofactors_along(matrix, *directions, one=a.number(1))


def _log_determinant(a: Arithmetic, matrix: np.ndarray) -> Sequence[Number]:
    return [a.call(sympy.log, [_determinant(a, matrix)])]


def _sign_determinant(a: Arithmetic, matrix: np.ndarray) -> Sequence[Number]:
    sign = difference_sign(_determinant(a, matrix), a.number(0), a)
    return [a.undefined if sign is None else a.number(sign)]


def _log_absolute_determinant(a: Arithmetic, matrix: np.ndarray) -> Sequence[Number]:
    whole = _determinant(a, matrix)
    sign = a.sign(whole)
    return [a.undefined if sign is None else a.call(sympy.log, [whole if sign >= 0 else -whole])]


def _cholesky(a: Arithmetic, matrix: np.ndarray) -> Sequence[Number]:
    """The elements of the factor; all are undefined where one of its diagonal is not positive."""
    n = len(matrix)
    lower = [[a.number(0)] * n for _ in range(n)]
    half = a.number(sympy.Rational(1, 2))
    for j in range(n):
        for i in range(j, n):
            rest = matrix[i, j]
            for k in range(j):
                rest = rest - lower[i][k] * lower[j][k]
            lower[i][j] = a.power(rest, half) if i == j else rest * a.power(lower[j][j], a.number(-1))
    one = a.number(1)
    for j in range(n):
        one = one * lower[j][j] * a.power(lower[j][j], a.number(-1))
    return [x * one for row in lower for x in row]


def _solve(a: Arithmetic, tensor: Tensor, matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The solution of linear systems, whose right-hand sides are vectors or matrices."""
    adjoint, vector = tensor.params

    def one(a: Arithmetic, m: np.ndarray, b: np.ndarray) -> Sequence[Number]:
        solution = eliminate(a, m.T if adjoint else m, b)[1]
        return [a.undefined] * b.size if solution is None else solution.ravel().tolist()

    return of_each(one)(a, tensor, matrix, right[..., None] if vector else right)


def _matrix_power(a: Arithmetic, tensor: Tensor, matrix: np.ndarray) -> np.ndarray:
    exponent = int(tensor.params)

    def one(a: Arithmetic, m: np.ndarray) -> Sequence[Number]:
        base = fill_array(m.shape, _inverse(a, m)) if exponent < 0 else m
        result = identity(a, len(m))
        for _ in range(abs(exponent)):
            result = a.multiply(result, base)
        return result.ravel().tolist()

    return of_each(one)(a, tensor, matrix)


def _power_along(a: Arithmetic, tensor: Tensor, matrix: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """The derivative of a power in a direction, by the product rule; that of an inverse is ``-A^-1 E A^-1``."""
    exponent = int(tensor.params)

    def one(a: Arithmetic, m: np.ndarray, e: np.ndarray) -> Sequence[Number]:
        base = m
        if exponent < 0:
            base = fill_array(m.shape, _inverse(a, m))
            e = -a.multiply(a.multiply(base, e), base)
        power, result = identity(a, len(m)), e * a.number(0)
        for _ in range(abs(exponent)):
            power, result = a.multiply(power, base), a.multiply(result, base) + a.multiply(power, e)
        return list(result.ravel().tolist())

    return of_each(one)(a, tensor, matrix, direction)


MATRIX: dict[str, Row] = {
    "inv": of_each(_inverse),
    "det": of_each(lambda a, m: [_determinant(a, m)]),
    "cofactors": of_each(_cofactors),
    "cofactors_frechet": of_each(_cofactors),
    "logdet": of_each(_log_determinant),
    "slogdet_sign": of_each(_sign_determinant),
    "slogdet_log": of_each(_log_absolute_determinant),
    "cholesky": of_each(_cholesky),
    "solve": _solve,
    "matrix_power": _matrix_power,
    "matrix_power_frechet": _power_along,
}
"""Rows that are computed as on paper, where their elements written out would be long."""
