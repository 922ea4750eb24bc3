"""Products with sums: taken term by term, multiplied out or cancelled where that is shorter, and only there."""

import pytest

from tests.terms.programs import (
    F,
    X,
    Y,
    add,
    broadcast,
    dot,
    h,
    m,
    n,
    ones_times,
    power,
    product,
    times,
    total,
    turned,
    u,
    v,
    w,
)
from tracer.terms.normalise import Normaliser
from tracer.terms.record import ONE, number, scaled
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
