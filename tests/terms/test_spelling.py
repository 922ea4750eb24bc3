"""The normal form of a program does not depend on how it was spelled."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tracer as tf

A, B = tf.placeholder("A", ("n", "n")), tf.placeholder("B", ("n", "n"))
x, y, z = (tf.placeholder(name, ("n",)) for name in "xyz")
LEAVES = {"x": x, "y": y, "z": z}
UNARY = {
    "tanh": tf.tanh,
    "sigmoid": tf.sigmoid,
    "square": lambda t: t * t,
    "log": lambda t: tf.math.log(1 + tf.exp(t)),
    "reciprocal": lambda t: 1 / (1 + t * t),
    "negative": lambda t: -t,
    "double": lambda t: 2 * t,
    "matmul": lambda t: A @ t,
    "turned": lambda t: tf.transpose(B) @ t,
    "softmax": tf.nn.softmax,
}
BINARY = ("add", "multiply", "subtract", "scale")

Tree = Any
"""A name of a leaf, or the name of an operation and its operands."""


def trees(depth: int) -> st.SearchStrategy[Tree]:
    leaf = st.sampled_from(sorted(LEAVES))
    if not depth:
        return leaf
    below = trees(depth - 1)
    return st.one_of(
        leaf,
        st.tuples(st.sampled_from(sorted(UNARY)), below),
        st.tuples(st.sampled_from(BINARY), below, below),
    )


class Plain:
    """A program as it is written down, each value written as often as it is used."""

    def build(self, tree: Tree) -> tf.Tensor:
        if isinstance(tree, str):
            return LEAVES[tree]
        name, *parts = tree
        built = [self.build(part) for part in parts]
        if name in UNARY:
            return UNARY[name](*built)
        return getattr(self, name)(*built)

    def add(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return a + b

    def subtract(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return a - b

    def multiply(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return a * b

    def scale(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(a * b) * a


class Named(Plain):
    """Equal values are one variable."""

    def __init__(self) -> None:
        self.known: dict[Tree, tf.Tensor] = {}

    def build(self, tree: Tree) -> tf.Tensor:
        if tree not in self.known:
            self.known[tree] = super().build(tree)
        return self.known[tree]


class Turned(Plain):
    """Operands in the other order, differences as sums, columns transposed twice."""

    def add(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return b + a

    def subtract(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return -b + a

    def multiply(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return tf.transpose(tf.transpose(b[:, None]) * tf.transpose(a[:, None]))[:, 0]

    def scale(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return a * tf.squeeze(b[None, :] @ a[:, None])


def gradient(loss: tf.Tensor) -> tf.Tensor:
    return tf.gradients(loss, x, unconnected_gradients="zero")[0]


def text(tensor: tf.Tensor) -> str:
    try:
        return str(tensor.formula())
    except ValueError as error:
        return type(error).__name__


@settings(max_examples=60)
@given(trees(2))
@pytest.mark.parametrize("spelling", [Named, Turned])
def test_a_value_reads_the_same_however_it_is_spelled(spelling: type[Plain], tree: Tree) -> None:
    assert text(spelling().build(tree)) == text(Plain().build(tree))


@settings(max_examples=60)
@given(trees(2))
@pytest.mark.parametrize("spelling", [Named, Turned])
def test_a_gradient_reads_the_same_however_the_program_is_spelled(spelling: type[Plain], tree: Tree) -> None:
    plain, other = (tf.reduce_sum(kind().build(tree)) for kind in (Plain, spelling))
    assert text(gradient(other)) == text(gradient(plain))


@settings(max_examples=40)
@given(trees(2), trees(2))
def test_a_gradient_of_a_sum_is_the_sum_of_gradients(first: Tree, second: Tree) -> None:
    a, b = (tf.reduce_sum(Plain().build(tree)) for tree in (first, second))
    assert text(gradient(a + b)) == text(gradient(a) + gradient(b))
