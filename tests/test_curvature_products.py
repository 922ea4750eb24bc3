"""Products of second derivatives with vectors."""

import numpy as np
import pytest

import tracer as tf
from tests.array_programs.generate import programs
from tests.helpers import assert_same


def _network(W, v):
    return tf.reduce_sum(tf.tanh(W @ v) ** 2) + tf.reduce_sum(W * W)


def test_a_hessian_s_product_is_the_hessian_times_the_tangents():
    rng = np.random.default_rng(0)
    W, v, dW, dv = (rng.normal(size=s) for s in [(3, 2), (2,), (3, 2), (2,)])
    value, products = tf.hvp(_network, (W, v), (dW, dv))
    blocks = tf.hessian(_network, (0, 1))(W, v)
    assert_same(value, _network(tf.constant(W), tf.constant(v)).numpy())
    for got, row in zip(products, blocks, strict=True):
        want = sum(np.tensordot(h.numpy(), t, t.ndim) for h, t in zip(row, (dW, dv)))
        assert_same(got, want)


def test_nests_keep_their_structure():
    params = {"w": np.array([1.0, 2.0]), "b": 0.5}
    _, (product,) = tf.hvp(lambda p: tf.reduce_sum(p["w"] ** 3) * p["b"], (params,), ({"w": np.ones(2), "b": 1.0},))
    assert sorted(product) == ["b", "w"]
    assert_same(product["w"], 6 * params["w"] * 0.5 + 3 * params["w"] ** 2)
    assert_same(product["b"], 3 * 1.0 + 3 * 4.0)


def test_what_is_not_connected_has_the_product_zero():
    _, (p, q) = tf.hvp(lambda x, y: tf.reduce_sum(x**2), (np.ones(2), np.ones(3)), (np.ones(2), np.ones(3)))
    assert_same(p, np.full(2, 2.0))
    assert_same(q, np.zeros(3))


def test_a_gauss_newton_product_is_that_of_its_three_factors():
    rng = np.random.default_rng(1)
    X, w, v = rng.normal(size=(5, 3)), rng.normal(size=3), rng.normal(size=3)

    def predict(w):
        return tf.sin(X @ w)

    def loss(z):
        return tf.reduce_logsumexp(z)

    value, (product,) = tf.gnvp(predict, loss, (w,), (v,))
    J = tf.jacobian(predict)(w).numpy()
    z = np.sin(X @ w)
    assert_same(value, np.log(np.exp(z).sum()))
    assert_same(product, J.T @ tf.hessian(loss)(z).numpy() @ J @ v)


def test_no_matrix_is_made():
    """The product of a logistic regression, compiled, holds nothing of the Hessian's shape."""
    X, y, w, v = (tf.placeholder(k, s) for k, s in [("X", ("n", "d")), ("y", ("n",)), ("w", ("d",)), ("v", ("d",))])
    _, (product,) = tf.hvp(lambda w: tf.reduce_sum(tf.nn.softplus(-y * (X @ w))), (w,), (v,))
    source = tf.compile(product, [X, y, w, v]).source
    assert source.count("X.T @") == 1
    assert source.count("X @ ") == 2
    assert "eye" not in source
    assert "[:, None" not in source


@pytest.mark.parametrize("start", range(0, 30, 10))
def test_products_of_random_programs(start):
    for program in programs(start, 10):
        rng = np.random.default_rng(program.seed)
        values = program.values(rng, program.sizes(rng, "different"))
        tangents = [rng.uniform(-1, 1, np.shape(v)) for v in values]

        def target(*sources, program=program):
            return tf.reduce_sum(tf.sin(program.function()(*sources)))

        _, products = tf.hvp(target, values, tangents)
        blocks = tf.hessian(target, tuple(range(len(values))))(*values)
        for got, row in zip(products, blocks, strict=True):
            want = sum((np.tensordot(h.numpy(), t, np.ndim(t)) for h, t in zip(row, tangents)), np.zeros(()))
            assert_same(got, want, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("product", [tf.hvp, lambda f, p, t: tf.gnvp(f, lambda z: z, p, t)], ids=["hvp", "gnvp"])
@pytest.mark.parametrize(("primals", "tangents"), [(1.0, (1.0,)), ((1.0,), 1.0)])
def test_primals_and_tangents_are_sequences(product, primals, tangents):
    with pytest.raises(TypeError, match=r"a sequence of primals and one of tangents, got 1\.0; write \(x,\), \(v,\)"):
        product(lambda x: x, primals, tangents)


def test_the_function_is_of_a_scalar():
    with pytest.raises(TypeError, match="returns a scalar"):
        tf.hvp(lambda x: x, (np.ones(2),), (np.ones(2),))
