"""A sum that is a product of sums is found from its summands, and only where they are a polynomial."""

import pytest
import sympy

from tests.terms.programs import add, call, dot, exp, n, number, power, scaled, times, u, v, w
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.polynomials import factor_polynomial

one = number(1, (n,))
square = {x: power(x, 2) for x in (u, v)}


def factored(*terms):
    normaliser = Normaliser(())
    rows = {normaliser.normal(t): sympy.sympify(c) for c, t in terms}
    return normaliser, factor_polynomial(normaliser, rows, u.shape, normaliser.add)


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([(1, square[u]), (2, times(u, v)), (1, square[v])], power(add([(1, u), (1, v)]), 2)),
        (
            [(2, square[u]), (6, times(u, v)), (4, square[v])],
            scaled(2, times(add([(1, u), (1, v)]), add([(1, u), (2, v)]))),
        ),
        ([(1, square[u]), (-3, u), (2, one)], times(add([(1, u), (-1, one)]), add([(1, u), (-2, one)]))),
        (
            [(1, power(w, 3)), (1, power(w, 2)), (1, w), (1, one)],
            times(add([(1, w), (1, one)]), add([(1, one), (1, power(w, 2))])),
        ),
    ],
)
def test_a_sum_is_a_product_of_sums(terms, expected):
    normaliser, found = factored(*terms)
    assert found is normaliser.normal(expected)


@pytest.mark.parametrize(
    "terms",
    [
        [(1, square[u]), (1, u), (1, one)],  # irreducible
        [(1, square[u]), (-1, square[v])],  # as long as its factors
        [(1, square[u]), (2, times(u, power(v, -1))), (1, power(v, -2))],  # fractions
        [(n, square[u]), (2 * n, times(u, v)), (n, square[v])],  # dimensions
        [(1, power(u, 6)), (2, power(u, 3)), (1, one)],  # of high degree
        [(1, u), (2, times(u, v)), (1, w)],  # without a higher power
        [(1, call(sympy.log, [u])), (1, exp(v)), (1, T.broadcast(dot(u, v), [], (n,)))],  # summed up inside
    ],
)
def test_other_sums_are_left_alone(terms):
    assert factored(*terms)[1] is None
