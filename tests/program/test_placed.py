"""Zeros that stand where nothing was put: products with what is infinite there keep them."""

import numpy as np
import pytest

import tracer as tf
from tracer.program.building import Lines
from tracer.program.lines import TIMES, Kind, Line
from tracer.program.placed import CHOICE, find_support
from tracer.program.program import Program

AT = np.array([0.0, 4.0, 0.0, 1.0])
SLOPE = np.array([0.0, 0.25, 0.0, 0.5])
"""Of the root, where it counts."""

WAYS = {
    "an index": lambda u: u[1] + u[3],
    "a slice": lambda u: u[1::2],
    "indices": lambda u: tf.gather(u, [3, 1]),
    "a mask": lambda u: tf.boolean_mask(u, np.array([False, True, False, True])),
    "the greatest": lambda u: tf.math.top_k(u, 2)[0],
    "an order": lambda u: tf.sort(u)[2:],
    "a part": lambda u: tf.split(tf.gather(u, [0, 2, 1, 3]), 2)[1],
    "a piece": lambda u: tf.unstack(u)[1] + tf.unstack(u)[3],
    "another shape": lambda u: tf.reshape(u, (2, 2))[:, 1],
    "another order": lambda u: tf.transpose(tf.reshape(u, (2, 2)))[1],
    "a reversal": lambda u: tf.reverse(u, [0])[::2],
    "a turn": lambda u: tf.roll(u, 1, 0)[::2],
    "what is joined": lambda u: tf.concat([u, u], 0)[1:8:2] / 2,
    "what is stacked": lambda u: tf.stack([u, u])[0, 1::2],
    "what is padded": lambda u: tf.pad(u, [[1, 1]])[2:5:2],
    "what is repeated": lambda u: tf.tile(u, [2])[1:4:2],
    "a running sum": lambda u: tf.cumsum(tf.gather(u, [1, 3, 0, 2]))[1],
    "a sum": lambda u: tf.reduce_sum(tf.reshape(u, (2, 2)), axis=0)[1],
    "the greatest of segments": lambda u: tf.math.segment_max(u, [0, 0, 1, 1]),
}
MATRIX = np.array([[4.0, 0.0], [0.0, 1.0]])
MATRIX_WAYS = {
    "the trace": tf.linalg.trace,
    "the diagonal": tf.linalg.diag_part,
    "the diagonal by an einsum": lambda u: tf.einsum("ii->i", u),
    "a triangle": lambda u: tf.linalg.band_part(u, 0, 0),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("order", [1, 2])
def test_what_is_left_out_counts_zero(way, order):
    x = tf.placeholder("x", (4,))
    root = tf.sqrt(x) if order == 1 else x * tf.sqrt(x)
    gradient = tf.gradients(WAYS[way](root), x)[0]
    wanted = SLOPE if order == 1 else 1.5 * np.sqrt(AT)
    for _ in range(order - 1):
        gradient, wanted = tf.gradients(WAYS[way](gradient), x)[0], 1.5 * SLOPE
    np.testing.assert_allclose(gradient.eval({x: AT}), wanted, rtol=1e-15)
    np.testing.assert_allclose(tf.compile(gradient, [x])(AT), wanted, rtol=1e-15)


@pytest.mark.parametrize("way", MATRIX_WAYS)
@pytest.mark.parametrize("size", [2, "n"])
def test_what_is_beside_a_diagonal_counts_zero(way, size):
    x = tf.placeholder("X", (size, size))
    gradient = tf.compile(tf.gradients(MATRIX_WAYS[way](tf.sqrt(x)), x)[0], [x])
    np.testing.assert_array_equal(gradient(MATRIX), np.diag([0.25, 0.5]))


def test_indices_that_repeat_add_up():
    x = tf.placeholder("x", ("n",))
    gradient = tf.gradients(tf.gather(tf.sqrt(x), [1, 1, 3]), x)[0]
    np.testing.assert_array_equal(gradient.eval({x: AT}), [0.0, 0.5, 0.0, 0.5])


def test_what_was_not_put_among_zeros_is_infinite():
    x = tf.placeholder("x", ("n",))
    gradient = tf.gradients(tf.sqrt(x)[1:], x)[0]
    np.testing.assert_array_equal(gradient.eval({x: [4.0, 0.0, 1.0]}), [0.0, np.inf, 0.5])
    assert np.isnan((0.0 * tf.constant([np.inf])).numpy()).all()


def test_code_is_as_a_person_writes_it():
    x = tf.placeholder("x", ("n",))
    source = tf.compile(tf.gradients(tf.reduce_sum(1 / x[1:]), x)[0], [x]).source
    assert "np.pad(-(1 / getitem) / getitem, ((1, 0),))" in source
    assert "np.pad(2 * x[1:], ((1, 0),))" in tf.compile(tf.gradients(x[1:] ** 2, x)[0], [x]).source


def test_a_finite_product_is_left_as_it_is():
    x = tf.placeholder("x", ("n",))
    program = Program([tf.gradients(tf.reverse(tf.sin(x), [0])[1:], x)[0]], [x])
    assert program.lines
    assert all(line.params != CHOICE for line in program.lines)


def test_a_support_is_found_through_sums_and_products():
    lines = Lines()
    x = Line(Kind.ARGUMENT, (), None, (2, 2), "float64")
    eye = lines.add(Kind.EYE, [], None, (2, 2), "float64")
    turned = lines.add(Kind.TRANSPOSE, [eye], (1, 0), (2, 2), "float64")
    total = lines.add(Kind.ADD, [eye, turned], None, (2, 2), "float64")
    assert total.sparse
    assert find_support(lines, total).operands == (eye, turned)
    product = lines.elementwise(TIMES, [total, x], "float64")
    assert product.sparse
    assert find_support(lines, product) is find_support(lines, total)
    assert not lines.add(Kind.ADD, [eye, x], None, (2, 2), "float64").sparse
