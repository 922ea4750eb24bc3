"""When operations are the same function."""

import numpy as np

import tracer as tf
from tracer.comparison.same_operations import describe_operation


def test_operations_with_other_parameters_are_others():
    first, second = np.arange(2000.0), np.arange(2000.0)
    second[1000] += 1e-9

    class Operation:
        rule, shape, dtype = None, (), "float64"

        def __init__(self, params):
            self.params = params

    assert describe_operation(Operation((first, 1))) == describe_operation(Operation((first.copy(), 1)))
    assert describe_operation(Operation((first, 1))) != describe_operation(Operation((second, 1)))
    assert describe_operation(Operation((1,))) != describe_operation(Operation((True,)))


def test_large_constants_tell_programs_apart():
    """As text an array of so many elements is abbreviated."""
    order = np.arange(1200) % 2
    other = order.copy()
    other[500] = 1
    answer = tf.compare(lambda x: tf.gather(x, order)[500], lambda x: tf.gather(x, other)[500], (2,))
    assert answer.verdict.value == "refuted"
    assert np.count_nonzero(answer.counterexample["x"]) < 20
