"""Exponentials over their sum are softmax where the sum is theirs; what is the same for all is not seen."""

import pytest
import sympy

from tests.terms.programs import X, Y, add, broadcast, call, exp, m, n, number, power, scaled, times, total, u, v
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.softmax_rules import SOFTMAX
from tracer.terms.softmax import logsumexp, softmax


def log(t):
    return call(sympy.log, [t])


def rows(t):
    """A vector with a number for each row, over the columns too."""
    return broadcast(t, [0], (m, n))


def columns(t):
    return broadcast(t, [1], (m, n))


def normal(term, rules=SOFTMAX):
    return Normaliser(rules).normal(term)


same = broadcast(total(v, (0,)), [], (n,))


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (log(total(exp(u), (0,))), logsumexp(u, [0])),
        (log(scaled(2, total(exp(X), (1,)))), add([(1, logsumexp(X, [1])), (1, number(sympy.log(2), (m,)))])),
        (log(total(exp(X), (0, 1))), logsumexp(X, [0, 1])),
        (logsumexp(add([(1, u), (3, same)]), [0]), add([(1, logsumexp(u, [0])), (3, total(v, (0,)))])),
        (logsumexp(number(5, (m, n)), [1]), number(5 + sympy.log(n), (m,))),
        (softmax(number(5, (m, n)), [1]), number(1 / n, (m, n))),
        (softmax(add([(1, u), (3, same)]), [0]), softmax(u, [0])),
        (softmax(add([(1, X), (1, rows(total(Y, (1,))))]), [1]), softmax(X, [1])),
        (log(softmax(u, [0])), add([(1, u), (-1, broadcast(logsumexp(u, [0]), [], (n,)))])),
        (exp(add([(1, X), (-1, rows(logsumexp(X, [1])))])), softmax(X, [1])),
        (times(exp(u), power(broadcast(total(exp(u), (0,)), [], (n,)), -1)), softmax(u, [0])),
        (times(exp(X), power(rows(total(exp(X), (1,))), -1)), softmax(X, [1])),
        (times(exp(X), power(columns(total(exp(X), (0,))), -1)), softmax(X, [0])),
        (total(softmax(X, [1]), (1,)), number(1, (m,))),
        (total(softmax(X, [1]), (0, 1)), number(m, ())),
    ],
    ids=lambda t: repr(t),
)
def test_softmax_is_recognised_and_simplified(term, expected):
    assert normal(term) is normal(expected)


@pytest.mark.parametrize(
    "term",
    [
        log(scaled(-1, total(exp(u), (0,)))),
        log(total(times(exp(u), v), (0,))),
        times(exp(u), power(broadcast(total(exp(v), (0,)), [], (n,)), -1)),
        times(exp(X), power(rows(total(exp(Y), (1,))), -1)),
        exp(add([(1, X), (-1, rows(logsumexp(Y, [1])))])),
        exp(add([(1, u), (1, broadcast(logsumexp(u, [0]), [], (n,)))])),
        softmax(add([(1, X), (1, columns(u))]), [1]),
        total(softmax(X, [1]), (0,)),
        total(times(softmax(X, [1]), Y), (1,)),
        log(scaled(2, softmax(u, [0]))),
    ],
    ids=lambda t: repr(t),
)
def test_a_sum_of_something_else_is_left_alone(term):
    assert normal(term) is normal(term, ())
