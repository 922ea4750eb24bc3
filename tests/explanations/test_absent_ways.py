"""Why no operation leads from a source to a target: each cause is told, and the likeliest first."""

import math

import numpy as np
import pytest

import tracer as tf
from tracer import Reason


def array_of_a_temporary(x, w):
    array = (x * 3.0).numpy()
    return tf.reduce_sum(w * array)


def array_of_a_variable_of_python(x, w):
    fake = tf.tanh(x)
    return tf.reduce_sum(w * np.square(np.asarray(fake)).T)


def number(x, w):
    return w * math.exp(x[0])


def number_of_the_source(x, w):
    return tf.reduce_sum(w * tf.constant(x.numpy()))


def choice(x, w):
    return w * w if x[0] > 0 else w


def index(x, w):
    return w[int(tf.argmax(x))]


def new_variable(x, w):
    held = tf.Variable(x * 2.0)
    return held * w


def as_list(x, w):
    return w * tf.constant(x.tolist())


SAID = {
    array_of_a_temporary: "computed from x, was taken out of the trace as a NumPy array at test_absent_ways.py:13; "
    "what is computed from that is a constant, so compute with the tensor instead.",
    array_of_a_variable_of_python: "computed from x, was taken out of the trace as a NumPy array",
    number: "computed from x, was taken out of the trace as a Python number at test_absent_ways.py:23",
    number_of_the_source: "The value of x was taken out of the trace as a NumPy array",
    choice: "Python chose by the value of greater_",
    index: "The value of argmax_",
    new_variable: "was taken out of the trace as the value of a new variable at test_absent_ways.py:39",
    as_list: "was taken out of the trace as a list",
}


@pytest.mark.parametrize("program", SAID, ids=lambda p: p.__name__)
def test_how_a_value_left_the_trace(program):
    x, w = tf.Variable([1.0, 3.0]), tf.Variable([2.0, 1.0])
    with tf.GradientTape() as tape:
        y = program(x, w)
    connection = tape.explain(y, x)
    assert connection.reason is Reason.NO_PATH
    assert "no operation leads from x to y. " in str(connection)
    assert SAID[program] in str(connection)


def test_a_tensor_whose_value_was_taken_is_called_by_its_variable():
    x = tf.Variable(2.0)
    fake = tf.tanh(x)
    y = tf.constant(fake.numpy()) * 2.0
    assert f"The value of fake ({fake.name}), computed from x, was taken out" in str(tf.explain(y, x))
    assert "The value of fake was taken out" in str(tf.explain(y, fake))


def test_a_value_that_was_only_shown_or_taken_later_is_no_cause(capsys):
    x, w = tf.Variable(2.0), tf.Variable(1.0)
    shown = f"{x:.2f} {x}"
    y = w * 3.0
    assert float(x) == float(shown.split()[0])
    assert str(tf.explain(y, x)).endswith("y depends on w: compute it from x, or ask for the gradient by w.")


def test_target_and_source_exchanged():
    x = tf.Variable(2.0)
    y = x * x
    said = str(tf.explain(x, y))
    assert "no operation leads from y to x. It is y that was computed from x: exchange the two" in said


def test_a_part_by_which_the_target_was_not_computed():
    theta = tf.Variable([1.0, 2.0])
    first = theta[0]
    loss = tf.reduce_sum(theta * theta)
    assert str(tf.explain(loss, first)).endswith(
        "Both were computed from theta, and loss not by way of first: "
        "ask for the gradient by theta, or compute loss from first."
    )


def test_a_source_that_was_bound_anew():
    w = tf.Variable(1.0)
    loss = w * w
    w = tf.Variable(2.0)
    said = str(tf.explain(loss, w))
    assert "loss depends on another tensor of that name, made at test_absent_ways.py:" in said
    assert said.endswith("keep that one and ask for the gradient by it, or compute loss anew.")


def test_a_variable_of_python_that_holds_the_result_of_an_operation():
    w = tf.Variable(1.0)
    loss = w * w
    w = w - 0.1
    assert "loss depends on another tensor of that name, made at test_absent_ways.py:" in str(tf.explain(loss, w))


@pytest.mark.parametrize("source", ["x", "a"])
def test_a_derivative_in_which_the_source_does_not_occur(source):
    x, a = tf.Variable(1.0), tf.Variable(2.0)
    sources = {"x": x, "a": a}
    y = 2.0 * x + tf.sin(a)
    (slope,) = tf.gradients(y, [x])
    assert (
        f"slope is the gradient of y ({y.name}) by x, in which {source} does not occur: its own derivative by {source} "
        "is zero. Ask for it with unconnected_gradients=UnconnectedGradients.ZERO."
    ) in str(tf.explain(slope, sources[source]))


def test_a_source_that_was_made_later():
    w = tf.Variable(1.0)
    loss = w * w
    b = tf.Variable(2.0)
    said = str(tf.explain(loss, b))
    assert "b was made after loss, at test_absent_ways.py:" in said
    assert said.endswith("compute loss anew, from b.")


def test_what_else_the_target_depends_on():
    x, a, b = tf.Variable(1.0), tf.Variable(1.0), tf.Variable(1.0)
    y = a * b
    assert str(tf.explain(y, x)).endswith(
        "y depends on a, b: compute it from x, or ask for the gradient by one of these."
    )
    many = tf.add_n([tf.Variable(1.0, name=f"v{k}") for k in range(9)])
    assert "many depends on v0, v1, v2, v3, v4, ...: compute it" in str(tf.explain(many, x))
    y = tf.constant(2.0, name="y") * 2.0
    assert f"y ({y.name}) depends on y: compute it from x" in str(tf.explain(y, x))
    y = tf.ones((2,)) * 1.0
    assert str(tf.explain(y, x)).endswith("y is computed from constants alone: compute it from x.")
    y = 2.0 * [tf.Variable(1.0)][0]
    assert f"y depends on {y.args[1].name}: compute it from x" in str(tf.explain(y, x))


def test_without_source_lines():
    tf.debugging.disable_source_lines()
    try:
        x = tf.Variable(2.0)
        y = tf.constant(x.numpy()) * 2.0
        late = tf.Variable(2.0)
    finally:
        tf.debugging.enable_source_lines()
    assert "was taken out of the trace as a NumPy array; what" in str(tf.explain(y, x))
    assert "late was made after y: compute y anew" in str(tf.explain(y, late))
