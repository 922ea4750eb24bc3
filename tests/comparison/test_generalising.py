"""Rows as unknowns: the same operation of the same operands is one."""

import tracer as tf
from tracer.comparison.generalising import generalise

x, y = tf.placeholder("x", ("n",)), tf.placeholder("y", ("n",))
most = tf.reduce_max


def test_rows_of_the_same_operands_are_one_unknown():
    [a], [b], rows = generalise([most(x + y) * 2], [most(y + x) + most(x + y)])
    assert len(rows) == 1
    assert rows[0].shape == ()
    assert (a - b).formula() == 0
    assert len(generalise([most(x)], [most(2 * x)])[2]) == 2
