"""Reports on functions of elements."""

import numpy as np

import tracer as tf
from tests.testing.reported.report import Report

SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772
"""The two constants of SELU."""


def sigmoid(x):
    return np.exp(-np.logaddexp(0.0, -x))


def sigmoid_by_value(g, x):
    y = sigmoid(x)
    return g * y * (1 - y)


def sech2(x):
    return 4 * sigmoid(2 * x) * sigmoid(-2 * x)


def by_side(g, x):
    """The sides of ``max(x, 0) + log1p(exp(-abs(x)))`` added up, where the sign of 0 is 0."""
    return g * np.where(x == 0, 0.0, sigmoid(x))


def remainder(x, y):
    """The remainder with the sign of x."""
    return x - y * tf.sign(x / y) * tf.floor(tf.abs(x / y))


def sinc(x):
    return tf.where(tf.equal(x, 0.0), 1.0, tf.sin(np.pi * x) / (np.pi * tf.where(tf.equal(x, 0.0), 1.0, x)))


def sinc_slope(x):
    """The derivative of sinc away from 0; NaN there."""
    return (np.pi * x * np.cos(np.pi * x) - np.sin(np.pi * x)) / (np.pi * x * x)


def sinc_slope_everywhere(x):
    """The derivative of sinc, by its series where the closed form cancels."""
    t = np.pi * x
    series = -t / 3 * (1 - t**2 / 10 * (1 - t**2 / 28 * (1 - t**2 / 54 * (1 - t**2 / 88 * (1 - t**2 / 130)))))
    return np.where(abs(t) < 1, np.pi * series, sinc_slope(np.where(abs(t) < 1, 1.0, x)))


def trigamma_by_series(x):
    """Ten terms, then the tail by Euler and Maclaurin, which is that of a positive end alone."""
    end = x + 10
    tail = 1 / end + 1 / (2 * end**2) + 1 / (6 * end**3) - 1 / (30 * end**5) + 1 / (42 * end**7) - 1 / (30 * end**9)
    return sum(1 / (x + k) ** 2 for k in range(10)) + tail


def trigamma(x):
    reflected = np.where(x < 0.5, 1 - x, x)
    y = trigamma_by_series(reflected)
    return np.where(x < 0.5, (np.pi / np.sin(np.pi * (x - np.round(x)))) ** 2 - y, y)


def flushed(x):
    """Numbers below the normal ones taken for zero."""
    return np.where(abs(x) < np.finfo(float).tiny, 0.0, x)


def elu_by_value(g, x):
    y = np.where(x > 0, x, -2 * np.expm1(np.minimum(x, 0)))
    return g * np.where(y <= 0, y - 2, 1.0)


REPORTS = [
    Report(
        "jax-ml/jax#2107",
        "softplus",
        "0 at 0, where it is 1/2",
        tf.math.softplus,
        by_side,
        lambda g, x: g * sigmoid(x),
        ((3,),),
        lambda jax, x: jax.nn.softplus(x),
    ),
    Report(
        "jax-ml/jax#2140",
        "log_sigmoid",
        "0 at 0, where it is 1/2",
        tf.math.log_sigmoid,
        lambda g, x: by_side(g, -x),
        lambda g, x: g * sigmoid(-x),
        ((3,),),
        lambda jax, x: jax.nn.log_sigmoid(x),
    ),
    Report(
        "jax-ml/jax#11466",
        "rem",
        "by the divisor, one too much where the signs differ",
        remainder,
        lambda g, x, y: (g, -g * np.floor(x / y)),
        lambda g, x, y: (g, -g * np.trunc(x / y)),
        ((), ()),
        lambda jax, x, y: jax.lax.rem(x, y),
    ),
    Report(
        "jax-ml/jax#11467",
        "ldexp",
        "0 everywhere",
        lambda x: x * 2.0,
        lambda g, x: 0 * g,
        lambda g, x: 2 * g,
        ((3,),),
        lambda jax, x: jax.numpy.ldexp(x, 1),
    ),
    Report(
        "jax-ml/jax#37992",
        "ldexp",
        "1 at 0, whatever the exponent",
        lambda x: x * 2.0,
        lambda g, x: g * np.where(x == 0, 1.0, 2.0),
        lambda g, x: 2 * g,
        ((3,),),
        lambda jax, x: jax.numpy.ldexp(x, 1),
    ),
    Report(
        "pytorch/pytorch#186556",
        "ldexp",
        "2 to a negative exponent, taken as a whole number: 0",
        lambda x: x * np.array([0.5, 1.0, 4.0]),
        lambda g, x: g * np.array([0, 1, 4]),
        lambda g, x: g * np.array([0.5, 1.0, 4.0]),
        ((3,),),
        lambda torch, x: torch.ldexp(x, torch.tensor([-1, 0, 2])),
    ),
    Report(
        "jax-ml/jax#39794",
        "expm1",
        "from the value, as value + 1: no digits far on the left",
        tf.math.expm1,
        lambda g, x: g * (np.expm1(x) + 1),
        lambda g, x: g * np.exp(x),
        ((3,),),
        lambda jax, x: jax.numpy.expm1(x),
    ),
    Report(
        "jax-ml/jax#39796",
        "selu",
        "by that of expm1: no digits far on the left",
        tf.nn.selu,
        lambda g, x: g * SCALE * np.where(x > 0, 1.0, ALPHA * (np.expm1(np.minimum(x, 0)) + 1)),
        lambda g, x: g * SCALE * np.where(x > 0, 1.0, ALPHA * np.exp(np.minimum(x, 0))),
        ((3,),),
        lambda jax, x: jax.nn.selu(x),
    ),
    Report(
        "jax-ml/jax#40342",
        "sigmoid",
        "from the value, as value (1 - value): no digits far on the right",
        tf.sigmoid,
        sigmoid_by_value,
        lambda g, x: g * sigmoid(x) * sigmoid(-x),
        ((3,),),
        lambda jax, x: jax.nn.sigmoid(x),
    ),
    Report(
        "pytorch/pytorch#195681",
        "sigmoid",
        "from the value, as value (1 - value): no digits far on the right",
        tf.sigmoid,
        sigmoid_by_value,
        lambda g, x: g * sigmoid(x) * sigmoid(-x),
        ((3,),),
        lambda torch, x: torch.sigmoid(x),
    ),
    Report(
        "jax-ml/jax#40343",
        "tanh",
        "from the value, as (1 + value) (1 - value): no digits far out",
        tf.tanh,
        lambda g, x: g * (1 + np.tanh(x)) * (1 - np.tanh(x)),
        lambda g, x: g * sech2(x),
        ((3,),),
        lambda jax, x: jax.numpy.tanh(x),
    ),
    Report(
        "pytorch/pytorch#195527",
        "tanh",
        "from the value, as 1 - value squared: no digits far out",
        tf.tanh,
        lambda g, x: g * (1 - np.tanh(x) ** 2),
        lambda g, x: g * sech2(x),
        ((3,),),
        lambda torch, x: torch.tanh(x),
    ),
    Report(
        "pytorch/pytorch#195677",
        "binary_cross_entropy_with_logits",
        "sigmoid - 1 for the label 1: no digits far on the right",
        lambda x: tf.math.softplus(-x),
        lambda g, x: g * (sigmoid(x) - 1),
        lambda g, x: -g * sigmoid(-x),
        ((3,),),
        lambda torch, x: torch.nn.functional.binary_cross_entropy_with_logits(x, torch.ones_like(x), reduction="none"),
    ),
    Report(
        "jax-ml/jax#39799",
        "sqrt",
        "infinite at the numbers below the normal ones",
        tf.sqrt,
        lambda g, x: g / (2 * np.sqrt(flushed(x))),
        lambda g, x: g / (2 * np.sqrt(x)),
        ((3,),),
        lambda jax, x: jax.numpy.sqrt(x),
    ),
    Report(
        "pytorch/pytorch#80770",
        "xlogy",
        "by x, 0 where x is 0",
        lambda x, y: x * tf.math.log(y),
        lambda g, x, y: (g * np.where(x == 0, 0.0, np.log(y)), g * x / y),
        lambda g, x, y: (g * np.log(y), g * x / y),
        ((3,), (3,)),
        lambda torch, x, y: torch.xlogy(x, y),
    ),
    Report(
        "tensorflow/tensorflow#56873",
        "xlog1py",
        "by x, 0 where x is 0",
        lambda x, y: x * tf.math.log1p(y),
        lambda g, x, y: (g * np.where(x == 0, 0.0, np.log1p(y)), g * x / (1 + y)),
        lambda g, x, y: (g * np.log1p(y), g * x / (1 + y)),
        ((3,), (3,)),
        lambda tensorflow, x, y: tensorflow.math.xlog1py(x, y),
    ),
    Report(
        "pytorch/pytorch#51438",
        "hardsigmoid",
        "1/6 on the left of -3 as well",
        lambda x: tf.minimum(tf.maximum(x + 3.0, 0.0), 6.0) / 6.0,
        lambda g, x: g * np.where(x < 3, 1 / 6, 0.0),
        lambda g, x: g * np.where(abs(x) < 3, 1 / 6, 0.0),
        ((3,),),
        lambda torch, x: torch.nn.functional.hardsigmoid(x),
    ),
    Report(
        "pytorch/pytorch#47671",
        "elu",
        "with a negative alpha, the side is taken from the sign of the value",
        lambda x: tf.where(x > 0, x, -2.0 * tf.math.expm1(x)),
        elu_by_value,
        lambda g, x: g * np.where(x > 0, 1.0, -2 * np.exp(np.minimum(x, 0))),
        ((3,),),
        lambda torch, x: torch.nn.functional.elu(x, alpha=-2),
    ),
    Report(
        "pytorch/pytorch#31938",
        "leaky_relu_",
        "with a negative slope, the side is taken from the sign of the value",
        lambda x: tf.where(x > 0, x, -2.0 * x),
        lambda g, x: g * np.where(np.where(x > 0, x, -2 * x) > 0, 1.0, -2.0),
        lambda g, x: g * np.where(x > 0, 1.0, -2.0),
        ((3,),),
        lambda torch, x: torch.nn.functional.leaky_relu(x, -2.0),
    ),
    Report(
        "pytorch/pytorch#56760",
        "sinc",
        "NaN at 0, where it is 0",
        sinc,
        lambda g, x: g * sinc_slope(x),
        lambda g, x: g * sinc_slope_everywhere(x),
        ((3,),),
        lambda torch, x: torch.sinc(x),
    ),
    Report(
        "jax-ml/jax#37635",
        "digamma",
        "a series that has no digits far on the left, with the wrong sign",
        tf.math.digamma,
        lambda g, x: g * trigamma_by_series(x),
        lambda g, x: g * trigamma(x),
        ((3,),),
        lambda jax, x: jax.lax.digamma(x),
    ),
]


CONVENTIONS = [
    Report(
        "pytorch/pytorch#147801",
        "hardswish",
        "-1/2 at -3 and 3/2 at 3, the derivatives on the inner sides",
        lambda x: x * tf.minimum(tf.maximum(x + 3.0, 0.0), 6.0) / 6.0,
        lambda g, x: g * np.where(x < -3, 0.0, np.where(x > 3, 1.0, x / 3 + 0.5)),
        lambda g, x: g * np.where(x <= -3, 0.0, np.where(x >= 3, 1.0, x / 3 + 0.5)),
        ((3,),),
    ),
    Report(
        "pytorch/pytorch#120258",
        "hardtanh",
        "0 at -1 and 1, the derivatives on the outer sides",
        lambda x: tf.minimum(tf.maximum(x, -1.0), 1.0),
        lambda g, x: g * (abs(x) < 1),
        lambda g, x: g * (abs(x) <= 1),
        ((3,),),
    ),
    Report(
        "pytorch/pytorch#56734",
        "maximum",
        "all to one of two equal elements",
        tf.maximum,
        lambda g, x, y: (g * (x > y), g * (x <= y)),
        lambda g, x, y: (g * ((x > y) + (x == y) / 2), g * ((x < y) + (x == y) / 2)),
        ((3,), (3,)),
    ),
]
"""Reports of the side that a rule takes at a kink: both answers are right."""
