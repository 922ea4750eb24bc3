"""Running products and their kind have closed forms, and so have their gradients."""

import numpy as np
import pytest

import tracer as tf
from tests.formulas.texts import faults
from tracer.formulas.errors import FormulaError
from tracer.formulas.matrix.scans import close_recurrences, solve_recurrence
from tracer.formulas.matrix.writer import matrix
from tracer.ops import scan
from tracer.terms.normalise import Normaliser
from tracer.terms.record import ONE, call, product, source
from tracer.terms.rules.standard import STANDARD
from tracer.testing.verification import Points

x, w = tf.placeholder("x", ("n",)), tf.placeholder("w", ("n",))
total, cumprod, logcumsumexp = tf.reduce_sum, tf.cumprod, tf.math.cumulative_logsumexp


def slope(f, by=x):
    return tf.gradients(f, by)[0]


X, W = tf.placeholder("X", ("n", "m")), tf.placeholder("W", ("n", "m"))


def composite():
    """The gradient of alpha compositing by what is opaque."""
    return slope(total(w * x * cumprod(1 - x, exclusive=True)))


PROGRAMS = {
    "alpha compositing": (composite, None, None),
    "of columns": (lambda: cumprod(X, 0), "cumprod(X, 0)", "Product(X[k, j], (k, 0, i))"),
    "of rows": (lambda: cumprod(X, 1), "cumprod(X, 1)", None),
    "of rows from the end": (lambda: cumprod(X, 1, exclusive=True, reverse=True), "prod_after(X, 1)", None),
    "of columns by their factors": (
        lambda: slope(total(W * cumprod(X, 0)), X),
        "(tril(ones(n, n)).T*(W o cumprod(X, 0)))/X",
        "Product(X[k, j], (k, 0, i - 1))*Sum(W[l, j]*Product(X[p, j], (p, i + 1, l)), (l, i, n - 1))",
    ),
    "a running product": (lambda: cumprod(x), "cumprod(x)", "Product(x[j], (j, 0, i))"),
    "by its factors": (
        lambda: slope(total(w * cumprod(x))),
        "revcumsum(w o cumprod(x))/x",
        "Product(x[j], (j, 0, i - 1))*Sum(w[k]*Product(x[l], (l, i + 1, k)), (k, i, n - 1))",
    ),
    "from the end": (
        lambda: slope(total(w * cumprod(x, reverse=True))),
        "cumsum(w o revcumprod(x))/x",
        "Product(x[j], (j, i + 1, n - 1))*Sum(w[k]*Product(x[l], (l, k, i - 1)), (k, 0, i))",
    ),
    "without the last": (lambda: slope(total(w * cumprod(x, exclusive=True))), None, None),
    "its square": (lambda: slope(total(tf.square(cumprod(x)))), "2*revcumsum(cumprod(x)**2)/x", None),
    "its logarithm": (lambda: slope(total(w * tf.math.log(cumprod(x)))), "revcumsum(w)/x", None),
    "the last product": (lambda: cumprod(x)[-1], "prod(x)", "Product(x[i], (i, 0, n - 1))"),
    "the first product": (lambda: cumprod(x)[0] * w, "x[0]*w", None),
    "the first from the end": (lambda: cumprod(x, reverse=True)[0], "prod(x)", None),
    "a product within": (lambda: tf.exp(cumprod(x)[3]), "exp(cumprod(x)[3])", None),
    "the square of the last": (lambda: slope(tf.square(cumprod(x)[-1])), "2*prod(x)**2/x", None),
    "a running sum of exponentials": (
        lambda: logcumsumexp(x),
        "log(cumsum(exp(x)))",
        "log(Sum(exp(x[j]), (j, 0, i)))",
    ),
    "by its exponents": (
        lambda: slope(total(w * logcumsumexp(x))),
        "z o revcumsum(w/cumsum(z)), where z = exp(x)",
        "exp(x[i])*Sum(w[j]/Sum(exp(x[k]), (k, 0, j)), (j, i, n - 1))",
    ),
    "each by its exponents": (
        lambda: tf.jacobian(logcumsumexp)(x),
        "tril(ones(n, n)) o ((1/cumsum(z))*z.T), where z = exp(x)",
        "[j - i <= 0]*exp(x[j])/Sum(exp(x[k]), (k, 0, i))",
    ),
    "twice by its exponents": (
        lambda: tf.hessian(lambda x: total(w * logcumsumexp(x)))(x),
        "diag(z o revcumsum(w/cumsum(z))) - "
        "(tril(ones(n, n)).T*diag(w/cumsum(z)**2)*tril(ones(n, n))) o (z*z.T), where z = exp(x)",
        None,
    ),
    "its square, twice by its exponents": (
        lambda: tf.hessian(lambda x: total(tf.square(logcumsumexp(x))))(x),
        "2*((tril(ones(n, n)).T*diag((1 - g)/u**2)*tril(ones(n, n))) o (z*z.T) + diag(z o revcumsum(g/u))), "
        "where z = exp(x), u = cumsum(z), g = log(u)",
        None,
    ),
    "a partial likelihood, twice by its exponents": (
        lambda: tf.hessian(lambda x: total(w * (x - logcumsumexp(x, reverse=True))))(x),
        None,
        None,
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_scan_is_written_as_a_person_does(name):
    program, text, index = PROGRAMS[name]
    tensor = program()
    for form, expected in (("where", text), ("index", index)):
        assert expected is None or str(tf.formula(tensor, form=form)).replace("^o2", "**2") == expected
    points = Points([tensor], {}, {}, 0)
    sizes, feed, (want,) = next(iter(points.draw(0)))
    assert not faults(tensor, sizes, {label: np.asarray(feed[s], float) for s, label in points.names.items()}, want)


def test_what_divides_by_the_factors_says_so():
    assert "for x[i] != 0" in repr(slope(total(w * cumprod(x))))
    assert not tf.conditions(cumprod(x))
    X = tf.placeholder("X", ("m", "n"))
    assert "for X[i, j] != 0" in repr(slope(total(cumprod(X)), X))


def test_a_refusal_names_the_function_that_was_called():
    rows = tf.placeholder("A", ("m", "n"))
    with pytest.raises(FormulaError, match="the derivative of cumprod, or of cumulative_logsumexp"):
        total(tf.sin(scan.recurrence(rows, rows, 1))).formula()


n = Normaliser(STANDARD)
k = x.shape[0]
a, b = source("a", (k,)), source("b", (k,))
recurrence = call("recurrence", [a, b], False, (k,))


def test_a_recurrence_is_the_solution_of_a_system():
    assert str(matrix(solve_recurrence(n, recurrence), n)) == str(matrix(recurrence, n))
    alone = product(ONE, [(recurrence, (0,), ONE), (a, (0,), ONE)], (0,))
    assert close_recurrences(n, alone) is n.product(
        ONE, [(solve_recurrence(n, recurrence), (0,), ONE), (a, (0,), ONE)], (0,)
    )
    assert close_recurrences(n, product(ONE, [(a, (0,), ONE), (b, (0,), ONE)], (0,))) is None
    with pytest.raises(FormulaError, match="cumprod"):
        solve_recurrence(n, call("recurrence", [source("A", (k, k))] * 2, True, (k, k)))


def test_a_recurrence_by_itself_is_read_back():
    tensor = scan.recurrence(x, w, 0)
    points = Points([tensor], {}, {}, 0)
    sizes, feed, (want,) = next(iter(points.draw(0)))
    arrays = {label: np.asarray(feed[s], float) for s, label in points.names.items()}
    assert not faults(tensor, sizes, arrays, want)


def test_the_gradient_of_compositing_solves_no_system():
    assert "**(-1)" not in str(composite().formula())
    assert "where" not in str(tf.formula(composite(), form="index"))
