"""Functions of networks: against their textbook definitions in mpmath, and against loops over windows."""

import itertools

import mpmath
import numpy as np
import pytest
import sympy
from mpmath import mp

import tracer as tf
from tests.helpers import assert_same

nn = tf.nn
RANDOM = np.random.default_rng(11)
LOGITS = RANDOM.normal(size=(3, 4))
LABELS = np.exp(RANDOM.normal(size=(3, 4)))
LABELS /= LABELS.sum(-1, keepdims=True)
CLASSES = np.array([1, 0, 3])
SIGNS = np.sign(RANDOM.normal(size=(3, 4)))


def rows(function):
    """A function of one row, over the rows of matrices of mpmath numbers."""
    return lambda *arrays: np.array([function(*row) for row in zip(*arrays)], object)


def softmax(z):
    e = np.array([mp.exp(x) for x in z], object)
    return e / mp.fsum(e)


def log(values):
    return np.array([mp.log(x) for x in values], object)


def elementwise(function):
    return lambda *arrays: np.array([function(*xs) for xs in zip(*(a.ravel() for a in arrays))], object)


def logistic(x):
    return 1 / (1 + mp.exp(-x))


def mean_and_variance(x, axis, keepdims=False):
    mean = x.sum(axis, keepdims=True) / x.shape[axis]
    variance = ((x - mean) ** 2).sum(axis, keepdims=True) / x.shape[axis]
    return (mean, variance) if keepdims else (mean.squeeze(axis), variance.squeeze(axis))


def root(values):
    return np.vectorize(mp.sqrt, otypes=[object])(values)


def layer_normal(x, offset, scale):
    mean, variance = mean_and_variance(x, -1, True)
    return scale * (x - mean) / root(variance + mp.mpf(1e-3)) + offset


def attention(q, k, v):
    return np.array([softmax([(a * b).sum() / mp.sqrt(len(a)) for b in k]) @ v for a in q], object)


CASES = {
    "softmax": (nn.softmax, rows(softmax), LOGITS),
    "softmax-columns": (lambda z: nn.softmax(z, 0), lambda z: rows(softmax)(z.T).T, LOGITS),
    "log_softmax": (nn.log_softmax, rows(lambda z: log(softmax(z))), LOGITS),
    "softmax-cross-entropy": (
        lambda y, z: nn.softmax_cross_entropy_with_logits(labels=y, logits=z),
        rows(lambda y, z: -(y * log(softmax(z))).sum()), LABELS, LOGITS,
    ),
    "softmax-cross-entropy-unnormalised": (
        lambda y, z: nn.softmax_cross_entropy_with_logits(y, z, axis=0),
        lambda y, z: rows(lambda y, z: -(y * log(softmax(z))).sum())(y.T, z.T), 3 * LABELS, LOGITS,
    ),
    "sparse-cross-entropy": (
        lambda z: nn.sparse_softmax_cross_entropy_with_logits(labels=CLASSES, logits=z),
        lambda z: np.array([-mp.log(softmax(row)[k]) for row, k in zip(z, CLASSES)], object), LOGITS,
    ),
    "sigmoid-cross-entropy": (
        lambda y, z: nn.sigmoid_cross_entropy_with_logits(labels=y, logits=z),
        elementwise(lambda y, z: -y * mp.log(logistic(z)) - (1 - y) * mp.log(1 - logistic(z))), LABELS, LOGITS,
    ),
    "weighted-cross-entropy": (
        lambda y, z: nn.weighted_cross_entropy_with_logits(y, z, 2.5),
        elementwise(lambda y, z: -2.5 * y * mp.log(logistic(z)) - (1 - y) * mp.log(1 - logistic(z))), LABELS, LOGITS,
    ),
    "log-poisson-loss": (nn.log_poisson_loss, elementwise(lambda y, z: mp.exp(z) - y * z), LABELS, LOGITS),
    "l2-loss": (nn.l2_loss, lambda z: np.array([(z**2).sum() / 2]), LOGITS),
    "huber": (
        lambda y, p: nn.huber(y, p, 0.75),
        elementwise(lambda y, p: (p - y) ** 2 / 2 if abs(p - y) <= 0.75 else 0.75 * (abs(p - y) - 0.375)),
        LABELS, LOGITS,
    ),
    "hinge": (nn.hinge, elementwise(lambda y, p: max(1 - y * p, mp.mpf(0))), SIGNS, LOGITS),
    "squared-hinge": (nn.squared_hinge, elementwise(lambda y, p: max(1 - y * p, mp.mpf(0)) ** 2), SIGNS, LOGITS),
    "log-cosh": (nn.log_cosh, elementwise(lambda y, p: mp.log(mp.cosh(p - y))), LABELS, LOGITS),
    "cosine-similarity": (
        nn.cosine_similarity,
        rows(lambda a, b: (a * b).sum() / mp.sqrt((a * a).sum()) / mp.sqrt((b * b).sum())), LABELS, LOGITS,
    ),
    "mean": (lambda x: nn.moments(x, [0])[0], lambda x: mean_and_variance(x, 0)[0], LOGITS),
    "variance": (lambda x: nn.moments(x, [1])[1], lambda x: mean_and_variance(x, 1)[1], LOGITS),
    "batch-normalization": (
        lambda x, m, v, b, s: nn.batch_normalization(x, m, v, b, s, 0.5),
        lambda x, m, v, b, s: s * (x - m) / root(v + 0.5) + b, LOGITS, *LABELS, LOGITS[0],
    ),
    "layer-normalization": (nn.layer_normalization, layer_normal, LOGITS, LABELS[0], LABELS[1]),
    "dropout": (
        lambda x: nn.dropout(x, 0.25, mask=SIGNS > 0),
        lambda x: x * (SIGNS > 0) / mp.mpf(0.75), LOGITS,
    ),
    "bias-add": (nn.bias_add, lambda x, b: x + b, LOGITS, LABELS[0]),
    "embedding-lookup": (
        lambda p: nn.embedding_lookup(p, [[0, 2], [2, 2]]) ** 2, lambda p: p[[[0, 2], [2, 2]]] ** 2, LOGITS,
    ),
    "attention": (nn.attention, attention, LOGITS, LABELS[:2], LOGITS[:2, :3]),
}  # fmt: skip


def weights(count):
    return np.cos(np.arange(count) + 1)


def target(name, tensors):
    result = CASES[name][0](*tensors)
    return tf.reduce_sum(result * weights(np.prod(result.shape, dtype=int)).reshape(result.shape))


def reference(name, arrays):
    elements = np.ravel(CASES[name][1](*arrays))
    return mp.fsum(x * mp.mpf(float(w)) for x, w in zip(elements, weights(len(elements))))


def exact(array):
    return np.array([mp.mpf(float(x)) for x in np.ravel(array)], object).reshape(np.shape(array))


@pytest.mark.parametrize("name", CASES)
def test_value_gradient_and_second_derivative(name):
    arrays = CASES[name][2:]
    tensors = [tf.constant(a) for a in arrays]
    random = np.random.default_rng(5)
    u, v = ([random.normal(size=a.shape) for a in arrays] for _ in range(2))
    with mpmath.workdps(40):
        h = mp.mpf(10) ** -10

        def f(s, t):
            return reference(name, [exact(a) + s * p + t * q for a, p, q in zip(arrays, u, v)])

        value, slope = f(0, 0), (f(h, 0) - f(-h, 0)) / (2 * h)
        bend = (f(h, h) - f(h, -h) - f(-h, h) + f(-h, -h)) / (4 * h * h)
    y = target(name, tensors)
    assert float(y) == pytest.approx(float(value), rel=1e-12)
    along = sum(tf.reduce_sum(g * d) for g, d in zip(tf.gradients(y, tensors), u))
    assert float(along) == pytest.approx(float(slope), rel=1e-11)
    second = tf.gradients(along, tensors, unconnected_gradients="zero")
    found = sum(float(tf.reduce_sum(g * d)) for g, d in zip(second, v))
    assert found == pytest.approx(float(bend), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_a_jacobian_is_the_gradients_of_elements(name):
    function, _, *arrays = CASES[name]
    tensors = [tf.constant(a) for a in arrays]
    result = function(*tensors)
    for tensor, found in zip(tensors, tf.jacobian(function, argnums=tuple(range(len(arrays))))(*tensors)):
        assert found.shape == result.shape + tensor.shape
        for place in np.ndindex(*result.shape):
            (row,) = tf.gradients(result[place], [tensor], unconnected_gradients="zero")
            np.testing.assert_allclose(found.numpy()[place], row.numpy(), rtol=1e-10, atol=1e-13)


def test_the_gradient_of_softmax():
    z, g = tf.placeholder("z", ("n",)), tf.placeholder("g", ("n",))
    p = nn.softmax(z)
    (found,) = tf.gradients(tf.reduce_sum(p * g), z)
    value = found.eval({z: LOGITS[0], g: LABELS[0]})
    e = np.exp(LOGITS[0]) / np.exp(LOGITS[0]).sum()
    np.testing.assert_allclose(value, e * (LABELS[0] - LABELS[0] @ e), rtol=1e-14)
    assert str(p.formula()) == "softmax(z)"


def test_components_of_softmax():
    z = sympy.IndexedBase("z", real=True)
    total = sympy.exp(z[0]) + sympy.exp(z[1])
    found = nn.softmax(tf.placeholder("z", (2,))).components()
    assert [sympy.simplify(found[k] - sympy.exp(z[k]) / total) for k in (0, 1)] == [0, 0]


@pytest.mark.parametrize("size", [1e3, 1e300])
def test_large_logits_neither_overflow_nor_lose_the_gradient(size):
    z = tf.constant([size, 0.0, -size])
    y = [0.0, 1.0, 0.0]
    for loss, value in [
        (nn.softmax_cross_entropy_with_logits(y, z), size),
        (nn.sparse_softmax_cross_entropy_with_logits(1, z), size),
    ]:
        assert float(loss) == size == value
        assert_same(tf.gradients(loss, z)[0], [1.0, -1.0, 0.0])
    assert_same(nn.softmax(z), [1.0, 0.0, 0.0])
    assert_same(nn.log_softmax(z), [0.0, -size, -2 * size])
    assert_same(nn.sigmoid_cross_entropy_with_logits(y, z), [size, np.log(2), 0.0])


def test_softmax_of_nothing_and_of_one():
    assert nn.softmax(tf.constant(np.zeros((2, 0)))).numpy().shape == (2, 0)
    assert nn.softmax([[3.0], [4.0]]).numpy().tolist() == [[1.0], [1.0]]


def test_softmax_of_integers_is_floating():
    assert_same(nn.softmax([0, 0]), [0.5, 0.5])


def test_a_masked_key_has_no_weight_and_no_gradient():
    q, k, v = tf.constant([[1.0, 2.0]]), tf.Variable([[1.0, 0.0], [np.inf, 0.0]]), tf.Variable([[5.0], [7.0]])
    seen = nn.attention(q, k, v, mask=[[1, 0]])
    assert seen.numpy().tolist() == [[5.0]]
    assert tf.gradients(seen, v)[0].numpy().tolist() == [[1.0], [0.0]]
    assert tf.gradients(seen, k)[0].numpy()[1].tolist() == [0.0, 0.0]


def test_gradients_at_the_kinks_of_losses():
    p = tf.constant([1.0, 2.0, -1.0])
    assert tf.gradients(nn.hinge([1.0, 1.0, -1.0], p), p)[0].numpy().tolist() == [-1.0, 0.0, 1.0]
    error = tf.constant([1.0, -1.0, 0.0])
    assert tf.gradients(nn.huber([0.0, 0.0, 0.0], error), error)[0].numpy().tolist() == [1.0, -1.0, 0.0]


# Windows.


def pads(size, kernel, stride, padding, dilation=1):
    reach = (kernel - 1) * dilation + 1
    if padding == "VALID":
        return 0, (size - reach) // stride + 1
    count = -(-size // stride)
    return max((count - 1) * stride + reach - size, 0) // 2, count


def windows(x, kernel, strides, padding, dilations):
    """For each position the list of (place in the window, place in the input)."""
    plan = [pads(s, k, t, padding, d) for s, k, t, d in zip(x.shape[1:-1], kernel, strides, dilations)]
    for position in itertools.product(*(range(n) for _, n in plan)):
        inside = []
        for place in itertools.product(*map(range, kernel)):
            at = tuple(p * t + i * d - b for p, t, i, d, (b, _) in zip(position, strides, place, dilations, plan))
            if all(0 <= a < s for a, s in zip(at, x.shape[1:-1])):
                inside.append((place, at))
        yield position, inside


def positions(x, kernel, strides, padding, dilations):
    return tuple(pads(s, k, t, padding, d)[1] for s, k, t, d in zip(x.shape[1:-1], kernel, strides, dilations))


def correlation(x, w, strides, padding, dilations):
    kernel = w.shape[:-2]
    out = np.zeros((x.shape[0], *positions(x, kernel, strides, padding, dilations), w.shape[-1]))
    for position, inside in windows(x, kernel, strides, padding, dilations):
        for place, at in inside:
            out[(slice(None), *position)] += x[(slice(None), *at)] @ w[place]
    return out


def pooled(x, kernel, strides, padding, combine):
    ones = (1,) * len(kernel)
    out = np.zeros((x.shape[0], *positions(x, kernel, strides, padding, ones), x.shape[-1]))
    for position, inside in windows(x, kernel, strides, padding, ones):
        out[(slice(None), *position)] = combine([x[(slice(None), *at)] for _, at in inside], axis=0)
    return out


IMAGE, FILTERS = RANDOM.normal(size=(2, 6, 5, 2)), RANDOM.normal(size=(3, 2, 2, 3))
SIGNAL, TAPS = RANDOM.normal(size=(2, 7, 2)), RANDOM.normal(size=(3, 2, 3))


@pytest.mark.parametrize("padding", ["VALID", "SAME"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2])
def test_convolution(padding, stride, dilation):
    found = nn.conv2d(IMAGE, FILTERS, stride, padding, dilations=dilation)
    assert_same(found, correlation(IMAGE, FILTERS, (stride,) * 2, padding, (dilation,) * 2), rtol=1e-12, atol=1e-14)
    found = nn.conv1d(SIGNAL, TAPS, stride, padding, dilations=dilation)
    assert_same(found, correlation(SIGNAL, TAPS, (stride,), padding, (dilation,)), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("padding", ["VALID", "SAME"])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_pooling(padding, stride):
    for function, combine in ((nn.max_pool2d, np.max), (nn.avg_pool2d, np.mean)):
        found = function(IMAGE, [2, 3], stride, padding)
        assert_same(found, pooled(IMAGE, (2, 3), (stride,) * 2, padding, combine), rtol=1e-14)
    for function, combine in ((nn.max_pool1d, np.max), (nn.avg_pool1d, np.mean)):
        assert_same(function(SIGNAL, 2, stride, padding), pooled(SIGNAL, (2,), (stride,), padding, combine), rtol=1e-14)


@pytest.mark.parametrize(
    ("function", "arrays"),
    [
        (lambda x, w: nn.conv2d(x, w, [2, 1], "SAME"), (IMAGE, FILTERS)),
        (lambda x, w: nn.conv2d(x, w, [1, 1, 2, 1], [[0, 0], [2, 1], [0, 3], [0, 0]], dilations=2), (IMAGE, FILTERS)),
        (lambda x, w: nn.conv1d(x, w, 2, "VALID"), (SIGNAL, TAPS)),
        (lambda x: nn.max_pool2d(x, [2, 2], 2, "SAME"), (IMAGE,)),
        (lambda x: nn.avg_pool2d(x, 3, 2, "SAME"), (IMAGE,)),
        (lambda x: nn.avg_pool1d(x, 2, 1, "VALID"), (SIGNAL,)),
    ],
)
def test_gradients_of_windows_are_their_transposes(function, arrays):
    """Linear in each argument near the point: the value along a direction is the gradient along it."""
    tensors = [tf.constant(a) for a in arrays]
    result = function(*tensors)
    seed = RANDOM.normal(size=result.shape)
    gradients = tf.gradients(tf.reduce_sum(result * seed), tensors)
    for k, g in enumerate(gradients):
        step = 1e-7 * RANDOM.normal(size=arrays[k].shape)
        moved = [[a + s * step if j == k else a for j, a in enumerate(arrays)] for s in (1, -1)]
        ends = [np.sum(function(*m).numpy() * seed) for m in moved]
        assert np.sum(g.numpy() * step) == pytest.approx((ends[0] - ends[1]) / 2, rel=1e-6)


def test_the_first_of_equal_elements_under_a_window_has_the_gradient():
    x = tf.constant([[[1.0], [1.0], [0.0]]])
    assert tf.gradients(nn.max_pool1d(x, 3, 1, "VALID"), x)[0].numpy().ravel().tolist() == [1.0, 0.0, 0.0]


def test_symbolic_sizes_of_images():
    x = tf.placeholder("x", ("b", "h", "w", "c"))
    k = tf.placeholder("k", (3, 3, "c", "o"))
    y = nn.conv2d(x, k, 1, "SAME")
    assert [str(d) for d in y.shape] == ["b", "h", "w", "o"]
    image, filters = RANDOM.normal(size=(2, 5, 4, 2)), RANDOM.normal(size=(3, 3, 2, 3))
    expected = correlation(image, filters, (1, 1), "SAME", (1, 1))
    assert_same(y.eval({x: image, k: filters}), expected, rtol=1e-12, atol=1e-14)
    with pytest.raises(ValueError, match="concrete"):
        nn.conv2d(x, k, 2, "SAME")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.softmax(1.0), "rank 1 or more"),
        (lambda: nn.softmax([1.0], axis=3), "out of range"),
        (lambda: nn.softmax_cross_entropy_with_logits([1.0], [1.0, 2.0]), r"have the shape \(1,\), logits \(2,\)"),
        (lambda: nn.sparse_softmax_cross_entropy_with_logits([1], [1.0, 2.0]), "do not number the classes"),
        (lambda: nn.dropout([1.0], 0.5), "needs a mask"),
        (lambda: nn.dropout([1.0], 1.0, mask=[1.0]), r"must lie in \[0, 1\)"),
        (lambda: nn.bias_add([[1.0]], [[1.0]]), "adds a vector"),
        (lambda: nn.embedding_lookup([[1.0]], [0], max_norm=1.0), "does not clip"),
        (lambda: nn.log_poisson_loss([1.0], [1.0], compute_full_loss=True), "compute_full_loss=False"),
        (lambda: nn.conv2d(IMAGE, TAPS, 1, "SAME"), "takes filters of rank 4"),
        (lambda: nn.conv2d(IMAGE[0], FILTERS, 1, "SAME"), "takes a tensor of rank 4"),
        (lambda: nn.conv2d(IMAGE[..., :1], FILTERS, 1, "SAME"), "has 1 channels, the filters .* take 2"),
        (lambda: nn.conv2d(IMAGE, FILTERS, 1, "FULL"), "padding is 'VALID'"),
        (lambda: nn.conv2d(IMAGE, FILTERS, [1, 2, 3], "SAME"), "strides must be"),
        (lambda: nn.conv2d(IMAGE, FILTERS, [2, 1, 1, 1], "SAME"), "first and last axis must be 1"),
        (lambda: nn.conv2d(IMAGE, FILTERS, 1, "SAME", data_format="NCHW"), "transpose the input"),
        (lambda: nn.conv2d(IMAGE[:, :2], FILTERS, 1, "VALID"), "does not fit into 2, axis 1"),
        (lambda: nn.avg_pool1d(tf.placeholder("x", (1, "n", 1)), 2, 1, "SAME"), "concrete sizes or padding 'VALID'"),
    ],
)
def test_wrong_calls_say_what_to_do(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_formula_of_a_loss_whose_gradient_is_clipped():
    labels, predictions = tf.placeholder("T", ("n", "k")), tf.placeholder("Z", ("n", "k"))
    (found,) = tf.gradients(tf.reduce_sum(nn.huber(labels, predictions)), predictions)
    value = 3 * LOGITS
    expected = np.clip(value - LABELS, -1, 1)
    assert_same(found.eval({labels: LABELS, predictions: value}), expected)
    assert str(found.formula()) == "clip(Z - T, -1, 1)"


def test_softmax_of_each_member_of_a_batch():
    """Along an axis that is counted from the end, whatever axes come before."""
    z = tf.placeholder("z", ("n", 2, 4))
    found = tf.vmap(lambda a: nn.softmax(a, 0))(z)
    value = RANDOM.normal(size=(3, 2, 4))
    np.testing.assert_allclose(found.eval({z: value}), np.exp(value) / np.exp(value).sum(1, keepdims=True), rtol=1e-12)


def test_a_mask_of_numbers_is_one_of_booleans():
    q, k, v = (tf.placeholder(name, (1, 1)) for name in "qkv")
    scores = nn.attention(q, tf.concat([k, k], 0), tf.concat([v, -v], 0), mask=[[1, 0]])
    assert "Ne(c1[0, 0], 0)" in str(scores.components())


def test_a_rate_may_have_no_value_yet():
    rate = tf.placeholder("rate")
    found = nn.dropout([1.0, 2.0], rate, mask=[1, 0])
    assert found.eval({rate: 0.5}).tolist() == [2.0, 0.0]


def test_half_a_sum_of_squares_of_integers_does_not_overflow():
    assert float(nn.l2_loss(tf.constant([50_000, 50_000], dtype="int32"))) == 2.5e9


def test_an_error_at_the_bound_is_small():
    error = tf.constant([1.0, -1.0, 1.5])
    (slope,) = tf.gradients(nn.huber([0.0, 0.0, 0.0], error), error)
    assert tf.gradients(slope, error)[0].numpy().tolist() == [1.0, 1.0, 0.0]


def test_a_data_format_is_a_string():
    with pytest.raises(TypeError, match=r"a string such as 'NHWC' or 'NC\.\.\.', got 3"):
        nn.bias_add([[1.0]], [1.0], data_format=3)
