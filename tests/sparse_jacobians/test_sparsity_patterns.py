"""Patterns of Jacobians, and their elements in few products."""

import numpy as np
import pytest
import sympy
from scipy import sparse

import tracer as tf
from tests.helpers import assert_same

x = tf.placeholder("x", (30,))
POINT = np.linspace(-1.0, 2.0, 30)


def _rosenbrock(x):
    return tf.reduce_sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def _arrow(x):
    return tf.reduce_sum(x[1:] ** 2 * x[0]) + tf.reduce_sum(x**3)


def _pairs(x):
    return tf.reduce_sum(tf.sin(x) * x[::-1])


FUNCTIONS = {
    "a band": (_rosenbrock, 3, 88),
    "an arrow": (_arrow, 2, 88),
    "pairs": (_pairs, 2, 60),
    "a diagonal": (lambda x: tf.reduce_sum(tf.exp(x)), 1, 30),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_hessians_by_few_products(name):
    function, colors, count = FUNCTIONS[name]
    [gradient] = tf.gradients(function(x), x)
    pattern = tf.sparsity(gradient, x)
    assert pattern.symmetric
    assert (pattern.colors, len(pattern)) == (colors, count)
    found = pattern.to_scipy(tf.compile(pattern.values, x)(POINT))
    assert_same(found.toarray(), tf.hessian(function)(POINT), atol=1e-12)


def test_a_jacobian_takes_the_fewer_of_rows_and_columns():
    wide = tf.stack([tf.reduce_sum(x[:15] ** 2), tf.reduce_sum(x[15:] ** 3)])
    tall = tf.exp(x[0]) * tf.ones((30,)) + 0.0
    for target, colors in ((wide, 1), (tall, 1)):
        pattern = tf.sparsity(target, x)
        assert not pattern.symmetric
        assert pattern.colors == colors
        values = tf.compile(pattern.values, x)(POINT)
        dense = np.stack([tf.compile(tf.gradients(target[k], x)[0], x)(POINT) for k in range(target.shape[0])])
        assert_same(pattern.to_scipy(values).toarray(), dense)


def test_elements_are_in_the_order_of_compressed_columns():
    pattern = tf.sparsity(x[1:] * x[:-1], x)
    made = sparse.csc_array((np.arange(len(pattern)), pattern.rows, pattern.indptr), shape=pattern.shape)
    np.testing.assert_array_equal(np.repeat(np.arange(30), np.diff(made.indptr)), pattern.columns)
    assert made.has_sorted_indices
    assert pattern.shape == (29, 30)


def test_of_tensors_elements_are_counted_by_rows():
    X = tf.placeholder("X", (3, 2))
    pattern = tf.sparsity(tf.reduce_sum(X**2, axis=1), X)
    assert pattern.rows.tolist() == [0, 0, 1, 1, 2, 2]
    assert pattern.columns.tolist() == [0, 1, 2, 3, 4, 5]


def test_nothing_is_connected():
    pattern = tf.sparsity(tf.reduce_sum(x), tf.placeholder("y", (3,)))
    assert (len(pattern), pattern.colors) == (0, 0)
    assert pattern.values.shape == (0,)
    assert pattern.to_scipy().shape == (1, 3)


def test_a_gradient_of_what_is_stopped_is_no_hessian():
    y = tf.square(x)
    [gradient] = tf.gradients(tf.reduce_sum(y * x), x, stop_gradients=[y])
    assert not tf.sparsity(gradient, x).symmetric


def test_large_hessians_are_never_dense():
    big = tf.placeholder("b", (20_000,))
    [gradient] = tf.gradients(_rosenbrock(big), big)
    pattern = tf.sparsity(gradient, big)
    values = tf.compile(pattern.values, big)(np.zeros(20_000))
    assert_same(pattern.to_scipy(values).diagonal()[[0, -1]], [2.0, 200.0])


def test_a_pattern_is_told():
    [gradient] = tf.gradients(_rosenbrock(x), x)
    assert str(tf.sparsity(gradient, x)) == (
        "Hessian of 30 by 30: 88 of 900 elements may be other than zero; 3 products with a vector give them"
    )
    assert str(tf.sparsity(tf.sin(x), x)).endswith("; 1 product with a vector gives them")
    assert repr(tf.sparsity(tf.sin(x), x)) == "<Sparsity 30 by 30, 30 elements>"


n, m = tf.placeholder("u", ("n",)), tf.placeholder("A", ("m", "n"))

SYMBOLIC = {
    "the element at (i, j) is zero unless i = j or j = i + 1 or j = i - 1": (
        lambda: tf.gradients(_rosenbrock(n), n)[0],
        n,
    ),
    "the element at (i, j) is zero unless j <= i": (lambda: tf.cumsum(n), n),
    "nothing is zero whatever the values are": (lambda: m @ n, n),
    "zero everywhere": (lambda: m @ tf.stop_gradient(n), n),
    "the element at (i, j, k) is zero unless i = j": (lambda: m @ n, m),
}


@pytest.mark.parametrize("text", SYMBOLIC)
def test_symbolic_patterns(text):
    target, source = SYMBOLIC[text]
    found = tf.sparsity(target(), source)
    assert str(found).endswith(f": {text}")
    assert len(found.indices) == len(found.shape)
    assert (found.blocks == ()) == (text == "zero everywhere")
    assert (found.blocks == (sympy.true,)) == text.startswith("nothing")


def test_sizes_on_the_way_may_be_symbolic():
    scalar = tf.placeholder("s", (2,))
    target = tf.reduce_sum(m) * scalar
    assert str(tf.sparsity(target, scalar)).endswith("unless i = j")


@pytest.mark.parametrize("given", [3.0, tf.placeholder("k", (2,), dtype="int64")])
def test_tensors_of_floats_are_asked_for(given):
    with pytest.raises(TypeError, match=r"sparsity takes tensors of floats, got .* as the tensor"):
        tf.sparsity(given, x)
    with pytest.raises(TypeError, match=r"sparsity takes tensors of floats, got .* as the source"):
        tf.sparsity(tf.sin(x), given)
