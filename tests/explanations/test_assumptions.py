"""The relations that a formula was shortened by are kept with it, and no others."""

import numpy as np
import pytest

import tracer as tf
from tracer.explanations.assumptions import find_used
from tracer.explanations.conditions import conditions
from tracer.explanations.domains import Kind

p, w = tf.placeholder("p", ("n",)), tf.placeholder("w", ("d",))
X = tf.placeholder("X", ("n", "d"))
A, B = tf.placeholder("A", ("d", "d")), tf.placeholder("B", ("d", "d"))
x, y, z = tf.symbols("x y z")
SUM, NORM = tf.reduce_sum(p) == 1, tf.norm(w) == 1
SCALED = p * tf.math.log(p / tf.reduce_sum(p))


@pytest.mark.parametrize(
    ("equations", "tensor", "text"),
    [
        ([SUM], tf.gradients(tf.reduce_sum(SCALED), p)[0], "log(p) for sum(p) == 1, p[i] > 0"),
        ([SUM], p * p, "p**2"),
        ([NORM, SUM], w / tf.norm(w), "w for norm(w) == 1"),
        ([SUM, tf.reduce_mean(p) * p.shape[0] == 1], 2 * tf.reduce_sum(p), "2 for sum(p) == 1"),
        ([tf.transpose(X) @ X == tf.eye("d")], X @ w @ (X @ w), "w.T*w for X.T*X == eye(d)"),
        ([X @ w == tf.zeros(("n",))], tf.gradients(tf.reduce_sum((X @ w - p) ** 2), w)[0], "-2*X.T*p for X*w == 0"),
        ([A == B], A @ w - B @ w, "0 for A == B"),
        ([x == 1 - y], (x + y) ** 2 + z * (x + y), "z + 1 for x == 1 - y"),
        ([x + y == 1], x + z + y, "z + 1 for x + y == 1"),
        ([y == x**2], x**4 + z * y, "y*(y + z) for y == x**2"),
        ([x * y == z], x**2 * y**2 + 1, "z**2 + 1 for x*y == z"),
        ([x**2 + y**2 == 1], tf.sqrt(x**2 + y**2), "1 for x**2 + y**2 == 1"),
        ([x > 0], tf.abs(x) + y, "x + y for x > 0"),
        ([x > 0, y > 0], tf.abs(x) + z, "x + z for x > 0"),
        ([x > y, y > 0, z > 1], tf.abs(x), "x for x > y, y > 0"),
        ([x > 0], tf.math.log(x), "log(x) for x > 0"),
        ([x > 1], tf.math.log(x - 1) + tf.sqrt(x), "sqrt(x) + log(x - 1) for x > 1"),
        ([x > 0, y > 0], tf.math.log(x * y), "log(x*y) for x > 0, y > 0"),
        ([x >= 0], 1 / x, "1/x for x > 0"),
        ([x >= 0, y > 0], tf.sqrt(x) / y, "sqrt(x)/y for x >= 0, y > 0"),
        ([x > 0], y * y, "y**2"),
        ([SUM, x > 0], tf.abs(x) * tf.reduce_sum(p), "x for sum(p) == 1, x > 0"),
        ([X > 0], tf.reduce_sum(tf.math.log(X)), "sum(log(X)) for X[i, j] > 0"),
        ([p > 0], tf.gradients(tf.reduce_sum(tf.abs(p)), p)[0], "ones(n, 1) for p[i] > 0"),
    ],
)
def test_a_formula_is_printed_with_what_it_was_shortened_by(equations, tensor, text):
    with tf.assuming(*equations):
        assert repr(tensor).endswith(f": {text}>")
        kept = [c for c in conditions(tensor) if c.kind is Kind.ASSUMED]
        assert {c.node for c in kept} <= {e.node for e in equations}
        assert bool(kept) is (" for " in text and text != "1/x for x > 0")
    assert " == " not in repr(tensor)
    assert all(c.kind is not Kind.ASSUMED for c in conditions(tensor))


def test_latex_has_the_equation_too():
    with tf.assuming(SUM):
        assert (p * tf.reduce_sum(p))._repr_latex_().endswith(r"p \quad \text{for } \mathbf{1}^{\top} p = 1$")


def test_a_formula_that_is_too_long_to_read_keeps_every_equation_of_its_sources():
    one = x == 1
    assert [e.node for e in find_used(x * y * z + x, [one, SUM], 1)] == [one.node]


def test_a_contradiction_is_seen_in_the_domain():
    with tf.assuming(x < 0):
        assert [str(c.relation) for c in conditions(tf.math.log(x))] == ["False", "x < 0"]


def test_conditions_are_decided_where_the_equation_holds():
    quotient = p / tf.reduce_sum(p)
    assert [str(c.relation) for c in conditions(quotient)] == ["Ne(Sum(p[i], (i, 0, n - 1)), 0)"]
    with tf.assuming(SUM):
        assert [c.kind for c in conditions(quotient)] == [Kind.ASSUMED]


@pytest.mark.parametrize("seed", range(3))
def test_shortened_formulas_of_scalars_have_the_value_where_the_equation_holds(seed):
    a, b = np.random.default_rng(seed).uniform(0.5, 1.5, 2)
    for equation, tensor, values in [
        (x == 1 - y, (x + y) ** 2 + z * (x + y), {x: 1 - a, y: a, z: b}),
        (y == x**2, x**4 + z * y + x**3, {x: a, y: a * a, z: b}),
        (x * y == z, x**3 * y**2 / z + x, {x: a, y: b, z: a * b}),
    ]:
        with tf.assuming(equation):
            short = tensor.formula()
        symbols = {s: values[t] for t in values for s in short.free_symbols if s.name == t.name}
        assert float(short.subs(symbols)) == pytest.approx(float(tensor.eval(values)))
