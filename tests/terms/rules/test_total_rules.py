"""Products with sums: taken term by term, multiplied out or cancelled where that is shorter, and only there."""

import numpy as np
import pytest
import sympy

from tests.terms.programs import (
    ROOT,
    F,
    G,
    X,
    Y,
    add,
    broadcast,
    by_number,
    dot,
    exp,
    h,
    m,
    n,
    ones_times,
    power,
    product,
    row,
    times,
    total,
    turned,
    u,
    v,
    w,
)
from tests.terms.rules.answers import RULES, answer
from tests.terms.values import value
from tracer.terms.normalise import Normaliser
from tracer.terms.patterns import variables
from tracer.terms.record import ONE, number, scaled
from tracer.terms.rule import Rule
from tracer.terms.rules.total_rules import TOTALS

mean = broadcast(scaled(1 / n, total(u, (0,))), [], (n,))


def normal(term, rules=TOTALS):
    return Normaliser(rules).normal(term)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (total(add([(1, u), (-1, mean)]), (0,)), number(0)),
        (total(add([(1, u), (1, mean)]), (0,)), scaled(2, total(u, (0,)))),
        (total(add([(1, X), (-1 / m, ones_times(total(X, (0,))))]), (0,)), number(0, (n,))),
        (total(add([(2, X), (1, Y), (-1 / m, ones_times(total(add([(2, X), (1, Y)]), (0,))))]), (0,)), number(0, (n,))),
        (times(u, add([(1, times(v, power(u, -1))), (1, w)])), add([(1, v), (1, times(u, w))])),
        (
            power(times(u, add([(1, times(v, power(u, -1))), (1, w)])), -1),
            power(add([(1, v), (1, times(u, w))]), -1),
        ),
        (
            product(ONE, [(u, (0,), ONE), (u, (1,), ONE), (add([(3, F), (1, turned(F))]), (0, 1), ONE)], ()),
            product(4 * ONE, [(u, (0,), ONE), (u, (1,), ONE), (F, (0, 1), ONE)], ()),
        ),
        (
            times(u, add([(1, times(v, power(u, -1))), (1, power(w, -1))])),
            add([(1, v), (1, times(u, power(w, -1)))]),
        ),
        (
            power(add([(1, times(v, power(w, -1))), (1, u)]), -1),
            times(w, power(add([(1, v), (1, times(u, w))]), -1)),
        ),
        (times(add([(1, u), (1, v)]), add([(1, u), (-1, v)])), add([(1, power(u, 2)), (-1, power(v, 2))])),
    ],
    ids=lambda t: repr(t),
)
def test_a_product_with_a_sum_is_written_shorter(term, expected):
    assert normal(term) is normal(expected, ())


@pytest.mark.parametrize(
    "term",
    [
        total(times(add([(1, u), (1, v)]), h), (0,)),
        times(u, add([(1, v), (1, w)])),
        dot(u, add([(1, v), (2, w)])),
        product(ONE, [(u, (0,), ONE), (v, (1,), ONE), (add([(3, F), (1, turned(F))]), (0, 1), ONE)], ()),
    ],
    ids=lambda t: repr(t),
)
def test_what_would_be_no_shorter_is_left_alone(term):
    assert normal(term) is normal(term, ())


root = sympy.S.Half
summed_up = add([(1, times(u, v)), (1, w)])
deviation = add([(1, u), (-1, mean)])
both = add([(1, u), (1, v)])
like = add([(1, by_number(dot(u, v), w)), (2, by_number(dot(u, w), v))])
over_h = add([(1, row(1, (v, (0,), 1), (h, (0,), -1))), (1, u)])
over_w = add([(1, row(1, (v, (0,), 1), (w, (0,), -1))), (1, u)])
long = add([(1, u), (1, v), (1, w), (1, h), (1, exp(u))])
table = add([(1, F), (1, row(1, (u, (1,), 1), (v, (1,), 1), out=(0, 1), _0=n))])
centred = add([(1, X), (-1 / m, ones_times(total(X, (0,))))])


def test_a_denominator_under_a_root_stays_there_unless_it_is_positive():
    """``1/sqrt(v/w + u)`` is a number where w, v and ``v + u*w`` are negative, and the roots of those are none."""
    root_of_sum = power(add([(1, times(v, power(w, -1))), (1, u)]), -root)
    at = {"u": np.array([1.0, 2, 4]), "v": np.array([-3.0, 5, 0]), "w": np.array([-1.0, 5, 1])}
    np.testing.assert_allclose(value(normal(root_of_sum), at), [1 / 2, 3**-0.5, 1 / 2])
    squares = power(add([(1, times(v, power(w, -2))), (1, u)]), -root)
    np.testing.assert_allclose(value(normal(squares), {**at, "v": np.array([3.0, 25, 0])}), [1 / 2, 3**-0.5, 1 / 2])


def summed(*terms):
    """The sum of all elements of a sum."""
    return total(add([(1, t) for t in terms]), (0,))


def powers(count):
    """The first powers of u, from none on."""
    return add([(1, number(1, (n,))), (1, u), *((1, power(u, e)) for e in range(2, count))])


def difference(x, y):
    return add([(1, x), (-1, y)])


def faded(*more):
    """``v*exp(-u) + w``, and more summands."""
    return add([(1, times(v, exp(scaled(-1, u)))), (1, w), *((1, t) for t in more)])


def over(c, d):
    """``c*u/v + d``."""
    return add([(c, row(1, (u, (0,), 1), (v, (0,), -1))), (d, number(1, (n,)))])


def quartic(c):
    """A factor of ``F**4 + G**4`` for a root of two, element by element."""
    return normal(add([(1, power(F, 2)), (c, times(F, G)), (1, power(G, 2))]))


outer = product(1, [(u, (0,), ONE), (v, (1,), ONE)], (0, 1))

ANSWERS = {
    "1.T @ (x - mean(x)) -> 0": [
        (summed(power(u, 5 * root), v), ""),
        (summed(row(1, (u, (0,), -1), (v, (0,), 1)), w), "(w[0] -> []) + (v[0]*u[0]**(-1) -> [])"),
        (summed(row(1, (u, (0,), -1), (v, (0,), 2)), w), "(w[0] -> []) + (v[0]**(2)*u[0]**(-1) -> [])"),
        (total(deviation, (0,)), "0 -> []"),
        (row(3, (deviation, (0,), 1), (v, (1,), 1), (w, (1,), 1), out=(1,)), "0 -> [0]"),
        (
            row(3, (v, (1,), 1), (summed_up, (0,), 1), (w, (1,), 1), (h, (1,), 1), out=(1,)),
            "3*w[0]*v[0]*h[0]*((w[0] -> []) + (v[0]*u[0] -> [])) -> [0]",
        ),
        (row(1, (add([(1, F), (1, outer)]), (0, 0), 1), out=()), "(F[0, 0] -> []) + (v[0]*u[0] -> [])"),
        (row(1, (add([(1, F), (1, G)]), (0, 0), 1), out=()), ""),
        (row(1, (deviation, (0,), 2), out=()), ""),
        (row(1, (deviation, (0,), 1), (v, (0,), 1), out=()), ""),
        (row(3, (v, (0,), 1), (deviation, (1,), 1), (w, (0,), 1), out=(0, 2), _2=m), "0 -> [0, 1]"),
        (row(1, (v, (0,), 1), (both, (0,), 1), (deviation, (1,), 1)), "0 -> [0]"),
        (row(1, (deviation, (0,), 1)), ""),
        (summed(u, v), ""),
        (summed(u, scaled(-1, u), v, w), "((w) + (v))[0] -> []"),
        (summed(u, v, w, h, times(u, v)), ""),
        (summed(u, v, w, times(u, v)), "(v[0]*u[0] -> []) + (((w) + (v) + (u))[0] -> [])"),
        (summed(times(u, v), w), "(w[0] -> []) + (v[0]*u[0] -> [])"),
        (summed(times(u, v), times(u, w)), "u[0]*((w) + (v))[0] -> []"),
        (summed(times(u, v), w, h), "(v[0]*u[0] -> []) + (((w) + (h))[0] -> [])"),
        (summed(power(u, 2), v), "(v[0] -> []) + (u[0]**(2) -> [])"),
        (summed(power(u, 3), v), "(v[0] -> []) + (u[0]**(3) -> [])"),
        (summed(power(u, -1), v), ""),
        (summed(power(u, -2), v), ""),
        (summed(power(u, root), v), ""),
        (summed(row(1, (u, (0,), 1), (v, (0,), root)), w), "(w[0] -> []) + (v[0]**(1/2)*u[0] -> [])"),
        (summed(row(1, (F, (0, 1), 1), (v, (1,), 1)), w), ""),
        (summed(row(1, (F, (0, 1), 1), (F, (0, 1), 1)), w), ""),
        (total(centred, (0,)), "0 -> [0]"),
        (total(centred, (1,)), ""),
        (total(centred, (0, 1)), "0 -> []"),
        (total(add([(1, X), (1, row(1, (X, (0, 1), 1), (u, (1,), 1), out=(0, 1)))]), (0,)), ""),
        (
            total(add([(1, X), (1, row(1, (X, (0, 1), 1), (u, (1,), 1), out=(0, 1)))]), (1,)),
            "X[0, 1]*((u) + (1 -> [0]))[1] -> [0]",
        ),
        (row(1, (add([(1, F), (-1, turned(F))]), (0, 0), 1), out=()), "0 -> []"),
        (total(add([(2, X), (1, Y), (-1 / m, ones_times(total(add([(2, X), (1, Y)]), (0,))))]), (0,)), "0 -> [0]"),
        (
            row(
                2,
                (v, (2,), 1),
                (add([(2, X), (1, Y), (-1 / m, ones_times(total(add([(2, X), (1, Y)]), (0,))))]), (0, 1), 1),
                out=(1, 2),
            ),
            "0 -> [0, 1]",
        ),
        (
            summed(times(u, v), by_number(summed(u, w), h), scaled(-1, by_number(total(u, (0,)), h))),
            "(v[0]*u[0] -> []) + ((h[0] -> [])*(w[0] -> []) -> [])",
        ),
    ],
    "x.T @ (y + z) -> x.T @ y + x.T @ z": [
        (dot(u, like), "3*(w[0]*u[0] -> [])*(v[0]*u[0] -> []) -> []"),
        (row(-3, (like, (0,), 1), (u, (0,), 1), out=()), "-9*(w[0]*u[0] -> [])*(v[0]*u[0] -> []) -> []"),
        (row(1, (u, (0,), 1), (like, (0,), 1)), ""),
        (row(1, (u, (0,), 1), (like, (0,), 2), out=()), ""),
        (row(1, (u, (0,), 1), (like, (0,), 1), (both, (0,), 1), out=()), ""),
        (dot(u, both), ""),
        (row(1, (add([(1, dot(u, v)), (2, dot(u, v))]), (), 1), (dot(u, w), (), 1), out=()), ""),
        (row(1, (u, (0,), 1), (v, (0,), 1), out=()), ""),
        (
            dot(u, add([(1, by_number(dot(u, v), w)), (2, by_number(dot(u, w), v)), (1, w), (1, v)])),
            "(u[0]*((w) + (v))[0] -> []) + 3*((w[0]*u[0] -> [])*(v[0]*u[0] -> []) -> [])",
        ),
        (dot(u, add([(1, by_number(dot(u, v), w)), (2, by_number(dot(u, w), v)), (1, w), (1, v), (1, h)])), ""),
        (
            row(1, (u, (0,), 1), (u, (1,), 1), (add([(3, F), (1, turned(F))]), (0, 1), 1), out=()),
            "4*u[0]*u[1]*F[0, 1] -> []",
        ),
    ],
    "(x + y)*(x - y) -> x**2 - y**2": [
        (times(add([(2, u), (1, v)]), add([(2, u), (-1, v)])), "4*(u[0]**(2) -> [0]) + -1*(v[0]**(2) -> [0])"),
        (times(add([(1, power(u, 2)), (1, u)]), add([(1, power(u, 2)), (-1, power(u, 3))])), ""),
        (times(both, difference(u, v)), "(u[0]**(2) -> [0]) + -1*(v[0]**(2) -> [0])"),
        (times(difference(u, v), both), "(u[0]**(2) -> [0]) + -1*(v[0]**(2) -> [0])"),
        (times(both, difference(v, w)), ""),
        (times(both, difference(w, h)), ""),
        (times(both, add([(1, u), (2, v)])), ""),
        (
            row(3, (w, (0,), 1), (both, (0,), 1), (h, (0,), 1), (difference(u, v), (0,), 1), out=(0, 1), _1=m),
            "3*w[0]*h[0]*((u[0]**(2) -> [0]) + -1*(v[0]**(2) -> [0]))[0] -> [0, 1]",
        ),
        (row(1, (both, (0,), 1), (difference(u, v), (1,), 1), out=(0, 1)), ""),
        (row(1, (both, (0,), 2), (difference(u, v), (0,), 1)), ""),
        (
            row(1, (both, (0,), 1), (difference(u, v), (0,), 1), (add([(1, w), (1, h)]), (0,), 1)),
            "((w) + (h))[0]*((u[0]**(2) -> [0]) + -1*(v[0]**(2) -> [0]))[0] -> [0]",
        ),
        (
            row(1, (add([(1, w), (1, h)]), (0,), 1), (both, (0,), 1), (difference(u, v), (0,), 1), out=()),
            "((w) + (h))[0]*((u[0]**(2) -> [0]) + -1*(v[0]**(2) -> [0]))[0] -> []",
        ),
        (row(1, (add([(1, F), (1, G)]), (0, 0), 1), (difference(F, G), (0, 0), 1)), ""),
        (
            times(add([(1, number(1, (n,))), (1, u)]), add([(1, number(1, (n,))), (1, power(u, 2))])),
            "(u) + (1 -> [0]) + (u[0]**(3) -> [0]) + (u[0]**(2) -> [0])",
        ),
        (
            times(add([(1, number(1, (n,))), (1, u)]), add([(1, number(1, (n,))), (-1, u), (1, power(u, 2))])),
            "(1 -> [0]) + (u[0]**(3) -> [0])",
        ),
        (times(add([(1, u), (1, v), (1, w), (1, h)]), difference(u, v)), ""),
        (times(add([(1, u), (1, v), (1, w), (1, h)]), add([(1, u), (1, v), (-1, w), (-1, h)])), ""),
        (times(add([(1, u), (1, v), (1, w), (1, h), (1, exp(u))]), difference(u, v)), ""),
        (times(add([(1, u), (1, exp(v))]), difference(u, exp(v))), "(u[0]**(2) -> [0]) + -1*(exp(2*v[0] -> [0]))"),
        (times(add([(1, number(1, (n,))), (-1, u)]), powers(4)), "(1 -> [0]) + -1*(u[0]**(4) -> [0])"),
        (times(add([(1, number(1, (n,))), (-1, u)]), powers(5)), ""),
        (
            times(*(add([(1, u), (c, v)]) for c in (1, -1, 2, -2, 3, -3))),
            "(2*(v) + -1*(u))[0]*(3*(v) + (u))[0]*(3*(v) + -1*(u))[0]*(2*(v) + (u))[0]*"
            "((u[0]**(2) -> [0]) + -1*(v[0]**(2) -> [0]))[0] -> [0]",
        ),
        (times(*(add([(1, u), (c, v)]) for c in (1, -1, 2, -2, 3, -3, 4))), ""),
        (times(add([(1, number(1, (n,))), (2, exp(u))]), add([(2, number(1, (n,))), (1, exp(u))])), ""),
        (
            row(1, (quartic(ROOT), (0, 0), 1), (quartic(-ROOT), (0, 0), 1)),
            "(F[0, 0]**(4) -> [0]) + (G[0, 0]**(4) -> [0])",
        ),
    ],
    "y*(x/y + z) -> x + y*z": [
        (row(1, (w, (0,), 1), (over_w, (0,), n)), ""),
        (times(u, add([(1, row(1, (v, (0,), 1), (u, (0,), -1))), (1, w)])), "(v) + (w[0]*u[0] -> [0])"),
        (times(add([(1, row(1, (v, (0,), 1), (u, (0,), -1))), (1, w)]), u), "(v) + (w[0]*u[0] -> [0])"),
        (times(w, over_w), "(v) + (w[0]*u[0] -> [0])"),
        (times(h, over_w), ""),
        (row(1, (w, (0,), -1), (over_w, (0,), 1)), ""),
        (times(w, both), ""),
        (row(1, (w, (0,), 2), (over_w, (0,), 1)), "w[0]*((v) + (w[0]*u[0] -> [0]))[0] -> [0]"),
        (row(1, (over_w, (0,), -1)), "w[0]*((v) + (w[0]*u[0] -> [0]))[0]**(-1) -> [0]"),
        (row(1, (over_w, (0,), -2)), "w[0]**(2)*((v) + (w[0]*u[0] -> [0]))[0]**(-2) -> [0]"),
        (row(1, (over_w, (0,), -root)), ""),
        (row(1, (over_h, (0,), -root)), "h[0]**(1/2)*((v) + (u[0]*h[0] -> [0]))[0]**(-1/2) -> [0]"),
        (row(1, (w, (0,), 1), (over_w, (0,), root)), ""),
        (row(1, (h, (0,), 1), (over_h, (0,), root)), "h[0]**(1/2)*((v) + (u[0]*h[0] -> [0]))[0]**(1/2) -> [0]"),
        (row(1, (over_h, (0,), root)), ""),
        (row(1, (over_w, (0,), root)), ""),
        (row(1, (w, (0,), 1), (over_w, (0,), 2)), "w[0]**(-1)*((v) + (w[0]*u[0] -> [0]))[0]**(2) -> [0]"),
        (row(1, (over_w, (0,), -n)), ""),
        (
            row(
                1, (add([(1, row(1, (v, (0,), 1), (w, (0,), -2))), (1, row(1, (u, (0,), 1), (w, (0,), -1)))]), (0,), -1)
            ),
            "w[0]**(2)*((v) + (w[0]*u[0] -> [0]))[0]**(-1) -> [0]",
        ),
        (
            row(
                1, (add([(1, row(1, (v, (0,), 1), (w, (0,), -1))), (1, row(1, (u, (0,), 1), (w, (0,), -2)))]), (0,), -1)
            ),
            "w[0]**(2)*((u) + (w[0]*v[0] -> [0]))[0]**(-1) -> [0]",
        ),
        (
            row(
                1, (add([(1, row(1, (v, (0,), 1), (w, (0,), -1))), (1, row(1, (u, (0,), 1), (h, (0,), -1)))]), (0,), -1)
            ),
            "w[0]*h[0]*((w[0]*u[0] -> [0]) + (v[0]*h[0] -> [0]))[0]**(-1) -> [0]",
        ),
        (
            row(2, (v, (0,), 1), (over_w, (0,), -1), (h, (0,), 1), out=(0, 1), _1=m),
            "2*w[0]*v[0]*h[0]*((v) + (w[0]*u[0] -> [0]))[0]**(-1) -> [0, 1]",
        ),
        (row(2, (w, (1,), 1), (over_w, (0,), 1), out=(0, 1)), ""),
        (row(1, (both, (0,), 1), (over_w, (0,), -1)), "w[0]*((v) + (u))[0]*((v) + (w[0]*u[0] -> [0]))[0]**(-1) -> [0]"),
        (row(1, (both, (0,), -1), (over_w, (0,), 1)), ""),
        (row(1, (add([(1, F), (1, power(G, -1))]), (0, 0), -1)), ""),
        (
            row(1, (add([(1, Y), (1, row(1, (X, (0, 1), 1), (u, (1,), -1), out=(0, 1)))]), (0, 1), -1), out=(0, 1)),
            "u[1]*((X) + (Y[0, 1]*u[1] -> [0, 1]))[0, 1]**(-1) -> [0, 1]",
        ),
        (
            row(1, (add([(1, Y), (1, row(1, (X, (0, 1), 1), (u, (1,), -1), out=(0, 1)))]), (1, 0), -1), out=(0, 1)),
            "u[0]*((X) + (Y[0, 1]*u[1] -> [0, 1]))[1, 0]**(-1) -> [0, 1]",
        ),
        (
            row(
                1,
                (u, (0,), 1),
                (add([(1, Y), (1, row(1, (X, (0, 1), 1), (u, (1,), -1), out=(0, 1)))]), (1, 0), 1),
                out=(0, 1),
            ),
            "(X[1, 0] -> [0, 1]) + (Y[1, 0]*u[0] -> [0, 1])",
        ),
    ],
    "exp(x)*(y*exp(-x) + z) -> y + z*exp(x)": [
        (times(exp(u), faded()), "(v) + (w[0]*exp(u)[0] -> [0])"),
        (
            row(3, (exp(u), (0,), 1), (faded(), (0,), 1), (h, (0,), 1), out=(0, 1), _1=m),
            "3*h[0]*((v) + (w[0]*exp(u)[0] -> [0]))[0] -> [0, 1]",
        ),
        (row(1, (exp(u), (0,), 1), (faded(h), (0,), 1)), "(v) + (((w) + (h))[0]*exp(u)[0] -> [0])"),
        (row(1, (exp(u), (0,), 1), (faded(h, v), (0,), 1)), "(v) + (exp(u)[0]*((w) + (v) + (h))[0] -> [0])"),
        (row(1, (exp(u), (0,), 1), (faded(h, v, power(u, 2)), (0,), 1)), ""),
        (row(1, (exp(u), (0,), 1), (faded(), (0,), 2)), ""),
        (row(1, (exp(u), (0,), 1), (faded(), (0,), -1)), ""),
        (row(1, (exp(v), (0,), 1), (faded(), (0,), 1)), ""),
        (row(1, (exp(u), (1,), 1), (faded(), (0,), 1), out=(0, 1)), ""),
        (row(1, (exp(u), (0,), 1), (both, (0,), 1)), ""),
        (
            row(1, (exp(scaled(2, u)), (0,), 1), (faded(), (0,), 1)),
            "exp(u)[0]*((v) + (w[0]*exp(u)[0] -> [0]))[0] -> [0]",
        ),
        (row(1, (exp(u), (0,), 1), (add([(1, v), (1, times(w, exp(u)))]), (0,), 1)), ""),
        (times(exp(u), add([(1, times(v, exp(difference(w, u)))), (1, h)])), ""),
        (row(1, (exp(u), (1,), 1), (faded(by_number(power(total(exp(u), (0,)), -1), w)), (0,), 1), out=(0, 1)), ""),
    ],
    "(x/y + 1)/(x + y) -> 1/y": [
        (row(1, (over(1, 1), (0,), 1), (add([(1, u), (1, v)]), (0,), -1)), "v[0]**(-1) -> [0]"),
        (
            row(3, (over(2, 2), (0,), 2), (add([(1, u), (1, v)]), (0,), -2), (h, (0,), 1), out=(0, 1), _1=m),
            "12*v[0]**(-2)*h[0] -> [0, 1]",
        ),
        (row(3, (over(1, 1), (0,), -1), (add([(3, u), (3, v)]), (0,), 1)), "9*v[0] -> [0]"),
        (row(1, (over(1, 2), (0,), 1), (add([(1, u), (1, v)]), (0,), -1)), ""),
        (row(1, (over(1, 1), (0,), root), (add([(1, u), (1, v)]), (0,), -root)), ""),
        (row(1, (over(1, 1), (0,), 1), (add([(1, u), (1, v)]), (0,), 1)), ""),
        (row(1, (over(1, 1), (0,), 2), (add([(1, u), (1, v)]), (0,), -1)), ""),
        (row(1, (over(1, 1), (0,), 1), (add([(1, u), (1, v)]), (1,), -1), out=(0, 1)), ""),
        (row(1, (over(1, 1), (0,), 1), (add([(1, u), (1, v), (1, w)]), (0,), -1)), ""),
        (row(1, (over(1, 1), (0,), 1), (add([(1, u), (1, w)]), (0,), -1)), ""),
        (row(1, (both, (0,), 1), (add([(1, u), (-1, v)]), (0,), -1)), ""),
    ],
    "(x*y + z)/y -> x + z/y": [
        (row(1, (v, (0,), 1), (add([(1, v), (1, row(1, (v, (0,), 2)))]), (0,), 1)), ""),
        (
            row(
                1,
                (u, (0,), -1),
                (add([(1, row(1, (t, (0, 1), 1), (u, (0,), 1), out=(0, 1))) for t in (F, G)]), (0, 0), 1),
            ),
            "",
        ),
        (
            row(
                1,
                (u, (0,), -1),
                (add([(1, row(1, (t, (0, 1), 1), (u, (1,), 1), out=(0, 1))) for t in (X, Y)]), (1, 0), 1),
                out=(0, 1),
            ),
            "(X[1, 0] -> [0, 1]) + (Y[1, 0] -> [0, 1])",
        ),
        (row(1, (v, (0,), -1), (add([(1, times(u, v)), (1, w)]), (0,), 1)), "(u) + (w[0]*v[0]**(-1) -> [0])"),
        (row(1, (add([(1, times(u, v)), (1, w)]), (0,), 1), (v, (0,), -1)), "(u) + (w[0]*v[0]**(-1) -> [0])"),
        (row(1, (v, (0,), -1), (add([(1, times(u, v)), (1, times(w, v))]), (0,), 1)), "(w) + (u)"),
        (row(1, (v, (0,), -1), (add([(1, u), (1, w)]), (0,), 1)), ""),
        (times(v, add([(1, times(u, v)), (1, w)])), ""),
        (row(1, (v, (0,), -1), (add([(1, times(u, v)), (1, w)]), (0,), 2)), ""),
        (
            row(1, (v, (0,), -2), (add([(3, row(1, (u, (0,), 1), (v, (0,), 2))), (1, w)]), (0,), 1)),
            "3*(u) + (w[0]*v[0]**(-2) -> [0])",
        ),
        (row(1, (v, (0,), -root), (add([(3, times(u, v)), (1, w)]), (0,), 1)), ""),
        (row(1, (v, (0,), -1), (add([(1, row(1, (u, (0,), 1), (v, (0,), -1))), (1, w)]), (0,), 1)), ""),
        (
            row(
                3,
                (h, (0,), 1),
                (v, (0,), -1),
                (w, (0,), 1),
                (add([(1, times(u, v)), (1, times(w, v))]), (0,), 1),
                out=(0, 1),
                _1=m,
            ),
            "3*w[0]*h[0]*((w) + (u))[0] -> [0, 1]",
        ),
        (row(1, (v, (1,), -1), (add([(1, times(u, v)), (1, times(w, v))]), (0,), 1), out=(0, 1)), ""),
        (
            row(1, (v, (0,), -1), (add([(1, times(t, v)) for t in (u, w, h, exp(u))]), (0,), 1)),
            "(w) + (u) + (h) + (exp(u))",
        ),
        (row(1, (v, (0,), -1), (add([(1, times(t, v)) for t in (u, w, h, exp(u), exp(w))]), (0,), 1)), ""),
        (row(1, (F, (0, 0), -1), (add([(1, times(F, G)), (1, F)]), (0, 0), 1)), ""),
        (
            row(
                1,
                (u, (1,), -1),
                (add([(1, Y), (1, row(1, (X, (0, 1), 1), (u, (1,), 1), out=(0, 1)))]), (0, 1), 1),
                out=(0, 1),
            ),
            "(X) + (Y[0, 1]*u[1]**(-1) -> [0, 1])",
        ),
        (
            row(
                1,
                (u, (1,), -1),
                (
                    add(
                        [
                            (1, row(1, (Y, (0, 1), 1), (u, (1,), 1), out=(0, 1))),
                            (1, row(1, (X, (0, 1), 1), (u, (1,), 1), out=(0, 1))),
                        ]
                    ),
                    (0, 1),
                    1,
                ),
                out=(0, 1),
            ),
            "(X) + (Y)",
        ),
        (
            row(1, (h, (0,), -1), (v, (0,), -1), (add([(1, times(u, v)), (1, times(w, v))]), (0,), 1)),
            "h[0]**(-1)*((w) + (u))[0] -> [0]",
        ),
        (row(1, (X, (0, 1), -1), (add([(1, times(u, v)), (1, w)]), (1,), 1), out=(0, 1)), ""),
    ],
}


@pytest.mark.parametrize("rule", ANSWERS)
def test_a_rule_has_this_answer(rule):
    for term, expected in ANSWERS[rule]:
        assert answer(rule, term) == expected, term


def test_a_sum_that_is_known_to_be_a_product_is_not_multiplied_out():
    x, y = variables("x y")
    known = Rule(x**2 + -1 * y**2, (x + y) * (x + -1 * y), "assumed")
    factors = times(normal(difference(v, u)), normal(both))
    name = "(x + y)*(x - y) -> x**2 - y**2"
    assert answer(name, factors) == "-1*((u[0]**(2) -> [0]) + -1*(v[0]**(2) -> [0]))[0] -> [0]"
    assert answer(name, factors, [*RULES.values(), known]) == ""
