"""An inactive branch contributes exactly zero, through whatever its cotangent goes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tracer
from tests.helpers import assert_same
from tracer.ops.activity import Activity, bounded
from tracer.rules import TABLE

SINGULAR = {
    "sqrt": tracer.sqrt,
    "log": tracer.log,
    "reciprocal": lambda x: 1 / x,
    "root": lambda x: x**0.5,
    "rsqrt": tracer.rsqrt,
    "exp": lambda x: tracer.exp(1 / x),
}
A = tracer.constant([[1.0, 2.0], [3.0, 4.0]])
THROUGH = {
    "sum": tracer.reduce_sum,
    "mean": tracer.reduce_mean,
    "norm": tracer.norm,
    "matrix": lambda z: A @ z,
    "dot": lambda z: tracer.tensordot(z, z, 1),
    "outer": lambda z: tracer.reduce_sum(tracer.einsum("i,j->ij", z, z), 0),
    "diagonal": lambda z: tracer.linalg.diag_part(tracer.linalg.diag(z) @ A),
    "reshape": lambda z: tracer.reshape(tracer.reshape(z, (2, 1)), (2,)),
    "transpose": lambda z: tracer.transpose(tracer.reshape(z, (1, 2)))[:, 0],
    "index": lambda z: z[::-1],
    "element": lambda z: z[0] * z[1],
    "concat": lambda z: tracer.concat([z[1:], z[:1]], 0),
    "stack": lambda z: tracer.stack([z, z])[0],
    "broadcast": lambda z: tracer.reduce_sum(tracer.broadcast_to(z, (3, 2)), 0),
    "cumsum": tracer.cumsum,
    "prod": tracer.reduce_prod,
    "max": tracer.reduce_max,
    "logsumexp": tracer.reduce_logsumexp,
    "softmax": tracer.nn.softmax,
    "variance": tracer.reduce_variance,
    "cosine": lambda z: tracer.cos(A @ tracer.sin(z)),
}


def loss(x, inner, through):
    return tracer.reduce_sum(tracer.where(x > 0, through(inner(x)), 0.0))


@pytest.mark.parametrize("inner", SINGULAR.values(), ids=SINGULAR)
@pytest.mark.parametrize("through", THROUGH.values(), ids=THROUGH)
def test_all_inactive(inner, through):
    """First and second derivatives, at once and compiled."""
    point = np.array([0.0, -0.0])
    x, p = tracer.constant(point), tracer.placeholder("p", (2,))
    for source in (x, p):
        (g,) = tracer.gradients(loss(source, inner, through), source)
        (h,) = tracer.gradients(tracer.reduce_sum(g * g + g), source)
        if source is x:
            assert_same(g, [0.0, 0.0])
            assert_same(h, [0.0, 0.0])
        else:
            for value in tracer.compile([g, h], [p])(point):
                assert_same(value, [0.0, 0.0])


@pytest.mark.parametrize("through", THROUGH.values(), ids=THROUGH)
@settings(max_examples=8)
@given(st.lists(st.floats(0.5, 3), min_size=2, max_size=2))
def test_all_active(through, point):
    """Where everything is active, a choice changes nothing."""
    x = tracer.constant(point)
    (g,), (plain,) = (tracer.gradients(f, x) for f in (loss(x, tracer.log, through), _sum(through(tracer.log(x)), 2)))
    assert_same(g, plain.numpy(), rtol=1e-12, atol=1e-12)


def _sum(y, n):
    return tracer.reduce_sum(y) * (1 if y.shape else n)


def test_rows_that_are_inactive_do_not_touch_those_that_are_active():
    x = tracer.constant([[0.0, 1.0], [1.0, 4.0]])
    root = tracer.sqrt(x)
    y = tracer.where(tracer.reduce_min(x, 1) > 0, tracer.reduce_sum(root, 1), 0.0)
    assert_same(tracer.gradients(y, x)[0], [[0.0, 0.0], [0.5, 0.25]])


def test_factors_that_are_inactive_in_a_sum():
    """The other operand of a product of matrices may itself be infinite where a row is inactive."""
    x, w = tracer.constant([0.0, 1.0]), tracer.constant([2.0, 3.0])
    scaled = tracer.einsum("i,j->ij", 1 / x, w)
    y = tracer.where(x > 0, scaled @ w, 0.0)
    assert_same(tracer.gradients(y, w)[0], [4.0, 6.0])
    assert_same(tracer.gradients(y, x)[0], [0.0, -13.0])


@pytest.mark.parametrize(
    "f",
    [
        tracer.linalg.inv,
        tracer.linalg.logdet,
        tracer.linalg.det,
        lambda x: tracer.linalg.solve(x, tracer.constant([[1.0], [2.0]])),
        tracer.linalg.cholesky,
        tracer.norm,
    ],
)
def test_singular_matrices(f):
    singular, regular = np.array([[1.0, 2.0], [2.0, 4.0]]), np.array([[4.0, 1.0], [1.0, 2.0]])
    for order in (1, 2):
        x, alone = tracer.constant(singular), tracer.constant(regular)
        y = tracer.where(x[0, 0] > 3, tracer.reduce_sum(f(x)), 0.0)
        for _ in range(order):
            (g,) = tracer.gradients(y, x)
            y = tracer.reduce_sum(g * g + g)
        assert_same(g, np.zeros((2, 2)))
    batch = tracer.constant([singular, regular])
    whole = f(batch) if f is not tracer.norm else tracer.norm(batch, axis=[1, 2])
    keep = tracer.reshape(batch[:, 0, 0] > 3, (2,) + (1,) * (whole.ndim - 1))
    (g,) = tracer.gradients(tracer.where(keep, whole, 0.0), batch)
    (expected,) = tracer.gradients(f(alone), alone)
    assert_same(g, [np.zeros((2, 2)), expected.numpy()], rtol=1e-12)


def test_nothing_is_added_without_a_choice_or_what_may_be_infinite():
    def operations(f):
        x = tracer.placeholder("x", ("n",))
        y = f(x)
        return {t.op for t in tracer.backprop.ancestors(tracer.gradients(y, x))}

    assert "select" not in operations(lambda x: tracer.reduce_sum(tracer.log(x)))
    smooth = operations(lambda x: tracer.where(tracer.constant(True), tracer.reduce_sum(tracer.sin(x)), 0.0))
    assert "select" not in smooth
    assert "select" in operations(lambda x: tracer.where(tracer.constant(True), tracer.reduce_sum(tracer.log(x)), 0.0))


def test_what_is_not_known_is_active():
    """A contribution from outside the branch keeps its value."""
    x = tracer.constant([0.25, 1.0])
    z = tracer.sqrt(x)
    y = tracer.where(x > 5, tracer.reduce_sum(z), 0.0)
    assert_same(tracer.gradients(tracer.reduce_sum(y) + tracer.reduce_sum(z), x)[0], [1.0, 0.5])
    assert_same(tracer.gradients(tracer.reduce_sum(y) + z[0], x)[0], [1.0, 0.0])
    both = tracer.concat([tracer.where(x > 5, z, 0.0), z], 0)
    assert_same(tracer.gradients(tracer.reduce_sum(both), x)[0], [1.0, 0.5])


def test_bounded():
    everywhere = "add", "sin", "where", "maximum", "sigmoid", "relu", "square"
    assert all(bounded(TABLE[name].template) for name in everywhere)
    assert not any(bounded(TABLE[name].template) for name in ("exp", "log", "divide", "tan", "sqrt", "lgamma"))
    x = tracer.constant([1.0])
    assert Activity().finite(tracer.reduce_max(tracer.sin(x)))
    assert not Activity().finite(tracer.reduce_max(tracer.log(x)))


def test_a_derivative_of_zero_meets_nothing_infinite():
    """The sign has one: times the reciprocal of zero it is zero all the same."""
    x = tracer.constant([-1.0, 0.0, 0.5, 3.0])
    y = tracer.where(x > 0, tracer.abs(tracer.math.log(x)), 0.0)
    slope = tracer.gradients(y, x)[0]
    (second,) = tracer.gradients(slope, x)
    assert second.numpy().tolist() == [0.0, 0.0, 4.0, -1 / 9]
    assert str(second.formula()) == "-where(x > 0, sign(log(x))/x**2, 0)"
