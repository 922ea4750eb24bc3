"""Sums and products of matrices as NumPy text: what lacks an axis is repeated by NumPy, diagonals multiply."""

import pytest

import tracer as tf
from tests.formulas.notations.test_python import SOURCES, assert_runs

xn, xn1, x1m, xnm, xnn = (SOURCES[f"x{key}"] for key in ("n", "n1", "1m", "nm", "nn"))


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (tf.exp(xn) - 1, "np.exp(xn) - 1"),
        (2 * xnm - 3, "2*xnm - 3"),
        (xn - tf.reduce_sum(xn**2) / tf.cast(xn.shape[0], "float64"), "xn - (xn @ xn)/xn.shape[0]"),
        (xnm + x1m, "x1m[0] + xnm"),
        (tf.tanh(xnm - 2 * xn1), "np.tanh(xnm - 2*xn1[:, 0][:, None])"),
        (xnm - tf.reduce_mean(xnm, axis=0), "xnm - np.mean(xnm, axis=0)"),
        (xnm + tf.reduce_sum(xnm, axis=1, keepdims=True), "np.sum(xnm, axis=1)[:, None] + xnm"),
        (xn1 + x1m, "x1m[0] + xn1[:, 0][:, None]"),
        (tf.maximum(xnm, x1m), "np.maximum(xnm, x1m[0])"),
        (tf.where(xnm > xn1, xnm, 0), "xnm*np.where(xnm > xn1[:, 0][:, None], 1, 0)"),
        (tf.where(xn + 1 > 0, xn, 0), "xn*np.where(xn + 1 > 0, 1.0, 0.0)"),
        (xn1 * x1m, "np.outer(xn1[:, 0], x1m[0])"),
        (xnm * x1m - 1, "xnm*x1m[0] - 1"),
        (xnm * xn[:, None] * x1m, "xnm*np.outer(xn, x1m[0])"),
        (tf.transpose(xnm) @ tf.linalg.diag(xn + 1) @ xnm, "(xnm.T*(xn + 1)) @ xnm"),
        (xnn @ tf.linalg.diag(xn) @ tf.exp(xn) + xn, "xnn @ (xn*np.exp(xn)) + xn"),
        (tf.sigmoid(-2.0 * xnn @ xn), "1/(1 + np.exp(2*xnn @ xn))"),
        (tf.sigmoid(3 - xn) * xn, "xn/(1 + np.exp(xn - 3))"),
        (2 * tf.sigmoid(-xn - tf.exp(xn)), "2/(1 + np.exp(np.exp(xn) + xn))"),
        (tf.sigmoid(xn * 2), "1/(1 + np.exp(-2*xn))"),
        (tf.sigmoid(-tf.reduce_sum(xn)) * xn, "(1/(1 + np.exp(np.sum(xn))))*xn"),
        (3 / xn, "3/xn"),
        (-tf.reduce_sum(xn) / xn**2, "-np.sum(xn)/xn**2"),
        (0.5 / (tf.exp(xn) + 2) / (xn + 2), "1/(2*(xn + 2)*(np.exp(xn) + 2))"),
    ],
)
def test_numpy_repeats_what_lacks_an_axis(tensor, text) -> None:
    assert assert_runs(tensor) == text
