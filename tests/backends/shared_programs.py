"""One table of programs for all backends: arrays, scalars, and points at which values are singular."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np
import pytest

import tracer as tf

X, S = tf.placeholder("X", ("n", "m")), tf.placeholder("S", ("m", "m"))
v, w = tf.placeholder("v", ("m",)), tf.placeholder("w", ("n",))
B = tf.placeholder("B", (2, "m", "m"))
SOURCES = [X, S, v, w, B]
RNG = np.random.default_rng(0)
HALF = RNG.normal(size=(3, 3))
VALUES = [
    RNG.normal(size=(4, 3)), HALF @ HALF.T + np.eye(3), RNG.normal(size=3), RNG.normal(size=4),
    RNG.normal(size=(2, 3, 3)) + 3 * np.eye(3),
]  # fmt: skip

PROGRAMS: dict[str, Callable[[], tf.Tensor]] = {
    "a linear model": lambda: tf.reduce_mean(tf.square(X @ v - w)),
    "logistic regression": lambda: tf.reduce_sum(tf.math.log1p(tf.exp(-w * (X @ v)))),
    "softmax": lambda: tf.reduce_logsumexp(X @ S @ v),
    "attention": lambda: tf.reduce_sum(tf.nn.softmax(X @ S @ tf.transpose(X)) @ X),
    "norms of rows": lambda: tf.reduce_sum(tf.norm(X, axis=1)) + tf.norm(v),
    "a density": lambda: tf.linalg.logdet(S) + v @ tf.linalg.solve(S, v[:, None])[:, 0],
    "a determinant": lambda: tf.linalg.det(S) * tf.linalg.trace(tf.linalg.inv(S)),
    "running sums": lambda: tf.reduce_sum(tf.exp(tf.math.cumsum(v)) * tf.math.cumprod(v)),
    "running sums from the end": lambda: tf.reduce_sum(v * tf.math.cumsum(v, exclusive=True, reverse=True) ** 2),
    "a maximum": lambda: tf.reduce_max(X) + tf.reduce_sum(tf.math.top_k(v, 2)[0] ** 2),
    "gathered": lambda: tf.reduce_sum(tf.gather(X, [1, 1, 3]) ** 2),
    "gathered from the end": lambda: tf.reduce_sum(X[::-1, 0] * w[::-2][0] + w * X[:, -1]),
    "gathered in two axes": lambda: tf.reduce_sum(tf.gather_nd(X, [[0, 1], [2, 2], [0, 1]]) ** 3) + B[1, 2, 0] ** 2,
    "neighbours": lambda: tf.reduce_sum(tf.square(w[1:] - w[:-1])) + tf.reduce_sum(w * tf.roll(w, 1, 0)),
    "special functions": lambda: tf.reduce_sum(tf.math.lgamma(v**2 + 1) + tf.math.erf(v) + tf.math.digamma(v**2 + 0.5)),
    "smooth activations": lambda: tf.reduce_sum(tf.nn.gelu(v) + tf.nn.silu(v) + tf.nn.softplus(v) + tf.nn.elu(v)),
    "an exponential": lambda: tf.linalg.trace(tf.linalg.expm(S / 9)) + tf.reduce_sum(tf.linalg.expm(B / 5)),
    "a spectrum": lambda: tf.reduce_sum(tf.linalg.eigvalsh(S) ** 3),
    "a batch of matrices": lambda: tf.reduce_sum(tf.linalg.inv(B) @ B @ B) + tf.reduce_sum(tf.linalg.det(B) ** 2),
    "a contraction": lambda: tf.einsum("bij,jk,bkl->bl", B, S, B)[1] @ v + tf.einsum("bii,i->", B, v),
    "constants": lambda: (
        tf.reduce_sum(tf.gather(tf.constant([2.0, 3.0]), tf.cast(v > 0, "int64")) * v)
        + tf.reduce_sum(tf.constant(np.linspace(0.0, 1.0, 300))[:, None] * w)
    ),
    "a huge determinant": lambda: tf.linalg.logdet(1e200 * S) / 1e3,
    "a choice": lambda: tf.reduce_sum(tf.where(X > 0, tf.math.log(X * X + 1), 0.0)) + tf.reduce_sum(tf.nn.relu(v)),
    "segments": lambda: (
        tf.reduce_sum(tf.math.segment_sum(B, [0, 0]) ** 2) + tf.reduce_sum(tf.math.segment_max(B, [0, 2]))
    ),
    "broadcasting": lambda: tf.reduce_sum((X - v) * (w[:, None] + X) / (1 + v**2)),
    "a sum of many terms": lambda: tf.add_n([tf.sin(v * (k + 1)) for k in range(150)]) @ v,
    "sizes": lambda: tf.reduce_sum(v) * tf.cast(tf.size(X), "float64") / tf.cast(tf.shape(X)[0], "float64") ** 0.5,
    "matrices of blocks": lambda: tf.reduce_sum(tf.concat([X, X * 2], 0) @ tf.pad(S, [[0, 0], [1, 0]])),
}

x, y = tf.symbols("x y")
SCALARS: dict[str, Callable[[], tf.Tensor]] = {
    "a polynomial": lambda: x**3 * y - 2 * x * y**2 + 1,
    "functions": lambda: tf.sin(x) * tf.exp(-(y**2)) + tf.math.atan2(y, x) + tf.math.log1p(x**2) + tf.tanh(x * y),
    "quotients": lambda: x / (1 + y**2) + y / (x**2 + 1) ** 1.5 + (x**2 + y**2) ** 0.5,
    "a choice of numbers": lambda: tf.where(x > y, x * y, tf.maximum(x, 0.25) ** 2) + tf.abs(x),
    "a softplus": lambda: tf.nn.softplus(x) + tf.sigmoid(y) + tf.math.erf(x) * tf.math.erfc(y + 3),
}
POINT = (0.7, -1.3)

SINGULAR: dict[str, tuple[Callable[[], tf.Tensor], list[tf.Tensor], list[object]]] = {
    "a norm at zero": (lambda: tf.norm(v) ** 2 + tf.norm(v), [v], [np.zeros(3)]),
    "x*log(x) at zero": (lambda: tf.reduce_sum(tf.math.xlogy(v, v)), [v], [np.array([0.0, 1.0, 2.0])]),
    "sin(x)/x at zero": (lambda: tf.reduce_sum(tf.sin(v) / v), [v], [np.array([0.0, 1e-9, 2.0])]),
    "a masked infinity": (
        lambda: tf.reduce_sum(tf.where(v > 0, tf.math.log(v), 0.0)), [v], [np.array([0.0, -1.0, 2.0])],
    ),
    "zeros among factors": (lambda: tf.reduce_prod(v), [v], [np.array([0.0, 0.0, 2.0])]),
    "a singular matrix": (lambda: tf.linalg.det(S), [S], [np.ones((3, 3))]),
    "huge entries": (lambda: tf.norm(v), [v], [np.array([3e200, 4e200, 0.0])]),
    "tails": (lambda: tf.reduce_sum(tf.math.log(1 - tf.sigmoid(v))), [v], [np.array([40.0, 400.0, -40.0])]),
    "ties": (lambda: tf.reduce_max(v) + tf.reduce_sum(tf.nn.relu(v)), [v], [np.zeros(3)]),
    "nothing": (lambda: tf.reduce_sum(v * v) + tf.norm(v) + tf.reduce_prod(v), [v], [np.zeros(0)]),
    "no rows": (
        lambda: tf.reduce_sum(tf.nn.softmax(X @ S)) + tf.reduce_sum(tf.math.cumsum(w)), [X, S, w],
        [np.zeros((0, 3)), np.eye(3), np.zeros(0)],
    ),
}  # fmt: skip
"""Programs with their sources and the values at which they and their gradients are looked at."""


class Target(NamedTuple):
    """A backend in the table.

    Attributes
    ----------
    backend : str
    package : str
        What has to be installed, beside what the tests need.
    convert : callable
        A value of NumPy's as the backend takes it.
    narrow : bool
        Whether it keeps the dtype of the values.
    arrays : bool
        Whether it takes arrays.
    """

    backend: str
    package: str = ""
    convert: Callable[[np.ndarray], object] = lambda array: array
    narrow: bool = False
    arrays: bool = True


def _torch(array):
    import torch

    return torch.from_numpy(np.array(array))


def _jax(array):
    import jax.numpy as jnp

    return jnp.asarray(array)


def _strict(array):
    import array_api_strict

    return array_api_strict.asarray(array)


TARGETS = {
    "numpy": Target("numpy"),
    "math": Target("math", arrays=False),
    "c": Target("c"),
    "numba": Target("numba", "numba"),
    "jax": Target("jax", "jax", _jax),
    "torch": Target("torch", "torch", _torch, narrow=True),
    "array_api": Target("array_api", narrow=True),
    "array_api_strict": Target("array_api", "array_api_strict", _strict, narrow=True),
}
"""A new backend is a row here, and has all programs."""


def installed(target: Target) -> Target:
    """The target, if its package is; else the test is skipped."""
    if target.package and not find_spec(target.package):
        pytest.skip(f"the backend {target.backend} is not tested with {target.package}, which is not installed")
    if target.package == "array_api_strict":
        import array_api_strict

        array_api_strict.set_array_api_strict_flags(api_version="2023.12")
    return target


def plain(value: object) -> np.ndarray:
    """A result as an array of NumPy."""
    return np.asarray(value.detach() if hasattr(value, "detach") else value)
