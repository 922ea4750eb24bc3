"""Axes selected and exchanged without arrays in between."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import tracer as tf
from tracer.backends.evaluation import compute
from tracer.program.axis_selections import select_axes, turn_product
from tracer.program.building import Lines
from tracer.program.lines import Axis, Kind, Line

AXES = st.lists(st.sampled_from(list(Axis)), max_size=4)


def _apply(axes, x):
    entries = {Axis.KEPT: slice(None), Axis.NEW: None, Axis.FIRST: 0}
    return x[tuple(entries[a] for a in axes)]


@given(AXES, AXES)
def test_two_selections_are_one(first, second):
    x = np.arange(24.0).reshape(2, 3, 4)
    used = sum(a is not Axis.NEW for a in first)
    if used > 3:
        return
    inner = _apply(first, x)
    if sum(a is not Axis.NEW for a in second) > inner.ndim:
        return
    want = _apply(second, inner)
    lines = Lines()
    leaf = Line(Kind.ARGUMENT, (), None, x.shape, "float64")
    made = select_axes(lines, leaf, first, inner.shape)
    made = select_axes(lines, made, second, want.shape)
    if made is leaf:
        np.testing.assert_array_equal(want, x)
    else:
        assert made.operands == (leaf,)
        np.testing.assert_array_equal(compute(made, [x], {}), want)


def test_products_are_turned_where_that_transposes_less():
    lines = Lines()
    A, B = (Line(Kind.ARGUMENT, (), None, (3, 3), "float64") for _ in range(2))
    turned = lines.add(Kind.TRANSPOSE, [A], (1, 0), (3, 3), "float64")
    product = lines.add(Kind.MATMUL, [turned, B], None, (3, 3), "float64")
    found = turn_product(lines, product)
    assert [o.op for o in found.operands] == [Kind.TRANSPOSE, Kind.ARGUMENT]
    assert found.operands[0].operands == (B,)
    assert found.operands[1] is A
    assert turn_product(lines, lines.add(Kind.MATMUL, [A, B], None, (3, 3), "float64")) is None


def test_attention_s_code_has_no_transpose_of_a_product():
    Q, K, V = (tf.placeholder(k, (4, 3)) for k in "QKV")
    loss = tf.reduce_sum(tf.nn.softmax(Q @ tf.transpose(K)) @ V)
    source = tf.compile(tf.gradients(loss, [Q, K]), [Q, K, V]).source
    assert ").T" not in source.rpartition('"""')[2]
