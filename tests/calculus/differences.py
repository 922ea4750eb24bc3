"""Derivatives of a NumPy program by finite differences of order four: steps are small enough for ten digits."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .case import Case
from .numpy_tf import NumpyTF

STENCIL = {1: 2 / 3, 2: -1 / 12}


def difference(f: Callable[[np.ndarray], Any], x: np.ndarray, step: float = 1e-3) -> np.ndarray:
    """The derivative of `f` at `x`, of shape `f(x).shape + x.shape`."""
    columns = []
    for index in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[index] = step
        columns.append(sum(w / step * (np.asarray(f(x + k * e)) - f(x - k * e)) for k, w in STENCIL.items()))
    return np.stack(columns, axis=-1).reshape(np.shape(columns[0]) + x.shape)


def derivative(case: Case, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """What the case asks for, from values of its program alone."""
    tf = NumpyTF()
    case.program(tf, **arrays)

    def value(**changed: np.ndarray) -> np.ndarray:
        tf.rewind(recording=False)
        return np.asarray(case.program(tf, **{**arrays, **changed}))

    first, last = case.wrt[0], case.wrt[-1]
    if case.ask == "gradient":
        return difference(lambda x: np.sum(value(**{first: x})), arrays[first], 3e-4)
    if case.ask == "jacobian":
        return difference(lambda x: value(**{first: x}), arrays[first], 3e-4)
    if case.ask == "hessian":
        return difference(lambda y: difference(lambda x: value(**{first: x}), y), arrays[first])
    return difference(lambda y: difference(lambda x: value(**{first: x, last: y}), arrays[first]), arrays[last])
