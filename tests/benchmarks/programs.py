"""Programs that speed is measured on, in one spelling for every library, and the same derivatives written by hand.

References
----------
Griewank and Walther, Evaluating Derivatives, 2nd ed., 2008: Speelpenning's product, the Helmholtz energy function.
Rosenbrock, An Automatic Method for Finding the Greatest or Least Value of a Function, 1960.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

ROOT_TWO = math.sqrt(2.0)
Functions = ModuleType | Any
"""Where sin, cos, exp, log are: a module, or what has them as attributes."""


def rosenbrock(xs: Sequence[Any], m: Functions) -> Any:
    """The sum of ``100*(b - a**2)**2 + (1 - a)**2`` over neighbours."""
    terms = (100 * (b - a * a) * (b - a * a) + (1 - a) * (1 - a) for a, b in itertools.pairwise(xs))
    return sum(terms, 0)


def speelpenning(xs: Sequence[Any], m: Functions) -> Any:
    """The product of all."""
    whole = xs[0]
    for x in xs[1:]:
        whole = whole * x
    return whole


def chain(xs: Sequence[Any], m: Functions) -> Any:
    """A recurrence with one more input each step."""
    state = xs[0]
    for x in xs[1:]:
        state = m.sin(state * x)
    return state


def helmholtz(xs: Sequence[Any], m: Functions) -> Any:
    """The energy of a mixed fluid."""
    n = len(xs)
    b = [0.01 * (k + 1) / n for k in range(n)]
    volume = sum(bk * x for bk, x in zip(b, xs))
    ideal = sum(x * m.log(x / (1 - volume)) for x in xs)
    pairs = sum(xs[i] * sum(0.1 / (1 + i + j) * xs[j] for j in range(n)) for i in range(n))
    ratio = (1 + (1 + ROOT_TWO) * volume) / (1 + (1 - ROOT_TWO) * volume)
    return ideal - pairs / (math.sqrt(8.0) * volume) * m.log(ratio)


def robot_arm(xs: Sequence[Any], m: Functions) -> Any:
    """How far the hand of a planar arm is from a point, by the angles of its joints."""
    angle, x, y = 0, 0, 0
    for k, joint in enumerate(xs):
        angle = angle + joint
        x, y = x + m.cos(angle) / (k + 1), y + m.sin(angle) / (k + 1)
    return (x - 1.0) * (x - 1.0) + (y - 0.5) * (y - 0.5)


SCALARS: dict[str, Callable[[Sequence[Any], Functions], Any]] = {
    f.__name__: f for f in (rosenbrock, speelpenning, chain, helmholtz, robot_arm)
}


class Model(NamedTuple):
    """A function of arrays, of which the gradient by the first ones is measured.

    Attributes
    ----------
    shapes : dict
        Those of the arguments, by name.
    count : int
        By how many of them the gradient is.
    loss : callable
        ``loss(np, *arguments)``: of modules with NumPy's functions.
    by_hand : callable
        The gradients, as one writes them in NumPy.
    """

    shapes: dict[str, tuple[int, ...]]
    count: int
    loss: Callable[..., Any]
    by_hand: Callable[..., Sequence[np.ndarray]]

    def draw(self) -> list[np.ndarray]:
        """Values of the arguments."""
        rng = np.random.default_rng(0)
        return [rng.normal(size=shape) / math.sqrt(shape[0]) for shape in self.shapes.values()]


def _logistic(m: Functions, w: Any, X: Any, y: Any) -> Any:
    return m.sum(m.logaddexp(0.0, -y * (X @ w))) + 0.05 * m.sum(w * w)


def _logistic_by_hand(w: Any, X: Any, y: Any) -> Sequence[np.ndarray]:
    return [0.1 * w - X.T @ (y / (1 + np.exp(y * (X @ w))))]


def _network(m: Functions, V: Any, a: Any, W: Any, b: Any, X: Any, Y: Any) -> Any:
    return 0.01 * m.sum((m.tanh(X @ V + a) @ W + b - Y) ** 2)


def _network_by_hand(V: Any, a: Any, W: Any, b: Any, X: Any, Y: Any) -> Sequence[np.ndarray]:
    hidden = np.tanh(X @ V + a)
    outer = 0.02 * (hidden @ W + b - Y)
    inner = outer @ W.T * (1 - hidden**2)
    return [X.T @ inner, inner.sum(axis=0), hidden.T @ outer, outer.sum(axis=0)]


def _neighbours(m: Functions, x: Any) -> Any:
    return m.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def _neighbours_by_hand(x: Any) -> Sequence[np.ndarray]:
    left, slope = x[:-1], np.zeros_like(x)
    step = 200.0 * (x[1:] - left * left)
    slope[1:] = step
    slope[:-1] -= 2.0 * step * left + 2.0 * (1.0 - left)
    return [slope]


MODELS = {
    "logistic regression, 10,000 by 100": Model(
        {"w": (100,), "X": (10_000, 100), "y": (10_000,)}, 1, _logistic, _logistic_by_hand
    ),
    "network, 256 by 64 by 128 by 10": Model(
        {"V": (64, 128), "a": (128,), "W": (128, 10), "b": (10,), "X": (256, 64), "Y": (256, 10)},
        4,
        _network,
        _network_by_hand,
    ),
    "Rosenbrock, 1,000": Model({"x": (1_000,)}, 1, _neighbours, _neighbours_by_hand),
    "Rosenbrock, 1,000,000": Model({"x": (1_000_000,)}, 1, _neighbours, _neighbours_by_hand),
}


def _logistic_hessian(w: Any, X: Any, y: Any) -> np.ndarray:
    p = 1 / (1 + np.exp(-y * (X @ w)))
    return (X * (y * y * p * (1 - p))[:, None]).T @ X + 0.1 * np.eye(len(w))


def _factorisation(m: Functions, U: Any, V: Any, T: Any) -> Any:
    return m.sum((U @ V.T - T) ** 2)


def _factorisation_hessian(U: Any, V: Any, T: Any) -> np.ndarray:
    (n, k), block = U.shape, 2 * V.T @ V
    whole = np.zeros((n, k, n, k))
    whole[np.arange(n), :, np.arange(n), :] = block
    return whole


HESSIANS = {
    "logistic regression, 1,000 by 100": (
        Model({"w": (100,), "X": (1_000, 100), "y": (1_000,)}, 1, _logistic, _logistic_by_hand),
        _logistic_hessian,
    ),
    "matrix factorisation, 50 by 5": (
        Model({"U": (50, 5), "V": (40, 5), "T": (50, 40)}, 1, _factorisation, _logistic_by_hand),
        _factorisation_hessian,
    ),
}
