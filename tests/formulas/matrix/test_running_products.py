"""Derivatives of gradients of running products are written by running products."""

import numpy as np
import pytest

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.matrix.running_products import close_running_products
from tracer.ops import scan
from tracer.terms.normalise import Normaliser
from tracer.terms.record import call, is_call, source, subterms
from tracer.terms.rules.standard import STANDARD
from tracer.testing.interpreter import evaluate
from tracer.testing.verification import Points

x, w = tf.placeholder("x", ("n",)), tf.placeholder("w", ("n",))
total, cumprod = tf.reduce_sum, tf.cumprod
STRICT = "(tril(ones(n, n)) - eye(n))"


def second(f):
    return tf.hessian(f)(x)


PROGRAMS = {
    "a weighted sum": (
        lambda x: total(w * cumprod(x)),
        f"(Z + Z.T) o ((1/x)*(1/x).T), where Z = {STRICT}.T*diag(revcumsum(w o cumprod(x)))",
    ),
    "from the end": (
        lambda x: total(w * cumprod(x, reverse=True)),
        f"(Z + Z.T) o ((1/x)*(1/x).T), where Z = diag(cumsum(w o revcumprod(x)))*{STRICT}.T",
    ),
    "of a sum": (
        lambda x: total(w * cumprod(1 + x)),
        f"(Z + Z.T) o ((1/z)*(1/z).T), where z = x + 1, Z = {STRICT}.T*diag(revcumsum(w o cumprod(z)))",
    ),
    "of a sigmoid": (lambda x: total(w * cumprod(tf.sigmoid(x))), None),
    "of squares": (lambda x: total(tf.square(cumprod(x))), None),
    "of exponentials": (lambda x: tf.math.log(total(cumprod(tf.exp(-x)))), None),
    "without the last": (lambda x: total(w * cumprod(x, exclusive=True)), None),
    "without the first": (lambda x: total(w * cumprod(x, exclusive=True, reverse=True)), None),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_second_derivative_is_written_by_running_products(name):
    program, text = PROGRAMS[name]
    tensor = second(program)
    found = str(tf.formula(tensor, form="where"))
    assert text is None or found == text
    assert "**(-1)" not in found
    points = Points([tensor], {}, {}, 0)
    for sizes, feed, (want,) in points.draw(0):
        assert not faults(tensor, sizes, {label: np.asarray(feed[s], float) for s, label in points.names.items()}, want)
        break


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("earlier", [False, True])
def test_the_coefficients_may_be_those_of_the_place_or_of_the_one_beside_it(reverse, earlier):
    a = x[1:] if earlier != reverse else x[:-1]
    end = [(0, 1)] if reverse else [(1, 0)]
    rows = tf.expand_dims(tf.pad(a, end), 0) * tf.ones((2, 1))
    b = tf.placeholder("B", (2, "n"))
    tensor = scan.recurrence(rows, b, 1, reverse) * total(cumprod(x))
    text = str(tensor.formula())
    assert "cumprod(x)" in text
    points = Points([tensor], {}, {}, 0)
    sizes, feed, (want,) = next(iter(points.draw(0)))
    assert not faults(tensor, sizes, {label: np.asarray(feed[s], float) for s, label in points.names.items()}, want)


def test_recurrences_of_one_row_and_of_other_coefficients_stay():
    n, k = Normaliser(STANDARD), x.shape[0]
    vector = call("recurrence", [source("a", (k,)), source("b", (k,))], False, (k,))
    assert close_running_products(n, vector) is vector
    rows = call("recurrence", [source("A", (k, k)), source("B", (k, k))], True, (k, k))
    assert any(is_call(t, "recurrence") for t in subterms(close_running_products(n, rows)))


def test_softmax_of_running_products_is_known_by_its_elements():
    """sympy asks each of them, as a matrix, what kind it is."""
    y, value = tf.placeholder("y", (3,)), np.array([0.3, -1.0, 2.0])
    formula = tf.nn.softmax(tf.cumprod(tf.sigmoid(y), reverse=True)).formula()
    products = np.cumprod((1 / (1 + np.exp(-value)))[::-1])[::-1]
    wanted = np.exp(products) / np.exp(products).sum()
    np.testing.assert_allclose(np.ravel(evaluate(formula, {}, {"y": value})), wanted, rtol=1e-12)
