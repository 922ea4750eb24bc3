"""Sums as their summands: like ones are one, products of sums are multiplied out as far as there are few."""

import sympy

from tests.terms.programs import F, add, dot, h, matmul, u, v, w
from tracer.terms import record as T
from tracer.terms.expansion import MULTIPLIED, collect_like, expand, expand_powers, multiply_out
from tracer.terms.normalise import Normaliser
from tracer.terms.rules.standard import STANDARD

n = Normaliser(STANDARD)


def test_like_summands_are_one():
    rows = collect_like(Normaliser(()), [(1, u), (2, add([(1, u), (1, v)])), (-3, T.scaled(1, u))])
    assert rows == {v: 2}


def test_one_sum_of_each_product_is_multiplied_out():
    rows = multiply_out(n, {n.normal(T.times(u, add([(1, v), (1, w)]))): sympy.S.One})
    assert rows is not None
    assert collect_like(n, rows) == {n.normal(T.times(u, v)): 1, n.normal(T.times(u, w)): 1}
    assert multiply_out(n, {u: sympy.S.One}) is None


def test_matrices_and_scalars_are_multiplied_out_wholly():
    scalar = dot(v, add([(1, v), (1, w)]))
    product = matmul(F, add([(1, u), (2, T.product(1, [(scalar, (), T.ONE), (u, (0,), T.ONE)], (0,)))]))
    found = expand(n, {n.normal(product): sympy.S.One})
    assert found is not None
    vector = matmul(F, u)
    scalars = [(1, T.number(1)), (2, dot(v, v)), (2, dot(v, w))]
    expected = {n.normal(T.product(1, [(s, (), T.ONE), (vector, (0,), T.ONE)], (0,))): c for c, s in scalars}
    assert collect_like(n, found) == expected


def test_no_more_is_multiplied_out_than_there_may_be_summands():
    first, second = (add([(1, T.power(t, k + 2)) for k in range(4)]) for t in (v, w))
    found = expand(n, {n.normal(T.times(add([(1, h), (1, u)]), first, second)): sympy.S.One})
    assert found is not None
    assert len(found) == MULTIPLIED
    assert all(any(isinstance(t, T.Sum) for t in T.children(summand)) for _, summand in found)


def test_powers_of_sums_are_multiplied_out_where_a_summand_meets_another():
    square = n.normal(T.power(add([(1, u), (1, v)]), 2))
    both = n.normal(T.times(u, v))
    found = expand_powers(n, {square: sympy.S.One, both: sympy.Integer(-2)})
    assert found == {n.normal(T.power(u, 2)): 1, n.normal(T.power(v, 2)): 1}
    assert expand_powers(n, {square: sympy.S.One, w: sympy.S.One}) is None
    assert expand_powers(n, {u: sympy.S.One, v: sympy.S.One}) is None
