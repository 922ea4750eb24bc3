"""Functions with a rule of their own, and regions without gradients."""

import pytest

import tracer as tf


def gradients_at(f, *values):
    variables = [tf.Variable(v) for v in values]
    with tf.GradientTape() as tape:
        y = f(*variables)
    return [None if g is None else float(g) for g in tape.gradient(y, variables)]


@tf.custom_gradient
def tenfold(x):
    return x * x, lambda d: 10.0 * d * x


def test_the_rule_is_used_and_can_be_differentiated():
    assert gradients_at(tenfold, 3.0) == [30.0]
    x = tf.Variable(3.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tenfold(x)
        slope = inner.gradient(y, x)
    assert float(outer.gradient(slope, x)) == 10.0


def test_keyword_calls_use_the_rule():
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = tenfold(x=x)
    assert float(tape.gradient(y, x)) == 30.0


def test_a_rule_that_answers_none_cuts_that_argument_alone():
    @tf.custom_gradient
    def f(x, y):
        return x * y, lambda d: (d, None)

    assert gradients_at(f, 2.0, 3.0) == [1.0, None]


def test_several_outputs_reach_the_rule_at_once():
    seen = []

    @tf.custom_gradient
    def f(x):
        def rule(first, second):
            seen.append((float(first), float(second)))
            return tf.minimum(first + second, 4.0)

        return (x, 2 * x), rule

    def total(x):
        a, b = f(x)
        return 3.0 * a + 2.0 * b

    assert gradients_at(total, 1.0) == [4.0]
    assert seen == [(3.0, 2.0)]


def test_an_output_that_is_not_used_has_the_cotangent_zero():
    @tf.custom_gradient
    def f(x):
        return (x, x * x), lambda a, b: a + 100.0 * b

    assert gradients_at(lambda x: f(x)[0] * 5.0, 1.0) == [5.0]


def test_what_the_function_closes_over_keeps_its_path():
    c = tf.constant(2.0)
    x = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        tape.watch(c)
        squared = c * c

        @tf.custom_gradient
        def f(x):
            return x * squared, lambda d: 100.0 * d

        y = f(x)
    assert [float(g) for g in tape.gradient(y, [x, c])] == [100.0, 4.0]


def test_variables_go_through_the_rule():
    k, x = tf.Variable(5.0), tf.Variable(2.0)

    @tf.custom_gradient
    def f(x):
        return x * k, lambda d, variables: (7.0 * d, [11.0 * d for _ in variables])

    with tf.GradientTape() as tape:
        y = f(x)
    assert [float(g) for g in tape.gradient(y, [x, k])] == [7.0, 11.0]


def test_a_rule_without_variables_is_refused_where_they_are_read():
    k = tf.Variable(5.0)
    f = tf.custom_gradient(lambda x: (x * k, lambda d: d))
    with pytest.raises(TypeError, match="keyword `variables`"):
        f(tf.constant(1.0))


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (lambda d: (d, d), "answers 2 gradients for 1 arguments"),
        (lambda d: tf.constant([1.0, 2.0]), r"shape \(2,\) for an argument of shape \(\)"),
    ],
)
def test_wrong_answers_of_a_rule_are_refused(rule, message):
    f = tf.custom_gradient(lambda x: (x * 2.0, rule))
    with pytest.raises(ValueError, match=message):
        gradients_at(f, 1.0)


def test_a_function_without_a_rule_is_refused():
    with pytest.raises(TypeError, match="return y, grad"):
        tf.custom_gradient(lambda x: x)(1.0)


def test_a_rule_that_is_constant_has_no_second_derivative():
    f = tf.custom_gradient(lambda x: (x * x, lambda d: tf.constant(3.0)))
    x = tf.Variable(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = f(x)
        slope = inner.gradient(y, x)
    assert float(slope) == 3.0
    assert outer.gradient(slope, x) is None


def test_the_formula_is_that_of_the_rule():
    x = tf.symbols("x")
    assert str(tf.gradients(tenfold(x), x)[0].formula()) == "10*x"
    assert str(tenfold(x).formula()) == "x**2"


def test_straight_through_rounding():
    assert gradients_at(lambda x: 3.0 * tf.grad_pass_through(tf.round)(x), 1.4) == [3.0]


def test_what_runs_without_gradient_is_constant_with_a_tape_and_without():
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        with tf.no_gradient():
            c = x * x
        y = c * x
    assert float(tape.gradient(y, x)) == 9.0
    assert float(tf.gradients(y, x)[0]) == 9.0
