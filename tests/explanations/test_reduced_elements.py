"""Conditions on the greatest, the least and the product of elements, whose numbers are not known."""

import numpy as np
import pytest
import sympy

import tracer as tf
from tracer.formulas.matrix.extremes import MaxOver, MinOver

x, y, c = tf.placeholder("x", ("n",)), tf.placeholder("y", ("n", "m")), tf.symbols("c")
log = tf.math.log

STATED = {
    "greatest": (lambda: log(tf.reduce_max(x) - c), "c < Max(x[i], (i, 0, n - 1))"),
    "least": (lambda: log(c - tf.reduce_min(x)), "c > Min(x[i], (i, 0, n - 1))"),
    "product": (lambda: log(tf.reduce_prod(x)), "Product(x[i], (i, 0, n - 1)) > 0"),
    "product that divides": (lambda: 1.0 / tf.reduce_prod(x), "Ne(x[i], 0)"),
    "of rows": (lambda: log(tf.reduce_max(y, axis=1) - 1.0), "Max(y[i, j], (j, 0, m - 1)) > 1"),
    "of columns": (lambda: log(tf.reduce_max(y, axis=0) - 1.0), "Max(y[j, i], (j, 0, n - 1)) > 1"),
    "axes that are kept": (
        lambda: log(tf.reduce_max(y, axis=0, keepdims=True) - y),
        "y[i, j] < Max(y[k, j], (k, 0, n - 1))",
    ),
    "in one another": (
        lambda: log(tf.reduce_prod(tf.reduce_max(y, axis=0))),
        "Product(Max(y[j, i], (j, 0, n - 1)), (i, 0, m - 1)) > 0",
    ),
    "of sums": (
        lambda: log(tf.reduce_max(tf.reduce_sum(y * y, axis=1)) - 1.0),
        "Max(Sum(y[i, j]**2, (j, 0, m - 1)), (i, 0, n - 1)) > 1",
    ),
    "two of them": (
        lambda: 1.0 / (tf.reduce_max(x) - tf.reduce_min(x)),
        "Ne(Max(x[i], (i, 0, n - 1)), Min(x[i], (i, 0, n - 1)))",
    ),
    "many elements": (
        lambda: tf.sqrt(tf.reduce_max(tf.placeholder("w", (100,))) - 1.0),
        "Max(w[i], (i, 0, 99)) >= 1",
    ),
}


@pytest.mark.parametrize("name", STATED)
def test_conditions_on_reductions_are_stated_over_elements(name):
    build, expected = STATED[name]
    assert [str(found.relation) for found in tf.conditions(build())] == [expected]


POINTS = [("greatest", [1.0, 3.0]), ("least", [4.0, 1.0]), ("product", [2.0, -1.0]), ("product", [-2.0, -1.0])]


@pytest.mark.parametrize(("name", "values"), POINTS)
@pytest.mark.parametrize("number", [0.5, 2.0, 5.0])
def test_they_hold_where_values_are_finite(name, values, number):
    tensor = STATED[name][0]()
    (found,) = tf.conditions(tensor)
    known = {s: {"n": 2, "c": number}.get(s.name, s) for s in found.relation.free_symbols}
    relation = found.relation.subs(known).doit()
    holds = relation.subs({e: values[int(e.indices[0])] for e in relation.atoms(sympy.Indexed)})
    feed = {"x": values} if name == "product" else {"x": values, "c": number}
    assert bool(holds) == bool(np.isfinite(tensor.eval(feed)))


def test_extremes_without_known_ends_stay():
    i, n = sympy.symbols("i n", integer=True)
    elements = sympy.IndexedBase("x", real=True)
    assert MinOver(elements[i], (i, 0, n)).doit() == MinOver(elements[i], (i, 0, n))
    assert MinOver(elements[i], (i, 0, 1)).doit() == sympy.Min(elements[0], elements[1])
    assert sympy.latex(MaxOver(elements[i], (i, 0, n))) == r"\max_{0 \leq i \leq n} {x}_{i}"
