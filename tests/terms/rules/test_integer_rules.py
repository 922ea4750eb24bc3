"""Whole numbers: by their dtype, or by declaration."""

import numpy as np
import pytest
import sympy

import tracer as tf
from tests.terms.programs import HALF, ROOT, add, compare, n, one, scaled, u, v, whole, zero
from tests.terms.rules.answers import answer, normal
from tracer.terms.record import call, number

i = tf.placeholder("i", ("n",), dtype="int64")
j = tf.placeholder("j", dtype="int32")
k = tf.cast(i, "float64")
w = tf.placeholder("w", ("n",), integer=True)
x = tf.placeholder("x", ("n",))


def mask(condition):
    return tf.cast(condition, "float64")


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (tf.floor(k) + tf.math.ceil(w), "i + w"),
        (tf.cast(k, "int64"), "i"),
        (mask(i >= 1), "step(i)"),
        (mask(i > -1), "[i >= 0]"),
        (mask(j < 3) - mask(j <= 2), "0"),
        (mask(2 * i > 3), "[i > 1]"),
        (mask(tf.equal(2 * i, 5)), "0"),
        (mask(w < 0.5), "[w <= 0]"),
        (mask(x >= 1), "[x >= 1]"),
        (tf.reduce_sum(mask(i > 0)) - tf.reduce_sum(mask(i >= 1)), "0"),
        ((-1.0) ** (2 * k), "ones(n, 1)"),
        ((-x) ** (2 * k + 1), "-x**(2*i + 1)"),
        ((-x) ** k, "(-x)**i"),
        ((-x) ** (2 * k + 2), "x**(2*(i + 1))"),
        ((-x) ** (2 * k + 3), "-x**(2*i + 3)"),
        ((-x) ** (2 * k + 0.5), "(-x)**((4*i + 1)/2)"),
        ((-x) ** (2 * x), "(-x)**(2*x)"),
        ((-x) ** (3 * k), "(-x)**(3*i)"),
        ((-2.0) ** (2 * k), "2**(2*i)"),
        (((-1.0) ** k) ** 2, "ones(n, 1)"),
        (tf.sin(np.pi * k), "0"),
        (tf.sin(np.pi * tf.cast(j, "float64")) + tf.cos(2 * np.pi * tf.cast(j, "float64")), "1"),
        (tf.cos(np.pi * w), "(-1)**w"),
        (tf.cos(3 * np.pi * w) - tf.cos(np.pi * w), "0"),
        (tf.cos(np.pi * (2 * w + i + 1)), "-(-1)**i"),
        (tf.sin(np.pi * (w + 0.5)), "(-1)**w"),
        (tf.cos(np.pi * (x + w)), "(-1)**w o cos(pi*x)"),
        (tf.sin(np.pi * x + 4 * np.pi * w), "sin(pi*x)"),
        (tf.tan(x + np.pi * w), "tan(x)"),
        (tf.cos(np.pi * w / 2), "cos(pi*w/2)"),
        (tf.cos(np.pi * x), "cos(pi*x)"),
        ((-x) ** (2 * tf.floor(x) + w), "(-x)**(2*floor(x) + w)"),
    ],
)
def test_what_is_known_of_whole_numbers(tensor, text):
    assert str(tensor.formula()) == text


def test_an_integer_has_no_gradient_and_a_declared_one_has():
    assert tf.gradients((-1.0) ** k, i) == [None]
    assert str(tf.gradients(tf.floor(w) * w + w**2, w)[0].formula()) == "3*w"


def to_the(base, *rows):
    return call(sympy.Pow, [base, add(rows)])


def at(value):
    return number(value, (n,))


def turn(head, *rows):
    return call(head, [normal(add([(sympy.pi * c, t) for c, t in rows]))])


ANSWERS = {
    "k >= 1 -> k > 0": [
        (compare(sympy.Gt, whole, at(-1)), "Ge(whole, 0 -> [0])"),
        (compare(sympy.Gt, whole, at(0)), ""),
        (compare(sympy.Gt, whole, at(1)), ""),
        (compare(sympy.Ge, whole, at(-1)), ""),
        (compare(sympy.Ge, whole, at(0)), ""),
        (compare(sympy.Ge, whole, at(1)), "Gt(whole, 0 -> [0])"),
        (compare(sympy.Lt, whole, at(-1)), ""),
        (compare(sympy.Lt, whole, at(0)), ""),
        (compare(sympy.Lt, whole, at(1)), "Le(whole, 0 -> [0])"),
        (compare(sympy.Le, whole, at(-1)), "Lt(whole, 0 -> [0])"),
        (compare(sympy.Le, whole, at(0)), ""),
        (compare(sympy.Le, whole, at(1)), ""),
        (compare(sympy.Gt, whole, at(5 * HALF)), "Gt(whole, 2 -> [0])"),
        (compare(sympy.Lt, whole, at(-5 * HALF)), "Lt(whole, -2 -> [0])"),
        (compare(sympy.Eq, whole, at(HALF)), "False -> [0]"),
        (compare(sympy.Ne, whole, at(HALF)), "True -> [0]"),
        (compare(sympy.Ne, whole, one), ""),
        (compare(sympy.Ge, whole, at(n)), ""),
        (compare(sympy.Ge, whole, at(ROOT)), ""),
        (compare(sympy.Ge, whole, v), ""),
        (compare(sympy.Ge, u, one), ""),
    ],
    "cos(x + pi*k) -> (-1)**k*cos(x)": [
        (turn(sympy.cos, (1, whole)), "Pow(-1 -> [0], whole)"),
        (turn(sympy.cos, (2, whole)), "1 -> [0]"),
        (turn(sympy.cos, (-3, whole), (HALF, u)), "Pow(-1 -> [0], whole)[0]*cos(pi/2*u[0] -> [0])[0] -> [0]"),
        (turn(sympy.cos, (2 * n, whole), (1, u)), "cos(pi*u[0] -> [0])"),
        (turn(sympy.cos, (n, one), (1, u)), "(-1)**n*cos(pi*u[0] -> [0])[0] -> [0]"),
        (turn(sympy.cos, (3, one), (1, u)), "-1*cos(pi*u[0] -> [0])[0] -> [0]"),
        (turn(sympy.sin, (1, whole)), "0 -> [0]"),
        (turn(sympy.sin, (1, whole), (HALF, one)), "Pow(-1 -> [0], whole)"),
        (turn(sympy.sin, (4, whole), (1, u)), "sin(pi*u[0] -> [0])"),
        (turn(sympy.tan, (1, whole), (3, one), (1, u)), "tan(pi*u[0] -> [0])"),
        (turn(sympy.cos, (HALF, whole)), ""),
        (turn(sympy.cos, (1, u)), ""),
        (turn(sympy.sin, (HALF, one), (1, u)), ""),
    ],
    "(-x)**(2*k) -> x**(2*k)": [
        (to_the(scaled(-1, u), (2, whole)), "Pow(u, 2*whole[0] -> [0])"),
        (to_the(scaled(-3, u), (2, whole), (1, one)), "-1*Pow(3*u[0] -> [0], (1 -> [0]) + 2*(whole))[0] -> [0]"),
        (to_the(scaled(-3, u), (2, whole), (2, one)), "Pow(3*u[0] -> [0], 2*((1 -> [0]) + (whole))[0] -> [0])"),
        (to_the(scaled(-1, u), (2, whole), (3, one)), "-1*Pow(u, 3*(1 -> [0]) + 2*(whole))[0] -> [0]"),
        (to_the(scaled(-1, u), (-4, whole), (-3, one)), "-1*Pow(u, -1*(3*(1 -> [0]) + 4*(whole))[0] -> [0])[0] -> [0]"),
        (to_the(scaled(-1, u), (2 * n, whole), (1, one)), "-1*Pow(u, (1 -> [0]) + 2*n*(whole))[0] -> [0]"),
        (to_the(scaled(-1, u), (2, whole), (HALF, one)), ""),
        (to_the(scaled(-1, u), (1, whole)), ""),
        (to_the(scaled(-1, u), (3, whole)), ""),
        (to_the(scaled(-1, u), (n, whole)), ""),
        (to_the(scaled(-1, u), (HALF, whole)), ""),
        (to_the(scaled(-1, u), (2, v)), ""),
        (to_the(u, (2, whole)), ""),
        (to_the(at(-2), (2, whole), (1, one)), "-1*Pow(2 -> [0], (1 -> [0]) + 2*(whole))[0] -> [0]"),
        (to_the(at(-1), (2, whole)), "Pow(1 -> [0], 2*whole[0] -> [0])"),
        (to_the(at(2), (2, whole)), ""),
        (to_the(one, (1, v)), "1 -> [0]"),
        (to_the(zero, (2, whole)), ""),
    ],
}


@pytest.mark.parametrize("rule", ANSWERS)
def test_a_rule_has_this_answer(rule):
    for term, expected in ANSWERS[rule]:
        assert answer(rule, term) == expected, term
