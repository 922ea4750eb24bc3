"""The texts of nodes: in the names of their operands, and as a program has them."""

import pytest

import tracer as tf
from tracer.draw.labels import Names
from tracer.draw.picture import picture_of


def formulas(tensors, gradients=None, view="forward"):
    return {n.name: n.formula for n in picture_of(tensors, gradients, view, 100).nodes}


def test_labels_are_formulas_in_the_names_of_the_operands(regression):
    assert formulas(regression[0]) == {
        "X": "", "w": "", "y": "", "v1": "X @ w", "v2": "v1 - y", "v3": "v2**2", "v4": "sum(v3)"
    }  # fmt: skip


def test_a_transposed_product_shows_its_transpose(regression):
    loss, w, gradient = regression
    assert formulas(loss, {w: gradient}, "backward")["v6"] == "X.T @ v5"


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda A, x: tf.transpose(A), "A.T"),
        (lambda A, x: tf.reduce_mean(A, axis=1), "mean(A, axis=1)"),
        (lambda A, x: tf.linalg.trace(A), "trace(A)"),
        (lambda A, x: tf.tensordot(x, A, axes=([0], [1])), "A @ x"),
        (lambda A, x: tf.outer(x, x), "outer(x, x)"),
        (lambda A, x: tf.einsum("i,jk->ki", x, A), "einsum('a,bc->ca', x, A)"),
        (lambda A, x: tf.einsum("i,j->ji", 2 * x, x), "outer(x, v1)"),
        (lambda A, x: tf.einsum("ij,jk->ki", A, A), "A.T @ A.T"),
        (lambda A, x: tf.broadcast_to(x, ("k", "n")), "broadcast(x)"),
        (lambda A, x: tf.where(x > 0, x, 0.5), "where(v1, x, 1/2)"),
        (lambda A, x: x % 2, "mod(x, 2)"),
        (lambda A, x: A[0, 1:], "A[0, 1:]"),
        (lambda A, x: A[:, None, ::-1], "A[:, None, ::-1]"),
        (lambda A, x: tf.reshape(A, (-1,)), "reshape(A, (n**2,))"),
        (lambda A, x: tf.concat([x, x], 0), "concatenate([x, x])"),
        (lambda A, x: tf.linalg.inv(A), "inv(A)"),
        (lambda A, x: tf.add_n([x, x, A[0]]), "x + x + v1"),
        (lambda A, x: tf.identity(x), "identity(x)"),
        (lambda A, x: tf.reduce_sum(A), "sum(A)"),
        (lambda A, x: tf.nn.elu(x), "where(x >= 0, x, -1 + exp(x))"),
        (lambda A, x: tf.math.divide_no_nan(A[0], x), "where(x != 0, v1/x, 0)"),
        (lambda A, x: tf.linalg.logdet(A), "logdet(A)"),
    ],
)
def test_notation_of_one_operation(build, expected):
    A, x = tf.placeholder("A", ("n", "n")), tf.placeholder("x", ("n",))
    *_, last = picture_of(build(A, x), None, "forward", 100).nodes
    assert last.formula == expected


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["x", "y"], ["x", "y"]),
        ([None, None], ["v1", "v2"]),
        (["v1", None], ["v1", "v2"]),
        (["x", "x", "x"], ["x", "x_2", "x_3"]),
        (["x", "x_2", "x"], ["x", "x_2", "x_3"]),
        (["x", "x", "x_2", "x_3", "x"], ["x", "x_4", "x_2", "x_3", "x_5"]),
    ],
)
def test_names_are_unique_and_those_that_were_given_stay(labels, expected):
    tensors = [tf.constant(float(k)) for k in range(len(labels))]
    for tensor, label in zip(tensors, labels, strict=True):
        tensor.label = label
    names = Names(tensors)
    assert [names[t] for t in tensors] == expected
    assert names[tf.constant(1.0)] == "..."
