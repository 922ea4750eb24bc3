"""Rows and columns at a distance from one another: their values are NumPy's, and every text of them says so."""

import numpy as np
import pytest
import sympy

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.matrix.latex_printer import Latex
from tracer.formulas.matrix.strides import interleave, upsample
from tracer.testing.interpreter import evaluate
from tracer.walk import ancestors

n, d = sympy.symbols("n d", integer=True, positive=True)
A, B = (sympy.MatrixSymbol(name, n, d) for name in "AB")
RNG = np.random.default_rng(4)
VALUES = {name: RNG.normal(size=(4, 3)) for name in "AB"}
SIZES = {"n": 4, "d": 3}


def spread(m, step, size, start, axis):
    found = np.zeros((size, m.shape[1]) if axis == 0 else (m.shape[0], size))
    found[(slice(start, None, step), slice(None))[:: -1 if axis else 1]] = m
    return found


STRIDES = {
    "upsample(A, 2, 2*n)": (upsample(A, *map(sympy.sympify, (2, 2 * n, 0, 0))), lambda A, B: spread(A, 2, 8, 0, 0)),
    "upsample(A, 3, 3*n, 1)": (
        upsample(A, *map(sympy.sympify, (3, 3 * n, 1, 0))),
        lambda A, B: spread(A, 3, 12, 1, 0),
    ),
    "upsample_columns(A, 2, 2*d, 1)": (
        upsample(A, *map(sympy.sympify, (2, 2 * d, 1, 1))),
        lambda A, B: spread(A, 2, 6, 1, 1),
    ),
    "interleave(A, B)": (
        interleave(sympy.Integer(0), A, B),
        lambda A, B: spread(A, 2, 8, 0, 0) + spread(B, 2, 8, 1, 0),
    ),
    "interleave_columns(A, B, A)": (
        interleave(sympy.Integer(1), A, B, A),
        lambda A, B: spread(A, 3, 9, 0, 1) + spread(B, 3, 9, 1, 1) + spread(A, 3, 9, 2, 1),
    ),
}


@pytest.mark.parametrize("text", STRIDES)
def test_what_stands_at_a_distance_is_numpys(text):
    made, want = STRIDES[text]
    assert str(made) == text
    np.testing.assert_array_equal(evaluate(made, SIZES, VALUES), want(**VALUES))


def test_the_axis_is_told_in_latex():
    assert Latex().doprint(STRIDES["upsample(A, 2, 2*n)"][0]) == r"\operatorname{upsample}(A, 2, 2 n)"
    columns = STRIDES["interleave_columns(A, B, A)"][0]
    assert Latex().doprint(columns) == r"\operatorname{interleave}_{\text{columns}}(A, B, A)"


X, Q, c, s = (tf.placeholder(k, ("n", size)) for k, size in {"X": "m", "Q": 6, "c": 3, "s": 3}.items())
x, y, z = tf.placeholder("x", ("n",)), tf.placeholder("y", (6,)), tf.placeholder("z", (7,))
I = tf.placeholder("I", (4, 6))  # noqa: E741
G = tf.placeholder("G", ("n", 6))
even, odd = Q[:, ::2], Q[:, 1::2]


def rotated(joined):
    """Rotary embeddings."""
    return joined([even * c - odd * s, even * s + odd * c])


def stacked(parts):
    return tf.reshape(tf.stack(parts, axis=-1), Q.shape)


def slope(loss, source):
    return tf.gradients(tf.reduce_sum(loss), source)[0]


PROGRAMS = {
    "even places": (lambda: slope(x[::2] ** 2, x), "2*upsample(x[::2], 2, n)"),
    "odd places": (lambda: slope(x[1::2] ** 2, x), "2*upsample(x[1::2], 2, n, 1)"),
    "even columns": (lambda: slope(X[:, ::2] ** 2, X), "2*upsample_columns(X[:, ::2], 2, m)"),
    "odd columns": (lambda: slope(odd**2, Q), "2*upsample_columns(Q[:, 1::2], 2, 6, 1)"),
    "one by the other": (lambda: slope(even * odd, Q), "interleave_columns(Q[:, 1::2], Q[:, ::2])"),
    "places of an odd number": (
        lambda: slope(z[:-1:2] * z[1::2], z),
        "concat(upsample(z[1::2], 2, 5), zeros(2, 1)) + upsample(z[:5:2], 2, 7, 1)",
    ),
    "three in turn": (
        lambda: slope(y[::3] * y[1::3] * y[2::3], y),
        "interleave(y[1::3] o y[2::3], y[2::3] o y[::3], y[1::3] o y[::3])",
    ),
    "numbers in front": (lambda: slope(2 * even - 4 * odd * c, Q), "2*interleave_columns(ones(n, 3), -2*c)"),
    "pooling": (
        lambda: slope(tf.reduce_max(tf.stack([y[::2], y[1::2]]), 0) ** 2, y),
        None,
    ),
    "rows and columns": (
        lambda: slope(I[::2, ::2] * I[1::2, 1::2] + I[::2, 1::2] * I[1::2, ::2], I),
        None,
    ),
    "rotation": (
        lambda: rotated(stacked),
        "interleave_columns(c o Q[:, ::2] - s o Q[:, 1::2], s o Q[:, ::2] + c o Q[:, 1::2])",
    ),
    "its slope": (
        lambda: slope(rotated(stacked) * tf.tanh(G), Q),
        None,
    ),
    "rows in turn": (lambda: tf.reshape(tf.stack([x, tf.exp(x)], axis=1), (-1,)), "interleave(x, exp(x))"),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_read_back(name):
    program, text = PROGRAMS[name]
    tensor = program()
    if text is not None:
        assert str(tensor.formula()) == text
    for size in (4, 5):
        sizes = {"n": size, "m": size}
        values = {t: RNG.normal(size=[sizes.get(str(k), k) for k in t.shape]) for t in (X, Q, c, s, x, y, z, I, G)}
        used = {t.node for t in ancestors([tensor])}
        want = np.asarray(tensor.eval({t: v for t, v in values.items() if t.node in used}))
        arrays = {t.name: v for t, v in values.items()}
        np.testing.assert_allclose(np.reshape(evaluate(tensor.formula(), sizes, arrays), want.shape), want)
        assert not faults(tensor, sizes, arrays, want)


def test_columns_in_turn_are_compared():
    program = lambda Q: tf.gradients(tf.reduce_sum(Q[:, ::2] * Q[:, 1::2]), Q)[0]  # noqa: E731
    formula = PROGRAMS["one by the other"][0]().formula()
    assert tf.compare(program, formula, ("n", 6)).verdict is not tf.Verdict.REFUTED
    assert tf.compare(lambda Q: 2.0 * program(Q), formula, ("n", 6)).verdict is tf.Verdict.REFUTED
