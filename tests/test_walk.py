"""Walks over the trace."""

import tracer as tf
from tracer.walk import list_pole_operands


def test_norms_are_the_poles_of_their_gradients():
    x = tf.placeholder("x", ("n",))
    size = tf.norm(x)
    (slope,) = tf.gradients(size, x)
    assert list_pole_operands([size, x / size]) == []
    assert [t.node for t in list_pole_operands([slope])] == [size.node]
    # The poles of a derivative are those of the next one.
    (curvature,) = tf.gradients(slope, x)
    assert size.node in {t.node for t in list_pole_operands([curvature])}
    assert list_pole_operands([tf.gradients(tf.sqrt(tf.reduce_sum(x * x)), x)[0]]) == []
