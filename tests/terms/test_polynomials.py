"""A sum that is a product of sums is found from its summands, and only where they are a polynomial."""

import pytest
import sympy

from tests.terms.programs import add, call, dot, exp, n, number, power, scaled, times, u, v, w
from tracer.terms import record as T
from tracer.terms.decomposition import split_scale
from tracer.terms.normalise import Normaliser
from tracer.terms.polynomials import factor_polynomial, is_geometric
from tracer.terms.rules.standard import STANDARD

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
            [(1, power(w, 3)), (2, power(w, 2)), (1, w), (2, one)],
            times(add([(1, w), (2, one)]), add([(1, one), (1, power(w, 2))])),
        ),
    ],
)
def test_a_sum_is_a_product_of_sums(terms, expected):
    normaliser, found = factored(*terms)
    assert normaliser.normal(found) is normaliser.normal(expected)


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


def powers(*coefficients):
    """A sum of powers of w, from none on."""
    return [(c, power(w, k) if k else one) for k, c in enumerate(coefficients) if c]


@pytest.mark.parametrize("coefficients", [(1, 1, 1), (1, 1, 1, 1), (-1, 1, -1, 1), (2, 2, 2, 2, 2, 2), (n, -n, n)])
def test_a_sum_of_powers_stays_as_it_is(coefficients):
    normaliser = Normaliser(STANDARD)
    rows = {normaliser.normal(t): sympy.sympify(c) for c, t in powers(*coefficients)}
    assert is_geometric(rows)
    _, found = split_scale(normaliser.add(powers(*coefficients)))
    assert isinstance(found, T.Sum)
    assert {t for _, t in found.terms} == set(rows)


@pytest.mark.parametrize(
    "terms",
    [
        powers(1, 1),
        powers(1, 2, 1),
        powers(0, 1, 1, 1),
        powers(1, 1, 0, 1),
        [*powers(1, 1), (1, power(v, 2))],
        [*powers(1, 1), (1, times(v, power(w, 2)))],
        [*powers(1, 1), (1, T.broadcast(dot(w, w), [], (n,)))],
    ],
)
def test_other_sums_are_not_of_powers(terms):
    normaliser = Normaliser(())
    assert not is_geometric({normaliser.normal(t): sympy.sympify(c) for c, t in terms})


def test_a_sum_of_powers_is_read_in_one_way():
    normaliser = Normaliser(STANDARD)
    expected = normaliser.add(powers(1, 1, 1, 1))
    assert normaliser.normal(times(add(powers(1, 1)), add(powers(1, 0, 1)))) is expected
    inner = add([(1, one), (1, times(w, add(powers(1, 1))))])
    assert normaliser.normal(add([(1, one), (1, times(w, inner))])) is expected
    assert Normaliser(STANDARD).normal(expected) is expected
