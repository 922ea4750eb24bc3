"""Matrices: what is inverted and multiplied back is gone, and what is known of a factor is used only where it holds."""

from math import inf

import pytest
import sympy

from tests.terms.programs import D, F, G, H, X, a, add, b, call, diagonal, exp, matmul, n, scaled, turned, u, v
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.record import ONE
from tracer.terms.rules.matrix_rules import (
    DETERMINANTS,
    DIAGONALS,
    FACTORISATIONS,
    INVERSES,
    LINEAR,
    LOWER,
    TRANSPOSES,
    UPPER,
    read_band,
)  # fmt: skip

I = T.identity(n)  # noqa: E741
Q = T.source("Q", (n, n), ["orthogonal"])


def inverse(t):
    return call("inverse", [t])


def det(t):
    return call("det", [t], None, ())


def band(t, params=LOWER):
    return call("band_part", [t], params)


def factor(t):
    return call("cholesky", [t])


def square(t):
    """The sum of the squares of all elements."""
    return T.product(ONE, [(t, T.axes_of(t), sympy.Integer(2))], ())


def normal(term, rules=()):
    return Normaliser(rules).normal(term)


@pytest.mark.parametrize(
    ("rules", "term", "expected"),
    [
        (INVERSES, inverse(inverse(F)), F),
        (INVERSES, inverse(scaled(-3, F)), scaled(sympy.Rational(-1, 3), inverse(F))),
        (INVERSES, inverse(diagonal(exp(u))), diagonal(T.power(exp(u), -1))),
        (INVERSES, inverse(Q), turned(Q)),
        (INVERSES, matmul(F, inverse(F), u), u),
        (INVERSES, matmul(inverse(F), F), I),
        (INVERSES, matmul(turned(inverse(F)), turned(F)), I),
        (INVERSES, matmul(F, inverse(matmul(G, F))), inverse(G)),
        (INVERSES, matmul(inverse(matmul(F, G)), F), inverse(G)),
        (DETERMINANTS, det(scaled(-2, F)), T.product(sympy.Integer(-2) ** n, [(det(F), (), ONE)], ())),
        (DETERMINANTS, det(matmul(F, F, F)), T.power(det(F), 3)),
        (FACTORISATIONS, matmul(factor(D), turned(factor(D))), D),
        (FACTORISATIONS, matmul(turned(Q), Q), I),
        (FACTORISATIONS, matmul(Q, turned(Q)), I),
        (FACTORISATIONS, square(matmul(Q, u)), square(u)),
        (LINEAR, band(scaled(2, F)), scaled(2, band(F))),
        (LINEAR, band(band(F)), band(F)),
        (LINEAR, band(band(F, (1, 0)), (2, 0)), band(F, (1, 0))),
        (LINEAR, band(band(F, (2, 0)), (1, 0)), band(F, (1, 0))),
        (LINEAR, band(band(F, UPPER)), T.product(ONE, [(F, (0, 0), ONE)], (0, 0))),
        (LINEAR, band(diagonal(u), UPPER), diagonal(u)),
        (LINEAR, band(matmul(diagonal(u), band(F))), matmul(diagonal(u), band(F))),
        (LINEAR, call("cross", [a, a]), T.number(0, a.shape)),
    ],
    ids=lambda t: "" if isinstance(t, tuple) else repr(t),
)
def test_a_matrix_is_written_shorter(rules, term, expected):
    assert normal(term, rules) is normal(expected)


@pytest.mark.parametrize(
    ("rules", "term"),
    [
        (INVERSES, matmul(F, inverse(G))),
        (INVERSES, matmul(F, turned(inverse(F)))),
        (INVERSES, matmul(inverse(matmul(F, G)), G)),
        (INVERSES, matmul(F, inverse(matmul(F, G)))),
        (INVERSES, inverse(matmul(turned(X), X))),
        (INVERSES, inverse(add([(1, F), (1, I)]))),
        (DETERMINANTS, det(matmul(F, G))),
        (DETERMINANTS, det(matmul(F, F, G))),
        (FACTORISATIONS, matmul(turned(factor(D)), factor(D))),
        (FACTORISATIONS, matmul(Q, Q)),
        (FACTORISATIONS, square(matmul(F, u))),
        (FACTORISATIONS, square(matmul(inverse(F), u))),
        (LINEAR, band(F)),
    ],
    ids=lambda t: "" if isinstance(t, tuple) else repr(t),
)
def test_what_is_no_such_product_is_left_alone(rules, term):
    """``A @ inverse(A).T`` is no identity, ``L.T @ L`` is not the matrix of the factor L."""
    assert normal(term, rules) is normal(term)


def test_the_transpose_is_taken_of_one_side():
    assert normal(inverse(turned(F)), TRANSPOSES) is normal(turned(inverse(F)), TRANSPOSES)
    assert normal(det(turned(F)), TRANSPOSES) is normal(det(F), TRANSPOSES)
    assert normal(inverse(turned(F)), TRANSPOSES) is not normal(inverse(F), TRANSPOSES)


def test_what_a_triangle_cuts_of_a_transposed_one_is_the_diagonal():
    cut = normal(band(matmul(diagonal(u), turned(band(F)))), LINEAR)
    assert isinstance(cut, T.Product)
    assert cut.out[0] == cut.out[1]


def test_a_cross_product_changes_its_sign_with_its_order():
    first = normal(call("cross", [a, scaled(2, b)]), LINEAR)
    assert normal(call("cross", [b, a]), LINEAR) is normal(scaled(-sympy.S.Half, first))


def test_a_diagonal_goes_into_the_deviation_from_the_identity():
    ones = T.number(1, (n,))
    rows = T.product(ONE, [(ones, (0,), ONE), (v, (1,), ONE)], (0, 1))
    found = normal(matmul(diagonal(u), add([(1, I), (-1, rows)])), DIAGONALS)
    outer = T.product(ONE, [(u, (0,), ONE), (v, (1,), ONE)], (0, 1))
    assert found is normal(add([(1, diagonal(u)), (-1, outer)]))
    kept = matmul(diagonal(u), add([(1, F), (-1, H)]))
    assert normal(kept, DIAGONALS) is normal(kept)


@pytest.mark.parametrize(
    ("term", "diagonals"),
    [
        (factor(D), (inf, 0)),
        (turned(factor(D)), (0, inf)),
        (band(F, (1, 0)), (1, 0)),
        (band(band(F, (1, 2)), UPPER), (0, 2)),
        (add([(1, band(F, (1, 0))), (2, band(G, (0, 3)))]), (1, 3)),
        (T.times(band(F), turned(band(G))), (0, 0)),
        (diagonal(u), (0, 0)),
        (matmul(diagonal(u), band(F)), (inf, 0)),
        (F, (inf, inf)),
    ],
)
def test_which_diagonals_of_a_matrix_may_be_other_than_zero(term, diagonals):
    assert read_band(Normaliser(()).normal(term)) == diagonals


def test_a_triangle_cuts_summands_one_by_one():
    cut = normal(band(add([(2, band(F)), (3, matmul(diagonal(u), G)), (1, H)])), LINEAR)
    rows = add([(2, band(F)), (3, matmul(diagonal(u), G)), (1, H)])
    assert cut is normal(add([(2, band(F)), (3, matmul(diagonal(u), band(G))), (1, band(H))]), LINEAR)
    assert cut is not normal(rows, LINEAR)
