"""The texts of tensors with axes of size one, of higher rank, and of conditions: each says the value."""

import numpy as np
import pytest

import tracer as tf
from tracer.formulas.errors import FormulaError
from tracer.testing.interpreter import evaluate
from tracer.testing.verification import Points

from .texts import faults

v, column, row = (tf.placeholder(k, s) for k, s in {"v": ("n",), "b": ("n", 1), "a": (1, "m")}.items())
X, one = tf.placeholder("X", ("n", "m")), tf.placeholder("z", (1, 1))
K = tf.placeholder("K", ("n", "n"))
C = tf.placeholder("C", (2, 2))
c, T, U = tf.symbols("c"), tf.placeholder("T", ("k", "n", "m")), tf.placeholder("U", ("m", 1, "n"))
total, where, flip = tf.reduce_sum, tf.where, tf.reverse


def _chosen(z: tf.Tensor) -> tf.Tensor:
    """A choice whose condition is one of numbers: a softmax over an axis along which all is equal."""
    spread = tf.broadcast_to(tf.stack([z, z]), (3, 2, 1, 1))
    chosen = where(tf.nn.softmax(spread, 0) > 0.0, spread, spread)
    return tf.sin(tf.maximum(chosen, spread)) ** 2


PROGRAMS = {
    "a flipped axis of size one": lambda: flip(U, [1]) * 2.0 + flip(one, [0]),
    "a choice over flipped axes of size one": lambda: where(flip(U, [1]) > 0, U, 2.0),
    "a choice between arrays of rank three": lambda: where(row < T, T, X),
    "a choice by a scalar over rank three": lambda: where(c > 0, c * tf.ones_like(U), U),
    "rank three by a function of one element": lambda: T / (1 + tf.exp(one)),
    "rank three by a squeezed sum": lambda: T / tf.squeeze(total(T * T, [0, 1], keepdims=True)[..., :1]),
    "a power of a contraction of rank three": lambda: total(T) ** 3 * tf.einsum("kij,kij->", T, T) ** 2 * v,
    "a scalar contraction in a function": lambda: tf.exp(total(T)) * v - total(U) * one,
    "a product of one vector twice": lambda: tf.einsum("i,i,i->", v, tf.tanh(v), tf.tanh(v)),
    "a column of size one among arrays": lambda: tf.einsum("i,ij,k->ijk", column[:, 0], X, v) + row[0][:, None],
    "logsumexp over an axis of size one": lambda: tf.reduce_logsumexp(U, axis=1) * tf.reduce_logsumexp(column, axis=1),
    "logsumexp of rank three": lambda: tf.reduce_logsumexp(T, axis=2) + tf.reduce_logsumexp(T, axis=[0, 2]),
    "softmax over an axis of size one": lambda: tf.nn.softmax(column) + tf.nn.softmax(row, 0)[0, 0],
    "softmax of equal numbers": lambda: tf.nn.softmax(0 * X) * X,
    "softmax of a spread column": lambda: tf.nn.softmax(column * tf.ones_like(X) + row, 0),
    "cumsum": lambda: tf.cumsum(v) + tf.cumsum(v, reverse=True) - tf.cumsum(v, exclusive=True),
    "cumsum of columns": lambda: tf.cumsum(X, 0) * tf.cumsum(X, 1),
    "cumsum of rank three": lambda: tf.cumsum(T, 1) + tf.cumsum(U, 1)[0, 0, 0],
    "gradient of cumsum": lambda: tf.gradients(total(tf.cumsum(v) ** 2), v)[0],
    "a condition that always holds": lambda: where(v >= v, v, 2.0) + where(total(X) > total(X), v, 3.0),
    "a choice in a sum in a choice": lambda: where(one > total(where(X > 0, X, 1.0)), X, 2.0),
    "a slice of size one": lambda: X[:1] @ tf.transpose(X) + X[:, :1] * 2.0,
    "a power of what is reshaped": lambda: tf.reshape(X @ tf.transpose(X), (-1,)) ** 3,
    "a reshape among arrays": lambda: tf.reshape(T + 1.0, (-1, 1, 1)) ** 1.5 * one,
    "a remainder by a product": lambda: tf.reshape(tf.repeat(tf.einsum("i,j->ij", v, v), 2, 1), (-1,)) * 2.0,
    "a Kronecker product with ones": lambda: tf.linalg.kron(tf.ones_like(X), X + column) / 2.0,
    "a sum of negatives": lambda: total(-X) * tf.cos(total(-T) / 4.0),
    "a Kronecker product": lambda: tf.linalg.kron(X, row) + 1.0,
    "a power of a choice in a product": lambda: where(c > 0, c, 2.0) ** 2 * U,
    "a delta of sums of indices": lambda: tf.roll(tf.tensordot(U, T, ([2], [1])), 1, -1),
    "conditions of which one always holds": lambda: where(tf.logical_and(v > 0, v >= v), v, 2.0),
    "a concatenation of ones": lambda: tf.tensordot(x4 := tf.concat([tf.ones(2), tf.ones(2)], 0), x4, 1) * v,
    "a concatenation with ones": lambda: tf.concat([tf.ones(2), v, tf.ones(3)], 0) * 2.0,
    "a choice on a softmax over what is equal": lambda: tf.gradients(total(_chosen(one)), one)[0],
    "a sum with an identity in a product": lambda: (tf.eye(tf.shape(v)[0]) * c + tf.ones_like(K) * total(v)) @ v,
    "dimensions among indices": lambda: tf.reduce_mean(T) * U,
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_text_says_the_value(name) -> None:
    tensor = PROGRAMS[name]()
    points = Points([tensor], {}, {}, 0)
    sizes, feed, (want,) = next(iter(points.draw(0)))
    arrays = {label: np.asarray(feed[source], float) for source, label in points.names.items()}
    for form in ("matrix", "index", "latex", "python"):
        assert str(tf.formula(tensor, form=form))
    assert not faults(tensor, sizes, arrays, want)


@pytest.mark.parametrize("name", PROGRAMS)
def test_steps_say_the_value(name) -> None:
    tensor = PROGRAMS[name]()
    points = Points([tensor], {}, {}, 0)
    sizes, feed, (want,) = next(iter(points.draw(0)))
    arrays = {label: np.asarray(feed[source], float) for source, label in points.names.items()}
    pairs, (result,) = tf.formula(tensor, form="steps")
    for symbol, expression in pairs:
        arrays[str(getattr(symbol, "name", symbol))] = evaluate(expression, sizes, arrays)
    np.testing.assert_allclose(evaluate(result, sizes, arrays).reshape(want.shape), want, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_tensor_prints(name) -> None:
    assert repr(PROGRAMS[name]()).startswith("<Tensor")


@pytest.mark.parametrize(
    ("program", "form", "text"),
    [
        (lambda: K[0, 1] * v[0], "matrix", "K[0, 1]*v[0]"),
        (lambda: C[0, 1] * C[1, 0], "matrix", "C[0, 1]*C[1, 0]"),
        (lambda: C[0, 1], "latex", "C_{0,1}"),
        (lambda: tf.sin(v[-1]) ** 2, "matrix", "sin(v[n - 1])**2"),
        (lambda: v[0] * v[1], "latex", "v_{0} v_{1}"),
        (lambda: column[0, 0] * one[0, 0], "matrix", "b[0, 0]*z[0, 0]"),
        (lambda: tf.cumsum(v), "matrix", "cumsum(v)"),
        (lambda: tf.cumsum(v, reverse=True), "matrix", "revcumsum(v)"),
        (lambda: tf.transpose(tf.linalg.matvec(K, tf.cumsum(tf.linalg.matvec(K, v)))), "matrix", "K*cumsum(K*v)"),
        (lambda: tf.cumsum(K, axis=0), "matrix", "tril(ones(n, n))*K"),
        (lambda: tf.linalg.matvec(tf.cumsum(K, axis=0), v, transpose_a=True), "matrix", "K.T*revcumsum(v)"),
        (lambda: tf.cumsum(v), "index", "Sum(v[j], (j, 0, i))"),
        (lambda: tf.cumsum(v, reverse=True), "index", "Sum(v[j], (j, i, n - 1))"),
        (lambda: tf.cumsum(v), "latex", r"\operatorname{cumsum}(v)"),
        (lambda: where(T > 0, T, X), "matrix", "where(T > 0, T, "),
        (lambda: flip(column, [1]) * 2.0, "matrix", "2*b"),
        (lambda: tf.reduce_mean(T) * v, "index", "*Sum(T[j, l, p], (j, 0, k - 1), (l, 0, n - 1), (p, 0, m - 1))"),
    ],
)
def test_texts(program, form, text) -> None:
    assert text in str(tf.formula(program(), form=form))


@pytest.mark.parametrize("form", ["matrix", "index", "latex", "python"])
def test_what_has_no_notation_is_refused_by_name(form) -> None:
    with pytest.raises(FormulaError, match=r"'argsort' has no closed form.*\"steps\""):
        tf.formula(tf.argsort(X), form=form)
