"""Steps: small expressions in order, whatever the depth of the graph."""

import math
import time
from typing import Any

import pytest
import sympy

import tracer as tf


def test_steps_give_the_value_one_after_another() -> None:
    a, b = tf.symbols("a b")
    f = tf.sin(a * b) * tf.exp(a * b) + tf.cos(a)
    pairs, (result,) = tf.formula(f, form="steps")
    known = {sympy.Symbol("a", real=True): 0.3, sympy.Symbol("b", real=True): -1.2}
    for symbol, expression in pairs:
        known[symbol] = expression.xreplace(known).evalf()
    assert math.isclose(known[result], f.eval({"a": 0.3, "b": -1.2}), rel_tol=1e-12)
    assert len({s for s, _ in pairs}) == len(pairs) == 6


@pytest.mark.parametrize(
    ("function", "text"),
    [(tf.linalg.inv, "inv(A)"), (tf.linalg.det, "det(A)"), (tf.linalg.logdet, "log(det(A))")],
)
def test_functions_of_a_batch_of_matrices_are_steps(function: Any, text: str) -> None:
    A = tf.placeholder("A", (3, 2, 2))
    pairs, _ = tf.formula(function(A), form="steps")
    assert [str(step) for _, step in pairs] == [text]


def test_common_subexpressions_are_one_step() -> None:
    a = tf.symbols("a")
    pairs, _ = tf.formula(tf.sin(a) * tf.sin(a), form="steps")
    assert len(pairs) == 2


def test_steps_of_a_long_chain_are_linear() -> None:
    x = tf.symbols("x")
    f = x
    for _ in range(20_000):
        f = tf.sin(f)
    started = time.process_time()
    pairs, _ = tf.formula(f, form="steps")
    assert len(pairs) == 20_000
    assert time.process_time() - started < 10


def test_a_number_is_not_taken_for_the_step_of_that_position() -> None:
    x = tf.symbols("x")
    f = tf.sin(x) * tf.cos(x) + tf.sin(x) * tf.constant(1.0)
    pairs, (result,) = tf.formula(f, form="steps")
    value = result
    for symbol, expression in reversed(pairs):
        value = value.subs(symbol, expression)
    assert sympy.simplify(value - (sympy.sin(x.formula()) * (1 + sympy.cos(x.formula())))) == 0
