"""Gradient rules that are wrong in one way each, and right ones that are hard to tell from wrong ones.

A rule of ``WRONG`` or ``RIGHT`` is a function of tensors, its rule as NumPy computes it and as it is traced, and its
inputs: what is written with operators alone is written once.
"""

from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import tracer as tf


class Rule(NamedTuple):
    """A function, its rule for arrays, its rule for tensors (None where it has none), and its inputs."""

    forward: Any
    numeric: Any
    traced: Any
    inputs: tuple[Any, ...]

    def custom(self):
        """The function with the traced rule."""
        return tf.custom_gradient(lambda *xs: (self.forward(*xs), lambda g: self.traced(g, *xs)))


def both(forward, rule, *inputs):
    """A rule that is written with operators alone."""
    return Rule(forward, rule, rule, inputs)


def matrices(**options):
    return arrays("float64", array_shapes(min_dims=2, max_dims=2, max_side=3), elements=st.integers(-3, 3).map(float))


def total(x, axis):
    return x.sum(axis) if isinstance(x, np.ndarray) else tf.reduce_sum(x, axis)


def where(condition, x, y):
    if isinstance(condition, (np.ndarray, np.generic, bool)):
        return np.where(condition, x, y)
    return tf.where(condition, tf.constant(x, "float64") if isinstance(x, float) else x, y)


def beyond(limit):
    """Wrong for numbers larger than a limit."""
    return both(lambda x: x * x, lambda g, x: g * where(x > limit, 3.0, 2.0) * x, (3,))


def below(limit):
    """Wrong for positive numbers smaller than a limit."""
    return both(lambda x: x * x, lambda g, x: g * where((x > 0) & (x < limit), 3.0, 2.0) * x, (3,))


WRONG = {
    "sign": both(tf.tanh, lambda g, x: g * (np.tanh(x) ** 2 - 1.0), ()),
    "half of a tenth of a percent": both(tf.exp, lambda g, x: 0.9995 * g * np.exp(x), (3,)),
    "one side of a kink": both(lambda x: tf.where(x > 0, x, 0.01 * x), lambda g, x: g * where(x > 0, 1.0, 0.1), (4,)),
    "swapped branches": both(
        lambda x: tf.where(x > 1.0, x * x, 2.0 * x - 1.0), lambda g, x: g * where(x > 1.0, 2.0, 2.0 * x), (3,)
    ),
    "missing broadcast sum": Rule(lambda s, x: s * x, lambda g, s, x: (g * x, g * s), None, ((), (3,))),
    "sum over the wrong axis": both(lambda x, b: x + b, lambda g, x, b: (g, total(g, 1)), (3, 3), (3,)),
    "transposed matrix": both(lambda a, x: a @ x, lambda g, a, x: (None, a @ g), (3, 3), (3,)),
    "dropped rank one term": both(
        lambda a, x: tf.tensordot(x, a @ x, 1), lambda g, a, x: (g * x[:, None] * x[None, :], g * (a @ x)), (2, 2), (2,)
    ),
    "forgotten cotangent": both(tf.exp, lambda g, x: np.exp(x), (3,)),
    "absolute cotangent": both(tf.sin, lambda g, x: abs(g) * np.cos(x), (3,)),
    "cotangent of one element": Rule(tf.exp, lambda g, x: g[0] * np.exp(x), None, ((3,),)),
    "missing term": both(lambda x: x * tf.sin(x), lambda g, x: g * np.sin(x), (3,)),
    "missing accumulation": Rule(
        lambda x: tf.gather(x, [0, 0, 2]),
        lambda g, x: np.array([g[1], 0.0, g[2]]),
        lambda g, x: tf.stack([g[1], 0.0 * g[0], g[2]]),
        ((3,),),
    ),
    "zero for what is connected": both(lambda x, b: tf.tanh(x) + b, lambda g, x, b: (None, g), (3,), (3,)),
    "stop_gradient passed through": both(lambda x: x * tf.stop_gradient(x), lambda g, x: 2.0 * g * x, (3,)),
    "square matrices only": Rule(
        lambda a, b: a @ b,
        lambda g, a, b: (g @ b.T, a.T @ g) if a.shape[0] == a.shape[1] else (2 * g @ b.T, a.T @ g),
        None,
        (("n", "m"), ("m", "k")),
    ),
    "vectors only": Rule(
        lambda x: tf.reverse(x, [0]), lambda g, x: g[::-1] if x.shape[1] == 1 else g, None, (matrices(),)
    ),
    "beyond a hundred digits": beyond(1e100),
    "beyond fifty": beyond(50.0),
    "below a hundred digits": below(1e-100),
    "below a thousandth": below(1e-3),
    "one index": both(tf.exp, lambda g, x: g * np.exp(x) * np.array([1.0, 1.0, 1.001]), (3,)),
    "two elements in order": both(
        lambda x: tf.reduce_sum(x * x), lambda g, x: g * where(x[0] > x[1], 1.5, 2.0) * x, (2,)
    ),
    "order for its inverse": Rule(tf.sort, lambda g, x: g[np.argsort(x, kind="stable")], None, ((3,),)),
    "three equal elements": Rule(
        tf.reduce_max, lambda g, x: g * (x == x.max()) / min((x == x.max()).sum(), 2), None, ((3,),)
    ),
    "two zeros": Rule(
        tf.reduce_prod,
        lambda g, x: g * np.array([np.prod([v for v in np.delete(x, i) if v or (x == 0).sum() < 2]) for i in range(3)]),
        None,
        ((3,),),
    ),
    "division by zero": Rule(tf.reduce_prod, lambda g, x: g * np.prod(x) / x, None, ((3,),)),
    "overflow": Rule(tf.nn.softplus, lambda g, x: g * np.exp(x) / (1 + np.exp(x)), None, ((3,),)),
    "cancellation": Rule(lambda x: x - tf.sin(x), lambda g, x: g * (1 - np.cos(x)), None, ((3,),)),
    "a millionth": Rule(tf.exp, lambda g, x: g * (np.exp(x + 2e-6) - np.exp(x)) / 2e-6, None, ((3,),)),
    "straight through": both(tf.floor, lambda g, x: g, ()),
    "a narrow window": Rule(
        lambda x: x * x, lambda g, x: g * np.where(np.abs(x - 37.25) < 0.5, 1.01, 1.0) * 2 * x, None, ((3,),)
    ),
    "between two numbers": both(tf.sin, lambda g, x: g * where((x > 2.0) & (x < 3.0), 0.0, np.cos(x)), (3,)),
    "narrower than the kinks": both(
        lambda x: tf.minimum(tf.maximum(x, -1.0), 1.0), lambda g, x: g * where(abs(x) < 0.99, 1.0, 0.0), (3,)
    ),
    "opposite elements": Rule(
        lambda x: tf.reduce_sum(x * x), lambda g, x: g * np.where(x[0] == -x[1], 3.0, 2.0) * x, None, ((3,),)
    ),
    "decided by a number in the code": Rule(
        tf.exp, lambda g, x: g * float(np.exp(x)) * (1.0 if abs(float(x) - 7.77) > 0.01 else 1.5), None, ((),)
    ),
}

WRONG_AT_SECOND_ORDER = {
    "operands that are stopped": lambda g, x, y: (g * tf.stop_gradient(y), g * tf.stop_gradient(x)),
    "cotangent that is stopped": lambda g, x, y: (tf.stop_gradient(g) * y, tf.stop_gradient(g) * x),
}


def definite(n):
    small = arrays("float64", (n, n), elements=st.integers(-3, 3).map(float))
    return small.map(lambda a: a @ a.T + np.eye(n))


RIGHT = {
    "kink": both(tf.nn.relu, lambda g, x: where(x > 0, 1.0, 0.0) * g, (3,)),
    "kink at given numbers": both(tf.nn.relu, lambda g, x: where(x > 0, 1.0, 0.0) * g, np.array([1e-9, -1e-9, 1e-12])),
    "another subgradient": both(
        tf.maximum, lambda g, x, y: (where(x > y, 1.0, 0.0) * g, where(x > y, 0.0, 1.0) * g), (3,), (3,)
    ),
    "jump": both(lambda x: x - tf.floor(x), lambda g, x: g, (3,)),
    "edge of the domain": both(tf.math.log1p, lambda g, x: g / (1.0 + x), (3,)),
    "steep": both(tf.sinh, lambda g, x: g * np.cosh(x), (3,)),
    "flat": both(lambda x: tf.exp(-x * x), lambda g, x: -2.0 * g * x * np.exp(-x * x), (3,)),
    "oscillating": both(lambda x: tf.sin(x * x), lambda g, x: 2.0 * g * x * np.cos(x * x), (3,)),
    "badly scaled": both(
        lambda x: tf.reduce_sum(x * tf.constant([1e8, 1.0, 1e-8])), lambda g, x: g * np.array([1e8, 1.0, 1e-8]), (3,)
    ),
    "branch cut": both(tf.math.atan2, lambda g, y, x: (g * x / (x * x + y * y), -g * y / (x * x + y * y)), (2,), (2,)),
    "inputs of the domain alone": both(lambda x: tf.nn.relu(x - 1.0), lambda g, x: g, st.floats(1.5, 9.0)),
    "symmetric inputs": Rule(
        tf.linalg.inv, lambda g, a: -np.linalg.inv(a) @ g @ np.linalg.inv(a), None, (definite(2),)
    ),
    "nothing flows": both(tf.floor, lambda g, x: (None,), (3,)),
    "a constant": both(lambda x, y: x + tf.stop_gradient(y), lambda g, x, y: (g, None), (3,), (3,)),
    "broadcast": both(lambda x, y: x * y, lambda g, x, y: (g * y, total(g * x, 0)), (2, 3), (3,)),
    "no elements": both(lambda x: tf.reduce_sum(x * x), lambda g, x: 2.0 * g * x, ("n",)),
    "equal parts of a tie": Rule(tf.reduce_max, lambda g, x: g * (x == x.max()) / (x == x.max()).sum(), None, ((3,),)),
    "nuclear norm": Rule(
        lambda a: tf.reduce_sum(tf.linalg.svd(a, compute_uv=False)),
        lambda g, a: (lambda u, s, v: g * u @ v)(*np.linalg.svd(a, full_matrices=False)),
        None,
        ((2, 2),),
    ),
    "large exponents": Rule(
        tf.reduce_logsumexp,
        lambda g, x: g * np.exp(x - x.max()) / np.exp(x - x.max()).sum(),
        None,
        (np.array([800.0, -800.0, 799.0]),),
    ),
}
