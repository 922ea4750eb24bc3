"""A formula is finite where the value that is traced is: no rule divides by what may be zero there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tracer as tf
from tracer.backends.evaluation import run_program
from tracer.terms.failures import TooLong
from tracer.testing.interpreter import evaluate

x, y = (tf.placeholder(name, ("n",)) for name in "xy")
POINTS = np.array([[a, b] for a in (-1.0, 0.0, 2.0) for b in (-1.5, 0.0, 0.5)])
VALUES = {"x": POINTS[:, 0], "y": POINTS[:, 1]}

UNARY: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "abs**(1/2)": lambda t: tf.abs(t) ** 0.5,
    "abs**(3/2)": lambda t: tf.abs(t) ** 1.5,
    "abs**(5/4)": lambda t: tf.abs(t) ** 1.25,
    "relu**(1/2)": lambda t: tf.sqrt(tf.nn.relu(t)),
    "relu**(3/2)": lambda t: tf.nn.relu(t) ** 1.5,
    "root of the square": lambda t: (t * t) ** 0.75,
    "relu": tf.nn.relu,
    "abs": tf.abs,
    "sign": tf.sign,
    "step": lambda t: tf.where(t > 0, 1.0, 0.0),
    "not zero": lambda t: tf.where(tf.not_equal(t, 0.0), 1 / t, 0.0),
    "reciprocal where positive": lambda t: tf.where(t > 0, 1 / t, 0.0),
    "log where positive": lambda t: tf.where(t > 0, tf.math.log(t), 0.0),
    "reciprocal root": lambda t: tf.where(t > 0, t**-0.5, 0.0),
    "square": lambda t: t * t,
    "xlogx": lambda t: tf.math.xlogy(t, t * t),
    "double": lambda t: -2 * t,
}
BINARY: dict[str, Callable[[tf.Tensor, tf.Tensor], tf.Tensor]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "power": lambda a, b: tf.abs(a) ** (1.5 + b * b),
    "choose": lambda a, b: tf.where(a > b, a, b * b),
    "divide": lambda a, b: a / (1 + b * b),
    "divide without NaN": tf.math.divide_no_nan,
}

Tree = Any
"""The name of a source, or the name of an operation and its operands."""


def trees(depth: int) -> st.SearchStrategy[Tree]:
    leaf = st.sampled_from("xxy")
    if not depth:
        return leaf
    below = trees(depth - 1)
    return st.one_of(
        st.tuples(st.sampled_from(sorted(UNARY)), below),
        st.tuples(st.sampled_from(sorted(BINARY)), below, below),
    )


def build(tree: Tree) -> tf.Tensor:
    if isinstance(tree, str):
        return {"x": x, "y": y}[tree]
    name, *parts = tree
    return {**UNARY, **BINARY}[name](*map(build, parts))


def assert_finite_where_traced(tensor: tf.Tensor) -> None:
    try:
        formula = tensor.formula()
    except TooLong:
        return
    want = np.broadcast_to(np.asarray(run_program(tensor, {x: VALUES["x"], y: VALUES["y"]})), (len(POINTS),))
    got = np.broadcast_to(np.asarray(evaluate(formula, {"n": len(POINTS)}, VALUES)).ravel(), (len(POINTS),))
    finite = np.isfinite(want)
    np.testing.assert_allclose(got[finite], want[finite], rtol=1e-8, atol=1e-10, err_msg=str(formula))


def assert_finite_with_derivative(program: tf.Tensor) -> None:
    assert_finite_where_traced(program)
    slope = tf.gradients(tf.reduce_sum(program), [x], unconnected_gradients="zero")[0]
    assert_finite_where_traced(slope)


KNOWN: list[tuple[Callable[[], tf.Tensor], str]] = [
    (
        lambda: tf.gradients(tf.reduce_sum(tf.abs(x - y) ** 1.5), x)[0],
        "3*(sqrt(abs(x - y)) o sign(x - y))/2",
    ),
    (lambda: tf.gradients(tf.reduce_sum(tf.abs(x - y) ** 2.5), x)[0], "5*((x - y) o sqrt(abs(x - y)))/2"),
    (lambda: tf.sign(x) * tf.sqrt(tf.abs(x)), "sqrt(abs(x)) o sign(x)"),
    (lambda: tf.nn.relu(x) * tf.where(x > 0, tf.math.log(x), 0.0), "relu(x) o where(x > 0, log(x), 0)"),
    (lambda: tf.nn.relu(x) * tf.where(x > 0, 1 / y, 0.0), "relu(x)/y"),
    (lambda: tf.where(tf.not_equal(x, 0.0), tf.where(x > 0, 1 / x, 0.0) * y, 0.0), "y o where(x > 0, 1/x, 0)"),
]


@pytest.mark.parametrize(("program", "text"), KNOWN)
def test_a_root_is_not_divided_by_and_a_mask_stays_before_what_is_infinite(program, text):
    tensor = program()
    assert str(tensor.formula()) == text
    if "/y" not in text:
        assert_finite_where_traced(tensor)


@pytest.mark.parametrize("name", sorted(UNARY))
@pytest.mark.parametrize("other", sorted(UNARY))
def test_products_of_functions_are_finite_where_their_factors_are(name, other):
    assert_finite_with_derivative(UNARY[name](x) * UNARY[other](x))


@settings(deadline=None, max_examples=150, derandomize=True)
@given(trees(2))
def test_formulas_are_finite_where_programs_are(tree):
    assert_finite_with_derivative(build(tree))
