"""Index notation as tensors: sums, elements and deltas at indices."""

import numpy as np
import pytest
import sympy

import tracer as tf
from tracer import Verdict
from tracer.comparison.sides import Side

i, j, k = sympy.symbols("i j k", integer=True)
n = sympy.Symbol("n", integer=True, positive=True)
A, w = sympy.IndexedBase("A"), sympy.IndexedBase("w")
M, v = sympy.MatrixSymbol("A", 3, 3), sympy.MatrixSymbol("w", 3, 1)
a, b = np.arange(9.0).reshape(3, 3) + 1, np.array([1.0, -2.0, 3.0])

CASES = [
    (sympy.Sum(A[i, j] * w[i] * w[j], (i, 0, 2), (j, 0, 2)), b @ a @ b),
    (sympy.Sum(A[i, i], (i, 0, 2)), np.trace(a)),
    (sympy.Sum(A[i, j] * w[j], (j, 0, 2)), a @ b),
    (A[j, i] + i, a.T + np.arange(3)[:, None]),
    (sympy.Sum(A[i, i + 1], (i, 0, 1)), np.trace(a, 1)),
    (sympy.Sum(A[2 - i, i], (i, 0, 2)), np.trace(a[::-1])),
    (sympy.Sum(w[k] * sympy.Sum(A[k, j] * A[j, 0], (j, 0, 2)), (k, 0, 2)), b @ a @ a[:, 0]),
    (sympy.Product(w[i] + 4, (i, 0, 2)), np.prod(b + 4)),
    (sympy.Sum(7, (i, 0, 2)), 21.0),
    (sympy.Sum(w[i], (i, 1, 2)), b[1:].sum()),
    (sympy.KroneckerDelta(i, j) * w[i] * w[j], np.diag(b * b)),
    (sympy.Sum(sympy.KroneckerDelta(i, 2 * j) * w[i], (i, 0, 2), (j, 0, 4)), b[0] + b[2]),
    (sympy.Sum(sympy.Piecewise((w[i], i > 0), (0, True)), (i, 0, 2)), b[1:].sum()),
    (sympy.Sum((M * v)[i, 0] ** 2, (i, 0, 2)), ((a @ b) ** 2).sum()),
    ((M.T * M)[i, j], a.T @ a),
]


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=str)
def test_index_notation_has_its_value(expression, expected):
    side = Side(expression)
    values = {"A": a, "w": b}
    sources = {name: tf.placeholder(name, values[name].shape) for name in side.names}
    (tensor,) = side.trace(sources, {})
    np.testing.assert_allclose(tensor.eval({s: values[name] for name, s in sources.items()}), expected)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (sympy.Sum(w[j], (j, 0, i)), "does not say how many values the index i has"),
        (sympy.Sum(A[i, j], (j, 0, i), (i, 0, 2)), "a sum over j from 0 to i can't be compared"),
        (sympy.Sum(w[0] ** i, (i, 0, sympy.oo)), "is no sum of finitely many terms"),
        (sympy.Sum(w[i * i], (i, 0, 1)), r"an element at i\*\*2 can't be compared"),
        (sympy.Sum(w[i], (i, 0, 4)), "an element at i for 5 values of i is out of range"),
    ],
)
def test_what_has_no_reading_is_refused(expression, message):
    sources = {"A": tf.placeholder("A", (3, 3)), "w": tf.placeholder("w", (3,))}
    with pytest.raises(TypeError, match=message):
        Side(expression).trace(sources, {})


def test_elements_of_arrays_need_a_shape():
    total = sympy.Sum(w[i] ** 2, (i, 0, n - 1))
    assert tf.compare(total, "sum(w*w)", ("n",)).verdict is Verdict.PROVED
    with pytest.raises(
        ValueError, match="the formula has elements of w, whose shape is not known; give a shape for each"
    ):
        tf.compare(total, "sum(w*w)")
