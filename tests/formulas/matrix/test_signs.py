"""The signs of a product: they change nothing about its value, and each idea makes it read better."""

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import tracer as tf
from tests.calculus.cases import CASES
from tests.calculus.derive import derivative
from tests.terms.values import value as term_value
from tracer.formulas.matrix.signs import Signs, move_into_sum, order_summand
from tracer.formulas.matrix.writer import matrix
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.standard import STANDARD
from tracer.testing.interpreter import evaluate

n = sympy.Symbol("n", integer=True, positive=True)
w, x, y, z = (T.source(name, (n,)) for name in "wxyz")
VALUES = {"x": np.array([0.5, -1.5, 2.0]), "y": np.array([1.25, 0.75, -0.5]), "z": np.array([2.0, 3.0, 1.5])}


def value(term):
    return evaluate(matrix(term), {"n": 3}, VALUES)


def difference(a, b):
    return T.add([(1, a), (-1, b)])


def tanh(t):
    return T.call(sympy.tanh, [t])


@st.composite
def products(draw):
    """A number times powers of sums with small coefficients."""
    coefficient = st.integers(-2, 2)
    factors = []
    for _ in range(draw(st.integers(1, 3))):
        rows = [(draw(coefficient), t) for t in (x, y, z)]
        factors.append((T.add(rows), (0,), sympy.Integer(draw(st.integers(1, 3)))))
    return T.product(draw(st.sampled_from([1, -1, 2, -3, sympy.Rational(1, 2), sympy.sqrt(10)])), factors, (0,), {0: n})


@settings(deadline=None, max_examples=100)
@given(products())
def test_signs_keep_the_value(term):
    term = Normaliser(STANDARD).normal(term)
    if not isinstance(term, T.Product) or not term.factors:
        return
    scale, placed = Signs().arrange(term)
    again = T.scaled(scale, T.product(1, [(T.scaled(f.sign, f.term), f.labels, f.power) for f in placed], term.out))
    assert value(again) == pytest.approx(value(term), rel=1e-12, abs=1e-12)


TWICE = T.times(z, tanh(difference(x, y)))


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (T.times(x, T.add([(-1, y), (-1, z)])), "-x o (y + z)"),
        (T.scaled(-1, T.times(x, difference(y, z))), "x o (z - y)"),
        (T.scaled(2, T.add([(sympy.Rational(1, 2), x), (1, y)])), "x + 2*y"),
        (T.scaled(2 / n, T.add([(sympy.Rational(1, 2), x), (1, y)])), "(x + 2*y)/n"),
        (T.scaled(1 / sympy.sqrt(n), T.add([(1, x), (1 / n, y)])), "(x + y/n)/sqrt(n)"),
        (T.scaled(1 / n**2, T.add([(n, x), (1, y)])), "(n*x + y)/n**2"),
        (T.scaled(sympy.sqrt(2), T.add([(sympy.Rational(1, 3), x), (3, y)])), "sqrt(2)*(x + 9*y)/3"),
        (T.power(difference(y, x), 2), "(x - y)**2"),
        (T.add([(1, tanh(difference(x, y))), (1, T.call(sympy.exp, [difference(y, x)]))]), "exp(y - x) + tanh(x - y)"),
        (T.scaled(-1, T.times(z, tanh(difference(y, x)))), "z o tanh(x - y)"),
        (T.scaled(-1, T.power(tanh(difference(y, x)), 3)), "tanh(x - y)**3"),
        (
            T.scaled(-2, T.add([(1, T.times(y, tanh(difference(x, y)))), (1, T.times(w, difference(x, z)))])),
            "2*(y o tanh(y - x) + w o (z - x))",
        ),
        (
            T.scaled(-1, T.times(tanh(difference(x, y)), T.power(tanh(T.times(z, tanh(difference(x, y)))), 2))),
            "-tanh(x - y) o tanh(z o tanh(x - y))**2",
        ),
    ],
)
def test_each_idea(term, text):
    assert str(matrix(term)) == text


def put(t, place):
    whole = 2 * t.shape[0]
    chosen = T.call("selection", [], (place * t.shape[0], t.shape[0], 1, whole), (t.shape[0], whole))
    return T.product(1, [(chosen, (1, 0), T.ONE), (t, (1,), T.ONE)], (0,), {0: whole})


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (
            T.add([(1, put(T.add([(2, TWICE), (1, y)]), 0)), (1, put(T.add([(-2, TWICE), (1, x)]), 1))]),
            "concat(2*(z o tanh(x - y)) + y, x - 2*(z o tanh(x - y)))",
        ),
        (
            T.times(T.add([(1, TWICE), (1, y)]), T.power(T.add([(-1, TWICE), (1, x)]), -1)),
            "(z o tanh(x - y) + y)/(x - z o tanh(x - y))",
        ),
    ],
    ids=["blocks", "a quotient"],
)
def test_an_odd_function_has_one_argument_in_a_formula(term, text):
    assert str(matrix(term)) == text
    np.testing.assert_allclose(np.ravel(evaluate(matrix(term), {"n": 3}, VALUES)), term_value(term, VALUES))


def test_a_sum_that_was_written_with_both_signs_is_contested():
    signs, sum_ = Signs(), difference(x, y)
    signs.record_sign(sum_, sympy.S.One)
    assert not signs.contested
    signs.record_sign(sum_, sympy.S.NegativeOne)
    assert signs.contested == {sum_}


def test_positive_summands_stand_before_negative_ones_and_longer_before_shorter():
    one = T.number(1, (n,))
    rows = sorted(
        [(sympy.S.NegativeOne, x), (sympy.S.One, one), (sympy.S.One, T.times(x, y)), (sympy.S.NegativeOne, one)],
        key=lambda row: order_summand(*row),
    )
    assert [t for _, t in rows] == [T.times(x, y), one, x, one]


def test_a_rational_number_stays_in_front_of_a_divisor():
    terms = Normaliser(STANDARD)
    term = terms.power(T.add([(1, x), (1, T.number(1, (n,)))]), -1)
    assert move_into_sum(terms, sympy.Integer(3), term) == (3, term)


ROOT = sympy.Rational(1, 2)
ONES = T.number(1, (n,))
DIVISOR = T.add([(1, ONES), (10, y)])
HUNDREDFOLD = T.add([(1, ONES), (100, y)])


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (T.scaled(sympy.sqrt(10), T.power(DIVISOR, -ROOT)), "1/sqrt(y + 1/10)"),
        (T.scaled(10 * sympy.sqrt(10), T.power(DIVISOR, -3 * ROOT)), "1/(y + 1/10)**(3/2)"),
        (T.scaled(3, T.power(DIVISOR, -ROOT)), "3/sqrt(10*y + 1)"),
        (T.scaled(10, T.power(HUNDREDFOLD, -ROOT)), "1/sqrt(y + 1/100)"),
        (T.scaled(20, T.power(HUNDREDFOLD, -ROOT)), "20/sqrt(100*y + 1)"),
        (T.scaled(100, T.power(HUNDREDFOLD, -1)), "100/(100*y + 1)"),
        (
            T.scaled(
                10, T.add([(1, T.times(x, T.power(HUNDREDFOLD, -ROOT))), (1, T.times(z, T.power(HUNDREDFOLD, -ROOT)))])
            ),
            "(x + z)/sqrt(y + 1/100)",
        ),
        (
            T.add(
                [(10, T.times(x, T.power(HUNDREDFOLD, -ROOT))), (-1000, T.times(z, T.power(HUNDREDFOLD, -3 * ROOT)))]
            ),
            "x/sqrt(y + 1/100) - z/(y + 1/100)**(3/2)",
        ),
        (
            T.scaled(30000000 * sympy.sqrt(30), T.power(T.add([(3, ONES), (100000, y)]), -3 * ROOT)),
            "3*sqrt(3)/(y + 3.0e-5)**(3/2)",
        ),
        (
            T.scaled(sympy.sqrt(10), T.add([(1, x), (1, T.times(z, T.power(DIVISOR, -ROOT)))])),
            "z/sqrt(y + 1/10) + sqrt(10)*x",
        ),
        (T.add([(-1, ONES), (1, x)]), "x - 1"),
        (T.add([(-1, x), (1, ONES)]), "1 - x"),
        (T.add([(-1, x), (-1, ONES), (1, y), (1, z)]), "y + z - x - 1"),
        (T.add([(-1, x), (-1, y), (-1, z)]), "-(x + y + z)"),
        (T.add([(-1, x), (-1, y), (1, z)]), "z - x - y"),
        (T.times(z, T.add([(-1, x), (-1, y), (1, z)])), "-z o (x + y - z)"),
    ],
)
def test_numbers_go_where_they_are_simpler(term, text):
    assert str(matrix(term)) == text
    at = {**VALUES, "y": np.abs(VALUES["y"])}
    np.testing.assert_allclose(np.ravel(evaluate(matrix(term), {"n": 3}, at)), term_value(term, at))


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (T.add([(1, x), (sympy.Rational("0.044715"), T.power(y, 2))]), "0.044715*y**2 + x"),
        (T.add([(1 / sympy.Rational("0.2023"), x), (sympy.Rational(-702, 289), ONES)]), "(x - 0.4914)/0.2023"),
        (T.power(T.add([(1, x), (sympy.Rational("1e-7"), ONES)]), -1), "1/(x + 1.0e-7)"),
        (
            T.add([(sympy.Rational("1.4142"), x), (sympy.Rational("0.044715"), y), (sympy.Rational("1e-5"), z)]),
            "1.4142*x + 0.044715*y + 1.0e-5*z",
        ),
        (
            T.add([(sympy.Rational("0.299"), x), (sympy.Rational("0.587"), y), (sympy.Rational("0.114"), z)]),
            "0.299*x + 0.587*y + 0.114*z",
        ),
        (T.times(x, T.power(T.add([(1, y), (sympy.Rational("1e-8"), ONES)]), -ROOT)), "x/sqrt(y + 1.0e-8)"),
        (
            T.add(
                [(1, z), (sympy.Rational("0.134145") * sympy.sqrt(2), T.times(x, T.power(y, 2))), (sympy.sqrt(2), x)]
            ),
            "sqrt(2)*(x o (0.134145*y**2 + 1)) + z",
        ),
        (
            T.add([(1, z), (1000, T.times(x, T.power(T.add([(1, ONES), (10**6, T.power(y, 2))]), -ROOT)))]),
            "x/sqrt(y**2 + 1.0e-6) + z",
        ),
    ],
)
def test_no_number_is_longer_than_it_was_written(term, text):
    assert str(matrix(term)) == text
    at = {**VALUES, "y": np.abs(VALUES["y"])}
    np.testing.assert_allclose(np.ravel(evaluate(matrix(term), {"n": 3}, at)), term_value(term, at))


def test_an_even_power_says_nothing_of_the_sign_of_a_sum():
    signs, sum_ = Signs(), difference(x, y)
    signs.arrange(T.product(1, [(sum_, (0,), sympy.Integer(2))], (0,)))
    assert signs.chosen == {}
    assert list(signs.hidden) == [sum_]
    signs.arrange(T.product(1, [(sum_, (0,), sympy.Integer(3))], (0,)))
    assert list(signs.chosen) == [sum_]


def test_constants_stand_last_only_where_they_are_subtracted():
    plus, minus = sympy.S.One, sympy.S.NegativeOne
    assert order_summand(plus, ONES) < order_summand(minus, x) < order_summand(minus, ONES)
    assert order_summand(plus, T.times(x, y)) < order_summand(plus, x)


@pytest.mark.parametrize("offset", ["1e-2", "1e-3", "1e-5", "1e-6", "1e-8", "0.25"])
@pytest.mark.parametrize("axis", [0, 1])
def test_the_gradient_of_what_is_normalised_has_no_number_but_the_offset(offset, axis):
    X, G = tf.placeholder("X", ("n", "d")), tf.placeholder("G", ("n", "d"))
    e = tf.placeholder("e")

    def normalise(shift):
        centred = X - tf.reduce_mean(X, axis=axis, keepdims=True)
        return centred / tf.sqrt(tf.reduce_mean(centred**2, axis=axis, keepdims=True) + shift)

    texts = [str(tf.formula(tf.gradients(tf.reduce_sum(normalise(s) * G), X)[0], "where")) for s in (float(offset), e)]
    shown = {"1e-2": "1/100", "1e-3": "0.001", "1e-5": "1.0e-5", "1e-6": "1.0e-6", "1e-8": "1.0e-8"}.get(offset, "1/4")
    assert texts[0] == texts[1].replace(" + e", f" + {shown}")


def test_what_is_normalised_along_an_axis_of_a_given_size_is_centred():
    Z, H = tf.placeholder("Z", ("n", 4)), tf.placeholder("H", ("n", 4))
    centred = Z - tf.reduce_mean(Z, axis=1, keepdims=True)
    normed = centred / tf.sqrt(tf.reduce_mean(centred**2, axis=1, keepdims=True) + 1e-5)
    assert str(tf.formula(normed, "where")) == (
        "diag(1/sqrt(mean_rows(R^o2) + 1.0e-5))*R, where R = Z - Z*ones(4, 4)/4"
    )
    gradient = tf.gradients(tf.reduce_sum(normed * H), Z)[0]
    assert "4*Z" not in str(tf.formula(gradient, "where"))
    assert tf.formula(centred, "python") == "Z - np.mean(Z, axis=1)[:, None]"


BOOK = {
    "kernel-ridge": "c*K*a + K.T*(c*a + 2*(K*a - y))",
    "bias-of-product": "2*(X*W + ones(n, 1)*b.T - Y).T*ones(n, 1)",
    "portfolio": "m - c*(S.T + S)*w",
}
"""A sum has more plus signs once its minus is in front; in the last, the signs of a sum made no difference."""


@pytest.mark.parametrize(
    ("program", "text"),
    [
        (lambda x, y: y * (-x / np.sqrt(2 * np.pi) - tf.sin(x)), "-y o (sin(x) + x/sqrt(2*pi))"),
        (lambda x, y: y * (-x / 3 - tf.sin(x)), "-y o (sin(x) + x/3)"),
        (lambda x, y: tf.reduce_mean(x) + 0.5, "mean(x) + 1/2"),
        (lambda x, y: (tf.reduce_mean(x) + 0.5) * y, "(mean(x) + 1/2)*y"),
    ],
)
def test_numbers_are_where_they_are_fewest(program, text):
    assert str(program(tf.placeholder("x", ("n",)), tf.placeholder("y", ("n",))).formula()) == text


@pytest.mark.parametrize("name", BOOK)
def test_signs_of_derivatives_are_those_of_books(name):
    assert str(derivative(tf, CASES[name])[0].formula()) == BOOK[name]


@pytest.mark.parametrize(
    ("program", "text"),
    [
        (lambda x, y: -tf.sign(x - y) * tf.minimum(abs(x - y), 2.0 + x), "sign(y - x) o min(abs(y - x), x + 2)"),
        (lambda x, y: -(x - y) * tf.cos(x - y), "(y - x) o cos(y - x)"),
        (lambda x, y: -tf.reduce_sum(tf.sin(x - y) * tf.exp(-((x - y) ** 2))), "sin(y - x).T*exp(-(y - x)**2)"),
        (lambda x, y: -tf.clip_by_value(x - y, -1.0, 1.0) * x, "x o clip(y - x, -1, 1)"),
        (lambda x, y: -tf.clip_by_value(x - y, -1.0, 2.0) * x, "-x o clip(x - y, -1, 2)"),
        (lambda x, y: -tf.tanh(x - y) * tf.exp(x - y), "-exp(x - y) o tanh(x - y)"),
    ],
)
def test_an_even_function_hides_the_sign(program, text):
    assert str(program(tf.placeholder("x", ("n",)), tf.placeholder("y", ("n",))).formula()) == text


def test_a_difference_of_two_names_has_either_sign_in_functions():
    a, b = tf.symbols("a b")
    assert str((tf.sigmoid(a - b) * tf.exp(b - a)).formula()) == "sigmoid(b - a)"
    assert str((tf.sigmoid(a - b) + tf.exp(b - a)).formula()) == "exp(b - a) + sigmoid(a - b)"


def test_an_identity_is_not_subtracted():
    A, B = tf.placeholder("A", ("n", "n")), tf.placeholder("B", ("n", "n"))
    centre = tf.eye(A.shape[0]) - tf.ones((A.shape[0], A.shape[0])) / A.shape[0]
    assert str(tf.formula(tf.transpose(centre) @ A @ centre, "where")) == "R*A*R, where R = eye(n) - ones(n, n)/n"
    (gradient,) = tf.gradients(tf.linalg.trace(A @ centre @ B @ centre), A)
    assert str(tf.formula(gradient, "where")) == "R*B.T*R, where R = eye(n) - ones(n, n)/n"


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda: tf.reduce_sum(tf.square(XM @ WV - YV)) / 2 - tf.reduce_sum(WV), "X.T*(X*w - y) - 1"),
        (lambda: -tf.reduce_sum(tf.square(XM @ WV - YV)) - tf.reduce_sum(WV), "2*X.T*(y - X*w) - 1"),
        (lambda: -tf.reduce_sum(tf.exp(WV)) - tf.reduce_sum(WV), "-(exp(w) + 1)"),
        (
            lambda: tf.norm(XM @ WV - YV) + tf.reduce_sum(tf.abs(XM @ WV - YV)),
            "X.T*((X*w - y)/norm(X*w - y) + sign(X*w - y))",
        ),
    ],
)
def test_a_sum_is_turned_where_a_summand_stays_positive(build, text):
    assert str(tf.gradients(build(), WV)[0].formula()) == text


XM, WV = tf.placeholder("X", ("n", "d")), tf.placeholder("w", ("d",))
XV, YV = tf.placeholder("x", ("n",)), tf.placeholder("y", ("n",))


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda: 0.1234567 * XV + 1e-8, "0.1234567*x + 1.0e-8"),
        (lambda: 0.123 * XV + 0.5 * YV, "0.123*x + y/2"),
        (lambda: 0.9 * XV + 0.1 * YV, "(9*x + y)/10"),
        (lambda: 1e-8 * (XV + YV), "1.0e-8*(x + y)"),
        (lambda: tf.gradients(tf.reduce_sum(0.1234567 * XV**2 + 1e-8 * XV), XV)[0], "0.2469134*x + 1.0e-8"),
    ],
)
def test_no_long_integer_stands_in_a_sum_of_decimals(build, text):
    assert str(build().formula()) == text


def test_the_identity_is_positive_in_a_projector():
    A = tf.placeholder("A", ("n", "n"))
    projector = tf.eye("n") - tf.ones(("n", "n")) / tf.cast(A.shape[0], "float64")
    centred = tf.transpose(projector) @ A @ projector
    assert str(tf.formula(centred, form="where")) == "R*A*R, where R = eye(n) - ones(n, n)/n"


def slope(loss, source):
    return tf.gradients(loss, source)[0]


u, v, s, c = (tf.placeholder(name, ("n",)) for name in "uvsc")
variance = tf.placeholder("h", ("n",), positive=True)
sigma, p = tf.placeholder("sigma", positive=True), tf.placeholder("p")
READ = {
    "a sign that is known": (
        lambda: slope(tf.reduce_sum((tf.tanh(u) - v) ** 2), u),
        "2*((h - v) o (1 - h**2)), where h = tanh(u)",
    ),
    "a sign that is known, and one that is free": (
        lambda: (tf.tanh(u) ** 2 - 1) * (v - 2 * s * c),
        "(2*(c o s) - v) o (1 - tanh(u)**2)",
    ),
    "a sum whose sign is not": (lambda: u**2 - 1, "u**2 - 1"),
    "a product with a sum that is turned": (
        lambda: (u + v - c) * (u + c - 2 * v) - 1,
        "(u + v - c) o (c + u - 2*v) - 1",
    ),
    "a difference in a choice": (
        lambda: tf.where(v > 0, (u - v) / sigma**2, tf.exp(u)),
        "where(v > 0, (u - v)/sigma**2, exp(u))",
    ),
    "a small number under a root": (lambda: 1 - tf.sqrt(variance + 1e-4), "1 - sqrt(h + 0.0001)"),
    "one in a function of signs": (
        lambda: slope(tf.reduce_sum(tf.nn.relu(1 - tf.sqrt(variance + 1e-4))), variance),
        "-(step(1 - sqrt(z))/sqrt(z))/2, where z = h + 0.0001",
    ),
    "one among zeros": (
        lambda: slope(tf.reduce_sum(tf.sqrt((u[1:] - u[:-1]) ** 2 + 1e-6)), u),
        "concat(0, z) - concat(z, 0), where r = u[1:] - u[:-1], z = r/sqrt(r**2 + 1.0e-6)",
    ),
    "a number in a base": (lambda: (1 + u / 2) ** p, "(u/2 + 1)**p"),
}


@pytest.mark.parametrize("name", READ)
def test_a_formula_is_read_as_a_person_writes_it(name):
    program, text = READ[name]
    assert str(tf.formula(program(), form="where")) == text
