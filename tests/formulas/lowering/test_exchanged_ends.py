"""Ends of a tensor in each other's place are found among what is put into places."""

import pytest

import tracer as tf
from tracer.formulas.lowering.exchanged_ends import lower_exchanged
from tracer.formulas.lowering.lower import lower
from tracer.terms.normalise import Normaliser
from tracer.terms.record import describe, source

x, y = tf.placeholder("x", ("n",)), tf.placeholder("y", ("n",))
X, s = tf.placeholder("X", ("n", "m")), tf.placeholder("s", (6,))
roll = tf.roll


def total(t):
    return tf.reduce_sum(t)


@pytest.mark.parametrize(
    ("tensor", "found"),
    [
        (tf.concat([x[-1:], x[:-1]], 0), True),
        (tf.concat([x[1:], x[:1]], 0), True),
        (tf.concat([X[:, -2:], X[:, :-2]], 1), True),
        (tf.concat([x[:1], x[1:]], 0), False),
        (tf.concat([x[-1:], y[:-1]], 0), False),
        (tf.concat([x[1:], x[1:2]], 0), False),
        (tf.concat([s[-1:], s[:-1]], 0), False),
        (tf.concat([x[-1:], x[1:-1], x[:1]], 0), False),
        (x + 1, False),
    ],
)
def test_which_are_exchanged(tensor, found):
    known = {x.node: source("x", x.shape), X.node: source("X", X.shape), s.node: source("s", s.shape)}
    made = lower_exchanged(Normaliser(()), tensor, known)
    assert (made is not None) is found
    assert made is None or made.shape == tensor.shape


def test_what_is_not_known_yet_is_none():
    assert lower_exchanged(Normaliser(()), roll(x, 1, 0).args[0], {}) is None


def test_other_parts_are_added():
    cotangent = tf.placeholder("g", ("n",))
    slope = tf.gradients(total(roll(x, 1, 0) * cotangent) + total(x[1:] * y[1:]), x)[0]
    assert str(slope.formula()) == "roll(g, -1) + concat(0, y[1:])"
    tf.testing.verify_formula(slope)


def test_there_and_back_again_is_the_term_itself():
    (term,) = lower([roll(roll(roll(x, 3, 0), -1, 0), -2, 0)])
    assert describe(term) == "x"
