"""Windows of vectors and of matrices are convolutions and correlations."""

import numpy as np
import pytest
import sympy

import tracer as tf
from tests.formulas.texts import faults
from tracer.testing.verification import Points

x, k, s = tf.placeholder("x", ("n",)), tf.placeholder("k", (3,)), tf.placeholder("s", (8,))
X, K, w = tf.placeholder("X", ("n", "m")), tf.placeholder("K", (3, 2)), tf.placeholder("w", (2,))
Z, y = tf.placeholder("Z", (5, 4)), tf.placeholder("y", ("n",))
q = tf.placeholder("q", (3,))
dozen = tf.placeholder("d", (12,))
pixels = tf.placeholder("P", (4, 6))
SIZES = {"n": 6, "m": 5}


def slope(f, by):
    return tf.gradients(f, by, grad_ys=tf.placeholder("g", f.shape))[0]


def slide(x):
    return k[0] * x[:-2] + k[1] * x[1:-1] + k[2] * x[2:]


def blur(X, rows=3, columns=2):
    return sum(K[a, b] * X[a : X.shape[0] - 2 + a, b : X.shape[1] - 1 + b] for a in range(rows) for b in range(columns))


def step(x, by):
    return sum(k[j] * x[j : x.shape[0] - 2 + j : by] for j in range(3))


def spread(x):
    return k[0] * x[:-4] + k[1] * x[2:-2] + k[2] * x[4:]


def smooth(x):
    y = (x[:-2] + 2 * x[1:-1] + x[2:]) / 4
    return (y[:, :-2] + 2 * y[:, 1:-1] + y[:, 2:]) / 4


def surround(x):
    return x[:-2, 1:-1] + x[2:, 1:-1] + x[1:-1, :-2] + x[1:-1, 2:] - 4 * x[1:-1, 1:-1]


def average(x):
    return tf.nn.avg_pool2d(x[None, :, :, None], 3, 1, "VALID")[0, :, :, 0]


V, Q = tf.placeholder("V", (6, 7)), tf.placeholder("Q", (4, 5))
SMOOTH = "Matrix([[1, 2, 1], [2, 4, 2], [1, 2, 1]])"
CROSS = "Matrix([[0, 1, 0], [1, -4, 1], [0, 1, 0]])"
odds = tf.placeholder("o", (9,))

PROGRAMS = {
    "np.convolve": (lambda: np.convolve(s, k), "convolve(s, k)"),
    "by its first": (lambda: slope(np.convolve(s, k), s), "correlate(g, k)"),
    "by its second": (lambda: slope(np.convolve(s, k), k), "correlate(g, s)"),
    "of the same size": (lambda: np.convolve(s, k, "same"), "convolve(s, k)[1:9]"),
    "of the same size by its first": (lambda: slope(np.convolve(s, k, "same"), s), "convolve(g, k[::-1])[1:9]"),
    "valid": (lambda: np.convolve(x, k, "valid"), "convolve(x, k)[2:-2]"),
    "valid by its second": (lambda: slope(np.convolve(s, k, "valid"), k), "correlate(s, g)[::-1]"),
    "np.correlate": (lambda: np.correlate(s, k), "correlate(s, k)"),
    "taps": (lambda: slide(x), "correlate(x, k)"),
    "taps by their input": (lambda: slope(slide(s), s), "convolve(g, k)"),
    "taps by their weights": (lambda: slope(slide(x), k), "correlate(x, g)"),
    "least squares by weights": (
        lambda: tf.gradients(tf.reduce_sum((x[3:] - tf.stack([x[2:-1], x[1:-2], x[:-3]], axis=1) @ k) ** 2), k)[0],
        "2*correlate(x, convolve(x, k)[2:-3] - x[3:])[2::-1]",
    ),
    "least squares by two": (
        lambda: tf.gradients(tf.reduce_sum((x[2:] - w[0] * x[1:-1] - w[1] * x[:-2]) ** 2), w)[0],
        "2*correlate(x, w[0]*x[1:-1] + w[1]*x[:-2] - x[2:])[1::-1]",
    ),
    "a moving mean less another": (
        lambda: tf.gradients(tf.reduce_sum(((x[2:] + x[1:-1] + x[:-2]) / 3 - y[2:]) ** 2), x)[0],
        "2*convolve(correlate(x, ones(3, 1)) - 3*y[2:], ones(3, 1))/9",
    ),
    "taps beside another": (lambda: slide(x) - x[1:-1] ** 2, "correlate(x, k) - x[1:-1]**2"),
    "a multiple": (lambda: 2.5 * slide(x), "5*correlate(x, k)/2"),
    "in steps": (lambda: step(s, 2), "correlate(s, k)[::2]"),
    "of an image": (lambda: blur(X), "correlate(X, K)"),
    "of an image by it": (lambda: slope(blur(Z), Z), "convolve(g, K)"),
    "of an image by weights": (lambda: slope(blur(X), K), "correlate(X, g)"),
    "of columns": (lambda: slide(X), "correlate(X, k)"),
    "of columns by them": (lambda: slope(slide(Z), Z), "convolve(g, k)"),
    "of rows": (lambda: tf.transpose(slide(tf.transpose(X))), "correlate(X, k.T)"),
    "a moving average": (lambda: sum(s[j : j + 4] for j in range(5)) / 5, "correlate(s, ones(5, 1))/5"),
    "windows": (lambda: np.lib.stride_tricks.sliding_window_view(s, 3) @ k, "correlate(s, k)"),
    "in steps by their input": (lambda: slope(step(odds, 2), odds), "convolve(upsample(g, 2, 7), k)"),
    "in steps by their weights": (lambda: slope(step(odds, 2), k), "correlate(o, upsample(g, 2, 7))"),
    "squares of taps in steps": (
        lambda: tf.gradients(tf.reduce_sum(step(odds, 2) ** 2), odds)[0],
        "2*convolve(upsample(correlate(o, k)[::2], 2, 7), k)",
    ),
    "at a distance by their input": (lambda: slope(spread(odds), odds), "convolve(g, upsample(k, 2, 5))"),
    "in steps, with a place left": (lambda: slope(step(s, 2), s), "concat(convolve(upsample(g, 2, 5), k), 0)"),
    "smoothed by its input": (
        lambda: tf.gradients(tf.reduce_sum(smooth(V) ** 2), V)[0],
        f"convolve(correlate(V, {SMOOTH}), {SMOOTH})/128",
    ),
    "smoothed and compared": (
        lambda: tf.gradients(tf.reduce_sum((smooth(V) - Q) ** 2), V)[0],
        f"convolve(correlate(V, {SMOOTH}) - 16*Q, {SMOOTH})/128",
    ),
    "neighbours": (
        lambda: tf.gradients(tf.reduce_sum(surround(V) ** 2), V)[0],
        f"2*convolve(correlate(V, {CROSS}), {CROSS})",
    ),
    "second differences": (lambda: x[2:] - 2 * x[1:-1] + x[:-2], "x[:-2] + x[2:] - 2*x[1:-1]"),
    "variances of windows by their input": (
        lambda: tf.gradients(tf.reduce_sum(average(X**2) - average(X) ** 2), X)[0],
        "-2*(convolve(correlate(X, ones(3, 3)), ones(3, 3)) - 9*(X o convolve(ones(n - 2, m - 2), ones(3, 3))))/81",
    ),
    "two taps": (lambda: x[1:] * w[1] + x[:-1] * w[0], "w[0]*x[:-1] + w[1]*x[1:]"),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_windows_have_names(name):
    program, text = PROGRAMS[name]
    tensor = program()
    assert str(tensor.formula()) == text
    points = Points([tensor], SIZES, {}, 0)
    sizes, feed, (want,) = next(iter(points.draw(0)))
    arrays = {label: np.asarray(feed[source], float) for source, label in points.names.items()}
    assert not faults(tensor, sizes, arrays, want)


@pytest.mark.parametrize("name", ["np.convolve", "np.correlate", "of an image by it", "of columns by them"])
def test_elements_are_sums_of_products(name):
    tensor = PROGRAMS[name][0]()
    formula = tensor.formula()
    sources = sorted(formula.free_symbols, key=str)
    arrays = {str(m): np.cos(np.arange(np.prod(m.shape, dtype=int)) ** 2).reshape(m.shape) for m in sources}
    want = tensor.eval({name: a[:, 0] if name in "gks" and a.shape[1] == 1 else a for name, a in arrays.items()})
    known = formula.subs({m: sympy.Matrix(arrays[str(m)]) for m in sources}).doit()
    np.testing.assert_allclose(np.array(known, float).reshape(want.shape), want)
    entry = formula[0, 0].subs({m: sympy.Matrix(arrays[str(m)]) for m in sources}).doit()
    np.testing.assert_allclose(float(entry), want.flat[0])


B, F = tf.placeholder("B", ("b", "n", "c")), tf.placeholder("F", (3, "c", "h"))
H = tf.placeholder("H", (3, "h", "d"))
image, filters = tf.placeholder("I", (2, 6, 7, 2)), tf.placeholder("F", (3, 2, 2, 3))
images, kernels = tf.placeholder("I", ("b", 5, "w", "c")), tf.placeholder("F", (3, 2, "c", "d"))
signal, weights = tf.placeholder("S", (2, 8, 2)), tf.placeholder("F", (3, 2, 3))
channels = tf.placeholder("D", (3, "c"))
conv1d, conv2d = tf.nn.conv1d, tf.nn.conv2d


def slide_channels(x):
    return x[:, :-2] * channels[0] + x[:, 1:-1] * channels[1] + x[:, 2:] * channels[2]


def square_slope(y, by):
    return tf.gradients(tf.reduce_sum(y**2), by)[0]


def test_windows_in_windows_are_convolutions_of_convolutions():
    y = np.convolve(tf.tanh(np.convolve(x, k, "valid")), q, "valid")
    slope = tf.gradients(tf.reduce_sum(y**2), k)[0]
    assert str(y.formula()) == "convolve(tanh(convolve(x, k)[2:-2]), q)[2:-2]"
    assert not {"einsum", "Reshape", "matrix"} & set(str(slope.formula()).replace("(", " ").split())
    points = Points([slope], {"n": 9}, {}, 0)
    sizes, feed, (want,) = next(iter(points.draw(0)))
    arrays = {label: np.asarray(feed[source], float) for source, label in points.names.items()}
    assert not faults(slope, sizes, arrays, want)


def test_a_part_among_the_factors_is_no_window():
    slope = tf.gradients(tf.reduce_sum(x[2:] * (k[0] * x[2:] + k[1] * x[1:-1] + k[2] * x[:-2])), k)[0]
    assert "window" not in str(slope.formula())


DIGITS = {
    "repeated elements": (lambda: slope((s[::2] + s[1::2]) / 2, s), "kron(g, ones(2, 1))/2"),
    "repeated means": (
        lambda: tf.gradients(tf.reduce_sum((s[::2] + s[1::2]) ** 2), s)[0],
        "2*kron(s[::2] + s[1::2], ones(2, 1))",
    ),
    "as many places, which are no digits": (lambda: slope(slide(dozen[:6]), dozen), None),
    "means of squares": (
        lambda: slope(tf.nn.avg_pool2d(pixels[None, :, :, None], 2, 2, "VALID")[0, :, :, 0], pixels),
        "kron(g, ones(2, 2))/4",
    ),
    "means of rows": (
        lambda: slope(tf.nn.avg_pool1d(pixels[None], 2, 2, "VALID")[0], pixels),
        "kron(g, ones(2, 1))/2",
    ),
}


@pytest.mark.parametrize("name", DIGITS)
def test_places_of_two_digits_make_kronecker_products(name):
    program, text = DIGITS[name]
    tensor = program()
    assert str(tensor.formula()) == text or text is None
    points = Points([tensor], SIZES, {}, 0)
    sizes, feed, (want,) = next(iter(points.draw(0)))
    arrays = {label: np.asarray(feed[source], float) for source, label in points.names.items()}
    assert not faults(tensor, sizes, arrays, want)


ARRAYS = {
    "conv1d": (lambda: conv1d(B, F, 1, "VALID"), 'einsum("i(j+m)l,mlk->ijk", B, F)'),
    "conv1d by its input": (
        lambda: slope(conv1d(signal, weights, 1, "VALID"), signal),
        'einsum("ikl,mjl->i(k+m)j", g, F)',
    ),
    "conv1d by its filters": (
        lambda: slope(conv1d(signal, weights, 1, "VALID"), weights),
        'einsum("lmk,l(m+i)j->ijk", g, S)',
    ),
    "conv1d in steps": (lambda: conv1d(signal, weights, 2, "SAME"), 'einsum("lmk,i(2j+l)m->ijk", F, S, j=4)'),
    "conv1d of the same size": (lambda: conv1d(B, F, 1, "SAME"), None),
    "conv1d of the same size by its input": (lambda: slope(conv1d(signal, weights, 1, "SAME"), signal), None),
    "conv1d dilated": (lambda: slope(conv1d(signal, weights, 1, "VALID", dilations=3), weights), None),
    "conv2d": (lambda: conv2d(image, filters, 1, "VALID"), 'einsum("mnpl,i(j+m)(k+n)p->ijkl", F, I)'),
    "conv2d by its input": (lambda: slope(conv2d(image, filters, 1, "VALID"), image), None),
    "conv2d by its filters": (lambda: slope(conv2d(image, filters, 2, "VALID"), filters), None),
    "convolutions of convolutions": (
        lambda: tf.gradients(tf.reduce_sum(conv1d(B, F, 1, "VALID") ** 2), B)[0],
        '2*einsum("i(q+p)k,ljm,pkm->i(q+l)j", B, F, F)',
    ),
    "dilated convolutions of convolutions": (
        lambda: tf.gradients(tf.reduce_sum(conv1d(B, F, 1, "VALID", dilations=2) ** 2), B)[0],
        '2*einsum("i(q+2p)k,ljm,pkm->i(q+2l)j", B, F, F)',
    ),
    "convolutions of functions of convolutions": (
        lambda: conv1d(tf.nn.relu(conv1d(B, F, 1, "VALID")), H, 1, "VALID"),
        'einsum("lmk,i(j+l)m->ijk", H, relu(einsum("i(j+m)l,mlk->ijk", B, F)))',
    ),
    "convolutions of functions by the first filters": (
        lambda: tf.gradients(tf.reduce_sum(conv1d(tf.nn.relu(conv1d(B, F, 1, "VALID")), H, 1, "VALID") ** 2), F)[0],
        None,
    ),
    "convolutions of convolutions of images": (
        lambda: tf.gradients(tf.reduce_sum(conv2d(images, kernels, 1, "VALID") ** 2), images)[0],
        '2*einsum("kljm,npqm,i(r+n)(s+p)q->i(r+k)(s+l)j", F, F, I)',
    ),
    "conv2d with any number of channels": (
        lambda: tf.gradients(tf.reduce_sum(conv2d(images, kernels, 1, "VALID") ** 2), kernels)[0],
        '2*einsum("mnpl,q(s+i)(r+j)k,q(s+m)(r+n)p->ijkl", F, I, I)',
    ),
    "squares of a padded convolution": (
        lambda: square_slope(conv1d(B, F, 1, "SAME"), B),
        '2*einsum("i(q+p-1)l,(j-q+1)km,plm->ijk", B, F, F, j=n, q=n)',
    ),
    "squares of a padded convolution in steps": (
        lambda: square_slope(conv1d(signal, weights, 2, "SAME"), signal),
        '2*einsum("(j-2p)kl,mnl,i(2p+m)n->ijk", F, F, S, j=8, p=4)',
    ),
    "squares of each channel by itself": (
        lambda: square_slope(slide_channels(B), B),
        '2*einsum("i(m+l)j,kj,lj->i(m+k)j", B, D, D)',
    ),
    "squares of each channel by the filters": (
        lambda: square_slope(slide_channels(B), channels),
        '2*einsum("k(m+i)j,k(m+l)j,lj->ij", B, B, D)',
    ),
    "means": (
        lambda: tf.nn.avg_pool2d(image[:, :, :6], 2, 2, "VALID"),
        'einsum("i(2j+m)(2k+n)l->ijkl", I, m=2, n=2)/4',
    ),
    "means by what they are of": (lambda: slope(tf.nn.avg_pool1d(signal, 2, 2, "VALID"), signal), None),
    "windows of rows": (lambda: np.lib.stride_tricks.sliding_window_view(X, 3, axis=1), None),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_windows_of_arrays_are_sums_of_places(name):
    program, text = ARRAYS[name]
    tensor = program()
    assert str(tensor.formula()) == text or text is None
    assert not {"Reshape", "eye", "window"} & set(str(tensor.formula()).replace("(", " ").split())
    points = Points([tensor], {**SIZES, "b": 2, "c": 3, "d": 2, "h": 2, "w": 4}, {}, 0)
    sizes, feed, (want,) = next(iter(points.draw(0)))
    arrays = {label: np.asarray(feed[source], float) for source, label in points.names.items()}
    assert not faults(tensor, sizes, arrays, want)


pictures, odd_signal = tf.placeholder("J", ("b", 6, 8, "c")), tf.placeholder("O", ("b", 7, "c"))
given = tf.placeholder("g", ("b", "c"))


def pool(x, size, by):
    return tf.nn.avg_pool2d(x, size, by, "VALID")


def sum_slope(made, by):
    return tf.gradients(tf.reduce_sum(made), by)[0]


REPEATED = {
    "means of windows side by side": (lambda: sum_slope(pool(pictures, 2, 2), pictures), "ones(b, 6, 8, c)/4"),
    "means of windows that leave places": (
        lambda: sum_slope(tf.nn.avg_pool1d(odd_signal, 2, 2, "VALID"), odd_signal),
        "pad(ones(b, 6, c), ((0, 0), (0, 1), (0, 0)))/2",
    ),
    "means of windows one after another": (
        lambda: sum_slope(tf.nn.avg_pool1d(B, 3, 1, "VALID"), B),
        'einsum("j->ijk", convolve(ones(n - 2, 1), ones(3, 1)), i=b, k=c)/3',
    ),
    "means of windows that overlap": (
        lambda: sum_slope(tf.nn.avg_pool1d(odd_signal, 3, 2, "VALID"), odd_signal),
        'einsum("j->ijk", convolve(upsample(ones(3, 1), 2, 5), ones(3, 1)), i=b, k=c)/3',
    ),
    "one mean of means": (
        lambda: tf.gradients(tf.reduce_mean(pool(pictures, 2, 2), (1, 2)), pictures, grad_ys=given)[0],
        'einsum("il->ijkl", g, j=6, k=8)/48',
    ),
    "padded convolution": (
        lambda: sum_slope(conv1d(B, F, 1, "SAME"), B),
        'einsum("(j-m+1)kl->ijk", F, i=b, j=n, m=n)',
    ),
    "padded convolution by its weights": (
        lambda: sum_slope(conv1d(B, F, 1, "SAME"), F),
        'einsum("l(m+i-1)j->ijk", B, i=3, k=h, m=n)',
    ),
    "dilated convolution by its weights": (
        lambda: sum_slope(conv1d(B, F, 1, "SAME", dilations=2), F),
        'einsum("l(m+2i-2)j->ijk", B, i=3, k=h, m=n)',
    ),
    "convolution without padding": (
        lambda: sum_slope(conv1d(B, F, 1, "VALID"), B),
        'einsum("kjl->i(m+k)j", F, i=b, m=n - 2)',
    ),
    "convolution in steps": (
        lambda: sum_slope(conv1d(signal, weights, 2, "SAME"), signal),
        'einsum("(j-2m)kl->ijk", F, i=2, j=8, m=4)',
    ),
    "dilated convolution": (
        lambda: sum_slope(conv1d(B, F, 1, "SAME", dilations=2), B),
        'einsum("lkm,(j-2l+2)->ijk", F, ones(n), i=b, j=n)',
    ),
    "convolution of images": (
        lambda: sum_slope(conv2d(images, kernels, 1, "SAME"), images),
        'einsum("(j-n+1)(k-p)lm->ijkl", F, i=b, j=5, k=w, n=5, p=w)',
    ),
    "each channel by itself": (
        lambda: sum_slope(slide_channels(B), B),
        'einsum("kj->i(l+k)j", D, i=b, l=n - 2)',
    ),
}


@pytest.mark.parametrize("name", REPEATED)
def test_sums_of_convolutions_have_one_tap_with_clear_borders(name):
    program, text = REPEATED[name]
    tensor = program()
    assert str(tensor.formula()) == text
    for sizes in (
        {**SIZES, "b": 2, "c": 3, "d": 2, "h": 3, "w": 4},
        {**SIZES, "n": 3, "b": 1, "c": 2, "d": 3, "h": 5, "w": 3},
    ):
        points = Points([tensor], sizes, {}, 0)
        given, feed, (want,) = next(iter(points.draw(0)))
        arrays = {label: np.asarray(feed[source], float) for source, label in points.names.items()}
        # Texts of NumPy ask sources for sizes that they do not compute with.
        for source in (B, F, signal, images, pictures, odd_signal):
            arrays.setdefault(source.label, np.zeros([given.get(str(d), sizes.get(str(d), d)) for d in source.shape]))
        assert not faults(tensor, given, arrays, want)


def test_a_function_without_parameters_stands_beside_places() -> None:
    least = tf.reduce_min(tf.concat([tf.tanh(x), tf.tanh(x)], 0))
    gradient, values = tf.gradients(least, x)[0], np.array([0.3, -0.2, 1.0])
    assert not faults(gradient, {"n": 3}, {"x": values}, tf.compile(gradient, [x])(values), forms=["matrix"])
