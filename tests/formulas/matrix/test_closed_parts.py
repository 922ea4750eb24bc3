"""Numbers made of matrices within a function of elements have names too."""

import pytest
import sympy

import tracer as tf
from tracer.formulas.matrix.closed_parts import list_closed, replace_closed

x, a, b, z = sympy.symbols("x a b z")
v, w, g = (tf.placeholder(name, ("n",)) for name in "vwg")


def function(body):
    return sympy.Lambda(x, body)


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        (sympy.exp(a + b) * x + sympy.exp(a + b), {sympy.exp(a + b): 2}),
        (sympy.Piecewise((x, x > sympy.exp(a)), (sympy.exp(a), True)), {sympy.exp(a): 2}),
        (sympy.log(x + 2) ** 3 + a, {}),
        (x, {}),
    ],
)
def test_what_has_no_variable_of_the_function(body, parts):
    assert list_closed(function(body)) == parts


def test_a_part_is_replaced_everywhere_and_nothing_else_is_worked_out():
    twice = sympy.Add(x, x, evaluate=False)
    made = replace_closed(function(twice * sympy.exp(a) + sympy.exp(a)), {sympy.exp(a): z})
    assert str(made.expr) == "z*(x + x) + z"
    whole = function(x + a)
    assert replace_closed(whole, {sympy.exp(a): z}) is whole


@pytest.mark.parametrize(
    ("loss", "text"),
    [
        (tf.norm(v, ord=float("inf")), "(sign(v) o u)/sum(u), where z = abs(v), u = [z == max(z)]"),
        (tf.reduce_max(v * g), "(g o z)/sum(z), where z = [v o g == max(v o g)]"),
    ],
)
def test_the_greatest_is_that_of_the_part(loss, text):
    slope = tf.gradients(loss, v)[0]
    assert str(tf.formula(slope, form="where")) == text
    tf.testing.verify_formula(slope)


def test_a_number_within_a_function_has_a_name():
    s = tf.reduce_sum(v * w) + tf.reduce_sum(tf.exp(w))
    made = tf.formula(tf.sin(v * s) * tf.exp(g * s), form="where")
    assert str(made).count("sum(exp(w))") == 1
