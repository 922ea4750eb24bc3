"""Programs of arrays that each backend for arrays computes, or refuses by name: the same for all of them."""

import numpy as np

import tracer as tf

SIZES = {"n": 4, "m": 3}
SHAPES = {"X": ("n", "m"), "S": ("m", "m"), "v": ("m",), "w": ("n",)}
X, S, v, w = SOURCES = [tf.placeholder(name, shape) for name, shape in SHAPES.items()]
RNG = np.random.default_rng(0)
HALF = RNG.normal(size=(3, 3))
VALUES = [RNG.normal(size=(4, 3)), HALF @ HALF.T + np.eye(3), RNG.normal(size=3), RNG.normal(size=4)]

PROGRAMS = {
    "a linear model": lambda X, S, v, w: tf.reduce_mean(tf.square(X @ v - w)),
    "logistic regression": lambda X, S, v, w: tf.reduce_sum(tf.math.log1p(tf.exp(-w * (X @ v)))),
    "softmax": lambda X, S, v, w: tf.reduce_logsumexp(X @ S @ v),
    "attention": lambda X, S, v, w: tf.reduce_sum(tf.nn.softmax(X @ S @ tf.transpose(X)) @ X),
    "norms of rows": lambda X, S, v, w: tf.reduce_sum(tf.norm(X, axis=1)) + tf.norm(v),
    "a density": lambda X, S, v, w: tf.linalg.logdet(S) + v @ tf.linalg.solve(S, v[:, None])[:, 0],
    "a determinant": lambda X, S, v, w: tf.linalg.det(S) * tf.linalg.trace(tf.linalg.inv(S)),
    "running sums": lambda X, S, v, w: tf.reduce_sum(tf.exp(tf.math.cumsum(v)) * tf.math.cumprod(v)),
    "a maximum": lambda X, S, v, w: tf.reduce_max(X) + tf.reduce_sum(tf.math.top_k(v, 2)[0] ** 2),
    "gathered": lambda X, S, v, w: tf.reduce_sum(tf.gather(X, [1, 1, 3]) ** 2),
    "neighbours": lambda X, S, v, w: tf.reduce_sum(tf.square(w[1:] - w[:-1])) + tf.reduce_sum(w * tf.roll(w, 1, 0)),
    "special functions": lambda X, S, v, w: tf.reduce_sum(
        tf.math.lgamma(v**2 + 1) + tf.math.erf(v) + tf.math.digamma(v**2 + 0.5)
    ),
    "a spectrum": lambda X, S, v, w: tf.reduce_sum(tf.linalg.eigvalsh(S) ** 3) + tf.linalg.trace(tf.linalg.expm(S / 9)),
    "constants": lambda X, S, v, w: (
        tf.reduce_sum(tf.gather(tf.constant([2.0, 3.0]), tf.cast(v > 0, "int64")) * v)
        + tf.reduce_sum(tf.constant(np.linspace(0.0, 1.0, 300))[:, None] * w)
    ),
    "a huge determinant": lambda X, S, v, w: tf.linalg.logdet(1e200 * S) / 1e3,
    "a choice": lambda X, S, v, w: (
        tf.reduce_sum(tf.where(X > 0, tf.math.log(X * X + 1), 0.0)) + tf.reduce_sum(tf.nn.relu(v))
    ),
}


def build_program(name, known=False):
    """A program and its sources; their sizes are numbers if they are to be known."""
    shapes = [tuple(SIZES[d] for d in shape) if known else shape for shape in SHAPES.values()]
    sources = [tf.placeholder(own, shape) for own, shape in zip(SHAPES, shapes)]
    return PROGRAMS[name](*sources), sources
