"""Single elements: of functions, sums, products and what only moves elements."""

import numpy as np
import pytest

import tracer as tf
from tracer.backends.array_rules import RULES
from tracer.program.lines import LEAVES, Kind

from .looping import LOOPING, check

RNG = np.random.default_rng(3)
X, S, B = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 3)), RNG.normal(size=(2, 3, 3))
V, W = RNG.normal(size=3), RNG.normal(size=4)
WITH_NAN = np.array([1.0, np.nan, 3.0, np.nan])
HUGE, TINY = np.array([3e200, 4e200]), np.array([3e-200, 4e-200])
WHOLE = np.array([2, -1, 0])

CASES = {
    "functions and numbers": (lambda x: tf.exp(x) * 2 + x / 3, X),
    "broadcasting": (lambda x, v, w: x * w + tf.expand_dims(v, 1), X, V, W),
    "many terms": (lambda x, v: tf.add_n([tf.sin(x * k) for k in range(20)]), S, V),
    "choices": (lambda x: tf.where(x > 0, tf.sqrt(tf.abs(x)), -x), X),
    "conditions": (lambda x: [x > 0, tf.logical_and(x > -1, x < 1)], X),
    "whole numbers": (lambda n: [n * n + 2 * n - 1, n // 2, n % 2, tf.abs(n), tf.maximum(n, 1)], WHOLE),
    "comparisons of whole numbers": (lambda n: [n > 0, tf.equal(n, 2)], WHOLE),
    "quotients of whole numbers": (lambda n: n / (n * n + 1), WHOLE),
    "casts": (lambda x, n: [tf.cast(x, "int64"), tf.cast(n, "float64") / 2, tf.cast(x, "bool")], V, WHOLE),
    "sums": (lambda x: [tf.reduce_sum(x), tf.reduce_sum(x, 0), tf.reduce_sum(x, 1, keepdims=True)], X),
    "means": (lambda x: [tf.reduce_mean(x), tf.reduce_mean(x, 1)], X),
    "extremes": (lambda x: [tf.reduce_max(x), tf.reduce_min(x, 1), tf.reduce_max(x, 0, keepdims=True)], X),
    "extremes of NaN": (lambda x: [tf.reduce_max(x), tf.argmax(x, 0), tf.argmin(x, 0)], WITH_NAN),
    "extremes of whole numbers": (lambda n: [tf.reduce_max(n), tf.reduce_min(n)], WHOLE),
    "products": (lambda x: [tf.reduce_prod(x), tf.reduce_prod(x, 1)], X),
    "all and any": (lambda x: [tf.reduce_all(x > -9), tf.reduce_any(x > 1, 1)], X),
    "norms": (lambda x, h, t: [tf.norm(x), tf.norm(x, axis=1), tf.norm(h), tf.norm(t)], X, HUGE, TINY),
    "norm of zero": (lambda x: [tf.norm(x), *tf.gradients(tf.norm(x), x)], np.zeros(3)),
    "logsumexp": (lambda x, h: [tf.reduce_logsumexp(x), tf.reduce_logsumexp(x, 0), tf.reduce_logsumexp(h)], X, HUGE),
    "logsumexp of infinities": (lambda x: tf.reduce_logsumexp(x), np.array([-np.inf, -np.inf])),
    "matrix products": (lambda s, x, v, w: [s @ x, x @ w, v @ x, v @ s @ v], S, X, V, W),
    "products of many matrices": (lambda b, s, v: [b @ s, b @ v, s @ b], B, S, V),
    "contractions": (lambda b, s: [tf.tensordot(b, s, [[1, 2], [0, 1]]), tf.einsum("bij,jk->kb", b, s)], B, S),
    "inner products": (lambda s: tf.einsum("ij,ij->", s, s), S),
    "outer products": (lambda v, w: tf.einsum("i,j->ij", v, w), V, W),
    "diagonals": (lambda b, s: [tf.linalg.trace(s), tf.linalg.diag_part(b), tf.linalg.diag(s)], B, S),
    "moved axes": (lambda b, x: [tf.transpose(b, [2, 0, 1]), tf.transpose(x) * 2, x[:, None] + 1], B, X),
    "reshaped": (
        lambda x: [tf.reshape(x, (12,)), tf.reshape(tf.transpose(x), (2, 6)) + 1, tf.reshape(x, (3, 1, 4))],
        X,
    ),
    "slices": (lambda x: [x[1:, ::-1], x[-1], x[::2, 1], x[..., None]], X),
    "gathered": (lambda x, n: [tf.gather(x, n), tf.gather(x, n, axis=1), x[n, n]], X, WHOLE),
    "identities": (lambda x: [tf.eye(3), tf.eye(2, 3), tf.zeros_like(x), tf.ones_like(x)], S),
    "ranges": (lambda x: [tf.range(4) + 0, tf.range(1, 7, 2) * 2, tf.reduce_sum(x) * tf.range(3.0)], S),
    "bands": (lambda x: [tf.linalg.band_part(x, 1, 0), tf.linalg.band_part(x, -1, 0), tf.linalg.band_part(x, 0, 1)], X),
    "set diagonals": (lambda s, v, x: [tf.linalg.set_diag(s, v), tf.linalg.set_diag(x, v)], S, V, X),
    "one hot": (lambda n: [tf.one_hot(n, 3), tf.one_hot(n, 3, 5.0, -1.0, axis=0)], WHOLE),
    "hessian of a product": (lambda x, s: tf.hessian(lambda v: v @ s @ v)(x), V, S),
}


@pytest.mark.parametrize("name", CASES)
def test_values_are_numpys(name):
    build, *arrays = CASES[name]
    check(build, *arrays)


def test_every_kind_has_a_rule():
    assert {kind for kind in RULES if isinstance(kind, Kind)} >= set(Kind) - LEAVES


def test_what_is_gathered_from_outside_is_no_number():
    """No memory beside an array is read, where NumPy raises."""
    x, n = tf.placeholder("x", (3,)), tf.placeholder("n", (2,), "int64")
    for backend in LOOPING:
        found = tf.compile(tf.gather(x, n), [x, n], backend)(np.arange(3.0), np.array([-3, 3]))
        np.testing.assert_array_equal(found, [0.0, np.nan])
