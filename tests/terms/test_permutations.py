"""Whether one term is another with its axes in another order: the normal form of the permuted one says so too."""

from itertools import permutations

import pytest
import sympy

from tracer.terms import record as T
from tracer.terms.normalise import Normaliser
from tracer.terms.permutations import NESTED, is_permuted
from tracer.terms.rules.standard import STANDARD

n, m, k = sympy.symbols("n m k", integer=True, positive=True)
A, B, X, W = T.source("A", (n, m)), T.source("B", (n, m)), T.source("X", (n, k)), T.source("W", (k, m))
C, v = T.source("C", (n, m, k)), T.source("v", (n,))
ONE = T.ONE
MATMUL = T.product(2, [(X, (0, 1), ONE), (W, (1, 2), ONE)], (0, 2))
ROWS = T.product(1, [(v, (0,), ONE)], (0, 1), {1: m})
CUBE = T.product(1, [(X, (0, 2), ONE), (A, (0, 1), ONE)], (0, 1, 2))
TERMS = [
    A,
    C,
    MATMUL,
    ROWS,
    CUBE,
    T.add([(1, A), (3, MATMUL), (1, ROWS)]),
    T.call(sympy.Max, [T.add([(1, C), (2, CUBE)]), CUBE]),
    T.power(T.call(sympy.tanh, [MATMUL]), 2),
]


@pytest.mark.parametrize("term", TERMS, ids=repr)
def test_what_is_permuted_is_found_to_be(term):
    normaliser = Normaliser(STANDARD)
    whole = normaliser.normal(term)
    orders = list(permutations(range(len(term.shape))))
    turned = {axes: normaliser.normal(T.permuted(term, axes)) for axes in orders}
    for axes in orders:
        assert [order for order in orders if is_permuted(turned[order], whole, axes)] == [axes]


@pytest.mark.parametrize(
    ("turned", "term"),
    [
        (T.permuted(B, (1, 0)), A),
        (T.permuted(A, (1, 0)), B),
        (T.scaled(2, T.permuted(A, (1, 0))), A),
        (T.call(sympy.tanh, [T.permuted(A, (1, 0))]), T.call(sympy.sin, [A])),
        (T.add([(1, T.permuted(A, (1, 0))), (2, T.permuted(B, (1, 0)))]), T.add([(2, A), (1, B)])),
        (T.add([(1, T.permuted(A, (1, 0)))]), T.add([(1, A), (1, B)])),
    ],
    ids=repr,
)
def test_other_terms_are_not(turned, term):
    assert not is_permuted(turned, term, (1, 0))


@pytest.mark.parametrize(("depth", "found"), [(NESTED - 1, True), (NESTED, False)])
def test_terms_that_are_nested_deep_are_not_compared(depth, found):
    turned, term = T.permuted(A, (1, 0)), A
    for _ in range(depth):
        turned, term = T.call(sympy.sin, [turned]), T.call(sympy.sin, [term])
    assert is_permuted(turned, term, (1, 0)) is found
