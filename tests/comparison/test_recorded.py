"""Tensors as sides: of their named sources, over other sources and at other sizes."""

import re

import numpy as np
import pytest
import sympy

import tracer as tf
from tracer import Verdict
from tracer.comparison.recorded import Recorded
from tracer.precise.sized import SizeError

X, w, y = tf.placeholder("X", ("n", "d")), tf.placeholder("w", ("d",)), tf.placeholder("y", ("n",))
GRADIENT = tf.gradients(tf.reduce_sum((X @ w - y) ** 2), [w])[0]


@pytest.mark.parametrize(
    "other",
    [
        "2*X.T@(X@w - y)",
        2 * tf.transpose(X) @ (X @ w - y),
        [2 * tf.transpose(X) @ (X @ w) - 2 * tf.transpose(X) @ y],
        GRADIENT.formula(),
        lambda w, X, y: 2 * tf.transpose(X) @ (X @ w - y),
        lambda w: 2 * tf.transpose(X) @ (X @ w - y),
    ],
    ids=["text", "tensor", "list", "formula", "function", "closure"],
)
def test_a_gradient_that_was_computed_is_compared_with_ones_own(other):
    for sides in ((GRADIENT, other), (other, GRADIENT)):
        answer = tf.compare(*sides)
        assert answer.verdict is Verdict.PROVED, str(answer)


@pytest.mark.parametrize(
    "other", ["2*X.T@(X@w + y)", 2 * tf.transpose(X) @ (X @ w) - y @ X, lambda w: tf.transpose(X) @ (X @ w - y)]
)
def test_a_gradient_that_was_computed_is_told_from_a_wrong_one(other):
    answer = tf.compare(GRADIENT, other)
    assert answer.verdict is Verdict.REFUTED
    assert set(answer.counterexample) == {"X", "w", "y"}


def test_tensors_over_different_sources_are_bound_by_name():
    u = tf.placeholder("w", ("m",))
    assert tf.compare(tf.reduce_sum(w * w), tf.reduce_sum(u**2)).verdict is Verdict.PROVED
    assert tf.compare(tf.reduce_sum(w), tf.reduce_sum(tf.placeholder("v", ("d",)))).verdict is Verdict.REFUTED


def test_sources_of_the_same_name_in_one_tensor_stay_apart():
    a, b = tf.placeholder("z"), tf.placeholder("z")
    assert tf.compare(a - b, "0").verdict is Verdict.REFUTED
    assert tf.compare(a - b, -(b - a)).verdict is Verdict.PROVED
    assert tf.compare(a - b, b - a).verdict is Verdict.REFUTED


def test_shapes_that_are_given_are_those_of_the_sources():
    assert tf.compare(GRADIENT, "2*X.T@(X@w - y)", (3, 2), (2,), (3,)).verdict is Verdict.PROVED
    with pytest.raises(
        SizeError, match=re.escape("y has the shape (n,) in the tensor that is compared, and (2,) here")
    ):
        tf.compare(GRADIENT, "2*X.T@(X@w - y)", (3, 2), (2,), (2,))
    with pytest.raises(SizeError, match="w has the shape"):
        tf.compare(GRADIENT, GRADIENT, (3, 2), (2, 2), (2,))
    with pytest.raises(
        ValueError, match="the tensor depends on X, the parameters are w; give a shape for each of X, w"
    ):
        tf.compare(GRADIENT, lambda w: w, ("d",))


def test_variables_and_named_constants_are_parameters_and_their_values_points():
    v, two = tf.Variable([1.0, 17.375], name="v"), tf.constant([1, 0])
    assert tf.compare(v * v, "v**2").verdict is Verdict.PROVED
    assert tf.compare(tf.gather(v, two), "gather(v, [1, 0])").verdict is Verdict.PROVED
    answer = tf.compare(v * 1.0, lambda v: tf.where(tf.equal(v, 17.375), 0 * v, v))
    assert answer.counterexample["v"].tolist() == [0.0, 17.375]


SIZED = [
    tf.reduce_mean(X, axis=0),
    X[1:] - X[:-1],
    tf.reshape(X, (-1,)),
    tf.concat([X, X], 0),
    tf.cumsum(w),
    tf.eye(X.shape[0]) @ X,
    tf.tile(w, [2]),
    tf.cast(tf.shape(X)[0], "float64") * w,
    tf.nn.softmax(X) * X.shape[1],
    tf.pad(w, [(1, 1)]),
    tf.linalg.inv(tf.transpose(X) @ X),
    w[::2],
    tf.reverse(w, [0]),
    tf.reduce_max(X, axis=1),
    tf.math.top_k(tf.placeholder("v", (4,)), 2)[0],
    tf.gradients(tf.reduce_prod(w), [w])[0],
]


@pytest.mark.parametrize("tensor", SIZED, ids=lambda t: t.op)
def test_what_is_recorded_again_at_a_size_has_the_value_of_the_program(tensor):
    recorded = Recorded([tensor])
    shapes = {"X": (3, 2), "w": (2,), "v": (4,)}
    sources = {n: tf.placeholder(n, shapes[n]) for n in recorded.parameters}
    rng = np.random.default_rng(3)
    values = {n: rng.normal(size=shapes[n]) for n in sources}
    (made,) = recorded.rebuild(sources, {})
    np.testing.assert_allclose(
        made.eval({sources[n]: v for n, v in values.items()}),
        tensor.eval({t: values[n] for n, t in recorded.parameters.items()}),
    )
    assert all(isinstance(d, int) for d in made.shape)
    assert not Recorded([made]).dims


def test_sizes_that_a_program_does_not_allow_are_left_out():
    assert tf.compare(w[2:] - w[:-2], lambda w: w[2:] - w[:-2]).agrees
    with pytest.raises(SizeError):
        Recorded([w[2:]]).rebuild({"w": tf.placeholder("w", (1,))}, {})


def test_dimensions_of_no_source_are_sizes_too():
    x = tf.symbols("x")
    assert (
        tf.compare(tf.reduce_sum(x * tf.ones(("k",))), sympy.Symbol("x") * sympy.Symbol("k")).verdict is Verdict.PROVED
    )
