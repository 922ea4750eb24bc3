"""Terms of equal parts are one object, and each knows how long it is to write."""

import sympy

from tests.terms.programs import F, G, turned, u, v
from tracer.terms import record as T


def test_equal_parts_are_one_object_and_nothing_is_simplified():
    assert T.add([(1, u), (1, v)]) is T.add([(1, u), (1, v)])
    assert T.add([(1, u), (1, v)]) is not T.add([(1, v), (1, u)])
    assert T.add([(1, u), (-1, u)]).terms == ((1, u), (-1, u))


def test_weights_count_operations_and_turns_transposes():
    assert (u.weight, T.scaled(2, u).weight, T.scaled(-1, u).weight) == (0, 1, 0)
    assert T.add([(1, u), (3, v)]).weight == 2
    assert (turned(F).turned, F.turned) == (2, 0)
    assert T.call(sympy.exp, [T.times(u, v)]).depth == 3


def test_digests_depend_on_structure_alone():
    assert len({t.key for t in (F, G, turned(F), u, T.scaled(2, u))}) == 5
    assert T.source("u", u.shape).key == u.key


def test_a_term_is_described_by_its_parts():
    assert repr(T.product(2, [(F, (0, 1), T.ONE), (u, (1,), sympy.Integer(2))], (0,))) == (
        "<Product 2*F[0, 1]*u[1]**(2) -> [0]>"
    )


def test_a_number_one_is_told_from_other_numbers_and_from_none():
    assert len({T.scaled(c, u) for c in (2, 3, sympy.Rational(1, 2))}) == 3
    powers = [T.power(u, e) for e in (1, 2, -1)]
    assert len(set(powers)) == 3
    assert [p.factors[0][2] for p in powers] == [1, 2, -1]
    assert T.product_record(T.ONE, (), (0,), (3,)).scale == 1
    assert T.number(2, (3,)) is not T.number(1, (3,))
    assert T.add([(1, u), (2, v)]).terms == ((1, u), (2, v)) != T.add([(2, u), (1, v)]).terms


def test_a_term_knows_how_deep_it_is_and_whether_a_sum_is_in_it():
    total = T.add([(1, u), (1, v)])
    assert (u.adds, T.times(u, v).adds, total.adds, T.call(sympy.exp, [total]).adds) == (False, False, True, True)
    assert (u.depth, total.depth, T.add([(1, u), (1, T.call(sympy.exp, [total]))]).depth) == (1, 2, 4)


def test_parameters_are_told_apart_by_what_they_are():
    n = sympy.Symbol("n", integer=True, positive=True)
    given = [None, (1, 0), (True, False), ("1", 0), (n, 0), ("n", 0), ((1, 0),), (1, (0,)), 1, True, "1"]
    made = [T.call("cumprod", [u], params) for params in given]
    assert len(set(made)) == len(given)
    assert [repr(t.params) for t in made] == list(map(repr, given))
    assert T.call("cumprod", [u], (sympy.Integer(1), 0)) is T.call("cumprod", [u], (sympy.Integer(1), 0))
