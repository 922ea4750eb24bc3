"""Signs of the values of a choice."""

import pytest
import sympy

import tracer as tf
from tracer.formulas.matrix.choice_signs import is_shorter_turned, list_all_values, list_values, turn_choice
from tracer.terms.record import add, call, number, scaled, source

c = source("c", (), ["bool"])
u, v = source("u", ()), source("v", ())
X, w = tf.placeholder("X", ("n", "d")), tf.placeholder("w", ("d",))
x, y, z = (tf.placeholder(name, ("n",)) for name in "xyz")
where = tf.where


def choice(*values):
    *first, last = values
    return call(sympy.Piecewise, [part for value in first for part in (value, c)] + [last])


def slope(loss):
    return tf.gradients(loss, w)[0]


def pinball(r, share):
    return tf.reduce_sum(tf.maximum(share * r, (share - 1) * r))


def huber(r):
    return tf.reduce_sum(where(tf.abs(r) < 1, r**2 / 2, tf.abs(r) - 0.5))


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (slope(pinball(y - X @ w, 0.25)), "X.T*where(X*w > y, 3, -1)/4"),
        (slope(pinball(X @ w - y, 0.25)), "X.T*where(y > X*w, -3, 1)/4"),
        (slope(huber(y - X @ w)), "X.T*where(abs(X*w - y) < 1, X*w - y, sign(X*w - y))"),
        (-where(x > 0, -y, z), "where(x > 0, y, -z)"),
        (-where(x > 0, y, -z), "where(x > 0, -y, z)"),
        (-where(x > 0, y, z), "-where(x > 0, y, z)"),
        (-where(x > 0, y - z, z), "-where(x > 0, y - z, z)"),
        (x - 2 * where(x > 0, -y, z - 1), "2*where(x > 0, y, 1 - z) + x"),
        (-where(x > 0, -y, where(x < -1, z, -1.0)), "where(x > 0, y, where(x < -1, -z, 1))"),
        (-(X @ where(w > 0, -tf.tanh(w), w)), "X*where(w > 0, tanh(w), -w)"),
    ],
)
def test_a_minus_goes_into_a_choice_where_it_meets_others(tensor, text):
    assert str(tensor.formula()) == text
    tf.testing.verify_formula(tensor)


def test_index_notation_has_the_same_signs():
    text = str(tf.formula(slope(pinball(y - X @ w, 0.25)), form="index"))
    assert text == "Sum(where(Sum(X[j, k]*w[k], (k, 0, d - 1)) > y[j], 3, -1)*X[j, i], (j, 0, n - 1))/4"


@pytest.mark.parametrize(
    ("values", "shorter"),
    [
        ((number(-1), number(9)), True),
        ((number(1), number(9)), False),
        ((number(-1), u, v), False),
        ((number(-1), scaled(-2, u), v), True),
        ((add([(-1, u), (-1, v), (1, number(1))]), u), True),
        ((number(0), u), False),
        ((number(0), scaled(-1, u)), True),
    ],
)
def test_where_a_choice_is_shorter_with_the_other_signs(values, shorter):
    assert is_shorter_turned(choice(*values), lambda t: False) is shorter


def test_values_of_either_sign_do_not_count():
    assert is_shorter_turned(choice(u, v), lambda t: True)
    assert not is_shorter_turned(u, lambda t: True)


def test_the_values_are_turned_and_the_conditions_stay():
    turned = turn_choice(choice(u, scaled(-1, v), number(2)), lambda t: None)
    assert turned.args[1::2] == (c, c)
    assert list_values(turned)[1:] == [scaled(1, v), number(-2)]


def test_choices_among_values_are_turned_too():
    inner = choice(number(-1), u)
    assert list_all_values(choice(inner, v)) == [number(-1), u, v]
    assert list_all_values(turn_choice(choice(inner, number(3)), lambda t: None))[::2] == [number(1), number(-3)]
