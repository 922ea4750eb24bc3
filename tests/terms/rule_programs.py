"""For each rule, two unrelated programs whose formulas are longer without it.

The arguments of a program name its inputs: :data:`INPUTS` has their shapes and what is declared of them. A text is the
name of a case of the textbook, whose derivative is the program.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import signature
from typing import Any

import numpy as np

import tracer as tf
from tests.calculus.cases import CASES
from tests.calculus.derive import derivative

ln, exp, erf, total, where = tf.math.log, tf.exp, tf.math.erf, tf.reduce_sum, tf.where
inv, det, cholesky, transpose = tf.linalg.inv, tf.linalg.det, tf.linalg.cholesky, tf.transpose
softmax, sigmoid, logsumexp, relu = tf.nn.softmax, tf.sigmoid, tf.reduce_logsumexp, tf.nn.relu

INPUTS: dict[str, tuple[tuple[str | int, ...], dict[str, Any]]] = {
    **dict.fromkeys("uvwxyz", (("n",), {})),
    **dict.fromkeys("pq", (("n",), {"positive": True})),
    **dict.fromkeys("abc", ((), {})),
    **dict.fromkeys("rs", ((), {"positive": True})),
    **dict.fromkeys("ef", ((3,), {})),
    **dict.fromkeys("XY", (("m", "n"), {})),
    **dict.fromkeys("ABC", (("n", "n"), {})),
    **dict.fromkeys("QR", (("n", "n"), {"orthogonal": True})),
    "S": (("n", "n"), {"symmetric": True}),
    "D": (("n", "n"), {"positive_definite": True}),
    "g": (("n",), {"stochastic": True}),
    "P": (("m", "n"), {"stochastic": True}),
    "k": (("n",), {"unit": True}),
    "K": (("m", "n"), {"unit": True}),
    "h": (("m",), {}),
    "t": (("n",), {"dtype": "bool"}),
    "i": (("n",), {"negative": True}),
    "V": ((4, 2), {}),
    "o": (("n",), {"integer": True}),
    "j": (("n",), {"dtype": "int64"}),
}

Program = str | Callable[..., tf.Tensor]


def trace(program: Program) -> tf.Tensor:
    """A program, traced."""
    if isinstance(program, str):
        return derivative(tf, CASES[program])[0]
    return program(*(tf.placeholder(k, INPUTS[k][0], **INPUTS[k][1]) for k in signature(program).parameters))


def slope(loss: tf.Tensor, *sources: tf.Tensor) -> tf.Tensor:
    """The gradient of a loss by the first source."""
    return tf.gradients(loss, list(sources))[0]


def dot(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    return total(x * y)


def pairs(f: Callable[[tf.Tensor], tf.Tensor], x: tf.Tensor) -> tf.Tensor:
    """A function of all differences of two elements."""
    return f(x[:, None] - x[None, :])


def both_ways(f: Callable[[tf.Tensor], tf.Tensor], x: tf.Tensor, sign: int) -> tf.Tensor:
    """What a force between each two and its reaction, or the response to a signal and to its reflection, amount to."""
    k = pairs(f, x)
    return k + transpose(k) if sign > 0 else k - transpose(k)


def lower(A: tf.Tensor) -> tf.Tensor:
    return tf.linalg.band_part(A, -1, 0)


def upper(A: tf.Tensor) -> tf.Tensor:
    return tf.linalg.band_part(A, 0, -1)


def normal_cdf(x: tf.Tensor) -> tf.Tensor:
    return (1 + erf(x / 2**0.5)) / 2


def density(x: tf.Tensor) -> tf.Tensor:
    return exp(-(x**2) / 2) / (2 * np.pi) ** 0.5


def spectrum(S: tf.Tensor) -> Sequence[tf.Tensor]:
    return tf.linalg.eigh(S)


def square(*elements: Any) -> tf.Tensor:
    """A matrix of four elements."""
    return tf.stack([tf.stack(elements[:2]), tf.stack(elements[2:])])


def odd(f: Callable[[tf.Tensor], tf.Tensor]) -> list[Program]:
    """The force between each two against its reaction, and a signal that is measured both ways round."""
    return [lambda x: both_ways(f, x, 1), lambda A, x, y: y * f(-(A @ x)) / f(A @ x)]


def negated(compare: Callable[[tf.Tensor, Any], tf.Tensor]) -> list[Program]:
    """A choice between two, and the slope of a loss that has a part for what is left."""
    return [
        lambda x, y, z: where(tf.logical_not(compare(x, y)), z, x),
        lambda A, w, x: slope(total(where(tf.logical_not(compare(x, 1)), A @ w, w**2)), w),
    ]


PROGRAMS: dict[str, list[Program]] = {
    **{
        f"{name}(-x) -> -{name}(x)": odd(getattr(tf.math, name))
        for name in ("tan", "asin", "atan", "tanh", "asinh", "atanh", "erf")
    },
    "sign(-x) -> -sign(x)": [
        lambda x, y: slope(total(abs(x - y)) + total(abs(y - x)), x),
        lambda x: both_ways(tf.sign, x, 1),
    ],
    "sin(-x) -> -sin(x)": [
        lambda x, y: slope(total(tf.cos(x - y)) + total(tf.cos(y - x)), x),
        lambda x: both_ways(tf.sin, x, 1),
    ],
    "sinh(-x) -> -sinh(x)": ["log-cosh", lambda x: both_ways(tf.sinh, x, 1)],
    "cos(-x) -> cos(x)": [
        lambda x: both_ways(tf.cos, x, -1),
        lambda x, y: slope(total(tf.sin(x - y)) - total(tf.sin(y - x)), x),
    ],
    "cosh(-x) -> cosh(x)": ["log-cosh", lambda x: both_ways(tf.cosh, x, -1)],
    "log(1 + x) - log(1 - x) -> 2*atanh(x)": [
        lambda x: ln((1 + x) / 2) - ln((1 - x) / 2),
        lambda A, u, x, y: slope(total(y * (ln(1 + A @ u) - ln(1 - A @ u))), y),
    ],
    "log(x/2) - log(y/2) -> log(x) - log(y)": [
        lambda x, y: slope(total((x + y) / 2 * ln((x + y) / 2) + (x - y) / 2 * ln((x - y) / 2)), y),
        lambda A, u, x, p: ln(3 * (A @ u) ** 2) - ln(3 * p + 3 * exp(x)),
    ],
    "sign(x)**2*step(Abs(x) - q) -> step(Abs(x) - q)": [
        lambda A, u, x, r: slope(total((tf.sign(A @ u) * relu(abs(A @ u) - r) - x) ** 2), u),
        lambda x, y, p: slope(dot(y, relu(abs(x) - p) ** 2 * tf.sign(x) ** 3), x),
    ],
    "softmax(z)*exp(y)/sum(softmax(z)*exp(y)) -> softmax(z + y)": [
        lambda x, y: slope(ln(total(softmax(x) * exp(y))), y),
        lambda X, Y, u: slope(total(ln(total(softmax(X, axis=1) * exp(Y + u), axis=1))), u),
    ],
    "(x**2 - y**2)/(x - y) -> x + y": [
        lambda X, u, h: slope(total(ln(sigmoid(h - X @ u) - sigmoid(-(X @ u)))), u),
        lambda x, y, z: z * (tf.tanh(x - y) ** 2 - tf.tanh(y - z) ** 2) / (tf.tanh(x - y) - tf.tanh(y - z)),
    ],
    "softmax(z)*(exp(y)/sum(softmax(z)*exp(y)) - 1) -> softmax(z + y) - softmax(z)": [
        lambda x, y: slope(ln(total(softmax(x) * exp(y))), x),
        lambda A, u, x, y: slope(ln(total(softmax(x) * exp(-((y - A @ u) ** 2) / 2))), x),
    ],
    "Abs(q) -> q": [
        lambda x: total(abs(relu(x))),
        lambda p, x: abs(p) * x - abs(exp(x)),
    ],
    "Abs(x*y) -> Abs(x)*Abs(y)": [
        lambda p, x, y: total(abs(p * (x - y)) / p),
        lambda x, y: abs(3 * x - 3 * y) / abs(x - y),
    ],
    "relu(x*p) -> relu(x)*p": [
        lambda p, x: relu(x / p) * p,
        lambda x, y: total(relu(x / (1 + y**2)) * (1 + y**2)),
    ],
    "sign(p) -> 1": [lambda p: slope(total(abs(p)), p), lambda X, w, h: dot(h, tf.sign(exp(X @ w)))],
    "relu(q) -> q": [
        lambda X, w: total(relu((X @ w) ** 2 + tf.abs(w[0]))),
        lambda x, y: tf.sqrt(relu(dot(x - y, x - y))),
    ],
    "Abs(r) -> -r": [
        lambda i, y: total(y * tf.abs(i)),
        lambda X, w, h: h * tf.abs(tf.minimum(X @ w, -1.0)),
    ],
    "sign(m) -> -1": [
        lambda i, y: total(y * tf.sign(i)),
        lambda X, w, h: h * tf.sign(tf.minimum(X @ w, -1.0)),
    ],
    "relu(r) -> 0": [
        lambda X, w, h: h + relu(-2 * exp(X @ w)),
        lambda x, y: relu(-dot(x, x)) * y - y,
    ],
    "exp(log(x)) -> x": [
        lambda p, y: total(exp(ln(p)) - y * ln(p)),
        lambda x, y: exp(ln(dot(x, x))) + ln(dot(x, x)) * dot(x, y),
    ],
    "exp(y + c*log(x)) -> exp(y)*x**c": [
        lambda x, y, p: total(exp(x - 2 * ln(p) + y)),
        lambda X, w, r: exp(X @ w + ln(r)) / r,
    ],
    "log(exp(x)) -> x": [
        lambda X, w, h: total(exp(X @ w) - h * ln(exp(X @ w))),
        lambda u, v: ln(exp(u) * exp(v)),
    ],
    "sin(asin(x)) -> x": [
        lambda x, y: slope(total(tf.cos(tf.asin(x))), x),
        lambda X, w, h: dot(h, tf.sin(tf.asin(X @ w))),
    ],
    "cos(acos(x)) -> x": [
        lambda x: slope(total(tf.sin(tf.acos(x))), x),
        lambda x, y: tf.cos(tf.acos(dot(x, y) / tf.norm(x) / tf.norm(y))),
    ],
    "tan(atan(x)) -> x": [
        lambda x: slope(total(-ln(tf.cos(tf.atan(x)))), x),
        lambda A, x, y: y * tf.tan(tf.atan(A @ x)),
    ],
    "sinh(asinh(x)) -> x": [
        lambda x: slope(total(tf.cosh(tf.asinh(x))), x),
        lambda A, x, y: tf.sinh(tf.asinh(A @ x) + tf.asinh(y) - tf.asinh(y)),
    ],
    "cosh(acosh(x)) -> x": [
        lambda x: slope(total(tf.sinh(tf.acosh(x))), x),
        lambda x, y: dot(y, tf.cosh(tf.acosh(1 + x**2))),
    ],
    "tanh(atanh(x)) -> x": [
        lambda x: slope(total(ln(tf.cosh(tf.atanh(x)))), x),
        lambda x, y: tf.tanh(tf.atanh(x * y)) / y,
    ],
    "asinh(sinh(x)) -> x": [
        lambda A, x: total(tf.asinh(tf.sinh(A @ x)) ** 2),
        lambda x, y: exp(tf.asinh(tf.sinh(x + y))),
    ],
    "atanh(tanh(x)) -> x": [
        lambda A, x: total(tf.atanh(tf.tanh(A @ x)) ** 2),
        lambda x, y: slope(total(tf.atanh(tf.tanh(x)) * y), y),
    ],
    "exp(c*log(x)) -> x**c": [
        lambda p, y: total(exp(2 * ln(p)) * y),
        lambda x: x / exp(0.5 * ln(dot(x, x))),
    ],
    "Pow(x, c) -> x**c": [
        "soft-threshold-distance",
        lambda x, y: slope(total(tf.pow(abs(x - y), 3 * tf.ones_like(x))), x),
    ],
    "log(x**c) -> c*log(x)": [
        lambda p: total(ln(p**2)) / 2,
        lambda x, y: ln(tf.norm(x - y)) * 2,
    ],
    "log1p(x) -> log(1 + x)": [
        lambda X, w, h: total(tf.math.log1p(exp(-h * (X @ w)))),
        lambda x: tf.math.log1p(x - 1),
    ],
    "expm1(x) -> exp(x) - 1": [
        lambda x, y: total((1 + tf.math.expm1(x)) * y),
        lambda p, x: ln(tf.math.expm1(x) + 1 + p) - ln(exp(x) + p),
    ],
    "log(1 + exp(x)) -> softplus(x)": [
        lambda X, w, h: total(ln(1 + exp(-h * (X @ w)))),
        lambda x, y: total(ln(1 + exp(y - x))),
    ],
    "log(sigmoid(x)) -> -softplus(-x)": [
        lambda X, w: total(ln(sigmoid(X @ w))),
        lambda x, y, z: ln(sigmoid(dot(x, y) - dot(x, z))),
    ],
    "1/(1 + exp(x)) -> sigmoid(-x)": [
        lambda X, w, h: slope(total(ln(1 + exp(X @ w)) - h * (X @ w)), w),
        lambda x, a, r: dot(x, 1 / (1 + exp((x - a) / r))),
    ],
    "sigmoid(x)*(1 + exp(-x)) -> 1": [
        lambda x, y: y * tf.square(sigmoid(x)) * (1 + exp(-x)),
        lambda X, w, h: dot(h, sigmoid(X @ w) ** 3 * (1 + exp(-(X @ w)))),
    ],
    "roll(x, 1).T @ roll(y, 1) -> x.T @ y": [
        lambda x, y: dot(tf.roll(x, 1, 0), tf.roll(y, 1, 0) ** 2),
        lambda w, x: total(exp(tf.roll(w, 3, 0) - tf.roll(x, 3, 0))),
    ],
    "Pow(exp(x), y) -> exp(x*y)": [
        lambda x, y: exp(x) ** y * exp(x),
        lambda X, w, c, h: dot(h, exp(X @ w) ** c),
    ],
    "onehot(i) @ 1 -> 1": [
        lambda x, y, j: y * tf.gather(tf.ones_like(x) * total(x), j),
        lambda x, h, j: tf.gather(tf.ones_like(x)[:, None] * h, j),
    ],
    "onehot(i).T @ diag(x) @ onehot(i) -> diag(onehot(i).T @ x)": [
        lambda j: tf.transpose(tf.one_hot(j, 4)) @ tf.one_hot(j, 4),
        lambda x, j: tf.transpose(tf.one_hot(j, 7)) @ (x[:, None] * tf.one_hot(j, 7)),
    ],
    "sigmoid(x)*exp(y - x) -> sigmoid(-x)*exp(y)": [
        lambda x, y: exp(-x) / (1 + exp(-x)) - y,
        lambda X, w, h: dot(h, exp(-3 * (X @ w)) * sigmoid(X @ w) ** 2),
    ],
    "sigmoid(x)*(1 - exp(-x)) -> tanh(1/2*x)": [
        lambda x: (exp(2 * x) - 1) / (exp(2 * x) + 1),
        lambda X, w, h: dot(h, (1 - exp(X @ w)) / (1 + exp(X @ w))),
    ],
    "2*sigmoid(2*x) - 1 -> tanh(x)": [
        lambda x, y: 2 * sigmoid(2 * x + 4 * y) - 1,
        lambda X, w, h: total(tf.sqrt(1 + (1 - 2 / (1 + exp(2 * (X @ w)))) ** 2) + h),
    ],
    "tanh(x)*sigmoid(2*x)*sigmoid(-2*x) -> 1/4*tanh(x)*(1 - (tanh(x)**2))": [
        lambda x: tf.tanh(x) * sigmoid(2 * x) * sigmoid(-2 * x),
        lambda X, w, h: total(h * sigmoid(2 * (X @ w)) * (1 - sigmoid(2 * (X @ w))) * tf.tanh(X @ w)),
    ],
    "exp(x) + exp(-x) -> 2*cosh(x)": [
        lambda x, y: ln(exp(x * y) + exp(-x * y)),
        lambda X, w, h: dot(h, tf.sqrt(exp(X @ w) + exp(-(X @ w)))),
    ],
    "exp(x) - exp(-x) -> 2*sinh(x)": [
        lambda x, y: (exp(x * y) - exp(-x * y)) ** 3,
        lambda X, w, h: dot(h, exp(X @ w) - exp(-(X @ w))),
    ],
    "exp(x)/cosh(x) -> 2*sigmoid(2*x)": [
        lambda x: exp(x) / tf.cosh(x),
        lambda X, w, h: dot(h, exp(X @ w) / (exp(X @ w) + exp(-(X @ w)))),
    ],
    "exp(-x)/cosh(x) -> 2*sigmoid(-2*x)": [
        lambda x: exp(-x) / tf.cosh(x),
        lambda X, w, h: dot(h, exp(-(X @ w)) / (exp(X @ w) + exp(-(X @ w)))),
    ],
    "sigmoid(x)*(1 - tanh(1/2*x)) -> 1/2*(1 - (tanh(1/2*x)**2))": [
        lambda x: sigmoid(2 * x) * (1 - tf.tanh(x)),
        lambda X, w, h: dot(h, sigmoid(-2 * (X @ w)) * (tf.tanh(X @ w) + 1)),
    ],
    "1 - sigmoid(x) -> sigmoid(-x)": ["scaled-sigmoid", "gru-by-Uz"],
    "sigmoid(x) - (sigmoid(x)**2) -> sigmoid(x)*sigmoid(-x)": [
        lambda x: x * sigmoid(x) + sigmoid(x) - sigmoid(x) ** 2,
        lambda X, w, h: total(exp(h) * sigmoid(X @ w) + sigmoid(X @ w) - sigmoid(X @ w) ** 2),
    ],
    "sinh(x)/cosh(x) -> tanh(x)": ["log-cosh", "independent-components"],
    "sin(x)/cos(x) -> tan(x)": [
        lambda x: slope(total(-ln(tf.cos(x))), x),
        lambda A, x, y: y * tf.sin(A @ x) / tf.cos(A @ x),
    ],
    "sin(x)**2 + cos(x)**2 -> 1": [
        lambda x, y: total((y * tf.cos(x)) ** 2 + (y * tf.sin(x)) ** 2),
        lambda a, x, y: tf.square(tf.cos(a)) * dot(x, y) + dot(x, y) * tf.square(tf.sin(a)),
    ],
    "Max(x, 0) -> relu(x)": ["contrastive", lambda X, w: total(tf.maximum(X @ w, 0.0) - relu(X @ w))],
    "Max(y, x) -> Max(x, y)": [
        lambda x: tf.maximum(x[:, None], x[None, :]) - tf.maximum(x[None, :], x[:, None]),
        lambda x, y, z: dot(z, tf.maximum(exp(x), tf.sin(y))) + dot(z, tf.maximum(tf.sin(y), exp(x))),
    ],
    "Min(y, x) -> Min(x, y)": [
        lambda x: tf.minimum(x[:, None], x[None, :]) - tf.minimum(x[None, :], x[:, None]),
        lambda x, y, z: dot(z, tf.minimum(exp(x), tf.sin(y))) + dot(z, tf.minimum(tf.sin(y), exp(x))),
    ],
    "And(y, x) -> And(x, y)": [
        lambda x, y: where((x > 0) & (y > 1), x, y) + where((y > 1) & (x > 0), x, y),
        lambda t, x, y: total(where(t & (x > y), exp(x), y) - where((x > y) & t, exp(x), y)),
    ],
    "Or(y, x) -> Or(x, y)": [
        lambda x, y: where((x > 0) | (y > 1), x, y) + where((y > 1) | (x > 0), x, y),
        lambda t, x, y: total(where(t | (x > y), exp(x), y) - where((x > y) | t, exp(x), y)),
    ],
    "not(x > y) -> x <= y": negated(tf.greater),
    "y < x -> x > y": [
        lambda t, x, y: where(t & (x > y), x, y) - where(t & (y < x), x, y),
        lambda X, w, h: total(where((X @ w >= h) | (h > 1), h, exp(h)) - where((h <= X @ w) | (h > 1), h, exp(h))),
    ],
    "Not(Not(c)) -> c": [
        lambda t, x, y: where(tf.logical_not(tf.logical_not(t)), x, y),
        lambda t, X, w: total(where(tf.logical_not(tf.logical_not(t)), w**2, exp(w))),
    ],
    "Unequality(Piecewise(1, c, 0), 0) -> c": [
        lambda x, y, z: where(tf.cast(tf.cast(x > y, "float64"), "bool"), y, z),
        lambda t, x, y: slope(total(where(tf.cast(tf.cast(t, "float64"), "bool"), x**2, y)), x),
    ],
    "x > x -> false": [
        lambda x, y: slope(total(where(exp(x) > -1.0, x * y, exp(x))), x),
        lambda p, x: where(p > -tf.square(x), x / p, x),
    ],
    "and(true, c) -> c": [
        lambda x, y, z: where((x >= x) & (y > z), y, z),
        lambda t, x, y: total(where(t | (x > x), y, exp(x))),
    ],
    "where(false, x, y) -> y": ["where-sign", "relu-attention"],
    "where(c, x, x) -> x": [
        lambda x, y: where(x > y, tf.square(x - y), tf.square(y - x)),
        lambda t, A, x, y: dot(y, where(t, inv(A) @ x, tf.squeeze(tf.linalg.solve(A, x[:, None]), 1))),
    ],
    "where(c, 0, x) -> where(not c, x, 0)": [
        lambda x, y: y * where(x <= 0, 0.0, 1.0),
        lambda X, w, h: total(exp(h) * where(X @ w <= 0, 0.0, 1.0)),
    ],
    "where(c, f(where(c, x, y)), z) -> where(c, f(x), z)": [
        lambda x: where(x > 0, tf.sqrt(where(x > 0, x, 1.0)), 0.0),
        lambda X, w, h: total(where(X @ w > h, h, exp(h) / where(X @ w > h, 1.0, X @ w - h))),
    ],
    "where(c, x, where(d, x, y)) -> where(c | d, x, y)": [
        lambda x, y, z: where(x > 0, exp(y), where(z > y, exp(y), x)),
        lambda X, w, h: total(where(X @ w > h, where(h > 1, 1 / h, h**2), h**2)),
    ],
    "where(c, x - y, 0) + y -> where(c, x, y)": [
        lambda x, y, z: tf.cast(x > z, "float64") * (y - z) + z,
        lambda X, w, h: total(exp(h) + where(X @ w > h, X @ w - exp(h), 0)),
    ],
    "where(x > y, max(x, y), y) -> max(x, y)": [
        lambda x, y: where((x > 1) | (x < -1), y * tf.clip_by_value(x, -1, 1), y * x),
        lambda X, w, h: total(where(tf.abs(X @ w) <= 1, h * (X @ w), h * tf.clip_by_value(X @ w, -1, 1))),
    ],
    "where(c, x + z, y + z) -> z + where(c, x, y)": [
        lambda x, y, z: where(x > 0, y + exp(z), y - z),
        lambda X, w, h: total(where(X @ w > h, exp(h) + h, exp(h) - X @ w)),
    ],
    "x + y > y -> x > 0": [
        lambda x, y, z: where(x + y * z > y * z, z, y),
        lambda X, w, h, a: slope(total(tf.maximum(a * (X @ w - h), (a - 1) * (X @ w - h))), w),
    ],
    "x > 1 and x > 0 -> x > 1": [
        lambda x, y, z: where((x > 1) & (x > 0), y, z),
        lambda X, w, h: total(where((X @ w < 1) | (X @ w >= 0), h, exp(h))),
    ],
    "prod_rows(x) -> x": [
        lambda h, X: tf.reduce_prod(X[:, :1], axis=1) + h,
        lambda x, V: slope(total(tf.reduce_prod(exp(x)[:, None], axis=1)), x),
    ],
    "max(x, max(y, z)) -> max(x, y, z)": [
        lambda x, y, z: tf.maximum(tf.maximum(x, y), z),
        lambda X, w, h: total(tf.minimum(h, tf.minimum(X @ w, exp(h)))),
    ],
    "where(x > y, 1, 0)*where(max(x, y) > z, 1, 0) -> where(x > y, 1, 0)*where(x > z, 1, 0)": [
        lambda x, y, z: slope(total(tf.maximum(tf.maximum(x, y), z)), x),
        lambda X, w, h: slope(total(tf.minimum(tf.minimum(X @ w, exp(h)), h)), w),
    ],
    "x > y and x > z -> x > max(y, z)": [
        lambda x, y, z, u, v: where((x > y) & (x > z), u, v),
        lambda X, w, h: total(where((X @ w > h) | (exp(h) > h), X @ w, 0.0)),
    ],
    "x/norm(y) > 2 -> x > 2*norm(y)": [
        lambda x, a: slope(total(x * relu(1 - a / tf.norm(x))), a),
        lambda x, y, z, p: where(x / p > 3, y, z),
    ],
    "relu(x - y)/y + where(x > y, 1, 0) -> where(x > y, 1, 0)*x/y": [
        lambda x, a: slope(relu(tf.norm(x) - a) / tf.norm(x), x),
        lambda X, w, h: slope(total(relu(h - X @ w) / (X @ w)), w),
    ],
    "2*x + 3 > 7 -> x > 2": [
        lambda x, y, z: where(2 * x + 3 > 7, y, z),
        lambda X, w, h: slope(total(where(3 * h - 3 * (X @ w) > 6, X @ w, 0.0)), w),
    ],
    "where(x > y, x, y) -> max(x, y)": [
        lambda x, y: where(x >= y, x, y),
        lambda X, w, h: total(where(X @ w < h, X @ w, h)),
    ],
    "where(x > y, x - y, y - x) -> Abs(x - y)": [
        lambda x, y: where(x > y, x - y, y - x),
        lambda X, w: total(where(X @ w > 0, X @ w, -(X @ w))),
    ],
    "where(Abs(x) > d, d*sign(x), x) -> sign(x)*min(Abs(x), d)": [
        lambda x, a: slope(total(where(abs(x) <= a, x**2 / 2, a * abs(x) - a**2 / 2)), x),
        lambda X, w, h: total(where(abs(X @ w) > h, h * tf.sign(X @ w), X @ w)),
    ],
    "sign(x)*min(Abs(x), d) -> min(max(x, -d), d)": [
        lambda x, y: slope(total(where(abs(x - y) <= 1, (x - y) ** 2 / 2, abs(x - y) - 0.5)), x),
        lambda X, w, r: tf.sign(X @ w) * tf.minimum(abs(X @ w), r),
    ],
    "min(d, max(-x, -d)) -> -min(d, max(x, -d))": [
        lambda x: tf.clip_by_value(x, -1.0, 1.0) + tf.clip_by_value(-x, -1.0, 1.0),
        lambda X, w, h, r: tf.minimum(tf.maximum(X @ w - h, -r), r) / tf.minimum(r, tf.maximum(h - X @ w, -r)),
    ],
    "max(l, min(u, x)) -> min(u, max(l, x))": [
        lambda x: tf.maximum(tf.minimum(x, 1.0), -1.0) - tf.clip_by_value(x, -1.0, 1.0),
        lambda X, w, r: exp(tf.maximum(-r, tf.minimum(X @ w, r))) - exp(tf.minimum(tf.maximum(-r, X @ w), r)),
    ],
    "where(x > u, u, max(l, x)) -> min(u, max(l, x))": [
        lambda x: where(x > 1, 1.0, where(x < -1, -1.0, x)),
        lambda X, w, r: total(where(X @ w < -r, -r, tf.minimum(r, X @ w))),
    ],
    "x >= -d and x <= d -> Abs(x) <= d": [
        lambda x: slope(total(tf.clip_by_value(x, -1.0, 1.0)), x),
        lambda X, w, h, r: dot(h, where((X @ w > r) | (X @ w < -r), h, X @ w)),
    ],
    "1 + erf(x/sqrt(2)) -> 2*Phi(x)": [
        lambda x: x * (1 + erf(x / 2**0.5)) / 2,
        lambda X, w, h: slope(dot(h, ln(1 - erf(X @ w / 2**0.5))), w),
    ],
    "erfc(x/sqrt(2)) -> 2*Phi(-x)": [
        lambda x: tf.math.erfc(x / 2**0.5) / 2,
        lambda X, w, h: dot(h, tf.math.erfc(-(X @ w) / 2**0.5)) / 2,
    ],
    "2*Phi(x) - 1 -> erf(sqrt(2)/2*x)": [
        lambda x, y: y * (2 * normal_cdf(x) - 1),
        lambda X, w, h: total(exp(h - 2 * normal_cdf(X @ w) * h)),
    ],
    "exp(-x**2/2)/sqrt(2*pi) -> phi(x)": [
        lambda x, y: exp(-((x - y) ** 2) / 2) / (2 * np.pi) ** 0.5,
        lambda X, w, h: slope(dot(h, erf(X @ w / 2**0.5)), w),
    ],
    "exp(-x**2/2)/sqrt(2*pi) + y -> phi(x) + y": [
        lambda x: slope(total(tf.nn.gelu(x)), x),
        lambda X, w, h: slope(dot(h, tf.nn.gelu(X @ w)), w),
    ],
    "phi(x)*exp(x**2/2) -> 1/sqrt(2*pi)": [
        lambda x, y: y * (exp(-(x**2) / 2) / (2 * np.pi) ** 0.5) * exp(x**2 / 2),
        lambda X, w, h: exp(h) * exp(tf.square(X @ w) / 2) * (exp(-tf.square(X @ w) / 2) / (2 * np.pi) ** 0.5),
    ],
    "phi(-x) -> phi(x)": [
        lambda x: both_ways(lambda z: exp(-(z**2) / 2) / (2 * np.pi) ** 0.5 * exp(z), x, 1),
        lambda X, w: both_ways(lambda z: exp(z - z**2 / 2) / (2 * np.pi) ** 0.5, X @ w, 1),
    ],
    "1 - Phi(x) -> Phi(-x)": [
        lambda x, y: y * ln(1 - normal_cdf(x)),
        lambda X, w, h: slope(dot(h, ln(1 - normal_cdf(X @ w))), w),
    ],
    "Phi(x) - (Phi(x)**2) -> Phi(x)*Phi(-x)": [
        lambda x: x * normal_cdf(x) + normal_cdf(x) - normal_cdf(x) ** 2,
        lambda X, w, h: total(exp(h) * normal_cdf(X @ w) + normal_cdf(X @ w) - normal_cdf(X @ w) ** 2),
    ],
    "where(c, x*y, x*z) -> x*where(c, y, z)": [
        lambda x, y, z: where(x > y, 2 * z * x, 2 * z * y),
        "relu-attention",
    ],
    "Piecewise(1, StrictGreaterThan(x, 0), 0) -> step(x)": ["relu-rank-three", "hinge"],
    "relu(x)*where(x > 0, y, 0) -> relu(x)*y": [
        "contrastive",
        lambda x, y: where(x > 0, relu(x) / y, 0),
    ],
    "where(c, x, w)*where(c, y, z) -> where(c, x*y, w*z)": [
        lambda x, y: where(x > y, x, 0) * where(x > y, exp(y), exp(x)),
        lambda X, w, h: total(where(X @ w > h, tf.ones_like(h), 0) * where(X @ w > h, 0, 1 / h)),
    ],
    "or(and(a, b), and(a, not(b))) -> a": [
        lambda x, y, z: where(((x > 1) & (y > 0)) | ((x > 1) & (y <= 0)), z, exp(z)),
        lambda X, w, h: total(where(((h > 1) | (X @ w > 0)) & ((h > 1) | (X @ w <= 0)), h, 3.0)),
    ],
    "x >= y and x != y -> x > y": [
        lambda x, y, z: where((x >= y) & (x != y), z, y),
        lambda X, w, h: h * where((X @ w < 1) | (X @ w > 1), X @ w, 3.0),
    ],
    "p*x**3 > 0 -> x > 0": [
        lambda p, x, y: where(p * x > 0, x, y),
        lambda X, w, h: total(where((X @ w) ** 2 > 0, h, 3.0)),
    ],
    "where(c, 1, 0)*where(d, 1, 0) -> where(c & d, 1, 0)": [
        lambda x, y, z: tf.cast(x >= y, "float64") * z * tf.cast(x != y, "float64"),
        lambda X, w, h: total(tf.cast(X @ w > 3, "float64") * h * tf.cast(X @ w < 4, "float64")),
    ],
    "A @ inverse(A + I) + inverse(A + I) -> I": [
        lambda A, x: A @ inv(A + tf.eye("n")) @ x + inv(A + tf.eye("n")) @ x,
        lambda X, r, y: dot(y, y - inv(r * tf.eye("n") + transpose(X) @ X) @ transpose(X) @ (X @ y)),
    ],
    "inverse(I + X @ Y) @ X -> X @ inverse(I + Y @ X)": [
        lambda V: inv(V @ transpose(V) + tf.eye(4)) @ V,
        lambda V, e: total(e[:2] * (transpose(V) @ inv(2 * tf.eye(4) + V @ transpose(V)) @ tf.ones((4,)))),
    ],
    "X @ inverse(I + Y @ X) - inverse(I + X @ Y) @ X -> 0": [
        lambda A, B, x: A @ inv(tf.eye("n") + B @ A) @ x + inv(tf.eye("n") + A @ B) @ (A @ x),
        lambda X, r, h: total(
            transpose(X) @ inv(X @ transpose(X) + r * tf.eye("m")) @ h
            - inv(transpose(X) @ X + r * tf.eye("n")) @ transpose(X) @ h
        ),
    ],
    "floor(k) -> k": [
        lambda o, x: tf.floor(2 * o + 1) * x,
        lambda X, w: total(tf.floor(relu(tf.sign(X @ w)))),
    ],
    "ceiling(k) -> k": [
        lambda o, x: tf.math.ceil(3 - o**2) * x,
        lambda X, w: total(tf.math.ceil(tf.floor(X @ w))),
    ],
    "rint(k) -> k": [
        lambda o, x: tf.round(o) * x,
        lambda X, w, h: dot(h, tf.round(tf.math.ceil(X @ w) + 2)),
    ],
    "det(A @ B @ inverse(A)) -> det(B)": [
        lambda A, B, x: det(A @ B @ inv(A)) * x,
        lambda A, D, a: a + tf.linalg.logdet(transpose(inv(A)) @ D @ transpose(A)),
    ],
    "det(tril(A)) -> prod(diag(A))": [
        lambda A: det(lower(A)) - tf.reduce_prod(tf.linalg.diag_part(A)),
        lambda B, x: det(upper(B)) / tf.reduce_prod(tf.linalg.diag_part(transpose(B))) * x,
    ],
    "log(det(A)) -> logdet(A)": [
        lambda A, x: (ln(det(A)) - tf.linalg.logdet(A)) * x,
        lambda D, B: ln(det(D)) + ln(det(B)) - tf.linalg.logdet(B @ D),
    ],
    "prod_before(x)*prod_after(x)/prod(x) -> 1/x": [
        lambda x: slope(ln(tf.reduce_prod(x)), x),
        lambda X, w, y: X @ slope(tf.reduce_prod(w - y) ** -2, y),
    ],
    "prod_before(p)*prod_after(p) -> prod(p)/p": [
        lambda p: slope(tf.reduce_prod(p), p),
        lambda X, x: total(slope(total(tf.reduce_prod(1 + tf.square(X), axis=1)), X) * x, axis=1),
    ],
    "d(prod_before(x)*prod_after(x)) -> prod(x)*(1/x @ (1/x).T - diag(1/x**2))": [
        lambda x, y: slope(dot(y, slope(tf.reduce_prod(x), x)), x),
        lambda X, w: tf.hessian(lambda v: tf.reduce_prod(X @ v))(w),
    ],
    "y[i] = y[i+1]*p[i]/p[i+1] + b[i] -> p*revcumsum(b/p)": [
        lambda x, y: slope(dot(y, tf.math.cumulative_logsumexp(x)), x),
        lambda X, w: tf.hessian(lambda v: total(tf.math.cumulative_logsumexp(X @ v)))(w),
    ],
    "k >= 1 -> k > 0": [
        lambda j, x: where(j >= 1, x, 0.0) - x * tf.cast(j > 0, "float64"),
        lambda o, A, y: (A @ y) * (where(o < 2, y, 0.0) - where(o <= 1, y, 0.0)),
    ],
    "(-x)**(2*k) -> x**(2*k)": [
        lambda j, x: (-x) ** (2 * tf.cast(j, "float64")) - x ** (2 * tf.cast(j, "float64")),
        lambda o, y: total(y * (-1.0) ** (2 * o + 1)),
    ],
    "Pow(-1, k)**2 -> 1": [
        lambda j, x: x * ((-1.0) ** tf.cast(j, "float64")) ** 2,
        lambda o, A, y: A @ (y * (-1.0) ** o) * (-1.0) ** o * (-1.0) ** o,
    ],
    "Pow(2, x) -> exp(log(2)*x)": [
        lambda j, x: x * (-2.0) ** (2 * tf.cast(j, "float64")) * 2.0 ** tf.cast(-2 * j, "float64"),
        lambda o, y: total(ln((-3.0) ** (2 * o)) * y),
    ],
    "cos(x + pi*k) -> (-1)**k*cos(x)": [
        lambda j, x: x * tf.sin(np.pi * tf.cast(j, "float64")) + x,
        lambda o, A, y: A @ (y * tf.cos(y + 2 * np.pi * o)),
    ],
    "logdet(p*A) -> n*log(p) + logdet(A)": [
        lambda A, r: tf.linalg.logdet(r * A) - A.shape[0] * ln(r),
        lambda D, x: (tf.linalg.logdet(2 * D) - tf.linalg.logdet(D)) * x,
    ],
    "logdet(A @ A) -> 2*log(Abs(det(A)))": [
        lambda A: exp(tf.linalg.logdet(transpose(A) @ A)) - det(A) ** 2,
        lambda D, x: tf.linalg.logdet(D @ D) / tf.linalg.logdet(D) * x,
    ],
    "log(p*det(A)) -> log(p) + logdet(A)": [
        lambda A, r: ln(r**2 * det(A)) - tf.linalg.logdet(A),
        lambda D, x: (ln(det(3 * D)) - tf.linalg.logdet(3 * D)) * x,
    ],
    "log(prod(p)) -> sum(log(p))": [
        lambda p: ln(tf.reduce_prod(p)) - total(ln(p)),
        lambda x, r: tf.linalg.logdet(tf.linalg.diag(exp(x))) / r,
    ],
    "logdet(A @ B) - logdet(A) -> logdet(B)": [
        lambda A, B, a: a + tf.linalg.logdet(A @ B) - tf.linalg.logdet(A) - tf.linalg.logdet(B),
        lambda B, D, x: x * (tf.linalg.logdet(B @ D @ transpose(B)) - tf.linalg.logdet(D)),
    ],
    "max(p, -1) -> p": [
        lambda x: total(tf.maximum(exp(x), -1.0)),
        lambda x, y: tf.minimum(-dot(x, x), 2.0) * y,
    ],
    "relu(x) > 0 -> x > 0": [
        lambda x: slope(total(relu(relu(x))), x),
        lambda X, w, h: dot(h, where(relu(X @ w) > 0, 1.0, 0.0)),
    ],
    "max(x, y) + min(x, y) -> x + y": [
        lambda x, y: exp(tf.maximum(x, y) + tf.minimum(x, y)),
        lambda X, w, h: dot(h, tf.maximum(X @ w, h) - tf.minimum(X @ w, h)),
    ],
    "relu(x) - relu(-x) -> x": [
        lambda A, x: total(relu(A @ x) + relu(-A @ x)),
        lambda x: slope(total(where(x > 0, tf.square(x), 0.0) + where(x <= 0, tf.square(x), 0.0)), x),
    ],
    "log(2*p) + log(p) -> 2*log(p) + log(2)": [
        lambda p: ln(2 * p) + 3 * ln(p),
        lambda q, x: total(x * (ln(3 * q**2) - 2 * ln(q))),
    ],
    "Abs(det(Q)) -> 1": [
        lambda Q, x: tf.abs(det(Q)) * x,
        lambda Q, A: tf.sqrt(tf.abs(det(Q)) + total(A * A)),
    ],
    "x*step(x) -> relu(x)": [
        lambda x, y: y * (y - x) * where(y - x > 0, 1.0, 0.0),
        lambda X, w, h: dot(h, (X @ w) * where(X @ w > 0, 1.0, 0.0)),
    ],
    "x*where(x != 0, 1, 0) -> x": [
        lambda x: where(tf.not_equal(x, 0), x, 0),
        lambda X, w, h: dot(h, tf.square(X @ w) * where(tf.equal(X @ w, 0), tf.zeros_like(h), tf.ones_like(h))),
    ],
    "where(c, x, y) + where(c, z, 0) -> where(c, x + z, y)": ["where-sign", "huber"],
    "1.T @ (x - mean(x)) -> 0": [
        lambda X: tf.reduce_sum(X - tf.reduce_mean(X, axis=0), axis=0),
        lambda X, w: tf.reduce_sum(X - tf.reduce_mean(X, axis=1, keepdims=True), axis=1) * (X @ w),
    ],
    "x.T @ (y + z) -> x.T @ y + x.T @ z": [
        lambda x, y, z: dot(x, dot(x, y) * z + 2 * dot(x, z) * y),
        lambda A, x: dot(x, (3 * A + transpose(A)) @ x),
    ],
    "phi(x)*y + phi(z) -> phi(x)*(y + exp((x**2 - z**2)/2))": [
        lambda s, b: density(b / s + s / 2) - exp(-b) * density(b / s - s / 2),
        lambda X, w, h: density(X @ w + h) - exp(-2 * h * (X @ w)) * density(X @ w - h),
    ],
    "det(A @ B)/det(A) -> det(B)": [
        lambda A, B: det(A @ B) / det(A),
        lambda A, B, x: x * det(inv(transpose(B))) * det(B @ A),
    ],
    "P @ 1 -> 1": [
        lambda g, z: slope(-dot(g, tf.nn.log_softmax(z)), z),
        lambda P, h: h * (P @ tf.ones(P.shape[1]) - 1),
    ],
    "u.T @ u -> 1": [
        lambda k, x: x / tf.norm(k),
        lambda K, h: h - tf.reduce_sum(K * K, axis=1),
    ],
    "where(x > 0, y, 0) + log(x) -> y + log(x)": [
        lambda x, y: ln(x) - tf.where(x > 0, y, 0.0),
        lambda x, y, w: dot(w, ln(x * y)) - total(tf.where(x * y > 0, exp(w), 0.0)),
    ],
    "x*sign(x) -> Abs(x)": [
        lambda x, y: y * x * tf.sign(x),
        lambda X, w: slope(total(X @ w / (1 + abs(X @ w))), w),
    ],
    "log(x*exp(y)) -> log(x) + y": [
        lambda p, x: ln(p * exp(x)) - x,
        lambda X, w, r, h: dot(h, ln(exp(X @ w) / r)),
    ],
    "sigmoid(x)/sigmoid(-x) -> exp(x)": [
        lambda x, y: y * sigmoid(x) / (1 - sigmoid(x)),
        lambda X, w, h: dot(h, ln(sigmoid(X @ w) / sigmoid(-(X @ w)))),
    ],
    "exp(x)*(y*exp(-x) + z) -> y + z*exp(x)": [
        lambda x, y, z: exp(x) * (y * exp(-x) + z),
        lambda X, w, h: (lambda m: dot(m, h / m + 1))(exp(X @ w)),
    ],
    "inverse(X.T @ X) @ X.T @ X -> I": [
        lambda X, w: X @ inv(transpose(X) @ X) @ (transpose(X) @ (X @ w)),
        lambda X, h: (lambda G: tf.linalg.trace(inv(G) @ G))(transpose(X) @ (h[:, None] * X)),
    ],
    "(I - P) @ (I - P) -> I - P": [
        lambda x, A: (lambda H: H @ H @ A @ x)(tf.eye("n") - tf.ones(A.shape) / A.shape[0]),
        lambda x, B: (lambda H: B @ H @ H)(tf.eye("n") - 2 * x[:, None] * x[None, :] / dot(x, x)),
    ],
    "X.T @ (I - X @ inverse(X.T @ X) @ X.T) -> 0": [
        lambda X, h: transpose(X) @ (h - X @ (inv(transpose(X) @ X) @ (transpose(X) @ h))),
        lambda X: (lambda P: P @ (tf.eye("m") - P))(X @ inv(transpose(X) @ X) @ transpose(X)),
    ],
    "inverse(A) @ cholesky(A) -> inverse(cholesky(A)).T": [
        lambda D, x: inv(D) @ (cholesky(D) @ x),
        lambda D, X: total(X @ inv(D) @ cholesky(D)),
    ],
    "logdet(cholesky(A)) -> 1/2*logdet(A)": [
        lambda D: tf.linalg.logdet(cholesky(D)) - tf.linalg.logdet(D),
        lambda D, x: dot(x, x) + tf.linalg.logdet(cholesky(D)) - tf.linalg.logdet(D) / 2,
    ],
    "sum(log(diag_part(cholesky(A)))) -> logdet(A)/2": [
        lambda D: 2 * total(ln(tf.linalg.diag_part(cholesky(D)))),
        lambda D, x: dot(x, x) + total(ln(tf.linalg.diag_part(cholesky(D)))) - tf.linalg.logdet(D) / 2,
    ],
    "tril(L.T @ tril(A)) -> tril(L.T @ A)": [
        lambda D, A: lower(transpose(cholesky(D)) @ lower(A)),
        lambda D, A, x: upper(upper(A) @ cholesky(D)) @ x,
    ],
    "cholesky(A)*tril(B) -> cholesky(A)*B": [
        lambda D, A: cholesky(D) * lower(A),
        lambda D, A: total(cholesky(D) * lower(A @ A)),
    ],
    "tril(A) + triu(A) - diag(diag_part(A)) -> A": [
        lambda A: lower(A) + upper(A) - tf.linalg.diag(tf.linalg.diag_part(A)),
        lambda S, x: (lower(S) + transpose(lower(S)) - tf.linalg.diag(tf.linalg.diag_part(S))) @ x,
    ],
    "det(diag(v)) -> prod(v)": [
        lambda x: det(tf.linalg.diag(x)),
        lambda A, x: slope(dot(x, x) * det(tf.linalg.diag(tf.tanh(A @ x))), x),
    ],
    "det(inverse(A)) -> 1/det(A)": [
        lambda A: det(inv(A)) * det(A),
        lambda A, x: x / det(inv(A)),
    ],
    "logdet(inverse(A)) -> -logdet(A)": [
        lambda A: tf.linalg.logdet(inv(A)) + tf.linalg.logdet(A),
        lambda A, x: x * tf.linalg.logdet(inv(A)),
    ],
    "logdet(Q) -> 0": [
        lambda Q, x: x * tf.linalg.logdet(Q),
        lambda Q, A: tf.linalg.logdet(A) + tf.linalg.logdet(transpose(Q)),
    ],
    "det(Q)**2 -> 1": [
        lambda Q, x: x * det(Q) ** 2,
        lambda Q, A: det(A) * tf.square(det(Q)) / 2,
    ],
    "(x + y)*(x - y) -> x**2 - y**2": [
        lambda x, y: tf.tanh((1 + x * y) * (1 - x * y)),
        lambda X, w: total((1 + exp(X @ w)) * (1 - exp(X @ w))),
    ],
    "(x*y + z)/y -> x + z/y": [
        lambda x, y, z: (x * y**2 + z) / y**2,
        lambda X, w, h: dot(h, (ln(h) * (X @ w) + 1) / ln(h)),
    ],
    "(x/y + 1)/(x + y) -> 1/y": [
        lambda x, y: (x / y + 1) / (x + y),
        lambda x, p: total(exp(x) * (2 * x / tf.sqrt(p) + 1) / (2 * x + tf.sqrt(p))),
    ],
    "x*x**(y - 1) -> x**y": [
        lambda p, q: p * p ** (ln(q) - 1),
        lambda p, q, r: slope(total((p / r) ** ln(q)), r),
    ],
    "y*(x/y + z) -> x + y*z": [
        lambda x, y, z: y * (x / y + z),
        lambda x, y: sigmoid(x) * sigmoid(y) * (1 / sigmoid(x) + 1 / sigmoid(y)),
    ],
    "log(sum(exp(z))) -> logsumexp(z)": [
        lambda X, w, h: ln(total(exp(X @ w))) - dot(h, X @ w),
        lambda A, x: slope(dot(x, ln(total(exp(A), 1))), x),
    ],
    "logsumexp(z + c) -> logsumexp(z) + c": [
        lambda x, a: a + logsumexp(x - a),
        lambda X, h: ln(total(exp(X + h[:, None]), 1)) - h,
    ],
    "logsumexp(c) -> c + log(n)": [
        lambda x, a: logsumexp(a * tf.ones_like(x)) - a,
        lambda X, h: h * logsumexp(tf.zeros_like(X), 1),
    ],
    "softmax(c) -> 1/n": [
        lambda x: dot(x, softmax(tf.zeros_like(x))),
        lambda X, h: X * softmax(tf.broadcast_to(h[:, None], X.shape)),
    ],
    "softmax(log(x)) -> x/sum(x)": [
        lambda p: softmax(ln(p)) * total(p),
        lambda x, y: dot(y, softmax(ln(1 + x**2))) * total(1 + x**2),
    ],
    "softmax(z + c) -> softmax(z)": [
        lambda x, a, y: dot(y, softmax(x - a)),
        lambda X, h: softmax(X + h[:, None]) - softmax(X),
    ],
    "log(softmax(z)) -> z - logsumexp(z)": [
        lambda x, y: ln(softmax(x)) - x,
        lambda X, h, Y: total(Y * (ln(softmax(X)) + logsumexp(X, 1, keepdims=True))),
    ],
    "exp(z - logsumexp(z)) -> softmax(z)": ["log-sum-exp-rows", "mixture-log-likelihood"],
    "w*exp(z - logsumexp(z + log(w))) -> softmax(z + log(w))": [
        lambda p, x: slope(logsumexp(x + ln(p)), x),
        lambda X, Y: (1 + Y**2) * exp(X - logsumexp(X + ln(1 + Y**2), 1, keepdims=True)),
    ],
    "exp(z)/sum(exp(z)) -> softmax(z)": [
        "geometric-program",
        lambda X, Y: total(Y * exp(X) / total(exp(X), 1, keepdims=True)),
    ],
    "sum(softmax(z)) -> 1": ["mixture-log-likelihood", "softmax-entropy"],
    "f(A.T) -> f(A).T": [
        "cookbook-52",
        lambda A, x: (tf.linalg.expm(transpose(A)) - transpose(tf.linalg.expm(A))) @ x,
    ],
    "det(A.T) -> det(A)": [
        lambda A: det(A) / det(transpose(A)),
        lambda A, B, x: tf.tanh(tf.linalg.logdet(A + B)) / tf.tanh(tf.linalg.logdet(transpose(B + A))) * x,
    ],
    "diag_part(B.T @ (A + A.T) @ B) -> 2*diag_part(B.T @ A @ B)": [
        lambda A, B: tf.linalg.diag_part(transpose(B) @ (A + transpose(A)) @ B),
        lambda A, X, h: h * tf.reduce_sum(X * (X @ (transpose(A) + A)), axis=1),
    ],
    "inverse(inverse(A)) -> A": [
        lambda A, x: inv(inv(A)) @ x,
        lambda D, x: dot(x, inv(inv(D) + inv(D)) @ x),
    ],
    "inverse(c*A) -> inverse(A)/c": ["gp-evidence-scale", lambda A, x: 3 * inv(3 * A) @ x],
    "inverse(diag(v)) -> diag(1/v)": ["diag-solve", lambda x, A: A @ inv(tf.linalg.diag(exp(x)))],
    "inverse(Q) -> Q.T": [lambda Q, x: dot(x, inv(Q) @ x), lambda Q, A: inv(Q) @ A @ Q - transpose(Q) @ A @ Q],
    "A @ inverse(A) -> I": [
        lambda A, x: A @ tf.linalg.solve(A, x[:, None]),
        lambda A, B: tf.linalg.trace(A @ inv(A) @ B),
    ],
    "inverse(A) @ A -> I": [
        lambda A, x: tf.linalg.solve(A, A @ x[:, None]),
        lambda A, B: slope(tf.linalg.trace(inv(A) @ A @ B), B),
    ],
    "A @ inverse(B @ A) -> inverse(B)": ["cookbook-52", "cookbook-57"],
    "det(c*A) -> c**n*det(A)": [
        lambda A: det(2 * A) / det(A),
        lambda D, x: det(-D) * x - det(D + D) * x,
    ],
    "det(A @ A) -> det(A)**2": ["cookbook-58", lambda A: tf.sqrt(det(transpose(A) @ A))],
    "cholesky(A) @ cholesky(A).T -> A": [
        lambda D, x: cholesky(D) @ (transpose(cholesky(D)) @ x),
        lambda D, X: tf.linalg.trace(X @ cholesky(D) @ transpose(cholesky(D)) @ transpose(X)),
    ],
    "inverse(cholesky(A)).T @ inverse(cholesky(A)) -> inverse(A)": [
        "cholesky-logdet",
        lambda D, x, y: dot(inv(cholesky(D)) @ x, inv(cholesky(D)) @ y),
    ],
    "Q.T @ Q -> I": [lambda Q, x, y: dot(Q @ x, Q @ y), lambda Q, A: transpose(Q) @ (A + Q @ A) - A],
    "Q @ Q.T -> I": [
        lambda Q, x, y: dot(transpose(Q) @ x, transpose(Q) @ y),
        lambda Q, A: Q @ (A + transpose(Q) @ A) - A,
    ],
    "1.T @ (Q @ x)**2 -> x.T @ x": [
        lambda Q, x: total(tf.square(Q @ x)),
        lambda D, X, h: dot(h, total(tf.square(X @ transpose(inv(cholesky(D)))), 1)),
    ],
    "sqrtm(A) @ sqrtm(A) -> A": [
        lambda D, x: tf.linalg.sqrtm(D) @ (tf.linalg.sqrtm(D) @ x),
        lambda A, D: tf.linalg.trace(A @ tf.linalg.sqrtm(D) @ tf.linalg.sqrtm(D)),
    ],
    "inverse(sqrtm(A)) @ inverse(sqrtm(A)) -> inverse(A)": [
        lambda D, x: total((inv(tf.linalg.sqrtm(D)) @ x) ** 2),
        lambda A, D: inv(tf.linalg.sqrtm(D)) @ inv(tf.linalg.sqrtm(D)) @ A,
    ],
    "eigenvectors(A).T @ eigenvectors(A) -> I": [
        lambda S, x, y: dot(spectrum(S)[1] @ x, spectrum(S)[1] @ y),
        lambda S, B: tf.linalg.trace(transpose(spectrum(S)[1]) @ spectrum(S)[1] @ B),
    ],
    "eigenvectors(A) @ eigenvectors(A).T -> I": [
        "spectral-trace",
        lambda S, x, y: dot(transpose(spectrum(S)[1]) @ x, transpose(spectrum(S)[1]) @ y),
    ],
    "eigenvectors(A) @ diag(eigvalsh(A)) @ eigenvectors(A).T -> A": [
        "cookbook-65",
        lambda S, x: spectrum(S)[1] @ (spectrum(S)[0] * (transpose(spectrum(S)[1]) @ x)),
    ],
    "eigenvectors(A) @ diag(1/eigvalsh(A)) @ eigenvectors(A).T -> inverse(A)": [
        "spectral-logdet",
        lambda S, x: spectrum(S)[1] @ ((transpose(spectrum(S)[1]) @ x) / spectrum(S)[0]),
    ],
    "diag(v) @ (I - 1 @ w.T) -> diag(v) - v @ w.T": [
        "jacobian-softmax-affine",
        lambda x, y, A: tf.linalg.diag(softmax(x)) @ (tf.eye("n") - tf.broadcast_to(y, ("n", "n"))) @ A,
    ],
    "diag(p) @ (K - 1 @ p.T @ K) -> (diag(p) - p @ p.T) @ K": [
        lambda x, A: tf.linalg.diag(x) @ (A - tf.broadcast_to(transpose(A) @ x, A.shape)),
        lambda X, p: tf.linalg.diag(p) @ transpose(X - (X @ p)[:, None]),
    ],
    "expm_frechet(A, c*E) -> c*expm_frechet(A, E)": [
        lambda A, B: slope(3 * total(B * tf.linalg.expm(A)), A) / 3,
        lambda A, x, y: slope(dot(x, tf.linalg.expm(A) @ y) - 2 * dot(2 * x, tf.linalg.expm(A) @ y), A),
    ],
    "tril(A + diag(v) @ L.T) -> tril(A) + diag(v*diag_part(L))": [
        "cholesky-logdet",
        lambda A, B, x: (lower(lower(A) + transpose(upper(B)) * x) - lower(A)) @ x,
    ],
    "cross(c*b, a) -> -c*cross(a, b)": [
        lambda e, f: tf.linalg.cross(e, f) + tf.linalg.cross(f, e),
        lambda e, f: total(tf.square(tf.linalg.cross(2 * e - e, e) + f)),
    ],
    "P @ x -> x[a:b]": [
        lambda x, h: tf.concat([x, h], 0)[: x.shape[0]] * x,
        lambda x: slope(total(tf.square(x[1:] - x[:-1])), x),
    ],
    "A @ (P.T @ x + Q.T @ y) -> A[:, a:b] @ x + A[:, c:d] @ y": [
        lambda X, x, h: slope(total(tf.square((y := h - X @ x)[1:] - y[:-1])), x),
        lambda a, b, X: tf.tensordot(tf.stack([a, tf.exp(b)]), X[:2], 1),
    ],
    "P.T @ where(x[::2] >= x[1::2], g, 0) + Q.T @ where(x[1::2] > x[::2], g, 0) -> firstmax(x, 2)*g": [
        lambda V: slope(total(tf.maximum(V[::2], V[1::2]) ** 2), V),
        lambda V, c: slope(total(exp(c * tf.nn.max_pool1d(V[None], 2, 2, "VALID"))), V),
    ],
    "P.T @ where(x[:-2] >= x[1:-1] and ..., g, 0) + ... -> W @ (g o firstmax(V))": [
        lambda V: slope(total(tf.maximum(tf.maximum(V[:-2], V[1:-1]), V[2:]) ** 2), V),
        lambda V, c: slope(total(exp(c * tf.nn.max_pool1d(V[None], 3, 1, "VALID"))), V),
    ],
    "P.T @ 1 + Q.T @ 1 -> 1": [
        lambda V: slope(total(V[::2] + V[1::2]), V),
        lambda V, c: slope(c * total(tf.nn.avg_pool1d(V[None], 2, 2, "VALID")), V),
    ],
    "concat(1, 0) + concat(0, 1) -> 1": [
        lambda x: tf.tanh(tf.stack([x, x, x]) ** 2),
        lambda x, c: tf.exp(c + tf.concat([tf.ones(2), tf.ones(x.shape[0])], 0)),
    ],
    "P.T @ x -> Q.T @ x[::-1]": [
        lambda x, y: slope(total(x[::-1] * y), x),
        lambda X: slope(total(tf.exp(X[::-1])), X),
    ],
    "inverse(a) -> 1/a": [
        lambda x, A: inv(transpose(x[:, None]) @ A @ x[:, None]),
        lambda x, y: det(tf.reshape(total(tf.exp(x) * y), (1, 1))),
    ],
    "x[::-1].T @ y[::-1] -> x.T @ y": [
        lambda x, y: total(tf.tanh(x)[::-1] * y[::-1]),
        lambda X: slope(total(tf.cumsum(X[::-1]) ** 2), X),
    ],
    "tril(1)[::-1, ::-1] -> triu(1)": [
        lambda x: tf.cumsum(x[::-1])[::-1],
        lambda x, y: slope(total(tf.math.cumulative_logsumexp(x, reverse=True) * y), x),
    ],
    "cumprod(x[::-1]) -> revcumprod(x)[::-1]": [
        lambda x: tf.math.cumprod(x[::-1])[::-1],
        lambda x, y: tf.reverse(tf.math.cumprod(tf.exp(x)[::-1], exclusive=True), [0]) * y,
    ],
    "sum([a, b]**2) -> a**2 + b**2": [
        lambda a, b: total(tf.square(tf.stack([a, 2 * b, exp(a)]))),
        lambda a, x, y: tf.linalg.norm(tf.stack([a, dot(x, y)])) * x,
    ],
    "det([[a, b], [c, d]]) -> a*d - b*c": [
        lambda a, b, x, y: slope(det(square(dot(x, y), a, b, a + b)), a),
        lambda a, b: det(square(exp(a), b, 0, exp(-a))),
    ],
    "inverse([[a, b], [c, d]]) -> [[d, -b], [-c, a]]/(a*d - b*c)": [
        lambda a, b, x, y: slope(ln(det(square(dot(x, y), a, b, a + b))), a),
        lambda a, b: inv(square(exp(a), b, 0, exp(-a)))[0, 0],
    ],
}
