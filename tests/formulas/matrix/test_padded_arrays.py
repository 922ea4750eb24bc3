"""Arrays with a number around them, in every form."""

import numpy as np
import pytest
import sympy
from sympy.tensor.array.expressions import ArraySymbol

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.matrix.padded_arrays import Padded
from tracer.testing.interpreter import evaluate

T = tf.placeholder("T", ("b", 3, "c"))
SIZES = {"b": 2, "c": 2}


def slope(loss):
    return tf.gradients(tf.reduce_sum(loss), T)[0]


PROGRAMS = {
    "zeros": (lambda: tf.pad(T, [(1, 0), (1, 2), (0, 1)]), "pad(T, ((1, 0), (1, 2), (0, 1)))"),
    "a multiple": (lambda: 2 * tf.pad(T, [(1, 0), (0, 2), (0, 1)]), "2*pad(T, ((1, 0), (0, 2), (0, 1)))"),
    "infinite": (
        lambda: tf.exp(tf.pad(T, [(1, 1), (1, 0), (1, 0)], constant_values=-np.inf)),
        "pad(T, ((1, 1), (1, 0), (1, 0)), -oo)",
    ),
    "of a function": (lambda: slope(tf.exp(T[1:, 1:, 1:])), "pad(exp(T[1:, 1:, 1:]), ((1, 0), (1, 0), (1, 0)))"),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_stands_in_one_run_of_places_is_padded(name):
    program, text = PROGRAMS[name]
    tensor = program()
    assert text in str(tensor.formula())
    array = np.random.default_rng(3).normal(size=(2, 3, 2))
    want = np.asarray(tensor.eval({T: array}))
    np.testing.assert_allclose(evaluate(tensor.formula(), SIZES, {"T": array}), want)
    assert not faults(tensor, SIZES, {"T": array}, want)


def test_elements_are_those_within_or_the_number():
    n = sympy.Symbol("n", integer=True, positive=True)
    array = Padded(ArraySymbol("X", (2, n)), sympy.Tuple(sympy.Tuple(1, 0), sympy.Tuple(0, 0)), -sympy.oo)
    assert array.shape == (3, n)
    assert array._entry(sympy.S.Zero, sympy.S.Zero) == -sympy.oo
    assert str(array._entry(sympy.S(2), sympy.S.Zero)) == "X[1, 0]"


def test_a_padded_array_is_compared_with_a_program():
    given = tf.pad((y := tf.placeholder("y", (2, 3, 2))), [(0, 0), (1, 0), (0, 0)]).formula()
    assert isinstance(given, Padded)
    same = tf.compare(lambda y: tf.pad(y, [(0, 0), (1, 0), (0, 0)]), given, tuple(y.shape))
    assert same.verdict is not tf.Verdict.REFUTED
    other = tf.compare(lambda y: tf.pad(y, [(0, 0), (0, 1), (0, 0)]), given, tuple(y.shape))
    assert other.verdict is tf.Verdict.REFUTED
