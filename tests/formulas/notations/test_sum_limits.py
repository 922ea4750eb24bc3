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


def test_bounds_are_taken_on_either_side():
    assert summed(j > k, indices=[j]) == (1, [(j, k + 1, n - 1)])
    assert summed(j - 1 <= k - 2, indices=[j]) == (1, [(j, 0, k - 1)])


CONDITIONS = [
    j <= k, j < k, k < j, j > k, j >= k, j <= k - 1, j <= k - 2, j - 1 <= k, j + k <= n - 1, j + k > i, 2 * j <= k,
    j <= n * k, j * k <= n, j <= i, i < j, j <= i + 2, j >= i - 1, j <= n - 2, j >= 1, k <= i,
    sympy.Ne(j, k), sympy.Eq(j, i),
]  # fmt: skip


def count(made, limits, values):
    """A sum over indices with their limits, of a summand that tells all places apart."""
    if not limits:
        terms = {s: v for s, v in values.items() if s in (j, k)}
        return 2 ** terms.get(j, 0) * 64 ** terms.get(k, 0) if sympy.sympify(made).xreplace(values) == 1 else 0
    *inner, (index, low, high) = limits
    ends = [int(e.xreplace(values).doit()) for e in map(sympy.sympify, (low, high))]
    assert ends[0] <= ends[1] + 1
    return sum(count(made, inner, {**values, index: sympy.Integer(v)}) for v in range(ends[0], ends[1] + 1))


@pytest.mark.parametrize("number", range(len(CONDITIONS)))
def test_a_sum_with_limits_has_its_value(number):
    rng = np.random.default_rng(number)
    for _ in range(6):
        others = [CONDITIONS[c] for c in rng.choice(len(CONDITIONS), rng.integers(0, 3))]
        ranges = {**RANGES, i: RANGES[j]}
        size, place = sympy.Integer(rng.integers(1, 5)), sympy.Integer(rng.integers(0, 4))
        values = {n: size, i: min(place, size - 1)}
        for indices in ([j, k], [j]):
            outer = {} if k in indices else {k: sympy.Integer(rng.integers(0, size))}
            limits = Limits({s: RANGES[s] for s in indices}, ranges)
            condition = sympy.And(CONDITIONS[number], *others, evaluate=False)
            made = move_into_limits([piecewise([(1, condition), (0, sympy.true)])], limits)[0]
            whole = piecewise([(1, condition), (0, sympy.true)])
            wanted = count(whole, [(s, *RANGES[s]) for s in indices], {**values, **outer})
            assert count(sympy.sympify(made), limits.list_limits(), {**values, **outer}) == wanted, (condition, indices)


def test_a_choice_that_is_not_zero_elsewhere_bounds_nothing():
    for parts in ([(1, j < k), (5, sympy.true)], [(1, j < k), (0, j < i), (2, sympy.true)]):
        limits = Limits({j: RANGES[j]}, RANGES)
        factor = piecewise([(sympy.Integer(v), c) for v, c in parts])
        assert move_into_limits([factor], limits) == [factor]
        assert limits.list_limits() == [(j, 0, n - 1)]
