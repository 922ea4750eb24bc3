"""Components: formulas element by element."""

import pytest
import sympy

import tracer as tf
from tests.formulas.programs import w


def test_components_are_scalar_expressions_in_elements() -> None:
    a = tf.placeholder("a", (2, 3))
    b = tf.placeholder("b", (3,))
    array = tf.gradients(tf.reduce_sum(tf.tanh(a @ b)), b)[0].components()
    assert array.shape == (3,)
    assert str(array[0]) == (
        "(1 - tanh(a[0, 0]*b[0] + a[0, 1]*b[1] + a[0, 2]*b[2])**2)*a[0, 0] + "
        "(1 - tanh(a[1, 0]*b[0] + a[1, 1]*b[1] + a[1, 2]*b[2])**2)*a[1, 0]"
    )
    assert tf.reduce_sum(b).components() == sum(sympy.IndexedBase("b", real=True)[k] for k in range(3))


def test_components_need_sizes() -> None:
    with pytest.raises(ValueError, match="concrete"):
        (2 * w).components()


def test_components_nested_too_deep_name_the_steps() -> None:
    x = tf.symbols("x")
    for _ in range(3000):
        x = tf.sin(x)
    message = r'^the components of sin\w* are functions nested deeper than sympy can hold; .*tensor, form="steps"\)$'
    with pytest.raises(ValueError, match=message):
        x.components()


def test_an_operation_that_says_nothing_of_its_elements_is_named() -> None:
    tensor = tf.tensor.Tensor(tf.rules.Op("mystery"), (tf.symbols("x"),), None, (), "float64")
    with pytest.raises(ValueError, match=r"^the operation 'mystery' says nothing of its elements; .*form=\"steps\"\)$"):
        tensor.components()
