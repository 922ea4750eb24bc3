"""Values that leave the trace are noted on the sources behind them, with the user's line, and keep nothing alive."""

import weakref

import numpy as np
import pytest

import tracer as tf
from tests.helpers import free_own_garbage
from tracer.notes import LAST
from tracer.places import line_of

TAKEN = {
    "numpy": lambda t: t.numpy(),
    "eval": lambda t: t.eval(),
    "np.asarray": np.asarray,
    "float": float,
    "int": int,
    "item": lambda t: t.item(),
    "tolist": lambda t: t.tolist(),
    "Variable": tf.Variable,
    "range": lambda t: tf.range(t, 10.0),
}


def departures(tensor):
    notes = tensor.read().notes
    return [] if notes is None else notes.departures


@pytest.mark.parametrize("what", TAKEN)
def test_what_takes_a_value(what):
    x, y = tf.Variable(2.0), tf.Variable(3.0)
    product = x * y
    TAKEN[what](product)
    for tensor in (x, y, product):
        (departure,) = departures(tensor)
        assert (departure.key, departure.what) == (product.node, what)
        assert line_of(departure.place)[0] == __file__


def test_what_the_library_takes_or_only_shows():
    x = tf.Variable([2.0, 1.0])
    assert f"{x}" == str(x) == repr(x)
    assert f"{x[0]:.2f}" == "2.00"
    x[0].assign(5.0)
    tf.repeat(x, tf.constant([1, 2]))
    (x * 2.0).formula()
    tf.debugging.check_numerics(x * 2.0, "a message")
    assert departures(x) == []


def test_values_of_each_pass_of_a_loop_reach_the_source():
    x = tf.Variable(2.0)
    y = x
    for _ in range(2 * LAST):
        y = y * 1.01
        y.numpy()
    assert len(departures(x)) == LAST
    assert departures(x)[-1].key == y.node
    assert y.notes.behind == (weakref.ref(x.read()),)


def test_notes_keep_no_tensor_alive():
    x = tf.Variable(2.0)
    y = x * 3.0
    y.numpy()
    gone = weakref.ref(y)
    del y
    free_own_garbage()
    assert gone() is None
    first = weakref.ref(x.read())
    x.assign(1.0)
    free_own_garbage()
    assert first() is None
