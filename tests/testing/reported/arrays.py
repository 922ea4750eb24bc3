"""Reports on sums and products, positions, and matrices."""

import numpy as np

import tracer as tf
from tests.testing.reported.elementwise import sigmoid
from tests.testing.reported.report import Report

WEIGHTS = np.array([2.0, 0.0, 5.0])


def softmax(x):
    e = np.exp(x - np.max(x))
    return e / e.sum()


def others(x):
    """For each element the product of the others."""
    return np.array([np.prod(np.delete(x, i)) for i in range(len(x))])


def cumprod_rule(g, x):
    """Without division: what comes before an element, times what comes of it."""
    before, after = np.ones_like(x), np.zeros_like(x)
    for i in range(1, len(x)):
        before[i] = before[i - 1] * x[i - 1]
    for i in range(len(x) - 1, -1, -1):
        after[i] = g[i] + (after[i + 1] * x[i + 1] if i + 1 < len(x) else 0.0)
    return before * after


def cumprod_by_division(g, x):
    return np.cumsum((g * np.cumprod(x))[::-1])[::-1] / x


def scatter(positions, g, size, add=True):
    gradient = np.zeros(size)
    for i, at in enumerate(positions):
        gradient[at] = gradient[at] + g[i] if add else g[i]
    return gradient


def cofactors(a):
    return np.array([[a[1, 1], -a[1, 0]], [-a[0, 1], a[0, 0]]])


def upper_cholesky(a):
    """The factor of the symmetric matrix whose upper half is given."""
    upper = tf.linalg.band_part(a, 0, -1)
    strictly = upper - tf.linalg.diag(tf.linalg.diag_part(a))
    return tf.transpose(tf.linalg.cholesky(upper + tf.transpose(strictly)))


def cholesky_rule(g, a):
    """The gradient of the upper factor by a matrix that moves as a whole: by no half of it alone."""
    factor = np.linalg.cholesky(np.triu(a) + np.triu(a, 1).T)
    inverse = np.linalg.inv(factor)
    inner = np.tril(factor.T @ g.T)
    inner -= np.diag(np.diag(inner)) / 2
    return (inverse.T @ inner @ inverse).T


def of_upper_half(g, a):
    gradient = cholesky_rule(g, a)
    return np.triu(gradient + gradient.T) - np.diag(np.diag(gradient))


def pooled(x):
    """Means of three, of which the last has two."""
    return tf.stack([tf.reduce_mean(x[:3]), tf.reduce_mean(x[3:])])


def log_of_weighted(b):
    return tf.reduce_logsumexp(tf.math.log(b))


REPORTS = [
    Report(
        "pytorch/pytorch#913",
        "add",
        "of the shape of the sum, where the operand was broadcast",
        lambda x, y: x + y,
        lambda g, x, y: (g, g),
        lambda g, x, y: (g, g.sum(0, keepdims=True)),
        ((2, 2), (1, 2)),
        lambda torch, x, y: x + y,
    ),
    Report(
        "pytorch/pytorch#13669",
        "sub, in a traced function",
        "a broadcast operand's gradient is not summed before it is added to another",
        lambda x: tf.exp(x) + tf.reduce_sum(tf.exp(x) - tf.zeros((3,), "float64")),
        lambda g, x: g * 6 * np.exp(x),
        lambda g, x: g * 4 * np.exp(x),
        ((),),
        lambda torch, x: torch.jit.trace(
            lambda x: torch.exp(x) + torch.sum(torch.exp(x) - torch.zeros(3, dtype=x.dtype)), (x.detach(),)
        )(x),
    ),
    Report(
        "pytorch/pytorch#1528",
        "indexing",
        "of a repeated index, that of the last one alone",
        lambda x: tf.gather(x, [0, 0]),
        lambda g, x: scatter([0, 0], g, 1, add=False),
        lambda g, x: scatter([0, 0], g, 1),
        ((1,),),
        lambda torch, x: x[torch.tensor([0, 0])],
    ),
    Report(
        "pytorch/pytorch#1631",
        "gather",
        "of a repeated index, that of the last one alone",
        lambda x: tf.gather(x, [1, 0, 1]),
        lambda g, x: scatter([1, 0, 1], g, 2, add=False),
        lambda g, x: scatter([1, 0, 1], g, 2),
        ((2,),),
        lambda torch, x: torch.gather(x, 0, torch.tensor([1, 0, 1])),
    ),
    Report(
        "pytorch/pytorch#57006",
        "index_fill",
        "by the value, once for each repetition of an index",
        lambda v: tf.stack([tf.constant(0.0, "float64"), v, tf.constant(0.0, "float64")]),
        lambda g, v: g[[1, 1]].sum(),
        lambda g, v: g[1],
        ((),),
        lambda torch, v: torch.zeros(3, dtype=v.dtype).index_fill(0, torch.tensor([1, 1]), v),
    ),
    Report(
        "jax-ml/jax#7538",
        "segment_sum",
        "1 for elements of a negative segment, which are dropped",
        lambda x: tf.stack([x[0], 0.0 * x[1]]),
        lambda g, x: g[[0, -2]],
        lambda g, x: np.array([g[0], 0.0]),
        ((2,),),
        lambda jax, x: jax.ops.segment_sum(x, jax.numpy.array([0, -2]), 2),
    ),
    Report(
        "jax-ml/jax#8634",
        "segment_sum",
        "1 for elements of a segment that does not exist, which are dropped",
        lambda x: 0.0 * x,
        lambda g, x: g[[1, 1]],
        lambda g, x: 0 * g,
        ((2,),),
        lambda jax, x: jax.ops.segment_sum(x, jax.numpy.array([2, 3]), 2),
    ),
    Report(
        "jax-ml/jax#9296",
        "segment_prod",
        "without the other elements of the segment",
        lambda x: tf.stack([x[0] * x[1], x[2]]),
        lambda g, x: g[[0, 0, 1]],
        lambda g, x: g[[0, 0, 1]] * np.array([x[1], x[0], 1.0]),
        ((3,),),
        lambda jax, x: jax.ops.segment_prod(x, jax.numpy.array([0, 0, 1]), 2),
    ),
    Report(
        "jax-ml/jax#16684",
        "at[].apply",
        "0 for the element that the function was applied to",
        lambda x: tf.stack([x[0], tf.sin(x[1])]),
        lambda g, x: np.array([g[0], 0.0]),
        lambda g, x: np.array([g[0], g[1] * np.cos(x[1])]),
        ((2,),),
        lambda jax, x: x.at[1].apply(jax.numpy.sin),
    ),
    Report(
        "pytorch/pytorch#198119",
        "avg_pool1d, compiled",
        "the last window is divided by its full size, where it hangs over",
        pooled,
        lambda g, x: g[[0, 0, 0, 1, 1]] / 3,
        lambda g, x: g[[0, 0, 0, 1, 1]] / np.array([3, 3, 3, 2, 2]),
        ((5,),),
    ),
    Report(
        "tensorflow/tensorflow#2641",
        "reduce_prod",
        "the product divided by the element: NaN where that is 0",
        tf.reduce_prod,
        lambda g, x: g * np.prod(x) / x,
        lambda g, x: g * others(x),
        ((3,),),
        lambda tensorflow, x: tensorflow.reduce_prod(x),
    ),
    Report(
        "pytorch/pytorch#82644",
        "prod",
        "of one element that is 0, a gradient of no dimensions",
        tf.reduce_prod,
        lambda g, x: g if x == 0 else g * np.ones(1),
        lambda g, x: g * np.ones(1),
        ((1,),),
        lambda torch, x: torch.prod(x, 0),
    ),
    Report(
        "tensorflow/tensorflow#3862",
        "cumprod",
        "divided by the element: NaN where that is 0",
        tf.math.cumprod,
        cumprod_by_division,
        cumprod_rule,
        ((3,),),
        lambda tensorflow, x: tensorflow.math.cumprod(x),
    ),
    Report(
        "pytorch/pytorch#174016",
        "cumprod, compiled",
        "0 where the element is 0",
        tf.math.cumprod,
        lambda g, x: np.where(x == 0, 0.0, cumprod_rule(g, x)),
        cumprod_rule,
        ((3,),),
    ),
    Report(
        "jax-ml/jax#14397",
        "pow",
        "of the exponent 0, as 0 x**-1: NaN at 0",
        lambda x: 1 + x + x**2,
        lambda g, x: g * np.sum(np.arange(3) * x ** (np.arange(3) - 1.0)),
        lambda g, x: g * (1 + 2 * x),
        ((),),
        lambda jax, x: jax.numpy.sum(x ** jax.numpy.arange(3)),
    ),
    Report(
        "jax-ml/jax#17995",
        "pow",
        "of the exponent 0, 1 where it is 0",
        lambda x: 1 + x + x**2,
        lambda g, x: g * (1 + 1 + 2 * x),
        lambda g, x: g * (1 + 2 * x),
        ((),),
        lambda jax, x: jax.numpy.sum(x ** jax.numpy.arange(3)),
    ),
    Report(
        "jax-ml/jax#22398",
        "logsumexp",
        "by a weight that is 0, 0",
        lambda b: tf.math.log(tf.reduce_sum(b)),
        lambda g, b: g * (b != 0) / np.sum(b),
        lambda g, b: g * np.ones_like(b) / np.sum(b),
        ((3,),),
        lambda jax, b: jax.scipy.special.logsumexp(jax.numpy.zeros(3), b=b),
    ),
    Report(
        "jax-ml/jax#23842",
        "logsumexp",
        "of an element that is masked, 0 times an overflow: NaN",
        lambda x: tf.reduce_logsumexp(x[:2]),
        lambda g, x: g * np.array([*softmax(x[:2]), 0 * np.exp(x[2] - np.max(x[:2]))]),
        lambda g, x: g * np.array([*softmax(x[:2]), 0.0]),
        ((3,),),
        lambda jax, x: jax.scipy.special.logsumexp(x, where=jax.numpy.array([True, True, False])),
    ),
    Report(
        "pytorch/pytorch#195678",
        "cross_entropy",
        "softmax - 1 for the class that is right: no digits where that is sure",
        lambda x: tf.reduce_logsumexp(x) - x[0],
        lambda g, x: g * np.array([softmax(x)[0] - 1, softmax(x)[1]]),
        lambda g, x: g * sigmoid(x[1] - x[0]) * np.array([-1.0, 1.0]),
        ((2,),),
        lambda torch, x: torch.nn.functional.cross_entropy(x, torch.tensor(0)),
    ),
    Report(
        "pytorch/pytorch#2421",
        "norm",
        "NaN at 0, where each vector of at most unit length is a subgradient",
        tf.norm,
        lambda g, x: g * x / np.linalg.norm(x),
        lambda g, x: g * x / max(np.linalg.norm(x), 1e-300),
        ((2,),),
        lambda torch, x: torch.norm(x),
    ),
    Report(
        "pytorch/pytorch#80761",
        "det",
        "of a matrix of one element that is 0, 0",
        tf.linalg.det,
        lambda g, a: g * np.where(a == 0, 0.0, 1.0),
        lambda g, a: g * np.ones((1, 1)),
        ((1, 1),),
        lambda torch, a: torch.det(a),
    ),
    Report(
        "pytorch/pytorch#104675",
        "det",
        "of a singular matrix, 0",
        tf.linalg.det,
        lambda g, a: g * cofactors(a) * (a[0, 0] * a[1, 1] != a[0, 1] * a[1, 0]),
        lambda g, a: g * cofactors(a),
        ((2, 2),),
        lambda torch, a: torch.det(a),
    ),
    Report(
        "jax-ml/jax#40421",
        "cholesky, of the upper half",
        "a gradient by the lower half, which is not read",
        upper_cholesky,
        cholesky_rule,
        of_upper_half,
        (np.array([[4.0, 1.0], [1.0, 3.0]]),),
        lambda jax, a: jax.scipy.linalg.cholesky(a, lower=False),
    ),
]
