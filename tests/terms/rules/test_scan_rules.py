"""Running products."""

import pytest

import tracer as tf

x, w = tf.placeholder("x", ("n",)), tf.placeholder("w", ("n",))
X = tf.placeholder("X", ("m", "n"))


def slope(loss, source):
    return tf.gradients(tf.reduce_sum(loss), source)[0]


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (slope(tf.math.log(tf.reduce_prod(x)), x), "1/x"),
        (slope(tf.math.log(tf.reduce_prod(X, axis=0)), X), "1/X"),
        (slope(1 / tf.reduce_prod(x), x), "-1/(prod(x)*x)"),
        (slope(tf.reduce_prod(x) ** (1 / x.shape[0]), x), "prod(x)**(1/n)/(n*x)"),
        (slope(tf.reduce_prod(x), x), "prod_before(x) o prod_after(x)"),
        (slope(tf.reduce_prod(x) ** 2, x), "2*prod(x)*(prod_before(x) o prod_after(x))"),
        (slope(tf.reduce_prod(x), x) / tf.reduce_prod(w), "(prod_before(x) o prod_after(x))/prod(w)"),
    ],
)
def test_how_the_slope_of_a_product_is_written(tensor, text):
    assert str(tensor.formula()) == text


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (tf.hessian(tf.reduce_prod)(x), "prod(x)*((1/x)*(1/x).T - diag(1/x**2))"),
        (tf.hessian(lambda x: tf.math.log(tf.reduce_prod(x)))(x), "-diag(1/x**2)"),
        (slope(w * slope(tf.reduce_prod(x), x), x), "prod(x)*((w.T*(1/x))/x - w/x**2)"),
        (
            slope(slope(tf.reduce_prod(X, axis=1), X), X),
            "diag(prod_rows(X))*(diag((1/X)*ones(n, 1))*(1/X) - 1/X^o2)",
        ),
        (tf.jacobian(tf.math.cumprod)(x), "tril(ones(n, n)) o (cumprod(x)*(1/x).T)"),
    ],
)
def test_how_second_derivatives_of_products_are_written(tensor, text):
    assert str(tensor.formula()) == text
    assert str(tf.conditions(tensor)[0].relation)[:4] in ("Ne(x", "Ne(X", "Prod")
