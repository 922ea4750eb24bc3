"""Operations that are written by their names, and indices as Python writes them."""

import numpy as np
import pytest

import tracer as tf
from tracer.formulas.calls import call_pattern
from tracer.ops.selection import Array, Slice

x, A = tf.placeholder("x", ("n",)), tf.placeholder("A", ("n", "m"))
some = np.array([1, 0])


@pytest.mark.parametrize(
    ("tensor", "texts"),
    [
        (lambda: np.sort(x), ["argsort(x)", "x[x0]"]),
        (lambda: A[:, some], ["A[:, c1]"]),
        (lambda: A[some, 0], ["A[c1, 0]"]),
        (lambda: tf.gradients(A[:, some], A)[0], ["ones(n, 2)", "scatter(x0, [:, c1])"]),
    ],
)
def test_steps_write_indices_as_python_does(tensor, texts) -> None:
    pairs, _ = tf.formula(tensor(), form="steps")
    assert [str(e) for _, e in pairs] == texts


@pytest.mark.parametrize(
    ("index", "text"),
    [
        ((Slice(0, 3, 1), Array(1)), "{0}[:, {1}]"),
        ((Slice(1, 2, 1), None, Array(1)), "{0}[1:3, None, {1}]"),
        ((Slice(2, 3, -1), Array(1)), "{0}[2::-1, {1}]"),
        ((Array(1), Array(2)), "{0}[{1}, {2}]"),
    ],
)
def test_an_index(index, text) -> None:
    assert call_pattern("getitem", index, (), [(3, 4), (), ()]) == text


def test_a_call_with_braces_keeps_them() -> None:
    assert call_pattern("f", {"a": 1}, (), [()]).format("x") == "f(x, {'a': 1})"
