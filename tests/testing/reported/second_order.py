"""Reports on derivatives of derivatives: the function is the first derivative, and the rule is that of it."""

import numpy as np

import tracer as tf
from tests.testing.reported.elementwise import sigmoid, sinc, sinc_slope_everywhere
from tests.testing.reported.report import Report
from tracer.testing import strategies

TARGET = np.array([0.25, 0.5, 0.75])
EPSILON = 0.25

PROBABILITIES = strategies.arrays((3,)).map(lambda x: sigmoid(np.clip(x, -9, 9)))


def gradient_of(function):
    """The gradient of a function of tensors, as a function of tensors."""
    return lambda x: tf.gradients(function(x), x)[0]


def logarithm(x):
    """The logarithm, and 0 of 0, where it is a factor of a power that is 0."""
    return np.log(np.where(x == 0, 1.0, x))


def torch_gradient(torch, function, x):
    return torch.autograd.grad(function(x), x, create_graph=True)[0]


def sinc_curvature(x):
    """The second derivative of sinc."""
    t = np.pi * x
    series = 1 / 3 - t**2 / 10 * (1 - t**2 * 5 / 84 * (1 - t**2 * 7 / 270 * (1 - t**2 * 9 / 616 * (1 - t**2 / 109))))
    away = np.where(abs(t) < 0.5, 1.0, x)
    closed = -(np.pi**2) * np.sinc(away) - 2 * sinc_slope_everywhere(away) / away
    return np.where(abs(t) < 0.5, -(np.pi**2) * series, closed)


def hessian_of_product(g, x):
    n = len(x)
    product = [[0.0 if i == j else np.prod(np.delete(x, [i, j])) for j in range(n)] for i in range(n)]
    return np.array(product) @ g


def products_of_others(x):
    return tf.stack([x[1] * x[2] * x[3], x[0] * x[2] * x[3], x[0] * x[1] * x[3], x[0] * x[1] * x[2]])


def cumprod_tangent(x, v):
    return tf.stack([v[0], v[0] * x[1] + x[0] * v[1], (v[0] * x[1] + x[0] * v[1]) * x[2] + x[0] * x[1] * v[2]])


def cumprod_tangent_rule(g, x, v):
    by_x = [
        g[1] * v[1] + g[2] * (v[1] * x[2] + x[1] * v[2]),
        g[1] * v[0] + g[2] * (v[0] * x[2] + x[0] * v[2]),
        g[2] * (v[0] * x[1] + x[0] * v[1]),
    ]
    by_v = [g[0] + g[1] * x[1] + g[2] * x[1] * x[2], g[1] * x[0] + g[2] * x[0] * x[2], g[2] * x[0] * x[1]]
    return np.array(by_x), np.array(by_v)


def cumprod_tangent_of_zeros(g, x, v):
    by_x, by_v = cumprod_tangent_rule(g, x, v)
    if (x == 0).any():
        by_x[np.argmax(x == 0)] = 0.0
    return by_x, by_v


def centred(x, axis):
    return x - x.mean(axis, keepdims=True)


def normalised_tangent(axis):
    """The tangent of ``(x - mean) / sqrt(variance + 1/4)`` along v."""

    def tangent(x, v):
        d = x - tf.reduce_mean(x, axis, keepdims=True)
        c = v - tf.reduce_mean(v, axis, keepdims=True)
        r = 1 / tf.sqrt(tf.reduce_mean(d * d, axis, keepdims=True) + EPSILON)
        return c * r - d * r**3 * tf.reduce_mean(c * d, axis, keepdims=True)

    return tangent


def normalised_rule(axis, saved):
    """The rule of that tangent; with the mean and the deviation taken for constants, where they are saved."""

    def rule(g, x, v):
        d, c = centred(x, axis), centred(v, axis)
        n = x.shape[axis]
        r = 1 / np.sqrt((d * d).mean(axis, keepdims=True) + EPSILON)
        m, s = (c * d).mean(axis, keepdims=True), (g * d).sum(axis, keepdims=True)
        by_d = -(r**3) * (g * m + c * s / n)
        if not saved:
            by_r = (g * c - 3 * g * d * r**2 * m).sum(axis, keepdims=True)
            by_d = centred(by_d - r**3 * d / n * by_r, axis)
        return by_d, centred(g * r - r**3 * d * s / n, axis)

    return rule


def tangent_in_torch(function):
    """The first derivative of a function of one number by forward mode."""
    return lambda torch, t: torch.func.jvp(lambda t: function(torch, t), (t,), (torch.ones_like(t),))[1]


def det_in_torch(torch, t):
    one = torch.ones((), dtype=t.dtype)
    return torch.det(torch.stack((torch.stack((t + 2, one)), torch.stack((one, 2 * t + 3)))))


REPORTS = [
    Report(
        "jax-ml/jax#5054",
        "sinc, second derivative",
        "0 at 0, where it is -pi**2/3",
        gradient_of(sinc),
        lambda g, x: g * np.where(x == 0, 0.0, sinc_curvature(x)),
        lambda g, x: g * sinc_curvature(x),
        ((),),
        lambda jax, x: jax.grad(jax.numpy.sinc)(x),
    ),
    Report(
        "pytorch/pytorch#196703",
        "sinc, second derivative",
        "NaN at 0, where it is -pi**2/3",
        gradient_of(sinc),
        lambda g, x: g * np.where(x == 0, np.nan, sinc_curvature(x)),
        lambda g, x: g * sinc_curvature(x),
        ((),),
        lambda torch, x: torch_gradient(torch, torch.sinc, x),
    ),
    Report(
        "jax-ml/jax#12033",
        "pow, second derivative",
        "by both, x in place of 1/x where the exponent is 0",
        lambda x, y: y * x ** (y - 1),
        lambda g, x, y: (
            g * y * (y - 1) * x ** (y - 2),
            g * np.where(y == 0, x, x ** (y - 1) * (1 + y * logarithm(x))),
        ),
        lambda g, x, y: (g * y * (y - 1) * x ** (y - 2), g * x ** (y - 1) * (1 + y * logarithm(x))),
        ((), ()),
        lambda jax, x, y: jax.grad(jax.lax.pow)(x, y),
    ),
    Report(
        "pytorch/pytorch#106789",
        "prod, second derivative",
        "0 where two elements are 0",
        products_of_others,
        lambda g, x: hessian_of_product(g, x) * (np.sum(x == 0) < 2),
        hessian_of_product,
        ((4,),),
        lambda torch, x: torch_gradient(torch, torch.prod, x),
    ),
    Report(
        "pytorch/pytorch#196701",
        "cumprod, second derivative",
        "by the first element that is 0, 0",
        cumprod_tangent,
        cumprod_tangent_of_zeros,
        cumprod_tangent_rule,
        ((3,), (3,)),
        lambda torch, x, v: torch.func.jvp(lambda x: torch.cumprod(x, 0), (x,), (v,))[1],
    ),
    Report(
        "pytorch/pytorch#196696",
        "det, second derivative",
        "the inverse taken for a constant",
        lambda t: 4 * t + 7,
        lambda g, t: g * (4 * t + 7) ** 2 / ((t + 2) * (2 * t + 3) - 1),
        lambda g, t: g * 4,
        ((),),
        tangent_in_torch(det_in_torch),
    ),
    Report(
        "pytorch/pytorch#196700",
        "layer_norm, second derivative",
        "the mean and the deviation taken for constants",
        normalised_tangent(1),
        normalised_rule(1, saved=True),
        normalised_rule(1, saved=False),
        ((1, 3), (1, 3)),
        lambda torch, x, v: torch.func.jvp(lambda x: torch.nn.functional.layer_norm(x, [3], eps=EPSILON), (x,), (v,))[
            1
        ],
    ),
    Report(
        "pytorch/pytorch#196699",
        "batch_norm, second derivative",
        "the mean and the deviation taken for constants",
        normalised_tangent(0),
        normalised_rule(0, saved=True),
        normalised_rule(0, saved=False),
        ((3, 1), (3, 1)),
        lambda torch, x, v: torch.func.jvp(
            lambda x: torch.nn.functional.batch_norm(x, None, None, training=True, eps=EPSILON), (x,), (v,)
        )[1],
    ),
    Report(
        "pytorch/pytorch#59477",
        "binary_cross_entropy, second derivative",
        "with the reduction sum, one number in place of an array",
        lambda x: (x - TARGET) / (x * (1 - x)),
        lambda g, x: np.sum(g * (x * x - 2 * x * TARGET + TARGET) / (x * (1 - x)) ** 2),
        lambda g, x: g * (TARGET / x**2 + (1 - TARGET) / (1 - x) ** 2),
        (PROBABILITIES,),
        lambda torch, x: torch_gradient(
            torch,
            lambda x: torch.nn.functional.binary_cross_entropy(x, torch.tensor(TARGET), reduction="sum"),
            x,
        ),
    ),
]
