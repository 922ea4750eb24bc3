"""Errors of wrong calls end at the caller's line, with the caller's names; faults keep their frames."""

import inspect
import pickle
import traceback

import numpy as np
import pytest

import tracer as tf
from tracer import tracebacks


@pytest.fixture(autouse=True)
def _as_users_see_it(monkeypatch):
    monkeypatch.delenv("TRACER_TRACEBACK", raising=False)


x, w = tf.placeholder("x", ("n", "m")), tf.placeholder("w", ("k",))


def raised(call):
    """The error of a call, and the lines of its traceback after this one, those of the tests' own wrapper left out."""
    with pytest.raises(tracebacks.ERRORS) as caught:
        call()
    frames = [f for f in traceback.extract_tb(caught.value.__traceback__)[1:] if not f.filename.endswith("watching.py")]
    return caught.value, [f.line for f in frames]


CALLS = [
    lambda: x @ w,
    lambda: x + tf.ones((7, 7, 7)),
    lambda: x & x,
    lambda: tf.reduce_sum(x, axis=9),
    lambda: tf.sin(),
    lambda: tf.sin("a"),
    lambda: tf.linalg.inv(w),
    lambda: tf.nn.softmax(x, axis=5),
    lambda: tf.math.segment_max([1.0, 2.0], [1, 0]),
    lambda: x[0, 0, 0],
    lambda: x.numpy(),
    lambda: x.eval({"y": 3}),
    lambda: x.set_shape((3,)),
    lambda: len(x),
    lambda: bool(x),
    lambda: float(x),
    lambda: ~x,
    lambda: pickle.dumps(x),
    lambda: np.sum(x, axis=9),
    lambda: x.sum(axis=9),
    lambda: x.reshape(7),
    lambda: -(x > 0),
    lambda: tf.name_scope(3),
    lambda: tf.Module("a b"),
    lambda: tf.TensorSpec("a b"),
    lambda: tf.random.normal("a"),
    lambda: tf.custom_gradient(lambda a: a)(x),
    lambda: tf.autodiff.ForwardAccumulator(x, w),
    lambda: tf.Variable([1.0]).__iadd__(1.0),
    lambda: tf.constant([[1.0], [1.0, 2.0]]),
    lambda: tf.Variable([1.0]).assign([1.0, 2.0]),
    lambda: tf.Variable([1.0])[0].assign([1.0, 2.0]),
    lambda: tf.GradientTape().gradient(x, x),
    lambda: tf.gradients(x, None),
    lambda: tf.compile(x, [w]),
    lambda: tf.grad(3),
    lambda: tf.grad(lambda a: a)("text"),
    lambda: tf.vmap(lambda a: a, in_axes=(0, 0))(x),
    lambda: tf.TensorArray("float64", 1).read(5),
    lambda: tf.function(abs, [tf.TensorSpec([3])])([1.0]),
    lambda: tf.ensure_shape(x, (3,)),
]  # fmt: skip


@pytest.mark.parametrize("call", CALLS, ids=lambda call: inspect.getsource(call).strip())
def test_the_last_line_is_the_callers(call):
    error, lines = raised(call)
    assert isinstance(error, tracebacks.ERRORS)
    assert len(lines) == 1
    assert lines[0] in inspect.getsource(call)


def test_functions_that_are_called_back_are_shown():
    def inner(a):
        return a @ w

    _, lines = raised(lambda: tf.grad(inner)(x))
    assert lines == ["_, lines = raised(lambda: tf.grad(inner)(x))", "return a @ w"]
    _, lines = raised(lambda: tf.cond(tf.constant(True), lambda: inner(x), lambda: x))
    assert lines[1:] == [
        "_, lines = raised(lambda: tf.cond(tf.constant(True), lambda: inner(x), lambda: x))",
        "return a @ w",
    ]


def test_variables_are_named():
    other = tf.ones((2, 2))

    def named():
        hidden, weights = tf.tanh(x) + 1.0, tf.ones((5,)) * 2
        return hidden @ weights

    error, _ = raised(named)
    assert "dimensions m and 5 differ: hidden (add_" in str(error)
    assert "with weights (multiply_" in str(error)

    def through_a_function():
        hidden = tf.tanh(x) + 1.0
        return tf.reduce_sum(hidden * other, 3)

    error, _ = raised(through_a_function)
    assert "multiply of hidden (add_" in str(error)
    assert "hidden (hidden" not in str(error)


def test_a_fault_in_the_library_keeps_its_frames(monkeypatch):
    def broken(*args):
        return len(5)

    monkeypatch.setattr(tf.tensor, "lent", tf.tensor.lent._replace(getitem=broken))
    with pytest.raises(TypeError, match="has no len") as caught:
        x[0]
    assert traceback.extract_tb(caught.value.__traceback__)[-1].line == "return len(5)"
    assert any(f.filename.endswith("tensor.py") for f in traceback.extract_tb(caught.value.__traceback__))


def test_an_error_of_the_callers_own_keeps_its_frames():
    def own(a):
        raise ValueError("mine, at fault")

    _, lines = raised(lambda: tf.grad(own)(x))
    assert lines[-1] == 'raise ValueError("mine, at fault")'
    assert len(lines) > 2


def test_developers_see_everything(monkeypatch):
    monkeypatch.setenv("TRACER_TRACEBACK", "full")
    with pytest.raises(ValueError, match="dimensions m and k differ") as caught:
        x @ w
    assert len(traceback.extract_tb(caught.value.__traceback__)) > 2


def test_functions_stay_what_they_are():
    assert tf.reduce_sum.__name__ == "reduce_sum"
    assert list(inspect.signature(tf.reduce_sum).parameters)[:3] == ["input_tensor", "axis", "keepdims"]
    assert tf.matmul is tf.linalg.matmul
    for function in (tf.reduce_sum, tf.linalg.inv, tf.nn.softmax, tf.sin, tf.gradients, tf.math.segment_max):
        assert pickle.loads(pickle.dumps(function)) is function
