"""Zeros that stand where nothing was put: products with what is infinite there keep them."""

import numpy as np
import pytest

import tracer as tf
from tracer.backends.evaluation import run_program
from tracer.ops.indexing import GETITEM, SCATTER
from tracer.program.building import Lines
from tracer.program.lines import TIMES, Kind, Line
from tracer.program.placed import CHOICE, find_support
from tracer.program.program import Program
from tracer.rules import argument

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


v, V, B = (tf.placeholder(name, shape) for name, shape in [("v", (3,)), ("V", (2, 3)), ("B", (3, 3))])
C, r, s = (tf.placeholder(name, shape) for name, shape in [("C", (2, 3, 3)), ("r", (3,)), ("s", ())])
RNG = np.random.default_rng(0)
GIVEN = {t: RNG.uniform(0.5, 1, t.shape) for t in (v, V, B, C, r, s)}


def _put(value, whole, key):
    """A value at a key of an array of zeros."""
    return tf.gradients(tf.reduce_sum(value * whole[key]), whole)[0]


PLACED = {
    "an identity": lambda: tf.eye(3),
    "a diagonal": lambda: tf.linalg.diag(v),
    "diagonals": lambda: tf.linalg.diag(V),
    "a triangle": lambda: tf.linalg.band_part(B, -1, 0),
    "a triangle of ones": lambda: tf.linalg.band_part(tf.ones((3, 3)), -1, 0),
    "an element": lambda: _put(tf.constant(1.0), B, (1, 2)),
    "numbers in a column": lambda: _put(s, B, (slice(None), 1)),
    "threes in a column": lambda: _put(tf.constant(3.0), B, (slice(None), 1)),
    "a column": lambda: _put(v, B, (slice(None), 1)),
    "rows": lambda: tf.gradients(tf.reduce_sum(V * tf.gather(B, [2, 0])), B)[0],
    "a row twice": lambda: tf.gradients(tf.reduce_sum(V * tf.gather(B, [2, 2])), B)[0],
    "a matrix": lambda: _put(B, C, (1,)),
}
COMPOSED = {
    "a transpose": lambda: tf.transpose(tf.linalg.band_part(B, -1, 0)),
    "a multiple": lambda: 2 * tf.linalg.band_part(B, -1, 0),
    "a sum": lambda: _put(tf.constant(1.0), B, (1, 2)) + _put(v, B, (0,)),
    "a difference": lambda: tf.linalg.band_part(B, -1, 0) - _put(v, B, (0,)),
    "another diagonal": lambda: tf.transpose(tf.linalg.diag(V), (1, 0, 2)),
    "a part of a part": lambda: _put(v[:2], _put(B, C, (1,))[1], (1, slice(0, 2))),
}
PRODUCTS = [
    lambda p, d: p / d, lambda p, d: p / d / d, lambda p, d: p * d**-0.5, lambda p, d: p * (1 / d),
    lambda p, d: p * tf.math.log(d), lambda p, d: p / d * tf.ones((2, *p.shape)), lambda p, d: s * (p / d),
]  # fmt: skip
LONGER = [
    lambda p, d: -2 * p / d, lambda p, d: s * p / d, lambda p, d: r * p / d, lambda p, d: p * p / d,
    lambda p, d: tf.sin(p) / d, lambda p, d: tf.sqrt(p) / d, lambda p, d: p / tf.stack([d, d]),
    lambda p, d: p / d / tf.stack([d, d]), lambda p, d: p / s, lambda p, d: p / (1 + tf.exp(r)),
]  # fmt: skip


@pytest.mark.parametrize("name", [*PLACED, *COMPOSED])
def test_a_product_is_zero_where_nothing_was_put(name):
    placed = {**PLACED, **COMPOSED}[name]()
    divisor = tf.placeholder("D", placed.shape)
    support = run_program(placed, GIVEN) != 0
    whole = RNG.uniform(1, 2, support.shape)
    for product in PRODUCTS + LONGER:
        tensor = product(placed, divisor)
        want = np.where(support, run_program(tensor, {**GIVEN, divisor: whole}), 0.0)
        found = run_program(tensor, {**GIVEN, divisor: np.where(support, whole, 0.0)})
        np.testing.assert_allclose(found, want, rtol=1e-14)
        if name in PLACED and product in PRODUCTS:
            lines = Program([tensor], [*GIVEN, divisor]).lines
            assert all(line.params != CHOICE for line in lines)


NOT_KEPT = [
    lambda p: tf.exp(p), lambda p: p + B, lambda p: B * tf.cos(p), lambda p: tf.nn.softmax(p), lambda p: p - 1,
    lambda p: tf.linalg.band_part(p, -1, 0) + tf.ones((3, 3)), lambda p: B / p,
]  # fmt: skip


@pytest.mark.parametrize("function", NOT_KEPT)
def test_what_is_not_zero_where_nothing_was_put_is_infinite(function):
    for placed in (PLACED["a triangle"], PLACED["a column"]):
        quotient = function(placed()) / r[:1]
        assert np.isinf(run_program(quotient, {**GIVEN, r: np.zeros(3)})).all()


def test_what_is_not_zero_where_a_divisor_is_counts():
    triangle, column = PLACED["a triangle"](), PLACED["a column"]()
    value = run_program(triangle / column / r[:1], {**GIVEN, r: np.zeros(3)})
    np.testing.assert_array_equal(value, np.where(np.tri(3) > 0, np.inf, 0.0))


def test_a_determinant_is_not_zero_where_nothing_was_put():
    turned = tf.gradients(tf.reduce_sum(C[0] * tf.gather(B, [2, 0, 1])), B)[0]
    assert np.isinf(run_program(tf.linalg.det(turned) / r[0], {**GIVEN, C: RNG.normal(size=(2, 3, 3)), r: np.zeros(3)}))


def test_numbers_are_not_repeated_before_they_are_put_in_place():
    program = Program([PLACED["numbers in a column"]() / s, PLACED["an identity"]() / s], [B, s])
    assert not any(line.op in (GETITEM, Kind.DIAGONAL) for line in program.lines)
    x = tf.placeholder("x", ("n",))
    assert "grad_x[1:] = 0.5 / np.sqrt(x)[1:]\n" in tf.compile(tf.gradients(tf.sqrt(x)[1:], x)[0], [x]).source


SLOPES = {
    "a logarithm": lambda x, y: tf.math.log(x),
    "a power": lambda x, y: x**y,
    "an arc": lambda x, y: tf.acos(1 - x / 2),
    "a product": lambda x, y: x * tf.math.log(x),
    "a quotient": lambda x, y: tf.sqrt(x) / y,
}


@pytest.mark.parametrize("name", SLOPES)
def test_what_an_index_leaves_out_has_no_slope(name):
    x, y = tf.placeholder("x", ("n",)), tf.placeholder("y", ("n",))
    at = {x: np.array([0.0, 1.0, 2.0]), y: np.array([0.0, 1.5, 2.5])}
    gradient = tf.gradients(SLOPES[name](x, y)[1:], x)[0]
    alone = tf.gradients(SLOPES[name](x, y), x)[0]
    want = [0.0, *run_program(alone, {t: v[1:] for t, v in at.items()})]
    np.testing.assert_allclose(run_program(gradient, at), want, rtol=1e-14)
    np.testing.assert_allclose(tf.compile(gradient, [x, y])(*at.values()), want, rtol=1e-14)


def test_what_was_not_put_among_zeros_is_infinite():
    x = tf.placeholder("x", ("n",))
    gradient = tf.gradients(tf.sqrt(x)[1:], x)[0]
    np.testing.assert_array_equal(gradient.eval({x: [4.0, 0.0, 1.0]}), [0.0, np.inf, 0.5])
    assert np.isnan((0.0 * tf.constant([np.inf])).numpy()).all()


def test_code_is_as_a_person_writes_it():
    x = tf.placeholder("x", ("n",))
    source = tf.compile(tf.gradients(tf.reduce_sum(1 / x[1:]), x)[0], [x]).source
    assert "grad_x[1:] = -1 / getitem / getitem\n" in source
    assert "grad_x[1:] = 2 * x[1:]\n" in tf.compile(tf.gradients(x[1:] ** 2, x)[0], [x]).source


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
    slope = lines.elementwise(argument(0) * (1 - argument(1) ** 2), [eye, total], "float64")
    assert slope.sparse
    assert find_support(lines, slope) is eye
    assert not lines.add(Kind.ADD, [eye, x], None, (2, 2), "float64").sparse


@pytest.mark.parametrize("number", [1.0, -1.0, -3.0])
def test_a_support_is_positive_whatever_number_was_put(number):
    lines = Lines()
    put = lines.add(SCATTER, [number], ((0,),), (3,), "float64")
    assert put.sparse
    assert find_support(lines, put).operands[0] == 1.0


def test_contributions_of_both_signs_do_not_cancel():
    """The slope of a softmax's logarithm has two parts, where the numbers that were put are -1 and its square."""
    x, e, others = tf.placeholder("x", ("d",)), tf.placeholder("e", ("d",)), tf.placeholder("o", ("m",))
    scores = tf.concat([tf.reshape(tf.reduce_sum(e * x), (1,)), others], 0)
    slope = tf.gradients(-tf.nn.log_softmax(scores)[0], x)[0]
    at = {x: [0.5, -1.0], e: [2.0, 0.25], others: [0.3, -0.2]}
    own = np.exp([0.75, 0.3, -0.2])
    np.testing.assert_allclose(slope.eval(at), (own[0] / own.sum() - 1) * np.array(at[e]))
    tf.testing.verify_formula(slope)
