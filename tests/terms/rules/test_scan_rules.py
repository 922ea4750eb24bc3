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
        (slope(1 / tf.reduce_prod(x), x), "-1/prod(x)/x"),
        (slope(tf.reduce_prod(x) ** (1 / x.shape[0]), x), "prod(x)**(1/n)/n/x"),
        (slope(tf.reduce_prod(x), x), "prod_before(x) o prod_after(x)"),
        (slope(tf.reduce_prod(x) ** 2, x), "2*prod(x)*(prod_before(x) o prod_after(x))"),
        (slope(tf.reduce_prod(x), x) / tf.reduce_prod(w), "(prod_before(x) o prod_after(x))/prod(w)"),
    ],
)
def test_how_the_slope_of_a_product_is_written(tensor, text):
    assert str(tensor.formula()) == text
