"""Values that were computed before: which of them a program uses, and how far it looks behind the others."""

import tracer as tf
from tracer.program.cached import LEVELS, find_used_values, has_own_value
from tracer.program.program import Program


def test_nothing_is_used_where_nothing_was_computed():
    x = tf.Variable(2.0)
    assert find_used_values([tf.sin(x) * x]) == set()
    assert has_own_value(x.read())
    assert not has_own_value(tf.sin(x))


def test_values_of_other_operations_are_used():
    m = tf.constant([[2.0, 1.0], [0.0, 1.0]])
    product = m @ m
    product.numpy()
    assert find_used_values([tf.exp(product) - 1.0]) == {product.node}
    whole = tf.constant([1, 2]) * 3
    whole.numpy()
    assert find_used_values([whole + 1]) == {whole.node}


def test_a_program_looks_a_few_operations_behind_a_value():
    x = tf.Variable(0.5)
    steps = [x.read()]
    for _ in range(4 * LEVELS):
        steps.append(tf.sin(steps[-1]))
        steps[-1].numpy()
    assert find_used_values([tf.exp(steps[-1])]) == {steps[-1 - LEVELS].node}


def test_a_computation_evaluated_step_by_step_costs_the_same_at_each_step():
    x = tf.Variable(0.5)
    lengths = []
    y = x * 0.5
    for _ in range(60):
        y = tf.tanh(y * 0.5)
        lengths.append(len(Program([y], []).lines))
        y.numpy()
    assert max(lengths) <= 3 * LEVELS
    assert lengths[-1] == lengths[30]


def test_what_no_value_was_asked_of_is_computed_anew_from_where_one_was():
    x = tf.Variable(0.5)
    start = tf.sin(x)
    start.numpy()
    y = start
    for _ in range(2 * LEVELS):
        y = tf.sin(y)
    assert find_used_values([y]) == set()  # a single operation behind ``start`` is a source
    y.numpy()
    assert find_used_values([tf.exp(y)]) == {start.node}
