"""Running products."""

import pytest

import tracer as tf
from tests.terms.programs import F, G, add, exp, h, matmul, n, row, running, scaled, times, total, u, v
from tests.terms.programs import X as M
from tests.terms.programs import m as rows
from tests.terms.programs import w as z
from tests.terms.rules.answers import Answers, answer, normal
from tracer.terms.numbers import MINUS, ONE
from tracer.terms.record import Call, axes_of, broadcast, call, number, source, triangle
from tracer.terms.shifts import divide_neighbours, shift

x, w = tf.placeholder("x", ("n",)), tf.placeholder("w", ("n",))
X = tf.placeholder("X", ("m", "n"))


def slope(loss, source):
    return tf.gradients(tf.reduce_sum(loss), source)[0]


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (slope(tf.math.log(tf.reduce_prod(x)), x), "1/x"),
        (slope(tf.math.log(tf.reduce_prod(X, axis=0)), X), "1/X"),
        (slope(1 / tf.reduce_prod(x), x), "-1/(prod(x)*x)"),
        (slope(tf.reduce_prod(x) ** (1 / x.shape[0]), x), "prod(x)**(1/n)/(n*x)"),
        (slope(tf.reduce_prod(x), x), "prod_before(x) o prod_after(x)"),
        (slope(tf.reduce_prod(x) ** 2, x), "2*prod(x)*(prod_before(x) o prod_after(x))"),
        (slope(tf.reduce_prod(x), x) / tf.reduce_prod(w), "(prod_before(x) o prod_after(x))/prod(w)"),
    ],
)
def test_how_the_slope_of_a_product_is_written(tensor, text):
    assert str(tensor.formula()) == text


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (tf.hessian(tf.reduce_prod)(x), "prod(x)*((1/x)*(1/x).T - diag(1/x**2))"),
        (tf.hessian(lambda x: tf.math.log(tf.reduce_prod(x)))(x), "-diag(1/x**2)"),
        (slope(w * slope(tf.reduce_prod(x), x), x), "prod(x)*(sum(w/x)*x - w)/x**2"),
        (
            slope(slope(tf.reduce_prod(X, axis=1), X), X),
            "diag(prod_rows(X))*(diag((1/X)*ones(n, 1))*(1/X) - 1/X^o2)",
        ),
        (tf.jacobian(tf.math.cumprod)(x), "tril(ones(n, n)) o (cumprod(x)*(1/x).T)"),
    ],
)
def test_how_second_derivatives_of_products_are_written(tensor, text):
    assert str(tensor.formula()) == text
    assert str(tf.conditions(tensor)[0].relation)[:4] in ("Ne(x", "Ne(X", "Prod")


def product(t):
    """The products of the last axis."""
    return call("reduce_prod", [t], 1, t.shape[:-1])


def others(t, later):
    """The products of the elements before each one, or after it."""
    return call("cumprod", [t], (1, int(later)))


def all_others(t, *beside, out=None, **sizes):
    """The products of all other elements, times something."""
    sides = ((others(t, later), axes_of(t), 1) for later in (False, True))
    return row(1, *sides, *beside, out=out or axes_of(t), **sizes)


def recurrence(a, b, backwards):
    return call("recurrence", [normal(a), normal(b)], backwards)


def slopes(x, y, *, beside=others, along=None, by=None, powers=(1, 1), out=None, coefficients=(1, 1), **sizes):
    """The derivative by x of ``y.T @ (prod_before(x)*prod_after(x))``, with something else in places of it."""
    labels = axes_of(x)
    sides = []
    for c, later in zip(coefficients, (True, False)):
        weights = times(y, others(x, later)) if by is None else by
        summed = recurrence(shift(along or x, later), shift(weights, later), later)
        factors = (beside(x, not later), labels, powers[0]), (summed, labels, powers[1])
        sides.append((c, row(1, *factors, out=out or labels, **sizes)))
    return add(sides)


def running_rows(t):
    """The running sums of each row."""
    return row(1, (triangle(t.shape[1]), (1, 2), 1), (t, (0, 2), 1), out=(0, 1))


TRIL = "band_part(1 -> [0, 1], (-1, 0))"
SUMS = f"(h[1]*{TRIL}[0, 1] -> [0])"
ROWS = f"({TRIL}[1, 2]*exp(X)[0, 2] -> [0, 1])"

ANSWERS: Answers = {
    "prod_before(x)*prod_after(x)/prod(x) -> 1/x": [
        (all_others(u, (product(u), (), -1)), "u[0]**(-1) -> [0]"),
        (all_others(u, (product(u), (), 1 / n - 1)), "u[0]**(-1)*reduce_prod(u, 1)**(1/n) -> [0]"),
        (all_others(u, (product(u), (), -1), out=(0, 1), _1=rows), "u[0]**(-1) -> [0, 1]"),
        (
            all_others(u, (product(u), (), -1), (call("cumprod", [u], (0, 0)), (0,), 1)),
            "u[0]**(-1)*cumprod(u, (0, 0))[0] -> [0]",
        ),
        (
            all_others(u, (product(u), (), -1), (others(u, False), (1,), 1), out=(0, 1)),
            "u[0]**(-1)*cumprod(u, (1, 0))[1] -> [0, 1]",
        ),
        (all_others(F, (product(F), (0,), -1), (product(F), (1,), 1)), "F[0, 1]**(-1)*reduce_prod(F, 1)[1] -> [0, 1]"),
        (all_others(F, (product(F), (1,), -1)), ""),
        (all_others(u, (product(u), (), 1)), ""),
        (all_others(u, (product(u), (), 1 - 1 / n)), ""),
        (all_others(u, (product(u), (), 2 / n - 1)), ""),
        (all_others(u, (product(v), (), -1)), ""),
        (row(1, (others(u, False), (0,), 2), (others(u, True), (0,), 1), (product(u), (), -1)), ""),
        (row(1, (others(u, False), (0,), 1), (others(u, True), (0,), 2), (product(u), (), -1)), ""),
        (row(1, (others(u, False), (0,), 1), (others(v, True), (0,), 1), (product(u), (), -1)), ""),
    ],
    "prod_before(p)*prod_after(p) -> prod(p)/p": [
        (all_others(h), "h[0]**(-1)*reduce_prod(h, 1) -> [0]"),
        (all_others(h, (v, (0,), 1), out=(0, 1), _1=rows), "v[0]*h[0]**(-1)*reduce_prod(h, 1) -> [0, 1]"),
        (all_others(u), ""),
        (row(1, (others(h, False), (0,), 1), (others(h, True), (1,), 1), out=(0, 1)), ""),
        (row(1, (others(h, False), (0,), 2), (others(h, True), (0,), 2)), ""),
    ],
    "d(prod_before(x)*prod_after(x)) -> prod(x)*(1/x @ (1/x).T - diag(1/x**2))": [
        (
            slopes(u, v),
            "-1*u[0]**(-2)*reduce_prod(u, 1)*((v) + -1*(u[0]*(v[0]*u[0]**(-1) -> []) -> [0]))[0] -> [0]",
        ),
        (
            slopes(u, v, out=(0, 1), _1=rows),
            "-1*u[0]**(-2)*reduce_prod(u, 1)*((v) + -1*(u[0]*(v[0]*u[0]**(-1) -> []) -> [0]))[0] -> [0, 1]",
        ),
        (
            slopes(F, G),
            "-1*reduce_prod(F, 1)[0]*((G[0, 1]*F[0, 1]**(-2) -> [0, 1])"
            " + -1*(G[0, 2]*F[0, 1]**(-1)*F[0, 2]**(-1) -> [0, 1]))[0, 1] -> [0, 1]",
        ),
        (slopes(u, v, coefficients=(2, 1)), ""),
        (slopes(u, v, powers=(1, 2)), ""),
        (slopes(u, v, powers=(2, 1)), ""),
        (slopes(u, v, along=z), ""),
        (slopes(u, v, by=z), ""),
        (slopes(u, v, beside=lambda x, later: others(x, not later)), ""),
        (slopes(u, v, beside=lambda x, later: others(z, later)), ""),
        (slopes(u, v, beside=lambda x, later: call("cumprod", [x], (0, int(later)))), ""),
        (slopes(F, G, beside=lambda x, later: call("band_part", [x], (1, int(later)))), ""),
    ],
    "y[i] = y[i+1]*p[i]/p[i+1] + b[i] -> p*revcumsum(b/p)": [
        (
            recurrence(divide_neighbours(running(h), ONE, True), u, True),
            f"u[1]*h[2]*{TRIL}[0, 2]*{TRIL}[1, 0]*{SUMS}[1]**(-1) -> [0]",
        ),
        (
            recurrence(divide_neighbours(running(h), MINUS, True), u, True),
            f"u[1]*h[2]*{TRIL}[1, 0]*{TRIL}[1, 2]*{SUMS}[0]**(-1) -> [0]",
        ),
        (
            recurrence(divide_neighbours(running(h), ONE, False), u, False),
            f"u[1]*h[2]*{TRIL}[0, 1]*{TRIL}[0, 2]*{SUMS}[1]**(-1) -> [0]",
        ),
        (
            recurrence(divide_neighbours(scaled(2, running(h)), ONE, True), u, True),
            f"u[1]*h[2]*{TRIL}[0, 2]*{TRIL}[1, 0]*{SUMS}[1]**(-1) -> [0]",
        ),
        (
            recurrence(divide_neighbours(running_rows(exp(M)), ONE, True), M, True),
            f"X[0, 2]*{TRIL}[1, 3]*{TRIL}[2, 1]*exp(X)[0, 3]*{ROWS}[0, 2]**(-1) -> [0, 1]",
        ),
        (
            recurrence(broadcast(divide_neighbours(running(h), ONE, True), (1,), M.shape), M, True),
            f"X[0, 2]*h[3]*{TRIL}[1, 3]*{TRIL}[2, 1]*{SUMS}[2]**(-1) -> [0, 1]",
        ),
        (recurrence(divide_neighbours(running(h), ONE, False), u, True), ""),
        (recurrence(divide_neighbours(exp(u), ONE, True), v, True), ""),
        (recurrence(divide_neighbours(z, ONE, True), v, True), ""),
        (recurrence(divide_neighbours(matmul(F, h), ONE, True), v, True), ""),
        (recurrence(total(divide_neighbours(running_rows(exp(F)), ONE, True), (0,)), v, True), ""),
        (recurrence(divide_neighbours(matmul(exp(F), exp(u)), ONE, True), v, True), ""),
    ],
}


@pytest.mark.parametrize("rule", ANSWERS)
def test_a_rule_has_this_answer(rule):
    for term, expected in ANSWERS[rule]:
        assert answer(rule, term) == expected, term


def test_what_stands_beside_all_other_factors_stays():
    assert str((slope(tf.math.log(tf.reduce_prod(x)), x) * tf.math.cumprod(x)).formula()) == "cumprod(x)/x"


COLUMN = source("L", (n, 1))


@pytest.mark.parametrize("head", ["reduce_max", "reduce_min", "reduce_prod"])
def test_what_is_made_of_one_element_is_that(head):
    assert normal(call(head, [COLUMN], 1, (n,))) is normal(total(COLUMN, (1,)))
    single = source("s", (1, 1))
    assert normal(call(head, [single], 2, ())) is normal(total(single, (0, 1)))
    assert isinstance(normal(call(head, [source("R", (1, n))], 1, (1,))), Call)
    assert isinstance(normal(call(head, [source("R", (1, n))], 2, ())), Call)


def test_products_up_to_the_only_element_are_that():
    for later in (0, 1):
        assert normal(call("cumprod", [COLUMN], (0, later))) is COLUMN
        assert normal(call("cumprod", [COLUMN], (1, later))) is number(1, (n, 1))
    assert isinstance(normal(call("cumprod", [source("R", (1, n))], (1, 0))), Call)
