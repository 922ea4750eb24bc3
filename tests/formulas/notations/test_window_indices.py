"""Windows of arrays, and their gradients, are written by affine indices."""

import itertools

import numpy as np
import pytest

import tracer as tf
from tests.formulas.texts import faults
from tracer.testing.verification import Points

x, k, s = tf.placeholder("x", ("n",)), tf.placeholder("k", (3,)), tf.placeholder("s", (8,))
X, K = tf.placeholder("X", ("n", "m")), tf.placeholder("K", (3, 3))
B, F = tf.placeholder("B", ("b", "n", "c")), tf.placeholder("F", (3, "c", "h"))
image, J = tf.placeholder("I", (2, 7, 6, 2)), tf.placeholder("J", (3, 2, 2, 2))
C, Z = tf.placeholder("C", (2, 8, 2)), tf.placeholder("Z", (6, 7))
windows = np.lib.stride_tricks.sliding_window_view


def slope(f, *sources, weights="g"):
    """The gradients of a sum, each element weighed by that of an array."""
    return tf.gradients(f, sources, grad_ys=tf.placeholder(weights, f.shape))


def taps(size, X=X):
    return sum(K[a, b] * X[a : X.shape[0] - 2 + a, b : X.shape[1] - 2 + b] for a in range(size) for b in range(size))


PROGRAMS = {
    "taps": (lambda: k[0] * x[:-2] + k[1] * x[1:-1] + k[2] * x[2:], "Sum(k[j]*x[i + j], (j, 0, 2))"),
    "taps by what they weigh": (
        lambda: slope(k[0] * s[:-2] + k[1] * s[1:-1] + k[2] * s[2:], s)[0],
        "Sum(g[i - j]*k[j], (j, max(0, i - 5), min(2, i)))",
    ),
    "taps by weights": (
        lambda: slope(k[0] * x[:-2] + k[1] * x[1:-1] + k[2] * x[2:], k)[0],
        "Sum(g[j]*x[i + j], (j, 0, n - 3))",
    ),
    "windows": (lambda: windows(x, 3) @ k, "Sum(k[j]*x[i + j], (j, 0, 2))"),
    "gathered": (lambda: tf.gather(s, np.arange(6)[:, None] + np.arange(3)) @ k, "Sum(k[j]*s[i + j], (j, 0, 2))"),
    "stacked": (lambda: tf.stack([s[j : j + 6] for j in range(3)], 1) @ k, "Sum(k[j]*s[i + j], (j, 0, 2))"),
    "in a loop": (
        lambda: tf.stack([tf.reduce_sum(s[i : i + 3] * k) for i in range(6)]),
        "Sum(k[j]*s[i + j], (j, 0, 2))",
    ),
    "convolve": (lambda: np.convolve(s, k), "Sum(k[j]*s[i - j], (j, max(0, i - 7), min(2, i)))"),
    "convolve by its first": (lambda: slope(np.convolve(s, k), s)[0], "Sum(g[i + j]*k[j], (j, 0, 2))"),
    "convolve by its second": (lambda: slope(np.convolve(s, k), k)[0], "Sum(g[i + j]*s[j], (j, 0, 7))"),
    "the same size": (
        lambda: np.convolve(s, k, "same"),
        "Sum(k[j]*s[i + 1 - j], (j, max(0, i - 6), min(2, i + 1)))",
    ),
    "valid": (lambda: np.convolve(x, k, "valid"), "Sum(k[j]*x[i + 2 - j], (j, 0, 2))"),
    "correlate": (lambda: np.correlate(s, k), "Sum(k[j]*s[i + j], (j, 0, 2))"),
    "a moving average": (lambda: (x[:-2] + x[1:-1] + x[2:]) / 3, "Sum(x[i + j], (j, 0, 2))/3"),
    "second differences by what they are of": (
        lambda: tf.gradients(tf.reduce_sum((x[2:] - 2 * x[1:-1] + x[:-2]) ** 2) / 2, x)[0],
        "where(i < n - 2, x[i + 2] + x[i] - 2*x[i + 1], 0) + where(i >= 2, x[i - 2] + x[i] - 2*x[i - 1], 0)"
        " - 2*where((i >= 1) & (i < n - 1), x[i + 1] + x[i - 1] - 2*x[i], 0)",
    ),
    "taps of an image": (lambda: taps(3), "Sum(K[k, l]*X[i + k, j + l], (k, 0, 2), (l, 0, 2))"),
    "taps of an image by it": (
        lambda: slope(taps(3, Z), Z)[0],
        "Sum(K[k, l]*g[i - k, j - l], (k, max(0, i - 3), min(2, i)), (l, max(0, j - 4), min(2, j)))",
    ),
    "taps of an image by weights": (
        lambda: slope(taps(3), K)[0],
        "Sum(X[i + k, j + l]*g[k, l], (k, 0, n - 3), (l, 0, m - 3))",
    ),
    "conv1d": (
        lambda: tf.nn.conv1d(B, F, 1, "VALID"),
        "Sum(B[i, j + l, m]*F[l, m, k], (m, 0, c - 1), (l, 0, 2))",
    ),
    "conv1d by its input": (lambda: slope(tf.nn.conv1d(C, tf.placeholder("F", (3, 2, "h")), 1, "VALID"), C)[0], None),
    "conv1d by its filters": (
        lambda: tf.gradients(tf.reduce_sum(tf.nn.conv1d(B, F, 1, "VALID")), F)[0],
        "Sum(B[m, i + l, j], (m, 0, b - 1), (l, 0, n - 3))",
    ),
    "conv1d of the same size": (lambda: tf.nn.conv1d(B, F, 1, "SAME"), None),
    "conv2d": (
        lambda: tf.nn.conv2d(image, J, 1, "VALID"),
        "Sum(I[i, j + m, k + n, p]*J[m, n, p, l], (m, 0, 2), (n, 0, 1), (p, 0, 1))",
    ),
    "conv2d in steps": (lambda: tf.nn.conv2d(image, J, 2, "SAME"), None),
    "conv2d by its input": (lambda: slope(tf.nn.conv2d(image, J, 1, "VALID"), image)[0], None),
    "conv2d by its filters": (
        lambda: slope(tf.nn.conv2d(image, J, 1, "VALID"), J)[0],
        "Sum(I[p, i + m, j + n, k]*g[p, m, n, l], (p, 0, 1), (m, 0, 4), (n, 0, 4))",
    ),
    "conv2d dilated": (lambda: tf.nn.conv2d(image, J, 1, "VALID", dilations=2), None),
    "a mean of squares": (
        lambda: tf.nn.avg_pool2d(image[:, :6], 2, 2, "VALID"),
        "Sum(I[i, 2*j + m, 2*k + n, l], (n, 0, 1), (m, 0, 1))/4",
    ),
    "a mean of squares by it": (
        lambda: slope(tf.nn.avg_pool2d(image[:, :, :6], (1, 2), (1, 2), "VALID"), image)[0],
        "g[i, j, floor(k/2), l]/2",
    ),
    "a mean by it": (lambda: slope(tf.nn.avg_pool1d(C, 2, 2, "VALID"), C)[0], "g[i, floor(j/2), k]/2"),
    "means over one another by it": (lambda: slope(tf.nn.avg_pool1d(C, 3, 1, "VALID"), C)[0], None),
    "even places by the odd": (
        lambda: tf.gradients(tf.reduce_sum(s[::2] * s[1::2]), s)[0],
        "where(Mod(i, 2) == 0, s[i + 1], 0) + where(Mod(i, 2) == 1, s[i - 1], 0)",
    ),
}

STEPS = list(itertools.product((1, 2, 3), ("VALID", "SAME"), (1, 2)))


SIZES = {"n": 6, "m": 5, "b": 2, "c": 3, "h": 2}


def check(tensor):
    """Read the text back, at sizes of which there are windows."""
    points = Points([tensor], SIZES, {}, 0)
    sizes, feed, (want,) = next(iter(points.draw(0)))
    arrays = {label: np.asarray(feed[source], float) for source, label in points.names.items()}
    assert not faults(tensor, sizes, arrays, want, forms=["index"])


@pytest.mark.parametrize("name", PROGRAMS)
def test_windows_are_written_by_affine_indices(name):
    program, text = PROGRAMS[name]
    tensor = program()
    made = str(tf.formula(tensor, form="index"))
    assert made == text or text is None
    assert not {"KroneckerDelta", "reshape", "Matrix"} & set(made.replace("(", " ").split())
    check(tensor)


@pytest.mark.parametrize(("step", "padding", "gap"), STEPS)
def test_steps_padding_and_gaps(step, padding, gap):
    """The values and the gradients of convolutions, by what is filtered and by the filters."""
    filters = tf.placeholder("F", (3, 2, 2))
    for x in (tf.placeholder("x", (2, size, 2)) for size in (7, 8)):
        y = tf.nn.conv1d(x, filters, step, padding, dilations=gap)
        for tensor in (y, *slope(y, x, filters)):
            assert "KroneckerDelta" not in str(tf.formula(tensor, form="index"))
            check(tensor)
