"""What is checked: functions, their names, and derivatives with and without rules of their own."""

import pytest

import tracer as tf
from tracer.testing.subjects import Subject, drop_rules, pull_back

x, g, h = tf.placeholder("x", (2,)), tf.placeholder("g", (2,)), tf.placeholder("h", (2,))


def show(tensor):
    return str(tensor.formula())


def test_rules_are_dropped_wherever_they_are():
    wrong = tf.custom_gradient(lambda x: (tf.sin(x), lambda g: 7 * g))
    (plain,) = drop_rules([tf.exp(wrong(2 * wrong(x)))])
    expected = tf.exp(tf.sin(2 * tf.sin(x)))
    assert show(tf.gradients(plain, x)[0]) == show(tf.gradients(expected, x)[0])


def test_what_has_no_rules_stays_as_it_is():
    y = tf.sin(x)
    assert drop_rules([y])[0] is y


@pytest.mark.parametrize(
    ("f", "arity", "names"),
    [(lambda a, b: a, 2, ["a", "b"]), (lambda *parts: parts[0], 2, ["x1", "x2"]), (lambda a, b=1: a, 1, ["a"])],
)
def test_inputs_have_the_names_of_parameters(f, arity, names):
    assert Subject(f, arity).names == names


def test_functions_are_called_by_their_names():
    assert Subject(tf.sin, 1).title == "sin"
    assert Subject(lambda x: x, 1).title == "the function"


@pytest.mark.parametrize("answer", [None, (1.0, 2.0), "text"])
def test_a_function_answers_one_tensor(answer):
    with pytest.raises(TypeError, match="answers one tensor, got"):
        Subject(lambda x: answer, 1).value([x])


def test_derivatives_of_first_and_second_order():
    first = Subject(tf.square, 1).differentiate(tf.square(x), [x, g])
    assert list(map(show, first.gradients)) == [show(2 * g * x)]
    second = Subject(tf.square, 1, order=2).differentiate(tf.square(x), [x, g, h])
    assert list(map(show, second.primals)) == [show(2 * g * x)]
    assert list(map(show, second.gradients)) == [show(2 * g * h), show(2 * h * x)]


def test_what_is_not_connected_has_zeros():
    (found,) = pull_back([tf.sin(x)], [h], [g])
    assert show(found) == show(tf.zeros_like(h))
