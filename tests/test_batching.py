"""Replaying a part of the graph with extra axes."""

import numpy as np
import pytest

import tracer
from tests.helpers import assert_same
from tracer.batching import batch, is_delta, spread
from tracer.ops.contraction import contract
from tracer.rules import Op
from tracer.shapes import Subscripts
from tracer.tensor import record_tensor

W = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
B = np.arange(1.0, 9.0).reshape(4, 2)

FUNCTIONS = [
    lambda x: tracer.sin(x) * x,
    lambda x: tracer.constant(W) @ x,
    lambda x: tracer.reduce_sum(x) * x,
    lambda x: tracer.constant(W) + x,
    lambda x: x * tracer.constant(2.0) + tracer.constant([1.0, 2.0]),
    lambda x: tracer.einsum("i,j->ij", x, x),
    lambda x: tracer.linalg.diag(x),
    lambda x: x[0] + x,
    lambda x: tracer.reshape(x, (2, 1)) * x,
    lambda x: tracer.concat([x, tracer.constant([7.0])], 0),
    lambda x: tracer.reduce_max(x) - x,
    lambda x: tracer.cumsum(x),
    lambda x: tracer.transpose(tracer.broadcast_to(x, (3, 2))),
    lambda x: tracer.where(x > 2, x, -x),
]


@pytest.mark.parametrize("f", FUNCTIONS)
def test_a_batch_is_the_rows_one_by_one(f):
    x = tracer.constant(B[0])
    y = f(x)
    (result,) = batch([y], {x.node: tracer.constant(B)}, (4,))
    assert_same(result, np.stack([f(tracer.constant(row)).numpy() for row in B]))


@pytest.mark.parametrize("f", FUNCTIONS)
def test_an_identity_as_the_batch(f):
    """Deltas are folded on the way; the values are those of the identity written out."""
    x = tracer.constant(B[0])
    y = f(x)
    delta = contract("eye", (), Subscripts((), (0, 0)), (2, 2))
    assert is_delta(delta)
    (folded,), (written,) = (batch([y], {x.node: t}, (2,)) for t in (delta, tracer.constant(np.eye(2))))
    assert_same(folded, written.numpy())


@pytest.mark.parametrize("f", FUNCTIONS)
def test_a_scaled_delta(f):
    x = tracer.constant(B[0])
    delta = contract("eye", (), Subscripts((), (0, 0), 3), (2, 2))
    (folded,), (written,) = (batch([f(x)], {x.node: t}, (2,)) for t in (delta, tracer.constant(3 * np.eye(2))))
    assert_same(folded, written.numpy())


def test_a_trace_of_a_delta_is_a_size():
    x = tracer.constant(np.ones((3, 3)))
    delta = contract("eye", (), Subscripts((), (0, 1, 1)), (2, 3, 3))
    (result,) = batch([tracer.linalg.trace(x)], {x.node: delta}, (2,))
    assert_same(result, [3.0, 3.0])


def test_what_does_not_depend_is_answered_as_it_is():
    x, y = tracer.constant(1.0), tracer.constant(2.0)
    z = y * 2
    assert batch([z], {x.node: tracer.constant([1.0, 2.0])}, (2,)) == [z]
    assert_same(spread(y, (3,)), [2.0] * 3)


def test_no_product_with_an_identity_is_made():
    A, x = tracer.placeholder("A", ("n", "m")), tracer.placeholder("x", ("m",))
    j = tracer.jacobian(lambda x: tracer.tanh(A @ x))(x)
    assert not any(t.op == "eye" for t in tracer.backprop.ancestors([j]))


def test_an_operation_without_a_rule_is_named():
    x = tracer.constant([1.0])
    y = record_tensor(Op("nameless"), (x,), None, x.shape, x.dtype)
    with pytest.raises(LookupError, match="'nameless' has no batching rule"):
        batch([y], {x.node: tracer.constant([[1.0]])}, (1,))


def test_the_hessian_of_a_matrix_regression():
    """What embeds a diagonal goes through an elementwise step along the axes that it lies on."""
    X, Y = np.arange(1.0, 7.0).reshape(3, 2) / 3, np.ones((3, 2))
    h = tracer.hessian(lambda W: tracer.reduce_sum(tracer.square(tracer.constant(X) @ W - tracer.constant(Y))))
    expected = 2 * np.einsum("ia,ib,jk->ajbk", X, X, np.eye(2))
    assert_same(h(np.ones((2, 2))), expected, rtol=1e-13)


def test_factors_of_a_batch_are_multiplied_first():
    """The Hessian of a logistic regression takes one product of the size of the matrix, and that with the matrix."""
    X, w = tracer.placeholder("X", ("m", "n")), tracer.placeholder("w", ("n",))
    h = tracer.hessian(lambda w: tracer.reduce_mean(tracer.softplus(X @ w)))(w)
    wide = [t for t in tracer.backprop.ancestors([h]) if t.ndim == 2 and t.op == "multiply"]
    assert len(wide) == 1
    A, v = np.arange(6.0).reshape(3, 2) / 5, np.array([0.3, -0.2])
    s = 1 / (1 + np.exp(-A @ v))
    assert_same(h.eval({"X": A, "w": v}), (A.T * (s * (1 - s))) @ A / 3, rtol=1e-13)


def test_a_batch_of_gradients_of_maxima():
    """A tie is shared: the count of the greatest elements is cast to floats."""
    gradients = tracer.vmap(tracer.grad(lambda x: tracer.reduce_max(x * x)))
    assert_same(gradients(np.array([[1.0, 2.0], [3.0, 3.0]])), [[0, 4], [3, 3]])
