"""Functions with a rule of their own, and regions without gradients."""

import gc
import weakref

import numpy as np
import pytest

import tracer as tf
from tests.helpers import assert_same


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
        (lambda d: tf.constant([1.0, 2.0]), r"shape \(2,\) for an argument of shape \(\); answer one of"),
    ],
)
def test_wrong_answers_of_a_rule_are_refused(rule, message):
    f = tf.custom_gradient(lambda x: (x * 2.0, rule))
    with pytest.raises(ValueError, match=message):
        gradients_at(f, 1.0)


def test_a_rule_of_variables_that_answers_no_pair_is_refused():
    k, x = tf.Variable(5.0), tf.Variable(2.0)
    f = tf.custom_gradient(lambda x: (x * k, lambda d, variables: d))
    with tf.GradientTape() as tape:
        y = f(x)
    with pytest.raises(TypeError, match=r"answers a pair: .*, got Tensor; write `return gradients, of_variables`"):
        tape.gradient(y, x)


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


@tf.custom_gradient
def steep(x):
    """The sine, with a rule that is not its derivative."""
    return tf.sin(x), lambda g: 7 * g * x


@tf.custom_gradient
def pair(x, y):
    return (x * y, x - y), lambda g, h: (g * y + 2 * h, g * x * x - h)


@tf.custom_gradient
def damped(x):
    """Of a whole row: the rule clips the norm of the cotangent, so that rows must not mix."""
    return x, lambda g: steep(tf.clip_by_norm(g, 1.0))


def closing(x):
    """The rule closes over what is computed of the row outside, and over the value."""
    outside = tf.cos(x)

    @tf.custom_gradient
    def inner(y):
        value = tf.exp(y)
        return value, lambda g: g * value * outside

    return inner(x * x) * outside


MAPPED = {
    "steep": lambda x: tf.reduce_sum(steep(x)),
    "twice": lambda x: tf.reduce_sum(steep(steep(x) * x)),
    "pair": lambda x: tf.reduce_sum(pair(x, x * x)[0] * pair(x, 2 * x)[1]),
    "one-of-two": lambda x: tf.reduce_sum(pair(x, tf.sin(x))[1]),
    "damped": lambda x: tf.reduce_sum(damped(x) * x),
    "closing": lambda x: tf.reduce_sum(closing(x)),
    "within": lambda x: tf.reduce_sum(x * tf.vmap(steep)(x)),
    "passing": lambda x: tf.reduce_sum(tf.grad_pass_through(tf.round)(x) * x),
}


class TestBatches:
    rows = np.linspace(-1.1, 1.3, 6).reshape(2, 3)

    @pytest.mark.parametrize("name", MAPPED)
    @pytest.mark.parametrize("of", [lambda f: f, tf.grad, tf.jacobian, tf.hessian])
    def test_mapping_is_stacking(self, name, of):
        f = of(MAPPED[name])
        one_by_one = [f(row).numpy() for row in self.rows]
        assert_same(tf.vmap(f)(self.rows), one_by_one)
        assert_same(tf.vectorized_map(f, self.rows), one_by_one)

    @pytest.mark.parametrize("name", MAPPED)
    @pytest.mark.parametrize("of", [tf.grad, tf.hessian])
    def test_derivatives_of_what_is_mapped(self, name, of):
        f = MAPPED[name]
        mapped = of(lambda rows: tf.reduce_sum(tf.vmap(f)(rows)))(self.rows)
        stacked = of(lambda rows: tf.reduce_sum(tf.map_fn(f, rows)))(self.rows)
        assert_same(mapped, stacked.numpy())

    def test_mapping_twice(self):
        cube = np.linspace(-1.0, 1.0, 12).reshape(2, 2, 3)
        f = MAPPED["closing"]
        twice = tf.grad(lambda x: tf.reduce_sum(tf.vmap(tf.vmap(f))(x)))(cube)
        assert_same(twice, [[tf.grad(f)(row).numpy() for row in rows] for rows in cube])

    def test_what_is_the_same_for_all_rows(self):
        def f(w, x):
            @tf.custom_gradient
            def scaled(y):
                return y * w, lambda g: 3 * g

            return tf.reduce_sum(tf.vmap(lambda row: pair(row, w)[0] + scaled(row))(x))

        x = np.array([1.0, 2.0, 4.0])
        by_w, by_x = tf.grad(f, argnums=(0, 1))(5.0, x)
        assert_same(by_w, np.sum(x * x) + np.sum(x))
        assert_same(by_x, np.full(3, 5.0 + 3.0))

    def test_variables(self):
        v = tf.Variable(2.0)

        @tf.custom_gradient
        def scaled(x):
            return x * v, lambda g, variables=None: (g * 10, [g * x * x])

        x = tf.constant([1.0, 2.0, 4.0])
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(tf.vmap(scaled)(x))
        by_v, by_x = tape.gradient(y, [v, x])
        assert_same(by_v, 21.0)
        assert_same(by_x, [10.0, 10.0, 10.0])

    def test_symbolic_rows(self):
        X = tf.placeholder("X", shape=("n", "m"))
        gradient = tf.gradients(tf.reduce_sum(tf.vmap(steep)(X)), X)[0]
        assert str(gradient.formula()) == "7*X"

    def test_nothing_stays(self):
        def once():
            x = tf.constant([1.0, 2.0])
            y = tf.vmap(steep)(x)
            return weakref.ref(y), tf.gradients(y, x)[0].numpy()

        gc.disable()
        try:
            assert once()[0]() is None
        finally:
            gc.enable()


@pytest.mark.parametrize("name", ["inv", "cast", "softmax", "stop_gradient"])
def test_a_function_with_the_name_of_an_operation_is_no_such_operation(name):
    def function(x):
        return 3.0 * x, lambda g: 5.0 * g

    function.__name__ = name
    named = tf.custom_gradient(function)
    x = tf.placeholder("x", (2, 2))
    assert named(x).op == f"custom_{name}"
    assert tf.compare(named, "3*x", (2, 2)).verdict.value == "proved"
    value, gradient = tf.compile([named(x), tf.gradients(named(x), x)[0]], [x])([[1.0, 2.0], [3.0, 5.0]])
    assert value.tolist() == [[3.0, 6.0], [9.0, 15.0]]
    assert gradient.tolist() == [[5.0, 5.0], [5.0, 5.0]]
