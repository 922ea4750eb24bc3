"""What is zero unless indices are ordered bounds the indices of sums, and the text is read back."""

import numpy as np
import pytest
import sympy

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.matrix.bodies import piecewise
from tracer.formulas.notations.sum_limits import Limits, move_into_limits
from tracer.testing.verification import Points

x, A, B, Z, z = (
    tf.placeholder(name, shape)
    for name, shape in [("x", ("n",)), ("A", ("n", "n")), ("B", ("m", "n")), ("Z", (5, 5)), ("z", (5,))]
)
places = tf.range(x.shape[0])
total, band = tf.reduce_sum, tf.linalg.band_part

PROGRAMS = [
    (lambda: tf.gradients(total(tf.cumsum(x) ** 2), x)[0], "2*Sum(x[j], (j, 0, k), (k, i, n - 1))"),
    (lambda: band(A, -1, 0) @ x, "Sum(A[i, j]*x[j], (j, 0, i))"),
    (lambda: tf.transpose(band(A, -1, 0)) @ band(A, -1, 0) @ x, "Sum(A[k, i]*A[k, j]*x[j], (j, 0, k), (k, i, n - 1))"),
    (lambda: band(A, 1, 2) @ x, "Sum(A[i, j]*x[j], (j, max(0, i - 1), min(i + 2, n - 1)))"),
    (lambda: band(Z, 1, 1) @ z, "Sum(Z[i, j]*z[j], (j, max(0, i - 1), min(4, i + 1)))"),
    (lambda: band(B, -1, 0) @ x, "Sum(B[i, j]*x[j], (j, 0, min(i, n - 1)))"),
    (lambda: tf.cumsum(tf.cumsum(tf.cumsum(x))), "Sum(x[j], (j, 0, l), (l, 0, k), (k, 0, i))"),
    (lambda: tf.where(places[:, None] > places, A, 0.0) @ x, "Sum(A[i, j]*x[j], (j, 0, i - 1))"),
    (
        lambda: total(tf.where(places[:, None] < places, (x[:, None] - x) ** 2, 0.0)),
        "Sum((x[j] - x[i])**2, (j, 0, i - 1), (i, 0, n - 1))",
    ),
    (lambda: band(A, -1, 0) @ tf.transpose(band(A, -1, 0)), "Sum(A[i, k]*A[j, k], (k, 0, min(i, j)))"),
    (lambda: tf.cumsum(x) * tf.cumsum(tf.exp(x)), "Sum(exp(x[k]), (k, 0, i))*Sum(x[j], (j, 0, i))"),
    (
        lambda: tf.gradients(total(tf.math.cumulative_logsumexp(x, reverse=True) ** 2), x)[0],
        "2*exp(x[i])*Sum(log(Sum(exp(x[l]), (l, j, n - 1)))/Sum(exp(x[k]), (k, j, n - 1)), (j, 0, i))",
    ),
    (lambda: total(band(A, -1, 0)), "Sum(A[i, j], (j, 0, i), (i, 0, n - 1))"),
    (lambda: tf.where(2 * places[:, None] > places, A, 0.0) @ x, None),
    (lambda: tf.where(places[:, None] > places + 2, A, 0.0) @ x, None),
]


@pytest.mark.parametrize(("program", "text"), PROGRAMS)
def test_conditions_between_indices_are_limits(program, text):
    tensor = program()
    made = str(tf.formula(tensor, form="index"))
    assert made == text or text is None
    points = Points([tensor], {"n": 4, "m": 6}, {}, 0)
    sizes, feed, (want,) = next(iter(points.draw(0)))
    arrays = {label: np.asarray(feed[source], float) for source, label in points.names.items()}
    assert not faults(tensor, sizes, arrays, want, forms=["index"])


n = sympy.Symbol("n", integer=True, positive=True)
j, k, i = sympy.symbols("j k i", integer=True)
RANGES = dict.fromkeys((j, k), (sympy.S.Zero, n - 1))


def summed(*conditions, indices=(j, k)):
    """The conditions that are left, and the limits of the indices."""
    limits = Limits({s: RANGES[s] for s in indices}, RANGES)
    made = move_into_limits([piecewise([(1, sympy.And(*conditions, evaluate=False)), (0, sympy.true)])], limits)
    return made[0], limits.list_limits()


def test_an_index_is_bounded_by_one_that_stands_behind_it():
    whole = (0, n - 1)
    assert summed(j <= k) == (1, [(j, 0, k), (k, *whole)])
    left, limits = summed(j < k, k < j)
    assert str(left) == "Piecewise((1, k < j), (0, True))"
    assert limits == [(j, 0, k - 1), (k, *whole)]
    assert summed(j >= k, indices=[j]) == (1, [(j, k, n - 1)])


def test_a_sum_is_not_bounded_by_what_may_be_far_beyond_its_other_end():
    """An empty sum has neighbours for limits, so that sympy has no other value for it."""
    assert summed(j <= k - 1, indices=[j])[1] == [(j, 0, k - 1)]
    assert summed(j <= k - 2, indices=[j])[1] == [(j, 0, n - 1)]
    assert summed(j <= i, indices=[j])[1] == [(j, 0, n - 1)]
    assert summed(j <= k / 2, indices=[j])[1] == [(j, 0, n - 1)]
