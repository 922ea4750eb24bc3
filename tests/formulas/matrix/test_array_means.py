"""Numbers that are sums of arrays, divided by as many elements, are means."""

import numpy as np
import pytest

import tracer as tf
from tests.formulas.texts import faults

T, G = (tf.placeholder(name, ("m", "n", "k")) for name in "TG")
SIZES = {"m": 2, "n": 3, "k": 4}
RNG = np.random.default_rng(8)
centred = T - tf.reduce_mean(T)
totals = tf.reduce_sum(T, 1) - tf.reduce_mean(T)
variance = tf.reduce_mean(centred**2)

MEANS = {
    "a mean that is subtracted": (lambda: centred, "T - mean(T)"),
    "its length": (lambda: T / tf.sqrt(tf.reduce_mean(T**2) + 0.001), "T/sqrt(mean(T**2) + 0.001)"),
    "a mean in front": (lambda: tf.reduce_mean(T * G) * T, "mean(T o G)*T"),
    "a sum in front": (lambda: tf.reduce_sum(T * G) * T / T.shape[0], "sum(T o G)*T/m"),
    "a gradient": (
        lambda: tf.gradients(tf.reduce_sum(G * centred / tf.sqrt(variance + 0.001)), T)[0],
        "(G - mean(G))/sqrt(s) - mean(G o R)*R/s**(3/2), where R = T - mean(T), s = mean(R**2) + 0.001",
    ),
    "a mean in a product of matrices": (
        lambda: tf.transpose(totals) @ totals,
        'R*R.T, where R = einsum("jli->ij", T) - mean(T)',
    ),
    "a mean in a function": (lambda: tf.tanh(T * tf.reduce_mean(G)), "tanh(mean(G)*T)"),
}


@pytest.mark.parametrize("name", MEANS)
def test_sums_divided_by_their_sizes_are_means(name):
    program, text = MEANS[name]
    tensor = program()
    assert str(tf.formula(tensor, form="where")) == text
    values = {T: RNG.normal(size=(2, 3, 4)), G: RNG.normal(size=(2, 3, 4))}
    want = np.asarray(tensor.eval({t: v for t, v in values.items() if t.name in text}))
    assert not faults(tensor, SIZES, {t.name: v for t, v in values.items()}, want)
