"""Printed tensors: values of sources and constants, formulas of the rest."""

import re

import numpy as np
import pytest

import tracer as tf


def gradient_of(function):
    x = tf.Variable([1.0, 2.0], name="x")
    with tf.GradientTape() as tape:
        y = function(x)
    return tape.gradient(y, x)


x = tf.Variable([1.0, 2.0], name="x")
SHOWN = [
    (x, "<Variable x shape=(2,) = [1. 2.]>"),
    (tf.Variable(3, name="k"), "<Variable k shape=() dtype=int64 = 3>"),
    (tf.Variable(shape=("n",), name="v"), "<Variable v shape=(n,)>"),
    (tf.constant([[1, 2]], name="c"), "<Tensor c shape=(1, 2) dtype=int64 = [[1 2]]>"),
    (tf.constant(True, name="c"), "<Tensor c shape=() dtype=bool = True>"),
    (tf.constant(np.arange(100.0), name="c"), "<Tensor c shape=(100,) = [0. 1. 2. ... 97. 98. 99.]>"),
    (tf.constant([], name="c"), "<Tensor c shape=(0,) = []>"),
    (gradient_of(lambda x: 3 * x), "<Tensor # shape=(2,) = [3. 3.]>"),
    (gradient_of(tf.reduce_mean), "<Tensor # shape=(2,) = [0.5 0.5]>"),
    (gradient_of(lambda x: x[0] * 2), "<Tensor # shape=(2,) = [2. 0.]>"),
    (tf.eye(2), "<Tensor # shape=(2, 2) = [[1. 0.] [0. 1.]]>"),
    (tf.placeholder("p", ("n", 3)), "<Tensor p shape=(n, 3)>"),
    (tf.ones(("n",)), "<Tensor # shape=(n,): ones(n, 1)>"),
    (3 * x, "<Tensor # shape=(2,): 3*x>"),
    (gradient_of(tf.square), "<Tensor # shape=(2,): 2*x>"),
]


@pytest.mark.parametrize(("tensor", "text"), SHOWN, ids=[text for _, text in SHOWN])
def test_text(tensor, text):
    assert re.sub(r"\b[a-z_]+_\d+\b", "#", repr(tensor)) == text


def test_large_values_are_one_short_line():
    line = repr(tf.constant(np.ones((3, 4, 5, 6)), name="c"))
    assert "\n" not in line
    assert len(line) < 200


def test_a_notebook_shows_the_text_where_it_tells_a_value():
    assert x._repr_latex_() is None
    assert gradient_of(lambda x: 3 * x)._repr_latex_() is None
    assert (3 * x)._repr_latex_() == "$\\displaystyle 3 x$"
    assert tf.placeholder("p")._repr_latex_() == "$\\displaystyle p$"


@pytest.mark.unchecked
def test_a_huge_constant_is_not_evaluated():
    assert repr(tf.zeros((10**6, 10**6))).endswith("shape=(1000000, 1000000): 0>")


@pytest.mark.unchecked
def test_a_value_that_numpy_refuses_is_left_out():
    singular = tf.linalg.inv(tf.zeros((2, 2)))
    assert "shape=(2, 2)" in repr(singular)


def test_an_assigned_value_is_shown():
    v = tf.Variable([1.0, 2.0], name="v")
    v[0].assign(5.0)
    assert repr(v) == "<Variable v shape=(2,) = [5. 2.]>"
    assert repr(v[1]).startswith("<Tensor getitem_")
