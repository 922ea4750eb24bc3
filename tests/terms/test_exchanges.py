"""Axes that may be exchanged: their labels are put in order, and differences between rows have such axes."""

import pytest
import sympy

from tracer.terms import record as T
from tracer.terms.decomposition import split_scale
from tracer.terms.exchanges import Exchanges
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.standard import STANDARD

n = sympy.Symbol("n", integer=True, positive=True)
A, S = T.source("A", (n, n)), T.source("S", (n, n), ["symmetric"])


@pytest.mark.parametrize(
    ("firsts", "sign", "labels", "ordered"),
    [
        ((0, 0), 1, (2, 1), ((1, 2), 1)),
        ((0, 0), -1, (2, 1), ((1, 2), -1)),
        ((0, 0, 2), -1, (3, 1, 0), ((1, 3, 0), -1)),
        ((0, 0, 0), -1, (2, 3, 1), ((1, 2, 3), 1)),
        ((0, 1), -1, (2, 1), ((2, 1), 1)),
    ],
)
def test_labels_of_axes_that_may_be_exchanged_are_in_order(firsts, sign, labels, ordered):
    assert Exchanges(firsts, sign).sort(labels) == ordered


def differences(rows):
    """``rows[i, k] - rows[j, k]``, which changes its sign where ``i`` and ``j`` are exchanged."""
    made = [T.product(T.ONE, [(rows, (i, 2), T.ONE)], (0, 1, 2), dict.fromkeys(range(3), n)) for i in (0, 1)]
    return T.add([(1, made[0]), (-1, made[1])])


def test_axes_of_differences_between_rows_are_exchanged():
    normaliser = Normaliser(STANDARD)
    _, term = split_scale(normaliser.normal(differences(A)))
    assert normaliser.exchanges(term) == Exchanges((0, 0, 2), -1)
    assert normaliser.exchanges(term, sympy.Integer(2)) == Exchanges((0, 0, 2))
    assert normaliser.exchanges(term, sympy.Rational(1, 2)) == Exchanges((0, 1, 2))
    squares = normaliser.product(T.ONE, [(term, (0, 1, 2), sympy.Integer(2))], (0, 1))
    assert normaliser.is_symmetric(squares)
    factors = [[(S, (0, 1), T.ONE), (term, i, T.ONE)] for i in ((0, 1, 2), (1, 0, 2))]
    first, second = (normaliser.product(T.ONE, f, (0, 2)) for f in factors)
    assert normaliser.add([(T.ONE, first), (T.ONE, second)]) == T.number(0, (n, n))
