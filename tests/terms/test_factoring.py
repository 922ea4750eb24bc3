"""A factor that summands share is in front of them, wherever its axes stand."""

import numpy as np
import pytest
import sympy

from tests.terms.programs import (
    F,
    G,
    X,
    Y,
    add,
    arrays,
    by_number,
    diagonal,
    dot,
    matmul,
    n,
    ones_times,
    turned,
    u,
    v,
    w,
)
from tests.terms.values import value
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.record import ONE
from tracer.terms.rules.standard import STANDARD


def repeated(t, labels, *others):
    """An array of three axes, each factor with its own of these."""
    sizes = {k: d for u, own in ((t, labels), *others) for k, d in zip(own, u.shape)}
    return T.product(
        1, [(u, own, ONE) for u, own in ((t, labels), *others)], (0, 1, 2), {**dict.fromkeys(range(3), n), **sizes}
    )


SUMS = {
    "in front of a vector": ([matmul(F, u), matmul(F, v)], matmul(F, add([(1, u), (1, v)]))),
    "behind matrices": ([matmul(F, u), matmul(turned(G), u)], matmul(add([(1, F), (1, turned(G))]), u)),
    "beside elements": ([T.times(u, v), T.times(u, w)], T.times(u, add([(1, v), (1, w)]))),
    "a number": (
        [by_number(dot(u, v), w), by_number(dot(u, v), u)],
        by_number(dot(u, v), add([(1, w), (1, u)])),
    ),
    "a diagonal beside a matrix": (
        [matmul(diagonal(u), F), matmul(G, F)],
        matmul(add([(1, diagonal(u)), (1, G)]), F),
    ),
    "alone": ([u, T.times(u, v)], T.times(u, add([(1, T.number(1, u.shape)), (1, v)]))),
    "alone, and the same in each row": (
        [ones_times(v), T.times(ones_times(v), X)],
        T.times(ones_times(v), add([(1, T.number(1, X.shape)), (1, X)])),
    ),
    "beside ones": (
        [matmul(turned(X), T.number(1, X.shape)), matmul(turned(X), Y)],
        matmul(turned(X), add([(1, T.number(1, X.shape)), (1, Y)])),
    ),
    "of arrays, each repeated along an axis": (
        [repeated(F, (0, 1), (G, (0, 2))), repeated(F, (0, 1), (G, (1, 2)))],
        repeated(F, (0, 1), (add([(1, repeated(G, (0, 2))), (1, repeated(G, (1, 2)))]), (0, 1, 2))),
    ),
    "of arrays, one on a diagonal": (
        [T.product(1, [(u, (0,), ONE), (F, (1, 0), ONE)], (0, 1, 0)), repeated(u, (0,), (F, (0, 1)), (v, (2,)))],
        repeated(
            u,
            (0,),
            (
                add(
                    [
                        (1, T.product(1, [(F, (1, 0), ONE)], (0, 1, 0))),
                        (1, repeated(F, (0, 1), (v, (2,)))),
                    ]
                ),
                (0, 1, 2),
            ),
        ),
    ),
    "of matrices over rows": ([matmul(turned(X), X), matmul(turned(X), Y)], matmul(turned(X), add([(1, X), (1, Y)]))),
}


@pytest.mark.parametrize(("summands", "factored"), SUMS.values(), ids=SUMS)
def test_a_shared_factor_is_in_front(summands, factored):
    terms = Normaliser(STANDARD)
    total = T.add([(1, t) for t in summands])
    assert terms.normal(total) is terms.normal(factored)
    for seed in range(2):
        np.testing.assert_allclose(value(terms.normal(total), arrays(seed)), value(total, arrays(seed)))


def test_a_factor_of_ones_saves_a_product():
    n = Normaliser(STANDARD)
    ones = T.number(1, X.shape)
    for apart in ([ones_times(v), T.times(ones_times(v), X)], [matmul(turned(X), ones), matmul(turned(X), Y)]):
        assert isinstance(n.add([(1, t) for t in apart]), T.Product)


def test_a_divisor_that_stands_alone_is_shared():
    n = Normaliser(STANDARD)
    below = T.power(T.add([(1, T.number(1, u.shape)), (1, T.power(u, 2))]), -1)
    one = T.number(1, u.shape)
    shared = n.normal(T.times(below, T.add([(1, one), (-1, v)])))
    assert n.normal(T.add([(1, below), (-1, T.times(v, below))])) is shared
    assert isinstance(n.normal(T.add([(1, T.power(u, -1)), (1, T.power(v, -1))])), T.Sum)


def test_what_nothing_shares_stays():
    n = Normaliser(STANDARD)
    assert isinstance(n.add([(1, matmul(F, u)), (1, matmul(G, v))]), T.Sum)


def test_a_matrix_whose_rows_are_summed_is_shared_with_a_product():
    normaliser = Normaliser(())
    ones = T.number(1, u.shape)
    apart = T.add([(1, matmul(turned(F), ones)), (-1, matmul(turned(F), u))])
    assert normaliser.normal(apart) is normaliser.normal(matmul(turned(F), T.add([(1, ones), (-1, u)])))


def test_a_diagonal_of_a_symmetric_matrix_is_no_factor_of_all_its_elements():
    shifted = add([(2, T.number(1, F.shape)), (1, diagonal(u))])
    all_elements = T.product(1, [(shifted, (0, 1), T.MINUS)], ())
    trace = T.product(1, [(u, (0,), T.ONE), (shifted, (0, 0), sympy.Integer(-2))], ())
    total = add([(1, all_elements), (1, trace)])
    normal = Normaliser(STANDARD).normal(total)
    np.testing.assert_allclose(value(normal, arrays(0)), value(total, arrays(0)))


def test_what_a_factor_leaves_has_the_same_axes_beside_a_diagonal():
    one = T.ONE
    diagonal_beside = T.product(one, [(u, (0,), one), (v, (1,), one), (F, (1, 2), one), (F, (2, 0), one)], (0,))
    plain = T.product(one, [(u, (0,), one), (F, (1, 0), one), (F, (2, 1), one)], (0,))
    total = add([(2, diagonal_beside), (-2, plain)])
    normal = Normaliser(STANDARD).normal(total)
    np.testing.assert_allclose(value(normal, arrays(0)), value(total, arrays(0)))
