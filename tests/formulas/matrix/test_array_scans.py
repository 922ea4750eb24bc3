"""Running products of arrays: their text, their elements, and each text of what has them."""

import numpy as np
import pytest
import sympy
from sympy.tensor.array.expressions import ArraySymbol

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.matrix.array_products import multiply_arrays
from tracer.formulas.matrix.array_scans import multiply_up
from tracer.testing.interpreter import evaluate

T = ArraySymbol("T", (2, 3, 4))
VALUE = np.random.default_rng(3).normal(size=T.shape)
CALLED = {
    (False, False): "cumprod",
    (False, True): "revcumprod",
    (True, False): "prod_before",
    (True, True): "prod_after",
}


def running(values, axis, exclusive, backwards):
    """Running products by NumPy."""
    rows = np.moveaxis(values, axis, 0)[:: -1 if backwards else 1]
    rows = np.concatenate([np.ones_like(rows[:1]), rows[:-1]]) if exclusive else rows
    return np.moveaxis(np.cumprod(rows, 0)[:: -1 if backwards else 1], 0, axis)


@pytest.mark.parametrize(("exclusive", "backwards"), CALLED)
@pytest.mark.parametrize(("order", "axis"), [((0, 1, 2), 2), ((0, 2, 1), 1), ((1, 2, 0), 0)])
def test_running_products_along_an_axis(order, axis, exclusive, backwards):
    made = multiply_up(multiply_arrays([(0, 1, 2)], order, [T]), exclusive, backwards)
    assert f"{CALLED[exclusive, backwards]}(T, {axis})" in str(made)
    want = running(np.transpose(VALUE, order), 2, exclusive, backwards)
    np.testing.assert_allclose(evaluate(made, {}, {"T": VALUE}), want)
    assert made.shape == want.shape
    at = (1, 1, 1)
    np.testing.assert_allclose(float(evaluate(made._entry(*map(sympy.Integer, at)), {}, {"T": VALUE})), want[at])


X, W, UNIT = (tf.placeholder(k, s) for k, s in {"X": tuple("bnd"), "W": tuple("bnd"), "U": ("b", 1, "d")}.items())
PROGRAMS = {
    "along the last axis": lambda: tf.cumprod(X, 2) + W,
    "along the first axis": lambda: tf.cumprod(X, 0, exclusive=True) + tf.cumprod(W, 1, reverse=True),
    "the gradient of products": lambda: tf.gradients(tf.reduce_sum(tf.reduce_prod(tf.sin(X), 1) ** 2), X)[0],
    "of one element": lambda: tf.gradients(tf.reduce_sum(tf.reduce_prod(UNIT, 1)[:, None] * X), UNIT)[0],
    "beside one element": lambda: tf.gradients(tf.sin(tf.reduce_sum(tf.reduce_prod(UNIT, 0))), UNIT)[0],
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_has_running_products_has_every_text(name):
    tensor = PROGRAMS[name]()
    rng, sizes = np.random.default_rng(1), {"b": 2, "n": 3, "d": 2}
    sources = {"X": X, "W": W, "U": UNIT}
    arrays = {k: rng.normal(size=[sizes.get(str(d), 1) for d in t.shape]) for k, t in sources.items()}
    used = [t for k, t in sources.items()]
    assert not faults(tensor, sizes, arrays, tf.compile(tensor, used)(*arrays.values()))


def test_the_product_over_an_index_has_limits():
    text = tf.formula(tf.cumprod(X, 0) * W, form="latex")
    assert r"\prod_{" in str(text)
    assert tf.compare(lambda X: tf.cumprod(X, 1) * X, (tf.cumprod(X, 1) * X).formula(), X.shape).verdict is not (
        tf.Verdict.REFUTED
    )
