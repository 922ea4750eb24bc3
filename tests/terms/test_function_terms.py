"""Functions: of numbers they are numbers, and of what is repeated they are computed once."""

import pytest
import sympy

from tests.terms.programs import call, number, ones_times, u, v, where
from tests.terms.proofs import prove_equal
from tracer.terms import record as T
from tracer.terms.normalise import Normaliser


def normal(term):
    return Normaliser(()).normal(term)


def test_functions_of_numbers_are_numbers():
    assert normal(call(sympy.cos, [number(0, u.shape)])) is number(1, u.shape)
    assert normal(call(sympy.Gt, [number(2), number(1)])) is number(sympy.true)
    assert normal(where(number(1), number(sympy.false), number(3))) is number(3)


def test_functions_of_large_numbers_stay():
    assert isinstance(normal(call(sympy.factorial, [number(10**6)])), T.Call)


def test_what_is_repeated_is_computed_once():
    assert normal(call(sympy.exp, [ones_times(u)])) is normal(ones_times(call(sympy.exp, [u])))
    both = call(sympy.Max, [ones_times(u), ones_times(v)])
    assert normal(both) is normal(ones_times(call(sympy.Max, [u, v])))


@pytest.mark.parametrize("matrix", [T.identity(3), T.product(1, [(T.source("s", (3,)), (0,), T.ONE)], (0, 0))])
def test_a_function_of_a_diagonal_matrix_is_not_zero_off_the_diagonal(matrix):
    term = call(sympy.cos, [matrix])
    assert prove_equal(term, normal(term)) == "modulo primes"
