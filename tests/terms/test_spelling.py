"""The normal form of a program does not depend on how it was spelled."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tracer as tf
from tracer.terms.failures import RewriteLoop

A, B = tf.placeholder("A", ("n", "n")), tf.placeholder("B", ("n", "n"))
x, y, z = (tf.placeholder(name, ("n",)) for name in "xyz")
LEAVES = {"x": x, "y": y, "z": z}
UNARY: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "tanh": tf.tanh,
    "sigmoid": tf.sigmoid,
    "exp": tf.exp,
    "square": lambda t: t * t,
    "cube": lambda t: t**3,
    "sqrt": lambda t: tf.sqrt(1 + t * t),
    "log": lambda t: tf.math.log(1 + t * t),
    "softplus": lambda t: tf.math.log(1 + tf.exp(t)),
    "reciprocal": lambda t: 1 / (1 + t * t),
    "negative": lambda t: -t,
    "double": lambda t: 2 * t,
    "relu": tf.nn.relu,
    "softmax": tf.nn.softmax,
    "centre": lambda t: t - tf.reduce_mean(t),
    "matmul": lambda t: A @ t,
    "turned": lambda t: tf.transpose(B) @ t,
    "lower": lambda t: tf.linalg.band_part(A, -1, 0) @ t,
    "solve": lambda t: tf.linalg.inv(A) @ t,
}
BINARY = ("add", "subtract", "multiply", "divide", "scale", "choose")
LINEAR = ("matmul", "turned", "lower", "solve", "double", "negative", "centre")

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
        operation: Callable[..., tf.Tensor] = getattr(self, name, None) or UNARY[name]
        return operation(*built)

    def add(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return a + b

    def subtract(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return a - b

    def multiply(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return a * b

    def divide(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return a / (1 + b * b)

    def scale(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(a * b) * a

    def choose(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return tf.where(a > b, a, b * b)


class Named(Plain):
    """Equal values are one variable."""

    def __init__(self) -> None:
        self.known: dict[Tree, tf.Tensor] = {}

    def build(self, tree: Tree) -> tf.Tensor:
        if tree not in self.known:
            self.known[tree] = super().build(tree)
        return self.known[tree]


class Turned(Plain):
    """Operands in the other order, differences as sums, powers as products, matrices transposed twice."""

    def add(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return b + a

    def subtract(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return -b + a

    def multiply(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return tf.transpose(tf.transpose(b[:, None]) * tf.transpose(a[:, None]))[:, 0]

    def divide(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return 1 / (b * b + 1) * a

    def scale(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return a * tf.squeeze(b[None, :] @ a[:, None])

    def choose(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return tf.where(tf.logical_not(b >= a), a, tf.square(b))

    def cube(self, a: tf.Tensor) -> tf.Tensor:
        return a * tf.square(a)

    def sqrt(self, a: tf.Tensor) -> tf.Tensor:
        return (1 + a * a) ** 0.5

    def softmax(self, a: tf.Tensor) -> tf.Tensor:
        return tf.exp(a) / tf.reduce_sum(tf.exp(a))

    def matmul(self, a: tf.Tensor) -> tf.Tensor:
        return tf.transpose(tf.transpose(a[:, None]) @ tf.transpose(A))[:, 0]

    def lower(self, a: tf.Tensor) -> tf.Tensor:
        return tf.transpose(tf.linalg.band_part(tf.transpose(A), 0, -1)) @ a

    def solve(self, a: tf.Tensor) -> tf.Tensor:
        return tf.transpose(tf.linalg.inv(tf.transpose(A))) @ a


class Distributed(Plain):
    """Products and linear functions of sums are sums; exponentials of sums are products."""

    def build(self, tree: Tree) -> tf.Tensor:
        name, *parts = tree
        for k, part in enumerate(parts):
            if isinstance(part, str) or part[0] not in ("add", "subtract"):
                continue
            if name not in (*LINEAR, "multiply", "exp") and (name, k) != ("divide", 0):
                continue
            first, second = (self.build((name, *parts[:k], p, *parts[k + 1 :])) for p in part[1:])
            if name == "exp":
                return first * second if part[0] == "add" else first / second
            return first + second if part[0] == "add" else first - second
        return super().build(tree)


class Cancelling(Plain):
    """What is added is subtracted again, what is multiplied is divided by again."""

    def add(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return (a - b) + 2 * b

    def subtract(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return (a + b) - 2 * b

    def multiply(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return tf.exp(b) * a * b * tf.exp(-b)

    def divide(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return a * (1 + b * b) / (1 + b * b) ** 2

    def square(self, a: tf.Tensor) -> tf.Tensor:
        return -a * -a

    def double(self, a: tf.Tensor) -> tf.Tensor:
        return a + a


SPELLINGS = [Named, Turned, Distributed, Cancelling]


def gradient(loss: tf.Tensor) -> tf.Tensor:
    return tf.gradients(loss, x, unconnected_gradients="zero")[0]


def text(tensor: tf.Tensor) -> str:
    try:
        return str(tensor.formula())
    except RewriteLoop:
        raise
    except ValueError as error:
        return type(error).__name__


def texts(spelling: type[Plain], tree: Tree) -> tuple[str, str]:
    """A program and the gradient of its total."""
    program = spelling().build(tree)
    return text(program), text(gradient(tf.reduce_sum(program)))


@cache
def plain_texts(tree: Tree) -> tuple[str, str]:
    """Each spelling is compared with the same ones, since examples are not drawn at random."""
    return texts(Plain, tree)


def assert_spelled_alike(spelling: type[Plain], tree: Tree) -> None:
    assert texts(spelling, tree) == plain_texts(tree)


@settings(max_examples=50, derandomize=True)
@given(trees(2))
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_program_reads_the_same_however_it_is_spelled(spelling: type[Plain], tree: Tree) -> None:
    assert_spelled_alike(spelling, tree)


DEEPER: list[tuple[type[Plain], Tree]] = [
    (Distributed, ("multiply", ("divide", "x", "x"), ("add", "z", "x"))),
    (Named, ("divide", ("divide", "x", "x"), ("divide", "x", "x"))),
    (Distributed, ("divide", "x", ("multiply", ("add", "x", "y"), "x"))),
    (Distributed, ("multiply", ("add", ("divide", "x", "x"), "x"), ("log", ("exp", "x")))),
    (Distributed, ("centre", ("add", ("multiply", "x", "x"), "y"))),
    (Distributed, ("centre", ("add", ("lower", "x"), "x"))),
    (Distributed, ("centre", ("add", ("reciprocal", "x"), "x"))),
    (Distributed, ("centre", ("subtract", ("sqrt", "y"), "y"))),
    (Distributed, ("turned", ("subtract", ("square", "x"), "x"))),
    (Distributed, ("multiply", ("add", "y", "x"), ("scale", "x", "x"))),
    (Distributed, ("multiply", ("choose", "x", "x"), ("subtract", "x", ("reciprocal", "x")))),
    (Distributed, ("divide", ("add", "x", ("sqrt", "y")), "y")),
    (Distributed, ("multiply", ("add", "x", "x"), ("relu", "x"))),
    (Turned, ("relu", ("multiply", ("divide", "y", "x"), "y"))),
    (Turned, ("multiply", ("centre", "x"), ("scale", "x", "x"))),
    (Turned, ("relu", ("divide", "x", ("multiply", "x", "x")))),
    (Turned, ("choose", "x", ("scale", "x", ("lower", "x")))),
    (Named, ("choose", ("centre", "x"), ("multiply", ("centre", "x"), "x"))),
    (Named, ("choose", ("centre", "x"), ("multiply", ("centre", "x"), ("matmul", "y")))),
    (Named, ("choose", ("reciprocal", "x"), ("negative", ("reciprocal", "x")))),
    (Distributed, ("multiply", ("softmax", "x"), ("subtract", "x", "y"))),
    (Cancelling, ("choose", ("scale", ("multiply", "x", "x"), "x"), "x")),
    (Cancelling, ("choose", ("lower", ("multiply", "x", "x")), "x")),
    (Cancelling, ("choose", ("softmax", ("multiply", "x", "x")), "x")),
    (Cancelling, ("choose", "x", ("centre", ("multiply", "x", "x")))),
    (Cancelling, ("add", "y", ("subtract", "x", ("multiply", "y", "x")))),
    (Named, ("subtract", ("sigmoid", "x"), "x")),
    (Named, ("choose", ("subtract", ("sigmoid", "x"), "x"), ("double", "z"))),
    (Named, ("scale", ("scale", ("choose", "x", "y"), "x"), ("softplus", ("sigmoid", "x")))),
    (Named, ("subtract", ("reciprocal", ("scale", "x", "x")), ("scale", "x", "x"))),
    (Named, ("scale", ("add", "x", ("matmul", "x")), ("lower", ("matmul", "x")))),
    (Turned, ("matmul", ("subtract", ("multiply", "x", "x"), ("scale", "x", "x")))),
]
"""Programs in which operations stand in operations in operations: masks, totals, scalars, and quotients."""


@pytest.mark.parametrize(("spelling", "tree"), DEEPER, ids=str)
def test_a_deeper_program_reads_the_same_however_it_is_spelled(spelling: type[Plain], tree: Tree) -> None:
    assert_spelled_alike(spelling, tree)


@settings(max_examples=20, derandomize=True)
@given(trees(2), trees(2))
def test_a_gradient_of_a_sum_is_the_sum_of_gradients(first: Tree, second: Tree) -> None:
    a, b = (tf.reduce_sum(Plain().build(tree)) for tree in (first, second))
    assert text(gradient(a + b)) == text(gradient(a) + gradient(b))
