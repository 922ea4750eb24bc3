"""Functions with signatures: calls, symbolic traces, what is refused."""

import inspect

import numpy as np
import pytest

import tracer as tf
from tracer.function import Function


@tf.function(input_signature=[tf.TensorSpec([None, "m"]), tf.TensorSpec(["m"])])
def predict(X, w):
    """Documented."""
    return X @ w


def test_results_have_formulas_in_the_parameters():
    y = predict(np.ones((3, 2)), [1.0, 2.0])
    assert str(y.formula()) == "X*w"
    np.testing.assert_array_equal(y.numpy(), [3, 3, 3])


def test_a_trace_for_symbols():
    traced = predict.get_concrete_function()
    assert [x.name for x in traced.inputs] == ["X", "w"]
    assert traced.outputs[0].shape == (tf.placeholder("n", ("n",)).shape)
    assert str(tf.gradients(tf.reduce_sum(traced.outputs[0] ** 2), traced.inputs[1])[0].formula()) == "2*X.T*X*w"
    np.testing.assert_array_equal(traced(np.ones((1, 2)), w=[1.0, 2.0]).numpy(), [3])
    assert "predict(TensorSpec(shape=(None, m)" in repr(traced)


def test_unknown_dimensions_are_different():
    f = tf.function(lambda n, y: (n, y))
    first, second = f.get_concrete_function(tf.TensorSpec([None]), tf.TensorSpec([None, None])).structured_outputs
    dims = [str(d) for d in (*first.shape, *second.shape)]
    assert len(set(dims)) == 3
    assert "n" not in dims


def test_other_arguments_stand_for_themselves():
    f = tf.function(lambda x, axis=None, *, scale=1.0: tf.reduce_sum(x, axis) * scale)
    traced = f.get_concrete_function(np.ones((2, 3)), 0, scale=2.0)
    assert traced.structured_outputs.shape == (3,)
    assert traced.structured_input_signature[1] == {"scale": 2.0}
    np.testing.assert_array_equal(traced(np.ones((2, 3))).numpy(), [4, 4, 4])


def test_nests_of_inputs():
    f = tf.function(
        lambda pair: pair["a"] - pair["b"], input_signature=[{"a": tf.TensorSpec([]), "b": tf.TensorSpec([])}]
    )
    assert float(f({"a": 3.0, "b": 1.0})) == 2
    assert str(f.get_concrete_function().structured_outputs.formula()) == "pair_0 - pair_1"


def test_it_looks_like_the_function():
    assert isinstance(predict, Function)
    assert predict.__doc__ == "Documented."
    assert list(inspect.signature(predict).parameters) == ["X", "w"]
    assert repr(predict) == "<Function predict>"
    assert tf.function(abs).python_function is abs


def test_it_can_be_differentiated():
    assert float(tf.grad(tf.function(lambda x: x * x))(3.0)) == 6


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: predict(np.ones((3, 2)), [1, 2, 3]),
            r"the argument w has shape \(3,\), where the dimension m is 3; in the arguments before it is 2",
        ),
        (
            lambda: predict(np.ones(3), [1.0]),
            r"the argument X has shape \(3,\) and dtype float64, the input_signature says shape \(None, m\)",
        ),
        (
            lambda: predict(tf.ones((3, 2), "float32"), [1.0]),
            r"dtype float32, the input_signature says .* dtype float64",
        ),
        (lambda: predict(), "takes the arguments X, w of its input_signature, got 0 by position and none by name"),
        (lambda: predict(1, 2, 3), "got 3 by position"),
        (lambda: predict(1, X=2), "got 1 by position and X by name"),
        (lambda: predict.get_concrete_function()(1.0), "takes the inputs X, w, got 1 by position"),
        (lambda: tf.function(3), "function takes a callable, got 3"),
        (lambda: tf.function(abs, [3]), "an input_signature is a list of TensorSpec, got 3"),
        (lambda: tf.function(abs, retrace=True), "retrace"),
    ],
)
def test_type_errors(call, message):
    with pytest.raises(TypeError, match=message):
        call()


def test_an_unknown_rank_has_no_symbols():
    f = tf.function(abs, [tf.TensorSpec(None)])
    assert float(f(-2.0)) == 2
    with pytest.raises(ValueError, match="the input x has no known rank; give its TensorSpec a shape"):
        f.get_concrete_function()
