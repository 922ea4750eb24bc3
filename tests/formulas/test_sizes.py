"""Sizes and counters of loops: numbers, and expressions in dimensions, whatever the values of sources."""

import numpy as np
import pytest

import tracer as tf
from tests.helpers import assert_same

x = tf.symbols("x")
v = tf.placeholder("v", shape=(3,))
w = tf.placeholder("w", shape=("n", 3))
n = tf.shape(w)[0]


def looped(count):
    total = 0.0
    for i in tf.range(count):
        total += x ** tf.cast(i, "float64")
    return total


LOOPS = {
    "for": (lambda: looped(4), "x**3 + x**2 + x + 1"),
    "comprehension": (lambda: sum([x ** tf.cast(i, "float64") for i in tf.range(3)]), "x**2 + x + 1"),
    "steps": (lambda: sum(x**i * tf.cast(i, "float64") for i in tf.range(1, 6, 2)), "x*(x**2*(5*x**2 + 3) + 1)"),
    "cast-before": (lambda: sum(x**i for i in tf.cast(tf.range(4), "float64")), "x**3 + x**2 + x + 1"),
    "floats": (lambda: sum(x * t for t in tf.range(0.0, 1.5, 0.5)), "3*x/2"),
    "constants": (lambda: sum(x**p for p in tf.constant([1, 2, 3])), "x*(x**2 + x + 1)"),
    "constant-exponent": (lambda: x ** tf.constant(3), "x**3"),
    "an-element": (lambda: x * tf.cast(tf.range(9)[7], "float64"), "7*x"),
    "long": (lambda: sum(x * tf.cast(i, "float64") for i in tf.range(100)), "4950*x"),
    "long-cast-before": (lambda: sum(x * i for i in tf.cast(tf.range(100), "float64")), "4950*x"),
    "fold": (lambda: tf.foldl(lambda a, i: a + x ** tf.cast(i, "float64"), tf.range(3), 0.0), "x**2 + x + 1"),
    "index": (lambda: tf.reduce_sum(sum(v[i] * tf.cast(i, "float64") for i in tf.range(2))), "v[1]"),
    "computed-index": (lambda: v[tf.range(3)[1] + 1], "v[2]"),
    "vector": (lambda: x * tf.range(3.0), "Matrix([[0], [x], [2*x]])"),
    "size": (lambda: x * tf.cast(tf.size(w), "float64"), "3*n*x"),
    "rank": (lambda: x * tf.cast(tf.rank(w), "float64"), "2*x"),
    "shape": (lambda: x / tf.cast(n, "float64"), "x/n"),
    "shape-cast-before": (lambda: x / tf.cast(tf.shape(w), "float64")[0], "x/n"),
    "shape-divided-by": (lambda: x / tf.shape(v)[0], "x/3"),
    "root": (lambda: x / tf.sqrt(tf.cast(tf.shape(w)[-1], "float64")), "sqrt(3)*x/3"),
    "unpacked": (lambda: (lambda a, b: x / tf.cast(a * b, "float64"))(*tf.shape(w)), "x/(3*n)"),
    "branch": (lambda: tf.cond(tf.shape(v)[0] > 2, lambda: x, lambda: -x), "x"),
    "symbolic-branch": (lambda: tf.cond(n > 2, lambda: x, lambda: -x), "x*where(n > 2, 1, -1)"),
    "comparison": (lambda: tf.shape(v)[0] == 3, "True"),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOPS)
def test_loops_and_sizes_have_closed_forms(name):
    program, expected = LOOPS[name]
    assert str(program().formula()) == expected


def test_the_gradient_of_a_loop():
    total = looped(4)
    (slope,) = tf.gradients(total, x)
    assert str(slope.formula()) == "x*(3*x + 2) + 1"
    assert [slope.eval({x: at}) for at in (0.0, 1.0, -2.0)] == [1.0, 6.0, 9.0]
    assert tf.gradients(slope, x)[0].eval({x: 0.0}) == 2.0


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: tf.reshape(v, (tf.shape(v)[0], 1)), "(3, 1)"),
        (lambda: tf.reshape(v, [-1, tf.shape(v)[0]]), "(1, 3)"),
        (lambda: tf.reshape(w, (tf.shape(w)[0] * 3,)), "(3*n,)"),
        (lambda: tf.reshape(w, [tf.reduce_prod(tf.shape(w))]), "(3*n,)"),
        (lambda: tf.reshape(w, tf.concat([tf.shape(w)[1:], [-1]], 0)), "(3, n)"),
        (lambda: tf.reshape(w, tf.stack([n, 1, 3])), "(n, 1, 3)"),
        (lambda: tf.zeros((n + 1, tf.shape(v)[0] // 2)), "(n + 1, 1)"),
        (lambda: tf.ones(tf.shape(w)), "(n, 3)"),
        (lambda: tf.zeros(tf.size(v)), "(3,)"),
        (lambda: tf.fill(tf.shape(w), x), "(n, 3)"),
        (lambda: tf.eye(n), "(n, n)"),
        (lambda: tf.range(n), "(n,)"),
        (lambda: tf.range(tf.shape(v)[0] - 1), "(2,)"),
        (lambda: tf.broadcast_to(x, tf.shape(w)), "(n, 3)"),
        (lambda: tf.tile(v, [tf.shape(v)[0]]), "(9,)"),
        (lambda: tf.slice(v, [0], [tf.shape(v)[0] - 1]), "(2,)"),
        (lambda: v[: tf.shape(v)[0] - 1], "(2,)"),
        (lambda: w[: n - 1], "(n - 1, 3)"),
        (lambda: w[n - 1], "(3,)"),
    ],
)
def test_sizes_make_shapes(make, shape):
    assert str(make().shape) == shape


def test_the_shape_of_a_placeholder_is_a_number():
    assert int(tf.shape(v)[0]) == tf.shape(v)[0].numpy() == tf.size(v).numpy() == 3
    assert list(range(tf.shape(v)[0])) == [0, 1, 2]
    assert [0.0] * int(tf.shape(v)[0] - 1) == [0.0, 0.0]
    assert bool(tf.shape(v)[0] == 3)
    assert tf.shape(v).dtype == tf.shape(v)[0].dtype == "int32"
    assert tf.shape(w)[0].as_dimension() is w.shape[0]
    assert_same(tf.shape(v), np.array([3], "int32"))


def test_values_that_a_feed_does_not_give():
    scaled = x * tf.cast(tf.size(v), "float64")
    assert scaled.eval({x: 2.0}) == 6.0
    assert tf.compile(scaled, [x])(2.0) == 6.0
    by_rows = x * tf.cast(n, "float64")
    assert by_rows.eval({x: 2.0, w: np.ones((4, 3))}) == tf.compile(by_rows, [x, w])(2.0, np.ones((4, 3))) == 8.0
    with pytest.raises(ValueError, match="the dimension n is not the size of any axis that is given"):
        by_rows.eval({x: 2.0})


@pytest.mark.parametrize("use", [int, lambda size: range(size), lambda size: bool(size > 3)])
def test_a_symbolic_size_is_no_number(use):
    with pytest.raises(TypeError, match="depends on w without a value"):
        use(n)


def test_other_forms():
    mean = tf.reduce_sum(w) / tf.cast(n, "float64")
    assert tf.formula(mean, "python") == "np.sum(w)/w.shape[0]"
    assert len(tf.formula(mean, "steps")[0]) == 2
    tf.check([n, tf.size(w), tf.rank(w), tf.range(3)[1], tf.cast(n, "float64")])


def test_gradients_by_a_range_and_by_what_only_its_shape_counts_of():
    steps = tf.range(0.0, 3.0)
    with tf.GradientTape() as tape:
        tape.watch(steps)
        total = sum(t * t for t in steps)
    assert_same(tape.gradient(total, steps), [0.0, 2.0, 4.0])
    assert tf.gradients(x * tf.cast(tf.shape(v)[0], "float64"), v) == [None]
    assert tf.gradients(x / tf.shape(v)[0], v) == [None]


def test_sizes_that_are_none():
    with pytest.raises(ValueError, match="must not be negative"):
        tf.zeros((tf.shape(v)[0] - 4,))
    with pytest.raises(TypeError, match="of dtype float64 can't be an index"):
        tf.zeros((tf.constant(2.0),))
    with pytest.raises(TypeError, match="one element"):
        tf.zeros((tf.constant([2, 3]),))
    with pytest.raises(IndexError, match="out of range"):
        v[tf.shape(v)[0]]
