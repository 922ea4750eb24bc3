"""Sums by the factors that their terms share."""

import ast
from itertools import pairwise

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import tracer as tf
from tracer.program.common_factors import MOST
from tracer.program.program import Program
from tracer.program.reach import measure_reach

x, y, z, w = tf.symbols("x y z w")
SOURCES = [x, y, z, w]


def body(*outputs, inputs=SOURCES):
    return tf.compile(list(outputs), inputs, backend="math").source.rpartition('"""\n')[2].strip()


def count_operations(source):
    return sum(isinstance(node, (ast.BinOp, ast.UnaryOp, ast.Call)) for node in ast.walk(ast.parse(source)))


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda: x * y + x * z, "x * (y + z)"),
        (lambda: x * y - z * x, "x * (y - z)"),
        (lambda: -(x * y) - x * z, "-x * (y + z)"),
        (lambda: w - x * y - x * z, "w - x * (y + z)"),
        (lambda: y / x + z / x, "(y + z) / x"),
        (lambda: 2 * tf.sin(x) + 2 * tf.cos(x), "2 * (math.sin(x) + math.cos(x))"),
        (lambda: 0.3 * x - 0.3 * y, "0.3 * (x - y)"),
        (lambda: x * y * z + x * y * w, "x * y * (z + w)"),
        (lambda: x * y + x * z + tf.sin(w), "x * (y + z) + math.sin(w)"),
        (lambda: x * (y + z) + x * (y - w), "x * (2 * y + z - w)"),
        (lambda: (x + y) + (x + z), "2 * x + y + z"),
        (lambda: x * y + z * w, "x * y + z * w"),
        (lambda: x * y + x, "x * y + x"),
    ],
)
def test_what_terms_share_is_written_once(build, text):
    assert body(build()) == f"return ({text},)"


def test_what_is_used_elsewhere_is_not_taken_apart():
    product = x * y
    assert body(product, product + x * z).startswith("product = x * y\n    total = product + x * z")


@given(
    rows=st.lists(
        st.tuples(st.sampled_from([1.0, 2.0, 3.0]), st.booleans(), st.lists(st.sampled_from("xyzw"), max_size=3)),
        min_size=1,
        max_size=7,
    )
)
def test_sums_keep_their_values_and_grow_no_longer(rows):
    named = dict(zip("xyzw", SOURCES))
    total = tf.constant(0.5) * w
    for number, over, letters in rows:
        term = number * sympy.prod([named[k] for k in letters]) if letters else number * x
        total = total - term / y if over else total + term
    point = [1.25, -2.0, 0.75, 3.0]
    plain, factored = Program([total], SOURCES), Program([total], SOURCES).factor_sums()
    assert len(factored.lines) <= len(plain.lines)
    expected = total.eval(dict(zip(SOURCES, point)))
    assert tf.compile(total, SOURCES)(*point) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_nothing_reaches_further_than_it_did():
    """``(x/r)*y + (z/r)*w`` has products of two quotients of size one, where ``(x*y + z*w)/r`` would overflow."""
    r = tf.sqrt(x * x + z * z)
    total = (x / r) * y + (z / r) * w
    plain, factored = Program([total], SOURCES), Program([total], SOURCES).factor_sums()
    assert measure_reach(factored) <= measure_reach(plain)
    assert tf.compile(total, SOURCES)(1e200, 1e200, 1e200, 1e200) == pytest.approx(2**0.5 * 1e200)


def test_arrays_are_not_repeated_earlier():
    a, rows, columns = (tf.placeholder(k, s) for k, s in [("a", ()), ("rows", ("n", 1)), ("columns", (1, "m"))])
    assert "a * rows + a * columns" in tf.compile(a * rows + a * columns, [a, rows, columns]).source
    X, Y = (tf.placeholder(k, ("n", "m")) for k in "XY")
    assert tf.compile(rows * X + rows * Y, [rows, X, Y]).source.endswith("return rows * (X + Y)\n")


def test_a_sum_of_arrays_that_cancels_keeps_its_shape():
    v = tf.placeholder("v", ("n",))
    assert np.array_equal(tf.compile(v * 2.0 - 2.0 * v, [v])(np.ones(3)), np.zeros(3))


def test_nan_of_what_cancels_is_kept():
    logarithm = tf.math.log(x)
    for total in (logarithm - logarithm, logarithm * y - logarithm * y + y):
        program = Program([total], [x, y]).factor_sums()
        assert any(line.partial for line in program.lines)


def test_long_products_are_factors():
    many = [tf.placeholder(f"v{k}") for k in range(MOST + 3)]
    product = many[0]
    for factor in many[1:]:
        product = product * factor
    assert "v0 *" in body(product + many[0] * x, inputs=[*many, x])


def test_gradients_have_fewer_operations_than_the_reverse_pass():
    many = [tf.placeholder(f"x{k}") for k in range(6)]
    f = sum(100.0 * (b - a**2) ** 2 + (1.0 - a) ** 2 for a, b in pairwise(many))
    outputs = [f, *tf.gradients(f, many)]
    both, alone = (tf.compile(o, many, backend="math").source for o in (outputs, [f]))
    assert count_operations(both) <= 1.75 * count_operations(alone)
